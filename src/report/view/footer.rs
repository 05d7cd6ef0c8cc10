//! The statistics of a pooled result in a house style, as pieces of text.

use super::text::{q_value, test_value};
use crate::analysis::Pooled;
use crate::report::number::Numbers;
use crate::report::scale::IntervalText;
use crate::report::style::{FooterLabel, FooterStyle, Run};
use crate::spec::Analysis;
use crate::stats::heterogeneity::{CochranQ, Inconsistency};
use serde::Serialize;

/// A line below a forest plot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FooterLine {
    /// The code of its label.
    pub label: FooterLabel,
    /// What stands behind the label.
    pub runs: Vec<Run>,
}

/// The lines of a pooled effect in a forest plot, below it or below a subgroup.
pub(in crate::report) fn footer(
    style: &[FooterStyle],
    spec: &Analysis,
    pooled: &Pooled,
    numbers: Numbers<'_>,
) -> Vec<FooterLine> {
    let mut lines = Vec::new();
    for line in style {
        let runs = line.parts.runs(|name| value(name, spec, pooled, numbers));
        lines.push(FooterLine { label: line.label, runs });
        if line.label == FooterLabel::Heterogeneity {
            lines.extend(components(pooled, numbers));
        }
    }
    lines.retain(|line| !line.runs.is_empty());
    lines
}

/// The test for differences between subgroups below a forest plot.
pub(super) fn subgroup_line(between: &CochranQ, numbers: Numbers<'_>) -> FooterLine {
    let runs = numbers.style().forest.subgroups.test.runs(|name| match name {
        "i2" => {
            let found = Inconsistency::from_q(between)?;
            Some(vec![Run::plain(numbers.i_squared_between(found.i_squared))])
        }
        _ => q_value(name, between, numbers),
    });
    FooterLine { label: FooterLabel::SubgroupDifferences, runs }
}

/// Heterogeneity in a sentence.
pub(super) fn heterogeneity_runs(
    spec: &Analysis,
    pooled: &Pooled,
    numbers: Numbers<'_>,
) -> Vec<Run> {
    let parts = &numbers.style().statistics.heterogeneity;
    parts.runs(|name| value(name, spec, pooled, numbers))
}

/// The variances of a three-level model.
fn components(pooled: &Pooled, numbers: Numbers<'_>) -> Vec<FooterLine> {
    let Some(found) = &pooled.components else { return Vec::new() };
    let line =
        |label, variance| FooterLine { label, runs: vec![Run::plain(numbers.variance(variance))] };
    vec![
        line(FooterLabel::BetweenClusters, found.between_clusters),
        line(FooterLabel::WithinClusters, found.within_clusters),
    ]
}

/// The value that a pattern names, if there is one.
fn value(name: &str, spec: &Analysis, pooled: &Pooled, numbers: Numbers<'_>) -> Option<Vec<Run>> {
    let text = match name {
        "z" | "t" | "t_df" | "p" => {
            let alpha = 1.0 - spec.model.level;
            let has_null = !spec.measure.is_single_group();
            return has_null.then(|| test_value(name, pooled, alpha, numbers)).flatten();
        }
        "tau2" => numbers.variance(pooled.tau_squared.ok()?.value),
        "i2" => numbers.i_squared(pooled.inconsistency.ok()?.i_squared),
        "h2" => {
            let decimals = numbers.style().numbers.decimals.h2;
            numbers.fixed(pooled.inconsistency.ok()?.h_squared, decimals)
        }
        "tau2_ci" | "i2_ci" => {
            let intervals = pooled.intervals.ok().filter(|found| !found.tau_squared.is_empty)?;
            if name == "tau2_ci" {
                // no interval stands without its estimate
                pooled.tau_squared.ok()?;
            }
            let (lower, upper) = if name == "tau2_ci" {
                let limits = intervals.tau_squared;
                (numbers.variance(limits.lower), numbers.variance(limits.upper))
            } else {
                let (lower, upper) = intervals.i_squared;
                (numbers.i_squared(lower), numbers.i_squared(upper))
            };
            let level = numbers.shortest(100.0 * spec.model.level);
            IntervalText::new(numbers, lower, upper, &level).prose
        }
        _ => return q_value(name, &pooled.q.ok()?, numbers),
    };
    Some(vec![Run::plain(text)])
}
