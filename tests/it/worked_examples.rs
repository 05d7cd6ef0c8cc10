//! Worked examples, named after the paper and the table that they reproduce, to half a unit of the
//! last printed digit.
//!
//! The printed values are those that metafor's own tests compare with the page named
//! (wviechtb/metafor, `tests/testthat/test_analysis_example_*.r` and `test_misc_metan_*.r`). Where
//! these say that the paper has another last digit, the value is left out here. The data are in
//! `tests/reference`; `make_worked.R` and `cases.R` there name their sources.

use build_report::stats::binary::{self, AddTo, TwoByTwo, ZeroCells};
use build_report::stats::continuous::{self, DifferenceVariance, MeansAndDeviations};
use build_report::stats::design::Design;
use build_report::stats::meta_regression::{
    MetaRegression, Moderator, ModeratorValue, design, design_row, regress,
};
use build_report::stats::multilevel::{self, Likelihood, Nesting, three_level};
use build_report::stats::pooling::inverse_variance::{
    Fit, Model, Test, fit, heterogeneity_intervals,
};
use build_report::stats::pooling::mantel_haenszel::{
    self, PooledMeasure, PooledRateMeasure, TableFit,
};
use build_report::stats::pooling::{Inference, peto};
use build_report::stats::rate::{self, TwoRates};
use build_report::stats::single_group::{
    Proportion, ProportionMeasure, Rate, RateMeasure, harmonic_mean, proportion_effects,
    rate_effects,
};
use build_report::stats::small_study::henmi_copas::henmi_copas;
use build_report::stats::tau_squared::Estimator;
use build_report::stats::{Effect, glmm};
use std::path::Path;

const RULE: ZeroCells = ZeroCells { add: 0.5, to: AddTo::OnlyZero, drop00: false };
const DL: Model = Model::Random(Estimator::DerSimonianLaird);
const HE: Model = Model::Random(Estimator::Hedges);
const HS: Model = Model::Random(Estimator::HunterSchmidt);
const ML: Model = Model::Random(Estimator::MaximumLikelihood);
const REML: Model = Model::Random(Estimator::RestrictedMaximumLikelihood);
const EB: Model = Model::Random(Estimator::EmpiricalBayes);
const PM: Model = Model::Random(Estimator::PauleMandel);
const SJ: Model = Model::Random(Estimator::SidikJonkman);

/// A table of numbers by column; a cell without a number is none.
struct Table {
    names: Vec<String>,
    rows: Vec<Vec<Option<f64>>>,
}

impl Table {
    fn read(name: &str) -> Self {
        let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reference"));
        let mut reader = csv::Reader::from_path(folder.join(name)).unwrap();
        let names = reader.headers().unwrap().iter().map(str::to_owned).collect();
        let rows = reader
            .records()
            .map(|row| row.unwrap().iter().map(|cell| cell.parse().ok()).collect())
            .collect();
        Self { names, rows }
    }

    fn columns<const N: usize>(&self, names: [&str; N]) -> Vec<[f64; N]> {
        let places = names.map(|name| self.names.iter().position(|other| other == name).unwrap());
        let complete = |row: &&Vec<Option<f64>>| places.iter().all(|place| row[*place].is_some());
        self.rows.iter().filter(complete).map(|row| places.map(|i| row[i].unwrap())).collect()
    }

    fn column(&self, name: &str) -> Vec<f64> {
        self.columns([name]).iter().map(|[value]| *value).collect()
    }

    fn effects(&self) -> Vec<Effect> {
        let pairs = self.columns(["yi", "vi"]);
        pairs
            .iter()
            .map(|[estimate, variance]| Effect { estimate: *estimate, variance: *variance })
            .collect()
    }

    fn tables(&self) -> Vec<TwoByTwo> {
        self.columns(["ai", "n1i", "ci", "n2i"])
            .iter()
            .map(|[events1, total1, events2, total2]| TwoByTwo {
                events1: *events1,
                total1: *total1,
                events2: *events2,
                total2: *total2,
            })
            .collect()
    }

    fn rates(&self) -> Vec<TwoRates> {
        self.columns(["x1i", "t1i", "x2i", "t2i"])
            .iter()
            .map(|[events1, time1, events2, time2]| TwoRates {
                events1: *events1,
                time1: *time1,
                events2: *events2,
                time2: *time2,
            })
            .collect()
    }
}

/// Checks values against what is printed: each within half a unit of its last digit.
#[track_caller]
fn printed<const N: usize>(text: [&str; N], values: [f64; N]) {
    for (text, value) in text.iter().zip(values) {
        let decimals = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
        let half_unit = 0.5 * (0..decimals).fold(1.0, |unit, _| unit / 10.0);
        let expected: f64 = text.parse().unwrap();
        let near = (value - expected).abs() <= half_unit * (1.0 + 1e-9);
        assert!(near, "printed {text}, found {value}");
    }
}

fn binary_effects(measure: binary::Measure, tables: &[TwoByTwo]) -> Vec<Effect> {
    binary::effects(measure, tables, RULE).into_iter().flatten().collect()
}

fn pooled(effects: &[Effect], model: Model, test: Test) -> Fit {
    fit(effects, &Design::intercept(effects.len()), model, test, 0.95).unwrap()
}

fn tau_squared(fit: &Fit) -> f64 {
    fit.tau_squared.map_or(0.0, |tau_squared| tau_squared.value)
}

fn interval(inference: &Inference) -> [f64; 3] {
    [inference.estimate, inference.ci_lower, inference.ci_upper]
}

fn ratio(inference: &Inference) -> [f64; 3] {
    interval(inference).map(libm::exp)
}

fn regression(effects: &[Effect], moderators: &[&[f64]], model: Model) -> MetaRegression {
    let moderators: Vec<Moderator<'_>> =
        moderators.iter().map(|values| Moderator::Numeric(values)).collect();
    regress(effects, &design(effects.len(), &moderators), model, Test::Z, 0.95).unwrap()
}

fn predicted(regression: &MetaRegression, at: f64) -> f64 {
    regression.predict(&design_row(&[ModeratorValue::Number(at)])).mean.estimate
}

/// Normand 1999, Stat Med 18:321, Table III (p. 330) and VII (p. 349): lidocaine, risk differences in
/// percent.
#[test]
fn normand_1999_tables_iii_and_vii() {
    let tables = Table::read("data/lidocaine.csv").tables();
    let effects: Vec<Effect> = binary_effects(binary::Measure::RiskDifference, &tables)
        .iter()
        .map(|e| Effect { estimate: 100.0 * e.estimate, variance: 1e4 * e.variance })
        .collect();
    let estimates = ["2.8026", "0.0000", "1.9711", "1.7961", "3.5334", "4.4031"];
    let variances = ["17.7575", "37.5657", "8.1323", "10.8998", "8.0114", "6.1320"];
    for (i, effect) in effects.iter().enumerate() {
        printed([estimates[i], variances[i]], [effect.estimate, effect.variance]);
    }
    for model in [Model::Common, REML, DL] {
        let fit = pooled(&effects, model, Test::Z);
        printed(["2.94", "0.4", "5.5"], interval(fit.pooled()));
        printed(["0.000"], [tau_squared(&fit)]);
    }
}

/// Normand 1999, Stat Med 18:321, Table VIII (p. 351) and IX (p. 352): length of stay after stroke,
/// mean differences with the pooled standard deviation.
#[test]
fn normand_1999_tables_viii_and_ix() {
    let studies: Vec<MeansAndDeviations> = Table::read("data/strokestay.csv")
        .columns(["m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i"])
        .iter()
        .map(|[mean1, sd1, n1, mean2, sd2, n2]| MeansAndDeviations {
            mean1: *mean1,
            sd1: *sd1,
            n1: *n1,
            mean2: *mean2,
            sd2: *sd2,
            n2: *n2,
        })
        .collect();
    let measure = continuous::Measure::MeanDifference(DifferenceVariance::Pooled);
    let effects: Vec<Effect> =
        continuous::effects(measure, &studies).into_iter().flatten().collect();
    let estimates = ["-20", "-2", "-55", "-71", "-4", "1", "11", "-10", "7"];
    let variances = ["40.59", "2.05", "15.28", "150.22", "20.19", "1.22", "95.38", "8.03", "20.69"];
    for (i, effect) in effects.iter().enumerate() {
        printed([estimates[i], variances[i]], [effect.estimate, effect.variance]);
    }
    let common = pooled(&effects, Model::Common, Test::Z);
    printed(["-3.49", "-5.03", "-1.96"], interval(common.pooled()));
    let moments = pooled(&effects, DL, Test::Z);
    printed(["-14.10", "-24.45", "-3.75"], interval(moments.pooled()));
    printed(["218.72"], [tau_squared(&moments)]);
    let restricted = pooled(&effects, REML, Test::Z);
    printed(["-15.12", "-32.67", "2.43"], interval(restricted.pooled()));
    printed(["685.20"], [tau_squared(&restricted)]);
}

/// Raudenbush & Bryk 1985, J Educ Stat 10:75, in the text of pp. 83-92: teacher expectancy. Four
/// digits as metafor's tests have them; the paper has fewer, and Q = 35.85 and 16.58. Of the z of the
/// mixed model metafor's fourth digit is that of a τ² which is not quite 0.
#[test]
fn raudenbush_bryk_1985_pages_83_to_92() {
    let table = Table::read("data/expectancy.csv");
    let effects = table.effects();
    let random = pooled(&effects, REML, Test::Z);
    printed(["0.0188", "35.8295"], [tau_squared(&random), random.q.statistic]);
    printed(["0.0837", "1.6208"], [random.pooled().estimate, random.pooled().statistic]);
    let mixed = weeks_of_contact(&table, &effects);
    printed(["0.0000", "16.5708"], [tau_squared(&mixed.fit), mixed.fit.q.statistic]);
    let [intercept, slope] = [0, 1].map(|j| mixed.fit.coefficients[j]);
    printed(["0.4072", "4.678"], [intercept.estimate, intercept.statistic]);
    printed(["-0.1572", "-4.388"], [slope.estimate, slope.statistic]);
}

/// The model of teacher expectancy on the weeks of contact before, more than three counted as three.
fn weeks_of_contact(table: &Table, effects: &[Effect]) -> MetaRegression {
    let weeks: Vec<f64> = table.column("weeks").iter().map(|weeks| weeks.min(3.0)).collect();
    regression(effects, &[&weeks], REML)
}

/// Raudenbush 2009, Handbook of Research Synthesis, Table 16.2 (p. 301). The chapter has 1.65, 0.083
/// for the z of the common and the mean of the random effects.
#[test]
fn raudenbush_2009_table_16_2() {
    let table = Table::read("data/expectancy.csv");
    let effects = table.effects();
    let common = pooled(&effects, Model::Common, Test::Z);
    printed(["0.060", "35.83"], [common.pooled().estimate, common.q.statistic]);
    let random = pooled(&effects, REML, Test::Z);
    printed(["1.62", "0.019"], [random.pooled().statistic, tau_squared(&random)]);
    let mixed = weeks_of_contact(&table, &effects);
    let [intercept, slope] = [0, 1].map(|j| mixed.fit.coefficients[j]);
    printed(["0.407", "-0.157"], [intercept.estimate, slope.estimate]);
    printed(["4.68", "-4.39"], [intercept.statistic, slope.statistic]);
    printed(["16.57"], [mixed.fit.q.statistic]);
}

/// Raudenbush 2009, Handbook of Research Synthesis, Table 16.3 (p. 309): estimators of τ² under the
/// conventional and Knapp and Hartung's inference.
#[test]
fn raudenbush_2009_table_16_3() {
    let effects = Table::read("data/expectancy.csv").effects();
    let rows = [
        (Model::Common, ["0", "0.060", "0.036", "1.655", "-0.011", "0.132"]),
        (ML, ["0.013", "0.078", "0.047", "1.637", "-0.015", "0.171"]),
        (REML, ["0.019", "0.084", "0.052", "1.621", "-0.018", "0.185"]),
        (DL, ["0.026", "0.089", "0.056", "1.601", "-0.020", "0.199"]),
        (HE, ["0.080", "0.114", "0.079", "1.443", "-0.041", "0.270"]),
    ];
    let row = |model: Model, test: Test, text: [&str; 6]| {
        let fit = pooled(&effects, model, test);
        let mean = fit.pooled();
        let [estimate, lower, upper] = interval(mean);
        let error = mean.standard_error;
        printed(text, [tau_squared(&fit), estimate, error, mean.statistic, lower, upper]);
    };
    for (model, text) in rows {
        row(model, Test::Z, text);
    }
    let rows = [
        (Model::Common, ["0", "0.060", "0.051", "1.173", "-0.048", "0.168"]),
        (ML, ["0.013", "0.078", "0.059", "1.311", "-0.047", "0.202"]),
        (REML, ["0.019", "0.084", "0.062", "1.359", "-0.046", "0.213"]),
        (DL, ["0.026", "0.089", "0.064", "1.405", "-0.044", "0.223"]),
        (HE, ["0.080", "0.114", "0.071", "1.608", "-0.035", "0.264"]),
    ];
    for (model, text) in rows {
        row(model, Test::KnappHartung, text);
    }
}

/// Yusuf et al. 1985, Prog Cardiovasc Dis 27:335, Table 6: short-term trials of beta blockers, by
/// Peto's method and by the inverse variances of Peto's log odds ratios.
#[test]
fn yusuf_1985_table_6() {
    let tables = Table::read("data/betablocker.csv").tables();
    printed(["0.93", "0.74", "1.18"], ratio(&peto::fit(&tables, 0.95).unwrap().pooled));
    let rule = ZeroCells { add: 0.0, ..RULE };
    let effects: Vec<Effect> = binary::effects(binary::Measure::PetoLogOddsRatio, &tables, rule)
        .into_iter()
        .flatten()
        .collect();
    printed(["0.93", "0.74", "1.18"], ratio(pooled(&effects, Model::Common, Test::Z).pooled()));
}

/// Li, Zhang, Zhang & Egger 2007, Cochrane Database Syst Rev CD002755, abstract and its first
/// comparison: magnesium in acute myocardial infarction, early mortality, as Review Manager pools it
/// (Mantel-Haenszel, and DerSimonian & Laird; a trial without deaths is left out).
#[test]
fn li_2007_abstract() {
    let tables = Table::read("worked/li2007.csv").tables();
    let common = mantel_haenszel::fit(PooledMeasure::LogOddsRatio, &tables, 0.95).unwrap();
    printed(["0.99", "0.94", "1.04"], ratio(&common.pooled));
    let rule = ZeroCells { drop00: true, ..RULE };
    let effects: Vec<Effect> = binary::effects(binary::Measure::LogOddsRatio, &tables, rule)
        .into_iter()
        .flatten()
        .collect();
    let random = pooled(&effects, Model::Random(Estimator::DerSimonianLaird), Test::Z);
    printed(["0.66", "0.53", "0.82"], ratio(random.pooled()));
}

/// Berkey et al. 1995, Stat Med 14:395, in the text of p. 408: BCG vaccine with smoothed variances,
/// on the absolute latitude less 33.46. The article has -0.6304, -0.5950 and 0.0039 for the
/// intercepts and the last standard error.
#[test]
fn berkey_1995_page_408() {
    let table = Table::read("data/bcg.csv");
    let tables = table.tables();
    let k = tables.len() as f64;
    let odds = |cells: fn([f64; 4]) -> f64| tables.iter().map(|t| cells(t.cells())).sum::<f64>();
    let vaccinated = odds(|[a, b, _, _]| b / a);
    let control = odds(|[_, _, c, d]| d / c);
    let effects: Vec<Effect> = binary_effects(binary::Measure::LogRiskRatio, &tables)
        .iter()
        .zip(&tables)
        .map(|(effect, table)| Effect {
            estimate: effect.estimate,
            variance: vaccinated / (k * table.total1) + control / (k * table.total2),
        })
        .collect();
    let random = pooled(&effects, EB, Test::Z);
    let mean = random.pooled();
    printed(["-0.5429", "0.1842"], [mean.estimate, mean.standard_error]);
    printed(["0.268"], [tau_squared(&random)]);

    let latitude: Vec<f64> = table.column("ablat").iter().map(|x| x - 33.46).collect();
    let mixed = regression(&effects, &[&latitude], EB);
    let [intercept, slope] = [0, 1].map(|j| mixed.fit.coefficients[j]);
    printed(["-0.0268", "0.0110"], [slope.estimate, slope.standard_error]);
    printed(["0.1591", "0.157"], [intercept.standard_error, tau_squared(&mixed.fit)]);
    printed(["41"], [mixed.r_squared.unwrap()]);
    printed(["0.53", "0.42"], [0.0, 42.0 - 33.46].map(|x| libm::exp(predicted(&mixed, x))));

    let fixed = regression(&effects, &[&latitude], Model::Common);
    let [intercept, slope] = [0, 1].map(|j| fixed.fit.coefficients[j]);
    printed(["0.0696", "-0.0282"], [intercept.standard_error, slope.estimate]);
    printed(["0.55", "0.43"], [0.0, 42.0 - 33.46].map(|x| libm::exp(predicted(&fixed, x))));
}

/// van Houwelingen, Arends & Stijnen 2002, Stat Med 21:589, in the text of pp. 596-609: BCG vaccine,
/// odds ratios. The paper has 0.703 for the upper limit of the common effect.
#[test]
fn van_houwelingen_2002_pages_596_to_609() {
    let table = Table::read("data/bcg.csv");
    let effects = binary_effects(binary::Measure::LogOddsRatio, &table.tables());
    let common = ratio(pooled(&effects, Model::Common, Test::Z).pooled());
    printed(["0.647", "0.595"], [common[0], common[1]]);
    let random = pooled(&effects, ML, Test::Z);
    printed(["0.476", "0.336", "0.675"], ratio(random.pooled()));
    printed(["0.302"], [tau_squared(&random)]);
    // the interval of true effects, without the error of the mean
    let reach = random.reference.critical(0.95) * tau_squared(&random).sqrt();
    let mean = random.pooled().estimate;
    printed(["-1.820", "0.336"], [mean - reach, mean + reach]);
    let mixed = regression(&effects, &[&table.column("ablat")], ML);
    let [intercept, slope] = [0, 1].map(|j| mixed.fit.coefficients[j]);
    printed(["0.371", "-0.033"], [intercept.estimate, slope.estimate]);
    printed(["0.106", "0.003"], [intercept.standard_error, slope.standard_error]);
    printed(["0.004"], [tau_squared(&mixed.fit)]);
}

/// Viechtbauer 2010, J Stat Softw 36(3): BCG vaccine, risk ratios, REML without and with moderators. Of
/// Q_M and of the intercept the article has 12.2043 and -3.5455, for its τ² stops short of the maximum,
/// where they are 12.2045 and -3.5454.
#[test]
fn viechtbauer_2010_bcg() {
    let table = Table::read("data/bcg.csv");
    let effects = binary_effects(binary::Measure::LogRiskRatio, &table.tables());
    let random = pooled(&effects, REML, Test::Z);
    let tau_squared = random.tau_squared.unwrap();
    printed(["0.3132", "0.1664"], [tau_squared.value, tau_squared.standard_error]);
    let inconsistency = random.inconsistency.unwrap();
    printed(["92.22", "12.86"], [inconsistency.i_squared, inconsistency.h_squared]);
    let mean = random.pooled();
    printed(
        ["152.2330", "-0.7145", "0.1798", "-3.9744", "-1.0669", "-0.3622"],
        [
            random.q.statistic,
            mean.estimate,
            mean.standard_error,
            mean.statistic,
            mean.ci_lower,
            mean.ci_upper,
        ],
    );

    let mixed = regression(&effects, &[&table.column("ablat"), &table.column("year")], REML);
    let tau_squared = mixed.fit.tau_squared.unwrap();
    printed(["0.1108", "0.0845"], [tau_squared.value, tau_squared.standard_error]);
    printed(["28.3251", "0.0016"], [mixed.fit.q.statistic, mixed.fit.q.p_value]);
    printed(["0.0022"], [mixed.moderators.unwrap().p_value]);
    let rows = [
        ["-0.0280", "0.0102", "-2.7371", "0.0062", "-0.0481", "-0.0080"],
        ["0.0019", "0.0147", "0.1299", "0.8966", "-0.0269", "0.0307"],
    ];
    for (row, b) in rows.into_iter().zip(&mixed.fit.coefficients[1..]) {
        let values = [b.estimate, b.standard_error, b.statistic, b.p_value, b.ci_lower, b.ci_upper];
        printed(row, values);
    }
}

/// Stata's `metan` on the BCG vaccine: `fixedi`, `fixed`, `randomi` and `peto`, for `rr`, `or`, `rd`.
/// Its standard error of a Mantel-Haenszel risk difference is another (Greenland & Robins 1985).
#[test]
fn stata_metan_bcg() {
    let tables = Table::read("data/bcg.csv").tables();
    let row = |inference: &Inference, text: [&str; 4]| {
        let [estimate, lower, upper] = interval(inference);
        printed(text, [estimate, lower, upper, inference.statistic]);
    };
    let inverse = [
        (binary::Measure::LogRiskRatio, Model::Common, ["-0.430", "-0.510", "-0.351", "-10.62"]),
        (binary::Measure::LogRiskRatio, DL, ["-0.714", "-1.064", "-0.364", "-4.00"]),
        (binary::Measure::LogOddsRatio, Model::Common, ["-0.436", "-0.519", "-0.353", "-10.32"]),
        (binary::Measure::LogOddsRatio, DL, ["-0.747", "-1.124", "-0.371", "-3.89"]),
        (binary::Measure::RiskDifference, Model::Common, ["-0.001", "-0.001", "-0.000", "-4.04"]),
        (binary::Measure::RiskDifference, DL, ["-0.007", "-0.010", "-0.004", "-4.51"]),
    ];
    for (measure, model, text) in inverse {
        row(pooled(&binary_effects(measure, &tables), model, Test::Z).pooled(), text);
    }
    let risk_ratio = mantel_haenszel::fit(PooledMeasure::LogRiskRatio, &tables, 0.95).unwrap();
    row(&risk_ratio.pooled, ["-0.454", "-0.531", "-0.377", "-11.53"]);
    printed(["152.57"], [risk_ratio.q.statistic]);
    let odds_ratio = mantel_haenszel::fit(PooledMeasure::LogOddsRatio, &tables, 0.95).unwrap();
    row(&odds_ratio.pooled, ["-0.473", "-0.554", "-0.393", "-11.54"]);
    printed(["163.94"], [odds_ratio.q.statistic]);
    let difference = mantel_haenszel::fit(PooledMeasure::RiskDifference, &tables, 0.95).unwrap();
    printed(["-0.003", "386.78"], [difference.pooled.estimate, difference.q.statistic]);
    let peto = peto::fit(&tables, 0.95).unwrap();
    row(&peto.pooled, ["-0.474", "-0.554", "-0.395", "-11.67"]);
    printed(["167.73"], [peto.q.statistic]);
}

/// Viechtbauer 2005, J Educ Behav Stat 30:261, the tables of pp. 271 and 272.
#[test]
fn viechtbauer_2005_pages_271_and_272() {
    let estimators = [HS, HE, DL, ML, REML, EB, SJ];
    let first = [
        ["0.228", "77.23", "4.39"],
        ["0.148", "68.80", "3.21"],
        ["0.277", "80.44", "5.11"],
        ["0.197", "74.51", "3.92"],
        ["0.223", "76.84", "4.32"],
        ["0.192", "74.05", "3.85"],
        ["0.199", "74.75", "3.96"],
    ];
    let second = [
        ["0.010", "22.93", "1.30"],
        ["0.000", "0.00", "1.00"],
        ["0.013", "27.53", "1.38"],
        ["0.013", "28.45", "1.40"],
        ["0.016", "32.02", "1.47"],
        ["0.010", "23.72", "1.31"],
        ["0.025", "42.67", "1.74"],
    ];
    for (name, rows) in [("viechtbauer2005_1", first), ("viechtbauer2005_2", second)] {
        let effects = Table::read(&format!("worked/{name}.csv")).effects();
        for (model, text) in estimators.into_iter().zip(rows) {
            let fit = pooled(&effects, model, Test::Z);
            let inconsistency = fit.inconsistency.unwrap();
            let [i, h] = [inconsistency.i_squared, inconsistency.h_squared];
            printed(text, [tau_squared(&fit), i, h]);
        }
    }
}

/// Viechtbauer 2007, Stat Med 26:37, Table II (p. 44), with three digits as metafor's tests have them:
/// diuretics against pre-eclampsia (Collins 1985), estimates of τ², its Q-profile interval, and
/// Wald's from the standard errors of τ².
#[test]
fn viechtbauer_2007_table_ii() {
    let tables = Table::read("worked/collins1985.csv").tables();
    let effects = binary_effects(binary::Measure::LogOddsRatio, &tables);
    for (model, text) in [(DL, "0.230"), (ML, "0.239"), (REML, "0.301"), (SJ, "0.456")] {
        printed([text], [tau_squared(&pooled(&effects, model, Test::Z))]);
    }
    let intervals = heterogeneity_intervals(&effects, &Design::intercept(9), 0.95).unwrap();
    printed(["0.072", "2.203"], [intervals.tau_squared.lower, intervals.tau_squared.upper]);
    for (model, text) in [(ML, ["-0.101", "0.578"]), (REML, ["-0.131", "0.732"])] {
        let found = pooled(&effects, model, Test::Z).tau_squared.unwrap();
        let reach = 1.96 * found.standard_error;
        printed(text, [found.value - reach, found.value + reach]);
    }
}

/// Lipsey & Wilson 2001, Practical Meta-Analysis, Exhibits 7.3 (p. 133), 7.4 (p. 138), 7.6 and 7.7
/// (p. 141). The book's last digit of some Q is 1 off.
#[test]
fn lipsey_wilson_2001_exhibits_7_3_to_7_7() {
    let table = Table::read("worked/lipsey2001.csv");
    let effects = table.effects();
    let row = |b: &Inference, text: [&str; 6]| {
        let values = [b.estimate, b.standard_error, b.statistic, b.p_value, b.ci_lower, b.ci_upper];
        printed(text, values);
    };
    let common = pooled(&effects, Model::Common, Test::Z);
    row(common.pooled(), ["0.1549", "0.0609", "2.5450", "0.0109", "0.0356", "0.2742"]);
    printed(["14.7640", "0.0976"], [common.q.statistic, common.q.p_value]);
    let moments = pooled(&effects, DL, Test::Z);
    row(moments.pooled(), ["0.1534", "0.0858", "1.7893", "0.0736", "-0.0146", "0.3215"]);
    printed(["0.025955"], [tau_squared(&moments)]);

    let (random, intensity) = (table.column("random"), table.column("intensity"));
    let groups = regression(&effects, &[&random], Model::Common);
    printed(["0.0078", "0.4643"], [groups.moderators.unwrap().p_value, groups.fit.q.p_value]);
    for (at, text) in [
        (0.0, ["0.2984", "0.0813", "0.1390", "0.4578"]),
        (1.0, ["-0.0277", "0.0917", "-0.2075", "0.1521"]),
    ] {
        let mean = groups.predict(&design_row(&[ModeratorValue::Number(at)])).mean;
        let [estimate, lower, upper] = interval(&mean);
        printed(text, [estimate, mean.standard_error, lower, upper]);
    }
    let fixed = regression(&effects, &[&random, &intensity], Model::Common);
    let rows = [
        ["0.3223", "0.2998", "1.0752", "0.2823", "-0.2652", "0.9099"],
        ["-0.3298", "0.1304", "-2.5286", "0.0115", "-0.5854", "-0.0742"],
        ["-0.0041", "0.0493", "-0.0829", "0.9339", "-0.1007", "0.0925"],
    ];
    fixed.fit.coefficients.iter().zip(rows).for_each(|(b, text)| row(b, text));
    let moderators = fixed.moderators.unwrap();
    printed(["7.0807", "0.0290"], [moderators.statistic, moderators.p_value]);
    let mixed = regression(&effects, &[&random, &intensity], DL);
    let rows = [
        ["0.3311", "0.3198", "1.0351", "0.3006", "-0.2958", "0.9579"],
        ["-0.3269", "0.1439", "-2.2712", "0.0231", "-0.6090", "-0.0448"],
        ["-0.0068", "0.0528", "-0.1292", "0.8972", "-0.1103", "0.0967"],
    ];
    mixed.fit.coefficients.iter().zip(rows).for_each(|(b, text)| row(b, text));
    printed(["0.0617", "0.00488"], [mixed.moderators.unwrap().p_value, tau_squared(&mixed.fit)]);
}

/// DerSimonian & Kacker 2007, Contemp Clin Trials 28:105, Tables 3 and 4 (pp. 111-112).
#[test]
fn dersimonian_kacker_2007_tables_3_and_4() {
    let tables = Table::read("worked/dersimonian2007.csv").tables();
    let effects = binary_effects(binary::Measure::LogOddsRatio, &tables);
    let rows = [
        (PM, ["0.3681", "-0.3811", "0.2060"]),
        (HE, ["0.4410", "-0.4035", "0.2327"]),
        (DL, ["0.2323", "-0.3240", "0.1540"]),
        (EB, ["0.3681", "-0.3811", "0.2060"]),
        (REML, ["0.1843", "-0.2980", "0.1343"]),
        (HS, ["0.1330", "-0.2666", "0.1125"]),
        (SJ, ["0.4572", "-0.4079", "0.2386"]),
    ];
    for (model, text) in rows {
        let fit = pooled(&effects, model, Test::Z);
        let mean = fit.pooled();
        printed(text, [tau_squared(&fit).sqrt(), mean.estimate, mean.standard_error]);
    }
}

/// Rothman, Greenland & Lash 2008, Modern Epidemiology, ch. 15, Table 15-1: tolbutamide, intervals at
/// 90 %. Four digits as metafor's tests have them; the chapter has two or three.
#[test]
fn rothman_2008_table_15_1() {
    let tables = Table::read("worked/rothman2008_1.csv").tables();
    let fit = |measure| mantel_haenszel::fit(measure, &tables, 0.90).unwrap();
    let row = |fit: &TableFit, text: [&str; 5]| {
        let [estimate, lower, upper] = interval(&fit.pooled);
        printed(text, [estimate, lower, upper, fit.q.statistic, fit.q.p_value]);
    };
    let difference = fit(PooledMeasure::RiskDifference);
    row(&difference, ["0.0349", "-0.0176", "0.0874", "0.0017", "0.9669"]);
    let risk_ratio = fit(PooledMeasure::LogRiskRatio);
    row(&risk_ratio, ["0.2818", "-0.1442", "0.7078", "0.4472", "0.5037"]);
    printed(["1.33", "0.87", "2.03"], ratio(&risk_ratio.pooled));
    let odds_ratio = fit(PooledMeasure::LogOddsRatio);
    row(&odds_ratio, ["0.3387", "-0.1731", "0.8505", "0.3474", "0.5556"]);
    printed(["1.40", "0.84", "2.34"], ratio(&odds_ratio.pooled));
    let tarone = odds_ratio.tarone.unwrap();
    printed(["0.3489", "0.5547"], [tarone.statistic, tarone.p_value]);
}

/// Rothman, Greenland & Lash 2008, Modern Epidemiology, ch. 15, Tables 15-2 (smoking and coronary
/// deaths per 10,000 years) and 15-5 (spermicides), intervals at 90 %. As the one before.
#[test]
fn rothman_2008_tables_15_2_and_15_5() {
    let studies = Table::read("worked/rothman2008_2.csv").rates();
    let fit = |measure| mantel_haenszel::fit_rates(measure, &studies, 0.90).unwrap();
    let difference = fit(PooledRateMeasure::RateDifference);
    printed(["11.4392", "6.3498", "16.5286"], interval(&difference.pooled));
    printed(["26.8758"], [difference.q.statistic]);
    let rate_ratio = fit(PooledRateMeasure::LogRateRatio);
    printed(["1.4247", "1.1944", "1.6994"], ratio(&rate_ratio.pooled));
    printed(["10.4117", "0.0340"], [rate_ratio.q.statistic, rate_ratio.q.p_value]);
    let test = rate_ratio.cochran_mantel_haenszel.unwrap();
    printed(["10.7021", "0.0011"], [test.statistic, test.p_value]);
    let estimates = ["5.0417", "12.8040", "22.9610", "38.5674", "-20.2008"];
    let variances = ["1.7316", "16.0947", "111.0423", "535.0172", "1811.1307"];
    let strata = rate::effects(rate::Measure::RateDifference, &studies, RULE);
    for (i, effect) in strata.iter().flatten().enumerate() {
        printed([estimates[i], variances[i]], [effect.estimate, effect.variance]);
    }

    let tables = Table::read("worked/rothman2008_5.csv").tables();
    let odds_ratio = mantel_haenszel::fit(PooledMeasure::LogOddsRatio, &tables, 0.90).unwrap();
    printed(["3.7812", "1.4304", "9.9954"], ratio(&odds_ratio.pooled));
    printed(["0.1378", "0.7105"], [odds_ratio.q.statistic, odds_ratio.q.p_value]);
    let tarone = odds_ratio.tarone.unwrap();
    printed(["0.1391", "0.7092"], [tarone.statistic, tarone.p_value]);
}

/// Miller 1978, Am Stat 32:138, the example of p. 138; the paper's double arcsine is twice ours. The
/// mean by inverse variances and its return are of metafor's page.
#[test]
fn miller_1978_page_138() {
    let groups: Vec<Proportion> = Table::read("worked/miller1978.csv")
        .columns(["xi", "ni"])
        .iter()
        .map(|[events, total]| Proportion { events: *events, total: *total })
        .collect();
    let measure = ProportionMeasure::DoubleArcsine;
    let effects: Vec<Effect> = proportion_effects(measure, &groups, measure.usual_zero_counts())
        .into_iter()
        .flatten()
        .collect();
    let estimates = ["1.1391", "1.2888", "1.5253", "0.9515"];
    let variances = ["0.0870", "0.0571", "0.0465", "0.1538"];
    for (i, effect) in effects.iter().enumerate() {
        printed([estimates[i], variances[i]], [2.0 * effect.estimate, 4.0 * effect.variance]);
    }
    let mean = pooled(&effects, Model::Common, Test::Z).pooled().estimate;
    let sizes: Vec<f64> = groups.iter().map(|group| group.total).collect();
    let back = measure.back_transform(mean, harmonic_mean(&sizes).unwrap());
    printed(["1.3093", "0.3595"], [2.0 * mean, back]);
}

/// Konstantopoulos 2011, Res Synth Methods 2:61, Tables 4 (p. 70) and 5 (p. 71): school calendars, the
/// two-level and the three-level model.
#[test]
fn konstantopoulos_2011_tables_4_and_5() {
    let table = Table::read("data/schoolcalendar.csv");
    let effects = table.effects();
    let two_level = pooled(&effects, REML, Test::Z);
    let mean = two_level.pooled();
    printed(["0.128", "0.044"], [mean.estimate, mean.standard_error]);
    let found = two_level.tau_squared.unwrap();
    printed(["0.088", "0.020"], [found.value, found.standard_error]);
    let numbers = |name: &str| table.column(name).iter().map(|x| *x as usize).collect::<Vec<_>>();
    let (cluster, study) = (numbers("district"), numbers("school"));
    let nesting = Nesting { cluster: &cluster, study: &study };
    let design = Design::intercept(effects.len());
    let likelihood = Likelihood::Ordinary;
    let test = multilevel::Test::Z;
    let fit = three_level(&effects, &design, nesting, likelihood, test, 0.95).unwrap();
    printed(["0.1845", "0.0805"], [fit.pooled().estimate, fit.pooled().standard_error]);
    printed(["0.0577", "0.0329"], [fit.between_clusters, fit.within_clusters]);
}

/// Stijnen, Hamza & Özdemir 2010, Stat Med 29:3046, Tables II (p. 3050) and III (p. 3052): infections by
/// catheter. The paper's last digits differ by rounding in some limits, and 0.244 for the error of
/// the inverse-variance model.
#[test]
fn stijnen_2010_tables_ii_and_iii() {
    let tables = Table::read("data/catheter.csv").tables();
    let arm = |events: fn(&TwoByTwo) -> f64, total: fn(&TwoByTwo) -> f64| -> Vec<Effect> {
        let groups: Vec<Proportion> = tables
            .iter()
            .map(|table| Proportion { events: events(table), total: total(table) })
            .collect();
        let measure = ProportionMeasure::Logit;
        let effects = proportion_effects(measure, &groups, measure.usual_zero_counts());
        effects.into_iter().flatten().collect()
    };
    let row = |effects: &[Effect], text: [&str; 3]| {
        let fit = pooled(effects, REML, Test::Z);
        let mean = fit.pooled();
        printed(text, [mean.estimate, mean.standard_error, tau_squared(&fit)]);
    };
    row(&arm(|table| table.events2, |table| table.total2), ["-3.30", "0.24", "0.663"]);
    row(&arm(|table| table.events1, |table| table.total1), ["-4.26", "0.26", "0.393"]);

    let rule = ZeroCells { drop00: true, ..RULE };
    let effects: Vec<Effect> = binary::effects(binary::Measure::LogOddsRatio, &tables, rule)
        .into_iter()
        .flatten()
        .collect();
    let normal = pooled(&effects, REML, Test::Z);
    printed(["-0.980", "0.19"], [normal.pooled().estimate, tau_squared(&normal).sqrt()]);
    printed(["0.38", "0.23"], [0, 1].map(|i| ratio(normal.pooled())[i]));
    let exact = glmm::conditional(&tables, 0.95).unwrap();
    printed(["-1.353", "0.351"], [exact.pooled.estimate, exact.pooled.standard_error]);
    printed(["0.83"], [exact.tau_squared.sqrt()]);
    printed(["0.13", "0.51"], [1, 2].map(|i| ratio(&exact.pooled)[i]));
}

/// Stijnen, Hamza & Özdemir 2010, Stat Med 29:3046, Tables VII (p. 3054) and VIII (p. 3055): infections
/// in 1,000 days. The paper has 6.99, 0.223 and 1.04 for an upper limit, an error, and an upper limit.
#[test]
fn stijnen_2010_tables_vii_and_viii() {
    let studies = Table::read("worked/nielweise2008.csv").rates();
    let arm = |rate: fn(&TwoRates) -> Rate| -> Vec<Effect> {
        let groups: Vec<Rate> = studies.iter().map(rate).collect();
        let measure = RateMeasure::Log;
        let effects = rate_effects(measure, &groups, measure.usual_zero_counts());
        effects.into_iter().flatten().collect()
    };
    let control = pooled(&arm(|s| Rate { events: s.events2, time: s.time2 }), REML, Test::Z);
    printed(["1.468", "0.243"], [control.pooled().estimate, control.pooled().standard_error]);
    printed(["0.370"], [tau_squared(&control)]);
    printed(["4.34", "2.70"], [0, 1].map(|i| ratio(control.pooled())[i]));
    let treated = pooled(&arm(|s| Rate { events: s.events1, time: s.time1 }), REML, Test::Z);
    printed(["0.981", "0.326"], [treated.pooled().estimate, treated.pooled().standard_error]);
    printed(["0.639"], [tau_squared(&treated)]);
    printed(["2.67", "1.41", "5.05"], ratio(treated.pooled()));
    let effects: Vec<Effect> =
        rate::effects(rate::Measure::LogRateRatio, &studies, RULE).into_iter().flatten().collect();
    let normal = pooled(&effects, REML, Test::Z);
    printed(["-0.396", "0.31"], [normal.pooled().estimate, tau_squared(&normal).sqrt()]);
    printed(["0.67", "0.43"], [0, 1].map(|i| ratio(normal.pooled())[i]));
}

/// Henmi & Copas 2010, Stat Med 29:2969, in the text of p. 2978: acupoint P6, with four digits as
/// metafor's tests have them.
#[test]
fn henmi_copas_2010_page_2978() {
    let tables = Table::read("worked/lee2004.csv").tables();
    let effects = binary_effects(binary::Measure::LogOddsRatio, &tables);
    let moments = pooled(&effects, DL, Test::Z);
    printed(["0.3325"], [tau_squared(&moments)]);
    printed(["-0.6787", "-1.0664", "-0.2911"], interval(moments.pooled()));
    let found = henmi_copas(&effects, 0.95).unwrap();
    printed(["-0.5145", "-0.9994", "-0.0295"], [found.estimate, found.ci_lower, found.ci_upper]);
}
