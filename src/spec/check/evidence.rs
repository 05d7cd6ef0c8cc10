//! The flow of a review and its judgements of risk of bias, resolved.

use super::find_table;
use crate::diagnostic::{Code, Diagnostic, has_errors, nearest_hint};
use crate::project::Inputs;
use crate::source::Spanned;
use crate::spec::evidence::{BiasSpec, ClaimsSpec, FlowSpec, ReferencesSpec};
use crate::spec::file::BiasFile;
use crate::spec::model::Entry;

pub(super) fn flow(
    data: &Spanned<String>,
    inputs: &Inputs,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<FlowSpec> {
    let table = find_table(data, inputs, diagnostics)?;
    let data_path = inputs.sources.get(table).name.clone();
    Some(FlowSpec { place: data.place, data: table, data_path })
}

pub(super) fn claims(
    data: &Spanned<String>,
    inputs: &Inputs,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<ClaimsSpec> {
    let table = find_table(data, inputs, diagnostics)?;
    Some(ClaimsSpec { data: table, data_path: inputs.sources.get(table).name.clone() })
}

pub(super) fn references(
    data: &Spanned<String>,
    inputs: &Inputs,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<ReferencesSpec> {
    let list = find_table(data, inputs, diagnostics)?;
    let data_path = inputs.sources.get(list).name.clone();
    Some(ReferencesSpec { place: data.place, data: list, data_path })
}

pub(super) fn risk_of_bias(
    file: BiasFile,
    entries: &[Entry],
    inputs: &Inputs,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<BiasSpec> {
    if let Some(weights) = &file.weights {
        expect_pooled(weights, entries, diagnostics);
    }
    let table = find_table(&file.data, inputs, diagnostics)?;
    Some(BiasSpec {
        place: file.data.place,
        data: table,
        data_path: inputs.sources.get(table).name.clone(),
        tool: file.tool,
        columns: file.columns,
        weights: file.weights,
    })
}

/// A review without judgements of risk of bias has none to show beside a forest plot.
pub(super) fn expect_no_bias_columns(entries: &[Entry], diagnostics: &mut Vec<Diagnostic>) {
    for entry in entries {
        let Entry::Pooled(analysis) = entry else { continue };
        let Some(asked) = analysis.risk_of_bias_columns.as_ref().filter(|asked| asked.value) else {
            continue;
        };
        let diagnostic = Diagnostic::error(
            Code::Impossible,
            asked.place,
            "`risk_of_bias_columns` asks for judgements that the review does not have",
        )
        .help("name their table under `risk_of_bias` in `review.yaml`");
        // one line of the defaults stands for every analysis
        if !diagnostics.contains(&diagnostic) {
            diagnostics.push(diagnostic);
        }
    }
}

/// Weights are those of studies that are pooled.
fn expect_pooled(weights: &Spanned<String>, entries: &[Entry], diagnostics: &mut Vec<Diagnostic>) {
    match entries.iter().find(|entry| entry.id() == weights.value) {
        Some(Entry::Pooled(_)) => {}
        Some(Entry::Survival(_) | Entry::Description(_)) => diagnostics.push(
            Diagnostic::error(
                Code::Impossible,
                weights.place,
                format!("the analysis `{}` has no weights", weights.value),
            )
            .help("name an analysis that pools studies"),
        ),
        // an analysis that has errors of its own is not missing
        None if has_errors(diagnostics) => {}
        None => {
            let pooled = entries.iter().filter(|entry| matches!(entry, Entry::Pooled(_)));
            diagnostics.push(
                Diagnostic::error(
                    Code::UnknownChoice,
                    weights.place,
                    format!("`weights` names `{}`, which no analysis is", weights.value),
                )
                .help(nearest_hint(&weights.value, pooled.map(Entry::id))),
            );
        }
    }
}
