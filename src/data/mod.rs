//! Study data: CSV as written, then the studies of one analysis.

mod described;
mod flow;
mod layout;
mod moderators;
mod multi_arm;
mod names;
mod outcome;
mod reading;
mod references;
mod risk_of_bias;
mod rows;
mod spread;
mod studies;
mod survival;
mod table;
mod translation;
mod untidy;
mod written;

pub use described::{
    CountRow, DescribedData, EventRow, GroupCount, PrintedGroup, PrintedRow, PrintedRows,
    read_description, read_printed, suspect_rows,
};
#[cfg(test)]
pub(crate) use flow::sample as flow_sample;
pub use flow::{Flow, FlowProblem, Mismatch, Part, mismatches, read_flow};
pub use moderators::ModeratorColumn;
pub use outcome::{Estimate, Means, Precision, StudyData};
pub use references::{
    RESERVED_KEYS, References, citations_without_list, plain_doi, read_references,
};
pub use risk_of_bias::{JudgedStudy, RiskOfBias, read_risk_of_bias, unmatched_judgements};
pub use studies::{Dataset, SharedControl, Study, Tables, read_dataset, table_of};
pub use survival::{Cohort, CohortGroup, read_cohort};
pub use table::Table;
pub use translation::{TRANSLATION_COLUMNS, Translation, Translator, read_translation};
