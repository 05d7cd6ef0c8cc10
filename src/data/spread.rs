//! Standard deviations that are hardly what their column says.

use super::multi_arm::Arm;
use super::outcome::StudyData;
use super::reading::Reader;
use super::rows::Rows;
use crate::diagnostic::{Code, Diagnostic};
use crate::spec::Measure;
use crate::stats::median;

/// A standard deviation so many times another, or the other way round, is of something else.
const FAR: f64 = 10.0;
/// Of fewer than these a median says little.
const FEWEST: usize = 6;

/// The spread of one group, with the cell that gave it.
struct Spread {
    row: usize,
    column: usize,
    mean: f64,
    deviation: f64,
    n: f64,
    /// The standard deviation of the other group of its study.
    other: f64,
}

/// Warnings about standard deviations of 0, and about those far from the others: of the analysis,
/// where its studies share a unit; relative to the mean, where ratios of means are pooled; of the
/// other group, where each study may have a unit of its own.
pub(super) fn suspect(
    arms: &[Arm],
    reader: &Reader,
    measure: Measure,
    rows: &Rows<'_>,
) -> Vec<Diagnostic> {
    let spreads: Vec<Spread> = arms.iter().flat_map(|arm| of_arm(arm, reader, rows)).collect();
    let compared = |spread: &Spread| match measure {
        Measure::MD => Some(spread.deviation),
        Measure::ROM => Some(spread.deviation / spread.mean),
        _ => None,
    };
    let of_analysis: Vec<f64> =
        spreads.iter().filter_map(compared).filter(|value| *value > 0.0).collect();
    let usual = if of_analysis.len() < FEWEST { None } else { median(of_analysis) };
    let mut warnings = Vec::new();
    for spread in &spreads {
        let warning = |message: String, help: &str| {
            rows.cell_error(Code::Spread, spread.row, spread.column, message)
                .help(help)
                .as_warning()
        };
        if spread.deviation == 0.0 {
            if spread.n > 1.0 {
                warnings.push(warning(
                    format!("the standard deviation of {} participants is 0", spread.n),
                    "it says that all of them have the same value; one that is not known is no 0",
                ));
            }
            continue;
        }
        let (ratio, others) = match (compared(spread), usual) {
            (Some(value), Some(usual)) if value > 0.0 => {
                (value / usual, "the median of the analysis")
            }
            (None, _) if spread.other > 0.0 => {
                (spread.deviation / spread.other, "the other group's")
            }
            _ => continue,
        };
        if ratio > FAR {
            warnings.push(warning(
                format!("the standard deviation is more than {FAR} times {others}"),
                "is it a variance, or in another unit?",
            ));
        } else if ratio < 1.0 / FAR && compared(spread).is_some() {
            warnings.push(warning(
                format!("the standard deviation is less than a tenth of {others}"),
                "is it a standard error, which has columns of its own (`se1`, `se2`), or in another unit?",
            ));
        }
    }
    warnings
}

/// The groups of a study whose spread was written rather than estimated from quantiles.
fn of_arm(arm: &Arm, reader: &Reader, rows: &Rows<'_>) -> Vec<Spread> {
    let StudyData::Means(means) = &arm.study.data else { return Vec::new() };
    let it = &means.moments;
    let groups = [(it.mean1, it.sd1, it.n1, it.sd2), (it.mean2, it.sd2, it.n2, it.sd1)];
    let columns = reader.spread_columns(rows, arm.row);
    let written =
        groups.into_iter().zip(columns).filter_map(|((mean, deviation, n, other), column)| {
            Some(Spread { row: arm.row, column: column?, mean, deviation, n, other })
        });
    written.collect()
}
