//! The integration tests, one crate.
#![allow(clippy::unwrap_used, clippy::print_stderr, clippy::disallowed_methods, reason = "tests")]

mod architecture;
mod bad_inputs;
mod cli;
mod edge_cases;
mod engines;
mod laws;
mod metafor_script;
mod profiles;
mod reference;
mod reference_diagnostics;
mod reference_measures;
mod reference_models;
mod reference_values;
mod support;
