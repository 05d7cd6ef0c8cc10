//! Small-study effects and publication bias.
