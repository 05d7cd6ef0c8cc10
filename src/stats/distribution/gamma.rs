//! The gamma distribution.

use super::Tails;
use super::saddle_point::{deviance, log1p_minus, stirling_error, tail_integral};
use libm::{exp, expm1, lgamma, log};

/// The probabilities below and above `x` of a gamma variable with shape `a` > 0 and scale 1: the
/// regularised incomplete gamma functions P(a, x) and Q(a, x). Not numbers for another a.
pub(super) fn gamma_tails(a: f64, x: f64) -> Tails {
    if a.is_nan() || a <= 0.0 || x.is_nan() {
        return Tails::of_lower(f64::NAN);
    }
    if x <= 0.0 {
        return Tails::of_lower(0.0);
    }
    if x.is_infinite() {
        return Tails::of_upper(0.0);
    }
    // x^a e^(−x)/Γ(a) is the exponential of the exponent times the factor
    let excess = x - a;
    let exponent = deviance(a, excess / a, excess, || log(x) - log(a)) - stirling_error(a);
    let factor = (a / (2.0 * std::f64::consts::PI)).sqrt();
    if a >= LARGE {
        let slope = excess + 1.0;
        if excess < 0.0 {
            let below = |s: f64| (a - 1.0) * log1p_minus(-s) + slope * s;
            let integral = tail_integral(-slope, 0.5 * (a - 1.0), 1.0, below);
            Tails::of_lower(exp(exponent) * (factor * integral))
        } else {
            let above = |s: f64| (a - 1.0) * log1p_minus(s) - slope * s;
            let integral = tail_integral(slope, 0.5 * (a - 1.0), f64::INFINITY, above);
            Tails::of_upper(exp(exponent) * (factor * integral))
        }
    } else if x < 1.0 && a < 1.0 {
        let upper = upper_tail_near_zero(a, x);
        let lower = exp(exponent) * (factor * lower_series(a, x));
        Tails { lower, upper }
    } else if x < a + 1.0 {
        Tails::of_lower(exp(exponent) * (factor * lower_series(a, x)))
    } else {
        Tails::of_upper(exp(exponent) * (factor * upper_fraction(a, x)))
    }
}

/// From this shape on, series and fraction take too many terms near the mean.
const LARGE: f64 = 1000.0;

/// P(a, x) Γ(a)/(x^a e^(−x)) = Σ xⁿ/(a (a + 1) … (a + n)).
fn lower_series(a: f64, x: f64) -> f64 {
    let mut term = 1.0 / a;
    let mut sum = term;
    let mut n = a;
    while term > sum * f64::EPSILON * 0.25 {
        n += 1.0;
        term *= x / n;
        sum += term;
    }
    sum
}

/// Q(a, x) Γ(a)/(x^a e^(−x)), by Lentz's evaluation of the continued fraction.
fn upper_fraction(a: f64, x: f64) -> f64 {
    let mut b = x + 1.0 - a;
    let mut c = f64::INFINITY;
    let mut d = 1.0 / b;
    let mut h = d;
    for i in 1..10_000 {
        let i = f64::from(i);
        let numerator = -i * (i - a);
        b += 2.0;
        d = 1.0 / (numerator * d + b);
        c = b + numerator / c;
        let change = d * c;
        h *= change;
        if (change - 1.0).abs() <= f64::EPSILON {
            break;
        }
    }
    h
}

/// Q(a, x) for a < 1 and x < 1, where P may be nearly one:
/// P = x^a/Γ(a + 1) (1 + a Σ (−x)ⁿ/(n! (a + n))), each factor less one.
fn upper_tail_near_zero(a: f64, x: f64) -> f64 {
    let mut power = a;
    let mut sum = 0.0;
    let mut n = 0.0;
    loop {
        n += 1.0;
        power *= -x / n;
        let term = power / (a + n);
        sum += term;
        if term.abs() <= f64::EPSILON * 0.25 * sum.abs() {
            break;
        }
    }
    let scale = expm1(a * log(x) - lgamma(1.0 + a));
    -(sum + scale + sum * scale)
}
