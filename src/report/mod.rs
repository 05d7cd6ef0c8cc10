//! Findings to what is printed: views for templates, results as data, every rounding and verdict.

mod absolute;
mod convention_results;
mod described_results;
mod described_tables;
mod diagnostic_results;
pub mod metafor;
pub mod number;
pub mod plots;
mod regression_results;
pub mod results;
pub mod scale;
mod study_results;
pub mod style;
mod survival_results;
pub mod tables;
pub mod texts;
pub mod verdict;
pub mod view;
pub mod works;

use crate::analysis::{DescribedFindings, Findings, SurvivalFindings};
use crate::consistency::Claim;
use crate::data::{Flow, PrintedRows, References, RiskOfBias};
use crate::spec::{Analysis, Entry, Review};

/// A review with the findings of its analyses, in the order of the report.
#[derive(Debug, Clone)]
pub struct ReviewFindings {
    /// The resolved spec.
    pub review: Review,
    /// One for each of `review.entries`.
    pub findings: Vec<EntryFindings>,
    /// How the studies were found, if the review says.
    pub flow: Option<Flow>,
    /// How they were judged, if they were.
    pub risk_of_bias: Option<RiskOfBias>,
    /// The references that its texts cite, if it has a list.
    pub references: Option<References>,
    /// What others printed, from the table of claims.
    pub claims: Vec<Claim>,
    /// The characteristics of the studies, if the review prints them.
    pub characteristics: Option<PrintedRows>,
}

/// The findings of one analysis, by its kind.
#[derive(Debug, Clone)]
pub enum EntryFindings {
    /// Pooled effects.
    Pooled(Box<Findings>),
    /// Survival curves.
    Survival(Box<SurvivalFindings>),
    /// Rows that are described.
    Described(Box<DescribedFindings>),
}

impl ReviewFindings {
    /// Each analysis with its findings.
    pub fn entries(&self) -> impl Iterator<Item = (&Entry, &EntryFindings)> {
        self.review.entries.iter().zip(&self.findings)
    }

    /// Each analysis with its findings, and with the number that it has in the whole report.
    pub fn numbered(&self) -> impl Iterator<Item = (usize, (&Entry, &EntryFindings))> {
        (1..).zip(self.entries())
    }

    /// Each analysis that pools effects, with its findings and its number in the whole report.
    pub fn numbered_analyses(&self) -> impl Iterator<Item = (usize, &Analysis, &Findings)> {
        self.numbered().filter_map(|(number, entry)| match entry {
            (Entry::Pooled(spec), EntryFindings::Pooled(findings)) => {
                Some((number, &**spec, &**findings))
            }
            _ => None,
        })
    }

    /// Each analysis that pools effects, with its findings.
    pub fn analyses(&self) -> impl Iterator<Item = (&Analysis, &Findings)> {
        self.numbered_analyses().map(|(_, spec, findings)| (spec, findings))
    }
}
