//! The studies of an analysis in two versions, matched by their key, never by their row.

use super::Side;
use crate::data::{Table, Tables};
use crate::source::SourceId;
use crate::spec::{Analysis, Entry, Filter};
use std::collections::{BTreeMap, BTreeSet};

/// What happened to one study of an analysis.
#[derive(Debug, Clone, PartialEq)]
pub struct StudyChange {
    /// Its label; of rows with one label, the second and later ones with their number.
    pub key: String,
    /// What happened.
    pub action: StudyAction,
    /// How far the pooled effect lies from where it would be without this change alone.
    pub effect: Option<f64>,
}

/// What happened to a study.
#[derive(Debug, Clone, PartialEq)]
pub enum StudyAction {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It has another label, and all else as before.
    Renamed {
        /// Its label before.
        from: String,
    },
    /// Cells of its row are others.
    Edited(Vec<CellChange>),
}

/// A cell that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellChange {
    /// Name of the column.
    pub column: String,
    /// Its text before, if the column was there.
    pub old: Option<String>,
    /// Its text now, if the column is there.
    pub new: Option<String>,
}

type Rows = BTreeMap<String, BTreeMap<String, String>>;

/// A version with the tables of its studies.
pub(super) struct Studies<'a> {
    side: &'a Side,
    tables: Tables,
}

impl<'a> Studies<'a> {
    /// Reads each table once: many analyses take rows of one.
    pub(super) fn of(side: &'a Side) -> Self {
        let sources: BTreeSet<SourceId> =
            side.findings.review.entries.iter().filter_map(pooled).map(|spec| spec.data).collect();
        let parsed = |source| Some((source, Table::parse(&side.inputs.sources, source).ok()?));
        Self { side, tables: sources.into_iter().filter_map(parsed).collect() }
    }
}

fn pooled(entry: &Entry) -> Option<&Analysis> {
    if let Entry::Pooled(spec) = entry { Some(spec) } else { None }
}

/// The studies of an analysis that changed, by their key. Of an analysis of patients, or one that
/// only one version has, none.
pub(super) fn study_changes(id: &str, old: &Studies<'_>, new: &Studies<'_>) -> Vec<StudyChange> {
    let (Some(before), Some(now)) = (rows(id, old), rows(id, new)) else { return Vec::new() };
    let change = |key: &str, action| StudyChange { key: key.to_owned(), action, effect: None };
    let mut changes = Vec::new();
    let mut renamed = Vec::new();
    for (key, cells) in &now {
        match before.get(key) {
            Some(earlier) => {
                let edits = edits(earlier, cells);
                if !edits.is_empty() {
                    changes.push(change(key, StudyAction::Edited(edits)));
                }
            }
            None => {
                // only one that could be meant is taken for the same study
                let candidates: Vec<&String> = before
                    .iter()
                    .filter(|(other, earlier)| !now.contains_key(*other) && *earlier == cells)
                    .map(|(other, _)| other)
                    .collect();
                let twins = now
                    .iter()
                    .filter(|(other, twin)| !before.contains_key(*other) && *twin == cells);
                match candidates.as_slice() {
                    [from] if twins.count() == 1 => {
                        renamed.push((*from).clone());
                        changes.push(change(key, StudyAction::Renamed { from: (*from).clone() }));
                    }
                    _ => changes.push(change(key, StudyAction::Added)),
                }
            }
        }
    }
    let gone = before.keys().filter(|key| !now.contains_key(*key) && !renamed.contains(key));
    changes.extend(gone.map(|key| change(key, StudyAction::Removed)));
    changes
}

fn edits(old: &BTreeMap<String, String>, new: &BTreeMap<String, String>) -> Vec<CellChange> {
    let columns: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    columns
        .into_iter()
        .filter(|column| {
            // a column that is new or gone says something only where its cell does
            let text = |cells: &BTreeMap<String, String>| {
                cells.get(*column).map(String::as_str).unwrap_or_default().to_owned()
            };
            text(old) != text(new)
        })
        .map(|column| CellChange {
            column: column.clone(),
            old: old.get(column).cloned(),
            new: new.get(column).cloned(),
        })
        .collect()
}

/// The rows of an analysis by the label of their study, the label's own cell left out.
fn rows(id: &str, studies: &Studies<'_>) -> Option<Rows> {
    let spec = pooled(studies.side.entry(id)?.1)?;
    let table = studies.tables.get(&spec.data)?;
    let label = table.column(&spec.columns.study.value)?;
    let names: Vec<String> = table.column_names().map(str::to_owned).collect();
    let mut rows = Rows::new();
    for row in (0..table.row_count()).filter(|row| is_met(table, *row, &spec.filter)) {
        let key = (1..)
            .map(|n| match n {
                1 => table.cell(row, label).to_owned(),
                n => format!("{} ({n})", table.cell(row, label)),
            })
            .find(|key| !rows.contains_key(key))?;
        let cells = names
            .iter()
            .enumerate()
            .filter(|(column, _)| *column != label)
            .map(|(column, name)| (name.clone(), table.cell(row, column).to_owned()))
            .collect();
        rows.insert(key, cells);
    }
    Some(rows)
}

fn is_met(table: &Table, row: usize, filter: &[Filter]) -> bool {
    filter.iter().all(|filter| {
        table.column(&filter.column.value).is_some_and(|column| {
            filter.values.iter().any(|value| value.value == table.cell(row, column))
        })
    })
}
