//! Study data: CSV as written, then the studies of one analysis.

mod described;
mod flow;
mod moderators;
mod multi_arm;
mod outcome;
mod reading;
mod references;
mod risk_of_bias;
mod rows;
mod studies;
mod survival;
mod table;
mod translation;

pub use described::{
    CountRow, DescribedData, EventRow, GroupCount, PrintedGroup, PrintedRow, PrintedRows,
    read_description, read_printed, unlisted_classes,
};
#[cfg(test)]
pub(crate) use flow::sample as flow_sample;
pub use flow::{Flow, FlowProblem, Mismatch, Part, mismatches, read_flow};
pub use moderators::ModeratorColumn;
pub use outcome::{Estimate, Means, Precision, StudyData};
pub use references::{RESERVED_KEYS, References, plain_doi, read_references};
pub use risk_of_bias::{JudgedStudy, RiskOfBias, read_risk_of_bias, unmatched_judgements};
pub use studies::{Dataset, SharedControl, Study, Tables, read_dataset};
pub use survival::{Cohort, CohortGroup, read_cohort};
pub use table::Table;
pub use translation::{TRANSLATION_COLUMNS, Translation, Translator, read_translation};
