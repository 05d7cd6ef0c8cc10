//! The studies of an analysis by subgroup, and whether the subgroups differ.

use super::diagnostics::refittable_model;
use super::pool::{Studies, pool};
use super::totals::Totals;
use super::{Reason, SubgroupFinding, SubgroupFindings};
use crate::data::Study;
use crate::spec::Analysis;
use crate::stats::Effect;
use crate::stats::design::Design;
use crate::stats::heterogeneity::CochranQ;
use crate::stats::meta_regression::{Moderator, Omnibus, design, regress};
use crate::stats::pooling::inverse_variance::{Model, Test, fit};

/// Pools each subgroup by itself, and compares them.
pub(super) fn by_subgroup(
    spec: &Analysis,
    studies: &[Study],
    pooling: &Studies,
) -> SubgroupFindings {
    let mut levels: Vec<(String, Vec<usize>)> = Vec::new();
    for (index, study) in studies.iter().enumerate() {
        let Some(level) = &study.subgroup else { continue };
        match levels.iter_mut().find(|(known, _)| known == level) {
            Some((_, members)) => members.push(index),
            None => levels.push((level.clone(), vec![index])),
        }
    }
    let between_common = common_tau_squared_test(spec, pooling, &levels);
    let groups: Vec<SubgroupFinding> = levels
        .into_iter()
        .map(|(level, members)| {
            let of_level = pooling.select(&members);
            SubgroupFinding {
                level,
                totals: Totals::of(&of_level.data),
                pooled: pool(spec, spec.model, &of_level).map(|(pooled, _)| pooled),
                studies: members,
            }
        })
        .collect();
    SubgroupFindings { between: separate_test(&groups), between_common, groups }
}

/// Q of the subgroups' pooled effects about their inverse-variance mean.
fn separate_test(groups: &[SubgroupFinding]) -> Result<CochranQ, Reason> {
    let pooled: Vec<Effect> = groups
        .iter()
        .filter_map(|group| group.pooled.as_ref().ok())
        .map(|pooled| Effect {
            estimate: pooled.effect.estimate,
            variance: pooled.effect.standard_error * pooled.effect.standard_error,
        })
        .collect();
    if pooled.len() < 2 {
        return Err(Reason::OneSubgroup);
    }
    let design = Design::intercept(pooled.len());
    fit(&pooled, &design, Model::Common, Test::Z, 0.95)
        .map(|fit| fit.q)
        .map_err(|_| Reason::UndefinedPool)
}

/// The omnibus test of a meta-regression on the subgroup.
fn common_tau_squared_test(
    spec: &Analysis,
    studies: &Studies,
    levels: &[(String, Vec<usize>)],
) -> Result<Omnibus, Reason> {
    let assumption = refittable_model(spec)?;
    let mut effects = Vec::new();
    let mut of = Vec::new();
    let mut groups = 0;
    for (_, members) in levels {
        let estimable = studies.select(members).estimable();
        if !estimable.is_empty() {
            of.extend(vec![groups; estimable.len()]);
            effects.extend(estimable);
            groups += 1;
        }
    }
    if groups < 2 {
        return Err(Reason::OneSubgroup);
    }
    let design = design(effects.len(), &[Moderator::Categorical { of: &of, levels: groups }]);
    regress(&effects, &design, assumption, spec.model.test, spec.model.level)
        .ok()
        .and_then(|regression| regression.moderators)
        .ok_or(Reason::TooFewStudies)
}
