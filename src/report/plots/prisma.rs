//! The PRISMA 2020 flow diagram (Page et al. 2021), of new and of updated reviews.
//!
//! The numbers come under the keys of the R package `PRISMA2020` and are shown as they are given;
//! [`mismatches`] lists what does not add up, and nothing is mended. A number that is missing
//! leaves its line out, a box without lines is not drawn, and neither is a column of zeros.
//!
//! Drawn by `prisma-flow(view, words)` of `templates/figures/prisma.typ`. The words are
//! `figures.prisma` of the labels: `identification`, `screening` and `included` for the sidebar,
//! `column_previous`, `column_databases` and `column_other` for the heads, and one for each key of
//! a [`FlowLine`].

pub use crate::data::{Flow, FlowProblem, Mismatch, mismatches};
use crate::report::number;
use serde::Serialize;

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

/// The keys of other sources than databases and registers.
const OTHER: [&str; 7] = [
    "website_results",
    "organisation_results",
    "citations_results",
    "other_sought_reports",
    "other_notretrieved_reports",
    "other_assessed",
    "other_excluded",
];

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
    // the package's table has zeros in the columns that a review does not have
    let has_any = |keys: &[&str]| {
        keys.iter().any(|key| flow.count(key).is_some_and(|n| n > 0) || !flow.parts(key).is_empty())
    };
    let previous = plain(&["previous_studies", "previous_reports"])
        .filter(|_| has_any(&["previous_studies", "previous_reports"]));
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
    let has_other = has_any(&OTHER);
    let rows: Vec<FlowRow> = rows
        .into_iter()
        .map(|row| if has_other { row } else { FlowRow { other: None, other_side: None, ..row } })
        .filter(|row| {
            [&row.previous, &row.main, &row.side, &row.other, &row.other_side]
                .iter()
                .any(|found| found.is_some())
        })
        .collect();
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
    use crate::data::flow_sample::{NEW, flow};

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
