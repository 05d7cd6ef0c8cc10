//! `build-report check --claims`: the printed numbers of a table, against each other.

use super::Outcome;
use super::args::{CheckArgs, MessageFormat};
use super::reviews::unreadable;
use super::terminal::Terminal;
use crate::consistency::{Finding, FindingRecord, Phrases, check_claims, read_claims};
use crate::data::Table;
use crate::diagnostic::{Diagnostic, Severity};
use crate::pipeline;
use crate::project::{Inputs, read_table};
use crate::render::assets::Assets;
use std::path::Path;

/// Checks the claims of a table.
pub(super) fn run(file: &Path, args: &CheckArgs, terminal: &Terminal) -> Outcome {
    let terminal = terminal.in_form(args.messages.message_format);
    terminal.finish(check(file, args, &terminal))
}

fn check(file: &Path, args: &CheckArgs, terminal: &Terminal) -> Outcome {
    let inputs = match read_table(file) {
        Ok(inputs) => inputs,
        Err(error) => {
            unreadable(file, &error, terminal);
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
    let table = match inputs.sources.ids().next() {
        Some(source) => Table::parse(&inputs.sources, source),
        None => Err(inputs.unusable_tables()),
    };
    let read = table.and_then(|table| {
        let claims = read_claims(&inputs.sources, &table)?;
        let decoded = inputs.sources.ids().filter_map(|source| inputs.decoding_note(source));
        Ok((claims, decoded.chain(table.notes(&inputs.sources)).collect::<Vec<_>>()))
    });
    let (claims, notes) = match read {
        Ok(read) => read,
        Err(diagnostics) => {
            terminal.diagnostics(&inputs, &diagnostics);
            return Outcome::InputErrors;
        }
    };
    let findings = check_claims(&claims, &lexicons);
    let outcome = if args.messages.message_format == MessageFormat::Json {
        // more than a message holds: what was printed, and what follows from it
        terminal.data(&records(&inputs, &findings, &phrases))
    } else {
        let found = findings.iter().map(|finding| finding.diagnostic(&phrases));
        let diagnostics: Vec<Diagnostic> = notes.into_iter().chain(found).collect();
        terminal.diagnostics(&inputs, &diagnostics);
        Outcome::Done
    };
    if outcome == Outcome::CannotWork {
        return outcome;
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

/// The findings as data, one object a line.
fn records(inputs: &Inputs, findings: &[Finding], phrases: &Phrases) -> String {
    let line = |finding: &Finding| {
        let mut record = FindingRecord::of(finding, &inputs.sources, phrases);
        record.file = record.file.map(|name| inputs.folder.join(name).display().to_string());
        serde_json::to_string(&record).map(|line| format!("{line}\n")).unwrap_or_default()
    };
    findings.iter().map(line).collect()
}
