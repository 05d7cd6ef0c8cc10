//! All rounding: numbers to the characters that are printed.
//!
//! A number is rounded once, here, from its unrounded value: to the nearest decimal, and where two
//! are equally near in binary, to the even one (as C's and R's `sprintf`). Zero has no sign.
//! [`Numbers`] prints in a house style; the functions print with a decimal point and U+2212.

use super::style::{Form, HouseStyle, Run, SignStyle};

/// The minus sign of printed numbers.
const MINUS: char = '\u{2212}';

/// The decimals beyond which nothing is gained by printing more.
const MOST_DECIMALS: usize = 6;

/// `value` with so many decimals.
#[must_use]
pub fn fixed(value: f64, decimals: usize) -> String {
    let digits = format!("{:.decimals$}", value.abs());
    if value < 0.0 && !is_zero(&digits) { format!("{MINUS}{digits}") } else { digits }
}

/// `value` with so many decimals at least, and more where it would otherwise print as `landmark`
/// without being equal to it.
#[must_use]
pub fn fixed_beside(value: f64, landmark: f64, decimals: usize) -> String {
    let mut decimals = decimals;
    while value != landmark
        && decimals < MOST_DECIMALS
        && fixed(value, decimals) == fixed(landmark, decimals)
    {
        decimals += 1;
    }
    fixed(value, decimals)
}

/// A count with a narrow space between thousands from 10,000 on.
#[must_use]
pub fn count(value: f64) -> String {
    let digits = format!("{value:.0}");
    if digits.len() < 5 { digits } else { grouped(&digits, "\u{202f}") }
}

/// A value that prints as none of the `landmarks` unless it is equal to it: the null of a measure,
/// and the zero that a ratio never reaches.
#[must_use]
pub fn fixed_apart(value: f64, landmarks: &[f64], decimals: usize) -> String {
    landmarks
        .iter()
        .map(|landmark| fixed_beside(value, *landmark, decimals))
        .max_by_key(String::len)
        .unwrap_or_else(|| fixed(value, decimals))
}

/// The decimals with which all `values` print in full, `most` at most.
#[must_use]
pub fn decimals_needed(values: impl Iterator<Item = f64>, most: usize) -> usize {
    let needed = |value: f64| {
        (0..most)
            .find(|decimals| {
                let text = format!("{value:.decimals$}");
                text.parse::<f64>().is_ok_and(|printed| (printed - value).abs() < 1e-9)
            })
            .unwrap_or(most)
    };
    values.map(needed).max().unwrap_or(0)
}

/// Numbers in a house style.
#[derive(Debug, Clone, Copy)]
pub struct Numbers<'a> {
    style: &'a HouseStyle,
}

impl<'a> Numbers<'a> {
    /// Numbers in this style.
    #[must_use]
    pub fn of(style: &'a HouseStyle) -> Self {
        Self { style }
    }

    /// The style.
    #[must_use]
    pub fn style(self) -> &'a HouseStyle {
        self.style
    }

    /// `value` with so many decimals.
    #[must_use]
    pub fn fixed(self, value: f64, decimals: usize) -> String {
        self.marked(&fixed(value, decimals))
    }

    /// `value` with so many decimals at least, and more where it would otherwise print as
    /// `landmark` without being equal to it.
    #[must_use]
    pub fn fixed_beside(self, value: f64, landmark: f64, decimals: usize) -> String {
        self.marked(&fixed_beside(value, landmark, decimals))
    }

    /// A value that prints as none of the `landmarks` unless it is equal to it.
    #[must_use]
    pub fn fixed_apart(self, value: f64, landmarks: &[f64], decimals: usize) -> String {
        self.marked(&fixed_apart(value, landmarks, decimals))
    }

    /// A setting with no more decimals than it has: `95`, `99.9`, `0.5`.
    #[must_use]
    pub fn shortest(self, value: f64) -> String {
        self.marked(&shortest(value))
    }

    /// A count.
    #[must_use]
    pub fn count(self, value: f64) -> String {
        let thousands = &self.style.numbers.thousands;
        let digits = format!("{value:.0}");
        if value < thousands.from as f64 {
            return digits;
        }
        grouped(&digits, &thousands.separator)
    }

    /// Events or participants in percent, without its sign.
    #[must_use]
    pub fn percent(self, part: f64, whole: f64) -> String {
        let percent = if whole > 0.0 { 100.0 * part / whole } else { 0.0 };
        self.fixed(percent, self.style.numbers.decimals.percent)
    }

    /// I² or R² in percent, without its sign; a value that is not zero does not print as zero.
    #[must_use]
    pub fn i_squared(self, value: f64) -> String {
        self.fixed_beside(value, 0.0, self.style.numbers.decimals.i2)
    }

    /// I² of differences between subgroups in percent, without its sign; zero as elsewhere.
    #[must_use]
    pub fn i_squared_between(self, value: f64) -> String {
        let decimals = &self.style.numbers.decimals;
        let between = if value == 0.0 { decimals.i2 } else { decimals.i2_between };
        self.fixed_beside(value, 0.0, between)
    }

    /// τ² or another variance; one that is not zero does not print as zero.
    #[must_use]
    pub fn variance(self, value: f64) -> String {
        self.fixed_beside(value, 0.0, self.style.numbers.decimals.tau2)
    }

    /// Q.
    #[must_use]
    pub fn q(self, value: f64) -> String {
        self.fixed(value, self.style.numbers.decimals.q)
    }

    /// z, t or F.
    #[must_use]
    pub fn statistic(self, value: f64) -> String {
        self.fixed(value, self.style.numbers.decimals.statistic)
    }

    /// z or t of a pooled effect, with its sign where the style keeps it.
    #[must_use]
    pub fn test_statistic(self, value: f64) -> String {
        let is_signed = self.style.statistics.z_sign == SignStyle::Signed;
        self.statistic(if is_signed { value } else { value.abs() })
    }

    /// Degrees of freedom; Satterthwaite's are not whole.
    #[must_use]
    pub fn degrees(self, df: f64) -> String {
        self.shortest((df * 10.0).round() / 10.0)
    }

    /// A P value with its relation: `= 0.036` or `< 0.001`. It never prints as zero, and neither as
    /// `alpha` nor on its other side.
    #[must_use]
    pub fn p_relation(self, p: f64, alpha: f64) -> String {
        let (relation, digits) = self.p_parts(p, alpha);
        format!("{relation}{}{digits}", self.p_space())
    }

    /// A P value for a table cell: `0.036` or `< 0.001`.
    #[must_use]
    pub fn p_cell(self, p: f64, alpha: f64) -> String {
        match self.p_parts(p, alpha) {
            ('=', digits) => digits,
            (relation, digits) => format!("{relation}{}{digits}", self.p_space()),
        }
    }

    /// The letter of P values, with what stands between it and the relation.
    #[must_use]
    pub fn p_lead(self) -> String {
        format!("{}{}", self.style.p.letter, self.p_space())
    }

    /// A P value with its letter and relation.
    #[must_use]
    pub fn p_runs(self, p: f64, alpha: f64) -> Vec<Run> {
        let form = if self.style.p.is_italic { Form::Italic } else { Form::Plain };
        let rest = format!("{}{}", self.p_space(), self.p_relation(p, alpha));
        vec![Run { text: self.style.p.letter.clone(), form }, Run::plain(rest)]
    }

    /// Weights in percent. Where the style asks for it they sum to 100 exactly: each is rounded
    /// down, then the largest remainders are rounded up (ties to the first).
    #[must_use]
    pub fn weights(self, percentages: &[f64]) -> Vec<String> {
        let style = &self.style.numbers.weights;
        let sign = if style.percent_sign { "%" } else { "" };
        let text = |value: f64| format!("{}{sign}", self.fixed(value, style.decimals));
        if style.sum_to_100 {
            apportioned(percentages, style.decimals).into_iter().map(text).collect()
        } else {
            percentages.iter().map(|percent| text(*percent)).collect()
        }
    }

    /// The sum of some weights in percent, by index: of those printed, where they are made to sum to
    /// 100.
    #[must_use]
    pub fn weight_of(self, percentages: &[f64], members: &[usize]) -> String {
        let style = &self.style.numbers.weights;
        let apportioned = style.sum_to_100.then(|| apportioned(percentages, style.decimals));
        let weights = apportioned.as_deref().unwrap_or(percentages);
        let sum = members.iter().map(|index| weights[*index]).sum();
        let sign = if style.percent_sign { "%" } else { "" };
        format!("{}{sign}", self.fixed(sum, style.decimals))
    }

    /// The sum of all weights.
    #[must_use]
    pub fn whole_weight(self) -> String {
        let style = &self.style.numbers.weights;
        format!(
            "{}{}",
            self.fixed(100.0, style.decimals),
            if style.percent_sign { "%" } else { "" }
        )
    }

    /// Whether a number printed in this style is negative.
    #[must_use]
    pub fn is_negative(self, text: &str) -> bool {
        text.starts_with(&self.style.numbers.minus)
    }

    /// A number printed in this style without its minus sign.
    #[must_use]
    pub fn without_sign(self, text: &str) -> &str {
        text.strip_prefix(self.style.numbers.minus.as_str()).unwrap_or(text)
    }

    /// `events/participants`.
    #[must_use]
    pub fn fraction(self, events: f64, total: f64) -> String {
        format!("{}/{}", self.count(events), self.count(total))
    }

    /// A part of 1 in percent, without its sign; one that is neither none nor all prints as neither.
    #[must_use]
    pub fn part_in_percent(self, part: f64) -> String {
        let decimals = self.style.numbers.decimals.percent;
        self.fixed_apart(100.0 * part, &[0.0, 100.0], decimals)
    }

    /// What stands beside signs of relation.
    #[must_use]
    pub fn p_space(self) -> &'static str {
        if self.style.p.spaces { "\u{a0}" } else { "" }
    }

    /// The sign between a statistic and its value, with what stands beside it.
    #[must_use]
    pub fn equals(self) -> String {
        let space = self.p_space();
        format!("{space}={space}")
    }

    /// A number that was printed with a decimal point and U+2212, in this style.
    #[must_use]
    pub fn restyled(self, printed: &str) -> String {
        self.marked(printed)
    }

    fn p_parts(self, p: f64, alpha: f64) -> (char, String) {
        let style = &self.style.p;
        // a bound beyond alpha would not say on which side of it P lies
        let bounds = style.below.iter().copied().filter(|bound| p < *bound && *bound <= alpha);
        let bound = bounds.fold(f64::INFINITY, f64::min);
        if bound.is_finite() {
            return ('<', self.p_digits(&shortest(bound)));
        }
        if p > style.above && style.above >= alpha {
            return ('>', self.p_digits(&shortest(style.above)));
        }
        let decimals = style.decimals.iter().find(|range| p >= range.from);
        let digits = fixed_apart(p, &[alpha, 0.0], decimals.map_or(3, |range| range.decimals));
        if is_zero(&digits) {
            let least = format!("{:.MOST_DECIMALS$}", SMALLEST_P);
            return ('<', self.p_digits(&least));
        }
        ('=', self.p_digits(&digits))
    }

    fn p_digits(self, digits: &str) -> String {
        let without = digits.strip_prefix('0').filter(|rest| rest.starts_with('.'));
        self.marked(without.filter(|_| !self.style.p.leading_zero).unwrap_or(digits))
    }

    /// Digits with this style's minus sign and decimal mark.
    fn marked(self, digits: &str) -> String {
        let numbers = &self.style.numbers;
        let mut text = String::with_capacity(digits.len() + 2);
        for c in digits.chars() {
            match c {
                MINUS => text.push_str(&numbers.minus),
                '.' => text.push_str(&numbers.decimal_mark),
                c => text.push(c),
            }
        }
        text
    }
}

/// What stands for P values below it that no bound of a style covers.
const SMALLEST_P: f64 = 1e-6;

/// A setting with no more decimals than it has: `95`, `99.9`, `0.5`.
#[must_use]
pub fn shortest(value: f64) -> String {
    (0..MOST_DECIMALS)
        .map(|decimals| fixed(value, decimals))
        .find(|text| {
            let parsed = text.replace(MINUS, "-").parse::<f64>();
            parsed.is_ok_and(|parsed| (parsed - value).abs() < 1e-9)
        })
        .unwrap_or_else(|| fixed(value, MOST_DECIMALS))
}

fn is_zero(digits: &str) -> bool {
    digits.bytes().all(|b| matches!(b, b'0' | b'.'))
}

fn grouped(digits: &str, separator: &str) -> String {
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push_str(separator);
        }
        text.push(digit);
    }
    text
}

/// Percentages rounded to so many decimals that sum to what they summed to.
fn apportioned(percentages: &[f64], decimals: usize) -> Vec<f64> {
    let scale = (0..decimals).fold(1.0, |scale, _| scale * 10.0);
    let scaled: Vec<f64> = percentages.iter().map(|percent| percent * scale).collect();
    let mut units: Vec<f64> = scaled.iter().map(|value| value.floor()).collect();
    let missing = (scaled.iter().sum::<f64>() - units.iter().sum::<f64>()).round();
    let mut order: Vec<usize> = (0..scaled.len()).collect();
    order.sort_by(|a, b| (scaled[*b] - units[*b]).total_cmp(&(scaled[*a] - units[*a])));
    for index in order.into_iter().take(missing as usize) {
        units[index] += 1.0;
    }
    units.iter().map(|value| value / scale).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_go_to_the_even_digit() {
        assert_eq!(fixed(0.125, 2), "0.12");
        assert_eq!(fixed(0.375, 2), "0.38");
        assert_eq!(fixed(2.5, 0), "2");
        // 1.005 is below the tie in binary
        assert_eq!(fixed(1.005, 2), "1.00");
    }

    #[test]
    fn zero_has_no_sign() {
        assert_eq!(fixed(-0.004, 2), "0.00");
        assert_eq!(fixed(-0.0, 1), "0.0");
        assert_eq!(fixed(-0.006, 2), "\u{2212}0.01");
    }

    #[test]
    fn a_limit_never_hides_the_null() {
        assert_eq!(fixed_apart(1.004, &[1.0, 0.0], 2), "1.004");
        assert_eq!(fixed_apart(0.999_96, &[1.0, 0.0], 2), "0.99996");
        assert_eq!(fixed_apart(1.0, &[1.0, 0.0], 2), "1.00");
        assert_eq!(fixed_apart(2.0, &[1.0, 0.0], 2), "2.00");
    }

    #[test]
    fn a_ratio_never_prints_as_zero() {
        assert_eq!(fixed_apart(0.0044, &[1.0, 0.0], 2), "0.004");
        assert_eq!(fixed_apart(0.000_02, &[1.0, 0.0], 2), "0.00002");
    }

    #[test]
    fn thousands_are_grouped() {
        assert_eq!(count(1234.0), "1234");
        assert_eq!(count(12345.0), "12\u{202f}345");
        assert_eq!(count(1_234_567.0), "1\u{202f}234\u{202f}567");
    }

    fn with_style<T>(text: &str, then: impl FnOnce(Numbers<'_>) -> T) -> T {
        let style = HouseStyle::parse(text).unwrap();
        then(Numbers::of(&style))
    }

    #[test]
    fn p_values_keep_their_side() {
        with_style(include_str!("../../templates/styles/major.yaml"), |numbers| {
            assert_eq!(numbers.p_cell(0.0496, 0.05), "0.0496");
            assert_eq!(numbers.p_cell(0.050_04, 0.05), "0.05004");
            assert_eq!(numbers.p_cell(0.05, 0.05), "0.050");
            assert_eq!(numbers.p_cell(0.000_999, 0.05), "<\u{a0}0.001");
            assert_eq!(numbers.p_cell(0.001, 0.05), "0.001");
            assert_eq!(numbers.p_relation(0.2014, 0.05), "=\u{a0}0.201");
            assert_eq!(numbers.p_cell(1.0, 0.05), "1.000");
            // a bound that alpha lies below says nothing
            assert_eq!(numbers.p_cell(0.000_7, 0.000_5), "0.0007");
            assert_eq!(numbers.p_cell(0.0, 0.000_5), "<\u{a0}0.000001");
        });
    }

    #[test]
    fn jama_prints_p_without_its_zero() {
        with_style(include_str!("../../templates/styles/jama.yaml"), |numbers| {
            let p = |p| numbers.p_relation(p, 0.05).replace('\u{a0}', " ");
            assert_eq!(p(0.131), "= .13");
            assert_eq!(p(0.0494), "= .049");
            assert_eq!(p(0.0064), "= .006");
            assert_eq!(p(0.000_49), "< .001");
            assert_eq!(p(0.995), "> .99");
        });
    }

    #[test]
    fn revman_prints_p_to_five_zeros() {
        with_style(include_str!("../../templates/styles/revman.yaml"), |numbers| {
            let p = |p| numbers.p_relation(p, 0.05).replace('\u{a0}', " ");
            assert_eq!(p(0.126_942), "= 0.13");
            assert_eq!(p(0.001_01), "= 0.001");
            assert_eq!(p(0.000_9), "= 0.0009");
            assert_eq!(p(0.000_05), "< 0.0001");
            assert_eq!(p(1e-9), "< 0.00001");
        });
    }

    #[test]
    fn lancet_raises_the_point_of_two_digits() {
        with_style(include_str!("../../templates/styles/lancet.yaml"), |numbers| {
            assert_eq!(numbers.p_relation(0.036, 0.05), "=0·036");
            assert_eq!(numbers.p_relation(0.13, 0.05), "=0·13");
            assert_eq!(numbers.p_relation(0.000_02, 0.05), "<0·0001");
            assert_eq!(numbers.fixed(-0.714, 2), "\u{2013}0·71");
            assert_eq!(numbers.count(12345.0), "12\u{202f}345");
        });
    }
}
