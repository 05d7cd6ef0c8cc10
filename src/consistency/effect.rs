//! Estimate, interval, standard error and P: what one says about the others.

use super::arithmetic::{place, text};
use super::claim::{Claim, Field};
use super::finding::{Certainty, Finding, about, as_printed, between, over};
use super::message::{Conjunction, Message, Value};
use super::range::Range;
use super::rule::Rule;
use super::two_by_two;
use crate::diagnostic::Severity;
use crate::spec::{Bound, Measure, Scale};
use crate::stats::distribution::normal_quantile;
use crate::stats::pooling::Reference;
use libm::{log, sqrt};

/// The tests that a P value may come from: z, and t with the degrees of freedom that are said, or
/// else with k − 1 of the studies (Hartung & Knapp 2001) or n1 + n2 − 2 of the participants.
fn references(claim: &Claim) -> Vec<Reference> {
    if let Some(df) = claim.number(Field::TestDf).filter(|df| df.value > 0.0) {
        return vec![Reference::T(df.value)];
    }
    let mut references = vec![Reference::Normal];
    let k = claim.count(Field::K).filter(|k| *k >= 2.0);
    references.extend(k.map(|k| Reference::T(k - 1.0)));
    if k.is_none() {
        let total = claim.count(Field::N1).zip(claim.count(Field::N2)).map(|(a, b)| a + b);
        references.extend(total.filter(|n| *n > 2.0).map(|n| Reference::T(n - 2.0)));
    }
    references
}

/// |estimate| in half-widths of its interval: from both limits, or from one and the estimate.
fn distance_in_half_widths(claim: &Claim) -> Option<Range> {
    let limit = |field| claim.on_analysis_scale(field).filter(|range| is_finite(*range));
    let (a, b) = match (limit(Field::CiLow), limit(Field::CiHigh)) {
        // the centre over the half-width
        (Some(low), Some(high)) => (low, high),
        // the estimate as the centre: the other limit lies as far on the other side
        (Some(low), None) => {
            let estimate = limit(Field::Estimate)?;
            (low, Range { low: 2.0 * estimate.low - low.high, high: 2.0 * estimate.high - low.low })
        }
        (None, Some(high)) => {
            let estimate = limit(Field::Estimate)?;
            (
                Range { low: 2.0 * estimate.low - high.high, high: 2.0 * estimate.high - high.low },
                high,
            )
        }
        (None, None) => return None,
    };
    if a.high >= b.low {
        // an interval so short that its digits do not tell its width, or in the wrong order
        return None;
    }
    // (b + a)/(b − a) is monotone in each, so that its extremes are at the corners
    let ratio = |a: f64, b: f64| (b + a) / (b - a);
    let corners =
        [ratio(a.low, b.low), ratio(a.low, b.high), ratio(a.high, b.low), ratio(a.high, b.high)];
    Some(Range::around(&corners).absolute())
}

/// P follows from the interval: z = critical value × centre / half-width (Altman & Bland 2011).
pub(super) fn interval_against_p(claim: &Claim) -> Option<Finding> {
    if !claim.is_wald() {
        return None;
    }
    let printed = claim.range(Field::P)?;
    let distance = distance_in_half_widths(claim)?;
    let level = claim.level();
    let p_of = |reference: Reference| {
        distance.falling(|x| reference.two_sided(x * reference.critical(level)))
    };
    let found: Vec<(Reference, Range)> =
        references(claim).into_iter().map(|reference| (reference, p_of(reference))).collect();
    let is_of_counts = || two_by_two::tests(claim).into_iter().any(|p| printed.contains(p));
    if found.iter().any(|(_, p)| p.meets(printed)) || !claim.is_pooled() && is_of_counts() {
        return None;
    }
    let words = (
        Message::PPrinted { p: relation(claim, Field::P), interval: effect_text(claim) },
        Message::IntervalGivesP { p: join_references(&found) },
    );
    let finding = if claim.is_pooled() {
        Finding::certain(Rule::CiVsP, claim, words)
    } else {
        // a single study may test otherwise than it estimates: Fisher, log-rank
        Finding::new(Rule::CiVsP, Severity::Error, Certainty::Likely, claim, words)
    };
    Some(finding.at("p", place(claim, Field::P)))
}

fn join_references(found: &[(Reference, Range)]) -> Value {
    let one = |(reference, p): &(Reference, Range)| {
        let value = between(*p);
        Value::from(match reference {
            Reference::Normal => Message::ByZ { value },
            Reference::T(df) => Message::ByT { value, df: about(*df) },
        })
    };
    Value::Series(Conjunction::Or, found.iter().map(one).collect())
}

/// An estimate lies within its interval, and at its centre on the analysis scale.
pub(super) fn estimate_against_interval(claim: &Claim) -> Option<Finding> {
    let estimate = claim.on_analysis_scale(Field::Estimate)?;
    let low = claim.on_analysis_scale(Field::CiLow);
    let high = claim.on_analysis_scale(Field::CiHigh);
    let here = place(claim, Field::Estimate);
    let printed = Message::EstimatePrinted {
        estimate: with_scale(claim, Field::Estimate),
        interval: interval_text(claim),
    };
    let is_outside = low.is_some_and(|low| estimate.is_below(low.low))
        || high.is_some_and(|high| estimate.is_above(high.high));
    if is_outside {
        let words = (printed, Message::EstimateOutside {});
        let finding = Finding::certain(Rule::EstimateOutsideCi, claim, words);
        return Some(finding.at("estimate", here));
    }
    let (low, high) = (low?, high?);
    if !claim.is_wald() || !is_finite(low) || !is_finite(high) || low.low > high.high {
        return None;
    }
    let centre = Range { low: 0.5 * (low.low + high.low), high: 0.5 * (low.high + high.high) };
    let possible =
        centres_with_p(claim, centre, 0.5 * (high.low - low.high), 0.5 * (high.high - low.low));
    if possible.iter().any(|centre| centre.meets(estimate)) {
        return None;
    }
    let centre = possible.first().copied().unwrap_or(centre);
    let equals = |field| {
        claim.number(field).zip(claim.number(Field::Estimate)).is_some_and(|(limit, estimate)| {
            claim.estimate_scale() == claim.interval_scale() && limit.value == estimate.value
        })
    };
    let value = between(printed_scale(claim, centre));
    let centre = match claim.estimate_scale() {
        Some(Scale::Ratio) => Message::Geometric { value }.into(),
        _ => value,
    };
    let finding = if equals(Field::CiLow) || equals(Field::CiHigh) {
        let words = (printed, Message::CentreIs { centre });
        Finding::likely(Rule::EstimateEqualsBound, claim, words)
    } else {
        let words = (printed, Message::CentreOrRounded { centre });
        Finding::likely(Rule::PointNotAtCiCentre, claim, words)
    };
    Some(finding.at("estimate", here))
}

/// The centres of an interval that its P allows too: |centre| = z(P) × half-width / critical value,
/// one range for each test. Where P contradicts the interval, the centre of the interval.
fn centres_with_p(claim: &Claim, centre: Range, narrowest: f64, widest: f64) -> Vec<Range> {
    let Some(p) = claim.range(Field::P) else { return vec![centre] };
    let level = claim.level();
    let possible: Vec<Range> = references(claim)
        .into_iter()
        .flat_map(|reference| {
            let statistic = statistics(reference, p);
            let critical = reference.critical(level);
            let distance = Range {
                low: statistic.low.max(0.0) * narrowest.max(0.0) / critical,
                high: statistic.high * widest / critical,
            };
            let mirrored = Range { low: -distance.high, high: -distance.low };
            [distance.within(centre), mirrored.within(centre)]
        })
        .flatten()
        .collect();
    if possible.is_empty() { vec![centre] } else { possible }
}

/// The sizes of the test statistic that two-sided P values belong to.
fn statistics(reference: Reference, p: Range) -> Range {
    // 1 - P has no digits of a P below this
    const SMALLEST: f64 = 1e-10;
    match reference {
        Reference::Normal => p.falling(|p| -normal_quantile(0.5 * p)),
        Reference::T(_) => Range {
            low: reference.critical(1.0 - p.high.max(SMALLEST)),
            high: if p.low < SMALLEST { f64::INFINITY } else { reference.critical(1.0 - p.low) },
        },
    }
}

/// A lower limit is not above its upper limit.
pub(super) fn interval_order(claim: &Claim) -> Option<Finding> {
    let low = claim.range(Field::CiLow)?;
    let high = claim.range(Field::CiHigh)?;
    low.is_above(high.high).then(|| {
        let words = (interval(claim), Message::LimitsReversed {});
        Finding::certain(Rule::CiOrder, claim, words).at("ci_low", place(claim, Field::CiLow))
    })
}

/// Width, P and standard error of an effect are one thing said three times.
pub(super) fn standard_error(claim: &Claim) -> Option<Finding> {
    if !claim.is_wald() {
        return None;
    }
    let se = claim.range(Field::Se)?;
    let level = claim.level();
    let limits = claim.on_analysis_scale(Field::CiLow).zip(claim.on_analysis_scale(Field::CiHigh));
    let limits = limits.filter(|(low, high)| is_finite(*low) && is_finite(*high));
    let words = if let Some((low, high)) = limits {
        let width = high.minus(low);
        let se_of = |reference: Reference| {
            let factor = 2.0 * reference.critical(level);
            width.rising(|width| width / factor)
        };
        let found: Vec<(Reference, Range)> =
            references(claim).into_iter().map(|reference| (reference, se_of(reference))).collect();
        if found.iter().any(|(_, found)| found.meets(se)) {
            return None;
        }
        (
            Message::SePrinted {
                se: text(claim, Field::Se).into(),
                interval: interval_text(claim),
            },
            Message::IntervalGivesSe { se: join_references(&found) },
        )
    } else {
        let estimate =
            claim.on_analysis_scale(Field::Estimate).filter(|range| is_finite(*range))?;
        let p = claim.range(Field::P)?;
        if se.low <= 0.0 {
            return None;
        }
        let size = estimate.absolute();
        let statistic = Range { low: size.low / se.high, high: size.high / se.low };
        let found: Vec<(Reference, Range)> = references(claim)
            .into_iter()
            .map(|reference| (reference, statistic.falling(|z| reference.two_sided(z))))
            .collect();
        if found.iter().any(|(_, found)| found.meets(p)) {
            return None;
        }
        (
            Message::SeAndP {
                se: text(claim, Field::Se).into(),
                p: relation(claim, Field::P),
                estimate: with_scale(claim, Field::Estimate),
            },
            Message::EstimateGivesP { p: join_references(&found) },
        )
    };
    Some(Finding::certain(Rule::SeVsCi, claim, words).at("se", place(claim, Field::Se)))
}

/// An estimate on one scale beside an interval on another: each is right, and read wrongly.
pub(super) fn scales(claim: &Claim) -> Option<Finding> {
    let estimate = claim.number(Field::Estimate).and(claim.scale)?;
    let has_interval = claim.has_any(&[Field::CiLow, Field::CiHigh]);
    let interval = claim.ci_scale.filter(|_| has_interval)?;
    let is_mixed = (estimate == Scale::Log) != (interval == Scale::Log);
    is_mixed.then(|| {
        let words = (
            Message::EstimatePrinted {
                estimate: with_scale(claim, Field::Estimate),
                interval: interval_text(claim),
            },
            Message::TwoScales {},
        );
        Finding::note(Rule::ScaleMix, claim, words).at("ci_low", place(claim, Field::CiLow))
    })
}

/// A ratio is above 0.
pub(super) fn impossible_ratios(claim: &Claim) -> Vec<Finding> {
    let fields = [Field::Estimate, Field::CiLow, Field::CiHigh];
    let found = fields.into_iter().filter_map(|field| {
        let scale = match field {
            Field::Estimate => claim.estimate_scale(),
            _ => claim.interval_scale(),
        }?;
        let printed = claim.number(field)?;
        let range = claim.range(field)?;
        let is_impossible = match scale {
            // a limit that prints as 0.00 may be small
            Scale::Ratio => {
                range.high < 0.0 || (printed.bound == Bound::Exact && printed.value < 0.0)
            }
            Scale::Percent => range.high < -100.0,
            Scale::Log | Scale::Difference => false,
        };
        is_impossible.then(|| {
            let words = (
                Message::RatioPrinted { value: text(claim, field).into() },
                Message::RatioPositive {},
            );
            Finding::certain(Rule::ImpossibleRatio, claim, words)
                .at(field.name(), Some(printed.place))
        })
    });
    found.collect()
}

/// Every statistic stays in its range.
pub(super) fn impossible_values(claim: &Claim) -> Vec<Finding> {
    use Field as F;
    let above_zero = f64::MIN_POSITIVE;
    let ranges = [
        (F::P, 0.0, 1.0),
        (F::QP, 0.0, 1.0),
        (F::RankP, 0.0, 1.0),
        (F::RegressionP, 0.0, 1.0),
        (F::I2, 0.0, 100.0),
        (F::Q, 0.0, f64::INFINITY),
        (F::Tau2, 0.0, f64::INFINITY),
        (F::Se, above_zero, f64::INFINITY),
        (F::Sd, 0.0, f64::INFINITY),
        (F::K, 1.0, f64::INFINITY),
        (F::N, 1.0, f64::INFINITY),
        (F::N1, 0.0, f64::INFINITY),
        (F::N2, 0.0, f64::INFINITY),
        (F::Events, 0.0, f64::INFINITY),
        (F::Events1, 0.0, f64::INFINITY),
        (F::Events2, 0.0, f64::INFINITY),
        (F::Percent1, 0.0, 100.0),
        (F::Percent2, 0.0, 100.0),
        (F::Percent, 0.0, 100.0),
        (F::Level, 50.0, 99.99),
    ];
    let found = ranges.into_iter().filter_map(|(field, low, high)| {
        let printed = claim.number(field)?;
        let range = Range::of(printed);
        let is_negative = printed.bound == Bound::Exact && printed.value < 0.0 && low >= 0.0;
        let is_impossible = range.is_above(high)
            || range.is_below(low)
            || is_negative
            || (printed.bound == Bound::Exact && printed.value > high)
            || (printed.bound == Bound::Above && printed.value >= high);
        is_impossible.then(|| {
            let lowest = if low == above_zero { 0.0 } else { low };
            let (number, low) = (Value::Field(field), about(lowest));
            let expected = if high.is_finite() {
                Message::NumberBetween { number: number.clone(), low, high: about(high) }
            } else {
                Message::NumberAtLeast { number: number.clone(), low }
            };
            let words = (Message::NumberIs { number, value: text(claim, field).into() }, expected);
            Finding::certain(Rule::ImpossibleValue, claim, words)
                .at(field.name(), Some(printed.place))
        })
    });
    found.collect()
}

/// A P printed as 0.05, or a limit printed as the null, may lie on either side.
pub(super) fn rounding(claim: &Claim) -> Option<Finding> {
    let alpha = 0.05;
    let both_sides =
        |range: Range, value: f64| range.low < value - 1e-9 && value + 1e-9 < range.high;
    let p = claim.number(Field::P).filter(|p| {
        p.bound == Bound::Exact && both_sides(Range::of(p), alpha) && (p.value - alpha).abs() < 1e-9
    });
    let limit = [Field::CiLow, Field::CiHigh].into_iter().find(|field| {
        let null = match claim.interval_scale() {
            Some(Scale::Ratio) => 1.0,
            Some(_) => 0.0,
            None => return false,
        };
        claim.is_wald()
            && claim
                .number(*field)
                .is_some_and(|limit| limit.bound == Bound::Exact && limit.value == null)
    });
    let (field, printed) = match (p, limit) {
        (Some(_), _) => (Field::P, Message::PEquals { p: relation(claim, Field::P) }),
        (None, Some(field)) => (field, Message::LimitOf { value: text(claim, field).into() }),
        (None, None) => return None,
    };
    let words = (printed, Message::DigitsHide {});
    let finding = Finding::note(Rule::RoundingHidesSignificance, claim, words);
    Some(finding.at(field.name(), place(claim, field)))
}

/// The variance of a log odds ratio is at least 4 over the events; each study may have added one
/// event as a correction for zero cells.
pub(super) fn standard_error_against_events(claim: &Claim) -> Option<Finding> {
    if !claim.measure.is_some_and(Measure::is_odds_ratio) {
        return None;
    }
    let events = claim.count(Field::Events1)? + claim.count(Field::Events2)?;
    let se = match claim.range(Field::Se) {
        Some(se) => se.high,
        None => {
            let low = claim.on_analysis_scale(Field::CiLow).filter(|range| is_finite(*range))?;
            let high = claim.on_analysis_scale(Field::CiHigh).filter(|range| is_finite(*range))?;
            (high.high - low.low) / (2.0 * Reference::Normal.critical(claim.level()))
        }
    };
    if se <= 0.0 {
        return None;
    }
    let corrected = events + claim.count(Field::K).unwrap_or(1.0);
    let needed = 4.0 / (se * se);
    if needed <= corrected {
        return None;
    }
    let words = (
        Message::SeOfEvents { se: about(se), events: about(events) },
        Message::SeTakesEvents {
            needed: about(needed),
            events: about(events),
            se: about(2.0 / sqrt(events.max(1.0))),
        },
    );
    Some(Finding::certain(Rule::SePlausibility, claim, words))
}

/// The effect of a 2 × 2 table follows from its counts; that of the groups exchanged is a swap.
pub(super) fn recompute(claim: &Claim) -> Option<Finding> {
    if claim.is_pooled() {
        return None;
    }
    let [a, c] = [Field::Events1, Field::Events2].map(|field| claim.count(field));
    let [n1, n2] = [Field::N1, Field::N2].map(|field| claim.count(field));
    let (a, c, n1, n2) = (a?, c?, n1?, n2?);
    let (b, d) = (n1 - a, n2 - c);
    if b < 0.0 || d < 0.0 || n1 == 0.0 || n2 == 0.0 {
        return None;
    }
    let estimate = claim.on_analysis_scale(Field::Estimate)?;
    let found = match claim.measure? {
        Measure::OR if a * b * c * d > 0.0 => log(a * d / (b * c)),
        Measure::RR if a * c > 0.0 => log(a * n2 / (c * n1)),
        Measure::RD => a / n1 - c / n2,
        _ => return None,
    };
    let matches = |value: f64| {
        // a risk difference may be printed in percent
        let as_percent = claim.measure == Some(Measure::RD) && estimate.contains(100.0 * value);
        estimate.contains(value) || as_percent
    };
    if matches(found) {
        return None;
    }
    let printed = Message::EffectBesideTables {
        measure: Value::text(claim.measure.map(Measure::code).unwrap_or_default()),
        estimate: text(claim, Field::Estimate).into(),
        tables: Value::Series(Conjunction::And, vec![over(a, n1), over(c, n2)]),
    };
    let effect = between(printed_scale(claim, Range::exactly(found)));
    let finding = if matches(-found) {
        let follows = Message::CountsExchanged { effect };
        Finding::new(Rule::ArmSwap, Severity::Error, Certainty::Likely, claim, (printed, follows))
    } else {
        let follows = Message::CountsGive { effect };
        Finding::likely(Rule::Recompute, claim, (printed, follows))
    };
    Some(finding.at("estimate", place(claim, Field::Estimate)))
}

/// Whether the interval covers the null, where its digits tell for certain.
pub(super) fn covers_null(claim: &Claim) -> Option<bool> {
    let limit = |field| claim.on_analysis_scale(field);
    let (low, high) = (limit(Field::CiLow), limit(Field::CiHigh));
    if low.is_some_and(|low| low.low > 0.0) || high.is_some_and(|high| high.high < 0.0) {
        return Some(false);
    }
    let estimate = limit(Field::Estimate);
    // the estimate lies between the limits, and tells the side of the one that was not printed
    let is_below = low.is_some_and(|low| low.high < 0.0);
    let is_above = high.is_some_and(|high| high.low > 0.0);
    let reaches_above = is_above || (high.is_none() && estimate.is_some_and(|e| e.low > 0.0));
    let reaches_below = is_below || (low.is_none() && estimate.is_some_and(|e| e.high < 0.0));
    ((is_below || is_above) && reaches_below && reaches_above).then_some(true)
}

/// The interval in words: `an interval of -0.59 to 1.19 (log)`.
fn interval(claim: &Claim) -> Message {
    let scale = claim.interval_scale().map_or_else(|| Value::text(""), scale_text);
    let limit = |field| claim.number(field).map(|printed| Value::Text(as_printed(printed)));
    match (limit(Field::CiLow), limit(Field::CiHigh)) {
        (Some(low), Some(high)) => Message::Interval { low, high, scale },
        (Some(value), None) => Message::LowerLimit { value, scale },
        (None, Some(value)) => Message::UpperLimit { value, scale },
        (None, None) => Message::NoInterval {},
    }
}

/// The interval as a value of another message.
pub(super) fn interval_text(claim: &Claim) -> Value {
    interval(claim).into()
}

fn scale_text(scale: Scale) -> Value {
    match scale {
        Scale::Log => Message::OnLog {}.into(),
        Scale::Ratio => Message::OnRatio {}.into(),
        Scale::Percent => Message::OnPercent {}.into(),
        Scale::Difference => Value::text(""),
    }
}

/// The interval in words, with the estimate that a missing limit makes necessary.
pub(super) fn effect_text(claim: &Claim) -> Value {
    let limits = [Field::CiLow, Field::CiHigh];
    let is_whole = limits.into_iter().all(|field| claim.number(field).is_some());
    let interval = interval_text(claim);
    if is_whole || claim.number(Field::Estimate).is_none() {
        interval
    } else {
        let estimate = with_scale(claim, Field::Estimate);
        Message::IntervalAndEstimate { interval, estimate }.into()
    }
}

/// A number as printed, with the scale of the estimate.
pub(super) fn with_scale(claim: &Claim, field: Field) -> Value {
    let shown = text(claim, field);
    match claim.estimate_scale() {
        Some(Scale::Percent) => Value::Text(format!("{shown}%")),
        Some(scale) => Message::Scaled { value: shown.into(), scale: scale_text(scale) }.into(),
        None => Value::Text(shown),
    }
}

/// Values of the analysis scale on the scale of the estimate.
fn printed_scale(claim: &Claim, range: Range) -> Range {
    match claim.estimate_scale() {
        Some(Scale::Ratio) => range.rising(libm::exp),
        Some(Scale::Percent) => range.rising(|x| 100.0 * libm::expm1(x)),
        _ => range,
    }
}

/// `= 0.036` or `<0.001`.
pub(super) fn relation(claim: &Claim, field: Field) -> Value {
    let shown = text(claim, field);
    if shown.starts_with(['<', '>']) { Value::Text(shown) } else { equals(shown) }
}

/// `= 0.036`.
pub(super) fn equals(shown: String) -> Value {
    Message::Equals { value: shown.into() }.into()
}

fn is_finite(range: Range) -> bool {
    range.low.is_finite() && range.high.is_finite()
}
