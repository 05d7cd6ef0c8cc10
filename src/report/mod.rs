//! Findings to what is printed: views for templates, results as data, every rounding and verdict.

mod diagnostic_results;
pub mod metafor;
pub mod number;
pub mod plots;
pub mod results;
pub mod tables;
pub mod verdict;
pub mod view;

use crate::analysis::Findings;
use crate::spec::{Analysis, Review};

/// A review with the findings of its analyses, in the order of the report.
#[derive(Debug, Clone)]
pub struct ReviewFindings {
    /// The resolved spec.
    pub review: Review,
    /// One for each of `review.analyses`.
    pub findings: Vec<Findings>,
}

impl ReviewFindings {
    /// Each analysis with its findings.
    pub fn analyses(&self) -> impl Iterator<Item = (&Analysis, &Findings)> {
        self.review.analyses.iter().zip(&self.findings)
    }
}
