//! Two-group means: mean differences, standardised mean differences, ratios of means.
