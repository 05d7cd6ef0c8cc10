//! The result of one analysis as a version holds it.

use crate::report::EntryFindings;
use crate::report::scale::PrintScale;
use crate::report::verdict::{EffectVerdict, is_significant};
use crate::spec::{Certainty, Entry, Measure};
use crate::stats::pooling::Inference;
use serde_json::Value;

/// The result of one analysis.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Title as printed.
    pub title: String,
    /// Whether its rows are told and nothing is pooled.
    pub is_described: bool,
    /// The certainty of the evidence, if the summary of findings gives it.
    pub certainty: Option<Certainty>,
    /// Effect measure; none for survival curves and descriptions.
    pub measure: Option<Measure>,
    /// Confidence level, 0 to 1.
    pub level: f64,
    /// Studies in the result.
    pub studies: Option<u64>,
    /// The pooled effect, if there is one.
    pub fit: Option<Fit>,
    /// P of the log-rank test of survival curves.
    pub log_rank_p: Option<f64>,
    /// Limits of the confidence interval on the scale of print.
    pub printed_limits: Option<(f64, f64)>,
    /// Minimal important differences on the scale of print.
    pub important: Vec<f64>,
}

/// A pooled effect.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// metafor's code of the method.
    pub method: String,
    /// The test.
    pub test: String,
    /// Estimate, test and interval, analysis scale.
    pub effect: Inference,
    /// Prediction interval.
    pub prediction: Option<(f64, f64)>,
    /// τ².
    pub tau_squared: Option<f64>,
    /// I², percent.
    pub i_squared: Option<f64>,
    /// P of the Q test.
    pub q_p_value: Option<f64>,
}

impl Outcome {
    /// The result of an analysis as `results.json` has it.
    pub(super) fn of(entry: &Entry, computed: &EntryFindings, result: &Value) -> Self {
        let (measure, level) = match entry {
            Entry::Pooled(spec) => (Some(spec.measure), spec.model.level),
            Entry::Survival(spec) => (None, spec.level),
            Entry::Description(_) => (None, 0.95),
        };
        let has_moderators =
            matches!(computed, EntryFindings::Pooled(found) if found.regression.is_some());
        let model =
            if has_moderators { &result["model_without_moderators"] } else { &result["model"] };
        let fit = Fit::of(model);
        let printed_limits = match (entry, computed, &fit) {
            (Entry::Pooled(spec), EntryFindings::Pooled(found), Some(fit)) => {
                let scale = PrintScale::of(spec, found);
                Some((scale.printed(fit.effect.ci_lower), scale.printed(fit.effect.ci_upper)))
            }
            _ => None,
        };
        Self {
            is_described: matches!(entry, Entry::Description(_)),
            certainty: None,
            title: entry.title().to_owned(),
            measure,
            level,
            studies: result["k"].as_u64(),
            fit,
            log_rank_p: result["log_rank"]["pval"].as_f64(),
            printed_limits,
            important: match entry {
                Entry::Pooled(spec) => spec.updates.important.clone(),
                Entry::Survival(_) | Entry::Description(_) => Vec::new(),
            },
        }
    }

    /// The verdict on the effect.
    #[must_use]
    pub fn verdict(&self) -> EffectVerdict {
        match (&self.fit, self.measure) {
            (Some(fit), Some(measure)) => {
                EffectVerdict::of_effect(measure, &fit.effect, 1.0 - self.level)
            }
            _ => EffectVerdict::NotEstimable,
        }
    }

    /// Whether the confidence interval holds a value of the scale of print between its limits.
    pub(super) fn covers(&self, value: f64) -> Option<bool> {
        self.printed_limits.map(|(lower, upper)| lower < value && value < upper)
    }

    /// Whether survival curves differ.
    pub(super) fn test_is_significant(&self) -> bool {
        self.log_rank_p.is_some_and(|p| is_significant(p, 1.0 - self.level))
    }
}

impl Fit {
    fn of(model: &Value) -> Option<Self> {
        let first = |field: &str| model[field][0].as_f64();
        let text = |field: &str| model[field].as_str().unwrap_or_default().to_owned();
        Some(Self {
            method: text("method"),
            test: text("test"),
            effect: Inference {
                estimate: first("beta")?,
                standard_error: first("se")?,
                statistic: first("zval")?,
                p_value: first("pval")?,
                ci_lower: first("ci_lb")?,
                ci_upper: first("ci_ub")?,
            },
            prediction: model["pi_lb"].as_f64().zip(model["pi_ub"].as_f64()),
            tau_squared: model["tau2"].as_f64(),
            i_squared: model["i2"].as_f64(),
            q_p_value: model["qe_p"].as_f64(),
        })
    }
}
