//! The columns that a kind of analysis needs.

use super::part::Part;
use crate::diagnostic::{Code, Diagnostic, nearest_hint};
use crate::source::{Place, Spanned};
use crate::spec::columns::{Columns, EstimateColumns, MeanColumns, OutcomeColumns};
use crate::spec::file::{ColumnsFile, EstimatesFile};
use crate::spec::measure::{Kind, Measure};
use std::collections::BTreeSet;

/// Roles that every pooled kind may have.
const COMMON: [&str; 6] = ["study", "year", "source", "subgroup", "trial", "cluster"];
/// Roles of the studies that report an estimate.
const ESTIMATES: [&str; 6] = ["yi", "vi", "sei", "ci_low", "ci_high", "n"];
/// Roles of means, by group.
const MEANS1: [&str; 9] =
    ["n1", "mean1", "sd1", "se1", "median1", "lower_quartile1", "upper_quartile1", "min1", "max1"];
const MEANS2: [&str; 9] =
    ["n2", "mean2", "sd2", "se2", "median2", "lower_quartile2", "upper_quartile2", "min2", "max2"];

/// The columns of a kind, with a message for those that are missing and those that it has no use
/// for.
pub(super) fn resolve(
    kind: Kind,
    measure: Option<Measure>,
    file: &ColumnsFile,
    estimates: &EstimatesFile,
    place: Place,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Columns> {
    let before = diagnostics.len();
    let is_single_rate = measure.is_some_and(Measure::is_single_group) && kind == Kind::Rate;
    let needed: &[&'static str] = match kind {
        Kind::Binary => &["study", "events1", "total1", "events2", "total2"],
        Kind::Continuous => &["study", "n1", "n2"],
        Kind::Proportion => &["study", "events", "total"],
        Kind::Rate if is_single_rate => &["study", "events", "time"],
        Kind::Rate => &["study", "events1", "time1", "events2", "time2"],
        Kind::Correlation => &["study", "r", "n"],
        Kind::Generic => &["study", "yi"],
    };
    let own: Vec<&str> = match kind {
        Kind::Continuous => MEANS1.iter().chain(&MEANS2).copied().collect(),
        _ => needed.to_vec(),
    };
    expect_known_roles(kind, file, &own, diagnostics);
    let mut part = Part::of_columns(place);
    for role in needed {
        part.require_role(file, role);
    }
    part.report_missing(diagnostics);
    let column = |role: &str| file.get(role);
    let outcome = match kind {
        Kind::Binary => OutcomeColumns::Counts {
            events1: column("events1")?,
            total1: column("total1")?,
            events2: column("events2")?,
            total2: column("total2")?,
        },
        Kind::Continuous => OutcomeColumns::Means {
            group1: Box::new(means(file, MEANS1, place, diagnostics)?),
            group2: Box::new(means(file, MEANS2, place, diagnostics)?),
        },
        Kind::Proportion => {
            OutcomeColumns::Proportion { events: column("events")?, total: column("total")? }
        }
        Kind::Rate if is_single_rate => {
            OutcomeColumns::Rate { events: column("events")?, time: column("time")? }
        }
        Kind::Rate => OutcomeColumns::Rates {
            events1: column("events1")?,
            time1: column("time1")?,
            events2: column("events2")?,
            time2: column("time2")?,
        },
        Kind::Correlation => OutcomeColumns::Correlation { r: column("r")?, n: column("n")? },
        Kind::Generic => OutcomeColumns::None,
    };
    let estimates = match column("yi") {
        Some(yi) => Some(estimate_columns(measure?, yi, file, estimates, diagnostics)?),
        None => None,
    };
    let study = column("study")?;
    (diagnostics.len() == before).then(|| Columns {
        study,
        year: column("year"),
        source: column("source"),
        trial: column("trial"),
        cluster: column("cluster"),
        outcome,
        estimates,
    })
}

/// Roles of another kind that this analysis itself gives are mistakes; inherited ones are not.
fn expect_known_roles(
    kind: Kind,
    file: &ColumnsFile,
    own: &[&str],
    diagnostics: &mut Vec<Diagnostic>,
) {
    for (role, column) in file.own() {
        let is_known = [&COMMON[..], &ESTIMATES[..], own].iter().any(|roles| roles.contains(&role));
        if !is_known {
            let valid: BTreeSet<&str> =
                own.iter().chain(&COMMON).chain(&ESTIMATES).copied().collect();
            diagnostics.push(
                Diagnostic::error(
                    Code::UnknownKey,
                    column.place,
                    format!("kind `{}` has no use for the column `{role}`", kind.name()),
                )
                .help(nearest_hint(role, valid)),
            );
        }
    }
}

/// The columns of one group, whose roles end in its number.
fn means(
    file: &ColumnsFile,
    [n, mean, sd, se, median, lower, upper, min, max]: [&'static str; 9],
    place: Place,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<MeanColumns> {
    let columns = MeanColumns {
        n: file.get(n)?,
        mean: file.get(mean),
        sd: file.get(sd),
        se: file.get(se),
        median: file.get(median),
        lower_quartile: file.get(lower),
        upper_quartile: file.get(upper),
        min: file.get(min),
        max: file.get(max),
    };
    let has_moments = columns.mean.is_some() && (columns.sd.is_some() || columns.se.is_some());
    let has_quantiles = columns.median.is_some()
        && ((columns.lower_quartile.is_some() && columns.upper_quartile.is_some())
            || (columns.min.is_some() && columns.max.is_some()));
    if has_moments || has_quantiles {
        return Some(columns);
    }
    let is_unread =
        [mean, sd, se, median].iter().any(|role| file.is_written(role) && file.get(role).is_none());
    if !is_unread {
        diagnostics.push(
            Diagnostic::error(
                Code::MissingKey,
                place,
                format!("`columns` has neither `{mean}` with `{sd}` nor `{median}` with quartiles"),
            )
            .help(format!(
                "name `{mean}` and `{sd}` (or `{se}`), or `{median}` with `{lower}` and `{upper}` or `{min}` and `{max}`, or both"
            )),
        );
    }
    None
}

fn estimate_columns(
    measure: Measure,
    yi: Spanned<String>,
    file: &ColumnsFile,
    estimates: &EstimatesFile,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<EstimateColumns> {
    let (vi, sei) = (file.get("vi"), file.get("sei"));
    let interval = file.get("ci_low").zip(file.get("ci_high"));
    if vi.is_none() && sei.is_none() && interval.is_none() {
        diagnostics.push(
            Diagnostic::error(
                Code::MissingKey,
                yi.place,
                "`columns` has `yi` but nothing to say how precise it is",
            )
            .help("name `vi`, `sei`, or `ci_low` and `ci_high`"),
        );
        return None;
    }
    let are_ratios = match &estimates.are_ratios {
        Some(given) if given.value && !measure.is_ratio() => {
            diagnostics.push(
                Diagnostic::error(
                    Code::Impossible,
                    given.place,
                    format!("{} is not a ratio", measure.code()),
                )
                .help("say `estimates: {scale: difference}`, or nothing"),
            );
            return None;
        }
        Some(given) => given.value,
        None if measure.is_ratio() => {
            diagnostics.push(
                Diagnostic::error(
                    Code::MissingKey,
                    yi.place,
                    format!("nothing says whether `yi` holds {} or its logarithm", measure.code()),
                )
                .help("add `estimates: {scale: ratio}` or `estimates: {scale: log}`"),
            );
            return None;
        }
        None => false,
    };
    Some(EstimateColumns {
        yi,
        vi,
        sei,
        interval,
        n: file.get("n"),
        are_ratios,
        level: estimates.level.unwrap_or(0.95),
    })
}
