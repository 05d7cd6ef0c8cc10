//! Distribution functions: normal, chi-squared, t, F and beta.
//!
//! Either tail is computed as such where it is the smaller one, never as one minus the other, so
//! that P values keep their relative accuracy down to the smallest numbers there are: within 1e-11
//! for 0.01 to 1e12 degrees of freedom, and quantiles within 1e-13.

mod beta;
mod gamma;
mod normal;
mod saddle_point;

pub use normal::{normal_quantile, normal_two_sided, normal_upper_tail};

use super::root::bracketed_root;
use beta::{Beta, Logs, Place};
use gamma::gamma_tails;
use libm::log;

/// P(X > `x`) for a chi-squared X with `df` > 0 degrees of freedom, which need not be whole.
#[must_use]
pub fn chi_squared_upper_tail(x: f64, df: f64) -> f64 {
    gamma_tails(0.5 * df, 0.5 * x).upper
}

/// The point that a chi-squared variable with `df` > 0 degrees of freedom exceeds with probability
/// `p`; infinite where `p` is 0.
#[must_use]
pub fn chi_squared_upper_quantile(p: f64, df: f64) -> f64 {
    if p <= 0.0 {
        return f64::INFINITY;
    }
    if p >= 1.0 {
        return 0.0;
    }
    let tails = |x: f64| gamma_tails(0.5 * df, 0.5 * x);
    if p <= 0.5 {
        falling_root(df, |x| log_ratio(tails(x).upper, p))
    } else {
        falling_root(df, |x| -log_ratio(tails(x).lower, 1.0 - p))
    }
}

/// P(|T| > |`t`|) for Student's T with `df` > 0 degrees of freedom: the two-sided P value.
#[must_use]
pub fn t_two_sided(t: f64, df: f64) -> f64 {
    if df.is_infinite() {
        return normal_two_sided(t);
    }
    Student::new(df).tails(t).lower
}

/// The `p` quantile of Student's t with `df` > 0 degrees of freedom, 0.5 ≤ p < 1; infinite where
/// it is beyond the largest number.
#[must_use]
pub fn t_quantile(p: f64, df: f64) -> f64 {
    if df.is_infinite() {
        return normal_quantile(p);
    }
    if p <= 0.5 {
        return 0.0;
    }
    if p >= 1.0 {
        return f64::INFINITY;
    }
    let (between, beyond) = (2.0 * p - 1.0, 2.0 * (1.0 - p));
    let student = Student::new(df);
    if beyond <= 0.5 {
        falling_root(1.0, |t| log_ratio(student.tails(t).lower, beyond))
    } else {
        falling_root(1.0, |t| -log_ratio(student.tails(t).upper, between))
    }
}

/// P(X > `f`) for an F variable with `df1` > 0 and `df2` > 0 degrees of freedom.
#[must_use]
pub fn f_upper_tail(f: f64, df1: f64, df2: f64) -> f64 {
    if f <= 0.0 {
        return 1.0;
    }
    if f.is_infinite() {
        return 0.0;
    }
    if df2.is_infinite() {
        return chi_squared_upper_tail(df1 * f, df1);
    }
    let (a, b) = (0.5 * df2, 0.5 * df1);
    Beta::new(a, b).tails(&Place::of_f(f, a, b)).lower
}

/// The point below which a beta variable with shapes `a` > 0 and `b` > 0 lies with probability
/// `p`: the root of I_x(a, b) = p.
#[must_use]
pub fn beta_quantile(p: f64, a: f64, b: f64) -> f64 {
    if p <= 0.0 {
        return 0.0;
    }
    if p >= 1.0 {
        return 1.0;
    }
    let beta = Beta::new(a, b);
    let tails = |x: f64| beta.tails(&Place::of_beta(x, a, b));
    let excess = |x: f64| {
        if p <= 0.5 { -log_ratio(tails(x).lower, p) } else { log_ratio(tails(x).upper, 1.0 - p) }
    };
    let mean = a / (a + b);
    if excess(mean) > 0.0 { bracketed_root(mean, 1.0, excess) } else { falling_root(mean, excess) }
}

/// The probabilities on either side of a point; they sum to one.
#[derive(Debug, Clone, Copy)]
struct Tails {
    lower: f64,
    upper: f64,
}

impl Tails {
    fn of_lower(lower: f64) -> Self {
        Self { lower, upper: 1.0 - lower }
    }

    fn of_upper(upper: f64) -> Self {
        Self { lower: 1.0 - upper, upper }
    }
}

/// Student's t distribution.
struct Student {
    df: f64,
    /// The distribution with shapes df/2 and 1/2, for T² is an F variable with 1 and df degrees of
    /// freedom.
    beta: Beta,
}

impl Student {
    /// The distribution with `df` > 0 degrees of freedom.
    fn new(df: f64) -> Self {
        Self { df, beta: Beta::new(0.5 * df, 0.5) }
    }

    /// P(|T| > |`t`|) as the lower tail.
    fn tails(&self, t: f64) -> Tails {
        let (a, b) = (0.5 * self.df, 0.5);
        let square = t * t;
        if square <= LARGEST_SQUARE {
            if square == 0.0 {
                return Tails::of_upper(0.0);
            }
            return self.beta.tails(&Place::of_f(square, a, b));
        }
        let log_x = log(self.df) - 2.0 * log(t.abs());
        self.beta.tails(&Place { x: 0.0, y: 1.0, logs: Logs::Known([log_x, 0.0]), lead: a })
    }
}

/// Beyond it the square of t nears the end of the numbers, and df/(df + t²) their smallest ones.
const LARGEST_SQUARE: f64 = 1e280;

/// log(`found`/`target`), where nothing is found smaller than the smallest number.
fn log_ratio(found: f64, target: f64) -> f64 {
    let found = if found < SMALLEST { SMALLEST } else { found };
    log(found) - log(target)
}

const SMALLEST: f64 = 5e-324;

/// The root of a falling function of a positive number, which `start` brackets by doubling or
/// halving; 0 or infinity where it is beyond the numbers.
fn falling_root(start: f64, f: impl Fn(f64) -> f64) -> f64 {
    let (mut lower, mut upper) = (start, start);
    let at_start = f(start);
    if at_start.is_nan() {
        return f64::NAN;
    }
    if at_start > 0.0 {
        while f(upper) > 0.0 {
            (lower, upper) = (upper, 2.0 * upper);
            if upper.is_infinite() {
                return f64::INFINITY;
            }
        }
    } else {
        while f(lower) < 0.0 {
            (lower, upper) = (0.5 * lower, lower);
            if lower < f64::MIN_POSITIVE {
                return 0.0;
            }
        }
    }
    bracketed_root(lower, upper, f)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The value of one row of a table of reference values, and what is found for it.
    struct Row<'a> {
        line: &'a str,
        function: &'a str,
        expected: f64,
        found: f64,
    }

    fn rows(table: &str) -> Vec<Row<'_>> {
        table.lines().skip(1).map(row).collect()
    }

    fn row(line: &str) -> Row<'_> {
        let fields: Vec<&str> = line.split(',').collect();
        let number = |i: usize| fields[i].parse::<f64>().unwrap();
        let (x, df1, df2, expected) = (number(1), number(2), number(3), number(4));
        let found = match fields[0] {
            "normal_upper_tail" => normal_upper_tail(x),
            "normal_two_sided" => normal_two_sided(x),
            "normal_quantile" => normal_quantile(x),
            "chi_squared_upper_tail" => chi_squared_upper_tail(x, df1),
            "chi_squared_upper_quantile" => chi_squared_upper_quantile(x, df1),
            "t_two_sided" => t_two_sided(x, df1),
            "t_quantile" => t_quantile(x, df1),
            "f_upper_tail" => f_upper_tail(x, df1, df2),
            "beta_quantile" => beta_quantile(x, df1, df2),
            other => panic!("function {other}"),
        };
        Row { line, function: fields[0], expected, found }
    }

    /// Values of R 4.2; `tests/reference/make_distribution.R` makes them.
    #[test]
    fn agrees_with_r() {
        let rows = rows(include_str!("../../../tests/reference/distribution.csv"));
        for Row { line, expected, found, .. } in &rows {
            assert!((found - expected).abs() <= 1e-11 * expected.abs(), "{line}: found {found:e}");
        }
        assert_eq!(rows.len(), 272);
    }

    /// Values of mpmath; `tests/reference/make_tails.py` makes them. Below the smallest normal
    /// number a value has fewer digits, and may be off by two units of its last one.
    #[test]
    fn agrees_with_fifty_digits_far_out_and_for_many_degrees_of_freedom() {
        let rows = rows(include_str!("../../../tests/reference/tails.csv"));
        let mut failures = String::new();
        for Row { line, function, expected, found } in &rows {
            let relative = if function.ends_with("quantile") { 1e-13 } else { 1e-11 };
            let error = (found - expected).abs();
            if error.is_nan() || error > (relative * expected.abs()).max(2.0 * SMALLEST) {
                failures += &format!("{line}: found {found:e}, off by {:e}\n", error / expected);
            }
        }
        assert!(failures.is_empty(), "{failures}");
        assert_eq!(rows.len(), 1293);
    }

    #[test]
    fn the_ends_are_reached() {
        assert_eq!(normal_quantile(0.0), f64::NEG_INFINITY);
        assert_eq!(normal_quantile(1.0), f64::INFINITY);
        assert_eq!(chi_squared_upper_tail(0.0, 3.0), 1.0);
        assert_eq!(chi_squared_upper_tail(f64::INFINITY, 3.0), 0.0);
        assert_eq!(chi_squared_upper_quantile(1.0, 3.0), 0.0);
        assert_eq!(chi_squared_upper_quantile(0.0, 3.0), f64::INFINITY);
        assert_eq!(t_two_sided(0.0, 3.0), 1.0);
        assert_eq!(t_two_sided(f64::INFINITY, 3.0), 0.0);
        assert_eq!(t_two_sided(-1.5, f64::INFINITY), normal_two_sided(1.5));
        assert_eq!(t_quantile(0.5, 3.0), 0.0);
        assert_eq!(t_quantile(1.0, 3.0), f64::INFINITY);
        assert_eq!(f_upper_tail(0.0, 2.0, 3.0), 1.0);
        assert_eq!(f_upper_tail(f64::INFINITY, 2.0, 3.0), 0.0);
        assert_eq!(f_upper_tail(1.5, 4.0, f64::INFINITY), chi_squared_upper_tail(6.0, 4.0));
        for df in [0.0, -1.0, -1e300, f64::NAN] {
            assert!(chi_squared_upper_tail(2.0, df).is_nan() && t_two_sided(2.0, df).is_nan());
            assert!(f_upper_tail(2.0, df, 3.0).is_nan() && f_upper_tail(2.0, 3.0, df).is_nan());
            assert!(t_quantile(0.9, df).is_nan() && chi_squared_upper_quantile(0.1, df).is_nan());
            assert!(beta_quantile(0.1, df, 2.0).is_nan() && beta_quantile(0.1, 2.0, df).is_nan());
        }
        assert_eq!((beta_quantile(0.0, 2.0, 3.0), beta_quantile(1.0, 2.0, 3.0)), (0.0, 1.0));
    }
}
