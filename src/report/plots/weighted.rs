//! Points whose areas follow the weights of studies, as L'Abbé's plot and bubble plots have them.

use super::label::{Canvas, LabelView, Mark, Point, place_labels};
use serde::Serialize;

/// A study's point.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WeightedPoint {
    /// Its place.
    pub at: Point,
    /// Its radius in points; its area follows the weight.
    pub radius: f64,
}

/// A study as it is drawn.
pub(super) struct WeightedStudy<'a> {
    pub(super) at: Point,
    /// On any scale.
    pub(super) weight: f64,
    /// Its name, where that is printed beside the point.
    pub(super) label: Option<&'a str>,
}

/// Radii of the heaviest and of the lightest point, in points.
pub(super) const RADII: (f64, f64) = (9.0, 1.8);
/// So many points have room at full size.
const FEW: f64 = 30.0;

/// The points, the heaviest first so that it covers no other, and the labels beside them.
pub(super) fn weighted_points(
    canvas: Canvas,
    mut studies: Vec<WeightedStudy<'_>>,
) -> (Vec<WeightedPoint>, Vec<LabelView>) {
    let heaviest = studies.iter().map(|study| study.weight).fold(0.0, f64::max);
    studies.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    let count = studies.len();
    let marks: Vec<Mark<'_>> = studies
        .into_iter()
        .map(|WeightedStudy { at, weight, label }| Mark {
            at,
            radius: radius(weight, heaviest, count),
            label,
        })
        .collect();
    let points = marks.iter().map(|mark| WeightedPoint { at: mark.at, radius: mark.radius });
    (points.collect(), place_labels(canvas, &marks))
}

/// The radius of one of `count` points whose areas follow their weights.
fn radius(weight: f64, heaviest: f64, count: usize) -> f64 {
    let share = (weight / heaviest).sqrt();
    // many points are smaller, so that they leave each other room
    let largest = RADII.0 * (FEW / count as f64).sqrt().clamp(0.45, 1.0);
    let radius = if share.is_finite() { largest * share } else { 0.0 };
    (radius.max(RADII.1) * 1e3).round() / 1e3
}
