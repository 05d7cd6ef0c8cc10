//! Regression tests for funnel plot asymmetry of log odds ratios from 2×2 tables.

use super::regression::{NoTest, Predictor, RegressionTest, Scatter, regression_test};
use crate::stats::Effect;
use crate::stats::binary::{Measure, TwoByTwo, ZeroCells, effects};
use crate::stats::design::Design;

/// Harbord's test (Harbord, Egger & Sterne 2006): the efficient score Z over its variance V,
/// regressed on 1/√V with weights V and a free residual variance; t with k − 2 degrees of freedom.
///
/// With n₁, n₂ participants a group, a and c events, b and d non-events, N = n₁ + n₂:
/// Z = a − (a + c)n₁/N, V = n₁n₂(a + c)(b + d)/(N²(N − 1)). Tables without an event, or without a
/// non-event, have V = 0 and do not take part.
///
/// # Errors
/// See [`NoTest`].
pub fn harbord(tables: &[TwoByTwo], level: f64) -> Result<RegressionTest, NoTest> {
    let scores: Vec<Effect> =
        tables.iter().filter(|table| !table.is_one_sided()).map(efficient_score).collect();
    let design = Design::intercept(scores.len());
    regression_test(&scores, &design, Predictor::StandardError, Scatter::Multiplicative, level)
}

/// Peters' test (Peters et al. 2006): the log odds ratio regressed on 1/N with weights
/// 1/(1/(a + c) + 1/(b + d)) and a free residual variance; t with k − 2 degrees of freedom.
///
/// Zero cells are treated by `rule`; tables without an event, or without a non-event, and those
/// without a log odds ratio do not take part.
///
/// # Errors
/// See [`NoTest`].
pub fn peters(tables: &[TwoByTwo], rule: ZeroCells, level: f64) -> Result<RegressionTest, NoTest> {
    let (points, sizes): (Vec<Effect>, Vec<f64>) = effects(Measure::LogOddsRatio, tables, rule)
        .into_iter()
        .zip(tables)
        .filter(|(_, table)| !table.is_one_sided())
        .filter_map(|(effect, table)| {
            let [a, b, c, d] = table.cells();
            let variance = 1.0 / (a + c) + 1.0 / (b + d);
            Some((Effect { estimate: effect?.estimate, variance }, table.total1 + table.total2))
        })
        .unzip();
    let design = Design::intercept(points.len());
    let predictor = Predictor::InverseSampleSize(&sizes);
    regression_test(&points, &design, predictor, Scatter::Multiplicative, level)
}

/// Z/V with variance 1/V.
fn efficient_score(table: &TwoByTwo) -> Effect {
    let [a, b, c, d] = table.cells();
    let (n1, n2) = (table.total1, table.total2);
    let n = n1 + n2;
    let score = a - (a + c) * n1 / n;
    let information = (n1 / n) * (n2 / n) * (a + c) * (b + d) / (n - 1.0);
    Effect { estimate: score / information, variance: 1.0 / information }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::binary::AddTo;

    const BCG: [[f64; 4]; 13] = [
        [4.0, 123.0, 11.0, 139.0],
        [6.0, 306.0, 29.0, 303.0],
        [3.0, 231.0, 11.0, 220.0],
        [62.0, 13_598.0, 248.0, 12_867.0],
        [33.0, 5_069.0, 47.0, 5_808.0],
        [180.0, 1_541.0, 372.0, 1_451.0],
        [8.0, 2_545.0, 10.0, 629.0],
        [505.0, 88_391.0, 499.0, 88_391.0],
        [29.0, 7_499.0, 45.0, 7_277.0],
        [17.0, 1_716.0, 65.0, 1_665.0],
        [186.0, 50_634.0, 141.0, 27_338.0],
        [5.0, 2_498.0, 3.0, 2_341.0],
        [27.0, 16_913.0, 29.0, 17_854.0],
    ];

    fn tables() -> Vec<TwoByTwo> {
        BCG.iter()
            .map(|&[events1, total1, events2, total2]| TwoByTwo {
                events1,
                total1,
                events2,
                total2,
            })
            .collect()
    }

    /// R's meta, `metabias(..., method.bias = "Harbord")` and `"Peters"`, on the trials of BCG
    /// vaccination (Colditz et al. 1994).
    #[test]
    fn the_bcg_trials_agree_with_meta() {
        let harbord = harbord(&tables(), 0.95).unwrap();
        assert!((harbord.slope.statistic + 1.256_474_34).abs() < 0.5e-8);
        assert!((harbord.slope.p_value - 0.234_97).abs() < 0.5e-5);
        let rule = ZeroCells { add: 0.5, to: AddTo::OnlyZero, drop00: false };
        let peters = peters(&tables(), rule, 0.95).unwrap();
        assert!((peters.slope.statistic + 1.362_476_20).abs() < 0.5e-8);
        assert!((peters.slope.p_value - 0.200_29).abs() < 0.5e-5);
    }

    #[test]
    fn tables_without_events_take_no_part() {
        let mut more = tables();
        more.push(TwoByTwo { events1: 0.0, total1: 30.0, events2: 0.0, total2: 31.0 });
        assert_eq!(harbord(&more, 0.95), harbord(&tables(), 0.95));
        let rule = ZeroCells { add: 0.5, to: AddTo::OnlyZero, drop00: false };
        assert_eq!(peters(&more, rule, 0.95), peters(&tables(), rule, 0.95));
    }
}
