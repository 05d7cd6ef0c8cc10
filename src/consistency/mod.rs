//! The consistency check: what printed numbers and sentences say about each other.
//!
//! A printed number stands for all values that print like it ([`Range`]); a numeric rule fails only
//! where none of them hold its relation, so that a correct publication never fails. Rules are pure
//! functions of a claim; those in `across` compare claims. Sentences are read with lexicons, which
//! are data.

mod across;
mod arithmetic;
mod claim;
mod effect;
mod finding;
mod granularity;
mod heterogeneity;
mod lexicon;
mod message;
mod phrases;
mod quoted;
mod range;
mod recompute;
mod record;
mod review;
mod rule;
mod table;
mod two_by_two;
mod wording;

pub use claim::{Claim, Field, Part, Word};
pub use finding::{Certainty, Finding, as_printed};
pub use lexicon::{Class, Lexicons, Stated, Statement, Unit};
pub use message::{Conjunction, Message, Value};
pub use phrases::Phrases;
pub use range::{Range, parse_printed};
pub use record::{FindingRecord, severity_word};
pub use review::{
    Comparison, Consistency, Judgement, Obstacle, ReviewClaims, check_review, unknown_acceptances,
};
pub use rule::Rule;
pub use table::{columns, read_claims};

use crate::diagnostic::{Code, Diagnostic, Severity};

/// The rules of numbers alone that find one thing in a claim.
const NUMERIC: [fn(&Claim) -> Option<Finding>; 21] = [
    arithmetic::flow,
    arithmetic::count_against_list,
    arithmetic::parts_against_total,
    arithmetic::enrolled_against_analysed,
    arithmetic::events_against_patients,
    effect::interval_against_p,
    effect::estimate_against_interval,
    effect::interval_order,
    effect::standard_error,
    effect::scales,
    effect::rounding,
    effect::standard_error_against_events,
    effect::recompute,
    heterogeneity::i_squared_against_q,
    heterogeneity::q_against_p,
    heterogeneity::degrees_against_k,
    heterogeneity::threshold_against_k,
    heterogeneity::funnel_tests_of_few,
    heterogeneity::funnel_tests_disagree,
    granularity::grim,
    granularity::grimmer,
];

/// The rules of each number of a claim.
const OF_EACH_NUMBER: [fn(&Claim) -> Vec<Finding>; 4] = [
    arithmetic::percents_against_counts,
    arithmetic::patients_exceed_n,
    effect::impossible_ratios,
    effect::impossible_values,
];

/// The rules of a sentence and the numbers beside it.
const WORDING: [fn(&Claim, &Statement) -> Option<Finding>; 15] = [
    wording::significance_against_p,
    wording::significance_against_interval,
    wording::scale_in_words,
    wording::odds_as_risk,
    wording::equivalence,
    wording::direction,
    wording::benefit,
    wording::zero_events,
    wording::without_test,
    wording::missing_numbers,
    wording::no_comparator,
    wording::rate_without_denominator,
    wording::recommendation,
    wording::priority,
    wording::fold_decrease,
];

/// Everything that is found in claims, claim by claim.
#[must_use]
pub fn check_claims(claims: &[Claim], lexicons: &Lexicons) -> Vec<Finding> {
    let mut findings: Vec<Finding> =
        claims.iter().flat_map(|claim| check_claim(claim, lexicons)).collect();
    findings.extend(across::across(claims, lexicons));
    let order = |finding: &Finding| claims.iter().position(|claim| claim.id == finding.claim);
    findings.sort_by_key(|finding| (order(finding), finding.rule));
    findings
}

/// What is found in one claim.
#[must_use]
pub fn check_claim(claim: &Claim, lexicons: &Lexicons) -> Vec<Finding> {
    let mut findings: Vec<Finding> = NUMERIC.iter().filter_map(|rule| rule(claim)).collect();
    findings.extend(OF_EACH_NUMBER.iter().flat_map(|rule| rule(claim)));
    findings.sort_by_key(|finding| finding.rule);
    findings.extend(check_sentence(claim, lexicons));
    findings.extend(wording::encoding(claim));
    findings.extend(wording::stray_text(claim));
    findings.extend(wording::drug_name(claim, lexicons));
    findings
}

/// What is found in the sentence of a claim.
#[must_use]
pub fn check_sentence(claim: &Claim, lexicons: &Lexicons) -> Vec<Finding> {
    let Some(text) = claim.word(Word::Statement) else { return Vec::new() };
    let statement = lexicons.statement(text);
    WORDING.iter().filter_map(|rule| rule(claim, &statement)).collect()
}

impl Finding {
    /// The finding as a message about the input.
    #[must_use]
    pub fn diagnostic(&self, phrases: &Phrases) -> Diagnostic {
        let code = Code::Finding(self.rule.code());
        let message = format!("{}: {}", self.rule.name(), phrases.text(&self.printed));
        let follows = phrases.text(&self.follows);
        let mut diagnostic = match self.place {
            Some(place) => {
                let mut diagnostic = Diagnostic::error(code, place, message).label(&follows);
                for (place, label) in &self.related {
                    diagnostic = diagnostic.related(*place, label);
                }
                diagnostic
            }
            None => Diagnostic::program_error(code, format!("{message}: {follows}")),
        };
        diagnostic.severity = self.severity;
        let certainty = match self.certainty {
            Certainty::Certain => "certain",
            Certainty::Likely => "likely",
            Certainty::Check => "to be looked at",
        };
        diagnostic.help(format!("{certainty}; the rule: {}", self.rule.source()))
    }

    /// Whether it is a problem that a reviewer has not accepted: a note is none.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.accepted.is_none() && self.severity != Severity::Note
    }
}
