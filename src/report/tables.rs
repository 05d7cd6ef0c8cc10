//! Tables as CSV: full precision, on the scale of print, with plain column names.

use super::ReviewFindings;
use super::described_tables::{about_csv, asked_csv, described_csv};
use super::scale::PrintScale;
use crate::analysis::{Findings, SurvivalFindings, Totals};
use crate::data::StudyData;
use crate::report::EntryFindings;
use crate::spec::{Analysis, Entry, SurvivalAnalysis};
use std::borrow::Cow;

/// The CSV files of a review, by their path below `tables/`.
#[must_use]
pub fn csv_files(findings: &ReviewFindings) -> Vec<(String, String)> {
    let mut files = Vec::new();
    if findings.analyses().next().is_some() {
        files.push(("results.csv".to_owned(), results_csv(findings)));
    }
    for entry in findings.entries() {
        match entry {
            (Entry::Pooled(spec), EntryFindings::Pooled(found)) => {
                files.push((format!("studies-{}.csv", spec.id), studies_csv(spec, found)));
                if let Some(Ok(regression)) = &found.regression {
                    let name = format!("regression-{}.csv", spec.id);
                    files.push((name, regression_csv(regression)));
                }
                files.extend(asked_csv(spec, found));
            }
            (Entry::Description(spec), EntryFindings::Described(found)) => {
                files.push(described_csv(spec, found));
            }
            (Entry::Survival(spec), EntryFindings::Survival(found)) => {
                files.push((format!("survival-{}.csv", spec.id), survival_csv(spec, found)));
            }
            _ => {}
        }
    }
    files.extend(about_csv(findings));
    files
}

/// One row for each analysis.
fn results_csv(findings: &ReviewFindings) -> String {
    let mut csv = Csv::new(&[
        "id",
        "title",
        "measure",
        "method",
        "k",
        "events1",
        "total1",
        "time1",
        "events2",
        "total2",
        "time2",
        "estimate",
        "ci_lower",
        "ci_upper",
        "p",
        "q",
        "q_df",
        "q_p",
        "i2_percent",
        "tau2",
        "pi_lower",
        "pi_upper",
    ]);
    for (spec, analysis) in findings.analyses() {
        let pooled = analysis.pooled.as_ref().ok();
        let scale = PrintScale::of(spec, analysis);
        let on_scale = |value: Option<f64>| number(value.map(|v| scale.printed(v)));
        let effect = pooled.map(|pooled| pooled.effect);
        let q = pooled.and_then(|pooled| pooled.q.ok());
        let prediction = pooled.and_then(|pooled| pooled.prediction.ok());
        let Totals { group1, group2 } = analysis.totals;
        let k = pooled.map_or(analysis.studies.len(), |pooled| pooled.k);
        csv.row(&[
            spec.id.clone(),
            spec.title.clone(),
            spec.measure.code().to_owned(),
            spec.model.method.code().to_owned(),
            k.to_string(),
            number(group1.events),
            number(group1.participants),
            number(group1.time),
            number(group2.events),
            number(group2.participants),
            number(group2.time),
            on_scale(effect.map(|effect| effect.estimate)),
            on_scale(effect.map(|effect| effect.ci_lower)),
            on_scale(effect.map(|effect| effect.ci_upper)),
            number(effect.filter(|_| !spec.measure.is_single_group()).map(|effect| effect.p_value)),
            number(q.map(|q| q.statistic)),
            number(q.map(|q| q.df)),
            number(q.map(|q| q.p_value)),
            number(pooled.and_then(|pooled| pooled.inconsistency.ok()).map(|i| i.i_squared)),
            number(pooled.and_then(|pooled| pooled.tau_squared.ok()).map(|tau| tau.value)),
            on_scale(prediction.map(|(lower, _)| lower)),
            on_scale(prediction.map(|(_, upper)| upper)),
        ]);
    }
    csv.finish()
}

/// One row for each study of an analysis.
fn studies_csv(spec: &Analysis, analysis: &Findings) -> String {
    let data: Vec<(Vec<&str>, Vec<String>)> =
        analysis.studies.iter().map(|found| data_columns(&found.study.data)).collect();
    // studies that report an estimate only have no data of their own
    let names = data.iter().map(|(names, _)| names).max_by_key(|names| names.len());
    let names = names.cloned().unwrap_or_default();
    let mut header = vec!["study", "year"];
    header.extend(&names);
    header.extend([
        "yi",
        "vi",
        "estimate",
        "ci_lower",
        "ci_upper",
        "weight_percent",
        "subgroup",
        "cluster",
        "note",
        "source",
    ]);
    let mut csv = Csv::new(&header);
    let scale = PrintScale::of(spec, analysis);
    for (found, (_, cells)) in analysis.studies.iter().zip(data) {
        let study = &found.study;
        let effect = found.effect.as_ref().ok();
        let scale = scale.of_study(&study.data);
        let on_scale = |value: Option<f64>| number(value.map(|v| scale.printed(v)));
        let mut row = vec![study.label.clone(), study.year.clone().unwrap_or_default()];
        row.extend((0..names.len()).map(|i| cells.get(i).cloned().unwrap_or_default()));
        row.extend([
            number(effect.map(|effect| effect.effect.estimate)),
            number(effect.map(|effect| effect.effect.variance)),
            on_scale(effect.map(|effect| effect.effect.estimate)),
            match found.exact {
                Some((lower, _)) => number(Some(100.0 * lower)),
                None => on_scale(effect.map(|effect| effect.ci_lower)),
            },
            match found.exact {
                Some((_, upper)) => number(Some(100.0 * upper)),
                None => on_scale(effect.map(|effect| effect.ci_upper)),
            },
            number(found.weight),
            study.subgroup.clone().unwrap_or_default(),
            study.cluster.clone().unwrap_or_default(),
            note(&study.data, study.shared_control.is_some()).to_owned(),
            study.source.clone().unwrap_or_default(),
        ]);
        csv.row(&row);
    }
    csv.finish()
}

/// What the reader of a row should know.
fn note(data: &StudyData, shares_control: bool) -> &'static str {
    match data {
        StudyData::Means(means) if means.quantiles1.is_some() || means.quantiles2.is_some() => {
            "mean and standard deviation estimated from quantiles"
        }
        StudyData::Estimate(_) => "estimate as the study reports it",
        _ if shares_control => "arms share a control group",
        _ => "",
    }
}

/// The names and cells of a study's data.
fn data_columns(data: &StudyData) -> (Vec<&'static str>, Vec<String>) {
    let cells = |values: &[f64]| values.iter().map(|value| number(Some(*value))).collect();
    match data {
        StudyData::Counts(counts) => (
            vec!["events1", "total1", "events2", "total2"],
            cells(&[counts.events1, counts.total1, counts.events2, counts.total2]),
        ),
        StudyData::Means(means) => {
            let m = means.moments;
            (
                vec!["mean1", "sd1", "n1", "mean2", "sd2", "n2"],
                cells(&[m.mean1, m.sd1, m.n1, m.mean2, m.sd2, m.n2]),
            )
        }
        StudyData::Proportion(group) => {
            (vec!["events", "total"], cells(&[group.events, group.total]))
        }
        StudyData::Rates(rates) => (
            vec!["events1", "time1", "events2", "time2"],
            cells(&[rates.events1, rates.time1, rates.events2, rates.time2]),
        ),
        StudyData::Rate(rate) => (vec!["events", "time"], cells(&[rate.events, rate.time])),
        StudyData::Correlation(correlation) => {
            (vec!["r", "n"], cells(&[correlation.coefficient, correlation.n]))
        }
        StudyData::Estimate(_) => (Vec::new(), Vec::new()),
    }
}

/// One row for each coefficient, on the analysis scale.
fn regression_csv(regression: &crate::analysis::Regression) -> String {
    let mut csv =
        Csv::new(&["coefficient", "estimate", "se", "statistic", "p", "ci_lower", "ci_upper"]);
    for (name, found) in regression.names.iter().zip(&regression.coefficients) {
        csv.row(&[
            name.clone(),
            number(Some(found.estimate)),
            number(Some(found.standard_error)),
            number(Some(found.statistic)),
            number(Some(found.p_value)),
            number(Some(found.ci_lower)),
            number(Some(found.ci_upper)),
        ]);
    }
    csv.finish()
}

/// One row for each time at which a curve steps or a patient leaves.
fn survival_csv(spec: &SurvivalAnalysis, found: &SurvivalFindings) -> String {
    let group = spec.group.as_ref().map_or("group", |group| group.value.as_str());
    let mut csv = Csv::new(&[
        group, "time", "at_risk", "events", "censored", "survival", "ci_lower", "ci_upper",
    ]);
    for of_group in &found.groups {
        for step in of_group.curve.iter().flat_map(|curve| &curve.steps) {
            csv.row(&[
                of_group.name.clone(),
                number(Some(step.time)),
                step.at_risk.to_string(),
                step.events.to_string(),
                step.censored.to_string(),
                number(Some(step.survival)),
                number(step.interval.map(|(lower, _)| lower)),
                number(step.interval.map(|(_, upper)| upper)),
            ]);
        }
    }
    csv.finish()
}

/// The shortest digits that give the number back; nothing where there is none.
pub(super) fn number(value: Option<f64>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// A cell that no spreadsheet computes: a text that would be a formula has an apostrophe before it.
fn inert(cell: &str) -> Cow<'_, str> {
    let mut rest = cell.chars();
    let is_formula = match rest.next() {
        Some('=' | '@' | '\t' | '\r') => true,
        // numbers, and texts that begin with one, stay as they are
        Some('+' | '-') => {
            rest.next()
                .is_some_and(|c| c.is_ascii_alphabetic() || matches!(c, '=' | '@' | '+' | '-'))
                || cell.contains(['|', '!'])
                || calls_a_function(cell)
        }
        _ => false,
    };
    if is_formula { format!("'{cell}").into() } else { cell.into() }
}

/// Whether a bracket opens right behind a letter.
fn calls_a_function(cell: &str) -> bool {
    cell.as_bytes().windows(2).any(|pair| pair[0].is_ascii_alphabetic() && pair[1] == b'(')
}

/// CSV text being written. Writing to memory cannot fail.
pub(super) struct Csv(csv::Writer<Vec<u8>>);

impl Csv {
    pub(super) fn new(header: &[&str]) -> Self {
        let mut csv = Self(csv::Writer::from_writer(Vec::new()));
        csv.row(header);
        csv
    }

    pub(super) fn row<Cell: AsRef<str>>(&mut self, cells: &[Cell]) {
        let written =
            self.0.write_record(cells.iter().map(|cell| inert(cell.as_ref()).into_owned()));
        debug_assert!(written.is_ok(), "rows have equal lengths");
    }

    pub(super) fn finish(self) -> String {
        let bytes = self.0.into_inner().unwrap_or_default();
        String::from_utf8(bytes).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::inert;

    #[test]
    fn no_cell_is_a_formula() {
        let formulas = [
            "=1+1",
            "=cmd|' /C calc'!A0",
            "@SUM(A1)",
            "+A1",
            "-2+HYPERLINK(\"x\")",
            "--1",
            "-1|x!A",
            "\t=1",
        ];
        for formula in formulas {
            assert_eq!(inert(formula), format!("'{formula}"));
        }
        for text in ["-0.5", "+1", "-", "-0.5 (0.2)", "-1 to 2", "Alpha", "", "a=b", "1e-5"] {
            assert_eq!(inert(text), text);
        }
    }
}
