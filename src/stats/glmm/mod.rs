//! Generalised linear mixed models of 2×2 tables: the log odds ratio from exact likelihoods.
//!
//! The log odds ratio of a study is θ ~ N(μ, τ²). Neither model needs a correction of zero cells.
//! Both are fitted by maximum likelihood: for each τ² the best μ by Newton's method within brackets,
//! along that ridge every root of the likelihood's derivative to machine precision.

mod conditional;
mod jet;
mod unconditional;

pub use conditional::conditional;
pub use unconditional::{USUAL_POINTS, unconditional};

use super::binary::TwoByTwo;
use super::pooling::{Inference, Reference};
use super::root::highest_maximum;
use libm::lgamma;
use std::cell::Cell;

/// A fitted model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MixedFit {
    /// The number of studies that say something: those with events and non-events.
    pub k: usize,
    /// μ, the mean log odds ratio.
    pub pooled: Inference,
    /// τ², the variance of the log odds ratios.
    pub tau_squared: f64,
    /// The log-likelihood, of all counts or, conditionally, given the margins.
    pub log_likelihood: f64,
    level: f64,
}

/// Why a model has no fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoFit {
    /// A count is not a number, not finite, negative, or more events than participants.
    NotCounts,
    /// More participants than can be told apart, 2⁵³, or margins with more tables than the
    /// conditional model goes through, ten million.
    TooManyParticipants,
    /// No study has both events and non-events.
    NoStudies,
    /// The variance of the log odds ratios needs at least two studies with events and non-events.
    TooFewStudies,
    /// The likelihood has its maximum at infinity: in every study, or in the studies that decide
    /// between two extremes, one group has no events or nothing but events.
    NoFiniteEstimate,
}

impl MixedFit {
    /// The interval in which the log odds ratio of a new study lies: μ ± z √(τ² + SE²).
    #[must_use]
    pub fn prediction_interval(&self) -> (f64, f64) {
        let error = self.pooled.standard_error;
        let spread = (self.tau_squared + error * error).sqrt();
        let half_width = Reference::Normal.critical(self.level) * spread;
        (self.pooled.estimate - half_width, self.pooled.estimate + half_width)
    }
}

/// The tables with events and non-events; an error where they determine no log odds ratio.
fn informative(tables: &[TwoByTwo]) -> Result<Vec<TwoByTwo>, NoFit> {
    let counts = || tables.iter().flat_map(TwoByTwo::cells);
    if !counts().all(|count| count >= 0.0 && count.is_finite()) {
        return Err(NoFit::NotCounts);
    }
    if counts().sum::<f64>() > LARGEST_TOTAL {
        return Err(NoFit::TooManyParticipants);
    }
    let kept: Vec<TwoByTwo> =
        tables.iter().copied().filter(|table| !table.is_one_sided()).collect();
    match kept.len() {
        0 => return Err(NoFit::NoStudies),
        1 => return Err(NoFit::TooFewStudies),
        _ => {}
    }
    let lowest = |table: &TwoByTwo| {
        let [a, _, _, d] = table.cells();
        a == 0.0 || d == 0.0
    };
    let highest = |table: &TwoByTwo| {
        let [_, b, c, _] = table.cells();
        b == 0.0 || c == 0.0
    };
    if kept.iter().all(lowest) || kept.iter().all(highest) {
        return Err(NoFit::NoFiniteEstimate);
    }
    Ok(kept)
}

/// 2⁵³, beyond which not every whole number is one.
const LARGEST_TOTAL: f64 = 9_007_199_254_740_992.0;

fn log_choose(n: f64, k: f64) -> f64 {
    lgamma(n + 1.0) - lgamma(k + 1.0) - lgamma(n - k + 1.0)
}

/// A log-likelihood with its derivatives by μ and τ.
#[derive(Debug, Clone, Copy, Default)]
struct Local {
    value: f64,
    gradient: [f64; 2],
    /// By μμ, μτ and ττ.
    hessian: [f64; 3],
}

impl Local {
    fn plus(&self, other: &Self) -> Self {
        let add = |a: f64, b: f64| a + b;
        Self {
            value: self.value + other.value,
            gradient: [0, 1].map(|i| add(self.gradient[i], other.gradient[i])),
            hessian: [0, 1, 2].map(|i| add(self.hessian[i], other.hessian[i])),
        }
    }

    /// The derivative by τ² along the ridge on which μ is best.
    fn slope(&self, deviation: f64) -> f64 {
        let [mean_mean, mean_deviation, both_deviation] = self.hessian;
        if deviation == 0.0 {
            0.5 * both_deviation
        } else {
            let off_ridge = mean_deviation * self.gradient[0] / mean_mean;
            0.5 * (self.gradient[1] - off_ridge) / deviation
        }
    }
}

/// The highest point of a likelihood.
struct Peak {
    mean: f64,
    tau_squared: f64,
    local: Local,
}

impl Peak {
    fn fit(&self, k: usize, constant: f64, level: f64) -> MixedFit {
        let [mean_mean, mean_deviation, both_deviation] = self.local.hessian;
        let information = if self.tau_squared > 0.0 {
            -(mean_mean - mean_deviation * mean_deviation / both_deviation)
        } else {
            -mean_mean
        };
        let standard_error = (1.0 / information).sqrt();
        MixedFit {
            k,
            pooled: Inference::new(self.mean, standard_error, Reference::Normal, level),
            tau_squared: self.tau_squared,
            log_likelihood: self.local.value + constant,
            level,
        }
    }
}

/// A likelihood that still rises at this τ², where log odds ratios differ by tens, has no maximum.
const LARGEST: f64 = 256.0;

/// The highest point over μ and τ² ≥ 0 of a likelihood given at μ and τ. It is even in τ, hence
/// smooth in τ² down to 0.
fn maximise(tables: &[TwoByTwo], likelihood: impl Fn(f64, f64) -> Local) -> Result<Peak, NoFit> {
    let last_mean = Cell::new(0.0);
    let ridge = |tau_squared: f64| {
        let deviation = tau_squared.sqrt();
        let mean = ascend(last_mean.get(), |mean| {
            let local = likelihood(mean, deviation);
            (local.gradient[0], local.hessian[0])
        });
        last_mean.set(mean);
        (mean, likelihood(mean, deviation))
    };
    let height = |tau_squared: f64| {
        let (_, local) = ridge(tau_squared);
        (local.value, local.slope(tau_squared.sqrt()))
    };
    let variance = |table: &TwoByTwo| table.cells().iter().map(|n| 1.0 / (n + 0.5)).sum::<f64>();
    let scale = tables.iter().map(variance).fold(f64::INFINITY, f64::min);
    let mut upper = 1.0;
    while height(upper).1 > 0.0 {
        upper *= 4.0;
        if upper > LARGEST {
            return Err(NoFit::NoFiniteEstimate);
        }
    }
    let tau_squared = highest_maximum(scale, upper, height);
    let (mean, local) = ridge(tau_squared);
    if !(local.value.is_finite() && local.hessian[0] < 0.0) {
        return Err(NoFit::NoFiniteEstimate);
    }
    Ok(Peak { mean, tau_squared, local })
}

/// After a step of Newton's method as small as this, what is left is its square.
const NEGLIGIBLE_STEP: f64 = 1e-12;

/// The maximum of a function with one maximum, which gives its first and second derivative, by
/// Newton's method. Steps are at most 2, and never leave the bracket that the signs of the
/// derivative have drawn.
fn ascend(start: f64, derivatives: impl Fn(f64) -> (f64, f64)) -> f64 {
    let (mut lower, mut upper) = (f64::NEG_INFINITY, f64::INFINITY);
    let mut x = start;
    for _ in 0..200 {
        let (first, second) = derivatives(x);
        if first > 0.0 {
            lower = x;
        } else if first < 0.0 {
            upper = x;
        } else {
            return x;
        }
        let newton = if second < 0.0 { -first / second } else { f64::INFINITY.copysign(first) };
        let mut next = x + newton.clamp(-2.0, 2.0);
        if next < lower || next > upper {
            next = 0.5 * (lower + upper);
        }
        let done = (next - x).abs() <= NEGLIGIBLE_STEP * (1.0 + x.abs());
        x = next;
        if done {
            break;
        }
    }
    x
}
