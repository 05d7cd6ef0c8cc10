//! Correlation coefficients, raw and z-transformed.
