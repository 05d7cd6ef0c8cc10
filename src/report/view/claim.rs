//! What a publication printed, as it was printed.

use super::{ClaimView, ClaimedEffect, ClaimedInterval};
use crate::spec::{Bound, Claim, Printed, Scale};

pub(super) fn claim_view(claim: &Claim) -> ClaimView {
    let relation = |printed: &Option<Printed>| {
        printed.as_ref().map(|printed| match printed.bound {
            Bound::Exact => format!("=\u{a0}{}", as_printed(printed)),
            Bound::Below | Bound::Above => as_printed(printed),
        })
    };
    let plain = |printed: &Option<Printed>| printed.as_ref().map(as_printed);
    ClaimView {
        source: claim.source.clone(),
        k: plain(&claim.k),
        estimate: claim.estimate.as_ref().map(|(value, scale)| ClaimedEffect {
            value: as_printed(value),
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
pub(super) fn as_printed(printed: &Printed) -> String {
    let digits = printed.text.replace('-', "\u{2212}");
    match printed.bound {
        Bound::Exact => digits,
        Bound::Below => format!("<\u{a0}{digits}"),
        Bound::Above => format!(">\u{a0}{digits}"),
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
