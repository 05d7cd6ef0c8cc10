//! Scales of figures: values of the analysis scale to positions between 0 and 1, with ticks whose
//! labels do not meet.

use super::axis::Tick;
use super::label;
use crate::report::number;
use crate::spec::Measure;
use crate::stats::single_group::{ProportionMeasure, RateMeasure};
use libm::{asin, atanh, ceil, exp, floor, log, log10, pow, sin, tanh};

/// How a value of the analysis scale is turned into what is printed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Transformation {
    /// As it is: differences, raw proportions.
    Identity,
    /// exp: ratios.
    Exp,
    /// 1/(1 + exp(−x)): proportions on the logit scale.
    InverseLogit,
    /// tanh: correlations on Fisher's z scale.
    Tanh,
    /// sin²: proportions on the arcsine square-root scale.
    SquaredSine,
    /// Back from Freeman and Tukey's double arcsine with so many participants: proportions.
    DoubleArcsine(f64),
    /// x²: rates on the square root scale.
    Square,
    /// Back from the double square root with so much person-time: rates.
    DoubleSquareRoot(f64),
}

/// The scale of print of a measure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EffectScale {
    /// From the analysis scale to the scale of print.
    pub transformation: Transformation,
    /// What the result is multiplied by: 100 for percentages, else 1.
    pub multiplier: f64,
    /// Decimals of estimates and limits.
    pub decimals: usize,
}

impl EffectScale {
    /// Ratios from their logarithms, with two decimals.
    pub const RATIO: Self =
        Self { transformation: Transformation::Exp, multiplier: 1.0, decimals: 2 };
    /// Differences, with two decimals.
    pub const DIFFERENCE: Self =
        Self { transformation: Transformation::Identity, multiplier: 1.0, decimals: 2 };

    /// The scale of a measure; `size` is the participants or the person-time that the double arcsine
    /// and square root scales need.
    #[must_use]
    pub fn of_measure(measure: Measure, size: f64, decimals: usize) -> Self {
        let (transformation, multiplier) = match measure {
            Measure::PR => (Transformation::Identity, 100.0),
            Measure::PLN => (Transformation::Exp, 100.0),
            Measure::PLO => (Transformation::InverseLogit, 100.0),
            Measure::PAS => (Transformation::SquaredSine, 100.0),
            Measure::PFT => (Transformation::DoubleArcsine(size), 100.0),
            Measure::IRLN => (Transformation::Exp, 1.0),
            Measure::IRS => (Transformation::Square, 1.0),
            Measure::IRFT => (Transformation::DoubleSquareRoot(size), 1.0),
            Measure::ZCOR => (Transformation::Tanh, 1.0),
            measure if measure.is_ratio() => (Transformation::Exp, 1.0),
            _ => (Transformation::Identity, 1.0),
        };
        Self { transformation, multiplier, decimals }
    }

    /// A value of the analysis scale on the scale of print.
    #[must_use]
    pub fn printed(self, value: f64) -> f64 {
        let natural = match self.transformation {
            Transformation::Identity => value,
            Transformation::Exp => exp(value),
            Transformation::InverseLogit => 1.0 / (1.0 + exp(-value)),
            Transformation::Tanh => tanh(value),
            Transformation::SquaredSine => {
                let held = sin(value.clamp(0.0, std::f64::consts::FRAC_PI_2));
                held * held
            }
            Transformation::DoubleArcsine(total) => {
                ProportionMeasure::DoubleArcsine.back_transform(value, total)
            }
            Transformation::Square => RateMeasure::SquareRoot.back_transform(value, 0.0),
            Transformation::DoubleSquareRoot(time) => {
                RateMeasure::DoubleSquareRoot.back_transform(value, time)
            }
        };
        natural * self.multiplier
    }

    /// A value of the scale of print on the analysis scale; not finite beyond the measure's range.
    #[must_use]
    pub fn analysis(self, printed: f64) -> f64 {
        let natural = printed / self.multiplier;
        match self.transformation {
            Transformation::Identity => natural,
            Transformation::Exp => log(natural),
            Transformation::InverseLogit => log(natural / (1.0 - natural)),
            Transformation::Tanh => atanh(natural),
            Transformation::SquaredSine => asin(natural.sqrt()),
            Transformation::DoubleArcsine(total) => {
                let events = natural * total;
                let part = |events: f64| asin((events / (total + 1.0)).sqrt());
                0.5 * (part(events) + part(events + 1.0))
            }
            Transformation::Square => natural.sqrt(),
            Transformation::DoubleSquareRoot(time) => {
                0.5 * (natural.sqrt() + (natural + 1.0 / time).sqrt())
            }
        }
    }

    /// An estimate as text; no ratio prints as 0.
    #[must_use]
    pub fn text(self, value: f64) -> String {
        number::fixed_apart(self.printed(value), self.impossible(), self.decimals)
    }

    /// A limit as text: it does not print as the null unless it is equal to it.
    #[must_use]
    pub fn limit(self, value: f64) -> String {
        let landmarks: &[f64] = match self.transformation {
            Transformation::Exp => &[1.0, 0.0],
            Transformation::Identity | Transformation::Tanh => &[0.0],
            _ => self.impossible(),
        };
        number::fixed_apart(self.printed(value), landmarks, self.decimals)
    }

    fn impossible(self) -> &'static [f64] {
        match self.transformation {
            Transformation::Exp => &[0.0],
            Transformation::InverseLogit
            | Transformation::SquaredSine
            | Transformation::DoubleArcsine(_) => &[0.0, 100.0],
            _ => &[],
        }
    }
}

/// The direction of an axis and its length in points: what its labels have room for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Along {
    /// From left to right.
    Horizontal(f64),
    /// Along the side of a figure.
    Vertical(f64),
}

/// The type size of tick labels in points; `templates/figures/plot.typ` sets them so.
const TICK_SIZE: f64 = 7.0;

/// The most ticks of an axis.
const MOST_TICKS: usize = 9;

/// An axis from `lower` to `upper` on the analysis scale.
#[derive(Debug, Clone, PartialEq)]
pub struct Scale {
    /// The value at position 0.
    pub lower: f64,
    /// The value at position 1.
    pub upper: f64,
    /// Marks from `lower` to `upper`.
    pub ticks: Vec<Tick>,
}

impl Scale {
    /// An axis of effects on which all finite `values` lie, with some air at both ends.
    #[must_use]
    pub fn effects(effect: EffectScale, values: &[f64], along: Along) -> Self {
        let (least, most) = range(values);
        let air = 0.05 * (most - least);
        let (lower, upper) = (least - air, most + air);
        let bounds = (effect.printed(lower), effect.printed(upper));
        let candidates = candidates(effect, bounds);
        Self::with_ticks(lower, upper, candidates, |tick| effect.analysis(tick), along)
    }

    /// A linear axis from `lower` to `upper`.
    #[must_use]
    pub fn linear(lower: f64, upper: f64, along: Along) -> Self {
        let candidates = linear_candidates((lower, upper));
        Self::with_ticks(lower, upper, candidates, |tick| tick, along)
    }

    /// A linear axis on which all finite `values` lie, with some air at both ends.
    #[must_use]
    pub fn around(values: &[f64], along: Along) -> Self {
        let (least, most) = range(values);
        let air = 0.05 * (most - least);
        Self::linear(least - air, most + air, along)
    }

    /// A linear axis from 0 to a little above the largest of the finite `values`.
    #[must_use]
    pub fn from_zero(values: &[f64], along: Along) -> Self {
        let most = values.iter().copied().filter(|value| value.is_finite()).fold(0.0, f64::max);
        Self::linear(0.0, if most > 0.0 { most * 1.06 } else { 1.0 }, along)
    }

    /// The position of a value; outside 0 to 1 where it lies beyond the axis.
    #[must_use]
    pub fn position(&self, value: f64) -> f64 {
        tidy((value - self.lower) / (self.upper - self.lower))
    }

    /// Whether a value lies on the axis.
    #[must_use]
    pub fn holds(&self, value: f64) -> bool {
        (0.0..=1.0).contains(&self.position(value))
    }

    /// The ticks of an axis that runs upwards, as positions from the top.
    #[must_use]
    pub fn ticks_from_top(&self) -> Vec<Tick> {
        let turn = |tick: &Tick| Tick { at: tidy(1.0 - tick.at), label: tick.label.clone() };
        self.ticks.iter().map(turn).collect()
    }

    /// The first of the candidates whose labels do not meet: they come from dense to sparse.
    fn with_ticks(
        lower: f64,
        upper: f64,
        candidates: Vec<Vec<(f64, String)>>,
        analysis: impl Fn(f64) -> f64,
        along: Along,
    ) -> Self {
        let mut scale = Self { lower, upper, ticks: Vec::new() };
        for candidate in candidates {
            let ticks: Vec<Tick> = candidate
                .into_iter()
                .map(|(value, label)| Tick { at: scale.position(analysis(value)), label })
                .filter(|tick| (0.0..=1.0).contains(&tick.at))
                .collect();
            let is_better = ticks.len() > scale.ticks.len();
            if is_better && ticks.len() <= MOST_TICKS && !meet(&ticks, along) {
                scale.ticks = ticks;
            }
        }
        scale
    }
}

/// Five decimals: a thousandth of a millimetre.
#[must_use]
pub fn tidy(position: f64) -> f64 {
    let rounded = (position * 1e5).round() / 1e5;
    // no signed zero, and what is far beyond an end stays a number
    if rounded == 0.0 { 0.0 } else { rounded.clamp(-1e3, 1e3) }
}

/// The least and the greatest of the finite values, apart from each other.
fn range(values: &[f64]) -> (f64, f64) {
    let finite = || values.iter().copied().filter(|value| value.is_finite());
    let (least, most) =
        (finite().fold(f64::INFINITY, f64::min), finite().fold(f64::NEG_INFINITY, f64::max));
    if !least.is_finite() {
        return (-1.0, 1.0);
    }
    // one value, or values that differ by rounding only
    let smallest = 1e-9 * least.abs().max(most.abs()).max(1e-3);
    if most - least > smallest {
        return (least, most);
    }
    let reach = if least.abs() < 1e-9 { 1.0 } else { 0.5 * least.abs() };
    (least - reach, most + reach)
}

fn meet(ticks: &[Tick], along: Along) -> bool {
    ticks.windows(2).any(|pair| match along {
        Along::Horizontal(length) => {
            let widths =
                label::width(&pair[0].label, TICK_SIZE) + label::width(&pair[1].label, TICK_SIZE);
            (pair[1].at - pair[0].at).abs() * length < 0.5 * widths + TICK_SIZE
        }
        Along::Vertical(length) => (pair[1].at - pair[0].at).abs() * length < 2.0 * TICK_SIZE,
    })
}

/// Ticks with labels in rising order, sets from which one is chosen.
fn candidates(effect: EffectScale, bounds: (f64, f64)) -> Vec<Vec<(f64, String)>> {
    let unit = effect.multiplier;
    let spread = |a: f64, b: f64| a > 0.0 && b / a >= 3.0;
    match effect.transformation {
        Transformation::Exp if spread(bounds.0, bounds.1) => decades(bounds, unit),
        Transformation::InverseLogit
            if spread(bounds.0, bounds.1) || spread(unit - bounds.1, unit - bounds.0) =>
        {
            let half = 0.5 * unit;
            let below = decades((bounds.0, half), unit);
            let above = decades((unit - bounds.1, half), unit);
            below
                .into_iter()
                .zip(above)
                .map(|(below, above)| {
                    let above: Vec<(f64, String)> = above
                        .into_iter()
                        .rev()
                        .map(|(tick, label)| {
                            let decimals = label.split_once('.').map_or(0, |(_, rest)| rest.len());
                            (unit - tick, number::fixed(unit - tick, decimals))
                        })
                        .collect();
                    let mut ticks: Vec<(f64, String)> =
                        below.into_iter().filter(|(tick, _)| *tick < half * 0.99).collect();
                    ticks.push((half, shortest(half)));
                    ticks.extend(above.into_iter().filter(|(tick, _)| *tick > half * 1.01));
                    ticks
                })
                .collect()
        }
        _ => linear_candidates(bounds),
    }
}

/// Logarithmic ticks between the bounds, in multiples of `unit`: 1, 2, 5; 1, 3; 1; every second,
/// third and further power of ten.
fn decades(bounds: (f64, f64), unit: f64) -> Vec<Vec<(f64, String)>> {
    let exponent = |value: f64| log10((value / unit).clamp(1e-300, 1e300));
    let (from, to) = (floor(exponent(bounds.0)) as i32, ceil(exponent(bounds.1)) as i32);
    let sets: [(i32, &[f64]); 9] = [
        (1, &[1.0, 1.5, 2.0, 3.0, 5.0, 7.0]),
        (1, &[1.0, 2.0, 5.0]),
        (1, &[1.0, 3.0]),
        (1, &[1.0]),
        (2, &[1.0]),
        (3, &[1.0]),
        (5, &[1.0]),
        (10, &[1.0]),
        (50, &[1.0]),
    ];
    sets.iter()
        .map(|(every, digits)| {
            (from..=to)
                .filter(|power| power % every == 0)
                .flat_map(|power| {
                    digits.iter().map(move |digit| {
                        // a division is exact where a multiplication by 0.1 is not
                        let ten = pow(10.0, f64::from(power.abs()));
                        if power < 0 { unit * digit / ten } else { unit * digit * ten }
                    })
                })
                .map(|tick| (tick, shortest(tick)))
                .collect()
        })
        .collect()
}

/// Multiples of 1, 2, 2.5 and 5 times a power of ten between the bounds, from fine to coarse.
fn linear_candidates((lower, upper): (f64, f64)) -> Vec<Vec<(f64, String)>> {
    let range = upper - lower;
    if !(range.is_finite() && range > 0.0) {
        return Vec::new();
    }
    let power = floor(log10(range)) as i32;
    let mut sets = Vec::new();
    for power in power - 1..=power {
        for (digit, further) in [(1.0, 0), (2.0, 0), (2.5, 1), (5.0, 0)] {
            let ten = pow(10.0, f64::from(power.abs()));
            let step = if power < 0 { digit / ten } else { digit * ten };
            let count = range / step;
            // at the ends of what a number can hold there are no steps
            if !(step.is_finite() && step > 0.0 && count < 1e3) {
                continue;
            }
            let decimals = usize::try_from(further - power).unwrap_or(0);
            let first = ceil(lower / step - 1e-9) as i64;
            let last = floor(upper / step + 1e-9) as i64;
            let ticks = (first..=last).map(|n| n as f64 * step);
            sets.push(ticks.map(|tick| (tick, plain(tick, decimals))).collect());
        }
    }
    sets
}

fn plain(value: f64, decimals: usize) -> String {
    if decimals == 0 && value >= 0.0 {
        number::count(value)
    } else {
        number::fixed(value, decimals)
    }
}

/// No more decimals than the value needs.
#[must_use]
pub fn shortest(value: f64) -> String {
    if value >= 1e4 {
        return number::count(value);
    }
    (0..12)
        .map(|decimals| number::fixed(value, decimals))
        .find(|text| {
            let parsed = text.replace('\u{2212}', "-").parse::<f64>();
            parsed.is_ok_and(|parsed| (parsed - value).abs() <= 1e-9 * value.abs())
        })
        .unwrap_or_else(|| number::fixed(value, 6))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn labels(scale: &Scale) -> Vec<&str> {
        scale.ticks.iter().map(|tick| tick.label.as_str()).collect()
    }

    #[test]
    fn ratio_ticks_are_round_and_log_spaced() {
        let scale =
            Scale::effects(EffectScale::RATIO, &[log(0.11), log(9.0)], Along::Horizontal(300.0));
        assert_eq!(labels(&scale), ["0.1", "0.2", "0.5", "1", "2", "5", "10"]);
        let at = |index: usize| scale.ticks[index].at;
        assert!((at(3) - at(0) - (at(6) - at(3))).abs() < 2e-5);
        let scale = Scale::effects(EffectScale::RATIO, &[-9.0, 9.0], Along::Horizontal(300.0));
        assert_eq!(
            labels(&scale),
            ["0.0001", "0.001", "0.01", "0.1", "1", "10", "100", "1000", "10\u{202f}000"]
        );
    }

    #[test]
    fn a_narrow_range_of_ratios_has_ticks() {
        let scale =
            Scale::effects(EffectScale::RATIO, &[log(0.45), log(0.56)], Along::Horizontal(150.0));
        assert!(scale.ticks.len() >= 3, "{:?}", scale.ticks);
        assert!(scale.ticks.iter().all(|tick| (0.0..=1.0).contains(&tick.at)));
    }

    #[test]
    fn linear_ticks_are_round() {
        let scale = Scale::linear(0.0, 35.0, Along::Horizontal(300.0));
        assert_eq!(labels(&scale), ["0", "5", "10", "15", "20", "25", "30", "35"]);
        let scale = Scale::linear(-0.31, 0.42, Along::Vertical(100.0));
        assert_eq!(labels(&scale), ["\u{2212}0.2", "0.0", "0.2", "0.4"]);
        let scale = Scale::linear(0.0, 90_000.0, Along::Horizontal(150.0));
        assert_eq!(labels(&scale).last(), Some(&"80\u{202f}000"));
    }

    #[test]
    fn proportions_have_ticks_at_both_ends() {
        let effect = EffectScale {
            transformation: Transformation::InverseLogit,
            multiplier: 100.0,
            decimals: 1,
        };
        let scale = Scale::effects(
            effect,
            &[effect.analysis(0.4), effect.analysis(99.0)],
            Along::Horizontal(300.0),
        );
        assert_eq!(labels(&scale), ["1", "10", "50", "90", "99"]);
        let effect = EffectScale { transformation: Transformation::SquaredSine, ..effect };
        let scale = Scale::effects(effect, &[0.0, 1.2], Along::Horizontal(300.0));
        assert_eq!(labels(&scale), ["0", "20", "40", "60", "80"]);
    }

    #[test]
    fn whatever_the_values_there_is_an_axis() {
        for values in [
            &[][..],
            &[0.0],
            &[2.0, 2.0],
            &[f64::NAN, 1.0],
            &[1e-12, 2e-12],
            &[-1e9, 1e9],
            &[-300.0, 300.0],
        ] {
            for effect in [EffectScale::RATIO, EffectScale::DIFFERENCE] {
                let scale = Scale::effects(effect, values, Along::Horizontal(200.0));
                assert!(scale.lower < scale.upper, "{values:?}");
                assert!(scale.ticks.len() <= MOST_TICKS);
                assert!(!meet(&scale.ticks, Along::Horizontal(200.0)));
            }
        }
    }

    #[test]
    fn limits_keep_off_the_null() {
        assert_eq!(EffectScale::RATIO.limit(0.002), "1.002");
        assert_eq!(EffectScale::RATIO.text(log(0.49)), "0.49");
        assert_eq!(EffectScale::DIFFERENCE.limit(-0.001), "\u{2212}0.001");
    }

    proptest! {
        #[test]
        fn ticks_rise_on_the_axis_and_never_meet(
            values in prop::collection::vec(-40.0..40.0f64, 1..6),
            shrink in -6i32..2,
            length in 40.0..400.0f64,
        ) {
            let values: Vec<f64> =
                values.iter().map(|value| value * pow(10.0, f64::from(shrink))).collect();
            for transformation in [
                Transformation::Identity,
                Transformation::Exp,
                Transformation::InverseLogit,
                Transformation::Tanh,
                Transformation::SquaredSine,
            ] {
                let effect = EffectScale { transformation, multiplier: 100.0, decimals: 1 };
                for along in [Along::Horizontal(length), Along::Vertical(length)] {
                    let scale = Scale::effects(effect, &values, along);
                    prop_assert!(scale.ticks.windows(2).all(|pair| pair[0].at < pair[1].at));
                    prop_assert!(scale.ticks.iter().all(|tick| (0.0..=1.0).contains(&tick.at)));
                    prop_assert!(!meet(&scale.ticks, along));
                }
            }
        }
    }
}
