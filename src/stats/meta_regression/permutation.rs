//! The permutation test of a meta-regression.

use super::{MetaRegression, NoRegression, Omnibus, regress, wald};
use crate::stats::Effect;
use crate::stats::design::Design;
use crate::stats::pooling::inverse_variance::{Fit, Model, Test, fit};

/// A permutation test of a meta-regression (Higgins & Thompson 2004).
///
/// The rows of the design change places among the studies; in a model of an intercept alone, the
/// estimates change their signs. Each arrangement is fitted anew. A P value is the share of
/// arrangements whose statistic is at least as far from zero as the one observed, which is always
/// among them.
#[derive(Debug, Clone, PartialEq)]
pub struct PermutationTest {
    /// The number of arrangements fitted.
    pub arrangements: usize,
    /// Whether these are all distinct arrangements rather than a random choice of them.
    pub exact: bool,
    /// P of each coefficient, two-sided.
    pub p_values: Vec<f64>,
    /// P of the omnibus test; `None` without moderators.
    pub moderators: Option<f64>,
}

/// Statistics this close to the one observed count as equal to it.
const TIE: f64 = 1.490_116_119_384_765_6e-8;

/// The permutation test of a model that has a fit: all distinct arrangements where they are at most
/// `iterations`, else `iterations` of them, the one observed and random ones drawn from `seed`.
///
/// # Errors
/// See [`NoRegression`].
pub fn permutation_test(
    effects: &[Effect],
    design: &Design,
    model: Model,
    test: Test,
    iterations: usize,
    seed: u64,
) -> Result<PermutationTest, NoRegression> {
    let observed = regress(effects, design, model, test, 0.95)?;
    let tested: Vec<usize> = (1..design.columns()).collect();
    let mut counts = Exceedances::new(&observed);
    let mut refit = |effects: &[Effect], design: &Design| {
        if let Ok(fit) = fit(effects, design, model, test, 0.95) {
            counts.add(&fit, wald(&fit, &tested));
        }
    };
    let group = distinct_rows(design);
    let signs = tested.is_empty();
    let all = if signs { sign_changes(effects.len()) } else { arrangements(&group) };
    let exact = all.is_some_and(|all| all <= iterations as u64);
    let mut random = SplitMix64(seed);
    match (signs, exact) {
        (true, true) => {
            for bits in 0..all.unwrap_or(0) {
                refit(&with_signs(effects, |study| bits >> study & 1 == 1), design);
            }
        }
        (true, false) => {
            refit(effects, design);
            for _ in 1..iterations {
                let flips: Vec<bool> = effects.iter().map(|_| random.below(2) == 1).collect();
                refit(&with_signs(effects, |study| flips[study]), design);
            }
        }
        (false, true) => {
            // the rows in the order of their groups, whose first arrangement is the sorted one
            let mut order = group.clone();
            order.sort_unstable();
            loop {
                refit(effects, &with_rows(design, &order));
                if !next_arrangement(&mut order) {
                    break;
                }
            }
        }
        (false, false) => {
            refit(effects, design);
            let mut order: Vec<usize> = (0..effects.len()).collect();
            for _ in 1..iterations {
                random.shuffle(&mut order);
                refit(effects, &with_rows(design, &order));
            }
        }
    }
    Ok(counts.test(exact))
}

/// How many arrangements were at least as extreme as the one observed.
struct Exceedances {
    statistics: Vec<f64>,
    moderators: Option<f64>,
    fitted: usize,
    beyond: Vec<usize>,
    moderators_beyond: usize,
}

impl Exceedances {
    fn new(observed: &MetaRegression) -> Self {
        let statistics: Vec<f64> =
            observed.fit.coefficients.iter().map(|b| b.statistic.abs()).collect();
        Self {
            beyond: vec![0; statistics.len()],
            statistics,
            moderators: observed.moderators.map(|moderators| moderators.statistic),
            fitted: 0,
            moderators_beyond: 0,
        }
    }

    fn add(&mut self, fit: &Fit, moderators: Option<Omnibus>) {
        self.fitted += 1;
        for ((beyond, observed), b) in
            self.beyond.iter_mut().zip(&self.statistics).zip(&fit.coefficients)
        {
            *beyond += usize::from(b.statistic.abs() >= observed - TIE);
        }
        if let (Some(observed), Some(found)) = (self.moderators, moderators) {
            self.moderators_beyond += usize::from(found.statistic >= observed - TIE);
        }
    }

    fn test(&self, exact: bool) -> PermutationTest {
        let share = |count: usize| count as f64 / self.fitted as f64;
        PermutationTest {
            arrangements: self.fitted,
            exact,
            p_values: self.beyond.iter().map(|count| share(*count)).collect(),
            moderators: self.moderators.map(|_| share(self.moderators_beyond)),
        }
    }
}

/// For each row the first row equal to it.
fn distinct_rows(design: &Design) -> Vec<usize> {
    (0..design.rows())
        .map(|row| (0..row).find(|other| design.row(*other) == design.row(row)).unwrap_or(row))
        .collect()
}

/// 2 to the power of k; `None` beyond 2⁶³.
fn sign_changes(studies: usize) -> Option<u64> {
    u32::try_from(studies).ok().and_then(|studies| 1_u64.checked_shl(studies)).filter(|n| *n > 0)
}

/// The number of distinct arrangements, k!/Πm! with m the sizes of the groups; `None` beyond 2⁶³.
fn arrangements(group: &[usize]) -> Option<u64> {
    let mut seen: Vec<u64> = vec![0; group.len()];
    let mut count: u128 = 1;
    for (place, group) in group.iter().enumerate() {
        seen[*group] += 1;
        count = count * (place as u128 + 1) / u128::from(seen[*group]);
        if count > u128::from(u64::MAX >> 1) {
            return None;
        }
    }
    u64::try_from(count).ok()
}

fn with_signs(effects: &[Effect], changes: impl Fn(usize) -> bool) -> Vec<Effect> {
    effects
        .iter()
        .enumerate()
        .map(|(study, effect)| Effect {
            estimate: if changes(study) { -effect.estimate } else { effect.estimate },
            variance: effect.variance,
        })
        .collect()
}

/// The design whose rows are those of `design` at the places `order`.
fn with_rows(design: &Design, order: &[usize]) -> Design {
    let columns: Vec<Vec<f64>> = (0..design.columns())
        .map(|column| order.iter().map(|row| design.row(*row)[column]).collect())
        .collect();
    Design::from_columns(&columns)
}

/// The next arrangement in lexicographic order; false where this is the last.
fn next_arrangement(order: &mut [usize]) -> bool {
    let Some(place) = (1..order.len()).rev().find(|i| order[i - 1] < order[*i]) else {
        return false;
    };
    let pivot = place - 1;
    if let Some(larger) = (place..order.len()).rev().find(|i| order[*i] > order[pivot]) {
        order.swap(pivot, larger);
    }
    order[place..].reverse();
    true
}

/// The generator of random numbers SplitMix64 (Steele, Lea & Flood 2014): the same numbers from the
/// same seed everywhere.
struct SplitMix64(u64);

impl SplitMix64 {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from 0 to `bound` − 1, each as likely.
    fn below(&mut self, bound: u64) -> u64 {
        let fair = u64::MAX - u64::MAX % bound;
        loop {
            let number = self.next();
            if number < fair {
                return number % bound;
            }
        }
    }

    fn shuffle(&mut self, order: &mut [usize]) {
        for last in (1..order.len()).rev() {
            order.swap(last, self.below(last as u64 + 1) as usize);
        }
    }
}
