//! Roots of continuous functions of one variable, to machine precision.

/// The root of `f` between `lower` and `upper`, by Brent's method (Brent 1973, chapter 4).
///
/// `f(lower)` and `f(upper)` must differ in sign; where one of them is zero, that end is the
/// root. The result is within two units in the last place of a point where `f` changes sign.
/// If the signs agree, the end with the smaller `|f|` is returned: callers bracket first.
#[must_use]
pub fn bracketed_root(lower: f64, upper: f64, f: impl Fn(f64) -> f64) -> f64 {
    let (mut a, mut b) = (lower, upper);
    let (mut fa, mut fb) = (f(a), f(b));
    if fa == 0.0 {
        return a;
    }
    if fb == 0.0 {
        return b;
    }
    if (fa > 0.0) == (fb > 0.0) {
        return if fa.abs() < fb.abs() { a } else { b };
    }
    let (mut c, mut fc) = (a, fa);
    let mut step = b - a;
    let mut previous_step = step;
    for _ in 0..500 {
        if fc.abs() < fb.abs() {
            (a, b, c) = (b, c, b);
            (fa, fb, fc) = (fb, fc, fb);
        }
        let tolerance = 2.0 * f64::EPSILON * b.abs() + f64::MIN_POSITIVE;
        let half = 0.5 * (c - b);
        if half.abs() <= tolerance || fb == 0.0 {
            return b;
        }
        if previous_step.abs() >= tolerance && fa.abs() > fb.abs() {
            let s = fb / fa;
            let (mut p, mut q) = if a == c {
                (2.0 * half * s, 1.0 - s)
            } else {
                let (q, r) = (fa / fc, fb / fc);
                (
                    s * (2.0 * half * q * (q - r) - (b - a) * (r - 1.0)),
                    (q - 1.0) * (r - 1.0) * (s - 1.0),
                )
            };
            if p > 0.0 {
                q = -q;
            }
            p = p.abs();
            if 2.0 * p < (3.0 * half * q - (tolerance * q).abs()).min((previous_step * q).abs()) {
                previous_step = step;
                step = p / q;
            } else {
                step = half;
                previous_step = half;
            }
        } else {
            step = half;
            previous_step = half;
        }
        (a, fa) = (b, fb);
        b += if step.abs() > tolerance { step } else { tolerance.copysign(half) };
        fb = f(b);
        if (fb > 0.0) == (fc > 0.0) {
            (c, fc) = (a, fa);
            step = b - a;
            previous_step = step;
        }
    }
    b
}

/// The step of the scan for a maximum, in log(1 + x/scale).
const SCAN_STEP: f64 = 0.2;

/// The scan has no more steps than this; they are wider where 26 orders of magnitude lie between
/// the scale and the upper end.
const SCAN_STEPS: f64 = 300.0;

/// The place of the highest maximum on [0, `upper`] of a smooth function `f` that gives its value
/// and its derivative, which must not be positive at `upper`.
///
/// The derivative is scanned in steps that widen in proportion to `scale` + x; each change of its
/// sign from plus to minus is refined to machine precision and compared with the others and with 0.
#[must_use]
pub fn highest_maximum(scale: f64, upper: f64, f: impl Fn(f64) -> (f64, f64)) -> f64 {
    let range = libm::log1p(upper / scale);
    let points = (range / SCAN_STEP).ceil().clamp(1.0, SCAN_STEPS);
    let (height, mut left_slope) = f(0.0);
    let (mut left, mut best) = (0.0, (0.0, height));
    for i in 1..=points as u32 {
        let right = scale * libm::expm1(range * f64::from(i) / points);
        let right_slope = f(right).1;
        if left_slope > 0.0 && right_slope <= 0.0 {
            let root = bracketed_root(left, right, |x| f(x).1);
            let height = f(root).0;
            if height > best.1 {
                best = (root, height);
            }
        }
        (left, left_slope) = (right, right_slope);
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::{bracketed_root, highest_maximum};

    #[test]
    fn finds_the_higher_of_two_maxima() {
        // maxima at 1 and 3, a minimum at 2, and the value at 0 below both
        let slope = |x: f64| -(x - 1.0) * (x - 2.0) * (x - 3.0);
        let height = |x: f64| -x * x * x * x / 4.0 + 2.0 * x * x * x - 5.5 * x * x + 6.0 * x;
        let level =
            |tilt: f64| highest_maximum(0.5, 4.0, |x| (height(x) + tilt * x, slope(x) + tilt));
        assert!((level(0.01) - 3.0).abs() < 0.01);
        assert!((level(-0.01) - 1.0).abs() < 0.01);
        assert_eq!(level(-7.0), 0.0);
    }

    #[test]
    fn finds_roots_to_the_last_place() {
        let root = bracketed_root(0.0, 2.0, |x| x * x - 2.0);
        assert!((root - std::f64::consts::SQRT_2).abs() <= 4.0 * f64::EPSILON);
        let tiny = bracketed_root(0.0, 1.0, |x| x * 1e12 - 1.0);
        assert!((tiny / 1e-12 - 1.0).abs() < 1e-14);
    }

    #[test]
    fn an_end_that_is_a_root_is_returned_as_it_is() {
        assert_eq!(bracketed_root(0.0, 1.0, |x| x), 0.0);
        assert_eq!(bracketed_root(-1.0, 0.0, |x| x), 0.0);
    }
}
