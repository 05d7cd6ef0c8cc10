//! The flow of records and reports into a review, by the keys of the R package `PRISMA2020`.

mod equations;
mod reading;

pub use equations::{Mismatch, mismatches};
pub use reading::read_flow;

use std::collections::BTreeMap;

/// A part of a number: a database's records, or the reports excluded for a reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What it is.
    pub name: String,
    /// How many, if it is said.
    pub count: Option<u64>,
}

/// The numbers of a review's flow, by the keys of `PRISMA2020`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Flow {
    counts: BTreeMap<&'static str, u64>,
    parts: BTreeMap<&'static str, Vec<Part>>,
}

/// The keys whose value is a number.
const COUNTS: [&str; 24] = [
    "previous_studies",
    "previous_reports",
    "database_results",
    "register_results",
    "website_results",
    "organisation_results",
    "citations_results",
    "duplicates",
    "excluded_automatic",
    "excluded_other",
    "records_screened",
    "records_excluded",
    "dbr_sought_reports",
    "dbr_notretrieved_reports",
    "dbr_assessed",
    "other_sought_reports",
    "other_notretrieved_reports",
    "other_assessed",
    "new_studies",
    "new_reports",
    "total_studies",
    "total_reports",
    "total_studies_ma",
    "total_reports_ma",
];

/// The keys whose value is a list: `Name, number; Name, number`.
const LISTS: [&str; 4] =
    ["database_specific_results", "register_specific_results", "dbr_excluded", "other_excluded"];

/// Why an entry cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FlowProblem {
    /// No such key.
    UnknownKey,
    /// The key has a value already.
    Repeated,
    /// This is not a whole number.
    NotACount(String),
}

impl Flow {
    /// Takes the value of a key, as a cell of the package's table holds it. An empty cell, `NA`
    /// and the template's `xxx` are no value.
    ///
    /// # Errors
    /// An unknown or repeated key, or a value that is no number where one is wanted.
    pub fn set(&mut self, key: &str, value: &str) -> Result<(), FlowProblem> {
        let value = value.trim();
        if let Some(key) = LISTS.iter().find(|list| **list == key) {
            let parts = parts(value)?;
            if parts.is_empty() {
                return Ok(());
            }
            let before = self.parts.insert(key, parts);
            return before.map_or(Ok(()), |_| Err(FlowProblem::Repeated));
        }
        let key = COUNTS.iter().find(|count| **count == key).ok_or(FlowProblem::UnknownKey)?;
        if is_missing(value) {
            return Ok(());
        }
        let value = count(value).ok_or_else(|| FlowProblem::NotACount(value.to_owned()))?;
        self.counts.insert(key, value).map_or(Ok(()), |_| Err(FlowProblem::Repeated))
    }

    /// The number under a key.
    #[must_use]
    pub fn count(&self, key: &str) -> Option<u64> {
        self.counts.get(key).copied()
    }

    /// The number under a key, or the sum of its list; `None` where a part of it is not known.
    pub(super) fn sum(&self, key: &str) -> Option<u64> {
        let parts = self.parts(key);
        if parts.is_empty() {
            return self.count(key);
        }
        parts.iter().map(|part| part.count).sum()
    }

    /// The names of all parts, with whether they are those of databases and registers.
    pub fn names_mut(&mut self) -> impl Iterator<Item = (bool, &mut String)> {
        self.parts.iter_mut().flat_map(|(key, parts)| {
            let is_source = key.ends_with("_specific_results");
            parts.iter_mut().map(move |part| (is_source, &mut part.name))
        })
    }

    /// The list under a key.
    #[must_use]
    pub fn parts(&self, key: &str) -> &[Part] {
        self.parts.get(key).map_or(&[], Vec::as_slice)
    }
}

fn is_missing(value: &str) -> bool {
    value.is_empty() || value.eq_ignore_ascii_case("na") || value.eq_ignore_ascii_case("xxx")
}

/// Between the thousands of a number.
const SEPARATORS: [char; 5] = [',', ' ', '\u{a0}', '\u{2009}', '\u{202f}'];

/// A number with or without separators between its thousands; nobody counts further than 15 digits.
fn count(value: &str) -> Option<u64> {
    let is_digits = |group: &str| !group.is_empty() && group.bytes().all(|b| b.is_ascii_digit());
    let groups: Vec<&str> = value.split(SEPARATORS).collect();
    let (first, others) = groups.split_first()?;
    let is_grouped = others.is_empty() || first.len() <= 3;
    let is_number = is_grouped
        && is_digits(first)
        && others.iter().all(|group| group.len() == 3 && is_digits(group));
    let digits = groups.concat();
    if is_number && digits.len() <= 15 { digits.parse().ok() } else { None }
}

/// The parts of `Name, number; Name, number`; a name may hold commas.
///
/// # Errors
/// A part whose last piece begins as a number does and is none.
fn parts(value: &str) -> Result<Vec<Part>, FlowProblem> {
    let written = value.split([';', '\u{ff1b}']).map(str::trim);
    written.filter(|part| !is_missing(part) && !is_placeholder(part)).map(part).collect()
}

fn part(text: &str) -> Result<Part, FlowProblem> {
    let pieces = || text.char_indices().filter(|(_, c)| matches!(c, ',' | '\u{ff0c}'));
    // the first comma with a number behind it: those of its thousands come later
    for (at, comma) in pieces() {
        let behind = text[at + comma.len_utf8()..].trim();
        if is_missing(behind) || count(behind).is_some() {
            return Ok(Part { name: text[..at].trim().to_owned(), count: count(behind) });
        }
    }
    let last = pieces().next_back().map(|(at, comma)| text[at + comma.len_utf8()..].trim());
    match last {
        Some(last)
            if last.starts_with(|c: char| c.is_ascii_digit() || "+-\u{2212}".contains(c)) =>
        {
            Err(FlowProblem::NotACount(last.to_owned()))
        }
        _ => Ok(Part { name: text.to_owned(), count: None }),
    }
}

/// What the package's table has before anybody fills it in: `Reason1, xxx`.
fn is_placeholder(part: &str) -> bool {
    part.strip_suffix(", xxx").is_some_and(|name| {
        let word = name.trim_end_matches(|c: char| c.is_ascii_digit());
        word.len() < name.len() && ["Reason", "Database", "Register"].contains(&word)
    })
}

/// A flow of a new review, for tests.
#[cfg(test)]
pub(crate) mod sample {
    use super::Flow;

    pub(crate) fn flow(entries: &[(&str, &str)]) -> Flow {
        let mut flow = Flow::default();
        for (key, value) in entries {
            flow.set(key, value).unwrap();
        }
        flow
    }

    pub(crate) const NEW: [(&str, &str); 12] = [
        ("database_results", "1,000"),
        ("database_specific_results", "MEDLINE, 600; Embase, 400"),
        ("register_results", "50"),
        ("duplicates", "300"),
        ("excluded_automatic", "NA"),
        ("records_screened", "750"),
        ("records_excluded", "600"),
        ("dbr_sought_reports", "150"),
        ("dbr_notretrieved_reports", "10"),
        ("dbr_assessed", "140"),
        ("dbr_excluded", "Wrong population, adults, 100; No control, 20"),
        ("new_reports", "20"),
    ];
}

#[cfg(test)]
mod tests {
    use super::sample::{NEW, flow};
    use super::*;

    #[test]
    fn values_are_numbers_or_lists() {
        let mut flow = flow(&NEW);
        assert_eq!(flow.parts("dbr_excluded")[0].name, "Wrong population, adults");
        assert_eq!(flow.parts("dbr_excluded")[0].count, Some(100));
        assert_eq!(flow.set("records", "1"), Err(FlowProblem::UnknownKey));
        assert_eq!(flow.set("duplicates", "1"), Err(FlowProblem::Repeated));
        assert_eq!(flow.set("excluded_other", "-1"), Err(FlowProblem::NotACount("-1".into())));
        assert_eq!(flow.set("excluded_other", "xxx"), Ok(()));
        assert_eq!(flow.count("excluded_automatic"), None);
    }

    #[test]
    fn thousands_stand_in_threes() {
        let values = [
            "1,234",
            "1 234 567",
            "12345",
            "0",
            "12,5",
            "1,2",
            "1,,234",
            "",
            "1e3",
            "9999999999999999",
        ];
        let found = values.map(count);
        let none = None;
        assert_eq!(
            found,
            [Some(1234), Some(1_234_567), Some(12345), Some(0), none, none, none, none, none, none]
        );
    }

    #[test]
    fn parts_are_names_and_numbers() {
        let of = |text: &str| {
            parts(text).map(|parts| {
                parts.into_iter().map(|part| (part.name, part.count)).collect::<Vec<_>>()
            })
        };
        let part = |name: &str, count| (name.to_owned(), count);
        assert_eq!(
            of("MEDLINE, 1,200; A, 100, 20"),
            Ok(vec![part("MEDLINE", Some(1200)), part("A, 100", Some(20))])
        );
        assert_eq!(
            of("人群不符，12；无对照"),
            Ok(vec![part("人群不符", Some(12)), part("无对照", None)])
        );
        assert_eq!(of("Reason1, xxx; Reason2, xxx"), Ok(Vec::new()));
        assert_eq!(of("Wrong design, 3.5"), Err(FlowProblem::NotACount("3.5".into())));
    }
}
