//! The resolved spec: nothing optional is left that cannot be absent.

use super::certainty::FindingSpec;
use super::claim::Claim;
use super::columns::Columns;
use super::conventions::{Conventions, Profile};
use super::evidence::{BiasSpec, ClaimsSpec, FlowSpec, ReferencesSpec};
use super::figures::FigureChoice;
use super::measure::{Kind, Measure};
use super::method::{ModelChoice, ModelSpec, ZeroCellOptions};
use super::presentation::{Language, StyleName};
use super::protocol::{Picos, Process, Search};
use super::small_study::SmallStudy;
use super::survival::SurvivalAnalysis;
use super::tables::{AskedTable, Description, ResultsTable, TableSpec};
use super::translation::TranslationSpec;
use super::updates::UpdateSpec;
use crate::source::{Place, SourceId, Spanned};

/// One report.
#[derive(Debug, Clone)]
pub struct Review {
    /// Name of the output folder.
    pub id: String,
    /// Label of the version being worked on; name of the folder below it.
    pub version: String,
    /// Title as printed.
    pub title: String,
    /// Authors, as printed.
    pub authors: Vec<String>,
    /// Date as printed, if the spec gives one (year-month-day).
    pub date: Option<String>,
    /// Paragraphs about the review, before the results.
    pub about: Vec<String>,
    /// Language of the report.
    pub language: Language,
    /// The tables that translate its texts, at most one a language.
    pub translations: Vec<TranslationSpec>,
    /// Statistical conventions.
    pub profile: Profile,
    /// House style.
    pub style: StyleName,
    /// How the studies were found, if the spec says.
    pub flow: Option<FlowSpec>,
    /// How they were judged, if they were.
    pub risk_of_bias: Option<BiasSpec>,
    /// The list of references, if there is one.
    pub references: Option<ReferencesSpec>,
    /// What others printed, if the review has a table of it.
    pub claims: Option<ClaimsSpec>,
    /// What is printed about the review as a whole.
    pub about_studies: AboutStudies,
    /// The analyses in the order of the report.
    pub entries: Vec<Entry>,
    /// The chapters that the analyses are divided into, in the same order; none where the results
    /// are one chapter.
    pub chapters: Vec<Chapter>,
}

impl Review {
    /// The paths of all tables that the review reads, below its folder.
    pub fn table_paths(&self) -> impl Iterator<Item = &str> {
        let of_entries = self.entries.iter().map(Entry::data_path);
        let characteristics = &self.about_studies.characteristics;
        of_entries
            .chain(characteristics.iter().map(|table| table.data_path.as_str()))
            .chain(self.flow.iter().map(|flow| flow.data_path.as_str()))
            .chain(self.risk_of_bias.iter().map(|bias| bias.data_path.as_str()))
            .chain(self.claims.iter().map(|table| table.data_path.as_str()))
            .chain(self.references.iter().map(|list| list.data_path.as_str()))
            .chain(self.translations.iter().map(|table| table.data_path.as_str()))
    }

    /// The review with only the analyses with these ids, and with the chapters that have some.
    #[must_use]
    pub fn only(mut self, ids: &[String]) -> Self {
        let is_asked = |id: &str| ids.iter().any(|asked| asked == id);
        self.entries.retain(|entry| is_asked(entry.id()));
        for chapter in &mut self.chapters {
            chapter.analyses.retain(|id| is_asked(id));
        }
        self.chapters.retain(|chapter| !chapter.analyses.is_empty());
        self
    }

    /// The analyses that pool effects, in the order of the report.
    pub fn analyses(&self) -> impl Iterator<Item = &Analysis> {
        self.entries.iter().filter_map(|entry| match entry {
            Entry::Pooled(analysis) => Some(&**analysis),
            Entry::Survival(_) | Entry::Description(_) => None,
        })
    }
}

/// Analyses under one heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chapter {
    /// Title as printed; none over the analyses that no chapter of the spec names.
    pub title: Option<String>,
    /// Ids of its analyses in the order of the report, at least one.
    pub analyses: Vec<String>,
}

impl Chapter {
    /// Whether an analysis is its first.
    #[must_use]
    pub fn begins_with(&self, id: &str) -> bool {
        self.analyses.first().is_some_and(|first| first == id)
    }
}

/// What is printed about a review as a whole, beside its analyses.
#[derive(Debug, Clone)]
pub struct AboutStudies {
    /// Eligibility, if the spec gives it.
    pub picos: Option<Picos>,
    /// The search, if the spec gives it.
    pub search: Option<Search>,
    /// The process, if the spec gives it.
    pub process: Option<Process>,
    /// Whose eligibility, search and process these are, where the review retells those of another.
    pub protocol_of: Option<String>,
    /// The characteristics of the studies, if the spec asks for them.
    pub characteristics: Option<TableSpec>,
    /// The summary of findings, by outcome.
    pub findings: Vec<FindingSpec>,
    /// The form of the table of results.
    pub results_table: ResultsTable,
    /// What abbreviations stand for; a table lists those that it uses.
    pub abbreviations: Vec<(String, String)>,
}

/// One analysis of a review.
#[derive(Debug, Clone)]
pub enum Entry {
    /// Effects of several studies, pooled.
    Pooled(Box<Analysis>),
    /// Survival curves of patients.
    Survival(Box<SurvivalAnalysis>),
    /// Rows that are described and not pooled.
    Description(Box<Description>),
}

impl Entry {
    /// Unique within the review.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Pooled(analysis) => &analysis.id,
            Self::Survival(analysis) => &analysis.id,
            Self::Description(analysis) => &analysis.id,
        }
    }

    /// Title as printed.
    #[must_use]
    pub fn title(&self) -> &str {
        match self {
            Self::Pooled(analysis) => &analysis.title,
            Self::Survival(analysis) => &analysis.title,
            Self::Description(analysis) => &analysis.title,
        }
    }

    /// Where the spec file says so.
    #[must_use]
    pub fn place(&self) -> Place {
        match self {
            Self::Pooled(analysis) => analysis.place,
            Self::Survival(analysis) => analysis.place,
            Self::Description(analysis) => analysis.place,
        }
    }

    /// Rows of its table that belong to it.
    #[must_use]
    pub fn filter(&self) -> &[Filter] {
        match self {
            Self::Pooled(analysis) => &analysis.filter,
            Self::Survival(analysis) => &analysis.filter,
            Self::Description(analysis) => analysis.content.filter(),
        }
    }

    /// The path of its table below the review folder.
    #[must_use]
    pub fn data_path(&self) -> &str {
        match self {
            Self::Pooled(analysis) => &analysis.data_path,
            Self::Survival(analysis) => &analysis.data_path,
            Self::Description(analysis) => &analysis.data_path,
        }
    }

    /// Says whether its table is plain CSV, which only reading it tells.
    pub fn set_plain(&mut self, is_plain: bool) {
        match self {
            Self::Pooled(analysis) => analysis.is_plain = is_plain,
            Self::Survival(analysis) => analysis.is_plain = is_plain,
            Self::Description(_) => {}
        }
    }
}

/// One analysis that pools the effects of studies.
#[derive(Debug, Clone)]
pub struct Analysis {
    /// Unique within the review.
    pub id: String,
    /// Where the spec file says so: anything about the analysis as a whole points here.
    pub place: Place,
    /// Title as printed.
    pub title: String,
    /// Paragraphs of the author about this analysis.
    pub note: Vec<String>,
    /// The analysis that it repeats with other data, so that it is no result of its own.
    pub sensitivity_of: Option<Spanned<String>>,
    /// What an event is, in words; of counts and rates only.
    pub event: Option<String>,
    /// The table.
    pub data: SourceId,
    /// Its path below the review folder.
    pub data_path: String,
    /// Whether the table is plain CSV in UTF-8, which other programs read alike.
    pub is_plain: bool,
    /// Rows that belong to the analysis.
    pub filter: Vec<Filter>,
    /// What the rows hold.
    pub kind: Kind,
    /// Which column holds what.
    pub columns: Columns,
    /// What becomes of the arms of a trial that share a control group.
    pub multi_arm: Option<MultiArm>,
    /// Names of the groups.
    pub arms: Arms,
    /// Effect measure.
    pub measure: Measure,
    /// The direction that is good for the patient, if the spec says.
    pub benefit: Option<Benefit>,
    /// Treatment of zero cells.
    pub zero_cells: ZeroCellOptions,
    /// Pooling; where a rule chooses the method, that for high heterogeneity until it has.
    pub model: ModelSpec,
    /// The rule by which heterogeneity chooses the method, if one does.
    pub choice: Option<ModelChoice>,
    /// The column by which the studies are divided into subgroups, if they are.
    pub subgroups: Option<Spanned<String>>,
    /// What the effects are regressed on, if they are.
    pub regression: Option<RegressionSpec>,
    /// How small-study effects are examined.
    pub small_study: SmallStudy,
    /// Choices in which programs differ.
    pub conventions: Conventions,
    /// Which sensitivity analyses are made.
    pub sensitivity: Sensitivity,
    /// The figures beside the forest plot.
    pub figures: FigureChoice,
    /// Whether the judgements of risk of bias stand beside the forest plot; without a word of the
    /// spec the house style says.
    pub risk_of_bias_columns: Option<Spanned<bool>>,
    /// The tables to print beside the results, in their order.
    pub tables: Vec<AskedTable>,
    /// What a publication printed for this analysis.
    pub published: Option<Claim>,
    /// Findings of the consistency check that a reviewer has accepted.
    pub accept: Vec<Acceptance>,
    /// What a change from one version to the next is held against.
    pub updates: UpdateSpec,
}

/// A finding of the consistency check that a reviewer has accepted.
#[derive(Debug, Clone, PartialEq)]
pub struct Acceptance {
    /// Code or name of its rule.
    pub code: Spanned<String>,
    /// Why.
    pub reason: String,
}

/// What becomes of the arms of a trial that share a control group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MultiArm {
    /// Each arm is a comparison of its own, with a part of the control group.
    Split,
    /// The arms are one experimental group.
    Combine,
}

/// The direction that is good for the patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Benefit {
    /// Lower values, or fewer events.
    Lower,
    /// Higher values, or more events.
    Higher,
}

/// A meta-regression.
#[derive(Debug, Clone, PartialEq)]
pub struct RegressionSpec {
    /// The moderators, at least one.
    pub moderators: Vec<ModeratorSpec>,
    /// The permutation test, if one is made.
    pub permutation: Option<Permutation>,
}

/// A column on which effects are regressed.
#[derive(Debug, Clone, PartialEq)]
pub struct ModeratorSpec {
    /// Name of the column.
    pub column: Spanned<String>,
    /// How its cells are read; without a word of the spec, as numbers where all are numbers.
    pub scale: Option<ModeratorScale>,
    /// The reference of a categorical moderator; without it the first level in alphabetical order.
    pub reference: Option<Spanned<String>>,
}

/// How the cells of a moderator are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModeratorScale {
    /// Numbers.
    Numeric,
    /// Levels of a category.
    Categorical,
}

/// A permutation test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permutation {
    /// The number of arrangements, the one observed among them.
    pub iterations: usize,
    /// The seed of the random arrangements.
    pub seed: u64,
}

/// Which sensitivity analyses are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sensitivity {
    /// The same studies under other models.
    pub other_models: bool,
    /// Outliers and influence.
    pub influence: bool,
    /// The pooled effect without each study.
    pub leave_one_out: bool,
    /// The pooled effect as studies were added.
    pub cumulative: bool,
}

/// A row belongs where the cell of `column` is one of `values`.
#[derive(Debug, Clone)]
pub struct Filter {
    /// Name of the column.
    pub column: Spanned<String>,
    /// Accepted cells.
    pub values: Vec<Spanned<String>>,
}

/// Names of the groups as printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arms {
    /// Group 1.
    pub experimental: String,
    /// Group 2.
    pub control: String,
}
