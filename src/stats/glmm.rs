//! Generalised linear mixed models of 2×2 tables: the log odds ratio from exact likelihoods.
//!
//! The log odds ratio of a study is θ ~ N(μ, τ²). Neither model needs a correction of zero cells.
//! Both are fitted by maximum likelihood: for each τ² the best μ by Newton's method within brackets,
//! along that ridge every root of the likelihood's derivative to machine precision.

use super::binary::TwoByTwo;
use super::pooling::{Inference, Reference};
use super::root::{bracketed_root, highest_maximum};
use libm::{exp, lgamma, log, log1p};
use std::cell::{Cell, RefCell};

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

/// The number of quadrature points that R's metafor and lme4 use.
pub const USUAL_POINTS: usize = 7;

/// The unconditional model with fixed study effects (Turner et al. 2000; metafor's UM.FS): the
/// counts are binomial with logits α_i + θ_i/2 and α_i − θ_i/2. The random effect is integrated out
/// by adaptive Gauss-Hermite quadrature with so many `points` about its mode (Pinheiro & Bates
/// 1995); `level` is that of the intervals (0 to 1).
///
/// # Errors
/// See [`NoFit`].
pub fn unconditional(tables: &[TwoByTwo], points: usize, level: f64) -> Result<MixedFit, NoFit> {
    let tables = informative(tables)?;
    let quadrature = gauss_hermite(points.max(1));
    let levels: Vec<f64> = tables
        .iter()
        .map(|table| {
            let events = table.events1 + table.events2;
            log(events / (table.total1 + table.total2 - events))
        })
        .collect();
    let levels = RefCell::new(levels);
    let peak = maximise(&tables, |mean, deviation| {
        let mut levels = levels.borrow_mut();
        let studies = tables.iter().zip(levels.iter_mut());
        studies.fold(Local::default(), |sum, (table, level)| {
            sum.plus(&profiled(table, level, mean, deviation, &quadrature))
        })
    })?;
    let constant: f64 = tables
        .iter()
        .map(|t| log_choose(t.total1, t.events1) + log_choose(t.total2, t.events2))
        .sum();
    Ok(peak.fit(tables.len(), constant, level))
}

/// The conditional model with exact likelihood (Stijnen, Hamza & Özdemir 2010; metafor's CM.EL):
/// given its margins the first count is non-central hypergeometric with odds ratio exp(θ_i). The
/// random effect is integrated out to machine precision; `level` is that of the intervals (0 to 1).
///
/// # Errors
/// See [`NoFit`].
pub fn conditional(tables: &[TwoByTwo], level: f64) -> Result<MixedFit, NoFit> {
    let tables = informative(tables)?;
    if tables.iter().any(|table| same_margins(table) > MOST_TABLES) {
        return Err(NoFit::TooManyParticipants);
    }
    let studies: Vec<Hypergeometric> = tables.iter().map(Hypergeometric::new).collect();
    let peak = maximise(&tables, |mean, deviation| {
        studies
            .iter()
            .fold(Local::default(), |sum, study| sum.plus(&study.integrated(mean, deviation)))
    })?;
    Ok(peak.fit(tables.len(), 0.0, level))
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

/// The most tables with the same margins that are gone through for a study.
const MOST_TABLES: f64 = 1e7;

/// The number of tables with the margins of this one.
fn same_margins(table: &TwoByTwo) -> f64 {
    let events = table.events1 + table.events2;
    events.min(table.total1) - (events - table.total2).max(0.0) + 1.0
}

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

/// The log-likelihood of one study of the unconditional model at the best of its own α, which is
/// left in `level` for the next call.
fn profiled(
    table: &TwoByTwo,
    level: &mut f64,
    mean: f64,
    deviation: f64,
    quadrature: &[(f64, f64)],
) -> Local {
    let at = |level: f64| {
        let variable = [level, mean, deviation];
        let [level, mean, deviation] = [0, 1, 2].map(|i| Jet::variable(variable[i], i));
        binomial_likelihood(table, level, mean, deviation, quadrature)
    };
    *level = ascend(*level, |level| {
        let jet = at(level);
        (jet.gradient[0], jet.hessian[0][0])
    });
    let jet = at(*level);
    let [level_level, level_mean, level_deviation] = jet.hessian[0];
    let rest = jet.gradient[0] / level_level;
    Local {
        value: jet.value,
        gradient: [jet.gradient[1] - level_mean * rest, jet.gradient[2] - level_deviation * rest],
        hessian: [
            jet.hessian[1][1] - level_mean * level_mean / level_level,
            jet.hessian[1][2] - level_mean * level_deviation / level_level,
            jet.hessian[2][2] - level_deviation * level_deviation / level_level,
        ],
    }
}

/// log ∫ exp F(z) dz/√(2π) with F(z) = a η₁ − n₁ log(1 + e^η₁) + c η₂ − n₂ log(1 + e^η₂) − z²/2 and
/// η = α ± (μ + τz)/2.
///
/// With the mode ẑ of F, s² = −1/F″(ẑ), and nodes x and weights ω for the standard normal density,
/// it is log s + log Σ ω exp(F(ẑ + sx) + x²/2).
fn binomial_likelihood(
    table: &TwoByTwo,
    level: Jet,
    mean: Jet,
    deviation: Jet,
    quadrature: &[(f64, f64)],
) -> Jet {
    let [a, _, c, _] = table.cells();
    let (n1, n2) = (table.total1, table.total2);
    let logits = |z: Jet| {
        let half = mean.plus(&deviation.times(&z)).scaled(0.5);
        (level.plus(&half), level.plus(&half.scaled(-1.0)))
    };
    let slope_and_curvature = |z: Jet| {
        let (first, second) = logits(z);
        let (p1, p2) = (first.logistic(), second.logistic());
        let score = p2.scaled(n2).plus(&p1.scaled(-n1)).shifted(a - c);
        let information = p1.times(&p1.scaled(-1.0).shifted(1.0)).scaled(n1);
        let information =
            information.plus(&p2.times(&p2.scaled(-1.0).shifted(1.0)).scaled(n2)).scaled(0.25);
        let slope = deviation.times(&score).scaled(0.5).plus(&z.scaled(-1.0));
        let curvature = deviation.times(&deviation).times(&information).shifted(1.0);
        (slope, curvature.scaled(-1.0))
    };
    let mode = ascend(0.0, |z| {
        let (slope, curvature) = slope_and_curvature(Jet::constant(z));
        (slope.value, curvature.value)
    });
    // each step of Newton's method makes the derivatives of the mode exact to one more order
    let mut mode = Jet::constant(mode);
    for _ in 0..2 {
        let (slope, curvature) = slope_and_curvature(mode);
        mode = mode.plus(&slope.times(&curvature.reciprocal()).scaled(-1.0));
    }
    let (_, curvature) = slope_and_curvature(mode);
    let scale = curvature.scaled(-1.0).reciprocal().square_root();
    let exponents: Vec<Jet> = quadrature
        .iter()
        .map(|(node, weight)| {
            let z = mode.plus(&scale.scaled(*node));
            let (first, second) = logits(z);
            let density = first.scaled(a).plus(&first.softplus().scaled(-n1));
            let density = density.plus(&second.scaled(c)).plus(&second.softplus().scaled(-n2));
            let density = density.plus(&z.times(&z).scaled(-0.5));
            density.shifted(0.5 * node * node + log(*weight))
        })
        .collect();
    let largest = exponents.iter().map(|jet| jet.value).fold(f64::NEG_INFINITY, f64::max);
    let sum = exponents
        .iter()
        .fold(Jet::constant(0.0), |sum, jet| sum.plus(&jet.shifted(-largest).exponential()));
    sum.logarithm().shifted(largest).plus(&scale.logarithm())
}

/// The nodes and weights of Gauss-Hermite quadrature for the standard normal density.
///
/// The nodes are the roots of the Hermite polynomial H_n; with the orthonormal polynomials h_j the
/// weight of a node x is 1/Σ h_j(x)² over j < n.
fn gauss_hermite(points: usize) -> Vec<(f64, f64)> {
    let n = points as f64;
    // h₀ … h_n at x
    let orthonormal = |x: f64| {
        let mut values = vec![1.0, x];
        for j in 1..points {
            let (j, previous) = (j as f64, values[j - 1]);
            let next = (x * values[j as usize] - j.sqrt() * previous) / (j + 1.0).sqrt();
            values.push(next);
        }
        values
    };
    let polynomial = |x: f64| orthonormal(x)[points];
    let bound = (4.0 * n + 3.0).sqrt();
    // an even number of steps of which none ends at the middle root by chance alone
    let steps = 40 * points;
    let place = |i: usize| bound * (2.0 * i as f64 / steps as f64 - 1.0) + 1e-3 / n;
    (0..steps)
        .filter(|i| (polynomial(place(*i)) > 0.0) != (polynomial(place(*i + 1)) > 0.0))
        .map(|i| {
            let node = bracketed_root(place(i), place(i + 1), polynomial);
            let squares: f64 = orthonormal(node)[..points].iter().map(|h| h * h).sum();
            (node, 1.0 / squares)
        })
        .collect()
}

/// A number with its first and second derivatives by three variables.
#[derive(Debug, Clone, Copy)]
struct Jet {
    value: f64,
    gradient: [f64; 3],
    hessian: [[f64; 3]; 3],
}

impl Jet {
    fn constant(value: f64) -> Self {
        Self { value, gradient: [0.0; 3], hessian: [[0.0; 3]; 3] }
    }

    fn variable(value: f64, which: usize) -> Self {
        let mut jet = Self::constant(value);
        jet.gradient[which] = 1.0;
        jet
    }

    fn plus(&self, other: &Self) -> Self {
        let mut sum = *self;
        sum.value += other.value;
        for i in 0..3 {
            sum.gradient[i] += other.gradient[i];
            for j in 0..3 {
                sum.hessian[i][j] += other.hessian[i][j];
            }
        }
        sum
    }

    fn shifted(&self, by: f64) -> Self {
        Self { value: self.value + by, ..*self }
    }

    fn scaled(&self, by: f64) -> Self {
        Self {
            value: self.value * by,
            gradient: self.gradient.map(|x| x * by),
            hessian: self.hessian.map(|row| row.map(|x| x * by)),
        }
    }

    fn times(&self, other: &Self) -> Self {
        let mut product = Self::constant(self.value * other.value);
        for i in 0..3 {
            product.gradient[i] = self.gradient[i] * other.value + self.value * other.gradient[i];
            for j in 0..3 {
                product.hessian[i][j] = self.hessian[i][j] * other.value
                    + self.gradient[i] * other.gradient[j]
                    + self.gradient[j] * other.gradient[i]
                    + self.value * other.hessian[i][j];
            }
        }
        product
    }

    /// f of this number, given f and its first two derivatives there.
    fn through(&self, [value, first, second]: [f64; 3]) -> Self {
        let mut image = Self::constant(value);
        for i in 0..3 {
            image.gradient[i] = first * self.gradient[i];
            for j in 0..3 {
                image.hessian[i][j] =
                    first * self.hessian[i][j] + second * self.gradient[i] * self.gradient[j];
            }
        }
        image
    }

    fn exponential(&self) -> Self {
        let value = exp(self.value);
        self.through([value, value, value])
    }

    fn logarithm(&self) -> Self {
        let inverse = 1.0 / self.value;
        self.through([log(self.value), inverse, -inverse * inverse])
    }

    fn reciprocal(&self) -> Self {
        let inverse = 1.0 / self.value;
        self.through([inverse, -inverse * inverse, 2.0 * inverse * inverse * inverse])
    }

    fn square_root(&self) -> Self {
        let root = self.value.sqrt();
        self.through([root, 0.5 / root, -0.25 / (root * self.value)])
    }

    /// 1/(1 + e^−x).
    fn logistic(&self) -> Self {
        let (p, q) = (logistic(self.value), logistic(-self.value));
        self.through([p, p * q, p * q * (q - p)])
    }

    /// log(1 + e^x).
    fn softplus(&self) -> Self {
        let x = self.value;
        let (p, q) = (logistic(x), logistic(-x));
        self.through([x.max(0.0) + log1p(exp(-x.abs())), p, p * q])
    }
}

fn logistic(x: f64) -> f64 {
    if x >= 0.0 {
        1.0 / (1.0 + exp(-x))
    } else {
        let small = exp(x);
        small / (1.0 + small)
    }
}

/// The non-central hypergeometric distribution of the first count of a table, given the margins.
struct Hypergeometric {
    /// What the first count can be, less what it is: the least.
    lowest: f64,
    /// P(x + 1)/P(x) at odds ratio 1, and its logarithm, from the least value on; both fall.
    ratios: Vec<(f64, f64)>,
    /// log P(x) − log P(a) at odds ratio 1 of each value x, with a the observed count.
    log_weights: Vec<f64>,
}

/// Terms below this part of the largest are left out of a sum.
const NEGLIGIBLE: f64 = 1e-20;

impl Hypergeometric {
    fn new(table: &TwoByTwo) -> Self {
        let (n1, n2) = (table.total1, table.total2);
        let events = table.events1 + table.events2;
        let least = (events - n2).max(0.0);
        let count = (events.min(n1) - least) as usize;
        let ratios: Vec<(f64, f64)> = (0..count)
            .map(|i| {
                let x = least + i as f64;
                let ratio = (n1 - x) * (events - x) / ((x + 1.0) * (n2 - events + x + 1.0));
                (ratio, log(ratio))
            })
            .collect();
        let observed = (table.events1 - least) as usize;
        let mut log_weights = vec![0.0; count + 1];
        for i in observed..count {
            log_weights[i + 1] = log_weights[i] + ratios[i].1;
        }
        for i in (0..observed).rev() {
            log_weights[i] = log_weights[i + 1] - ratios[i].1;
        }
        Self { lowest: least - table.events1, ratios, log_weights }
    }

    /// The log-probability of the observed count at log odds ratio `theta` with its first and
    /// second derivative: observed less mean, and minus the variance.
    fn log_probability(&self, theta: f64) -> (f64, f64, f64) {
        let odds = exp(theta);
        let mode = self.ratios.partition_point(|(_, log_ratio)| log_ratio + theta > 0.0);
        let (mut sum, mut first, mut second) = (1.0, 0.0, 0.0);
        let mut add = |weight: f64, distance: f64| {
            sum += weight;
            first += weight * distance;
            second += weight * distance * distance;
        };
        let mut weight = 1.0;
        for (i, (ratio, _)) in self.ratios.iter().enumerate().skip(mode) {
            weight *= ratio * odds;
            add(weight, (i + 1 - mode) as f64);
            if weight < NEGLIGIBLE {
                break;
            }
        }
        weight = 1.0;
        for (i, (ratio, _)) in self.ratios.iter().enumerate().take(mode).rev() {
            weight /= ratio * odds;
            add(weight, -((mode - i) as f64));
            if weight < NEGLIGIBLE {
                break;
            }
        }
        let mode_distance = self.lowest + mode as f64;
        let shift = first / sum;
        let value = -(self.log_weights[mode] + mode_distance * theta + log(sum));
        (value, -(mode_distance + shift), -(second / sum - shift * shift))
    }

    /// The logarithm of ∫ P(a | μ + τz) φ(z) dz with its derivatives.
    ///
    /// The trapezoidal rule with a step of a quarter of the integrand's width, over all z at which
    /// it is not negligible: for a smooth integrand that vanishes at both ends its error falls
    /// faster than any power of the step.
    fn integrated(&self, mean: f64, deviation: f64) -> Local {
        let exponent = |z: f64| {
            let (value, first, second) = self.log_probability(mean + deviation * z);
            (value - 0.5 * z * z, first, second)
        };
        let mode = ascend(0.0, |z| {
            let (_, first, second) = exponent(z);
            (deviation * first - z, deviation * deviation * second - 1.0)
        });
        let (top, _, second) = exponent(mode);
        let width = 1.0 / (1.0 - deviation * deviation * second).sqrt();
        let step = 0.25 * width.min(1.0 / deviation.max(1.0));
        let mut sums = Moments::default();
        let centre = (mode / step).round();
        for direction in [1.0, -1.0] {
            let mut at = if direction > 0.0 { centre } else { centre - 1.0 };
            loop {
                let z = at * step;
                let (value, first, second) = exponent(z);
                let weight = exp(value - top);
                sums.add(weight, z, first, second);
                // z beyond the mode by more than the integrand's width, where it only falls
                if weight < NEGLIGIBLE && (z - mode) * direction > width {
                    break;
                }
                at += direction;
            }
        }
        sums.local(top + log(step) - 0.5 * log(2.0 * std::f64::consts::PI))
    }
}

/// Weighted sums of an integrand's derivatives by μ and τ.
#[derive(Default)]
struct Moments {
    weight: f64,
    gradient: [f64; 2],
    squares: [f64; 3],
    curvature: [f64; 3],
}

impl Moments {
    /// Adds a point z at which the log-probability has these derivatives by θ = μ + τz.
    fn add(&mut self, weight: f64, z: f64, first: f64, second: f64) {
        let powers = [1.0, z, z * z];
        self.weight += weight;
        for (sum, power) in self.gradient.iter_mut().zip(powers) {
            *sum += weight * first * power;
        }
        let second_order = self.squares.iter_mut().zip(&mut self.curvature).zip(powers);
        for ((square, curvature), power) in second_order {
            *square += weight * first * first * power;
            *curvature += weight * second * power;
        }
    }

    /// The logarithm of the sum, shifted, with its derivatives.
    fn local(&self, shift: f64) -> Local {
        let gradient = self.gradient.map(|g| g / self.weight);
        let outer =
            [gradient[0] * gradient[0], gradient[0] * gradient[1], gradient[1] * gradient[1]];
        Local {
            value: log(self.weight) + shift,
            gradient,
            hessian: [0, 1, 2]
                .map(|i| (self.squares[i] + self.curvature[i]) / self.weight - outer[i]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quadrature_integrates_polynomials_exactly() {
        for points in [1, 2, 7, 8, 25] {
            let nodes = gauss_hermite(points);
            assert_eq!(nodes.len(), points);
            let moment = |power: usize| -> f64 {
                nodes.iter().map(|(x, w)| w * (0..power).map(|_| *x).product::<f64>()).sum()
            };
            assert!((moment(0) - 1.0).abs() < 1e-14);
            assert!(moment(1).abs() < 1e-14);
            if points > 3 {
                assert!((moment(4) - 3.0).abs() < 1e-13 && (moment(6) - 15.0).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn the_hypergeometric_distribution_is_that_of_its_definition() {
        let table = TwoByTwo { events1: 2.0, total1: 5.0, events2: 3.0, total2: 7.0 };
        let theta: f64 = 0.7;
        let choose = |n: f64, k: f64| exp(log_choose(n, k));
        let weight = |x: f64| choose(5.0, x) * choose(7.0, 5.0 - x) * exp(x * theta);
        let all: Vec<f64> = (0..=5).map(f64::from).collect();
        let total: f64 = all.iter().map(|x| weight(*x)).sum();
        let mean = all.iter().map(|x| x * weight(*x)).sum::<f64>() / total;
        let square = all.iter().map(|x| x * x * weight(*x)).sum::<f64>() / total;
        let (value, first, second) = Hypergeometric::new(&table).log_probability(theta);
        assert!((value - log(weight(2.0) / total)).abs() < 1e-13);
        assert!((first - (2.0 - mean)).abs() < 1e-13);
        assert!((second + square - mean * mean).abs() < 1e-13);
    }
}
