//! The studies of a large analysis that have a row of their own: the heaviest, for nobody reads
//! thousands of rows. The tables as CSV and `results.json` hold all of them.

use super::BiasColumnsView;
use crate::analysis::Findings;
use crate::report::number;
use crate::report::plots::{ForestView, StudyRow};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// So many studies of an analysis have a row of their own in its table and in its plots.
pub const MOST_STUDIES: usize = 200;

/// How many studies have a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ShownView {
    /// Studies that have one.
    pub shown: String,
    /// All studies.
    pub total: String,
}

/// The studies that have a row, by their place in the findings; not needed where all have.
#[derive(Debug, Clone)]
pub(super) struct Shown(BTreeSet<usize>);

impl Shown {
    /// The heaviest studies of a large analysis, and the heaviest of each of its subgroups; the
    /// earlier of two that weigh the same. `None` for an analysis that is not large.
    pub(super) fn of(findings: &Findings) -> Option<Self> {
        if findings.studies.len() <= MOST_STUDIES {
            return None;
        }
        let weights: Vec<f64> =
            findings.studies.iter().map(|study| study.weight.unwrap_or(0.0)).collect();
        let by_weight = |studies: &mut Vec<usize>| {
            studies.sort_by(|a, b| weights[*b].total_cmp(&weights[*a]));
        };
        let groups = findings.subgroups.iter().flat_map(|found| &found.groups);
        let mut shown: BTreeSet<usize> = groups
            .filter_map(|group| {
                let mut studies = group.studies.clone();
                by_weight(&mut studies);
                studies.first().copied()
            })
            .collect();
        let mut all: Vec<usize> = (0..weights.len()).collect();
        by_weight(&mut all);
        for study in all {
            if shown.len() >= MOST_STUDIES {
                break;
            }
            shown.insert(study);
        }
        Some(Self(shown))
    }

    /// What is told about it.
    pub(super) fn view(&self, findings: &Findings) -> ShownView {
        ShownView {
            shown: number::count(self.0.len() as f64),
            total: number::count(findings.studies.len() as f64),
        }
    }

    /// Keeps the rows of the shown studies, where `studies` are those of the rows.
    pub(super) fn keep<T>(&self, rows: &mut Vec<T>, studies: impl IntoIterator<Item = usize>) {
        let mut studies = studies.into_iter();
        rows.retain(|_| studies.next().is_some_and(|study| self.0.contains(&study)));
    }

    /// Keeps the rows of the shown studies in a forest plot and beside it.
    pub(super) fn keep_forest(
        &self,
        forest: &mut ForestView<StudyRow>,
        bias: Option<&mut BiasColumnsView>,
    ) {
        let places: BTreeMap<usize, usize> =
            self.0.iter().enumerate().map(|(place, study)| (*study, place)).collect();
        for group in &mut forest.groups {
            group.rows = group.rows.iter().filter_map(|row| places.get(row).copied()).collect();
        }
        forest.lines -= forest.rows.len() - self.0.len();
        self.keep(&mut forest.rows, 0..);
        if let Some(bias) = bias {
            self.keep(&mut bias.rows, 0..);
        }
    }
}
