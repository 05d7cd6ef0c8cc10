//! Q, I², their degrees of freedom, the outlier threshold and the tests of the funnel plot.

use super::arithmetic::{place, text};
use super::claim::{Claim, Field, Word};
use super::effect::relation;
use super::finding::{Finding, about, between, digits};
use super::message::{Message, Value};
use super::range::Range;
use super::rule::Rule;
use crate::spec::Bound;
use crate::stats::distribution::{chi_squared_upper_tail, normal_quantile};

/// The degrees of freedom of Q: those said, or one less than the studies.
fn degrees(claim: &Claim) -> Option<f64> {
    claim.count(Field::Df).or_else(|| Some(claim.count(Field::K)? - 1.0)).filter(|df| *df >= 1.0)
}

/// I² = max(0, (Q − df)/Q). Under REML and its relatives programs take I² from τ² instead.
pub(super) fn i_squared_against_q(claim: &Claim) -> Option<Finding> {
    let printed = claim.range(Field::I2)?;
    let q = claim.range(Field::Q)?;
    let df = degrees(claim)?;
    let i_squared = |q: f64| if q <= df { 0.0 } else { 100.0 * (q - df) / q };
    let found = q.rising(i_squared);
    if found.meets(printed) {
        return None;
    }
    let words = (
        Message::I2Printed {
            i2: text(claim, Field::I2).into(),
            q: text(claim, Field::Q).into(),
            df: about(df),
        },
        Message::QGivesI2 { i2: between(found) },
    );
    let method = claim.word(Word::Method).map(str::to_uppercase);
    let finding = match method.as_deref() {
        Some("DL" | "EE" | "FE" | "CE" | "MH" | "IV" | "PETO" | "HE") => {
            Finding::certain(Rule::I2VsQ, claim, words)
        }
        None => Finding::note(Rule::I2VsQ, claim, words),
        Some(_) => return None,
    };
    Some(finding.at("i2", place(claim, Field::I2)))
}

/// P of Q is the upper tail of chi-squared on its degrees of freedom.
pub(super) fn q_against_p(claim: &Claim) -> Option<Finding> {
    let printed = claim.range(Field::QP)?;
    let q = claim.range(Field::Q)?;
    let df = degrees(claim)?;
    let found = q.falling(|q| chi_squared_upper_tail(q.max(0.0), df));
    (!found.meets(printed)).then(|| {
        let words = (
            Message::QPrinted {
                q: text(claim, Field::Q).into(),
                df: about(df),
                p: relation(claim, Field::QP),
            },
            Message::QGivesP { p: between(found) },
        );
        Finding::certain(Rule::QVsP, claim, words).at("q_p", place(claim, Field::QP))
    })
}

/// Q has one degree of freedom less than studies with an estimate.
pub(super) fn degrees_against_k(claim: &Claim) -> Option<Finding> {
    let df = claim.count(Field::Df)?;
    let k = claim.count(Field::K)?;
    if df == k - 1.0 {
        return None;
    }
    let printed = Message::DfPrinted { df: about(df), k: about(k) };
    let finding = if df > k - 1.0 {
        let follows = Message::DfAtMost { k: about(k), df: about(k - 1.0) };
        Finding::certain(Rule::DfVsK, claim, (printed, follows))
    } else {
        let follows =
            Message::DfOfFewer { df: about(df), k: about(df + 1.0), missing: about(k - 1.0 - df) };
        Finding::note(Rule::DfVsK, claim, (printed, follows))
    };
    Some(finding.at("df", place(claim, Field::Df)))
}

/// The threshold of the studentised residuals tells the number of studies.
pub(super) fn threshold_against_k(claim: &Claim) -> Option<Finding> {
    let printed = claim.range(Field::Threshold)?.absolute();
    let k = claim.count(Field::K).filter(|k| *k >= 1.0)?;
    let threshold = |k: f64| normal_quantile(1.0 - 0.05 / (2.0 * k));
    if printed.contains(threshold(k)) {
        return None;
    }
    let fitting = (1..=400).map(f64::from).find(|k| printed.contains(threshold(*k)));
    let expected = Value::Text(digits(threshold(k), 5));
    let follows = match fitting {
        None => Message::ThresholdIs { k: about(k), threshold: expected },
        Some(other) => {
            Message::ThresholdOfOthers { k: about(k), threshold: expected, other: about(other) }
        }
    };
    let printed =
        Message::ThresholdPrinted { threshold: text(claim, Field::Threshold).into(), k: about(k) };
    let words = (printed, follows);
    Some(
        Finding::certain(Rule::BonferroniK, claim, words)
            .at("threshold", place(claim, Field::Threshold)),
    )
}

/// Tests of the funnel plot have no power below ten studies.
pub(super) fn funnel_tests_of_few(claim: &Claim) -> Option<Finding> {
    let k = claim.count(Field::K)?;
    let field =
        [Field::RegressionP, Field::RankP].into_iter().find(|f| claim.number(*f).is_some())?;
    (k < 10.0).then(|| {
        let words = (Message::FunnelTest { k: about(k) }, Message::FunnelTestOfFew {});
        Finding::check(Rule::FunnelTestsSmallK, claim, words).at(field.name(), place(claim, field))
    })
}

/// Two tests of one funnel plot on different sides of 0.05 are both to be told.
pub(super) fn funnel_tests_disagree(claim: &Claim) -> Option<Finding> {
    let rank = claim.range(Field::RankP)?;
    let regression = claim.range(Field::RegressionP)?;
    let is_open = |field: Field| claim.number(field).is_none_or(|p| p.bound == Bound::Above);
    let (alpha, open) = (0.05, is_open(Field::RankP) && is_open(Field::RegressionP));
    let differ = |a: Range, b: Range| a.is_below(alpha) && b.is_above(alpha);
    (!open && (differ(rank, regression) || differ(regression, rank))).then(|| {
        let words = (
            Message::FunnelTests {
                rank: relation(claim, Field::RankP),
                regression: relation(claim, Field::RegressionP),
            },
            Message::FunnelTestsDiffer {},
        );
        Finding::check(Rule::FunnelTestsDisagree, claim, words)
            .at("regression_p", place(claim, Field::RegressionP))
    })
}
