//! Messages for people: the source line, a caret, the way out.

use super::excerpt::{Excerpt, are_near};
use super::{folder_name, path_of, sorted};
use crate::cli::terminal::Told;
use crate::consistency::severity_word;
use crate::diagnostic::{Diagnostic, Location, Severity};
use crate::project::Inputs;
use crate::source::{Place, harmless};
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// How many messages of one code are printed for a file; a wrong column may have one in every row.
const MOST_ALIKE: usize = 100;

/// The longest message that a person is shown, in characters.
const LONGEST_TEXT: usize = 4000;

/// The messages about a review, grouped by file, with a closing count; nothing where there are none.
pub(in crate::cli) fn render(inputs: &Inputs, diagnostics: &[Diagnostic]) -> String {
    if diagnostics.is_empty() {
        return String::new();
    }
    let mut alike: BTreeMap<(String, &str), usize> = BTreeMap::new();
    let mut text = String::new();
    for diagnostic in sorted(inputs, diagnostics) {
        let code = diagnostic.code.as_str();
        let count = alike.entry((path_of(inputs, &diagnostic.location), code)).or_default();
        *count += 1;
        if *count <= MOST_ALIKE {
            text.push_str(&one(inputs, diagnostic));
        }
    }
    for ((path, code), count) in alike.into_iter().filter(|(_, count)| *count > MOST_ALIKE) {
        let more = count - MOST_ALIKE;
        text.push_str(&format!(
            "and {more} more {code} in `{}`; `check --message-format json` lists all\n\n",
            harmless(&path)
        ));
    }
    let severities = diagnostics.iter().map(|diagnostic| diagnostic.severity);
    let folder = harmless(&folder_name(&inputs.folder));
    text.push_str(&format!("{} in `{folder}`\n", counts(severities)));
    text
}

/// The messages one by one.
pub(in crate::cli) fn told(inputs: &Inputs, diagnostics: &[Diagnostic]) -> Vec<Told> {
    let told = |diagnostic: &Diagnostic| {
        let path = path_of(inputs, &diagnostic.location);
        let place = if path.is_empty() { path } else { format!("{path}: ") };
        Told {
            title: harmless(&format!(
                "{}[{}] {place}{}",
                severity_word(diagnostic.severity),
                diagnostic.code.as_str(),
                diagnostic.message
            )),
            severity: diagnostic.severity,
            text: one(inputs, diagnostic),
        }
    };
    sorted(inputs, diagnostics).into_iter().map(told).collect()
}

/// One message, and an empty line.
fn one(inputs: &Inputs, diagnostic: &Diagnostic) -> String {
    format!("{}\n\n", Renderer::styled().render(&report(inputs, &shown(diagnostic))))
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

/// `2 errors, 1 warning`.
pub(in crate::cli) fn counts(severities: impl Iterator<Item = Severity> + Clone) -> String {
    let count = |of: Severity| severities.clone().filter(|severity| *severity == of).count();
    let words = [
        (count(Severity::Error), "error"),
        (count(Severity::Warning), "warning"),
        (count(Severity::Note), "note"),
    ];
    let counts: Vec<String> = words
        .into_iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, word)| format!("{n} {word}{}", if n == 1 { "" } else { "s" }))
        .collect();
    counts.join(", ")
}

fn report<'a>(inputs: &'a Inputs, diagnostic: &'a Diagnostic) -> Vec<Group<'a>> {
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
            group = group.element(Origin::path(harmless(&path_of(inputs, &diagnostic.location))));
        }
        Location::Template(sources, place) => {
            let part = Excerpt::of(sources, place.source, place.span, place.span);
            let label = diagnostic.label.as_deref();
            let mark = AnnotationKind::Primary.span(part.span(place.span)).label(label);
            let path = path_of(inputs, &diagnostic.location);
            group = group.element(snippet(path, part).annotation(mark));
        }
        Location::Place(place) => {
            let is_here =
                |other: &Place| other.source == place.source && are_near(other.span, place.span);
            let (here, elsewhere): (Vec<_>, Vec<_>) =
                diagnostic.related.iter().partition(|(other, _)| is_here(other));
            let spans = || here.iter().map(|(other, _)| other.span).chain([place.span]);
            let first = spans().min().unwrap_or(place.span);
            let last = spans().max_by_key(|span| span.end).unwrap_or(place.span);
            let part = Excerpt::of(&inputs.sources, place.source, first, last);
            let mut snippet = snippet(path_of(inputs, &diagnostic.location), part).annotation(
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
                let part = Excerpt::of(&inputs.sources, other.source, other.span, other.span);
                let span = part.span(other.span);
                group = group.element(
                    self::snippet(path_of(inputs, &Location::Place(*other)), part)
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

fn snippet(path: String, part: Excerpt<'_>) -> Snippet<'_, annotate_snippets::Annotation<'_>> {
    Snippet::source(without_c1(part.text)).path(harmless(&path)).line_start(part.line)
}
