//! Fits of subsets: leave-one-out and cumulative.
