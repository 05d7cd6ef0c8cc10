//! What a study gives: counts, means, rates, a correlation or an estimate of its own.

use crate::stats::Effect;
use crate::stats::binary::TwoByTwo;
use crate::stats::continuous::MeansAndDeviations;
use crate::stats::correlation::Correlation;
use crate::stats::quantile_summary::QuantileSummary;
use crate::stats::rate::TwoRates;
use crate::stats::single_group::{Proportion, Rate};

/// What the effect of a study is computed from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum StudyData {
    /// Participants with an event in two groups.
    Counts(TwoByTwo),
    /// Means of two groups.
    Means(Means),
    /// Participants with an event in one group.
    Proportion(Proportion),
    /// Events in person-time of two groups.
    Rates(TwoRates),
    /// Events in person-time of one group.
    Rate(Rate),
    /// A correlation coefficient.
    Correlation(Correlation),
    /// An estimate that the study reports itself.
    Estimate(Estimate),
}

/// Means of two groups, with the quantiles that they were estimated from, if they were.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Means {
    /// Means and standard deviations.
    pub moments: MeansAndDeviations,
    /// What the experimental group's were estimated from.
    pub quantiles1: Option<QuantileSummary>,
    /// What the control group's were estimated from.
    pub quantiles2: Option<QuantileSummary>,
}

/// An estimate that a study reports itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// On the analysis scale.
    pub effect: Effect,
    /// What its variance was computed from.
    pub precision: Precision,
    /// Participants, if the table says.
    pub n: Option<f64>,
}

/// What the variance of an estimate was computed from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// The variance itself.
    Variance,
    /// A standard error.
    StandardError,
    /// A confidence interval.
    Interval,
}

impl StudyData {
    /// The counts of two groups, if it has them.
    #[must_use]
    pub fn counts(&self) -> Option<TwoByTwo> {
        match self {
            Self::Counts(counts) => Some(*counts),
            _ => None,
        }
    }

    /// The number of participants, if it is known.
    #[must_use]
    pub fn participants(&self) -> Option<f64> {
        match self {
            Self::Counts(counts) => Some(counts.total1 + counts.total2),
            Self::Means(means) => Some(means.moments.n1 + means.moments.n2),
            Self::Proportion(group) => Some(group.total),
            Self::Correlation(correlation) => Some(correlation.n),
            Self::Estimate(estimate) => estimate.n,
            Self::Rates(_) | Self::Rate(_) => None,
        }
    }

    /// Whether the experimental and control group, or the one group, had no event. Never where
    /// nothing was counted.
    #[must_use]
    pub fn has_no_event(&self) -> bool {
        match self {
            Self::Counts(counts) => counts.has_no_event(),
            Self::Proportion(group) => group.events == 0.0,
            Self::Rates(rates) => rates.has_no_event(),
            Self::Rate(rate) => rate.events == 0.0,
            Self::Means(_) | Self::Correlation(_) | Self::Estimate(_) => false,
        }
    }
}
