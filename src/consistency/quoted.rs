//! What a claim that repeats another makes of it.

use super::arithmetic::{place, text};
use super::claim::{Claim, Field, Word};
use super::finding::Finding;
use super::message::{Conjunction, Message, Value};
use super::rule::Rule;
use crate::spec::Measure;

/// Whether a claim says that it repeats another.
pub(super) fn repeats(claim: &Claim, other: &Claim) -> bool {
    claim.word(Word::Quotes) == Some(other.id.as_str())
}

/// Whether two measures are printed under one name, however they were computed.
fn are_of_one_name(a: Measure, b: Measure) -> bool {
    let is_smd = |it: Measure| matches!(it, Measure::SMD | Measure::SMDH);
    a == b || a.is_odds_ratio() && b.is_odds_ratio() || is_smd(a) && is_smd(b)
}

/// Whether a number of two claims is one quantity, so that it may be compared: limits are of one
/// confidence level, effects of one measure.
fn is_one_quantity(field: Field, claim: &Claim, other: &Claim) -> bool {
    let is_one_measure =
        claim.measure.zip(other.measure).is_none_or(|(a, b)| are_of_one_name(a, b));
    match field {
        Field::CiLow | Field::CiHigh => {
            is_one_measure && (claim.level() - other.level()).abs() < 1e-9
        }
        Field::Estimate | Field::Se => is_one_measure,
        Field::Level => false,
        _ => true,
    }
}

/// Whether no values of a number agree in a claim and in what it repeats. Effects may be printed
/// on two scales: then their values on the analysis scale decide.
pub(super) fn differs(field: Field, claim: &Claim, other: &Claim) -> bool {
    let scale = |claim: &Claim| match field {
        Field::Estimate => claim.estimate_scale(),
        Field::CiLow | Field::CiHigh => claim.interval_scale(),
        _ => None,
    };
    let ranges = if scale(claim) == scale(other) {
        claim.range(field).zip(other.range(field))
    } else {
        claim.on_analysis_scale(field).zip(other.on_analysis_scale(field))
    };
    is_one_quantity(field, claim, other) && ranges.is_some_and(|(a, b)| !a.meets(b))
}

/// The digits of one measure told as those of another: an odds ratio as a risk ratio.
pub(super) fn measure_switch(claim: &Claim, other: &Claim) -> Option<Finding> {
    let (told, original) = (claim.measure?, other.measure?);
    let range = claim.on_analysis_scale(Field::Estimate)?;
    let is_same = claim.range(Field::Estimate) == other.range(Field::Estimate)
        && claim.estimate_scale() == other.estimate_scale();
    // at the null all measures agree
    if !repeats(claim, other) || are_of_one_name(told, original) || !is_same || range.contains(0.0)
    {
        return None;
    }
    let shown = |measure: Measure| Value::text(measure.code());
    let words = (
        Message::MeasureTold {
            measure: shown(told),
            estimate: text(claim, Field::Estimate).into(),
        },
        Message::MeasureRepeated { measure: shown(original) },
    );
    Some(
        Finding::likely(Rule::MeasureSwitch, claim, words)
            .at("estimate", place(claim, Field::Estimate))
            .beside(other, "what it repeats"),
    )
}

/// A list with entries that the list it repeats has not.
pub(super) fn list_drift(claim: &Claim, other: &Claim) -> Option<Finding> {
    if !repeats(claim, other) || other.list.is_empty() {
        return None;
    }
    let plain = |entry: &String| -> String {
        entry.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect()
    };
    let known: Vec<String> = other.list.iter().map(plain).collect();
    let added: Vec<Value> = claim
        .list
        .iter()
        .filter(|entry| !known.contains(&plain(entry)))
        .map(|entry| Value::Quote(entry.clone()))
        .collect();
    if added.is_empty() {
        return None;
    }
    let added = Value::Series(Conjunction::And, added);
    let words = (Message::ListHas { added }, Message::ListRepeatedLacks {});
    Some(Finding::check(Rule::ListDrift, claim, words).beside(other, "the list that it repeats"))
}
