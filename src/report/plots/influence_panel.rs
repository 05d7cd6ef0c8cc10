//! The influence panel: eight diagnostics of each study beside its name, in columns that share
//! the rows.
//!
//! Drawn by `influence-panel(view, words)` of `templates/figures/influence_panel.typ`; its rows
//! break over pages. The words, from `figures.influence` of the labels: `study`, `marked` (legend
//! of a flagged value), `threshold` and `reference` (legends of the two kinds of lines), and the
//! heads of the columns under `panels`: `rstudent`, `dffits`, `cooks_distance`,
//! `covariance_ratio`, `tau_squared`, `q`, `hat`, `weight`.

use super::axis::Tick;
use super::scale::{Along, Scale};
use crate::stats::distribution::chi_squared_upper_quantile;
use crate::stats::influence::{Deletion, Influence, StudyInfluence};
use serde::Serialize;

/// What the panel shows.
#[derive(Debug, Clone)]
pub struct InfluencePanel<'a> {
    /// The studies' names, in the order of `influence`.
    pub labels: &'a [&'a str],
    /// The diagnostics.
    pub influence: &'a Influence,
    /// The number of coefficients of the model, p.
    pub coefficients: usize,
    /// τ² of all studies; `None` under a common effect, which has no such column.
    pub tau_squared: Option<f64>,
    /// Q of all studies.
    pub q: f64,
}

/// The panel.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct InfluencePanelView {
    /// The columns from left to right.
    pub panels: Vec<PanelView>,
    /// The studies from top to bottom.
    pub rows: Vec<InfluenceRow>,
    /// Numbers for the alternative text.
    pub numbers: InfluenceNumbers,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PanelView {
    /// By which the labels name it.
    pub key: &'static str,
    /// The ticks of its axis.
    pub ticks: Vec<Tick>,
    /// Positions of its thresholds, those that are on the axis.
    pub thresholds: Vec<f64>,
    /// Position of the value that stands for no influence, or for all studies.
    pub reference: Option<f64>,
}

/// A study.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct InfluenceRow {
    /// Its name.
    pub label: String,
    /// Whether any of its values is beyond its threshold.
    pub is_flagged: bool,
    /// Its values by column; `None` where there is none.
    pub cells: Vec<Option<InfluenceCell>>,
}

/// A value.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct InfluenceCell {
    /// Its position on the column's axis.
    pub at: f64,
    /// Whether it is beyond its threshold.
    pub is_flagged: bool,
}

/// What a reader who does not see the figure is told.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct InfluenceNumbers {
    /// Studies.
    pub studies: String,
    /// The names of those flagged.
    pub flagged: Vec<String>,
}

/// The width of a column's axis in points; `templates/figures/influence_panel.typ` draws it so.
const PANEL_WIDTH: f64 = 36.0;
/// What that width is worth at the smaller type of its tick labels.
const TICK_ROOM: f64 = PANEL_WIDTH * 1.35;

/// One of the eight diagnostics.
struct Diagnostic<'a> {
    key: &'static str,
    value: &'a dyn Fn(&StudyInfluence) -> Option<f64>,
    /// Lines that the axis has to hold.
    reference: Option<f64>,
    /// Beyond which a value is flagged, and whether its mirror image counts too.
    threshold: Option<(f64, bool)>,
    starts_at_zero: bool,
}

/// The panel; `None` without studies.
#[must_use]
pub fn influence_panel(panel: &InfluencePanel<'_>) -> Option<InfluencePanelView> {
    let studies = &panel.influence.studies;
    if studies.is_empty() {
        return None;
    }
    let (k, p) = (studies.len() as f64, panel.coefficients as f64);
    let deleted = |study: &StudyInfluence, of: fn(&Deletion) -> f64| {
        study.deletion.as_ref().ok().map(of).filter(|value| value.is_finite())
    };
    let rstudent = |study: &StudyInfluence| deleted(study, |d| d.studentised_residual);
    let dffits = |study: &StudyInfluence| deleted(study, |d| d.dffits);
    let cooks_distance = |study: &StudyInfluence| deleted(study, |d| d.cooks_distance);
    let covariance_ratio = |study: &StudyInfluence| deleted(study, |d| d.covariance_ratio);
    let tau_squared = |study: &StudyInfluence| {
        deleted(study, |d| d.refit.tau_squared.map_or(f64::NAN, |tau_squared| tau_squared.value))
    };
    let q = |study: &StudyInfluence| deleted(study, |d| d.refit.q.statistic);
    let hat = |study: &StudyInfluence| Some(study.hat);
    let weight = |study: &StudyInfluence| Some(study.weight);
    let plain = |key, value, reference| Diagnostic {
        key,
        value,
        reference: Some(reference),
        threshold: None,
        starts_at_zero: false,
    };
    let mut diagnostics = vec![
        Diagnostic {
            threshold: Some((panel.influence.outlier_threshold, true)),
            ..plain("rstudent", &rstudent, 0.0)
        },
        Diagnostic {
            threshold: (k > p).then(|| (3.0 * (p / (k - p)).sqrt(), true)),
            ..plain("dffits", &dffits, 0.0)
        },
        Diagnostic {
            key: "cooks_distance",
            value: &cooks_distance,
            reference: None,
            threshold: Some((chi_squared_upper_quantile(0.5, p), false)),
            starts_at_zero: true,
        },
        plain("covariance_ratio", &covariance_ratio, 1.0),
    ];
    diagnostics.extend(panel.tau_squared.map(|all| plain("tau_squared", &tau_squared, all)));
    diagnostics.extend([
        plain("q", &q, panel.q),
        Diagnostic {
            key: "hat",
            value: &hat,
            reference: None,
            threshold: Some((3.0 * p / k, false)),
            starts_at_zero: true,
        },
        Diagnostic { starts_at_zero: true, ..plain("weight", &weight, 100.0 / k) },
    ]);
    let columns: Vec<(PanelView, Vec<Option<InfluenceCell>>)> =
        diagnostics.iter().map(|diagnostic| column(diagnostic, studies)).collect();
    let rows: Vec<InfluenceRow> = panel
        .labels
        .iter()
        .enumerate()
        .map(|(index, label)| {
            let cells: Vec<Option<InfluenceCell>> =
                columns.iter().map(|(_, cells)| cells.get(index).cloned().flatten()).collect();
            let is_flagged = cells.iter().flatten().any(|cell| cell.is_flagged);
            InfluenceRow { label: (*label).to_owned(), is_flagged, cells }
        })
        .collect();
    let flagged = rows.iter().filter(|row| row.is_flagged).map(|row| row.label.clone()).collect();
    Some(InfluencePanelView {
        panels: columns.into_iter().map(|(view, _)| view).collect(),
        numbers: InfluenceNumbers { studies: studies.len().to_string(), flagged },
        rows,
    })
}

fn column(
    diagnostic: &Diagnostic<'_>,
    studies: &[StudyInfluence],
) -> (PanelView, Vec<Option<InfluenceCell>>) {
    let values: Vec<Option<f64>> = studies.iter().map(diagnostic.value).collect();
    let found: Vec<f64> = values.iter().flatten().copied().collect();
    let reach = found.iter().fold(0.0, |reach: f64, value| reach.max(value.abs()));
    let thresholds: Vec<f64> = match diagnostic.threshold {
        Some((threshold, true)) => vec![-threshold, threshold],
        Some((threshold, false)) => vec![threshold],
        None => Vec::new(),
    };
    // a threshold far beyond all values would leave them no room
    let near = |line: &&f64| line.abs() <= 2.0 * reach;
    let lines = thresholds.iter().chain(&diagnostic.reference).filter(near).copied();
    let shown: Vec<f64> = found.iter().copied().chain(lines).collect();
    let along = Along::Horizontal(TICK_ROOM);
    let scale = if diagnostic.starts_at_zero {
        let from_zero = Scale::from_zero(&shown, along);
        Scale::linear(-0.06 * from_zero.upper, from_zero.upper, along)
    } else {
        Scale::around(&shown, along)
    };
    let cells = values
        .into_iter()
        .map(|value| {
            value.map(|value| InfluenceCell {
                at: scale.position(value),
                is_flagged: diagnostic.threshold.is_some_and(|(threshold, both)| {
                    value > threshold || (both && value < -threshold)
                }),
            })
        })
        .collect();
    let on_axis = |line: &&f64| scale.holds(**line);
    let view = PanelView {
        key: diagnostic.key,
        thresholds: thresholds.iter().filter(on_axis).map(|line| scale.position(*line)).collect(),
        reference: diagnostic.reference.as_ref().filter(on_axis).map(|line| scale.position(*line)),
        ticks: scale.ticks,
    };
    (view, cells)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Effect;
    use crate::stats::design::Design;
    use crate::stats::influence::influence;
    use crate::stats::pooling::inverse_variance::{Model, Test};
    use crate::stats::tau_squared::Estimator;

    fn found(estimates: &[f64], model: Model) -> Influence {
        let effects: Vec<Effect> = estimates
            .iter()
            .map(|estimate| Effect { estimate: *estimate, variance: 0.04 })
            .collect();
        influence(&effects, &Design::intercept(effects.len()), model, Test::Z, 0.95).unwrap()
    }

    #[test]
    fn an_outlier_is_flagged_and_the_others_are_not() {
        let influence = found(
            &[0.1, 0.2, 0.15, 0.12, 0.18, 3.0],
            Model::Random(Estimator::RestrictedMaximumLikelihood),
        );
        let view = influence_panel(&InfluencePanel {
            labels: &["A", "B", "C", "D", "E", "F"],
            influence: &influence,
            coefficients: 1,
            tau_squared: Some(1.0),
            q: 200.0,
        })
        .unwrap();
        let keys: Vec<&str> = view.panels.iter().map(|panel| panel.key).collect();
        assert_eq!(
            keys,
            [
                "rstudent",
                "dffits",
                "cooks_distance",
                "covariance_ratio",
                "tau_squared",
                "q",
                "hat",
                "weight"
            ]
        );
        assert_eq!(view.numbers.flagged, ["F"]);
        let on_axis = view.rows.iter().flat_map(|row| row.cells.iter().flatten());
        assert!(on_axis.into_iter().all(|cell| (0.0..=1.0).contains(&cell.at)));
        assert!(view.panels.iter().all(|panel| !panel.ticks.is_empty()));
    }

    #[test]
    fn a_common_effect_has_no_tau_squared_and_a_missing_deletion_no_mark() {
        let mut influence = found(&[0.1, 0.4], Model::Common);
        influence.studies[0].deletion = Err(crate::stats::influence::NoDeletion::ZeroScale);
        let view = influence_panel(&InfluencePanel {
            labels: &["A", "B"],
            influence: &influence,
            coefficients: 1,
            tau_squared: None,
            q: 1.0,
        })
        .unwrap();
        assert_eq!(view.panels.len(), 7);
        assert_eq!(view.rows[0].cells[0], None);
        assert!(view.rows[0].cells[6].is_some());
    }
}
