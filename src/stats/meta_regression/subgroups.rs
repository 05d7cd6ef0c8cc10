//! Subgroups: each by itself, under a common τ², and the partition of Q.

use super::{
    MetaRegression, Moderator, ModeratorValue, NoRegression, Prediction, design, design_row,
    levels, regress,
};
use crate::stats::Effect;
use crate::stats::design::Design;
use crate::stats::heterogeneity::CochranQ;
use crate::stats::pooling::inverse_variance::{Fit, Model, NoFit, Test, fit};

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
