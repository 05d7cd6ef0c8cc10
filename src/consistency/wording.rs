//! What sentences claim, against the numbers beside them.

use super::arithmetic::text;
use super::claim::{Claim, Field, Word};
use super::effect::{covers_null, effect_text, equals, interval_text, relation, with_scale};
use super::finding::{Certainty, Finding, about, between, over};
use super::lexicon::{Class, Lexicons, Statement, Unit};
use super::message::{Message, Value};
use super::range::Range;
use super::rule::Rule;
use crate::diagnostic::Severity;
use crate::spec::{Measure, Scale};
use crate::stats::distribution::chi_squared_upper_tail;
use libm::{ceil, floor, log, pow};

/// The part of a sentence that a message shows.
pub(super) fn quote(statement: &Statement) -> Value {
    Value::Excerpt(statement.text.clone())
}

fn said(claim: &Claim, finding: Finding) -> Finding {
    match claim.words.get(&Word::Statement) {
        Some(text) => finding.at("statement", Some(text.place)),
        None => finding,
    }
}

/// What a sentence says of significance; none where it says both or neither.
fn significance(statement: &Statement) -> Option<bool> {
    let is_called = statement.claims(Class::Significant);
    let is_denied = statement.claims(Class::NotSignificant);
    (is_called != is_denied).then_some(is_called)
}

/// The P values that the claim, or else the sentence itself, allows.
fn p_values(claim: &Claim, statement: &Statement) -> Option<(Range, Value)> {
    if let Some(range) = claim.range(Field::P) {
        return Some((range, relation(claim, Field::P)));
    }
    let stated = statement.labelled(&["P"])?;
    let is_exact = !statement.text.contains(&format!("<{}", stated.text))
        && !statement.text.contains(&format!("< {}", stated.text));
    is_exact.then(|| {
        let decimals = stated.text.split_once('.').map_or(0, |(_, digits)| digits.len());
        let half = 0.5 * pow(10.0, -(decimals as f64)) * (1.0 + 1e-9);
        let range = Range { low: stated.value - half, high: stated.value + half };
        (range, equals(stated.text.clone()))
    })
}

/// "Significant" is said of a P of alpha or less, "not significant" of a larger one.
pub(super) fn significance_against_p(claim: &Claim, statement: &Statement) -> Option<Finding> {
    let is_called = significance(statement)?;
    let (range, p) = p_values(claim, statement)?;
    // beside an interval of another level, a sentence may mean that level or the usual 0.05
    let own = 1.0 - claim.level();
    let is_wrong = if is_called {
        range.low > own.max(0.05) + 1e-9
    } else {
        range.high < own.min(0.05) - 1e-9
    };
    is_wrong.then(|| {
        let follows = if is_called {
            Message::PAbove { alpha: about(own.max(0.05)) }
        } else {
            Message::PBelow { alpha: about(own.min(0.05)) }
        };
        let words = (Message::SaidBesideP { said: quote(statement), p }, follows);
        said(claim, Finding::certain(Rule::SignificanceClaimVsP, claim, words))
    })
}

/// A significant effect has an interval without the null, any other one with it.
pub(super) fn significance_against_interval(
    claim: &Claim,
    statement: &Statement,
) -> Option<Finding> {
    let covers = covers_null(claim)?;
    if (claim.level() - 0.95).abs() > 1e-9 && !statement.claims(Class::CoversNull) {
        return None;
    }
    let says_covers = match significance(statement) {
        Some(is_called) => !is_called,
        None if statement.claims(Class::CoversNull) => true,
        None => return None,
    };
    (covers != says_covers).then(|| {
        let follows = if covers { Message::CoversNull {} } else { Message::ExcludesNull {} };
        let words = (
            Message::SaidBesideInterval { said: quote(statement), interval: effect_text(claim) },
            follows,
        );
        said(claim, Finding::certain(Rule::SignificanceClaimVsCi, claim, words))
    })
}

/// An interval on the log scale is held against 0, one of ratios against 1, and ratios are never
/// negative.
pub(super) fn scale_in_words(claim: &Claim, statement: &Statement) -> Option<Finding> {
    if !claim.has_any(&[Field::CiLow, Field::CiHigh]) {
        return None;
    }
    let scale = claim.interval_scale()?;
    let ratio = statement.labelled(&["OR", "RR", "HR", "IRR"]);
    let null = ratio.filter(|ratio| ratio.value == 1.0);
    let follows = match scale {
        Scale::Log if statement.claims(Class::CoversNull) && null.is_some() => {
            let null = null?;
            Message::NullOfRatio {
                label: null.label.clone().into(),
                value: null.text.clone().into(),
                ratios: as_ratios(claim)?,
            }
        }
        Scale::Log if statement.claims(Class::CrossesNegative) => {
            let is_ratio = claim.estimate_scale() == Some(Scale::Ratio) && claim.scale.is_some();
            if ratio.is_none() && !is_ratio {
                return None;
            }
            Message::RatioBesideLog { ratios: as_ratios(claim)? }
        }
        Scale::Ratio if statement.claims(Class::CrossesNegative) => {
            let low = claim.range(Field::CiLow).filter(|low| low.low >= 0.0)?;
            Message::RatioNeverNegative {
                limit: text(claim, Field::CiLow).into(),
                log: between(low.rising(log)),
            }
        }
        _ => return None,
    };
    let printed =
        Message::SaidOfInterval { said: quote(statement), interval: interval_text(claim) };
    Some(said(claim, Finding::certain(Rule::ScaleMix, claim, (printed, follows))))
}

fn as_ratios(claim: &Claim) -> Option<Value> {
    let ratio = |field| {
        let range = claim.on_analysis_scale(field)?;
        Some(about(libm::exp(0.5 * (range.low + range.high))))
    };
    let (low, high) = (ratio(Field::CiLow)?, ratio(Field::CiHigh)?);
    Some(Message::Between { low, high }.into())
}

/// A percentage taken from an odds ratio is one of odds.
pub(super) fn odds_as_risk(claim: &Claim, statement: &Statement) -> Option<Finding> {
    let is_odds = claim.measure.is_some_and(Measure::is_odds_ratio);
    let is_change = statement.claims(Class::Increase) || statement.claims(Class::Decrease);
    if !is_odds
        || !is_change
        || !statement.claims(Class::Risk)
        || statement.claims(Class::Odds)
        // two rates in the sentence are risks, and their ratio is one
        || claim.has_any(&[Field::Percent1, Field::Percent2])
    {
        return None;
    }
    let percent = statement.of_unit(Unit::Percent).next()?;
    let fields = [Field::Estimate, Field::CiLow, Field::CiHigh];
    let of_ratio = fields.into_iter().find(|field| {
        let scale = match field {
            Field::Estimate => claim.estimate_scale(),
            _ => claim.interval_scale(),
        };
        scale == Some(Scale::Ratio)
            && claim.number(*field).is_some_and(|ratio| {
                (100.0 * (ratio.value - 1.0).abs() - percent.value).abs() < 0.5 + 1e-9
            })
    });
    let printed = Message::SaidOfOdds { said: quote(statement) };
    let finding = match of_ratio {
        Some(field) => {
            let follows = Message::OddsOfEstimate {
                estimate: text(claim, field).into(),
                percent: percent.text.clone().into(),
            };
            Finding::certain(Rule::OddsAsRisk, claim, (printed, follows))
        }
        None => {
            let follows = Message::OddsOfPercent {
                percent: percent.text.clone().into(),
                log: about(percent.value / 100.0),
            };
            Finding::likely(Rule::OddsAsRisk, claim, (printed, follows))
        }
    };
    Some(said(claim, finding))
}

/// Equality or safety is shown by an interval within a margin stated beforehand, and by nothing
/// else.
pub(super) fn equivalence(claim: &Claim, statement: &Statement) -> Option<Finding> {
    if !statement.claims(Class::Equivalence) {
        return None;
    }
    let low = claim.on_analysis_scale(Field::CiLow)?;
    let high = claim.on_analysis_scale(Field::CiHigh)?;
    let scale = claim.interval_scale()?;
    let is_ratio = scale != Scale::Difference;
    let margin = claim.number(Field::Margin).map(|margin| {
        if scale == Scale::Ratio { log(margin.value).abs() } else { margin.value.abs() }
    });
    if margin.is_some_and(|margin| low.high >= -margin && high.low <= margin) {
        return None;
    }
    let interval = if is_ratio {
        let exp = |range: Range| about(libm::exp(0.5 * (range.low + range.high)));
        Message::RatiosBetween { low: exp(low), high: exp(high) }.into()
    } else {
        interval_text(claim)
    };
    let follows = match margin {
        Some(_) => Message::BeyondMargin { interval },
        None => Message::NoMargin { interval },
    };
    let printed =
        Message::SaidBesideInterval { said: quote(statement), interval: interval_text(claim) };
    let words = (printed, follows);
    // the limits of bioequivalence, 0.80 to 1.25
    let is_narrow = is_ratio && low.low > -0.2232 && high.high < 0.2232 && margin.is_none();
    let finding = if is_narrow {
        Finding::check(Rule::EquivalenceClaimWithWideCi, claim, words)
    } else {
        Finding::certain(Rule::EquivalenceClaimWithWideCi, claim, words)
    };
    Some(said(claim, finding))
}

/// A sentence has the direction of its estimate.
pub(super) fn direction(claim: &Claim, statement: &Statement) -> Option<Finding> {
    let is_up = direction_of(statement)?;
    if statement.claims(Class::NotSignificant) || statement.claims(Class::Improvement) {
        return None;
    }
    let estimate =
        claim.on_analysis_scale(Field::Estimate).or_else(|| match covers_null(claim)? {
            true => None,
            false => claim.on_analysis_scale(Field::CiLow),
        })?;
    let is_wrong = if is_up { estimate.high < 0.0 } else { estimate.low > 0.0 };
    is_wrong.then(|| {
        let sentence = quote(statement);
        let printed = if claim.number(Field::Estimate).is_some() {
            Message::SaidBesideEffect { said: sentence, effect: with_scale(claim, Field::Estimate) }
        } else {
            Message::SaidBesideInterval { said: sentence, interval: interval_text(claim) }
        };
        let follows = if is_up { Message::EffectBelow {} } else { Message::EffectAbove {} };
        let words = (printed, follows);
        said(
            claim,
            Finding::new(
                Rule::DirectionContradiction,
                Severity::Error,
                Certainty::Likely,
                claim,
                words,
            ),
        )
    })
}

/// Whether a sentence tells of more; none where it tells of both or neither.
pub(super) fn direction_of(statement: &Statement) -> Option<bool> {
    let is_up = statement.claims(Class::Increase);
    (is_up != statement.claims(Class::Decrease)).then_some(is_up)
}

/// An improvement goes the way that is good for the patient.
pub(super) fn benefit(claim: &Claim, statement: &Statement) -> Option<Finding> {
    let is_up = direction_of(statement)?;
    let is_higher_good = claim.higher_is_good()?;
    (statement.claims(Class::Improvement) && is_higher_good != is_up).then(|| {
        let direction = direction_text(is_higher_good);
        let follows = match claim.word(Word::Subject) {
            Some(subject) => {
                Message::BenefitOf { direction, subject: Value::Words(subject.to_owned()) }
            }
            None => Message::BenefitIs { direction },
        };
        let words = (Message::Said { said: quote(statement) }, follows);
        said(claim, Finding::likely(Rule::DirectionOfBenefit, claim, words))
    })
}

pub(super) fn direction_text(is_higher: bool) -> Value {
    if is_higher { Message::Higher {}.into() } else { Message::Lower {}.into() }
}

/// No event among n patients leaves a risk of up to about 3/n (one-sided 95%).
pub(super) fn zero_events(claim: &Claim, statement: &Statement) -> Option<Finding> {
    let pairs = [(Field::Events, Field::N), (Field::Events1, Field::N1)];
    if !statement.claims(Class::Equivalence) {
        return None;
    }
    pairs.into_iter().find_map(|(events, n)| {
        let size = claim.count(n).filter(|size| *size > 0.0)?;
        if claim.count(events)? != 0.0 {
            return None;
        }
        let upper = 100.0 * (1.0 - pow(0.05, 1.0 / size));
        (upper > 1.0).then(|| {
            let words = (
                Message::SaidOfNoEvent { said: quote(statement), n: about(size) },
                Message::RiskNotExcluded { percent: about(upper) },
            );
            said(claim, Finding::likely(Rule::ZeroEventsSmallN, claim, words))
        })
    })
}

/// Numbers by which a result of two groups can be judged.
const RESULTS: [Field; 6] =
    [Field::Estimate, Field::CiLow, Field::CiHigh, Field::P, Field::Se, Field::Mean];

/// Counts of two groups called different, without a test.
pub(super) fn without_test(claim: &Claim, statement: &Statement) -> Option<Finding> {
    let is_called = statement.claims(Class::Significant) || statement.claims(Class::Marked);
    let tested = [Field::P, Field::CiLow, Field::CiHigh, Field::Se];
    if !is_called || claim.has_any(&tested) || statement.labelled(&["P"]).is_some() {
        return None;
    }
    let shares = [Field::Percent1, Field::Percent2];
    let counts = [Field::Events1, Field::Events2];
    if !shares.iter().all(|f| claim.number(*f).is_some())
        && !counts.iter().all(|f| claim.number(*f).is_some())
    {
        return None;
    }
    let printed = Message::SaidWithoutTest { said: quote(statement) };
    let groups = (
        possible_counts(claim, Field::Events1, Field::N1, Field::Percent1),
        possible_counts(claim, Field::Events2, Field::N2, Field::Percent2),
    );
    let finding = match groups {
        (Some((first, n1)), Some((second, n2))) => {
            let smallest = first
                .iter()
                .flat_map(|a| second.iter().map(move |c| (*a, *c)))
                .map(|(a, c)| (chi_squared_p(a, n1, c, n2), a, c))
                .min_by(|x, y| x.0.total_cmp(&y.0))?;
            if smallest.0 <= 1.0 - claim.level() {
                return None;
            }
            let (first, second) = (over(smallest.1, n1), over(smallest.2, n2));
            let follows = Message::TablesGiveP {
                tables: Message::TablesAgainst { first, second }.into(),
                p: about(smallest.0),
            };
            Finding::certain(Rule::SignificanceClaimWithoutTest, claim, (printed, follows))
        }
        _ => {
            let words = (printed, Message::NoDenominators {});
            Finding::likely(Rule::SignificanceClaimWithoutTest, claim, words)
        }
    };
    Some(said(claim, finding))
}

/// The counts that a group may have, with its size.
fn possible_counts(
    claim: &Claim,
    events: Field,
    n: Field,
    percent: Field,
) -> Option<(Vec<f64>, f64)> {
    let size = claim.count(n).filter(|n| (1.0..=1e5).contains(n))?;
    if let Some(count) = claim.count(events) {
        return Some((vec![count], size));
    }
    let share = claim.range(percent)?;
    let first = ceil(share.low * size / 100.0 - 1e-9).max(0.0);
    let last = floor(share.high * size / 100.0 + 1e-9).min(size);
    let steps = (last - first).clamp(0.0, 500.0) as usize;
    let counts: Vec<f64> =
        (0..=steps).map(|i| first + i as f64).filter(|count| *count <= last).collect();
    (!counts.is_empty()).then_some((counts, size))
}

/// Pearson's chi-squared test of two groups, uncorrected: the smallest of the usual P values.
fn chi_squared_p(a: f64, n1: f64, c: f64, n2: f64) -> f64 {
    let (events, total) = (a + c, n1 + n2);
    let variance = events * (total - events) * n1 * n2;
    if variance == 0.0 {
        return 1.0;
    }
    let difference = a * (n2 - c) - c * (n1 - a);
    chi_squared_upper_tail(difference * difference * total / variance, 1.0)
}

/// An effect that is told has an estimate, an interval or a P.
pub(super) fn missing_numbers(claim: &Claim, statement: &Statement) -> Option<Finding> {
    let is_pooled = claim.number(Field::K).is_some();
    let is_effect = statement.claims(Class::Increase)
        || statement.claims(Class::Decrease)
        || statement.claims(Class::Improvement);
    let is_called = statement.claims(Class::Significant) || (is_pooled && is_effect);
    let both_groups = [Field::Percent1, Field::Events1].iter().any(|f| claim.number(*f).is_some());
    if !is_called
        || claim.has_any(&RESULTS)
        || both_groups
        || statement.labelled(&["P", "OR", "RR", "HR", "MD", "SMD", "RD"]).is_some()
    {
        return None;
    }
    let words = (Message::Said { said: quote(statement) }, Message::NothingBeside {});
    let finding = if is_pooled {
        Finding::certain(Rule::MissingNumbers, claim, words)
    } else {
        Finding::likely(Rule::MissingNumbers, claim, words)
    };
    Some(said(claim, finding))
}

/// A change that is told of one group alone is no effect.
pub(super) fn no_comparator(claim: &Claim, statement: &Statement) -> Option<Finding> {
    let is_change = statement.claims(Class::Increase)
        || statement.claims(Class::Decrease)
        || statement.claims(Class::Improvement);
    let is_one_group = claim.has_any(&[Field::N, Field::Percent, Field::Events]);
    let two = [Field::N1, Field::N2, Field::Percent1, Field::Percent2, Field::Events1, Field::K];
    if !is_change
        || !is_one_group
        || claim.has_any(&two)
        || claim.has_any(&RESULTS)
        || statement.claims(Class::Significant)
        || statement.claims(Class::NotSignificant)
        || claim.word(Word::Comparator).is_some()
    {
        return None;
    }
    let words = (Message::Said { said: quote(statement) }, Message::OneGroup {});
    Some(said(claim, Finding::likely(Rule::NoComparator, claim, words)))
}

/// A rate has a denominator.
pub(super) fn rate_without_denominator(claim: &Claim, statement: &Statement) -> Option<Finding> {
    let is_rate = statement.claims(Class::Rate) || statement.claims(Class::Equivalence);
    let sizes = [Field::N, Field::N1, Field::N2, Field::Events, Field::Events1, Field::Analysed];
    let mut percents = statement.of_unit(Unit::Percent).filter(|number| number.label.is_empty());
    let first = percents.next()?;
    (is_rate && !claim.has_any(&sizes)).then(|| {
        let words = (
            Message::Said { said: quote(statement) },
            Message::PercentOfWhat { percent: first.text.clone().into() },
        );
        said(claim, Finding::likely(Rule::RateWithoutDenominator, claim, words))
    })
}

/// Advice that the result beside it does not support.
pub(super) fn recommendation(claim: &Claim, statement: &Statement) -> Option<Finding> {
    if !statement.claims(Class::Recommendation) {
        return None;
    }
    let alpha = 1.0 - claim.level();
    let is_not_significant = claim.range(Field::P).is_some_and(|p| p.low > alpha)
        || covers_null(claim) == Some(true)
        || statement.claims(Class::NotSignificant);
    is_not_significant.then(|| {
        let words = (Message::Said { said: quote(statement) }, Message::NotSignificantBeside {});
        said(claim, Finding::check(Rule::RecommendationWithoutEvidence, claim, words))
    })
}

/// To be the first is a claim about all others.
pub(super) fn priority(claim: &Claim, statement: &Statement) -> Option<Finding> {
    statement.claims(Class::Priority).then(|| {
        let words = (Message::Said { said: quote(statement) }, Message::FirstOfAll {});
        said(claim, Finding::check(Rule::PriorityClaim, claim, words))
    })
}

/// A fall by one times its size or more goes below zero.
pub(super) fn fold_decrease(claim: &Claim, statement: &Statement) -> Option<Finding> {
    if !statement.claims(Class::Decrease) {
        return None;
    }
    let times = statement.of_unit(Unit::Times).find(|number| number.value >= 1.0)?;
    let words = (
        Message::Said { said: quote(statement) },
        Message::FallBelowZero {
            times: times.text.clone().into(),
            percent: about(100.0 * (1.0 - 1.0 / times.value)),
        },
    );
    Some(said(claim, Finding::certain(Rule::ImpossibleFoldDecrease, claim, words)))
}

/// Characters that were lost: `5x10?`, replacement characters, UTF-8 read as Latin-1.
pub(super) fn encoding(claim: &Claim) -> Option<Finding> {
    claim.words.values().find_map(|text| {
        let chars: Vec<char> = text.value.chars().collect();
        let is_power = |at: usize| {
            // 10? after a times sign
            at >= 3
                && chars[at] == '?'
                && chars[at - 1] == '0'
                && chars[at - 2] == '1'
                && matches!(chars[at - 3], 'x' | 'X' | '×' | '*' | '·')
        };
        let lost = if text.value.contains('\u{fffd}') {
            Message::CharacterReplaced {}
        } else if (0..chars.len()).any(is_power) {
            Message::ExponentLost {}
        } else if ["â€", "Ã—", "Â±", "Î±", "锟斤拷"].iter().any(|mark| text.value.contains(mark))
        {
            Message::OtherEncoding {}
        } else {
            return None;
        };
        let words = (Message::Said { said: Value::Quote(text.value.clone()) }, lost);
        let finding = Finding::certain(Rule::EncodingLoss, claim, words);
        Some(finding.at("statement", Some(text.place)))
    })
}

/// What programs leave in a text where they find no reference or no number.
const LEFT_BY_PROGRAMS: [&str; 11] = [
    "Error! Reference source not found",
    "Error! Bookmark not defined",
    "错误!未找到引用源",
    "错误！未找到引用源",
    "錯誤! 找不到參照來源",
    "錯誤！找不到參照來源",
    "#REF!",
    "#DIV/0!",
    "#VALUE!",
    "#NUM!",
    "#NAME?",
];

/// Text that a program left.
pub(super) fn stray_text(claim: &Claim) -> Option<Finding> {
    claim.words.iter().find_map(|(word, text)| {
        let left = LEFT_BY_PROGRAMS.into_iter().find(|left| text.value.contains(left))?;
        let words = (
            Message::Said { said: Value::Excerpt(text.value.clone()) },
            Message::LeftByProgram { left: Value::Quote(left.to_owned()) },
        );
        let finding = Finding::certain(Rule::StrayText, claim, words);
        Some(finding.at(word.name(), Some(text.place)))
    })
}

/// A name that is nearly that of a drug.
pub(super) fn drug_name(claim: &Claim, lexicons: &Lexicons) -> Option<Finding> {
    let comparator = claim.words.get(&Word::Comparator)?;
    let name = comparator.value.to_lowercase();
    if name.chars().count() < 5 || lexicons.drugs().any(|drug| name.contains(drug)) {
        return None;
    }
    let near = lexicons
        .drugs()
        .find(|drug| drug.chars().count() >= 7 && strsim::damerau_levenshtein(&name, drug) <= 2)?;
    let words = (
        Message::Said { said: Value::Name(comparator.value.clone()) },
        Message::DrugUnknown { drug: Value::Name(near.to_owned()) },
    );
    let finding = Finding::likely(Rule::DrugName, claim, words);
    Some(finding.at("comparator", Some(comparator.place)))
}
