//! Tables without pooled effects: characteristics, lists, single trials, adverse events.

use super::conventions::StudyInterval;
use super::model::{Arms, Filter};
use crate::source::{Place, SourceId, Spanned};

/// Rows of a table printed as they are.
#[derive(Debug, Clone)]
pub struct TableSpec {
    /// Where the spec says so.
    pub place: Place,
    /// The table.
    pub data: SourceId,
    /// Its path below the review folder.
    pub data_path: String,
    /// Rows that belong to it.
    pub filter: Vec<Filter>,
    /// The columns, at least one, in the order of print.
    pub columns: Vec<TableColumn>,
    /// The column whose values divide the rows, if one does.
    pub row_groups: Option<Spanned<String>>,
    /// The column by which rows are sorted; without it they stay as in the data.
    pub sort: Option<Spanned<String>>,
    /// What is printed for an empty cell.
    pub missing: String,
    /// Sentences under the table.
    pub notes: Vec<String>,
    /// Footnotes to cells.
    pub footnotes: Vec<TableFootnote>,
}

/// A column of a printed table.
#[derive(Debug, Clone, PartialEq)]
pub struct TableColumn {
    /// Its name in the data.
    pub column: Spanned<String>,
    /// Its heading.
    pub title: String,
    /// The heading that it shares with its neighbours, if it does.
    pub group: Option<String>,
    /// Where its cells stand; without a word of the spec, numbers to the right.
    pub align: Option<Align>,
}

/// Where the cells of a column stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// At the left.
    Left,
    /// In the middle.
    Center,
    /// At the right.
    Right,
}

/// A footnote to a cell, or to the first cell of a row.
#[derive(Debug, Clone, PartialEq)]
pub struct TableFootnote {
    /// The text of the row's first cell.
    pub row: Spanned<String>,
    /// The column of the cell; without it the first one.
    pub column: Option<Spanned<String>>,
    /// What it says.
    pub text: String,
}

/// An analysis that describes its rows and pools nothing.
#[derive(Debug, Clone)]
pub struct Description {
    /// Unique within the review.
    pub id: String,
    /// Where the spec file says so.
    pub place: Place,
    /// Title as printed.
    pub title: String,
    /// Paragraphs of the author.
    pub note: Vec<String>,
    /// The path of its table below the review folder.
    pub data_path: String,
    /// What it describes.
    pub content: DescriptionContent,
}

/// What a description prints.
#[derive(Debug, Clone)]
pub enum DescriptionContent {
    /// A matrix or a list, as it is.
    Table(TableSpec),
    /// A single trial: its numbers as they are printed elsewhere.
    Narrative(TableSpec),
    /// A single trial: events among participants.
    Counts(CountSpec),
    /// Adverse events by organ class and term.
    AdverseEvents(AdverseEventSpec),
}

impl DescriptionContent {
    /// Rows of the table that belong to it.
    #[must_use]
    pub fn filter(&self) -> &[Filter] {
        match self {
            Self::Table(table) | Self::Narrative(table) => &table.filter,
            Self::Counts(counts) => &counts.filter,
            Self::AdverseEvents(events) => &events.filter,
        }
    }
}

/// Events among the participants of one group or two, told and not pooled.
#[derive(Debug, Clone)]
pub struct CountSpec {
    /// The table.
    pub data: SourceId,
    /// Rows that belong to it.
    pub filter: Vec<Filter>,
    /// Label of the row.
    pub study: Spanned<String>,
    /// Whether the labels name outcomes of one study, and not studies.
    pub is_by_outcome: bool,
    /// Year, if the table has one.
    pub year: Option<Spanned<String>>,
    /// Events and participants of each group.
    pub groups: Vec<CountColumns>,
    /// Names of the groups.
    pub arms: Arms,
    /// How intervals are computed.
    pub interval: ProportionInterval,
    /// Confidence level, 0 to 1.
    pub level: f64,
}

/// The columns of one group's counts.
#[derive(Debug, Clone)]
pub struct CountColumns {
    /// Participants with the event.
    pub events: Spanned<String>,
    /// Participants.
    pub total: Spanned<String>,
}

/// The interval of a single proportion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProportionInterval {
    /// Clopper & Pearson's.
    Exact,
    /// Wilson's.
    Wilson,
}

impl ProportionInterval {
    /// The interval where `asked` is that of an analysis: exact unless it is Wilson's, since
    /// Wald's belongs to transformed proportions that are pooled.
    #[must_use]
    pub fn of(asked: Option<StudyInterval>) -> Self {
        match asked {
            None | Some(StudyInterval::Wald | StudyInterval::ClopperPearson) => Self::Exact,
            Some(StudyInterval::Wilson) => Self::Wilson,
        }
    }

    /// Its name in specs and results.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Exact => "clopper-pearson",
            Self::Wilson => "wilson",
        }
    }
}

/// Adverse events by organ class, term, grade and arm.
#[derive(Debug, Clone)]
pub struct AdverseEventSpec {
    /// The table.
    pub data: SourceId,
    /// Rows that belong to it.
    pub filter: Vec<Filter>,
    /// The trial.
    pub study: Spanned<String>,
    /// The organ class.
    pub class: Spanned<String>,
    /// The term; an empty cell stands for any event of the class.
    pub term: Spanned<String>,
    /// The grade, if the table has one; an empty cell stands for any grade.
    pub grade: Option<Spanned<String>>,
    /// Events and participants of each arm.
    pub groups: Vec<CountColumns>,
    /// Names of the arms.
    pub arms: Arms,
    /// The organ classes in the order of print; those not named follow in alphabetical order.
    pub order: Vec<Spanned<String>>,
}

/// A table that an analysis is asked to print beside its results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AskedTable {
    /// The pooled estimate on the analysis scale.
    Model,
    /// τ², I², H² and Q.
    Heterogeneity,
    /// The pooled estimate on the scale of print.
    BackTransform,
    /// Log-likelihoods and information criteria.
    Fit,
    /// The fail-safe number.
    FailSafe,
    /// The tests of funnel plot asymmetry.
    Asymmetry,
    /// Influence by study.
    Influence,
    /// Events among participants of each study, with exact intervals.
    SingleArm,
}

impl AskedTable {
    /// Every table.
    pub const ALL: [Self; 8] = [
        Self::Model,
        Self::Heterogeneity,
        Self::BackTransform,
        Self::Fit,
        Self::FailSafe,
        Self::Asymmetry,
        Self::Influence,
        Self::SingleArm,
    ];

    /// Its name in specs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Heterogeneity => "heterogeneity",
            Self::BackTransform => "back_transform",
            Self::Fit => "fit",
            Self::FailSafe => "fail_safe",
            Self::Asymmetry => "asymmetry",
            Self::Influence => "influence",
            Self::SingleArm => "single_arm",
        }
    }
}

/// The form of the table of results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResultsTable {
    /// One row for each category, with what was published beside it.
    Category,
    /// As Cochrane reviews list a comparison.
    Comparison,
    /// As journals list indicators.
    Journal,
}
