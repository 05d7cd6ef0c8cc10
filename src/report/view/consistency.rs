//! The view of the consistency check: printed beside recomputed numbers, and what was found.

use super::claim::{as_printed, scale_code};
use crate::consistency::{
    Certainty, Comparison, Consistency, Field, Finding, Judgement, Obstacle, Phrases, Rule,
    severity_word,
};
use crate::diagnostic::Severity;
use crate::report::number::Numbers;
use crate::spec::Scale;
use serde::Serialize;

/// The last section: what was printed, what was recomputed, what was found.
#[derive(Debug, Clone, Serialize)]
pub struct ConsistencyView {
    /// How many numbers were printed.
    pub printed: usize,
    /// One row a printed number, by what it is about. What was printed more than once, and what is
    /// found for that reason more than once, has one row.
    pub rows: Vec<ComparisonRow>,
    /// Whether some row stands for several printed numbers.
    pub repeats: bool,
    /// What was found, by what it is about; notes too. Numbers that differ from those of the review
    /// are told by their rows.
    pub findings: Vec<FindingGroup>,
    /// Numbers of each judgement.
    pub reproduced: usize,
    /// Other digits, the same conclusion.
    pub consistent: usize,
    /// Another conclusion.
    pub inconsistent: usize,
    /// Nothing to compare with.
    pub not_checkable: usize,
    /// Errors and warnings among the findings that no reviewer accepted.
    pub open: usize,
    /// Numbers that differ from those of the review, by the rule of that name.
    pub differing: usize,
    /// Those of them that are no mere notes, and that no reviewer accepted.
    pub differing_open: usize,
}

/// A printed number beside the recomputed one, or the numbers of a claim that nothing gives.
#[derive(Debug, Clone, Serialize)]
pub struct ComparisonRow {
    /// Title of the analysis or claim, on its first row.
    pub title: Option<String>,
    /// What was printed.
    pub numbers: Vec<PrintedNumber>,
    /// The value of this review.
    pub recomputed: Option<String>,
    /// Code of the judgement.
    pub judgement: &'static str,
    /// Code of the obstacle, where there is nothing to compare with.
    pub obstacle: Option<&'static str>,
    /// Whether a reviewer accepted that it differs.
    pub is_accepted: bool,
    /// Why, on the first row of the reason.
    pub accepted: Option<String>,
}

/// A number as it was printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PrintedNumber {
    /// Code of the number.
    pub key: &'static str,
    /// Code of its scale, if it has one.
    pub scale: Option<&'static str>,
    /// As printed.
    pub printed: String,
}

impl ComparisonRow {
    fn has_no_data(&self) -> bool {
        self.obstacle == Some(NO_DATA)
    }

    /// Whether it says all that `other` says.
    fn tells(&self, other: &Self) -> bool {
        other.numbers.iter().all(|number| self.numbers.contains(number))
            && (&self.recomputed, self.judgement, self.obstacle, self.is_accepted)
                == (&other.recomputed, other.judgement, other.obstacle, other.is_accepted)
    }
}

/// The code of numbers that nothing gives.
const NO_DATA: &str = "no-data";

/// What was found about one thing.
#[derive(Debug, Clone, Serialize)]
pub struct FindingGroup {
    /// Title of the analysis or claim.
    pub title: String,
    /// One row a finding.
    pub rows: Vec<FindingRow>,
}

/// A finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FindingRow {
    /// Code of the rule.
    pub code: &'static str,
    /// `error`, `warning` or `note`.
    pub severity: &'static str,
    /// Code of how sure it is.
    pub certainty: &'static str,
    /// What was printed.
    pub printed: String,
    /// What follows from it.
    pub follows: String,
    /// Why a reviewer accepted it, if one did.
    pub accepted: Option<String>,
}

impl FindingRow {
    /// As [`Finding::is_open`].
    fn is_open(&self) -> bool {
        self.accepted.is_none() && self.severity != severity_word(Severity::Note)
    }
}

/// The view; none where nothing was printed and nothing found.
#[must_use]
pub fn consistency_view(
    checked: &[Consistency],
    phrases: &Phrases,
    numbers: Numbers<'_>,
) -> Option<ConsistencyView> {
    let mut rows: Groups<ComparisonRow> = Groups::default();
    let mut findings: Groups<FindingRow> = Groups::default();
    for analysis in checked {
        let mut told = None;
        for comparison in &analysis.comparisons {
            let of_title = rows.of(&analysis.title);
            let mut row = row(comparison, numbers);
            let reason = accepted_difference(comparison, &analysis.findings);
            row.is_accepted = reason.is_some();
            row.accepted = reason.filter(|_| told != reason).map(str::to_owned);
            told = reason.or(told);
            if of_title.iter().any(|known| known.tells(&row)) {
                continue;
            }
            match of_title.last_mut() {
                // what nothing gives stands in one row
                Some(last) if row.has_no_data() && last.has_no_data() => {
                    last.numbers.extend(row.numbers);
                }
                _ => of_title.push(row),
            }
        }
        for finding in analysis.findings.iter().filter(|it| !is_difference(it)) {
            let of_title = findings.of(&analysis.title);
            let row = finding_row(finding, phrases);
            if !of_title.contains(&row) {
                of_title.push(row);
            }
        }
    }
    let all = || checked.iter().flat_map(|it| &it.findings);
    let printed = || checked.iter().flat_map(|it| &it.comparisons);
    let rows: Vec<ComparisonRow> = rows.0.into_iter().flat_map(titled).collect();
    let findings: Vec<FindingGroup> =
        findings.0.into_iter().map(|(title, rows)| FindingGroup { title, rows }).collect();
    if rows.is_empty() && findings.is_empty() {
        return None;
    }
    let count = |code: &str| printed().filter(|it| judgement(it).0 == code).count();
    Some(ConsistencyView {
        printed: printed().count(),
        reproduced: count("reproduced"),
        consistent: count("consistent"),
        inconsistent: count("inconsistent"),
        not_checkable: count("not-checkable"),
        open: findings.iter().flat_map(|group| &group.rows).filter(|row| row.is_open()).count(),
        differing: all().filter(|it| is_difference(it)).count(),
        differing_open: all().filter(|it| it.is_open() && is_difference(it)).count(),
        repeats: rows.iter().map(|row| row.numbers.len()).sum::<usize>() < printed().count(),
        rows,
        findings,
    })
}

/// Rows by what they are about, in the order in which that came first. Titles that differ in
/// capitals only are one: an analysis and the claims about its subject.
struct Groups<T>(Vec<(String, Vec<T>)>);

impl<T> Default for Groups<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Groups<T> {
    /// The rows about `title`.
    fn of(&mut self, title: &str) -> &mut Vec<T> {
        let is_same = |known: &str| known.to_lowercase() == title.to_lowercase();
        let at = self.0.iter().position(|(known, _)| is_same(known)).unwrap_or_else(|| {
            self.0.push((title.to_owned(), Vec::new()));
            self.0.len() - 1
        });
        &mut self.0[at].1
    }
}

/// The rows of a group, the first of them with its title.
fn titled((title, mut rows): (String, Vec<ComparisonRow>)) -> Vec<ComparisonRow> {
    if let Some(first) = rows.first_mut() {
        first.title = Some(title);
    }
    rows
}

/// Whether a finding says no more than the row of its number.
fn is_difference(finding: &Finding) -> bool {
    finding.rule == Rule::RecomputedDiffers
}

/// Why a reviewer accepted that a number differs.
fn accepted_difference<'a>(comparison: &Comparison, findings: &'a [Finding]) -> Option<&'a str> {
    let of_number = |it: &&Finding| is_difference(it) && it.key == Some(comparison.field.name());
    findings.iter().find(of_number)?.accepted.as_deref()
}

fn finding_row(finding: &Finding, phrases: &Phrases) -> FindingRow {
    FindingRow {
        code: finding.rule.code(),
        severity: severity_word(finding.severity),
        certainty: match finding.certainty {
            Certainty::Certain => "certain",
            Certainty::Likely => "likely",
            Certainty::Check => "check",
        },
        printed: phrases.text(&finding.printed),
        follows: phrases.text(&finding.follows),
        accepted: finding.accepted.clone(),
    }
}

/// The codes of a judgement, and of the obstacle where there is nothing to compare with.
fn judgement(comparison: &Comparison) -> (&'static str, Option<&'static str>) {
    match comparison.judgement {
        Judgement::Reproduced => ("reproduced", None),
        Judgement::Consistent => ("consistent", None),
        Judgement::Inconsistent => ("inconsistent", None),
        Judgement::NotCheckable(obstacle) => (
            "not-checkable",
            Some(match obstacle {
                Obstacle::NoResult => "no-result",
                Obstacle::NotComputed => "not-computed",
                Obstacle::OtherScale => "other-scale",
                Obstacle::OtherLevel => "other-level",
                Obstacle::NoData => NO_DATA,
            }),
        ),
    }
}

fn row(comparison: &Comparison, numbers: Numbers<'_>) -> ComparisonRow {
    let (judgement, obstacle) = judgement(comparison);
    ComparisonRow {
        title: None,
        numbers: vec![PrintedNumber {
            key: comparison.field.name(),
            scale: comparison.scale.map(scale_code),
            printed: as_printed(&comparison.printed, numbers),
        }],
        recomputed: comparison.recomputed.map(|value| recomputed(comparison, value, numbers)),
        judgement,
        obstacle,
        is_accepted: false,
        accepted: None,
    }
}

/// The recomputed value with the decimals of the printed one, and more where these would hide a
/// difference.
fn recomputed(comparison: &Comparison, value: f64, numbers: Numbers<'_>) -> String {
    let printed = &comparison.printed;
    let decimals = printed.text.split_once('.').map_or(0, |(_, digits)| digits.len());
    match comparison.field {
        Field::P | Field::QP | Field::RankP | Field::RegressionP => numbers.p_cell(value, 0.05),
        field if field.is_count() => numbers.count(value),
        Field::Threshold => numbers.fixed(value, decimals.max(4)),
        _ => {
            let null = if comparison.scale == Some(Scale::Ratio) { 1.0 } else { 0.0 };
            let least = if comparison.field == Field::I2 { 1 } else { 2 };
            numbers.fixed_beside(value, null, decimals.clamp(least, 6))
        }
    }
}
