//! A finding as data: an object of `findings.json` and of `check --message-format json`.

use super::finding::{Certainty, Finding};
use super::phrases::Phrases;
use crate::diagnostic::Severity;
use crate::source::Sources;
use serde::Serialize;

/// A finding with its place resolved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FindingRecord {
    /// Code of the rule.
    pub code: &'static str,
    /// Name of the rule.
    pub rule: &'static str,
    /// `error`, `warning` or `note`.
    pub severity: &'static str,
    /// How sure it is.
    pub certainty: Certainty,
    /// Id of the claim.
    pub claim: String,
    /// Key or column of the number, if it is about one.
    pub key: Option<&'static str>,
    /// The file, if the place is known.
    pub file: Option<String>,
    /// Line from 1.
    pub line: Option<usize>,
    /// Column from 1, in characters.
    pub column: Option<usize>,
    /// What was printed.
    pub printed: String,
    /// What follows from it.
    pub follows: String,
    /// Source of the rule.
    pub source: &'static str,
    /// Why a reviewer accepted it, if one did.
    pub accepted: Option<String>,
}

impl FindingRecord {
    /// The record of a finding in one of `sources`, in the words of a language.
    #[must_use]
    pub fn of(finding: &Finding, sources: &Sources, phrases: &Phrases) -> Self {
        let place = finding
            .place
            .map(|place| (sources.get(place.source).name.clone(), sources.line_and_column(place)));
        Self {
            code: finding.rule.code(),
            rule: finding.rule.name(),
            severity: severity_word(finding.severity),
            certainty: finding.certainty,
            claim: finding.claim.clone(),
            key: finding.key,
            file: place.as_ref().map(|(name, _)| name.clone()),
            line: place.as_ref().map(|(_, (line, _))| *line),
            column: place.as_ref().map(|(_, (_, column))| *column),
            printed: phrases.text(&finding.printed),
            follows: phrases.text(&finding.follows),
            source: finding.rule.source(),
            accepted: finding.accepted.clone(),
        }
    }
}

/// The word of a severity in data.
#[must_use]
pub fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}
