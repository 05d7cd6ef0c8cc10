//! From the analysis scale to the scale of print: exponentials, proportions in percent, decimals.

use super::number;
use super::plots::scale::EffectScale;
use crate::analysis::{Findings, Pooled, correlation_measure, proportion_measure, rate_measure};
use crate::data::StudyData;
use crate::spec::{Analysis, Measure};
use crate::stats::correlation;
use crate::stats::single_group::harmonic_mean;
use libm::{exp, floor, log10};
use serde::Serialize;

/// An effect with its interval, as printed: ratios as ratios, proportions in percent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EffectText {
    /// The estimate.
    pub estimate: String,
    /// Lower limit.
    pub lower: String,
    /// Upper limit.
    pub upper: String,
}

/// How the numbers of an analysis are printed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PrintScale {
    measure: Measure,
    /// Participants or person-time, which the double arcsine and square root scales need; of a
    /// pooled effect the harmonic mean of the studies'.
    size: f64,
    decimals: usize,
}

impl PrintScale {
    /// The scale of an analysis. Effects in a unit of their own get as many decimals as their
    /// interval needs: two digits of its width, and two decimals at least.
    #[must_use]
    pub fn of(spec: &Analysis, findings: &Findings) -> Self {
        let sizes: Vec<f64> = findings
            .studies
            .iter()
            .filter(|study| study.effect.is_ok())
            .filter_map(|study| size_of(&study.study.data))
            .collect();
        let mut scale =
            Self { measure: spec.measure, size: harmonic_mean(&sizes).unwrap_or(1.0), decimals: 0 };
        scale.decimals = usual_decimals(spec.measure).unwrap_or_else(|| {
            let pooled = findings.pooled.as_ref().ok();
            let interval = pooled.map(|pooled| (pooled.effect.ci_lower, pooled.effect.ci_upper));
            let first = findings.studies.iter().find_map(|study| study.effect.as_ref().ok());
            let interval = interval.or(first.map(|effect| (effect.ci_lower, effect.ci_upper)));
            interval.map_or(2, |(lower, upper)| {
                decimals_for(scale.printed(upper) - scale.printed(lower))
            })
        });
        scale
    }

    /// The scale of a measure whose print does not depend on the studies.
    #[must_use]
    pub fn of_measure(measure: Measure) -> Self {
        Self { measure, size: 1.0, decimals: usual_decimals(measure).unwrap_or(2) }
    }

    /// The scale of one study's own effect.
    #[must_use]
    pub fn of_study(self, data: &StudyData) -> Self {
        Self { size: size_of(data).unwrap_or(self.size), ..self }
    }

    /// A value of the analysis scale on the scale of print. The only place where `exp` is taken.
    #[must_use]
    pub fn printed(self, value: f64) -> f64 {
        if self.measure.is_ratio() {
            exp(value)
        } else if let Some(measure) = proportion_measure(self.measure) {
            100.0 * measure.back_transform(value, self.size)
        } else if let Some(measure) = rate_measure(self.measure) {
            measure.back_transform(value, self.size)
        } else if correlation_measure(self.measure) == Some(correlation::Measure::FisherZ) {
            correlation::back_transform(correlation::Measure::FisherZ, value)
        } else {
            value
        }
    }

    /// A value of the analysis scale where a plot has it: ratios on a log axis, all else as printed.
    #[must_use]
    pub fn on_axis(self, value: f64) -> f64 {
        if self.measure.is_ratio() { value } else { self.printed(value) }
    }

    /// The null on the scale of print; none for one group.
    #[must_use]
    pub fn null(self) -> Option<f64> {
        if self.measure.is_single_group() {
            None
        } else {
            Some(if self.measure.is_ratio() { 1.0 } else { 0.0 })
        }
    }

    /// An effect on the analysis scale as it is printed: no limit hides the null, no ratio prints
    /// as 0, no proportion as 0% or 100% that is neither.
    #[must_use]
    pub fn effect(self, estimate: f64, (lower, upper): (f64, f64)) -> EffectText {
        let mut landmarks = self.impossible().to_vec();
        landmarks.extend(self.null());
        let limit = |value| number::fixed_apart(self.printed(value), &landmarks, self.decimals);
        EffectText { estimate: self.estimate(estimate), lower: limit(lower), upper: limit(upper) }
    }

    /// An estimate on the analysis scale as it is printed.
    #[must_use]
    pub fn estimate(self, value: f64) -> String {
        number::fixed_apart(self.printed(value), self.impossible(), self.decimals)
    }

    /// A value that is already on the scale of print.
    #[must_use]
    pub fn estimate_printed(self, value: f64) -> String {
        number::fixed_apart(value, self.impossible(), self.decimals)
    }

    /// The limits of an interval as they are printed.
    #[must_use]
    pub fn interval(self, limits: (f64, f64)) -> (String, String) {
        let text = self.effect(0.0, limits);
        (text.lower, text.upper)
    }

    /// A pooled effect as it is printed.
    #[must_use]
    pub fn pooled(self, pooled: &Pooled) -> EffectText {
        self.effect(pooled.effect.estimate, (pooled.effect.ci_lower, pooled.effect.ci_upper))
    }

    /// The scale of the axes of figures.
    #[must_use]
    pub fn of_effects(self) -> EffectScale {
        EffectScale::of_measure(self.measure, self.size, self.decimals)
    }

    /// The largest value on the scale of print, if there is one.
    #[must_use]
    pub fn most(self) -> Option<f64> {
        self.measure.is_proportion().then_some(100.0)
    }

    /// What no value can print as unless it is that.
    fn impossible(self) -> &'static [f64] {
        if self.measure.is_ratio() {
            &[0.0]
        } else if self.measure.is_proportion() {
            &[0.0, 100.0]
        } else {
            &[]
        }
    }
}

fn size_of(data: &StudyData) -> Option<f64> {
    match data {
        StudyData::Proportion(group) => Some(group.total),
        StudyData::Rate(rate) => Some(rate.time),
        _ => None,
    }
}

/// The decimals of measures without a unit of their own.
fn usual_decimals(measure: Measure) -> Option<usize> {
    match measure {
        Measure::RD | Measure::AS | Measure::PHI => Some(3),
        Measure::SMD | Measure::SMDH | Measure::COR | Measure::ZCOR => Some(2),
        measure if measure.is_ratio() => Some(2),
        measure if measure.is_proportion() => Some(1),
        _ => None,
    }
}

/// Two digits of a width, and two decimals at least.
fn decimals_for(width: f64) -> usize {
    if !(width > 0.0 && width.is_finite()) {
        return 2;
    }
    (1.0 - floor(log10(width))).clamp(2.0, 6.0) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_follow_the_width_of_the_interval() {
        assert_eq!(decimals_for(12.0), 2);
        assert_eq!(decimals_for(0.5), 2);
        assert_eq!(decimals_for(0.02), 3);
        assert_eq!(decimals_for(1e-9), 6);
        assert_eq!(decimals_for(0.0), 2);
    }

    #[test]
    fn proportions_are_printed_in_percent_and_never_as_a_false_zero() {
        let scale = PrintScale::of_measure(Measure::PLO);
        assert_eq!(scale.estimate(0.0), "50.0");
        assert_eq!(scale.estimate(-8.0), "0.03");
        assert_eq!(scale.effect(0.0, (-8.0, 8.0)).upper, "99.97");
    }
}
