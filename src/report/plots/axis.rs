//! The horizontal axis of a forest plot.

use crate::report::number::{self, Numbers};
use libm::log;
use serde::Serialize;

/// An axis from 0 (left end) to 1 (right end).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Axis {
    /// Marks with their labels.
    pub ticks: Vec<Tick>,
    /// Position of the null; none where there is nothing to differ from.
    pub null: Option<f64>,
    #[serde(skip)]
    lower: f64,
    #[serde(skip)]
    upper: f64,
}

/// One mark of an axis.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tick {
    /// Position, 0 to 1.
    pub at: f64,
    /// What stands below it.
    pub label: String,
}

/// Where a value lies, and whether it is beyond an end of the axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// On the axis.
    Inside,
    /// Beyond its left end.
    Left,
    /// Beyond its right end.
    Right,
}

/// Ends of ratio axes, with the ticks right of 1; those left of it are their inverses.
const RATIO_AXES: [(f64, &[f64]); 7] = [
    (2.0, &[1.25, 1.5, 2.0]),
    (5.0, &[2.0, 5.0]),
    (10.0, &[2.0, 5.0, 10.0]),
    (20.0, &[5.0, 20.0]),
    (50.0, &[5.0, 50.0]),
    (100.0, &[10.0, 100.0]),
    (1000.0, &[10.0, 100.0, 1000.0]),
];

impl Axis {
    /// A logarithmic axis about 1 for values on the log scale: the shortest on which all
    /// `essential` values lie, and the `wanted` ones as far as they can. What lies beyond is for
    /// arrows. Its end is at `least_end` or beyond.
    #[must_use]
    pub fn ratio(essential: &[f64], wanted: &[f64], least_end: f64, numbers: Numbers<'_>) -> Self {
        let reach = |values: &[f64]| values.iter().fold(0.0, |reach: f64, x| reach.max(x.abs()));
        // an interval that would need more than 1 to 100 gets an arrow
        let needed = reach(essential).max(reach(wanted).min(log(100.0))).max(log(least_end));
        let (end, right) = RATIO_AXES
            .into_iter()
            .find(|(end, _)| needed <= log(*end) * (1.0 + 1e-9))
            .unwrap_or(RATIO_AXES[RATIO_AXES.len() - 1]);
        let half = log(end) * 1.06;
        let left = right.iter().rev().map(|tick| 1.0 / tick);
        let ticks: Vec<f64> = left.chain([1.0]).chain(right.iter().copied()).collect();
        let mut axis = Self { ticks: Vec::new(), null: None, lower: -half, upper: half };
        axis.null = Some(axis.position(0.0).1);
        axis.ticks = ticks
            .into_iter()
            .map(|tick| Tick { at: axis.position(log(tick)).1, label: ratio_label(tick, numbers) })
            .collect();
        axis
    }

    /// A linear axis about 0.
    #[must_use]
    pub fn difference(essential: &[f64], wanted: &[f64], numbers: Numbers<'_>) -> Self {
        let needed = essential.iter().chain(wanted).fold(0.0, |reach: f64, x| reach.max(x.abs()));
        let end = round_end(needed.max(0.02));
        let decimals = number::decimals_needed([end, end / 2.0].into_iter(), 12);
        let mut axis =
            Self { ticks: Vec::new(), null: None, lower: -end * 1.06, upper: end * 1.06 };
        axis.null = Some(axis.position(0.0).1);
        axis.ticks = [-end, -end / 2.0, 0.0, end / 2.0, end]
            .into_iter()
            .map(|tick| Tick {
                at: axis.position(tick).1,
                label: numbers.fixed(tick, if tick == 0.0 { 0 } else { decimals }),
            })
            .collect();
        axis
    }

    /// A linear axis from 0 for amounts, such as proportions and rates, up to `most` where amounts
    /// have an end.
    #[must_use]
    pub fn amount(
        essential: &[f64],
        wanted: &[f64],
        most: Option<f64>,
        numbers: Numbers<'_>,
    ) -> Self {
        let needed = essential.iter().chain(wanted).fold(0.0, |reach: f64, x| reach.max(*x));
        let end = round_end(needed.max(1e-6));
        let end = most.map_or(end, |most| end.min(most));
        let decimals = number::decimals_needed([end, end / 4.0].into_iter(), 12);
        let margin = 0.03 * end;
        let mut axis = Self { ticks: Vec::new(), null: None, lower: -margin, upper: end + margin };
        axis.ticks = (0..=4)
            .map(|part| {
                let tick = end * f64::from(part) / 4.0;
                let decimals = if part == 0 { 0 } else { decimals };
                Tick { at: axis.position(tick).1, label: numbers.fixed(tick, decimals) }
            })
            .collect();
        axis
    }

    /// The position of a value on the analysis scale, held within the axis.
    #[must_use]
    pub fn position(&self, value: f64) -> (Side, f64) {
        let at = (value - self.lower) / (self.upper - self.lower);
        if at < 0.0 {
            (Side::Left, 0.0)
        } else if at > 1.0 {
            (Side::Right, 1.0)
        } else {
            // five decimals are a thousandth of a millimetre
            (Side::Inside, (at * 1e5).round() / 1e5)
        }
    }
}

/// The smallest of 1, 2 and 5 times a power of ten that is not below `needed`; no more than 1e12,
/// beyond which arrows stand.
fn round_end(needed: f64) -> f64 {
    let power = libm::pow(10.0, libm::floor(libm::log10(needed.clamp(1e-12, 1e12))));
    [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|step| step * power)
        .find(|end| needed <= end * (1.0 + 1e-9))
        .unwrap_or(1e13)
}

/// `0.01`, `0.5`, `1.25`, `10`: no more digits than the tick needs.
fn ratio_label(tick: f64, numbers: Numbers<'_>) -> String {
    let is_close = |decimals: &usize| {
        let printed = number::fixed(tick, *decimals).parse::<f64>();
        printed.is_ok_and(|value| (value / tick - 1.0).abs() < 0.01)
    };
    numbers.fixed(tick, (0..5).find(is_close).unwrap_or(3))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::style::HouseStyle;

    #[test]
    fn ratio_ticks_are_short_and_symmetric() {
        let style =
            HouseStyle::parse(include_str!("../../../templates/styles/major.yaml")).unwrap();
        let numbers = Numbers::of(&style);
        let axis = Axis::ratio(&[0.3], &[], 1.0, numbers);
        let labels: Vec<&str> = axis.ticks.iter().map(|tick| tick.label.as_str()).collect();
        assert_eq!(labels, ["0.5", "0.67", "0.8", "1", "1.25", "1.5", "2"]);
        assert!(axis.null.is_some_and(|null| (null - 0.5).abs() < 1e-5));
        let axis = Axis::ratio(&[], &[10.0], 1.0, numbers);
        let labels: Vec<&str> = axis.ticks.iter().map(|tick| tick.label.as_str()).collect();
        assert_eq!(labels, ["0.01", "0.1", "1", "10", "100"]);
        assert_eq!(axis.position(9.0), (Side::Right, 1.0));
    }
}
