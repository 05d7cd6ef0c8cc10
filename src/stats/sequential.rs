//! Leave-one-out and cumulative pooling.

use super::Effect;
use super::design::Design;
use super::heterogeneity::{CochranQ, Inconsistency};
use super::pooling::Inference;
use super::pooling::inverse_variance::{Fit, Model, NoFit, Test, fit};
use super::tau_squared::TauSquared;

/// What pooling a part of the studies gives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Refit {
    /// The number of studies pooled.
    pub k: usize,
    /// The pooled effect on the analysis scale: the first coefficient of a model with moderators.
    pub pooled: Inference,
    /// Cochran's Q with w = 1/v; of one study 0 on 0 degrees of freedom, with P = 1.
    pub q: CochranQ,
    /// τ², estimated anew. `None` under a common effect, and of one study (metafor prints 0).
    pub tau_squared: Option<TauSquared>,
    /// I² (percent) and H². `None` of one study (metafor prints 0 and 1).
    pub inconsistency: Option<Inconsistency>,
}

/// The pooled effect without each study in turn, in the order of the studies, with intervals at
/// confidence `level` (0 to 1).
///
/// Where a single study is left, it stands for itself: its own estimate, tested with a normal
/// reference. Where none is left, or the rest have no fit, the entry says why.
#[must_use]
pub fn leave_one_out(
    effects: &[Effect],
    model: Model,
    test: Test,
    level: f64,
) -> Vec<Result<Refit, NoFit>> {
    let mut rest = effects.get(1..).unwrap_or_default().to_vec();
    (0..effects.len())
        .map(|study| {
            if study > 0 {
                rest[study - 1] = effects[study - 1];
            }
            pool(&rest, model, test, level)
        })
        .collect()
}

/// The pooled effect of the first study, of the first two, and so on to all of them, with
/// intervals at confidence `level` (0 to 1).
///
/// The first entry is the first study's own estimate, tested with a normal reference.
#[must_use]
pub fn cumulative(
    effects: &[Effect],
    model: Model,
    test: Test,
    level: f64,
) -> Vec<Result<Refit, NoFit>> {
    (1..=effects.len()).map(|k| pool(&effects[..k], model, test, level)).collect()
}

fn pool(effects: &[Effect], model: Model, test: Test, level: f64) -> Result<Refit, NoFit> {
    let design = Design::intercept(effects.len());
    fit_few(effects, &design, model, test, level).map(|fit| Refit::new(&fit))
}

/// As `fit`, except that one study under a model with one coefficient is a common-effect fit with
/// a normal reference, as no estimate of τ² or of a residual variance is to be had.
pub(super) fn fit_few(
    effects: &[Effect],
    design: &Design,
    model: Model,
    test: Test,
    level: f64,
) -> Result<Fit, NoFit> {
    if effects.len() == 1 && design.columns() == 1 {
        fit(effects, design, Model::Common, Test::Z, level)
    } else {
        fit(effects, design, model, test, level)
    }
}

impl Refit {
    /// The summary of a fit.
    #[must_use]
    pub fn new(fit: &Fit) -> Self {
        Self {
            k: fit.k,
            pooled: *fit.pooled(),
            q: fit.q,
            tau_squared: fit.tau_squared,
            inconsistency: fit.inconsistency,
        }
    }
}
