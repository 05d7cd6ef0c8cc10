//! From specs as written to a resolved [`Review`], with every mistake of the review in one run.

mod about;
mod analysis;
mod columns;
mod described;
mod evidence;
mod figures;
mod folder_name;
mod method;
mod order;
mod part;
mod survival;

use super::conventions::Profile;
use super::file::{AnalysisFile, ReviewFile};
use super::model::{Entry, Review};
use super::presentation::{Language, StyleName};
use super::translation::TranslationSpec;
use super::yaml;
use crate::diagnostic::{Code, Diagnostic, has_errors, nearest_hint};
use crate::project::{Inputs, REVIEW_FILE, is_spec};
use crate::source::{Place, SourceId, Span, Spanned};
pub use figures::no_numeric_moderator;
use folder_name::expect_folder_name;
pub(super) use method::has_mantel_haenszel;
use part::Part;

/// Reads and resolves the specs of a review: the review with the analyses that are sound, if
/// `review.yaml` is, and everything that is wrong with the specs. Mistakes that only the data can
/// show come later.
#[must_use]
pub fn check(inputs: &Inputs) -> (Option<Review>, Vec<Diagnostic>) {
    let mut diagnostics = inputs.unusable_specs();
    let mut review_file = None;
    let mut analysis_trees = Vec::new();
    let mut has_analysis = inputs.unusable.keys().any(|name| is_spec(name));
    for source in inputs.sources.ids() {
        let name = &inputs.sources.get(source).name;
        if !is_spec(name) {
            continue;
        }
        has_analysis |= name != REVIEW_FILE;
        match yaml::parse(&inputs.sources, source) {
            Err(diagnostic) => diagnostics.push(*diagnostic),
            Ok(tree) if name == REVIEW_FILE => {
                let file = ReviewFile::read(&tree, &mut diagnostics);
                let has_keys = matches!(tree.value, yaml::Value::Mapping(_));
                review_file = has_keys.then_some((source, file));
            }
            Ok(tree) => {
                analysis_trees.push((source, tree));
            }
        }
    }
    let no_defaults = AnalysisFile::default();
    let defaults = review_file.as_ref().map_or(&no_defaults, |(_, file)| &file.defaults);
    let analysis_files: Vec<_> = analysis_trees
        .into_iter()
        .map(|(source, tree)| (source, AnalysisFile::read(&tree, defaults, &mut diagnostics)))
        .collect();
    // without a readable review.yaml nothing is inherited, and every analysis would seem wrong
    let Some((review_source, review_file)) = review_file else {
        if diagnostics.is_empty() {
            let message = format!("there is no `{REVIEW_FILE}`");
            diagnostics.push(
                Diagnostic::file_error(Code::MissingFile, REVIEW_FILE, message)
                    .help("a review is a folder with a `review.yaml`"),
            );
        }
        return (None, diagnostics);
    };
    if !has_analysis {
        diagnostics.push(
            Diagnostic::error(
                Code::MissingFile,
                start_of(review_source, inputs),
                "the review has no analysis",
            )
            .help("add a YAML file beside `review.yaml`, one for each analysis"),
        );
    }
    let review =
        resolve_review(review_source, review_file, analysis_files, inputs, &mut diagnostics);
    (review, diagnostics)
}

/// The id of a review, whatever else is wrong with its specs.
#[must_use]
pub fn review_id(inputs: &Inputs) -> Option<String> {
    let tree = yaml::parse(&inputs.sources, inputs.sources.by_name(REVIEW_FILE)?).ok()?;
    match tree.value_of("id")? {
        yaml::Value::Scalar(id) => Some(id.clone()),
        _ => None,
    }
}

fn resolve_review(
    source: SourceId,
    file: ReviewFile,
    analysis_files: Vec<(SourceId, AnalysisFile)>,
    inputs: &Inputs,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Review> {
    let place = start_of(source, inputs);
    let mut part = Part::new("the review", place, &file.written)
        .with_help("every `review.yaml` has an `id`, a `version` and a `title`");
    let id = part.require(file.id, "id");
    let version = part.require(file.version, "version");
    let title = part.require(file.title, "title");
    part.report_missing(diagnostics);
    for name in [&id, &version].into_iter().flatten() {
        expect_folder_name(name, diagnostics);
    }
    if let Some(date) = &file.date {
        expect_date(date, diagnostics);
    }
    for path in &file.encoded {
        expect_encoded(path, inputs, diagnostics);
    }
    let profile = file.profile.unwrap_or(Profile::Metafor);
    let entries: Vec<Entry> = analysis_files
        .into_iter()
        .filter_map(|(source, analysis)| {
            let analysis = analysis.over(&file.defaults);
            analysis::resolve_entry(
                start_of(source, inputs),
                analysis,
                profile,
                inputs,
                diagnostics,
            )
        })
        .collect();
    let in_chapters: Vec<_> =
        file.chapters.iter().flat_map(|chapter| chapter.analyses.iter().cloned()).collect();
    let (key, named) = match file.chapters.is_empty() {
        true => ("order", &file.order),
        false => ("chapters", &in_chapters),
    };
    let entries = order::in_order(entries, key, named, diagnostics);
    let chapters = order::chapters(file.chapters, &entries);
    expect_repeated_are_there(&entries, diagnostics);
    let flow = file.flow.and_then(|data| evidence::flow(&data, inputs, diagnostics));
    let claims = file.claims.and_then(|data| evidence::claims(&data, inputs, diagnostics));
    let references =
        file.references.and_then(|data| evidence::references(&data, inputs, diagnostics));
    if file.risk_of_bias.is_none() {
        evidence::expect_no_bias_columns(&entries, diagnostics);
    }
    let risk_of_bias = file
        .risk_of_bias
        .and_then(|bias| evidence::risk_of_bias(bias, &entries, inputs, diagnostics));
    let translations = file
        .translations
        .iter()
        .filter_map(|(language, data)| {
            let table = find_table(data, inputs, diagnostics)?;
            let data_path = inputs.sources.get(table).name.clone();
            Some(TranslationSpec { language: *language, place: data.place, data: table, data_path })
        })
        .collect();
    let about_studies = about::resolve(file.about_studies, &entries, inputs, diagnostics);
    Some(Review {
        id: id?.value,
        version: version?.value,
        title: title?.value,
        authors: file.authors,
        date: file.date.map(|date| date.value),
        about: file.about,
        language: file.language.unwrap_or(Language::English),
        translations,
        profile,
        style: file.style.map_or_else(StyleName::default, |style| StyleName {
            name: style.value,
            place: Some(style.place),
        }),
        flow,
        risk_of_bias,
        references,
        claims,
        about_studies,
        entries,
        chapters,
    })
}

/// A sensitivity analysis repeats another analysis of the review, which is none itself.
fn expect_repeated_are_there(entries: &[Entry], diagnostics: &mut Vec<Diagnostic>) {
    let pooled = || {
        entries.iter().filter_map(|entry| match entry {
            Entry::Pooled(analysis) => Some(analysis),
            Entry::Survival(_) | Entry::Description(_) => None,
        })
    };
    let results = || pooled().filter(|analysis| analysis.sensitivity_of.is_none());
    for repeated in pooled().filter_map(|analysis| analysis.sensitivity_of.as_ref()) {
        // an analysis that has errors of its own is not missing
        if has_errors(diagnostics) || results().any(|analysis| analysis.id == repeated.value) {
            continue;
        }
        let message = format!(
            "`sensitivity_of` names `{}`, which is no result of the review",
            repeated.value
        );
        let known: Vec<&str> = results().map(|analysis| analysis.id.as_str()).collect();
        let hint = if known.is_empty() {
            "an analysis that others repeat has no `sensitivity_of` itself".to_owned()
        } else {
            nearest_hint(&repeated.value, known)
        };
        diagnostics
            .push(Diagnostic::error(Code::UnknownChoice, repeated.place, message).help(hint));
    }
}

/// An encoding is declared for a file that is there; a spec is UTF-8, or UTF-16 with its mark.
fn expect_encoded(path: &Spanned<String>, inputs: &Inputs, diagnostics: &mut Vec<Diagnostic>) {
    if is_spec(&path.value) {
        let message = format!("`{}` is a spec, and specs are UTF-8", path.value);
        diagnostics.push(
            Diagnostic::error(Code::Impossible, path.place, message)
                .help("save it as UTF-8, and leave it out here"),
        );
    } else if !inputs.bytes.contains_key(path.value.trim_start_matches("./")) {
        diagnostics.push(no_such_file(path, &path.value, inputs));
    }
}

fn no_such_file(path: &Spanned<String>, name: &str, inputs: &Inputs) -> Diagnostic {
    let tables = inputs.bytes.keys().filter(|name| name.ends_with(".csv"));
    let message = format!("there is no file `{name}`");
    Diagnostic::error(Code::MissingFile, path.place, message)
        .label("paths start at the review folder")
        .help(nearest_hint(name, tables.map(String::as_str)))
}

fn expect_date(date: &Spanned<String>, diagnostics: &mut Vec<Diagnostic>) {
    let parts: Vec<Option<u16>> = date.value.split('-').map(|part| part.parse().ok()).collect();
    let is_date = matches!(
        parts.as_slice(),
        [Some(year @ 1000..=9999), Some(month), Some(day)] if is_in_calendar(*year, *month, *day)
    );
    if !is_date {
        diagnostics.push(
            Diagnostic::error(Code::WrongType, date.place, format!("`date` is `{}`", date.value))
                .label("expected year-month-day, such as 2024-12-31"),
        );
    }
}

fn is_in_calendar(year: u16, month: u16, day: u16) -> bool {
    let month = u8::try_from(month).ok().and_then(|month| time::Month::try_from(month).ok());
    let day = u8::try_from(day).ok();
    month
        .zip(day)
        .is_some_and(|(month, day)| time::Date::from_calendar_date(year.into(), month, day).is_ok())
}

/// The table at a path, which must stay below the review folder whatever the file system holds.
fn find_table(
    path: &Spanned<String>,
    inputs: &Inputs,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<SourceId> {
    let name = path.value.trim_start_matches("./");
    let is_outside = name.starts_with(['/', '\\', '~'])
        || name.contains(':')
        || name.split(['/', '\\']).any(|part| part == "..");
    if is_outside {
        let message = format!("`{name}` leaves the review folder");
        diagnostics.push(
            Diagnostic::error(Code::OutsideReview, path.place, message).help(
                "a review holds its own data: copy the file into the review's `data/` folder",
            ),
        );
        return None;
    }
    let found = inputs.sources.by_name(name);
    if found.is_none() {
        diagnostics.push(match inputs.unusable.get(name) {
            Some(reason) => {
                let (code, message) = reason.describe(name);
                let error = Diagnostic::error(code, path.place, message).label("named here");
                match reason.help(name) {
                    Some(help) => error.help(help),
                    None => error,
                }
            }
            None => no_such_file(path, name, inputs),
        });
    }
    found
}

/// The first line of a spec that is neither empty nor a comment: where its mapping begins.
fn start_of(source: SourceId, inputs: &Inputs) -> Place {
    let mut start = 0;
    for line in inputs.sources.get(source).text.split_inclusive('\n') {
        let words = line.trim();
        if !words.is_empty() && !words.starts_with('#') && words != "---" {
            let start = start + line.len() - line.trim_start().len();
            return Place { source, span: Span { start, end: start + words.len() } };
        }
        start += line.len();
    }
    Place { source, span: Span { start: 0, end: 0 } }
}
