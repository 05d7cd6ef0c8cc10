//! The columns of the studies' data, by kind of analysis.

use crate::analysis::{GroupTotal, Totals};
use crate::data::{Means, StudyData};
use crate::report::number;
use crate::report::plots::fraction;
use crate::spec::{Analysis, Kind, OutcomeColumns};
use serde::Serialize;

/// Columns under one heading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ColumnGroup {
    /// The name of the group, where there are two.
    pub title: Option<String>,
    /// Codes of the columns' labels.
    pub columns: Vec<&'static str>,
}

/// The data of studies as cells: headings, and what stands below them.
#[derive(Debug, Clone, Copy)]
pub struct DataColumns<'a> {
    spec: &'a Analysis,
    /// Whether every part has a column of its own, or two share one where room is short.
    is_wide: bool,
    /// Decimals of means and standard deviations.
    decimals: usize,
    /// Decimals of person-time.
    time_decimals: usize,
}

/// What stands where a study does not give the data.
const ABSENT: &str = "\u{2013}";

impl<'a> DataColumns<'a> {
    /// The columns of an analysis: of its table, or of its forest plot where room is short.
    pub fn new(spec: &'a Analysis, data: &[StudyData], is_wide: bool) -> Self {
        let means = data.iter().flat_map(|data| match data {
            StudyData::Means(means) => {
                let m = means.moments;
                vec![m.mean1, m.sd1, m.mean2, m.sd2]
            }
            _ => Vec::new(),
        });
        let times = data.iter().flat_map(|data| match data {
            StudyData::Rates(rates) => vec![rates.time1, rates.time2],
            StudyData::Rate(rate) => vec![rate.time],
            _ => Vec::new(),
        });
        let decimals = number::decimals_needed(means, 2);
        Self { spec, is_wide, decimals, time_decimals: number::decimals_needed(times, 1) }
    }

    /// The headings.
    pub fn groups(&self) -> Vec<ColumnGroup> {
        let arms = &self.spec.arms;
        let both = |columns: &[&'static str]| {
            [&arms.experimental, &arms.control]
                .map(|title| ColumnGroup { title: Some(title.clone()), columns: columns.to_vec() })
                .to_vec()
        };
        let one =
            |columns: &[&'static str]| vec![ColumnGroup { title: None, columns: columns.to_vec() }];
        match (&self.spec.columns.outcome, self.is_wide) {
            (OutcomeColumns::Counts { .. }, true) => both(&["events_per_total", "percent"]),
            (OutcomeColumns::Counts { .. }, false) => both(&["events_per_total"]),
            (OutcomeColumns::Means { .. }, true) => both(&["mean", "sd", "n"]),
            (OutcomeColumns::Means { .. }, false) => both(&["mean_sd", "n"]),
            (OutcomeColumns::Proportion { .. }, _) => one(&["events_per_total"]),
            (OutcomeColumns::Rates { .. }, _) => both(&["events_per_time"]),
            (OutcomeColumns::Rate { .. }, _) => one(&["events_per_time"]),
            (OutcomeColumns::Correlation { .. }, _) => one(&["n"]),
            (OutcomeColumns::None, _) => Vec::new(),
        }
    }

    /// The cells of a study.
    pub fn cells(&self, data: &StudyData) -> Vec<String> {
        match data {
            StudyData::Counts(counts) => [
                self.counted(counts.events1, counts.total1),
                self.counted(counts.events2, counts.total2),
            ]
            .concat(),
            StudyData::Means(means) => self.means(means),
            StudyData::Proportion(group) => vec![fraction(group.events, group.total)],
            StudyData::Rates(rates) => {
                vec![self.rate(rates.events1, rates.time1), self.rate(rates.events2, rates.time2)]
            }
            StudyData::Rate(rate) => vec![self.rate(rate.events, rate.time)],
            StudyData::Correlation(correlation) => vec![number::count(correlation.n)],
            StudyData::Estimate(_) => {
                vec![ABSENT.to_owned(); self.groups().iter().map(|group| group.columns.len()).sum()]
            }
        }
    }

    /// The cells of sums over studies; empty where a column has no sum.
    pub fn totals(&self, totals: &Totals) -> Vec<String> {
        let GroupTotal { events, participants, time } = totals.group1;
        let second = totals.group2;
        let counted = |group: GroupTotal| match (group.events, group.participants) {
            (Some(events), Some(total)) => self.counted(events, total),
            _ => vec![ABSENT.to_owned(); if self.is_wide { 2 } else { 1 }],
        };
        let size = |n: Option<f64>| n.map_or_else(|| ABSENT.to_owned(), number::count);
        let rate = |events: Option<f64>, time: Option<f64>| match events.zip(time) {
            Some((events, time)) => self.rate(events, time),
            None => ABSENT.to_owned(),
        };
        match &self.spec.columns.outcome {
            OutcomeColumns::Counts { .. } => [counted(totals.group1), counted(second)].concat(),
            OutcomeColumns::Means { .. } => {
                let empty = vec![String::new(); if self.is_wide { 2 } else { 1 }];
                [empty.clone(), vec![size(participants)], empty, vec![size(second.participants)]]
                    .concat()
            }
            OutcomeColumns::Proportion { .. } => {
                vec![match events.zip(participants) {
                    Some((events, total)) => fraction(events, total),
                    None => ABSENT.to_owned(),
                }]
            }
            OutcomeColumns::Rates { .. } => {
                vec![rate(events, time), rate(second.events, second.time)]
            }
            OutcomeColumns::Rate { .. } => vec![rate(events, time)],
            OutcomeColumns::Correlation { .. } => vec![size(participants)],
            OutcomeColumns::None => Vec::new(),
        }
    }

    fn counted(&self, events: f64, total: f64) -> Vec<String> {
        if self.is_wide {
            vec![fraction(events, total), percent(events, total)]
        } else {
            vec![fraction(events, total)]
        }
    }

    fn means(&self, means: &Means) -> Vec<String> {
        let m = means.moments;
        let fixed = |value| number::fixed(value, self.decimals);
        [(m.mean1, m.sd1, m.n1), (m.mean2, m.sd2, m.n2)]
            .into_iter()
            .flat_map(|(mean, sd, n)| {
                if self.is_wide {
                    vec![fixed(mean), fixed(sd), number::count(n)]
                } else {
                    vec![format!("{} ({})", fixed(mean), fixed(sd)), number::count(n)]
                }
            })
            .collect()
    }

    fn rate(&self, events: f64, time: f64) -> String {
        format!("{}/{}", number::count(events), number::fixed(time, self.time_decimals))
    }
}

/// Events in percent of the participants.
pub(super) fn percent(events: f64, total: f64) -> String {
    number::fixed(if total > 0.0 { 100.0 * events / total } else { 0.0 }, 1)
}

/// The size of each group in the table of all analyses: events among participants, events in
/// person-time, or participants; none where the analysis has no such group.
pub(super) fn group_sizes(spec: &Analysis, totals: &Totals) -> [Option<String>; 2] {
    [totals.group1, totals.group2].map(|group| {
        let GroupTotal { events, participants, time } = group;
        match spec.kind {
            Kind::Binary | Kind::Proportion => {
                events.zip(participants).map(|(events, total)| fraction(events, total))
            }
            Kind::Rate => events.zip(time).map(|(events, time)| {
                format!("{}/{}", number::count(events), number::fixed(time, 0))
            }),
            Kind::Continuous | Kind::Correlation => participants.map(number::count),
            Kind::Generic => None,
        }
    })
}
