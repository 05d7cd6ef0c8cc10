//! `build-report check --claims`: the printed numbers of a table, against each other.

use super::Outcome;
use super::args::{CheckArgs, MessageFormat};
use super::terminal::Terminal;
use crate::consistency::{FindingRecord, check_claims, read_claims};
use crate::diagnostic::{Diagnostic, Severity};
use crate::pipeline;
use crate::project::{Inputs, read_table};
use crate::render::assets::Assets;
use std::path::Path;

/// Checks the claims of a table.
pub(super) fn run(file: &Path, args: &CheckArgs, terminal: &Terminal) -> Outcome {
    let inputs = match read_table(file) {
        Ok(inputs) => inputs,
        Err(error) => {
            terminal.error(&format!("cannot read `{}`: {error}", file.display()));
            return Outcome::CannotWork;
        }
    };
    let assets = Assets::embedded();
    let words = pipeline::lexicons(&assets)
        .and_then(|lexicons| Ok((lexicons, pipeline::phrases(&assets)?)));
    let (lexicons, phrases) = match words {
        Ok(words) => words,
        Err(diagnostic) => {
            terminal.diagnostics(&inputs, &[*diagnostic]);
            return Outcome::InputErrors;
        }
    };
    let claims = match inputs.sources.ids().next() {
        Some(source) => read_claims(&inputs.sources, source),
        None => Err(inputs.unusable_tables()),
    };
    let claims = match claims {
        Ok(claims) => claims,
        Err(diagnostics) => {
            tell(&inputs, &diagnostics, args, terminal);
            return Outcome::InputErrors;
        }
    };
    let findings = check_claims(&claims, &lexicons);
    match args.message_format {
        MessageFormat::Human => {
            let diagnostics: Vec<Diagnostic> =
                findings.iter().map(|finding| finding.diagnostic(&phrases)).collect();
            terminal.diagnostics(&inputs, &diagnostics);
        }
        MessageFormat::Json => {
            let mut lines = String::new();
            for finding in &findings {
                let mut record = FindingRecord::of(finding, &inputs.sources, &phrases);
                record.file =
                    record.file.map(|name| inputs.folder.join(name).display().to_string());
                if let Ok(line) = serde_json::to_string(&record) {
                    lines.push_str(&line);
                    lines.push('\n');
                }
            }
            if terminal.data(&lines) == Outcome::CannotWork {
                return Outcome::CannotWork;
            }
        }
    }
    let fails = |severity| match severity {
        Severity::Error => true,
        Severity::Warning => args.strict,
        Severity::Note => false,
    };
    if findings.iter().any(|finding| fails(finding.severity)) {
        return Outcome::InputErrors;
    }
    if findings.is_empty() {
        let n = claims.len();
        let claims = if n == 1 { "claim agrees" } else { "claims agree" };
        terminal.progress(&format!("{n} {claims}"));
    }
    Outcome::Done
}

fn tell(inputs: &Inputs, diagnostics: &[Diagnostic], args: &CheckArgs, terminal: &Terminal) {
    match args.message_format {
        MessageFormat::Human => terminal.diagnostics(inputs, diagnostics),
        MessageFormat::Json => terminal.json_diagnostics(inputs, diagnostics),
    }
}
