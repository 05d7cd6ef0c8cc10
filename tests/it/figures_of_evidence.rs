//! The figures of studies and patients: risk of bias, flow, survival.

use crate::figures::{Figure, Trial, many_trials, odds_ratios, pool, rows, trials, words};
use build_report::report::plots::prisma::{Flow, prisma};
use build_report::report::plots::risk_of_bias::{
    BiasStudy, BiasTool, Judgement, bias_bars, traffic_light,
};
use build_report::report::plots::survival_curves::{
    SurvivalGroup, SurvivalOptions, survival_curves,
};
use build_report::stats::survival::{Curve, IntervalScale, Observation, kaplan_meier};
use serde_json::json;
use std::collections::BTreeMap;

pub(crate) fn biases() -> Vec<Figure> {
    use Judgement::{Critical, High, Low, Moderate, NoInformation, Serious, SomeConcerns};
    let of =
        |trials: &[Trial], codes: usize, judgements: &[Judgement]| -> Vec<BiasStudy<'static>> {
            let weights = pool(&odds_ratios(trials)).weights;
            let judged = |i: usize| judgements[(i * i + 5 * i + i / 3) % 11 % judgements.len()];
            trials
                .iter()
                .zip(weights)
                .enumerate()
                .map(|(i, (trial, weight))| BiasStudy {
                    label: trial.label.clone().leak(),
                    domains: (0..codes).map(|d| (i + d != 9).then(|| judged(i + d))).collect(),
                    overall: Some(judged(i)),
                    weight: Some(weight),
                })
                .collect()
        };
    let rob2 = [Low, Low, SomeConcerns, High, NoInformation];
    let robins = [Low, Moderate, Serious, Critical, NoInformation];
    let labels = |tool: &str| {
        let mut labels = words("risk_of_bias", json!({}));
        labels["domains"] = labels[tool].clone();
        labels["share"] = labels["weighted"].clone();
        labels
    };
    let bcg = of(&trials("bcg.csv"), 5, &rob2);
    let two = of(&trials("bcg.csv")[..2], 7, &robins);
    let many = of(&many_trials(60), 7, &robins);
    let (table, bars) = ("risk_of_bias/traffic-light", "risk_of_bias/bias-bars");
    vec![
        Figure::new(
            table,
            traffic_light(BiasTool::Rob2.domains(), &bcg),
            labels("rob2"),
            &["Some concerns", "Randomisation process", "Aronson 1948", "D5"],
        ),
        Figure::new(
            bars,
            bias_bars(BiasTool::Rob2.domains(), &bcg),
            labels("rob2"),
            &["Share of the weight, %", "Overall"],
        ),
        Figure::new(
            table,
            traffic_light(BiasTool::RobinsI.domains(), &two),
            labels("robins_i"),
            &["Confounding"],
        ),
        Figure::new(
            table,
            traffic_light(BiasTool::RobinsI.domains(), &many),
            labels("robins_i"),
            &["Critical"],
        ),
        Figure::new(
            bars,
            bias_bars(BiasTool::RobinsI.domains(), &many),
            labels("robins_i"),
            &["Serious"],
        ),
    ]
}

pub(crate) fn flows() -> Vec<Figure> {
    let of = |entries: &[(&str, &str)]| {
        let mut flow = Flow::default();
        for (key, value) in entries {
            flow.set(key, value).unwrap();
        }
        prisma(&flow)
    };
    let databases = [
        ("database_results", "12345"),
        ("database_specific_results", "MEDLINE, 6000; Embase, 5000; 中国知网（CNKI）, 1345"),
        ("register_results", "210"),
        ("duplicates", "3000"),
        ("excluded_automatic", "55"),
        ("excluded_other", "0"),
        ("records_screened", "9500"),
        ("records_excluded", "9300"),
        ("dbr_sought_reports", "200"),
        ("dbr_notretrieved_reports", "8"),
        ("dbr_assessed", "192"),
        ("dbr_excluded", "Wrong population, 80; No control arm, 40; Outcome not reported, 39"),
        ("new_studies", "31"),
        ("new_reports", "35"),
    ];
    let other = [
        ("website_results", "12"),
        ("organisation_results", "3"),
        ("citations_results", "40"),
        ("other_sought_reports", "55"),
        ("other_notretrieved_reports", "2"),
        ("other_assessed", "53"),
        ("other_excluded", "Wrong population, 30; #read(\"x\") *not bold*, 21"),
    ];
    let previous = [
        ("previous_studies", "13"),
        ("previous_reports", "15"),
        ("total_studies", "44"),
        ("total_reports", "50"),
        ("total_studies_ma", "40"),
    ];
    let reasons: String = (1..=60)
        .map(|i| format!("Reason number {i} of a committee that gives long reasons, {i}; "))
        .collect();
    let mut many = databases.to_vec();
    many[11].1 = &reasons;
    let labels = || words("prisma", json!({}));
    let function = "prisma/prisma-flow";
    vec![
        Figure::new(
            function,
            of(&databases),
            labels(),
            &[
                "Records identified from:",
                "(n = 12 345)",
                "Studies included in review (n = 31)",
                "中国知网",
            ],
        ),
        Figure::new(
            function,
            of(&[&databases[..], &other].concat()),
            labels(),
            &["Websites (n = 12)"],
        ),
        Figure::new(function, of(&[&databases[..], &previous].concat()), labels(), &["(n = 44)"]),
        Figure::new(
            function,
            of(&[&databases[..], &other, &previous].concat()),
            labels(),
            &["Previous studies", "*not bold*", "(n = 50)"],
        ),
        Figure::new(function, of(&many), labels(), &["Reason number 60 of"]),
        Figure::new(function, of(&databases[6..8]), labels(), &["Records screened (n = 9500)"]),
    ]
}

pub(crate) fn survivals() -> Vec<Figure> {
    let remission = |arm: &str, factor: f64| -> Curve {
        let observations: Vec<Observation> = rows("remission.csv")
            .iter()
            .filter(|row| row["arm"] == arm)
            .map(|row| Observation {
                time: factor * row["time"].parse::<f64>().unwrap(),
                event: row["event"] == "1",
            })
            .collect();
        kaplan_meier(&observations, IntervalScale::LogLog, 0.95).unwrap()
    };
    let arms: BTreeMap<String, ()> =
        rows("remission.csv").iter().map(|row| (row["arm"].clone(), ())).collect();
    let arms: Vec<&str> = arms.keys().map(String::as_str).collect();
    let (first, second) = (remission(arms[0], 1.0), remission(arms[1], 1.0));
    let two = [
        SurvivalGroup { label: arms[0], curve: &first },
        SurvivalGroup { label: arms[1], curve: &second },
    ];
    let (third, fourth) = (remission(arms[1], 1.7), remission(arms[0], 0.6));
    let four = [
        SurvivalGroup {
            label: "Mesenchymal stromal cells from umbilical cord, high dose, IV",
            curve: &first,
        },
        SurvivalGroup { label: "安慰剂对照组（标准治疗）", curve: &second },
        SurvivalGroup { label: "Low dose", curve: &third },
        SurvivalGroup { label: "#read(\"x\")", curve: &fourth },
    ];
    let options = SurvivalOptions { end: None, has_bands: true, has_medians: true };
    let labels = || {
        let own =
            json!({"x": "Weeks in remission", "band": "95% confidence band", "interval": "95% CI"});
        words("survival", own)
    };
    let function = "survival_curves/survival-curves";
    vec![
        Figure::new(
            function,
            survival_curves(&two, options),
            labels(),
            &[
                "Survival probability",
                "Number at risk",
                "Weeks in remission",
                "not reached",
                "Censored",
            ],
        ),
        Figure::new(
            function,
            survival_curves(&four, SurvivalOptions { has_bands: false, ..options }),
            labels(),
            &["安慰剂对照组", "#read(\"x\")"],
        ),
        Figure::new(function, survival_curves(&two[..1], options), labels(), &[]),
    ]
}
