//! What a printed number allows: the closed interval of the values that print like it.
//!
//! Digits mean half a unit of the last one to either side, ties both ways; `<` and `>` mean one
//! side. A relation between printed numbers fails only where no values of their ranges hold it.

use crate::spec::{Bound, Printed, Scale};
use libm::log;

/// A closed interval of numbers; either end may be infinite.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    /// Smallest value.
    pub low: f64,
    /// Largest value.
    pub high: f64,
}

impl Range {
    /// The values that print like `printed`.
    #[must_use]
    pub fn of(printed: &Printed) -> Self {
        let value = printed.value;
        match printed.bound {
            Bound::Below => Self { low: f64::NEG_INFINITY, high: value },
            Bound::Above => Self { low: value, high: f64::INFINITY },
            Bound::Exact => {
                // what the binary form of a tie may be off by
                let half = 0.5 * unit(&printed.text) * (1.0 + 1e-9) + 1e-12 * value.abs();
                Self { low: value - half, high: value + half }
            }
        }
    }

    /// The values of a count: itself where it was printed whole.
    #[must_use]
    pub fn of_count(printed: &Printed) -> Self {
        if printed.bound == Bound::Exact && printed.value.fract() == 0.0 {
            Self::exactly(printed.value)
        } else {
            Self::of(printed)
        }
    }

    /// One value.
    #[must_use]
    pub fn exactly(value: f64) -> Self {
        Self { low: value, high: value }
    }

    /// The smallest interval that holds all `values`.
    #[must_use]
    pub fn around(values: &[f64]) -> Self {
        let low = values.iter().copied().fold(f64::INFINITY, f64::min);
        let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Self { low, high }
    }

    /// The value in the middle, which is what was printed.
    #[must_use]
    pub fn middle(self) -> f64 {
        f64::midpoint(self.low, self.high)
    }

    /// Whether the two have a value in common.
    #[must_use]
    pub fn meets(self, other: Self) -> bool {
        self.low <= other.high && other.low <= self.high
    }

    /// Whether `value` lies in it.
    #[must_use]
    pub fn contains(self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }

    /// Whether every value lies above `value`.
    #[must_use]
    pub fn is_above(self, value: f64) -> bool {
        self.low > value
    }

    /// Whether every value lies below `value`.
    #[must_use]
    pub fn is_below(self, value: f64) -> bool {
        self.high < value
    }

    /// Sums of a value of each.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self { low: self.low + other.low, high: self.high + other.high }
    }

    /// Differences of a value of each.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        Self { low: self.low - other.high, high: self.high - other.low }
    }

    /// Its values under a rising function.
    #[must_use]
    pub fn rising(self, f: impl Fn(f64) -> f64) -> Self {
        Self { low: f(self.low), high: f(self.high) }
    }

    /// Its values under a falling function.
    #[must_use]
    pub fn falling(self, f: impl Fn(f64) -> f64) -> Self {
        Self { low: f(self.high), high: f(self.low) }
    }

    /// The part within `other`; `None` where there is none.
    #[must_use]
    pub fn within(self, other: Self) -> Option<Self> {
        self.meets(other)
            .then(|| Self { low: self.low.max(other.low), high: self.high.min(other.high) })
    }

    /// The absolute values.
    #[must_use]
    pub fn absolute(self) -> Self {
        if self.contains(0.0) {
            Self { low: 0.0, high: self.low.abs().max(self.high.abs()) }
        } else {
            Self::around(&[self.low.abs(), self.high.abs()])
        }
    }

    /// The values on the analysis scale, on which the null is 0: logarithms of ratios. `None` where
    /// no value is possible on the scale.
    #[must_use]
    pub fn on_analysis_scale(self, scale: Scale) -> Option<Self> {
        let logarithm = |range: Self| {
            let ln = |x: f64| if x <= 0.0 { f64::NEG_INFINITY } else { log(x) };
            (range.high > 0.0).then(|| range.rising(ln))
        };
        match scale {
            Scale::Log | Scale::Difference => Some(self),
            Scale::Ratio => logarithm(self),
            Scale::Percent => logarithm(self.rising(|percent| 1.0 + percent / 100.0)),
        }
    }
}

/// The unit of the last digit of a printed number.
fn unit(text: &str) -> f64 {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let decimals = mantissa.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let exponent = exponent.parse::<i64>().unwrap_or(0);
    let power = exponent - i64::try_from(decimals).unwrap_or(0);
    format!("1e{power}").parse().unwrap_or(0.0)
}

/// A number as somebody printed it, perhaps with `<` or `>` before it, a typographic minus, commas
/// between thousands or a percent sign: its bound, its digits and its value.
#[must_use]
pub fn parse_printed(text: &str) -> Option<(Bound, String, f64)> {
    let text = text.trim();
    let (bound, digits) = match text.chars().next()? {
        '<' | '\u{ff1c}' | '\u{2264}' => (Bound::Below, &text[text.chars().next()?.len_utf8()..]),
        '>' | '\u{ff1e}' | '\u{2265}' => (Bound::Above, &text[text.chars().next()?.len_utf8()..]),
        _ => (Bound::Exact, text),
    };
    let digits = digits.trim().trim_end_matches(['%', '\u{ff05}']).trim_end();
    let digits = without_thousands(&digits.replace('\u{2212}', "-"))?;
    let is_number = digits.chars().all(|c| c.is_ascii_digit() || "+-.eE".contains(c));
    let value = digits.parse::<f64>().ok().filter(|value| is_number && value.is_finite())?;
    Some((bound, digits, value))
}

/// Whether the only mark of a printed number is a comma before its last three digits, which could be
/// a decimal comma.
pub(super) fn has_open_comma(text: &str) -> bool {
    text.split_once(',').is_some_and(|(_, behind)| {
        let digits = behind.trim_end_matches(['%', '\u{ff05}']).trim_end();
        digits.len() == 3 && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// `1,234` as `1234`; a comma anywhere else makes it no number.
fn without_thousands(digits: &str) -> Option<String> {
    if !digits.contains(',') {
        return Some(digits.to_owned());
    }
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    let mut groups = whole.trim_start_matches(['+', '-']).split(',');
    // `0,123` is a decimal comma, and a comma behind the point is one too
    let is_grouped = groups
        .next()
        .is_some_and(|first| (1..=3).contains(&first.len()) && !first.starts_with('0'))
        && groups.all(|group| group.len() == 3)
        && !decimals.contains(',');
    is_grouped.then(|| digits.replace(',', ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(text: &str) -> (f64, f64) {
        let mut sources = crate::source::Sources::default();
        let source = sources.add(String::new(), String::new());
        let place = crate::source::Place { source, span: crate::source::Span { start: 0, end: 0 } };
        let (bound, text, value) = parse_printed(text).unwrap();
        let range = Range::of(&Printed { text, bound, value, place });
        (range.low, range.high)
    }

    #[test]
    fn digits_mean_half_a_unit_to_either_side() {
        let near = |(low, high): (f64, f64), a: f64, b: f64| {
            assert!((low - a).abs() < 1e-8 && (high - b).abs() < 1e-8, "{low} {high}");
            assert!(low <= a && b <= high, "a tie was lost: {low} {high}");
        };
        near(range("0.50"), 0.495, 0.505);
        near(range("-0.02"), -0.025, -0.015);
        near(range("\u{2212}0.02"), -0.025, -0.015);
        near(range("38%"), 37.5, 38.5);
        near(range(".036"), 0.0355, 0.0365);
        near(range("7e-7"), 6.5e-7, 7.5e-7);
        near(range("2,183"), 2182.5, 2183.5);
        near(range("-1,183.5"), -1183.55, -1183.45);
    }

    #[test]
    fn bounds_mean_one_side() {
        assert_eq!(range("<0.001"), (f64::NEG_INFINITY, 0.001));
        assert_eq!(range("> .18"), (0.18, f64::INFINITY));
    }

    #[test]
    fn what_is_no_number_is_none() {
        for text in [
            "", "n/a", "1,2", "12,34", "0,523", "-0,523", "1.234,5", "0.5,123", "nan", "inf",
            "0.3-0.5", "--",
        ] {
            assert!(parse_printed(text).is_none(), "{text}");
        }
    }
}
