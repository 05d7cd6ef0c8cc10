//! Meta-analysis reports that rebuild byte for byte.
pub mod data;
pub mod diagnostic;
pub mod project;
pub mod source;
pub mod spec;
pub mod stats;
