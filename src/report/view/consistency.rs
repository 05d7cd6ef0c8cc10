//! The view of the consistency check: printed beside recomputed numbers, and what was found.

use super::claim::{as_printed, scale_code};
use crate::consistency::{
    Certainty, Comparison, Consistency, Field, Judgement, Obstacle, Phrases, severity_word,
};
use crate::report::number::Numbers;
use crate::spec::Scale;
use serde::Serialize;

/// The last section: what was printed, what was recomputed, what was found.
#[derive(Debug, Clone, Serialize)]
pub struct ConsistencyView {
    /// How many numbers were printed.
    pub printed: usize,
    /// One row a printed number.
    pub rows: Vec<ComparisonRow>,
    /// One row a finding; notes too.
    pub findings: Vec<FindingRow>,
    /// Numbers of each judgement.
    pub reproduced: usize,
    /// Other digits, the same conclusion.
    pub consistent: usize,
    /// Another conclusion.
    pub inconsistent: usize,
    /// Nothing to compare with.
    pub not_checkable: usize,
    /// Errors and warnings that no reviewer accepted.
    pub open: usize,
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
}

/// A number as it was printed.
#[derive(Debug, Clone, Serialize)]
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
}

/// The code of numbers that nothing gives.
const NO_DATA: &str = "no-data";

/// A finding.
#[derive(Debug, Clone, Serialize)]
pub struct FindingRow {
    /// Title of the analysis.
    pub title: String,
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

/// The view; none where nothing was printed and nothing found.
#[must_use]
pub fn consistency_view(
    checked: &[Consistency],
    phrases: &Phrases,
    numbers: Numbers<'_>,
) -> Option<ConsistencyView> {
    let mut rows: Vec<ComparisonRow> = Vec::new();
    let mut findings = Vec::new();
    for analysis in checked {
        let mut title = Some(analysis.title.clone());
        for comparison in &analysis.comparisons {
            let row = row(comparison, title.take(), numbers);
            match rows.last_mut() {
                // what nothing gives stands in one row
                Some(last) if row.title.is_none() && row.has_no_data() && last.has_no_data() => {
                    last.numbers.extend(row.numbers);
                }
                _ => rows.push(row),
            }
        }
        findings.extend(analysis.findings.iter().map(|finding| FindingRow {
            title: analysis.title.clone(),
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
        }));
    }
    if rows.is_empty() && findings.is_empty() {
        return None;
    }
    let count = |code: &str| -> usize {
        rows.iter().filter(|row| row.judgement == code).map(|row| row.numbers.len()).sum()
    };
    Some(ConsistencyView {
        printed: rows.iter().map(|row| row.numbers.len()).sum(),
        reproduced: count("reproduced"),
        consistent: count("consistent"),
        inconsistent: count("inconsistent"),
        not_checkable: count("not-checkable"),
        open: checked.iter().flat_map(|it| &it.findings).filter(|it| it.is_open()).count(),
        rows,
        findings,
    })
}

fn row(comparison: &Comparison, title: Option<String>, numbers: Numbers<'_>) -> ComparisonRow {
    let (judgement, obstacle) = match comparison.judgement {
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
    };
    ComparisonRow {
        title,
        numbers: vec![PrintedNumber {
            key: comparison.field.name(),
            scale: comparison.scale.map(scale_code),
            printed: as_printed(&comparison.printed, numbers),
        }],
        recomputed: comparison.recomputed.map(|value| recomputed(comparison, value, numbers)),
        judgement,
        obstacle,
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
