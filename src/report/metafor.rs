//! The calls that reproduce a review in R's metafor, for readers who want to check it there.

use super::results::{test_code, to_code};
use crate::spec::{Analysis, BinaryColumns, DlCentre, Filter, Measure, Method, Review};
use crate::stats::binary::{AddTo, CorrectedTotal};
use crate::stats::pooling::mantel_haenszel::RiskDifferenceVariance;
use crate::stats::tau_squared::Estimator;
use std::fmt::Write as _;

/// A script that, run in the folder of a version, computes every analysis from `inputs/` and prints
/// the results.
#[must_use]
pub fn script(review: &Review) -> String {
    let mut script = String::from(
        "# The analyses of this version in R's metafor. Run it in the version's folder:\n\
         #   Rscript metafor.R\n\
         suppressMessages(library(metafor))\n",
    );
    for spec in &review.analyses {
        let _ = write!(script, "\n# {}\n{}", one_line(&spec.title), call(spec));
        let _ = writeln!(
            script,
            "cat({}, format(c(fit$beta, fit$se, fit$pval, fit$QE), digits = 15), \"\\n\")",
            string(&spec.id)
        );
    }
    script
}

/// The call of one analysis: reads its table, keeps its rows, fits its model.
#[must_use]
pub fn call(spec: &Analysis) -> String {
    let mut call = format!(
        "dat <- read.csv({}, check.names = FALSE, strip.white = TRUE, fileEncoding = \"UTF-8-BOM\")\n",
        string(&format!("inputs/{}", spec.data_path))
    );
    if !spec.filter.is_empty() {
        let conditions: Vec<String> = spec.filter.iter().map(condition).collect();
        let _ = writeln!(call, "dat <- dat[{}, ]", conditions.join(" &\n  "));
    }
    let level = 100.0 * spec.model.level;
    let counts = counts(&spec.columns);
    let measure = string(spec.measure.code());
    for caveat in caveats(spec) {
        let _ = writeln!(call, "# {caveat}: the numbers differ where it matters");
    }
    let sums = if spec.conventions.mantel_haenszel.corrects_sums && spec.measure.is_ratio() {
        "\n  add = c(0.5, 0.5), to = c(\"only0\", \"only0\"), drop00 = c(TRUE, TRUE),"
    } else {
        ""
    };
    let _ = match spec.model.method {
        Method::MantelHaenszel => {
            writeln!(call, "fit <- rma.mh(measure = {measure}, {counts},{sums}\n  level = {level})")
        }
        Method::Peto => writeln!(call, "fit <- rma.peto({counts},\n  level = {level})"),
        Method::EqualEffects | Method::RandomEffects(_) => writeln!(
            call,
            "fit <- rma(measure = {measure}, {counts},\n  \
             add = {}, to = \"{}\", drop00 = {}, method = \"{}\", test = \"{}\", level = {level},\n  \
             control = list(threshold = 1e-12, tol = 1e-12, maxiter = 100000, stepadj = 0.5))",
            spec.zero_cells.add,
            to_code(spec.zero_cells.to),
            if spec.zero_cells.drop00 { "TRUE" } else { "FALSE" },
            spec.model.method.code(),
            test_code(spec.model.test),
        ),
    };
    call
}

fn condition(filter: &Filter) -> String {
    let values: Vec<String> =
        filter.values.iter().map(|value| string(value.value.trim())).collect();
    format!("dat[[{}]] %in% c({})", string(&filter.column.value), values.join(", "))
}

fn counts(columns: &BinaryColumns) -> String {
    let column = |name: &str| format!("dat[[{}]]", string(name));
    format!(
        "ai = {}, n1i = {},\n  ci = {}, n2i = {}, slab = {}",
        column(&columns.events1.value),
        column(&columns.total1.value),
        column(&columns.events2.value),
        column(&columns.total2.value),
        column(&columns.study.value),
    )
}

/// What metafor has no option for, so that its numbers differ.
fn caveats(spec: &Analysis) -> Vec<&'static str> {
    let conventions = &spec.conventions;
    let is_corrected = spec.zero_cells.add > 0.0 && spec.zero_cells.to != AddTo::None;
    let is_dl = spec.model.method == Method::RandomEffects(Estimator::DerSimonianLaird);
    let mut caveats = Vec::new();
    if is_dl && conventions.dl_centre == DlCentre::MantelHaenszel {
        caveats.push("tau2 from Q about the Mantel-Haenszel estimate has no option in metafor");
    }
    if spec.measure == Measure::RR
        && is_corrected
        && conventions.correction.risk_ratio_total == CorrectedTotal::EventCell
    {
        caveats.push("a correction of one cell in the totals has no option in metafor");
    }
    if spec.measure == Measure::RD
        && is_corrected
        && !conventions.correction.corrects_risk_difference
    {
        caveats.push("a correction of the variance only has no option in metafor");
    }
    if spec.measure == Measure::RD
        && spec.model.method == Method::MantelHaenszel
        && conventions.mantel_haenszel.risk_difference_variance
            == RiskDifferenceVariance::GreenlandRobins
    {
        caveats.push("the variance of Greenland & Robins has no option in metafor");
    }
    caveats
}

/// An R string literal.
fn string(text: &str) -> String {
    let mut literal = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => literal.push_str("\\\""),
            '\\' => literal.push_str("\\\\"),
            '\n' => literal.push_str("\\n"),
            c if c.is_control() => {
                let _ = write!(literal, "\\u{:04x}", u32::from(c));
            }
            c => literal.push(c),
        }
    }
    literal.push('"');
    literal
}

fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
