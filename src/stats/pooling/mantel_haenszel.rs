//! The Mantel-Haenszel method for odds ratios, risk ratios and risk differences, and for ratios and
//! differences of incidence rates.
//!
//! By default nothing is added to any cell in the pooled estimate or its variance. Only the studies' own
//! estimates, and with them Q, use the zero-cell rule (½ in every cell of a study with a zero;
//! studies without any event, or with nothing but events, are left out).

use super::{Inference, Reference};
use crate::stats::Effect;
use crate::stats::binary::{AddTo, Measure, TwoByTwo, ZeroCells, effects};
use crate::stats::distribution::chi_squared_upper_tail;
use crate::stats::heterogeneity::{CochranQ, Inconsistency};
use crate::stats::rate::{self, TwoRates};
use crate::stats::root::bracketed_root;
use libm::{exp, log};

/// The zero-cell rule of the studies' own estimates beside a Mantel-Haenszel or Peto model.
pub const STUDY_ZERO_CELLS: ZeroCells = ZeroCells { add: 0.5, to: AddTo::OnlyZero, drop00: true };

/// The measures that have a Mantel-Haenszel estimate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PooledMeasure {
    /// Log odds ratio.
    LogOddsRatio,
    /// Log risk ratio.
    LogRiskRatio,
    /// Risk difference.
    RiskDifference,
}

impl PooledMeasure {
    fn of_study(self) -> Measure {
        match self {
            Self::LogOddsRatio => Measure::LogOddsRatio,
            Self::LogRiskRatio => Measure::LogRiskRatio,
            Self::RiskDifference => Measure::RiskDifference,
        }
    }
}

/// The measures of incidence rates that have a Mantel-Haenszel estimate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PooledRateMeasure {
    /// Log incidence rate ratio.
    LogRateRatio,
    /// Incidence rate difference.
    RateDifference,
}

impl PooledRateMeasure {
    fn of_study(self) -> rate::Measure {
        match self {
            Self::LogRateRatio => rate::Measure::LogRateRatio,
            Self::RateDifference => rate::Measure::RateDifference,
        }
    }
}

/// A chi-squared test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChiSquaredTest {
    /// The statistic.
    pub statistic: f64,
    /// Its degrees of freedom.
    pub df: f64,
    /// P of the upper tail.
    pub p_value: f64,
}

impl ChiSquaredTest {
    fn new(statistic: f64, df: f64) -> Self {
        Self { statistic, df, p_value: chi_squared_upper_tail(statistic, df) }
    }
}

/// A fixed-effect fit from 2×2 tables or from events and person-time: Mantel-Haenszel or Peto.
#[derive(Debug, Clone, PartialEq)]
pub struct TableFit {
    /// The number of tables.
    pub k: usize,
    /// The pooled effect, normal reference.
    pub pooled: Inference,
    /// Q of the studies' own estimates about the pooled one.
    pub q: CochranQ,
    /// I² and H² from Q; `None` where fewer than two studies have an estimate.
    pub inconsistency: Option<Inconsistency>,
    /// Weights of the tables in the pooled estimate, in percent; zero for a table that says
    /// nothing.
    pub weights: Vec<f64>,
    /// Cochran-Mantel-Haenszel test with continuity correction (odds and rate ratios only).
    pub cochran_mantel_haenszel: Option<ChiSquaredTest>,
    /// Tarone's test of homogeneity (odds ratios only; Tarone 1985).
    pub tarone: Option<ChiSquaredTest>,
}

/// Where programs differ in the Mantel-Haenszel method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Convention {
    /// Whether ½ is added to each cell of a study with a zero cell in the sums as well, and studies
    /// without any event, or with nothing but events, are left out of them (ratios only).
    pub corrects_sums: bool,
    /// The variance of a pooled risk difference.
    pub risk_difference_variance: RiskDifferenceVariance,
}

/// The variance of a pooled risk difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RiskDifferenceVariance {
    /// Sato, Greenland & Robins 1989 (metafor).
    Sato,
    /// Greenland & Robins 1985 (RevMan, the R package meta).
    GreenlandRobins,
}

impl Convention {
    /// metafor's: no correction, Sato's variance.
    pub const METAFOR: Self =
        Self { corrects_sums: false, risk_difference_variance: RiskDifferenceVariance::Sato };
}

/// Pools `tables` at confidence `level` under metafor's convention; see [`fit_under`].
#[must_use]
pub fn fit(measure: PooledMeasure, tables: &[TwoByTwo], level: f64) -> Option<TableFit> {
    fit_under(measure, tables, level, Convention::METAFOR)
}

/// Pools `tables` at confidence `level`, with the studies' own effects under metafor's convention;
/// see [`fit_with`].
#[must_use]
pub fn fit_under(
    measure: PooledMeasure,
    tables: &[TwoByTwo],
    level: f64,
    convention: Convention,
) -> Option<TableFit> {
    let of_studies: Vec<Effect> =
        effects(measure.of_study(), tables, STUDY_ZERO_CELLS).into_iter().flatten().collect();
    fit_with(measure, tables, &of_studies, level, convention)
}

/// Pools `tables` at confidence `level`; Q is that of the studies' own effects `of_studies`. `None`
/// where the estimate or its variance is not defined, as when no table has an event in one of the
/// groups.
#[must_use]
pub fn fit_with(
    measure: PooledMeasure,
    tables: &[TwoByTwo],
    of_studies: &[Effect],
    level: f64,
    convention: Convention,
) -> Option<TableFit> {
    let is_ratio = measure != PooledMeasure::RiskDifference;
    let summed: Vec<TwoByTwo> = if convention.corrects_sums && is_ratio {
        tables.iter().map(corrected).collect()
    } else {
        tables.to_vec()
    };
    let (estimate, variance, weights) = match measure {
        PooledMeasure::LogOddsRatio => odds_ratio(&summed),
        PooledMeasure::LogRiskRatio => risk_ratio(&summed),
        PooledMeasure::RiskDifference => {
            risk_difference(&summed, convention.risk_difference_variance)
        }
    };
    let is_odds_ratio = measure == PooledMeasure::LogOddsRatio;
    fit_about(of_studies, estimate, variance, weights, level).map(|fit| TableFit {
        cochran_mantel_haenszel: is_odds_ratio.then(|| cochran_mantel_haenszel(tables)).flatten(),
        tarone: is_odds_ratio.then(|| tarone(tables, exp(estimate))).flatten(),
        ..fit
    })
}

/// A table with ½ in each cell where one is zero, and an empty one where it says nothing.
fn corrected(table: &TwoByTwo) -> TwoByTwo {
    if table.is_one_sided() {
        TwoByTwo { events1: 0.0, total1: 0.0, events2: 0.0, total2: 0.0 }
    } else if table.has_zero_cell() {
        TwoByTwo {
            events1: table.events1 + 0.5,
            total1: table.total1 + 1.0,
            events2: table.events2 + 0.5,
            total2: table.total2 + 1.0,
        }
    } else {
        *table
    }
}

/// Pools incidence rates at confidence `level`, as [`fit`] pools tables. `None` where the estimate
/// or its variance is not defined, as when no study has an event in one of the groups of a ratio.
#[must_use]
pub fn fit_rates(measure: PooledRateMeasure, studies: &[TwoRates], level: f64) -> Option<TableFit> {
    let (estimate, variance, weights) = match measure {
        PooledRateMeasure::LogRateRatio => rate_ratio(studies),
        PooledRateMeasure::RateDifference => rate_difference(studies),
    };
    let is_ratio = measure == PooledRateMeasure::LogRateRatio;
    let effects: Vec<Effect> = rate::effects(measure.of_study(), studies, STUDY_ZERO_CELLS)
        .into_iter()
        .flatten()
        .collect();
    fit_about(&effects, estimate, variance, weights, level).map(|fit| TableFit {
        cochran_mantel_haenszel: is_ratio.then(|| mantel_haenszel_of_rates(studies)).flatten(),
        ..fit
    })
}

/// The parts that the Mantel-Haenszel and Peto fits share.
pub(super) fn table_fit(
    tables: &[TwoByTwo],
    measure: Measure,
    estimate: f64,
    variance: f64,
    weights: Vec<f64>,
    level: f64,
) -> Option<TableFit> {
    let study_effects: Vec<Effect> =
        effects(measure, tables, STUDY_ZERO_CELLS).into_iter().flatten().collect();
    fit_about(&study_effects, estimate, variance, weights, level)
}

/// The fit with this pooled estimate, whose Q is that of the studies' own effects about it.
fn fit_about(
    study_effects: &[Effect],
    estimate: f64,
    variance: f64,
    weights: Vec<f64>,
    level: f64,
) -> Option<TableFit> {
    if !(estimate.is_finite() && variance.is_finite() && variance > 0.0) {
        return None;
    }
    let q = study_effects
        .iter()
        .map(|effect| {
            let residual = effect.estimate - estimate;
            residual * residual / effect.variance
        })
        .sum();
    let q = CochranQ::new(q, study_effects.len().saturating_sub(1) as f64);
    let total: f64 = weights.iter().sum();
    Some(TableFit {
        k: weights.len(),
        pooled: Inference::new(estimate, variance.sqrt(), Reference::Normal, level),
        inconsistency: Inconsistency::from_q(&q),
        q,
        weights: weights.iter().map(|weight| 100.0 * weight / total).collect(),
        cochran_mantel_haenszel: None,
        tarone: None,
    })
}

/// log(ΣR/ΣS) with R = ad/N, S = bc/N, and the variance of Robins, Breslow & Greenland 1986.
fn odds_ratio(tables: &[TwoByTwo]) -> (f64, f64, Vec<f64>) {
    let (mut r_sum, mut s_sum) = (0.0, 0.0);
    let (mut pr, mut ps_qr, mut qs) = (0.0, 0.0, 0.0);
    let mut weights = Vec::with_capacity(tables.len());
    for table in tables {
        let [a, b, c, d] = table.cells();
        let n = a + b + c + d;
        if n == 0.0 {
            weights.push(0.0);
            continue;
        }
        let (r, s) = (a * d / n, b * c / n);
        let (p, q) = ((a + d) / n, (b + c) / n);
        r_sum += r;
        s_sum += s;
        pr += p * r;
        ps_qr += p * s + q * r;
        qs += q * s;
        weights.push(s);
    }
    let variance = 0.5 * (pr / (r_sum * r_sum) + ps_qr / (r_sum * s_sum) + qs / (s_sum * s_sum));
    (log(r_sum / s_sum), variance, weights)
}

/// log(ΣR/ΣS) with R = a n₂/N, S = c n₁/N, and the variance of Greenland & Robins 1985.
fn risk_ratio(tables: &[TwoByTwo]) -> (f64, f64, Vec<f64>) {
    let (mut r_sum, mut s_sum, mut numerator) = (0.0, 0.0, 0.0);
    let mut weights = Vec::with_capacity(tables.len());
    for table in tables {
        let TwoByTwo { events1: a, total1: n1, events2: c, total2: n2 } = *table;
        let n = n1 + n2;
        if n == 0.0 {
            weights.push(0.0);
            continue;
        }
        r_sum += a * (n2 / n);
        s_sum += c * (n1 / n);
        numerator += (n1 / n) * (n2 / n) * (a + c) - (a / n) * c;
        weights.push(c * (n1 / n));
    }
    (log(r_sum / s_sum), numerator / (r_sum * s_sum), weights)
}

/// Σ(a n₂ − c n₁)/N ÷ Σ n₁n₂/N, with the variance of Sato, Greenland & Robins 1989 or, from the
/// same sums, Σ[n₂²·a(n₁ − a)/n₁ + n₁²·c(n₂ − c)/n₂]/N² ÷ (Σ n₁n₂/N)² (Greenland & Robins 1985).
fn risk_difference(tables: &[TwoByTwo], variance: RiskDifferenceVariance) -> (f64, f64, Vec<f64>) {
    let (mut difference, mut total, mut p_sum, mut q_sum) = (0.0, 0.0, 0.0, 0.0);
    let mut binomial_sum = 0.0;
    let mut weights = Vec::with_capacity(tables.len());
    for table in tables {
        let TwoByTwo { events1: a, total1: n1, events2: c, total2: n2 } = *table;
        let n = n1 + n2;
        let (f1, f2) = (n1 / n, n2 / n);
        let weight = n1 * f2;
        difference += a * f2 - c * f1;
        total += weight;
        p_sum += c * f1 * f1 - a * f2 * f2 + f1 * f2 * (n2 - n1) / 2.0;
        q_sum += (a * (n2 - c) + c * (n1 - a)) / n;
        binomial_sum += f2 * f2 * a * (n1 - a) / n1 + f1 * f1 * c * (n2 - c) / n2;
        weights.push(weight);
    }
    let estimate = difference / total;
    let numerator = match variance {
        RiskDifferenceVariance::Sato => estimate * p_sum + q_sum / 2.0,
        RiskDifferenceVariance::GreenlandRobins => binomial_sum,
    };
    (estimate, numerator / (total * total), weights)
}

/// log(ΣR/ΣS) with R = x₁t₂/T, S = x₂t₁/T for x events in t person-time and T = t₁ + t₂, and the
/// variance Σ(t₁t₂(x₁ + x₂)/T²)/(ΣR ΣS) of Greenland & Robins 1985.
fn rate_ratio(studies: &[TwoRates]) -> (f64, f64, Vec<f64>) {
    let (mut r_sum, mut s_sum, mut numerator) = (0.0, 0.0, 0.0);
    let mut weights = Vec::with_capacity(studies.len());
    for study in studies {
        let TwoRates { events1: x1, time1: t1, events2: x2, time2: t2 } = *study;
        let (f1, f2) = (t1 / (t1 + t2), t2 / (t1 + t2));
        r_sum += x1 * f2;
        s_sum += x2 * f1;
        numerator += f1 * f2 * (x1 + x2);
        weights.push(x2 * f1);
    }
    (log(r_sum / s_sum), numerator / (r_sum * s_sum), weights)
}

/// Σ(x₁t₂ − x₂t₁)/T ÷ Σw with w = t₁t₂/T, and the variance Σw²(x₁/t₁² + x₂/t₂²)/(Σw)² of
/// Greenland & Robins 1985.
fn rate_difference(studies: &[TwoRates]) -> (f64, f64, Vec<f64>) {
    let (mut difference, mut total, mut numerator) = (0.0, 0.0, 0.0);
    let mut weights = Vec::with_capacity(studies.len());
    for study in studies {
        let TwoRates { events1: x1, time1: t1, events2: x2, time2: t2 } = *study;
        let (f1, f2) = (t1 / (t1 + t2), t2 / (t1 + t2));
        difference += x1 * f2 - x2 * f1;
        total += t1 * f2;
        numerator += f2 * f2 * x1 + f1 * f1 * x2;
        weights.push(t1 * f2);
    }
    (difference / total, numerator / (total * total), weights)
}

/// (|Σ(x₁ − E)| − ½)²/ΣV on one degree of freedom, with E = (x₁ + x₂)t₁/T and
/// V = (x₁ + x₂)t₁t₂/T². `None` where no study has an event.
fn mantel_haenszel_of_rates(studies: &[TwoRates]) -> Option<ChiSquaredTest> {
    let (mut difference, mut information) = (0.0, 0.0);
    for study in studies {
        let TwoRates { events1: x1, time1: t1, events2: x2, time2: t2 } = *study;
        let (f1, f2) = (t1 / (t1 + t2), t2 / (t1 + t2));
        difference += x1 * f2 - x2 * f1;
        information += (x1 + x2) * f1 * f2;
    }
    let corrected = (difference.abs() - 0.5).max(0.0);
    (information > 0.0).then(|| ChiSquaredTest::new(corrected * corrected / information, 1.0))
}

/// (|Σ(a − E)| − ½)²/ΣV on one degree of freedom. `None` where no table has information.
fn cochran_mantel_haenszel(tables: &[TwoByTwo]) -> Option<ChiSquaredTest> {
    let (mut difference, mut information) = (0.0, 0.0);
    for table in tables {
        let (expected, variance) = hypergeometric_moments(table);
        difference += table.events1 - expected;
        information += variance;
    }
    let corrected = (difference.abs() - 0.5).max(0.0);
    (information > 0.0).then(|| ChiSquaredTest::new(corrected * corrected / information, 1.0))
}

/// Mean and variance of a given the margins of the table, under no effect.
pub(super) fn hypergeometric_moments(table: &TwoByTwo) -> (f64, f64) {
    let TwoByTwo { events1: a, total1: n1, events2: c, total2: n2 } = *table;
    let n = n1 + n2;
    let events = a + c;
    let variance = events * (n - events) * (n1 / n) * (n2 / n) / (n - 1.0);
    (events * n1 / n, variance)
}

/// Breslow & Day's statistic about the Mantel-Haenszel odds ratio with Tarone's correction:
/// Σ(a − A)²/V − (Σ(a − A))²/ΣV, A being the count that fits the common odds ratio.
/// `None` where fewer than two tables have information.
fn tarone(tables: &[TwoByTwo], odds_ratio: f64) -> Option<ChiSquaredTest> {
    let (mut breslow_day, mut difference, mut variance_sum) = (0.0, 0.0, 0.0);
    let mut informative = 0.0;
    for table in tables.iter().filter(|table| !table.is_one_sided()) {
        let TwoByTwo { events1: a, total1: n1, events2: c, total2: n2 } = *table;
        let events = a + c;
        let (lower, upper) = ((events - n2).max(0.0), events.min(n1));
        let fitted = bracketed_root(lower, upper, |x| {
            x * (n2 - events + x) - odds_ratio * (n1 - x) * (events - x)
        });
        let variance = 1.0
            / (1.0 / fitted
                + 1.0 / (n1 - fitted)
                + 1.0 / (events - fitted)
                + 1.0 / (n2 - events + fitted));
        breslow_day += (a - fitted) * (a - fitted) / variance;
        difference += a - fitted;
        variance_sum += variance;
        informative += 1.0;
    }
    let statistic = breslow_day - difference * difference / variance_sum;
    (informative > 1.0 && statistic.is_finite())
        .then(|| ChiSquaredTest::new(statistic.max(0.0), informative - 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// (events, total) of both groups, with two zero cells, a double zero and a full group.
    const RARE: [TwoByTwo; 5] = [
        TwoByTwo { events1: 0.0, total1: 20.0, events2: 3.0, total2: 20.0 },
        TwoByTwo { events1: 1.0, total1: 30.0, events2: 4.0, total2: 28.0 },
        TwoByTwo { events1: 5.0, total1: 40.0, events2: 6.0, total2: 42.0 },
        TwoByTwo { events1: 0.0, total1: 25.0, events2: 0.0, total2: 25.0 },
        TwoByTwo { events1: 3.0, total1: 10.0, events2: 10.0, total2: 10.0 },
    ];

    /// log ORs printed by metafor (exact) and by the R package meta (MH.exact = FALSE).
    #[test]
    fn the_sums_with_and_without_correction() {
        let estimate = |corrects_sums| {
            let convention = Convention { corrects_sums, ..Convention::METAFOR };
            let fit = fit_under(PooledMeasure::LogOddsRatio, &RARE, 0.95, convention);
            fit.unwrap().pooled.estimate
        };
        assert!((estimate(false) + 1.298_755_33).abs() < 5e-9);
        assert!((estimate(true) + 1.223_750_59).abs() < 5e-9);
    }

    /// Estimate, standard error and Q of metafor 3.8-1's rma.mh for four studies, one without events and one with a zero.
    #[test]
    fn rates_with_zeros_agree_with_metafor() {
        let studies = [
            TwoRates { events1: 0.0, time1: 10.0, events2: 0.0, time2: 11.0 },
            TwoRates { events1: 3.0, time1: 12.0, events2: 2.0, time2: 10.0 },
            TwoRates { events1: 5.0, time1: 15.0, events2: 3.0, time2: 16.0 },
            TwoRates { events1: 0.0, time1: 7.0, events2: 3.0, time2: 9.0 },
        ];
        let agrees = |measure, expected: [f64; 3]| {
            let fit = fit_rates(measure, &studies, 0.95).unwrap();
            let found = [fit.pooled.estimate, fit.pooled.standard_error, fit.q.statistic];
            for (found, expected) in found.into_iter().zip(expected) {
                assert!((found - expected).abs() < 1e-14, "{found} for {expected}");
            }
            assert_eq!((fit.k, fit.q.df), (4, 2.0));
            fit
        };
        let ratio = agrees(
            PooledRateMeasure::LogRateRatio,
            [0.022_890_102_400_643_427, 0.511_350_491_969_562_7, 1.910_942_351_239_413_3],
        );
        // |Σ(x₁ − E)| is below ½ here, and the correction takes no more than is there
        assert_eq!(ratio.cochran_mantel_haenszel.unwrap().statistic, 0.0);
        let difference = agrees(
            PooledRateMeasure::RateDifference,
            [0.003_989_774_131_267_357, 0.087_401_826_846_744_315, 2.579_141_475_528_038_6],
        );
        assert_eq!(difference.cochran_mantel_haenszel, None);
        assert_eq!(fit_rates(PooledRateMeasure::LogRateRatio, &studies[3..], 0.95), None);
        assert_eq!(fit_rates(PooledRateMeasure::LogRateRatio, &[], 0.95), None);
    }

    /// The test of metafor 3.8-1 for the trials of warfarin of Hart et al. 1999.
    #[test]
    fn the_test_of_rates_agrees_with_metafor() {
        let studies = [
            (9.0, 413.0, 19.0, 398.0),
            (8.0, 263.0, 19.0, 245.0),
            (3.0, 487.0, 13.0, 435.0),
            (6.0, 237.0, 9.0, 241.0),
            (7.0, 489.0, 23.0, 483.0),
            (20.0, 507.0, 50.0, 405.0),
        ]
        .map(|(events1, time1, events2, time2)| TwoRates {
            events1,
            time1,
            events2,
            time2,
        });
        let fit = fit_rates(PooledRateMeasure::LogRateRatio, &studies, 0.95).unwrap();
        let test = fit.cochran_mantel_haenszel.unwrap();
        assert!((test.statistic - 43.065_638_280_076_74).abs() < 1e-12);
        let fit = fit_rates(PooledRateMeasure::RateDifference, &studies, 0.95).unwrap();
        assert!((fit.pooled.estimate + 0.039_351_346_850_971_018).abs() < 1e-15);
        assert!((fit.pooled.standard_error - 0.006_104_983_870_869_504_5).abs() < 1e-15);
        assert!((fit.q.statistic - 12.532_034_473_047_876).abs() < 1e-11);
    }
}
