//! From the analysis scale to the scale of print: exponentials, proportions in percent, decimals.

use super::number::Numbers;
use super::plots::scale::EffectScale;
use super::style::{Decimals, RangeStyle};
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
    /// The interval.
    pub interval: IntervalText,
    /// Estimate and interval in a table or plot: `0.90 [0.84, 0.96]`.
    pub text: String,
}

/// An interval, as printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IntervalText {
    /// Lower limit.
    pub lower: String,
    /// Upper limit.
    pub upper: String,
    /// In a table or plot: `[0.84, 0.96]`.
    pub text: String,
    /// Its limits in a sentence: `0.84 to 0.96`.
    pub range: String,
    /// The same with its name: `95% CI 0.84 to 0.96`.
    pub prose: String,
}

impl IntervalText {
    /// An interval of two limits that are printed already, at a level in percent.
    #[must_use]
    pub fn new(numbers: Numbers<'_>, lower: String, upper: String, level: &str) -> Self {
        let intervals = &numbers.style().intervals;
        let is_negative = numbers.is_negative(&lower) || numbers.is_negative(&upper);
        let form = |style: &RangeStyle| {
            let range = if is_negative { &style.negative_range } else { &style.range };
            let range = range.fill(&[("lower", &lower), ("upper", &upper)]);
            let interval = style.interval.fill(&[("range", &range), ("level", level)]);
            (range, interval)
        };
        let (_, text) = form(&intervals.plots);
        let (range, prose) = form(&intervals.prose);
        Self { lower, upper, text, range, prose }
    }
}

/// Where the numbers of an analysis stand when they are printed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PrintScale {
    measure: Measure,
    /// Participants or person-time, which the double arcsine and square root scales need; of a
    /// pooled effect the harmonic mean of the studies'.
    size: f64,
}

/// How the effects of an analysis are printed in a house style.
#[derive(Debug, Clone, Copy)]
pub struct EffectPrinter<'a> {
    scale: PrintScale,
    numbers: Numbers<'a>,
    /// Confidence level.
    level: f64,
    decimals: usize,
}

impl PrintScale {
    /// The scale of an analysis.
    #[must_use]
    pub fn of(spec: &Analysis, findings: &Findings) -> Self {
        let sizes: Vec<f64> = findings
            .studies
            .iter()
            .filter(|study| study.effect.is_ok())
            .filter_map(|study| size_of(&study.study.data))
            .collect();
        Self { measure: spec.measure, size: harmonic_mean(&sizes).unwrap_or(1.0) }
    }

    /// The scale of a measure whose print does not depend on the studies.
    #[must_use]
    pub fn of_measure(measure: Measure) -> Self {
        Self { measure, size: 1.0 }
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

impl<'a> EffectPrinter<'a> {
    /// The scale of the axes of figures.
    #[must_use]
    pub fn of_figures(self) -> EffectScale {
        EffectScale::of_measure(self.scale.measure, self.scale.size, self.decimals)
    }

    /// The printer of an analysis. Effects in a unit of their own get as many decimals as their
    /// interval needs: two digits of its width.
    #[must_use]
    pub fn of(spec: &Analysis, findings: &Findings, numbers: Numbers<'a>) -> Self {
        let scale = PrintScale::of(spec, findings);
        let decimals = &numbers.style().numbers.decimals;
        let decimals = usual_decimals(spec.measure, decimals).unwrap_or_else(|| {
            let pooled = findings.pooled.as_ref().ok();
            let interval = pooled.map(|pooled| (pooled.effect.ci_lower, pooled.effect.ci_upper));
            let first = findings.studies.iter().find_map(|study| study.effect.as_ref().ok());
            let interval = interval.or(first.map(|effect| (effect.ci_lower, effect.ci_upper)));
            let width =
                interval.map_or(0.0, |(lower, upper)| scale.printed(upper) - scale.printed(lower));
            decimals_for(width, decimals)
        });
        Self { scale, numbers, level: spec.model.level, decimals }
    }

    /// The same for the pooled effect of some of the studies, by index.
    #[must_use]
    pub fn of_members(self, findings: &Findings, members: &[usize]) -> Self {
        let sizes: Vec<f64> = members
            .iter()
            .map(|index| &findings.studies[*index])
            .filter(|study| study.effect.is_ok())
            .filter_map(|study| size_of(&study.study.data))
            .collect();
        let size = harmonic_mean(&sizes).unwrap_or(self.scale.size);
        Self { scale: PrintScale { size, ..self.scale }, ..self }
    }

    /// The same for one study's own effect.
    #[must_use]
    pub fn of_study(self, data: &StudyData) -> Self {
        Self { scale: self.scale.of_study(data), ..self }
    }

    /// The same for proportions as they are.
    #[must_use]
    pub fn of_proportions(self) -> Self {
        Self { scale: PrintScale { measure: Measure::PR, ..self.scale }, ..self }
    }

    /// Where the numbers stand.
    #[must_use]
    pub fn scale(self) -> PrintScale {
        self.scale
    }

    /// An effect on the analysis scale as it is printed: no limit hides the null, no ratio prints
    /// as 0, no proportion as 0% or 100% that is neither.
    #[must_use]
    pub fn effect(self, estimate: f64, limits: (f64, f64)) -> EffectText {
        self.effect_in(estimate, self.interval(limits))
    }

    /// An effect on the analysis scale with an interval that is printed already.
    #[must_use]
    pub fn effect_in(self, estimate: f64, interval: IntervalText) -> EffectText {
        let estimate = self.estimate(estimate);
        let effect = &self.numbers.style().intervals.effect;
        let text = effect.fill(&[("estimate", &estimate), ("interval", &interval.text)]);
        let (lower, upper) = (interval.lower.clone(), interval.upper.clone());
        EffectText { estimate, lower, upper, interval, text }
    }

    /// An estimate on the analysis scale as it is printed.
    #[must_use]
    pub fn estimate(self, value: f64) -> String {
        self.estimate_printed(self.scale.printed(value))
    }

    /// A value that is already on the scale of print.
    #[must_use]
    pub fn estimate_printed(self, value: f64) -> String {
        self.numbers.fixed_apart(value, self.scale.impossible(), self.decimals)
    }

    /// An interval on the analysis scale as it is printed.
    #[must_use]
    pub fn interval(self, (lower, upper): (f64, f64)) -> IntervalText {
        let mut landmarks = self.scale.impossible().to_vec();
        landmarks.extend(self.scale.null());
        let limit =
            |value| self.numbers.fixed_apart(self.scale.printed(value), &landmarks, self.decimals);
        let level = self.numbers.shortest(100.0 * self.level);
        IntervalText::new(self.numbers, limit(lower), limit(upper), &level)
    }

    /// A pooled effect as it is printed.
    #[must_use]
    pub fn pooled(self, pooled: &Pooled) -> EffectText {
        self.effect(pooled.effect.estimate, (pooled.effect.ci_lower, pooled.effect.ci_upper))
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
fn usual_decimals(measure: Measure, decimals: &Decimals) -> Option<usize> {
    match measure {
        Measure::RD | Measure::AS | Measure::PHI => Some(decimals.risk_difference),
        Measure::SMD | Measure::SMDH => Some(decimals.standardised),
        Measure::COR | Measure::ZCOR => Some(decimals.correlation),
        measure if measure.is_ratio() => Some(decimals.ratio),
        measure if measure.is_proportion() => Some(decimals.proportion),
        _ => None,
    }
}

/// Two digits of a width, within what the style allows.
fn decimals_for(width: f64, decimals: &Decimals) -> usize {
    let range = &decimals.own_unit;
    if !(width > 0.0 && width.is_finite()) {
        return range.least;
    }
    let needed = (1.0 - floor(log10(width))).clamp(0.0, 15.0) as usize;
    needed.clamp(range.least, range.most)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::style::HouseStyle;

    fn style() -> HouseStyle {
        HouseStyle::parse(include_str!("../../templates/styles/major.yaml")).unwrap()
    }

    #[test]
    fn decimals_follow_the_width_of_the_interval() {
        let style = style();
        let decimals = |width| decimals_for(width, &style.numbers.decimals);
        assert_eq!(decimals(12.0), 2);
        assert_eq!(decimals(0.5), 2);
        assert_eq!(decimals(0.02), 3);
        assert_eq!(decimals(1e-9), 6);
        assert_eq!(decimals(0.0), 2);
    }

    #[test]
    fn proportions_are_printed_in_percent_and_never_as_a_false_zero() {
        let style = style();
        let numbers = Numbers::of(&style);
        let scale = PrintScale::of_measure(Measure::PLO);
        let printer = EffectPrinter { scale, numbers, level: 0.95, decimals: 1 };
        assert_eq!(printer.estimate(0.0), "50.0");
        assert_eq!(printer.estimate(-8.0), "0.03");
        let effect = printer.effect(0.0, (-8.0, 8.0));
        assert_eq!(effect.upper, "99.97");
        assert_eq!(effect.text, "50.0 [0.03, 99.97]");
        assert_eq!(effect.interval.prose, "95%\u{a0}CI 0.03 to 99.97");
    }
}
