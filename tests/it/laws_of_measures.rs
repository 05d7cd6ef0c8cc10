//! Laws of effect measures, tests and models that hold for any data, as property tests.

use build_report::stats::Effect;
use build_report::stats::binary::{self, AddTo, TwoByTwo, ZeroCells};
use build_report::stats::continuous::{
    self, BiasCorrection, DifferenceVariance, MeansAndDeviations, RatioEstimate,
    StandardisedVariance,
};
use build_report::stats::correlation::{self, Correlation};
use build_report::stats::design::Design;
use build_report::stats::distribution::{
    beta_quantile, chi_squared_upper_quantile, chi_squared_upper_tail, f_upper_tail,
    normal_quantile, normal_two_sided, normal_upper_tail, t_quantile, t_two_sided,
};
use build_report::stats::glmm;
use build_report::stats::meta_regression::{Moderator, design, regress, subgroups};
use build_report::stats::multilevel::{self, Likelihood, Nesting, three_level, two_level_robust};
use build_report::stats::pooling::Reference;
use build_report::stats::pooling::inverse_variance::{Model, Test, fit};
use build_report::stats::pooling::mantel_haenszel::{self, PooledMeasure, PooledRateMeasure};
use build_report::stats::pooling::peto;
use build_report::stats::rate::{self, TwoRates};
use build_report::stats::reported::from_interval;
use build_report::stats::single_group::{
    Proportion, ProportionMeasure, Rate, RateMeasure, ZeroCounts, clopper_pearson,
    proportion_effects, rate_effects, wilson,
};
use build_report::stats::small_study::regression::{Predictor, Scatter, regression_test};
use build_report::stats::survival::{IntervalScale, Observation, kaplan_meier, log_rank};
use build_report::stats::tau_squared::{Estimator, estimate};
use proptest::prelude::*;

const RULE: ZeroCells = ZeroCells { add: 0.5, to: AddTo::OnlyZero, drop00: false };

const CONTINUOUS: [continuous::Measure; 5] = [
    continuous::Measure::MeanDifference(DifferenceVariance::Separate),
    continuous::Measure::MeanDifference(DifferenceVariance::Pooled),
    continuous::Measure::StandardisedMeanDifference {
        correction: BiasCorrection::Exact,
        variance: StandardisedVariance::LargeSample,
    },
    continuous::Measure::HeteroscedasticStandardisedMeanDifference(BiasCorrection::Exact),
    continuous::Measure::LogRatioOfMeans(RatioEstimate::Plain),
];

const RATES: [rate::Measure; 3] = [
    rate::Measure::LogRateRatio,
    rate::Measure::RateDifference,
    rate::Measure::SquareRootRateDifference,
];

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * (1e-3 + a.abs().max(b.abs()))
}

fn studies() -> impl Strategy<Value = Vec<Effect>> {
    let study =
        (-3.0..3.0f64, 0.01..2.0f64).prop_map(|(estimate, variance)| Effect { estimate, variance });
    prop::collection::vec(study, 4..20)
}

fn means() -> impl Strategy<Value = MeansAndDeviations> {
    let group = || (0.5..50.0f64, 0.1..20.0f64, 3u32..200);
    (group(), group()).prop_map(|((mean1, sd1, n1), (mean2, sd2, n2))| MeansAndDeviations {
        mean1,
        sd1,
        n1: f64::from(n1),
        mean2,
        sd2,
        n2: f64::from(n2),
    })
}

fn rates() -> impl Strategy<Value = Vec<TwoRates>> {
    let study = (0u32..40, 0.5..500.0f64, 0u32..40, 0.5..500.0f64).prop_map(
        |(events1, time1, events2, time2)| TwoRates {
            events1: f64::from(events1),
            time1,
            events2: f64::from(events2),
            time2,
        },
    );
    prop::collection::vec(study, 1..12)
}

fn tables() -> impl Strategy<Value = Vec<TwoByTwo>> {
    let table =
        (2u32..60, 2u32..60, 0.0..1.0f64, 0.0..1.0f64).prop_map(|(n1, n2, p1, p2)| TwoByTwo {
            events1: (f64::from(n1) * p1).round(),
            total1: f64::from(n1),
            events2: (f64::from(n2) * p2).round(),
            total2: f64::from(n2),
        });
    prop::collection::vec(table, 2..12)
}

fn of_one(measure: continuous::Measure, study: MeansAndDeviations) -> Option<Effect> {
    continuous::effects(measure, &[study])[0]
}

fn swapped(tables: &[TwoByTwo]) -> Vec<TwoByTwo> {
    let swap = |t: &TwoByTwo| TwoByTwo {
        events1: t.events2,
        total1: t.total2,
        events2: t.events1,
        total2: t.total1,
    };
    tables.iter().map(swap).collect()
}

proptest! {
    #[test]
    fn swapping_the_arms_turns_the_sign_of_means(s in means()) {
        let back = MeansAndDeviations {
            mean1: s.mean2, sd1: s.sd2, n1: s.n2, mean2: s.mean1, sd2: s.sd1, n2: s.n1,
        };
        for measure in CONTINUOUS {
            let (a, b) = (of_one(measure, s).unwrap(), of_one(measure, back).unwrap());
            prop_assert!(close(a.estimate, -b.estimate), "{measure:?}");
            prop_assert!(close(a.variance, b.variance), "{measure:?}");
        }
    }

    #[test]
    fn scaling_an_outcome_scales_differences_and_leaves_standardised_ones_and_ratios(
        s in means(),
        scale in 0.001..1000.0f64,
    ) {
        let scaled = MeansAndDeviations {
            mean1: scale * s.mean1, sd1: scale * s.sd1, n1: s.n1,
            mean2: scale * s.mean2, sd2: scale * s.sd2, n2: s.n2,
        };
        for measure in CONTINUOUS {
            let (a, b) = (of_one(measure, s).unwrap(), of_one(measure, scaled).unwrap());
            let factor = match measure {
                continuous::Measure::MeanDifference(_) => scale,
                _ => 1.0,
            };
            let relative = 1e-9 * (1.0 + s.mean1 + s.mean2);
            prop_assert!((factor * a.estimate - b.estimate).abs() <= relative * factor);
            prop_assert!(close(factor * factor * a.variance / b.variance, 1.0), "{measure:?}");
        }
    }

    #[test]
    fn moving_an_outcome_leaves_differences(s in means(), by in -100.0..100.0f64) {
        let moved = MeansAndDeviations { mean1: s.mean1 + by, mean2: s.mean2 + by, ..s };
        for measure in &CONTINUOUS[..4] {
            let (a, b) = (of_one(*measure, s).unwrap(), of_one(*measure, moved).unwrap());
            prop_assert!((a.estimate - b.estimate).abs() <= 1e-8 * (1.0 + a.estimate.abs()));
            prop_assert!(close(a.variance / b.variance, 1.0), "{measure:?}");
        }
    }

    #[test]
    fn swapping_the_arms_turns_the_sign_of_rates(studies in rates()) {
        let back: Vec<TwoRates> = studies
            .iter()
            .map(|s| TwoRates {
                events1: s.events2, time1: s.time2, events2: s.events1, time2: s.time1,
            })
            .collect();
        for measure in RATES {
            let rule = ZeroCells { add: measure.usual_addition(), ..RULE };
            let found = rate::effects(measure, &studies, rule);
            for (a, b) in found.iter().zip(rate::effects(measure, &back, rule)) {
                prop_assert_eq!(a.is_some(), b.is_some());
                if let Some((a, b)) = a.zip(b) {
                    prop_assert!(close(a.estimate, -b.estimate) && close(a.variance, b.variance));
                }
            }
        }
        for measure in [PooledRateMeasure::LogRateRatio, PooledRateMeasure::RateDifference] {
            let a = mantel_haenszel::fit_rates(measure, &studies, 0.95);
            let b = mantel_haenszel::fit_rates(measure, &back, 0.95);
            prop_assert_eq!(a.is_some(), b.is_some());
            if let Some((a, b)) = a.zip(b) {
                prop_assert!(close(a.pooled.estimate, -b.pooled.estimate));
                prop_assert!(close(a.pooled.standard_error, b.pooled.standard_error));
                prop_assert!((a.weights.iter().sum::<f64>() - 100.0).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn swapping_the_arms_turns_the_sign_of_the_other_measures_of_counts(tables in tables()) {
        let back = swapped(&tables);
        for measure in [
            binary::Measure::PetoLogOddsRatio,
            binary::Measure::ArcsineDifference,
            binary::Measure::Phi,
        ] {
            let found = binary::effects(measure, &tables, RULE);
            for (a, b) in found.iter().zip(binary::effects(measure, &back, RULE)) {
                prop_assert_eq!(a.is_some(), b.is_some());
                if let Some((a, b)) = a.zip(b) {
                    prop_assert!((a.estimate + b.estimate).abs() <= 1e-12 * (1.0 + a.estimate.abs()));
                    prop_assert!(close(a.variance, b.variance), "{measure:?}");
                }
            }
        }
    }

    #[test]
    fn the_order_of_tables_does_not_matter(tables in tables(), by in 1usize..11) {
        let mut turned = tables.clone();
        turned.rotate_left(by % tables.len());
        for measure in [
            PooledMeasure::LogOddsRatio, PooledMeasure::LogRiskRatio, PooledMeasure::RiskDifference,
        ] {
            let a = mantel_haenszel::fit(measure, &tables, 0.95);
            let b = mantel_haenszel::fit(measure, &turned, 0.95);
            prop_assert_eq!(a.is_some(), b.is_some());
            if let Some((a, b)) = a.zip(b) {
                prop_assert!(close(a.pooled.estimate, b.pooled.estimate));
                prop_assert!(close(a.pooled.standard_error, b.pooled.standard_error));
                prop_assert!(close(a.q.statistic, b.q.statistic));
                prop_assert!((a.weights.iter().sum::<f64>() - 100.0).abs() < 1e-9);
            }
        }
        if let Some((a, b)) = peto::fit(&tables, 0.95).zip(peto::fit(&turned, 0.95)) {
            prop_assert!(close(a.pooled.estimate, b.pooled.estimate));
            prop_assert!((a.weights.iter().sum::<f64>() - 100.0).abs() < 1e-9);
        }
    }

    #[test]
    fn empirical_bayes_is_paule_and_mandel(effects in studies()) {
        let y: Vec<f64> = effects.iter().map(|e| e.estimate).collect();
        let v: Vec<f64> = effects.iter().map(|e| e.variance).collect();
        let design = Design::intercept(y.len());
        let value = |estimator| estimate(estimator, &y, &v, &design).unwrap().value;
        let (a, b) = (value(Estimator::EmpiricalBayes), value(Estimator::PauleMandel));
        prop_assert!(close(a, b), "{a} {b}");
    }

    /// The slope on the standard error under weights 1/v is the intercept of y/√v on 1/√v.
    #[test]
    fn the_classical_test_of_egger_is_that_of_an_intercept(effects in studies()) {
        let design = Design::intercept(effects.len());
        let classical = Scatter::Multiplicative;
        let found =
            regression_test(&effects, &design, Predictor::StandardError, classical, 0.95).unwrap();
        let points: Vec<(f64, f64)> = effects
            .iter()
            .map(|e| (1.0 / e.variance.sqrt(), e.estimate / e.variance.sqrt()))
            .collect();
        let k = points.len() as f64;
        let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / k;
        let (x, y) = (mean(|p| p.0), mean(|p| p.1));
        let spread: f64 = points.iter().map(|p| (p.0 - x) * (p.0 - x)).sum();
        let slope = points.iter().map(|p| (p.0 - x) * (p.1 - y)).sum::<f64>() / spread;
        let intercept = y - slope * x;
        let residual: f64 =
            points.iter().map(|p| p.1 - intercept - slope * p.0).map(|r| r * r).sum();
        let error = (residual / (k - 2.0) * (1.0 / k + x * x / spread)).sqrt();
        prop_assert!((found.slope.estimate - intercept).abs() <= 1e-7 * (1.0 + intercept.abs()));
        prop_assert!((found.slope.standard_error / error - 1.0).abs() <= 1e-7);
        prop_assert!((found.limit.unwrap().estimate - slope).abs() <= 1e-7 * (1.0 + slope.abs()));
    }

    #[test]
    fn groups_as_a_moderator_have_their_own_means(effects in studies()) {
        let of: Vec<usize> = (0..effects.len()).map(|i| i % 2).collect();
        let moderator = Moderator::Categorical { of: &of, levels: 2 };
        let design = design(effects.len(), &[moderator]);
        let found = regress(&effects, &design, Model::Common, Test::Z, 0.95).unwrap();
        let mean = |group: usize| {
            let own: Vec<Effect> =
                effects.iter().zip(&of).filter(|(_, g)| **g == group).map(|(e, _)| *e).collect();
            let intercept = Design::intercept(own.len());
            fit(&own, &intercept, Model::Common, Test::Z, 0.95).unwrap().pooled().estimate
        };
        let b = &found.fit.coefficients;
        prop_assert!((b[0].estimate - mean(0)).abs() <= 1e-9);
        prop_assert!((b[0].estimate + b[1].estimate - mean(1)).abs() <= 1e-9);
        // and Q falls into its parts
        let parts = subgroups(&effects, &of, 2, Model::Common, Test::Z, 0.95).partition.unwrap();
        let sum = parts.within.statistic + parts.between.statistic;
        prop_assert!((sum - parts.total.statistic).abs() <= 1e-9 * (1.0 + sum));
        prop_assert!((parts.within.statistic - found.fit.q.statistic).abs() <= 1e-9 * (1.0 + sum));
    }

    /// With equal variances and one estimate a cluster, robust inference is the t test of one sample.
    #[test]
    fn robust_inference_of_single_studies_is_the_t_test(
        y in prop::collection::vec(-3.0..3.0f64, 3..15),
    ) {
        let effects: Vec<Effect> =
            y.iter().map(|y| Effect { estimate: *y, variance: 0.3 }).collect();
        let cluster: Vec<usize> = (0..y.len()).collect();
        let design = Design::intercept(y.len());
        let found = two_level_robust(&effects, &design, 0.1, &cluster, 0.95).unwrap();
        let k = y.len() as f64;
        let mean = y.iter().sum::<f64>() / k;
        let variance = y.iter().map(|y| (y - mean) * (y - mean)).sum::<f64>() / (k - 1.0);
        prop_assert!((found.coefficients[0].estimate - mean).abs() <= 1e-12);
        prop_assert!(close(found.coefficients[0].standard_error, (variance / k).sqrt()));
        prop_assert!(close(found.degrees_of_freedom[0], k - 1.0));
    }

    #[test]
    fn proportions_and_rates_return_from_every_scale(
        total in 1u32..5000,
        share in 0.0..1.0f64,
        time in 0.01..1e4f64,
    ) {
        let events = (f64::from(total) * share).round();
        let rule = ZeroCounts { add: 0.0, to: AddTo::None };
        let group = Proportion { events, total: f64::from(total) };
        for measure in [
            ProportionMeasure::Raw, ProportionMeasure::Log, ProportionMeasure::Logit,
            ProportionMeasure::Arcsine, ProportionMeasure::DoubleArcsine,
        ] {
            if let Some(effect) = proportion_effects(measure, &[group], rule)[0] {
                let back = measure.back_transform(effect.estimate, group.total);
                prop_assert!((back - events / group.total).abs() <= 1e-11, "{measure:?} {back}");
            }
        }
        let group = Rate { events, time };
        for measure in [
            RateMeasure::Raw, RateMeasure::Log, RateMeasure::SquareRoot,
            RateMeasure::DoubleSquareRoot,
        ] {
            if let Some(effect) = rate_effects(measure, &[group], rule)[0] {
                let back = measure.back_transform(effect.estimate, time);
                prop_assert!((back / (events / time) - 1.0).abs() <= 1e-9 || events == 0.0);
            }
        }
    }

    #[test]
    fn correlations_return_from_fishers_z(r in -0.999..0.999f64, n in 4u32..1000) {
        let sample = Correlation { coefficient: r, n: f64::from(n) };
        let measure = correlation::Measure::FisherZ;
        let effect = correlation::effects(measure, &[sample])[0].unwrap();
        prop_assert!((correlation::back_transform(measure, effect.estimate) - r).abs() <= 1e-14);
    }

    #[test]
    fn intervals_of_a_proportion_hold_it_and_mirror(
        total in 1u32..3000,
        share in 0.0..=1.0f64,
        level in 0.5..0.999f64,
    ) {
        let n = f64::from(total);
        let x = (n * share).round();
        let (group, rest) =
            (Proportion { events: x, total: n }, Proportion { events: n - x, total: n });
        for interval in [clopper_pearson, wilson] {
            let (lower, upper) = interval(group, level).unwrap();
            prop_assert!((0.0..=x / n + 1e-12).contains(&lower), "{lower} {}", x / n);
            prop_assert!((x / n - 1e-12..=1.0).contains(&upper), "{upper} {}", x / n);
            let mirrored = interval(rest, level).unwrap();
            prop_assert!((lower + mirrored.1 - 1.0).abs() <= 1e-11);
            let wider = interval(group, 0.5 + 0.5 * level).unwrap();
            prop_assert!(wider.0 <= lower + 1e-12 && wider.1 >= upper - 1e-12);
        }
    }

    #[test]
    fn an_interval_gives_back_its_effect(
        estimate in -5.0..5.0f64,
        error in 0.001..10.0f64,
        level in 0.5..0.999f64,
    ) {
        let reach = Reference::Normal.critical(level) * error;
        let found = from_interval(estimate, estimate - reach, estimate + reach, level).unwrap();
        prop_assert!((found.effect.variance / (error * error) - 1.0).abs() <= 1e-9);
        prop_assert!(found.asymmetry.abs() <= 1e-9);
    }

    #[test]
    fn quantiles_and_tails_invert_each_other(
        p in 1e-6..0.999_999f64,
        df in 0.5..5000.0f64,
        other in 0.5..5000.0f64,
    ) {
        let x = chi_squared_upper_quantile(p, df);
        prop_assert!((chi_squared_upper_tail(x, df) / p - 1.0).abs() <= 1e-10);
        let half = 0.5 + 0.5 * p;
        prop_assert!((t_two_sided(t_quantile(half, df), df) / (2.0 * (1.0 - half)) - 1.0).abs() <= 1e-10);
        prop_assert!((normal_upper_tail(-normal_quantile(p)) / p - 1.0).abs() <= 1e-13);
        let x = beta_quantile(p, 0.5 * df, 0.5 * other);
        // the odds of a beta variable are those of an F variable
        if x > 1e-9 && x < 1.0 - 1e-9 {
            let f = (1.0 - x) / x * df / other;
            prop_assert!((f_upper_tail(f, other, df) / p - 1.0).abs() <= 1e-6);
        }
    }

    #[test]
    fn distributions_are_one_another_at_their_limits(t in 0.01..30.0f64, df in 0.5..1e6f64) {
        let square = t * t;
        prop_assert!((t_two_sided(t, df) / f_upper_tail(square, 1.0, df) - 1.0).abs() <= 1e-13);
        let normal = normal_two_sided(t);
        prop_assert!((chi_squared_upper_tail(square, 1.0) / normal - 1.0).abs() <= 1e-11);
        prop_assert!((t_two_sided(t, 1e16) / normal - 1.0).abs() <= 1e-9);
        prop_assert!((f_upper_tail(t, 3.0, f64::INFINITY) / chi_squared_upper_tail(3.0 * t, 3.0) - 1.0).abs() <= 1e-13);
        // t with one degree of freedom is Cauchy's
        let cauchy = 2.0 / std::f64::consts::PI * libm::atan(1.0 / t);
        prop_assert!((t_two_sided(t, 1.0) / cauchy - 1.0).abs() <= 1e-13);
    }

    #[test]
    fn a_curve_without_censoring_counts(
        times in prop::collection::vec(0u32..30, 1..40),
        at in 0u32..30,
    ) {
        let observations: Vec<Observation> =
            times.iter().map(|t| Observation { time: f64::from(*t), event: true }).collect();
        let curve = kaplan_meier(&observations, IntervalScale::Log, 0.95).unwrap();
        let beyond = times.iter().filter(|t| **t > at).count() as f64 / times.len() as f64;
        if let Some(rate) = curve.at(f64::from(at)) {
            prop_assert!((rate.survival - beyond).abs() <= 1e-12);
        }
    }

    #[test]
    fn the_log_rank_test_does_not_mind_names(
        people in prop::collection::vec((0u32..20, any::<bool>(), 0usize..3), 6..60),
    ) {
        let observations: Vec<Observation> = people
            .iter()
            .map(|(time, event, _)| Observation { time: f64::from(*time), event: *event })
            .collect();
        let of: Vec<usize> = people.iter().map(|(_, _, group)| *group).collect();
        let renamed: Vec<usize> = of.iter().map(|group| (group + 1) % 3).collect();
        let (a, b) = (log_rank(&observations, &of, 3), log_rank(&observations, &renamed, 3));
        prop_assert_eq!(a.is_ok(), b.is_ok());
        if let (Ok(a), Ok(b)) = (a, b) {
            prop_assert!((a.statistic - b.statistic).abs() <= 1e-8 * (1.0 + a.statistic));
            let events = people.iter().filter(|(_, event, _)| *event).count();
            prop_assert_eq!(a.observed.iter().sum::<usize>(), events);
            prop_assert!((a.expected.iter().sum::<f64>() - events as f64).abs() <= 1e-9);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// In a balanced design the restricted estimates are those of the analysis of variance: within
    /// clusters MSW − v, between them (MSB − MSW)/m, as far as they are inside.
    #[test]
    fn the_balanced_three_level_model_is_an_analysis_of_variance(
        y in prop::collection::vec(prop::collection::vec(-2.0..2.0f64, 4..=4), 3..8),
        shifts in prop::collection::vec(-4.0..4.0f64, 8..=8),
    ) {
        let (v, m, n) = (0.05, 4.0, y.len() as f64);
        let y: Vec<Vec<f64>> = y
            .iter()
            .zip(&shifts)
            .map(|(cluster, shift)| cluster.iter().map(|y| y + shift).collect())
            .collect();
        let mean = |of: &[f64]| of.iter().sum::<f64>() / of.len() as f64;
        let means: Vec<f64> = y.iter().map(|cluster| mean(cluster)).collect();
        let grand = mean(&means);
        let between: f64 = means.iter().map(|y| m * (y - grand) * (y - grand)).sum::<f64>() / (n - 1.0);
        let within: f64 = y
            .iter()
            .zip(&means)
            .flat_map(|(cluster, mean)| cluster.iter().map(move |y| (y - mean) * (y - mean)))
            .sum::<f64>()
            / (n * (m - 1.0));
        prop_assume!(within > v + 1e-3 && between > within + 1e-3);
        let effects: Vec<Effect> =
            y.iter().flatten().map(|y| Effect { estimate: *y, variance: v }).collect();
        let cluster: Vec<usize> = (0..effects.len()).map(|i| i / 4).collect();
        let study: Vec<usize> = (0..effects.len()).collect();
        let nesting = Nesting { cluster: &cluster, study: &study };
        let design = Design::intercept(effects.len());
        let restricted = Likelihood::Restricted;
        let found =
            three_level(&effects, &design, nesting, restricted, multilevel::Test::Z, 0.95).unwrap();
        prop_assert!((found.within_clusters - (within - v)).abs() <= 1e-7);
        prop_assert!((found.between_clusters - (between - within) / m).abs() <= 1e-7);
        prop_assert!((found.pooled().estimate - grand).abs() <= 1e-9);
    }

    #[test]
    fn swapping_the_arms_turns_the_sign_of_mixed_models(tables in tables()) {
        let back = swapped(&tables);
        for (a, b) in [
            (glmm::conditional(&tables, 0.95), glmm::conditional(&back, 0.95)),
            (glmm::unconditional(&tables, 7, 0.95), glmm::unconditional(&back, 7, 0.95)),
        ] {
            prop_assert_eq!(a.is_ok(), b.is_ok());
            if let (Ok(a), Ok(b)) = (a, b) {
                prop_assert!((a.pooled.estimate + b.pooled.estimate).abs() <= 1e-6);
                prop_assert!((a.tau_squared - b.tau_squared).abs() <= 1e-6 * (1.0 + a.tau_squared));
                prop_assert!((a.log_likelihood - b.log_likelihood).abs() <= 1e-8 * a.log_likelihood.abs());
            }
        }
    }
}
