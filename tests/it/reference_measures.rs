//! Measures other than those of two-group counts, and the models of their data sets, against R's metafor.
