//! What a publication printed, as written.

use super::super::mapping::Mapping;
use super::super::model::{Claim, PrintedInterval, Scale};
use super::super::yaml::Node;
use crate::diagnostic::Diagnostic;

pub(super) fn read_claim(node: &Node, diagnostics: &mut Vec<Diagnostic>) -> Option<Claim> {
    let mut map = Mapping::open(node, "published results", diagnostics)?;
    let mut claim = Claim {
        source: map.text("source", diagnostics).map(|text| text.value),
        k: map.printed("k", diagnostics),
        p: map.printed("p", diagnostics),
        i2: map.printed("i2", diagnostics),
        rank_p: map.printed("rank_p", diagnostics),
        regression_p: map.printed("regression_p", diagnostics),
        threshold: map.printed("threshold", diagnostics),
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

const SCALES: [(&str, Scale); 4] = [
    ("log", Scale::Log),
    ("ratio", Scale::Ratio),
    ("percent", Scale::Percent),
    ("difference", Scale::Difference),
];
