//! Descriptions, and what is printed about a review as a whole, as CSV.

use super::ReviewFindings;
use super::absolute::absolute_effect;
use super::described_results::arm_name;
use super::scale::PrintScale;
use super::tables::{Csv, number};
use super::view::single_proportions;
use crate::analysis::{DescribedFindings, Findings, fit_statistics};
use crate::data::{GroupCount, PrintedRows};
use crate::spec::{
    Analysis, AskedTable, Criteria, Description, DescriptionContent, Search, TableSpec,
};

/// The file of a description, with its name.
pub(super) fn described_csv(spec: &Description, found: &DescribedFindings) -> (String, String) {
    let (kind, text) = match (&spec.content, found) {
        (DescriptionContent::Table(table), DescribedFindings::Table(rows)) => {
            ("table", printed_csv(table, rows))
        }
        (DescriptionContent::Narrative(table), DescribedFindings::Table(rows)) => {
            ("narrative", printed_csv(table, rows))
        }
        (DescriptionContent::Counts(counts), DescribedFindings::Counts(rows)) => {
            let label = if counts.is_by_outcome { "outcome" } else { "study" };
            let mut csv = Csv::new(&[
                label, "year", "group", "events", "total", "percent", "ci_lower", "ci_upper",
            ]);
            for row in rows {
                for (arm, found) in row.groups.iter().enumerate() {
                    let mut cells = vec![row.study.clone(), row.year.clone().unwrap_or_default()];
                    cells.push(arm_name(&counts.arms, arm).to_owned());
                    cells.extend(proportion_cells(found.count, found.interval));
                    csv.row(&cells);
                }
            }
            ("narrative", csv.finish())
        }
        (DescriptionContent::AdverseEvents(events), DescribedFindings::AdverseEvents(found)) => {
            let mut csv = Csv::new(&[
                "category",
                "event",
                "grade",
                "group",
                "events",
                "total",
                "is_lower_bound",
            ]);
            for class in &found.classes {
                let mut row =
                    |term: &str, grade: &str, arm: usize, count: GroupCount, bound: bool| {
                        csv.row(&[
                            class.name.as_str(),
                            term,
                            grade,
                            arm_name(&events.arms, arm),
                            &number(Some(count.events)),
                            &number(Some(count.total)),
                            if bound { "true" } else { "false" },
                        ]);
                    };
                for (arm, total) in class.total.iter().enumerate() {
                    row("", "", arm, total.count, total.is_lower_bound);
                }
                for term in &class.terms {
                    for (arm, (any, by_grade)) in term.any.iter().zip(&term.by_grade).enumerate() {
                        if let Some(count) = any {
                            row(&term.name, "", arm, *count, false);
                        }
                        for (grade, count) in found.grades.iter().zip(by_grade) {
                            if let Some(count) = count {
                                row(&term.name, grade, arm, *count, false);
                            }
                        }
                    }
                }
            }
            ("adverse-events", csv.finish())
        }
        _ => ("table", String::new()),
    };
    (format!("{kind}-{}.csv", spec.id), text)
}

/// Events, participants, percent and its limits.
fn proportion_cells(count: GroupCount, interval: Option<(f64, f64)>) -> [String; 5] {
    [
        number(Some(count.events)),
        number(Some(count.total)),
        number(Some(100.0 * count.events / count.total)),
        number(interval.map(|(lower, _)| 100.0 * lower)),
        number(interval.map(|(_, upper)| 100.0 * upper)),
    ]
}

/// The rows as they are, the column of the row groups first.
fn printed_csv(spec: &TableSpec, rows: &PrintedRows) -> String {
    let names = spec.columns.iter().map(|column| column.column.value.as_str());
    let by = spec.row_groups.as_ref().map(|by| by.value.as_str());
    let mut csv = Csv::new(&by.into_iter().chain(names).collect::<Vec<_>>());
    for group in &rows.groups {
        for row in &group.rows {
            let cells = row.cells.iter().map(|cell| cell.as_deref().unwrap_or_default());
            let group = by.map(|_| group.name.as_str());
            csv.row(&group.into_iter().chain(cells).collect::<Vec<_>>());
        }
    }
    csv.finish()
}

/// The files about a review as a whole, with their names.
pub(super) fn about_csv(findings: &ReviewFindings) -> Vec<(String, String)> {
    let about = &findings.review.about_studies;
    let mut files = Vec::new();
    if let Some((spec, rows)) =
        about.characteristics.as_ref().zip(findings.characteristics.as_ref())
    {
        files.push(("characteristics.csv".to_owned(), printed_csv(spec, rows)));
    }
    if let Some(picos) = &about.picos {
        let mut csv = Csv::new(&["principle", "inclusion", "exclusion"]);
        for (principle, criteria) in super::view::PRINCIPLES.iter().zip(&picos.rows) {
            let Criteria { inclusion, exclusion } = criteria;
            csv.row(&[(*principle).to_owned(), inclusion.join("\n"), exclusion.join("\n")]);
        }
        files.push(("picos.csv".to_owned(), csv.finish()));
    }
    if let Some(search) = about.search.as_ref().filter(|search| !search.databases.is_empty()) {
        files.push(("search.csv".to_owned(), search_csv(search)));
    }
    if !about.findings.is_empty() {
        files.push(("summary-of-findings.csv".to_owned(), findings_csv(findings)));
    }
    files
}

fn search_csv(search: &Search) -> String {
    let mut csv = Csv::new(&["database", "from", "to", "records", "query"]);
    for database in &search.databases {
        let cell = |text: &Option<String>| text.clone().unwrap_or_default();
        csv.row(&[
            database.name.clone(),
            cell(&database.from),
            cell(&database.to),
            cell(&database.records),
            cell(&database.query),
        ]);
    }
    csv.finish()
}

/// One row for each outcome: risks between 0 and 1, the effect on the scale of print.
fn findings_csv(findings: &ReviewFindings) -> String {
    let mut csv = Csv::new(&[
        "analysis",
        "measure",
        "k",
        "estimate",
        "ci_lower",
        "ci_upper",
        "baseline_risk",
        "risk",
        "risk_lower",
        "risk_upper",
        "certainty",
        "reasons",
    ]);
    for outcome in &findings.review.about_studies.findings {
        let of_outcome = findings.analyses().find(|(spec, _)| spec.id == outcome.analysis.value);
        let Some((spec, found)) = of_outcome else { continue };
        let effect = found.pooled.as_ref().ok().map(|pooled| pooled.effect);
        let scale = PrintScale::of(spec, found);
        let on_scale = |value: Option<f64>| number(value.map(|value| scale.printed(value)));
        let risks = absolute_effect(outcome, spec, found);
        let reasons: Vec<String> = outcome
            .downgrades
            .iter()
            .map(|d| format!("{} (-{}): {}", d.domain.value.name(), d.levels, d.reason))
            .collect();
        csv.row(&[
            spec.id.clone(),
            spec.measure.code().to_owned(),
            found.trials().to_string(),
            on_scale(effect.map(|effect| effect.estimate)),
            on_scale(effect.map(|effect| effect.ci_lower)),
            on_scale(effect.map(|effect| effect.ci_upper)),
            number(risks.map(|risks| risks.baseline)),
            number(risks.map(|risks| risks.risk)),
            number(risks.map(|risks| risks.lower)),
            number(risks.map(|risks| risks.upper)),
            outcome.certainty.name().to_owned(),
            reasons.join("; "),
        ]);
    }
    csv.finish()
}

/// The files of the tables that an analysis is asked to print, where `results.json` and the other
/// files do not hold their numbers in rows already.
pub(super) fn asked_csv(spec: &Analysis, found: &Findings) -> Vec<(String, String)> {
    let mut files = Vec::new();
    if spec.tables.contains(&AskedTable::SingleArm) {
        let mut csv = Csv::new(&["study", "events", "total", "percent", "ci_lower", "ci_upper"]);
        for (label, found) in single_proportions(spec, found) {
            let cells = proportion_cells(found.count, found.interval);
            csv.row(&[label].into_iter().chain(cells).collect::<Vec<_>>());
        }
        files.push((format!("single-arm-{}.csv", spec.id), csv.finish()));
    }
    let is_statistic = |table: &AskedTable| *table != AskedTable::SingleArm;
    if spec.tables.iter().any(is_statistic) {
        files.push((format!("statistics-{}.csv", spec.id), statistics_csv(spec, found)));
    }
    files
}

/// Every number of the asked tables, one a row, on the analysis scale.
fn statistics_csv(spec: &Analysis, found: &Findings) -> String {
    let mut csv = Csv::new(&["table", "row", "statistic", "value"]);
    let pooled = found.pooled.as_ref().ok();
    let small = found.small_study.as_ref().ok();
    for table in &spec.tables {
        let mut row = |name: &str, statistic: &str, value: Option<f64>| {
            csv.row(&[table.name(), name, statistic, &number(value)]);
        };
        match table {
            AskedTable::Model | AskedTable::BackTransform => {
                let Some(effect) = pooled.map(|pooled| pooled.effect) else { continue };
                if *table == AskedTable::Model {
                    row("intercept", "estimate", Some(effect.estimate));
                    row("intercept", "se", Some(effect.standard_error));
                    row("intercept", "statistic", Some(effect.statistic));
                    row("intercept", "p", Some(effect.p_value));
                    row("intercept", "ci_lower", Some(effect.ci_lower));
                    row("intercept", "ci_upper", Some(effect.ci_upper));
                } else {
                    let scale = PrintScale::of(spec, found);
                    row("intercept", "estimate", Some(scale.printed(effect.estimate)));
                    row("intercept", "ci_lower", Some(scale.printed(effect.ci_lower)));
                    row("intercept", "ci_upper", Some(scale.printed(effect.ci_upper)));
                }
            }
            AskedTable::Heterogeneity => {
                let Some(pooled) = pooled else { continue };
                let tau = pooled.tau_squared.ok();
                row("", "tau2", tau.map(|tau| tau.value));
                row("", "se_tau2", tau.and_then(|tau| tau.standard_error));
                row("", "i2_percent", pooled.inconsistency.ok().map(|i| i.i_squared));
                row("", "h2", pooled.inconsistency.ok().map(|i| i.h_squared));
                row("", "q", pooled.q.ok().map(|q| q.statistic));
                row("", "q_df", pooled.q.ok().map(|q| q.df));
                row("", "q_p", pooled.q.ok().map(|q| q.p_value));
            }
            AskedTable::Fit => {
                let Ok(fit) = fit_statistics(spec, found) else { continue };
                for (name, fit) in [("ML", fit.ml), ("REML", fit.reml)] {
                    row(name, "log_likelihood", Some(fit.log_likelihood));
                    row(name, "deviance", Some(fit.deviance));
                    row(name, "aic", Some(fit.aic));
                    row(name, "bic", Some(fit.bic));
                    row(name, "aicc", Some(fit.aicc));
                }
            }
            AskedTable::FailSafe => {
                let fail_safe = small.and_then(|found| found.fail_safe.ok());
                row("", "fail_safe_n", fail_safe.map(|found| found.number));
                row("", "p", fail_safe.and_then(|found| found.p_value));
            }
            AskedTable::Asymmetry => {
                let rank = small.and_then(|found| found.rank.as_ref().ok());
                let test = small.and_then(|found| found.regression.as_ref().ok());
                row("rank", "tau", rank.map(|rank| rank.tau));
                row("rank", "p", rank.map(|rank| rank.p_value));
                row("regression", "statistic", test.map(|test| test.slope.statistic));
                row("regression", "p", test.map(|test| test.slope.p_value));
            }
            AskedTable::Influence => {
                let Ok(diagnostics) = &found.diagnostics else { continue };
                let Ok(influence) = &diagnostics.influence else { continue };
                for (index, study) in diagnostics.studies.iter().zip(&influence.studies) {
                    let label = &found.studies[*index].study.label;
                    let deletion = study.deletion.as_ref().ok();
                    row(label, "rstudent", deletion.map(|found| found.studentised_residual));
                    row(label, "dffits", deletion.map(|found| found.dffits));
                    row(label, "cooks_distance", deletion.map(|found| found.cooks_distance));
                    row(label, "cov_ratio", deletion.map(|found| found.covariance_ratio));
                    row(label, "q", deletion.map(|found| found.refit.q.statistic));
                    row(label, "hat", Some(study.hat));
                    row(label, "weight_percent", Some(study.weight));
                }
            }
            AskedTable::SingleArm => {}
        }
    }
    csv.finish()
}
