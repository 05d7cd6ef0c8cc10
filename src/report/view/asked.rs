//! The tables that an analysis is asked to print, in the form of jamovi's MAJOR.

use super::described::proportion_cells;
use super::grid::{GridColumn, GridRow, GridText, GridView};
use super::text::reason_code;
use super::works::asked_works;
use crate::analysis::{
    DescribedProportion, Findings, Fit, Pooled, Reason, fit_statistics, single_interval,
};
use crate::data::{GroupCount, StudyData};
use crate::report::number::Numbers;
use crate::report::scale::EffectPrinter;
use crate::report::verdict::is_large_weight;
use crate::report::works::Work;
use crate::spec::{Analysis, AskedTable, ProportionInterval};
use crate::stats::influence::Deletion;
use serde::Serialize;

/// A table that an analysis is asked to print.
#[derive(Debug, Clone, Serialize)]
pub struct AskedView {
    /// Its name in specs.
    pub name: &'static str,
    /// The table; none where it could not be computed.
    pub grid: Option<GridView>,
    /// Code of the reason why there is none.
    pub reason: Option<&'static str>,
    /// Studies in it.
    pub k: usize,
    /// Code of the method or test that its note names, if it names one.
    pub method: Option<&'static str>,
    /// A second code of the note.
    pub detail: Option<&'static str>,
    /// What its note cites.
    pub works: Vec<Work>,
}

/// What stands in a cell without a value.
const EMPTY: &str = ".";

pub(super) fn asked_views(
    spec: &Analysis,
    findings: &Findings,
    numbers: Numbers<'_>,
) -> Vec<AskedView> {
    spec.tables.iter().map(|table| asked_view(*table, spec, findings, numbers)).collect()
}

fn asked_view(
    table: AskedTable,
    spec: &Analysis,
    findings: &Findings,
    numbers: Numbers<'_>,
) -> AskedView {
    let pooled = findings.pooled.as_ref().map_err(|reason| *reason);
    let small = findings.small_study.as_ref().map_err(|reason| *reason);
    let grid = match table {
        AskedTable::Model => pooled.map(|pooled| model_grid(spec, pooled, numbers)),
        AskedTable::Heterogeneity => pooled.map(|pooled| heterogeneity_grid(pooled, numbers)),
        AskedTable::BackTransform => {
            pooled.map(|pooled| back_transform_grid(spec, findings, pooled, numbers))
        }
        AskedTable::Fit => {
            fit_statistics(spec, findings).map(|fit| fit_grid(&[fit.ml, fit.reml], numbers))
        }
        AskedTable::FailSafe => small.and_then(|found| {
            found.fail_safe.map(|found| {
                let p = found.p_value.map_or(EMPTY.to_owned(), |p| numbers.p_cell(p, 0.05));
                one_row(&["fail_safe_n", "p"], vec![numbers.count(found.number), p])
            })
        }),
        AskedTable::Asymmetry => small.and_then(|found| {
            let mut rows = Vec::new();
            if let Ok(rank) = &found.rank {
                rows.push(("rank_test", numbers.fixed(rank.tau, 3), rank.p_value));
            }
            if let Ok(test) = &found.regression {
                let statistic = numbers.fixed(test.slope.statistic, 3);
                rows.push(("regression_test", statistic, test.slope.p_value));
            }
            if rows.is_empty() { Err(Reason::NoTest) } else { Ok(asymmetry_grid(rows, numbers)) }
        }),
        AskedTable::Influence => influence_grid(findings, numbers),
        AskedTable::SingleArm => Ok(single_arm_grid(spec, findings, numbers)),
    };
    let (method, detail) = match table {
        AskedTable::Model => (Some(spec.model.method.code()), None),
        AskedTable::FailSafe => (Some(spec.small_study.fail_safe.name()), None),
        AskedTable::Asymmetry => (
            Some(spec.small_study.regression.scatter.name()),
            Some(spec.small_study.regression.predictor.name()),
        ),
        AskedTable::SingleArm => {
            (Some(ProportionInterval::of(Some(spec.conventions.study_interval)).name()), None)
        }
        _ => (None, None),
    };
    AskedView {
        name: table.name(),
        reason: grid.as_ref().err().map(|reason| reason_code(*reason)),
        grid: grid.ok().map(|grid| grid.laid_out(&[])),
        k: pooled.map_or(findings.studies.len(), |pooled| pooled.k),
        method,
        detail,
        works: asked_works(table, spec),
    }
}

fn right(title: GridText) -> GridColumn {
    GridColumn { title, align: "right", width: None }
}

/// One row of numbers under the labels of its columns.
fn one_row(codes: &[&'static str], cells: Vec<String>) -> GridView {
    let columns = codes.iter().map(|code| GridColumn {
        title: GridText::label(code),
        align: "right",
        // the cell of τ² holds its standard error too
        width: Some(if *code == "tau_squared" { 5 } else { 2 }),
    });
    let cells = cells.into_iter().map(GridText::from).collect();
    GridView::plain(columns.collect(), vec![GridRow::new("row", cells)])
}

/// Estimate, standard error, test and interval of the intercept, on the analysis scale.
fn model_grid(spec: &Analysis, pooled: &Pooled, numbers: Numbers<'_>) -> GridView {
    let level = numbers.shortest(100.0 * spec.model.level);
    let first = GridColumn { title: "".into(), align: "left", width: Some(1) };
    let statistic = match pooled.reference {
        crate::stats::pooling::Reference::Normal => "z_statistic",
        crate::stats::pooling::Reference::T(_) => "t_statistic",
    };
    let columns = vec![
        first,
        right(GridText::label("estimate")),
        right(GridText::label("se")),
        right(GridText::label(statistic)),
        right(GridText::label("p")),
        right(GridText::labelled("lower_bound", format!("({level}%)"))),
        right(GridText::labelled("upper_bound", format!("({level}%)"))),
    ];
    let effect = &pooled.effect;
    let fixed = |value: f64| GridText::from(numbers.fixed(value, 4));
    let cells = vec![
        GridText::label("intercept"),
        fixed(effect.estimate),
        fixed(effect.standard_error),
        numbers.fixed(effect.statistic, 3).into(),
        numbers.p_cell(effect.p_value, 0.05).into(),
        fixed(effect.ci_lower),
        fixed(effect.ci_upper),
    ];
    GridView::plain(columns, vec![GridRow::new("row", cells)])
}

fn heterogeneity_grid(pooled: &Pooled, numbers: Numbers<'_>) -> GridView {
    let or_empty = |text: Option<String>| text.unwrap_or_else(|| EMPTY.to_owned());
    let tau = pooled.tau_squared.ok();
    let tau_squared = tau.map(|tau| {
        let value = numbers.fixed_beside(tau.value, 0.0, 4);
        match tau.standard_error {
            Some(error) => format!("{value} (SE\u{a0}=\u{a0}{})", numbers.fixed(error, 4)),
            None => value,
        }
    });
    let inconsistency = pooled.inconsistency.ok();
    let q = pooled.q.ok();
    one_row(
        &["tau", "tau_squared", "i_squared", "h_squared", "r_squared", "df", "q", "p"],
        vec![
            or_empty(tau.map(|tau| numbers.fixed_beside(tau.value.sqrt(), 0.0, 3))),
            or_empty(tau_squared),
            or_empty(
                inconsistency.map(|i| format!("{}%", numbers.fixed_beside(i.i_squared, 0.0, 2))),
            ),
            or_empty(inconsistency.map(|i| numbers.fixed(i.h_squared, 3))),
            // R² belongs to moderators
            EMPTY.to_owned(),
            or_empty(q.map(|q| numbers.fixed(q.df, 0))),
            or_empty(q.map(|q| numbers.fixed(q.statistic, 3))),
            or_empty(q.map(|q| numbers.p_cell(q.p_value, 0.05))),
        ],
    )
}

fn back_transform_grid(
    spec: &Analysis,
    findings: &Findings,
    pooled: &Pooled,
    numbers: Numbers<'_>,
) -> GridView {
    let effect = EffectPrinter::of(spec, findings, numbers).pooled(pooled);
    let level = numbers.shortest(100.0 * spec.model.level);
    let mut grid = one_row(
        &["estimate", "lower_bound", "upper_bound"],
        vec![effect.estimate, effect.lower, effect.upper],
    );
    for head in grid.heads.iter_mut().skip(1) {
        for column in &mut head.columns {
            column.title.text = Some(format!("({level}%)"));
        }
    }
    grid
}

fn fit_grid(fits: &[Fit; 2], numbers: Numbers<'_>) -> GridView {
    let codes = ["log_likelihood", "deviance", "aic", "bic", "aicc"];
    let first = GridColumn { title: "".into(), align: "left", width: Some(1) };
    let columns = [first].into_iter().chain(codes.map(|code| right(GridText::label(code))));
    let rows = ["ml", "reml"].iter().zip(fits).map(|(name, fit)| {
        let values = [fit.log_likelihood, fit.deviance, fit.aic, fit.bic, fit.aicc];
        let cells = values.map(|value| GridText::from(numbers.fixed(value, 3)));
        GridRow::new("row", [GridText::label(name)].into_iter().chain(cells).collect())
    });
    GridView::plain(columns.collect(), rows.collect())
}

fn asymmetry_grid(rows: Vec<(&'static str, String, f64)>, numbers: Numbers<'_>) -> GridView {
    let first = GridColumn { title: GridText::label("test"), align: "left", width: Some(1) };
    let columns = vec![first, right(GridText::label("statistic")), right(GridText::label("p"))];
    let rows = rows.into_iter().map(|(code, statistic, p)| {
        GridRow::new(
            "row",
            vec![GridText::label(code), statistic.into(), numbers.p_cell(p, 0.05).into()],
        )
    });
    GridView::plain(columns, rows.collect())
}

/// Influence by study; a study beyond a threshold is marked.
fn influence_grid(findings: &Findings, numbers: Numbers<'_>) -> Result<GridView, Reason> {
    let diagnostics = findings.diagnostics.as_ref().map_err(|reason| *reason)?;
    let influence = diagnostics.influence.as_ref().map_err(|reason| *reason)?;
    let codes = [
        "rstudent",
        "dffits",
        "cooks_distance",
        "cov_ratio",
        "tau_squared_without",
        "q_without",
        "hat",
        "weight",
    ];
    let first = GridColumn { title: GridText::label("study"), align: "left", width: Some(1) };
    let columns = [first].into_iter().chain(codes.map(|code| right(GridText::label(code))));
    let mut notes = super::grid::Footnotes::default();
    let mut rows = Vec::new();
    for (index, study) in diagnostics.studies.iter().zip(&influence.studies) {
        let label = &findings.studies[*index].study.label;
        let deletion = study.deletion.as_ref().ok();
        let value = |part: fn(&Deletion) -> f64, decimals: usize| {
            deletion.map_or(EMPTY.to_owned(), |found| numbers.fixed(part(found), decimals))
        };
        let mut marks = Vec::new();
        let is_outlier = deletion
            .is_some_and(|found| found.studentised_residual.abs() > influence.outlier_threshold);
        if is_outlier {
            let threshold = format!("±{}", numbers.fixed(influence.outlier_threshold, 4));
            marks.push(notes.mark(GridText::labelled("outlier_beyond", threshold)));
        }
        let is_influential = deletion.zip(influence.cooks_distance_threshold);
        if is_influential.is_some_and(|(found, most)| found.cooks_distance > most) {
            marks.push(notes.mark(GridText::label("influential")));
        }
        if is_large_weight(study.weight, diagnostics.studies.len()) {
            marks.push(notes.mark(GridText::label("large_weight")));
        }
        let tau_squared = deletion.and_then(|found| found.refit.tau_squared);
        let cells = vec![
            GridText { marks: marks.join(","), ..label.as_str().into() },
            value(|found| found.studentised_residual, 3).into(),
            value(|found| found.dffits, 3).into(),
            value(|found| found.cooks_distance, 3).into(),
            value(|found| found.covariance_ratio, 3).into(),
            tau_squared.map_or(EMPTY.to_owned(), |tau| numbers.fixed(tau.value, 3)).into(),
            value(|found| found.refit.q.statistic, 2).into(),
            numbers.fixed(study.hat, 3).into(),
            numbers.fixed(study.weight, 1).into(),
        ];
        rows.push(GridRow::new("row", cells));
    }
    let mut grid = GridView::plain(columns.collect(), rows);
    grid.footnotes = notes.finish();
    Ok(grid)
}

/// Events among the participants of each study, with the interval of its proportion.
fn single_arm_grid(spec: &Analysis, findings: &Findings, numbers: Numbers<'_>) -> GridView {
    let level = numbers.shortest(100.0 * spec.model.level);
    let columns = vec![
        GridColumn { title: GridText::label("study"), align: "left", width: Some(1) },
        right(GridText::label("events_per_total")),
        right(GridText::labelled("percent_ci", format!("[{level}% CI]"))),
    ];
    let rows = single_proportions(spec, findings).into_iter().map(|(label, found)| {
        let [fraction, percent] = proportion_cells(&found, spec.model.level, numbers);
        GridRow::new("row", vec![label.into(), fraction, percent])
    });
    GridView::plain(columns, rows.collect())
}

/// The proportion of each study with its own interval.
pub(in crate::report) fn single_proportions(
    spec: &Analysis,
    findings: &Findings,
) -> Vec<(String, DescribedProportion)> {
    let of_study = |study: &crate::analysis::StudyFinding| {
        let StudyData::Proportion(group) = study.study.data else { return None };
        let count = GroupCount { events: group.events, total: group.total };
        let interval = single_interval(
            ProportionInterval::of(Some(spec.conventions.study_interval)),
            count,
            spec.model.level,
        );
        Some((study.study.label.clone(), DescribedProportion { count, interval }))
    };
    findings.studies.iter().filter_map(of_study).collect()
}
