//! Three-level models and cluster-robust inference.
