//! The tests of a fourfold table that a single study may have made instead of one by its interval.

use super::claim::{Claim, Field};
use crate::stats::distribution::chi_squared_upper_tail;
use libm::{exp, lgamma};

/// The largest table whose exact test is computed.
const MOST_PARTICIPANTS: f64 = 100_000.0;

/// P by Pearson's chi-squared test, by the same with Yates' correction, and by Fisher's exact test,
/// two-sided, of the counts of a claim; none where they are not all given.
pub(super) fn tests(claim: &Claim) -> Vec<f64> {
    let fields = [Field::Events1, Field::N1, Field::Events2, Field::N2];
    let [Some(a), Some(n1), Some(c), Some(n2)] = fields.map(|field| claim.count(field)) else {
        return Vec::new();
    };
    let (b, d) = (n1 - a, n2 - c);
    if b < 0.0 || d < 0.0 || a + c == 0.0 || b + d == 0.0 || n1 == 0.0 || n2 == 0.0 {
        return Vec::new();
    }
    let n = n1 + n2;
    let chi_squared = |correction: f64| {
        let distance = ((a * d - b * c).abs() - correction).max(0.0);
        n * distance * distance / (n1 * n2 * (a + c) * (b + d))
    };
    let mut found = [0.0, n / 2.0].map(|it| chi_squared_upper_tail(chi_squared(it), 1.0)).to_vec();
    if n <= MOST_PARTICIPANTS {
        found.push(fisher([a, b, c, d]));
    }
    found
}

/// Fisher's exact test: the probability of all tables with these margins that are no more probable
/// than the one seen (as in R's `fisher.test`).
fn fisher([a, b, c, d]: [f64; 4]) -> f64 {
    let choose = |n: f64, k: f64| lgamma(n + 1.0) - lgamma(k + 1.0) - lgamma(n - k + 1.0);
    let (n1, n2, events) = (a + b, c + d, a + c);
    let total = choose(n1 + n2, events);
    let probability = |a: f64| exp(choose(n1, a) + choose(n2, events - a) - total);
    let seen = probability(a) * (1.0 + 1e-7);
    let (first, last) = ((events - n2).max(0.0) as u64, events.min(n1) as u64);
    let tables = (first..=last).map(|a| probability(a as f64));
    tables.filter(|p| *p <= seen).sum::<f64>().min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consistency::range::parse_printed;
    use crate::source::{Place, Sources, Span};
    use crate::spec::Printed;

    /// R 4.2.2: `chisq.test(m, correct = FALSE)`, `chisq.test(m)` and `fisher.test(m)` of
    /// `m <- rbind(c(12, 8), c(5, 14))`.
    #[test]
    fn the_three_tests_are_those_of_r() {
        let mut sources = Sources::default();
        let source = sources.add("a".to_owned(), String::new());
        let place = Place { source, span: Span { start: 0, end: 0 } };
        let mut claim = Claim::default();
        let counts =
            [(Field::Events1, "12"), (Field::N1, "20"), (Field::Events2, "5"), (Field::N2, "19")];
        for (field, text) in counts {
            let (bound, text, value) = parse_printed(text).unwrap();
            claim.numbers.insert(field, Printed { text, bound, value, place });
        }
        let found = tests(&claim);
        for (found, expected) in found.iter().zip(R) {
            assert!((found - expected).abs() < 1e-9, "{found} {expected}");
        }
        assert_eq!(found.len(), 3);
    }

    const R: [f64; 3] = [0.033973611018, 0.072278900258, 0.053550992594];
}
