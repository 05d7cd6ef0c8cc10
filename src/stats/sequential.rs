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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::design::Design;
    use crate::stats::pooling::inverse_variance::fit;
    use crate::stats::tau_squared::Estimator;
    use proptest::prelude::*;

    /// A refit starts its search for τ² from that of nearly the same studies, a fit afresh.
    fn agree(found: &[Result<Refit, NoFit>], parts: &[Vec<Effect>], model: Model, test: Test) {
        for (found, part) in found.iter().zip(parts) {
            let (model, test) =
                if part.len() == 1 { (Model::Common, Test::Z) } else { (model, test) };
            let afresh = fit(part, &Design::intercept(part.len()), model, test, 0.95);
            let (found, afresh) = (found.unwrap(), Refit::new(&afresh.unwrap()));
            let smallest = part.iter().map(|effect| effect.variance).fold(f64::INFINITY, f64::min);
            let value = |refit: &Refit| refit.tau_squared.map_or(0.0, |t| t.value);
            let (a, b) = (value(&found), value(&afresh));
            assert!((a - b).abs() <= 1e-11 * (smallest + b), "{model:?}: {a:e} {b:e} of {part:?}");
            let distance = (found.pooled.ci_lower - afresh.pooled.ci_lower).abs();
            assert!(distance <= 1e-10 * afresh.pooled.standard_error, "{model:?} {part:?}");
            assert_eq!((found.k, found.q.statistic), (afresh.k, afresh.q.statistic));
        }
    }

    proptest! {
        #[test]
        fn each_part_is_pooled_as_if_alone(
            studies in prop::collection::vec((-2.0..2.0f64, 0.01..2.0f64), 3..12),
        ) {
            let effects: Vec<Effect> = studies
                .into_iter()
                .map(|(estimate, variance)| Effect { estimate, variance })
                .collect();
            let without = |study| {
                let mut rest = effects.clone();
                rest.remove(study);
                rest
            };
            let parts: Vec<_> = (0..effects.len()).map(without).collect();
            let beginnings: Vec<_> = (1..=effects.len()).map(|k| effects[..k].to_vec()).collect();
            for model in [
                Model::Common,
                Model::Random(Estimator::RestrictedMaximumLikelihood),
                Model::Random(Estimator::MaximumLikelihood),
                Model::Random(Estimator::PauleMandel),
                Model::Random(Estimator::DerSimonianLaird),
                Model::Random(Estimator::SidikJonkman),
            ] {
                for test in [Test::Z, Test::AdHoc] {
                    agree(&leave_one_out(&effects, model, test, 0.95), &parts, model, test);
                    agree(&cumulative(&effects, model, test, 0.95), &beginnings, model, test);
                }
            }
        }
    }
}
