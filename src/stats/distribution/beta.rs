//! The beta distribution.

use super::Tails;
use super::saddle_point::{deviance, log1p_minus, stirling_error, tail_integral};
use libm::{exp, log, log1p};

/// A place between 0 and 1, and all that would lose digits if it were computed from x.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// The place x.
    pub(super) x: f64,
    /// 1 − x.
    pub(super) y: f64,
    /// What log x and log y are computed from, which only the far tails need.
    pub(super) logs: Logs,
    /// a y − b x: how far x is below the mean a/(a + b), times a + b.
    pub(super) lead: f64,
}

/// Where the logarithms of a place x and of y = 1 − x come from.
#[derive(Debug, Clone, Copy)]
pub(super) enum Logs {
    /// y/x and x/y.
    Odds([f64; 2]),
    /// x and y.
    Places([f64; 2]),
    /// log x and log y themselves.
    Known([f64; 2]),
}

impl Logs {
    fn log_x(self) -> f64 {
        match self {
            Self::Odds([odds, _]) => -log1p(odds),
            Self::Places([x, y]) => {
                if x < 0.5 {
                    log(x)
                } else {
                    log1p(-y)
                }
            }
            Self::Known([log_x, _]) => log_x,
        }
    }

    fn log_y(self) -> f64 {
        self.swapped().log_x()
    }

    fn swapped(self) -> Self {
        let swap = |[of_x, of_y]: [f64; 2]| [of_y, of_x];
        match self {
            Self::Odds(odds) => Self::Odds(swap(odds)),
            Self::Places(places) => Self::Places(swap(places)),
            Self::Known(logs) => Self::Known(swap(logs)),
        }
    }
}

impl Place {
    /// The place x = a/(a + b f), below which a beta variable with shapes `a` and `b` lies as often
    /// as an F variable with 2b and 2a degrees of freedom lies above `f` > 0.
    pub(super) fn of_f(f: f64, a: f64, b: f64) -> Self {
        let odds = f * (b / a);
        let x = 1.0 / (1.0 + odds);
        let y = 1.0 / (1.0 + 1.0 / odds);
        let lead = if f < 1.0 { b * x * (f - 1.0) } else { a * y * ((f - 1.0) / f) };
        Self { x, y, logs: Logs::Odds([odds, 1.0 / odds]), lead }
    }

    /// The place `x` between 0 and 1 for a beta variable with shapes `a` and `b`.
    pub(super) fn of_beta(x: f64, a: f64, b: f64) -> Self {
        let y = 1.0 - x;
        Self { x, y, logs: Logs::Places([x, y]), lead: a * y - b * x }
    }

    fn swapped(&self) -> Self {
        Self { x: self.y, y: self.x, logs: self.logs.swapped(), lead: -self.lead }
    }
}

/// A beta distribution.
#[derive(Debug, Clone, Copy)]
pub(super) struct Beta {
    a: f64,
    b: f64,
    /// Stirling's errors of a + b, a and b.
    errors: [f64; 3],
}

impl Beta {
    /// The distribution with shapes `a` > 0 and `b` > 0; there is none with others.
    pub(super) fn new(a: f64, b: f64) -> Self {
        let error = |shape: f64| if shape > 0.0 { stirling_error(shape) } else { f64::NAN };
        Self { a, b, errors: [a + b, a, b].map(error) }
    }

    fn swapped(&self) -> Self {
        let [of_sum, of_a, of_b] = self.errors;
        Self { a: self.b, b: self.a, errors: [of_sum, of_b, of_a] }
    }

    /// The probabilities below and above a place: the regularised incomplete beta functions
    /// I_x(a, b) and I_y(b, a). Not numbers for other shapes.
    pub(super) fn tails(&self, place: &Place) -> Tails {
        let Self { a, b, .. } = *self;
        if a.is_nan() || b.is_nan() || a <= 0.0 || b <= 0.0 || place.lead.is_nan() {
            return Tails::of_lower(f64::NAN);
        }
        if place.lead + place.y - place.x > 0.0 {
            Tails::of_lower(self.lower_tail(place))
        } else {
            Tails::of_upper(self.swapped().lower_tail(&place.swapped()))
        }
    }

    /// I_x(a, b) for x not above (a + 1)/(a + b + 2).
    fn lower_tail(&self, place: &Place) -> f64 {
        let Self { a, b, errors: [of_sum, of_a, of_b] } = *self;
        let Place { x, y, logs, lead } = *place;
        let n = a + b;
        // x^a y^b/B(a, b) is the exponential of the exponent times the factor
        let exponent = deviance(a, -lead / a, -lead, || logs.log_x() + (log(n) - log(a)))
            + deviance(b, lead / b, lead, || logs.log_y() + (log(n) - log(b)))
            + of_sum
            - of_a
            - of_b;
        let factor = (a * (b / n) / (2.0 * std::f64::consts::PI)).sqrt();
        let rest = if a.min(b) < LARGE {
            1.0 / lower_fraction(a, b, place)
        } else {
            let odds = x / y;
            let slope = (lead + x - y) / y;
            let below = |s: f64| {
                (a - 1.0) * log1p_minus(-s) + (b - 1.0) * log1p_minus(s * odds) - slope * s
            };
            let bend = 0.5 * ((a - 1.0) + (b - 1.0) * odds * odds);
            tail_integral(slope, bend, 1.0, below) / y
        };
        exp(exponent) * (factor * rest)
    }
}

/// From this shape on, the fraction takes too many terms near the mean.
const LARGE: f64 = 1000.0;

/// The continued fraction x^a y^b/(B(a, b) I_x(a, b)) by Lentz's method, in the form of DiDonato &
/// Morris 1992, which does not cancel for large a and x near 1.
fn lower_fraction(a: f64, b: f64, place: &Place) -> f64 {
    let Place { x, y: _, lead, .. } = *place;
    let first = a / (a + 1.0) * (lead + 1.0);
    let mut c = first;
    let mut d = 0.0;
    let mut h = first;
    for m in 1..10_000 {
        let m = f64::from(m);
        let even = a + 2.0 * m - 1.0;
        let numerator = ((a + m - 1.0) / even) * ((a + b + m - 1.0) * x / even) * (m * (b - m) * x);
        let denominator =
            m + m * ((b - m) * x) / even + (a + m) / (even + 2.0) * (lead + 1.0 + m * (2.0 - x));
        d = 1.0 / away_from_zero(denominator + numerator * d);
        c = away_from_zero(denominator + numerator / c);
        let change = c * d;
        h *= change;
        if (change - 1.0).abs() <= f64::EPSILON {
            break;
        }
    }
    h
}

fn away_from_zero(x: f64) -> f64 {
    if x.abs() < 1e-300 { 1e-300 } else { x }
}
