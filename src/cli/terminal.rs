//! What a person or a script sees: messages with their place, progress, data.

use super::Outcome;
use super::args::Color;
use super::excerpt::{Excerpt, Lines, are_near};
use crate::diagnostic::{Code, Diagnostic, Location, Severity};
use crate::project::Inputs;
use crate::source::{Place, SourceId, harmless};
use crate::versions::StoreError;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use anstream::{AutoStream, ColorChoice};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::borrow::Cow;
use std::io::{IsTerminal, Write};

/// The way out where a version is released.
pub(super) const RAISE: &str = "raise `version:` in `review.yaml` to work on the next version";

/// The most messages that a person is shown about one review.
const MOST_SHOWN: usize = 1000;

/// The longest message that a person is shown, in characters.
const LONGEST_TEXT: usize = 4000;

/// Where output goes, and how it looks.
#[derive(Debug)]
pub(super) struct Terminal {
    color: ColorChoice,
    quiet: bool,
}

impl Terminal {
    pub(super) fn new(color: Color, quiet: bool) -> Self {
        let color = match color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        };
        Self { color, quiet }
    }

    /// Data on standard output.
    pub(super) fn data(&self, text: &str) -> Outcome {
        self.bytes(text.as_bytes())
    }

    /// A document on standard output.
    pub(super) fn bytes(&self, bytes: &[u8]) -> Outcome {
        let mut out = std::io::stdout().lock();
        match out.write_all(bytes).and_then(|()| out.flush()) {
            Ok(()) => Outcome::Done,
            // a reader that has seen enough is no failure
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Outcome::Done,
            Err(error) => {
                self.error(&format!("cannot write to standard output: {error}"));
                Outcome::CannotWork
            }
        }
    }

    /// Progress on standard error.
    pub(super) fn progress(&self, message: &str) {
        if !self.quiet {
            self.to_stderr(&format!("{}\n", harmless(message)));
        }
    }

    /// An error without a place in the input.
    pub(super) fn error(&self, message: &str) {
        let report = [Group::with_title(Level::ERROR.primary_title(harmless(message)))];
        self.to_stderr(&format!("{}\n", Renderer::styled().render(&report)));
    }

    /// An error that has a page of its own, with the way out.
    pub(super) fn failure(&self, code: Code, message: &str, help: &str) {
        let title = Level::ERROR.primary_title(harmless(message)).id(code.as_str());
        let mut report = vec![Group::with_title(title)];
        if !help.is_empty() {
            report.push(Group::with_title(Level::HELP.secondary_title(help)));
        }
        self.to_stderr(&format!("{}\n", Renderer::styled().render(&report)));
    }

    /// What the output folder refused.
    pub(super) fn store_error(&self, error: &StoreError) {
        let (code, help) = match error {
            StoreError::Disk { .. } => (
                Code::OutputFolder,
                "make room, or give yourself the right to write there, or name another folder with `--out`; what was kept is as it was",
            ),
            StoreError::Released(_) => (Code::Released, RAISE),
            StoreError::Missing(_) => (Code::NotCurrent, "build it first"),
            StoreError::Flawed(..) => (Code::Damaged, "build it again"),
            StoreError::Decisions(_) => {
                (Code::Damaged, "bring the file back from a copy, or remove it and decide again")
            }
            StoreError::Seals(_) => (
                Code::Damaged,
                "bring the file back from a copy; without it nobody can tell what is released",
            ),
        };
        self.failure(code, &error.to_string(), help);
    }

    /// A progress bar, drawn only on a terminal and only for more than one review.
    pub(super) fn progress_bar(&self, length: usize) -> ProgressBar {
        let target = if self.quiet || length < 2 || !std::io::stderr().is_terminal() {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr()
        };
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len} reviews {elapsed}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        ProgressBar::with_draw_target(Some(length as u64), target).with_style(style)
    }

    /// The messages about a review, grouped by file, with a closing count.
    pub(super) fn diagnostics(&self, inputs: &Inputs, diagnostics: &[Diagnostic]) {
        if diagnostics.is_empty() {
            return;
        }
        let mut text = String::new();
        let sorted = sorted(inputs, diagnostics);
        let mut lines = Lines::default();
        for diagnostic in sorted.iter().take(MOST_SHOWN) {
            let diagnostic = &shown(diagnostic);
            let report = report(inputs, diagnostic, &mut lines);
            text.push_str(&Renderer::styled().render(&report));
            text.push_str("\n\n");
        }
        if let Some(more) = sorted.len().checked_sub(MOST_SHOWN).filter(|more| *more > 0) {
            text.push_str(&format!("and {more} more; `check --message-format json` tells all\n\n"));
        }
        let errors = count(&sorted, Severity::Error);
        let warnings = count(&sorted, Severity::Warning);
        let notes = count(&sorted, Severity::Note);
        let counts: Vec<String> = [(errors, "error"), (warnings, "warning"), (notes, "note")]
            .into_iter()
            .filter(|(n, _)| *n > 0)
            .map(|(n, word)| format!("{n} {word}{}", if n == 1 { "" } else { "s" }))
            .collect();
        let folder = harmless(&inputs.folder.display().to_string());
        text.push_str(&format!("{} in `{folder}`\n", counts.join(", ")));
        self.to_stderr(&text);
    }

    /// The messages about a review as JSON lines on standard output.
    pub(super) fn json_diagnostics(&self, inputs: &Inputs, diagnostics: &[Diagnostic]) {
        let mut text = String::new();
        let mut lines = Lines::default();
        for diagnostic in sorted(inputs, diagnostics) {
            let (line, column) = match &diagnostic.location {
                Location::Place(place) => {
                    let (line, column) = lines.line_and_column(&inputs.sources, *place);
                    (Some(line), Some(column))
                }
                Location::File(_) | Location::Program => (None, None),
            };
            let object = serde_json::json!({
                "code": diagnostic.code.as_str(),
                "severity": match diagnostic.severity {
                    Severity::Error => "error",
                    Severity::Warning => "warning",
                    Severity::Note => "note",
                },
                "file": path_of(inputs, &diagnostic.location),
                "line": line,
                "column": column,
                "message": diagnostic.message,
                "label": diagnostic.label,
                "help": diagnostic.help,
            });
            text.push_str(&format!("{object}\n"));
        }
        self.data(&text);
    }

    fn to_stderr(&self, text: &str) {
        let mut stream = AutoStream::new(std::io::stderr(), self.color);
        // nothing is left to tell it to
        let _ = stream.write_all(text.as_bytes());
    }
}

fn count(diagnostics: &[&Diagnostic], severity: Severity) -> usize {
    diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count()
}

/// By file, then by place.
fn sorted<'a>(inputs: &Inputs, diagnostics: &'a [Diagnostic]) -> Vec<&'a Diagnostic> {
    let mut sorted: Vec<&Diagnostic> = diagnostics.iter().collect();
    sorted.sort_by_key(|diagnostic| {
        let start = match &diagnostic.location {
            Location::Place(place) => place.span.start,
            Location::File(_) | Location::Program => 0,
        };
        (path_of(inputs, &diagnostic.location), start)
    });
    sorted
}

/// The path of a location as the user would write it.
fn path_of(inputs: &Inputs, location: &Location) -> String {
    let name = match location {
        Location::Place(place) => &inputs.sources.get(place.source).name,
        Location::File(name) => name,
        Location::Program => return String::new(),
    };
    inputs.folder.join(name).display().to_string()
}

/// A message whose words no terminal obeys.
fn shown(diagnostic: &Diagnostic) -> Diagnostic {
    let short = |text: &str| match text.char_indices().nth(LONGEST_TEXT) {
        Some((at, _)) => harmless(&text[..at]) + "…",
        None => harmless(text),
    };
    let text = |text: &Option<String>| text.as_deref().map(short);
    Diagnostic {
        message: short(&diagnostic.message),
        label: text(&diagnostic.label),
        help: text(&diagnostic.help),
        ..diagnostic.clone()
    }
}

fn report<'a>(inputs: &'a Inputs, diagnostic: &'a Diagnostic, lines: &mut Lines) -> Vec<Group<'a>> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let title = level.primary_title(&diagnostic.message).id(diagnostic.code.as_str());
    let mut group = Group::with_title(title);
    match &diagnostic.location {
        Location::Program => {}
        Location::File(_) => {
            let path = harmless(&path_of(inputs, &diagnostic.location));
            group = group.element(Origin::path(path));
        }
        Location::Place(place) => {
            let is_here =
                |other: &Place| other.source == place.source && are_near(other.span, place.span);
            let (here, elsewhere): (Vec<_>, Vec<_>) =
                diagnostic.related.iter().partition(|(other, _)| is_here(other));
            let spans = || here.iter().map(|(other, _)| other.span).chain([place.span]);
            let first = spans().min().unwrap_or(place.span);
            let last = spans().max_by_key(|span| span.end).unwrap_or(place.span);
            let part = lines.excerpt(&inputs.sources, place.source, first, last);
            let mut snippet = snippet(inputs, place.source, part).annotation(
                AnnotationKind::Primary
                    .span(part.span(place.span))
                    .label(diagnostic.label.as_deref()),
            );
            for (other, label) in here {
                let span = part.span(other.span);
                snippet =
                    snippet.annotation(AnnotationKind::Context.span(span).label(label.as_str()));
            }
            group = group.element(snippet);
            for (other, label) in elsewhere {
                let part = lines.excerpt(&inputs.sources, other.source, other.span, other.span);
                let span = part.span(other.span);
                group = group.element(
                    self::snippet(inputs, other.source, part)
                        .annotation(AnnotationKind::Context.span(span).label(label.as_str())),
                );
            }
        }
    }
    let mut groups = vec![group];
    if let Some(help) = &diagnostic.help {
        groups.push(Group::with_title(Level::HELP.secondary_title(help.as_str())));
    }
    groups
}

/// A text without the control characters of eight bits, which the renderer lets pass; what stands
/// for them has as many bytes, so that places stay.
fn without_c1(text: &str) -> Cow<'_, str> {
    let is_c1 = |c: char| matches!(c, '\u{80}'..='\u{9f}');
    if text.contains(is_c1) {
        text.chars().map(|c| if is_c1(c) { '\u{b7}' } else { c }).collect::<String>().into()
    } else {
        text.into()
    }
}

fn snippet<'a>(
    inputs: &Inputs,
    source: SourceId,
    part: Excerpt<'a>,
) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let name = &inputs.sources.get(source).name;
    let path = harmless(&inputs.folder.join(name).display().to_string());
    Snippet::source(without_c1(part.text)).path(path).line_start(part.line)
}
