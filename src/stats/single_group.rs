//! One group: proportions and incidence rates, their transformations and back.
