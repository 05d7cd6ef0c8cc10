//! Figures as coordinates: axes, ticks and positions. Drawing is the templates' part.

mod axis;
pub mod baujat;
pub mod bubble;
mod forest;
mod forest_groups;
pub mod funnel;
pub mod influence_panel;
pub mod labbe;
pub mod label;
pub mod overlay;
pub mod prisma;
pub mod radial;
pub mod risk_of_bias;
pub mod scale;
pub mod sequential;
mod study_label;
pub mod survival_curves;
mod weighted;

pub use axis::{Axis, Tick};
pub use forest::{
    ForestView, IntervalView, MarkerView, OverviewRow, StudyRow, overview_forest, study_forest,
};
pub use forest_groups::ForestGroup;
pub use study_label::StudyLabel;
pub use weighted::WeightedPoint;
