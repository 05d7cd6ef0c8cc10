//! The figures of effects: funnel, Baujat, L'Abbé, bubble, radial, influence, one study after another.

use crate::figures::{Figure, REML, Trial, many_trials, odds_ratios, pool, rows, trials, words};
use build_report::report::number;
use build_report::report::plots::baujat::{BaujatStudy, baujat};
use build_report::report::plots::bubble::{BubbleStudy, Fitted, bubble};
use build_report::report::plots::funnel::{Funnel, FunnelStudy, funnel};
use build_report::report::plots::influence_panel::{InfluencePanel, influence_panel};
use build_report::report::plots::labbe::{ArmComparison, LabbeStudy, labbe};
use build_report::report::plots::label::Width;
use build_report::report::plots::radial::{Radial, RadialStudy, radial};
use build_report::report::plots::scale::EffectScale;
use build_report::report::plots::sequential::{SequentialRow, sequential};
use build_report::stats::design::Design;
use build_report::stats::influence::influence;
use build_report::stats::meta_regression::{Moderator, design, regress};
use build_report::stats::pooling::inverse_variance::NoFit;
use build_report::stats::pooling::inverse_variance::{Model, Test, fit};
use build_report::stats::sequential::{Refit, cumulative, leave_one_out};
use build_report::stats::small_study::trim_and_fill::{MissingEstimator, trim_and_fill};
use serde_json::json;

pub(crate) fn funnels() -> Vec<Figure> {
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

pub(crate) fn baujats() -> Vec<Figure> {
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

pub(crate) fn labbes() -> Vec<Figure> {
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

pub(crate) fn bubbles() -> Vec<Figure> {
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

pub(crate) fn radials() -> Vec<Figure> {
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

pub(crate) fn influence_panels() -> Vec<Figure> {
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

pub(crate) fn sequentials() -> Vec<Figure> {
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
