//! Generalised linear mixed models against R.

use crate::reference::{Check, ITERATED, cases};
use crate::reference_models::{near, tables};
use build_report::stats::binary::TwoByTwo;
use build_report::stats::glmm;

/// lme4 stops before the maximum, where the deviance still has a derivative of 0.029 and is 1.5e-4
/// too high. The values compared to 1e-8 are those of `glmer(..., nAGQ = 7)` after Newton's method
/// on its own deviance function (`update(fit, devFunOnly = TRUE)`, numDeriv), which reduces the
/// derivative to 2e-9.
pub(crate) fn check_mixed(check: &mut Check<'_>) {
    let fit = glmm::unconditional(&tables(check.case), glmm::USUAL_POINTS, 0.95).unwrap();
    near(fit.tau_squared, 0.319_512_858_569_272, ITERATED);
    near(fit.pooled.estimate, -1.236_493_455_768_96, ITERATED);
    near(fit.pooled.standard_error, 0.280_337_626_193_973, ITERATED);
    // half of glmer's -2 logLik(fit) at the maximum, which counts from the saturated model, below
    // the log-likelihood of that; metafor's own -49.52 takes lme4's deviance(fit) for it, which is
    // the deviance at the modes of the random effects
    near(fit.log_likelihood, -41.631_737_910_511_6 - 0.5 * 27.338_764_758_843_2, 1e-10);
    assert_eq!(fit.k, 17);
    // and within what lme4's stopping rule leaves open
    check.number("beta", fit.pooled.estimate, 1e-3);
    check.number("se", fit.pooled.standard_error, 1e-3);
    check.number("ci.lb", fit.pooled.ci_lower, 1e-3);
    check.number("ci.ub", fit.pooled.ci_upper, 1e-3);
    check.number("tau2", fit.tau_squared, 1e-3);
}

fn catheter() -> Vec<TwoByTwo> {
    tables(&cases().into_iter().find(|case| case.call == "rma.glmm").unwrap())
}

/// metafor 3.8-1, `rma.glmm(measure = "OR", data = dat.nielweise2007, model = "CM.EL", control =
/// list(dnchgcalc = "dnoncenhypergeom", optimizer = "nlminb", rel.tol = 1e-14, intCtrl =
/// list(rel.tol = 1e-12, ...)))` gives beta -1.35315812539015, tau2 0.693457838317931 and logLik
/// -24.9444566333864. Below are the same after Newton's method on the likelihood computed in R from
/// the definition of the distribution, integrated over 1537 points.
#[test]
fn the_conditional_mixed_model_agrees_with_metafor() {
    let fit = glmm::conditional(&catheter(), 0.95).unwrap();
    near(fit.pooled.estimate, -1.353_158_125_313_2, ITERATED);
    near(fit.tau_squared, 0.693_457_804_250_072, ITERATED);
    near(fit.pooled.standard_error, 0.351_040_329_146_138, ITERATED);
    near(fit.log_likelihood, -24.944_456_633_386_4, 1e-12);
    assert_eq!(fit.k, 17);
}

#[test]
fn a_mixed_model_that_cannot_be_fitted_says_why() {
    use build_report::stats::glmm::NoFit;
    let table = |events1, events2| TwoByTwo { events1, total1: 20.0, events2, total2: 25.0 };
    let both = |tables: &[TwoByTwo], reason: NoFit| {
        assert_eq!(glmm::unconditional(tables, 7, 0.95).unwrap_err(), reason);
        assert_eq!(glmm::conditional(tables, 0.95).unwrap_err(), reason);
    };
    both(&[], NoFit::NoStudies);
    both(&[table(0.0, 0.0), table(20.0, 25.0)], NoFit::NoStudies);
    both(&[table(0.0, 0.0), table(2.0, 5.0)], NoFit::TooFewStudies);
    both(&[table(0.0, 3.0), table(0.0, 4.0)], NoFit::NoFiniteEstimate);
    both(&[table(3.0, 0.0), table(20.0, 4.0)], NoFit::NoFiniteEstimate);
    both(&[table(20.0, 0.0), table(0.0, 25.0)], NoFit::NoFiniteEstimate);
}

/// Without heterogeneity the conditional model is that of one odds ratio, the unconditional one
/// logistic regression: R, `glm(cbind(events, total - events) ~ study + group, binomial)`.
#[test]
fn mixed_models_of_equal_studies_have_no_variance() {
    let table = TwoByTwo { events1: 4.0, total1: 40.0, events2: 9.0, total2: 50.0 };
    let fit = glmm::unconditional(&[table; 3], 7, 0.95).unwrap();
    assert_eq!(fit.tau_squared, 0.0);
    near(fit.pooled.estimate, (4.0f64 * 41.0 / (36.0 * 9.0)).ln(), 1e-12);
    let variance: f64 = 1.0 / 4.0 + 1.0 / 36.0 + 1.0 / 9.0 + 1.0 / 41.0;
    near(fit.pooled.standard_error, (variance / 3.0).sqrt(), 1e-12);
    assert_eq!(glmm::conditional(&[table; 3], 0.95).unwrap().tau_squared, 0.0);
}
