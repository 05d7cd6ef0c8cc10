//! Meta-regression: moderators, their omnibus and permutation tests, predictions and subgroups.

use super::Effect;
use super::design::{Design, positive_definite_inverse};
use super::distribution::{chi_squared_upper_tail, f_upper_tail};
use super::heterogeneity::CochranQ;
use super::pooling::inverse_variance::{Fit, Model, NoFit, Test, fit};
use super::pooling::{Inference, Reference};

/// A moderator, one value a study.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Moderator<'a> {
    /// A number: one column.
    Numeric(&'a [f64]),
    /// A category: a column of zeros and ones for each level but the first, which is the reference.
    Categorical {
        /// The level of each study, counted from 0.
        of: &'a [usize],
        /// The number of levels.
        levels: usize,
    },
}

/// One value of a moderator, as a prediction needs it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ModeratorValue {
    /// Of a numeric moderator.
    Number(f64),
    /// Of a categorical moderator.
    Level {
        /// The level, counted from 0.
        level: usize,
        /// The number of levels.
        levels: usize,
    },
}

/// The Wald test that several coefficients are all zero.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Omnibus {
    /// b′ V⁻¹ b with the coefficients b and their covariance V; divided by the number of
    /// coefficients where the reference is F.
    pub statistic: f64,
    /// The number of coefficients tested.
    pub df: f64,
    /// The denominator's degrees of freedom of F, k − p; `None` where the reference is chi-squared.
    pub residual_df: Option<f64>,
    /// P value.
    pub p_value: f64,
}

/// A fitted meta-regression.
#[derive(Debug, Clone, PartialEq)]
pub struct MetaRegression {
    /// The model, its first coefficient the intercept.
    pub fit: Fit,
    /// Q_M, the test of all coefficients but the intercept; `None` without moderators.
    pub moderators: Option<Omnibus>,
    /// R² in percent, 0 to 100: the part of the heterogeneity that the moderators explain.
    /// Random effects: 100 (τ₀² − τ²)/τ₀² with τ₀² by the same estimator without moderators
    /// (Raudenbush 2009). Common effect: the adjusted R² of the weighted regression,
    /// 100 [1 − (Q_E/(k − p))/(Q/(k − 1))]. Both are cut off at 0. `None` without moderators, or
    /// where a denominator of the second is 0.
    pub r_squared: Option<f64>,
    level: f64,
}

/// What a model says of studies with given covariates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prediction {
    /// The mean effect x′β, with its test and confidence interval.
    pub mean: Inference,
    /// Limits x′β ± c √(τ² + SE²) for the effect of a new study, with c from the model's reference
    /// distribution; `None` under a common effect.
    pub prediction_interval: Option<(f64, f64)>,
}

/// Why a meta-regression has no fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoRegression {
    /// No study gave an estimate.
    NoStudies,
    /// A study's sampling variance is zero.
    ZeroVariance,
    /// The model needs more studies than it has coefficients.
    TooFewStudies {
        /// k.
        studies: usize,
        /// p, the intercept included.
        coefficients: usize,
    },
    /// A column of the design is a combination of those before it, or a level has no study.
    Collinear {
        /// The column, counted from 0, the intercept.
        column: usize,
    },
    /// A column of the design holds a value that is not finite.
    NotFinite {
        /// The column, counted from 0, the intercept.
        column: usize,
    },
}

/// The distinct values in rising order, and the place of each value among them: the levels of a
/// categorical moderator, the first of which is the reference.
#[must_use]
pub fn levels<T: Ord + Clone>(values: &[T]) -> (Vec<T>, Vec<usize>) {
    let mut distinct = values.to_vec();
    distinct.sort();
    distinct.dedup();
    let of = values.iter().map(|value| distinct.partition_point(|level| level < value)).collect();
    (distinct, of)
}

/// The design of an intercept and these moderators, for `studies` studies. A moderator's columns
/// follow those of the moderators before it.
#[must_use]
pub fn design(studies: usize, moderators: &[Moderator<'_>]) -> Design {
    let mut columns = vec![vec![1.0; studies]];
    for moderator in moderators {
        match *moderator {
            Moderator::Numeric(values) => columns.push(values.to_vec()),
            Moderator::Categorical { of, levels } => columns.extend(
                (1..levels).map(|level| of.iter().map(|of| indicator(*of == level)).collect()),
            ),
        }
    }
    Design::from_columns(&columns)
}

/// The row of the design that studies with these values of the moderators have.
#[must_use]
pub fn design_row(values: &[ModeratorValue]) -> Vec<f64> {
    let mut row = vec![1.0];
    for value in values {
        match *value {
            ModeratorValue::Number(number) => row.push(number),
            ModeratorValue::Level { level, levels } => {
                row.extend((1..levels).map(|other| indicator(other == level)));
            }
        }
    }
    row
}

fn indicator(holds: bool) -> f64 {
    f64::from(u8::from(holds))
}

/// Fits y ~ X, whose first column is the intercept, at confidence `level` (0 to 1).
///
/// # Errors
/// See [`NoRegression`].
pub fn regress(
    effects: &[Effect],
    design: &Design,
    model: Model,
    test: Test,
    level: f64,
) -> Result<MetaRegression, NoRegression> {
    check_columns(design)?;
    let too_few =
        NoRegression::TooFewStudies { studies: effects.len(), coefficients: design.columns() };
    let fit = fit(effects, design, model, test, level).map_err(|reason| match reason {
        NoFit::NoStudies => NoRegression::NoStudies,
        NoFit::ZeroVariance => NoRegression::ZeroVariance,
        NoFit::NoResidualDegreesOfFreedom => too_few,
        NoFit::Singular => NoRegression::Collinear { column: design.columns() - 1 },
    })?;
    let tested: Vec<usize> = (1..design.columns()).collect();
    let moderators = wald(&fit, &tested);
    let r_squared = if tested.is_empty() { None } else { r_squared(effects, &fit, model, level) };
    Ok(MetaRegression { fit, moderators, r_squared, level })
}

/// The test that these coefficients are all zero: chi-squared where the model's reference is
/// normal, F where it is t (Knapp & Hartung 2003). `None` without coefficients, or where their
/// covariance is singular.
#[must_use]
pub fn wald(fit: &Fit, coefficients: &[usize]) -> Option<Omnibus> {
    if coefficients.is_empty() {
        return None;
    }
    let covariance: Vec<Vec<f64>> = coefficients
        .iter()
        .map(|i| coefficients.iter().map(|j| fit.covariance[*i][*j]).collect())
        .collect();
    let (inverse, _) = positive_definite_inverse(&covariance)?;
    let estimates: Vec<f64> = coefficients.iter().map(|i| fit.coefficients[*i].estimate).collect();
    let quadratic: f64 = inverse
        .iter()
        .zip(&estimates)
        .map(|(row, b)| b * row.iter().zip(&estimates).map(|(v, b)| v * b).sum::<f64>())
        .sum();
    let df = coefficients.len() as f64;
    Some(match fit.reference {
        Reference::Normal => Omnibus {
            statistic: quadratic,
            df,
            residual_df: None,
            p_value: chi_squared_upper_tail(quadratic, df),
        },
        Reference::T(residual_df) => Omnibus {
            statistic: quadratic / df,
            df,
            residual_df: Some(residual_df),
            p_value: f_upper_tail(quadratic / df, df, residual_df),
        },
    })
}

impl MetaRegression {
    /// The prediction for studies with covariates `x`, one a column of the design; see
    /// [`design_row`].
    #[must_use]
    pub fn predict(&self, x: &[f64]) -> Prediction {
        let estimate: f64 = self.fit.coefficients.iter().zip(x).map(|(b, x)| b.estimate * x).sum();
        let variance: f64 = self
            .fit
            .covariance
            .iter()
            .zip(x)
            .map(|(row, xi)| xi * row.iter().zip(x).map(|(v, xj)| v * xj).sum::<f64>())
            .sum();
        let standard_error = variance.max(0.0).sqrt();
        let mean = Inference::new(estimate, standard_error, self.fit.reference, self.level);
        let prediction_interval = self.fit.tau_squared.map(|tau_squared| {
            let spread = (tau_squared.value + variance.max(0.0)).sqrt();
            let half_width = self.fit.reference.critical(self.level) * spread;
            (estimate - half_width, estimate + half_width)
        });
        Prediction { mean, prediction_interval }
    }
}

/// Norms below this part of a column's own, once the columns before it are taken out, count as 0.
const COLLINEAR: f64 = 1e-7;

/// Finds the first column that is not finite, or a combination of the columns before it, by
/// Gram-Schmidt orthogonalisation.
fn check_columns(design: &Design) -> Result<(), NoRegression> {
    let mut basis: Vec<Vec<f64>> = Vec::new();
    for column in 0..design.columns() {
        let mut rest: Vec<f64> = (0..design.rows()).map(|i| design.row(i)[column]).collect();
        if rest.iter().any(|value| !value.is_finite()) {
            return Err(NoRegression::NotFinite { column });
        }
        let norm = dot(&rest, &rest).sqrt();
        // twice, so that rounding leaves nothing of the earlier columns
        for unit in basis.iter().chain(&basis) {
            let part = dot(&rest, unit);
            for (rest, unit) in rest.iter_mut().zip(unit) {
                *rest -= part * unit;
            }
        }
        let left = dot(&rest, &rest).sqrt();
        if basis.len() < design.rows() && left <= COLLINEAR * norm {
            return Err(NoRegression::Collinear { column });
        }
        rest.iter_mut().for_each(|value| *value /= left);
        basis.push(rest);
        if basis.len() == design.rows() {
            break;
        }
    }
    Ok(())
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn r_squared(effects: &[Effect], full: &Fit, model: Model, level: f64) -> Option<f64> {
    let design = Design::intercept(effects.len());
    let empty = fit(effects, &design, model, Test::Z, level).ok()?;
    let share = match (empty.tau_squared, full.tau_squared) {
        (Some(empty), Some(_)) if empty.value == 0.0 => 0.0,
        (Some(empty), Some(full)) => (empty.value - full.value) / empty.value,
        _ if full.q.df > 0.0 && empty.q.statistic > 0.0 => {
            1.0 - (full.q.statistic / full.q.df) / (empty.q.statistic / empty.q.df)
        }
        _ => return None,
    };
    Some(100.0 * share.max(0.0))
}

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

/// A subgroup analysis in its three forms.
#[derive(Debug, Clone, PartialEq)]
pub struct Subgroups {
    /// Each group fitted by itself, with a τ² of its own; a group of one study has τ² = 0 and a
    /// normal reference.
    pub groups: Vec<Result<Fit, NoFit>>,
    /// Differences between these: Q = Σ (μ_g − μ̄)²/SE_g² about the inverse-variance mean μ̄ of the
    /// groups, chi-squared with one degree of freedom fewer than groups. `None` with fewer than two
    /// groups that have a fit.
    pub between: Option<CochranQ>,
    /// The groups under one τ² common to all, a meta-regression on the group; its coefficients are
    /// the first group with studies and the differences of the others from it.
    pub common_tau_squared: Result<MetaRegression, NoRegression>,
    /// The mean of each group, with its prediction interval, under the common τ²; `None` for a
    /// group without studies.
    pub common_tau_squared_groups: Vec<Option<Prediction>>,
    /// The partition of Q under common effects; `None` with fewer than two groups.
    pub partition: Option<Partition>,
}

/// The partition of Cochran's Q, with w = 1/v: total = within + between, and so the degrees of
/// freedom.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Partition {
    /// About the mean of all studies.
    pub total: CochranQ,
    /// About the means of the groups, summed over the groups.
    pub within: CochranQ,
    /// Of the groups' means about the mean of all studies.
    pub between: CochranQ,
}

/// The subgroup analysis of studies that belong to groups `of` (counted from 0 to `groups` − 1), at
/// confidence `level` (0 to 1).
#[must_use]
pub fn subgroups(
    effects: &[Effect],
    of: &[usize],
    groups: usize,
    model: Model,
    test: Test,
    level: f64,
) -> Subgroups {
    let members: Vec<Vec<Effect>> = (0..groups)
        .map(|group| {
            let own = effects.iter().zip(of).filter(|(_, of)| **of == group);
            own.map(|(effect, _)| *effect).collect()
        })
        .collect();
    let fits: Vec<Result<Fit, NoFit>> =
        members.iter().map(|members| group_fit(members, model, test, level)).collect();
    let means: Vec<Effect> = fits.iter().flatten().map(mean_of).collect();
    let between = (means.len() > 1).then(|| spread(&means, level)).flatten();

    let (occupied, compact) = levels(of);
    let moderator = Moderator::Categorical { of: &compact, levels: occupied.len() };
    let common = regress(effects, &design(effects.len(), &[moderator]), model, test, level);
    let common_groups = (0..groups)
        .map(|group| {
            let regression = common.as_ref().ok()?;
            let level = occupied.binary_search(&group).ok()?;
            let value = ModeratorValue::Level { level, levels: occupied.len() };
            Some(regression.predict(&design_row(&[value])))
        })
        .collect();
    Subgroups {
        groups: fits,
        between,
        common_tau_squared: common,
        common_tau_squared_groups: common_groups,
        partition: partition(effects, &members, level),
    }
}

fn group_fit(effects: &[Effect], model: Model, test: Test, level: f64) -> Result<Fit, NoFit> {
    let (model, test) = if effects.len() == 1 { (Model::Common, Test::Z) } else { (model, test) };
    fit(effects, &Design::intercept(effects.len()), model, test, level)
}

fn mean_of(fit: &Fit) -> Effect {
    let pooled = fit.pooled();
    let variance = pooled.standard_error * pooled.standard_error;
    Effect { estimate: pooled.estimate, variance }
}

/// Cochran's Q of these means.
fn spread(means: &[Effect], level: f64) -> Option<CochranQ> {
    Some(group_fit(means, Model::Common, Test::Z, level).ok()?.q)
}

fn partition(effects: &[Effect], members: &[Vec<Effect>], level: f64) -> Option<Partition> {
    let fits: Vec<Fit> = members
        .iter()
        .filter(|members| !members.is_empty())
        .map(|members| group_fit(members, Model::Common, Test::Z, level).ok())
        .collect::<Option<_>>()?;
    let means: Vec<Effect> = fits.iter().map(mean_of).collect();
    if means.len() < 2 {
        return None;
    }
    let within = fits.iter().fold((0.0, 0.0), |(q, df), fit| (q + fit.q.statistic, df + fit.q.df));
    Some(Partition {
        total: spread(effects, level)?,
        within: CochranQ::new(within.0, within.1),
        between: spread(&means, level)?,
    })
}
