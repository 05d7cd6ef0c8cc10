//! Sums over the studies of an analysis.

use crate::data::StudyData;

/// Sums over studies, by group; what no study gives is none.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Totals {
    /// The experimental group, or the one group.
    pub group1: GroupTotal,
    /// The control group.
    pub group2: GroupTotal,
}

/// Sums over the studies of one group.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct GroupTotal {
    /// Participants with an event, or events.
    pub events: Option<f64>,
    /// Participants.
    pub participants: Option<f64>,
    /// Person-time.
    pub time: Option<f64>,
}

impl Totals {
    /// The sums over studies; those that report an estimate only add participants alone.
    #[must_use]
    pub fn of(data: &[StudyData]) -> Self {
        let mut totals = Self::default();
        for data in data {
            totals.add(data);
        }
        totals
    }

    fn add(&mut self, data: &StudyData) {
        let plus = |sum: &mut Option<f64>, value: f64| *sum = Some(sum.unwrap_or(0.0) + value);
        let Self { group1, group2 } = self;
        match data {
            StudyData::Counts(counts) => {
                plus(&mut group1.events, counts.events1);
                plus(&mut group1.participants, counts.total1);
                plus(&mut group2.events, counts.events2);
                plus(&mut group2.participants, counts.total2);
            }
            StudyData::Means(means) => {
                plus(&mut group1.participants, means.moments.n1);
                plus(&mut group2.participants, means.moments.n2);
            }
            StudyData::Proportion(group) => {
                plus(&mut group1.events, group.events);
                plus(&mut group1.participants, group.total);
            }
            StudyData::Rates(rates) => {
                plus(&mut group1.events, rates.events1);
                plus(&mut group1.time, rates.time1);
                plus(&mut group2.events, rates.events2);
                plus(&mut group2.time, rates.time2);
            }
            StudyData::Rate(rate) => {
                plus(&mut group1.events, rate.events);
                plus(&mut group1.time, rate.time);
            }
            StudyData::Correlation(correlation) => {
                plus(&mut group1.participants, correlation.n);
            }
            StudyData::Estimate(_) => {}
        }
    }
}
