//! Diagnostics and small-study effects, against R's metafor.
