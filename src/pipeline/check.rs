//! From inputs to a sound review: its spec resolved, its data read, every mistake told in one run.

use crate::consistency::{Claim, Field, Word, read_claims, unknown_acceptances};
use crate::data::{
    Cohort, Dataset, DescribedData, Flow, PrintedRows, References, RiskOfBias, Tables, Translation,
    citations_without_list, read_cohort, read_dataset, read_description, read_flow, read_printed,
    read_references, read_risk_of_bias, read_translation, suspect_rows, table_of,
    unmatched_judgements,
};
use crate::diagnostic::{Code, Diagnostic, Location, has_errors, nearest_hint};
use crate::project::{Inputs, is_spec};
use crate::source::Place;
use crate::spec::{self, ClaimsSpec, Entry, Review};
use std::collections::{BTreeMap, BTreeSet};

/// A review whose specs and data are sound.
#[derive(Debug, Clone)]
pub struct CheckedReview {
    /// The resolved spec.
    pub review: Review,
    /// The data of each analysis.
    pub data: Vec<EntryData>,
    /// How the studies were found, if the review says.
    pub flow: Option<Flow>,
    /// How they were judged, if they were.
    pub risk_of_bias: Option<RiskOfBias>,
    /// The references that its texts cite, if it has a list.
    pub references: Option<References>,
    /// What others printed, from the table of claims.
    pub claims: Vec<Claim>,
    /// The characteristics of the studies, if the review prints them.
    pub characteristics: Option<PrintedRows>,
    /// Its texts in other languages.
    pub translations: Vec<Translation>,
    /// What a reviewer should look at.
    pub warnings: Vec<Diagnostic>,
    /// Whether it holds some of its analyses only.
    pub is_part: bool,
}

/// The data of one analysis, by its kind.
#[derive(Debug, Clone)]
pub enum EntryData {
    /// Studies.
    Studies(Dataset),
    /// Patients.
    Patients(Cohort),
    /// Rows that are described.
    Described(DescribedData),
}

/// Checks the specs and data of a review.
///
/// # Errors
/// Every mistake in them.
pub fn check(inputs: &Inputs) -> Result<CheckedReview, Vec<Diagnostic>> {
    let (review, mut diagnostics) = spec::check(inputs);
    let Some(mut review) = review else { return Err(diagnostics) };
    // an analysis that has errors of its own is not missing
    let is_complete = !has_errors(&diagnostics);
    let mut tables = Tables::new();
    let mut data = Vec::new();
    let mut warnings = Vec::new();
    for entry in &review.entries {
        let read = match entry {
            Entry::Pooled(analysis) => read_dataset(analysis, inputs, &mut tables).map(|dataset| {
                warnings.extend(dataset.warnings.iter().cloned());
                EntryData::Studies(dataset)
            }),
            Entry::Survival(analysis) => read_cohort(analysis, inputs, &mut tables).map(|cohort| {
                warnings.extend(cohort.warnings.iter().cloned());
                EntryData::Patients(cohort)
            }),
            Entry::Description(description) => read_description(description, inputs, &mut tables)
                .and_then(|rows| {
                    warnings.extend(suspect_rows(description, inputs, &mut tables)?);
                    Ok(EntryData::Described(rows))
                }),
        };
        match read {
            Ok(read) => data.push(read),
            Err(found) => diagnostics.extend(found),
        }
    }
    let mut found = |error: Vec<Diagnostic>| diagnostics.extend(error);
    let characteristics = review.about_studies.characteristics.as_ref();
    let characteristics = characteristics
        .and_then(|spec| read_printed(spec, inputs, &mut tables).map_err(&mut found).ok());
    let flow = review.flow.as_ref().map(|spec| read_flow(spec, inputs, &mut tables));
    let flow = flow.and_then(|flow| flow.map_err(&mut found).ok());
    let judged = review.risk_of_bias.as_ref().and_then(|spec| {
        let judged = read_risk_of_bias(spec, inputs, &mut tables).map_err(&mut found).ok()?;
        Some((spec, judged))
    });
    if let Some((spec, judged)) = judged.as_ref().filter(|_| data.len() == review.entries.len()) {
        let datasets = data.iter().filter_map(|data| match data {
            EntryData::Studies(dataset) => Some(dataset),
            EntryData::Patients(_) | EntryData::Described(_) => None,
        });
        warnings.extend(unmatched_judgements(spec, judged, datasets));
    }
    let risk_of_bias = judged.map(|(_, judged)| judged);
    let references = review.references.as_ref().and_then(|spec| {
        let (references, uncited) =
            read_references(spec, inputs, &tables).map_err(&mut found).ok()?;
        warnings.extend(uncited);
        Some(references)
    });
    found(unknown_acceptances(review.analyses()));
    if review.references.is_none() {
        found(citations_without_list(inputs, &tables));
    }
    let mut translations = Vec::new();
    for spec in &review.translations {
        if let Ok((read, lost)) = read_translation(spec, inputs, &mut tables).map_err(&mut found) {
            translations.push(read);
            warnings.extend(lost);
        }
    }
    let ids: Option<Vec<&str>> =
        is_complete.then(|| review.entries.iter().map(Entry::id).collect());
    let claims =
        review.claims.as_ref().map(|spec| claims(spec, ids.as_deref(), inputs, &mut tables));
    let claims = claims.and_then(|claims| claims.map_err(&mut found).ok()).unwrap_or_default();
    let (untidy, notes) = untidy(&review, inputs, &tables);
    for entry in &mut review.entries {
        entry.set_plain(!untidy.contains(entry.data_path()));
    }
    diagnostics.extend(warnings);
    diagnostics.extend(notes);
    // a table or an inherited key that is wrong is wrong once, however many analyses use it
    let told = each_once(diagnostics);
    if has_errors(&told) {
        return Err(told);
    }
    Ok(CheckedReview {
        review,
        data,
        flow,
        risk_of_bias,
        references,
        claims,
        characteristics,
        translations,
        warnings: told,
        is_part: false,
    })
}

/// Every message once, at its first place in the list. A table may have a million of them, so that
/// only those of one place are compared.
fn each_once(diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut told: Vec<Diagnostic> = Vec::new();
    let mut at: BTreeMap<Option<Place>, Vec<usize>> = BTreeMap::new();
    for diagnostic in diagnostics {
        let place = match &diagnostic.location {
            Location::Place(place) => Some(*place),
            Location::File(_) | Location::Template(..) | Location::Program => None,
        };
        let same_place = at.entry(place).or_default();
        if !same_place.iter().any(|known| told[*known] == diagnostic) {
            same_place.push(told.len());
            told.push(diagnostic);
        }
    }
    told
}

/// The tables that are not plain CSV in UTF-8, and the notes about what was made of them and of the
/// specs.
fn untidy(
    review: &Review,
    inputs: &Inputs,
    tables: &Tables,
) -> (BTreeSet<String>, Vec<Diagnostic>) {
    let paths: BTreeSet<&str> = review.table_paths().collect();
    let mut untidy = BTreeSet::new();
    let mut notes = Vec::new();
    for source in inputs.sources.ids() {
        let name = inputs.sources.get(source).name.as_str();
        if !paths.contains(name) && !is_spec(name) {
            continue;
        }
        let before = notes.len();
        notes.extend(inputs.decoding_note(source));
        notes.extend(tables.get(&source).into_iter().flat_map(|it| it.notes(&inputs.sources)));
        if notes.len() > before {
            untidy.insert(name.to_owned());
        }
    }
    (untidy, notes)
}

/// The claims of a review's table; each that names an analysis names one of `ids`, if they are known.
fn claims(
    spec: &ClaimsSpec,
    ids: Option<&[&str]>,
    inputs: &Inputs,
    tables: &mut Tables,
) -> Result<Vec<Claim>, Vec<Diagnostic>> {
    let claims = read_claims(&inputs.sources, table_of(spec.data, inputs, tables)?)?;
    let named = claims.iter().filter_map(|claim| claim.words.get(&Word::Analysis));
    let without_scale = claims.iter().filter(|claim| {
        let effect = [Field::Estimate, Field::CiLow, Field::CiHigh];
        claim.has_any(&effect) && claim.estimate_scale().or(claim.interval_scale()).is_none()
    });
    let without_scale = without_scale.filter_map(|claim| {
        let message = format!("the claim `{}` has an effect without a `scale`", claim.id);
        let error = Diagnostic::error(Code::MissingKey, claim.place?, message);
        Some(error.help("write log, ratio, percent or difference, or name the `measure`"))
    });
    let mut wrong: Vec<Diagnostic> = without_scale.collect();
    if let Some(ids) = ids {
        let unknown = named.filter(|named| !ids.contains(&named.value.as_str())).map(|named| {
            let message = format!("no analysis has the id `{}`", named.value);
            Diagnostic::error(Code::UnknownChoice, named.place, message)
                .help(nearest_hint(&named.value, ids.iter().copied()))
        });
        wrong.extend(unknown);
    }
    if wrong.is_empty() { Ok(claims) } else { Err(wrong) }
}
