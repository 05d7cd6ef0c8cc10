//! Laws of pooling that hold for any data, as property tests.

use build_report::stats::Effect;
use build_report::stats::binary::{AddTo, Measure, TwoByTwo, ZeroCells, effects};
use build_report::stats::design::Design;
use build_report::stats::pooling::inverse_variance::{
    Fit, Model, Test, fit, heterogeneity_intervals,
};
use build_report::stats::pooling::mantel_haenszel::{self, PooledMeasure};
use build_report::stats::pooling::peto;
use build_report::stats::tau_squared::{Estimator, restricted_log_likelihood};
use proptest::prelude::*;

/// Every estimator of τ².
pub(crate) const ESTIMATORS: [Estimator; 8] = [
    Estimator::RestrictedMaximumLikelihood,
    Estimator::MaximumLikelihood,
    Estimator::DerSimonianLaird,
    Estimator::Hedges,
    Estimator::HunterSchmidt,
    Estimator::SidikJonkman,
    Estimator::PauleMandel,
    Estimator::EmpiricalBayes,
];

const RULE: ZeroCells = ZeroCells { add: 0.5, to: AddTo::OnlyZero, drop00: false };

fn studies() -> impl Strategy<Value = Vec<Effect>> {
    let study = (-3.0..3.0f64, 0.001..4.0f64)
        .prop_map(|(estimate, variance)| Effect { estimate, variance });
    prop::collection::vec(study, 2..20)
}

fn tables() -> impl Strategy<Value = Vec<TwoByTwo>> {
    let table =
        (1u32..80, 1u32..80, 0.0..1.0f64, 0.0..1.0f64).prop_map(|(n1, n2, p1, p2)| TwoByTwo {
            events1: (f64::from(n1) * p1).round(),
            total1: f64::from(n1),
            events2: (f64::from(n2) * p2).round(),
            total2: f64::from(n2),
        });
    prop::collection::vec(table, 1..15)
}

fn random(effects: &[Effect], estimator: Estimator) -> Fit {
    let design = Design::intercept(effects.len());
    fit(effects, &design, Model::Random(estimator), Test::Z, 0.95).unwrap()
}

fn tau_squared(fit: &Fit) -> f64 {
    fit.tau_squared.unwrap().value
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-7 * (1.0 + a.abs().max(b.abs()))
}

proptest! {
    #[test]
    fn the_order_of_studies_does_not_matter(mut effects in studies()) {
        for estimator in ESTIMATORS {
            let fit = random(&effects, estimator);
            effects.reverse();
            let reversed = random(&effects, estimator);
            prop_assert!(close(tau_squared(&fit), tau_squared(&reversed)), "{estimator:?}");
            prop_assert!(close(fit.pooled().estimate, reversed.pooled().estimate));
        }
    }

    #[test]
    fn shifting_effects_shifts_the_pooled_one_and_leaves_tau_squared(
        effects in studies(),
        shift in -5.0..5.0f64,
    ) {
        let shifted: Vec<Effect> =
            effects.iter().map(|e| Effect { estimate: e.estimate + shift, ..*e }).collect();
        for estimator in ESTIMATORS {
            let (a, b) = (random(&effects, estimator), random(&shifted, estimator));
            prop_assert!(close(tau_squared(&a), tau_squared(&b)), "{estimator:?}");
            prop_assert!(close(a.pooled().estimate + shift, b.pooled().estimate));
        }
    }

    #[test]
    fn scaling_effects_scales_tau_squared_by_the_square(
        effects in studies(),
        scale in 0.01..100.0f64,
    ) {
        let scaled: Vec<Effect> = effects
            .iter()
            .map(|e| Effect { estimate: e.estimate * scale, variance: e.variance * scale * scale })
            .collect();
        for estimator in ESTIMATORS {
            let (a, b) = (random(&effects, estimator), random(&scaled, estimator));
            let (a, b) = (tau_squared(&a), tau_squared(&b) / (scale * scale));
            prop_assert!(close(a, b), "{estimator:?}: {a} {b}");
        }
    }

    #[test]
    fn identical_studies_leave_nothing_to_vary(
        estimate in -2.0..2.0f64,
        variance in 0.01..2.0f64,
        k in 2usize..12,
    ) {
        let effects = vec![Effect { estimate, variance }; k];
        for estimator in ESTIMATORS {
            let random = random(&effects, estimator);
            prop_assert!(random.q.statistic < 1e-20);
            prop_assert!(tau_squared(&random) < 1e-12);
            prop_assert!(close(random.pooled().estimate, estimate));
        }
    }

    #[test]
    fn weights_sum_to_one_hundred_percent(effects in studies()) {
        for estimator in ESTIMATORS {
            let sum: f64 = random(&effects, estimator).weights.iter().sum();
            prop_assert!((sum - 100.0).abs() < 1e-9);
        }
    }

    #[test]
    fn the_generalised_q_at_paule_mandel_is_its_degrees_of_freedom(effects in studies()) {
        let fit = random(&effects, Estimator::PauleMandel);
        let tau_squared = tau_squared(&fit);
        prop_assume!(tau_squared > 1e-9);
        let q: f64 = effects
            .iter()
            .map(|e| {
                let residual = e.estimate - fit.pooled().estimate;
                residual * residual / (e.variance + tau_squared)
            })
            .sum();
        prop_assert!(close(q, effects.len() as f64 - 1.0));
    }

    #[test]
    fn no_tau_squared_is_likelier_than_the_restricted_maximum(
        effects in studies(),
        share in 0.0..3.0f64,
    ) {
        let y: Vec<f64> = effects.iter().map(|e| e.estimate).collect();
        let v: Vec<f64> = effects.iter().map(|e| e.variance).collect();
        let design = Design::intercept(effects.len());
        let height = |t| restricted_log_likelihood(&y, &v, &design, t).unwrap();
        let found = tau_squared(&random(&effects, Estimator::RestrictedMaximumLikelihood));
        for other in [0.0, share, found * share, found + share] {
            prop_assert!(height(found) >= height(other) - 1e-9);
        }
    }

    #[test]
    fn the_q_profile_interval_holds_tau_squared_of_paule_mandel(effects in studies()) {
        let design = Design::intercept(effects.len());
        let interval = heterogeneity_intervals(&effects, &design, 0.95).unwrap().tau_squared;
        let found = tau_squared(&random(&effects, Estimator::PauleMandel));
        prop_assert!(interval.lower <= found + 1e-9);
        prop_assert!(interval.is_empty || found <= interval.upper + 1e-9);
    }

    #[test]
    fn swapping_the_arms_turns_the_sign(tables in tables()) {
        let swapped: Vec<TwoByTwo> = tables
            .iter()
            .map(|t| TwoByTwo {
                events1: t.events2, total1: t.total2, events2: t.events1, total2: t.total1,
            })
            .collect();
        for measure in [Measure::LogOddsRatio, Measure::LogRiskRatio, Measure::RiskDifference] {
            let (a, b) = (effects(measure, &tables, RULE), effects(measure, &swapped, RULE));
            for (a, b) in a.iter().flatten().zip(b.iter().flatten()) {
                prop_assert!(close(a.estimate, -b.estimate) && close(a.variance, b.variance));
            }
        }
        for measure in [
            PooledMeasure::LogOddsRatio, PooledMeasure::LogRiskRatio, PooledMeasure::RiskDifference,
        ] {
            let a = mantel_haenszel::fit(measure, &tables, 0.95);
            let b = mantel_haenszel::fit(measure, &swapped, 0.95);
            prop_assert_eq!(a.is_some(), b.is_some());
            if let Some((a, b)) = a.zip(b) {
                prop_assert!(close(a.pooled.estimate, -b.pooled.estimate), "{measure:?}");
                prop_assert!(close(a.pooled.standard_error, b.pooled.standard_error));
            }
        }
        if let Some((a, b)) = peto::fit(&tables, 0.95).zip(peto::fit(&swapped, 0.95)) {
            prop_assert!(close(a.pooled.estimate, -b.pooled.estimate));
            prop_assert!(close(a.q.statistic, b.q.statistic));
        }
    }

    #[test]
    fn whatever_the_counts_pooling_gives_finite_numbers(tables in tables()) {
        let effects: Vec<Effect> =
            effects(Measure::LogOddsRatio, &tables, RULE).into_iter().flatten().collect();
        prop_assert_eq!(effects.len(), tables.len());
        let design = Design::intercept(effects.len());
        for test in [Test::Z, Test::T, Test::KnappHartung, Test::AdHoc] {
            for estimator in ESTIMATORS {
                let fitted = fit(&effects, &design, Model::Random(estimator), test, 0.95);
                if effects.len() > 1 {
                    let fitted = fitted.unwrap();
                    prop_assert!(fitted.pooled().estimate.is_finite());
                    prop_assert!(tau_squared(&fitted).is_finite());
                    prop_assert!(fitted.tau_squared.unwrap().standard_error.is_finite());
                } else {
                    prop_assert!(fitted.is_err());
                }
            }
        }
    }
}
