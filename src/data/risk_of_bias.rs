//! Judgements of the risk of bias, and whether they fit the studies of the analyses.

use super::rows::Rows;
use super::studies::{Dataset, Tables, table_of};
use super::table::Table;
use crate::diagnostic::{Code, Diagnostic, nearest_hint};
use crate::project::Inputs;
use crate::source::{Place, Spanned, one_line};
use crate::spec::{BiasSpec, BiasTool, Judgement};
use std::collections::{BTreeMap, BTreeSet};

/// The judged studies, in the order of the table.
#[derive(Debug, Clone, PartialEq)]
pub struct RiskOfBias {
    /// The studies.
    pub studies: Vec<JudgedStudy>,
}

/// A judged study; what nobody judged is `None`.
#[derive(Debug, Clone, PartialEq)]
pub struct JudgedStudy {
    /// Its name.
    pub label: String,
    /// Where the table has it.
    pub place: Place,
    /// One a domain, in the tool's order.
    pub domains: Vec<Option<Judgement>>,
    /// Overall.
    pub overall: Option<Judgement>,
}

/// Reads the judgements of a review.
///
/// # Errors
/// Columns that there are not, judgements that the tool does not know, studies that stand twice.
pub fn read_risk_of_bias(
    spec: &BiasSpec,
    inputs: &Inputs,
    tables: &mut Tables,
) -> Result<RiskOfBias, Vec<Diagnostic>> {
    let table = table_of(spec.data, inputs, tables)?;
    let rows = Rows { table, inputs, name: &spec.data_path };
    let mut diagnostics = Vec::new();
    let mut column = |named: Option<&Spanned<String>>, usual: &str| {
        let usual = || Spanned { value: usual_name(table, usual), place: spec.place };
        rows.column(&named.cloned().unwrap_or_else(usual), &mut diagnostics)
    };
    let study = column(spec.columns.study.as_ref(), "Study");
    let codes = spec.tool.domains().iter().zip(&spec.columns.domains);
    let domains: Vec<Option<usize>> =
        codes.map(|(code, named)| column(named.as_ref(), code)).collect();
    let overall = column(spec.columns.overall.as_ref(), "Overall");
    let domains: Option<Vec<usize>> = domains.into_iter().collect();
    let (Some(study), Some(domains), Some(overall)) = (study, domains, overall) else {
        return Err(diagnostics);
    };
    diagnostics.extend(rows.no_rows());
    let mut studies: Vec<JudgedStudy> = Vec::new();
    let mut places: BTreeMap<String, Place> = BTreeMap::new();
    for row in 0..table.row_count() {
        let label = one_line(rows.cell(row, study));
        let place = rows.place(row, study);
        if label.is_empty() {
            let message = "the study has no label".to_owned();
            diagnostics.push(rows.cell_error(Code::MalformedTable, row, study, message));
        } else if let Some(first) = places.insert(label.clone(), place) {
            let message = format!("the study `{label}` is judged twice");
            diagnostics.push(
                rows.cell_error(Code::DuplicateStudy, row, study, message)
                    .related(first, "first here"),
            );
        }
        let mut judgement = |column| judgement(spec.tool, &rows, row, column, &mut diagnostics);
        studies.push(JudgedStudy {
            label,
            place,
            domains: domains.iter().map(|column| judgement(*column)).collect(),
            overall: judgement(overall),
        });
    }
    if diagnostics.is_empty() { Ok(RiskOfBias { studies }) } else { Err(diagnostics) }
}

/// The name of a column as the table writes it, whatever its case.
fn usual_name(table: &Table, usual: &str) -> String {
    if table.column(usual).is_some() {
        return usual.to_owned();
    }
    let found = table.column_names().find(|name| name.eq_ignore_ascii_case(usual));
    found.unwrap_or(usual).to_owned()
}

/// The judgement of a cell; nothing of an empty one.
fn judgement(
    tool: BiasTool,
    rows: &Rows<'_>,
    row: usize,
    column: usize,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Judgement> {
    let words = rows.cell(row, column);
    let known = Judgement::parse(words).filter(|found| tool.judgements().contains(found));
    if known.is_none() && !words.is_empty() {
        let valid: Vec<&str> = tool.judgements().iter().map(|known| known.words()).collect();
        let message = format!("{} has no judgement `{words}`", tool.name());
        diagnostics.push(
            rows.cell_error(Code::UnknownChoice, row, column, message)
                .help(nearest_hint(words, valid)),
        );
    }
    known
}

/// The most names that a message lists.
const MOST_NAMES: usize = 10;

/// Studies of the analyses without a judgement, and judged studies that are in no analysis.
#[must_use]
pub fn unmatched_judgements<'a>(
    spec: &BiasSpec,
    judged: &RiskOfBias,
    datasets: impl IntoIterator<Item = &'a Dataset>,
) -> Vec<Diagnostic> {
    let analysed: BTreeSet<&str> = datasets
        .into_iter()
        .flat_map(|dataset| &dataset.studies)
        .map(|study| study.label.as_str())
        .collect();
    let known: BTreeSet<&str> = judged.studies.iter().map(|study| study.label.as_str()).collect();
    let without: Vec<&str> = analysed.difference(&known).copied().collect();
    let mut warnings = Vec::new();
    for study in judged.studies.iter().filter(|study| !analysed.contains(study.label.as_str())) {
        let message = format!("the judged study `{}` is in no analysis", study.label);
        let warning = Diagnostic::error(Code::Unmatched, study.place, message).as_warning();
        let near = nearest_hint(&study.label, without.iter().copied());
        let near = near.split_once('?').map(|(near, _)| format!("{near}?"));
        warnings.push(match near {
            Some(near) => warning.help(near),
            None => warning,
        });
    }
    if !without.is_empty() {
        let names: Vec<String> =
            without.iter().take(MOST_NAMES).map(|name| format!("`{name}`")).collect();
        let more = if without.len() > MOST_NAMES { ", ..." } else { "" };
        let what = if without.len() == 1 { "study has" } else { "studies have" };
        let message = format!(
            "{} {what} no judgement in `{}`: {}{more}",
            without.len(),
            spec.data_path,
            names.join(", ")
        );
        warnings.push(Diagnostic::error(Code::Unmatched, spec.place, message).as_warning());
    }
    warnings
}
