//! Ten thousand studies: every function comes back.

use crate::extreme::{Findings, RULES, models};
use build_report::stats::Effect;
use build_report::stats::binary::TwoByTwo;
use build_report::stats::design::Design;
use build_report::stats::glmm;
use build_report::stats::meta_regression::{Moderator, design, regress, subgroups};
use build_report::stats::multilevel::{self, Likelihood, Nesting, three_level};
use build_report::stats::pooling::inverse_variance::{Model, Test, fit, heterogeneity_intervals};
use build_report::stats::pooling::mantel_haenszel::{self, PooledMeasure};
use build_report::stats::pooling::peto;
use build_report::stats::small_study::binary::{harbord, peters};
use build_report::stats::small_study::henmi_copas::henmi_copas;
use build_report::stats::small_study::rank_correlation::rank_correlation;
use build_report::stats::small_study::regression::{Predictor, Scatter, regression_test};
use build_report::stats::small_study::selection::{Alternative, step_selection};
use build_report::stats::small_study::trim_and_fill::{MissingEstimator, trim_and_fill};
use build_report::stats::tau_squared::Estimator;

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
