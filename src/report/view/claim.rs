//! What a publication printed, as it was printed.

use super::{ClaimView, ClaimedEffect, ClaimedInterval};
use crate::report::number::Numbers;
use crate::spec::{Bound, Claim, Printed, Scale};

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
