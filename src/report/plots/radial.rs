//! Radial plots (Galbraith 1988): standardised effects against precision; an effect is the slope
//! from the origin, read on an arc.
//!
//! Drawn by `radial-plot(view, words)` of `templates/figures/radial.typ`. The words, from
//! `figures.radial` of the labels unless said otherwise:
//!
//! - `x`: precision; `y`: standardised effect
//! - `arc`: the measure, the caller's
//! - `observed`: legend of the points
//! - `pooled`: legend of the pooled effect
//! - `band`, `interval`: legends of the band about it and of its confidence interval on the arc;
//!   the caller puts the level before them

use super::axis::Tick;
use super::label::{Canvas, LabelView, Mark, Point, Width, clip, clip_line, place_labels};
use super::scale::{Along, EffectScale, Scale, tidy};
use crate::stats::Effect;
use crate::stats::distribution::normal_quantile;
use libm::{atan2, cos, sin, tan};
use serde::Serialize;

/// A study.
#[derive(Debug, Clone, PartialEq)]
pub struct RadialStudy<'a> {
    /// Its name.
    pub label: &'a str,
    /// Its estimate.
    pub effect: Effect,
    /// Whether its name is printed beside its point.
    pub is_labelled: bool,
}

/// What a radial plot shows.
#[derive(Debug, Clone)]
pub struct Radial<'a> {
    /// The studies.
    pub studies: &'a [RadialStudy<'a>],
    /// τ², added to the studies' variances; 0 under a common effect.
    pub tau_squared: f64,
    /// The pooled effect with its confidence interval.
    pub pooled: (f64, (f64, f64)),
    /// The level of the band about the pooled effect, 0 to 1.
    pub level: f64,
    /// How effects are printed.
    pub scale: EffectScale,
    /// How much of the line it takes.
    pub width: Width,
}

/// A radial plot. The origin is on the left edge; the canvas holds the arc.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RadialView {
    /// The size of the drawing area.
    pub canvas: Canvas,
    /// Ticks of the precision.
    pub x_ticks: Vec<Tick>,
    /// Ticks of the standardised effect: 0 and the ends of the band at the origin.
    pub y_ticks: Vec<Tick>,
    /// Where the axis of the precision ends.
    pub x_end: f64,
    /// The origin.
    pub origin: Point,
    /// The studies.
    pub points: Vec<Point>,
    /// The line of the pooled effect.
    pub pooled: Vec<Vec<Point>>,
    /// The band about it.
    pub band: Vec<Point>,
    /// The edges of the band.
    pub band_edges: Vec<Vec<Point>>,
    /// The arc.
    pub arc: Vec<Point>,
    /// The part of the arc that the pooled confidence interval covers.
    pub interval: Vec<Point>,
    /// Ticks of the arc.
    pub arc_ticks: Vec<ArcTick>,
    /// Names beside points.
    pub labels: Vec<LabelView>,
    /// Numbers for the alternative text.
    pub numbers: RadialNumbers,
}

/// A tick of the arc.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ArcTick {
    /// On the arc.
    pub from: Point,
    /// Its outer end.
    pub to: Point,
    /// The effect.
    pub label: String,
}

/// What a reader who does not see the figure is told.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RadialNumbers {
    /// Studies.
    pub studies: String,
    /// Studies outside the band.
    pub outside: String,
    /// The pooled effect.
    pub pooled: String,
}

const WHOLE: Canvas = Canvas { width: 310.0, height: 225.0 };
const RADIUS: f64 = 2.6;
/// The part of the arc's radius within which the points lie.
const WITHIN: f64 = 0.93;
/// Kept free above and below, in points.
const AIR: f64 = 8.0;
/// Length of the arc's ticks, in points.
const TICK: f64 = 4.0;
/// Pieces of an arc.
const PIECES: u32 = 48;

/// Points of the paper: from the origin to the right and upwards.
struct Geometry {
    /// Points a unit of precision.
    across: f64,
    /// Points a unit of the standardised effect.
    upwards: f64,
    /// The radius of the arc.
    arc: f64,
    /// The origin from the top, in points.
    origin: f64,
    canvas: Canvas,
}

impl Geometry {
    /// The steepest geometry in which the points lie within the arc, and they, the band at the
    /// origin and the `slopes` on the arc on the canvas.
    fn new(canvas: Canvas, points: &[(f64, f64)], critical: f64, slopes: &[f64]) -> Self {
        let arc = canvas.width;
        let most = points.iter().map(|(_, z)| z.abs()).fold(1.2 * critical, f64::max);
        let mut upwards = canvas.height / most;
        loop {
            // the widest at which every point is within the arc
            let within = WITHIN * arc;
            let across = points
                .iter()
                .map(|(x, z)| {
                    let height = z * upwards;
                    (within * within - height * height).max(0.0).sqrt() / x
                })
                .fold(f64::INFINITY, f64::min);
            let on_arc = slopes.iter().map(|slope| arc * sin(atan2(slope * upwards, across)));
            let heights: Vec<f64> = points
                .iter()
                .map(|(_, z)| z * upwards)
                .chain([1.2 * critical * upwards, -1.2 * critical * upwards])
                .chain(on_arc)
                .collect();
            let highest = heights.iter().copied().fold(0.0, f64::max);
            let lowest = heights.iter().copied().fold(0.0, f64::min);
            let spare = canvas.height - 2.0 * AIR - (highest - lowest);
            if spare >= 0.0 {
                let origin = AIR + highest + 0.5 * spare;
                return Self { across, upwards, arc, origin, canvas };
            }
            upwards *= 0.97;
        }
    }

    fn point(&self, precision: f64, standardised: f64) -> Point {
        self.paper(precision * self.across, standardised * self.upwards)
    }

    fn paper(&self, right: f64, up: f64) -> Point {
        let Canvas { width, height } = self.canvas;
        Point { x: tidy(right / width), y: tidy((self.origin - up) / height) }
    }

    fn angle(&self, effect: f64) -> f64 {
        atan2(effect * self.upwards, self.across)
    }

    fn effect(&self, angle: f64) -> f64 {
        tan(angle) * self.across / self.upwards
    }

    fn on_arc(&self, angle: f64, beyond: f64) -> Point {
        let radius = self.arc + beyond;
        self.paper(radius * cos(angle), radius * sin(angle))
    }

    fn arc(&self, from: f64, to: f64) -> Vec<Point> {
        (0..=PIECES)
            .map(|piece| from + (to - from) * f64::from(piece) / f64::from(PIECES))
            .map(|angle| self.on_arc(angle, 0.0))
            .collect()
    }
}

/// A radial plot; `None` without studies, or where a study has no variance.
#[must_use]
pub fn radial(radial: &Radial<'_>) -> Option<RadialView> {
    let critical = normal_quantile(0.5 + 0.5 * radial.level);
    let points: Vec<(f64, f64)> = radial
        .studies
        .iter()
        .map(|study| {
            let error = (study.effect.variance + radial.tau_squared).sqrt();
            (1.0 / error, study.effect.estimate / error)
        })
        .collect();
    if points.is_empty() || points.iter().any(|(x, z)| !(x.is_finite() && z.is_finite())) {
        return None;
    }
    let (pooled, (lower, upper)) = radial.pooled;
    let canvas = match radial.width {
        Width::Whole => WHOLE,
        // the arc's labels stand right of the canvas
        Width::Half => Canvas { width: 148.0, ..radial.width.of(WHOLE) },
    };
    let geometry = Geometry::new(canvas, &points, critical, &[pooled, lower, upper]);
    let most = points.iter().map(|point| point.0).fold(0.0, f64::max);
    let x_end = geometry.point(most, 0.0).x.min(1.0);
    let x = Scale::linear(0.0, most, Along::Horizontal(x_end * canvas.width));
    let origin = geometry.point(0.0, 0.0);

    // the arc covers the estimates as far as the canvas does
    let room = |height: f64| libm::asin((height / geometry.arc).clamp(0.0, 1.0));
    let (highest, lowest) = (room(geometry.origin), -room(canvas.height - geometry.origin));
    let angles: Vec<f64> = radial
        .studies
        .iter()
        .map(|study| study.effect.estimate)
        .chain([lower, upper])
        .map(|effect| geometry.angle(effect).clamp(lowest, highest))
        .collect();
    let from = angles.iter().copied().fold(f64::INFINITY, f64::min);
    let to = angles.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let arc_length = geometry.arc * (to - from);
    let effects = Scale::effects(
        radial.scale,
        &[geometry.effect(from), geometry.effect(to)],
        Along::Vertical(arc_length),
    );
    let arc_ticks = effects
        .ticks
        .iter()
        .map(|tick| (effects.lower + tick.at * (effects.upper - effects.lower), &tick.label))
        .map(|(effect, label)| (geometry.angle(effect), label))
        .filter(|(angle, _)| (from - 0.01..=to + 0.01).contains(angle))
        .map(|(angle, label)| ArcTick {
            from: geometry.on_arc(angle, 0.0),
            to: geometry.on_arc(angle, TICK),
            label: label.clone(),
        })
        .collect();

    let places: Vec<Point> = points.iter().map(|(x, z)| geometry.point(*x, *z)).collect();
    let marks: Vec<Mark<'_>> = radial
        .studies
        .iter()
        .zip(&places)
        .map(|(study, at)| Mark {
            at: *at,
            radius: RADIUS,
            label: study.is_labelled.then_some(study.label),
        })
        .collect();
    let edge =
        |offset: f64| [geometry.point(0.0, offset), geometry.point(most, pooled * most + offset)];
    let (below, above) = (edge(-critical), edge(critical));
    let outside = points.iter().filter(|(x, z)| (z - pooled * x).abs() > critical).count();
    let y_tick = |value: f64| Tick {
        at: geometry.point(0.0, value).y,
        label: crate::report::number::fixed(value, if value == 0.0 { 0 } else { 2 }),
    };
    Some(RadialView {
        canvas,
        x_ticks: x
            .ticks
            .into_iter()
            .map(|tick| Tick { at: tidy(tick.at * x_end), ..tick })
            .collect(),
        y_ticks: [critical, 0.0, -critical].map(y_tick).to_vec(),
        x_end,
        origin,
        labels: place_labels(canvas, &marks),
        pooled: clip_line(&[origin, geometry.on_arc(geometry.angle(pooled), 0.0)]),
        band: clip(&[below[0], below[1], above[1], above[0]]),
        band_edges: [clip_line(&below), clip_line(&above)].concat(),
        arc: geometry.arc(from, to),
        interval: geometry.arc(geometry.angle(lower), geometry.angle(upper)),
        arc_ticks,
        numbers: RadialNumbers {
            studies: points.len().to_string(),
            outside: outside.to_string(),
            pooled: radial.scale.text(pooled),
        },
        points: places,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn study(estimate: f64, error: f64) -> RadialStudy<'static> {
        let effect = Effect { estimate, variance: error * error };
        RadialStudy { label: "A", effect, is_labelled: false }
    }

    fn view(studies: &[RadialStudy<'_>], pooled: f64) -> RadialView {
        radial(&Radial {
            studies,
            tau_squared: 0.0,
            pooled: (pooled, (pooled - 0.1, pooled + 0.1)),
            level: 0.95,
            scale: EffectScale::RATIO,
            width: Width::Whole,
        })
        .unwrap()
    }

    #[test]
    fn a_study_with_the_pooled_effect_is_on_its_line() {
        let view = view(&[study(-0.7, 0.1), study(-0.7, 0.3), study(0.4, 0.5)], -0.7);
        let slope = |point: &Point| (point.y - view.origin.y) / point.x;
        let end = view.pooled[0].last().unwrap();
        for point in &view.points[..2] {
            assert!((slope(point) - slope(end)).abs() < 1e-3);
        }
        assert!(slope(&view.points[2]) < 0.0, "greater effects are higher");
        assert_eq!(view.numbers.outside, "1");
        assert_eq!(view.numbers.pooled, "0.50");
    }

    #[test]
    fn everything_lies_within_the_arc_and_on_the_canvas() {
        for pooled in [-3.0, -0.5, 0.0, 2.0] {
            let view =
                view(&[study(pooled, 0.05), study(pooled + 1.0, 0.5), study(-1.0, 1.5)], pooled);
            let from_origin = |point: &Point| {
                let (x, y) = (point.x * WHOLE.width, (point.y - view.origin.y) * WHOLE.height);
                (x * x + y * y).sqrt()
            };
            assert!(view.points.iter().all(|point| from_origin(point) < 0.95 * WHOLE.width));
            for point in view.arc.iter().chain(&view.interval) {
                assert!((from_origin(point) - WHOLE.width).abs() < 0.1);
                assert!((-0.001..=1.001).contains(&point.y), "{pooled}: {point:?}");
            }
            assert!(!view.arc_ticks.is_empty());
            assert_eq!(view.x_ticks[0].at, 0.0);
        }
    }

    #[test]
    fn no_plot_without_studies_or_variance() {
        let none = |studies: &[RadialStudy<'_>]| {
            radial(&Radial {
                studies,
                tau_squared: 0.0,
                pooled: (0.0, (0.0, 0.0)),
                level: 0.95,
                scale: EffectScale::DIFFERENCE,
                width: Width::Whole,
            })
        };
        assert_eq!(none(&[]), None);
        assert_eq!(none(&[study(1.0, 0.0)]), None);
    }

    proptest! {
        #[test]
        fn whatever_the_studies_the_drawing_is_on_the_canvas(
            studies in prop::collection::vec((-8.0..8.0f64, 0.001..5.0f64), 1..30),
            pooled in -8.0..8.0f64,
            half in 0.0..4.0f64,
        ) {
            let studies: Vec<RadialStudy<'_>> =
                studies.iter().map(|(estimate, error)| study(*estimate, *error)).collect();
            let view = radial(&Radial {
                studies: &studies,
                tau_squared: 0.0,
                pooled: (pooled, (pooled - half, pooled + half)),
                level: 0.95,
                scale: EffectScale::RATIO,
                width: Width::Half,
            })
            .unwrap();
            let places = view.points.iter().chain(&view.arc).chain(&view.interval).chain(&view.band);
            for place in places.chain(view.pooled.iter().flatten()) {
                prop_assert!((-1e-4..=1.0001).contains(&place.x), "{place:?}");
                prop_assert!((-1e-4..=1.0001).contains(&place.y), "{place:?}");
            }
        }
    }
}
