//! The order of the analyses, and the chapters that they are divided into.

use crate::diagnostic::{Code, Diagnostic, has_errors, nearest_hint};
use crate::source::Spanned;
use crate::spec::file::ChapterFile;
use crate::spec::model::{Chapter, Entry};
use std::collections::{BTreeMap, BTreeSet};

/// The analyses as the ids in `named` have them, then the others by file name. `key` is the key of
/// the review under which the ids stand.
pub(super) fn in_order(
    analyses: Vec<Entry>,
    key: &str,
    named: &[Spanned<String>],
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Entry> {
    let mut by_id: BTreeMap<String, Entry> = BTreeMap::new();
    let mut file_order = Vec::new();
    for analysis in analyses {
        if let Some(first) = by_id.get(analysis.id()) {
            diagnostics.push(
                Diagnostic::error(
                    Code::DuplicateId,
                    analysis.place(),
                    format!("two analyses have the id `{}`", analysis.id()),
                )
                .related(first.place(), "the first one")
                .help("an id names one analysis; change one of the two"),
            );
            continue;
        }
        file_order.push(analysis.id().to_owned());
        by_id.insert(analysis.id().to_owned(), analysis);
    }
    let is_incomplete = has_errors(diagnostics);
    let mut ordered = Vec::new();
    let mut first_places = BTreeMap::new();
    for id in named {
        match by_id.remove(&id.value) {
            Some(analysis) => {
                ordered.push(analysis);
                first_places.insert(id.value.as_str(), id.place);
            }
            None => match first_places.get(id.value.as_str()) {
                Some(first) => diagnostics.push(
                    Diagnostic::error(
                        Code::DuplicateId,
                        id.place,
                        format!("`{key}` names `{}` twice", id.value),
                    )
                    .related(*first, "first here")
                    .help("an analysis stands in one place: take one of the two out"),
                ),
                // an analysis that has errors of its own is not missing
                None if is_incomplete => {}
                None => {
                    let known = file_order.iter().map(String::as_str);
                    diagnostics.push(
                        Diagnostic::error(
                            Code::UnknownChoice,
                            id.place,
                            format!("`{key}` names `{}`, which no analysis is", id.value),
                        )
                        .help(nearest_hint(&id.value, known)),
                    );
                }
            },
        }
    }
    ordered.extend(file_order.iter().filter_map(|id| by_id.remove(id)));
    ordered
}

/// The chapters over the analyses in their order: as written, then one of all that no chapter
/// names.
pub(super) fn chapters(files: Vec<ChapterFile>, entries: &[Entry]) -> Vec<Chapter> {
    if files.is_empty() {
        return Vec::new();
    }
    let mut unnamed: BTreeSet<&str> = entries.iter().map(Entry::id).collect();
    let mut chapters: Vec<Chapter> = files
        .into_iter()
        .map(|file| {
            let ids = file.analyses.into_iter().map(|id| id.value);
            let analyses = ids.filter(|id| unnamed.remove(id.as_str())).collect();
            Chapter { title: Some(file.title), analyses }
        })
        .collect();
    let others = entries.iter().map(Entry::id).filter(|id| unnamed.contains(id));
    chapters.push(Chapter { title: None, analyses: others.map(str::to_owned).collect() });
    chapters.retain(|chapter| !chapter.analyses.is_empty());
    chapters
}
