//! GRIM and GRIMMER: means and standard deviations that whole numbers can have.

use super::arithmetic::{has_integer, place, text};
use super::claim::{Claim, Field};
use super::finding::{Finding, about, digits};
use super::message::{Message, Value};
use super::rule::Rule;
use libm::{ceil, floor};

/// Sums tried before the question is given up as undecidable from so few digits.
const MOST_SUMS: f64 = 2_000.0;

/// The mean of n × items whole numbers is a whole number over n × items (Brown & Heathers 2017).
pub(super) fn grim(claim: &Claim) -> Option<Finding> {
    let (mean, n, items) = (claim.range(Field::Mean)?, size(claim)?, items(claim)?);
    let cells = n * items;
    if has_integer(mean.low * cells, mean.high * cells) {
        return None;
    }
    let below = floor(mean.low * cells);
    let words = (
        Message::MeanPrinted { mean: text(claim, Field::Mean).into(), whom: whom(n, items) },
        Message::MeansPossible {
            below: about6(below / cells),
            above: about6((below + 1.0) / cells),
        },
    );
    Some(Finding::certain(Rule::Grim, claim, words).at("mean", place(claim, Field::Mean)))
}

/// The sum of squares of whole numbers is whole, odd or even as their sum, and no smaller than
/// that of numbers as equal as can be (Anaya 2016; Allard 2018). Both divisors, n − 1 and n, are
/// allowed.
pub(super) fn grimmer(claim: &Claim) -> Option<Finding> {
    let (mean, sd) = (claim.range(Field::Mean)?, claim.range(Field::Sd)?);
    let (n, items) = (size(claim).filter(|n| *n >= 2.0)?, items(claim)?);
    let slack = |x: f64| 1e-9 * (1.0 + x.abs());
    let first = ceil(mean.low * n * items - slack(mean.low * n * items));
    let last = floor(mean.high * n * items + slack(mean.high * n * items));
    if last < first || last - first > MOST_SUMS || sd.high < 0.0 {
        return None;
    }
    let low = sd.low.max(0.0) * items;
    let high = sd.high * items;
    let mut total = first;
    while total <= last {
        let least = least_squares(total, n);
        let fits = [n - 1.0, n].into_iter().any(|divisor| {
            let squares = |sd: f64| sd * sd * divisor + total * total / n;
            let (from, to) = (squares(low).max(least), squares(high));
            has_integer_of_parity(from - slack(from), to + slack(to), total)
        });
        if fits {
            return None;
        }
        total += 1.0;
    }
    let words = (
        Message::SdPrinted {
            sd: text(claim, Field::Sd).into(),
            mean: text(claim, Field::Mean).into(),
            whom: whom(n, items),
        },
        Message::SdImpossible {},
    );
    Some(Finding::certain(Rule::Grimmer, claim, words).at("sd", place(claim, Field::Sd)))
}

fn size(claim: &Claim) -> Option<f64> {
    claim.count(Field::N).filter(|n| (1.0..=1e6).contains(n))
}

fn items(claim: &Claim) -> Option<f64> {
    claim.count(Field::Items).filter(|items| (1.0..=1e3).contains(items))
}

/// The sum of squares of `n` whole numbers with sum `total` that are as equal as can be.
fn least_squares(total: f64, n: f64) -> f64 {
    let each = floor(total / n);
    let more = total - n * each;
    more * (each + 1.0) * (each + 1.0) + (n - more) * each * each
}

/// Whether a whole number between two is odd or even as `like` is.
fn has_integer_of_parity(low: f64, high: f64, like: f64) -> bool {
    let parity = like.rem_euclid(2.0);
    let first = ceil(low);
    let first = if first.rem_euclid(2.0) == parity { first } else { first + 1.0 };
    first <= high
}

fn whom(n: f64, items: f64) -> Value {
    if items == 1.0 {
        Message::Numbers { n: about(n) }.into()
    } else {
        Message::NumbersEach { n: about(n), items: about(items) }.into()
    }
}

fn about6(value: f64) -> Value {
    Value::Text(digits(value, 6))
}
