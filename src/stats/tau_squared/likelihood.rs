//! Maximum and restricted maximum likelihood estimators of τ².
//!
//! Fisher scoring may stop short, oscillate, or settle on a local maximum. Here the interval from 0
//! to infinity is cut until each part is proved to hold no maximum, or at most one; that one is
//! refined to machine precision, and the maximum with the highest likelihood is kept, the boundary
//! τ² = 0 included.
//!
//! The proof: in the basis in which the contrasts of the studies are independent, with variances
//! λ + τ² where λ ≥ min v and contrasts c, the score is ½(A − B) with A = y′PPy = Σc²/(λ + τ²)² and
//! B = tr P = Σ1/(λ + τ²) (under ML, B = Σ1/(v + τ²)). Therefore f = A^(−½) and g = 1/B rise with
//! τ² and are concave, by Minkowski's inequality: they lie above their chords and below their
//! tangents. The score is positive where f² < g.

use super::{Estimated, FitAt, Studies, TauSquared};
use crate::stats::design::Design;
use crate::stats::is_computable;
use libm::log;

/// Which likelihood is maximised.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Likelihood {
    Restricted,
    Ordinary,
}

/// REML: score ∝ y′PPy − tr(P), standard error √(2/tr(PP)) (Raudenbush 2009).
pub(super) fn restricted<'a>(studies: &Studies<'a>, near: Option<f64>) -> Option<Estimated<'a>> {
    let value = global_maximum(studies, Likelihood::Restricted, near)?;
    let fit = studies.fit_at(value)?;
    Some(estimated(value, fit.double_projection_trace(), fit))
}

/// ML: score ∝ y′PPy − Σw, standard error √(2/Σw²) (Raudenbush 2009).
pub(super) fn unrestricted<'a>(studies: &Studies<'a>, near: Option<f64>) -> Option<Estimated<'a>> {
    let value = global_maximum(studies, Likelihood::Ordinary, near)?;
    let fit = studies.fit_at(value)?;
    Some(estimated(value, fit.squared_weight_sum(), fit))
}

fn estimated(value: f64, information: f64, fit: FitAt<'_>) -> Estimated<'_> {
    let standard_error = (2.0 / information).sqrt();
    let tau_squared = TauSquared { value, standard_error, at_boundary: value == 0.0 };
    Estimated { tau_squared, fit }
}

/// The log-likelihood of τ² with β profiled out:
/// −½[k log 2π + Σ log(v + τ²) + y′Py]. `None` where X is singular.
#[must_use]
pub fn log_likelihood(y: &[f64], v: &[f64], design: &Design, tau_squared: f64) -> Option<f64> {
    if !is_computable(y, v) {
        return None;
    }
    let fit = FitAt::new(y, v, design, tau_squared)?;
    let k = y.len() as f64;
    Some(-0.5 * (k * log_two_pi() + log_variance_sum(v, tau_squared) + fit.residual_sum()))
}

/// The restricted log-likelihood of τ²:
/// −½[(k − p) log 2π − log|X′X| + Σ log(v + τ²) + log|X′WX| + y′Py]. `None` where X is singular.
#[must_use]
pub fn restricted_log_likelihood(
    y: &[f64],
    v: &[f64],
    design: &Design,
    tau_squared: f64,
) -> Option<f64> {
    if !is_computable(y, v) {
        return None;
    }
    let fit = FitAt::new(y, v, design, tau_squared)?;
    Some(
        -0.5 * (design.residual_df() * log_two_pi() - design.log_determinant()
            + log_variance_sum(v, tau_squared)
            + fit.log_determinant()
            + fit.residual_sum()),
    )
}

fn log_two_pi() -> f64 {
    log(2.0 * std::f64::consts::PI)
}

fn log_variance_sum(v: &[f64], tau_squared: f64) -> f64 {
    v.iter().map(|v| log(v + tau_squared)).sum()
}

/// The τ² ≥ 0 with the highest likelihood; a guess `near` it makes the search shorter. `None` where
/// X is singular, or the estimates are so far apart that a square of them is not finite.
fn global_maximum(studies: &Studies<'_>, likelihood: Likelihood, near: Option<f64>) -> Option<f64> {
    let Studies { y, v, design, .. } = *studies;
    let residual_sum = studies.unweighted_residual_sum()?;
    let largest = v.iter().copied().fold(0.0, f64::max);
    let search = Search {
        terms_at: |tau_squared| {
            Some(Terms::of(tau_squared, &studies.fit_at(tau_squared)?, likelihood))
        },
        smallest: studies.smallest_variance(),
        upper: Some(score_root_bound(residual_sum, largest, design.residual_df()))
            .filter(|upper| upper.is_finite())?,
        last_slope: 1.0 / residual_sum.sqrt(),
    };
    let maxima = search.maxima(near)?;
    if let [maximum] = maxima[..] {
        return Some(maximum);
    }
    let height_at = |tau_squared: f64| match likelihood {
        Likelihood::Restricted => restricted_log_likelihood(y, v, design, tau_squared),
        Likelihood::Ordinary => log_likelihood(y, v, design, tau_squared),
    };
    let mut best = (0.0, height_at(0.0)?);
    for maximum in maxima {
        let height = height_at(maximum)?;
        if height > best.1 {
            best = (maximum, height);
        }
    }
    Some(best.0)
}

/// A τ² above which both scores are negative. With RSS the unweighted residual sum,
/// y′PPy ≤ RSS/τ⁴, while Σw and tr(P) are at least (k − p)/(max v + τ²).
fn score_root_bound(rss: f64, largest: f64, df: f64) -> f64 {
    (rss + (rss * rss + 4.0 * df * rss * largest).sqrt()) / (2.0 * df) * (1.0 + 1e-9)
}

/// What the score and its slope are made of at one τ².
#[derive(Debug, Clone, Copy)]
struct Terms {
    /// τ².
    at: f64,
    /// A = y′PPy.
    a: f64,
    /// B = tr P or Σw.
    b: f64,
    /// −A′/2 = y′PPPy.
    c: f64,
    /// −B′ = tr PP or Σw².
    d: f64,
    /// f = A^(−½).
    f: f64,
    /// f′.
    f_slope: f64,
    /// g = 1/B.
    g: f64,
    /// g′.
    g_slope: f64,
}

impl Terms {
    fn of(at: f64, fit: &FitAt<'_>, likelihood: Likelihood) -> Self {
        let (b, d) = match likelihood {
            Likelihood::Restricted => (fit.projection_trace(), fit.double_projection_trace()),
            Likelihood::Ordinary => (fit.weight_sum(), fit.squared_weight_sum()),
        };
        let (a, c) = (fit.squared_residual_sum(), fit.cubed_residual_form());
        let (f, g) = (1.0 / a.sqrt(), 1.0 / b);
        Self { at, a, b, c, d, f, f_slope: c / a * f, g, g_slope: d * g * g }
    }

    /// The derivative of the log-likelihood, twice.
    fn score(&self) -> f64 {
        self.a - self.b
    }

    /// The step of Newton's method towards B/A = 1; B/A is linear in τ² where all v are equal.
    fn newton_step(&self) -> f64 {
        self.a * (self.a - self.b) / (2.0 * self.b * self.c - self.d * self.a)
    }
}

/// What is known of an interval of τ².
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// The likelihood has no maximum inside.
    NoMaximum,
    /// The score changes its sign at most once, from plus to minus.
    Unimodal,
    /// The ends do not tell.
    Open,
}

/// By so much, relatively, a bound must hold to be believed in spite of rounding errors.
const SLACK: f64 = 1e-12;

/// Intervals of this width, relative to min v + τ², are not cut further: two maxima in one of them
/// could not be told apart by their heights.
const NARROW: f64 = 1e-6;

/// A search for the maxima of a likelihood.
struct Search<F> {
    terms_at: F,
    /// min v.
    smallest: f64,
    /// The score is negative above.
    upper: f64,
    /// The slope of f towards infinity: RSS^(−½).
    last_slope: f64,
}

impl<F: Fn(f64) -> Option<Terms>> Search<F> {
    /// The places of all maxima that could be the highest: 0 unless the likelihood rises there, and
    /// every change of the score's sign from plus to minus. `None` where X is singular.
    fn maxima(&self, near: Option<f64>) -> Option<Vec<f64>> {
        let zero = (self.terms_at)(0.0)?;
        let mut maxima = Vec::new();
        // intervals still to be judged, the leftmost last; without a right end they are infinite
        let mut open = vec![(zero, None)];
        if zero.score() > 0.0 {
            let guess = near.filter(|near| *near > 0.0).unwrap_or_else(|| zero.newton_step());
            if guess > 0.0 && guess < self.upper {
                let middle = (self.terms_at)(guess)?;
                open = vec![(middle, None), (zero, Some(middle))];
            }
        } else {
            maxima.push(0.0);
        }
        while let Some((left, right)) = open.pop() {
            let right_at = right.map_or(self.upper, |right| right.at);
            let falls_at_right = right.is_none_or(|right| right.score() <= 0.0);
            let changes_sign = left.score() > 0.0 && falls_at_right && right_at > left.at;
            match self.judge(&left, right.as_ref()) {
                Verdict::NoMaximum => {}
                Verdict::Unimodal if !changes_sign => {}
                Verdict::Unimodal => maxima.push(self.refined(&left, right.as_ref())?),
                Verdict::Open => match self.cut(left.at, right_at) {
                    Some(middle) => {
                        let middle = (self.terms_at)(middle)?;
                        open.push((middle, right));
                        open.push((left, Some(middle)));
                    }
                    None if changes_sign => maxima.push(self.refined(&left, right.as_ref())?),
                    None => {}
                },
            }
        }
        if maxima.is_empty() {
            maxima.push(0.0);
        }
        Some(maxima)
    }

    fn judge(&self, left: &Terms, right: Option<&Terms>) -> Verdict {
        let Some(right) = right else {
            if left.at >= self.upper {
                return Verdict::NoMaximum;
            }
            // f rises at least as steeply as towards infinity, g at most as steeply as at the left
            if 2.0 * left.f * self.last_slope > left.g_slope * (1.0 + SLACK) {
                return Verdict::Unimodal;
            }
            let is_negative =
                stays_above((left.f, self.last_slope), (left.g, left.g_slope), f64::INFINITY);
            return if is_negative { Verdict::NoMaximum } else { Verdict::Open };
        };
        // numbers that overflow tell nothing, and would be cut for ever
        let overflows =
            [left.f, left.g, left.f_slope, left.g_slope, right.f, right.g, right.f_slope]
                .iter()
                .any(|x| !x.is_finite());
        if overflows {
            return Verdict::Unimodal;
        }
        // the slope of f² − g from those of f and g, which fall from left to right
        if 2.0 * left.f * right.f_slope > left.g_slope * (1.0 + SLACK) {
            return Verdict::Unimodal;
        }
        if 2.0 * right.f * left.f_slope < right.g_slope * (1.0 - SLACK) {
            return Verdict::NoMaximum;
        }
        let width = right.at - left.at;
        let f_chord = (right.f - left.f) / width;
        let g_chord = (right.g - left.g) / width;
        let stays_positive = left.score() > 0.0 && right.score() > 0.0 && {
            // f is highest above its chord where its tangents meet
            let x = crossing(right.f - left.f, left.f_slope, right.f_slope, width);
            let f = left.f + left.f_slope * x;
            left.g + g_chord * x > f * f * (1.0 + SLACK)
        };
        let stays_negative = || {
            left.score() < 0.0 && right.score() < 0.0 && {
                let x = crossing(right.g - left.g, left.g_slope, right.g_slope, width);
                stays_above((left.f, f_chord), (left.g, left.g_slope), x)
                    && stays_above((right.f, -f_chord), (right.g, -right.g_slope), width - x)
            }
        };
        if stays_positive || stays_negative() { Verdict::NoMaximum } else { Verdict::Open }
    }

    /// A point inside an interval, halving it on the scale of log(min v + τ²); `None` where it is
    /// too narrow.
    fn cut(&self, left: f64, right: f64) -> Option<f64> {
        let width = right - left;
        let scale = self.smallest + left;
        let middle = left + width / (1.0 + (1.0 + width / scale).sqrt());
        (width > NARROW * scale && middle > left && middle < right).then_some(middle)
    }

    /// The change of sign in an interval, to machine precision, by Newton's method within the
    /// bracket.
    fn refined(&self, left: &Terms, right: Option<&Terms>) -> Option<f64> {
        let (mut low, mut high) = (left.at, right.map_or(self.upper, |right| right.at));
        let distance = |terms: &Terms| (terms.b / terms.a - 1.0).abs();
        let mut point = match right {
            Some(right) if distance(right) < distance(left) => *right,
            _ => *left,
        };
        let mut last_step = f64::INFINITY;
        for turn in 0..300 {
            let step = point.newton_step();
            let newton = point.at + step;
            let scale = self.smallest + point.at;
            // near the root a step is in proportion to the square of the one before
            let next_step = step.abs() * (step / last_step) * (step / last_step);
            let is_last = last_step.is_finite() && next_step <= 1e-15 * scale;
            if step.abs() <= if is_last { 1e-6 } else { 1e-11 } * scale {
                return Some(newton.clamp(low, high));
            }
            last_step = step;
            let is_inside = newton > low && newton < high;
            // far from the root, or at a double one, halving is faster
            let next = if is_inside && (turn < 20 || turn % 2 == 0) {
                newton
            } else {
                low + 0.5 * (high - low)
            };
            if next <= low || next >= high {
                return Some(next);
            }
            point = (self.terms_at)(next)?;
            if point.score() > 0.0 { low = next } else { high = next }
        }
        Some(point.at)
    }
}

/// Where the tangents at both ends of an interval meet, from its left end; `rise` is the change
/// over its `width`.
fn crossing(rise: f64, left_slope: f64, right_slope: f64, width: f64) -> f64 {
    let x = (rise - right_slope * width) / (left_slope - right_slope);
    if x >= 0.0 && x <= width { x } else { 0.5 * width }
}

/// Whether the square of the line f stays above the line g over `width`; lines are given by their
/// value at the start and their slope.
fn stays_above(f: (f64, f64), g: (f64, f64), width: f64) -> bool {
    let lowest = ((g.1 / (2.0 * f.1) - f.0) / f.1).clamp(0.0, width);
    let (f, g) = (f.0 + f.1 * lowest, g.0 + g.1 * lowest);
    f * f > g * (1.0 + SLACK)
}

#[cfg(test)]
mod tests {
    use super::super::inverse_variance_weights;
    use super::*;
    use crate::stats::design::WeightedFit;
    use crate::stats::root::bracketed_root;
    use proptest::prelude::*;
    use std::cell::Cell;

    /// The highest maximum by a scan in steps of 1 % of min v + τ², from the definition of the
    /// score.
    fn scanned(y: &[f64], v: &[f64], design: &Design, likelihood: Likelihood) -> f64 {
        let score = |tau_squared: f64| {
            let weights = inverse_variance_weights(v, tau_squared);
            let fit = WeightedFit::new(design, y, weights).unwrap();
            let trace = match likelihood {
                Likelihood::Restricted => fit.projection_trace(|_| 1.0),
                Likelihood::Ordinary => fit.weight_sum(),
            };
            fit.squared_residual_sum() - trace
        };
        let rss = Studies::new(y, v, design).unwrap().unweighted_residual_sum().unwrap();
        let largest = v.iter().copied().fold(0.0, f64::max);
        let smallest = v.iter().copied().fold(f64::INFINITY, f64::min);
        let upper = score_root_bound(rss, largest, design.residual_df());
        let points = (libm::log1p(upper / smallest) / 0.01).ceil().max(1.0);
        let mut best = (0.0, height(y, v, design, likelihood, 0.0));
        let (mut left, mut left_score) = (0.0, score(0.0));
        for i in 1..=points as u32 {
            let right =
                smallest * libm::expm1(libm::log1p(upper / smallest) * f64::from(i) / points);
            let right_score = score(right);
            if left_score > 0.0 && right_score <= 0.0 {
                let root = bracketed_root(left, right, score);
                let height = height(y, v, design, likelihood, root);
                if height > best.1 {
                    best = (root, height);
                }
            }
            (left, left_score) = (right, right_score);
        }
        best.0
    }

    fn height(y: &[f64], v: &[f64], design: &Design, likelihood: Likelihood, at: f64) -> f64 {
        match likelihood {
            Likelihood::Restricted => restricted_log_likelihood(y, v, design, at).unwrap(),
            Likelihood::Ordinary => log_likelihood(y, v, design, at).unwrap(),
        }
    }

    /// Both find the same place; or the search a higher one, or one of two of the same height.
    fn agree(y: &[f64], v: &[f64], design: &Design, near: Option<f64>, tolerance: f64) {
        let smallest = v.iter().copied().fold(f64::INFINITY, f64::min);
        for likelihood in [Likelihood::Restricted, Likelihood::Ordinary] {
            let studies = Studies::new(y, v, design).unwrap();
            let found = global_maximum(&studies, likelihood, near).unwrap();
            let scanned = scanned(y, v, design, likelihood);
            let distance = (found - scanned).abs() / (smallest + scanned);
            let height = |at| height(y, v, design, likelihood, at);
            let gain = height(found) - height(scanned);
            assert!(
                distance <= tolerance || gain > 1e-9 || (distance > 1e-3 && gain > -1e-11),
                "{found:e} {scanned:e} {gain:e} of {y:?} {v:?}"
            );
        }
    }

    /// Estimates and variances that are alike, or spread over orders of magnitude, where the
    /// likelihood has several maxima.
    fn studies(fewest: usize) -> impl Strategy<Value = Vec<(f64, f64)>> {
        let alike = (-1.5..1.5f64, 0.01..1.0f64);
        let spread = (-3.0..3.0f64, -3.0..3.0f64, -9.0..3.0f64)
            .prop_map(|(y, scale, v)| (y * libm::exp(scale), libm::exp(v)));
        prop_oneof![
            prop::collection::vec(alike, fewest..40),
            prop::collection::vec(spread.clone(), fewest..7),
            prop::collection::vec(spread, fewest..25),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        #[test]
        fn no_maximum_is_overlooked(studies in studies(2), near in prop::option::of(0.0..4.0f64)) {
            let (y, v): (Vec<f64>, Vec<f64>) = studies.into_iter().unzip();
            agree(&y, &v, &Design::intercept(y.len()), near, 1e-10);
        }

        #[test]
        fn no_maximum_is_overlooked_with_moderators(
            studies in studies(4),
            near in prop::option::of(0.0..4.0f64),
        ) {
            let (y, v): (Vec<f64>, Vec<f64>) = studies.into_iter().unzip();
            let moderator = (0..y.len()).map(|i| (i * 7 % 5) as f64).collect();
            // a study that holds up a coefficient almost alone costs the score half its digits
            let design = Design::from_columns(&[vec![1.0; y.len()], moderator]);
            agree(&y, &v, &design, near, 1e-6);
        }
    }

    #[test]
    fn agrees_to_the_last_digits_with_moderators() {
        for k in 4..30_u32 {
            let y: Vec<f64> = (0..k).map(|i| f64::from(i * 13 % 11) / 4.0 - 1.0).collect();
            let v: Vec<f64> = (0..k).map(|i| 0.05 + f64::from(i * 7 % 10) / 8.0).collect();
            let moderator = (0..k).map(|i| f64::from(i * 7 % 5)).collect();
            let design = Design::from_columns(&[vec![1.0; y.len()], moderator]);
            agree(&y, &v, &design, None, 1e-12);
        }
    }

    #[test]
    fn the_higher_of_two_maxima_is_kept() {
        // precise studies that agree and others that do not: a maximum for either
        let v = [1e-4, 1e-4, 1e-4, 4.0, 4.0, 4.0, 4.0];
        for spread in [0.01, 0.02, 0.03, 1.0, 3.0, 5.0, 6.0, 7.0, 8.0] {
            let y = [-0.01, 0.0, spread / 100.0, -spread, spread, -spread, spread];
            agree(&y, &v, &Design::intercept(7), None, 1e-10);
        }
    }

    #[test]
    fn the_search_is_short() {
        let y: Vec<f64> = (0..40_u32).map(|i| f64::from(i * 17 % 40) / 20.0 - 1.0).collect();
        let v: Vec<f64> = (0..40_u32).map(|i| 0.05 + f64::from(i * 11 % 40) / 20.0).collect();
        for shrink in [1.0, 0.7, 0.5, 0.3] {
            let y: Vec<f64> = y.iter().map(|y| y * shrink * 2.0).collect();
            let calls = Cell::new(0);
            let design = Design::intercept(y.len());
            let studies = Studies::new(&y, &v, &design).unwrap();
            let rss = studies.unweighted_residual_sum().unwrap();
            let search = Search {
                terms_at: |at| {
                    calls.set(calls.get() + 1);
                    Some(Terms::of(at, &studies.fit_at(at)?, Likelihood::Restricted))
                },
                smallest: 0.05,
                upper: score_root_bound(rss, 2.05, 39.0),
                last_slope: 1.0 / rss.sqrt(),
            };
            let maxima = search.maxima(None).unwrap();
            assert!(maxima.len() == 1 && calls.get() <= 8);
        }
    }
}
