//! The subgroups of a forest plot.

use super::forest::SummaryRow;
use crate::analysis::{Findings, Pooled, SubgroupFinding};
use crate::report::number::Numbers;
use crate::report::view::{DataColumns, FooterLine, footer, reason_code};
use crate::spec::Analysis;
use serde::Serialize;

/// Studies under a heading, pooled by themselves.
#[derive(Debug, Clone, Serialize)]
pub struct ForestGroup {
    /// Its heading in the house style.
    pub heading: String,
    /// Its studies, by their place among the rows.
    pub rows: Vec<usize>,
    /// Sums over its studies, one cell a column.
    pub cells: Vec<String>,
    /// The same of events, where the style has a row of their own.
    pub event_cells: Option<Vec<String>>,
    /// Its effect, with the sum of its studies' weights.
    pub summary: Option<SummaryRow>,
    /// Its statistics.
    pub footer: Vec<FooterLine>,
    /// Code of the reason why it has no effect.
    pub reason: Option<&'static str>,
}

impl ForestGroup {
    /// Lines beside those of its studies.
    pub(super) fn lines(&self) -> usize {
        2 + usize::from(self.event_cells.is_some()) + self.footer.len()
    }
}

/// The subgroups in the order of the data.
pub(super) fn forest_groups(
    number: usize,
    spec: &Analysis,
    findings: &Findings,
    columns: &DataColumns<'_>,
    numbers: Numbers<'_>,
    summary: impl Fn(&SubgroupFinding, &Pooled) -> SummaryRow,
) -> Vec<ForestGroup> {
    let style = &numbers.style().forest.subgroups;
    let analysis = number.to_string();
    let groups = findings.subgroups.iter().flat_map(|found| &found.groups);
    (1..)
        .zip(groups)
        .map(|(part, group): (usize, _)| {
            let pooled = group.pooled.as_ref();
            let (cells, event_cells) = columns.forest_totals(&group.totals);
            ForestGroup {
                heading: style.heading.fill(&[
                    ("analysis", &analysis),
                    ("number", &part.to_string()),
                    ("subgroup", &group.level),
                ]),
                rows: group.studies.clone(),
                cells,
                event_cells,
                summary: pooled.ok().map(|pooled| summary(group, pooled)),
                footer: pooled.map_or_else(
                    |_| Vec::new(),
                    |pooled| footer(&style.footer, spec, pooled, numbers),
                ),
                reason: pooled.err().map(|reason| reason_code(*reason)),
            }
        })
        .collect()
}
