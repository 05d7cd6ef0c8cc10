//! Effects from what a publication reports: an estimate with its interval, standard error or variance.
