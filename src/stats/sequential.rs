//! Leave-one-out and cumulative pooling.

use super::Effect;
use super::heterogeneity::{CochranQ, Inconsistency};
use super::pooling::Inference;
use super::pooling::inverse_variance::{Fit, Model, NoFit, Test};
use super::pooling::mean::{Columns, MeanFit, Pooling};
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
    let pooling = Pooling::new(model, test, level);
    let Columns { y, v } = Columns::of(effects);
    let all = pooling.fit(&y, &v, None).ok().map(|fit| fit.tau_squared_value());
    let mut rest = Columns::of(effects.get(1..).unwrap_or_default());
    (0..effects.len())
        .map(|study| {
            if study > 0 {
                rest.set(study - 1, effects[study - 1]);
            }
            pooling.fit_few(&rest.y, &rest.v, all).map(|fit| Refit::from(&fit))
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
    let pooling = Pooling::new(model, test, level);
    let Columns { y, v } = Columns::of(effects);
    let mut before = None;
    (1..=effects.len())
        .map(|k| {
            let fit = pooling.fit_few(&y[..k], &v[..k], before)?;
            before = Some(fit.tau_squared_value());
            Ok(Refit::from(&fit))
        })
        .collect()
}

impl From<&MeanFit> for Refit {
    fn from(fit: &MeanFit) -> Self {
        Self {
            k: fit.k,
            pooled: fit.pooled,
            q: fit.q,
            tau_squared: fit.tau_squared,
            inconsistency: fit.inconsistency,
        }
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
