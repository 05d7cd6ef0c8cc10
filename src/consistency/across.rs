//! What several claims say of one thing.

use super::arithmetic::{place, text};
use super::claim::{Claim, Field, Word};
use super::effect::{covers_null, interval_text};
use super::finding::{Certainty, Finding};
use super::lexicon::{Class, Lexicons, Statement};
use super::message::{Conjunction, Message, Value};
use super::quoted::{differs, list_drift, measure_switch, repeats};
use super::rule::Rule;
use super::wording::{direction_of, direction_text, quote};
use crate::diagnostic::Severity;
use std::collections::BTreeSet;

/// The findings that need more than one claim, in the order of the claims.
pub(super) fn across(claims: &[Claim], lexicons: &Lexicons) -> Vec<Finding> {
    let statements: Vec<Option<Statement>> = claims
        .iter()
        .map(|claim| claim.word(Word::Statement).map(|text| lexicons.statement(text)))
        .collect();
    let mut findings = Vec::new();
    for (at, claim) in claims.iter().enumerate() {
        let others = || claims.iter().enumerate().filter(move |(other, _)| *other != at);
        let earlier = || claims.iter().take(at);
        findings.extend(others().find_map(|(_, other)| p_of_another(claim, other)));
        findings.extend(others().find_map(|(_, other)| contrast(claim, other)));
        findings.extend(others().find_map(|(_, other)| quotation(claim, other)));
        findings.extend(others().find_map(|(_, other)| measure_switch(claim, other)));
        findings.extend(others().find_map(|(_, other)| list_drift(claim, other)));
        findings.extend(others().find_map(|(_, other)| part_above_whole(claim, other)));
        findings.extend(section_drift(claim, claims));
        findings.extend(earlier().find_map(|other| duplicate_statement(claim, other)));
        findings.extend(earlier().find_map(|other| duplicate_cohort(claim, other)));
        findings.extend(earlier().find_map(|other| identical_summary(claim, other)));
        findings.extend(earlier().find_map(|other| exchanged_arms(claim, other)));
        findings.extend(earlier().find_map(|other| denominator(claim, other)));
        if let Some(statement) = &statements[at] {
            let pairs =
                others().map(|(other, beside)| (beside, statements[other].as_ref(), other < at));
            findings.extend(pairs.into_iter().find_map(|(other, said, is_earlier)| {
                opposite_direction(claim, statement, other, said.filter(|_| is_earlier))
            }));
            findings
                .extend(others().find_map(|(_, other)| opposite_benefit(claim, statement, other)));
        }
    }
    findings
}

fn same(claim: &Claim, other: &Claim, word: Word) -> bool {
    let [a, b] = [claim, other].map(|claim| claim.word(word).map(str::to_lowercase));
    a.is_some() && a == b
}

fn same_or_unsaid(claim: &Claim, other: &Claim, word: Word) -> bool {
    claim.word(word).is_none() || other.word(word).is_none() || same(claim, other, word)
}

fn same_number(claim: &Claim, other: &Claim, field: Field) -> bool {
    let number = |claim: &Claim| claim.number(field).map(|n| (n.bound, n.text.clone()));
    number(claim).is_some() && number(claim) == number(other)
}

fn words_in(claim: &Claim, word: Word) -> Value {
    Value::Words(claim.word(word).unwrap_or_default().to_owned())
}

fn quoted(claim: &Claim, word: Word) -> Value {
    Value::Quote(claim.word(word).unwrap_or_default().to_owned())
}

fn number_printed(claim: &Claim, field: Field) -> Message {
    Message::NumberPrinted { number: Value::Field(field), value: text(claim, field).into() }
}

/// The events of each group over its participants.
fn tables(claim: &Claim) -> [Value; 2] {
    [(Field::Events1, Field::N1), (Field::Events2, Field::N2)]
        .map(|(events, n)| Value::Text(format!("{}/{}", text(claim, events), text(claim, n))))
}

/// A P beside a part of an outcome that is the P of the whole.
fn p_of_another(claim: &Claim, other: &Claim) -> Option<Finding> {
    let own = [Field::Estimate, Field::CiLow, Field::CiHigh, Field::K, Field::N1];
    let is_part = claim.word(Word::PartOf).map(str::to_lowercase)
        == other.word(Word::Subject).map(str::to_lowercase)
        && claim.word(Word::PartOf).is_some();
    if !is_part || claim.has_any(&own) || !same_number(claim, other, Field::P) {
        return None;
    }
    let words = (
        match claim.word(Word::Subject) {
            Some(_) => Message::POf {
                p: text(claim, Field::P).into(),
                subject: words_in(claim, Word::Subject),
            },
            None => Message::POfPart { p: text(claim, Field::P).into() },
        },
        Message::ThisIsPOf { subject: words_in(other, Word::Subject) },
    );
    Some(
        Finding::certain(Rule::POfAnotherHypothesis, claim, words)
            .at("p", place(claim, Field::P))
            .beside(other, "the P is printed here"),
    )
}

/// One number as a change within a group and as a difference between groups.
fn contrast(claim: &Claim, other: &Claim) -> Option<Finding> {
    let is_within = claim.word(Word::Contrast) == Some("within");
    let is_between = other.word(Word::Contrast) == Some("between");
    if !is_within
        || !is_between
        || !same(claim, other, Word::Subject)
        || !same_number(claim, other, Field::Estimate)
    {
        return None;
    }
    let words = (
        Message::ChangeWithin { value: text(claim, Field::Estimate).into() },
        Message::DifferenceBetween {},
    );
    Some(
        Finding::certain(Rule::BetweenVsWithin, claim, words)
            .at("estimate", place(claim, Field::Estimate))
            .beside(other, "the difference between groups"),
    )
}

/// A claim that repeats another has its subject, its population and its numbers.
fn quotation(claim: &Claim, other: &Claim) -> Option<Finding> {
    if !repeats(claim, other) {
        return None;
    }
    let differing = [Word::Subject, Word::Population, Word::Study].into_iter().find(|word| {
        claim.word(*word).is_some() && other.word(*word).is_some() && !same(claim, other, *word)
    });
    let number = Field::ALL.iter().copied().find(|field| differs(*field, claim, other));
    let (printed, follows) = match (differing, number) {
        (Some(word), _) => {
            let [value, there] = [claim, other].map(|claim| quoted(claim, word));
            let printed = match word {
                Word::Population => Message::PopulationPrinted { value },
                Word::Study => Message::StudyPrinted { value },
                _ => Message::SubjectPrinted { value },
            };
            (printed, Message::RepeatedIsAbout { value: there })
        }
        (None, Some(field)) => (
            number_printed(claim, field),
            Message::RepeatedHas { value: text(other, field).into() },
        ),
        (None, None) => return None,
    };
    let is_table =
        [claim, other].iter().any(|claim| claim.word(Word::Where).is_some_and(is_in_table));
    let finding = if is_table {
        Finding::likely(Rule::TableVsText, claim, (printed, follows))
    } else {
        Finding::certain(Rule::ClaimDrift, claim, (printed, follows))
    };
    Some(finding.beside(other, "what it repeats"))
}

fn is_in_table(place: &str) -> bool {
    let place = place.to_lowercase();
    place.contains("table") || place.contains('表')
}

fn words_of(text: &str) -> BTreeSet<String> {
    text.to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.len() > 2)
        .map(str::to_owned)
        .collect()
}

/// A subject with a word of another section's heading that its own heading has not.
fn section_drift(claim: &Claim, claims: &[Claim]) -> Option<Finding> {
    let section = claim.word(Word::Section)?;
    let subject = claim.word(Word::Subject)?;
    let (own, named) = (words_of(section), words_of(subject));
    let strange: BTreeSet<&String> = named.difference(&own).collect();
    // a subject under a heading of another kind is no drift: the two have a word in common
    if strange.is_empty() || named.intersection(&own).next().is_none() {
        return None;
    }
    let other = claims.iter().find(|other| {
        let heading = other.word(Word::Section).filter(|heading| *heading != section);
        same_or_unsaid(claim, other, Word::Source)
            && heading.is_some_and(|heading| {
                let words = words_of(heading);
                strange.iter().any(|word| words.contains(*word))
            })
    })?;
    let words = (
        Message::UnderHeading {
            subject: Value::Quote(subject.to_owned()),
            heading: Value::Quote(section.to_owned()),
        },
        Message::BelongsTo { heading: quoted(other, Word::Section) },
    );
    Some(
        Finding::new(Rule::SectionDrift, Severity::Error, Certainty::Likely, claim, words)
            .beside(other, "the other section"),
    )
}

/// The same evidence told again under another heading.
fn duplicate_statement(claim: &Claim, other: &Claim) -> Option<Finding> {
    let normalised = |claim: &Claim| {
        claim.word(Word::Statement).map(|text| {
            text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect::<String>()
        })
    };
    let is_same_text = normalised(claim).is_some_and(|text| text.chars().count() >= 12)
        && normalised(claim) == normalised(other);
    let is_same_evidence = same(claim, other, Word::Study) && same(claim, other, Word::Subject);
    let is_elsewhere = claim.word(Word::Section).is_some() && !same(claim, other, Word::Section);
    if !(is_elsewhere && other.word(Word::Section).is_some())
        || !(is_same_text || is_same_evidence)
        || claim.word(Word::Quotes).is_some()
        || !same_or_unsaid(claim, other, Word::Source)
    {
        return None;
    }
    let words = (
        Message::EvidenceUnder { heading: quoted(claim, Word::Section) },
        Message::StandsTwice { heading: quoted(other, Word::Section) },
    );
    Some(Finding::likely(Rule::DuplicateStatement, claim, words).beside(other, "told here first"))
}

const TABLE: [Field; 4] = [Field::Events1, Field::N1, Field::Events2, Field::N2];

fn counts(claim: &Claim) -> Option<[f64; 4]> {
    let [a, b, c, d] = TABLE.map(|field| claim.count(field));
    Some([a?, b?, c?, d?])
}

fn are_two_studies(claim: &Claim, other: &Claim) -> bool {
    claim.word(Word::Study).is_some()
        && other.word(Word::Study).is_some()
        && !same(claim, other, Word::Study)
}

/// Two studies with the same four counts of the same outcome.
fn duplicate_cohort(claim: &Claim, other: &Claim) -> Option<Finding> {
    let own = counts(claim)?;
    let is_telling = own[0] + own[2] >= 5.0;
    if !are_two_studies(claim, other)
        || !is_telling
        || !same_or_unsaid(claim, other, Word::Subject)
        || counts(other) != Some(own)
    {
        return None;
    }
    let words = (
        Message::TwoStudies { tables: Value::Series(Conjunction::And, tables(claim).into()) },
        Message::OneCohort {},
    );
    Some(Finding::likely(Rule::DuplicateCohort, claim, words).beside(other, "the other study"))
}

/// Two studies with the same mean, standard deviation and size.
fn identical_summary(claim: &Claim, other: &Claim) -> Option<Finding> {
    let fields = [Field::Mean, Field::Sd, Field::N];
    if !are_two_studies(claim, other)
        || !fields.into_iter().all(|field| same_number(claim, other, field))
    {
        return None;
    }
    let words = (
        Message::SummaryTwice {
            mean: text(claim, Field::Mean).into(),
            sd: text(claim, Field::Sd).into(),
            n: text(claim, Field::N).into(),
        },
        Message::RarelyAgree {},
    );
    Some(Finding::check(Rule::IdenticalSummary, claim, words).beside(other, "the other study"))
}

/// The groups of one study exchanged.
fn exchanged_arms(claim: &Claim, other: &Claim) -> Option<Finding> {
    let [a, n1, c, n2] = counts(claim)?;
    if !same(claim, other, Word::Study)
        || !same_or_unsaid(claim, other, Word::Subject)
        || counts(other) != Some([c, n2, a, n1])
        || (a == c && n1 == n2)
    {
        return None;
    }
    let [first, second] = tables(claim);
    let words = (Message::TablesAgainst { first, second }, Message::OtherWayRound {});
    Some(Finding::certain(Rule::ArmSwap, claim, words).beside(other, "here"))
}

/// More participants of one group with a part of an outcome than with the whole.
fn part_above_whole(claim: &Claim, other: &Claim) -> Option<Finding> {
    let whole = other.word(Word::Subject)?;
    let is_part =
        claim.word(Word::PartOf).is_some_and(|it| it.to_lowercase() == whole.to_lowercase());
    let words = [Word::Study, Word::Population, Word::Source, Word::Section];
    let is_same_k = claim.number(Field::K).is_none() && other.number(Field::K).is_none()
        || same_number(claim, other, Field::K);
    if !is_part || !is_same_k || !words.into_iter().all(|it| same_or_unsaid(claim, other, it)) {
        return None;
    }
    let groups =
        [(Field::Events1, Field::N1), (Field::Events2, Field::N2), (Field::Events, Field::N)];
    let (events, n) = groups.into_iter().find(|(events, n)| {
        claim.count(*n).is_some()
            && claim.count(*n) == other.count(*n)
            && claim.count(*events).zip(other.count(*events)).is_some_and(|(a, b)| a > b)
    })?;
    let words = (
        Message::EventsAmong { events: text(claim, events).into(), n: text(claim, n).into() },
        Message::WholeHasFewer {
            subject: words_in(other, Word::Subject),
            events: text(other, events).into(),
        },
    );
    Some(
        Finding::likely(Rule::SubgroupVsPooled, claim, words)
            .at(events.name(), place(claim, events))
            .beside(other, "the whole outcome"),
    )
}

/// Groups of one study that change their size between outcomes.
fn denominator(claim: &Claim, other: &Claim) -> Option<Finding> {
    if !same(claim, other, Word::Study)
        || !same_or_unsaid(claim, other, Word::Source)
        || counts(claim).zip(counts(other)).is_some_and(|(a, b)| [b[2], b[3], b[0], b[1]] == a)
    {
        return None;
    }
    let field = [Field::N1, Field::N2]
        .into_iter()
        .find(|field| claim.count(*field).zip(other.count(*field)).is_some_and(|(a, b)| a != b))?;
    let words = (
        number_printed(claim, field),
        Message::OtherDenominator { value: text(other, field).into() },
    );
    Some(
        Finding::note(Rule::DenominatorDrift, claim, words)
            .at(field.name(), place(claim, field))
            .beside(other, "the other outcome"),
    )
}

/// Whether one is a study and the other a pooled result, which may go the other way.
fn is_study_of_pool(claim: &Claim, other: &Claim) -> bool {
    claim.word(Word::Study).is_some() && other.word(Word::Study).is_none() && other.is_pooled()
}

/// A sentence that tells the opposite of an effect, or of another sentence, on the same subject.
fn opposite_direction(
    claim: &Claim,
    statement: &Statement,
    other: &Claim,
    said: Option<&Statement>,
) -> Option<Finding> {
    let is_up = direction_of(statement)?;
    if !same(claim, other, Word::Subject)
        || statement.claims(Class::NotSignificant)
        || is_study_of_pool(claim, other)
        || is_study_of_pool(other, claim)
        || !same_or_unsaid(claim, other, Word::Study)
        || !same_or_unsaid(claim, other, Word::Population)
    {
        return None;
    }
    let is_told = || {
        let said = said.filter(|said| !said.claims(Class::NotSignificant))?;
        (direction_of(said)? != is_up).then_some(Message::OppositeSaid {})
    };
    let follows = match covers_null(other) {
        Some(false) => {
            let is_above = other.on_analysis_scale(Field::CiLow).is_some_and(|low| low.low > 0.0);
            (is_above != is_up)
                .then(|| Message::EffectHas { interval: interval_text(other) })
                .or_else(is_told)?
        }
        _ => is_told()?,
    };
    let words = (Message::Said { said: quote(statement) }, follows);
    Some(
        Finding::new(
            Rule::DirectionContradiction,
            Severity::Error,
            Certainty::Likely,
            claim,
            words,
        )
        .beside(other, "the opposite"),
    )
}

/// A change called an improvement that is the opposite of the benefit that another claim states
/// for the same subject.
fn opposite_benefit(claim: &Claim, statement: &Statement, other: &Claim) -> Option<Finding> {
    let is_up = direction_of(statement)?;
    let is_higher_good = other.higher_is_good()?;
    let is_opposite = is_higher_good != is_up;
    if claim.word(Word::Benefit).is_some()
        || !same(claim, other, Word::Subject)
        || !statement.claims(Class::Improvement)
        || !is_opposite
    {
        return None;
    }
    let words = (
        Message::Said { said: quote(statement) },
        Message::BenefitElsewhere { direction: direction_text(is_higher_good) },
    );
    Some(Finding::likely(Rule::DirectionOfBenefit, claim, words).beside(other, "here"))
}
