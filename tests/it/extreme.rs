//! Extreme input: no study and very many, the largest and the smallest numbers, nothing but zeros,
//! numbers that are none. Every function gives finite numbers or its own reason, and comes back.

use crate::laws::ESTIMATORS;
use build_report::stats::Effect;
use build_report::stats::binary::{AddTo, ZeroCells};
use build_report::stats::design::Design;
use build_report::stats::influence::influence;
use build_report::stats::meta_regression::{
    Moderator, design, permutation_test, regress, subgroups,
};
use build_report::stats::multilevel::{self, Likelihood, Nesting, three_level, two_level_robust};
use build_report::stats::pooling::inverse_variance::{
    Model, PredictionReference, Test, fit, heterogeneity_intervals,
};
use build_report::stats::sequential::{cumulative, leave_one_out};
use build_report::stats::small_study::fail_safe::{self, Mean};
use build_report::stats::small_study::henmi_copas::henmi_copas;
use build_report::stats::small_study::rank_correlation::rank_correlation;
use build_report::stats::small_study::regression::{Predictor, Scatter, regression_test};
use build_report::stats::small_study::selection::{Alternative, step_selection};
use build_report::stats::small_study::trim_and_fill::{MissingEstimator, trim_and_fill};
use build_report::stats::tau_squared::{
    self, Estimator, dersimonian_laird_about, log_likelihood, restricted_log_likelihood,
};
use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};

const TESTS: [Test; 4] = [Test::Z, Test::T, Test::KnappHartung, Test::AdHoc];
pub(crate) const RULES: [ZeroCells; 3] = [
    ZeroCells { add: 0.5, to: AddTo::OnlyZero, drop00: false },
    ZeroCells { add: 0.5, to: AddTo::All, drop00: true },
    ZeroCells { add: 0.0, to: AddTo::None, drop00: false },
];

pub(crate) fn models() -> Vec<Model> {
    [Model::Common].into_iter().chain(ESTIMATORS.map(Model::Random)).collect()
}

/// What was found: panics, and numbers that are none. A call that does not come back hangs the test.
#[derive(Default)]
pub(crate) struct Findings(Vec<String>);

impl Findings {
    pub(crate) fn call<T: Debug>(&mut self, what: &str, data: &str, call: impl FnOnce() -> T) {
        match catch_unwind(AssertUnwindSafe(call)) {
            Err(_) => self.0.push(format!("{what} of {data}: panics")),
            Ok(result) => {
                let text = format!("{result:?}");
                let mut words = text.split(|c: char| !c.is_alphanumeric());
                if let Some(word) = words.find(|word| ["NaN", "inf"].contains(word)) {
                    let at = text.find(word).unwrap_or(0);
                    self.0.push(format!("{what} of {data}: {word} in {}", &text[..at.min(300)]));
                }
            }
        }
    }

    #[track_caller]
    pub(crate) fn finish(self) {
        assert!(self.0.is_empty(), "{} findings:\n{}", self.0.len(), self.0.join("\n"));
    }
}

fn paired(pairs: &[(f64, f64)]) -> Vec<Effect> {
    pairs.iter().map(|&(estimate, variance)| Effect { estimate, variance }).collect()
}

fn data_sets() -> Vec<(&'static str, Vec<Effect>)> {
    let usual = [(0.3, 0.02), (-0.1, 0.05), (0.9, 0.01), (0.2, 0.03), (0.5, 0.2), (0.1, 0.4)];
    let with = |change: fn(f64, f64) -> (f64, f64)| {
        paired(&usual.map(|(estimate, variance)| change(estimate, variance)))
    };
    let first = |estimate: f64, variance: f64| {
        let mut changed = usual;
        changed[0] = (estimate, variance);
        paired(&changed)
    };
    vec![
        ("none", vec![]),
        ("one", paired(&usual[..1])),
        ("two", paired(&usual[..2])),
        ("three", paired(&usual[..3])),
        ("the usual", paired(&usual)),
        ("identical studies", vec![Effect { estimate: 0.4, variance: 0.1 }; 6]),
        ("identical effects", with(|_, v| (0.4, v))),
        ("zero effects", with(|_, v| (0.0, v))),
        ("identical variances", with(|y, _| (y, 0.1))),
        ("zero variances", with(|y, _| (y, 0.0))),
        ("one zero variance", first(0.3, 0.0)),
        ("large effects", with(|y, v| (1e150 * y, v))),
        ("largest effects", with(|y, v| (1e300 * y, v))),
        ("one large effect", first(1e300, 0.02)),
        ("small effects", with(|y, v| (1e-300 * y, v))),
        ("large variances", with(|y, v| (y, 1e300 * v))),
        ("small variances", with(|y, v| (y, 1e-300 * v))),
        ("one large variance", first(0.3, 1e300)),
        ("one small variance", first(0.3, 1e-300)),
        ("large scale", with(|y, v| (1e140 * y, 1e280 * v))),
        ("small scale", with(|y, v| (1e-140 * y, 1e-280 * v))),
        ("an effect that is none", first(f64::NAN, 0.02)),
        ("an infinite effect", first(f64::INFINITY, 0.02)),
        ("a variance that is none", first(0.3, f64::NAN)),
        ("an infinite variance", first(0.3, f64::INFINITY)),
        ("a negative variance", first(0.3, -0.1)),
    ]
}

#[test]
fn pooling_of_extremes() {
    let mut findings = Findings::default();
    for (data, effects) in data_sets() {
        let design = Design::intercept(effects.len());
        for model in models() {
            for test in TESTS {
                findings.call(&format!("fit {model:?} {test:?}"), data, || {
                    let fit = fit(&effects, &design, model, test, 0.95)?;
                    let intervals = [
                        PredictionReference::Model,
                        PredictionReference::ResidualDf,
                        PredictionReference::ResidualDfMinusOne,
                    ]
                    .map(|reference| fit.prediction_interval_under(reference));
                    Ok::<_, build_report::stats::pooling::inverse_variance::NoFit>((fit, intervals))
                });
            }
            findings.call(&format!("influence {model:?}"), data, || {
                influence(&effects, &design, model, Test::Z, 0.95)
            });
            findings.call(&format!("leave one out {model:?}"), data, || {
                leave_one_out(&effects, model, Test::KnappHartung, 0.95)
            });
            findings.call(&format!("cumulative {model:?}"), data, || {
                cumulative(&effects, model, Test::KnappHartung, 0.95)
            });
        }
        findings.call("heterogeneity intervals", data, || {
            heterogeneity_intervals(&effects, &design, 0.95)
        });
        let y: Vec<f64> = effects.iter().map(|effect| effect.estimate).collect();
        let v: Vec<f64> = effects.iter().map(|effect| effect.variance).collect();
        for tau_squared in [0.0, 0.1, 1e300] {
            findings.call("likelihoods", data, || {
                [
                    log_likelihood(&y, &v, &design, tau_squared),
                    restricted_log_likelihood(&y, &v, &design, tau_squared),
                ]
            });
        }
        for estimator in ESTIMATORS {
            findings.call(&format!("estimate {estimator:?}"), data, || {
                tau_squared::estimate(estimator, &y, &v, &design)
            });
        }
        findings.call("DL about Q", data, || {
            [0.0, 1.0, 1e100].map(|q| dersimonian_laird_about(q, &y, &v))
        });
    }
    findings.finish();
}

#[test]
fn small_study_effects_of_extremes() {
    let mut findings = Findings::default();
    for (data, effects) in data_sets() {
        let design = Design::intercept(effects.len());
        let sizes: Vec<f64> = (1..=effects.len()).map(|i| 10.0 * i as f64).collect();
        for model in [Model::Common, Model::Random(Estimator::RestrictedMaximumLikelihood)] {
            for scatter in [
                Scatter::Multiplicative,
                Scatter::Additive(model, Test::Z),
                Scatter::Additive(model, Test::KnappHartung),
            ] {
                for predictor in [
                    Predictor::StandardError,
                    Predictor::Variance,
                    Predictor::SampleSize(&sizes),
                    Predictor::InverseSampleSize(&sizes),
                    Predictor::RootSampleSize(&sizes),
                    Predictor::InverseRootSampleSize(&sizes),
                ] {
                    findings.call(
                        &format!("regression test {scatter:?} {predictor:?}"),
                        data,
                        || regression_test(&effects, &design, predictor, scatter, 0.95),
                    );
                }
            }
            for estimator in [MissingEstimator::L0, MissingEstimator::R0, MissingEstimator::Q0] {
                findings.call(&format!("trim and fill {model:?} {estimator:?}"), data, || {
                    trim_and_fill(&effects, model, model, Test::Z, 0.95, estimator, None)
                });
            }
            for alternative in [Alternative::Greater, Alternative::Less, Alternative::TwoSided] {
                for steps in [&[0.5][..], &[0.025, 0.5], &[1e-300], &[1.0 - 1e-16], &[f64::NAN]] {
                    findings.call(
                        &format!("selection {model:?} {alternative:?} {steps:?}"),
                        data,
                        || step_selection(&effects, model, steps, alternative, 0.95),
                    );
                }
            }
        }
        findings.call("rank correlation", data, || rank_correlation(&effects));
        findings.call("Henmi and Copas", data, || henmi_copas(&effects, 0.95));
        findings.call("Rosenthal", data, || fail_safe::rosenthal(&effects, 0.05));
        findings.call("Rosenberg", data, || fail_safe::rosenberg(&effects, 0.05));
        for target in [None, Some(0.0), Some(1e-300), Some(f64::NAN)] {
            findings.call("Orwin", data, || {
                [Mean::Unweighted, Mean::Weighted]
                    .map(|mean| fail_safe::orwin(&effects, mean, target))
            });
        }
    }
    findings.finish();
}

#[test]
fn regression_and_levels_of_extremes() {
    let mut findings = Findings::default();
    for (data, effects) in data_sets() {
        let k = effects.len();
        let numbers: Vec<f64> = (0..k).map(|i| i as f64).collect();
        let columns: [(&str, Vec<f64>); 6] = [
            ("numbers", numbers.clone()),
            ("large numbers", numbers.iter().map(|x| 1e300 * x).collect()),
            ("small numbers", numbers.iter().map(|x| 1e-300 * x).collect()),
            ("one value", vec![3.0; k]),
            ("numbers far from zero", numbers.iter().map(|x| 1e15 + x).collect()),
            ("no numbers", vec![f64::NAN; k]),
        ];
        for (name, column) in &columns {
            let moderators = [Moderator::Numeric(column)];
            for model in models() {
                findings.call(&format!("regress on {name} {model:?}"), data, || {
                    let regression = regress(
                        &effects,
                        &design(k, &moderators),
                        model,
                        Test::KnappHartung,
                        0.95,
                    )?;
                    let predictions = [0.0, 1e300].map(|x| regression.predict(&[1.0, x]));
                    let _ = predictions;
                    Ok::<_, build_report::stats::meta_regression::NoRegression>(regression)
                });
            }
            findings.call(&format!("permutation test on {name}"), data, || {
                permutation_test(
                    &effects,
                    &design(k, &moderators),
                    Model::Random(Estimator::DerSimonianLaird),
                    Test::Z,
                    50,
                    1,
                )
            });
        }
        findings.call("permutation test", data, || {
            permutation_test(
                &effects,
                &Design::intercept(k),
                Model::Random(Estimator::DerSimonianLaird),
                Test::Z,
                50,
                1,
            )
        });
        let of: Vec<usize> = (0..k).map(|i| i % 2).collect();
        for model in models() {
            findings.call(&format!("subgroups {model:?}"), data, || {
                subgroups(&effects, &of, 3, model, Test::Z, 0.95)
            });
        }
        let cluster: Vec<usize> = (0..k).map(|i| i / 2).collect();
        let study: Vec<usize> = (0..k).collect();
        let nesting = Nesting { cluster: &cluster, study: &study };
        let intercept = Design::intercept(k);
        for likelihood in [Likelihood::Restricted, Likelihood::Ordinary] {
            findings.call(&format!("three levels {likelihood:?}"), data, || {
                let fit = three_level(
                    &effects,
                    &intercept,
                    nesting,
                    likelihood,
                    multilevel::Test::T,
                    0.95,
                )?;
                let robust = fit.robust(&effects, &intercept, nesting)?;
                let interval = fit.prediction_interval();
                Ok::<_, multilevel::NoFit>((fit, robust, interval))
            });
        }
        for tau_squared in [0.0, 0.1, 1e300] {
            findings.call("robust", data, || {
                two_level_robust(&effects, &intercept, tau_squared, &cluster, 0.95)
            });
        }
    }
    findings.finish();
}
