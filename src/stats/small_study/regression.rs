//! Regression tests for funnel plot asymmetry (Egger et al. 1997; Sterne & Egger 2005).

use crate::stats::Effect;
use crate::stats::design::{Design, WeightedFit};
use crate::stats::pooling::inverse_variance::{Model, NoFit, Test, fit, is_rounding};
use crate::stats::pooling::{Inference, Reference};

/// What the effects are regressed on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Predictor<'a> {
    /// √v, the standard error.
    StandardError,
    /// v, the sampling variance.
    Variance,
    /// n, the studies' sample sizes, all positive.
    SampleSize(&'a [f64]),
    /// 1/n.
    InverseSampleSize(&'a [f64]),
    /// √n.
    RootSampleSize(&'a [f64]),
    /// 1/√n.
    InverseRootSampleSize(&'a [f64]),
}

/// How the scatter about the line is modelled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Scatter {
    /// A meta-regression with this model and test: residual heterogeneity adds to the variances.
    Additive(Model, Test),
    /// Weighted least squares with a free residual variance, which multiplies the variances; t with
    /// k − p degrees of freedom. On the standard error this is Egger's test in its classical form:
    /// the slope is the intercept of y/√v on 1/√v.
    Multiplicative,
}

/// A regression test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RegressionTest {
    /// The coefficient of the predictor; asymmetry is tested by it.
    pub slope: Inference,
    /// The reference distribution of the test.
    pub reference: Reference,
    /// The intercept, the estimate for a study of infinite size. `None` where the model has
    /// moderators, and for n and √n, at whose zero the intercept lies.
    pub limit: Option<Inference>,
}

/// Why there is no regression test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoTest {
    /// The regression has no fit: too few studies, or a predictor that does not vary.
    NoFit(NoFit),
    /// A study has no sample size, or one that is not positive.
    NoSampleSizes,
    /// The points lie on the line, so that a residual variance of zero leaves nothing to test by; or
    /// the numbers are so large or small that their squares leave none.
    NoScatter,
}

/// The test of the predictor added to the design, with intervals at confidence `level` (0 to 1).
///
/// # Errors
/// See [`NoTest`].
pub fn regression_test(
    effects: &[Effect],
    design: &Design,
    predictor: Predictor<'_>,
    scatter: Scatter,
    level: f64,
) -> Result<RegressionTest, NoTest> {
    let column = predictor.values(effects)?;
    let columns: Vec<Vec<f64>> = (0..design.columns())
        .map(|j| (0..design.rows()).map(|row| design.row(row)[j]).collect())
        .chain([column])
        .collect();
    let extended = Design::from_columns(&columns);
    let (coefficients, reference) = match scatter {
        Scatter::Additive(model, test) => {
            let fit = fit(effects, &extended, model, test, level).map_err(NoTest::NoFit)?;
            (fit.coefficients, fit.reference)
        }
        Scatter::Multiplicative => weighted_regression(effects, &extended, level)?,
    };
    let slope = coefficients[design.columns()];
    if ![slope, coefficients[0]].iter().all(is_finite) {
        return Err(NoTest::NoScatter);
    }
    let is_intercept = design.columns() == 1 && columns[0].iter().all(|x| *x == 1.0);
    let limit = (is_intercept && predictor.vanishes_for_large_studies()).then(|| coefficients[0]);
    Ok(RegressionTest { slope, reference, limit })
}

fn is_finite(inference: &Inference) -> bool {
    [inference.statistic, inference.p_value, inference.ci_lower, inference.ci_upper]
        .iter()
        .all(|number| number.is_finite())
}

impl Predictor<'_> {
    fn values(self, effects: &[Effect]) -> Result<Vec<f64>, NoTest> {
        let of_effects =
            |value: fn(&Effect) -> f64| -> Vec<f64> { effects.iter().map(value).collect() };
        let of_sizes = |sizes: &[f64], value: fn(f64) -> f64| {
            let complete = sizes.len() == effects.len();
            if complete && sizes.iter().all(|n| *n > 0.0 && n.is_finite()) {
                Ok(sizes.iter().map(|n| value(*n)).collect())
            } else {
                Err(NoTest::NoSampleSizes)
            }
        };
        match self {
            Self::StandardError => Ok(of_effects(|effect| effect.variance.sqrt())),
            Self::Variance => Ok(of_effects(|effect| effect.variance)),
            Self::SampleSize(sizes) => of_sizes(sizes, |n| n),
            Self::InverseSampleSize(sizes) => of_sizes(sizes, |n| 1.0 / n),
            Self::RootSampleSize(sizes) => of_sizes(sizes, f64::sqrt),
            Self::InverseRootSampleSize(sizes) => of_sizes(sizes, |n| 1.0 / n.sqrt()),
        }
    }

    fn vanishes_for_large_studies(self) -> bool {
        !matches!(self, Self::SampleSize(_) | Self::RootSampleSize(_))
    }
}

/// Weighted least squares with Var(β) = s² (X′WX)⁻¹, s² = Σ w r²/(k − p), w = 1/v.
fn weighted_regression(
    effects: &[Effect],
    design: &Design,
    level: f64,
) -> Result<(Vec<Inference>, Reference), NoTest> {
    if effects.is_empty() {
        return Err(NoTest::NoFit(NoFit::NoStudies));
    }
    if effects.iter().any(|effect| effect.variance <= 0.0) {
        return Err(NoTest::NoFit(NoFit::ZeroVariance));
    }
    let df = design.residual_df();
    if df <= 0.0 {
        return Err(NoTest::NoFit(NoFit::NoResidualDegreesOfFreedom));
    }
    let y: Vec<f64> = effects.iter().map(|effect| effect.estimate).collect();
    let weights = effects.iter().map(|effect| 1.0 / effect.variance).collect();
    let fit = WeightedFit::new(design, &y, weights).ok_or(NoTest::NoFit(NoFit::Singular))?;
    if is_rounding(fit.residual_sum()) {
        return Err(NoTest::NoScatter);
    }
    let scale = fit.residual_sum() / df;
    let reference = Reference::T(df);
    let inference = |j: usize| {
        let standard_error = (scale * fit.coefficient_variance(j)).sqrt();
        Inference::new(fit.coefficients[j], standard_error, reference, level)
    };
    Ok(((0..design.columns()).map(inference).collect(), reference))
}
