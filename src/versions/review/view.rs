//! What the forms of a review of an update print: every number formatted, everything in its order.

use super::{
    AnalysisChange, CellChange, Changes, Flip, Outcome, Side, StepCause, StudyAction, Tolerance,
};
use crate::report::number::Numbers;
use crate::report::plots::overlay::{OverlaySide, OverlayView, overlay_forest};
use crate::report::scale::{EffectPrinter, EffectText, IntervalText};
use crate::versions::input_changes::{Cells, FileChange, InputChange};
use crate::versions::plan::Cause;
use serde::Serialize;
use std::collections::BTreeMap;

/// A review of an update.
#[derive(Debug, Clone, Serialize)]
pub struct ChangesView {
    /// The version before.
    pub old: VersionView,
    /// The version now.
    pub new: VersionView,
    /// What is said first.
    pub summary: SummaryView,
    /// The analyses in which something changed: those with flips by severity, then those that
    /// moved, by how far, then the others.
    pub analyses: Vec<AnalysisView>,
    /// Titles of the analyses in which nothing changed.
    pub unchanged: Vec<String>,
    /// Studies by what happened to them in any analysis, each once.
    pub studies: StudiesView,
    /// Keys of the specs, and specs that are new or gone.
    pub spec: Vec<SpecRow>,
    /// Rows and columns of tables that are no study's.
    pub tables: Vec<TableRow>,
    /// Values of `results.json` that are others, beside those of the pooled effects shown.
    pub values: usize,
    /// What somebody decided on the changes, in the order in which they stand.
    pub decisions: Vec<DecisionView>,
    /// Program, engine and arguments.
    pub settings: Vec<SettingRow>,
    /// Templates and fonts that changed.
    pub assets: Vec<String>,
    /// Whether the inputs changed at all.
    pub inputs_changed: bool,
    /// How many rows of a list a form shows that must stay short.
    pub limit: usize,
}

/// One of the two versions.
#[derive(Debug, Clone, Serialize)]
pub struct VersionView {
    /// Title of the review.
    pub title: String,
    /// Its label.
    pub version: String,
    /// Its date, if it bears one.
    pub date: Option<String>,
    /// The beginning of its hash, of a review that is not built none.
    pub seal: Option<String>,
}

/// What is said first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SummaryView {
    /// Analyses in either version.
    pub analyses: usize,
    /// Those whose conclusion is another.
    pub conclusions: usize,
    /// Those with another flip than one of the conclusion or the model.
    pub flips: usize,
    /// Those whose conclusion is the same and whose estimate moved.
    pub moved: usize,
    /// Those in which nothing changed.
    pub unchanged: usize,
    /// Those only the new version has.
    pub added: usize,
    /// Those only the old version has.
    pub removed: usize,
}

/// One analysis in which something changed.
#[derive(Debug, Clone, Serialize)]
pub struct AnalysisView {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// `both`, `added` or `removed`.
    pub presence: &'static str,
    /// What turned.
    pub flips: Vec<Flip>,
    /// Whether more turned than the model.
    pub is_grave: bool,
    /// Whether what a reader concludes is another.
    pub concludes_otherwise: bool,
    /// Whether the estimate moved further than the tolerance.
    pub moved: bool,
    /// The result before.
    pub old: Option<OutcomeView>,
    /// The result now.
    pub new: Option<OutcomeView>,
    /// How far the estimate moved.
    pub movement: Option<MovementView>,
    /// The studies that changed.
    pub studies: Vec<StudyView>,
    /// Why the estimate moved; steps that moved nothing are left out.
    pub steps: Vec<StepView>,
    /// Values of `results.json` that are others.
    pub values: usize,
    /// The two results with their studies on one axis.
    pub plot: Option<OverlayView>,
}

/// A result as printed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OutcomeView {
    /// `pooled`, `curves` or `described`.
    pub kind: &'static str,
    /// The certainty of the evidence, if the review gives it.
    pub certainty: Option<&'static str>,
    /// Measure code, if effects are pooled.
    pub measure: Option<&'static str>,
    /// Estimate and interval, if there is one.
    pub effect: Option<EffectText>,
    /// Confidence level in percent.
    pub level: String,
    /// Name of the verdict.
    pub verdict: &'static str,
    /// P of the effect, or of the log-rank test.
    pub p: Option<String>,
    /// Studies in the result.
    pub k: Option<String>,
    /// Method and test.
    pub model: Option<String>,
    /// I², percent.
    pub i2: Option<String>,
    /// P of the Q test.
    pub q_p: Option<String>,
    /// Limits of the prediction interval.
    pub prediction: Option<IntervalText>,
}

/// How far an estimate moved, as printed.
#[derive(Debug, Clone, Serialize)]
pub struct MovementView {
    /// On the analysis scale, with its sign.
    pub shift: String,
    /// In standard errors of the old estimate, with its sign.
    pub standard_errors: String,
    /// Width of the new interval over that of the old.
    pub width_ratio: String,
}

/// A study that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StudyView {
    /// Its label.
    pub key: String,
    /// `added`, `removed`, `renamed` or `edited`.
    pub action: &'static str,
    /// Its label before, where it was renamed.
    pub from: Option<String>,
    /// Its cells that changed.
    pub cells: Vec<CellView>,
    /// How far this change alone moves the estimate, analysis scale.
    pub effect: Option<String>,
}

/// A cell that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CellView {
    /// Name of the column.
    pub column: String,
    /// Its text before.
    pub old: String,
    /// Its text now.
    pub new: String,
}

/// A step of the chain of fits.
#[derive(Debug, Clone, Serialize)]
pub struct StepView {
    /// What changed.
    pub causes: Vec<StepCause>,
    /// How far the estimate moved, analysis scale.
    pub shift: String,
}

/// Studies by what happened to them.
#[derive(Debug, Clone, Default, Serialize)]
pub struct StudiesView {
    /// New ones.
    pub added: Vec<String>,
    /// Those that are gone.
    pub removed: Vec<String>,
    /// Those with other cells or another label, each with its cells.
    pub edited: Vec<StudyView>,
}

/// A change of a spec.
#[derive(Debug, Clone, Serialize)]
pub struct SpecRow {
    /// The file.
    pub file: String,
    /// `added`, `removed`, `key` or `changed`.
    pub what: &'static str,
    /// The key.
    pub path: String,
    /// By what labels name it: its last part, or in a list of mappings all its parts but the
    /// number of the item.
    pub name: String,
    /// That number, from 1.
    pub item: Option<String>,
    /// Its value before.
    pub old: Option<String>,
    /// Its value now.
    pub new: Option<String>,
    /// Whether it is about how the studies are chosen or computed with.
    pub is_method: bool,
    /// How far it alone moves estimates, analysis scale.
    pub effects: Vec<EffectRow>,
}

/// How far a change moves the estimate of an analysis.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EffectRow {
    /// Id of the analysis.
    pub analysis: String,
    /// The shift, analysis scale.
    pub shift: String,
}

/// A change of a table that is no study's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableRow {
    /// The file.
    pub file: String,
    /// `added`, `removed`, `changed`, `key`, `column-added`, `column-removed`, `row-added`,
    /// `row-removed`, `row-edited` or `order`.
    pub what: &'static str,
    /// The column, or what the row is about.
    pub name: String,
    /// Line of the row in a spreadsheet.
    pub line: Option<String>,
    /// The cells that changed.
    pub cells: Vec<CellView>,
}

/// What somebody decided on a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DecisionView {
    /// The change.
    pub item: String,
    /// `accept` or `reject`.
    pub decision: &'static str,
    /// Who decided.
    pub by: String,
    /// On which day.
    pub date: String,
    /// Why.
    pub note: String,
}

/// A change of something besides the inputs.
#[derive(Debug, Clone, Serialize)]
pub struct SettingRow {
    /// Its name.
    pub name: String,
    /// Its value before.
    pub old: String,
    /// Its value now.
    pub new: String,
}

/// The view of the changes between two versions.
#[must_use]
pub fn changes_view(
    changes: &Changes,
    (old, old_seal): (&Side, Option<&str>),
    (new, new_seal): (&Side, Option<&str>),
    tolerance: impl Fn(&str) -> Tolerance,
    numbers: Numbers<'_>,
) -> ChangesView {
    let mut changed: Vec<&AnalysisChange> =
        changes.analyses.iter().filter(|change| change.is_changed()).collect();
    changed.sort_by(|a, b| order(a).partial_cmp(&order(b)).unwrap_or(std::cmp::Ordering::Equal));
    let unchanged: Vec<String> = changes
        .analyses
        .iter()
        .filter(|change| !change.is_changed())
        .filter_map(|change| Some(change.new.as_ref()?.title.clone()))
        .collect();
    let analyses: Vec<AnalysisView> = changed
        .iter()
        .map(|change| analysis_view(change, old, new, tolerance(&change.id), numbers))
        .collect();
    let count = |is: &dyn Fn(&AnalysisChange) -> bool| {
        changes.analyses.iter().filter(|change| is(change)).count()
    };
    let summary = SummaryView {
        analyses: changes.analyses.len(),
        conclusions: count(&AnalysisChange::concludes_otherwise),
        flips: count(&|change| !change.concludes_otherwise() && change.is_grave()),
        moved: count(&|change| {
            !change.concludes_otherwise() && change.moved(tolerance(&change.id))
        }),
        unchanged: unchanged.len(),
        added: count(&|change| change.old.is_none()),
        removed: count(&|change| change.new.is_none()),
    };
    let settings = changes.maker.iter().filter_map(|cause| match cause {
        Cause::Setting(name, old, new) => {
            Some(SettingRow { name: (*name).to_owned(), old: old.clone(), new: new.clone() })
        }
        Cause::Option(name, old, new) => {
            Some(SettingRow { name: format!("--{name}"), old: old.clone(), new: new.clone() })
        }
        _ => None,
    });
    let assets = changes.maker.iter().filter_map(|cause| match cause {
        Cause::Asset(name) => Some(name.clone()),
        _ => None,
    });
    let studies = studies_view(&analyses);
    ChangesView {
        old: version_view(old, old_seal),
        new: version_view(new, new_seal),
        summary,
        inputs_changed: !changes.spec.is_empty()
            || !changes.tables.is_empty()
            || analyses.iter().any(|analysis| !analysis.studies.is_empty()),
        analyses,
        unchanged,
        studies,
        spec: spec_rows(changes, numbers),
        tables: changes.tables.iter().map(table_row).collect(),
        values: changes.analyses.iter().map(|change| change.values).sum(),
        decisions: Vec::new(),
        settings: settings.collect(),
        assets: assets.collect(),
        limit: 60,
    }
}

impl ChangesView {
    /// The same with one of its changes alone, by [`crate::versions::Item::id`].
    #[must_use]
    pub fn only(&self, item: &str) -> Self {
        let (kind, rest) = item.split_once('/').unwrap_or((item, ""));
        let mut view = self.clone();
        view.analyses.retain(|analysis| kind == "analysis" && analysis.id == rest);
        view.spec.retain(|row| {
            let id = if row.path.is_empty() {
                row.file.clone()
            } else {
                format!("{}/{}", row.file, row.path)
            };
            kind == "spec" && id == rest
        });
        view.tables.retain(|row| kind == "table" && row.file == rest);
        if kind != "program" {
            view.settings.clear();
            view.assets.clear();
        }
        view
    }
}

/// Severity, then how far the estimate moved.
fn order(change: &AnalysisChange) -> (usize, f64) {
    let presence = usize::from(change.old.is_some() && change.new.is_some());
    let severity = change.flips.first().map_or(99, |flip| *flip as usize);
    let severity = severity + if change.concludes_otherwise() { 0 } else { 100 };
    let distance = change.movement.map_or(0.0, |movement| movement.standard_errors.abs());
    (presence * (1 + severity), -distance)
}

fn version_view(side: &Side, seal: Option<&str>) -> VersionView {
    let review = &side.findings.review;
    VersionView {
        title: review.title.clone(),
        version: review.version.clone(),
        date: review.date.clone(),
        seal: seal.map(|seal| seal.chars().take(12).collect()),
    }
}

fn analysis_view(
    change: &AnalysisChange,
    old: &Side,
    new: &Side,
    tolerance: Tolerance,
    numbers: Numbers<'_>,
) -> AnalysisView {
    let printer = |side: &Side| {
        side.pooled(&change.id).map(|(spec, found, _)| EffectPrinter::of(spec, found, numbers))
    };
    let (old_printer, new_printer) = (printer(old), printer(new));
    let signed = |value, decimals| signed(value, decimals, numbers);
    let title = change.new.as_ref().or(change.old.as_ref()).map(|outcome| outcome.title.clone());
    AnalysisView {
        id: change.id.clone(),
        title: title.unwrap_or_default(),
        presence: match (&change.old, &change.new) {
            (None, _) => "added",
            (_, None) => "removed",
            _ => "both",
        },
        flips: change.flips.clone(),
        is_grave: change.is_grave(),
        concludes_otherwise: change.concludes_otherwise(),
        moved: change.moved(tolerance),
        old: change.old.as_ref().map(|outcome| outcome_view(outcome, old_printer, numbers)),
        new: change.new.as_ref().map(|outcome| outcome_view(outcome, new_printer, numbers)),
        movement: change.movement.map(|movement| MovementView {
            shift: signed(movement.shift, 3),
            standard_errors: signed(movement.standard_errors, 2),
            width_ratio: numbers.fixed(movement.width_ratio, 2),
        }),
        studies: change.studies.iter().map(|study| study_view(study, numbers)).collect(),
        steps: change
            .attribution
            .iter()
            .flat_map(|attribution| &attribution.steps)
            .filter(|step| step.shift.abs() > 1e-12)
            .map(|step| StepView { causes: step.causes.clone(), shift: signed(step.shift, 3) })
            .collect(),
        values: change.values,
        plot: Some(change)
            .filter(|change| {
                change.moved(tolerance) || change.is_grave() || !change.studies.is_empty()
            })
            .and_then(|change| plot_view(change, old, new, numbers)),
    }
}

fn outcome_view(
    outcome: &Outcome,
    printer: Option<EffectPrinter<'_>>,
    numbers: Numbers<'_>,
) -> OutcomeView {
    let alpha = 1.0 - outcome.level;
    let fit = outcome.fit.as_ref();
    let effect = |fit: &super::Fit| {
        let limits = (fit.effect.ci_lower, fit.effect.ci_upper);
        printer.map(|printer| printer.effect(fit.effect.estimate, limits))
    };
    let has_null = !outcome.measure.is_some_and(crate::spec::Measure::is_single_group);
    let p = fit.filter(|_| has_null).map(|fit| fit.effect.p_value).or(outcome.log_rank_p);
    OutcomeView {
        kind: match outcome.measure {
            Some(_) => "pooled",
            None if outcome.is_described => "described",
            None => "curves",
        },
        certainty: outcome.certainty.map(crate::spec::Certainty::name),
        measure: outcome.measure.map(crate::spec::Measure::code),
        effect: fit.and_then(effect),
        level: numbers.shortest(100.0 * outcome.level),
        verdict: outcome.verdict().code(),
        p: p.map(|p| numbers.p_relation(p, alpha)),
        k: outcome.studies.map(|k| numbers.count(k as f64)),
        model: fit.map(|fit| format!("{} {}", fit.method, fit.test)),
        i2: fit.and_then(|fit| fit.i_squared).map(|i2| numbers.i_squared(i2)),
        q_p: fit.and_then(|fit| fit.q_p_value).map(|p| numbers.p_relation(p, 0.10)),
        prediction: fit
            .zip(printer)
            .and_then(|(fit, printer)| Some(printer.interval(fit.prediction?))),
    }
}

/// A number with its sign, more decimals where it would print as zero.
fn signed(value: f64, decimals: usize, numbers: Numbers<'_>) -> String {
    let text = numbers.fixed_beside(value, 0.0, decimals);
    if value > 0.0 && text.contains(|c: char| c.is_ascii_digit() && c != '0') {
        format!("+{text}")
    } else {
        text
    }
}

fn study_view(change: &super::StudyChange, numbers: Numbers<'_>) -> StudyView {
    let (action, from, cells) = match &change.action {
        StudyAction::Added => ("added", None, Vec::new()),
        StudyAction::Removed => ("removed", None, Vec::new()),
        StudyAction::Renamed { from } => ("renamed", Some(from.clone()), Vec::new()),
        StudyAction::Edited(cells) => ("edited", None, cells.iter().map(cell_view).collect()),
    };
    let effect = change.effect.map(|effect| signed(effect, 3, numbers));
    StudyView { key: change.key.clone(), action, from, cells, effect }
}

fn cell_view(cell: &CellChange) -> CellView {
    CellView {
        column: cell.column.clone(),
        old: cell.old.clone().unwrap_or_default(),
        new: cell.new.clone().unwrap_or_default(),
    }
}

fn studies_view(analyses: &[AnalysisView]) -> StudiesView {
    let mut view = StudiesView::default();
    let mut edited: BTreeMap<&str, StudyView> = BTreeMap::new();
    for study in analyses.iter().flat_map(|analysis| &analysis.studies) {
        match study.action {
            "added" => view.added.push(study.key.clone()),
            "removed" => view.removed.push(study.key.clone()),
            _ => {
                let seen = edited.entry(&study.key).or_insert_with(|| StudyView {
                    effect: None,
                    cells: Vec::new(),
                    ..study.clone()
                });
                let new = study.cells.iter().filter(|cell| !seen.cells.contains(cell));
                let new: Vec<CellView> = new.cloned().collect();
                seen.cells.extend(new);
            }
        }
    }
    for list in [&mut view.added, &mut view.removed] {
        list.sort();
        list.dedup();
    }
    view.edited = edited.into_values().collect();
    view
}

fn spec_rows(changes: &Changes, numbers: Numbers<'_>) -> Vec<SpecRow> {
    let effects = |index: usize| {
        let of = |change: &AnalysisChange| {
            let (_, effect) = change.spec_effects.iter().find(|(change, _)| *change == index)?;
            Some(EffectRow { analysis: change.id.clone(), shift: signed(*effect, 3, numbers) })
        };
        changes.analyses.iter().filter_map(of).collect()
    };
    let rows = changes.spec.iter().enumerate();
    rows.map(|(index, change)| SpecRow {
        effects: effects(index),
        ..spec_row(&change.file, &change.what)
    })
    .collect()
}

fn spec_row(file: &str, what: &FileChange) -> SpecRow {
    let row = |what, path: &str, old: Option<&String>, new: Option<&String>| {
        let (name, item) = label_of(path);
        SpecRow {
            file: file.to_owned(),
            what,
            path: path.to_owned(),
            name,
            item,
            old: old.cloned(),
            new: new.cloned(),
            is_method: is_method(path),
            effects: Vec::new(),
        }
    };
    match what {
        FileChange::Added => row("added", "", None, None),
        FileChange::Removed => row("removed", "", None, None),
        FileChange::Key { path, old, new } => row("key", path, old.as_ref(), new.as_ref()),
        _ => row("changed", "", None, None),
    }
}

/// By what labels name a path, and the number of the item that it leads into.
fn label_of(path: &str) -> (String, Option<String>) {
    let is_item = |key: &&str| key.parse::<usize>().is_ok();
    let (items, keys): (Vec<&str>, Vec<&str>) = path.split('.').partition(is_item);
    match items.first() {
        Some(item) => (keys.join("."), Some((*item).to_owned())),
        None => (keys.last().copied().unwrap_or_default().to_owned(), None),
    }
}

/// Whether a key says how studies are found, chosen or computed with.
fn is_method(path: &str) -> bool {
    const METHODS: [&str; 20] = [
        "add",
        "columns",
        "conventions",
        "drop00",
        "estimates",
        "filter",
        "kind",
        "measure",
        "model",
        "moderators",
        "multi_arm",
        "permutation",
        "picos",
        "process",
        "profile",
        "search",
        "sensitivity",
        "small_study",
        "subgroups",
        "to",
    ];
    let path = path.strip_prefix("defaults.").unwrap_or(path);
    METHODS.contains(&path.split('.').next().unwrap_or_default())
}

fn table_row(change: &InputChange) -> TableRow {
    let row = |what, name: &str| TableRow {
        file: change.file.clone(),
        what,
        name: name.to_owned(),
        line: None,
        cells: Vec::new(),
    };
    match &change.what {
        FileChange::Added => row("added", ""),
        FileChange::Removed => row("removed", ""),
        FileChange::Order => row("order", ""),
        FileChange::Column { name, is_new: true } => row("column-added", name),
        FileChange::Column { name, .. } => row("column-removed", name),
        FileChange::Row { line, old, new } => {
            let what = match (old, new) {
                (None, _) => "row-added",
                (_, None) => "row-removed",
                _ => "row-edited",
            };
            let name = new.as_ref().or(old.as_ref()).map(about).unwrap_or_default();
            let cells = match (old, new) {
                (Some(old), Some(new)) => differing_cells(old, new),
                _ => Vec::new(),
            };
            TableRow { line: Some(line.to_string()), cells, ..row(what, name) }
        }
        FileChange::Key { path, old, new } => {
            let text = |value: &Option<String>| value.clone().unwrap_or_default();
            let cell = CellView { column: path.clone(), old: text(old), new: text(new) };
            TableRow { cells: vec![cell], ..row("key", "") }
        }
        FileChange::Unreadable => row("changed", ""),
    }
}

/// What a row is about: its study, or else its first text.
fn about(cells: &Cells) -> &str {
    let study = cells.iter().find(|(column, _)| column.eq_ignore_ascii_case("study"));
    let text = || cells.iter().find(|(_, cell)| cell.parse::<f64>().is_err() && !cell.is_empty());
    study.or_else(text).map(|(_, cell)| cell.as_str()).unwrap_or_default()
}

fn differing_cells(old: &Cells, new: &Cells) -> Vec<CellView> {
    let view = |(column, now): (&String, &String)| {
        let before = old.get(column).cloned().unwrap_or_default();
        (before != *now).then(|| CellView { column: column.clone(), old: before, new: now.clone() })
    };
    new.iter().filter_map(view).collect()
}

/// Both states on one axis, where they stand on one scale.
fn plot_view(
    change: &AnalysisChange,
    old: &Side,
    new: &Side,
    numbers: Numbers<'_>,
) -> Option<OverlayView> {
    change.movement?;
    overlay_forest(overlay_side(&change.id, old)?, overlay_side(&change.id, new)?, numbers)
}

fn overlay_side<'a>(id: &str, side: &'a Side) -> Option<OverlaySide<'a>> {
    let (spec, findings, _) = side.pooled(id)?;
    let pooled = side.outcome(id)?.fit.map(|fit| fit.effect);
    Some(OverlaySide { spec, findings, pooled })
}
