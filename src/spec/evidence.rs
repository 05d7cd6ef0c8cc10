//! How the studies of a review were found and judged.

use super::judgement::BiasTool;
use crate::source::{Place, SourceId, Spanned};

/// The table of a review's flow.
#[derive(Debug, Clone, PartialEq)]
pub struct FlowSpec {
    /// Where the spec names it.
    pub place: Place,
    /// The table.
    pub data: SourceId,
    /// Its path below the review folder.
    pub data_path: String,
}

/// The table of claims.
#[derive(Debug, Clone, PartialEq)]
pub struct ClaimsSpec {
    /// The table.
    pub data: SourceId,
    /// Its path below the review folder.
    pub data_path: String,
}

/// The list of references.
#[derive(Debug, Clone, PartialEq)]
pub struct ReferencesSpec {
    /// Where the spec names it.
    pub place: Place,
    /// The file.
    pub data: SourceId,
    /// Its path below the review folder.
    pub data_path: String,
}

/// The table of the judgements of risk of bias.
#[derive(Debug, Clone, PartialEq)]
pub struct BiasSpec {
    /// Where the spec names it.
    pub place: Place,
    /// The table.
    pub data: SourceId,
    /// Its path below the review folder.
    pub data_path: String,
    /// The tool.
    pub tool: BiasTool,
    /// Which column holds what.
    pub columns: BiasColumns,
    /// The analysis by whose weights the judgements are summed up; counted without one.
    pub weights: Option<Spanned<String>>,
}

/// The columns of the judgements; those that are not named are called as robvis has them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BiasColumns {
    /// Names of the studies.
    pub study: Option<Spanned<String>>,
    /// One a domain, in the tool's order.
    pub domains: Vec<Option<Spanned<String>>>,
    /// The overall judgement.
    pub overall: Option<Spanned<String>>,
}
