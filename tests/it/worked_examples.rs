//! Worked examples, named after the paper and the table that they reproduce, to half a unit of the
//! last printed digit.
//!
//! The printed values are those that metafor's own tests compare with the page named
//! (wviechtb/metafor, `tests/testthat/test_analysis_example_*.r` and `test_misc_metan_*.r`). Where
//! these say that the paper has another last digit, the value is left out here. The data are in
//! `tests/reference`; `make_worked.R` and `cases.R` there name their sources.

use build_report::stats::Effect;
use build_report::stats::binary::{self, AddTo, TwoByTwo, ZeroCells};
use build_report::stats::continuous::{self, DifferenceVariance, MeansAndDeviations};
use build_report::stats::design::Design;
use build_report::stats::meta_regression::{
    MetaRegression, Moderator, ModeratorValue, design, design_row, regress,
};
use build_report::stats::multilevel::{self, Likelihood, Nesting, three_level};
use build_report::stats::pooling::Inference;
use build_report::stats::pooling::inverse_variance::{Fit, Model, Test, fit};
use build_report::stats::rate::TwoRates;
use build_report::stats::small_study::henmi_copas::henmi_copas;
use build_report::stats::tau_squared::Estimator;
use std::path::Path;

pub(crate) const RULE: ZeroCells = ZeroCells { add: 0.5, to: AddTo::OnlyZero, drop00: false };
pub(crate) const DL: Model = Model::Random(Estimator::DerSimonianLaird);
const HE: Model = Model::Random(Estimator::Hedges);
const HS: Model = Model::Random(Estimator::HunterSchmidt);
pub(crate) const ML: Model = Model::Random(Estimator::MaximumLikelihood);
pub(crate) const REML: Model = Model::Random(Estimator::RestrictedMaximumLikelihood);
pub(crate) const EB: Model = Model::Random(Estimator::EmpiricalBayes);
const PM: Model = Model::Random(Estimator::PauleMandel);
pub(crate) const SJ: Model = Model::Random(Estimator::SidikJonkman);

/// A table of numbers by column; a cell without a number is none.
pub(crate) struct Table {
    names: Vec<String>,
    rows: Vec<Vec<Option<f64>>>,
}

impl Table {
    pub(crate) fn read(name: &str) -> Self {
        let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reference"));
        let mut reader = csv::Reader::from_path(folder.join(name)).unwrap();
        let names = reader.headers().unwrap().iter().map(str::to_owned).collect();
        let rows = reader
            .records()
            .map(|row| row.unwrap().iter().map(|cell| cell.parse().ok()).collect())
            .collect();
        Self { names, rows }
    }

    pub(crate) fn columns<const N: usize>(&self, names: [&str; N]) -> Vec<[f64; N]> {
        let places = names.map(|name| self.names.iter().position(|other| other == name).unwrap());
        let complete = |row: &&Vec<Option<f64>>| places.iter().all(|place| row[*place].is_some());
        self.rows.iter().filter(complete).map(|row| places.map(|i| row[i].unwrap())).collect()
    }

    pub(crate) fn column(&self, name: &str) -> Vec<f64> {
        self.columns([name]).iter().map(|[value]| *value).collect()
    }

    pub(crate) fn effects(&self) -> Vec<Effect> {
        let pairs = self.columns(["yi", "vi"]);
        pairs
            .iter()
            .map(|[estimate, variance]| Effect { estimate: *estimate, variance: *variance })
            .collect()
    }

    pub(crate) fn tables(&self) -> Vec<TwoByTwo> {
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

    pub(crate) fn rates(&self) -> Vec<TwoRates> {
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
pub(crate) fn printed<const N: usize>(text: [&str; N], values: [f64; N]) {
    for (text, value) in text.iter().zip(values) {
        let decimals = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
        let half_unit = 0.5 * (0..decimals).fold(1.0, |unit, _| unit / 10.0);
        let expected: f64 = text.parse().unwrap();
        let near = (value - expected).abs() <= half_unit * (1.0 + 1e-9);
        assert!(near, "printed {text}, found {value}");
    }
}

pub(crate) fn binary_effects(measure: binary::Measure, tables: &[TwoByTwo]) -> Vec<Effect> {
    binary::effects(measure, tables, RULE).into_iter().flatten().collect()
}

pub(crate) fn pooled(effects: &[Effect], model: Model, test: Test) -> Fit {
    fit(effects, &Design::intercept(effects.len()), model, test, 0.95).unwrap()
}

pub(crate) fn tau_squared(fit: &Fit) -> f64 {
    fit.tau_squared.map_or(0.0, |tau_squared| tau_squared.value)
}

pub(crate) fn interval(inference: &Inference) -> [f64; 3] {
    [inference.estimate, inference.ci_lower, inference.ci_upper]
}

pub(crate) fn ratio(inference: &Inference) -> [f64; 3] {
    interval(inference).map(libm::exp)
}

pub(crate) fn regression(
    effects: &[Effect],
    moderators: &[&[f64]],
    model: Model,
) -> MetaRegression {
    let moderators: Vec<Moderator<'_>> =
        moderators.iter().map(|values| Moderator::Numeric(values)).collect();
    regress(effects, &design(effects.len(), &moderators), model, Test::Z, 0.95).unwrap()
}

pub(crate) fn predicted(regression: &MetaRegression, at: f64) -> f64 {
    regression.predict(&design_row(&[ModeratorValue::Number(at)])).mean.estimate
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
