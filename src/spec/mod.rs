//! Specs: YAML as written, then checked and resolved into a [`Review`].

mod certainty;
mod check;
mod citation;
mod claim;
mod columns;
mod conventions;
mod evidence;
mod figures;
mod file;
mod judgement;
mod mapping;
mod measure;
mod method;
mod model;
mod pattern;
mod presentation;
mod protocol;
mod schema;
mod small_study;
mod survival;
mod tables;
mod translation;
mod updates;

use crate::yaml;

pub use certainty::{Baseline, Certainty, Domain, Downgrade, FindingSpec};
pub use check::{check, no_numeric_moderator, review_id};
pub use citation::{Segment, segments, without_citations};
pub use claim::{Bound, Claim, Printed, PrintedInterval, Scale};
pub use columns::{Columns, EstimateColumns, MeanColumns, OutcomeColumns};
pub use conventions::{
    Conventions, DlCentre, ISquaredSource, MeansConvention, Profile, StudyInterval,
};
pub use evidence::{BiasColumns, BiasSpec, ClaimsSpec, FlowSpec, ReferencesSpec};
pub use figures::{Figure, FigureChoice};
pub use judgement::{BiasTool, Judgement};
pub use measure::{Kind, Measure};
pub use method::{HeterogeneityRule, Method, ModelChoice, ModelSpec, Structure, ZeroCellOptions};
pub use model::{
    AboutStudies, Acceptance, Analysis, Arms, Benefit, Chapter, Entry, Filter, ModeratorScale,
    ModeratorSpec, MultiArm, Permutation, RegressionSpec, Review, Sensitivity,
};
pub use pattern::{Piece, pieces};
pub use presentation::{Language, StyleName};
pub use protocol::{Criteria, Database, Picos, Process, Registration, Search, Step};
pub use schema::json_schema;
pub use small_study::{
    FailSafeChoice, PredictorChoice, RegressionChoice, ScatterChoice, SelectionChoice, SmallStudy,
    Trimming,
};
pub use survival::SurvivalAnalysis;
pub use tables::{
    AdverseEventSpec, Align, AskedTable, CountColumns, CountSpec, Description, DescriptionContent,
    ProportionInterval, ResultsTable, TableColumn, TableFootnote, TableSpec,
};
pub use translation::{TextKind, TranslationSpec, Visit};
pub use updates::UpdateSpec;
pub use yaml::{Node, SettingsError, Value, parse, read_settings};
