//! Outlier and influence diagnostics of a fitted model (Viechtbauer & Cheung 2010).

use super::Effect;
use super::design::{Design, WeightedFit};
use super::distribution::{chi_squared_upper_tail, normal_quantile};
use super::pooling::inverse_variance::{Fit, Model, NoFit, Test, fit};
use super::pooling::mean::{Columns, MeanFit, Pooling};
use super::sequential::Refit;
use super::tau_squared::inverse_variance_weights;

/// The diagnostics of all studies, with the thresholds they are held to.
#[derive(Debug, Clone, PartialEq)]
pub struct Influence {
    /// One entry a study, in their order.
    pub studies: Vec<StudyInfluence>,
    /// A study is an outlier where |studentised residual| is at least z(1 − 0.05/(2k)): the normal
    /// quantile with Bonferroni's correction for k studies.
    pub outlier_threshold: f64,
    /// A study is influential where its Cook's distance exceeds the median plus six interquartile
    /// ranges of all Cook's distances (quantiles of type 7, Hyndman & Fan 1996). `None` where no
    /// study has a Cook's distance.
    pub cooks_distance_threshold: Option<f64>,
}

/// The diagnostics of one study.
#[derive(Debug, Clone, PartialEq)]
pub struct StudyInfluence {
    /// Its leverage h = w x′(X′WX)⁻¹x, 0 to 1; the sum over the studies is p.
    pub hat: f64,
    /// Its weight in percent.
    pub weight: f64,
    /// The internally standardised residual (y − ŷ)/√((v + τ²)(1 − h)). `None` where h = 1: the
    /// model follows the study whatever it says.
    pub standardised_residual: Option<f64>,
    /// The squared Pearson residual (y − ŷ)²/(v + τ²): its contribution to heterogeneity, the
    /// horizontal coordinate of Baujat's plot (Baujat et al. 2002).
    pub squared_pearson_residual: f64,
    /// What changes when it is left out.
    pub deletion: Result<Deletion, NoDeletion>,
    /// Whether metafor marks it: |DFFITS| > 3√(p/(k − p)), or its Cook's distance is above the
    /// median of chi-squared with p degrees of freedom, or h > 3p/k, or any |DFBETAS| > 1.
    pub is_marked: bool,
}

/// The change when one study is left out and the model is fitted anew, τ² included.
///
/// A mark (−i) stands for the fit without the study; s² is the factor by which the test changes
/// the variances of the coefficients (1 for Wald tests).
#[derive(Debug, Clone, PartialEq)]
pub struct Deletion {
    /// The fit without the study: its row of a leave-one-out analysis.
    pub refit: Refit,
    /// The externally studentised residual (y − ŷ(−i))/√(s²(−i)(v + τ²(−i)) + Var ŷ(−i)).
    pub studentised_residual: f64,
    /// DFFITS, (ŷ − ŷ(−i))/√(s²(−i) h (v + τ²(−i))): the change of its fitted value.
    pub dffits: f64,
    /// Cook's distance (β − β(−i))′ Var(β)⁻¹ (β − β(−i)), not divided by p.
    pub cooks_distance: f64,
    /// |Var β(−i)| / |Var β|; below 1 where leaving it out makes the estimates more precise.
    pub covariance_ratio: f64,
    /// DFBETAS, one entry a coefficient: (β − β(−i))/√(s²(−i) A), with A the diagonal of (X′WX)⁻¹
    /// of all studies at τ²(−i).
    pub dfbetas: Vec<f64>,
    /// (ŷ − ŷ(−i))²/Var ŷ(−i): its influence on the result, the vertical coordinate of Baujat's
    /// plot.
    pub squared_fitted_change: f64,
}

/// Why there is no comparison with the fit without a study.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoDeletion {
    /// The other studies have no fit.
    NoFit(NoFit),
    /// A variance that the change is to be measured by is zero: the residuals vanish under a test
    /// that scales with them.
    ZeroScale,
}

/// The diagnostics of the model y ~ X, from k refits.
///
/// # Errors
/// Where all studies together have no fit.
pub fn influence(
    effects: &[Effect],
    design: &Design,
    model: Model,
    test: Test,
    level: f64,
) -> Result<Influence, NoFit> {
    let studies = if design.is_intercept() {
        study_by_study(effects, &Pooling::new(model, test, level))?
    } else {
        row_by_row(effects, design, model, test, level)?
    };
    let distances = studies
        .iter()
        .filter_map(|study| study.deletion.as_ref().ok())
        .map(|deletion| deletion.cooks_distance)
        .collect();
    Ok(Influence {
        outlier_threshold: normal_quantile(1.0 - 0.05 / (2.0 * effects.len() as f64)),
        cooks_distance_threshold: distance_threshold(distances),
        studies,
    })
}

/// Without moderators: all follows from the fits and the study.
fn study_by_study(effects: &[Effect], pooling: &Pooling) -> Result<Vec<StudyInfluence>, NoFit> {
    let Columns { y, v } = Columns::of(effects);
    let full = pooling.fit(&y, &v, None)?;
    let tau_squared = full.tau_squared_value();
    let mut rest = Columns::of(&effects[1..]);
    let studies = (0..effects.len()).map(|study| {
        if study > 0 {
            rest.set(study - 1, effects[study - 1]);
        }
        let effect = effects[study];
        let weight = 1.0 / (effect.variance + tau_squared);
        let hat = weight / full.weighted.weight_sum;
        let deletion = pooling
            .fit_few(&rest.y, &rest.v, Some(tau_squared))
            .map_err(NoDeletion::NoFit)
            .and_then(|fit| mean_deletion(&full, hat, effect, &fit));
        let place = Place {
            k: effects.len() as f64,
            p: 1.0,
            hat,
            weight,
            percent: 100.0 * hat,
            residual: effect.estimate - full.weighted.mean,
        };
        place.influence(deletion)
    });
    Ok(studies.collect())
}

/// What changes in the mean when a study is left out.
fn mean_deletion(
    full: &MeanFit,
    hat: f64,
    effect: Effect,
    fit: &MeanFit,
) -> Result<Deletion, NoDeletion> {
    let (mean, total) = (fit.weighted.mean, fit.weighted.weight_sum);
    let marginal_variance = effect.variance + fit.tau_squared_value();
    let mean_variance = fit.scale / total;
    let error_variance = fit.scale * marginal_variance;
    let change = full.weighted.mean - mean;
    let total_with_study = total + 1.0 / marginal_variance;
    Deletion {
        refit: Refit::from(fit),
        studentised_residual: (effect.estimate - mean) / (error_variance + mean_variance).sqrt(),
        dffits: change / (hat * error_variance).sqrt(),
        cooks_distance: full.weighted.weight_sum * change * change / full.scale,
        covariance_ratio: fit.scale / full.scale * (full.weighted.weight_sum / total),
        dfbetas: vec![change / (fit.scale / total_with_study).sqrt()],
        squared_fitted_change: change * change / mean_variance,
    }
    .checked()
}

/// With moderators.
fn row_by_row(
    effects: &[Effect],
    design: &Design,
    model: Model,
    test: Test,
    level: f64,
) -> Result<Vec<StudyInfluence>, NoFit> {
    let full = Fitted::new(effects, design, fit(effects, design, model, test, level)?)?;
    let mut rest = effects[1..].to_vec();
    let studies = (0..effects.len()).map(|study| {
        if study > 0 {
            rest[study - 1] = effects[study - 1];
        }
        let design = design.without_row(study);
        let deletion = if rest.len() == 1 && design.columns() == 1 {
            // one study stands for itself
            fit(&rest, &design, Model::Common, Test::Z, level)
        } else {
            fit(&rest, &design, model, test, level)
        }
        .map_err(NoDeletion::NoFit)
        .and_then(|fit| full.deletion(study, &rest, &design, &fit));
        full.study(study, deletion)
    });
    Ok(studies.collect())
}

/// The place of a study in the fit to all.
struct Place {
    /// The number of studies.
    k: f64,
    /// The number of coefficients.
    p: f64,
    hat: f64,
    /// w.
    weight: f64,
    /// Its share of all weights.
    percent: f64,
    /// y − ŷ.
    residual: f64,
}

impl Place {
    fn influence(&self, deletion: Result<Deletion, NoDeletion>) -> StudyInfluence {
        let spread = (1.0 - self.hat) / self.weight;
        let dffits_bound = 3.0 * (self.p / (self.k - self.p)).sqrt();
        let is_marked = self.hat > 3.0 * self.p / self.k
            || deletion.as_ref().is_ok_and(|deletion| {
                deletion.dffits.abs() > dffits_bound
                    || chi_squared_upper_tail(deletion.cooks_distance, self.p) < 0.5
                    || deletion.dfbetas.iter().any(|change| change.abs() > 1.0)
            });
        StudyInfluence {
            hat: self.hat,
            weight: self.percent,
            standardised_residual: (1.0 - self.hat > 10.0 * f64::EPSILON)
                .then(|| self.residual / spread.sqrt()),
            squared_pearson_residual: self.residual * self.residual * self.weight,
            deletion,
            is_marked,
        }
    }
}

/// The fit to all studies.
struct Fitted<'a> {
    effects: &'a [Effect],
    design: &'a Design,
    fit: Fit,
    weighted: WeightedFit<'a>,
    /// s².
    scale: f64,
}

impl<'a> Fitted<'a> {
    fn new(effects: &'a [Effect], design: &'a Design, fit: Fit) -> Result<Self, NoFit> {
        let weighted = weigh(effects, design, tau_squared(&fit)).ok_or(NoFit::Singular)?;
        let scale = variance_scale(&fit, &weighted);
        Ok(Self { effects, design, fit, weighted, scale })
    }

    fn study(&self, study: usize, deletion: Result<Deletion, NoDeletion>) -> StudyInfluence {
        let place = Place {
            k: self.effects.len() as f64,
            p: self.design.columns() as f64,
            hat: self.hat(study),
            weight: self.weighted.weights()[study],
            percent: self.fit.weights[study],
            residual: self.weighted.residuals[study],
        };
        place.influence(deletion)
    }

    fn hat(&self, study: usize) -> f64 {
        self.weighted.weights()[study] * self.weighted.fitted_variance(self.design.row(study))
    }

    fn deletion(
        &self,
        study: usize,
        rest: &[Effect],
        design: &Design,
        fit: &Fit,
    ) -> Result<Deletion, NoDeletion> {
        let Effect { estimate, variance } = self.effects[study];
        let without = tau_squared(fit);
        let row = self.design.row(study);
        let singular = NoDeletion::NoFit(NoFit::Singular);
        let weighted = weigh(rest, design, without).ok_or(singular)?;
        let at_deleted = weigh(self.effects, self.design, without).ok_or(singular)?;
        let scale = variance_scale(fit, &weighted);

        let fitted_value = product(row, &weighted.coefficients);
        let fitted_variance = scale * weighted.fitted_variance(row);
        let fitted_change = product(row, &self.weighted.coefficients) - fitted_value;
        let error_variance = scale * (variance + without);
        let change: Vec<f64> = self
            .weighted
            .coefficients
            .iter()
            .zip(&weighted.coefficients)
            .map(|(all, rest)| all - rest)
            .collect();
        Deletion {
            refit: Refit::new(fit),
            studentised_residual: (estimate - fitted_value)
                / (error_variance + fitted_variance).sqrt(),
            dffits: fitted_change / (self.hat(study) * error_variance).sqrt(),
            cooks_distance: self.squared_length(&change) / self.scale,
            covariance_ratio: self.covariance_ratio(&weighted, scale),
            dfbetas: change
                .iter()
                .enumerate()
                .map(|(j, change)| change / (scale * at_deleted.coefficient_variance(j)).sqrt())
                .collect(),
            squared_fitted_change: fitted_change * fitted_change / fitted_variance,
        }
        .checked()
    }

    /// d′X′WXd = Σ w (x′d)².
    fn squared_length(&self, change: &[f64]) -> f64 {
        let weights = self.weighted.weights().iter().enumerate();
        weights
            .map(|(study, weight)| {
                let shift = product(self.design.row(study), change);
                weight * shift * shift
            })
            .sum()
    }

    fn covariance_ratio(&self, without: &WeightedFit<'_>, scale: f64) -> f64 {
        let scales: f64 = (0..self.design.columns()).map(|_| scale / self.scale).product();
        scales * libm::exp(self.weighted.log_determinant - without.log_determinant)
    }
}

impl Deletion {
    /// The deletion, where it has a scale.
    fn checked(self) -> Result<Self, NoDeletion> {
        let numbers = [
            self.studentised_residual,
            self.dffits,
            self.cooks_distance,
            self.covariance_ratio,
            self.squared_fitted_change,
        ];
        let is_finite = numbers.iter().chain(&self.dfbetas).all(|number| number.is_finite());
        if is_finite { Ok(self) } else { Err(NoDeletion::ZeroScale) }
    }
}

fn tau_squared(fit: &Fit) -> f64 {
    fit.tau_squared.map_or(0.0, |tau_squared| tau_squared.value)
}

fn weigh<'a>(effects: &[Effect], design: &'a Design, tau_squared: f64) -> Option<WeightedFit<'a>> {
    let y: Vec<f64> = effects.iter().map(|effect| effect.estimate).collect();
    let v: Vec<f64> = effects.iter().map(|effect| effect.variance).collect();
    WeightedFit::new(design, &y, inverse_variance_weights(&v, tau_squared))
}

/// s², the ratio of a coefficient's variance in the fit to that from the weights alone.
fn variance_scale(fit: &Fit, weighted: &WeightedFit<'_>) -> f64 {
    let standard_error = fit.coefficients[0].standard_error;
    standard_error * standard_error / weighted.coefficient_variance(0)
}

fn product(row: &[f64], coefficients: &[f64]) -> f64 {
    row.iter().zip(coefficients).map(|(x, coefficient)| x * coefficient).sum()
}

/// The median plus six interquartile ranges.
fn distance_threshold(mut distances: Vec<f64>) -> Option<f64> {
    if distances.is_empty() {
        return None;
    }
    distances.sort_by(f64::total_cmp);
    let quartile = |p| quantile(&distances, p);
    Some(quartile(0.5) + 6.0 * (quartile(0.75) - quartile(0.25)))
}

/// The `p` quantile of sorted values by linear interpolation between order statistics, the point
/// 1 + (n − 1)p of them (type 7 of Hyndman & Fan 1996).
fn quantile(sorted: &[f64], p: f64) -> f64 {
    let position = (sorted.len() - 1) as f64 * p;
    let below = position.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (position - below as f64) * (sorted[above] - sorted[below])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_interpolate_as_type_7() {
        let values = [1.0, 2.0, 4.0, 8.0];
        assert_eq!(quantile(&values, 0.25), 1.75);
        assert_eq!(quantile(&values, 0.5), 3.0);
        assert_eq!(quantile(&values, 0.75), 5.0);
        assert_eq!(distance_threshold(values.to_vec()), Some(3.0 + 6.0 * 3.25));
        assert_eq!(distance_threshold(vec![]), None);
    }

    #[test]
    fn a_study_that_holds_up_a_coefficient_has_no_deletion() {
        let effects: Vec<Effect> = [0.1, 0.4, -0.2, 0.9]
            .iter()
            .map(|&estimate| Effect { estimate, variance: 0.1 })
            .collect();
        let design = Design::from_columns(&[vec![1.0; 4], vec![0.0, 0.0, 0.0, 1.0]]);
        let found = influence(&effects, &design, Model::Common, Test::Z, 0.95).unwrap();
        assert_eq!(found.studies[3].deletion, Err(NoDeletion::NoFit(NoFit::Singular)));
        assert_eq!(found.studies[3].standardised_residual, None);
        assert!(found.studies[0].deletion.is_ok());
    }

    #[test]
    fn equal_estimates_have_no_scale_under_knapp_and_hartung() {
        let effects = [Effect { estimate: 0.5, variance: 0.1 }; 4];
        let design = Design::intercept(4);
        let found = influence(&effects, &design, Model::Common, Test::KnappHartung, 0.95);
        assert_eq!(found.err(), Some(NoFit::NoScatter));
        // without the only study that differs, the others leave nothing to test by
        let mut effects = effects;
        effects[3].estimate = 0.9;
        let found = influence(&effects, &design, Model::Common, Test::KnappHartung, 0.95).unwrap();
        assert_eq!(found.studies[3].deletion, Err(NoDeletion::NoFit(NoFit::NoScatter)));
        assert!(found.studies[0].deletion.is_ok());
    }
}
