//! `build-report eval`: the numbers, one JSON object a line.

use super::args::EvalArgs;
use super::terminal::Terminal;
use super::{Outcome, reviews};
use crate::pipeline;

/// So many bytes are gathered before they are written.
const WRITTEN_AT_ONCE: usize = 1 << 20;

/// Runs the command.
pub(super) fn run(args: &EvalArgs, terminal: &Terminal) -> Outcome {
    let mut lines = String::new();
    let outcome = reviews::each_checked(&args.path, terminal, |inputs, checked| {
        terminal.diagnostics(inputs, &checked.warnings);
        let mut outcome = Outcome::Done;
        let line = |result| serde_json::to_string(&result);
        pipeline::evaluate_each(checked, line, |line| match line {
            Ok(line) => {
                lines.push_str(&line);
                lines.push('\n');
                if lines.len() >= WRITTEN_AT_ONCE {
                    outcome = outcome.max(terminal.data(&lines));
                    lines.clear();
                }
            }
            Err(error) => {
                terminal.error(&format!("a result has no JSON form: {error}"));
                outcome = outcome.max(Outcome::CannotWork);
            }
        });
        outcome
    });
    outcome.max(terminal.data(&lines))
}
