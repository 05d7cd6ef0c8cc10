//! The story of one report, from inputs to the files of a version. Pure: no disk, clock,
//! environment or network, but for the `typst` program where that engine is asked for.

use crate::analysis::analyse;
use crate::data::{Dataset, Tables, read_dataset};
use crate::diagnostic::{Code, Diagnostic};
use crate::project::Inputs;
use crate::render::assets::Assets;
use crate::render::{Documents, Engine, RenderError, Rendered, template};
use crate::report::results::results;
use crate::report::tables::csv_files;
use crate::report::view::{DateView, parse_date, report_view};
use crate::report::{ReviewFindings, results::AnalysisResults};
use crate::spec::{self, Review};
use crate::versions::{Manifest, sha256};
use std::collections::BTreeMap;

/// The program's name and version.
pub const PROGRAM: &str = concat!("build-report ", env!("CARGO_PKG_VERSION"));

/// A review whose specs and data are sound.
#[derive(Debug, Clone)]
pub struct CheckedReview {
    /// The resolved spec.
    pub review: Review,
    /// The studies of each analysis.
    pub datasets: Vec<Dataset>,
}

/// Checks the specs and data of a review.
///
/// # Errors
/// Every mistake in them.
pub fn check(inputs: &Inputs) -> Result<CheckedReview, Vec<Diagnostic>> {
    let review = spec::check(inputs)?;
    let mut tables = Tables::new();
    let mut diagnostics = Vec::new();
    let mut datasets = Vec::new();
    for analysis in &review.analyses {
        match read_dataset(analysis, inputs, &mut tables) {
            Ok(dataset) => datasets.push(dataset),
            // a table or an inherited key that is wrong is wrong once, however many use it
            Err(found) => {
                for diagnostic in found {
                    if !diagnostics.contains(&diagnostic) {
                        diagnostics.push(diagnostic);
                    }
                }
            }
        }
    }
    if diagnostics.is_empty() { Ok(CheckedReview { review, datasets }) } else { Err(diagnostics) }
}

impl CheckedReview {
    /// Only the analyses with these ids. Ids that no analysis has are returned as the error.
    ///
    /// # Errors
    /// The ids that name no analysis.
    pub fn only(self, ids: &[String]) -> Result<Self, Vec<String>> {
        let unknown: Vec<String> = ids
            .iter()
            .filter(|id| self.review.analyses.iter().all(|analysis| analysis.id != **id))
            .cloned()
            .collect();
        if !unknown.is_empty() {
            return Err(unknown);
        }
        let (analyses, datasets) = self
            .review
            .analyses
            .into_iter()
            .zip(self.datasets)
            .filter(|(analysis, _)| ids.contains(&analysis.id))
            .unzip();
        Ok(Self { review: Review { analyses, ..self.review }, datasets })
    }

    /// Computes every analysis.
    #[must_use]
    pub fn analyse(self) -> ReviewFindings {
        let findings = self
            .review
            .analyses
            .iter()
            .zip(&self.datasets)
            .map(|(spec, dataset)| analyse(spec, dataset))
            .collect();
        ReviewFindings { review: self.review, findings }
    }
}

/// The results of a review as data.
#[must_use]
pub fn evaluate(checked: CheckedReview) -> Vec<AnalysisResults> {
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

/// Builds all files of a version. `inputs` are those that `checked` was read from.
///
/// # Errors
/// A template that fails, or a document that Typst refuses.
pub fn build(
    checked: CheckedReview,
    inputs: &Inputs,
    settings: &Settings,
) -> Result<VersionFiles, Box<Diagnostic>> {
    let used = used_inputs(&checked.review, inputs);
    let findings = checked.analyse();
    let review = &findings.review;
    let typesetting = |error: RenderError| {
        Box::new(Diagnostic::file_error(
            Code::Typesetting,
            "",
            format!("the report cannot be set: {error}"),
        ))
    };
    let engine = format!("typst {}", settings.engine.version().map_err(typesetting)?);
    // the day in the spec is part of the report; the environment's stands in where there is none
    let date = review
        .date
        .as_deref()
        .and_then(parse_date)
        .or_else(|| settings.epoch.as_ref().map(|(_, day)| day.clone()));
    let view = report_view(&findings, date, PROGRAM);
    let documents = template::documents(&view, review.language, &settings.assets)?;
    let rendered = settings.engine.render(&documents, &settings.assets).map_err(typesetting)?;

    let mut files = VersionFiles::new();
    for (name, text) in csv_files(&findings) {
        files.insert(format!("tables/{name}"), text.into_bytes());
    }
    files.insert("results.json".to_owned(), json(&results(&findings)));
    add_documents(&mut files, &findings, documents, rendered, &settings.formats);
    let outputs = hashes(files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())));
    let is_font = |path: &str| path.starts_with("fonts/");
    let manifest = Manifest {
        review: review.id.clone(),
        version: review.version.clone(),
        status: "draft",
        program: PROGRAM.to_owned(),
        engine,
        source_date_epoch: settings.epoch.as_ref().map(|(seconds, _)| *seconds),
        inputs: hashes(used.iter().copied()),
        templates: hashes(settings.assets.iter().filter(|(path, _)| !is_font(path))),
        fonts: hashes(settings.assets.iter().filter(|(path, _)| is_font(path))),
        outputs,
    };
    files.insert("manifest.json".to_owned(), json(&manifest));
    for (name, bytes) in used {
        files.insert(format!("inputs/{name}"), bytes.to_vec());
    }
    Ok(files)
}

/// The files that a review was read from: its specs and the tables that they name.
fn used_inputs<'a>(review: &Review, inputs: &'a Inputs) -> Vec<(&'a str, &'a [u8])> {
    let is_named = |name: &str| {
        review.analyses.iter().any(|analysis| analysis.data.value.trim_start_matches("./") == name)
    };
    inputs
        .bytes
        .iter()
        .filter(|(name, _)| crate::project::is_spec(name) || is_named(name))
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
    let mut measures = Vec::new();
    for analysis in &findings.review.analyses {
        if !measures.contains(&analysis.measure) {
            measures.push(analysis.measure);
        }
    }
    let overview = |code: &str| format!("overview-{}", code.to_lowercase());
    let overviews = measures.iter().map(|measure| overview(measure.code()));
    let forests = findings.review.analyses.iter().map(|a| format!("forest-{}", a.id));
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
