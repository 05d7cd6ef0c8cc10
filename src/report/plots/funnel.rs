//! Funnel plots: effects against their standard errors.
//!
//! Drawn by `funnel-plot(view, words)` of `templates/figures/funnel.typ`. The words, from
//! `figures.funnel` of the labels unless said otherwise:
//!
//! - `x`: the measure, as `Odds ratio (log scale)`; the caller's
//! - `y`: standard error
//! - `observed`, `imputed`: legend of the points
//! - `pooled`: legend of the pooled effect
//! - `limits`: legend of the pseudo-confidence limits; the caller puts the level before it
//! - `no_effect`: legend of the null
//! - `p_large`, `p_10`, `p_05`, `p_01`: legend of the regions of significance, outwards

use super::axis::Tick;
use super::label::{Canvas, LabelView, Mark, Point, Width, clip, clip_line, place_labels};
use super::scale::{Along, EffectScale, Scale, tidy};
use crate::stats::Effect;
use crate::stats::distribution::normal_quantile;
use serde::Serialize;

/// A study.
#[derive(Debug, Clone, PartialEq)]
pub struct FunnelStudy<'a> {
    /// Its name.
    pub label: &'a str,
    /// Its estimate.
    pub effect: Effect,
    /// Whether its name is printed beside its point.
    pub is_labelled: bool,
}

/// What a funnel plot shows.
#[derive(Debug, Clone)]
pub struct Funnel<'a> {
    /// The observed studies.
    pub studies: &'a [FunnelStudy<'a>],
    /// The studies imputed by trim and fill.
    pub imputed: &'a [Effect],
    /// The pooled effect, the axis of the triangle.
    pub pooled: f64,
    /// The confidence level of the triangle, 0 to 1.
    pub level: f64,
    /// Where the effect vanishes; regions of significance are drawn about it. `None` without them.
    pub null: Option<f64>,
    /// How effects are printed.
    pub scale: EffectScale,
    /// How much of the line it takes.
    pub width: Width,
}

/// A funnel plot.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FunnelView {
    /// The size of the drawing area.
    pub canvas: Canvas,
    /// Ticks of the effect.
    pub x_ticks: Vec<Tick>,
    /// Ticks of the standard error, 0 at the top.
    pub y_ticks: Vec<Tick>,
    /// The observed studies.
    pub points: Vec<Point>,
    /// The imputed studies.
    pub imputed: Vec<Point>,
    /// The edges of the pseudo-confidence region.
    pub triangle: Vec<Vec<Point>>,
    /// Regions about the null, from the widest (P ≥ 0.01) to the narrowest (P ≥ 0.10).
    pub regions: Vec<Region>,
    /// Position of the null, if it is drawn.
    pub null: Option<f64>,
    /// Position of the pooled effect.
    pub pooled: f64,
    /// Names beside points.
    pub labels: Vec<LabelView>,
    /// Numbers for the alternative text.
    pub numbers: FunnelNumbers,
}

/// A region in which effects are not significant at a level.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Region {
    /// Its corners.
    pub area: Vec<Point>,
    /// Its edges.
    pub edges: Vec<Vec<Point>>,
}

/// What a reader who does not see the figure is told.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FunnelNumbers {
    /// Observed studies.
    pub studies: String,
    /// Imputed studies.
    pub imputed: String,
    /// Observed studies outside the pseudo-confidence region.
    pub outside: String,
    /// Observed studies left of the pooled effect.
    pub left: String,
    /// Observed studies right of the pooled effect.
    pub right: String,
    /// The pooled effect.
    pub pooled: String,
    /// The smallest standard error.
    pub smallest: String,
    /// The largest standard error.
    pub largest: String,
}

const WHOLE: Canvas = Canvas { width: 340.0, height: 205.0 };
/// The radius of a study's point in points; `templates/figures/funnel.typ` draws it so.
const RADIUS: f64 = 2.6;
/// Two-sided levels of the regions of significance.
const LEVELS: [f64; 3] = [0.99, 0.95, 0.90];

/// A funnel plot; `None` without studies.
#[must_use]
pub fn funnel(funnel: &Funnel<'_>) -> Option<FunnelView> {
    let observed: Vec<Effect> = funnel.studies.iter().map(|study| study.effect).collect();
    let errors = |effects: &[Effect]| -> Vec<f64> {
        effects.iter().map(|effect| effect.variance.sqrt()).collect()
    };
    let largest = errors(&observed).into_iter().chain(errors(funnel.imputed)).fold(0.0, f64::max);
    if observed.is_empty() {
        return None;
    }
    let canvas = funnel.width.of(WHOLE);
    let critical = normal_quantile(0.5 + 0.5 * funnel.level);
    let y = Scale::from_zero(&[largest], Along::Vertical(canvas.height));
    let bottom = y.upper;
    let mut essential: Vec<f64> =
        observed.iter().chain(funnel.imputed).map(|effect| effect.estimate).collect();
    essential.extend([funnel.pooled - critical * bottom, funnel.pooled + critical * bottom]);
    essential.extend(funnel.null);
    let x = Scale::effects(funnel.scale, &essential, Along::Horizontal(canvas.width));
    let place = |estimate: f64, error: f64| Point { x: x.position(estimate), y: y.position(error) };
    let wedge = |centre: f64, critical: f64| {
        let corner = |sign: f64| place(centre + sign * critical * bottom, bottom);
        [corner(-1.0), place(centre, 0.0), corner(1.0)]
    };
    let points: Vec<Point> =
        observed.iter().map(|effect| place(effect.estimate, effect.variance.sqrt())).collect();
    let imputed: Vec<Point> = funnel
        .imputed
        .iter()
        .map(|effect| place(effect.estimate, effect.variance.sqrt()))
        .collect();
    let marks: Vec<Mark<'_>> = funnel
        .studies
        .iter()
        .zip(&points)
        .map(|(study, at)| Mark {
            at: *at,
            radius: RADIUS,
            label: study.is_labelled.then_some(study.label),
        })
        .chain(imputed.iter().map(|at| Mark { at: *at, radius: RADIUS, label: None }))
        .collect();
    let regions = funnel.null.map_or_else(Vec::new, |null| {
        LEVELS
            .iter()
            .map(|level| {
                let wedge = wedge(null, normal_quantile(0.5 + 0.5 * level));
                Region { area: clip(&wedge), edges: clip_line(&wedge) }
            })
            .collect()
    });
    let count = |holds: &dyn Fn(&Effect) -> bool| {
        observed.iter().filter(|effect| holds(effect)).count().to_string()
    };
    let error_text = |value: f64| crate::report::number::fixed_beside(value, 0.0, 2);
    let smallest = errors(&observed).into_iter().fold(f64::INFINITY, f64::min);
    let numbers = FunnelNumbers {
        studies: observed.len().to_string(),
        imputed: imputed.len().to_string(),
        outside: count(&|effect| {
            (effect.estimate - funnel.pooled).abs() > critical * effect.variance.sqrt()
        }),
        left: count(&|effect| effect.estimate < funnel.pooled),
        right: count(&|effect| effect.estimate > funnel.pooled),
        pooled: funnel.scale.text(funnel.pooled),
        smallest: error_text(smallest),
        largest: error_text(errors(&observed).into_iter().fold(0.0, f64::max)),
    };
    Some(FunnelView {
        canvas,
        labels: place_labels(canvas, &marks),
        triangle: clip_line(&wedge(funnel.pooled, critical)),
        regions,
        null: funnel.null.map(|null| x.position(null)),
        pooled: tidy(x.position(funnel.pooled)),
        // the standard error grows downwards, as positions do
        y_ticks: y.ticks,
        x_ticks: x.ticks,
        points,
        imputed,
        numbers,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn study(estimate: f64, error: f64) -> FunnelStudy<'static> {
        let effect = Effect { estimate, variance: error * error };
        FunnelStudy { label: "A 2001", effect, is_labelled: estimate > 1.0 }
    }

    fn view(null: Option<f64>) -> FunnelView {
        let studies = [study(-0.5, 0.1), study(-1.0, 0.5), study(1.2, 0.4)];
        let imputed = [Effect { estimate: -2.2, variance: 0.16 }];
        funnel(&Funnel {
            studies: &studies,
            imputed: &imputed,
            pooled: -0.5,
            level: 0.95,
            null,
            scale: EffectScale::RATIO,
            width: Width::Whole,
        })
        .unwrap()
    }

    #[test]
    fn zero_error_is_at_the_top_and_the_triangle_about_the_pooled_effect() {
        let view = view(None);
        assert_eq!(view.y_ticks[0], Tick { at: 0.0, label: "0.0".into() });
        assert_eq!(view.triangle.len(), 1);
        let corners = &view.triangle[0];
        assert_eq!(corners[1], Point { x: view.pooled, y: 0.0 });
        assert!((corners[0].x + corners[2].x - 2.0 * view.pooled).abs() < 1e-4);
        assert!(view.regions.is_empty());
        assert!(view.points.iter().chain(&view.imputed).all(|p| (0.0..=1.0).contains(&p.x)));
    }

    #[test]
    fn regions_narrow_from_99_to_90_percent() {
        let view = view(Some(0.0));
        let reach = |region: &Region| {
            region.area.iter().filter(|p| p.y == 1.0).map(|p| p.x).fold(1.0, f64::min)
        };
        assert_eq!(view.regions.len(), 3);
        assert!(reach(&view.regions[0]) < reach(&view.regions[2]));
        assert!(view.regions.iter().flat_map(|r| &r.area).all(|p| (0.0..=1.0).contains(&p.x)));
    }

    #[test]
    fn the_numbers_count_the_studies() {
        let numbers = view(None).numbers;
        assert_eq!((numbers.studies.as_str(), numbers.imputed.as_str()), ("3", "1"));
        assert_eq!((numbers.outside.as_str(), numbers.pooled.as_str()), ("1", "0.61"));
        assert_eq!((numbers.left.as_str(), numbers.right.as_str()), ("1", "1"));
        assert_eq!((numbers.smallest.as_str(), numbers.largest.as_str()), ("0.10", "0.50"));
    }

    #[test]
    fn outliers_are_labelled() {
        let view = view(None);
        assert_eq!(view.labels.len(), 1);
        assert_eq!(view.labels[0].lines, ["A 2001"]);
    }

    #[test]
    fn without_studies_there_is_no_plot() {
        let none = Funnel {
            studies: &[],
            imputed: &[],
            pooled: 0.0,
            level: 0.95,
            null: None,
            scale: EffectScale::DIFFERENCE,
            width: Width::Half,
        };
        assert_eq!(funnel(&none), None);
    }
}
