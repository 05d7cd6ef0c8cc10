//! The chapters of the results, as written.

use super::super::mapping::{Mapping, wrong_type};
use super::super::yaml::{Node, Value};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Spanned;

/// What a chapter is made of.
const HELP: &str = "each chapter has a title and the ids of its analyses: \
    `{title: ..., analyses: [...]}`";

/// One chapter.
#[derive(Debug, Clone)]
pub(in crate::spec) struct ChapterFile {
    pub(in crate::spec) title: String,
    /// Ids of its analyses, at least one.
    pub(in crate::spec) analyses: Vec<Spanned<String>>,
}

/// Reads `chapters`, which cannot stand beside `order`.
pub(super) fn read(map: &mut Mapping<'_>, diagnostics: &mut Vec<Diagnostic>) -> Vec<ChapterFile> {
    let Some(node) = map.take("chapters") else { return Vec::new() };
    if let [Some(order), Some(chapters)] = ["order", "chapters"].map(|key| map.key_place(key)) {
        let (first, later, name) = if order.span.start < chapters.span.start {
            (order, chapters, "order")
        } else {
            (chapters, order, "chapters")
        };
        diagnostics.push(
            Diagnostic::error(Code::Impossible, later, "`chapters` already gives the order")
                .related(first, format!("`{name}` stands here"))
                .help("the analyses stand as the chapters name them: take `order` out"),
        );
    }
    let Value::Sequence(items) = &node.value else {
        diagnostics.push(wrong_type(node, "`chapters`", "a list of chapters"));
        return Vec::new();
    };
    items.iter().filter_map(|item| read_chapter(item, diagnostics)).collect()
}

fn read_chapter(node: &Node, diagnostics: &mut Vec<Diagnostic>) -> Option<ChapterFile> {
    let mut map = Mapping::open(node, "a chapter", diagnostics)?;
    let written = map.written();
    let title = map.line("title", diagnostics);
    let before = diagnostics.len();
    let analyses = map.spanned_texts("analyses", diagnostics);
    if let Some(key) = map.key_place("analyses")
        && analyses.is_empty()
        && diagnostics.len() == before
    {
        let message = "`analyses` is an empty list";
        diagnostics.push(Diagnostic::error(Code::Impossible, key, message).help(HELP));
    }
    map.close(diagnostics);
    let missing: Vec<String> = ["title", "analyses"]
        .into_iter()
        .filter(|key| !written.contains(key))
        .map(|key| format!("`{key}`"))
        .collect();
    if !missing.is_empty() {
        let message = format!("a chapter has no {}", missing.join(", no "));
        diagnostics.push(Diagnostic::error(Code::MissingKey, node.place, message).help(HELP));
    }
    Some(ChapterFile { title: title?.value, analyses })
}
