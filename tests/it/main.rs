//! The integration tests, one crate.
#![allow(
    clippy::disallowed_methods,
    clippy::excessive_precision,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "tests; digits as the reference prints them"
)]

mod architecture;
mod bad_inputs;
mod big_inputs;
mod changes;
mod chapters;
mod cli;
mod consistency;
mod consistency_publication;
mod consistency_review;
mod dependencies;
mod edge_cases;
mod engines;
mod extreme;
mod extreme_counts;
mod extreme_data;
mod extreme_many;
mod figures;
mod figures_in_reports;
mod figures_of_effects;
mod figures_of_evidence;
mod fuzzed;
mod gather;
mod hostile;
mod hostile_files;
mod hostile_texts;
mod init;
mod kinds;
mod languages;
mod laws;
mod laws_of_measures;
mod load;
mod messages;
mod metafor_script;
mod own_templates;
mod pdf_file;
mod pdf_reader;
mod profiles;
mod progress;
mod reference;
mod reference_diagnostics;
mod reference_fits;
mod reference_measures;
mod reference_mixed;
mod reference_models;
mod reference_multilevel;
mod reference_survival;
mod reference_values;
mod schema;
mod study_labels;
mod styles;
mod support;
mod suspicions;
mod tables;
mod translations;
mod untidy;
mod versions;
mod versions_faults;
#[cfg(unix)]
mod watch;
mod worked_counts;
mod worked_examples;
mod works;
