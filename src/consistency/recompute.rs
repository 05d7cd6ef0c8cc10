//! The numbers of a claim that its other numbers give, beside those that were printed.

use super::claim::{Claim, Field, Part};
use super::finding::Finding;
use super::range::Range;
use super::review::{Comparison, Judgement, Obstacle};
use crate::diagnostic::Severity;
use crate::spec::Bound;
use crate::stats::distribution::{chi_squared_upper_tail, normal_quantile};
use crate::stats::pooling::Reference;

/// The printed numbers of a claim that belongs to no result of the review: each that the others
/// give, as reproduced, consistent or inconsistent; then the rest, which nothing gives.
#[must_use]
pub(super) fn compare_with_itself(claim: &Claim, findings: &[Finding]) -> Vec<Comparison> {
    let mut compared = Vec::new();
    let mut used = Vec::new();
    for field in Field::ALL {
        if let Some((value, inputs)) = claim.number(*field).and_then(|_| recomputed(*field, claim))
        {
            compared.push(comparison(
                *field,
                claim,
                Some(value),
                judge(*field, value, claim, findings),
            ));
            used.push(*field);
            used.extend(inputs);
        }
    }
    let settings = [Field::Level, Field::Margin, Field::Items, Field::TestDf];
    let rest = Field::ALL.iter().filter(|field| {
        claim.number(**field).is_some() && !used.contains(field) && !settings.contains(field)
    });
    let not_checkable = Judgement::NotCheckable(Obstacle::NoData);
    compared.extend(rest.map(|field| comparison(*field, claim, None, not_checkable)));
    compared
}

fn comparison(
    field: Field,
    claim: &Claim,
    recomputed: Option<f64>,
    judgement: Judgement,
) -> Comparison {
    let scale = match field {
        Field::Estimate => claim.estimate_scale(),
        Field::CiLow | Field::CiHigh => claim.interval_scale(),
        _ => None,
    };
    let printed = claim.numbers[&field].clone();
    Comparison { field, printed, scale, recomputed, judgement }
}

/// A rule that finds fault with the number decides; else its digits do.
fn judge(field: Field, value: f64, claim: &Claim, findings: &[Finding]) -> Judgement {
    let is_at_fault = findings
        .iter()
        .any(|finding| finding.key == Some(field.name()) && finding.severity != Severity::Note);
    let is_exact = claim.number(field).is_some_and(|printed| printed.bound == Bound::Exact);
    if is_at_fault {
        Judgement::Inconsistent
    } else if is_exact && claim.range(field).is_some_and(|range| range.contains(value)) {
        Judgement::Reproduced
    } else {
        Judgement::Consistent
    }
}

/// The value that the other numbers give, and these.
fn recomputed(field: Field, claim: &Claim) -> Option<(f64, Vec<Field>)> {
    let exact =
        |field| claim.number(field).filter(|it| it.bound == Bound::Exact).map(|it| it.value);
    let percent = |events: Field, n: Field| {
        let whole = exact(n).filter(|n| *n > 0.0)?;
        Some((100.0 * exact(events)? / whole, vec![events, n]))
    };
    match field {
        Field::Percent => percent(Field::Events, Field::N),
        Field::Percent1 => percent(Field::Events1, Field::N1),
        Field::Percent2 => percent(Field::Events2, Field::N2),
        Field::Left => {
            let removed = sum(&claim.removed)?;
            Some((exact(Field::Start)? - removed, vec![Field::Start]))
        }
        Field::Total => Some((sum(&claim.parts)?, Vec::new())),
        Field::Count => (!claim.list.is_empty()).then(|| (claim.list.len() as f64, Vec::new())),
        Field::Analysed => {
            let left = exact(Field::Enrolled)? - exact(Field::Lost)?;
            Some((left, vec![Field::Enrolled, Field::Lost]))
        }
        Field::Threshold => {
            let k = claim.count(Field::K).filter(|k| *k >= 1.0)?;
            Some((normal_quantile(1.0 - 0.05 / (2.0 * k)), vec![Field::K]))
        }
        Field::Df => Some((claim.count(Field::K)? - 1.0, vec![Field::K])),
        Field::QP => {
            let df = claim.count(Field::Df).filter(|df| *df >= 1.0)?;
            Some((chi_squared_upper_tail(exact(Field::Q)?, df), vec![Field::Q, Field::Df]))
        }
        Field::P => p_of_interval(claim),
        _ => None,
    }
}

/// P by the distance of the interval's centre from the null, as Altman & Bland (2011) have it.
fn p_of_interval(claim: &Claim) -> Option<(f64, Vec<Field>)> {
    if !claim.is_wald() {
        return None;
    }
    let middle = |field| claim.on_analysis_scale(field).map(Range::middle);
    let (low, high) = (middle(Field::CiLow)?, middle(Field::CiHigh)?);
    let half_width = (high - low) / 2.0;
    if !(half_width > 0.0 && half_width.is_finite()) {
        return None;
    }
    let reference = claim
        .number(Field::TestDf)
        .filter(|df| df.value > 0.0)
        .map_or(Reference::Normal, |df| Reference::T(df.value));
    let distance = ((low + high) / 2.0).abs() / half_width;
    let p = reference.two_sided(distance * reference.critical(claim.level()));
    Some((p, vec![Field::Estimate, Field::CiLow, Field::CiHigh]))
}

/// The sum of parts that are all stated.
fn sum(parts: &[Part]) -> Option<f64> {
    let numbers: Option<Vec<f64>> = parts
        .iter()
        .map(|part| {
            let number = part.number.as_ref().filter(|it| it.bound == Bound::Exact)?;
            Some(number.value)
        })
        .collect();
    numbers.filter(|numbers| !numbers.is_empty()).map(|numbers| numbers.iter().sum())
}
