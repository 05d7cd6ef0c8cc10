//! Names of groups that a reader takes for one, or for none.

use super::rows::Rows;
use crate::diagnostic::{Code, Diagnostic};
use std::collections::BTreeMap;

/// What people write where they know nothing, in small letters and without spaces.
const MISSING: [&str; 18] = [
    "na",
    "n/a",
    "n.a.",
    "nr",
    "n.r.",
    "notreported",
    "unknown",
    "missing",
    "nan",
    "null",
    "-",
    "--",
    "\u{2013}",
    "\u{2014}",
    ".",
    "?",
    "未报告",
    "未報告",
];

/// A column whose cells name groups.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grouping {
    /// The column.
    pub(super) column: usize,
    /// What a group is called, such as `subgroup`.
    pub(super) what: &'static str,
    /// What to do where the value is missing.
    pub(super) empty: &'static str,
    /// The cells that name no group.
    pub(super) unnamed: &'static [&'static str],
}

/// Warnings about names that differ in case, spaces or width alone, and about marks for a missing
/// value that became a group.
pub(super) fn suspect(rows: &Rows<'_>, of_rows: &[usize], grouping: Grouping) -> Vec<Diagnostic> {
    let Grouping { column, what, empty, unnamed } = grouping;
    let mut first_rows: BTreeMap<&str, usize> = BTreeMap::new();
    for row in of_rows {
        first_rows.entry(rows.cell(*row, column)).or_insert(*row);
    }
    first_rows.retain(|name, _| !unnamed.contains(name));
    let mut spellings: Vec<(&str, usize)> = first_rows.into_iter().collect();
    spellings.sort_by_key(|(_, row)| *row);
    let mut alike: BTreeMap<String, (&str, usize)> = BTreeMap::new();
    let mut warnings = Vec::new();
    for (name, row) in spellings {
        let folded = folded(name);
        if MISSING.contains(&folded.as_str()) {
            let message = format!("`{name}` is read as the name of a {what}");
            let warning = rows.cell_error(Code::MissingMark, row, column, message);
            warnings.push(warning.help(format!("where the value is missing: {empty}")));
        }
        let (other, first) = *alike.entry(folded).or_insert((name, row));
        if other != name {
            let message = format!("`{other}` and `{name}` are each read as the name of a {what}");
            let related = format!("`{other}`, row {}", rows.table.row_number(first));
            warnings.push(
                rows.cell_error(Code::AlikeNames, row, column, message)
                    .related(rows.place(first, column), related)
                    .help("write them alike; what is two has names that differ in more than case, spaces or width"),
            );
        }
    }
    warnings.into_iter().map(Diagnostic::as_warning).collect()
}

/// A name without spaces, in small letters and characters of half width.
fn folded(name: &str) -> String {
    let half_width = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        c => c,
    };
    let letters = name.chars().filter(|c| !c.is_whitespace()).map(half_width);
    letters.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::folded;

    #[test]
    fn case_spaces_and_width_are_folded_and_nothing_else() {
        for (a, b) in [("Low", "low"), ("low  dose", "Low\u{a0}dose"), ("ＩＶ （１）", "iv(1)")]
        {
            assert_eq!(folded(a), folded(b));
        }
        for (a, b) in [("low", "lower"), ("< 5", "> 5"), ("1.5 mg", "15 mg"), ("低", "高")] {
            assert_ne!(folded(a), folded(b));
        }
    }
}
