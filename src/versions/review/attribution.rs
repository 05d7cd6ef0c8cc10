//! Why an estimate moved: a fixed chain of fits, from the old result to the new one.
//!
//! The order is old program, specs, edited studies, new and removed studies, new program. The steps
//! sum to the whole because each starts where the one before it ended; a fit that the data do not
//! allow is passed over, and its cause joins that of the next step.

use super::{Side, StudyAction, StudyChange};
use crate::analysis::{analyse, choose_model};
use crate::data::{Dataset, Study, Tables, read_dataset};
use crate::project::{Inputs, is_spec};
use crate::spec::{self, Analysis, Entry, Sensitivity};
use serde::Serialize;
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
        let inputs = Inputs::from_files(PathBuf::new(), files);
        let mut datasets = BTreeMap::new();
        let mut tables = Tables::new();
        for entry in spec::check(&inputs).0.into_iter().flat_map(|review| review.entries) {
            if let Entry::Pooled(spec) = entry
                && let Ok(dataset) = read_dataset(&spec, &inputs, &mut tables)
            {
                datasets.insert(spec.id.clone(), (*spec, dataset));
            }
        }
        Self { datasets }
    }
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
