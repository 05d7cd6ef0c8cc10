//! The table of results as Cochrane reviews and as journals print it.

use super::build::shared_arms;
use super::columns::group_sizes;
use super::grid::{GridColumn, GridRow, GridText, GridView};
use super::model::model_view;
use crate::analysis::{Findings, Pooled, Reason, Totals};
use crate::report::ReviewFindings;
use crate::report::number::Numbers;
use crate::report::scale::EffectPrinter;
use crate::spec::{Analysis, Method, ResultsTable};
use serde::Serialize;

/// The table of results in another form than by category.
#[derive(Debug, Clone, Serialize)]
pub struct ResultsTableView {
    /// `comparison` or `journal`.
    pub form: &'static str,
    /// The table.
    pub grid: GridView,
    /// Codes of the measures in use.
    pub measures: Vec<&'static str>,
    /// Whether some model was chosen by heterogeneity.
    pub has_choice: bool,
}

/// The columns whose cells do not break: names of models, and effects with their intervals.
const WHOLE: [&str; 2] = ["statistical_method", "effect_estimate"];

/// What stands where nothing was pooled or computed.
const ABSENT: &str = "\u{2013}";

pub(super) fn results_table(
    findings: &ReviewFindings,
    numbers: Numbers<'_>,
) -> Option<ResultsTableView> {
    findings.analyses().next()?;
    let about = &findings.review.about_studies;
    let (form, grid) = match about.results_table {
        ResultsTable::Category => return None,
        ResultsTable::Comparison => ("comparison", comparison(findings, numbers)),
        ResultsTable::Journal => ("journal", journal(findings, numbers)),
    };
    let mut measures: Vec<&'static str> = Vec::new();
    for (spec, _) in findings.analyses() {
        if !measures.contains(&spec.measure.code()) {
            measures.push(spec.measure.code());
        }
    }
    Some(ResultsTableView {
        form,
        grid: grid.laid_out(&about.abbreviations).with_lines_whole(&WHOLE),
        measures,
        has_choice: findings.analyses().any(|(spec, _)| spec.choice.is_some()),
    })
}

fn column(code: &'static str, align: &'static str) -> GridColumn {
    GridColumn { title: GridText::label(code), align, width: None }
}

/// One row for each analysis, under its number in the report, and one for each of its subgroups.
fn comparison(findings: &ReviewFindings, numbers: Numbers<'_>) -> GridView {
    let columns = vec![
        column("outcome_or_subgroup", "left"),
        column("studies", "right"),
        column("participants", "right"),
        column("statistical_method", "left"),
        column("effect_estimate", "right"),
    ];
    let mut rows = Vec::new();
    for (number, spec, found) in findings.numbered_analyses() {
        let printer = EffectPrinter::of(spec, found, numbers);
        let row =
            |form, title: String, k: usize, totals: &Totals, pooled: &Result<Pooled, Reason>| {
                let (k, effect) = match pooled {
                    Ok(pooled) => (pooled.k, printer.pooled(pooled).text.into()),
                    Err(_) => (k, GridText::label("not_estimable")),
                };
                let cells = vec![
                    title.into(),
                    k.to_string().into(),
                    participants(totals, numbers).unwrap_or_else(|| ABSENT.to_owned()).into(),
                    GridText {
                        names_model: true,
                        ..GridText::labelled(method_label(spec), statistical_method(spec, numbers))
                    },
                    effect,
                ];
                GridRow::new(form, cells)
            };
        let title = format!("{number} {}", spec.title);
        let studies = found.studies.len();
        rows.push(row("row", title, studies, &found.totals, &found.pooled));
        for (part, group) in (1..).zip(found.subgroups.iter().flat_map(|found| &found.groups)) {
            let title = format!("{number}.{part} {}", group.level);
            rows.push(row("part", title, group.studies.len(), &group.totals, &group.pooled));
        }
    }
    GridView::plain(columns, rows)
}

/// The measure's long name; the method stands behind it.
fn method_label(spec: &Analysis) -> &'static str {
    match spec.measure.code() {
        "OR" => "measure_or",
        "RR" => "measure_rr",
        "RD" => "measure_rd",
        "PETO" => "measure_peto",
        "MD" => "measure_md",
        "SMD" => "measure_smd",
        "HR" => "measure_hr",
        "IRR" => "measure_irr",
        _ if spec.measure.is_proportion() => "measure_proportion",
        _ => "measure_other",
    }
}

/// `(IV, {random}, 95% CI)`, as Review Manager prints it.
fn statistical_method(spec: &Analysis, numbers: Numbers<'_>) -> String {
    let model = model_view(spec, false, numbers);
    let (weighting, effects) = match spec.model.method {
        Method::MantelHaenszel => ("M-H", "{fixed}"),
        Method::Peto => ("Peto", "{fixed}"),
        Method::EqualEffects => ("IV", "{fixed}"),
        Method::RandomEffects(_) if model.q_about_mh => ("M-H", "{random}"),
        Method::RandomEffects(_) => ("IV", "{random}"),
        Method::UnconditionalMixed | Method::ConditionalMixed => ("GLMM", "{random}"),
    };
    let level = numbers.shortest(100.0 * spec.model.level);
    format!("({weighting}, {effects}, {level}% CI)")
}

/// Indicators with the test of heterogeneity and the model that it led to.
fn journal(findings: &ReviewFindings, numbers: Numbers<'_>) -> GridView {
    let level =
        findings.analyses().next().map(|(spec, _)| numbers.shortest(100.0 * spec.model.level));
    let arms = shared_arms(findings);
    let arm = |name: Option<&String>, code| GridColumn {
        title: name.map_or_else(|| GridText::label(code), |name| name.as_str().into()),
        align: "right",
        width: None,
    };
    let columns = vec![
        column("indicators", "left"),
        column("studies", "right"),
        arm(arms.as_ref().map(|arms| &arms.experimental), "experimental"),
        arm(arms.as_ref().map(|arms| &arms.control), "control"),
        column("q_test_p", "right"),
        column("i_squared", "right"),
        column("model_selected", "left"),
        GridColumn {
            title: GridText::labelled("effect", format!("({}% CI)", level.unwrap_or_default())),
            align: "right",
            width: None,
        },
        column("p", "right"),
    ];
    let rows = findings.analyses().map(|(spec, found)| journal_row(spec, found, numbers));
    GridView::plain(columns, rows.collect())
}

fn journal_row(spec: &Analysis, found: &Findings, numbers: Numbers<'_>) -> GridRow {
    let pooled = found.pooled.as_ref().ok();
    let alpha = 1.0 - spec.model.level;
    let absent = || ABSENT.to_owned();
    let [group1, group2] = group_sizes(spec, &found.totals, numbers);
    let q = found
        .choice
        .map(|choice| choice.q_p_value)
        .or_else(|| pooled.and_then(|pooled| pooled.q.ok()).map(|q| q.p_value));
    let i_squared = pooled.and_then(|pooled| pooled.inconsistency.ok()).map(|i| i.i_squared);
    let p = pooled.filter(|_| !spec.measure.is_single_group()).map(|pooled| pooled.effect.p_value);
    let effect = match pooled {
        Some(pooled) => GridText::from(format!(
            "{} {}",
            if spec.measure.is_single_group() { "" } else { spec.measure.code() },
            EffectPrinter::of(spec, found, numbers).pooled(pooled).text
        )),
        None => GridText::label("not_estimable"),
    };
    let random = if spec.model.method.is_random() { "random" } else { "fixed" };
    let cells = vec![
        spec.title.as_str().into(),
        pooled.map_or(found.studies.len(), |pooled| pooled.k).to_string().into(),
        group1.unwrap_or_else(absent).into(),
        group2.unwrap_or_else(absent).into(),
        q.map_or_else(absent, |p| numbers.p_cell(p, alpha)).into(),
        i_squared.map_or_else(absent, |i| format!("{}%", numbers.i_squared(i))).into(),
        GridText::label(random),
        effect,
        p.map_or_else(absent, |p| numbers.p_cell(p, alpha)).into(),
    ];
    GridRow::new("row", cells)
}

/// Participants of both groups.
fn participants(totals: &Totals, numbers: Numbers<'_>) -> Option<String> {
    let groups = [totals.group1.participants, totals.group2.participants];
    let known: Vec<f64> = groups.into_iter().flatten().collect();
    (!known.is_empty()).then(|| numbers.count(known.iter().sum()))
}
