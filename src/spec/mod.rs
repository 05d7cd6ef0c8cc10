//! Specs: YAML as written, then checked and resolved into a [`Review`].

mod check;
mod conventions;
mod file;
mod mapping;
mod model;
mod yaml;

pub use check::check;
pub use model::{
    Analysis, Arms, BinaryColumns, Bound, Claim, Conventions, DlCentre, Filter, HeterogeneityRule,
    ISquaredSource, Language, Measure, Method, ModelChoice, ModelSpec, Printed, PrintedInterval,
    Profile, Review, Scale, Sensitivity, Style, ZeroCellOptions,
};
pub use yaml::{Node, Value, parse};
