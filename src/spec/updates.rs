//! How a change of an analysis from one version to the next is judged.

/// What `diff` holds a change of one analysis against.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct UpdateSpec {
    /// Minimal important differences, on the scale of print: ratios as ratios.
    pub important: Vec<f64>,
    /// How many standard errors of the old estimate it may move without being told as moved.
    pub standard_errors: Option<f64>,
    /// How far it may move on the analysis scale.
    pub absolute: Option<f64>,
    /// How far it may move, as a part of the old estimate.
    pub relative: Option<f64>,
}
