//! Baujat's plot: what each study adds to the heterogeneity against its influence on the result.
//!
//! Drawn by `baujat-plot(view, words)` of `templates/figures/baujat.typ`. The words, from
//! `figures.baujat` of the labels: `x` (contribution to Q), `y` (influence on the pooled effect).

use super::axis::Tick;
use super::label::{Canvas, LabelView, Mark, Point, Width, place_labels};
use super::scale::{Along, Scale};
use crate::report::number;
use serde::Serialize;

/// A study.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BaujatStudy<'a> {
    /// Its name.
    pub label: &'a str,
    /// Its squared Pearson residual: what it adds to Q.
    pub contribution: f64,
    /// The squared change of its fitted value when it is left out, standardised. `None` where
    /// there is no fit without it.
    pub influence: Option<f64>,
}

/// Baujat's plot.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BaujatView {
    /// The size of the drawing area.
    pub canvas: Canvas,
    /// Ticks of the contribution.
    pub x_ticks: Vec<Tick>,
    /// Ticks of the influence.
    pub y_ticks: Vec<Tick>,
    /// The studies that have both coordinates.
    pub points: Vec<BaujatPoint>,
    /// Names of the strongest.
    pub labels: Vec<LabelView>,
    /// Numbers for the alternative text.
    pub numbers: BaujatNumbers,
}

/// A study's point.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BaujatPoint {
    /// Its place.
    pub at: Point,
    /// Whether it is among the strongest.
    pub is_strong: bool,
}

/// What a reader who does not see the figure is told.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BaujatNumbers {
    /// Studies with both coordinates.
    pub studies: String,
    /// The study that adds most to Q, and what it adds.
    pub most_heterogeneous: (String, String),
    /// The study with the most influence, and its influence.
    pub most_influential: (String, String),
}

const WHOLE: Canvas = Canvas { width: 330.0, height: 200.0 };
const RADIUS: f64 = 2.6;
/// The most studies that count as strong.
const MOST_STRONG: usize = 6;
/// A strong study is at least this part of the canvas's diagonal away from the origin.
const STRONG: f64 = 0.3;

/// Baujat's plot; `None` where no study has both coordinates.
#[must_use]
pub fn baujat(studies: &[BaujatStudy<'_>], width: Width) -> Option<BaujatView> {
    let found: Vec<(&str, f64, f64)> = studies
        .iter()
        .filter_map(|study| Some((study.label, study.contribution, study.influence?)))
        .filter(|(_, x, y)| x.is_finite() && y.is_finite())
        .collect();
    let first = found.first()?;
    let canvas = width.of(WHOLE);
    let values = |of: fn(&(&str, f64, f64)) -> f64| found.iter().map(of).collect::<Vec<f64>>();
    let x = Scale::from_zero(&values(|study| study.1), Along::Horizontal(canvas.width));
    let y = Scale::from_zero(&values(|study| study.2), Along::Vertical(canvas.height));
    let places: Vec<Point> = found
        .iter()
        .map(|study| Point { x: x.position(study.1), y: 1.0 - y.position(study.2) })
        .collect();
    let strength = |at: &Point| at.x * at.x + (1.0 - at.y) * (1.0 - at.y);
    let mut order: Vec<usize> = (0..found.len()).collect();
    order.sort_by(|a, b| strength(&places[*b]).total_cmp(&strength(&places[*a])));
    let strong: Vec<usize> = order
        .iter()
        .copied()
        .filter(|index| strength(&places[*index]) >= 2.0 * STRONG * STRONG)
        .take(MOST_STRONG)
        .collect();
    let mark = |index: usize, label| Mark { at: places[index], radius: RADIUS, label };
    // the strongest choose their places first
    let marks: Vec<Mark<'_>> = order
        .iter()
        .map(|index| mark(*index, strong.contains(index).then_some(found[*index].0)))
        .collect();
    let most = |of: fn(&(&str, f64, f64)) -> f64| {
        let most =
            found.iter().fold(first, |most, study| if of(study) > of(most) { study } else { most });
        (most.0.to_owned(), number::fixed_beside(of(most), 0.0, 2))
    };
    Some(BaujatView {
        canvas,
        labels: place_labels(canvas, &marks),
        numbers: BaujatNumbers {
            studies: found.len().to_string(),
            most_heterogeneous: most(|study| study.1),
            most_influential: most(|study| study.2),
        },
        points: places
            .into_iter()
            .enumerate()
            .map(|(index, at)| BaujatPoint { at, is_strong: strong.contains(&index) })
            .collect(),
        y_ticks: y.ticks_from_top(),
        x_ticks: x.ticks,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strongest_are_named() {
        let study = |label, contribution, influence| BaujatStudy { label, contribution, influence };
        let view = baujat(
            &[
                study("A", 10.0, Some(0.1)),
                study("B", 0.2, Some(0.02)),
                study("C", 1.0, Some(2.0)),
                study("D", 1.0, None),
            ],
            Width::Whole,
        )
        .unwrap();
        assert_eq!(view.points.len(), 3);
        let strong: Vec<bool> = view.points.iter().map(|point| point.is_strong).collect();
        assert_eq!(strong, [true, false, true]);
        assert_eq!(view.labels.len(), 2);
        // 6 % of air beyond the greatest
        assert!((view.points[0].at.x - 1.0 / 1.06).abs() < 1e-4);
        assert!((view.points[2].at.y - (1.0 - 1.0 / 1.06)).abs() < 1e-4);
        assert_eq!(view.x_ticks[0], Tick { at: 0.0, label: "0".into() });
        assert_eq!(view.y_ticks[0].at, 1.0);
        assert_eq!(view.numbers.studies, "3");
        assert_eq!(view.numbers.most_heterogeneous, ("A".into(), "10.00".into()));
        assert_eq!(view.numbers.most_influential, ("C".into(), "2.00".into()));
    }

    #[test]
    fn without_influence_there_is_no_plot() {
        assert_eq!(baujat(&[], Width::Half), None);
        assert_eq!(
            baujat(&[BaujatStudy { label: "A", contribution: 1.0, influence: None }], Width::Whole),
            None
        );
    }
}
