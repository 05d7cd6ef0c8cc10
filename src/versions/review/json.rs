//! The review of an update as data: full precision, stable ids, one schema.

use super::{AnalysisChange, Changes, Fit, Outcome, Side, StudyAction, Tolerance};
use crate::versions::input_changes::FileChange;
use crate::versions::plan::Cause;
use serde_json::{Value, json};

/// The version of the schema; it rises when a field changes its meaning or goes away.
pub const SCHEMA_VERSION: u64 = 1;

/// The changes as one JSON object. Numbers are on the analysis scale.
#[must_use]
pub fn changes_json(
    changes: &Changes,
    (old, old_seal): (&Side, Option<&str>),
    (new, new_seal): (&Side, Option<&str>),
    tolerance: impl Fn(&str) -> Tolerance,
) -> Value {
    let count = |is: &dyn Fn(&AnalysisChange) -> bool| {
        changes.analyses.iter().filter(|change| is(change)).count()
    };
    let side = |side: &Side, seal: Option<&str>| {
        json!({
            "review": side.findings.review.id,
            "version": side.findings.review.version,
            "seal": seal,
            "program": side.maker.program,
            "engine": side.maker.engine,
        })
    };
    json!({
        "schema_version": SCHEMA_VERSION,
        "old": side(old, old_seal),
        "new": side(new, new_seal),
        "summary": {
            "analyses": changes.analyses.len(),
            "conclusions": count(&AnalysisChange::concludes_otherwise),
            "flips": count(&|change| !change.flips.is_empty()),
            "moved": count(&|change| change.moved(tolerance(&change.id))),
            "unchanged": count(&|change| !change.is_changed()),
            "added": count(&|change| change.old.is_none()),
            "removed": count(&|change| change.new.is_none()),
        },
        "analyses": changes
            .analyses
            .iter()
            .filter(|change| change.is_changed())
            .map(|change| analysis(change, tolerance(&change.id)))
            .collect::<Vec<_>>(),
        "spec": changes.spec.iter().map(|change| spec(&change.file, &change.what)).collect::<Vec<_>>(),
        "tables": changes.tables.iter().map(|change| table(&change.file, &change.what)).collect::<Vec<_>>(),
        "program": changes.maker.iter().map(cause).collect::<Vec<_>>(),
    })
}

fn analysis(change: &AnalysisChange, tolerance: Tolerance) -> Value {
    let steps = change.attribution.iter().flat_map(|attribution| &attribution.steps);
    json!({
        "id": change.id,
        "status": match (&change.old, &change.new) {
            (None, _) => "added",
            (_, None) => "removed",
            _ if !change.flips.is_empty() => "flipped",
            _ if change.moved(tolerance) => "moved",
            _ => "changed",
        },
        "flips": change.flips,
        "old": change.old.as_ref().map(outcome),
        "new": change.new.as_ref().map(outcome),
        "movement": change.movement.map(|movement| json!({
            "shift": movement.shift,
            "standard_errors": movement.standard_errors,
            "width_ratio": movement.width_ratio,
        })),
        "attribution": steps
            .map(|step| json!({"causes": step.causes, "shift": step.shift}))
            .collect::<Vec<_>>(),
        "studies": change.studies.iter().map(study).collect::<Vec<_>>(),
        "spec_effects": change
            .spec_effects
            .iter()
            .map(|(index, effect)| json!({"spec": index, "effect": effect}))
            .collect::<Vec<_>>(),
        "values": change.values,
    })
}

fn outcome(outcome: &Outcome) -> Value {
    json!({
        "title": outcome.title,
        "measure": outcome.measure.map(crate::spec::Measure::code),
        "verdict": outcome.verdict().code(),
        "k": outcome.studies,
        "fit": outcome.fit.as_ref().map(fit),
        "log_rank_p": outcome.log_rank_p,
        "certainty": outcome.certainty.map(crate::spec::Certainty::name),
    })
}

fn fit(fit: &Fit) -> Value {
    json!({
        "method": fit.method,
        "test": fit.test,
        "estimate": fit.effect.estimate,
        "se": fit.effect.standard_error,
        "pval": fit.effect.p_value,
        "ci_lb": fit.effect.ci_lower,
        "ci_ub": fit.effect.ci_upper,
        "pi_lb": fit.prediction.map(|(lower, _)| lower),
        "pi_ub": fit.prediction.map(|(_, upper)| upper),
        "tau2": fit.tau_squared,
        "i2": fit.i_squared,
        "qe_p": fit.q_p_value,
    })
}

fn study(change: &super::StudyChange) -> Value {
    let (action, from, cells) = match &change.action {
        StudyAction::Added => ("added", None, Vec::new()),
        StudyAction::Removed => ("removed", None, Vec::new()),
        StudyAction::Renamed { from } => ("renamed", Some(from), Vec::new()),
        StudyAction::Edited(cells) => ("edited", None, cells.clone()),
    };
    let cells: Vec<Value> = cells
        .iter()
        .map(|cell| json!({"column": cell.column, "old": cell.old, "new": cell.new}))
        .collect();
    json!({
        "key": change.key, "action": action, "from": from, "cells": cells, "effect": change.effect,
    })
}

fn spec(file: &str, what: &FileChange) -> Value {
    match what {
        FileChange::Added => json!({"file": file, "action": "added"}),
        FileChange::Removed => json!({"file": file, "action": "removed"}),
        FileChange::Key { path, old, new } => {
            json!({"file": file, "action": "key", "path": path, "old": old, "new": new})
        }
        _ => json!({"file": file, "action": "changed"}),
    }
}

fn table(file: &str, what: &FileChange) -> Value {
    match what {
        FileChange::Added => json!({"file": file, "action": "added"}),
        FileChange::Removed => json!({"file": file, "action": "removed"}),
        FileChange::Order => json!({"file": file, "action": "order"}),
        FileChange::Column { name, is_new } => {
            json!({"file": file, "action": "column", "column": name, "is_new": is_new})
        }
        FileChange::Row { line, old, new } => {
            json!({"file": file, "action": "row", "line": line, "old": old, "new": new})
        }
        FileChange::Unreadable | FileChange::Key { .. } => {
            json!({"file": file, "action": "changed"})
        }
    }
}

fn cause(cause: &Cause) -> Value {
    match cause {
        Cause::Setting(name, old, new) => json!({"name": name, "old": old, "new": new}),
        Cause::Option(name, old, new) => {
            json!({"name": format!("--{name}"), "old": old, "new": new})
        }
        Cause::Asset(name) => json!({"asset": name}),
        Cause::Flaw(flaw) => json!({"flaw": flaw.to_string()}),
        Cause::Input(_, change) => json!({"input": change.file}),
    }
}
