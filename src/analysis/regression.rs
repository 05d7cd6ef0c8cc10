//! Meta-regression of an analysis on its moderators.

use super::pool::{Studies, likelihood_of, multilevel_test, no_clustered_fit};
use super::{BetweenVariance, Components, Reason};
use crate::data::ModeratorColumn;
use crate::spec::{Analysis, Method, RegressionSpec, Structure};
use crate::stats::Effect;
use crate::stats::design::{Design, positive_definite_inverse};
use crate::stats::distribution::{chi_squared_upper_tail, f_upper_tail};
use crate::stats::heterogeneity::{CochranQ, Inconsistency};
use crate::stats::meta_regression::{
    MetaRegression, Moderator, NoRegression, Omnibus, PermutationTest, Prediction, design,
    permutation_test, regress,
};
use crate::stats::multilevel::{Nesting, three_level, two_level_robust};
use crate::stats::pooling::inverse_variance::{
    HeterogeneityIntervals, Model, heterogeneity_intervals,
};
use crate::stats::pooling::{Inference, Reference};

/// A meta-regression.
#[derive(Debug, Clone, PartialEq)]
pub struct Regression {
    /// Studies that it rests on.
    pub k: usize,
    /// Names of the coefficients: `intrcpt`, then a column's name for a number, and the column's
    /// with the level's for a category, as metafor has them.
    pub names: Vec<String>,
    /// The coefficients, each with its test.
    pub coefficients: Vec<Inference>,
    /// The reference distribution of each coefficient's test.
    pub references: Vec<Reference>,
    /// Residual variance between studies.
    pub tau_squared: Result<BetweenVariance, Reason>,
    /// Residual variances of a three-level model.
    pub components: Option<Components>,
    /// Residual heterogeneity, Q_E.
    pub q: CochranQ,
    /// Residual I² and H².
    pub inconsistency: Result<Inconsistency, Reason>,
    /// Q-profile intervals of the residual τ², I² and H².
    pub intervals: Result<HeterogeneityIntervals, Reason>,
    /// Q_M or F, the test of all coefficients but the intercept.
    pub moderators: Result<Omnibus, Reason>,
    /// R², percent.
    pub r_squared: Result<f64, Reason>,
    /// Log-likelihood.
    pub log_likelihood: f64,
    /// Akaike's criterion.
    pub aic: f64,
    /// The permutation test, if the analysis asks for one.
    pub permutation: Option<Result<PermutationTest, Reason>>,
    /// The studies that it rests on, by their index.
    pub used: Vec<usize>,
    /// What it says along its numeric moderators, or why it cannot be drawn.
    pub lines: Result<Lines, Reason>,
    /// Studies left out because a moderator has no value, by their index.
    pub left_out: Vec<usize>,
}

/// A regression along its numeric moderators, each with the other columns of the design at their
/// mean.
#[derive(Debug, Clone, PartialEq)]
pub struct Lines {
    /// The numeric moderators, in the order of the analysis.
    pub moderators: Vec<NumericModerator>,
    model: MetaRegression,
    means: Vec<f64>,
}

/// A numeric moderator of a regression.
#[derive(Debug, Clone, PartialEq)]
pub struct NumericModerator {
    /// Its column in the table.
    pub column: String,
    /// Its value in each study that the regression rests on.
    pub values: Vec<f64>,
    coefficient: usize,
}

impl Lines {
    /// What the model says where a moderator has this value.
    #[must_use]
    pub fn at(&self, moderator: &NumericModerator, value: f64) -> Prediction {
        let mut row = self.means.clone();
        row[moderator.coefficient] = value;
        self.model.predict(&row)
    }
}

/// The regression of an analysis, or why there is none.
pub(super) fn regression(
    analysis: &Analysis,
    spec: &RegressionSpec,
    moderators: &[ModeratorColumn],
    studies: &Studies,
) -> Result<Regression, Reason> {
    let assumption = match analysis.model.method {
        Method::EqualEffects => Model::Common,
        Method::RandomEffects(estimator) => Model::Random(estimator),
        _ => return Err(Reason::NotInverseVariance),
    };
    let has_all = |index: &usize| {
        moderators.iter().all(|moderator| match moderator {
            ModeratorColumn::Numeric(values) => values[*index].is_some(),
            ModeratorColumn::Categorical { of, .. } => of[*index].is_some(),
        })
    };
    let estimable: Vec<usize> =
        (0..studies.effects.len()).filter(|index| studies.effects[*index].is_ok()).collect();
    let (used, left_out): (Vec<usize>, Vec<usize>) = estimable.into_iter().partition(has_all);
    let effects: Vec<Effect> = used.iter().filter_map(|i| studies.effects[*i].ok()).collect();
    let (design, names, numeric) = design_of(spec, moderators, &used);
    let mut found = if analysis.model.structure == Structure::ThreeLevel {
        clustered(analysis, &effects, &design, &clusters(studies, &used))?
    } else {
        two_level(analysis, assumption, &effects, &design, studies, &used, numeric)?
    };
    found.permutation = spec.permutation.map(|permutation| {
        if analysis.model.structure == Structure::ThreeLevel || analysis.model.is_robust {
            return Err(Reason::ClusteredStudies);
        }
        permutation_test(
            &effects,
            &design,
            assumption,
            analysis.model.test,
            permutation.iterations,
            permutation.seed,
        )
        .map_err(no_regression)
    });
    Ok(Regression { names, left_out, used, ..found })
}

fn clusters(studies: &Studies, used: &[usize]) -> Vec<usize> {
    let clusters = studies.clusters.as_deref().unwrap_or_default();
    used.iter().filter_map(|index| clusters.get(*index).copied()).collect()
}

/// The design of the studies `used`, with the names of its columns and the numeric moderators.
/// Levels that none of them has take no column.
fn design_of(
    spec: &RegressionSpec,
    moderators: &[ModeratorColumn],
    used: &[usize],
) -> (Design, Vec<String>, Vec<NumericModerator>) {
    let mut names = vec!["intrcpt".to_owned()];
    let mut numbers: Vec<NumericModerator> = Vec::new();
    let mut categories: Vec<(Vec<usize>, usize)> = Vec::new();
    let mut order = Vec::new();
    for (moderator, spec) in moderators.iter().zip(&spec.moderators) {
        match moderator {
            ModeratorColumn::Numeric(values) => {
                order.push((true, numbers.len()));
                numbers.push(NumericModerator {
                    column: spec.column.value.clone(),
                    values: used.iter().filter_map(|index| values[*index]).collect(),
                    coefficient: names.len(),
                });
                names.push(spec.column.value.clone());
            }
            ModeratorColumn::Categorical { levels, of } => {
                let present: Vec<usize> = (0..levels.len())
                    .filter(|level| used.iter().any(|index| of[*index] == Some(*level)))
                    .collect();
                for level in present.iter().skip(1) {
                    names.push(format!("{}{}", spec.column.value, levels[*level]));
                }
                let of_used = used
                    .iter()
                    .filter_map(|index| present.iter().position(|level| of[*index] == Some(*level)))
                    .collect();
                order.push((false, categories.len()));
                categories.push((of_used, present.len()));
            }
        }
    }
    let columns: Vec<Moderator<'_>> = order
        .into_iter()
        .map(|(is_numeric, index)| {
            if is_numeric {
                Moderator::Numeric(&numbers[index].values)
            } else {
                let (of, levels) = &categories[index];
                Moderator::Categorical { of, levels: *levels }
            }
        })
        .collect();
    let design = design(used.len(), &columns);
    (design, names, numbers)
}

/// The means of the columns of a design.
fn column_means(design: &Design) -> Vec<f64> {
    let rows = design.rows();
    (0..design.columns())
        .map(|column| (0..rows).map(|row| design.row(row)[column]).sum::<f64>() / rows as f64)
        .collect()
}

fn two_level(
    analysis: &Analysis,
    assumption: Model,
    effects: &[Effect],
    design: &Design,
    studies: &Studies,
    used: &[usize],
    numeric: Vec<NumericModerator>,
) -> Result<Regression, Reason> {
    let model = analysis.model;
    let found =
        regress(effects, design, assumption, model.test, model.level).map_err(no_regression)?;
    let lines = Lines { moderators: numeric, model: found.clone(), means: column_means(design) };
    let fit = found.fit;
    let mut regression = Regression {
        k: fit.k,
        names: Vec::new(),
        references: vec![fit.reference; fit.coefficients.len()],
        tau_squared: fit.tau_squared.map(BetweenVariance::from).ok_or(Reason::CommonEffect),
        components: None,
        q: fit.q,
        inconsistency: fit.inconsistency.ok_or(Reason::OneStudy),
        intervals: heterogeneity_intervals(effects, design, model.level).ok_or(Reason::OneStudy),
        moderators: found.moderators.ok_or(Reason::ModeratorsDoNotVary),
        r_squared: found.r_squared.ok_or(Reason::NoHeterogeneity),
        log_likelihood: fit.log_likelihood,
        aic: fit.aic,
        permutation: None,
        used: Vec::new(),
        lines: Ok(lines),
        left_out: Vec::new(),
        coefficients: fit.coefficients,
    };
    if model.is_robust {
        let tau_squared = fit.tau_squared.map_or(0.0, |tau_squared| tau_squared.value);
        let robust =
            two_level_robust(effects, design, tau_squared, &clusters(studies, used), model.level)
                .map_err(no_clustered_fit)?;
        regression.coefficients = robust.coefficients;
        regression.references = robust.degrees_of_freedom.into_iter().map(Reference::T).collect();
        regression.moderators = Err(Reason::RobustInference);
        regression.lines = Err(Reason::RobustInference);
    }
    Ok(regression)
}

fn clustered(
    analysis: &Analysis,
    effects: &[Effect],
    design: &Design,
    clusters: &[usize],
) -> Result<Regression, Reason> {
    let model = analysis.model;
    let of: Vec<usize> = (0..effects.len()).collect();
    let nesting = Nesting { cluster: clusters, study: &of };
    let fit = three_level(
        effects,
        design,
        nesting,
        likelihood_of(model.method),
        multilevel_test(model.test),
        model.level,
    )
    .map_err(no_clustered_fit)?;
    let mut regression = Regression {
        k: fit.k,
        names: Vec::new(),
        references: vec![fit.reference; fit.coefficients.len()],
        tau_squared: Err(Reason::SeveralVariances),
        components: Some(Components {
            between_clusters: fit.between_clusters,
            within_clusters: fit.within_clusters,
            i_squared_between: fit.i_squared.0,
            i_squared_within: fit.i_squared.1,
        }),
        q: fit.q,
        inconsistency: Err(Reason::SeveralVariances),
        intervals: Err(Reason::SeveralVariances),
        moderators: omnibus(&fit.coefficients, &fit.covariance, fit.reference)
            .ok_or(Reason::ModeratorsDoNotVary),
        r_squared: Err(Reason::SeveralVariances),
        log_likelihood: fit.log_likelihood,
        aic: fit.aic,
        permutation: None,
        used: Vec::new(),
        lines: Err(Reason::SeveralVariances),
        left_out: Vec::new(),
        coefficients: fit.coefficients.clone(),
    };
    if model.is_robust {
        let robust = fit.robust(effects, design, nesting).map_err(no_clustered_fit)?;
        regression.coefficients = robust.coefficients;
        regression.references = robust.degrees_of_freedom.into_iter().map(Reference::T).collect();
        regression.moderators = Err(Reason::RobustInference);
    }
    Ok(regression)
}

/// The Wald test that all coefficients but the first are zero.
fn omnibus(
    coefficients: &[Inference],
    covariance: &[Vec<f64>],
    reference: Reference,
) -> Option<Omnibus> {
    let tested: Vec<f64> = coefficients.iter().skip(1).map(|found| found.estimate).collect();
    if tested.is_empty() {
        return None;
    }
    let of_tested: Vec<Vec<f64>> = covariance.iter().skip(1).map(|row| row[1..].to_vec()).collect();
    let (inverse, _) = positive_definite_inverse(&of_tested)?;
    let wald: f64 = inverse
        .iter()
        .zip(&tested)
        .map(|(row, b)| b * row.iter().zip(&tested).map(|(v, c)| v * c).sum::<f64>())
        .sum();
    let df = tested.len() as f64;
    Some(match reference {
        Reference::Normal => Omnibus {
            statistic: wald,
            df,
            residual_df: None,
            p_value: chi_squared_upper_tail(wald, df),
        },
        Reference::T(residual_df) => Omnibus {
            statistic: wald / df,
            df,
            residual_df: Some(residual_df),
            p_value: f_upper_tail(wald / df, df, residual_df),
        },
    })
}

fn no_regression(no_regression: NoRegression) -> Reason {
    match no_regression {
        NoRegression::NoStudies => Reason::NoEstimableStudy,
        NoRegression::ZeroVariance => Reason::ZeroVariance,
        NoRegression::OutOfRange => Reason::OutOfRange,
        NoRegression::NoScatter => Reason::NoScatter,
        NoRegression::TooFewStudies { .. } => Reason::TooFewForModel,
        NoRegression::Collinear { .. } => Reason::CollinearModerators,
        NoRegression::NotFinite { .. } => Reason::UndefinedPool,
    }
}
