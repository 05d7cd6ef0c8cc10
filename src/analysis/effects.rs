//! The effect of each study, on the analysis scale.

use super::Reason;
use crate::data::StudyData;
use crate::spec::{Analysis, Kind, Measure, Method};
use crate::stats::Effect;
use crate::stats::binary::{self, AddTo, TwoByTwo, ZeroCells, effects_under};
use crate::stats::continuous::{self, MeansAndDeviations};
use crate::stats::correlation::{self, Correlation};
use crate::stats::pooling::mantel_haenszel::STUDY_ZERO_CELLS;
use crate::stats::rate::{self, TwoRates};
use crate::stats::single_group::{
    Proportion, ProportionMeasure, Rate, RateMeasure, ZeroCounts, proportion_effects, rate_effects,
};

/// The effect of each study as `method` takes it, or why it has none.
pub(super) fn study_effects(
    spec: &Analysis,
    method: Method,
    data: &[StudyData],
) -> Vec<Result<Effect, Reason>> {
    let rule = zero_cell_rule(spec, method);
    let computed = computed_effects(spec, method, rule, data);
    data.iter()
        .zip(computed)
        .map(|(data, effect)| match data {
            StudyData::Estimate(estimate) => Ok(estimate.effect),
            _ => effect.ok_or_else(|| why_no_effect(data, rule)),
        })
        .collect()
}

/// The effects of the studies that give what effects are computed from; none for the others.
fn computed_effects(
    spec: &Analysis,
    method: Method,
    rule: ZeroCells,
    data: &[StudyData],
) -> Vec<Option<Effect>> {
    let counts = ZeroCounts { add: rule.add, to: rule.to };
    if let Some(measure) = binary_measure(spec.measure, method) {
        let correction = spec.conventions.correction;
        return of_kind(data, counts_of, |tables| effects_under(measure, tables, rule, correction));
    }
    if let Some(measure) = continuous_measure(spec) {
        return of_kind(data, means_of, |means| continuous::effects(measure, means));
    }
    if let Some(measure) = proportion_measure(spec.measure) {
        return of_kind(data, proportion_of, |groups| proportion_effects(measure, groups, counts));
    }
    if let Some(measure) = rates_measure(spec.measure) {
        return of_kind(data, rates_of, |rates| rate::effects(measure, rates, rule));
    }
    if let Some(measure) = rate_measure(spec.measure) {
        return of_kind(data, rate_of, |rates| rate_effects(measure, rates, counts));
    }
    match correlation_measure(spec.measure) {
        Some(measure) => {
            of_kind(data, correlation_of, |samples| correlation::effects(measure, samples))
        }
        None => vec![None; data.len()],
    }
}

/// Effects of the studies that `part` finds something in, in their places. They are computed
/// together, because some rules and variances look at all studies.
fn of_kind<T>(
    data: &[StudyData],
    part: impl Fn(&StudyData) -> Option<T>,
    effects: impl Fn(&[T]) -> Vec<Option<Effect>>,
) -> Vec<Option<Effect>> {
    let parts: Vec<Option<T>> = data.iter().map(part).collect();
    let is_there: Vec<bool> = parts.iter().map(Option::is_some).collect();
    let found: Vec<T> = parts.into_iter().flatten().collect();
    let mut computed = effects(&found).into_iter();
    is_there.into_iter().map(|is| if is { computed.next().flatten() } else { None }).collect()
}

pub(super) fn counts_of(data: &StudyData) -> Option<TwoByTwo> {
    data.counts()
}

fn means_of(data: &StudyData) -> Option<MeansAndDeviations> {
    match data {
        StudyData::Means(means) => Some(means.moments),
        _ => None,
    }
}

fn proportion_of(data: &StudyData) -> Option<Proportion> {
    match data {
        StudyData::Proportion(group) => Some(*group),
        _ => None,
    }
}

pub(super) fn rates_of(data: &StudyData) -> Option<TwoRates> {
    match data {
        StudyData::Rates(rates) => Some(*rates),
        _ => None,
    }
}

fn rate_of(data: &StudyData) -> Option<Rate> {
    match data {
        StudyData::Rate(rate) => Some(*rate),
        _ => None,
    }
}

fn correlation_of(data: &StudyData) -> Option<Correlation> {
    match data {
        StudyData::Correlation(correlation) => Some(*correlation),
        _ => None,
    }
}

/// Mantel-Haenszel and Peto keep their own rule for the studies' estimates. Where a correction
/// leaves the estimate of a risk difference alone, a table without an event has one: 0.
pub(super) fn zero_cell_rule(spec: &Analysis, method: Method) -> ZeroCells {
    let is_plain_difference = spec.kind == Kind::Binary
        && spec.measure == Measure::RD
        && !spec.conventions.correction.corrects_risk_difference;
    match method {
        Method::MantelHaenszel => ZeroCells { drop00: !is_plain_difference, ..STUDY_ZERO_CELLS },
        // Peto's estimate is defined with zero cells, so nothing is added
        Method::Peto => ZeroCells { add: 0.0, to: AddTo::None, drop00: true },
        _ => spec.zero_cells,
    }
}

fn binary_measure(measure: Measure, method: Method) -> Option<binary::Measure> {
    match (measure, method) {
        (Measure::OR | Measure::PETO, Method::Peto) | (Measure::PETO, _) => {
            Some(binary::Measure::PetoLogOddsRatio)
        }
        (Measure::OR, _) => Some(binary::Measure::LogOddsRatio),
        (Measure::RR, _) => Some(binary::Measure::LogRiskRatio),
        (Measure::RD, _) => Some(binary::Measure::RiskDifference),
        (Measure::AS, _) => Some(binary::Measure::ArcsineDifference),
        (Measure::PHI, _) => Some(binary::Measure::Phi),
        _ => None,
    }
}

fn continuous_measure(spec: &Analysis) -> Option<continuous::Measure> {
    let means = spec.conventions.means;
    match spec.measure {
        Measure::MD => Some(continuous::Measure::MeanDifference(means.difference_variance)),
        Measure::SMD => Some(continuous::Measure::StandardisedMeanDifference {
            correction: means.correction,
            variance: means.standardised_variance,
        }),
        Measure::SMDH => {
            Some(continuous::Measure::HeteroscedasticStandardisedMeanDifference(means.correction))
        }
        Measure::ROM => Some(continuous::Measure::LogRatioOfMeans(means.ratio)),
        _ => None,
    }
}

/// The scale on which a measure of one group's events is pooled.
#[must_use]
pub fn proportion_measure(measure: Measure) -> Option<ProportionMeasure> {
    match measure {
        Measure::PR => Some(ProportionMeasure::Raw),
        Measure::PLN => Some(ProportionMeasure::Log),
        Measure::PLO => Some(ProportionMeasure::Logit),
        Measure::PAS => Some(ProportionMeasure::Arcsine),
        Measure::PFT => Some(ProportionMeasure::DoubleArcsine),
        _ => None,
    }
}

fn rates_measure(measure: Measure) -> Option<rate::Measure> {
    match measure {
        Measure::IRR => Some(rate::Measure::LogRateRatio),
        Measure::IRD => Some(rate::Measure::RateDifference),
        Measure::IRSD => Some(rate::Measure::SquareRootRateDifference),
        _ => None,
    }
}

/// The scale on which a measure of one group's rate is pooled.
#[must_use]
pub fn rate_measure(measure: Measure) -> Option<RateMeasure> {
    match measure {
        Measure::IR => Some(RateMeasure::Raw),
        Measure::IRLN => Some(RateMeasure::Log),
        Measure::IRS => Some(RateMeasure::SquareRoot),
        Measure::IRFT => Some(RateMeasure::DoubleSquareRoot),
        _ => None,
    }
}

/// The scale on which a correlation is pooled.
#[must_use]
pub fn correlation_measure(measure: Measure) -> Option<correlation::Measure> {
    match measure {
        Measure::COR => Some(correlation::Measure::Raw),
        Measure::ZCOR => Some(correlation::Measure::FisherZ),
        _ => None,
    }
}

fn why_no_effect(data: &StudyData, rule: ZeroCells) -> Reason {
    match data {
        StudyData::Counts(counts) if rule.drop00 && counts.is_one_sided() => Reason::DroppedStudy,
        StudyData::Rates(rates) if rule.drop00 && rates.has_no_event() => Reason::DroppedStudy,
        StudyData::Counts(_) | StudyData::Rates(_) => Reason::UndefinedMeasure,
        _ => Reason::UndefinedEffect,
    }
}
