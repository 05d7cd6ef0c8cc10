//! Inverse-variance pooling without moderators, at a price that allows one fit for every study.

use super::inverse_variance::{Model, NoFit, Test, expect_usable, variance_scale};
use super::{Inference, Reference};
use crate::stats::Effect;
use crate::stats::design::Design;
use crate::stats::heterogeneity::{CochranQ, Inconsistency};
use crate::stats::tau_squared::{FitAt, Studies, TauSquared};
use crate::stats::weighted_mean::WeightedMean;
use std::cell::Cell;

/// Estimates and variances apart, as fits need them.
#[derive(Debug, Clone, Default)]
pub(in crate::stats) struct Columns {
    /// The estimates.
    pub(in crate::stats) y: Vec<f64>,
    /// Their variances.
    pub(in crate::stats) v: Vec<f64>,
}

impl Columns {
    /// The columns of these effects.
    pub(in crate::stats) fn of(effects: &[Effect]) -> Self {
        Self {
            y: effects.iter().map(|effect| effect.estimate).collect(),
            v: effects.iter().map(|effect| effect.variance).collect(),
        }
    }

    /// Puts an effect at a place.
    pub(in crate::stats) fn set(&mut self, index: usize, effect: Effect) {
        self.y[index] = effect.estimate;
        self.v[index] = effect.variance;
    }
}

/// How studies are pooled; it serves many fits.
pub(in crate::stats) struct Pooling {
    model: Model,
    test: Test,
    level: f64,
    /// The critical value last asked for, which most refits share.
    critical: Cell<Option<(Reference, f64)>>,
}

/// The fit of a mean.
#[derive(Debug, Clone, Copy)]
pub(in crate::stats) struct MeanFit {
    /// The number of studies.
    pub(in crate::stats) k: usize,
    /// The pooled effect.
    pub(in crate::stats) pooled: Inference,
    /// The reference distribution of its test and interval.
    pub(in crate::stats) reference: Reference,
    /// τ² under a random-effects model.
    pub(in crate::stats) tau_squared: Option<TauSquared>,
    /// Cochran's Q with w = 1/v.
    pub(in crate::stats) q: CochranQ,
    /// I² and H²; `None` of one study.
    pub(in crate::stats) inconsistency: Option<Inconsistency>,
    /// The typical sampling variance; `None` of one study.
    pub(in crate::stats) typical_variance: Option<f64>,
    /// The mean with its sums at τ².
    pub(in crate::stats) weighted: WeightedMean,
    /// s², the factor by which the test changes the variance of the mean.
    pub(in crate::stats) scale: f64,
}

impl MeanFit {
    /// τ², 0 under a common effect.
    pub(in crate::stats) fn tau_squared_value(&self) -> f64 {
        self.tau_squared.map_or(0.0, |tau_squared| tau_squared.value)
    }
}

impl Pooling {
    /// Fits under this model and test, with intervals at confidence `level` (0 to 1).
    pub(in crate::stats) fn new(model: Model, test: Test, level: f64) -> Self {
        Self { model, test, level, critical: Cell::new(None) }
    }

    /// Pools the studies; a τ² `near` theirs makes it faster.
    ///
    /// # Errors
    /// As those of `inverse_variance::fit`.
    pub(in crate::stats) fn fit(
        &self,
        y: &[f64],
        v: &[f64],
        near: Option<f64>,
    ) -> Result<MeanFit, NoFit> {
        self.fit_under(self.model, self.test, y, v, near)
    }

    /// As [`Pooling::fit`], except that one study is a common-effect fit with a normal reference,
    /// as no estimate of τ² or of a residual variance is to be had.
    pub(in crate::stats) fn fit_few(
        &self,
        y: &[f64],
        v: &[f64],
        near: Option<f64>,
    ) -> Result<MeanFit, NoFit> {
        if y.len() == 1 {
            self.fit_under(Model::Common, Test::Z, y, v, None)
        } else {
            self.fit(y, v, near)
        }
    }

    fn fit_under(
        &self,
        model: Model,
        test: Test,
        y: &[f64],
        v: &[f64],
        near: Option<f64>,
    ) -> Result<MeanFit, NoFit> {
        if y.is_empty() {
            return Err(NoFit::NoStudies);
        }
        expect_usable(y, v)?;
        let df = y.len() as f64 - 1.0;
        let needs_df = model != Model::Common || test != Test::Z;
        if needs_df && df == 0.0 {
            return Err(NoFit::NoResidualDegreesOfFreedom);
        }
        let design = Design::intercept(y.len());
        let studies = Studies::new(y, v, &design).ok_or(NoFit::Singular)?;
        let (tau_squared, weighted) = match model {
            Model::Common => (None, studies.fit_at(0.0)),
            Model::Random(estimator) => {
                let found = studies.estimate(estimator, near).ok_or(NoFit::Singular)?;
                (Some(found.tau_squared), Some(found.fit))
            }
            Model::RandomGiven(tau_squared) => {
                (Some(tau_squared), studies.fit_at(tau_squared.value))
            }
        };
        let (FitAt::Mean(common), Some(FitAt::Mean(weighted))) = (studies.common, weighted) else {
            return Err(NoFit::Singular);
        };
        let reference = if test == Test::Z { Reference::Normal } else { Reference::T(df) };
        let scale = variance_scale(test, weighted.residual_sum, df);
        if scale == 0.0 {
            return Err(NoFit::NoScatter);
        }
        let standard_error = (scale / weighted.weight_sum).sqrt();
        let critical = self.critical(reference);
        let q = CochranQ::new(common.residual_sum, df);
        let typical_variance = (df > 0.0).then(|| df / common.projection_trace());
        let inconsistency = match (tau_squared, typical_variance) {
            (Some(tau_squared), Some(typical)) => {
                Some(Inconsistency::from_tau_squared(tau_squared.value, typical))
            }
            _ => Inconsistency::from_q(&q),
        };
        Ok(MeanFit {
            k: y.len(),
            pooled: Inference::with_critical(weighted.mean, standard_error, reference, critical),
            reference,
            tau_squared,
            q,
            inconsistency,
            typical_variance,
            weighted,
            scale,
        })
    }

    fn critical(&self, reference: Reference) -> f64 {
        match self.critical.get() {
            Some((known, critical)) if known == reference => critical,
            _ => {
                let critical = reference.critical(self.level);
                self.critical.set(Some((reference, critical)));
                critical
            }
        }
    }
}
