//! The PRISMA 2020 flow diagram (Page et al. 2021), of new and of updated reviews.
//!
//! The numbers come under the keys of the R package `PRISMA2020` and are shown as they are given;
//! [`mismatches`] lists what does not add up, and nothing is mended. A number that is missing
//! leaves its line out, and a box without lines is not drawn.
//!
//! Drawn by `prisma-flow(view, words)` of `templates/figures/prisma.typ`. The words are
//! `figures.prisma` of the labels: `identification`, `screening` and `included` for the sidebar,
//! `column_previous`, `column_databases` and `column_other` for the heads, and one for each key of
//! a [`FlowLine`].

use crate::report::number;
use serde::Serialize;
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
pub const COUNTS: [&str; 24] = [
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
pub const LISTS: [&str; 4] =
    ["database_specific_results", "register_specific_results", "dbr_excluded", "other_excluded"];

/// Why an entry cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FlowProblem {
    /// No such key.
    UnknownKey,
    /// The key has a value already.
    Repeated,
    /// The value is not a whole number.
    NotACount,
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
            let parts = parts(value);
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
        let value = count(value).ok_or(FlowProblem::NotACount)?;
        self.counts.insert(key, value).map_or(Ok(()), |_| Err(FlowProblem::Repeated))
    }

    /// The number under a key.
    #[must_use]
    pub fn count(&self, key: &str) -> Option<u64> {
        self.counts.get(key).copied()
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

/// A number with or without separators between its thousands.
fn count(value: &str) -> Option<u64> {
    let digits: String =
        value.chars().filter(|c| !matches!(c, ',' | ' ' | '\u{a0}' | '\u{202f}')).collect();
    digits.parse().ok()
}

/// The parts of `Name, number; Name, number`; a name may hold commas.
fn parts(value: &str) -> Vec<Part> {
    value
        .split(';')
        .map(str::trim)
        .filter(|part| !is_missing(part))
        .map(|part| match part.rsplit_once(',') {
            Some((name, number)) if is_missing(number.trim()) => {
                Part { name: name.trim().to_owned(), count: None }
            }
            Some((name, number)) if count(number.trim()).is_some() => {
                Part { name: name.trim().to_owned(), count: count(number.trim()) }
            }
            _ => Part { name: part.to_owned(), count: None },
        })
        .collect()
}

/// An equation between the numbers that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// The key whose number is given.
    pub key: &'static str,
    /// What is given.
    pub given: u64,
    /// What the others add up to; below zero where more is taken away than there is.
    pub expected: i128,
    /// The keys that are added (`true`) or taken away, with their numbers; a list stands for the
    /// sum of its parts.
    pub terms: Vec<(bool, &'static str, u64)>,
}

/// A key, the keys that add up to it and must be given, and those that are added or taken away
/// where they are given.
struct Equation {
    key: &'static str,
    needed: &'static [(bool, &'static str)],
    optional: &'static [(bool, &'static str)],
}

const EQUATIONS: [Equation; 10] = [
    Equation {
        key: "database_results",
        needed: &[(true, "database_specific_results")],
        optional: &[],
    },
    Equation {
        key: "register_results",
        needed: &[(true, "register_specific_results")],
        optional: &[],
    },
    Equation {
        key: "records_screened",
        needed: &[(true, "database_results")],
        optional: &[
            (true, "register_results"),
            (false, "duplicates"),
            (false, "excluded_automatic"),
            (false, "excluded_other"),
        ],
    },
    Equation {
        key: "dbr_sought_reports",
        needed: &[(true, "records_screened"), (false, "records_excluded")],
        optional: &[],
    },
    Equation {
        key: "dbr_assessed",
        needed: &[(true, "dbr_sought_reports")],
        optional: &[(false, "dbr_notretrieved_reports")],
    },
    Equation {
        key: "other_sought_reports",
        needed: &[],
        optional: &[
            (true, "website_results"),
            (true, "organisation_results"),
            (true, "citations_results"),
        ],
    },
    Equation {
        key: "other_assessed",
        needed: &[(true, "other_sought_reports")],
        optional: &[(false, "other_notretrieved_reports")],
    },
    Equation {
        key: "new_reports",
        needed: &[(true, "dbr_assessed"), (false, "dbr_excluded")],
        optional: &[(true, "other_assessed"), (false, "other_excluded")],
    },
    Equation {
        key: "total_studies",
        needed: &[(true, "new_studies")],
        optional: &[(true, "previous_studies")],
    },
    Equation {
        key: "total_reports",
        needed: &[(true, "new_reports")],
        optional: &[(true, "previous_reports")],
    },
];

/// The equations between the numbers that do not hold. One is looked at where all that it needs is
/// given; a list counts where each of its parts has a number.
#[must_use]
pub fn mismatches(flow: &Flow) -> Vec<Mismatch> {
    EQUATIONS.iter().filter_map(|equation| mismatch(flow, equation)).collect()
}

fn mismatch(flow: &Flow, equation: &Equation) -> Option<Mismatch> {
    let given = flow.count(equation.key)?;
    let term = |(is_added, key): &(bool, &'static str)| {
        value_of(flow, key).map(|value| (*is_added, *key, value))
    };
    let mut terms: Vec<(bool, &'static str, u64)> =
        equation.needed.iter().map(term).collect::<Option<_>>()?;
    // a list with a part of unknown size leaves the sum unknown
    if equation
        .optional
        .iter()
        .any(|(_, key)| !flow.parts(key).is_empty() && value_of(flow, key).is_none())
    {
        return None;
    }
    terms.extend(equation.optional.iter().filter_map(term));
    if terms.is_empty() {
        return None;
    }
    let expected = terms
        .iter()
        .map(
            |(is_added, _, value)| if *is_added { i128::from(*value) } else { -i128::from(*value) },
        )
        .sum();
    (i128::from(given) != expected).then_some(Mismatch {
        key: equation.key,
        given,
        expected,
        terms,
    })
}

fn value_of(flow: &Flow, key: &str) -> Option<u64> {
    let parts = flow.parts(key);
    if parts.is_empty() {
        return flow.count(key);
    }
    parts.iter().map(|part| part.count).sum()
}

/// The diagram.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PrismaView {
    /// Whether there is a column of the previous version.
    pub has_previous: bool,
    /// Whether there is a column of other sources than databases and registers.
    pub has_other: bool,
    /// The rows from top to bottom; those without a box are left out.
    pub rows: Vec<FlowRow>,
    /// Numbers for the alternative text.
    pub numbers: FlowNumbers,
}

/// What a reader who does not see the figure is told; what is not given is `None`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FlowNumbers {
    /// Records screened.
    pub screened: Option<String>,
    /// Reports assessed that databases and registers gave.
    pub assessed: Option<String>,
    /// Reports assessed from other sources.
    pub other_assessed: Option<String>,
    /// Studies in this version: all of them, or the new ones where the total is not given.
    pub studies: Option<String>,
}

/// A row of the diagram; a box that is missing is `None`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FlowRow {
    /// Its part of the sidebar: `identification`, `screening` or `included`.
    pub phase: &'static str,
    /// In the column of the previous version.
    pub previous: Option<FlowBox>,
    /// In the column of databases and registers.
    pub main: Option<FlowBox>,
    /// Beside it: what leaves the flow here.
    pub side: Option<FlowBox>,
    /// In the column of the other sources.
    pub other: Option<FlowBox>,
    /// Beside it: what leaves the flow here.
    pub other_side: Option<FlowBox>,
}

/// A box.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FlowBox {
    /// Its lines.
    pub lines: Vec<FlowLine>,
}

/// A line of a box.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FlowLine {
    /// The key of its words in the labels; `None` where it has words of its own.
    pub key: Option<&'static str>,
    /// Its own words: the name of a database or a reason.
    pub text: Option<String>,
    /// Its number.
    pub count: Option<String>,
    /// How far it is set in: 0, 1 or 2.
    pub level: u8,
}

/// The diagram of these numbers; `None` without any.
#[must_use]
pub fn prisma(flow: &Flow) -> Option<PrismaView> {
    let line = |key: &'static str, level| {
        let count = flow.count(key).map(|value| number::count(value as f64));
        count.map(|count| FlowLine { key: Some(key), text: None, count: Some(count), level })
    };
    let plain = |keys: &[&'static str]| boxed(keys.iter().filter_map(|key| line(key, 0)).collect());
    let list = |key: &'static str, level| -> Vec<FlowLine> {
        let parts = flow.parts(key).iter();
        parts
            .map(|part| FlowLine {
                key: None,
                text: Some(part.name.clone()),
                count: part.count.map(|count| number::count(count as f64)),
                level,
            })
            .collect()
    };
    let headed = |key: &'static str, lines: Vec<FlowLine>| {
        if lines.is_empty() {
            return None;
        }
        let head = FlowLine { key: Some(key), text: None, count: None, level: 0 };
        boxed([vec![head], lines].concat())
    };
    let items = |keys: &[&'static str]| keys.iter().filter_map(|key| line(key, 1)).collect();
    let sources: Vec<FlowLine> = [
        ("database_results", "database_specific_results"),
        ("register_results", "register_specific_results"),
    ]
    .into_iter()
    .flat_map(|(key, specific)| line(key, 1).into_iter().chain(list(specific, 2)))
    .collect();
    let previous = plain(&["previous_studies", "previous_reports"]);
    let has_previous = previous.is_some();
    let new = if has_previous {
        plain(&["new_studies", "new_reports"])
    } else {
        // a review without a previous version has no new studies, but studies
        renamed(
            plain(&["new_studies", "new_reports", "total_studies_ma", "total_reports_ma"]),
            &[("new_studies", "studies"), ("new_reports", "reports")],
        )
        .or_else(|| plain(&["total_studies", "total_reports"]))
    };
    let total = if has_previous {
        plain(&["total_studies", "total_reports", "total_studies_ma", "total_reports_ma"])
    } else {
        None
    };
    let row = |phase, main, side, other, other_side| FlowRow {
        phase,
        previous: None,
        main,
        side,
        other,
        other_side,
    };
    let rows = vec![
        FlowRow {
            previous,
            ..row(
                "identification",
                headed("identified", sources),
                headed("removed", items(&["duplicates", "excluded_automatic", "excluded_other"])),
                headed(
                    "identified",
                    items(&["website_results", "organisation_results", "citations_results"]),
                ),
                None,
            )
        },
        row("screening", plain(&["records_screened"]), plain(&["records_excluded"]), None, None),
        row(
            "screening",
            plain(&["dbr_sought_reports"]),
            plain(&["dbr_notretrieved_reports"]),
            plain(&["other_sought_reports"]),
            plain(&["other_notretrieved_reports"]),
        ),
        row(
            "screening",
            plain(&["dbr_assessed"]),
            headed("reports_excluded", list("dbr_excluded", 1)),
            plain(&["other_assessed"]),
            headed("reports_excluded", list("other_excluded", 1)),
        ),
        row("included", new, None, None, None),
        row("included", total, None, None, None),
    ];
    let rows: Vec<FlowRow> = rows
        .into_iter()
        .filter(|row| {
            [&row.previous, &row.main, &row.side, &row.other, &row.other_side]
                .iter()
                .any(|found| found.is_some())
        })
        .collect();
    let has_other = rows.iter().any(|row| row.other.is_some() || row.other_side.is_some());
    let text = |key| flow.count(key).map(|value| number::count(value as f64));
    let numbers = FlowNumbers {
        screened: text("records_screened"),
        assessed: text("dbr_assessed"),
        other_assessed: text("other_assessed"),
        studies: text("total_studies").or_else(|| text("new_studies")),
    };
    (!rows.is_empty()).then_some(PrismaView { has_previous, has_other, rows, numbers })
}

fn boxed(lines: Vec<FlowLine>) -> Option<FlowBox> {
    (!lines.is_empty()).then_some(FlowBox { lines })
}

fn renamed(found: Option<FlowBox>, names: &[(&str, &'static str)]) -> Option<FlowBox> {
    let mut found = found?;
    for line in &mut found.lines {
        if let Some((_, new)) = names.iter().find(|(old, _)| line.key == Some(*old)) {
            line.key = Some(new);
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flow(entries: &[(&str, &str)]) -> Flow {
        let mut flow = Flow::default();
        for (key, value) in entries {
            flow.set(key, value).unwrap();
        }
        flow
    }

    const NEW: [(&str, &str); 12] = [
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

    #[test]
    fn numbers_that_add_up_have_no_mismatch() {
        assert_eq!(mismatches(&flow(&NEW)), []);
        assert_eq!(mismatches(&Flow::default()), []);
    }

    #[test]
    fn each_equation_that_does_not_hold_is_listed() {
        let mut entries = NEW;
        entries[5].1 = "760";
        let found = mismatches(&flow(&entries));
        let keys: Vec<&str> = found.iter().map(|mismatch| mismatch.key).collect();
        assert_eq!(keys, ["records_screened", "dbr_sought_reports"]);
        assert_eq!((found[0].given, found[0].expected), (760, 750));
        assert_eq!(found[0].terms[2], (false, "duplicates", 300));
    }

    #[test]
    fn an_unknown_part_leaves_its_sum_open() {
        let mut entries = NEW;
        entries[10].1 = "Wrong population, xxx; No control, 20";
        entries[11].1 = "25";
        assert_eq!(mismatches(&flow(&entries)), []);
    }

    #[test]
    fn values_are_numbers_or_lists() {
        let mut flow = flow(&NEW);
        assert_eq!(flow.parts("dbr_excluded")[0].name, "Wrong population, adults");
        assert_eq!(flow.parts("dbr_excluded")[0].count, Some(100));
        assert_eq!(flow.set("records", "1"), Err(FlowProblem::UnknownKey));
        assert_eq!(flow.set("duplicates", "1"), Err(FlowProblem::Repeated));
        assert_eq!(flow.set("excluded_other", "-1"), Err(FlowProblem::NotACount));
        assert_eq!(flow.set("excluded_other", "xxx"), Ok(()));
        assert_eq!(flow.count("excluded_automatic"), None);
    }

    #[test]
    fn a_new_review_has_one_column_and_no_total() {
        let view = prisma(&flow(&NEW)).unwrap();
        assert!(!view.has_previous && !view.has_other);
        assert_eq!(view.rows.len(), 5);
        let included = view.rows[4].main.as_ref().unwrap();
        assert_eq!(included.lines[0].key, Some("reports"));
        let identified = view.rows[0].main.as_ref().unwrap();
        let levels: Vec<u8> = identified.lines.iter().map(|line| line.level).collect();
        assert_eq!(levels, [0, 1, 2, 2, 1]);
        let removed = view.rows[0].side.as_ref().unwrap();
        assert_eq!(removed.lines.len(), 2, "what is not given is left out");
    }

    #[test]
    fn an_updated_review_has_the_previous_column_and_a_total() {
        let mut entries = NEW.to_vec();
        entries.extend([
            ("previous_studies", "12"),
            ("new_studies", "15"),
            ("total_studies", "28"),
            ("citations_results", "4"),
        ]);
        let flow = flow(&entries);
        let view = prisma(&flow).unwrap();
        assert!(view.has_previous && view.has_other);
        assert!(view.rows[0].previous.is_some());
        assert_eq!(view.rows[5].main.as_ref().unwrap().lines[0].key, Some("total_studies"));
        assert_eq!(mismatches(&flow)[0].expected, 27);
        assert_eq!(view.numbers.studies.as_deref(), Some("28"));
        assert_eq!(view.numbers.screened.as_deref(), Some("750"));
        assert_eq!(prisma(&Flow::default()), None);
    }
}
