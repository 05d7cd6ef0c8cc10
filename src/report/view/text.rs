//! Numbers of a result as texts, on the scale of print.

use super::{EffectText, QView};
use crate::analysis::{Pooled, Reason};
use crate::report::number;
use crate::spec::{Analysis, Measure};
use crate::stats::heterogeneity::CochranQ;
use libm::exp;

/// An effect on the analysis scale as it is printed: no limit hides the null, no ratio prints as 0.
#[must_use]
pub fn effect_text(measure: Measure, estimate: f64, (lower, upper): (f64, f64)) -> EffectText {
    let landmarks = [&[null(measure)], impossible(measure)].concat();
    let limit = |value| number::fixed_apart(printed(measure, value), &landmarks, decimals(measure));
    EffectText {
        estimate: estimate_text(measure, estimate),
        lower: limit(lower),
        upper: limit(upper),
    }
}

/// An estimate on the analysis scale as it is printed.
pub(super) fn estimate_text(measure: Measure, estimate: f64) -> String {
    number::fixed_apart(printed(measure, estimate), impossible(measure), decimals(measure))
}

/// What no value of a measure can print as.
fn impossible(measure: Measure) -> &'static [f64] {
    if measure.is_ratio() { &[0.0] } else { &[] }
}

/// A value of the analysis scale on the scale of print.
#[must_use]
pub fn printed(measure: Measure, value: f64) -> f64 {
    if measure.is_ratio() { exp(value) } else { value }
}

/// The null on the scale of print.
pub(super) fn null(measure: Measure) -> f64 {
    if measure.is_ratio() { 1.0 } else { 0.0 }
}

fn decimals(measure: Measure) -> usize {
    if measure.is_ratio() { 2 } else { 3 }
}

pub(super) fn interval_text(measure: Measure, (lower, upper): (f64, f64)) -> (String, String) {
    let text = effect_text(measure, 0.0, (lower, upper));
    (text.lower, text.upper)
}

pub(super) fn pooled_text(spec: &Analysis, pooled: &Pooled) -> EffectText {
    effect_text(
        spec.measure,
        pooled.effect.estimate,
        (pooled.effect.ci_lower, pooled.effect.ci_upper),
    )
}

/// I² with one decimal; a value that is not zero does not print as zero.
pub(super) fn i_squared_text(pooled: &Pooled) -> Option<String> {
    pooled
        .inconsistency
        .ok()
        .map(|inconsistency| number::fixed_beside(inconsistency.i_squared, 0.0, 1))
}

pub(super) fn tau_squared_text(value: f64) -> String {
    number::fixed_beside(value, 0.0, 3)
}

pub(super) fn q_view(q: &CochranQ) -> QView {
    QView {
        value: number::fixed(q.statistic, 2),
        df: number::fixed(q.df, 0),
        p: number::p_relation(q.p_value, 0.05),
    }
}

/// A setting with no more decimals than it has: `95`, `99.9`, `0.5`.
pub(super) fn shortest(value: f64) -> String {
    (0..6)
        .map(|decimals| number::fixed(value, decimals))
        .find(|text| text.parse::<f64>().is_ok_and(|parsed| (parsed - value).abs() < 1e-9))
        .unwrap_or_else(|| number::fixed(value, 6))
}

/// The code by which the labels of every language name a reason.
#[must_use]
pub fn reason_code(reason: Reason) -> &'static str {
    match reason {
        Reason::NoStudy => "no-study",
        Reason::NoEstimableStudy => "no-estimable-study",
        Reason::NoEvent => "no-event",
        Reason::NothingButEvents => "nothing-but-events",
        Reason::DroppedStudy => "dropped-study",
        Reason::UndefinedMeasure => "undefined-measure",
        Reason::UndefinedPool => "undefined-pool",
        Reason::ZeroVariance => "zero-variance",
        Reason::OneStudy => "one-study",
        Reason::CommonEffect => "common-effect",
        Reason::NoLikelihood => "no-likelihood",
        Reason::NotInProfile => "not-in-profile",
        Reason::OneSubgroup => "one-subgroup",
        Reason::NotInverseVariance => "not-inverse-variance",
        Reason::OtherCentre => "other-centre",
        Reason::TooFewStudies => "too-few-studies",
        Reason::TooFewForPrediction => "too-few-for-prediction",
    }
}
