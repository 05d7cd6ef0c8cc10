//! `build-report versions`: what is kept of each review.

use super::args::KeptArgs;
use super::terminal::Terminal;
use super::{Outcome, reviews};
use crate::versions::{Kept, Status, Store, StoreError};
use std::collections::BTreeMap;

/// How many characters of a hash are shown.
const SHORT_HASH: usize = 12;

/// Runs the command.
pub(super) fn run(args: &KeptArgs, terminal: &Terminal) -> Outcome {
    let mut lines =
        vec![["review", "version", "status", "date", "hash", "analyses"].map(str::to_owned)];
    let outcome = reviews::each_checked(&args.path, terminal, |_, checked| {
        let id = &checked.review.id;
        let store = Store::new(&args.out, id);
        match rows(&store, id) {
            Ok(rows) => {
                lines.extend(rows);
                Outcome::Done
            }
            Err(error) => {
                terminal.store_error(&error);
                Outcome::CannotWork
            }
        }
    });
    outcome.max(terminal.data(&aligned(&lines)))
}

fn rows(store: &Store, review: &str) -> Result<Vec<[String; 6]>, StoreError> {
    let row = |label: String| {
        let kept = store.read(&label)?;
        let manifest = kept.as_ref().and_then(Kept::manifest);
        let is_released = store.is_released(&label)?;
        let status = match manifest {
            _ if kept.is_none() => "released, gone",
            None if is_released => "released, damaged",
            None => "damaged",
            Some(manifest) if manifest.status == Status::Released || is_released => "released",
            Some(_) => "draft",
        };
        let date = manifest.and_then(|manifest| manifest.date.clone());
        let seal = kept.as_ref().and_then(|kept| kept.seal()).unwrap_or_default();
        let verdicts = manifest.map(|manifest| counts(&manifest.verdicts)).unwrap_or_default();
        Ok([
            review.to_owned(),
            label,
            status.to_owned(),
            date.unwrap_or_else(|| "no date".to_owned()),
            seal.chars().take(SHORT_HASH).collect(),
            verdicts,
        ])
    };
    store.labels()?.into_iter().map(row).collect()
}

/// The number of analyses by verdict: `17: 2 higher, 15 not-significant`.
fn counts(verdicts: &BTreeMap<String, String>) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for verdict in verdicts.values() {
        *counts.entry(verdict).or_default() += 1;
    }
    let counts: Vec<String> = counts.iter().map(|(verdict, n)| format!("{n} {verdict}")).collect();
    format!("{}: {}", verdicts.len(), counts.join(", "))
}

/// Columns as wide as their widest cell.
fn aligned(lines: &[[String; 6]]) -> String {
    let width = |column: usize| {
        lines.iter().map(|line| line[column].chars().count()).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..6).map(width).collect();
    let padded = |line: &[String; 6]| {
        let cells = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
    };
    lines.iter().map(padded).collect()
}
