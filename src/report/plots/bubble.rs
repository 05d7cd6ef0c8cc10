//! Bubble plots: effects against a moderator, with the line of a meta-regression.
//!
//! Drawn by `bubble-plot(view, words)` of `templates/figures/bubble.typ`. The words, from
//! `figures.bubble` of the labels unless said otherwise:
//!
//! - `x`: the moderator; `y`: the measure; the caller's
//! - `line`: legend of the line
//! - `band`, `prediction`: legends of the two bands; the caller puts the level before them
//! - `area`: what the area of a bubble stands for

use super::axis::Tick;
use super::label::{Canvas, LabelView, Point, Width, clip, clip_line};
use super::scale::{Along, EffectScale, Scale, shortest, tidy};
use super::weighted::{WeightedPoint, WeightedStudy, weighted_points};
use serde::Serialize;

/// A study.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BubbleStudy<'a> {
    /// Its name.
    pub label: &'a str,
    /// The moderator.
    pub moderator: f64,
    /// Its estimate on the analysis scale.
    pub estimate: f64,
    /// Its weight, on any scale.
    pub weight: f64,
    /// Whether its name is printed beside its bubble.
    pub is_labelled: bool,
}

/// What the model says at a value of the moderator, on the analysis scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fitted {
    /// The mean effect.
    pub mean: f64,
    /// Its confidence interval.
    pub interval: (f64, f64),
    /// The prediction interval, where a band is wanted for it.
    pub prediction: Option<(f64, f64)>,
}

/// A bubble plot.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BubbleView {
    /// The size of the drawing area.
    pub canvas: Canvas,
    /// Ticks of the moderator.
    pub x_ticks: Vec<Tick>,
    /// Ticks of the effect.
    pub y_ticks: Vec<Tick>,
    /// Position of the null from the top, where it is on the axis.
    pub null: Option<f64>,
    /// The studies, the heaviest first so that it covers no other.
    pub points: Vec<WeightedPoint>,
    /// The regression line.
    pub line: Vec<Vec<Point>>,
    /// The confidence band.
    pub band: Vec<Point>,
    /// The edges of the confidence band.
    pub band_edges: Vec<Vec<Point>>,
    /// The edges of the prediction band; none without it.
    pub prediction_edges: Vec<Vec<Point>>,
    /// Names beside bubbles.
    pub labels: Vec<LabelView>,
    /// Numbers for the alternative text.
    pub numbers: BubbleNumbers,
}

/// What a reader who does not see the figure is told.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BubbleNumbers {
    /// Studies.
    pub studies: String,
    /// The smallest value of the moderator, and the fitted effect there.
    pub first: (String, String),
    /// The greatest value of the moderator, and the fitted effect there.
    pub last: (String, String),
}

const WHOLE: Canvas = Canvas { width: 340.0, height: 205.0 };
/// Pieces of the line.
const PIECES: u32 = 60;

/// A bubble plot of the model that `fitted` describes; `None` without studies.
#[must_use]
pub fn bubble(
    studies: &[BubbleStudy<'_>],
    fitted: &dyn Fn(f64) -> Fitted,
    effect: EffectScale,
    null: Option<f64>,
    width: Width,
) -> Option<BubbleView> {
    if studies.is_empty() {
        return None;
    }
    let canvas = width.of(WHOLE);
    let moderators: Vec<f64> = studies.iter().map(|study| study.moderator).collect();
    let x = Scale::around(&moderators, Along::Horizontal(canvas.width));
    let least = moderators.iter().copied().fold(f64::INFINITY, f64::min);
    let most = moderators.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    // the line ends with the studies: beyond them the model says nothing
    let places: Vec<f64> = (0..=PIECES)
        .map(|piece| least + (most - least) * f64::from(piece) / f64::from(PIECES))
        .collect();
    let curve: Vec<Fitted> = places.iter().map(|place| fitted(*place)).collect();
    let mut values: Vec<f64> = studies.iter().map(|study| study.estimate).collect();
    values.extend(curve.iter().flat_map(|at| [at.interval.0, at.interval.1]));
    let y = Scale::effects(effect, &values, Along::Vertical(canvas.height));
    let place = |moderator: f64, value: f64| Point {
        x: x.position(moderator),
        y: tidy(1.0 - y.position(value)),
    };
    let along = |of: &dyn Fn(&Fitted) -> Option<f64>| -> Vec<Point> {
        let values = places.iter().zip(&curve);
        values.filter_map(|(moderator, at)| Some(place(*moderator, of(at)?))).collect()
    };
    let lower = along(&|at| Some(at.interval.0));
    let upper = along(&|at| Some(at.interval.1));
    let prediction = [
        along(&|at| at.prediction.map(|interval| interval.0)),
        along(&|at| at.prediction.map(|interval| interval.1)),
    ];
    let around: Vec<Point> = lower.iter().chain(upper.iter().rev()).copied().collect();
    let drawn = studies.iter().map(|study| WeightedStudy {
        at: place(study.moderator, study.estimate),
        weight: study.weight,
        label: study.is_labelled.then_some(study.label),
    });
    let (points, labels) = weighted_points(canvas, drawn.collect());
    let end = |moderator: f64| (shortest(moderator), effect.text(fitted(moderator).mean));
    Some(BubbleView {
        canvas,
        null: null.filter(|null| y.holds(*null)).map(|null| tidy(1.0 - y.position(null))),
        labels,
        points,
        line: clip_line(&along(&|at| Some(at.mean))),
        band: clip(&around),
        band_edges: [clip_line(&lower), clip_line(&upper)].concat(),
        prediction_edges: prediction.iter().flat_map(|edge| clip_line(edge)).collect(),
        numbers: BubbleNumbers {
            studies: studies.len().to_string(),
            first: end(least),
            last: end(most),
        },
        y_ticks: y.ticks_from_top(),
        x_ticks: x.ticks,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn study(moderator: f64, estimate: f64, weight: f64) -> BubbleStudy<'static> {
        BubbleStudy { label: "A", moderator, estimate, weight, is_labelled: false }
    }

    fn fitted(moderator: f64) -> Fitted {
        let mean = 0.2 - 0.03 * moderator;
        Fitted {
            mean,
            interval: (mean - 0.2, mean + 0.2),
            prediction: Some((mean - 9.0, mean + 0.3)),
        }
    }

    #[test]
    fn the_line_runs_from_the_first_to_the_last_study() {
        let studies = [study(13.0, -0.4, 1.0), study(55.0, -1.4, 4.0)];
        let view = bubble(&studies, &fitted, EffectScale::RATIO, Some(0.0), Width::Whole).unwrap();
        let line = &view.line[0];
        assert_eq!(line.len(), 61);
        assert_eq!(line[0].x, view.points[1].at.x);
        assert_eq!(line[60].x, view.points[0].at.x);
        assert!(line[0].y < line[60].y, "a falling effect falls");
        assert_eq!(view.points[0].radius, 2.0 * view.points[1].radius);
        assert_eq!(view.numbers.first, ("13".into(), "0.83".into()));
        assert_eq!(view.numbers.last, ("55".into(), "0.23".into()));
        // what lies beyond the axis is cut off
        let places = view.band.iter().chain(view.prediction_edges.iter().flatten());
        assert!(places.into_iter().all(|p| (0.0..=1.0).contains(&p.y)));
        assert!(view.null.is_some());
    }

    #[test]
    fn without_studies_there_is_no_plot() {
        assert_eq!(bubble(&[], &fitted, EffectScale::RATIO, None, Width::Whole), None);
    }

    #[test]
    fn one_value_of_the_moderator_has_an_axis() {
        let view =
            bubble(&[study(2.0, 0.1, 1.0)], &fitted, EffectScale::DIFFERENCE, None, Width::Half)
                .unwrap();
        assert!(!view.x_ticks.is_empty());
        assert!(view.line.is_empty());
    }
}
