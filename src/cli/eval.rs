//! `build-report eval`: the numbers, one JSON object a line.

use super::args::EvalArgs;
use super::terminal::Terminal;
use super::{Outcome, reviews};
use crate::pipeline;

/// Runs the command.
pub(super) fn run(args: &EvalArgs, terminal: &Terminal) -> Outcome {
    let (reviews, mut outcome) = reviews::read(&args.path, terminal);
    let mut lines = String::new();
    for inputs in &reviews {
        match pipeline::check(inputs) {
            Err(diagnostics) => {
                terminal.diagnostics(inputs, &diagnostics);
                outcome = outcome.max(Outcome::InputErrors);
            }
            Ok(checked) => {
                terminal.diagnostics(inputs, &checked.warnings);
                for result in pipeline::evaluate(checked) {
                    match serde_json::to_string(&result) {
                        Ok(line) => {
                            lines.push_str(&line);
                            lines.push('\n');
                        }
                        Err(error) => {
                            terminal.error(&format!("a result has no JSON form: {error}"));
                            outcome = outcome.max(Outcome::CannotWork);
                        }
                    }
                }
            }
        }
    }
    outcome.max(terminal.data(&lines))
}
