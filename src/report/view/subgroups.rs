//! The studies of an analysis by subgroup.

use super::columns::group_sizes;
use super::result::QView;
use super::text::{i_squared_text, q_runs, q_view, tau_squared_text};
use crate::analysis::{Findings, SubgroupFinding, SubgroupFindings};
use crate::report::number::Numbers;
use crate::report::scale::{EffectPrinter, EffectText};
use crate::report::style::Run;
use crate::report::verdict::is_significant;
use crate::spec::Analysis;
use serde::Serialize;

/// The studies by subgroup.
#[derive(Debug, Clone, Serialize)]
pub struct SubgroupsView {
    /// The column that divides the studies.
    pub column: String,
    /// The subgroups.
    pub rows: Vec<SubgroupRow>,
    /// Test of the differences, each subgroup with a τ² of its own.
    pub between: Option<QView>,
    /// The same in the house style.
    pub between_runs: Vec<Run>,
    /// The same under one τ² for all.
    pub between_common_p: Option<String>,
    /// Whether the subgroups differ significantly (separate τ²).
    pub differ: bool,
}

/// One subgroup.
#[derive(Debug, Clone, Serialize)]
pub struct SubgroupRow {
    /// Its name.
    pub level: String,
    /// Number of studies.
    pub k: String,
    /// Size of the experimental group.
    pub group1: Option<String>,
    /// Size of the control group.
    pub group2: Option<String>,
    /// Pooled effect.
    pub effect: Option<EffectText>,
    /// P of the pooled effect.
    pub p: Option<String>,
    /// I², percent.
    pub i2: Option<String>,
    /// τ².
    pub tau2: Option<String>,
}

pub(super) fn subgroups_view(
    spec: &Analysis,
    findings: &Findings,
    found: &SubgroupFindings,
    numbers: Numbers<'_>,
) -> SubgroupsView {
    let printer = EffectPrinter::of(spec, findings, numbers);
    let is_single = spec.measure.is_single_group();
    let alpha = 1.0 - spec.model.level;
    let row = |group: &SubgroupFinding| {
        let pooled = group.pooled.as_ref().ok();
        let [group1, group2] = group_sizes(spec, &group.totals, numbers);
        SubgroupRow {
            level: group.level.clone(),
            k: pooled.map_or(group.studies.len(), |pooled| pooled.k).to_string(),
            group1,
            group2,
            effect: pooled
                .map(|pooled| printer.of_members(findings, &group.studies).pooled(pooled)),
            p: pooled
                .filter(|_| !is_single)
                .map(|pooled| numbers.p_cell(pooled.effect.p_value, alpha)),
            i2: pooled.and_then(|pooled| i_squared_text(pooled, numbers)),
            tau2: pooled.and_then(|pooled| tau_squared_text(pooled, numbers)),
        }
    };
    SubgroupsView {
        column: spec.subgroups.as_ref().map(|column| column.value.clone()).unwrap_or_default(),
        rows: found.groups.iter().map(row).collect(),
        between: found.between.ok().map(|q| q_view(&q, numbers)),
        between_runs: found.between.map_or_else(
            |_| Vec::new(),
            |q| q_runs(&numbers.style().statistics.subgroups, &q, numbers),
        ),
        between_common_p: found
            .between_common
            .as_ref()
            .ok()
            .map(|test| numbers.p_relation(test.p_value, 0.05)),
        differ: found.between.is_ok_and(|q| is_significant(q.p_value, 0.05)),
    }
}
