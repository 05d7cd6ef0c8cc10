//! Forests of repeated pooling: without each study in turn, and cumulatively.
//!
//! Drawn by `sequential-forest(view, words)` of `templates/figures/sequential.typ`; its rows break
//! over pages. The words are the caller's, `figures.sequential` of the labels holds the usual ones:
//!
//! - `study`: head of the names (`omitted` or `added` of the labels)
//! - `effect`: head of the effects, as `OR [95% CI]`
//! - `columns`: heads of the further columns, as many as each row has texts
//! - `none`: stands for an effect that there is not
//! - `pooled`: legend of the reference line
//!
//! The row of all studies is named `all` in the labels.

use super::axis::Tick;
use super::scale::{Along, EffectScale, Scale};
use serde::Serialize;

/// A row: an estimate with its interval, on the analysis scale.
#[derive(Debug, Clone, PartialEq)]
pub struct SequentialRow<'a> {
    /// The study left out or added.
    pub label: &'a str,
    /// The pooled effect and its limits; `None` where there is none.
    pub effect: Option<(f64, (f64, f64))>,
    /// The effect as it is printed.
    pub effect_text: String,
    /// Further texts, such as P and I².
    pub texts: Vec<String>,
}

/// The forest.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SequentialView {
    /// The rows from top to bottom.
    pub rows: Vec<SequentialRowView>,
    /// The row of all studies, drawn as a diamond.
    pub total: Option<SequentialRowView>,
    /// The ticks of the axis.
    pub ticks: Vec<Tick>,
    /// Position of the null, where it is on the axis.
    pub null: Option<f64>,
    /// Position of the effect of all studies, the reference line.
    pub pooled: Option<f64>,
    /// Numbers for the alternative text.
    pub numbers: SequentialNumbers,
}

/// A row as it is drawn.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SequentialRowView {
    /// Its name.
    pub label: String,
    /// Estimate and limits as text; `None` where there are none.
    pub effect: Option<String>,
    /// Further texts.
    pub texts: Vec<String>,
    /// The mark.
    pub mark: Option<SequentialMark>,
}

/// A square with its whiskers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SequentialMark {
    /// The estimate; `None` where it is beyond the axis.
    pub at: Option<f64>,
    /// Left end of the interval.
    pub from: f64,
    /// Right end of the interval.
    pub to: f64,
    /// Whether the interval goes on beyond the left end of the axis.
    pub arrow_left: bool,
    /// Whether the interval goes on beyond the right end of the axis.
    pub arrow_right: bool,
}

/// What a reader who does not see the figure is told.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SequentialNumbers {
    /// Rows with an effect.
    pub rows: String,
    /// The row with the smallest estimate, and the estimate.
    pub lowest: Option<(String, String)>,
    /// The row with the greatest estimate, and the estimate.
    pub highest: Option<(String, String)>,
}

/// The least width of the axis in points; `templates/figures/sequential.typ` may draw it wider.
const WIDTH: f64 = 120.0;

/// A forest of these rows, with the row of all studies last if it is given, and the null if there
/// is one.
#[must_use]
pub fn sequential(
    rows: &[SequentialRow<'_>],
    total: Option<&SequentialRow<'_>>,
    null: Option<f64>,
    scale: EffectScale,
) -> SequentialView {
    let effects: Vec<(f64, (f64, f64))> =
        rows.iter().chain(total).filter_map(|row| row.effect).collect();
    let axis = Scale::effects(scale, &shown(&effects, null), Along::Horizontal(WIDTH));
    let extreme = |is_more: fn(f64, f64) -> bool| {
        rows.iter()
            .filter_map(|row| Some((row, row.effect?.0)))
            .reduce(|most, row| if is_more(row.1, most.1) { row } else { most })
            .map(|(row, estimate)| (row.label.to_owned(), scale.text(estimate)))
    };
    SequentialView {
        rows: rows.iter().map(|row| view(row, &axis)).collect(),
        total: total.map(|row| view(row, &axis)),
        null: null.filter(|null| axis.holds(*null)).map(|null| axis.position(null)),
        pooled: total.and_then(|row| row.effect).map(|(estimate, _)| axis.position(estimate)),
        numbers: SequentialNumbers {
            rows: rows.iter().filter(|row| row.effect.is_some()).count().to_string(),
            lowest: extreme(|a, b| a < b),
            highest: extreme(|a, b| a > b),
        },
        ticks: axis.ticks,
    }
}

/// The values that the axis is made for: all estimates, and the limits as far as they do not
/// stretch it beyond twice the usual interval; the null where it is not far off.
fn shown(effects: &[(f64, (f64, f64))], null: Option<f64>) -> Vec<f64> {
    let mut widths: Vec<f64> = effects.iter().map(|(_, (lower, upper))| upper - lower).collect();
    widths.sort_by(f64::total_cmp);
    let usual = widths.get(widths.len() / 2).copied().unwrap_or(0.0);
    let least = effects.iter().map(|effect| effect.0).fold(f64::INFINITY, f64::min);
    let most = effects.iter().map(|effect| effect.0).fold(f64::NEG_INFINITY, f64::max);
    let (from, to) = (least - 2.0 * usual, most + 2.0 * usual);
    let limits = effects.iter().flat_map(|(_, (lower, upper))| [*lower, *upper]);
    let limits = limits.map(|limit| limit.clamp(from, to));
    limits.chain([least, most]).chain(null.filter(|null| (from..=to).contains(null))).collect()
}

fn view(row: &SequentialRow<'_>, axis: &Scale) -> SequentialRowView {
    SequentialRowView {
        label: row.label.to_owned(),
        effect: row.effect.map(|_| row.effect_text.clone()),
        texts: row.texts.clone(),
        mark: row.effect.map(|(estimate, (lower, upper))| {
            let (from, to) = (axis.position(lower), axis.position(upper));
            SequentialMark {
                at: axis.holds(estimate).then(|| axis.position(estimate)),
                from: from.clamp(0.0, 1.0),
                to: to.clamp(0.0, 1.0),
                arrow_left: from < 0.0,
                arrow_right: to > 1.0,
            }
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(label: &str, estimate: f64, half: f64) -> SequentialRow<'_> {
        let effect = Some((estimate, (estimate - half, estimate + half)));
        let effect_text = format!("{estimate} ({half})");
        SequentialRow { label, effect, effect_text, texts: vec!["0.04".into()] }
    }

    #[test]
    fn a_very_wide_interval_ends_in_an_arrow() {
        let rows =
            [row("A", -2.0, 9.0), row("B", -0.8, 0.4), row("C", -0.7, 0.3), row("D", -0.6, 0.3)];
        let total = row("All", -0.7, 0.3);
        let view = sequential(&rows, Some(&total), Some(0.0), EffectScale::RATIO);
        let mark = view.rows[0].mark.as_ref().unwrap();
        assert!(mark.arrow_left && mark.arrow_right);
        assert!(mark.at.is_some());
        let mark = view.rows[1].mark.as_ref().unwrap();
        assert!(!mark.arrow_left && !mark.arrow_right);
        assert_eq!(view.rows[3].effect, Some("-0.6 (0.3)".into()));
        assert_eq!(view.pooled, view.total.unwrap().mark.unwrap().at);
        assert_eq!(view.numbers.lowest, Some(("A".into(), "0.14".into())));
        assert_eq!(view.numbers.highest, Some(("D".into(), "0.55".into())));
    }

    #[test]
    fn close_estimates_have_a_close_axis() {
        let rows = [row("A", -0.70, 0.05), row("B", -0.72, 0.05)];
        let view = sequential(&rows, None, Some(0.0), EffectScale::RATIO);
        assert_eq!(view.null, None);
        assert!(view.ticks.len() >= 2, "{:?}", view.ticks);
    }

    #[test]
    fn a_row_without_effect_is_kept() {
        let none = SequentialRow {
            label: "A",
            effect: None,
            effect_text: String::new(),
            texts: Vec::new(),
        };
        let view = sequential(&[none], None, None, EffectScale::DIFFERENCE);
        assert_eq!(view.rows[0].mark, None);
        assert_eq!(view.numbers.rows, "0");
        assert_eq!(view.numbers.lowest, None);
    }
}
