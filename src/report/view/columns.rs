//! The columns of the studies' data, by kind of analysis and house style.

use crate::analysis::{GroupTotal, Totals};
use crate::data::{Means, StudyData};
use crate::report::number::{self, Numbers};
use crate::report::style::{DataColumn, DataLayout};
use crate::spec::{Analysis, Kind, OutcomeColumns};
use serde::Serialize;

/// Columns under one heading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ColumnGroup {
    /// The name of the group, where there are two.
    pub title: Option<String>,
    /// Codes of the columns' labels.
    pub columns: Vec<DataColumn>,
}

/// The data of studies as cells: headings, and what stands below them.
#[derive(Debug, Clone, Copy)]
pub struct DataColumns<'a> {
    spec: &'a Analysis,
    /// The columns of each group.
    columns: &'a [DataColumn],
    numbers: Numbers<'a>,
    /// Decimals of means and standard deviations.
    decimals: usize,
    /// Decimals of person-time.
    time_decimals: usize,
}

/// What is known of one group.
#[derive(Debug, Clone, Copy, Default)]
struct GroupData {
    events: Option<f64>,
    participants: Option<f64>,
    time: Option<f64>,
    /// Mean and standard deviation.
    moments: Option<(f64, f64)>,
}

/// Which sums a row holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sums {
    /// All.
    All,
    /// Participants, where events have a column of their own.
    Participants,
    /// Events.
    Events,
}

/// What stands where a study does not give the data.
const ABSENT: &str = "\u{2013}";

impl<'a> DataColumns<'a> {
    /// The columns of an analysis in a layout.
    pub fn new(
        spec: &'a Analysis,
        data: &[StudyData],
        layout: &'a DataLayout,
        numbers: Numbers<'a>,
    ) -> Self {
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
        let columns: &[DataColumn] = match spec.columns.outcome {
            OutcomeColumns::Counts { .. } => &layout.counts,
            OutcomeColumns::Means { .. } => &layout.means,
            OutcomeColumns::Proportion { .. } => &layout.proportion,
            OutcomeColumns::Rates { .. } | OutcomeColumns::Rate { .. } => &layout.rates,
            OutcomeColumns::Correlation { .. } => &layout.correlation,
            OutcomeColumns::None => &[],
        };
        let decimals = number::decimals_needed(means, 2);
        let time_decimals = number::decimals_needed(times, 1);
        Self { spec, columns, numbers, decimals, time_decimals }
    }

    /// The headings.
    pub fn groups(&self) -> Vec<ColumnGroup> {
        let arms = &self.spec.arms;
        let group = |title: Option<&String>| ColumnGroup {
            title: title.cloned(),
            columns: self.columns.to_vec(),
        };
        if self.columns.is_empty() {
            Vec::new()
        } else if self.has_two_groups() {
            vec![group(Some(&arms.experimental)), group(Some(&arms.control))]
        } else {
            vec![group(None)]
        }
    }

    fn has_two_groups(&self) -> bool {
        matches!(
            self.spec.columns.outcome,
            OutcomeColumns::Counts { .. }
                | OutcomeColumns::Means { .. }
                | OutcomeColumns::Rates { .. }
        )
    }

    /// The cells of a study.
    pub fn cells(&self, data: &StudyData) -> Vec<String> {
        let counted = |events: f64, total: f64| GroupData {
            events: Some(events),
            participants: Some(total),
            ..GroupData::default()
        };
        let timed = |events: f64, time: f64| GroupData {
            events: Some(events),
            time: Some(time),
            ..GroupData::default()
        };
        let groups = match data {
            StudyData::Counts(counts) => {
                [counted(counts.events1, counts.total1), counted(counts.events2, counts.total2)]
            }
            StudyData::Means(means) => moments(means),
            StudyData::Proportion(group) => {
                [counted(group.events, group.total), GroupData::default()]
            }
            StudyData::Rates(rates) => {
                [timed(rates.events1, rates.time1), timed(rates.events2, rates.time2)]
            }
            StudyData::Rate(rate) => [timed(rate.events, rate.time), GroupData::default()],
            StudyData::Correlation(correlation) => {
                let participants = Some(correlation.n);
                [GroupData { participants, ..GroupData::default() }, GroupData::default()]
            }
            StudyData::Estimate(_) => [GroupData::default(); 2],
        };
        self.row(&groups, |column, group| {
            self.cell(column, group).unwrap_or_else(|| ABSENT.to_owned())
        })
    }

    /// The cells of sums over studies; empty where a column has no sum, or the row does not hold it.
    pub fn totals(&self, totals: &Totals, sums: Sums) -> Vec<String> {
        let group = |total: GroupTotal| GroupData {
            events: total.events,
            participants: total.participants,
            time: total.time,
            moments: None,
        };
        self.row(&[group(totals.group1), group(totals.group2)], |column, group| {
            let is_of_row = match sums {
                Sums::All => true,
                Sums::Events => column == DataColumn::Events,
                Sums::Participants => column != DataColumn::Events,
            };
            let is_sum = is_of_row
                && !matches!(
                    column,
                    DataColumn::Mean
                        | DataColumn::Sd
                        | DataColumn::MeanSd
                        | DataColumn::MeanPmSd
                        | DataColumn::MeanSdOfTotal
                );
            if is_sum {
                self.cell(column, group).unwrap_or_else(|| ABSENT.to_owned())
            } else {
                String::new()
            }
        })
    }

    /// The cells of sums in a forest plot, and those of a row of its own for events, where the
    /// style has one.
    pub fn forest_totals(&self, totals: &Totals) -> (Vec<String>, Option<Vec<String>>) {
        let has_row_of_events = self.numbers.style().forest.has_total_events
            && self.columns.contains(&DataColumn::Events);
        if has_row_of_events {
            (self.totals(totals, Sums::Participants), Some(self.totals(totals, Sums::Events)))
        } else {
            (self.totals(totals, Sums::All), None)
        }
    }

    fn row(
        &self,
        groups: &[GroupData; 2],
        cell: impl Fn(DataColumn, &GroupData) -> String,
    ) -> Vec<String> {
        let shown = if self.has_two_groups() { &groups[..] } else { &groups[..1] };
        shown
            .iter()
            .flat_map(|group| self.columns.iter().map(|column| cell(*column, group)))
            .collect()
    }

    fn cell(&self, column: DataColumn, group: &GroupData) -> Option<String> {
        let numbers = self.numbers;
        let fixed = |value| numbers.fixed(value, self.decimals);
        let counted = || group.events.zip(group.participants);
        Some(match column {
            DataColumn::Events => numbers.count(group.events?),
            DataColumn::Total | DataColumn::N => numbers.count(group.participants?),
            DataColumn::EventsPerTotal => fraction(numbers, counted()?),
            DataColumn::EventsOfTotal => {
                let (events, total) = counted()?;
                format!("{} / {}", numbers.count(events), numbers.count(total))
            }
            DataColumn::Percent => {
                let (events, total) = counted()?;
                numbers.percent(events, total)
            }
            DataColumn::Mean => fixed(group.moments?.0),
            DataColumn::Sd => fixed(group.moments?.1),
            DataColumn::MeanSd => {
                let (mean, sd) = group.moments?;
                format!("{} ({})", fixed(mean), fixed(sd))
            }
            DataColumn::MeanPmSd => {
                let (mean, sd) = group.moments?;
                format!("{}±{}", fixed(mean), fixed(sd))
            }
            DataColumn::MeanSdOfTotal => {
                let (mean, sd) = group.moments?;
                let total = numbers.count(group.participants?);
                format!("{} ({}) / {total}", fixed(mean), fixed(sd))
            }
            DataColumn::EventsPerTime => {
                let (events, time) = group.events.zip(group.time)?;
                format!("{}/{}", numbers.count(events), numbers.fixed(time, self.time_decimals))
            }
        })
    }
}

fn moments(means: &Means) -> [GroupData; 2] {
    let m = means.moments;
    [(m.mean1, m.sd1, m.n1), (m.mean2, m.sd2, m.n2)].map(|(mean, sd, n)| GroupData {
        participants: Some(n),
        moments: Some((mean, sd)),
        ..GroupData::default()
    })
}

/// `events/participants`.
fn fraction(numbers: Numbers<'_>, (events, total): (f64, f64)) -> String {
    format!("{}/{}", numbers.count(events), numbers.count(total))
}

/// The size of each group in the table of all analyses: events among participants, events in
/// person-time, or participants; none where the analysis has no such group.
pub(super) fn group_sizes(
    spec: &Analysis,
    totals: &Totals,
    numbers: Numbers<'_>,
) -> [Option<String>; 2] {
    [totals.group1, totals.group2].map(|group| {
        let GroupTotal { events, participants, time } = group;
        match spec.kind {
            Kind::Binary | Kind::Proportion => {
                events.zip(participants).map(|counts| fraction(numbers, counts))
            }
            Kind::Rate => events.zip(time).map(|(events, time)| {
                format!("{}/{}", numbers.count(events), numbers.fixed(time, 0))
            }),
            Kind::Continuous | Kind::Correlation => participants.map(|n| numbers.count(n)),
            Kind::Generic => None,
        }
    })
}
