//! Which column of a table holds what, by kind of analysis.

use crate::source::Spanned;

/// The columns of an analysis.
#[derive(Debug, Clone)]
pub struct Columns {
    /// Label of the study.
    pub study: Spanned<String>,
    /// Year, if the table has one.
    pub year: Option<Spanned<String>>,
    /// Source of the row, if the table has one.
    pub source: Option<Spanned<String>>,
    /// The trial of which a row is an arm, if the table says.
    pub trial: Option<Spanned<String>>,
    /// The cluster of effects that depend on each other, if the table says.
    pub cluster: Option<Spanned<String>>,
    /// What the effects are computed from.
    pub outcome: OutcomeColumns,
    /// The estimates of studies that report nothing else; all studies of a generic analysis.
    pub estimates: Option<EstimateColumns>,
}

/// The columns that effects are computed from.
#[derive(Debug, Clone)]
pub enum OutcomeColumns {
    /// Participants with an event, and participants, of two groups.
    Counts {
        /// Participants with an event, experimental group.
        events1: Spanned<String>,
        /// Participants, experimental group.
        total1: Spanned<String>,
        /// Participants with an event, control group.
        events2: Spanned<String>,
        /// Participants, control group.
        total2: Spanned<String>,
    },
    /// An outcome on a scale, in two groups.
    Means {
        /// Experimental group.
        group1: Box<MeanColumns>,
        /// Control group.
        group2: Box<MeanColumns>,
    },
    /// Participants with an event, and participants, of one group.
    Proportion {
        /// Participants with an event.
        events: Spanned<String>,
        /// Participants.
        total: Spanned<String>,
    },
    /// Events in person-time of two groups.
    Rates {
        /// Events, experimental group.
        events1: Spanned<String>,
        /// Person-time, experimental group.
        time1: Spanned<String>,
        /// Events, control group.
        events2: Spanned<String>,
        /// Person-time, control group.
        time2: Spanned<String>,
    },
    /// Events in person-time of one group.
    Rate {
        /// Events.
        events: Spanned<String>,
        /// Person-time.
        time: Spanned<String>,
    },
    /// A correlation coefficient.
    Correlation {
        /// The coefficient.
        r: Spanned<String>,
        /// Participants.
        n: Spanned<String>,
    },
    /// Nothing: every study reports its estimate.
    None,
}

/// The columns of an outcome on a scale in one group. A row gives mean and standard deviation, or
/// a standard error in its place, or quantiles from which both are estimated.
#[derive(Debug, Clone)]
pub struct MeanColumns {
    /// Participants.
    pub n: Spanned<String>,
    /// Mean.
    pub mean: Option<Spanned<String>>,
    /// Standard deviation.
    pub sd: Option<Spanned<String>>,
    /// Standard error of the mean.
    pub se: Option<Spanned<String>>,
    /// Median.
    pub median: Option<Spanned<String>>,
    /// First quartile.
    pub lower_quartile: Option<Spanned<String>>,
    /// Third quartile.
    pub upper_quartile: Option<Spanned<String>>,
    /// Smallest value.
    pub min: Option<Spanned<String>>,
    /// Largest value.
    pub max: Option<Spanned<String>>,
}

/// The columns of estimates that studies report themselves. A row gives one of variance, standard
/// error and interval.
#[derive(Debug, Clone)]
pub struct EstimateColumns {
    /// The estimate.
    pub yi: Spanned<String>,
    /// Its sampling variance, analysis scale.
    pub vi: Option<Spanned<String>>,
    /// Its standard error, analysis scale.
    pub sei: Option<Spanned<String>>,
    /// Its confidence interval, on the scale of the estimate.
    pub interval: Option<(Spanned<String>, Spanned<String>)>,
    /// Participants, if the table says.
    pub n: Option<Spanned<String>>,
    /// Whether estimates and limits are ratios, whose logarithm is to be taken.
    pub are_ratios: bool,
    /// Confidence level of the intervals, 0 to 1.
    pub level: f64,
}
