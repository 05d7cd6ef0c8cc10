//! From specs as written to a resolved [`Review`], with every mistake of the review in one run.

use super::conventions::defaults;
use super::file::{AnalysisFile, ConventionsFile, Kind, MethodFile, ReviewFile};
use super::mapping::Written;
use super::model::{
    Analysis, Arms, BinaryColumns, Conventions, HeterogeneityRule, Language, Measure, Method,
    ModelChoice, ModelSpec, Profile, Review, Sensitivity, Style, ZeroCellOptions,
};
use super::yaml;
use crate::diagnostic::{Code, Diagnostic, has_errors, nearest_hint};
use crate::project::{Inputs, REVIEW_FILE, is_spec};
use crate::source::{Place, SourceId, Span, Spanned};
use crate::stats::pooling::inverse_variance::Test;
use crate::stats::tau_squared::Estimator;
use std::collections::BTreeMap;

/// Reads and resolves the specs of a review: the review with the analyses that are sound, if
/// `review.yaml` is, and everything that is wrong with the specs. Mistakes that only the data can
/// show come later.
#[must_use]
pub fn check(inputs: &Inputs) -> (Option<Review>, Vec<Diagnostic>) {
    let mut diagnostics = inputs.unusable_specs();
    let mut review_file = None;
    let mut analysis_files = Vec::new();
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
                review_file = Some((source, ReviewFile::read(&tree, &mut diagnostics)));
            }
            Ok(tree) => {
                analysis_files.push((source, AnalysisFile::read(&tree, &mut diagnostics)));
            }
        }
    }
    // without a readable review.yaml nothing is inherited, and every analysis would seem wrong
    let Some((review_source, review_file)) = review_file else { return (None, diagnostics) };
    if !has_analysis {
        diagnostics.push(
            Diagnostic::error(
                Code::MissingFile,
                start_of(review_source),
                "the review has no analysis",
            )
            .help("add a YAML file beside `review.yaml`, one for each analysis"),
        );
    }
    let review =
        resolve_review(review_source, review_file, analysis_files, inputs, &mut diagnostics);
    (review, diagnostics)
}

fn resolve_review(
    source: SourceId,
    file: ReviewFile,
    analysis_files: Vec<(SourceId, AnalysisFile)>,
    inputs: &Inputs,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Review> {
    let place = start_of(source);
    let mut part = Part::new("the review", place, &file.written);
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
    let profile = file.profile.unwrap_or(Profile::Metafor);
    let analyses = analysis_files
        .into_iter()
        .filter_map(|(source, analysis)| {
            resolve_analysis(source, analysis.over(&file.defaults), profile, inputs, diagnostics)
        })
        .collect();
    let analyses = in_order(analyses, &file.order, diagnostics);
    Some(Review {
        id: id?.value,
        version: version?.value,
        title: title?.value,
        authors: file.authors,
        date: file.date.map(|date| date.value),
        about: file.about,
        language: file.language.unwrap_or(Language::English),
        profile,
        style: file.style.unwrap_or(Style::Major),
        analyses,
    })
}

fn resolve_analysis(
    source: SourceId,
    file: AnalysisFile,
    profile: Profile,
    inputs: &Inputs,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Analysis> {
    let place = start_of(source);
    let before = diagnostics.len();
    let mut part = Part::new("the analysis", place, &file.written);
    let id = part.require(file.id, "id");
    let title = part.require(file.title, "title");
    let kind = part.require(file.kind, "kind");
    let data = part.require(file.data, "data");
    let measure = part.require(file.measure, "measure");
    part.report_missing(diagnostics);
    let mut part = Part::new("`columns`", place, &file.columns.written);
    let study = part.require(file.columns.study, "study");
    let events1 = part.require(file.columns.events1, "events1");
    let total1 = part.require(file.columns.total1, "total1");
    let events2 = part.require(file.columns.events2, "events2");
    let total2 = part.require(file.columns.total2, "total2");
    part.report_missing(diagnostics);
    if let Some(id) = &id {
        expect_folder_name(id, diagnostics);
    }
    let data = data.and_then(|data| find_table(&data, inputs, diagnostics));
    let of_measure = measure.as_ref().map_or(Measure::OR, |measure| measure.value);
    let defaults = defaults(profile, of_measure);
    let (method, choice) = match &file.method {
        None => (defaults.method, None),
        Some(Spanned { value: MethodFile::Fixed(method), .. }) => (*method, None),
        Some(Spanned { value: MethodFile::ByHeterogeneity, place }) => {
            let low = file.low.as_ref().map(|low| low.value);
            let high = file.high.as_ref().map(|high| high.value);
            match model_choice(file.rule, low, high, *place, diagnostics) {
                Some(choice) => (choice.high, Some(choice)),
                None => (defaults.method, None),
            }
        }
    };
    let test = file.test.as_ref().map_or(defaults.test, |test| test.value);
    if let (Some(measure), Some(given)) = (&measure, &file.method) {
        let method = Spanned { value: method, place: given.place };
        expect_method_fits(measure, &method, diagnostics);
    }
    if let Some(given) = &file.test {
        expect_test_fits(method, given, diagnostics);
    }
    if diagnostics.len() > before || file.has_mistakes {
        return None;
    }
    let Kind::Binary = kind?.value;
    Some(Analysis {
        id: id?.value,
        place,
        title: title?.value,
        note: file.note,
        data: data?,
        data_path: inputs.sources.get(data?).name.clone(),
        filter: file.filter,
        columns: BinaryColumns {
            study: study?,
            year: file.columns.year,
            source: file.columns.source,
            events1: events1?,
            total1: total1?,
            events2: events2?,
            total2: total2?,
        },
        arms: Arms {
            experimental: file.experimental.unwrap_or_else(|| "Experimental".to_owned()),
            control: file.control.unwrap_or_else(|| "Control".to_owned()),
        },
        measure: measure?.value,
        zero_cells: ZeroCellOptions {
            add: file.add.unwrap_or(defaults.zero_cells.add),
            to: file.to.unwrap_or(defaults.zero_cells.to),
            drop00: file.drop00.unwrap_or(defaults.zero_cells.drop00),
        },
        choice,
        model: ModelSpec { method, test, level: file.level.unwrap_or(0.95) },
        subgroups: file.subgroups,
        conventions: conventions(&file.conventions, defaults.conventions),
        sensitivity: Sensitivity { other_models: file.other_models.unwrap_or(true) },
        published: file.published,
    })
}

/// The rule by which heterogeneity chooses the method: I² above 50% calls for random effects (DL)
/// and not for a common effect (MH), unless the spec says otherwise.
fn model_choice(
    rule: Option<HeterogeneityRule>,
    low: Option<Method>,
    high: Option<Method>,
    place: Place,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<ModelChoice> {
    let dl = Method::RandomEffects(Estimator::DerSimonianLaird);
    let low = low.unwrap_or(Method::MantelHaenszel);
    let high = high.unwrap_or(dl);
    let is_random = |method| matches!(method, Method::RandomEffects(_));
    if is_random(low) || !is_random(high) {
        diagnostics.push(
            Diagnostic::error(
                Code::Impossible,
                place,
                format!("`low` is `{}` and `high` is `{}`", low.code(), high.code()),
            )
            .help("`low` names a common-effect method such as `MH` or `EE`, `high` a random-effects one such as `DL`"),
        );
        return None;
    }
    Some(ModelChoice { rule: rule.unwrap_or(HeterogeneityRule::ISquaredAbove(50.0)), low, high })
}

/// A profile's conventions with those that the spec names in their place.
fn conventions(given: &ConventionsFile, of_profile: Conventions) -> Conventions {
    let mut conventions = of_profile;
    let correction = &mut conventions.correction;
    correction.risk_ratio_total = given.rr_total.unwrap_or(correction.risk_ratio_total);
    correction.corrects_risk_difference =
        given.rd_corrected.unwrap_or(correction.corrects_risk_difference);
    let sums = &mut conventions.mantel_haenszel;
    sums.corrects_sums = given.mh_corrected.unwrap_or(sums.corrects_sums);
    sums.risk_difference_variance = given.rd_variance.unwrap_or(sums.risk_difference_variance);
    conventions.dl_centre = given.dl_centre.unwrap_or(conventions.dl_centre);
    conventions.i_squared = given.i_squared.unwrap_or(conventions.i_squared);
    conventions.prediction = given.prediction.unwrap_or(conventions.prediction);
    conventions
}

/// The analyses as `order` names them, then the others by file name.
fn in_order(
    analyses: Vec<Analysis>,
    order: &[Spanned<String>],
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Analysis> {
    let mut by_id: BTreeMap<String, Analysis> = BTreeMap::new();
    let mut file_order = Vec::new();
    for analysis in analyses {
        if let Some(first) = by_id.get(&analysis.id) {
            diagnostics.push(
                Diagnostic::error(
                    Code::DuplicateId,
                    analysis.place,
                    format!("two analyses have the id `{}`", analysis.id),
                )
                .related(first.place, "the first one")
                .help("an id names one analysis; change one of the two"),
            );
            continue;
        }
        file_order.push(analysis.id.clone());
        by_id.insert(analysis.id.clone(), analysis);
    }
    let mut ordered = Vec::new();
    for id in order {
        match by_id.remove(&id.value) {
            Some(analysis) => ordered.push(analysis),
            None if ordered.iter().any(|analysis| analysis.id == id.value) => {
                diagnostics.push(Diagnostic::error(
                    Code::DuplicateId,
                    id.place,
                    format!("`order` names `{}` twice", id.value),
                ));
            }
            // an analysis that has errors of its own is not missing
            None if has_errors(diagnostics) => {}
            None => {
                let known = file_order.iter().map(String::as_str);
                diagnostics.push(
                    Diagnostic::error(
                        Code::UnknownChoice,
                        id.place,
                        format!("`order` names `{}`, which no analysis is", id.value),
                    )
                    .help(nearest_hint(&id.value, known)),
                );
            }
        }
    }
    ordered.extend(file_order.iter().filter_map(|id| by_id.remove(id)));
    ordered
}

fn expect_method_fits(
    measure: &Spanned<Measure>,
    method: &Spanned<Method>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    if method.value == Method::Peto && measure.value != Measure::OR {
        diagnostics.push(
            Diagnostic::error(
                Code::Impossible,
                method.place,
                format!("Peto's method pools odds ratios, not {}", measure.value.code()),
            )
            .related(measure.place, "the measure")
            .help("use `measure: OR`, or `method: MH`"),
        );
    }
}

fn expect_test_fits(method: Method, test: &Spanned<Test>, diagnostics: &mut Vec<Diagnostic>) {
    if matches!(method, Method::MantelHaenszel | Method::Peto) && test.value != Test::Z {
        diagnostics.push(
            Diagnostic::error(
                Code::Impossible,
                test.place,
                format!("method `{}` has only the test `z`", method.code()),
            )
            .help("remove `test`, or choose an inverse-variance method such as `REML`"),
        );
    }
}

/// Ids and versions name folders, on every system.
fn expect_folder_name(name: &Spanned<String>, diagnostics: &mut Vec<Diagnostic>) {
    let text = &name.value;
    let is_sound = !text.is_empty()
        && text.len() <= 100
        && !text.starts_with('.')
        && !text.ends_with('.')
        && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'));
    if !is_sound {
        diagnostics.push(
            Diagnostic::error(
                Code::Impossible,
                name.place,
                format!("`{text}` cannot name a folder"),
            )
            .help("use letters, digits, `-`, `_` and `.`, with no `.` at either end"),
        );
    }
}

fn expect_date(date: &Spanned<String>, diagnostics: &mut Vec<Diagnostic>) {
    let parts: Vec<Option<u32>> = date.value.split('-').map(|part| part.parse().ok()).collect();
    let is_date = matches!(
        parts.as_slice(),
        [Some(1000..=9999), Some(month @ 1..=12), Some(day @ 1..)] if *day <= days_of(*month)
    );
    if !is_date {
        diagnostics.push(
            Diagnostic::error(Code::WrongType, date.place, format!("`date` is `{}`", date.value))
                .label("expected year-month-day, such as 2024-12-31"),
        );
    }
}

fn days_of(month: u32) -> u32 {
    match month {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
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
                Diagnostic::error(code, path.place, message).label("named here")
            }
            None => {
                let tables = inputs.bytes.keys().filter(|name| name.ends_with(".csv"));
                let message = format!("there is no file `{name}`");
                Diagnostic::error(Code::MissingFile, path.place, message)
                    .label("paths start at the review folder")
                    .help(nearest_hint(name, tables.map(String::as_str)))
            }
        });
    }
    found
}

/// A file, or a part of it, in which keys are looked for.
struct Part<'a> {
    name: &'a str,
    place: Place,
    written: &'a Written,
    missing: Vec<&'static str>,
}

impl<'a> Part<'a> {
    fn new(name: &'a str, place: Place, written: &'a Written) -> Self {
        Self { name, place, written, missing: Vec::new() }
    }

    /// Notes `key` as missing unless it has a value that could not be read.
    fn require<T>(&mut self, value: Option<Spanned<T>>, key: &'static str) -> Option<Spanned<T>> {
        if value.is_none() && !self.written.contains(key) {
            self.missing.push(key);
        }
        value
    }

    /// One message for all keys that are missing.
    fn report_missing(self, diagnostics: &mut Vec<Diagnostic>) {
        if !self.missing.is_empty() {
            let keys: Vec<String> = self.missing.iter().map(|key| format!("`{key}`")).collect();
            let message = format!("{} has no {}", self.name, keys.join(", no "));
            diagnostics.push(Diagnostic::error(Code::MissingKey, self.place, message));
        }
    }
}

fn start_of(source: SourceId) -> Place {
    Place { source, span: Span { start: 0, end: 0 } }
}
