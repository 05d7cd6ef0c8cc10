//! The integration tests, one crate.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

mod reference_values;
