//! The references of a review, and whether its texts cite them.

use super::studies::Tables;
use crate::diagnostic::{Code, Diagnostic, nearest_hint};
use crate::project::{Inputs, REVIEW_FILE, is_spec};
use crate::source::{Place, SourceId, Span, Spanned};
use crate::spec::{Node, ReferencesSpec, Segment, Value, parse, segments};
use std::collections::{BTreeMap, BTreeSet};

/// What the keys of the works begin with that the program cites by itself.
pub const RESERVED_KEYS: &str = "build-report:";

/// The references of a review: BibLaTeX, or Hayagriva's YAML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct References {
    /// The text of the file, its `and others` as a name, see `with_et_al`.
    pub text: String,
    /// The keys that some text cites, in the order of their names.
    pub cited: BTreeSet<String>,
    /// Their DOIs as [`plain_doi`] has them, each with its key.
    pub dois: BTreeMap<String, String>,
}

/// A DOI in small letters, without the address that leads to it: by it two entries are known to be
/// of the same work.
#[must_use]
pub fn plain_doi(doi: &str) -> String {
    let doi = doi.trim().to_lowercase();
    let start = doi.find("10.").unwrap_or(0);
    doi[start..].to_owned()
}

/// Reads the references of a review and holds its citations against them, in every text of its
/// specs and in every cell of the tables that were read.
///
/// # Errors
/// A file that is no bibliography, a key that is reserved, and each citation of a key that it does
/// not have. A reference that nothing cites is a warning, handed on with the references.
pub fn read_references(
    spec: &ReferencesSpec,
    inputs: &Inputs,
    tables: &Tables,
) -> Result<(References, Vec<Diagnostic>), Vec<Diagnostic>> {
    let source = inputs.sources.get(spec.data);
    let library = library(spec.data, inputs)?;
    let keys: Vec<&str> = library.keys().collect();
    let entry_place = |key| Place { source: spec.data, span: key_span(&source.text, key) };
    let reserved = keys.iter().filter(|key| key.starts_with(RESERVED_KEYS));
    let mut errors: Vec<Diagnostic> = reserved
        .map(|key| {
            let message = format!("the key `{key}` belongs to the program");
            Diagnostic::error(Code::MalformedBibliography, entry_place(key), message).help(format!(
                "call it otherwise: keys that begin with `{RESERVED_KEYS}` are of the works that \
                 the program cites by itself"
            ))
        })
        .collect();
    let mut cited = BTreeSet::new();
    for citation in citations(inputs, tables) {
        if keys.contains(&citation.value.as_str()) {
            cited.insert(citation.value);
        } else {
            let message = format!("`{}` has no reference `{}`", source.name, citation.value);
            let known = keys.iter().copied();
            errors.push(
                Diagnostic::error(Code::UnknownReference, citation.place, message)
                    .help(nearest_hint(&citation.value, known)),
            );
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let warnings = keys
        .iter()
        .filter(|key| !cited.contains(**key))
        .map(|key| {
            let message = format!("nothing cites the reference `{key}`");
            Diagnostic::error(Code::UncitedReference, entry_place(key), message)
                .as_warning()
                .help(format!("write `[@{key}]` where it belongs, or take it out of the list"))
        })
        .collect();
    let mut dois = BTreeMap::new();
    for entry in library.iter().filter(|entry| cited.contains(entry.key())) {
        if let Some(doi) = entry.doi() {
            dois.entry(plain_doi(doi)).or_insert_with(|| entry.key().to_owned());
        }
    }
    let is_bib = source.name.ends_with(".bib");
    let text = if is_bib { with_et_al(&source.text) } else { source.text.clone() };
    Ok((References { text, cited, dois }, warnings))
}

/// A bibliography in which a list of people that ends in `and others` ends in the name `et al.`:
/// BibTeX prints it so, Typst would print an author whose name is "others".
fn with_et_al(text: &str) -> String {
    const OTHERS: &str = "and others";
    const PEOPLE: [&str; 3] = ["author", "editor", "translator"];
    let mut told = String::with_capacity(text.len());
    let mut rest = 0;
    for (at, _) in text.match_indices(OTHERS) {
        let end = at + OTHERS.len();
        let before = &text[..at];
        let field = before.rfind('=').map_or("", |equals| before[..equals].trim_end());
        let is_list = PEOPLE.iter().any(|name| {
            let start = field.len().checked_sub(name.len()).and_then(|start| field.get(start..));
            start.is_some_and(|written| written.eq_ignore_ascii_case(name))
        });
        let is_last = text[end..].trim_start().starts_with(['}', '"']);
        if is_list && is_last && before.ends_with(char::is_whitespace) {
            told.push_str(&text[rest..at]);
            told.push_str("and {et al.}");
            rest = end;
        }
    }
    told + &text[rest..]
}

/// The citations of a review whose `review.yaml` names no list of references: each would be printed
/// as it is typed.
#[must_use]
pub fn citations_without_list(inputs: &Inputs, tables: &Tables) -> Vec<Diagnostic> {
    if names_a_list(inputs) {
        return Vec::new();
    }
    let told = citations(inputs, tables).into_iter().map(|Spanned { value: key, place }| {
        let message = format!("the review has no list of references, and cites `{key}`");
        Diagnostic::error(Code::UnknownReference, place, message).help(format!(
            "write `references: references.bib` in `{REVIEW_FILE}`, with an entry `{key}` in that \
             file; where no work is cited, a space behind the bracket makes it text"
        ))
    });
    told.collect()
}

/// Whether `review.yaml` has the key `references`, be the list there or not.
fn names_a_list(inputs: &Inputs) -> bool {
    let review = inputs.sources.by_name(REVIEW_FILE);
    let tree = review.and_then(|id| parse(&inputs.sources, id).ok());
    tree.is_some_and(|tree| tree.value_of("references").is_some_and(|value| *value != Value::Null))
}

/// The entries of the file, in its order.
fn library(id: SourceId, inputs: &Inputs) -> Result<hayagriva::Library, Vec<Diagnostic>> {
    let source = inputs.sources.get(id);
    let text = &source.text;
    let wrong = |span: Span, reason: String| {
        let message = format!("`{}` is no bibliography: {reason}", source.name);
        Diagnostic::error(Code::MalformedBibliography, Place { source: id, span }, message)
    };
    const BIB_HELP: &str = "what is missing is often missing in the entry before: each has a key, a \
        comma behind every field and as many `{` as `}`";
    const YAML_HELP: &str = "the file is in the YAML of Hayagriva, an entry by its key; a list in \
        BibLaTeX has a name that ends in `.bib`";
    if source.name.ends_with(".bib") {
        hayagriva::io::from_biblatex_str(text).map_err(|errors| {
            let told = errors.into_iter().map(|error| {
                use hayagriva::io::BibLaTeXError::{Parse, Type};
                let (range, reason) = match error {
                    Parse(error) => (error.span, error.kind.to_string()),
                    Type(error) => (error.span, error.kind.to_string()),
                };
                let end = range.end.min(text.len());
                wrong(Span { start: range.start.min(end), end }, reason).help(BIB_HELP)
            });
            told.collect::<Vec<_>>()
        })
    } else {
        hayagriva::io::from_yaml_str(text).map_err(|error| {
            vec![wrong(Span { start: 0, end: 0 }, error.to_string()).help(YAML_HELP)]
        })
    }
}

/// Where the file has an entry of this key.
fn key_span(text: &str, key: &str) -> Span {
    let is_entry = |at: &usize| {
        let before = text[..*at].trim_end().chars().next_back();
        let behind = text[at + key.len()..].trim_start().chars().next();
        matches!((before, behind), (Some('{'), Some(',')))
            || (text[..*at].ends_with('\n') || *at == 0) && behind == Some(':')
    };
    let found = text.match_indices(key).map(|(at, _)| at).find(is_entry);
    found.map_or(Span { start: 0, end: 0 }, |start| Span { start, end: start + key.len() })
}

/// Every key that a text of the review cites.
fn citations(inputs: &Inputs, tables: &Tables) -> Vec<Spanned<String>> {
    let mut found = Vec::new();
    for id in inputs.sources.ids() {
        let source = inputs.sources.get(id);
        // an escape can hide a citation from the eye, and nothing else can
        if is_spec(&source.name)
            && (source.text.contains("[@") || source.text.contains('\\'))
            && let Ok(tree) = parse(&inputs.sources, id)
        {
            in_node(&tree, inputs, &mut found);
        }
    }
    for table in tables.values() {
        for row in 0..table.row_count() {
            for column in 0..table.column_names().count() {
                let cell = table.cell(row, column);
                let place = || {
                    let place = table.cell_place(&inputs.sources, row, column);
                    (place, place.span)
                };
                in_text(cell, place, inputs, &mut found);
            }
        }
    }
    found
}

fn in_node(node: &Node, inputs: &Inputs, found: &mut Vec<Spanned<String>>) {
    match &node.value {
        Value::Scalar(text) => in_text(text, || (node.place, node.extent), inputs, found),
        Value::Sequence(items) => items.iter().for_each(|item| in_node(item, inputs, found)),
        Value::Mapping(entries) => {
            entries.iter().for_each(|(_, value)| in_node(value, inputs, found));
        }
        Value::Null => {}
    }
}

/// The keys that a text cites; `place` is where it is shown, and the bytes that it is written in.
fn in_text(
    text: &str,
    place: impl Fn() -> (Place, Span),
    inputs: &Inputs,
    found: &mut Vec<Spanned<String>>,
) {
    if !text.contains("[@") {
        return;
    }
    let (place, extent) = place();
    let written = &inputs.sources.get(place.source).text;
    let mut from = extent.start;
    for segment in segments(text) {
        let Segment::Citation(keys) = segment else { continue };
        for key in keys {
            // the key itself, where the text is written as it is read
            let rest = written.get(from..extent.end).unwrap_or_default();
            let span = cited_in(rest, key).map_or(place.span, |at| {
                let start = from + at;
                from = start + key.len();
                Span { start, end: from }
            });
            found.push(Spanned { value: key.to_owned(), place: Place { span, ..place } });
        }
    }
}

/// Where a text cites a key.
fn cited_in(text: &str, key: &str) -> Option<usize> {
    let ends = |rest: &str| rest.trim_start().starts_with([';', ']']);
    let mut places = text.match_indices('@').map(|(at, _)| at + 1);
    places.find(|at| text[*at..].strip_prefix(key).is_some_and(ends))
}

#[cfg(test)]
mod tests {
    use super::{plain_doi, with_et_al};

    #[test]
    fn a_list_of_people_that_ends_in_others_ends_in_et_al() {
        let bib = "@article{a, Author = {Gu, Jiaowei and others},\n title = {Mice and others}}\n\
            @book{b, editor = \"Li, L. and others \", note = {and others}}\n\
            @book{c, author = {Frei, Emil and others and Gehan, Edmund}}";
        let told = "@article{a, Author = {Gu, Jiaowei and {et al.}},\n title = {Mice and others}}\n\
            @book{b, editor = \"Li, L. and {et al.} \", note = {and others}}\n\
            @book{c, author = {Frei, Emil and others and Gehan, Edmund}}";
        assert_eq!(with_et_al(bib), told);
    }

    #[test]
    fn one_work_has_one_doi_however_it_is_written() {
        let written =
            ["10.1002/SIM.1186", "https://doi.org/10.1002/sim.1186", " doi:10.1002/sim.1186"];
        assert!(written.iter().all(|doi| plain_doi(doi) == "10.1002/sim.1186"));
        assert_eq!(plain_doi("none"), "none");
    }
}
