//! Counts, sums and percentages.

use super::claim::{Claim, Field, Part};
use super::finding::{Finding, about, as_printed, between};
use super::message::{Conjunction, Message, Value};
use super::range::Range;
use super::rule::Rule;

/// A box of a flow diagram minus what was taken away is the next box.
pub(super) fn flow(claim: &Claim) -> Option<Finding> {
    let start = claim.range(Field::Start)?;
    let left = claim.range(Field::Left)?;
    if claim.removed.is_empty() {
        return None;
    }
    let removed = sum(&claim.removed)?;
    let expected = start.minus(removed);
    if expected.meets(left) {
        return None;
    }
    let [start, left] = [Field::Start, Field::Left].map(|field| text(claim, field));
    let removed: Vec<String> = claim.removed.iter().filter_map(part_text).collect();
    let difference = Value::Text(format!("{start} - {}", removed.join(" - ")));
    let removed = Value::Series(Conjunction::And, removed.into_iter().map(Value::Text).collect());
    let words = (
        Message::FlowPrinted { start: start.into(), removed, left: left.clone().into() },
        Message::FlowFollows { difference, found: between(expected), left: left.into() },
    );
    Some(Finding::certain(Rule::FlowArithmetic, claim, words).at("left", place(claim, Field::Left)))
}

/// A stated count is the number of the names that are listed. Held against another document it is
/// a warning: the two may count in different units.
pub(super) fn count_against_list(claim: &Claim) -> Option<Finding> {
    let count = claim.range(Field::Count)?;
    let listed = claim.list.len();
    if listed == 0 || count.contains(listed as f64) {
        return None;
    }
    let words = (
        Message::CountPrinted { count: text(claim, Field::Count).into() },
        Message::CountFollows { listed: listed.to_string().into() },
    );
    let finding = if claim.word(super::claim::Word::Against).is_some() {
        Finding::likely(Rule::CountVsList, claim, words)
    } else {
        Finding::certain(Rule::CountVsList, claim, words)
    };
    Some(finding.at("count", place(claim, Field::Count)))
}

/// Parts add up to their total; a part that is not stated leaves a warning.
pub(super) fn parts_against_total(claim: &Claim) -> Option<Finding> {
    let total = claim.range(Field::Total)?;
    if claim.parts.is_empty() {
        return None;
    }
    let rule = if claim.parts.iter().any(|part| !part.name.is_empty()) {
        Rule::SumOverGroups
    } else {
        Rule::TotalVsSum
    };
    let known: Vec<Part> =
        claim.parts.iter().filter(|part| part.number.is_some()).cloned().collect();
    let unknown: Vec<Value> = claim
        .parts
        .iter()
        .filter(|part| part.number.is_none())
        .map(|part| Value::Words(part.name.clone()))
        .collect();
    let found = sum(&known)?;
    let printed = Message::TotalPrinted { total: text(claim, Field::Total).into() };
    let finding = if unknown.is_empty() {
        if found.meets(total) {
            return None;
        }
        Finding::certain(rule, claim, (printed, Message::PartsAddUp { found: between(found) }))
    } else if found.is_above(total.high) {
        Finding::certain(rule, claim, (printed, Message::PartsExceed { found: between(found) }))
    } else {
        let follows = Message::PartsLeave {
            found: between(found),
            unknown: Value::Series(Conjunction::And, unknown),
            rest: between(total.minus(found)),
        };
        Finding::likely(rule, claim, (printed, follows))
    };
    Some(finding.at("total", place(claim, Field::Total)))
}

/// Percentages with their count and denominator.
const SHARES: [(Field, Field, Field); 3] = [
    (Field::Events1, Field::N1, Field::Percent1),
    (Field::Events2, Field::N2, Field::Percent2),
    (Field::Events, Field::N, Field::Percent),
];

/// A percentage is its count over its denominator; without the count, some whole count has it.
pub(super) fn percents_against_counts(claim: &Claim) -> Vec<Finding> {
    let found = SHARES.iter().filter_map(|(events, n, percent)| {
        let printed = claim.range(*percent)?;
        let size = claim.count(*n).filter(|size| *size > 0.0)?;
        let [shown, of, count_shown] =
            [*percent, *n, *events].map(|field| Value::Text(text(claim, field)));
        let finding = if let Some(count) = claim.count(*events) {
            let share = 100.0 * count / size;
            if printed.contains(share) {
                return None;
            }
            let words = (
                Message::SharePrinted {
                    events: count_shown.clone(),
                    n: of.clone(),
                    percent: shown,
                },
                Message::ShareFollows { events: count_shown, n: of, percent: about(share) },
            );
            Finding::certain(Rule::PercentVsCount, claim, words)
        } else {
            if has_integer(printed.low * size / 100.0, printed.high * size / 100.0) {
                return None;
            }
            let below = libm::floor(printed.low * size / 100.0);
            let words = (
                Message::PercentPrinted { percent: shown.clone(), n: of.clone() },
                Message::PercentImpossible {
                    n: of,
                    percent: shown,
                    below: about(below),
                    percent_below: about(100.0 * below / size),
                    above: about(below + 1.0),
                    percent_above: about(100.0 * (below + 1.0) / size),
                },
            );
            Finding::likely(Rule::PercentVsCount, claim, words)
        };
        Some(finding.at(percent.name(), place(claim, *percent)))
    });
    found.collect()
}

/// Nobody is analysed who was not enrolled, and the lost account for the difference.
pub(super) fn enrolled_against_analysed(claim: &Claim) -> Option<Finding> {
    let enrolled = claim.count(Field::Enrolled)?;
    let (field, analysed) = [Field::Analysed, Field::N]
        .into_iter()
        .find_map(|field| Some((field, claim.count(field)?)))?;
    let rule = Rule::EnrolledVsAnalysed;
    let printed = Message::EnrolledPrinted { enrolled: about(enrolled), analysed: about(analysed) };
    let finding = match claim.count(Field::Lost) {
        _ if analysed > enrolled => {
            Finding::certain(rule, claim, (printed, Message::MoreAnalysed {}))
        }
        Some(lost) if enrolled - lost != analysed => {
            let follows = Message::LostLeave {
                enrolled: about(enrolled),
                lost: about(lost),
                left: about(enrolled - lost),
            };
            Finding::certain(rule, claim, (printed, follows))
        }
        None if analysed < enrolled => {
            let follows = Message::NotAccounted {
                missing: about(enrolled - analysed),
                enrolled: about(enrolled),
            };
            Finding::check(rule, claim, (printed, follows))
        }
        _ => return None,
    };
    Some(finding.at(field.name(), place(claim, field)))
}

/// Patients with an event are no more than the events; a rate of events is no rate of patients.
pub(super) fn events_against_patients(claim: &Claim) -> Option<Finding> {
    let episodes = claim.count(Field::Episodes)?;
    let patients = claim.count(Field::Events);
    let words = match patients {
        Some(patients) if patients > episodes => (
            Message::PatientsAndEvents { patients: about(patients), events: about(episodes) },
            Message::OneEventAtLeast {},
        ),
        _ => {
            let size = claim.count(Field::N).filter(|size| *size > 0.0)?;
            let percent = claim.range(Field::Percent)?;
            let of_events = 100.0 * episodes / size;
            let fits_patients =
                patients.is_some_and(|patients| percent.contains(100.0 * patients / size));
            if !percent.contains(of_events) || fits_patients || patients == Some(episodes) {
                return None;
            }
            (
                Message::EventsAsPercent { events: about(episodes), n: about(size) },
                Message::EventsByPatients {},
            )
        }
    };
    let finding = if patients.is_some() {
        Finding::certain(Rule::EventsVsPatients, claim, words)
    } else {
        Finding::likely(Rule::EventsVsPatients, claim, words)
    };
    Some(finding.at("episodes", place(claim, Field::Episodes)))
}

/// No group has more patients with an event than patients.
pub(super) fn patients_exceed_n(claim: &Claim) -> Vec<Finding> {
    let found = SHARES.iter().filter_map(|(events, n, _)| {
        let count = claim.range(*events)?;
        let size = claim.range(*n)?;
        if !count.is_above(size.high) {
            return None;
        }
        let words = (
            Message::EventsAmong { events: text(claim, *events).into(), n: text(claim, *n).into() },
            Message::MorePatients {},
        );
        let finding = Finding::certain(Rule::PatientsExceedN, claim, words);
        Some(finding.at(events.name(), place(claim, *events)))
    });
    found.collect()
}

fn sum(parts: &[Part]) -> Option<Range> {
    parts.iter().try_fold(Range::exactly(0.0), |sum, part| {
        Some(sum.plus(Range::of_count(part.number.as_ref()?)))
    })
}

fn part_text(part: &Part) -> Option<String> {
    part.number.as_ref().map(as_printed)
}

/// Whether a whole number lies between two, give or take the last bits.
pub(super) fn has_integer(low: f64, high: f64) -> bool {
    let slack = 1e-9 * (1.0 + high.abs());
    libm::floor(high + slack) >= libm::ceil(low - slack)
}

/// A number as printed; empty where there is none.
pub(super) fn text(claim: &Claim, field: Field) -> String {
    claim.number(field).map(as_printed).unwrap_or_default()
}

/// Where a number is written.
pub(super) fn place(claim: &Claim, field: Field) -> Option<crate::source::Place> {
    claim.number(field).map(|printed| printed.place)
}
