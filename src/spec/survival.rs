//! Analyses of patients' times to an event.

use super::model::Filter;
use crate::source::{Place, SourceId, Spanned};
use crate::stats::survival::IntervalScale;

/// One analysis of times to an event: a curve for each group, and whether the groups differ.
#[derive(Debug, Clone)]
pub struct SurvivalAnalysis {
    /// Unique within the review.
    pub id: String,
    /// Where the spec file says so.
    pub place: Place,
    /// Title as printed.
    pub title: String,
    /// Paragraphs of the author about this analysis.
    pub note: Vec<String>,
    /// The table, one row a patient.
    pub data: SourceId,
    /// Its path below the review folder.
    pub data_path: String,
    /// Whether the table is plain CSV in UTF-8, which other programs read alike.
    pub is_plain: bool,
    /// Rows that belong to the analysis.
    pub filter: Vec<Filter>,
    /// Time to the event or to the end of observation.
    pub time: Spanned<String>,
    /// Whether the event was observed: 1 or 0.
    pub event: Spanned<String>,
    /// The group of the patient, if there are several.
    pub group: Option<Spanned<String>>,
    /// Unit of time, as printed.
    pub unit: String,
    /// Times at which the rates are printed.
    pub landmarks: Vec<f64>,
    /// The scale on which intervals are symmetric.
    pub intervals: IntervalScale,
    /// Confidence level, 0 to 1.
    pub level: f64,
}
