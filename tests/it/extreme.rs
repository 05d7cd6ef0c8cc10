//! Extreme input: no study and very many, the largest and the smallest numbers, nothing but zeros,
//! numbers that are none. Every function gives finite numbers or its own reason, and comes back.

use build_report::stats::Effect;
use build_report::stats::binary::{self, AddTo, TwoByTwo, ZeroCells};
use build_report::stats::continuous::{
    self, BiasCorrection, DifferenceVariance, MeansAndDeviations, RatioEstimate,
    StandardisedVariance,
};
use build_report::stats::correlation::{self, Correlation};
use build_report::stats::design::Design;
use build_report::stats::glmm;
use build_report::stats::influence::influence;
use build_report::stats::meta_regression::{
    Moderator, design, permutation_test, regress, subgroups,
};
use build_report::stats::multilevel::{self, Likelihood, Nesting, three_level, two_level_robust};
use build_report::stats::pooling::inverse_variance::{
    Model, PredictionReference, Test, fit, heterogeneity_intervals,
};
use build_report::stats::pooling::mantel_haenszel::{
    self, Convention, PooledMeasure, PooledRateMeasure, RiskDifferenceVariance,
};
use build_report::stats::pooling::peto;
use build_report::stats::quantile_summary::{MeanMethod, QuantileSummary, estimated_moments};
use build_report::stats::rate::{self, TwoRates};
use build_report::stats::reported;
use build_report::stats::sequential::{cumulative, leave_one_out};
use build_report::stats::single_group::{self, Proportion, ProportionMeasure, Rate, RateMeasure};
use build_report::stats::small_study::binary::{harbord, peters};
use build_report::stats::small_study::fail_safe::{self, Mean};
use build_report::stats::small_study::henmi_copas::henmi_copas;
use build_report::stats::small_study::rank_correlation::rank_correlation;
use build_report::stats::small_study::regression::{Predictor, Scatter, regression_test};
use build_report::stats::small_study::selection::{Alternative, step_selection};
use build_report::stats::small_study::trim_and_fill::{MissingEstimator, trim_and_fill};
use build_report::stats::survival::{IntervalScale, Observation, kaplan_meier, log_rank};
use build_report::stats::tau_squared::{
    self, Estimator, dersimonian_laird_about, log_likelihood, restricted_log_likelihood,
};
use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};

const ESTIMATORS: [Estimator; 8] = [
    Estimator::RestrictedMaximumLikelihood,
    Estimator::MaximumLikelihood,
    Estimator::DerSimonianLaird,
    Estimator::Hedges,
    Estimator::HunterSchmidt,
    Estimator::SidikJonkman,
    Estimator::PauleMandel,
    Estimator::EmpiricalBayes,
];
const TESTS: [Test; 4] = [Test::Z, Test::T, Test::KnappHartung, Test::AdHoc];
const RULES: [ZeroCells; 3] = [
    ZeroCells { add: 0.5, to: AddTo::OnlyZero, drop00: false },
    ZeroCells { add: 0.5, to: AddTo::All, drop00: true },
    ZeroCells { add: 0.0, to: AddTo::None, drop00: false },
];

fn models() -> Vec<Model> {
    [Model::Common].into_iter().chain(ESTIMATORS.map(Model::Random)).collect()
}

/// What was found: panics, and numbers that are none. A call that does not come back hangs the test.
#[derive(Default)]
struct Findings(Vec<String>);

impl Findings {
    fn call<T: Debug>(&mut self, what: &str, data: &str, call: impl FnOnce() -> T) {
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
    fn finish(self) {
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

fn table_sets() -> Vec<(&'static str, Vec<TwoByTwo>)> {
    let of = |rows: &[[f64; 4]]| -> Vec<TwoByTwo> {
        rows.iter()
            .map(|&[events1, total1, events2, total2]| TwoByTwo {
                events1,
                total1,
                events2,
                total2,
            })
            .collect()
    };
    vec![
        ("none", of(&[])),
        ("one", of(&[[3.0, 20.0, 5.0, 21.0]])),
        (
            "the usual",
            of(&[[3.0, 20.0, 5.0, 21.0], [8.0, 50.0, 9.0, 49.0], [1.0, 10.0, 4.0, 12.0]]),
        ),
        ("no events", of(&[[0.0, 20.0, 0.0, 21.0]; 4])),
        ("nothing but events", of(&[[20.0, 20.0, 21.0, 21.0]; 4])),
        ("events in one group", of(&[[0.0, 20.0, 3.0, 21.0], [0.0, 30.0, 5.0, 35.0]])),
        ("opposite", of(&[[0.0, 20.0, 21.0, 21.0], [30.0, 30.0, 0.0, 35.0]])),
        (
            "single participants",
            of(&[[1.0, 1.0, 0.0, 1.0], [0.0, 1.0, 1.0, 1.0], [0.0, 1.0, 0.0, 1.0]]),
        ),
        ("empty groups", of(&[[0.0, 0.0, 3.0, 10.0], [2.0, 9.0, 0.0, 0.0], [0.0; 4]])),
        (
            "a table and an empty one",
            of(&[[3.0, 20.0, 5.0, 21.0], [0.0; 4], [8.0, 50.0, 9.0, 49.0]]),
        ),
        ("large counts", of(&[[3e9, 2e10, 5e9, 2e10], [8e9, 5e10, 9e9, 5e10]])),
        ("larger counts", of(&[[3e150, 2e151, 5e150, 2e151], [8e150, 5e151, 9e150, 5e151]])),
        ("largest counts", of(&[[3e300, 2e301, 5e300, 2e301], [8e300, 5e301, 9e300, 5e301]])),
        ("more events than participants", of(&[[30.0, 20.0, 5.0, 21.0], [3.0, 20.0, 5.0, 21.0]])),
        ("negative counts", of(&[[-3.0, 20.0, 5.0, 21.0], [3.0, 20.0, 5.0, 21.0]])),
        ("no numbers", of(&[[f64::NAN; 4], [3.0, 20.0, 5.0, 21.0]])),
        ("infinite counts", of(&[[3.0, f64::INFINITY, 5.0, 21.0], [3.0, 20.0, 5.0, 21.0]])),
    ]
}

#[test]
fn tables_of_extremes() {
    let mut findings = Findings::default();
    for (data, tables) in table_sets() {
        for measure in [
            binary::Measure::LogOddsRatio,
            binary::Measure::LogRiskRatio,
            binary::Measure::RiskDifference,
            binary::Measure::PetoLogOddsRatio,
            binary::Measure::ArcsineDifference,
            binary::Measure::Phi,
        ] {
            for rule in RULES {
                findings.call(&format!("{measure:?} {rule:?}"), data, || {
                    binary::effects(measure, &tables, rule)
                });
            }
        }
        for measure in [
            PooledMeasure::LogOddsRatio,
            PooledMeasure::LogRiskRatio,
            PooledMeasure::RiskDifference,
        ] {
            for corrects_sums in [false, true] {
                for risk_difference_variance in
                    [RiskDifferenceVariance::Sato, RiskDifferenceVariance::GreenlandRobins]
                {
                    let convention = Convention { corrects_sums, risk_difference_variance };
                    findings.call(
                        &format!("Mantel-Haenszel {measure:?} {convention:?}"),
                        data,
                        || mantel_haenszel::fit_under(measure, &tables, 0.95, convention),
                    );
                }
            }
        }
        findings.call("Peto", data, || peto::fit(&tables, 0.95));
        findings.call("Harbord", data, || harbord(&tables, 0.95));
        findings.call("Peters", data, || peters(&tables, RULES[0], 0.95));
        // the conditional model counts through all tables with these margins
        if !data.contains("count") {
            findings.call("conditional mixed model", data, || {
                glmm::conditional(&tables, 0.95).map(|fit| (fit, fit.prediction_interval()))
            });
        }
        findings.call("unconditional mixed model", data, || {
            glmm::unconditional(&tables, 7, 0.95).map(|fit| (fit, fit.prediction_interval()))
        });

        let rates: Vec<TwoRates> = tables
            .iter()
            .map(|t| TwoRates {
                events1: t.events1,
                time1: t.total1,
                events2: t.events2,
                time2: t.total2,
            })
            .collect();
        for measure in [
            rate::Measure::LogRateRatio,
            rate::Measure::RateDifference,
            rate::Measure::SquareRootRateDifference,
        ] {
            for rule in RULES {
                findings.call(&format!("{measure:?} {rule:?}"), data, || {
                    rate::effects(measure, &rates, rule)
                });
            }
        }
        for measure in [PooledRateMeasure::LogRateRatio, PooledRateMeasure::RateDifference] {
            findings.call(&format!("Mantel-Haenszel {measure:?}"), data, || {
                mantel_haenszel::fit_rates(measure, &rates, 0.95)
            });
        }

        let groups: Vec<Proportion> =
            tables.iter().map(|t| Proportion { events: t.events1, total: t.total1 }).collect();
        for measure in [
            ProportionMeasure::Raw,
            ProportionMeasure::Log,
            ProportionMeasure::Logit,
            ProportionMeasure::Arcsine,
            ProportionMeasure::DoubleArcsine,
        ] {
            findings.call(&format!("{measure:?}"), data, || {
                single_group::proportion_effects(measure, &groups, measure.usual_zero_counts())
            });
        }
        for group in &groups {
            for level in [0.0, 1e-10, 0.95, 1.0 - 1e-16, 1.0, f64::NAN] {
                findings.call(&format!("interval of {group:?} at {level}"), data, || {
                    [
                        single_group::clopper_pearson(*group, level),
                        single_group::wilson(*group, level),
                    ]
                });
            }
        }
        let groups: Vec<Rate> =
            tables.iter().map(|t| Rate { events: t.events1, time: t.total1 }).collect();
        for measure in [
            RateMeasure::Raw,
            RateMeasure::Log,
            RateMeasure::SquareRoot,
            RateMeasure::DoubleSquareRoot,
        ] {
            findings.call(&format!("rate {measure:?}"), data, || {
                single_group::rate_effects(measure, &groups, measure.usual_zero_counts())
            });
        }
        let sizes: Vec<f64> = tables.iter().map(|t| t.total1).collect();
        findings.call("harmonic mean", data, || single_group::harmonic_mean(&sizes));
    }
    findings.finish();
}

#[test]
fn means_and_reports_of_extremes() {
    let mut findings = Findings::default();
    let values = [0.0, 1.0, -1.0, 1e-300, 1e300, 1e150, f64::NAN, f64::INFINITY];
    let sizes = [0.0, 1.0, 2.0, 3.0, 1e300, f64::NAN, f64::INFINITY, -1.0];
    let measures = [
        continuous::Measure::MeanDifference(DifferenceVariance::Separate),
        continuous::Measure::MeanDifference(DifferenceVariance::Pooled),
        continuous::Measure::HeteroscedasticStandardisedMeanDifference(BiasCorrection::Exact),
        continuous::Measure::LogRatioOfMeans(RatioEstimate::Plain),
        continuous::Measure::LogRatioOfMeans(RatioEstimate::BiasCorrected),
    ]
    .into_iter()
    .chain(
        [
            StandardisedVariance::LargeSample,
            StandardisedVariance::LargeSampleScaled,
            StandardisedVariance::Unbiased,
            StandardisedVariance::AverageEffect,
            StandardisedVariance::RevMan,
        ]
        .map(|variance| continuous::Measure::StandardisedMeanDifference {
            correction: BiasCorrection::Exact,
            variance,
        }),
    );
    for measure in measures {
        for mean1 in values {
            for sd1 in values {
                for n1 in sizes {
                    let study =
                        MeansAndDeviations { mean1, sd1, n1, mean2: 0.5, sd2: 1.5, n2: 20.0 };
                    findings.call(&format!("{measure:?}"), &format!("{study:?}"), || {
                        continuous::effects(measure, &[study])
                    });
                    let study =
                        MeansAndDeviations { mean1, sd1, n1, mean2: mean1, sd2: sd1, n2: n1 };
                    findings.call(&format!("{measure:?}"), &format!("{study:?}"), || {
                        continuous::effects(measure, &[study])
                    });
                }
            }
        }
    }
    for correction in [BiasCorrection::Exact, BiasCorrection::Approximate] {
        for df in sizes {
            findings.call(&format!("{correction:?}"), &format!("{df}"), || {
                continuous::bias_correction(correction, df)
            });
        }
    }
    for r in [0.0, 0.5, 1.0, -1.0, 1.0 - 1e-16, 2.0, f64::NAN, f64::INFINITY] {
        for n in [0.0, 1.0, 2.0, 3.0, 4.0, 1e300, f64::NAN, f64::INFINITY] {
            for measure in [correlation::Measure::Raw, correlation::Measure::FisherZ] {
                findings.call(&format!("{measure:?}"), &format!("{r} {n}"), || {
                    correlation::effects(measure, &[Correlation { coefficient: r, n }])
                });
            }
        }
    }
    for a in values {
        for b in values {
            for n in sizes {
                let data = format!("{a} {b} {n}");
                for method in [MeanMethod::Luo, MeanMethod::Wan] {
                    findings.call("moments of a range", &data, || {
                        estimated_moments(
                            QuantileSummary::Range { minimum: -1.0, median: a, maximum: b },
                            n,
                            method,
                        )
                    });
                    findings.call("moments of quartiles", &data, || {
                        estimated_moments(
                            QuantileSummary::Quartiles {
                                first_quartile: -1.0,
                                median: a,
                                third_quartile: b,
                            },
                            n,
                            method,
                        )
                    });
                }
            }
            for c in values {
                let data = format!("{a} {b} {c}");
                findings
                    .call("reported interval", &data, || reported::from_interval(a, b, c, 0.95));
                findings
                    .call("reported ratio", &data, || reported::from_ratio_interval(a, b, c, 0.95));
                findings.call("reported error", &data, || {
                    (reported::from_variance(a, b), reported::from_standard_error(a, b))
                });
            }
        }
    }
    findings.finish();
}

#[test]
fn survival_of_extremes() {
    let mut findings = Findings::default();
    let of = |times: &[f64], events: bool| -> Vec<Observation> {
        times.iter().map(|time| Observation { time: *time, event: events }).collect()
    };
    let sets = [
        ("none", vec![]),
        ("one event", of(&[1.0], true)),
        ("no event", of(&[1.0, 2.0, 3.0, 4.0], false)),
        ("events at once", of(&[2.0; 6], true)),
        ("events at zero", of(&[0.0; 6], true)),
        ("large times", of(&[1e300, 1e308, 1e-300, 5e-324], true)),
        ("no numbers", of(&[1.0, f64::NAN], true)),
        ("infinite", of(&[1.0, f64::INFINITY], true)),
        ("negative", of(&[1.0, -1.0], true)),
        (
            "many",
            (0..20_000)
                .map(|i| Observation { time: f64::from(i % 7919), event: i % 3 == 0 })
                .collect(),
        ),
    ];
    for (data, observations) in &sets {
        for scale in [IntervalScale::Plain, IntervalScale::Log, IntervalScale::LogLog] {
            findings.call(&format!("Kaplan-Meier {scale:?}"), data, || {
                kaplan_meier(observations, scale, 0.95).map(|curve| {
                    let rates = [0.0, 1e-300, 2.0, 1e300].map(|time| curve.at(time));
                    (curve.median(), rates, curve)
                })
            });
        }
        for groups in [1, 2, 3] {
            let of: Vec<usize> = (0..observations.len()).map(|i| i % groups).collect();
            findings.call("log-rank test", data, || log_rank(observations, &of, groups));
        }
    }
    findings.finish();
}

/// Time grows with k, or k log k; with k² for the refits of each study alone, and up to the 500 studies
/// of the exact rank correlation with k³.
#[test]
fn ten_thousand_studies() {
    let effects: Vec<Effect> = (0..10_000)
        .map(|i| {
            let x = f64::from(i);
            let wave = libm::sin(x) + 0.3 * libm::sin(7.0 * x);
            Effect { estimate: wave, variance: 0.01 + 0.1 * (1.0 + libm::cos(3.0 * x)) }
        })
        .collect();
    let k = effects.len();
    let data = "ten thousand studies";
    let mut findings = Findings::default();
    let intercept = Design::intercept(k);
    for model in models() {
        findings.call(&format!("fit {model:?}"), data, || {
            fit(&effects, &intercept, model, Test::KnappHartung, 0.95)
        });
    }
    let restricted = Model::Random(Estimator::RestrictedMaximumLikelihood);
    findings.call("heterogeneity intervals", data, || {
        heterogeneity_intervals(&effects, &intercept, 0.95)
    });
    let numbers: Vec<f64> = (0..k).map(|i| i as f64).collect();
    let of: Vec<usize> = (0..k).map(|i| i % 7).collect();
    let moderators = [Moderator::Numeric(&numbers), Moderator::Categorical { of: &of, levels: 7 }];
    findings.call("regress", data, || {
        regress(&effects, &design(k, &moderators), restricted, Test::KnappHartung, 0.95)
    });
    findings.call("subgroups", data, || subgroups(&effects, &of, 7, restricted, Test::Z, 0.95));
    let few = &effects[..1000];
    let cluster: Vec<usize> = (0..few.len()).map(|i| i / 5).collect();
    let nesting = Nesting { cluster: &cluster, study: &(0..few.len()).collect::<Vec<_>>() };
    findings.call("three levels", "a thousand studies", || {
        let restricted = Likelihood::Restricted;
        let design = Design::intercept(few.len());
        let fit = three_level(few, &design, nesting, restricted, multilevel::Test::Z, 0.95)?;
        let robust = fit.robust(few, &design, nesting)?;
        Ok::<_, multilevel::NoFit>((fit, robust))
    });
    findings.call("rank correlation", data, || rank_correlation(&effects));
    findings.call("Henmi and Copas", data, || henmi_copas(&effects, 0.95));
    findings.call("regression test", data, || {
        let egger = Scatter::Multiplicative;
        regression_test(&effects, &intercept, Predictor::StandardError, egger, 0.95)
    });
    for estimator in [MissingEstimator::L0, MissingEstimator::R0, MissingEstimator::Q0] {
        findings.call("trim and fill", data, || {
            let common = Model::Common;
            trim_and_fill(&effects, common, common, Test::Z, 0.95, estimator, None)
        });
    }
    findings.call("selection", data, || {
        step_selection(&effects, Model::Common, &[0.025, 0.5], Alternative::Greater, 0.95)
    });
    let tables: Vec<TwoByTwo> = (0..k)
        .map(|i| TwoByTwo {
            events1: (i % 5) as f64,
            total1: (20 + i % 7) as f64,
            events2: (i % 6) as f64,
            total2: (20 + i % 3) as f64,
        })
        .collect();
    findings.call("Mantel-Haenszel", data, || {
        mantel_haenszel::fit(PooledMeasure::LogOddsRatio, &tables, 0.95)
    });
    findings.call("Peto", data, || peto::fit(&tables, 0.95));
    findings.call("Harbord and Peters", data, || {
        (harbord(&tables, 0.95), peters(&tables, RULES[0], 0.95))
    });
    findings.call("conditional mixed model", "two hundred tables", || {
        glmm::conditional(&tables[..200], 0.95)
    });
    findings.finish();
}
