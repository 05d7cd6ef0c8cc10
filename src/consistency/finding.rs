//! What the consistency check says about a claim.

use super::claim::Claim;
use super::message::{Message, Value};
use super::rule::Rule;
use crate::diagnostic::Severity;
use crate::source::Place;
use crate::spec::{Bound, Printed};
use libm::{floor, log10, pow, round};
use serde::Serialize;

/// How sure a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Certainty {
    /// No values that print like this fit.
    Certain,
    /// They fit only under an assumption that is rarely true.
    Likely,
    /// Something to look at.
    Check,
}

/// One finding.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// How bad it is.
    pub severity: Severity,
    /// How sure it is.
    pub certainty: Certainty,
    /// Id of the claim.
    pub claim: String,
    /// The key or column of the number, if it is about one.
    pub key: Option<&'static str>,
    /// Where it is written, if that is known.
    pub place: Option<Place>,
    /// Other claims it is about.
    pub related: Vec<(Place, String)>,
    /// What was printed.
    pub printed: Message,
    /// What follows from it, with its numbers.
    pub follows: Message,
    /// Why a reviewer accepted it, if one did.
    pub accepted: Option<String>,
}

impl Finding {
    /// A finding about a claim as a whole.
    #[must_use]
    pub fn new(
        rule: Rule,
        severity: Severity,
        certainty: Certainty,
        claim: &Claim,
        (printed, follows): (Message, Message),
    ) -> Self {
        Self {
            rule,
            severity,
            certainty,
            claim: claim.id.clone(),
            key: None,
            place: claim.place,
            related: Vec::new(),
            printed,
            follows,
            accepted: None,
        }
    }

    /// An error that no values fit.
    #[must_use]
    pub fn certain(rule: Rule, claim: &Claim, words: (Message, Message)) -> Self {
        Self::new(rule, Severity::Error, Certainty::Certain, claim, words)
    }

    /// A warning.
    #[must_use]
    pub fn likely(rule: Rule, claim: &Claim, words: (Message, Message)) -> Self {
        Self::new(rule, Severity::Warning, Certainty::Likely, claim, words)
    }

    /// A warning that asks for a look.
    #[must_use]
    pub fn check(rule: Rule, claim: &Claim, words: (Message, Message)) -> Self {
        Self::new(rule, Severity::Warning, Certainty::Check, claim, words)
    }

    /// A note.
    #[must_use]
    pub fn note(rule: Rule, claim: &Claim, words: (Message, Message)) -> Self {
        Self::new(rule, Severity::Note, Certainty::Check, claim, words)
    }

    /// The same, pointing at a key of the claim.
    #[must_use]
    pub fn at(mut self, key: &'static str, place: Option<Place>) -> Self {
        self.key = Some(key);
        self.place = place.or(self.place);
        self
    }

    /// The same, with another claim that it is about.
    #[must_use]
    pub fn beside(mut self, other: &Claim, label: &str) -> Self {
        if let Some(place) = other.place {
            self.related.push((place, label.to_owned()));
        }
        self
    }
}

/// A computed number in a message: four digits, not what a report prints.
#[must_use]
pub(super) fn about(value: f64) -> Value {
    if value.is_finite() {
        Value::Text(digits(value, 4))
    } else if value > 0.0 {
        Message::Infinity {}.into()
    } else {
        Message::MinusInfinity {}.into()
    }
}

/// A finite number with so many significant digits.
#[must_use]
pub(super) fn digits(value: f64, significant: i32) -> String {
    if value == 0.0 || !value.is_finite() {
        return value.to_string();
    }
    let places = f64::from(significant - 1) - floor(log10(value.abs()));
    if places <= 0.0 {
        return round(value).to_string();
    }
    if places > 12.0 {
        return format!("{value:.1e}");
    }
    let scale = pow(10.0, places);
    (round(value * scale) / scale).to_string()
}

/// A range of computed numbers in a message.
#[must_use]
pub(super) fn between(range: super::range::Range) -> Value {
    let (low, high) = (about(range.low), about(range.high));
    if low == high { low } else { Message::Between { low, high }.into() }
}

/// An event count over its denominator.
#[must_use]
pub(super) fn over(events: f64, n: f64) -> Value {
    Value::Text(format!("{}/{}", digits(events, 4), digits(n, 4)))
}

/// A number as it was printed, with its bound.
#[must_use]
pub fn as_printed(printed: &Printed) -> String {
    match printed.bound {
        Bound::Exact => printed.text.clone(),
        Bound::Below => format!("<{}", printed.text),
        Bound::Above => format!(">{}", printed.text),
    }
}

#[cfg(test)]
mod tests {
    use super::digits;

    #[test]
    fn numbers_in_messages_are_short() {
        assert_eq!(digits(0.060_95, 4), "0.06095");
        assert_eq!(digits(1_234.5, 4), "1235");
        assert_eq!(digits(-2.5e-7, 2), "-0.00000025");
        assert_eq!(digits(3.21e-101, 4), "3.2e-101");
        assert_eq!(digits(0.0, 4), "0");
    }
}
