//! Meta-regression, multilevel and mixed models, survival, against R's metafor.
