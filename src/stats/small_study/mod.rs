//! Small-study effects and publication bias.
//!
//! None of these methods can tell publication bias from any other reason for which small studies
//! differ from large ones.

pub mod binary;
pub mod fail_safe;
pub mod henmi_copas;
pub mod rank_correlation;
pub mod regression;
pub mod selection;
pub mod trim_and_fill;

use super::Effect;

/// The part of an estimate's size, or of its standard error, that computing it can make of nothing.
const ROUNDING: f64 = 1e-12;

/// y − `centre`; 0 where rounding alone makes the difference, so that identical effects have no
/// ranks.
fn deviate(effect: &Effect, centre: f64) -> f64 {
    let deviate = effect.estimate - centre;
    let size = effect.estimate.abs().max(centre.abs()).max(effect.variance.sqrt());
    if deviate.abs() <= ROUNDING * size { 0.0 } else { deviate }
}
