//! What the diagnostics of an analysis found, in words' reach.

use super::build::verdict;
use crate::analysis::{Diagnostics, Findings, SmallStudyEffects};
use crate::report::convention_results::estimator_code;
use crate::report::number::Numbers;
use crate::report::scale::{EffectPrinter, EffectText};
use crate::report::verdict::{AsymmetryVerdict, EffectVerdict, is_influential, is_outlier};
use crate::spec::Analysis;
use crate::stats::influence::Deletion;
use crate::stats::pooling::Inference;
use crate::stats::small_study::regression::RegressionTest;
use crate::stats::small_study::trim_and_fill::Side;
use serde::Serialize;

/// Outliers, influence and asymmetry, in words' reach.
#[derive(Debug, Clone, Serialize)]
pub struct DiagnosticsView {
    /// Threshold of the studentised residuals; none where residuals were not computed.
    pub outlier_threshold: Option<String>,
    /// Studies whose studentised residual reaches the threshold.
    pub outliers: Vec<String>,
    /// Studies whose Cook's distance is above median + 6 interquartile ranges.
    pub influential: Vec<String>,
    /// Verdict on funnel plot asymmetry.
    pub asymmetry: AsymmetryVerdict,
    /// P of the rank correlation test with its relation.
    pub rank_p: Option<String>,
    /// P of the regression test with its relation.
    pub regression_p: Option<String>,
    /// The regression test: `rma` or `lm`.
    pub regression_model: &'static str,
    /// What it regresses on.
    pub regression_predictor: &'static str,
    /// P of Egger's test in its classical form, with its relation.
    pub egger_p: Option<String>,
    /// P of Harbord's test, with its relation.
    pub harbord_p: Option<String>,
    /// P of Peters' test, with its relation.
    pub peters_p: Option<String>,
    /// The effect for a study of infinite size.
    pub limit: Option<EffectText>,
    /// The effect under the selection model, with the P of its likelihood ratio test.
    pub selection: Option<SelectionView>,
    /// The estimate of Henmi & Copas.
    pub henmi_copas: Option<EffectText>,
    /// Whether there are too few studies for the asymmetry tests to mean much.
    pub is_small: bool,
    /// What trim and fill found.
    pub trim_and_fill: Option<TrimAndFillView>,
    /// The fail-safe number.
    pub fail_safe: Option<String>,
    /// Whose it is.
    pub fail_safe_type: &'static str,
    /// Whether leaving out a single study changes the verdict, and which.
    pub decisive: Vec<String>,
    /// Range of the effect when each study is left out.
    pub leave_one_out: Option<(String, String)>,
}

/// What the selection model found.
#[derive(Debug, Clone, Serialize)]
pub struct SelectionView {
    /// The effect.
    pub effect: EffectText,
    /// P of the likelihood ratio test with its relation.
    pub p: String,
    /// The steps.
    pub steps: Vec<String>,
}

/// What trim and fill found.
#[derive(Debug, Clone, Serialize)]
pub struct TrimAndFillView {
    /// Estimated number of missing studies.
    pub missing: usize,
    /// `left` or `right`.
    pub side: &'static str,
    /// The estimator of the number.
    pub estimator: &'static str,
    /// The pooled effect with the imputed studies.
    pub effect: EffectText,
}

/// The diagnostics, where there are any.
pub(super) fn diagnostics_view(
    spec: &Analysis,
    findings: &Findings,
    numbers: Numbers<'_>,
) -> Option<DiagnosticsView> {
    let diagnostics = findings.diagnostics.as_ref().ok();
    let small_study = findings.small_study.as_ref().ok();
    if diagnostics.is_none() && small_study.is_none() {
        return None;
    }
    let printer = EffectPrinter::of(spec, findings, numbers);
    let text =
        |effect: &Inference| printer.effect(effect.estimate, (effect.ci_lower, effect.ci_upper));
    let p_of = |test: Option<&RegressionTest>| {
        test.map(|test| numbers.p_relation(test.slope.p_value, 0.05))
    };
    let regression = small_study.and_then(|found| found.regression.as_ref().ok());
    let rank_p = small_study.and_then(|found| found.rank.as_ref().ok()).map(|rank| rank.p_value);
    let choice = spec.small_study.regression;
    let influence = diagnostics.and_then(|found| found.influence.as_ref().ok());
    let (decisive, leave_one_out) =
        diagnostics.map_or((Vec::new(), None), |found| left_out(spec, findings, found, printer));
    Some(DiagnosticsView {
        outlier_threshold: influence.map(|found| numbers.fixed(found.outlier_threshold, 4)),
        outliers: marked(findings, diagnostics, |deletion| {
            influence.is_some_and(|found| is_outlier(deletion, found.outlier_threshold))
        }),
        influential: marked(findings, diagnostics, |deletion| {
            let threshold = influence.and_then(|found| found.cooks_distance_threshold);
            threshold.is_some_and(|threshold| is_influential(deletion, threshold))
        }),
        asymmetry: AsymmetryVerdict::of(rank_p, regression.map(|test| test.slope.p_value)),
        rank_p: rank_p.map(|p| numbers.p_relation(p, 0.05)),
        regression_p: p_of(regression),
        regression_model: choice.scatter.name(),
        regression_predictor: choice.predictor.name(),
        egger_p: p_of(small_study.and_then(|found| found.egger.as_ref().ok())),
        harbord_p: p_of(small_study.and_then(|found| found.harbord.as_ref().ok())),
        peters_p: p_of(small_study.and_then(|found| found.peters.as_ref().ok())),
        limit: regression.and_then(|test| test.limit.as_ref()).map(text),
        is_small: small_study.is_some_and(|found| found.k < 10),
        trim_and_fill: small_study.and_then(|found| found.trim_and_fill.as_ref().ok()).map(
            |filled| TrimAndFillView {
                missing: filled.missing,
                side: if filled.side == Side::Left { "left" } else { "right" },
                estimator: estimator_code(spec.small_study.estimator),
                effect: text(filled.fit.pooled()),
            },
        ),
        fail_safe: small_study
            .and_then(|found| found.fail_safe.ok())
            .map(|found| numbers.count(found.number)),
        fail_safe_type: spec.small_study.fail_safe.name(),
        selection: small_study.and_then(|found| selection_view(spec, found, text, numbers)),
        henmi_copas: small_study
            .and_then(|found| found.henmi_copas.as_ref()?.as_ref().ok())
            .map(|found| printer.effect(found.estimate, (found.ci_lower, found.ci_upper))),
        decisive,
        leave_one_out,
    })
}

/// Labels of the studies whose deletion is marked.
fn marked(
    findings: &Findings,
    diagnostics: Option<&Diagnostics>,
    is_marked: impl Fn(&Deletion) -> bool,
) -> Vec<String> {
    let Some((diagnostics, influence)) =
        diagnostics.and_then(|found| Some((found, found.influence.as_ref().ok()?)))
    else {
        return Vec::new();
    };
    diagnostics
        .studies
        .iter()
        .zip(&influence.studies)
        .filter(|(_, study)| study.deletion.as_ref().is_ok_and(&is_marked))
        .map(|(index, _)| findings.studies[*index].study.label.clone())
        .collect()
}

/// The studies without which the verdict would be another, and the range of the effects when one
/// study is left out.
fn left_out(
    spec: &Analysis,
    findings: &Findings,
    diagnostics: &Diagnostics,
    printer: EffectPrinter<'_>,
) -> (Vec<String>, Option<(String, String)>) {
    let Ok(parts) = &diagnostics.leave_one_out else { return (Vec::new(), None) };
    let alpha = 1.0 - spec.model.level;
    let own = verdict(spec, findings);
    let found =
        || diagnostics.studies.iter().zip(parts).filter_map(|(i, part)| Some((i, part.ok()?)));
    let decisive = found()
        .filter(|(_, part)| EffectVerdict::of_effect(spec.measure, &part.effect, alpha) != own)
        .map(|(index, _)| findings.studies[*index].study.label.clone())
        .collect();
    let estimates = || found().map(|(_, part)| part.effect.estimate);
    let range = estimates().next().map(|_| {
        (
            printer.estimate(estimates().fold(f64::INFINITY, f64::min)),
            printer.estimate(estimates().fold(f64::NEG_INFINITY, f64::max)),
        )
    });
    (decisive, range)
}

fn selection_view(
    spec: &Analysis,
    found: &SmallStudyEffects,
    text: impl Fn(&Inference) -> EffectText,
    numbers: Numbers<'_>,
) -> Option<SelectionView> {
    let selection = found.selection.as_ref()?.as_ref().ok()?;
    let steps = spec.small_study.selection.as_ref().map(|choice| choice.steps.as_slice());
    Some(SelectionView {
        effect: text(&selection.pooled),
        p: numbers.p_relation(selection.likelihood_ratio.p_value, 0.05),
        steps: steps.unwrap_or_default().iter().map(|step| numbers.shortest(*step)).collect(),
    })
}
