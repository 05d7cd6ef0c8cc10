//! Kaplan-Meier curves with censored times, confidence bands, medians and the numbers at risk.
//!
//! Drawn by `survival-curves(view, words)` of `templates/figures/survival_curves.typ`. The words,
//! from `figures.survival` of the labels unless said otherwise:
//!
//! - `x`: time with its unit; the caller's
//! - `y`: survival probability
//! - `at_risk`: head of the table under the axis
//! - `censored`, `band`: legend; the caller puts the level before `band`
//! - `median`, `to`, `not_reached`: for the line of the medians; `interval`, as `95% CI`, is the caller's

use super::axis::Tick;
use super::label::{Canvas, LABEL_SIZE, Point, lines};
use super::scale::{Along, Scale, shortest, tidy};
use crate::report::number;
use crate::stats::survival::{Curve, Step};
use serde::Serialize;

/// A group of participants.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SurvivalGroup<'a> {
    /// Its name.
    pub label: &'a str,
    /// Its curve.
    pub curve: &'a Curve,
}

/// What a plot of curves shows beside them.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct SurvivalOptions {
    /// The last time shown; the last time anyone was followed where it is `None`.
    pub end: Option<f64>,
    /// Whether the confidence bands are drawn.
    pub has_bands: bool,
    /// Whether lines lead to the medians.
    pub has_medians: bool,
}

/// Kaplan-Meier curves.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SurvivalView {
    /// The size of the drawing area; the drawing may make it wider.
    pub canvas: Canvas,
    /// Ticks of the time; the numbers at risk stand under them.
    pub x_ticks: Vec<Tick>,
    /// Ticks of the probability, from the top.
    pub y_ticks: Vec<Tick>,
    /// The groups, in their order.
    pub groups: Vec<SurvivalGroupView>,
}

/// A group as it is drawn.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SurvivalGroupView {
    /// Its name.
    pub label: String,
    /// The steps of its curve.
    pub line: Vec<Point>,
    /// Where participants were censored.
    pub censored: Vec<Point>,
    /// The confidence band; empty without it.
    pub band: Vec<Point>,
    /// Position of the median, where it is shown.
    pub median: Option<f64>,
    /// The name at the curve's end: its lines, its middle from the top, its height in points.
    pub end_label: EndLabel,
    /// Participants at risk at each tick of the time.
    pub at_risk: Vec<String>,
    /// Numbers for the alternative text.
    pub numbers: SurvivalNumbers,
}

/// A name at the end of a curve.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EndLabel {
    /// Its lines.
    pub lines: Vec<String>,
    /// Where the curve ends.
    pub from: Point,
    /// The middle of the name, from the top of the canvas.
    pub at: f64,
    /// Its height in points.
    pub height: f64,
}

/// What a reader who does not see the figure is told of a group.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SurvivalNumbers {
    /// Participants.
    pub participants: String,
    /// Events.
    pub events: String,
    /// The median time; `None` where it is not reached.
    pub median: Option<String>,
    /// The lower limit of the median; `None` where it is not reached.
    pub lower: Option<String>,
    /// The upper limit of the median; `None` where it is not reached.
    pub upper: Option<String>,
}

const CANVAS: Canvas = Canvas { width: 280.0, height: 210.0 };
/// The greatest width of a name at a curve's end, in points.
const END_ROOM: f64 = 92.0;
/// From one line of a name to the next, in points.
const LINE_HEIGHT: f64 = 8.5;

/// The curves of these groups; `None` without a group that was followed.
#[must_use]
pub fn survival_curves(
    groups: &[SurvivalGroup<'_>],
    options: SurvivalOptions,
) -> Option<SurvivalView> {
    let last = |group: &SurvivalGroup<'_>| group.curve.steps.last().map(|step| step.time);
    let followed: Vec<&SurvivalGroup<'_>> =
        groups.iter().filter(|group| last(group).is_some()).collect();
    let end =
        options.end.unwrap_or_else(|| followed.iter().filter_map(|g| last(g)).fold(0.0, f64::max));
    if followed.is_empty() {
        return None;
    }
    // everybody may have been followed for no time at all
    let end = if end > 0.0 { end } else { 1.0 };
    let x = Scale::linear(0.0, end, Along::Horizontal(CANVAS.width));
    let times: Vec<f64> = x.ticks.iter().map(|tick| tick.at * end).collect();
    let mut views: Vec<SurvivalGroupView> =
        followed.iter().map(|group| group_view(group, &x, end, &times, options)).collect();
    spread(&mut views);
    let y_ticks = [1.0, 0.75, 0.5, 0.25, 0.0]
        .map(|value| Tick { at: tidy(1.0 - value), label: number::fixed(value, 2) });
    Some(SurvivalView {
        canvas: CANVAS,
        x_ticks: x.ticks,
        y_ticks: y_ticks.to_vec(),
        groups: views,
    })
}

fn group_view(
    group: &SurvivalGroup<'_>,
    x: &Scale,
    end: f64,
    times: &[f64],
    options: SurvivalOptions,
) -> SurvivalGroupView {
    let curve = group.curve;
    let place = |time: f64, survival: f64| Point { x: x.position(time), y: tidy(1.0 - survival) };
    let shown: Vec<&Step> = curve.steps.iter().take_while(|step| step.time <= end).collect();
    // followed beyond the end of the axis, the curve runs on to it
    let until = if shown.len() < curve.steps.len() {
        end
    } else {
        shown.last().map_or(0.0, |step| step.time)
    };
    let line = steps(&shown, until, |step| Some(step.survival), &place);
    let censored = shown
        .iter()
        .filter(|step| step.censored > 0)
        .map(|step| place(step.time, step.survival))
        .collect();
    let band = if options.has_bands {
        let lower = steps(&shown, until, |step| step.interval.map(|interval| interval.0), &place);
        let mut upper =
            steps(&shown, until, |step| step.interval.map(|interval| interval.1), &place);
        upper.reverse();
        [lower, upper].concat()
    } else {
        Vec::new()
    };
    let median = curve.median();
    let from = line.last().copied().unwrap_or(Point { x: 0.0, y: 0.0 });
    let label_lines = lines(group.label, LABEL_SIZE, END_ROOM);
    SurvivalGroupView {
        label: group.label.to_owned(),
        censored,
        band,
        median: median
            .time
            .filter(|time| options.has_medians && *time <= end)
            .map(|time| x.position(time)),
        end_label: EndLabel {
            height: label_lines.len() as f64 * LINE_HEIGHT,
            lines: label_lines,
            at: from.y,
            from,
        },
        line,
        at_risk: times.iter().map(|time| number::count(curve.at_risk(*time) as f64)).collect(),
        numbers: SurvivalNumbers {
            participants: number::count(curve.at_risk(0.0) as f64),
            events: number::count(curve.steps.iter().map(|step| step.events).sum::<usize>() as f64),
            median: median.time.map(time_text),
            lower: median.lower.map(time_text),
            upper: median.upper.map(time_text),
        },
    }
}

/// A time with at most two decimals.
fn time_text(time: f64) -> String {
    let short = shortest(time);
    let rounded = number::fixed(time, 2);
    if short.chars().count() <= rounded.chars().count() { short } else { rounded }
}

/// The corners of a step function that starts at 1, until it has no value or the time ends.
fn steps(
    steps: &[&Step],
    until: f64,
    value: impl Fn(&Step) -> Option<f64>,
    place: &impl Fn(f64, f64) -> Point,
) -> Vec<Point> {
    let mut now = 1.0;
    let mut corners = vec![place(0.0, 1.0)];
    for step in steps {
        let Some(next) = value(step) else {
            corners.push(place(step.time, now));
            return corners;
        };
        if next != now {
            corners.extend([place(step.time, now), place(step.time, next)]);
            now = next;
        }
    }
    corners.push(place(until, now));
    corners.dedup();
    corners
}

/// Moves the names at the curves' ends apart, as little as can be, and keeps them on the canvas.
fn spread(groups: &mut [SurvivalGroupView]) {
    let mut order: Vec<usize> = (0..groups.len()).collect();
    order.sort_by(|a, b| groups[*a].end_label.from.y.total_cmp(&groups[*b].end_label.from.y));
    let half = |group: &SurvivalGroupView| 0.5 * (group.end_label.height + 2.0) / CANVAS.height;
    let mut free = 0.0;
    for index in &order {
        let half = half(&groups[*index]);
        let at = groups[*index].end_label.from.y.max(free + half);
        groups[*index].end_label.at = at;
        free = at + half;
    }
    let mut free: f64 = 1.0;
    for index in order.iter().rev() {
        let half = half(&groups[*index]);
        let at = groups[*index].end_label.at.min(free - half);
        groups[*index].end_label.at = tidy(at);
        free = at - half;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::survival::{IntervalScale, Observation, kaplan_meier};

    fn curve(times: &[(f64, bool)]) -> Curve {
        let observations: Vec<Observation> =
            times.iter().map(|(time, event)| Observation { time: *time, event: *event }).collect();
        kaplan_meier(&observations, IntervalScale::Log, 0.95).unwrap()
    }

    const ALL: SurvivalOptions = SurvivalOptions { end: None, has_bands: true, has_medians: true };

    #[test]
    fn the_curve_falls_in_steps_from_1() {
        let curve = curve(&[(1.0, true), (2.0, false), (3.0, true), (4.0, false)]);
        let view = survival_curves(&[SurvivalGroup { label: "A", curve: &curve }], ALL).unwrap();
        let group = &view.groups[0];
        let corners: Vec<(f64, f64)> = group.line.iter().map(|p| (p.x, p.y)).collect();
        assert_eq!(
            corners,
            [(0.0, 0.0), (0.25, 0.0), (0.25, 0.25), (0.75, 0.25), (0.75, 0.625), (1.0, 0.625)]
        );
        assert_eq!(group.censored, [Point { x: 0.5, y: 0.25 }, Point { x: 1.0, y: 0.625 }]);
        assert_eq!(group.median, Some(0.75));
        assert_eq!(group.at_risk.first().map(String::as_str), Some("4"));
        assert_eq!(group.at_risk.len(), view.x_ticks.len());
        assert_eq!(group.numbers.median.as_deref(), Some("3"));
        assert_eq!(group.numbers.upper, None);
        assert_eq!(
            (group.numbers.participants.as_str(), group.numbers.events.as_str()),
            ("4", "2")
        );
    }

    #[test]
    fn names_at_the_ends_keep_apart() {
        let curve = curve(&[(1.0, true), (2.0, true), (3.0, false)]);
        let groups: Vec<SurvivalGroup<'_>> =
            ["A", "B", "C", "D"].map(|label| SurvivalGroup { label, curve: &curve }).to_vec();
        let view = survival_curves(&groups, ALL).unwrap();
        let mut at: Vec<f64> = view.groups.iter().map(|group| group.end_label.at).collect();
        at.sort_by(f64::total_cmp);
        assert!(at.windows(2).all(|pair| (pair[1] - pair[0]) * CANVAS.height >= LINE_HEIGHT));
        assert!(at.iter().all(|at| (0.0..=1.0).contains(at)));
    }

    #[test]
    fn a_curve_that_reaches_0_loses_its_band_there() {
        let curve = curve(&[(1.0, true), (2.0, true)]);
        let view = survival_curves(&[SurvivalGroup { label: "A", curve: &curve }], ALL).unwrap();
        let group = &view.groups[0];
        assert_eq!(group.line.last(), Some(&Point { x: 1.0, y: 1.0 }));
        assert!(group.band.iter().all(|point| point.x <= 1.0 && (0.0..=1.0).contains(&point.y)));
    }

    #[test]
    fn the_axis_may_end_before_the_curve() {
        let curve = curve(&[(1.0, true), (9.0, true)]);
        let options = SurvivalOptions { end: Some(4.0), ..ALL };
        let view =
            survival_curves(&[SurvivalGroup { label: "A", curve: &curve }], options).unwrap();
        assert_eq!(view.groups[0].line.last(), Some(&Point { x: 1.0, y: 0.5 }));
        assert_eq!(survival_curves(&[], ALL), None);
    }
}
