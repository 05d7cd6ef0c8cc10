//! Two-group counts against R's metafor: every case of escalc, rma without moderators, confint,
//! rma.mh and rma.peto.

use crate::reference::{CLOSED_FORM, Case, Check, ITERATED, Tally, cases, rows};
use crate::reference_fits::{check_effects, check_fit, check_intervals, fit_case};
use build_report::stats::Effect;
use build_report::stats::binary::{AddTo, Measure, TwoByTwo, ZeroCells, effects};
use build_report::stats::design::Design;
use build_report::stats::pooling::inverse_variance::{Model, Test, fit};
use build_report::stats::pooling::mantel_haenszel::{self, PooledMeasure, TableFit};
use build_report::stats::pooling::peto;
use std::collections::BTreeMap;

#[test]
fn every_binary_case_agrees_with_metafor() {
    let cases = cases();
    let mut tally = Tally::default();
    for case in cases.iter().filter(|case| is_binary(case) && case.options["mods"].is_null()) {
        let mut check = tally.check(case);
        match case.call.as_str() {
            "escalc" => check_escalc(&mut check),
            "rma" if !case.options["subgroup"].is_null() => check_between_subgroups(&mut check),
            "rma" => check_fit(&mut check, &study_effects(case)),
            "confint" => check_intervals(&mut check, &study_effects(case)),
            "rma.mh" => check_mantel_haenszel(&mut check),
            "rma.peto" => check_peto(&mut check),
            _ => continue,
        }
        tally.count(case);
    }
    tally.finish(&[("confint", 63), ("escalc", 77), ("rma", 256), ("rma.mh", 21), ("rma.peto", 7)]);
}

fn is_binary(case: &Case) -> bool {
    let sets = [
        "bcg",
        "lidocaine",
        "betablocker",
        "magnesium",
        "catheter",
        "streptokinase",
        "stjohnswort",
    ];
    sets.iter().any(|set| case.data == format!("data/{set}.csv"))
}

/// The tables of a case's data set, restricted to the rows of its `subset` option; `None` for a
/// study whose counts are missing (one in the beta blocker data).
fn tables(case: &Case) -> Vec<Option<TwoByTwo>> {
    let subset = case.options["subset"].as_str().and_then(|subset| subset.split_once(" == "));
    rows(case)
        .iter()
        .filter(|row| subset.is_none_or(|(column, value)| row[column] == value))
        .map(table)
        .collect()
}

fn table(row: &BTreeMap<String, String>) -> Option<TwoByTwo> {
    if row["ai"].is_empty() {
        return None;
    }
    let count = |column: &str| row[column].parse().unwrap();
    Some(TwoByTwo {
        events1: count("ai"),
        total1: count("n1i"),
        events2: count("ci"),
        total2: count("n2i"),
    })
}

fn complete_tables(case: &Case) -> Vec<TwoByTwo> {
    tables(case).into_iter().flatten().collect()
}

fn measure(case: &Case) -> Measure {
    match case.measure.as_str() {
        "OR" => Measure::LogOddsRatio,
        "RR" => Measure::LogRiskRatio,
        "RD" => Measure::RiskDifference,
        "PETO" => Measure::PetoLogOddsRatio,
        "AS" => Measure::ArcsineDifference,
        "PHI" => Measure::Phi,
        other => panic!("measure {other}"),
    }
}

/// metafor's defaults for the measure, then the options of the case.
fn zero_cells(case: &Case) -> ZeroCells {
    let adds = !matches!(case.measure.as_str(), "AS" | "PHI");
    let to = match case.options["to"].as_str() {
        None | Some("only0") => AddTo::OnlyZero,
        Some("all") => AddTo::All,
        Some("if0all") => AddTo::IfAnyZero,
        Some("none") => AddTo::None,
        Some(other) => panic!("to = {other}"),
    };
    ZeroCells {
        add: case.options["add"].as_f64().unwrap_or(if adds { 0.5 } else { 0.0 }),
        to,
        drop00: case.options["drop00"].as_bool().unwrap_or(false),
    }
}

fn study_effects(case: &Case) -> Vec<Effect> {
    let tables = complete_tables(case);
    effects(measure(case), &tables, zero_cells(case)).into_iter().flatten().collect()
}

fn check_escalc(check: &mut Check<'_>) {
    let complete = complete_tables(check.case);
    let mut complete_effects =
        effects(measure(check.case), &complete, zero_cells(check.case)).into_iter();
    let effects: Vec<Option<Effect>> = tables(check.case)
        .iter()
        .map(|table| table.and_then(|_| complete_effects.next().unwrap()))
        .collect();
    check_effects(check, &effects);
}

/// The studies of each level pooled by themselves, then compared about their common mean.
fn check_between_subgroups(check: &mut Check<'_>) {
    let column = check.case.options["subgroup"].as_str().unwrap();
    let mut groups: BTreeMap<String, Vec<TwoByTwo>> = BTreeMap::new();
    for row in rows(check.case) {
        groups.entry(row[column].clone()).or_default().extend(table(&row));
    }
    let rule = zero_cells(check.case);
    let pooled: Vec<Effect> = groups
        .values()
        .map(|tables| {
            let effects: Vec<Effect> =
                effects(measure(check.case), tables, rule).into_iter().flatten().collect();
            let fit = fit_case(check.case, &effects);
            let se = fit.pooled().standard_error;
            Effect { estimate: fit.pooled().estimate, variance: se * se }
        })
        .collect();
    let design = Design::intercept(pooled.len());
    let between = fit(&pooled, &design, Model::Common, Test::Z, 0.95).unwrap().q;
    check.number("QM", between.statistic, ITERATED);
    check.number("df", between.df, 0.0);
    check.number("QMp", between.p_value, ITERATED);
}

fn check_mantel_haenszel(check: &mut Check<'_>) {
    let pooled = match check.case.measure.as_str() {
        "OR" => PooledMeasure::LogOddsRatio,
        "RR" => PooledMeasure::LogRiskRatio,
        "RD" => PooledMeasure::RiskDifference,
        other => panic!("measure {other}"),
    };
    let fit = mantel_haenszel::fit(pooled, &complete_tables(check.case), 0.95).unwrap();
    check_table_fit(check, &fit);
    check.number("H2", fit.inconsistency.unwrap().h_squared, CLOSED_FORM);
    if pooled == PooledMeasure::LogOddsRatio {
        let cmh = fit.cochran_mantel_haenszel.unwrap();
        check.number("MH", cmh.statistic, ITERATED);
        check.number("MHp", cmh.p_value, ITERATED);
        let tarone = fit.tarone.unwrap();
        check.number("TA", tarone.statistic, ITERATED);
        check.number("TAp", tarone.p_value, ITERATED);
    }
}

fn check_peto(check: &mut Check<'_>) {
    let fit = peto::fit(&complete_tables(check.case), 0.95).unwrap();
    check_table_fit(check, &fit);
}

fn check_table_fit(check: &mut Check<'_>, fit: &TableFit) {
    check.number("k", fit.k as f64, 0.0);
    check.number("beta", fit.pooled.estimate, ITERATED);
    check.number("se", fit.pooled.standard_error, ITERATED);
    check.number("zval", fit.pooled.statistic, ITERATED);
    check.number("pval", fit.pooled.p_value, ITERATED);
    check.number("ci.lb", fit.pooled.ci_lower, ITERATED);
    check.number("ci.ub", fit.pooled.ci_upper, ITERATED);
    check.number("I2", fit.inconsistency.unwrap().i_squared, ITERATED);
    check.number("QE", fit.q.statistic, ITERATED);
    check.number("QEp", fit.q.p_value, ITERATED);
}
