//! Selection models with a step function of the P value (Vevea & Hedges 1995).

mod cholesky;
mod jet;

use crate::stats::Effect;
use crate::stats::design::Design;
use crate::stats::distribution::{
    chi_squared_upper_tail, normal_quantile, normal_two_sided, normal_upper_tail,
};
use crate::stats::pooling::inverse_variance::Model;
use crate::stats::pooling::{Inference, Reference};
use crate::stats::tau_squared::{self, Estimator};
use cholesky::{cholesky, solve};
use jet::Jet;
use libm::{exp, log};

/// The P value on which selection works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alternative {
    /// One-sided, small for large effects.
    Greater,
    /// One-sided, small for effects far below zero.
    Less,
    /// Two-sided.
    TwoSided,
}

/// A fitted selection model.
#[derive(Debug, Clone, PartialEq)]
pub struct StepSelection {
    /// The effect before selection, with a normal reference.
    pub pooled: Inference,
    /// τ² before selection, by maximum likelihood. `None` under a common effect.
    pub tau_squared: Option<SelectedTauSquared>,
    /// The intervals of P, from the smallest P on.
    pub intervals: Vec<SelectionInterval>,
    /// The log-likelihood at its maximum.
    pub log_likelihood: f64,
    /// The test of no selection.
    pub likelihood_ratio: LikelihoodRatio,
}

/// τ² in a selection model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SelectedTauSquared {
    /// The estimate, at least 0.
    pub value: f64,
    /// Its standard error. `None` where the estimate is 0, at the boundary.
    pub standard_error: Option<f64>,
}

/// The studies with P values in one interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SelectionInterval {
    /// The upper end of the interval, part of it; the last is 1.
    pub upper: f64,
    /// The number of studies with P in the interval.
    pub studies: usize,
    /// δ, the probability that such a study is selected relative to one of the first interval,
    /// whose δ is 1.
    pub weight: f64,
    /// The standard error of δ. `None` in the first interval.
    pub standard_error: Option<f64>,
}

/// A likelihood ratio test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LikelihoodRatio {
    /// Twice the difference of the log-likelihoods.
    pub statistic: f64,
    /// The number of free weights.
    pub df: f64,
    /// P of the chi-squared test.
    pub p_value: f64,
}

/// Why there is no selection model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoSelection {
    /// A study's sampling variance is zero.
    ZeroVariance,
    /// There is no step, or steps are not rising between 0 and 1.
    Steps,
    /// An interval between steps holds no study's P value, so that its weight has no estimate.
    EmptyInterval,
    /// Fewer studies than parameters.
    TooFewStudies,
    /// The likelihood has no maximum at which it is curved in every direction.
    NoMaximum,
}

/// The step function model with `steps` (rising, 0 to 1 exclusive; 1 is added), with an interval
/// at confidence `level` (0 to 1). τ² is estimated by maximum likelihood, whatever estimator the
/// model names.
///
/// With s² = v + τ² the log-likelihood of a study is log δ_g − ½ log 2πs² − (y − μ)²/(2s²) − log A,
/// where g is the interval of its P and A = Σ δ_j P(a study with variance v has P in interval j).
/// Standard errors are from the observed information.
///
/// # Errors
/// See [`NoSelection`].
pub fn step_selection(
    effects: &[Effect],
    model: Model,
    steps: &[f64],
    alternative: Alternative,
    level: f64,
) -> Result<StepSelection, NoSelection> {
    if effects.iter().any(|effect| effect.variance <= 0.0) {
        return Err(NoSelection::ZeroVariance);
    }
    let rises = steps.windows(2).all(|pair| pair[0] < pair[1]);
    if steps.is_empty() || !rises || steps.iter().any(|step| !(*step > 0.0 && *step < 1.0)) {
        return Err(NoSelection::Steps);
    }
    let is_random = model != Model::Common;
    if effects.len() < 1 + usize::from(is_random) + steps.len() {
        return Err(NoSelection::TooFewStudies);
    }
    let likelihood = Likelihood::new(effects, steps, alternative);
    let counts = likelihood.counts();
    if counts.contains(&0) {
        return Err(NoSelection::EmptyInterval);
    }
    let (start, plain_likelihood) = unselected(effects, is_random)?;
    let maximum = likelihood.maximum(&start, is_random).ok_or(NoSelection::NoMaximum)?;
    let mut result = likelihood
        .result(&maximum, &counts, plain_likelihood, level)
        .ok_or(NoSelection::NoMaximum)?;
    if !is_random {
        result.tau_squared = None;
    }
    Ok(result)
}

/// Effect and τ² by maximum likelihood without selection, and the log-likelihood there.
fn unselected(effects: &[Effect], is_random: bool) -> Result<((f64, f64), f64), NoSelection> {
    let y: Vec<f64> = effects.iter().map(|effect| effect.estimate).collect();
    let v: Vec<f64> = effects.iter().map(|effect| effect.variance).collect();
    let design = Design::intercept(y.len());
    let tau_squared = if is_random {
        tau_squared::estimate(Estimator::MaximumLikelihood, &y, &v, &design)
            .ok_or(NoSelection::TooFewStudies)?
            .value
    } else {
        0.0
    };
    let likelihood = tau_squared::log_likelihood(&y, &v, &design, tau_squared)
        .ok_or(NoSelection::TooFewStudies)?;
    let weights = tau_squared::inverse_variance_weights(&v, tau_squared);
    let mean =
        weights.iter().zip(&y).map(|(w, y)| w * y).sum::<f64>() / weights.iter().sum::<f64>();
    Ok(((mean, tau_squared), likelihood))
}

/// A point: effect, τ² and the weights of all intervals but the first, on the unit of
/// [`Likelihood::unit`].
#[derive(Debug, Clone, PartialEq)]
struct Point {
    mean: f64,
    tau_squared: f64,
    weights: Vec<f64>,
}

/// Value, gradient and matrix of second derivatives in effect, τ² and weights, row by row.
struct Curvature {
    value: f64,
    gradient: Vec<f64>,
    hessian: Vec<f64>,
}

/// The studies with what the likelihood needs of them, scaled so that effects are of the size of
/// their standard errors.
struct Likelihood<'a> {
    studies: Vec<Study>,
    steps: &'a [f64],
    /// The normal deviates at which P is at a step.
    deviates: Vec<f64>,
    alternative: Alternative,
    /// −1 where effects are turned round so that selection prefers large ones.
    sign: f64,
    /// What an effect of 1 is on the scale of the studies.
    unit: f64,
}

struct Study {
    estimate: f64,
    variance: f64,
    interval: usize,
}

impl<'a> Likelihood<'a> {
    fn new(effects: &[Effect], steps: &'a [f64], alternative: Alternative) -> Self {
        let k = effects.len() as f64;
        let unit = (effects.iter().map(|effect| effect.variance).sum::<f64>() / k).sqrt();
        let sign = if alternative == Alternative::Less { -1.0 } else { 1.0 };
        let studies = effects
            .iter()
            .map(|effect| {
                let z = sign * effect.estimate / effect.variance.sqrt();
                let p = match alternative {
                    Alternative::TwoSided => normal_two_sided(z),
                    _ => normal_upper_tail(z),
                };
                Study {
                    estimate: sign * effect.estimate / unit,
                    variance: effect.variance / (unit * unit),
                    interval: steps.iter().filter(|step| p > **step).count(),
                }
            })
            .collect();
        let halves = if alternative == Alternative::TwoSided { 2.0 } else { 1.0 };
        let deviates = steps.iter().map(|step| -normal_quantile(step / halves)).collect();
        Self { studies, steps, deviates, alternative, sign, unit }
    }

    fn counts(&self) -> Vec<usize> {
        let mut counts = vec![0; self.steps.len() + 1];
        for study in &self.studies {
            counts[study.interval] += 1;
        }
        counts
    }

    /// The highest of the maxima reached from several starts, inside and on the boundary τ² = 0.
    fn maximum(&self, start: &(f64, f64), is_random: bool) -> Option<Point> {
        let mean = self.sign * start.0 / self.unit;
        let tau_squared = start.1 / (self.unit * self.unit);
        let mut variances = vec![0.0];
        if is_random {
            variances.extend([tau_squared.max(0.05), 1.0 + 2.0 * tau_squared]);
        }
        let starts = variances.iter().flat_map(|tau_squared| {
            [1.0, 0.1].map(|weight| Point {
                mean,
                tau_squared: *tau_squared,
                weights: vec![weight; self.steps.len()],
            })
        });
        starts
            .filter_map(|start| self.climb(start))
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, point)| point)
    }

    /// Newton's method with the steps damped until the likelihood rises, on the logarithms of τ²
    /// and of the weights. `None` where it ends at no maximum; a τ² that runs off to 0 ends so, as
    /// the boundary has a start of its own.
    fn climb(&self, start: Point) -> Option<(f64, Point)> {
        let mut point = start;
        let mut here = self.logarithmic(&point);
        let mut damping = 1e-3;
        for _ in 0..1000 {
            if point.tau_squared > 0.0 && point.tau_squared < 1e-14 {
                return None;
            }
            let Some(step) = ascent(&here, damping) else {
                damping *= 10.0;
                continue;
            };
            let next_point = self.moved(&point, &step);
            let next = self.logarithmic(&next_point);
            let rise: f64 = step.iter().zip(&here.gradient).map(|(a, b)| a * b).sum();
            let is_settled = rise.abs() < 1e-13;
            // where no rise is to be had any more, values differ by rounding errors only
            let is_better =
                if is_settled { norm(&next) < norm(&here) } else { next.value > here.value };
            if is_better {
                damping = if damping < 1e-12 { 0.0 } else { damping * 0.1 };
                (point, here) = (next_point, next);
            } else if is_settled && damping < 1e-6 {
                return Some((here.value, point));
            } else {
                damping = damping.max(1e-9) * 10.0;
                if damping > 1e12 {
                    return None;
                }
            }
            if is_settled && damping > 0.0 {
                damping = damping.min(1e-7);
            }
        }
        None
    }

    /// The derivatives with respect to effect, log τ² (none at τ² = 0) and log weights.
    fn logarithmic(&self, point: &Point) -> Curvature {
        let natural = self.curvature(point);
        let size = natural.gradient.len();
        let scale: Vec<f64> =
            [1.0, point.tau_squared].into_iter().chain(point.weights.iter().copied()).collect();
        let kept: Vec<usize> = (0..size).filter(|i| *i != 1 || point.tau_squared > 0.0).collect();
        let mut hessian = Vec::with_capacity(kept.len() * kept.len());
        for &i in &kept {
            for &j in &kept {
                let bend = if i == j && i > 0 { scale[i] * natural.gradient[i] } else { 0.0 };
                hessian.push(scale[i] * scale[j] * natural.hessian[i * size + j] + bend);
            }
        }
        let gradient = kept.iter().map(|&i| scale[i] * natural.gradient[i]).collect();
        Curvature { value: natural.value, gradient, hessian }
    }

    /// The point moved by a step in effect, log τ² and log weights, no logarithm by more than 2.
    fn moved(&self, point: &Point, step: &[f64]) -> Point {
        let grown = |value: f64, by: f64| value * exp(by.clamp(-2.0, 2.0));
        let is_inside = point.tau_squared > 0.0;
        let (tau_squared, rest) =
            if is_inside { (grown(point.tau_squared, step[1]), 2) } else { (0.0, 1) };
        let weights = point.weights.iter().zip(&step[rest..]);
        Point {
            mean: point.mean + step[0],
            tau_squared,
            weights: weights.map(|(weight, by)| grown(*weight, *by)).collect(),
        }
    }

    fn curvature(&self, point: &Point) -> Curvature {
        let size = 2 + point.weights.len();
        let mut total =
            Curvature { value: 0.0, gradient: vec![0.0; size], hessian: vec![0.0; size * size] };
        let mut jets = vec![Jet::default(); self.steps.len() + 1];
        for study in &self.studies {
            self.interval_probabilities(study, point, &mut jets);
            total.add_density(study, point);
            total.subtract_log_selected(&jets, &point.weights);
        }
        total
    }

    /// P(the study's P value falls in each interval), with derivatives.
    fn interval_probabilities(&self, study: &Study, point: &Point, jets: &mut [Jet]) {
        let spread = (study.variance + point.tau_squared).sqrt();
        let error = study.variance.sqrt();
        let mut upper = f64::INFINITY;
        for (interval, jet) in jets.iter_mut().enumerate() {
            let lower = match self.deviates.get(interval) {
                Some(deviate) => error * deviate,
                None if self.alternative == Alternative::TwoSided => 0.0,
                None => f64::NEG_INFINITY,
            };
            let standardised = |bound: f64| (bound - point.mean) / spread;
            *jet = Jet::between(standardised(lower), standardised(upper), spread);
            if self.alternative == Alternative::TwoSided {
                jet.add(&Jet::between(standardised(-upper), standardised(-lower), spread));
            }
            upper = lower;
        }
    }

    fn result(
        &self,
        maximum: &Point,
        counts: &[usize],
        plain_likelihood: f64,
        level: f64,
    ) -> Option<StepSelection> {
        let curvature = self.curvature(maximum);
        let size = curvature.gradient.len();
        let is_inside = maximum.tau_squared > 0.0;
        let kept: Vec<usize> = (0..size).filter(|i| *i != 1 || is_inside).collect();
        let information: Vec<f64> = kept
            .iter()
            .flat_map(|&i| kept.iter().map(move |&j| (i, j)))
            .map(|(i, j)| -curvature.hessian[i * size + j])
            .collect();
        let triangle = cholesky(information, kept.len())?;
        let standard_error = |parameter: usize| {
            let position = kept.iter().position(|&i| i == parameter)?;
            let unit: Vec<f64> =
                (0..kept.len()).map(|i| if i == position { 1.0 } else { 0.0 }).collect();
            Some(solve(&triangle, &unit)[position].sqrt())
        };
        let square = self.unit * self.unit;
        let estimate = self.sign * self.unit * maximum.mean;
        let intervals = (0..counts.len())
            .map(|interval| SelectionInterval {
                upper: self.steps.get(interval).copied().unwrap_or(1.0),
                studies: counts[interval],
                weight: if interval == 0 { 1.0 } else { maximum.weights[interval - 1] },
                standard_error: if interval == 0 { None } else { standard_error(interval + 1) },
            })
            .collect();
        let log_likelihood = curvature.value - self.studies.len() as f64 * log(self.unit);
        let statistic = (2.0 * (log_likelihood - plain_likelihood)).max(0.0);
        let df = self.steps.len() as f64;
        Some(StepSelection {
            pooled: Inference::new(
                estimate,
                self.unit * standard_error(0)?,
                Reference::Normal,
                level,
            ),
            tau_squared: Some(SelectedTauSquared {
                value: square * maximum.tau_squared,
                standard_error: standard_error(1).map(|error| square * error),
            }),
            intervals,
            log_likelihood,
            likelihood_ratio: LikelihoodRatio {
                statistic,
                df,
                p_value: chi_squared_upper_tail(statistic, df),
            },
        })
    }
}

impl Curvature {
    /// Adds the log density of the estimate, and the log weight of its interval.
    fn add_density(&mut self, study: &Study, point: &Point) {
        let size = self.gradient.len();
        let variance = study.variance + point.tau_squared;
        let residual = study.estimate - point.mean;
        let square = residual * residual / variance;
        self.value -= 0.5 * (log(2.0 * std::f64::consts::PI * variance) + square);
        self.gradient[0] += residual / variance;
        self.gradient[1] += 0.5 * (square - 1.0) / variance;
        self.hessian[0] -= 1.0 / variance;
        self.hessian[1] -= residual / (variance * variance);
        self.hessian[size] -= residual / (variance * variance);
        self.hessian[size + 1] += (0.5 - square) / (variance * variance);
        if study.interval > 0 {
            let weight = point.weights[study.interval - 1];
            let parameter = study.interval + 1;
            self.value += log(weight);
            self.gradient[parameter] += 1.0 / weight;
            self.hessian[parameter * size + parameter] -= 1.0 / (weight * weight);
        }
    }

    /// Subtracts log A with A = Σ δ_j P_j.
    fn subtract_log_selected(&mut self, jets: &[Jet], weights: &[f64]) {
        let size = self.gradient.len();
        let mut selected = jets[0];
        for (jet, weight) in jets[1..].iter().zip(weights) {
            selected.add(&jet.times(*weight));
        }
        let total = selected.value;
        self.value -= log(total);
        let first = |i: usize| match i {
            0 => selected.mean / total,
            1 => selected.tau / total,
            _ => jets[i - 1].value / total,
        };
        let second = |i: usize, j: usize| match (i.min(j), i.max(j)) {
            (0, 0) => selected.mean_mean / total,
            (0, 1) => selected.mean_tau / total,
            (1, 1) => selected.tau_tau / total,
            (0, j) => jets[j - 1].mean / total,
            (1, j) => jets[j - 1].tau / total,
            _ => 0.0,
        };
        for i in 0..size {
            self.gradient[i] -= first(i);
            for j in 0..size {
                self.hessian[i * size + j] -= second(i, j) - first(i) * first(j);
            }
        }
    }
}

/// The step (λI − H)⁻¹ g; `None` where the damped matrix is not positive definite.
fn ascent(here: &Curvature, damping: f64) -> Option<Vec<f64>> {
    let size = here.gradient.len();
    let matrix = (0..size * size)
        .map(|at| -here.hessian[at] + if at % (size + 1) == 0 { damping } else { 0.0 })
        .collect();
    Some(solve(&cholesky(matrix, size)?, &here.gradient))
}

fn norm(curvature: &Curvature) -> f64 {
    curvature.gradient.iter().fold(0.0, |largest, slope| slope.abs().max(largest))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RANDOM: Model = Model::Random(Estimator::MaximumLikelihood);

    fn effects(estimates: &[f64]) -> Vec<Effect> {
        let sizes = [0.01, 0.02, 0.04, 0.06, 0.09, 0.12].iter().cycle();
        estimates
            .iter()
            .zip(sizes)
            .map(|(&estimate, &variance)| Effect { estimate, variance })
            .collect()
    }

    #[test]
    fn what_cannot_be_fitted_has_a_reason() {
        let some = effects(&[0.5, 0.1, 0.6, 0.2, 0.3, 0.9]);
        let fit = |steps: &[f64]| step_selection(&some, RANDOM, steps, Alternative::Greater, 0.95);
        assert_eq!(fit(&[]), Err(NoSelection::Steps));
        assert_eq!(fit(&[0.5, 0.05]), Err(NoSelection::Steps));
        assert_eq!(fit(&[1.0]), Err(NoSelection::Steps));
        assert_eq!(fit(&[f64::NAN]), Err(NoSelection::Steps));
        assert_eq!(fit(&[0.9]), Err(NoSelection::EmptyInterval));
        assert_eq!(fit(&[0.1, 0.2, 0.3, 0.4, 0.5]), Err(NoSelection::TooFewStudies));
        let none = step_selection(&[], Model::Common, &[0.5], Alternative::Greater, 0.95);
        assert_eq!(none, Err(NoSelection::TooFewStudies));
    }

    /// Where the studies agree, the maximum is that of the common effect.
    #[test]
    fn a_maximum_on_the_boundary_is_found() {
        let alike = effects(&[0.30, 0.27, 0.33, 0.28, 0.31, 0.29, 0.32, 0.30]);
        let fit = |model| step_selection(&alike, model, &[0.05], Alternative::Greater, 0.95);
        let (random, common) = (fit(RANDOM).unwrap(), fit(Model::Common).unwrap());
        let tau_squared = random.tau_squared.unwrap();
        assert_eq!((tau_squared.value, tau_squared.standard_error), (0.0, None));
        assert_eq!(common.tau_squared, None);
        assert_eq!(random.pooled, common.pooled);
        assert_eq!(random.log_likelihood, common.log_likelihood);
    }

    #[test]
    fn turning_effects_round_turns_the_result_round() {
        let up = effects(&[0.5, 0.1, 0.6, 0.2, 0.3, 0.9]);
        let down: Vec<Effect> = up.iter().map(|e| Effect { estimate: -e.estimate, ..*e }).collect();
        let greater = step_selection(&up, RANDOM, &[0.05], Alternative::Greater, 0.95).unwrap();
        let less = step_selection(&down, RANDOM, &[0.05], Alternative::Less, 0.95).unwrap();
        assert_eq!(greater.pooled.estimate, -less.pooled.estimate);
        assert_eq!(greater.intervals, less.intervals);
    }
}
