//! Survival curves by Kaplan and Meier, and the log-rank test.

use super::design::positive_definite_inverse;
use super::distribution::{chi_squared_upper_tail, normal_quantile};
use libm::{exp, log};

/// One participant's follow-up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Observation {
    /// The time followed, in any unit; finite and not negative.
    pub time: f64,
    /// Whether the event happened at that time; censored otherwise.
    pub event: bool,
}

/// The scale on which the interval of a survival probability is symmetric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntervalScale {
    /// S ± c S σ, cut off at 0 and 1.
    Plain,
    /// exp(log S ± c σ), cut off at 1.
    Log,
    /// exp(−exp(log(−log S) ± c σ/log S)) (Kalbfleisch & Prentice 1980).
    LogLog,
}

/// A Kaplan-Meier curve (Kaplan & Meier 1958).
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    /// One entry for each distinct time, rising.
    pub steps: Vec<Step>,
    /// The scale of the intervals.
    pub scale: IntervalScale,
}

/// A curve at one of its times.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// The time t.
    pub time: f64,
    /// Participants followed until t or longer, n.
    pub at_risk: usize,
    /// Events at t, d.
    pub events: usize,
    /// Participants censored at t, after its events.
    pub censored: usize,
    /// S(t) = Π (1 − d/n) over the times up to t.
    pub survival: f64,
    /// σ(t), the standard error of log S(t), σ² = Σ d/(n(n − d)) (Greenwood 1926); that of S(t) is
    /// S(t) σ(t). `None` where S(t) = 0.
    pub standard_error_log: Option<f64>,
    /// The confidence interval of S(t); `None` where S(t) = 0.
    pub interval: Option<(f64, f64)>,
}

/// The median survival time, with the interval in which the bounds of the curve cross ½ (Brookmeyer
/// & Crowley 1982). What a curve does not reach is `None`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Median {
    /// The first time at which S ≤ ½; where the curve runs along ½, the middle of that stretch.
    pub time: Option<f64>,
    /// Likewise for the lower bound of the curve.
    pub lower: Option<f64>,
    /// Likewise for the upper bound of the curve.
    pub upper: Option<f64>,
}

/// The survival probability at a time of choice.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// The time t.
    pub time: f64,
    /// Participants followed until t or longer.
    pub at_risk: usize,
    /// S(t).
    pub survival: f64,
    /// Its standard error; `None` where S(t) = 0.
    pub standard_error: Option<f64>,
    /// Its confidence interval; `None` where S(t) = 0.
    pub interval: Option<(f64, f64)>,
}

/// A log-rank test (Mantel 1966).
#[derive(Debug, Clone, PartialEq)]
pub struct LogRank {
    /// (O − E)′ V⁻ (O − E), with V the hypergeometric variance of O.
    pub statistic: f64,
    /// Groups with expected events, less one.
    pub df: f64,
    /// P of the chi-squared test.
    pub p_value: f64,
    /// Events in each group, O.
    pub observed: Vec<usize>,
    /// Events expected in each group if all had one curve, E.
    pub expected: Vec<f64>,
}

/// Why there is no curve or no test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoSurvival {
    /// No participant.
    NoObservations,
    /// A time is negative or not finite.
    InvalidTime,
    /// Fewer than two groups have participants at risk when an event happens.
    TooFewGroups,
    /// No event happens while participants of different groups are at risk, or a group is without
    /// variance for another reason.
    NoVariance,
}

/// The curve of these participants, with intervals at confidence `level` (0 to 1). Times are tied
/// where they are equal.
///
/// # Errors
/// Without participants, or with a time that is negative or not finite.
pub fn kaplan_meier(
    observations: &[Observation],
    scale: IntervalScale,
    level: f64,
) -> Result<Curve, NoSurvival> {
    let critical = normal_quantile(0.5 + 0.5 * level);
    let mut survival = 1.0;
    let mut variance = 0.0;
    let steps = table(observations)?
        .into_iter()
        .map(|row| {
            let (n, d) = (row.at_risk as f64, row.events as f64);
            survival *= (n - d) / n;
            if row.events > 0 {
                variance += d / (n * (n - d));
            }
            let reached = survival > 0.0;
            let standard_error_log = reached.then(|| f64::sqrt(variance));
            Step {
                time: row.time,
                at_risk: row.at_risk,
                events: row.events,
                censored: row.censored,
                survival,
                standard_error_log,
                interval: standard_error_log
                    .map(|error| interval(survival, error, scale, critical)),
            }
        })
        .collect();
    Ok(Curve { steps, scale })
}

/// The interval of a survival above 0 whose logarithm has standard error `error`.
fn interval(survival: f64, error: f64, scale: IntervalScale, critical: f64) -> (f64, f64) {
    if error == 0.0 {
        return (survival, survival);
    }
    let reach = critical * error;
    match scale {
        IntervalScale::Plain => {
            ((survival - survival * reach).max(0.0), (survival + survival * reach).min(1.0))
        }
        IntervalScale::Log => {
            let log_survival = log(survival);
            (exp(log_survival - reach), exp(log_survival + reach).min(1.0))
        }
        IntervalScale::LogLog => {
            let log_survival = log(survival);
            let centre = log(-log_survival);
            let reach = reach / log_survival;
            (exp(-exp(centre - reach)), exp(-exp(centre + reach)))
        }
    }
}

impl Curve {
    /// The median survival time.
    #[must_use]
    pub fn median(&self) -> Median {
        let bound = |of: fn((f64, f64)) -> f64| self.half_way(|step| step.interval.map(of));
        Median {
            time: self.half_way(|step| Some(step.survival)),
            lower: bound(|interval| interval.0),
            upper: bound(|interval| interval.1),
        }
    }

    /// Where a falling curve crosses ½. Values within 1.5e-8 of ½ count as ½, for the products that
    /// make them up are rounded.
    fn half_way(&self, value: impl Fn(&Step) -> Option<f64>) -> Option<f64> {
        const TIE: f64 = 1.490_116_119_384_765_6e-8;
        let mut below = self
            .steps
            .iter()
            .filter_map(|step| Some((step.time, value(step)?)))
            .filter(|(_, value)| *value < 0.5 + TIE);
        let (time, first) = below.next()?;
        if (first - 0.5).abs() >= TIE {
            return Some(time);
        }
        let next = below.find(|(_, value)| *value < first);
        Some(next.map_or(time, |(next, _)| 0.5 * (time + next)))
    }

    /// The survival probability at `time`; `None` after the last time anyone was followed.
    #[must_use]
    pub fn at(&self, time: f64) -> Option<Rate> {
        self.steps.last().filter(|last| time <= last.time)?;
        let before = self.steps.iter().take_while(|step| step.time <= time).last();
        let survival = before.map_or(1.0, |step| step.survival);
        let standard_error_log = before.map_or(Some(0.0), |step| step.standard_error_log);
        Some(Rate {
            time,
            at_risk: self.at_risk(time),
            survival,
            standard_error: standard_error_log.map(|error| survival * error),
            interval: before.map_or(Some((1.0, 1.0)), |step| step.interval),
        })
    }

    /// Participants followed until `time` or longer.
    #[must_use]
    pub fn at_risk(&self, time: f64) -> usize {
        self.steps.iter().find(|step| step.time >= time).map_or(0, |step| step.at_risk)
    }
}

/// The log-rank test of participants who belong to groups `of` (counted from 0 to `groups` − 1).
///
/// # Errors
/// See [`NoSurvival`].
pub fn log_rank(
    observations: &[Observation],
    of: &[usize],
    groups: usize,
) -> Result<LogRank, NoSurvival> {
    let mut observed = vec![0; groups];
    let mut expected = vec![0.0; groups];
    let mut variance = vec![vec![0.0; groups]; groups];
    let rows = table(observations)?;
    let mut sorted: Vec<(&Observation, usize)> =
        observations.iter().zip(of.iter().copied()).collect();
    sorted.sort_by(|a, b| a.0.time.total_cmp(&b.0.time));
    let mut at_risk = vec![0_usize; groups];
    for (observation, group) in &sorted {
        at_risk[*group] += 1;
        observed[*group] += usize::from(observation.event);
    }
    let mut past = 0;
    for row in rows.iter().filter(|row| row.events > 0) {
        while let Some((_, group)) = sorted.get(past).filter(|(o, _)| o.time < row.time) {
            at_risk[*group] -= 1;
            past += 1;
        }
        let (n, d) = (row.at_risk as f64, row.events as f64);
        let spread = if row.at_risk > 1 { d * (n - d) / (n - 1.0) } else { 0.0 };
        let share: Vec<f64> = at_risk.iter().map(|at_risk| *at_risk as f64 / n).collect();
        for g in 0..groups {
            expected[g] += d * share[g];
            variance[g][g] += spread * share[g];
            for h in 0..groups {
                variance[g][h] -= spread * share[g] * share[h];
            }
        }
    }
    let compared: Vec<usize> = (0..groups).filter(|group| expected[*group] > 0.0).collect();
    // the differences sum to 0, so that one group says nothing of its own
    let Some((_, free)) = compared.split_first().filter(|(_, free)| !free.is_empty()) else {
        return Err(NoSurvival::TooFewGroups);
    };
    let part: Vec<Vec<f64>> =
        free.iter().map(|g| free.iter().map(|h| variance[*g][*h]).collect()).collect();
    let (inverse, _) = positive_definite_inverse(&part).ok_or(NoSurvival::NoVariance)?;
    let excess: Vec<f64> = free.iter().map(|g| observed[*g] as f64 - expected[*g]).collect();
    let statistic: f64 = inverse
        .iter()
        .zip(&excess)
        .map(|(row, a)| a * row.iter().zip(&excess).map(|(v, b)| v * b).sum::<f64>())
        .sum();
    let df = free.len() as f64;
    let p_value = chi_squared_upper_tail(statistic, df);
    Ok(LogRank { statistic, df, p_value, observed, expected })
}

/// The counts at one time.
struct Row {
    time: f64,
    at_risk: usize,
    events: usize,
    censored: usize,
}

/// The counts at each distinct time, rising.
fn table(observations: &[Observation]) -> Result<Vec<Row>, NoSurvival> {
    if observations.is_empty() {
        return Err(NoSurvival::NoObservations);
    }
    if observations.iter().any(|o| !(o.time >= 0.0 && o.time.is_finite())) {
        return Err(NoSurvival::InvalidTime);
    }
    let mut sorted = observations.to_vec();
    sorted.sort_by(|a, b| a.time.total_cmp(&b.time));
    let mut at_risk = sorted.len();
    Ok(sorted
        .chunk_by(|a, b| a.time == b.time)
        .map(|tied| {
            let events = tied.iter().filter(|observation| observation.event).count();
            let row = Row { time: tied[0].time, at_risk, events, censored: tied.len() - events };
            at_risk -= tied.len();
            row
        })
        .collect())
}
