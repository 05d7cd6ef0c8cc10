//! Peto's one-step method for odds ratios (Yusuf et al. 1985).

use super::mantel_haenszel::{TableFit, hypergeometric_moments, table_fit};
use crate::stats::binary::{Measure, TwoByTwo};
use crate::stats::heterogeneity::{CochranQ, Inconsistency};

/// Pools `tables` at confidence `level`: Σ(a − E)/ΣV with variance 1/ΣV, nothing added to any
/// cell; Q = Σ V (y − pooled)² over the tables with information. `None` where no table has any.
#[must_use]
pub fn fit(tables: &[TwoByTwo], level: f64) -> Option<TableFit> {
    let moments: Vec<(f64, f64)> = tables.iter().map(hypergeometric_moments).collect();
    let information: f64 = moments.iter().map(|(_, variance)| variance).sum();
    let difference: f64 =
        tables.iter().zip(&moments).map(|(table, (expected, _))| table.events1 - expected).sum();
    let estimate = difference / information;
    let weights = moments.iter().map(|(_, variance)| *variance).collect();
    let fit =
        table_fit(tables, Measure::PetoLogOddsRatio, estimate, 1.0 / information, weights, level)?;
    let mut q = 0.0;
    let mut informative: usize = 0;
    for (table, (expected, variance)) in tables.iter().zip(&moments) {
        if !table.is_one_sided() {
            let residual = (table.events1 - expected) / variance - estimate;
            q += variance * residual * residual;
            informative += 1;
        }
    }
    let q = CochranQ::new(q, informative.saturating_sub(1) as f64);
    Some(TableFit { inconsistency: Inconsistency::from_q(&q), q, ..fit })
}
