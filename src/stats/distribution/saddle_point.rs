//! What the densities of gamma and beta share: Stirling's error and deviances without cancellation
//! (Loader 2000), and the integral of a tail from its edge.

use libm::{exp, hypot, log1p};

/// log Γ(`a` + 1) less Stirling's (a + ½) log a − a + ½ log 2π, for a > 0.
pub(super) fn stirling_error(a: f64) -> f64 {
    let mut shifted = a;
    let mut sum = 0.0;
    while shifted < 10.0 {
        sum += (shifted + 0.5) * log1p(1.0 / shifted) - 1.0;
        shifted += 1.0;
    }
    let inverse = 1.0 / shifted;
    let square = inverse * inverse;
    let series = SERIES.iter().rev().fold(0.0, |sum, coefficient| sum * square + coefficient);
    sum + series * inverse
}

/// The coefficients of 1/a, 1/a³, … in Stirling's series.
const SERIES: [f64; 7] = [
    1.0 / 12.0,
    -1.0 / 360.0,
    1.0 / 1260.0,
    -1.0 / 1680.0,
    1.0 / 1188.0,
    -691.0 / 360_360.0,
    1.0 / 156.0,
];

/// log(1 + `u`) − `u` for u ≥ −1, without cancellation about 0.
pub(super) fn log1p_minus(u: f64) -> f64 {
    if !(-0.5..=0.5).contains(&u) {
        return log1p(u) - u;
    }
    // log(1 + u) = 2 atanh r with r = u/(2 + u)
    let r = u / (2.0 + u);
    let square = r * r;
    let mut power = r * square;
    let mut sum = 0.0;
    let mut odd = 3.0;
    loop {
        let term = power / odd;
        sum += term;
        if term.abs() <= f64::EPSILON * 0.25 * sum.abs() {
            return 2.0 * sum - r * u;
        }
        power *= square;
        odd += 2.0;
    }
}

/// `a` (log(1 + `u`) − `u`), where `product` is a u and `log_ratio` is log(1 + u), which loses
/// digits near u = −1 unless it is given.
pub(super) fn deviance(a: f64, u: f64, product: f64, log_ratio: impl Fn() -> f64) -> f64 {
    if (-0.5..=0.5).contains(&u) {
        a * log1p_minus(u)
    } else if u > 0.0 && u < 1e3 {
        a * log1p(u) - product
    } else {
        a * log_ratio() - product
    }
}

/// The integral of exp(`exponent`) from 0 to `end`, for a concave exponent that is 0 at 0 and about
/// −`slope` s − `bend` s² near it, `bend` at least some hundreds or the slope its square root.
///
/// Where the exponent has fallen by 42, nothing counts any more; the part before is integrated by
/// Gauss and Legendre's rule in four pieces.
pub(super) fn tail_integral(slope: f64, bend: f64, end: f64, exponent: impl Fn(f64) -> f64) -> f64 {
    let mut reach = 92.0 / (slope + hypot(slope, (184.0 * bend).sqrt()));
    for _ in 0..50 {
        if reach >= end || exponent(reach) <= -42.0 {
            break;
        }
        reach *= 1.2;
    }
    let half = reach.min(end) / 8.0;
    let mut sum = 0.0;
    for piece in [1.0, 3.0, 5.0, 7.0] {
        let middle = piece * half;
        for (node, weight) in LEGENDRE {
            let (left, right) = (middle - half * node, middle + half * node);
            sum += weight * (exp(exponent(left)) + exp(exponent(right)));
        }
    }
    sum * half
}

/// The positive nodes of the rule with 16 points, and their weights.
#[expect(clippy::excessive_precision, reason = "digits as computed")]
const LEGENDRE: [(f64, f64); 8] = [
    (0.095_012_509_837_637_440_185, 0.189_450_610_455_068_496_29),
    (0.281_603_550_779_258_913_23, 0.182_603_415_044_923_588_87),
    (0.458_016_777_657_227_386_34, 0.169_156_519_395_002_538_19),
    (0.617_876_244_402_643_748_45, 0.149_595_988_816_576_732_08),
    (0.755_404_408_355_003_033_9, 0.124_628_971_255_533_872_05),
    (0.865_631_202_387_831_743_88, 0.095_158_511_682_492_784_81),
    (0.944_575_023_073_232_576_08, 0.062_253_523_938_647_892_863),
    (0.989_400_934_991_649_932_6, 0.027_152_459_411_754_094_852),
];

#[cfg(test)]
mod tests {
    use super::*;

    const STIRLING: [(f64, f64); 8] = [
        (0.001, 2.5422704679670945),
        (0.5, 0.15342640972002735),
        (1.0, 0.081061466795327258),
        (3.7, 0.022468770580143146),
        (9.999, 0.0083313960204663429),
        (10.0, 0.0083305634333628713),
        (25.0, 0.0033331556367280929),
        (1000000.0, 8.3333333333330556e-8),
    ];
    const LOG1P_MINUS: [(f64, f64); 9] = [
        (-0.9, -1.4025850929940459),
        (-0.5, -0.19314718055994531),
        (-0.3, -0.056674943938732374),
        (-0.001, -5.0033358353350016e-7),
        (1e-09, -4.9999999966666673e-19),
        (0.01, -4.9669146831917154e-5),
        (0.49, -0.091223880042632224),
        (0.6, -0.12999637075426444),
        (5.0, -3.208240530771945),
    ];

    /// Values of mpmath with 40 digits.
    #[test]
    fn stirling_s_error_and_the_deviance_keep_their_digits() {
        for (a, expected) in STIRLING {
            assert!((stirling_error(a) - expected).abs() <= 2e-15, "{a}: {}", stirling_error(a));
        }
        for (u, expected) in LOG1P_MINUS {
            let found = log1p_minus(u);
            assert!((found / expected - 1.0).abs() <= 2e-15, "{u}: {found:e}");
        }
    }
}
