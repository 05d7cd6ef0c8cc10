//! Eligibility, search and process of a review, as written.

use super::super::mapping::{Mapping, expect_scalar, scalar, wrong_type};
use super::super::protocol::{Criteria, Database, Picos, Process, Registration, Search, Step};
use super::super::yaml::{Node, Value};
use crate::diagnostic::{Code, Diagnostic};

/// The principles in the order of print.
const PRINCIPLES: [&str; 5] = ["population", "intervention", "comparison", "outcome", "study"];

pub(super) fn read_picos(node: &Node, diagnostics: &mut Vec<Diagnostic>) -> Option<Picos> {
    let mut map = Mapping::open(node, "`picos`", diagnostics)?;
    let written = map.written();
    let missing: Vec<String> = PRINCIPLES
        .iter()
        .filter(|principle| !written.contains(principle))
        .map(|principle| format!("`{principle}`"))
        .collect();
    if !missing.is_empty() {
        let message = format!("`picos` has no {}", missing.join(", no "));
        diagnostics.push(
            Diagnostic::error(Code::MissingKey, node.place, message)
                .help("say `inclusion: NA` where a principle sets no condition"),
        );
    }
    let rows = PRINCIPLES.map(|principle| {
        map.take(principle)
            .and_then(|node| read_criteria(node, principle, diagnostics))
            .unwrap_or_default()
    });
    map.close(diagnostics);
    Some(Picos { rows })
}

fn read_criteria(
    node: &Node,
    principle: &'static str,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Criteria> {
    let mut map = Mapping::open(node, principle, diagnostics)?;
    let criteria = Criteria {
        inclusion: sentences(&mut map, "inclusion", diagnostics),
        exclusion: sentences(&mut map, "exclusion", diagnostics),
    };
    map.close(diagnostics);
    Some(criteria)
}

/// One sentence or a list; `NA` is nothing.
fn sentences(
    map: &mut Mapping<'_>,
    key: &'static str,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<String> {
    map.texts(key, diagnostics).into_iter().filter(|text| text != "NA").collect()
}

pub(super) fn read_search(node: &Node, diagnostics: &mut Vec<Diagnostic>) -> Option<Search> {
    let mut map = Mapping::open(node, "`search`", diagnostics)?;
    let databases = match map.take("databases") {
        Some(Node { value: Value::Sequence(items), .. }) => {
            items.iter().filter_map(|item| read_database(item, diagnostics)).collect()
        }
        Some(node) => {
            diagnostics.push(wrong_type(node, "`databases`", "a list of databases"));
            Vec::new()
        }
        None => Vec::new(),
    };
    let search = Search {
        databases,
        other: map.texts("other", diagnostics),
        restrictions: map.text("restrictions", diagnostics).map(|text| text.value),
    };
    map.close(diagnostics);
    Some(search)
}

/// The name of a database, or a mapping with `name`, `from`, `to`, `records` and `query`.
fn read_database(node: &Node, diagnostics: &mut Vec<Diagnostic>) -> Option<Database> {
    if let Some(name) = scalar(node) {
        let name = name.value;
        return Some(Database { name, from: None, to: None, records: None, query: None });
    }
    let mut map = Mapping::open(node, "a database", diagnostics)?;
    let name = map.take("name");
    let mut text = |key| map.text(key, diagnostics).map(|text| text.value);
    let (from, to, records, query) = (text("from"), text("to"), text("records"), text("query"));
    map.close(diagnostics);
    let Some(name) = name else {
        diagnostics.push(Diagnostic::error(
            Code::MissingKey,
            node.place,
            "a database has no `name`",
        ));
        return None;
    };
    let name = expect_scalar(name, "name", diagnostics)?.value;
    Some(Database { name, from, to, records, query })
}

pub(super) fn read_process(node: &Node, diagnostics: &mut Vec<Diagnostic>) -> Option<Process> {
    let mut map = Mapping::open(node, "`process`", diagnostics)?;
    let mut step = |key| map.take(key).and_then(|node| read_step(node, key, diagnostics));
    let (screening, extraction, risk_of_bias) =
        (step("screening"), step("extraction"), step("risk_of_bias"));
    let registration =
        map.take("registration").and_then(|node| read_registration(node, diagnostics));
    map.close(diagnostics);
    Some(Process { screening, extraction, risk_of_bias, registration })
}

fn read_step(node: &Node, name: &'static str, diagnostics: &mut Vec<Diagnostic>) -> Option<Step> {
    let mut map = Mapping::open(node, name, diagnostics)?;
    let reviewers = map.text("reviewers", diagnostics);
    let is_independent = map.boolean("independent", diagnostics);
    let disagreements = map.text("disagreements", diagnostics).map(|text| text.value);
    let tool = map.text("tool", diagnostics).map(|text| text.value);
    map.close(diagnostics);
    let Some(reviewers) = reviewers else {
        diagnostics.push(Diagnostic::error(
            Code::MissingKey,
            node.place,
            format!("`{name}` has no `reviewers`"),
        ));
        return None;
    };
    let count = reviewers.value.parse::<usize>().ok().filter(|count| (1..=99).contains(count));
    let Some(count) = count else {
        diagnostics.push(
            Diagnostic::error(
                Code::WrongType,
                reviewers.place,
                format!("`reviewers` is `{}`", reviewers.value),
            )
            .label("expected a number of reviewers, 1 or more"),
        );
        return None;
    };
    let is_independent = is_independent.unwrap_or(false);
    Some(Step { reviewers: count, is_independent, disagreements, tool })
}

/// `none`, or a mapping with `register`, `number` and `date`.
fn read_registration(node: &Node, diagnostics: &mut Vec<Diagnostic>) -> Option<Registration> {
    if scalar(node).is_some_and(|text| text.value == "none") {
        return Some(Registration::None);
    }
    if !matches!(node.value, Value::Mapping(_)) {
        let expected = "`none`, or a mapping with `register` and `number`";
        diagnostics.push(wrong_type(node, "`registration`", expected));
        return None;
    }
    let mut map = Mapping::open(node, "`registration`", diagnostics)?;
    let written = map.written();
    let register = map.text("register", diagnostics);
    let number = map.text("number", diagnostics);
    let date = map.text("date", diagnostics).map(|text| text.value);
    map.close(diagnostics);
    for key in ["register", "number"] {
        if !written.contains(key) {
            let message = format!("`registration` has no `{key}`");
            diagnostics.push(Diagnostic::error(Code::MissingKey, node.place, message));
        }
    }
    Some(Registration::In { register: register?.value, number: number?.value, date })
}
