//! Two states of one analysis on one axis: each study and the pooled effect, before and now.

use super::axis::Tick;
use super::forest::{IntervalView, axis_of, interval};
use crate::analysis::Findings;
use crate::report::number::Numbers;
use crate::report::scale::{EffectPrinter, PrintScale};
use crate::spec::Analysis;
use crate::stats::pooling::Inference;
use serde::Serialize;

/// A forest plot of two states.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OverlayView {
    /// The studies: those of the new state in its order, then those that only the old one has.
    pub rows: Vec<OverlayRow>,
    /// The pooled effects.
    pub total: OverlayRow,
    /// Marks of the axis.
    pub ticks: Vec<Tick>,
    /// Position of the null, if there is one.
    pub null: Option<f64>,
}

/// One study, or the pooled effect.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OverlayRow {
    /// Label of the study; empty for the pooled effect.
    pub label: String,
    /// Before.
    pub old: Option<OverlayMark>,
    /// Now.
    pub new: Option<OverlayMark>,
    /// Whether the two differ as printed or drawn.
    pub is_changed: bool,
}

/// An effect on the axis.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OverlayMark {
    /// Estimate and interval, as printed.
    pub text: String,
    /// Position of the estimate, 0 to 1; one beyond the axis stands at its end.
    pub at: f64,
    /// The interval.
    pub interval: IntervalView,
}

/// One state of the analysis: its spec, what this program finds, and the pooled effect to show.
#[derive(Debug, Clone, Copy)]
pub struct OverlaySide<'a> {
    /// The spec.
    pub spec: &'a Analysis,
    /// The findings.
    pub findings: &'a Findings,
    /// The pooled effect, if there is one.
    pub pooled: Option<Inference>,
}

/// The overlay of two states whose effects stand on one scale; `None` where neither pools.
#[must_use]
pub fn overlay_forest(
    old: OverlaySide<'_>,
    new: OverlaySide<'_>,
    numbers: Numbers<'_>,
) -> Option<OverlayView> {
    if old.pooled.is_none() && new.pooled.is_none() {
        return None;
    }
    let printers = [old, new].map(|side| EffectPrinter::of(side.spec, side.findings, numbers));
    let mut essential = Vec::new();
    let mut wanted = Vec::new();
    for side in [old, new] {
        for effect in side.findings.studies.iter().filter_map(|study| study.effect.as_ref().ok()) {
            essential.push(effect.effect.estimate);
            wanted.extend([effect.ci_lower, effect.ci_upper]);
        }
        essential.extend(side.pooled.iter().flat_map(|pooled| [pooled.ci_lower, pooled.ci_upper]));
    }
    let axis = axis_of(printers[1].scale(), &essential, &wanted, numbers);
    let mark = |printer: EffectPrinter<'_>, estimate: f64, limits: (f64, f64)| {
        let scale: PrintScale = printer.scale();
        OverlayMark {
            text: printer.effect(estimate, limits).text,
            at: axis.position(scale.on_axis(estimate)).1,
            interval: interval(&axis, scale, limits.0, limits.1),
        }
    };
    let of_study = |side: OverlaySide<'_>, printer: EffectPrinter<'_>, label: &str| {
        let study = side.findings.studies.iter().find(|study| study.study.label == label)?;
        let effect = study.effect.as_ref().ok()?;
        let limits = (effect.ci_lower, effect.ci_upper);
        Some(mark(printer.of_study(&study.study.data), effect.effect.estimate, limits))
    };
    let row = |label: &str, old: Option<OverlayMark>, new: Option<OverlayMark>| OverlayRow {
        label: label.to_owned(),
        is_changed: old != new,
        old,
        new,
    };
    let mut labels: Vec<&str> = Vec::new();
    for study in new.findings.studies.iter().chain(&old.findings.studies) {
        if !labels.contains(&study.study.label.as_str()) {
            labels.push(&study.study.label);
        }
    }
    let rows = labels.into_iter().map(|label| {
        row(label, of_study(old, printers[0], label), of_study(new, printers[1], label))
    });
    let total = |side: OverlaySide<'_>, printer: EffectPrinter<'_>| {
        side.pooled.map(|effect| mark(printer, effect.estimate, (effect.ci_lower, effect.ci_upper)))
    };
    Some(OverlayView {
        rows: rows.collect(),
        total: row("", total(old, printers[0]), total(new, printers[1])),
        null: axis.null,
        ticks: axis.ticks.clone(),
    })
}
