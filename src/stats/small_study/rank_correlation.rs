//! The rank correlation test for funnel plot asymmetry (Begg & Mazumdar 1994).

use super::deviate;
use crate::stats::Effect;
use crate::stats::distribution::normal_two_sided;

/// The largest number of studies for which the exact distribution is computed.
///
/// Its cost grows with k³. Above, the normal form's two-sided P differs from the exact one by less
/// than [`NORMAL_ERROR`].
pub const EXACT_LIMIT: usize = 500;

/// A bound on |normal P − exact P| for more than [`EXACT_LIMIT`] studies without ties: at k = 500
/// the largest difference at any τ is 3.7e-4, and it falls as k grows.
pub const NORMAL_ERROR: f64 = 4e-4;

/// Kendall's rank correlation of effects and variances.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RankCorrelation {
    /// Kendall's τ_b, −1 to 1 (not the between-study τ).
    pub tau: f64,
    /// Two-sided P value.
    pub p_value: f64,
    /// Whether P is from the exact distribution rather than the normal one.
    pub is_exact: bool,
}

/// Kendall's τ_b between the standardised deviates z = (y − θ)/√(v − 1/Σw) and the variances v, with
/// w = 1/v and θ the common-effect estimate. It does not depend on any random-effects model.
///
/// Without ties P is exact up to [`EXACT_LIMIT`] studies. With ties, and above, it is that of
/// S/√Var(S) with the variance corrected for ties and no correction for continuity, as in R's
/// `cor.test` (Kendall 1970).
///
/// `None` where there are fewer than two studies, a variance is not positive, or all variances or
/// all deviates are equal; what differs from θ by rounding alone is equal to it.
#[must_use]
pub fn rank_correlation(effects: &[Effect]) -> Option<RankCorrelation> {
    if effects.len() < 2 || effects.iter().any(|effect| effect.variance <= 0.0) {
        return None;
    }
    let total: f64 = effects.iter().map(|effect| 1.0 / effect.variance).sum();
    let mean = effects.iter().map(|effect| effect.estimate / effect.variance).sum::<f64>() / total;
    let pairs = effects
        .iter()
        .map(|effect| {
            let spread = (effect.variance - 1.0 / total).sqrt();
            (effect.variance, deviate(effect, mean) / spread)
        })
        .collect();
    correlate(pairs)
}

/// Kendall's test of pairs of finite numbers.
fn correlate(mut pairs: Vec<(f64, f64)>) -> Option<RankCorrelation> {
    if pairs.iter().any(|(x, y)| !(x.is_finite() && y.is_finite())) {
        return None;
    }
    // zeros of both signs are one value
    for (x, y) in &mut pairs {
        (*x, *y) = (*x + 0.0, *y + 0.0);
    }
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let x_ties = Ties::of(&pairs, |a, b| a.0 == b.0);
    let joint_ties = Ties::of(&pairs, |a, b| a == b);
    let mut y: Vec<f64> = pairs.iter().map(|pair| pair.1).collect();
    let discordant = sort_counting_inversions(&mut y) as f64;
    let y_ties = Ties::of(&y, |a, b| a == b);

    let n = y.len() as f64;
    let all = n * (n - 1.0) / 2.0;
    let concordant = all - x_ties.pairs - y_ties.pairs + joint_ties.pairs - discordant;
    let score = concordant - discordant;
    let tau = score / ((all - x_ties.pairs) * (all - y_ties.pairs)).sqrt();
    if !tau.is_finite() {
        return None;
    }
    let has_ties = x_ties.pairs > 0.0 || y_ties.pairs > 0.0;
    let is_exact = !has_ties && y.len() <= EXACT_LIMIT;
    let p_value = if is_exact {
        let tail = lower_tail(y.len(), concordant.min(discordant) as usize);
        (2.0 * tail).min(1.0)
    } else {
        normal_two_sided(score / score_variance(n, &x_ties, &y_ties).sqrt())
    };
    Some(RankCorrelation { tau, p_value, is_exact })
}

/// Sums over groups of t equal values.
struct Ties {
    /// Σ t(t − 1)/2.
    pairs: f64,
    /// Σ t(t − 1)(t − 2).
    triples: f64,
    /// Σ t(t − 1)(2t + 5).
    spread: f64,
}

impl Ties {
    fn of<T>(sorted: &[T], are_equal: impl Fn(&T, &T) -> bool) -> Self {
        let mut ties = Self { pairs: 0.0, triples: 0.0, spread: 0.0 };
        for group in sorted.chunk_by(are_equal) {
            let t = group.len() as f64;
            ties.pairs += t * (t - 1.0) / 2.0;
            ties.triples += t * (t - 1.0) * (t - 2.0);
            ties.spread += t * (t - 1.0) * (2.0 * t + 5.0);
        }
        ties
    }
}

/// Var(S) without association: with t and u the sizes of the tied groups of either variable,
/// [n(n−1)(2n+5) − Σt(t−1)(2t+5) − Σu(u−1)(2u+5)]/18 + Σt(t−1)(t−2) Σu(u−1)(u−2)/(9n(n−1)(n−2))
/// + Σt(t−1) Σu(u−1)/(2n(n−1)).
fn score_variance(n: f64, x: &Ties, y: &Ties) -> f64 {
    let plain = (n * (n - 1.0) * (2.0 * n + 5.0) - x.spread - y.spread) / 18.0;
    let triples = x.triples * y.triples;
    let triples = if triples > 0.0 { triples / (9.0 * n * (n - 1.0) * (n - 2.0)) } else { 0.0 };
    plain + triples + 4.0 * x.pairs * y.pairs / (2.0 * n * (n - 1.0))
}

/// Sorts the values by merging and counts the pairs that stood in falling order (Knight 1966).
fn sort_counting_inversions(values: &mut [f64]) -> u64 {
    let n = values.len();
    let mut merged = values.to_vec();
    let mut inversions = 0;
    let mut width = 1;
    while width < n {
        for start in (0..n).step_by(2 * width) {
            let middle = (start + width).min(n);
            let end = (start + 2 * width).min(n);
            let (mut left, mut right) = (start, middle);
            for slot in &mut merged[start..end] {
                if right == end || (left < middle && values[left] <= values[right]) {
                    *slot = values[left];
                    left += 1;
                } else {
                    *slot = values[right];
                    inversions += (middle - left) as u64;
                    right += 1;
                }
            }
        }
        values.copy_from_slice(&merged);
        width *= 2;
    }
    inversions
}

/// P(a random permutation of `n` has at most `most` inversions), for `most` ≤ n(n − 1)/4.
///
/// The number of inversions is a sum of independent uniform variables on 0..m for m < n, whose
/// probabilities p_m(j) = p_m(j − 1) + [p_(m−1)(j) − p_(m−1)(j − m)]/m are built up in two rows;
/// probabilities do not overflow where counts of permutations would.
fn lower_tail(n: usize, most: usize) -> f64 {
    let mut probabilities = vec![0.0; most + 1];
    probabilities[0] = 1.0;
    let mut previous = probabilities.clone();
    for m in 2..=n {
        // nothing lies beyond m(m − 1)/2
        let reach = (m * (m - 1) / 2).min(most);
        let share = 1.0 / m as f64;
        let mut window = 0.0;
        let (first, rest) = previous[..=reach].split_at(m.min(reach + 1));
        for (slot, entering) in probabilities.iter_mut().zip(first) {
            window += entering;
            *slot = window * share;
        }
        let slots = probabilities[first.len()..].iter_mut();
        for (slot, (entering, leaving)) in slots.zip(rest.iter().zip(&previous)) {
            window += entering - leaving;
            *slot = window * share;
        }
        std::mem::swap(&mut probabilities, &mut previous);
    }
    previous.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Permutations of 5 by inversions: 1, 4, 9, 15, 20, 22, ...
    #[test]
    fn small_permutations_are_counted() {
        for (most, count) in [(0, 1.0), (1, 5.0), (2, 14.0), (3, 29.0), (4, 49.0), (5, 71.0)] {
            assert!((lower_tail(5, most) - count / 120.0).abs() < 1e-16);
        }
    }

    #[test]
    fn no_pair_and_no_spread_have_no_correlation() {
        let effect = |estimate, variance| Effect { estimate, variance };
        assert_eq!(rank_correlation(&[effect(0.1, 1.0)]), None);
        assert_eq!(rank_correlation(&[effect(0.1, 1.0), effect(0.2, 1.0)]), None);
        let two = rank_correlation(&[effect(0.1, 1.0), effect(0.2, 2.0)]).unwrap();
        assert_eq!((two.tau, two.p_value), (1.0, 1.0));
    }

    /// The error is largest at about 0.61 standard deviations.
    #[test]
    fn the_normal_form_stays_within_its_bound() {
        let n = EXACT_LIMIT;
        let all = (n * (n - 1) / 2) as f64;
        let none = Ties { pairs: 0.0, triples: 0.0, spread: 0.0 };
        let deviation = score_variance(n as f64, &none, &none).sqrt();
        let error = |deviations: f64| {
            let most = ((all - deviations * deviation) / 2.0).floor();
            let exact = (2.0 * lower_tail(n, most as usize)).min(1.0);
            (exact - normal_two_sided((all - 2.0 * most) / deviation)).abs()
        };
        assert!(error(0.61) > 0.9 * NORMAL_ERROR && error(0.61) < NORMAL_ERROR);
        for deviations in [0.0, 0.3, 1.0, 1.96, 3.0] {
            assert!(error(deviations) < error(0.61));
        }
    }

    #[test]
    fn thousands_of_studies_overflow_nothing() {
        let pairs = |n: u32| (0..n).map(|i| (f64::from(i), f64::from(i * 7919 % n))).collect();
        let exact = correlate(pairs(499)).unwrap();
        assert!(exact.is_exact && exact.p_value > 0.0 && exact.p_value <= 1.0);
        let many = correlate(pairs(10_000)).unwrap();
        assert!(!many.is_exact && many.p_value > 0.0 && many.p_value <= 1.0);
    }
}
