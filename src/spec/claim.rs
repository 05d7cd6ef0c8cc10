//! What a publication printed about an analysis.

use crate::source::{Place, Spanned};

/// What a publication printed: shown, and later checked, never computed with.
#[derive(Debug, Clone, Default)]
pub struct Claim {
    /// Where it was printed.
    pub source: Option<String>,
    /// Number of studies.
    pub k: Option<Printed>,
    /// The pooled estimate.
    pub estimate: Option<(Printed, Scale)>,
    /// Its confidence interval.
    pub ci: Option<PrintedInterval>,
    /// P of the overall effect.
    pub p: Option<Printed>,
    /// I² in percent.
    pub i2: Option<Printed>,
    /// P of the rank correlation test.
    pub rank_p: Option<Printed>,
    /// P of the regression test.
    pub regression_p: Option<Printed>,
    /// Threshold of the studentised residuals.
    pub threshold: Option<Printed>,
    /// Confidence level in percent, where it is not 95.
    pub level: Option<Printed>,
    /// Standard error of the estimate on the analysis scale.
    pub se: Option<Printed>,
    /// Cochran's Q.
    pub q: Option<Printed>,
    /// Its degrees of freedom.
    pub df: Option<Printed>,
    /// Its P.
    pub q_p: Option<Printed>,
    /// τ².
    pub tau2: Option<Printed>,
    /// Participants of group 1.
    pub n1: Option<Printed>,
    /// Participants of group 2.
    pub n2: Option<Printed>,
    /// Participants with the event in group 1.
    pub events1: Option<Printed>,
    /// Participants with the event in group 2.
    pub events2: Option<Printed>,
    /// Sentences about the result, as printed.
    pub statements: Vec<Spanned<String>>,
    /// What a reader should know about it.
    pub note: Option<String>,
}

/// A printed confidence interval; a limit may not have been printed.
#[derive(Debug, Clone)]
pub struct PrintedInterval {
    /// Lower limit.
    pub low: Option<Printed>,
    /// Upper limit.
    pub high: Option<Printed>,
    /// The scale of both.
    pub scale: Scale,
}

/// A number exactly as printed.
#[derive(Debug, Clone, PartialEq)]
pub struct Printed {
    /// Its characters, without a bound: `0.50` keeps its zero.
    pub text: String,
    /// Whether it was printed as a bound.
    pub bound: Bound,
    /// Its value.
    pub value: f64,
    /// Where the spec says so.
    pub place: Place,
}

/// A number printed as itself or as a bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// The number.
    Exact,
    /// `<` the number.
    Below,
    /// `>` the number.
    Above,
}

/// The scale on which a ratio measure was printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// Logarithm.
    Log,
    /// The ratio itself.
    Ratio,
    /// A change in percent: +38 for a ratio of 1.38.
    Percent,
    /// A difference.
    Difference,
}
