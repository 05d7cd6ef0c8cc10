//! Means and standard deviations from medians, quartiles and ranges.
