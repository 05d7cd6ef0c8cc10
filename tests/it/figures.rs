//! Every figure beside the forest plot, drawn from real and from awkward data into one document.

use crate::support::fixture;
use build_report::render::assets::Assets;
use build_report::render::template::string_literal;
use build_report::render::{Documents, Engine, FIGURES, REPORT, TYPEFACES};
use build_report::report::number;
use build_report::report::plots::baujat::{BaujatStudy, baujat};
use build_report::report::plots::bubble::{BubbleStudy, Fitted, bubble};
use build_report::report::plots::funnel::{Funnel, FunnelStudy, funnel};
use build_report::report::plots::influence_panel::{InfluencePanel, influence_panel};
use build_report::report::plots::labbe::{ArmComparison, LabbeStudy, labbe};
use build_report::report::plots::label::Width;
use build_report::report::plots::prisma::{Flow, prisma};
use build_report::report::plots::radial::{Radial, RadialStudy, radial};
use build_report::report::plots::risk_of_bias::{
    BiasStudy, BiasTool, Judgement, bias_bars, traffic_light,
};
use build_report::report::plots::scale::EffectScale;
use build_report::report::plots::sequential::{SequentialRow, sequential};
use build_report::report::plots::survival_curves::{
    SurvivalGroup, SurvivalOptions, survival_curves,
};
use build_report::stats::Effect;
use build_report::stats::binary::{AddTo, Measure, TwoByTwo, ZeroCells, effects};
use build_report::stats::design::Design;
use build_report::stats::influence::influence;
use build_report::stats::meta_regression::{Moderator, design, regress};
use build_report::stats::pooling::inverse_variance::NoFit;
use build_report::stats::pooling::inverse_variance::{Fit, Model, Test, fit};
use build_report::stats::sequential::{Refit, cumulative, leave_one_out};
use build_report::stats::small_study::trim_and_fill::{MissingEstimator, trim_and_fill};
use build_report::stats::survival::{Curve, IntervalScale, Observation, kaplan_meier};
use build_report::stats::tau_squared::Estimator;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

const REML: Model = Model::Random(Estimator::RestrictedMaximumLikelihood);

/// A call of a figure's Typst function.
struct Figure {
    /// `file/function`.
    function: &'static str,
    view: Value,
    words: Value,
    /// Texts that the page must hold.
    texts: Vec<String>,
}

impl Figure {
    fn new(function: &'static str, view: impl Serialize, words: Value, texts: &[&str]) -> Self {
        let view = serde_json::to_value(view).unwrap();
        let texts = texts.iter().map(|text| (*text).to_owned()).collect();
        Self { function, view, words, texts }
    }
}

#[test]
fn every_figure_is_drawn_and_can_be_read_back() {
    let figures: Vec<Figure> = [
        funnels(),
        baujats(),
        labbes(),
        bubbles(),
        radials(),
        influence_panels(),
        sequentials(),
        biases(),
        flows(),
        survivals(),
    ]
    .into_iter()
    .flatten()
    .collect();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let path = folder.join("figures.pdf");
    fs::write(&path, set(&figures)).unwrap();
    // the reader is not part of the project
    let Ok(output) =
        Command::new("pdftotext").args(["-layout", "-enc", "UTF-8"]).arg(&path).arg("-").output()
    else {
        return;
    };
    let text = String::from_utf8(output.stdout).unwrap();
    let squeeze = |text: &str| text.split_whitespace().collect::<String>();
    let read = squeeze(&text);
    for figure in &figures {
        for text in &figure.texts {
            assert!(
                read.contains(&squeeze(text)),
                "{}: `{text}` is not on the page",
                figure.function
            );
        }
    }
}

/// The figures, each on pages of its own, as PDF.
fn set(figures: &[Figure]) -> Vec<u8> {
    let mut main = String::from("#import \"style.typ\": *\n#set document(title: \"Figures\")\n");
    main.push_str("#set page(paper: \"a4\", margin: 2cm)\n");
    main.push_str("#set text(font: serif, size: 10pt, fill: ink, lang: \"en\")\n");
    for figure in figures {
        let (file, function) = figure.function.split_once('/').unwrap();
        writeln!(main, "#import \"figures/{file}.typ\": {function}").unwrap();
        let (view, words) = (code(&figure.view), code(&figure.words));
        writeln!(main, "#{function}({view}, {words})\n#pagebreak(weak: true)").unwrap();
    }
    let templates = fixture("../templates");
    let assets = Assets::embedded();
    let sources = assets.iter().filter(|(path, _)| path.ends_with(".typ")).map(|(path, _)| {
        // as they stand on disk, so that a change of a template needs no other build
        (path.to_owned(), fs::read_to_string(templates.join(path)).unwrap())
    });
    let mut sources: BTreeMap<String, String> = sources.collect();
    sources.insert(REPORT.to_owned(), main);
    sources.insert(FIGURES.to_owned(), String::new());
    let typefaces = "#let sans = (\"Inter\", \"Noto Sans CJK SC\")\n\
                     #let serif = (\"Libertinus Serif\", \"Noto Sans CJK SC\")\n\
                     #let strong-serif = serif\n";
    sources.insert(TYPEFACES.to_owned(), typefaces.to_owned());
    Engine::default_engine()
        .render(&Documents { sources, ..Documents::default() }, &assets)
        .unwrap()
        .pdf
}

/// The labels of a figure, with those that a caller gives.
fn words(figure: &str, own: Value) -> Value {
    let text = fs::read_to_string(fixture("../templates/labels/en.yaml")).unwrap();
    let labels: Value = serde_saphyr::from_str(&text).unwrap();
    let mut words = labels["figures"][figure].clone();
    words["mark"] = labels["mark"].clone();
    words["to"] = labels["interval_to"].clone();
    for (key, value) in own.as_object().unwrap() {
        words[key] = value.clone();
    }
    words
}

/// A study of two arms.
#[derive(Clone)]
struct Trial {
    label: String,
    table: TwoByTwo,
}

fn rows(data: &str) -> Vec<BTreeMap<String, String>> {
    let path = fixture("reference/data").join(data);
    csv::Reader::from_path(path).unwrap().deserialize().map(Result::unwrap).collect()
}

/// The trials of a data set, without those that lack a count.
fn trials(data: &str) -> Vec<Trial> {
    rows(data)
        .iter()
        .filter_map(|row| {
            let count = |name: &str| row[name].parse().ok();
            let table = TwoByTwo {
                events1: count("ai")?,
                total1: count("n1i")?,
                events2: count("ci")?,
                total2: count("n2i")?,
            };
            Some(Trial { label: row["study"].clone(), table })
        })
        .collect()
}

/// So many trials, made of real ones again and again under names that are hard to set.
fn many_trials(count: usize) -> Vec<Trial> {
    let data = ["bcg.csv", "betablocker.csv", "catheter.csv", "magnesium.csv", "stjohnswort.csv"];
    let names = [
        "International Collaborative Study Group of Infarct Survival 2001",
        "国家卫生健康委员会多中心随机对照研究协作组 2019",
        "O\u{2019}Neill & al. #read(\"x\") *2020*",
    ];
    let real: Vec<Trial> = data.iter().flat_map(|data| trials(data)).collect();
    real.iter()
        .cycle()
        .take(count)
        .enumerate()
        .map(|(i, trial)| {
            let label = if i % 9 == 4 { names[i / 9 % 3].to_owned() } else { trial.label.clone() };
            Trial { label, table: trial.table }
        })
        .collect()
}

fn odds_ratios(trials: &[Trial]) -> Vec<Effect> {
    let tables: Vec<TwoByTwo> = trials.iter().map(|trial| trial.table).collect();
    let rule = ZeroCells { add: 0.5, to: AddTo::OnlyZero, drop00: false };
    effects(Measure::LogOddsRatio, &tables, rule).into_iter().map(Option::unwrap).collect()
}

fn pool(effects: &[Effect]) -> Fit {
    fit(effects, &Design::intercept(effects.len()), REML, Test::Z, 0.95).unwrap()
}

fn funnels() -> Vec<Figure> {
    let labels = || {
        let own = json!({"x": "Odds ratio (log scale)", "limits": "95% pseudo-confidence limits"});
        words("funnel", own)
    };
    let of = |trials: &[Trial], fills: bool, null: Option<f64>| {
        let effects = odds_ratios(trials);
        let pooled = pool(&effects).pooled().estimate;
        let filled = trim_and_fill(&effects, REML, REML, Test::Z, 0.95, MissingEstimator::L0, None);
        let studies: Vec<FunnelStudy<'_>> = trials
            .iter()
            .zip(&effects)
            .map(|(trial, effect)| FunnelStudy {
                label: &trial.label,
                effect: *effect,
                is_labelled: (effect.estimate - pooled).abs() > 2.4 * effect.variance.sqrt(),
            })
            .collect();
        let imputed = filled.map(|filled| filled.imputed).unwrap_or_default();
        funnel(&Funnel {
            studies: &studies,
            imputed: if fills { &imputed } else { &[] },
            pooled,
            level: 0.95,
            null,
            scale: EffectScale::RATIO,
            width: Width::Whole,
        })
    };
    let bcg = trials("bcg.csv");
    vec![
        Figure::new(
            "funnel/funnel-plot",
            of(&bcg, true, None),
            labels(),
            &["Odds ratio (log scale)", "Standard error", "Imputed study (trim and fill)", "0.2"],
        ),
        Figure::new(
            "funnel/funnel-plot",
            of(&bcg, true, Some(0.0)),
            labels(),
            &["P ≥ 0.10", "Pooled effect"],
        ),
        Figure::new("funnel/funnel-plot", of(&bcg[..2], false, Some(0.0)), labels(), &[]),
        Figure::new(
            "funnel/funnel-plot",
            of(&many_trials(200), true, Some(0.0)),
            labels(),
            &["95% pseudo-confidence limits"],
        ),
    ]
}

fn baujats() -> Vec<Figure> {
    let of = |trials: &[Trial]| {
        let effects = odds_ratios(trials);
        let found =
            influence(&effects, &Design::intercept(effects.len()), REML, Test::Z, 0.95).unwrap();
        let studies: Vec<BaujatStudy<'_>> = trials
            .iter()
            .zip(&found.studies)
            .map(|(trial, study)| BaujatStudy {
                label: &trial.label,
                contribution: study.squared_pearson_residual,
                influence: study.deletion.as_ref().ok().map(|d| d.squared_fitted_change),
            })
            .collect();
        baujat(&studies, Width::Whole)
    };
    let labels = || words("baujat", json!({}));
    vec![
        Figure::new(
            "baujat/baujat-plot",
            of(&trials("bcg.csv")),
            labels(),
            &["Contribution to Q", "Influence on the pooled effect", "Hart & Sutherland 1977"],
        ),
        Figure::new("baujat/baujat-plot", of(&trials("bcg.csv")[..2]), labels(), &[]),
        Figure::new("baujat/baujat-plot", of(&many_trials(60)), labels(), &[]),
    ]
}

fn labbes() -> Vec<Figure> {
    let of = |trials: &[Trial]| {
        let fit = pool(&odds_ratios(trials));
        let studies: Vec<LabbeStudy<'_>> = trials
            .iter()
            .zip(&fit.weights)
            .enumerate()
            .map(|(i, (trial, weight))| LabbeStudy {
                label: &trial.label,
                experimental: trial.table.events1 / trial.table.total1,
                control: trial.table.events2 / trial.table.total2,
                weight: *weight,
                is_labelled: i % 5 == 2,
            })
            .collect();
        labbe(&studies, Some((ArmComparison::LogOddsRatio, fit.pooled().estimate)), Width::Whole)
    };
    let labels = || {
        let own = json!({
            "x": "Control: rate of events, %",
            "y": "BCG: rate of events, %",
            "pooled": "Pooled effect (OR 0.49)",
        });
        words("labbe", own)
    };
    vec![
        Figure::new(
            "labbe/labbe-plot",
            of(&trials("bcg.csv")),
            labels(),
            &["BCG: rate of events, %", "Equal rates", "Pooled effect (OR 0.49)"],
        ),
        Figure::new("labbe/labbe-plot", of(&trials("bcg.csv")[..2]), labels(), &[]),
        Figure::new("labbe/labbe-plot", of(&many_trials(200)), labels(), &[]),
    ]
}

fn bubbles() -> Vec<Figure> {
    let of = |trials: &[Trial], moderator: &[f64], prediction: bool| {
        let effects = odds_ratios(trials);
        let design = design(trials.len(), &[Moderator::Numeric(moderator)]);
        let model = if trials.len() > 2 { REML } else { Model::Common };
        // two studies leave no degrees of freedom: a horizontal line stands for the model
        let found = regress(&effects, &design, model, Test::Z, 0.95).ok();
        let fitted = |x: f64| {
            let predicted = found.as_ref().map(|model| model.predict(&[1.0, x]));
            predicted.map_or(
                Fitted { mean: 0.0, interval: (-0.5, 0.5), prediction: None },
                |predicted| Fitted {
                    mean: predicted.mean.estimate,
                    interval: (predicted.mean.ci_lower, predicted.mean.ci_upper),
                    prediction: predicted.prediction_interval.filter(|_| prediction),
                },
            )
        };
        let studies: Vec<BubbleStudy<'_>> = trials
            .iter()
            .zip(moderator)
            .zip(&effects)
            .enumerate()
            .map(|(i, ((trial, moderator), effect))| BubbleStudy {
                label: &trial.label,
                moderator: *moderator,
                estimate: effect.estimate,
                weight: 1.0 / (effect.variance + 0.3),
                is_labelled: i % 6 == 4,
            })
            .collect();
        bubble(&studies, &fitted, EffectScale::RATIO, Some(0.0), Width::Whole)
    };
    let bcg = trials("bcg.csv");
    let latitude: Vec<f64> =
        rows("bcg.csv").iter().map(|row| row["ablat"].parse().unwrap()).collect();
    let many = many_trials(60);
    let spread: Vec<f64> = (0..60).map(|i| f64::from(i * 37 % 61) * 1000.0).collect();
    let labels = |x: &str| {
        let own = json!({
            "x": x,
            "y": "Odds ratio (log scale)",
            "band": "95% confidence band",
            "prediction": "95% prediction band",
        });
        words("bubble", own)
    };
    vec![
        Figure::new(
            "bubble/bubble-plot",
            of(&bcg, &latitude, true),
            labels("Absolute latitude, degrees"),
            &["Absolute latitude, degrees", "Meta-regression", "95% prediction band"],
        ),
        Figure::new(
            "bubble/bubble-plot",
            of(&bcg[..2], &latitude[..2], false),
            labels("纬度"),
            &["纬度"],
        ),
        Figure::new(
            "bubble/bubble-plot",
            of(&many, &spread, false),
            labels("Dose, IU"),
            &["Dose, IU"],
        ),
    ]
}

fn radials() -> Vec<Figure> {
    let of = |trials: &[Trial]| {
        let effects = odds_ratios(trials);
        let fit = pool(&effects);
        let pooled = fit.pooled();
        let studies: Vec<RadialStudy<'_>> = trials
            .iter()
            .zip(&effects)
            .enumerate()
            .map(|(i, (trial, effect))| RadialStudy {
                label: &trial.label,
                effect: *effect,
                is_labelled: i % 6 == 4,
            })
            .collect();
        radial(&Radial {
            studies: &studies,
            tau_squared: fit.tau_squared.unwrap().value,
            pooled: (pooled.estimate, (pooled.ci_lower, pooled.ci_upper)),
            level: 0.95,
            scale: EffectScale::RATIO,
            width: Width::Whole,
        })
    };
    let labels = || {
        let own = json!({
            "arc": "Odds ratio",
            "band": "95% band about the pooled effect",
            "interval": "95% CI of the pooled effect",
        });
        words("radial", own)
    };
    vec![
        Figure::new(
            "radial/radial-plot",
            of(&trials("bcg.csv")),
            labels(),
            &["Standardised effect", "Precision", "Odds ratio", "95% CI of the pooled effect"],
        ),
        Figure::new("radial/radial-plot", of(&trials("bcg.csv")[..2]), labels(), &[]),
        Figure::new("radial/radial-plot", of(&many_trials(60)), labels(), &[]),
    ]
}

fn influence_panels() -> Vec<Figure> {
    let of = |trials: &[Trial], model: Model| {
        let effects = odds_ratios(trials);
        let design = Design::intercept(effects.len());
        let found = influence(&effects, &design, model, Test::Z, 0.95).unwrap();
        let fit = fit(&effects, &design, model, Test::Z, 0.95).unwrap();
        let labels: Vec<&str> = trials.iter().map(|trial| trial.label.as_str()).collect();
        influence_panel(&InfluencePanel {
            labels: &labels,
            influence: &found,
            coefficients: 1,
            tau_squared: fit.tau_squared.map(|tau_squared| tau_squared.value),
            q: fit.q.statistic,
        })
    };
    let bcg = trials("bcg.csv");
    let labels = || words("influence", json!({}));
    let function = "influence_panel/influence-panel";
    vec![
        Figure::new(function, of(&bcg, REML), labels(), &["Leverage", "TPT Madras 1980", "DFFITS"]),
        Figure::new(function, of(&bcg[..2], Model::Common), labels(), &["Aronson 1948"]),
        Figure::new(
            function,
            of(&many_trials(200), REML),
            labels(),
            &["国家卫生健康委员会", "Collaborative", "*2020*"],
        ),
    ]
}

fn sequentials() -> Vec<Figure> {
    let rows = |trials: &[Trial],
                refits: &[Result<Refit, NoFit>],
                sign: &str|
     -> Vec<(String, Option<Refit>)> {
        trials
            .iter()
            .zip(refits)
            .map(|(trial, refit)| (format!("{sign}{}", trial.label), refit.ok()))
            .collect()
    };
    let of = |trials: &[Trial], is_cumulative: bool| {
        let effects = odds_ratios(trials);
        let rows = if is_cumulative {
            rows(trials, &cumulative(&effects, REML, Test::Z, 0.95), "+ ")
        } else {
            rows(trials, &leave_one_out(&effects, REML, Test::Z, 0.95), "")
        };
        let row = |label, refit: &Option<Refit>| SequentialRow {
            label,
            effect: refit.map(|refit| {
                let pooled = refit.pooled;
                (pooled.estimate, (pooled.ci_lower, pooled.ci_upper))
            }),
            effect_text: refit.map_or_else(String::new, |refit| {
                let text = |value| EffectScale::RATIO.text(value);
                let pooled = refit.pooled;
                format!(
                    "{} [{}, {}]",
                    text(pooled.estimate),
                    text(pooled.ci_lower),
                    text(pooled.ci_upper)
                )
            }),
            texts: refit.map_or_else(Vec::new, |refit| {
                let i2 = refit.inconsistency.map(|found| number::fixed(found.i_squared, 0));
                vec![number::fixed(refit.pooled.p_value, 3), i2.unwrap_or_default()]
            }),
        };
        let all = Some(Refit::new(&pool(&effects)));
        let rows: Vec<SequentialRow<'_>> =
            rows.iter().map(|(label, refit)| row(label, refit)).collect();
        sequential(&rows, Some(&row("All studies", &all)), Some(0.0), EffectScale::RATIO)
    };
    let labels = |head: &str| {
        let mut labels =
            words("sequential", json!({"effect": "OR [95% CI]", "columns": ["P", "I², %"]}));
        labels["study"] = labels[head].clone();
        labels
    };
    let bcg = trials("bcg.csv");
    let function = "sequential/sequential-forest";
    vec![
        Figure::new(
            function,
            of(&bcg, false),
            labels("omitted"),
            &["Study left out", "All studies", "OR [95% CI]", "0.48 [0.33, 0.70]"],
        ),
        Figure::new(function, of(&bcg, true), labels("added"), &["Study added", "+ Aronson 1948"]),
        Figure::new(function, of(&bcg[..2], false), labels("omitted"), &[]),
        Figure::new(function, of(&many_trials(60), true), labels("added"), &["国家卫生健康委员会"]),
    ]
}

fn biases() -> Vec<Figure> {
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

fn flows() -> Vec<Figure> {
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

fn survivals() -> Vec<Figure> {
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

/// A value as a Typst expression.
fn code(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::String(text) => string_literal(text),
        Value::Array(items) => {
            let items: String = items.iter().map(|item| code(item) + ",").collect();
            format!("({items})")
        }
        Value::Object(entries) if entries.is_empty() => "(:)".to_owned(),
        Value::Object(entries) => {
            let entries: String = entries
                .iter()
                .map(|(key, value)| format!("{}:{},", string_literal(key), code(value)))
                .collect();
            format!("({entries})")
        }
    }
}
