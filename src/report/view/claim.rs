//! What a publication printed, as it was printed.

use crate::report::number::Numbers;
use crate::spec::{Bound, Claim, Printed, Scale};
use serde::Serialize;

/// What was printed elsewhere, as it was printed.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ClaimView {
    /// Where it was printed.
    pub source: Option<String>,
    /// Number of studies.
    pub k: Option<String>,
    /// Estimate, with the code of its scale.
    pub estimate: Option<ClaimedEffect>,
    /// Interval, with the code of its scale; a limit that was not printed is none.
    pub ci: Option<ClaimedInterval>,
    /// P, with its relation.
    pub p: Option<String>,
    /// I² in percent, with its relation.
    pub i2: Option<String>,
    /// P of the rank correlation test.
    pub rank_p: Option<String>,
    /// P of the regression test.
    pub regression_p: Option<String>,
    /// Threshold of studentised residuals.
    pub threshold: Option<String>,
    /// What a reader should know.
    pub note: Option<String>,
}

/// A claimed estimate.
#[derive(Debug, Clone, Serialize)]
pub struct ClaimedEffect {
    /// As printed.
    pub value: String,
    /// Scale code.
    pub scale: &'static str,
}

/// A claimed interval.
#[derive(Debug, Clone, Serialize)]
pub struct ClaimedInterval {
    /// Lower limit as printed.
    pub low: Option<String>,
    /// Upper limit as printed.
    pub high: Option<String>,
    /// Scale code.
    pub scale: &'static str,
}

pub(super) fn claim_view(claim: &Claim, numbers: Numbers<'_>) -> ClaimView {
    let relation = |printed: &Option<Printed>| {
        printed.as_ref().map(|printed| match printed.bound {
            Bound::Exact => format!("={}{}", numbers.p_space(), as_printed(printed, numbers)),
            Bound::Below | Bound::Above => as_printed(printed, numbers),
        })
    };
    let plain =
        |printed: &Option<Printed>| printed.as_ref().map(|printed| as_printed(printed, numbers));
    ClaimView {
        source: claim.source.clone(),
        k: plain(&claim.k),
        estimate: claim.estimate.as_ref().map(|(value, scale)| ClaimedEffect {
            value: as_printed(value, numbers),
            scale: scale_code(*scale),
        }),
        ci: claim.ci.as_ref().map(|ci| ClaimedInterval {
            low: plain(&ci.low),
            high: plain(&ci.high),
            scale: scale_code(ci.scale),
        }),
        p: relation(&claim.p),
        i2: relation(&claim.i2),
        rank_p: relation(&claim.rank_p),
        regression_p: relation(&claim.regression_p),
        threshold: plain(&claim.threshold),
        note: claim.note.clone(),
    }
}

/// A number as it was printed, with this report's minus sign.
pub(super) fn as_printed(printed: &Printed, numbers: Numbers<'_>) -> String {
    let digits = printed.text.replace('-', &numbers.style().numbers.minus);
    let space = numbers.p_space();
    match printed.bound {
        Bound::Exact => digits,
        Bound::Below => format!("<{space}{digits}"),
        Bound::Above => format!(">{space}{digits}"),
    }
}

pub(super) fn scale_code(scale: Scale) -> &'static str {
    match scale {
        Scale::Log => "log",
        Scale::Ratio => "ratio",
        Scale::Percent => "percent",
        Scale::Difference => "difference",
    }
}
