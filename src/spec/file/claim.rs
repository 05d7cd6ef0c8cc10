//! What a publication printed, as written.

use super::super::claim::{Claim, PrintedInterval, Scale};
use super::super::mapping::{Mapping, wrong_type};
use super::super::model::Acceptance;
use super::super::yaml::{Node, Value};
use crate::diagnostic::{Code, Diagnostic};

pub(super) fn read_claim(node: &Node, diagnostics: &mut Vec<Diagnostic>) -> Option<Claim> {
    let mut map = Mapping::open(node, "published results", diagnostics)?;
    let mut claim = Claim {
        source: map.text("source", diagnostics).map(|text| text.value),
        k: map.printed_count("k", diagnostics),
        p: map.printed("p", diagnostics),
        i2: map.printed("i2", diagnostics),
        rank_p: map.printed("rank_p", diagnostics),
        regression_p: map.printed("regression_p", diagnostics),
        threshold: map.printed("threshold", diagnostics),
        level: map.printed("level", diagnostics),
        se: map.printed("se", diagnostics),
        q: map.printed("q", diagnostics),
        df: map.printed("df", diagnostics),
        q_p: map.printed("q_p", diagnostics),
        tau2: map.printed("tau2", diagnostics),
        n1: map.printed_count("n1", diagnostics),
        n2: map.printed_count("n2", diagnostics),
        events1: map.printed_count("events1", diagnostics),
        events2: map.printed_count("events2", diagnostics),
        statements: map.spanned_texts("statements", diagnostics),
        note: map.text("note", diagnostics).map(|text| text.value),
        ..Claim::default()
    };
    if let Some(mut estimate) = map.mapping("estimate", diagnostics) {
        let value = estimate.printed("value", diagnostics);
        let scale = estimate.required_choice("scale", &SCALES, diagnostics);
        claim.estimate = value.zip(scale);
        estimate.close(diagnostics);
    }
    if let Some(mut ci) = map.mapping("ci", diagnostics) {
        let low = ci.printed("low", diagnostics);
        let high = ci.printed("high", diagnostics);
        let scale = ci.required_choice("scale", &SCALES, diagnostics);
        claim.ci = scale.map(|scale| PrintedInterval { low, high, scale });
        ci.close(diagnostics);
    }
    map.close(diagnostics);
    Some(claim)
}

/// Findings that are accepted: a list of mappings with `code` and `reason`.
pub(super) fn read_acceptances(node: &Node, diagnostics: &mut Vec<Diagnostic>) -> Vec<Acceptance> {
    let Value::Sequence(items) = &node.value else {
        diagnostics.push(wrong_type(node, "`accept`", "a list of `{code: ..., reason: ...}`"));
        return Vec::new();
    };
    items.iter().filter_map(|item| read_acceptance(item, diagnostics)).collect()
}

fn read_acceptance(node: &Node, diagnostics: &mut Vec<Diagnostic>) -> Option<Acceptance> {
    let mut map = Mapping::open(node, "an accepted finding", diagnostics)?;
    let code = map.text("code", diagnostics);
    let reason = map.text("reason", diagnostics);
    map.close(diagnostics);
    for (key, is_there) in [
        ("code", code.is_some()),
        ("reason", reason.as_ref().is_some_and(|reason| !reason.value.trim().is_empty())),
    ] {
        if !is_there {
            let message = format!("an accepted finding has no `{key}`");
            diagnostics.push(
                Diagnostic::error(Code::MissingKey, node.place, message)
                    .help("say which finding is accepted, and why: `{code: C201, reason: ...}`"),
            );
        }
    }
    Some(Acceptance { code: code?, reason: reason?.value })
}

const SCALES: [(&str, Scale); 4] = [
    ("log", Scale::Log),
    ("ratio", Scale::Ratio),
    ("percent", Scale::Percent),
    ("difference", Scale::Difference),
];
