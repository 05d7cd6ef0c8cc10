//! Figures as coordinates: axes, ticks and positions. Drawing is the templates' part.

mod axis;
mod forest;
pub mod funnel;
pub mod label;
pub mod scale;

pub use axis::{Axis, Tick};
pub(super) use forest::fraction;
pub use forest::{
    ForestView, IntervalView, MarkerView, OverviewRow, StudyRow, overview_forest, study_forest,
};
