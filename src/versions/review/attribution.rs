//! Why an estimate moved: a fixed chain of fits, from the old result to the new one.
//!
//! The order is old program, specs, edited studies, new and removed studies, new program. The steps
//! sum to the whole because each starts where the one before it ended; a fit that the data do not
//! allow is passed over, and its cause joins that of the next step.

use super::super::input_changes::{FileChange, InputChange};
use super::{Side, StudyAction, StudyChange};
use crate::analysis::{analyse, choose_model};
use crate::data::{Dataset, Study, Tables, read_dataset};
use crate::project::{Inputs, is_spec};
use crate::spec::{self, Analysis, Entry, Node, Sensitivity, Value};
use serde::Serialize;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Why an estimate moved.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribution {
    /// The steps in their order; those that changed nothing are there too.
    pub steps: Vec<Step>,
}

/// One step of the chain.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// What changed in it; several where a fit between them is not possible.
    pub causes: Vec<StepCause>,
    /// How far the estimate moved, analysis scale.
    pub shift: f64,
}

/// What changes in a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepCause {
    /// The program that computed the old version.
    OldProgram,
    /// The specs.
    Spec,
    /// Studies that are in both versions with other numbers.
    Edited,
    /// Studies that are in one of the two.
    NewAndRemoved,
    /// The program that computed the new version.
    NewProgram,
}

/// The old data under the new specs.
pub(super) struct Hybrid {
    datasets: BTreeMap<String, (Analysis, Dataset)>,
}

impl Hybrid {
    pub(super) fn of(old: &Side, new: &Side) -> Self {
        let files = new
            .inputs
            .bytes
            .iter()
            .filter(|(name, _)| is_spec(name))
            .chain(old.inputs.bytes.iter().filter(|(name, _)| !is_spec(name)))
            .map(|(name, bytes)| (name.clone(), bytes.clone()))
            .collect();
        Self { datasets: datasets(&Inputs::from_files(PathBuf::new(), files)) }
    }
}

/// The new version with one change of its specs undone, for each of them.
pub(super) struct Undone {
    /// By the index of the change: the estimates of the analyses.
    estimates: Vec<BTreeMap<String, f64>>,
}

/// Of more changes than these the chain tells the sum alone.
const MOST_UNDONE: usize = 12;

impl Undone {
    pub(super) fn of(old: &Side, new: &Side, changes: &[InputChange]) -> Self {
        if changes.len() > MOST_UNDONE {
            return Self { estimates: Vec::new() };
        }
        let estimates = changes.iter().map(|change| {
            let FileChange::Key { path, .. } = &change.what else { return BTreeMap::new() };
            // the words of a review move no estimate
            if path.split('.').next().is_some_and(|key| WORDS.contains(&key)) {
                return BTreeMap::new();
            }
            without_key(&change.file, path, old, new)
                .map(|inputs| estimates(&inputs))
                .unwrap_or_default()
        });
        Self { estimates: estimates.collect() }
    }

    /// How far the estimate of an analysis lies from where it would be without each change.
    pub(super) fn effects(&self, id: &str, new: &Side) -> Vec<(usize, f64)> {
        let Some((spec, _, data)) = new.pooled(id) else { return Vec::new() };
        let Some(whole) = estimate(spec, &data.studies) else { return Vec::new() };
        let effect = |(index, estimates): (usize, &BTreeMap<String, f64>)| {
            let effect = whole - estimates.get(id)?;
            (effect != 0.0).then_some((index, effect))
        };
        self.estimates.iter().enumerate().filter_map(effect).collect()
    }
}

/// Keys of a review that are read and not computed with.
const WORDS: [&str; 6] = ["title", "about", "authors", "style", "order", "chapters"];

/// The new inputs with one key as the old ones have it.
fn without_key(file: &str, path: &str, old: &Side, new: &Side) -> Option<Inputs> {
    let tree = |side: &Side| {
        let source = side.inputs.sources.by_name(file)?;
        spec::parse(&side.inputs.sources, source).ok()
    };
    let reverted = with_old_key(&tree(new)?, &tree(old)?, path);
    let mut files = new.inputs.bytes.clone();
    files.insert(file.to_owned(), reverted.to_string().into_bytes());
    Some(Inputs::from_files(PathBuf::new(), files))
}

/// A spec as JSON, which is YAML, with the key at `path` as `old` has it.
fn with_old_key(new: &Node, old: &Node, path: &str) -> Json {
    let (Value::Mapping(entries), Value::Mapping(before)) = (&new.value, &old.value) else {
        return json(old);
    };
    let name = |node: &Node| match &node.value {
        Value::Scalar(text) => text.clone(),
        _ => String::new(),
    };
    let mut object = serde_json::Map::new();
    for (key, value) in entries {
        object.insert(name(key), json(value));
    }
    let all: Vec<(&Node, &Node)> = entries.iter().chain(before).map(|(k, v)| (k, v)).collect();
    for (key, _) in all {
        let key = name(key);
        let of = |entries: &[(Node, Node)]| {
            entries.iter().find(|(other, _)| name(other) == key).map(|(_, value)| value.clone())
        };
        let rest = path.strip_prefix(key.as_str());
        match rest.map(|rest| rest.strip_prefix('.').ok_or(rest.is_empty())) {
            Some(Err(true)) => match of(before) {
                Some(value) => {
                    object.insert(key, json(&value));
                }
                None => {
                    object.shift_remove(&key);
                }
            },
            Some(Ok(rest)) => match (of(entries), of(before)) {
                (Some(now), Some(before)) => {
                    object.insert(key, with_old_key(&now, &before, rest));
                }
                (None, Some(before)) => {
                    object.insert(key, json(&before));
                }
                (Some(_), None) => {
                    object.shift_remove(&key);
                }
                (None, None) => {}
            },
            _ => {}
        }
    }
    Json::Object(object)
}

fn json(node: &Node) -> Json {
    match &node.value {
        Value::Null => Json::Null,
        Value::Scalar(text) => Json::String(text.clone()),
        Value::Sequence(items) => Json::Array(items.iter().map(json).collect()),
        Value::Mapping(entries) => {
            let entry = |(key, value): &(Node, Node)| match &key.value {
                Value::Scalar(key) => Some((key.clone(), json(value))),
                _ => None,
            };
            Json::Object(entries.iter().filter_map(entry).collect())
        }
    }
}

/// The pooled effects of a review, by analysis.
fn estimates(inputs: &Inputs) -> BTreeMap<String, f64> {
    datasets(inputs)
        .into_iter()
        .filter_map(|(id, (spec, dataset))| Some((id, estimate(&spec, &dataset.studies)?)))
        .collect()
}

/// The studies of each analysis that pools effects.
fn datasets(inputs: &Inputs) -> BTreeMap<String, (Analysis, Dataset)> {
    let mut datasets = BTreeMap::new();
    let mut tables = Tables::new();
    for entry in spec::check(inputs).0.into_iter().flat_map(|review| review.entries) {
        if let Entry::Pooled(spec) = entry
            && let Ok(dataset) = read_dataset(&spec, inputs, &mut tables)
        {
            datasets.insert(spec.id.clone(), (*spec, dataset));
        }
    }
    datasets
}

/// The chain of fits of an analysis. The effect of each single change of a study is noted with it:
/// the new estimate minus the one with this change alone undone.
pub(super) fn attribute(
    id: &str,
    old: &Side,
    new: &Side,
    hybrid: &Hybrid,
    changes: &mut [StudyChange],
) -> Option<Attribution> {
    let (old_spec, _, old_data) = old.pooled(id)?;
    let (new_spec, _, new_data) = new.pooled(id)?;
    let kept = |side: &Side| Some(side.outcome(id)?.fit?.effect.estimate);
    let (first, last) = (kept(old)?, kept(new)?);
    let under_new_spec = hybrid.datasets.get(id);
    let edited = under_new_spec.map(|(_, dataset)| with_edits(dataset, new_data));
    let fits = [
        (StepCause::OldProgram, estimate(old_spec, &old_data.studies)),
        (StepCause::Spec, under_new_spec.and_then(|(spec, data)| estimate(spec, &data.studies))),
        (StepCause::Edited, edited.and_then(|studies| estimate(new_spec, &studies))),
        (StepCause::NewAndRemoved, estimate(new_spec, &new_data.studies)),
        (StepCause::NewProgram, Some(last)),
    ];
    let mut steps = Vec::new();
    let mut causes = Vec::new();
    let mut from = first;
    for (cause, fit) in fits {
        causes.push(cause);
        if let Some(to) = fit {
            steps.push(Step { causes: std::mem::take(&mut causes), shift: to - from });
            from = to;
        }
    }
    let whole = estimate(new_spec, &new_data.studies);
    let before = under_new_spec.map_or(old_data, |(_, dataset)| dataset);
    for change in changes {
        let undone = without_change(change, &before.studies, &new_data.studies);
        let undone = undone.and_then(|studies| estimate(new_spec, &studies));
        change.effect = whole.zip(undone).map(|(whole, undone)| whole - undone);
    }
    Some(Attribution { steps })
}

/// The studies of `old` as `new` has them, without those that only one has.
fn with_edits(old: &Dataset, new: &Dataset) -> Vec<Study> {
    old.studies
        .iter()
        .map(|study| named(&new.studies, &study.label).unwrap_or(study).clone())
        .collect()
}

fn named<'a>(studies: &'a [Study], label: &str) -> Option<&'a Study> {
    studies.iter().find(|study| study.label == label)
}

/// The new studies with one change undone; `None` where studies were divided or combined, so that a
/// row is not a study.
fn without_change(change: &StudyChange, old: &[Study], new: &[Study]) -> Option<Vec<Study>> {
    let mut studies = new.to_vec();
    let at = |studies: &[Study]| studies.iter().position(|study| study.label == change.key);
    match &change.action {
        StudyAction::Added => {
            studies.remove(at(&studies)?);
        }
        StudyAction::Removed => studies.push(named(old, &change.key)?.clone()),
        StudyAction::Edited(_) => {
            let index = at(&studies)?;
            studies[index] = named(old, &change.key)?.clone();
        }
        StudyAction::Renamed { .. } => {}
    }
    Some(studies)
}

/// The pooled effect of studies, and nothing else.
fn estimate(spec: &Analysis, studies: &[Study]) -> Option<f64> {
    let mut spec = Analysis {
        regression: None,
        subgroups: None,
        sensitivity: Sensitivity {
            other_models: false,
            influence: false,
            leave_one_out: false,
            cumulative: false,
        },
        ..spec.clone()
    };
    let dataset =
        Dataset { studies: studies.to_vec(), moderators: Vec::new(), warnings: Vec::new() };
    choose_model(&mut spec, &dataset);
    analyse(&spec, &dataset).pooled.ok().map(|pooled| pooled.effect.estimate)
}
