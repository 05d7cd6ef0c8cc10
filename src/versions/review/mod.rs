//! The review of an update: two versions to what changed between them. No words, no rounding.

mod attribution;
mod json;
mod outcome;
mod studies;
mod view;

pub use attribution::{Attribution, Step, StepCause};
pub use json::{SCHEMA_VERSION, changes_json};
pub use outcome::{Fit, Outcome};
use studies::Studies;
pub use studies::{CellChange, StudyAction, StudyChange};
pub use view::{ChangesView, DecisionView, changes_view};

use super::input_changes::{FileChange, InputChange, input_changes};
use super::manifest::Maker;
use super::plan::{Cause, maker_causes};
use super::results::value_differences;
use crate::data::Dataset;
use crate::project::{Inputs, REVIEW_FILE, TEMPLATES, is_spec};
use crate::report::verdict::{EffectVerdict, HeterogeneityVerdict, PredictionVerdict};
use crate::report::{EntryFindings, ReviewFindings};
use crate::spec::{Entry, Measure};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeSet;

/// One of two versions that are compared.
#[derive(Debug, Clone)]
pub struct Side {
    /// The files that it was read from.
    pub inputs: Inputs,
    /// What this program finds in them.
    pub findings: ReviewFindings,
    /// The studies of each analysis that pools effects.
    pub datasets: Vec<Option<Dataset>>,
    /// The objects of `results.json`: as kept, or as this program computes them.
    pub results: Vec<Value>,
    /// What made it; of a review that is not built yet, this program.
    pub maker: Maker,
}

/// What changed from one version to another.
#[derive(Debug, Clone, PartialEq)]
pub struct Changes {
    /// The analyses of the new version in its order, then those that it no longer has.
    pub analyses: Vec<AnalysisChange>,
    /// Keys of the specs, but for the label and the date of the version.
    pub spec: Vec<InputChange>,
    /// Tables, but for the rows of studies, which stand with their analyses.
    pub tables: Vec<InputChange>,
    /// Program, engine, arguments, templates and fonts.
    pub maker: Vec<Cause>,
}

/// What changed in one analysis.
#[derive(Debug, Clone, PartialEq)]
pub struct AnalysisChange {
    /// Its id.
    pub id: String,
    /// Its result before; none where it is new.
    pub old: Option<Outcome>,
    /// Its result now; none where it is gone.
    pub new: Option<Outcome>,
    /// Conclusions that turned, the gravest first.
    pub flips: Vec<Flip>,
    /// How far its estimate moved, where both versions have one on one scale.
    pub movement: Option<Movement>,
    /// Its studies.
    pub studies: Vec<StudyChange>,
    /// Why its estimate moved.
    pub attribution: Option<Attribution>,
    /// How far its estimate lies from where it would be without one change of a spec alone; the
    /// changes by their index in [`Changes::spec`], those that move nothing left out.
    pub spec_effects: Vec<(usize, f64)>,
    /// How many of the values that `results.json` has of it are others.
    pub values: usize,
}

/// A conclusion that turned, in order of severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Flip {
    /// The estimate lies on the other side of the null.
    Direction,
    /// The test of the effect became significant, or is no longer.
    Significance,
    /// The confidence interval began or ceased to cover a minimal important difference.
    Threshold,
    /// The certainty of the evidence is another.
    Certainty,
    /// The prediction interval began or ceased to lie on one side of the null.
    PredictionInterval,
    /// There is a pooled effect now, or no longer.
    Estimability,
    /// The Q test crossed 0.10.
    Heterogeneity,
    /// Measure, method or test are others.
    Model,
}

/// How far an estimate moved.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Movement {
    /// New estimate minus old, analysis scale.
    pub shift: f64,
    /// The same in standard errors of the old estimate.
    pub standard_errors: f64,
    /// Width of the new confidence interval over that of the old.
    pub width_ratio: f64,
}

/// How far an estimate may move without being told as moved.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tolerance {
    /// In standard errors of the old estimate.
    pub standard_errors: f64,
    /// On the analysis scale.
    pub absolute: f64,
    /// Relative to the old estimate.
    pub relative: f64,
}

impl Default for Tolerance {
    fn default() -> Self {
        Self { standard_errors: 0.05, absolute: 0.0, relative: 0.0 }
    }
}

/// The gravest change that may stand before a gate trips.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gate {
    /// Nothing trips it.
    None,
    /// Any change.
    Any,
    /// An estimate that moved.
    Moved,
    /// A flip as grave as one of heterogeneity.
    Heterogeneity,
    /// A flip as grave as one of certainty.
    Certainty,
    /// A flip of significance or direction.
    Significance,
    /// A flip of direction.
    Direction,
}

/// Compares two versions.
#[must_use]
pub fn compare(old: &Side, new: &Side) -> Changes {
    let mut spec = input_changes(&old.inputs, &new.inputs, &tables(old, new));
    spec.retain(|change| !is_label(change));
    let mut tables: Vec<InputChange> =
        spec.extract_if(.., |change| !is_spec(&change.file)).collect();
    let mut maker = maker_causes(&old.maker, &new.maker);
    let own = tables.extract_if(.., |change| change.file.starts_with(TEMPLATES));
    maker.extend(own.map(|change| Cause::Asset(change.file)));
    tables.retain(|change| !stands_with_a_study(change, old) && !stands_with_a_study(change, new));
    let hybrid = attribution::Hybrid::of(old, new);
    let undone = attribution::Undone::of(old, new, &spec);
    let studies = [Studies::of(old), Studies::of(new)];
    let analyses = ids(old, new)
        .into_iter()
        .map(|id| analysis_change(id, [old, new], &studies, &hybrid, &undone))
        .collect();
    Changes { analyses, spec, tables, maker }
}

/// Whether a change is of what tells two versions apart anyway: label and date.
fn is_label(change: &InputChange) -> bool {
    let FileChange::Key { path, .. } = &change.what else { return false };
    change.file == REVIEW_FILE && matches!(path.as_str(), "version" | "date")
}

/// The tables that either version reads.
fn tables(old: &Side, new: &Side) -> BTreeSet<String> {
    let of = |side: &Side| side.findings.review.table_paths().map(str::to_owned).collect();
    let (mut tables, more): (BTreeSet<String>, BTreeSet<String>) = (of(old), of(new));
    tables.extend(more);
    tables
}

/// Whether a change of a table is one of a study, which its analysis tells by the study's key.
fn stands_with_a_study(change: &InputChange, side: &Side) -> bool {
    let entries = &side.findings.review.entries;
    let is_pooled = |id: &&str| {
        entries.iter().any(|entry| entry.id() == *id && matches!(entry, Entry::Pooled(_)))
    };
    !matches!(change.what, FileChange::Added | FileChange::Removed | FileChange::Order)
        && change.analyses(entries, &side.inputs).iter().any(is_pooled)
}

fn ids<'a>(old: &'a Side, new: &'a Side) -> Vec<&'a str> {
    let of = |side: &'a Side| side.findings.review.entries.iter().map(Entry::id);
    let known: BTreeSet<&str> = of(new).collect();
    of(new).chain(of(old).filter(|id| !known.contains(id))).collect()
}

fn analysis_change(
    id: &str,
    [old, new]: [&Side; 2],
    [old_studies, new_studies]: &[Studies<'_>; 2],
    hybrid: &attribution::Hybrid,
    undone: &attribution::Undone,
) -> AnalysisChange {
    let (before, now) = (old.outcome(id), new.outcome(id));
    let both = before.as_ref().zip(now.as_ref());
    let flips = both.map(|(before, now)| flips(before, now)).unwrap_or_default();
    let movement = both.and_then(|(before, now)| movement(before, now));
    let mut studies = studies::study_changes(id, old_studies, new_studies);
    let attribution = movement
        .filter(|movement| movement.shift != 0.0)
        .and_then(|_| attribution::attribute(id, old, new, hybrid, &mut studies));
    let spec_effects = movement.map(|_| undone.effects(id, new)).unwrap_or_default();
    let values = match (old.result(id), new.result(id)) {
        (Some(before), Some(now)) => value_differences(before, now).len(),
        _ => 0,
    };
    AnalysisChange {
        id: id.to_owned(),
        old: before,
        new: now,
        flips,
        movement,
        studies,
        attribution,
        spec_effects,
        values,
    }
}

fn flips(old: &Outcome, new: &Outcome) -> Vec<Flip> {
    let mut flips = Vec::new();
    let has_null = !new.measure.is_some_and(Measure::is_single_group);
    if let (Some(before), Some(now)) = (&old.fit, &new.fit) {
        if has_null && before.effect.estimate * now.effect.estimate < 0.0 {
            flips.push(Flip::Direction);
        }
        let crossed = |threshold: &f64| old.covers(*threshold) != new.covers(*threshold);
        if old.important.iter().chain(&new.important).any(crossed) {
            flips.push(Flip::Threshold);
        }
        let is_one_sided = |fit: &Fit| {
            fit.prediction.map(|limits| {
                PredictionVerdict::of(fit.effect.estimate, limits)
                    == Some(PredictionVerdict::SameDirection)
            })
        };
        if let (true, Some(before), Some(now)) = (has_null, is_one_sided(before), is_one_sided(now))
            && before != now
        {
            flips.push(Flip::PredictionInterval);
        }
        let is_heterogeneous = |fit: &Fit| match HeterogeneityVerdict::of(fit.q_p_value) {
            HeterogeneityVerdict::NotEstimable => None,
            HeterogeneityVerdict::None => Some(false),
            HeterogeneityVerdict::Some | HeterogeneityVerdict::Heterogeneous => Some(true),
        };
        if let (Some(before), Some(now)) = (is_heterogeneous(before), is_heterogeneous(now))
            && before != now
        {
            flips.push(Flip::Heterogeneity);
        }
        if before.method != now.method || before.test != now.test || old.measure != new.measure {
            flips.push(Flip::Model);
        }
    }
    let is_significant = |outcome: &Outcome| {
        matches!(outcome.verdict(), EffectVerdict::Higher | EffectVerdict::Lower)
            || outcome.test_is_significant()
    };
    if is_significant(old) != is_significant(new) {
        flips.push(Flip::Significance);
    }
    if let (Some(before), Some(now)) = (old.certainty, new.certainty)
        && before != now
    {
        flips.push(Flip::Certainty);
    }
    if old.fit.is_some() != new.fit.is_some() {
        flips.push(Flip::Estimability);
    }
    flips.sort();
    flips
}

fn movement(old: &Outcome, new: &Outcome) -> Option<Movement> {
    let (before, now) = (old.fit.as_ref()?.effect, new.fit.as_ref()?.effect);
    let are_ratios = [old, new].map(|side| side.measure.is_some_and(Measure::is_ratio));
    if old.measure != new.measure && are_ratios != [true, true] {
        return None;
    }
    let shift = now.estimate - before.estimate;
    Some(Movement {
        shift,
        standard_errors: shift / before.standard_error,
        width_ratio: (now.ci_upper - now.ci_lower) / (before.ci_upper - before.ci_lower),
    })
}

impl Side {
    /// The result of an analysis; `None` where there is no such analysis.
    #[must_use]
    pub fn outcome(&self, id: &str) -> Option<Outcome> {
        let (index, entry) = self.entry(id)?;
        let computed = &self.findings.findings[index];
        let findings = &self.findings.review.about_studies.findings;
        let finding = findings.iter().find(|finding| finding.analysis.value == id);
        Some(Outcome {
            certainty: finding.map(|finding| finding.certainty),
            ..Outcome::of(entry, computed, self.result(id).unwrap_or(&Value::Null))
        })
    }

    /// What `results.json` has of an analysis.
    fn result(&self, id: &str) -> Option<&Value> {
        self.results.iter().find(|result| result["id"] == *id)
    }

    /// An analysis with its index.
    #[must_use]
    pub fn entry(&self, id: &str) -> Option<(usize, &Entry)> {
        self.findings.review.entries.iter().enumerate().find(|(_, entry)| entry.id() == id)
    }

    /// An analysis that pools effects, with its findings and studies.
    #[must_use]
    pub fn pooled(
        &self,
        id: &str,
    ) -> Option<(&crate::spec::Analysis, &crate::analysis::Findings, &Dataset)> {
        let (index, entry) = self.entry(id)?;
        match (entry, &self.findings.findings[index], &self.datasets[index]) {
            (Entry::Pooled(spec), EntryFindings::Pooled(found), Some(dataset)) => {
                Some((spec, found, dataset))
            }
            _ => None,
        }
    }
}

impl AnalysisChange {
    /// Whether what a reader concludes is another: the verdict on the effect. An estimate that
    /// crosses the null while its interval holds the null before and after concludes nothing.
    #[must_use]
    pub fn concludes_otherwise(&self) -> bool {
        let is_one_sided = |outcome: &Option<Outcome>| {
            outcome.as_ref().is_some_and(|outcome| {
                matches!(outcome.verdict(), EffectVerdict::Higher | EffectVerdict::Lower)
            })
        };
        self.flips.iter().any(|flip| match flip {
            Flip::Significance | Flip::Estimability => true,
            Flip::Direction => is_one_sided(&self.old) || is_one_sided(&self.new),
            _ => false,
        })
    }

    /// Whether more turned than the model.
    #[must_use]
    pub fn is_grave(&self) -> bool {
        self.flips.first().is_some_and(|gravest| *gravest < Flip::Model)
    }

    /// Whether its estimate moved further than a tolerance.
    #[must_use]
    pub fn moved(&self, tolerance: Tolerance) -> bool {
        let before = self.old.as_ref().and_then(|old| old.fit.as_ref());
        self.movement.is_some_and(|movement| {
            let size = movement.shift.abs();
            let estimate = before.map_or(0.0, |fit| fit.effect.estimate.abs());
            movement.standard_errors.abs() > tolerance.standard_errors
                && size > tolerance.absolute
                && size > tolerance.relative * estimate
        })
    }

    /// Whether anything in it changed.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        let shown = |outcome: &Option<Outcome>| {
            outcome.as_ref().map(|outcome| (outcome.title.clone(), outcome.measure))
        };
        shown(&self.old) != shown(&self.new)
            || self.values > 0
            || !self.flips.is_empty()
            || !self.studies.is_empty()
    }

    /// The same from the new version to the old, without what is measured from the old side.
    #[must_use]
    pub fn mirrored(&self) -> (Option<&Outcome>, Option<&Outcome>, &[Flip], Option<f64>) {
        let shift = self.movement.map(|movement| 0.0 - movement.shift);
        (self.new.as_ref(), self.old.as_ref(), &self.flips, shift)
    }
}

impl Changes {
    /// Whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.spec.is_empty()
            && self.tables.is_empty()
            && self.maker.is_empty()
            && !self.analyses.iter().any(AnalysisChange::is_changed)
    }

    /// Whether a gate trips, with the tolerance of each analysis.
    #[must_use]
    pub fn trips(&self, gate: Gate, tolerance: impl Fn(&str) -> Tolerance) -> bool {
        let at_least = |gravest: Flip| {
            let grave = |change: &AnalysisChange| change.flips.iter().any(|flip| *flip <= gravest);
            // a conclusion that is gone is as grave as any
            self.analyses.iter().any(|change| grave(change) || change.new.is_none())
        };
        match gate {
            Gate::None => false,
            Gate::Any => !self.is_empty(),
            Gate::Moved => {
                at_least(Flip::Model)
                    || self.analyses.iter().any(|change| change.old.is_none())
                    || self.analyses.iter().any(|change| change.moved(tolerance(&change.id)))
            }
            Gate::Heterogeneity => at_least(Flip::Heterogeneity),
            Gate::Certainty => at_least(Flip::Certainty),
            Gate::Significance => at_least(Flip::Significance),
            Gate::Direction => at_least(Flip::Direction),
        }
    }
}
