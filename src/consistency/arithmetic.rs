//! Counts, sums and percentages.

use super::claim::{Claim, Field, Part};
use super::finding::{Finding, about, as_printed, between};
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
    let names: Vec<String> = claim.removed.iter().filter_map(part_text).collect();
    let words = (
        format!("{start} less {} is said to leave {left}", names.join(" and ")),
        format!("{start} - {} = {}, not {left}", names.join(" - "), between(expected)),
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
        format!("a count of {} beside a list", text(claim, Field::Count)),
        format!("the list has {listed} entries"),
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
    let unknown: Vec<&str> = claim
        .parts
        .iter()
        .filter(|part| part.number.is_none())
        .map(|part| part.name.as_str())
        .collect();
    let found = sum(&known)?;
    let stated = text(claim, Field::Total);
    let finding = if unknown.is_empty() {
        if found.meets(total) {
            return None;
        }
        let follows = format!("the parts add up to {}", between(found));
        Finding::certain(rule, claim, (format!("a total of {stated}"), follows))
    } else if found.is_above(total.high) {
        let follows = format!("the parts that are stated add up to {} already", between(found));
        Finding::certain(rule, claim, (format!("a total of {stated}"), follows))
    } else {
        let follows = format!(
            "the parts that are stated add up to {}: {} must have {}, which is not said",
            between(found),
            unknown.join(" and "),
            between(total.minus(found))
        );
        Finding::likely(rule, claim, (format!("a total of {stated}"), follows))
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
pub(super) fn percent_against_count(claim: &Claim) -> Option<Finding> {
    SHARES.iter().find_map(|(events, n, percent)| {
        let printed = claim.range(*percent)?;
        let size = claim.count(*n).filter(|size| *size > 0.0)?;
        let [shown, of] = [*percent, *n].map(|field| text(claim, field));
        let shown = shown.trim_end_matches('%').to_owned();
        let finding = if let Some(count) = claim.count(*events) {
            let share = 100.0 * count / size;
            if printed.contains(share) {
                return None;
            }
            let words = (
                format!("{} of {of} as {shown}%", text(claim, *events)),
                format!("{}/{of} is {}%", text(claim, *events), about(share)),
            );
            Finding::certain(Rule::PercentVsCount, claim, words)
        } else {
            if has_integer(printed.low * size / 100.0, printed.high * size / 100.0) {
                return None;
            }
            let below = libm::floor(printed.low * size / 100.0);
            let words = (
                format!("{shown}% of {of}"),
                format!(
                    "no whole number of {of} is {shown}%: {}/{of} is {}%, {}/{of} is {}%; a Kaplan-Meier value need not be a share",
                    about(below),
                    about(100.0 * below / size),
                    about(below + 1.0),
                    about(100.0 * (below + 1.0) / size)
                ),
            );
            Finding::likely(Rule::PercentVsCount, claim, words)
        };
        Some(finding.at(percent.name(), place(claim, *percent)))
    })
}

/// Nobody is analysed who was not enrolled, and the lost account for the difference.
pub(super) fn enrolled_against_analysed(claim: &Claim) -> Option<Finding> {
    let enrolled = claim.count(Field::Enrolled)?;
    let (field, analysed) = [Field::Analysed, Field::N]
        .into_iter()
        .find_map(|field| Some((field, claim.count(field)?)))?;
    let rule = Rule::EnrolledVsAnalysed;
    let printed = format!("{} enrolled, {} analysed", about(enrolled), about(analysed));
    let finding = match claim.count(Field::Lost) {
        _ if analysed > enrolled => {
            let follows = "more were analysed than were enrolled".to_owned();
            Finding::certain(rule, claim, (printed, follows))
        }
        Some(lost) if enrolled - lost != analysed => {
            let follows =
                format!("{} - {} lost = {}", about(enrolled), about(lost), about(enrolled - lost));
            Finding::certain(rule, claim, (printed, follows))
        }
        None if analysed < enrolled => {
            let follows = format!(
                "{} of {} are not accounted for; a rate among the analysed is not one among the enrolled",
                about(enrolled - analysed),
                about(enrolled)
            );
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
            format!("{} patients with {} events", about(patients), about(episodes)),
            "every patient with an event has one at least".to_owned(),
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
                format!("{} events in {} as a percentage", about(episodes), about(size)),
                "this divides events by patients; the share of patients with an event is smaller"
                    .to_owned(),
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
pub(super) fn patients_exceed_n(claim: &Claim) -> Option<Finding> {
    SHARES.iter().find_map(|(events, n, _)| {
        let count = claim.range(*events)?;
        let size = claim.range(*n)?;
        if !count.is_above(size.high) {
            return None;
        }
        let words = (
            format!("{} with an event among {}", text(claim, *events), text(claim, *n)),
            "more patients have the event than there are".to_owned(),
        );
        let finding = Finding::certain(Rule::PatientsExceedN, claim, words);
        Some(finding.at(events.name(), place(claim, *events)))
    })
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
