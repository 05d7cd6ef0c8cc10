//! `build-report schema`: what editors know of the specs.

use super::Outcome;
use super::args::OutFileArgs;
use super::terminal::Terminal;
use crate::spec::json_schema;
use crate::versions::write_file;

/// Runs the command.
pub(super) fn run(args: &OutFileArgs, terminal: &Terminal) -> Outcome {
    let Some(file) = &args.out else { return terminal.data(&text()) };
    match write_file(file, text().as_bytes()) {
        Ok(()) => terminal.data(&format!("{}\n", file.display())),
        Err(error) => {
            terminal.store_error(&error);
            Outcome::CannotWork
        }
    }
}

/// The schema as a file.
pub(super) fn text() -> String {
    format!("{:#}\n", json_schema())
}
