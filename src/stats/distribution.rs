//! Distribution functions: normal, chi-squared, t, F and beta.
//!
//! Upper tails are computed as such, never as one minus a lower tail, so that small P values keep
//! their relative accuracy (about 1e-13, and 1e-12 far out or for hundreds of degrees of freedom).

use super::root::bracketed_root;
use libm::{erfc, exp, lgamma, log, log1p};

/// P(Z > `z`) for a standard normal Z.
#[must_use]
pub fn normal_upper_tail(z: f64) -> f64 {
    0.5 * erfc(z * std::f64::consts::FRAC_1_SQRT_2)
}

/// P(|Z| > |`z`|) for a standard normal Z: the two-sided P value.
#[must_use]
pub fn normal_two_sided(z: f64) -> f64 {
    erfc(z.abs() * std::f64::consts::FRAC_1_SQRT_2)
}

/// The `p` quantile of the standard normal distribution, 0 < p < 1 (Wichura 1988).
#[must_use]
pub fn normal_quantile(p: f64) -> f64 {
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180_625 - q * q;
        return q * polynomial(&wichura::CENTRE_NUMERATOR, r)
            / polynomial(&wichura::CENTRE_DENOMINATOR, r);
    }
    let tail = if q < 0.0 { p } else { 1.0 - p };
    let r = (-log(tail)).sqrt();
    let value = if r <= 5.0 {
        polynomial(&wichura::MIDDLE_NUMERATOR, r - 1.6)
            / polynomial(&wichura::MIDDLE_DENOMINATOR, r - 1.6)
    } else {
        polynomial(&wichura::FAR_NUMERATOR, r - 5.0)
            / polynomial(&wichura::FAR_DENOMINATOR, r - 5.0)
    };
    value.copysign(q)
}

/// P(X > `x`) for a chi-squared X with `df` > 0 degrees of freedom, which need not be whole.
#[must_use]
pub fn chi_squared_upper_tail(x: f64, df: f64) -> f64 {
    if x <= 0.0 {
        return 1.0;
    }
    gamma_upper_tail(0.5 * df, 0.5 * x)
}

/// The point that a chi-squared variable with `df` degrees of freedom exceeds with probability `p`.
#[must_use]
pub fn chi_squared_upper_quantile(p: f64, df: f64) -> f64 {
    let mut upper = df.max(1.0);
    while chi_squared_upper_tail(upper, df) > p {
        upper *= 2.0;
    }
    bracketed_root(0.0, upper, |x| chi_squared_upper_tail(x, df) - p)
}

/// P(|T| > |`t`|) for Student's T with `df` > 0 degrees of freedom: the two-sided P value.
#[must_use]
pub fn t_two_sided(t: f64, df: f64) -> f64 {
    let square = t * t;
    beta_lower_tail(0.5 * df, 0.5, df / (df + square), square / (df + square))
}

/// The `p` quantile of Student's t with `df` degrees of freedom, 0.5 ≤ p < 1.
#[must_use]
pub fn t_quantile(p: f64, df: f64) -> f64 {
    let two_sided = 2.0 * (1.0 - p);
    let mut upper = 2.0;
    while t_two_sided(upper, df) > two_sided {
        upper *= 2.0;
    }
    bracketed_root(0.0, upper, |t| t_two_sided(t, df) - two_sided)
}

/// P(X > `f`) for an F variable with `df1` and `df2` degrees of freedom.
#[must_use]
pub fn f_upper_tail(f: f64, df1: f64, df2: f64) -> f64 {
    if f <= 0.0 {
        return 1.0;
    }
    let scaled = df1 * f;
    beta_lower_tail(0.5 * df2, 0.5 * df1, df2 / (df2 + scaled), scaled / (df2 + scaled))
}

/// The point below which a beta variable with shapes `a` > 0 and `b` > 0 lies with probability `p`,
/// 0 < p < 1: the root of I_x(a, b) = p.
#[must_use]
pub fn beta_quantile(p: f64, a: f64, b: f64) -> f64 {
    bracketed_root(0.0, 1.0, |x| beta_lower_tail(a, b, x, 1.0 - x) - p)
}

/// The regularised upper incomplete gamma function Q(a, x), a > 0, x > 0.
fn gamma_upper_tail(a: f64, x: f64) -> f64 {
    let scale = exp(a * log(x) - x - lgamma(a));
    if x < a + 1.0 {
        let mut term = 1.0 / a;
        let mut sum = term;
        let mut n = a;
        while term > sum * f64::EPSILON * 0.25 {
            n += 1.0;
            term *= x / n;
            sum += term;
        }
        1.0 - sum * scale
    } else {
        // Lentz's evaluation of the continued fraction
        let mut b = x + 1.0 - a;
        let mut c = 1.0 / TINY;
        let mut d = 1.0 / b;
        let mut h = d;
        for i in 1..10_000 {
            let i = f64::from(i);
            let numerator = -i * (i - a);
            b += 2.0;
            d = away_from_zero(numerator * d + b);
            c = away_from_zero(b + numerator / c);
            d = 1.0 / d;
            let change = d * c;
            h *= change;
            if (change - 1.0).abs() <= f64::EPSILON {
                break;
            }
        }
        h * scale
    }
}

/// The regularised incomplete beta function I_x(a, b), with `y` = 1 − `x` given apart so that
/// neither loses digits.
fn beta_lower_tail(a: f64, b: f64, x: f64, y: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if y <= 0.0 {
        return 1.0;
    }
    let log_x = if x < 0.5 { log(x) } else { log1p(-y) };
    let log_y = if y < 0.5 { log(y) } else { log1p(-x) };
    let scale = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log_x + b * log_y);
    if x < (a + 1.0) / (a + b + 2.0) {
        scale * beta_fraction(a, b, x) / a
    } else {
        1.0 - scale * beta_fraction(b, a, y) / b
    }
}

/// The continued fraction of the incomplete beta function, by Lentz's method.
fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    let mut c = 1.0;
    let mut d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut h = d;
    for m in 1..10_000 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / away_from_zero(1.0 + even * d);
        c = away_from_zero(1.0 + even / c);
        h *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / away_from_zero(1.0 + odd * d);
        c = away_from_zero(1.0 + odd / c);
        let change = d * c;
        h *= change;
        if (change - 1.0).abs() <= f64::EPSILON {
            break;
        }
    }
    h
}

const TINY: f64 = 1e-300;

fn away_from_zero(x: f64) -> f64 {
    if x.abs() < TINY { TINY } else { x }
}

/// The polynomial with `coefficients` in rising order, at `x`.
fn polynomial(coefficients: &[f64; 8], x: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, coefficient| sum * x + coefficient)
}

/// The rational approximations of Wichura 1988, PPND16.
#[expect(clippy::excessive_precision, reason = "digits as in the paper")]
mod wichura {
    pub(super) const CENTRE_NUMERATOR: [f64; 8] = [
        3.387_132_872_796_366_608e0,
        1.331_416_678_917_843_774_5e2,
        1.971_590_950_306_551_442_7e3,
        1.373_169_376_550_946_112_5e4,
        4.592_195_393_154_987_145_7e4,
        6.726_577_092_700_870_085_3e4,
        3.343_057_558_358_812_810_5e4,
        2.509_080_928_730_122_672_7e3,
    ];
    pub(super) const CENTRE_DENOMINATOR: [f64; 8] = [
        1.0,
        4.231_333_070_160_091_125_2e1,
        6.871_870_074_920_579_083e2,
        5.394_196_021_424_751_107_7e3,
        2.121_379_430_158_659_586_7e4,
        3.930_789_580_009_271_061e4,
        2.872_908_573_572_194_267_4e4,
        5.226_495_278_852_854_561e3,
    ];
    pub(super) const MIDDLE_NUMERATOR: [f64; 8] = [
        1.423_437_110_749_683_577_34e0,
        4.630_337_846_156_545_295_9e0,
        5.769_497_221_460_691_405_5e0,
        3.647_848_324_763_204_605_04e0,
        1.270_458_252_452_368_382_58e0,
        2.417_807_251_774_506_117_7e-1,
        2.272_384_498_926_918_458_33e-2,
        7.745_450_142_783_414_076_4e-4,
    ];
    pub(super) const MIDDLE_DENOMINATOR: [f64; 8] = [
        1.0,
        2.053_191_626_637_758_821_87e0,
        1.676_384_830_183_803_849_4e0,
        6.897_673_349_851_000_045_5e-1,
        1.481_039_764_274_800_745_9e-1,
        1.519_866_656_361_645_719_66e-2,
        5.475_938_084_995_344_946e-4,
        1.050_750_071_644_416_843_24e-9,
    ];
    pub(super) const FAR_NUMERATOR: [f64; 8] = [
        6.657_904_643_501_103_777_2e0,
        5.463_784_911_164_114_369_9e0,
        1.784_826_539_917_291_335_8e0,
        2.965_605_718_285_048_912_3e-1,
        2.653_218_952_657_612_309_3e-2,
        1.242_660_947_388_078_438_6e-3,
        2.711_555_568_743_487_578_15e-5,
        2.010_334_399_292_288_132_65e-7,
    ];
    pub(super) const FAR_DENOMINATOR: [f64; 8] = [
        1.0,
        5.998_322_065_558_879_376_9e-1,
        1.369_298_809_227_358_053_1e-1,
        1.487_536_129_085_061_485_25e-2,
        7.868_691_311_456_132_591e-4,
        1.846_318_317_510_054_681_8e-5,
        1.421_511_758_316_445_888_7e-7,
        2.044_263_103_389_939_785_64e-15,
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of R 4.2; `tests/reference/make_distribution.R` makes them.
    #[test]
    fn agrees_with_r() {
        let table = include_str!("../../tests/reference/distribution.csv");
        for line in table.lines().skip(1) {
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
                other => panic!("function {other}"),
            };
            assert!((found - expected).abs() <= 1e-11 * expected.abs(), "{line}: found {found:e}");
        }
        assert_eq!(table.lines().count(), 1 + 272);
    }

    #[test]
    fn far_tails_do_not_vanish() {
        let p = normal_upper_tail(38.0);
        assert!(p > 2.8e-316 && p < 3.0e-316, "{p:e}");
    }
}
