//! The story of one report, from inputs to the files of a version. Pure: no disk, clock,
//! environment or network, but for the `typst` program where that engine is asked for.

mod changes;
mod check;

pub use changes::{ChangesForm, changes_form, side};
pub use check::{CheckedReview, EntryData, check};

use crate::analysis::{Findings, analyse, analyse_survival, choose_model, describe_rows};
use crate::consistency::{
    Consistency, FindingRecord, Lexicons, Phrases, ReviewClaims, check_review,
};
use crate::data::Translator;
use crate::diagnostic::{Code, Diagnostic, Severity, nearest_hint};
use crate::project::{Inputs, TEMPLATES, is_spec};
use crate::render::assets::Assets;
use crate::render::own::At;
use crate::render::template::{self, Templates};
use crate::render::{Documents, Engine, RenderError, Rendered, glyphs};
use crate::report::metafor;
use crate::report::number::Numbers;
use crate::report::results::{EntryResults, entry_results, results};
use crate::report::style::HouseStyle;
use crate::report::tables::csv_files;
use crate::report::texts::visit_texts;
use crate::report::verdict::EffectVerdict;
use crate::report::view::{
    DateView, FileView, RESULTS, ReportView, consistency_view, parse_date, report_view,
};
use crate::report::works::WorkLibrary;
use crate::report::{EntryFindings, ReviewFindings};
use crate::source::{Place, Span, turns_direction};
use crate::spec::{Entry, Language, Review};
use crate::threads::both;
use crate::versions::{MANIFEST, Maker, Manifest, ONLY, Provenance, Status, fingerprint, sha256};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// The program's name and version.
pub const PROGRAM: &str = concat!("build-report ", env!("CARGO_PKG_VERSION"));

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
        let data = self
            .review
            .entries
            .iter()
            .zip(self.data)
            .filter(|(entry, _)| ids.iter().any(|id| id == entry.id()))
            .map(|(_, data)| data)
            .collect();
        Ok(Self { review: self.review.only(ids), data, is_part: true, ..self })
    }

    /// The label of the version: a part of a review stands beside the whole, under its own name.
    #[must_use]
    pub fn label(&self) -> String {
        let version = &self.review.version;
        if self.is_part { format!("{version}+{}", self.ids("+")) } else { version.clone() }
    }

    fn ids(&self, separator: &str) -> String {
        self.review.entries.iter().map(Entry::id).collect::<Vec<_>>().join(separator)
    }

    /// Computes every analysis.
    #[must_use]
    pub fn analyse(mut self) -> ReviewFindings {
        let findings = self
            .review
            .entries
            .par_iter_mut()
            .zip(&self.data)
            .filter_map(|(entry, data)| analyse_entry(entry, data))
            .collect();
        ReviewFindings {
            review: self.review,
            findings,
            characteristics: self.characteristics,
            flow: self.flow,
            risk_of_bias: self.risk_of_bias,
            references: self.references,
            claims: self.claims,
        }
    }
}

/// The findings of one analysis; none where its data are of another kind.
fn analyse_entry(entry: &mut Entry, data: &EntryData) -> Option<EntryFindings> {
    match (entry, data) {
        (Entry::Pooled(spec), EntryData::Studies(dataset)) => {
            let choice = choose_model(spec, dataset);
            let found = Findings { choice, ..analyse(spec, dataset) };
            Some(EntryFindings::Pooled(Box::new(found)))
        }
        (Entry::Survival(spec), EntryData::Patients(cohort)) => {
            Some(EntryFindings::Survival(Box::new(analyse_survival(spec, cohort))))
        }
        (Entry::Description(spec), EntryData::Described(rows)) => {
            Some(EntryFindings::Described(Box::new(describe_rows(spec, rows))))
        }
        _ => None,
    }
}

/// So many analyses are computed before their results are handed on.
const BATCH: usize = 256;

/// Hands on the result of each analysis in order, turned by `form` into what is kept of it, so that
/// memory does not grow with their number.
pub fn evaluate_each<T: Send>(
    mut checked: CheckedReview,
    form: impl Fn(EntryResults) -> T + Sync,
    mut sink: impl FnMut(T),
) {
    let review = &checked.review.id;
    let outcomes = &checked.review.about_studies.findings;
    for (entries, data) in checked.review.entries.chunks_mut(BATCH).zip(checked.data.chunks(BATCH))
    {
        let formed: Vec<T> = entries
            .par_iter_mut()
            .zip(data)
            .filter_map(|(entry, data)| {
                let findings = analyse_entry(entry, data)?;
                entry_results(review, outcomes, entry, &findings).map(&form)
            })
            .collect();
        formed.into_iter().for_each(&mut sink);
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
    /// Everything besides its inputs that the version of a review depends on. A review's own
    /// templates are inputs.
    ///
    /// # Errors
    /// If the engine cannot be run.
    pub fn maker(&self, checked: &CheckedReview) -> Result<Maker, RenderError> {
        let is_font = |path: &str| path.starts_with("fonts/");
        let [templates, fonts] = self.asset_hashes.get_or_init(|| {
            let files: Vec<(&str, &[u8])> = self.assets.iter().collect();
            let hash = |(path, bytes): &(&str, &[u8])| {
                let known = self.assets.known_hash(path).map(str::to_owned);
                ((*path).to_owned(), known.unwrap_or_else(|| sha256(bytes)))
            };
            let all: Vec<(String, String)> = files.par_iter().map(hash).collect();
            let (fonts, templates) = all.into_iter().partition(|(path, _)| is_font(path));
            [templates, fonts]
        });
        let mut options = self.options.clone();
        if checked.is_part {
            options.insert(ONLY.to_owned(), checked.ids(","));
        }
        Ok(Maker {
            program: PROGRAM.to_owned(),
            engine: format!("typst {}", self.engine.version()?),
            source_date_epoch: self.epoch.as_ref().map(|(seconds, _)| *seconds),
            options,
            templates: templates.clone(),
            fonts: fonts.clone(),
        })
    }

    /// The templates and fonts of one review: its own in place of all others.
    #[must_use]
    pub fn assets_of(&self, inputs: &Inputs) -> Assets {
        self.assets.clone().replaced_by(&inputs.folder.join(TEMPLATES), inputs.templates())
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
pub struct Prepared {
    findings: ReviewFindings,
    consistency: Vec<Consistency>,
    /// What findings say outside the report.
    phrases: Phrases,
    /// Acceptances that nothing needed.
    unused: Vec<Diagnostic>,
    /// Texts without a translation, translations of no text, and templates that nothing uses.
    warnings: Vec<Diagnostic>,
    documents: Documents,
    view: ReportView,
    file: FileView,
    /// The fingerprint in full.
    fingerprint: String,
}

impl Prepared {
    /// Texts without a translation into the report's language, translations of no text, and templates
    /// of the user's own that nothing uses.
    #[must_use]
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }
}

/// Everything that a reviewer should look at: the mistakes that only the report shows, or else the
/// open findings of the consistency check. What others printed does not make the review unsound:
/// its errors come as warnings.
#[must_use]
pub fn examine(checked: &CheckedReview, inputs: &Inputs, settings: &Settings) -> Vec<Diagnostic> {
    let prepared = match prepare(checked.clone(), inputs, settings) {
        Ok(prepared) => prepared,
        Err(diagnostics) => return diagnostics,
    };
    let open = prepared
        .consistency
        .iter()
        .flat_map(|analysis| &analysis.findings)
        .filter(|finding| finding.is_open())
        .map(|finding| Diagnostic {
            severity: Severity::Warning,
            ..finding.diagnostic(&prepared.phrases)
        });
    open.chain(prepared.unused).chain(prepared.warnings).collect()
}

/// The words by which sentences claim something.
///
/// # Errors
/// A lexicon that cannot be read.
pub fn lexicons(assets: &Assets) -> Result<Lexicons, Box<Diagnostic>> {
    let text = |path: &str| assets.text(path).unwrap_or_default();
    Lexicons::read(text("consistency/en.yaml"), text("consistency/zh.yaml"))
}

/// What findings say on a terminal and in `findings.json`: English.
///
/// # Errors
/// Messages that cannot be read, or are not complete.
pub fn phrases(assets: &Assets) -> Result<Phrases, Box<Diagnostic>> {
    phrases_of(Language::English, assets)
}

fn phrases_of(language: Language, assets: &Assets) -> Result<Phrases, Box<Diagnostic>> {
    let path = format!("consistency/messages/{}.yaml", language.tag());
    Phrases::read(&path, assets.text(&path).unwrap_or_default())
}

/// What findings say in a report.
fn printed_phrases(
    language: Language,
    style: &HouseStyle,
    assets: &Assets,
) -> Result<Phrases, Box<Diagnostic>> {
    let path = format!("labels/{}.yaml", language.tag());
    let labels = assets.text(&path).unwrap_or_default();
    phrases_of(language, assets)?.in_report(&path, labels, &style.numbers.minus)
}

/// Results, and the view of them that is printed.
struct Computed {
    findings: ReviewFindings,
    consistency: Vec<Consistency>,
    /// Acceptances that nothing needed.
    unused: Vec<Diagnostic>,
    /// Texts without a translation, and translations of no text.
    warnings: Vec<Diagnostic>,
    view: ReportView,
}

fn compute(
    checked: CheckedReview,
    style: &HouseStyle,
    inputs: &Inputs,
    assets: &Assets,
    epoch: Option<&DateView>,
) -> Result<Computed, Vec<Diagnostic>> {
    let library = work_library(assets).map_err(|error| vec![*error])?;
    let language = checked.review.language;
    let translations = checked.translations.clone();
    let findings = checked.analyse();
    let (consistency, unused) = consistency(&findings, inputs, assets)?;
    // data and verdicts know no language: only what is printed is translated
    let (mut printed, mut printed_consistency) = (findings.clone(), consistency.clone());
    let mut translator = Translator::new(translations.iter().find(|it| it.language == language));
    visit_texts(&mut printed, &mut printed_consistency, &mut |kind, text| {
        translator.translate(kind, text);
    });
    let words = printed_phrases(language, style, assets).map_err(|error| vec![*error])?;
    // the day in the spec is part of the report; the environment's stands in where there is none
    let date = printed.review.date.as_deref().and_then(parse_date).or_else(|| epoch.cloned());
    let view = ReportView {
        consistency: consistency_view(&printed_consistency, &words, Numbers::of(style)),
        ..report_view(&printed, style, date, PROGRAM, &library)
    };
    let warnings = translator.warnings();
    Ok(Computed { findings, consistency, unused, warnings, view })
}

/// Computes a report and puts it into Typst's language.
///
/// # Errors
/// What only the report shows: a template that fails, a character that no font has.
pub fn prepare(
    checked: CheckedReview,
    inputs: &Inputs,
    settings: &Settings,
) -> Result<Prepared, Vec<Diagnostic>> {
    let assets = &settings.assets_of(inputs);
    let style = house_style(&checked.review, assets).map_err(|error| vec![*error])?;
    let language = checked.review.language;
    let epoch = settings.epoch.as_ref().map(|(_, day)| day);
    let (computed, templates) = both(
        || compute(checked, &style, inputs, assets, epoch),
        || Templates::read(language, &style, assets),
    );
    let Computed { findings, consistency, unused, mut warnings, view } = computed?;
    let templates = templates.map_err(|error| vec![*error])?;
    let used = used_inputs(&findings.review, inputs);
    let fingerprint = fingerprint(PROGRAM, &hashes(used.iter().copied()));
    let file = FileView::new(&fingerprint, used.iter().map(|(name, _)| *name));
    let is_asked = settings.formats.contains(&Format::Typst);
    let documents = templates.documents(&view, &file, is_asked).map_err(|error| vec![*error])?;
    let without_glyph = glyphs::missing(&documents, assets);
    if without_glyph.is_empty() {
        warnings.extend(assets.unused_templates());
        Ok(Prepared {
            findings,
            consistency,
            phrases: phrases(assets).map_err(|error| vec![*error])?,
            unused,
            warnings,
            documents,
            view,
            file,
            fingerprint,
        })
    } else {
        let told = without_glyph.into_iter().map(|c| missing_glyph(c, inputs, assets));
        Err(told.collect())
    }
}

/// What the consistency check says about a review, and the acceptances that nothing needed.
fn consistency(
    findings: &ReviewFindings,
    inputs: &Inputs,
    assets: &Assets,
) -> Result<(Vec<Consistency>, Vec<Diagnostic>), Vec<Diagnostic>> {
    let lexicons = lexicons(assets).map_err(|diagnostic| vec![*diagnostic])?;
    let analyses: Vec<_> = findings.analyses().collect();
    let said = ReviewClaims { about: &findings.review.about, claims: &findings.claims };
    Ok(check_review(&analyses, said, &lexicons, &inputs.sources))
}

/// The texts of a review that a translator into its language looks at, in the order of the report,
/// each with its translation.
///
/// # Errors
/// A lexicon that cannot be read.
pub fn texts_to_translate(
    mut checked: CheckedReview,
    inputs: &Inputs,
    assets: &Assets,
) -> Result<Vec<(String, Option<String>)>, Vec<Diagnostic>> {
    let translations = std::mem::take(&mut checked.translations);
    let language = checked.review.language;
    let mut findings = checked.analyse();
    let (mut consistency, _) = consistency(&findings, inputs, assets)?;
    let mut translator = Translator::new(translations.iter().find(|it| it.language == language));
    visit_texts(&mut findings, &mut consistency, &mut |kind, text| {
        translator.translate(kind, text);
    });
    let texts = translator.texts().into_iter();
    Ok(texts.map(|(text, it)| (text.to_owned(), it.map(str::to_owned))).collect())
}

/// The style that a review names, read from its file.
///
/// # Errors
/// A style that is not there, or that cannot be used.
pub fn house_style(review: &Review, assets: &Assets) -> Result<HouseStyle, Box<Diagnostic>> {
    let name = &review.style.name;
    let path = format!("styles/{name}.yaml");
    if !assets.styles().any(|known| known == name) {
        let message = format!("there is no style `{name}`");
        let diagnostic = match review.style.place {
            Some(place) => Diagnostic::error(Code::UnknownChoice, place, message),
            None => Diagnostic::program_error(Code::UnknownChoice, message),
        };
        return Err(Box::new(diagnostic.help(nearest_hint(name, assets.styles()))));
    }
    let text = assets.text(&path).ok_or_else(|| assets.not_text("style", &path))?;
    let to = template::interval_to(review.language, assets)?;
    HouseStyle::parse_for(text, &to).map_err(|error| {
        let at = error.line.map_or(At::File, At::Line);
        assets.fault("style", &path, at, &error.message)
    })
}

/// The bibliography of the works that reports cite by themselves.
///
/// # Errors
/// A bibliography that cannot be used.
pub fn work_library(assets: &Assets) -> Result<WorkLibrary, Box<Diagnostic>> {
    const PATH: &str = "references/methods.yaml";
    let text = assets.text(PATH).unwrap_or_default();
    WorkLibrary::read(text, env!("CARGO_PKG_VERSION")).map_err(|error| {
        let message = format!("the bibliography `{PATH}` cannot be used: {error}");
        Box::new(Diagnostic::program_error(Code::Template, message))
    })
}

/// The message about a character that cannot be printed, at its first place in the inputs or
/// else in the templates.
fn missing_glyph(c: char, inputs: &Inputs, assets: &Assets) -> Diagnostic {
    let code = u32::from(c);
    let (mut message, help) = if c.is_control() {
        (format!("the control character U+{code:04X} cannot be printed"), "remove it")
    } else if turns_direction(c) {
        let reason = "turns the direction of the text behind it, numbers too";
        (format!("the character U+{code:04X} {reason}"), "remove it")
    } else if glyphs::is_private(c) {
        let reason = "is for private use, and means something else in every font";
        (format!("the character U+{code:04X} {reason}"), "write it otherwise")
    } else {
        (format!("no font has the character `{c}` (U+{code:04X})"), NO_FONT_HELP)
    };
    let place = inputs.sources.ids().find_map(|source| {
        let start = inputs.sources.get(source).text.find(c)?;
        Some(Place { source, span: Span { start, end: start + c.len_utf8() } })
    });
    match place {
        Some(place) => Diagnostic::error(Code::MissingGlyph, place, message),
        None => {
            let place = assets.iter().find_map(|(path, _)| {
                let text = assets.text(path)?;
                Some((path, text[..text.find(c)?].matches('\n').count() + 1))
            });
            if let Some((path, line)) = place {
                message += &format!(", which stands in the template `{path}`, line {line}");
            }
            Diagnostic::program_error(Code::MissingGlyph, message)
        }
    }
    .help(help)
}

/// What to do about a character that no font has.
const NO_FONT_HELP: &str = "put fonts that have it into the review's `templates/fonts/` or that \
    of `--templates DIR`, or write it otherwise";

/// What a build is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The analyses are computed and the report is put into words.
    Computing,
    /// Report and figures are set by Typst.
    Setting,
}

/// Builds all files of a version. `inputs` are those that `checked` was read from; `on_stage` is told
/// what begins.
///
/// # Errors
/// A template that fails, a character that no font has, or a document that Typst refuses.
pub fn build(
    checked: CheckedReview,
    inputs: &Inputs,
    settings: &Settings,
    on_stage: impl Fn(Stage),
) -> Result<VersionFiles, Vec<Diagnostic>> {
    let maker =
        settings.maker(&checked).map_err(|error| vec![not_set(&checked.review.id, &error)])?;
    on_stage(Stage::Computing);
    let prepared = prepare(checked, inputs, settings)?;
    on_stage(Stage::Setting);
    set(prepared, maker, inputs, settings)
}

fn not_set(id: &str, error: &RenderError) -> Diagnostic {
    let message = format!("the report `{id}` cannot be set: {error}");
    Diagnostic::program_error(Code::Typesetting, message)
}

/// Sets what was prepared with the same inputs and settings, and makes all files of the version.
///
/// # Errors
/// A document that Typst refuses.
pub fn set(
    prepared: Prepared,
    maker: Maker,
    inputs: &Inputs,
    settings: &Settings,
) -> Result<VersionFiles, Vec<Diagnostic>> {
    let Prepared { findings, consistency, phrases, mut documents, view, file, fingerprint, .. } =
        prepared;
    let review = &findings.review;
    let assets = settings.assets_of(inputs);
    let used = used_inputs(review, inputs);
    let [templates, fonts] = asset_hashes(&maker, inputs);
    let provenance = Provenance {
        review: review.id.clone(),
        version: review.version.clone(),
        fingerprint,
        program: maker.program.clone(),
        engine: maker.engine.clone(),
        source_date_epoch: maker.source_date_epoch,
        inputs: hashes(used.iter().copied()),
        templates,
        fonts,
    };
    let results = json(&results(&findings));
    documents.files = attached(&file, &used, &results, &json(&provenance));
    let figures = || {
        template::figures(&view, &file, review.language, &assets)
            .map_err(|error| RenderError::Engine(error.message))
    };
    let rendered = settings.engine.render_with(&documents, &assets, &figures).map_err(|error| {
        vec![error.about(&format!("the report `{}`", review.id), &documents, &assets)]
    })?;

    let mut files = VersionFiles::new();
    for (name, text) in csv_files(&findings) {
        files.insert(format!("tables/{name}"), text.into_bytes());
    }
    files.insert(RESULTS.to_owned(), results);
    let records: Vec<FindingRecord> = consistency
        .iter()
        .flat_map(|analysis| &analysis.findings)
        .map(|finding| FindingRecord::of(finding, &inputs.sources, &phrases))
        .collect();
    files.insert("findings.json".to_owned(), json(&records));
    files.insert("metafor.R".to_owned(), metafor::script(&findings.review).into_bytes());
    add_documents(&mut files, documents, rendered, &settings.formats);
    let outputs = hashes(files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())));
    let manifest = Manifest {
        review: provenance.review,
        version: provenance.version,
        status: Status::Draft,
        date: review.date.clone().or_else(|| {
            let day = |(_, day): &(i64, DateView)| {
                format!("{:04}-{:02}-{:02}", day.year, day.month, day.day)
            };
            settings.epoch.as_ref().map(day)
        }),
        maker,
        verdicts: verdicts(&findings),
        inputs: provenance.inputs,
        outputs,
    };
    files.insert(MANIFEST.to_owned(), json(&manifest));
    for (name, bytes) in used {
        files.insert(format!("inputs/{name}"), bytes.to_vec());
    }
    Ok(files)
}

/// The hashes of the templates and of the fonts that a review is set with: its own, which are
/// inputs, in place of all others.
fn asset_hashes(maker: &Maker, inputs: &Inputs) -> [BTreeMap<String, String>; 2] {
    let mut hashes = [maker.templates.clone(), maker.fonts.clone()];
    for (path, bytes) in inputs.templates() {
        let kind = usize::from(path.starts_with("fonts/"));
        hashes[kind].insert(path, sha256(&bytes));
    }
    hashes
}

/// The verdict on each analysis, by its id.
fn verdicts(findings: &ReviewFindings) -> BTreeMap<String, String> {
    let verdict = |(entry, found): (&Entry, &EntryFindings)| {
        let verdict = match (entry, found) {
            (Entry::Pooled(spec), EntryFindings::Pooled(found)) => {
                let pooled = found.pooled.as_ref().map_err(|reason| *reason);
                let alpha = 1.0 - spec.model.level;
                EffectVerdict::of(spec.measure, pooled, alpha).code()
            }
            (Entry::Description(_), _) => "described",
            _ => "curves",
        };
        (entry.id().to_owned(), verdict.to_owned())
    };
    findings.entries().map(verdict).collect()
}

/// The files that a review was read from: its specs and the tables that they name.
fn used_inputs<'a>(review: &Review, inputs: &'a Inputs) -> Vec<(&'a str, &'a [u8])> {
    let tables: Vec<&str> = review.table_paths().collect();
    inputs
        .bytes
        .iter()
        .filter(|(name, _)| {
            is_spec(name) || name.starts_with(TEMPLATES) || tables.contains(&name.as_str())
        })
        .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
        .collect()
}

/// The attachments by their names: the inputs, the results, what the report was made from.
fn attached(
    file: &FileView,
    used: &[(&str, &[u8])],
    results: &[u8],
    provenance: &[u8],
) -> BTreeMap<String, Vec<u8>> {
    let names = file.attachments.iter().map(|attachment| attachment.name.clone());
    let contents = used.iter().map(|(_, bytes)| *bytes).chain([results, provenance]);
    names.zip(contents.map(<[u8]>::to_vec)).collect()
}

fn add_documents(
    files: &mut VersionFiles,
    documents: Documents,
    rendered: Rendered,
    formats: &[Format],
) {
    if formats.contains(&Format::Pdf) {
        files.insert("report.pdf".to_owned(), rendered.pdf);
    }
    for (name, svg) in documents.figures.iter().zip(rendered.figures) {
        files.insert(format!("figures/{name}.svg"), svg.into_bytes());
    }
    if formats.contains(&Format::Typst) {
        for (path, text) in documents.sources {
            files.insert(format!("typst/{path}"), text.into_bytes());
        }
        for (path, bytes) in documents.files {
            files.insert(format!("typst/{path}"), bytes);
        }
    }
}

fn hashes<'a>(files: impl Iterator<Item = (&'a str, &'a [u8])>) -> BTreeMap<String, String> {
    let files: Vec<_> = files.collect();
    files.into_par_iter().map(|(name, bytes)| (name.to_owned(), sha256(bytes))).collect()
}

/// Indented JSON with a final line break. The types given have no map with keys that are not text,
/// which is all that could fail.
fn json(value: &impl serde::Serialize) -> Vec<u8> {
    let mut text = serde_json::to_vec_pretty(value).unwrap_or_default();
    text.push(b'\n');
    text
}
