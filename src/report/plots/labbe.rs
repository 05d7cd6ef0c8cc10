//! L'Abbé's plot: event rates of the two arms against each other.
//!
//! Drawn by `labbe-plot(view, words)` of `templates/figures/labbe.typ`. The words, from
//! `figures.labbe` of the labels unless said otherwise:
//!
//! - `x`, `y`: the caller's: the control and the experimental arm's name before `rate`
//! - `diagonal`: legend of the line of equal rates
//! - `pooled`: legend of the curve of the pooled effect; the caller puts measure and value behind it
//! - `area`: what the area of a point stands for

use super::axis::Tick;
use super::label::{Canvas, LabelView, Point, Width, clip_line};
use super::scale::{Along, Scale, tidy};
use super::weighted::{WeightedPoint, WeightedStudy, weighted_points};
use crate::report::number;
use libm::{asin, exp, log, sin};
use serde::Serialize;

/// A study.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LabbeStudy<'a> {
    /// Its name.
    pub label: &'a str,
    /// The part of the experimental arm that had the event, 0 to 1.
    pub experimental: f64,
    /// The part of the control arm that had the event, 0 to 1.
    pub control: f64,
    /// Its weight, on any scale.
    pub weight: f64,
    /// Whether its name is printed beside its point.
    pub is_labelled: bool,
}

/// What the pooled effect compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArmComparison {
    /// Log odds ratio.
    LogOddsRatio,
    /// Log risk ratio.
    LogRiskRatio,
    /// Risk difference.
    RiskDifference,
    /// Difference of arcsine square roots.
    ArcsineDifference,
}

impl ArmComparison {
    /// The experimental arm's rate at a control arm's rate; `None` where it is no rate.
    #[must_use]
    pub fn experimental(self, control: f64, effect: f64) -> Option<f64> {
        let rate = match self {
            Self::LogOddsRatio if control >= 1.0 => 1.0,
            Self::LogOddsRatio if control <= 0.0 => 0.0,
            Self::LogOddsRatio => 1.0 / (1.0 + exp(-(log(control / (1.0 - control)) + effect))),
            Self::LogRiskRatio => control * exp(effect),
            Self::RiskDifference => control + effect,
            Self::ArcsineDifference => {
                let angle = asin(control.clamp(0.0, 1.0).sqrt()) + effect;
                let within = (0.0..=std::f64::consts::FRAC_PI_2).contains(&angle);
                if within { sin(angle) * sin(angle) } else { f64::NAN }
            }
        };
        (0.0..=1.0).contains(&rate).then_some(rate)
    }
}

/// L'Abbé's plot: the control arm runs from left to right, the experimental arm upwards.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LabbeView {
    /// The size of the drawing area, a square.
    pub canvas: Canvas,
    /// Ticks of the control arm, in percent.
    pub x_ticks: Vec<Tick>,
    /// Ticks of the experimental arm, in percent.
    pub y_ticks: Vec<Tick>,
    /// The studies, the heaviest first so that it covers no other.
    pub points: Vec<WeightedPoint>,
    /// The curve of the pooled effect.
    pub curve: Vec<Vec<Point>>,
    /// Names beside points.
    pub labels: Vec<LabelView>,
    /// Numbers for the alternative text.
    pub numbers: LabbeNumbers,
}

/// What a reader who does not see the figure is told.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LabbeNumbers {
    /// Studies.
    pub studies: String,
    /// Studies with a lower rate in the experimental arm.
    pub below: String,
    /// Studies with a higher rate in the experimental arm.
    pub above: String,
    /// The greatest rate of an arm in percent.
    pub greatest: String,
}

const WHOLE: Canvas = Canvas { width: 220.0, height: 220.0 };
/// Pieces of the curve.
const PIECES: u32 = 100;

/// L'Abbé's plot, with the curve of a pooled effect on the analysis scale; `None` without studies.
#[must_use]
pub fn labbe(
    studies: &[LabbeStudy<'_>],
    pooled: Option<(ArmComparison, f64)>,
    width: Width,
) -> Option<LabbeView> {
    if studies.is_empty() {
        return None;
    }
    let canvas = match width {
        Width::Whole => WHOLE,
        // both axes are the same one
        Width::Half => Canvas { width: width.of(WHOLE).height, ..width.of(WHOLE) },
    };
    let greatest = studies
        .iter()
        .flat_map(|study| [study.experimental, study.control])
        .filter(|rate| rate.is_finite())
        .fold(0.0, f64::max);
    // room for half a large point at both ends; both axes are the same one
    let end = if greatest > 0.0 { 106.0 * greatest } else { 1.0 };
    let start = -0.04 * end;
    let along = |vertical| {
        if vertical { Along::Vertical(canvas.height) } else { Along::Horizontal(canvas.width) }
    };
    let x = Scale::linear(start, end, along(false));
    let y = Scale { ticks: x.ticks.clone(), ..Scale::linear(start, end, along(true)) };
    let place = |control: f64, experimental: f64| Point {
        x: x.position(100.0 * control),
        y: tidy(1.0 - y.position(100.0 * experimental)),
    };
    let drawn = studies.iter().map(|study| WeightedStudy {
        at: place(study.control, study.experimental),
        weight: study.weight,
        label: study.is_labelled.then_some(study.label),
    });
    let (points, labels) = weighted_points(canvas, drawn.collect());
    let line: Vec<Point> = pooled.map_or_else(Vec::new, |(comparison, effect)| {
        (0..=PIECES)
            .filter_map(|piece| {
                let control = end / 100.0 * f64::from(piece) / f64::from(PIECES);
                let experimental = comparison.experimental(control.min(1.0), effect)?;
                Some(place(control, experimental))
            })
            .collect()
    });
    let count = |holds: fn(&LabbeStudy<'_>) -> bool| {
        studies.iter().filter(|study| holds(study)).count().to_string()
    };
    Some(LabbeView {
        canvas,
        labels,
        curve: clip_line(&line),
        numbers: LabbeNumbers {
            studies: studies.len().to_string(),
            below: count(|study| study.experimental < study.control),
            above: count(|study| study.experimental > study.control),
            greatest: number::fixed(100.0 * greatest, 1),
        },
        points,
        y_ticks: y.ticks_from_top(),
        x_ticks: x.ticks,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::plots::weighted::RADII;

    fn study(experimental: f64, control: f64, weight: f64) -> LabbeStudy<'static> {
        LabbeStudy { label: "A", experimental, control, weight, is_labelled: false }
    }

    #[test]
    fn both_axes_are_the_same_and_areas_follow_weights() {
        let studies = [study(0.1, 0.2, 25.0), study(0.4, 0.3, 100.0)];
        let view = labbe(&studies, Some((ArmComparison::LogRiskRatio, 0.0)), Width::Whole).unwrap();
        let labels = |ticks: &[Tick]| ticks.iter().map(|t| t.label.clone()).collect::<Vec<_>>();
        assert_eq!(labels(&view.x_ticks), labels(&view.y_ticks));
        for (x, y) in view.x_ticks.iter().zip(&view.y_ticks) {
            assert!((x.at - (1.0 - y.at)).abs() < 1e-9);
        }
        assert_eq!(view.points[0].radius, RADII.0);
        assert_eq!(view.points[1].radius, RADII.0 / 2.0);
        // a ratio of 1 is the diagonal
        assert!(view.curve.iter().flatten().all(|p| (p.x - (1.0 - p.y)).abs() < 1e-4));
        let numbers = view.numbers;
        assert_eq!((numbers.below.as_str(), numbers.above.as_str()), ("1", "1"));
        assert_eq!((numbers.studies.as_str(), numbers.greatest.as_str()), ("2", "40.0"));
    }

    #[test]
    fn each_comparison_gives_the_other_arm() {
        let near = |found: Option<f64>, expected: f64| (found.unwrap() - expected).abs() < 1e-12;
        assert!(near(ArmComparison::LogOddsRatio.experimental(0.5, log(3.0)), 0.75));
        assert!(near(ArmComparison::LogRiskRatio.experimental(0.2, log(2.0)), 0.4));
        assert!(near(ArmComparison::RiskDifference.experimental(0.2, -0.1), 0.1));
        assert!(near(ArmComparison::ArcsineDifference.experimental(0.25, 0.0), 0.25));
        assert_eq!(ArmComparison::LogRiskRatio.experimental(0.8, log(2.0)), None);
        assert_eq!(ArmComparison::RiskDifference.experimental(0.05, -0.1), None);
        assert_eq!(ArmComparison::ArcsineDifference.experimental(0.01, -0.5), None);
    }

    #[test]
    fn arms_without_events_have_a_plot() {
        let view = labbe(&[study(0.0, 0.0, 1.0)], None, Width::Half).unwrap();
        assert_eq!(view.points[0].at.x, view.x_ticks[0].at);
        assert!(view.curve.is_empty());
        assert_eq!(labbe(&[], None, Width::Whole), None);
    }
}
