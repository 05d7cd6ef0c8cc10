//! Two-group counts: the 2×2 table of a study, its effect measures, and the zero-cell rules.

use super::Effect;
use libm::{asin, log};

/// Counts of one study: events and participants of the experimental (1) and control (2) group.
///
/// Counts are whole and not negative, events never above their total.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TwoByTwo {
    /// Participants with an event in group 1.
    pub events1: f64,
    /// Participants in group 1.
    pub total1: f64,
    /// Participants with an event in group 2.
    pub events2: f64,
    /// Participants in group 2.
    pub total2: f64,
}

impl TwoByTwo {
    /// The cells a, b, c, d: events and non-events of group 1, then of group 2.
    #[must_use]
    pub fn cells(&self) -> [f64; 4] {
        [self.events1, self.total1 - self.events1, self.events2, self.total2 - self.events2]
    }

    /// Whether any cell is zero.
    #[must_use]
    pub fn has_zero_cell(&self) -> bool {
        self.cells().contains(&0.0)
    }

    /// Whether no participant of either group had the event.
    #[must_use]
    pub fn has_no_event(&self) -> bool {
        self.events1 == 0.0 && self.events2 == 0.0
    }

    /// Whether the table says nothing about a ratio: no event at all, or nothing but events.
    #[must_use]
    pub fn is_one_sided(&self) -> bool {
        let [a, b, c, d] = self.cells();
        (a == 0.0 && c == 0.0) || (b == 0.0 && d == 0.0)
    }
}

/// What a 2×2 table is summarised as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Log odds ratio.
    LogOddsRatio,
    /// Log risk ratio.
    LogRiskRatio,
    /// Risk difference.
    RiskDifference,
    /// Log odds ratio by Peto's one-step method (Yusuf et al. 1985).
    PetoLogOddsRatio,
    /// Difference of the arcsine-square-root transformed risks (Rücker et al. 2009).
    ArcsineDifference,
    /// Phi coefficient of the table (Yule 1912).
    Phi,
}

/// Which studies have `add` added to each of their four cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddTo {
    /// Every study.
    All,
    /// Studies with a zero cell.
    OnlyZero,
    /// Every study, where at least one has a zero cell.
    IfAnyZero,
    /// No study.
    None,
}

impl AddTo {
    /// Whether a study is added to: `has_zero` tells whether it has a zero itself, `any_zero`
    /// whether any study has one.
    #[must_use]
    pub(super) fn applies(self, has_zero: bool, any_zero: bool) -> bool {
        match self {
            Self::All => true,
            Self::OnlyZero => has_zero,
            Self::IfAnyZero => any_zero,
            Self::None => false,
        }
    }
}

/// The treatment of zero cells, in metafor's terms.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ZeroCells {
    /// The amount added to each cell, usually ½.
    pub add: f64,
    /// The studies it is added to.
    pub to: AddTo,
    /// Whether a study without any event, or without any non-event, gives no estimate.
    pub drop00: bool,
}

/// Where programs differ in what the correction of zero cells enters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CorrectionConvention {
    /// The total of a corrected group in a risk ratio.
    pub risk_ratio_total: CorrectedTotal,
    /// Whether the correction enters the estimate of a risk difference, and not its variance only.
    pub corrects_risk_difference: bool,
}

/// The total of a group with `add` in its cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CorrectedTotal {
    /// n + 2 · add: both cells of the group grew (metafor, RevMan).
    BothCells,
    /// n + add (the R package meta).
    EventCell,
}

impl CorrectionConvention {
    /// metafor's: the corrected cells are used throughout.
    pub const METAFOR: Self =
        Self { risk_ratio_total: CorrectedTotal::BothCells, corrects_risk_difference: true };
}

/// The effect of each table under metafor's convention; see [`effects_under`].
#[must_use]
pub fn effects(measure: Measure, tables: &[TwoByTwo], rule: ZeroCells) -> Vec<Option<Effect>> {
    effects_under(measure, tables, rule, CorrectionConvention::METAFOR)
}

/// The effect of each table, on the analysis scale. `None` where the measure is not defined for
/// the table: a zero cell that nothing is added to, or a one-sided table under `drop00`.
#[must_use]
pub fn effects_under(
    measure: Measure,
    tables: &[TwoByTwo],
    rule: ZeroCells,
    convention: CorrectionConvention,
) -> Vec<Option<Effect>> {
    let is_dropped = |table: &TwoByTwo| rule.drop00 && table.is_one_sided();
    let any_zero = tables.iter().any(|table| !is_dropped(table) && table.has_zero_cell());
    tables
        .iter()
        .map(|table| {
            if is_dropped(table) {
                return None;
            }
            let adds = rule.to.applies(table.has_zero_cell(), any_zero);
            let add = if adds { rule.add } else { 0.0 };
            let mut effect = effect(measure, table.cells().map(|cell| cell + add));
            if adds {
                apply_convention(&mut effect, measure, table, add, convention);
            }
            (effect.estimate.is_finite() && effect.variance.is_finite()).then_some(effect)
        })
        .collect()
}

/// Changes the effect of a corrected table where a convention differs from metafor's.
fn apply_convention(
    effect: &mut Effect,
    measure: Measure,
    table: &TwoByTwo,
    add: f64,
    convention: CorrectionConvention,
) {
    let TwoByTwo { events1, total1, events2, total2 } = *table;
    match (measure, convention.risk_ratio_total) {
        (Measure::LogRiskRatio, CorrectedTotal::EventCell) => {
            let (a, c) = (events1 + add, events2 + add);
            let (n1, n2) = (total1 + add, total2 + add);
            effect.estimate = log(a / n1 / (c / n2));
            effect.variance = 1.0 / a - 1.0 / n1 + 1.0 / c - 1.0 / n2;
        }
        (Measure::RiskDifference, _) if !convention.corrects_risk_difference => {
            effect.estimate = events1 / total1 - events2 / total2;
        }
        _ => {}
    }
}

/// The effect of one table with cells a, b, c, d; not finite where it is not defined.
///
/// With n₁ = a + b, n₂ = c + d, N = n₁ + n₂, p₁ = a/n₁, p₂ = c/n₂ and q = 1 − p:
/// log OR = log(ad/bc), v = 1/a + 1/b + 1/c + 1/d;
/// log RR = log(p₁/p₂), v = 1/a − 1/n₁ + 1/c − 1/n₂;
/// RD = p₁ − p₂, v = p₁q₁/n₁ + p₂q₂/n₂;
/// Peto: (a − E)/V, v = 1/V, with E = (a+c)n₁/N and V = (a+c)(b+d)n₁n₂/(N²(N−1));
/// arcsine: asin√p₁ − asin√p₂, v = 1/(4n₁) + 1/(4n₂);
/// phi: see there.
fn effect(measure: Measure, [a, b, c, d]: [f64; 4]) -> Effect {
    let (n1, n2) = (a + b, c + d);
    let (p1, p2) = (a / n1, c / n2);
    let (q1, q2) = (b / n1, d / n2);
    let (estimate, variance) = match measure {
        Measure::LogOddsRatio => (log(a * d / (b * c)), 1.0 / a + 1.0 / b + 1.0 / c + 1.0 / d),
        Measure::LogRiskRatio => (log(p1 / p2), 1.0 / a - 1.0 / n1 + 1.0 / c - 1.0 / n2),
        Measure::RiskDifference => (p1 - p2, p1 * q1 / n1 + p2 * q2 / n2),
        Measure::PetoLogOddsRatio => {
            let n = n1 + n2;
            let expected = (a + c) * n1 / n;
            let information = (a + c) * (b + d) * (n1 / n) * (n2 / n) / (n - 1.0);
            ((a - expected) / information, 1.0 / information)
        }
        Measure::ArcsineDifference => {
            (asin(p1.sqrt()) - asin(p2.sqrt()), 1.0 / (4.0 * n1) + 1.0 / (4.0 * n2))
        }
        Measure::Phi => phi([a, b, c, d]),
    };
    Effect { estimate, variance }
}

/// The phi coefficient f = (ad − bc)/√(n₁n₂st) with s = a + c and t = b + d, and its variance under
/// multinomial sampling (Yule 1912): with the margins as proportions of N,
/// v = [1 − f² + f(1 + f²/2) δ₁δ₂/√(π₁π₂σ₁σ₂) − ¾f²(δ₁²/(π₁π₂) + δ₂²/(σ₁σ₂))]/N,
/// δ₁ = π₁ − π₂ between the rows, δ₂ = σ₁ − σ₂ between the columns.
fn phi([a, b, c, d]: [f64; 4]) -> (f64, f64) {
    let (n1, n2) = (a + b, c + d);
    let (s, t) = (a + c, b + d);
    let n = n1 + n2;
    let f = (a * d - b * c) / (n1 * n2 * s * t).sqrt();
    let rows = (n1 / n) * (n2 / n);
    let columns = (s / n) * (t / n);
    let row_gap = (n1 - n2) / n;
    let column_gap = (s - t) / n;
    let skew = f * (1.0 + 0.5 * f * f) * row_gap * column_gap / (rows * columns).sqrt();
    let spread = 0.75 * f * f * (row_gap * row_gap / rows + column_gap * column_gap / columns);
    (f, (1.0 - f * f + skew - spread) / n)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: ZeroCells = ZeroCells { add: 0.5, to: AddTo::OnlyZero, drop00: false };
    const META: CorrectionConvention = CorrectionConvention {
        risk_ratio_total: CorrectedTotal::EventCell,
        corrects_risk_difference: false,
    };

    /// metafor 3.8-1 on the same tables: a dropped study's zeros make no other study corrected.
    #[test]
    fn a_dropped_study_does_not_count_as_one_with_a_zero() {
        let table = |events1, events2| TwoByTwo { events1, total1: 10.0, events2, total2: 10.0 };
        let tables = [table(0.0, 0.0), table(3.0, 2.0), table(5.0, 3.0)];
        let rule = ZeroCells { add: 0.5, to: AddTo::IfAnyZero, drop00: true };
        let found = effects(Measure::LogOddsRatio, &tables, rule);
        assert!(found[0].is_none());
        for (effect, expected) in
            found[1..].iter().zip([0.538_996_500_732_687, 0.847_297_860_387_204])
        {
            assert!((effect.unwrap().estimate - expected).abs() < 1e-14);
        }
    }

    /// Values printed by metafor and by the R package meta for the same zero-cell studies.
    #[test]
    fn conventions_of_metafor_and_meta() {
        let full = [TwoByTwo { events1: 3.0, total1: 10.0, events2: 10.0, total2: 10.0 }];
        let se = |convention| {
            let effect = effects_under(Measure::LogRiskRatio, &full, RULE, convention)[0].unwrap();
            effect.variance.sqrt()
        };
        assert!((se(CorrectionConvention::METAFOR) - 0.446_245).abs() < 5e-7);
        assert!((se(META) - 0.436_436).abs() < 5e-7);

        let empty = [TwoByTwo { events1: 0.0, total1: 20.0, events2: 3.0, total2: 20.0 }];
        let effect = |convention| {
            effects_under(Measure::RiskDifference, &empty, RULE, convention)[0].unwrap()
        };
        assert!((effect(CorrectionConvention::METAFOR).estimate + 0.142_857).abs() < 5e-7);
        assert!((effect(META).estimate + 0.15).abs() < 1e-12);
        assert!((effect(META).variance.sqrt() - 0.087_866_6).abs() < 1e-7);
    }
}
