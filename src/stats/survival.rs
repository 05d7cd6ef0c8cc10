//! Survival curves of one or more groups: Kaplan-Meier and log-rank.
