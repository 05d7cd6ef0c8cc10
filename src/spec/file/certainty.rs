//! The summary of findings, as written; judgements that do not add up are told here.

use super::super::certainty::{Baseline, Certainty, Domain, Downgrade, FindingSpec};
use super::super::mapping::{Mapping, wrong_type};
use super::super::yaml::{Node, Value};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Spanned;

/// What a reason for less certainty is made of.
const REASON_HELP: &str = "each reason has a domain, a rating and words for the reader: \
    `{domain: imprecision, rating: serious, reason: fewer than 300 events}`";

pub(super) fn read_findings(node: &Node, diagnostics: &mut Vec<Diagnostic>) -> Vec<FindingSpec> {
    let Value::Sequence(items) = &node.value else {
        diagnostics.push(wrong_type(node, "`summary_of_findings`", "a list of outcomes"));
        return Vec::new();
    };
    items.iter().filter_map(|item| read_finding(item, diagnostics)).collect()
}

fn read_finding(node: &Node, diagnostics: &mut Vec<Diagnostic>) -> Option<FindingSpec> {
    let mut map = Mapping::open(node, "an outcome", diagnostics)?;
    let written = map.written();
    let before = diagnostics.len();
    let analysis = map.text("analysis", diagnostics);
    let outcome = map.text("outcome", diagnostics).map(|text| text.value);
    let baseline = map.text("baseline_risk", diagnostics);
    let start = map.spanned_choice(
        "start",
        &[("high", Certainty::High), ("low", Certainty::Low)],
        diagnostics,
    );
    let names = Certainty::ALL.map(|certainty| (certainty.name(), certainty));
    let certainty = map.spanned_choice("certainty", &names, diagnostics);
    let downgrades = match map.take("reasons") {
        Some(Node { value: Value::Sequence(items), .. }) => {
            items.iter().filter_map(|item| read_downgrade(item, diagnostics)).collect()
        }
        Some(node) => {
            diagnostics.push(wrong_type(node, "`reasons`", "a list of reasons"));
            Vec::new()
        }
        None => Vec::new(),
    };
    let comment = map.text("comment", diagnostics).map(|text| text.value);
    map.close(diagnostics);
    for key in ["analysis", "certainty"] {
        if !written.contains(key) {
            let message = format!("an outcome has no `{key}`");
            diagnostics.push(
                Diagnostic::error(Code::MissingKey, node.place, message).help(
                    "say which analysis it is about, and how certain: `{analysis: ..., certainty: low}`",
                ),
            );
        }
    }
    let baseline = baseline.and_then(|text| read_baseline(&text, diagnostics));
    let certainty = certainty?;
    if diagnostics.len() == before {
        let start = start.map_or(Certainty::High, |start| start.value);
        expect_judgement_adds_up(start, &certainty, &downgrades, diagnostics);
    }
    Some(FindingSpec {
        place: node.place,
        analysis: analysis?,
        outcome,
        baseline,
        certainty: certainty.value,
        downgrades,
        comment,
    })
}

fn read_baseline(text: &Spanned<String>, diagnostics: &mut Vec<Diagnostic>) -> Option<Baseline> {
    if text.value == "median" {
        return Some(Baseline::MedianOfStudies);
    }
    let risk = text.value.parse::<f64>().ok().filter(|risk| (0.0..=1.0).contains(risk));
    if risk.is_none() {
        diagnostics.push(
            Diagnostic::error(
                Code::WrongType,
                text.place,
                format!("`baseline_risk` is `{}`", text.value),
            )
            .label("expected a risk from 0 to 1, or `median`")
            .help("120 per 1000 is 0.12; `median` is the median risk of the control groups"),
        );
    }
    risk.map(Baseline::Given)
}

fn read_downgrade(node: &Node, diagnostics: &mut Vec<Diagnostic>) -> Option<Downgrade> {
    let mut map = Mapping::open(node, "a reason", diagnostics)?;
    let written = map.written();
    let domains = Domain::ALL.map(|domain| (domain.name(), domain));
    let domain = map.spanned_choice("domain", &domains, diagnostics);
    let ratings = [("serious", 1), ("very serious", 2)];
    let levels = map.choice("rating", &ratings, diagnostics);
    let reason = map.text("reason", diagnostics);
    map.close(diagnostics);
    for key in ["domain", "rating", "reason"] {
        if !written.contains(key) {
            let message = format!("a reason has no `{key}`");
            let error = Diagnostic::error(Code::MissingKey, node.place, message);
            diagnostics.push(error.help(REASON_HELP));
        }
    }
    if let Some(empty) = reason.as_ref().filter(|reason| reason.value.trim().is_empty()) {
        let error = Diagnostic::error(Code::Impossible, empty.place, "the reason is empty");
        diagnostics.push(error.help(REASON_HELP));
    }
    Some(Downgrade { domain: domain?, levels: levels?, reason: reason?.value })
}

/// The certainty is where it starts less one level for each serious reason, two for each very
/// serious one.
fn expect_judgement_adds_up(
    start: Certainty,
    certainty: &Spanned<Certainty>,
    downgrades: &[Downgrade],
    diagnostics: &mut Vec<Diagnostic>,
) {
    for (index, downgrade) in downgrades.iter().enumerate() {
        let same = |known: &&Downgrade| known.domain.value == downgrade.domain.value;
        if let Some(first) = downgrades[..index].iter().find(same) {
            diagnostics.push(
                Diagnostic::error(
                    Code::DuplicateId,
                    downgrade.domain.place,
                    format!("the domain `{}` stands twice", downgrade.domain.value.name()),
                )
                .related(first.domain.place, "the first one")
                .help("rate a domain once: `serious` is one level, `very serious` two"),
            );
        }
    }
    let levels: usize = downgrades.iter().map(|downgrade| downgrade.levels).sum();
    let expected = start.lowered_by(levels);
    if expected == certainty.value {
        return;
    }
    let plural = |count: usize| if count == 1 { "level" } else { "levels" };
    let message = if downgrades.is_empty() {
        format!(
            "the certainty is `{}`, but no reason says why it is not `{}`",
            certainty.value.name(),
            start.name()
        )
    } else {
        format!(
            "the certainty is `{}`, but {levels} {} below `{}` is `{}`",
            certainty.value.name(),
            plural(levels),
            start.name(),
            expected.name()
        )
    };
    let mut diagnostic = Diagnostic::error(Code::Impossible, certainty.place, message);
    for downgrade in downgrades {
        let label = format!("{} {} down", downgrade.levels, plural(downgrade.levels));
        diagnostic = diagnostic.related(downgrade.domain.place, label);
    }
    diagnostics.push(diagnostic.help(
        "each `serious` reason lowers by one level, each `very serious` one by two; evidence from observational studies starts at low: `start: low`",
    ));
}
