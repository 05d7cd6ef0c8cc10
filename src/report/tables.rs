//! Tables as CSV: full precision, on the scale of print, with plain column names.

use super::ReviewFindings;
use super::view::printed;
use crate::analysis::Findings;
use crate::spec::Analysis;

/// The CSV files of a review, by their path below `tables/`.
#[must_use]
pub fn csv_files(findings: &ReviewFindings) -> Vec<(String, String)> {
    let mut files = vec![("results.csv".to_owned(), results_csv(findings))];
    for (spec, analysis) in findings.analyses() {
        files.push((format!("studies-{}.csv", spec.id), studies_csv(spec, analysis)));
    }
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
        "events2",
        "total2",
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
        let on_scale = |value: Option<f64>| number(value.map(|v| printed(spec.measure, v)));
        let effect = pooled.map(|pooled| pooled.effect);
        let q = pooled.and_then(|pooled| pooled.q.ok());
        let prediction = pooled.and_then(|pooled| pooled.prediction.ok());
        let k = pooled.map_or(analysis.studies.len(), |pooled| pooled.k);
        csv.row(&[
            spec.id.clone(),
            spec.title.clone(),
            spec.measure.code().to_owned(),
            spec.model.method.code().to_owned(),
            k.to_string(),
            number(Some(analysis.totals.events1)),
            number(Some(analysis.totals.total1)),
            number(Some(analysis.totals.events2)),
            number(Some(analysis.totals.total2)),
            on_scale(effect.map(|effect| effect.estimate)),
            on_scale(effect.map(|effect| effect.ci_lower)),
            on_scale(effect.map(|effect| effect.ci_upper)),
            number(effect.map(|effect| effect.p_value)),
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
    let mut csv = Csv::new(&[
        "study",
        "year",
        "events1",
        "total1",
        "events2",
        "total2",
        "yi",
        "vi",
        "estimate",
        "ci_lower",
        "ci_upper",
        "weight_percent",
        "source",
    ]);
    for study in &analysis.studies {
        let effect = study.effect.as_ref().ok();
        let on_scale = |value: Option<f64>| number(value.map(|v| printed(spec.measure, v)));
        csv.row(&[
            study.label.clone(),
            study.year.clone().unwrap_or_default(),
            number(Some(study.counts.events1)),
            number(Some(study.counts.total1)),
            number(Some(study.counts.events2)),
            number(Some(study.counts.total2)),
            number(effect.map(|effect| effect.effect.estimate)),
            number(effect.map(|effect| effect.effect.variance)),
            on_scale(effect.map(|effect| effect.effect.estimate)),
            on_scale(effect.map(|effect| effect.ci_lower)),
            on_scale(effect.map(|effect| effect.ci_upper)),
            number(study.weight),
            study.source.clone().unwrap_or_default(),
        ]);
    }
    csv.finish()
}

/// The shortest digits that give the number back; nothing where there is none.
fn number(value: Option<f64>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// CSV text being written. Writing to memory cannot fail.
struct Csv(csv::Writer<Vec<u8>>);

impl Csv {
    fn new(header: &[&str]) -> Self {
        let mut csv = Self(csv::Writer::from_writer(Vec::new()));
        csv.row(header);
        csv
    }

    fn row<Cell: AsRef<[u8]>>(&mut self, cells: &[Cell]) {
        let written = self.0.write_record(cells);
        debug_assert!(written.is_ok(), "rows have equal lengths");
    }

    fn finish(self) -> String {
        let bytes = self.0.into_inner().unwrap_or_default();
        String::from_utf8(bytes).unwrap_or_default()
    }
}
