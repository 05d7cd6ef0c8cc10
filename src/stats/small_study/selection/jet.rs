//! The probability of an interval, with its derivatives.

use crate::stats::distribution::normal_upper_tail;
use libm::exp;

/// A probability with its first and second derivatives in μ and τ².
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Jet {
    pub(super) value: f64,
    pub(super) mean: f64,
    pub(super) tau: f64,
    pub(super) mean_mean: f64,
    pub(super) mean_tau: f64,
    pub(super) tau_tau: f64,
}

impl Jet {
    /// P(lower < Z ≤ upper), with bounds (c − μ)/s where s is the `spread`.
    pub(super) fn between(lower: f64, upper: f64, spread: f64) -> Self {
        let mut jet = Self::edge(upper, spread);
        jet.add(&Self::edge(lower, spread).times(-1.0));
        jet.value = if lower > 0.0 {
            normal_upper_tail(lower) - normal_upper_tail(upper)
        } else if upper < 0.0 {
            normal_upper_tail(-upper) - normal_upper_tail(-lower)
        } else {
            1.0 - normal_upper_tail(upper) - normal_upper_tail(-lower)
        };
        jet
    }

    /// The derivatives of Φ(u), u = (c − μ)/s, s² = v + τ²: in μ −φ/s, in τ² −uφ/(2s²), and
    /// −uφ/s², (1 − u²)φ/(2s³), u(3 − u²)φ/(4s⁴).
    fn edge(u: f64, spread: f64) -> Self {
        if u.is_infinite() {
            return Self::default();
        }
        let density = exp(-0.5 * u * u) / (2.0 * std::f64::consts::PI).sqrt();
        let square = spread * spread;
        Self {
            value: 0.0,
            mean: -density / spread,
            tau: -0.5 * u * density / square,
            mean_mean: -u * density / square,
            mean_tau: 0.5 * (1.0 - u * u) * density / (square * spread),
            tau_tau: 0.25 * u * (3.0 - u * u) * density / (square * square),
        }
    }

    pub(super) fn times(&self, factor: f64) -> Self {
        Self {
            value: factor * self.value,
            mean: factor * self.mean,
            tau: factor * self.tau,
            mean_mean: factor * self.mean_mean,
            mean_tau: factor * self.mean_tau,
            tau_tau: factor * self.tau_tau,
        }
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.value += other.value;
        self.mean += other.mean;
        self.tau += other.tau;
        self.mean_mean += other.mean_mean;
        self.mean_tau += other.mean_tau;
        self.tau_tau += other.tau_tau;
    }
}
