//! Two-group rates: events over person-time.
