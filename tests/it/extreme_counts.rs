//! Extreme counts, means, reports and times: nothing but zeros, no participants, the largest and the
//! smallest numbers, numbers that are none.

use crate::extreme::{Findings, RULES};
use build_report::stats::binary::{self, TwoByTwo};
use build_report::stats::continuous::{
    self, BiasCorrection, DifferenceVariance, MeansAndDeviations, RatioEstimate,
    StandardisedVariance,
};
use build_report::stats::correlation::{self, Correlation};
use build_report::stats::glmm;
use build_report::stats::pooling::mantel_haenszel::{
    self, Convention, PooledMeasure, PooledRateMeasure, RiskDifferenceVariance,
};
use build_report::stats::pooling::peto;
use build_report::stats::quantile_summary::{MeanMethod, QuantileSummary, estimated_moments};
use build_report::stats::rate::{self, TwoRates};
use build_report::stats::reported;
use build_report::stats::single_group::{self, Proportion, ProportionMeasure, Rate, RateMeasure};
use build_report::stats::small_study::binary::{harbord, peters};
use build_report::stats::survival::{IntervalScale, Observation, kaplan_meier, log_rank};

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
