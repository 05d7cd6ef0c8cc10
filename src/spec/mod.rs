//! Specs: YAML as written, then checked and resolved into a [`Review`].

mod check;
mod columns;
mod conventions;
mod file;
mod mapping;
mod measure;
mod model;
mod small_study;
mod survival;
mod yaml;

pub use check::check;
pub use columns::{Columns, EstimateColumns, MeanColumns, OutcomeColumns};
pub use measure::{Kind, Measure};
pub use model::{
    Acceptance, Analysis, Arms, Benefit, Bound, Claim, Conventions, DlCentre, Entry, Filter,
    HeterogeneityRule, ISquaredSource, Language, MeansConvention, Method, ModelChoice, ModelSpec,
    ModeratorScale, ModeratorSpec, MultiArm, Permutation, Printed, PrintedInterval, Profile,
    RegressionSpec, Review, Scale, Sensitivity, Structure, Style, ZeroCellOptions,
};
pub use small_study::{
    FailSafeChoice, PredictorChoice, RegressionChoice, ScatterChoice, SelectionChoice, SmallStudy,
    Trimming,
};
pub use survival::SurvivalAnalysis;
pub use yaml::{Node, Value, parse};
