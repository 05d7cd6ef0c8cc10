//! What is printed about a review as a whole, as written.

use super::super::certainty::FindingSpec;
use super::super::mapping::{Mapping, expect_scalar, scalar, wrong_type};
use super::super::protocol::{Picos, Process, Search};
use super::super::tables::ResultsTable;
use super::super::yaml::{Node, Value};
use super::certainty::read_findings;
use super::protocol::{read_picos, read_process, read_search};
use super::tables::TableFile;
use crate::diagnostic::Diagnostic;

/// The keys of `review.yaml` about eligibility, search, studies and findings.
#[derive(Debug, Default)]
pub(in crate::spec) struct AboutFile {
    pub(in crate::spec) picos: Option<Picos>,
    pub(in crate::spec) search: Option<Search>,
    pub(in crate::spec) process: Option<Process>,
    pub(in crate::spec) protocol_of: Option<String>,
    pub(in crate::spec) characteristics: Option<TableFile>,
    pub(in crate::spec) findings: Vec<FindingSpec>,
    pub(in crate::spec) results_table: Option<ResultsTable>,
    pub(in crate::spec) abbreviations: Vec<(String, String)>,
}

impl AboutFile {
    pub(super) fn read(map: &mut Mapping<'_>, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let forms = [
            ("category", ResultsTable::Category),
            ("comparison", ResultsTable::Comparison),
            ("journal", ResultsTable::Journal),
        ];
        Self {
            picos: map.take("picos").and_then(|node| read_picos(node, diagnostics)),
            search: map.take("search").and_then(|node| read_search(node, diagnostics)),
            process: map.take("process").and_then(|node| read_process(node, diagnostics)),
            protocol_of: map.text("protocol_of", diagnostics).map(|text| text.value),
            characteristics: map
                .take("characteristics")
                .and_then(|node| TableFile::read(node, "characteristics", true, diagnostics)),
            findings: map
                .take("summary_of_findings")
                .map(|node| read_findings(node, diagnostics))
                .unwrap_or_default(),
            results_table: map.choice("results_table", &forms, diagnostics),
            abbreviations: map
                .take("abbreviations")
                .map(|node| read_abbreviations(node, diagnostics))
                .unwrap_or_default(),
        }
    }
}

fn read_abbreviations(node: &Node, diagnostics: &mut Vec<Diagnostic>) -> Vec<(String, String)> {
    let Value::Mapping(entries) = &node.value else {
        diagnostics.push(wrong_type(node, "`abbreviations`", "a mapping of short to long forms"));
        return Vec::new();
    };
    let entry = |(key, value): &(Node, Node)| {
        let short = scalar(key)?.value;
        let long = expect_scalar(value, &short, diagnostics)?.value;
        Some((short, long))
    };
    entries.iter().filter_map(entry).collect()
}
