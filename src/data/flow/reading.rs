//! The flow of a review from its table: a key and its value a row.

use super::{COUNTS, Flow, FlowProblem, LISTS, Mismatch, mismatches};
use crate::data::rows::Rows;
use crate::data::studies::{Tables, table_of};
use crate::diagnostic::{Code, Diagnostic, nearest_hint};
use crate::project::Inputs;
use crate::source::Spanned;
use crate::spec::FlowSpec;
use std::collections::BTreeMap;

/// The rows of the package's table that hold words of the diagram and no number.
const TITLES: [&str; 6] =
    ["prevstud", "newstud", "othstud", "identification", "screening", "included"];

/// Reads the flow of a review: the column `data`, or else `box`, has the keys, `n` the values.
///
/// # Errors
/// Keys that there are not, values that are no numbers, and sums that do not hold.
pub fn read_flow(
    spec: &FlowSpec,
    inputs: &Inputs,
    tables: &mut Tables,
) -> Result<Flow, Vec<Diagnostic>> {
    let table = table_of(spec.data, inputs, tables)?;
    let rows = Rows { table, inputs, name: &spec.data_path };
    let named = |name: &str| Spanned { value: name.to_owned(), place: spec.place };
    let mut diagnostics = Vec::new();
    let key_column = if table.column("data").is_none() && table.column("box").is_some() {
        "box"
    } else {
        "data"
    };
    let key_column = rows.column(&named(key_column), &mut diagnostics);
    let value_column = rows.column(&named("n"), &mut diagnostics);
    let (Some(key_column), Some(value_column)) = (key_column, value_column) else {
        return Err(diagnostics);
    };
    diagnostics.extend(rows.no_rows());
    let mut flow = Flow::default();
    let mut row_of: BTreeMap<&str, usize> = BTreeMap::new();
    for row in 0..table.row_count() {
        let key = rows.cell(row, key_column);
        if key.is_empty() || key == "NA" || TITLES.contains(&key) {
            continue;
        }
        let diagnostic = match flow.set(key, rows.cell(row, value_column)) {
            Ok(()) => {
                row_of.entry(key).or_insert(row);
                continue;
            }
            Err(FlowProblem::UnknownKey) => {
                let message = format!("unknown key `{key}`");
                rows.cell_error(Code::UnknownKey, row, key_column, message)
                    .help(nearest_hint(key, COUNTS.into_iter().chain(LISTS)))
            }
            Err(FlowProblem::Repeated) => {
                let message = format!("the key `{key}` has a value already");
                let again = rows.cell_error(Code::DuplicateId, row, key_column, message);
                match row_of.get(key) {
                    Some(first) => again.related(rows.place(*first, key_column), "the first one"),
                    None => again,
                }
            }
            Err(FlowProblem::NotACount(text)) => {
                let message = format!("`{text}` is not a count");
                let diagnostic = rows.cell_error(Code::NotACount, row, value_column, message);
                if LISTS.contains(&key) {
                    diagnostic.help("a list is written `Name, number; Name, number`")
                } else {
                    diagnostic.help("write a whole number, or nothing where it is not known")
                }
            }
        };
        diagnostics.push(diagnostic);
    }
    if diagnostics.is_empty() {
        for mismatch in mismatches(&flow) {
            if let Some(row) = row_of.get(mismatch.key) {
                diagnostics.push(does_not_add_up(&mismatch, &rows, *row, value_column));
            }
        }
    }
    if diagnostics.is_empty() { Ok(flow) } else { Err(diagnostics) }
}

fn does_not_add_up(mismatch: &Mismatch, rows: &Rows<'_>, row: usize, column: usize) -> Diagnostic {
    let Mismatch { key, given, expected, terms } = mismatch;
    let mut sum = String::new();
    for (index, (is_added, term, value)) in terms.iter().enumerate() {
        let sign = match (index, is_added) {
            (0, true) => "",
            (_, true) => " + ",
            (_, false) => " - ",
        };
        sum.push_str(&format!("{sign}{term} {value}"));
    }
    let message = format!("`{key}` is {given}, but the other rows make it {expected}");
    rows.cell_error(Code::DoesNotAddUp, row, column, message)
        .help(format!("{sum} = {expected}; correct the row that is wrong, or leave a number that is not known empty"))
}
