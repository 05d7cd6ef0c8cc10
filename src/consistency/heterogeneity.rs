//! Q, I², their degrees of freedom, the outlier threshold and the tests of the funnel plot.

use super::arithmetic::{place, text};
use super::claim::{Claim, Field, Word};
use super::effect::relation;
use super::finding::{Finding, about, between};
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
        format!(
            "I² {}% beside Q {} on {} df",
            text(claim, Field::I2).trim_end_matches('%'),
            text(claim, Field::Q),
            about(df)
        ),
        format!("Q gives an I² of {}%", between(found)),
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
            format!(
                "Q {} on {} df with P {}",
                text(claim, Field::Q),
                about(df),
                relation(claim, Field::QP)
            ),
            format!("Q gives P {}", between(found)),
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
    let printed = format!("{} df beside {} studies", about(df), about(k));
    let finding = if df > k - 1.0 {
        let follows = format!("{} studies have {} df at most", about(k), about(k - 1.0));
        Finding::certain(Rule::DfVsK, claim, (printed, follows))
    } else {
        let follows = format!(
            "{} df are those of {} studies: {} had no estimate, or moderators took them",
            about(df),
            about(df + 1.0),
            about(k - 1.0 - df)
        );
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
    let mut follows = format!("{} studies have a threshold of {}", about(k), about5(threshold(k)));
    if let Some(other) = fitting {
        follows.push_str(&format!("; the one printed is that of {}", about(other)));
    }
    let words = (
        format!("a threshold of ±{} for {} studies", text(claim, Field::Threshold), about(k)),
        follows,
    );
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
        let words = (
            format!("a test of the funnel plot of {} studies", about(k)),
            "below 10 studies such a test cannot tell chance from asymmetry: no finding is no evidence of its absence"
                .to_owned(),
        );
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
            format!(
                "rank correlation P {}, regression P {}",
                relation(claim, Field::RankP),
                relation(claim, Field::RegressionP)
            ),
            "one test finds asymmetry and the other does not: neither alone is the answer"
                .to_owned(),
        );
        Finding::check(Rule::FunnelTestsDisagree, claim, words)
            .at("regression_p", place(claim, Field::RegressionP))
    })
}

fn about5(value: f64) -> String {
    super::finding::digits(value, 5)
}
