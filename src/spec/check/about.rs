//! What is printed about a review as a whole, from `review.yaml` to its resolved spec.

use super::{described, find_table};
use crate::diagnostic::{Code, Diagnostic, has_errors, nearest_hint};
use crate::project::Inputs;
use crate::spec::certainty::FindingSpec;
use crate::spec::file::AboutFile;
use crate::spec::measure::{Kind, Measure};
use crate::spec::model::{AboutStudies, Entry};
use crate::spec::tables::ResultsTable;

pub(super) fn resolve(
    file: AboutFile,
    entries: &[Entry],
    inputs: &Inputs,
    diagnostics: &mut Vec<Diagnostic>,
) -> AboutStudies {
    for finding in &file.findings {
        expect_finding_fits(finding, entries, diagnostics);
    }
    let characteristics = file.characteristics.and_then(|table| {
        let data = find_table(table.data.as_ref()?, inputs, diagnostics)?;
        let has_mistakes = table.has_mistakes;
        let filter = table.filter.clone();
        let table = described::table(table, data, filter, inputs, diagnostics);
        (!has_mistakes).then_some(table)
    });
    AboutStudies {
        picos: file.picos,
        search: file.search,
        process: file.process,
        protocol_of: file.protocol_of,
        characteristics,
        findings: file.findings,
        results_table: file.results_table.unwrap_or(ResultsTable::Category),
        abbreviations: file.abbreviations,
    }
}

/// A finding is of an analysis that pools effects, and has the risk that its measure needs.
fn expect_finding_fits(
    finding: &FindingSpec,
    entries: &[Entry],
    diagnostics: &mut Vec<Diagnostic>,
) {
    let place = finding.analysis.place;
    let id = &finding.analysis.value;
    let Some(entry) = entries.iter().find(|entry| entry.id() == id) else {
        // an analysis that has errors of its own is not missing
        if !has_errors(diagnostics) {
            let known = entries.iter().map(Entry::id);
            diagnostics.push(
                Diagnostic::error(Code::UnknownChoice, place, format!("no analysis is `{id}`"))
                    .help(nearest_hint(id, known)),
            );
        }
        return;
    };
    let Entry::Pooled(analysis) = entry else {
        let message = format!("`{id}` pools no effects");
        diagnostics.push(
            Diagnostic::error(Code::Impossible, place, message)
                .help("a summary of findings rests on pooled effects"),
        );
        return;
    };
    let has_risk = takes_risk(analysis.measure);
    match finding.baseline {
        Some(_) if !has_risk => diagnostics.push(
            Diagnostic::error(
                Code::Impossible,
                finding.place,
                format!("{} has no use for `baseline_risk`", analysis.measure.code()),
            )
            .help("absolute effects follow from OR, PETO, RR, RD and HR"),
        ),
        Some(crate::spec::Baseline::MedianOfStudies) if analysis.kind != Kind::Binary => {
            diagnostics.push(
                Diagnostic::error(
                    Code::Impossible,
                    finding.place,
                    format!("the studies of `{id}` give no control risk to take the median of"),
                )
                .help("give `baseline_risk` as a number from 0 to 1"),
            );
        }
        None if has_risk => diagnostics.push(
            Diagnostic::error(
                Code::MissingKey,
                finding.place,
                format!("the outcome `{id}` has no `baseline_risk`"),
            )
            .help("give the risk without the intervention as a number from 0 to 1, or `median`, the median risk of the control groups"),
        ),
        _ => {}
    }
}

fn takes_risk(measure: Measure) -> bool {
    matches!(measure, Measure::OR | Measure::PETO | Measure::RR | Measure::RD | Measure::HR)
}
