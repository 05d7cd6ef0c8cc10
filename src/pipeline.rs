//! The story of one report, from inputs to the files of a version. Pure: no disk, clock,
//! environment or network, but for the `typst` program where that engine is asked for.

mod changes;

pub use changes::{ChangesForm, changes_form, side};

use crate::analysis::{Findings, analyse, analyse_survival, choose_model};
use crate::data::{Cohort, Dataset, Tables, read_cohort, read_dataset};
use crate::diagnostic::{Code, Diagnostic, has_errors};
use crate::project::Inputs;
use crate::render::assets::Assets;
use crate::render::{Documents, Engine, RenderError, Rendered, glyphs, template};
use crate::report::metafor;
use crate::report::results::results;
use crate::report::tables::csv_files;
use crate::report::verdict::EffectVerdict;
use crate::report::view::{DateView, overview_measures, parse_date, report_view};
use crate::report::{EntryFindings, ReviewFindings, results::EntryResults};
use crate::source::{Place, Span};
use crate::spec::{self, Entry, Review};
use crate::versions::{MANIFEST, Maker, Manifest, Status, sha256};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// The program's name and version.
pub const PROGRAM: &str = concat!("build-report ", env!("CARGO_PKG_VERSION"));

/// A review whose specs and data are sound.
#[derive(Debug, Clone)]
pub struct CheckedReview {
    /// The resolved spec.
    pub review: Review,
    /// The data of each analysis.
    pub data: Vec<EntryData>,
    /// What a reviewer should look at.
    pub warnings: Vec<Diagnostic>,
}

/// The data of one analysis, by its kind.
#[derive(Debug, Clone)]
pub enum EntryData {
    /// Studies.
    Studies(Dataset),
    /// Patients.
    Patients(Cohort),
}

/// Checks the specs and data of a review.
///
/// # Errors
/// Every mistake in them.
pub fn check(inputs: &Inputs) -> Result<CheckedReview, Vec<Diagnostic>> {
    let (review, mut diagnostics) = spec::check(inputs);
    let Some(review) = review else { return Err(diagnostics) };
    let mut tables = Tables::new();
    let mut data = Vec::new();
    let mut warnings = Vec::new();
    for entry in &review.entries {
        let read = match entry {
            Entry::Pooled(analysis) => read_dataset(analysis, inputs, &mut tables).map(|dataset| {
                warnings.extend(dataset.warnings.iter().cloned());
                EntryData::Studies(dataset)
            }),
            Entry::Survival(analysis) => {
                read_cohort(analysis, inputs, &mut tables).map(EntryData::Patients)
            }
        };
        match read {
            Ok(read) => data.push(read),
            Err(found) => diagnostics.extend(found),
        }
    }
    diagnostics.extend(warnings);
    // a table or an inherited key that is wrong is wrong once, however many analyses use it
    let mut told = Vec::new();
    for diagnostic in diagnostics {
        if !told.contains(&diagnostic) {
            told.push(diagnostic);
        }
    }
    if has_errors(&told) {
        return Err(told);
    }
    Ok(CheckedReview { review, data, warnings: told })
}

impl CheckedReview {
    /// Only the analyses with these ids. Ids that no analysis has are returned as the error.
    ///
    /// # Errors
    /// The ids that name no analysis.
    pub fn only(self, ids: &[String]) -> Result<Self, Vec<String>> {
        let unknown: Vec<String> = ids
            .iter()
            .filter(|id| self.review.entries.iter().all(|entry| entry.id() != id.as_str()))
            .cloned()
            .collect();
        if !unknown.is_empty() {
            return Err(unknown);
        }
        let (entries, data) = self
            .review
            .entries
            .into_iter()
            .zip(self.data)
            .filter(|(entry, _)| ids.iter().any(|id| id == entry.id()))
            .unzip();
        Ok(Self { review: Review { entries, ..self.review }, data, warnings: self.warnings })
    }

    /// Computes every analysis.
    #[must_use]
    pub fn analyse(mut self) -> ReviewFindings {
        let findings = self
            .review
            .entries
            .par_iter_mut()
            .zip(&self.data)
            .filter_map(|entry| match entry {
                (Entry::Pooled(spec), EntryData::Studies(dataset)) => {
                    let choice = choose_model(spec, dataset);
                    let found = Findings { choice, ..analyse(spec, dataset) };
                    Some(EntryFindings::Pooled(Box::new(found)))
                }
                (Entry::Survival(spec), EntryData::Patients(cohort)) => {
                    let found = analyse_survival(spec, cohort);
                    Some(EntryFindings::Survival(Box::new(found)))
                }
                _ => None,
            })
            .collect();
        ReviewFindings { review: self.review, findings }
    }
}

/// The results of a review as data.
#[must_use]
pub fn evaluate(checked: CheckedReview) -> Vec<EntryResults> {
    results(&checked.analyse())
}

/// What a build needs besides the review.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Templates and fonts.
    pub assets: Assets,
    /// What sets the report.
    pub engine: Engine,
    /// Seconds since 1970 of `SOURCE_DATE_EPOCH`, with the day they fall on.
    pub epoch: Option<(i64, DateView)>,
    /// Which documents to write.
    pub formats: Vec<Format>,
    /// What the command line asked for, by the name of the argument, where it can change a byte.
    pub options: BTreeMap<String, String>,
    /// The hashes of the templates and of the fonts, computed when first asked for.
    pub asset_hashes: OnceLock<[BTreeMap<String, String>; 2]>,
}

impl Settings {
    /// Everything besides its inputs that a version depends on.
    ///
    /// # Errors
    /// If the engine cannot be run.
    pub fn maker(&self) -> Result<Maker, RenderError> {
        let is_font = |path: &str| path.starts_with("fonts/");
        let [templates, fonts] = self.asset_hashes.get_or_init(|| {
            let files: Vec<(&str, &[u8])> = self.assets.iter().collect();
            let hash = |(path, bytes): &(&str, &[u8])| ((*path).to_owned(), sha256(bytes));
            let all: Vec<(String, String)> = files.par_iter().map(hash).collect();
            let (fonts, templates) = all.into_iter().partition(|(path, _)| is_font(path));
            [templates, fonts]
        });
        Ok(Maker {
            program: PROGRAM.to_owned(),
            engine: format!("typst {}", self.engine.version()?),
            source_date_epoch: self.epoch.as_ref().map(|(seconds, _)| *seconds),
            options: self.options.clone(),
            templates: templates.clone(),
            fonts: fonts.clone(),
        })
    }
}

/// A document format of a build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `report.pdf`.
    Pdf,
    /// `typst/`: the sources of the report, to be set by hand.
    Typst,
}

/// The files of one version, by their path in its folder.
pub type VersionFiles = BTreeMap<String, Vec<u8>>;

/// A report in Typst's language, before it is set.
struct Prepared {
    findings: ReviewFindings,
    documents: Documents,
}

/// The mistakes that only the report shows: a template that fails, a character without a glyph.
#[must_use]
pub fn preflight(checked: &CheckedReview, inputs: &Inputs, settings: &Settings) -> Vec<Diagnostic> {
    prepare(checked.clone(), inputs, settings).err().unwrap_or_default()
}

fn prepare(
    checked: CheckedReview,
    inputs: &Inputs,
    settings: &Settings,
) -> Result<Prepared, Vec<Diagnostic>> {
    let findings = checked.analyse();
    // the day in the spec is part of the report; the environment's stands in where there is none
    let date = findings
        .review
        .date
        .as_deref()
        .and_then(parse_date)
        .or_else(|| settings.epoch.as_ref().map(|(_, day)| day.clone()));
    let view = report_view(&findings, date, PROGRAM);
    let documents = template::documents(&view, findings.review.language, &settings.assets)
        .map_err(|diagnostic| vec![*diagnostic])?;
    let without_glyph = glyphs::missing(&documents, &settings.assets);
    if without_glyph.is_empty() {
        Ok(Prepared { findings, documents })
    } else {
        Err(without_glyph.into_iter().map(|c| missing_glyph(c, inputs)).collect())
    }
}

/// The message about a character that no font has, at its first place in the inputs.
fn missing_glyph(c: char, inputs: &Inputs) -> Diagnostic {
    let message = format!("no font has the character `{c}` (U+{:04X})", u32::from(c));
    let place = inputs.sources.ids().find_map(|source| {
        let start = inputs.sources.get(source).text.find(c)?;
        Some(Place { source, span: Span { start, end: start + c.len_utf8() } })
    });
    match place {
        Some(place) => Diagnostic::error(Code::MissingGlyph, place, message),
        None => Diagnostic::program_error(Code::MissingGlyph, message),
    }
    .help("give fonts that have it with `--templates DIR`, in `DIR/fonts/`, or write it otherwise")
}

/// Builds all files of a version. `inputs` are those that `checked` was read from.
///
/// # Errors
/// A template that fails, a character that no font has, or a document that Typst refuses.
pub fn build(
    checked: CheckedReview,
    inputs: &Inputs,
    settings: &Settings,
) -> Result<VersionFiles, Vec<Diagnostic>> {
    let used = used_inputs(&checked.review, inputs);
    let Prepared { findings, documents } = prepare(checked, inputs, settings)?;
    let review = &findings.review;
    let typesetting = |error: RenderError| {
        let message = format!("the report `{}` cannot be set: {error}", review.id);
        vec![Diagnostic::program_error(Code::Typesetting, message)]
    };
    let maker = settings.maker().map_err(typesetting)?;
    let rendered = settings.engine.render(&documents, &settings.assets).map_err(typesetting)?;

    let mut files = VersionFiles::new();
    for (name, text) in csv_files(&findings) {
        files.insert(format!("tables/{name}"), text.into_bytes());
    }
    files.insert("results.json".to_owned(), json(&results(&findings)));
    files.insert("metafor.R".to_owned(), metafor::script(&findings.review).into_bytes());
    add_documents(&mut files, &findings, documents, rendered, &settings.formats);
    let outputs = hashes(files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())));
    let manifest = Manifest {
        review: review.id.clone(),
        version: review.version.clone(),
        status: Status::Draft,
        date: review.date.clone().or_else(|| {
            let day = |(_, day): &(i64, DateView)| {
                format!("{:04}-{:02}-{:02}", day.year, day.month, day.day)
            };
            settings.epoch.as_ref().map(day)
        }),
        maker,
        verdicts: verdicts(&findings),
        inputs: hashes(used.iter().copied()),
        outputs,
    };
    files.insert(MANIFEST.to_owned(), json(&manifest));
    for (name, bytes) in used {
        files.insert(format!("inputs/{name}"), bytes.to_vec());
    }
    Ok(files)
}

/// The verdict on each analysis, by its id.
fn verdicts(findings: &ReviewFindings) -> BTreeMap<String, String> {
    let verdict = |(entry, found): (&Entry, &EntryFindings)| {
        let verdict = match (entry, found) {
            (Entry::Pooled(spec), EntryFindings::Pooled(found)) => {
                let pooled = found.pooled.as_ref().map_err(|reason| *reason);
                let alpha = 1.0 - spec.model.level;
                Some(EffectVerdict::of(spec.measure, pooled, alpha))
            }
            _ => None,
        };
        (entry.id().to_owned(), verdict.map_or("curves", EffectVerdict::code).to_owned())
    };
    findings.entries().map(verdict).collect()
}

/// The files that a review was read from: its specs and the tables that they name.
fn used_inputs<'a>(review: &Review, inputs: &'a Inputs) -> Vec<(&'a str, &'a [u8])> {
    let tables: Vec<&str> = review.entries.iter().map(Entry::data_path).collect();
    inputs
        .bytes
        .iter()
        .filter(|(name, _)| crate::project::is_spec(name) || tables.contains(&name.as_str()))
        .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
        .collect()
}

fn add_documents(
    files: &mut VersionFiles,
    findings: &ReviewFindings,
    documents: Documents,
    rendered: Rendered,
    formats: &[Format],
) {
    if formats.contains(&Format::Pdf) {
        files.insert("report.pdf".to_owned(), rendered.pdf);
    }
    if formats.contains(&Format::Typst) {
        for (path, text) in documents.sources {
            files.insert(format!("typst/{path}"), text.into_bytes());
        }
    }
    for (name, svg) in figure_names(findings).into_iter().zip(rendered.figures) {
        files.insert(format!("figures/{name}.svg"), svg.into_bytes());
    }
}

/// Names of the figures in the order of their pages: overviews, then analyses.
fn figure_names(findings: &ReviewFindings) -> Vec<String> {
    let measures = overview_measures(&findings.review);
    let overview = |code: &str| format!("overview-{}", code.to_lowercase());
    let overviews = measures.iter().map(|measure| overview(measure.code()));
    let forests = findings.review.analyses().map(|a| format!("forest-{}", a.id));
    overviews.chain(forests).collect()
}

fn hashes<'a>(files: impl Iterator<Item = (&'a str, &'a [u8])>) -> BTreeMap<String, String> {
    files.map(|(name, bytes)| (name.to_owned(), sha256(bytes))).collect()
}

/// Indented JSON with a final line break. The types given have no map with keys that are not text,
/// which is all that could fail.
fn json(value: &impl serde::Serialize) -> Vec<u8> {
    let mut text = serde_json::to_vec_pretty(value).unwrap_or_default();
    text.push(b'\n');
    text
}
