//! How heterogeneity chose the model of an analysis, and what other models give.

use super::build::verdict;
use super::text::{i_squared_text, reason_code, tau_squared_text};
use crate::analysis::{Findings, Pooled, Reason};
use crate::report::convention_results::test_code;
use crate::report::number::Numbers;
use crate::report::scale::{EffectPrinter, EffectText};
use crate::report::verdict::EffectVerdict;
use crate::spec::{Analysis, HeterogeneityRule, ModelSpec, Structure};
use serde::Serialize;

/// How heterogeneity chose a model.
#[derive(Debug, Clone, Serialize)]
pub struct ChoiceView {
    /// `i2` or `p`: what the rule looks at.
    pub looks_at: &'static str,
    /// The rule's threshold.
    pub threshold: String,
    /// What was found, where heterogeneity could be computed: I² in percent, or P with its relation.
    pub found: Option<String>,
    /// Whether heterogeneity was high.
    pub is_high: bool,
}

/// A model with its result.
#[derive(Debug, Clone, Serialize)]
pub struct OtherModelView {
    /// Method code.
    pub method: &'static str,
    /// Test code.
    pub test: &'static str,
    /// Whether effects lie in clusters with a variance of their own.
    pub is_three_level: bool,
    /// Whether inference is robust to dependence within clusters.
    pub is_robust: bool,
    /// Whether it is the analysis's own model.
    pub is_own: bool,
    /// Pooled effect.
    pub effect: Option<EffectText>,
    /// P of the pooled effect.
    pub p: Option<String>,
    /// I², percent.
    pub i2: Option<String>,
    /// τ².
    pub tau2: Option<String>,
    /// Code of the reason why there is no effect.
    pub reason: Option<&'static str>,
    /// Whether its verdict is another than the analysis's own.
    pub is_other_verdict: bool,
    /// Whether it prints one study as the analysis's own model does, so that a line tells of it and
    /// no row.
    pub repeats_own: bool,
}

pub(super) fn choice_view(
    spec: &Analysis,
    findings: &Findings,
    numbers: Numbers<'_>,
) -> Option<ChoiceView> {
    let rule = spec.choice?.rule;
    let outcome = findings.choice;
    let (looks_at, threshold) = match rule {
        HeterogeneityRule::ISquaredAbove(threshold) => ("i2", threshold),
        HeterogeneityRule::QTestBelow(threshold) => ("p", threshold),
    };
    let found = outcome.map(|outcome| match rule {
        HeterogeneityRule::ISquaredAbove(_) => {
            let decimals = numbers.style().numbers.decimals.i2;
            numbers.fixed_beside(outcome.i_squared, threshold, decimals)
        }
        HeterogeneityRule::QTestBelow(_) => numbers.p_relation(outcome.q_p_value, threshold),
    });
    let is_high = outcome.is_some_and(|outcome| outcome.is_high);
    Some(ChoiceView { looks_at, threshold: numbers.shortest(threshold), found, is_high })
}

/// The analysis's own model, then the others; empty where there are no others.
pub(super) fn other_models(
    spec: &Analysis,
    findings: &Findings,
    numbers: Numbers<'_>,
) -> Vec<OtherModelView> {
    if findings.other_models.is_empty() {
        return Vec::new();
    }
    let own_verdict = verdict(spec, findings);
    let printer = EffectPrinter::of(spec, findings, numbers);
    let is_single = spec.measure.is_single_group();
    let alpha = 1.0 - spec.model.level;
    let view = |model: &ModelSpec, result: &Result<Pooled, Reason>, is_own: bool| {
        let pooled = result.as_ref().ok();
        let of_model =
            EffectVerdict::of(spec.measure, result.as_ref().map_err(|reason| *reason), alpha);
        OtherModelView {
            method: model.method.code(),
            test: test_code(model.test),
            is_three_level: model.structure == Structure::ThreeLevel,
            is_robust: model.is_robust,
            is_own,
            effect: pooled.map(|pooled| printer.pooled(pooled)),
            p: pooled
                .filter(|_| !is_single)
                .map(|pooled| numbers.p_cell(pooled.effect.p_value, alpha)),
            i2: pooled.and_then(|pooled| i_squared_text(pooled, numbers)),
            tau2: pooled.and_then(|pooled| tau_squared_text(pooled, numbers)),
            reason: result.as_ref().err().map(|reason| reason_code(*reason)),
            is_other_verdict: pooled.is_some() && of_model != own_verdict,
            repeats_own: false,
        }
    };
    let own = view(&spec.model, &findings.pooled, true);
    let has_one_study = findings.pooled.as_ref().is_ok_and(|pooled| pooled.k == 1);
    let others: Vec<OtherModelView> = findings
        .other_models
        .iter()
        .map(|other| view(&other.model, &other.pooled, false))
        .map(|view| OtherModelView {
            repeats_own: has_one_study && prints_like(&view, &own),
            ..view
        })
        .collect();
    [own].into_iter().chain(others).collect()
}

/// Whether two models print the same.
fn prints_like(one: &OtherModelView, other: &OtherModelView) -> bool {
    let text = |model: &OtherModelView| model.effect.as_ref().map(|effect| effect.text.clone());
    text(one) == text(other)
        && (&one.p, &one.i2, &one.tau2) == (&other.p, &other.i2, &other.tau2)
        && one.is_other_verdict == other.is_other_verdict
}
