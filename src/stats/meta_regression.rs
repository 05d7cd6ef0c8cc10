//! Meta-regression: omnibus tests, R², permutation test; subgroups.
