//! `build-report check`: specs and data, without a report.

use super::args::CheckArgs;
use super::build::assets;
use super::terminal::Terminal;
use super::{Outcome, reviews};
use crate::diagnostic::{Diagnostic, Severity, has_errors};
use crate::pipeline::{self, Settings};
use crate::render::Engine;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// Runs the command.
pub(super) fn run(args: &CheckArgs, terminal: &Terminal) -> Outcome {
    let terminal = terminal.in_form(args.messages.message_format);
    terminal.finish(check(args, &terminal))
}

fn check(args: &CheckArgs, terminal: &Terminal) -> Outcome {
    let (reviews, mut outcome) = reviews::read(&args.path, terminal);
    let mut sound = 0;
    let mut analyses = 0;
    let Some(assets) = assets(args.templates.as_deref(), terminal) else {
        return Outcome::CannotWork;
    };
    let settings = Settings {
        assets,
        engine: Engine::default_engine(),
        epoch: None,
        formats: Vec::new(),
        options: BTreeMap::new(),
        asset_hashes: OnceLock::new(),
    };
    for inputs in &reviews {
        let diagnostics = match pipeline::check(inputs) {
            Ok(mut checked) => {
                if let Some(language) = args.language {
                    checked.review.language = language.into();
                }
                sound += 1;
                analyses += checked.review.entries.len();
                let mut diagnostics = pipeline::examine(&checked, inputs, &settings);
                diagnostics.extend(checked.warnings);
                diagnostics
            }
            Err(diagnostics) => diagnostics,
        };
        terminal.diagnostics(inputs, &diagnostics);
        let is_told = |told: &Diagnostic| told.severity != Severity::Note;
        if has_errors(&diagnostics) || (args.strict && diagnostics.iter().any(is_told)) {
            outcome = outcome.max(Outcome::InputErrors);
        }
    }
    if outcome == Outcome::Done {
        terminal.progress(&format!(
            "{} sound: {}",
            count(sound, "review is", "reviews are"),
            count(analyses, "analysis", "analyses")
        ));
    }
    outcome
}

fn count(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}
