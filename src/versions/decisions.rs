//! What somebody decided on the changes from one version to the next. It is kept beside the newer
//! version, not in it: a released version never changes.

use super::manifest::sha256;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A change that somebody decides on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its name: `analysis/ID`, `spec/FILE/KEY`, `table/FILE` or `program`.
    pub id: String,
    /// The hash of what changed: a decision holds for this change and for no later one.
    pub fingerprint: String,
}

/// The decisions on the changes to one version.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decisions {
    /// In the order in which they were made.
    pub decisions: Vec<Decision>,
}

/// A decision on one change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Label of the version before.
    pub from: String,
    /// The change, by [`Item::id`].
    pub item: String,
    /// Its [`Item::fingerprint`].
    pub fingerprint: String,
    /// What was decided.
    pub decision: Choice,
    /// Who decided.
    pub by: String,
    /// On which day, as year-month-day.
    pub date: String,
    /// Why.
    pub note: String,
}

/// What can be decided on a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Choice {
    /// It is right.
    Accept,
    /// It is not.
    Reject,
}

impl Choice {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Reject => "reject",
        }
    }
}

/// The changes to decide on, from the object that `changes_json` makes.
#[must_use]
pub fn items(changes: &Value) -> Vec<Item> {
    let list = |name: &str| changes[name].as_array().cloned().unwrap_or_default();
    let text = |value: &Value, name: &str| value[name].as_str().unwrap_or_default().to_owned();
    let item =
        |id: String, value: &Value| Item { id, fingerprint: sha256(value.to_string().as_bytes()) };
    let mut items = Vec::new();
    for mut analysis in list("analyses") {
        if let Some(entries) = analysis.as_object_mut() {
            // they name other changes by their place
            entries.remove("spec_effects");
        }
        items.push(item(format!("analysis/{}", text(&analysis, "id")), &analysis));
    }
    for spec in list("spec") {
        let path = text(&spec, "path");
        let file = text(&spec, "file");
        if path.is_empty() {
            items.push(item(format!("spec/{file}"), &spec));
        } else {
            items.push(item(format!("spec/{file}/{path}"), &spec));
        }
    }
    let tables = list("tables");
    let mut files: Vec<String> = tables.iter().map(|table| text(table, "file")).collect();
    files.dedup();
    for file in files {
        let rows: Vec<Value> =
            tables.iter().filter(|table| text(table, "file") == file).cloned().collect();
        items.push(item(format!("table/{file}"), &Value::Array(rows)));
    }
    if !list("program").is_empty() {
        items.push(item("program".to_owned(), &changes["program"]));
    }
    items
}

impl Decisions {
    /// What was decided last on a change since the version `from`.
    #[must_use]
    pub fn on(&self, from: &str, item: &Item) -> Option<&Decision> {
        self.decisions.iter().rev().find(|decision| {
            decision.from == from
                && decision.item == item.id
                && decision.fingerprint == item.fingerprint
        })
    }

    /// Notes a decision in the place of an earlier one on the same change.
    pub fn decide(&mut self, decision: Decision) {
        self.decisions
            .retain(|earlier| (&earlier.from, &earlier.item) != (&decision.from, &decision.item));
        self.decisions.push(decision);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_decision_holds_for_one_change_alone() {
        let changes = |estimate: f64| {
            json!({
                "analyses": [{"id": "a", "new": {"estimate": estimate}, "spec_effects": [1]}],
                "spec": [
                    {"file": "a.yaml", "path": "model.method"},
                    {"file": "b.yaml", "action": "added"},
                ],
                "tables": [{"file": "t.csv", "line": 2}, {"file": "t.csv", "line": 3}],
                "program": [{"name": "the program"}],
            })
        };
        let found = items(&changes(0.5));
        let ids: Vec<&str> = found.iter().map(|item| item.id.as_str()).collect();
        let expected =
            ["analysis/a", "spec/a.yaml/model.method", "spec/b.yaml", "table/t.csv", "program"];
        assert_eq!(ids, expected);
        let mut decisions = Decisions::default();
        let decision = |decision| Decision {
            from: "1".to_owned(),
            item: found[0].id.clone(),
            fingerprint: found[0].fingerprint.clone(),
            decision,
            by: String::new(),
            date: String::new(),
            note: String::new(),
        };
        decisions.decide(decision(Choice::Accept));
        decisions.decide(decision(Choice::Reject));
        assert_eq!(decisions.decisions.len(), 1);
        assert_eq!(decisions.on("1", &found[0]).unwrap().decision, Choice::Reject);
        assert_eq!(decisions.on("0", &found[0]), None);
        assert_eq!(decisions.on("1", &items(&changes(0.6))[0]), None);
    }
}
