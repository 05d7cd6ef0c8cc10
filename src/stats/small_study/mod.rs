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
