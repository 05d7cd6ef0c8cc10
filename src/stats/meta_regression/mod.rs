//! Meta-regression: moderators, their omnibus and permutation tests, predictions and subgroups.

mod permutation;
mod subgroups;

pub use permutation::{PermutationTest, permutation_test};
pub use subgroups::{Partition, Subgroups, subgroups};

use super::Effect;
use super::design::{Design, positive_definite_inverse};
use super::distribution::{chi_squared_upper_tail, f_upper_tail};
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
    /// An estimate or a variance is too large or too small to be computed with.
    OutOfRange,
    /// The effects lie on the model, so that a Knapp-Hartung test has nothing to test by.
    NoScatter,
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
        NoFit::OutOfRange => NoRegression::OutOfRange,
        NoFit::NoScatter => NoRegression::NoScatter,
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
