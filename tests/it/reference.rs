//! The reference cases: what R's metafor computed, and how closely it must be met.

use build_report::stats::Effect;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Iterated estimators: relative.
pub(crate) const ITERATED: f64 = 1e-8;
/// Closed forms: relative.
pub(crate) const CLOSED_FORM: f64 = 1e-12;
/// Absolute, where the expected value is near zero.
const NEAR_ZERO: f64 = 1e-10;

/// One call of metafor with what it returned.
pub(crate) struct Case {
    pub(crate) id: String,
    pub(crate) data: String,
    pub(crate) call: String,
    pub(crate) measure: String,
    pub(crate) columns: Value,
    pub(crate) options: Value,
    pub(crate) expect: Value,
}

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reference"))
}

#[test]
fn the_reference_holds_all_its_cases() {
    assert_eq!(cases().len(), 1344);
}

/// All cases, in the order of the file.
pub(crate) fn cases() -> Vec<Case> {
    let text = fs::read_to_string(folder().join("reference.json")).unwrap();
    let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
    let text = |case: &Value, key: &str| case[key].as_str().unwrap_or_default().to_owned();
    cases
        .iter()
        .map(|case| Case {
            id: text(case, "id"),
            data: text(case, "data"),
            call: text(case, "call"),
            measure: text(case, "measure"),
            columns: case["columns"].clone(),
            options: case["options"].clone(),
            expect: case["expect"].clone(),
        })
        .collect()
}

/// The rows of a case's data set, by column name.
pub(crate) fn rows(case: &Case) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(folder().join(&case.data)).unwrap();
    reader.deserialize().map(Result::unwrap).collect()
}

/// The column that has a role in a case, such as `events1`; an empty cell is a missing value.
#[allow(dead_code)]
pub(crate) fn column(case: &Case, role: &str) -> Vec<Option<f64>> {
    let name = case.columns[role].as_str().unwrap();
    rows(case).iter().map(|row| row[name].parse().ok()).collect()
}

/// The effects of a data set and measure as metafor's escalc gives them, without those that are
/// missing: the input of every case whose id starts like that of the escalc case.
#[allow(dead_code)]
pub(crate) fn escalc_effects(cases: &[Case], case: &Case) -> Vec<Effect> {
    let escalc = cases
        .iter()
        .filter(|other| other.call == "escalc")
        .filter_map(|other| Some((other.id.strip_suffix("/escalc")?, other)))
        .find(|(prefix, _)| case.id.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('/')))
        .map(|(_, other)| other)
        .unwrap();
    let list = |name: &str| -> Vec<Option<f64>> {
        escalc.expect[name].as_array().unwrap().iter().map(Value::as_f64).collect()
    };
    list("yi")
        .into_iter()
        .zip(list("vi"))
        .filter_map(|(estimate, variance)| {
            Some(Effect { estimate: estimate?, variance: variance? })
        })
        .collect()
}

/// The cases of a test: how many of each call were compared, and what differed.
#[derive(Default)]
pub(crate) struct Tally {
    counts: BTreeMap<String, usize>,
    failures: Vec<String>,
}

impl Tally {
    /// The comparison of one case.
    pub(crate) fn check<'a>(&'a mut self, case: &'a Case) -> Check<'a> {
        Check { case, failures: &mut self.failures }
    }

    /// Counts a case as compared.
    pub(crate) fn count(&mut self, case: &Case) {
        *self.counts.entry(case.call.clone()).or_default() += 1;
    }

    /// Fails if a value differed, or if not exactly so many cases of each call were compared.
    pub(crate) fn finish(self, expected: &[(&str, usize)]) {
        let failures = self.failures;
        assert!(failures.is_empty(), "{} values differ:\n{}", failures.len(), failures.join("\n"));
        let expected = expected.iter().map(|(call, count)| ((*call).to_owned(), *count)).collect();
        assert_eq!(self.counts, expected, "cases by call");
    }
}

/// The comparison of one case.
pub(crate) struct Check<'a> {
    pub(crate) case: &'a Case,
    failures: &'a mut Vec<String>,
}

impl Check<'_> {
    /// Compares one number.
    pub(crate) fn number(&mut self, name: &str, found: f64, relative: f64) {
        let expected = &self.case.expect[name];
        self.compare(name, Some(found), expected.as_f64(), relative);
    }

    /// Compares a list, in which a missing value is none.
    pub(crate) fn list(&mut self, name: &str, found: &[Option<f64>], relative: f64) {
        let expected: Vec<Option<f64>> = match &self.case.expect[name] {
            Value::Array(values) => values.iter().map(Value::as_f64).collect(),
            other => vec![other.as_f64()],
        };
        assert_eq!(found.len(), expected.len(), "{} {name}", self.case.id);
        for (found, expected) in found.iter().zip(expected) {
            self.compare(name, *found, expected, relative);
        }
    }

    fn compare(&mut self, name: &str, found: Option<f64>, expected: Option<f64>, relative: f64) {
        let agrees = match (found, expected) {
            (Some(found), Some(expected)) => {
                // a P value is far below 1 by right, so only its relative error counts
                let near_zero = match name {
                    name if name.ends_with('p') || name == "pval" => 0.0,
                    // a root of tau², which itself is held to NEAR_ZERO
                    "tau" => NEAR_ZERO.sqrt(),
                    _ => NEAR_ZERO,
                };
                (found - expected).abs() <= (relative * expected.abs()).max(near_zero)
            }
            (found, expected) => found.is_none() && expected.is_none(),
        };
        if !agrees {
            self.failures
                .push(format!("{} {name}: found {found:?}, expected {expected:?}", self.case.id));
        }
    }
}
