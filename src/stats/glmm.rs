//! Generalised linear mixed models for rare events.
