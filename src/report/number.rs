//! All rounding: numbers to the characters that are printed.
//!
//! A number is rounded once, here, from its unrounded value: to the nearest decimal, and where two
//! are equally near in binary, to the even one (as C's and R's `sprintf`). Zero has no sign. The
//! minus sign is U+2212.

/// The minus sign of printed numbers.
const MINUS: char = '\u{2212}';

/// What stands for P values below 0.001; its space does not break.
const BELOW_SMALLEST_P: &str = "<\u{a0}0.001";

/// The decimals beyond which nothing is gained by printing more.
const MOST_DECIMALS: usize = 6;

/// `value` with so many decimals.
#[must_use]
pub fn fixed(value: f64, decimals: usize) -> String {
    let digits = format!("{:.decimals$}", value.abs());
    let is_zero = digits.bytes().all(|b| matches!(b, b'0' | b'.'));
    if value < 0.0 && !is_zero { format!("{MINUS}{digits}") } else { digits }
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

/// A P value without its sign of relation: three decimals, more where three would put it on the
/// wrong side of `alpha` or on it. `None` for values below 0.001, which print as a bound.
#[must_use]
pub fn p_digits(p: f64, alpha: f64) -> Option<String> {
    (p >= 0.001).then(|| fixed_beside(p, alpha, 3))
}

/// A P value with its relation: `= 0.036` or `< 0.001`.
#[must_use]
pub fn p_relation(p: f64, alpha: f64) -> String {
    p_digits(p, alpha)
        .map_or_else(|| BELOW_SMALLEST_P.to_owned(), |digits| format!("=\u{a0}{digits}"))
}

/// A P value for a table cell: `0.036` or `< 0.001`.
#[must_use]
pub fn p_cell(p: f64, alpha: f64) -> String {
    p_digits(p, alpha).unwrap_or_else(|| BELOW_SMALLEST_P.to_owned())
}

/// A count with a narrow space between thousands from 10,000 on.
#[must_use]
pub fn count(value: f64) -> String {
    let digits = format!("{value:.0}");
    if digits.len() < 5 {
        return digits;
    }
    let mut grouped = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push('\u{202f}');
        }
        grouped.push(digit);
    }
    grouped
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

/// Percentages with one decimal that sum to 100.0: each is rounded down to tenths, then the
/// largest remainders are rounded up (ties to the first).
#[must_use]
pub fn weights(percentages: &[f64]) -> Vec<String> {
    let scaled: Vec<f64> = percentages.iter().map(|percent| percent * 10.0).collect();
    let mut tenths: Vec<f64> = scaled.iter().map(|value| value.floor()).collect();
    let missing = (scaled.iter().sum::<f64>() - tenths.iter().sum::<f64>()).round();
    let mut order: Vec<usize> = (0..scaled.len()).collect();
    order.sort_by(|a, b| (scaled[*b] - tenths[*b]).total_cmp(&(scaled[*a] - tenths[*a])));
    for index in order.into_iter().take(missing as usize) {
        tenths[index] += 1.0;
    }
    tenths.iter().map(|value| fixed(value / 10.0, 1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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
    fn p_values_keep_their_side() {
        assert_eq!(p_cell(0.0496, 0.05), "0.0496");
        assert_eq!(p_cell(0.050_04, 0.05), "0.05004");
        assert_eq!(p_cell(0.05, 0.05), "0.050");
        assert_eq!(p_cell(0.000_999, 0.05), BELOW_SMALLEST_P);
        assert_eq!(p_cell(0.001, 0.05), "0.001");
        assert_eq!(p_relation(0.2014, 0.05), "=\u{a0}0.201");
        assert_eq!(p_cell(1.0, 0.05), "1.000");
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

    fn parse(text: &str) -> f64 {
        text.replace(MINUS, "-").parse().unwrap()
    }

    proptest! {
        #[test]
        fn a_printed_number_parses_back_within_half_a_unit(x in -1e6..1e6f64, d in 0usize..6) {
            let unit: f64 = format!("1e-{d}").parse().unwrap();
            prop_assert!((parse(&fixed(x, d)) - x).abs() <= 0.5 * unit * (1.0 + 1e-9));
        }

        #[test]
        fn no_p_value_prints_as_zero_or_crosses_alpha(p in 0.0..=1.0f64) {
            let cell = p_cell(p, 0.05);
            prop_assert!(cell != "0.000");
            if let Some(digits) = p_digits(p, 0.05) {
                let printed: f64 = digits.parse().unwrap();
                prop_assert!((printed < 0.05) == (p < 0.05) || (p - 0.05).abs() < 1e-6);
            }
        }

        #[test]
        fn weights_sum_to_one_hundred(raw in prop::collection::vec(0.001..1e3f64, 1..80)) {
            let total: f64 = raw.iter().sum();
            let percentages: Vec<f64> = raw.iter().map(|w| 100.0 * w / total).collect();
            let printed = weights(&percentages);
            let tenths: i64 = printed.iter().map(|w| w.replace('.', "").parse::<i64>().unwrap()).sum();
            prop_assert_eq!(tenths, 1000);
            for (printed, exact) in printed.iter().zip(&percentages) {
                prop_assert!((parse(printed) - exact).abs() <= 0.1);
            }
        }
    }
}
