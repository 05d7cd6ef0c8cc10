//! The outcome columns of a table, read row by row.

use super::outcome::{Estimate, Means, Precision, StudyData};
use super::rows::Rows;
use crate::diagnostic::{Code, Diagnostic};
use crate::spec::{Columns, EstimateColumns, MeanColumns, OutcomeColumns};
use crate::stats::Effect;
use crate::stats::binary::TwoByTwo;
use crate::stats::continuous::MeansAndDeviations;
use crate::stats::correlation::Correlation;
use crate::stats::quantile_summary::{MeanMethod, QuantileSummary, estimated_moments};
use crate::stats::rate::TwoRates;
use crate::stats::reported::{
    from_interval, from_ratio_interval, from_standard_error, from_variance,
};
use crate::stats::single_group::{Proportion, Rate};
use libm::log;

/// The outcome columns of an analysis, by their index.
pub(super) struct Reader {
    outcome: Outcome,
    estimates: Option<EstimateIndices>,
    from_quantiles: MeanMethod,
}

enum Outcome {
    Counts([usize; 4]),
    Means(Box<[MeanIndices; 2]>),
    Proportion([usize; 2]),
    Rates([usize; 4]),
    Rate([usize; 2]),
    Correlation([usize; 2]),
    None,
}

struct MeanIndices {
    n: usize,
    mean: Option<usize>,
    sd: Option<usize>,
    se: Option<usize>,
    median: Option<usize>,
    quartiles: Option<(usize, usize)>,
    extremes: Option<(usize, usize)>,
}

struct EstimateIndices {
    yi: usize,
    vi: Option<usize>,
    sei: Option<usize>,
    interval: Option<(usize, usize)>,
    n: Option<usize>,
    are_ratios: bool,
    level: f64,
}

impl Reader {
    /// The columns' indices; `None` with messages where the table lacks one.
    pub(super) fn new(
        columns: &Columns,
        from_quantiles: MeanMethod,
        rows: &Rows<'_>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let mut index = |name| rows.column(name, diagnostics);
        let outcome = match &columns.outcome {
            OutcomeColumns::Counts { events1, total1, events2, total2 } => {
                all([events1, total1, events2, total2].map(&mut index)).map(Outcome::Counts)
            }
            OutcomeColumns::Rates { events1, time1, events2, time2 } => {
                all([events1, time1, events2, time2].map(&mut index)).map(Outcome::Rates)
            }
            OutcomeColumns::Proportion { events, total } => {
                all([events, total].map(&mut index)).map(Outcome::Proportion)
            }
            OutcomeColumns::Rate { events, time } => {
                all([events, time].map(&mut index)).map(Outcome::Rate)
            }
            OutcomeColumns::Correlation { r, n } => {
                all([r, n].map(&mut index)).map(Outcome::Correlation)
            }
            OutcomeColumns::Means { group1, group2 } => {
                let [group1, group2] =
                    [group1, group2].map(|group| MeanIndices::new(group, rows, diagnostics));
                group1
                    .zip(group2)
                    .map(|(group1, group2)| Outcome::Means(Box::new([group1, group2])))
            }
            OutcomeColumns::None => Some(Outcome::None),
        };
        let estimates = columns
            .estimates
            .as_ref()
            .map(|estimates| EstimateIndices::new(estimates, rows, diagnostics));
        Some(Self {
            outcome: outcome?,
            estimates: match estimates {
                Some(estimates) => Some(estimates?),
                None => None,
            },
            from_quantiles,
        })
    }

    /// The cells that the spread of each group was read from; none of what was estimated from
    /// quantiles.
    pub(super) fn spread_columns(&self, rows: &Rows<'_>, row: usize) -> [Option<usize>; 2] {
        let written = |column: &Option<usize>| rows.text(row, *column).is_some();
        let Outcome::Means(groups) = &self.outcome else { return [None; 2] };
        [&groups[0], &groups[1]].map(|group| {
            let is_by_quantiles = !written(&group.mean) && written(&group.median);
            [group.sd, group.se].into_iter().find(|column| !is_by_quantiles && written(column))?
        })
    }

    /// What a row gives; `None` with messages where it is not sound.
    pub(super) fn read(
        &self,
        rows: &Rows<'_>,
        row: usize,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<StudyData> {
        if let Some(estimates) = &self.estimates {
            let is_estimate = match &self.outcome {
                Outcome::None => true,
                outcome => {
                    outcome.is_empty(rows, row) && rows.text(row, Some(estimates.yi)).is_some()
                }
            };
            if is_estimate {
                return estimates.read(rows, row, diagnostics).map(StudyData::Estimate);
            }
        }
        match &self.outcome {
            Outcome::Counts([events1, total1, events2, total2]) => {
                let group1 = share(rows, row, (*events1, *total1), diagnostics);
                let group2 = share(rows, row, (*events2, *total2), diagnostics);
                let ((events1, total1), (events2, total2)) = (group1?, group2?);
                Some(StudyData::Counts(TwoByTwo { events1, total1, events2, total2 }))
            }
            Outcome::Proportion([events, total]) => {
                let (events, total) = share(rows, row, (*events, *total), diagnostics)?;
                Some(StudyData::Proportion(Proportion { events, total }))
            }
            Outcome::Rates([events1, time1, events2, time2]) => {
                let group1 = rate(rows, row, (*events1, *time1), diagnostics);
                let group2 = rate(rows, row, (*events2, *time2), diagnostics);
                let ((events1, time1), (events2, time2)) = (group1?, group2?);
                Some(StudyData::Rates(TwoRates { events1, time1, events2, time2 }))
            }
            Outcome::Rate([events, time]) => {
                let (events, time) = rate(rows, row, (*events, *time), diagnostics)?;
                Some(StudyData::Rate(Rate { events, time }))
            }
            Outcome::Correlation([r, n]) => {
                let coefficient = rows.number(row, *r, diagnostics);
                let n = rows.participants(row, *n, diagnostics);
                let (coefficient, n) = (coefficient?, n?);
                if coefficient.abs() > 1.0 {
                    let message = format!("a correlation of {coefficient} is beyond 1");
                    diagnostics.push(rows.cell_error(Code::NotANumber, row, *r, message));
                    return None;
                }
                Some(StudyData::Correlation(Correlation { coefficient, n }))
            }
            Outcome::Means(groups) => {
                let [group1, group2] = [&groups[0], &groups[1]]
                    .map(|g| g.read(rows, row, self.from_quantiles, diagnostics));
                let (group1, group2) = (group1?, group2?);
                Some(StudyData::Means(Means {
                    moments: MeansAndDeviations {
                        mean1: group1.mean,
                        sd1: group1.sd,
                        n1: group1.n,
                        mean2: group2.mean,
                        sd2: group2.sd,
                        n2: group2.n,
                    },
                    quantiles1: group1.quantiles,
                    quantiles2: group2.quantiles,
                }))
            }
            // a generic analysis always has estimates
            Outcome::None => None,
        }
    }
}

fn all<const N: usize>(indices: [Option<usize>; N]) -> Option<[usize; N]> {
    let mut found = [0; N];
    for (found, index) in found.iter_mut().zip(indices) {
        *found = index?;
    }
    Some(found)
}

impl Outcome {
    /// Whether the row has nothing in these columns.
    fn is_empty(&self, rows: &Rows<'_>, row: usize) -> bool {
        let empty = |columns: &[usize]| columns.iter().all(|c| rows.cell(row, *c).is_empty());
        match self {
            Self::Counts(columns) | Self::Rates(columns) => empty(columns),
            Self::Proportion(columns) | Self::Rate(columns) => empty(columns),
            Self::Correlation([r, _]) => empty(&[*r]),
            Self::Means(groups) => groups.iter().all(|group| {
                [group.mean, group.median].iter().all(|column| rows.text(row, *column).is_none())
            }),
            Self::None => true,
        }
    }
}

/// Events among participants.
fn share(
    rows: &Rows<'_>,
    row: usize,
    (events_column, total_column): (usize, usize),
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<(f64, f64)> {
    let events = rows.count(row, events_column, diagnostics);
    let total = rows.participants(row, total_column, diagnostics);
    let (events, total) = (events?, total?);
    if events > total {
        diagnostics.push(
            rows.cell_error(
                Code::EventsAboveTotal,
                row,
                events_column,
                format!(
                    "{events} participants with an event are more than the {total} in the group"
                ),
            )
            .related(rows.place(row, total_column), "the group's total")
            .help("count participants with at least one event, not events"),
        );
        return None;
    }
    Some((events, total))
}

/// Events in person-time.
fn rate(
    rows: &Rows<'_>,
    row: usize,
    (events, time): (usize, usize),
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<(f64, f64)> {
    let events = rows.count(row, events, diagnostics);
    let time = rows.positive(row, time, false, diagnostics);
    Some((events?, time?))
}

/// The mean of one group.
struct GroupMean {
    n: f64,
    mean: f64,
    sd: f64,
    quantiles: Option<QuantileSummary>,
}

impl MeanIndices {
    fn new(
        columns: &MeanColumns,
        rows: &Rows<'_>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let before = diagnostics.len();
        let n = rows.column(&columns.n, diagnostics);
        let mut optional = |name: &Option<_>| rows.optional(name.as_ref(), diagnostics);
        let mean = optional(&columns.mean);
        let sd = optional(&columns.sd);
        let se = optional(&columns.se);
        let median = optional(&columns.median);
        let quartiles = optional(&columns.lower_quartile).zip(optional(&columns.upper_quartile));
        let extremes = optional(&columns.min).zip(optional(&columns.max));
        let indices = Self { n: n?, mean, sd, se, median, quartiles, extremes };
        (diagnostics.len() == before).then_some(indices)
    }

    /// Mean and standard deviation where the row has them, or a standard error; else estimates from
    /// its quantiles.
    fn read(
        &self,
        rows: &Rows<'_>,
        row: usize,
        method: MeanMethod,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<GroupMean> {
        let has = |column: Option<usize>| rows.text(row, column).is_some();
        let n = rows.participants(row, self.n, diagnostics);
        let is_by_quantiles = !has(self.mean) && has(self.median);
        if is_by_quantiles {
            let summary = self.quantiles(rows, row, diagnostics);
            let (n, summary) = (n?, summary?);
            let Some(moments) = estimated_moments(summary, n, method) else {
                let column = self.median.unwrap_or(self.n);
                diagnostics.push(
                    rows.cell_error(
                        Code::NotANumber,
                        row,
                        column,
                        "no mean can be estimated from these quantiles".to_owned(),
                    )
                    .help("quantiles stand in rising order, and a group has at least two participants"),
                );
                return None;
            };
            return Some(GroupMean {
                n,
                mean: moments.mean,
                sd: moments.sd,
                quantiles: Some(summary),
            });
        }
        let mean_column = self.mean.or(self.median)?;
        let mean = rows.number(row, mean_column, diagnostics);
        let sd = match (self.sd.filter(|_| has(self.sd) || !has(self.se)), self.se) {
            (Some(sd), _) => rows.positive(row, sd, true, diagnostics),
            (None, Some(se)) => {
                rows.positive(row, se, true, diagnostics).and_then(|se| Some(se * n?.sqrt()))
            }
            (None, None) => {
                let message = "the mean has no standard deviation".to_owned();
                diagnostics.push(rows.cell_error(Code::NotANumber, row, mean_column, message));
                None
            }
        };
        Some(GroupMean { n: n?, mean: mean?, sd: sd?, quantiles: None })
    }

    fn quantiles(
        &self,
        rows: &Rows<'_>,
        row: usize,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<QuantileSummary> {
        let both = |pair: Option<(usize, usize)>| {
            pair.filter(|(low, high)| {
                rows.text(row, Some(*low)).is_some() || rows.text(row, Some(*high)).is_some()
            })
        };
        let mut pair_of = |pair: Option<(usize, usize)>| {
            pair.map(|(low, high)| {
                let low = rows.number(row, low, diagnostics);
                let high = rows.number(row, high, diagnostics);
                low.zip(high)
            })
        };
        let quartiles = pair_of(both(self.quartiles));
        let extremes = pair_of(both(self.extremes));
        let median_column = self.median?;
        let median = rows.number(row, median_column, diagnostics)?;
        match (quartiles, extremes) {
            (None, None) => {
                let message = "the median has neither quartiles nor extremes".to_owned();
                diagnostics.push(rows.cell_error(Code::NotANumber, row, median_column, message));
                None
            }
            (Some(quartiles), None) => {
                let (first_quartile, third_quartile) = quartiles?;
                Some(QuantileSummary::Quartiles { first_quartile, median, third_quartile })
            }
            (None, Some(extremes)) => {
                let (minimum, maximum) = extremes?;
                Some(QuantileSummary::Range { minimum, median, maximum })
            }
            (Some(quartiles), Some(extremes)) => {
                let (first_quartile, third_quartile) = quartiles?;
                let (minimum, maximum) = extremes?;
                Some(QuantileSummary::FiveNumbers {
                    minimum,
                    first_quartile,
                    median,
                    third_quartile,
                    maximum,
                })
            }
        }
    }
}

/// Beyond this an interval is too lopsided about its estimate for rounding to explain.
const LOPSIDED: f64 = 0.2;
/// Within this it is symmetric.
const SYMMETRIC: f64 = 0.05;

impl EstimateIndices {
    fn new(
        columns: &EstimateColumns,
        rows: &Rows<'_>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let before = diagnostics.len();
        let yi = rows.column(&columns.yi, diagnostics);
        let vi = rows.optional(columns.vi.as_ref(), diagnostics);
        let sei = rows.optional(columns.sei.as_ref(), diagnostics);
        let interval = columns.interval.as_ref().and_then(|(low, high)| {
            let low = rows.column(low, diagnostics);
            let high = rows.column(high, diagnostics);
            low.zip(high)
        });
        let n = rows.optional(columns.n.as_ref(), diagnostics);
        let (are_ratios, level) = (columns.are_ratios, columns.level);
        let indices = Self { yi: yi?, vi, sei, interval, n, are_ratios, level };
        (diagnostics.len() == before).then_some(indices)
    }

    /// The estimate with the first of variance, standard error and interval that the row has.
    fn read(
        &self,
        rows: &Rows<'_>,
        row: usize,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Estimate> {
        let written = if self.are_ratios {
            rows.positive(row, self.yi, false, diagnostics)
        } else {
            rows.number(row, self.yi, diagnostics)
        };
        let has = |column: Option<usize>| rows.text(row, column).is_some();
        let n = match self.n.filter(|_| has(self.n)) {
            Some(n) => Some(rows.participants(row, n, diagnostics)?),
            None => None,
        };
        let on_scale = |value: f64| if self.are_ratios { log(value) } else { value };
        if let Some(vi) = self.vi.filter(|_| has(self.vi)) {
            let variance = rows.positive(row, vi, true, diagnostics);
            let effect = from_variance(on_scale(written?), variance?)?;
            return Some(Estimate { effect, precision: Precision::Variance, n });
        }
        if let Some(sei) = self.sei.filter(|_| has(self.sei)) {
            let error = rows.positive(row, sei, true, diagnostics);
            let Some(effect) = from_standard_error(on_scale(written?), error?) else {
                let message = "the standard error is too large to be squared".to_owned();
                diagnostics.push(rows.cell_error(Code::NotANumber, row, sei, message));
                return None;
            };
            return Some(Estimate { effect, precision: Precision::StandardError, n });
        }
        if let Some((low, high)) = self.interval.filter(|(low, _)| has(Some(*low))) {
            let limits = if self.are_ratios {
                (
                    rows.positive(row, low, false, diagnostics),
                    rows.positive(row, high, false, diagnostics),
                )
            } else {
                (rows.number(row, low, diagnostics), rows.number(row, high, diagnostics))
            };
            let limits = (limits.0?, limits.1?);
            let effect = self.effect_of_limits(rows, row, written?, limits, diagnostics)?;
            return Some(Estimate { effect, precision: Precision::Interval, n });
        }
        let column = self.sei.or(self.vi).or(self.interval.map(|(low, _)| low)).unwrap_or(self.yi);
        let message = "nothing says how precise the estimate is".to_owned();
        diagnostics.push(rows.cell_error(Code::NotANumber, row, column, message).help(
            "give its variance, standard error or confidence interval, or filter the row out",
        ));
        None
    }

    /// The effect of an interval, which must hold its estimate, and lie about it on the scale that
    /// the spec names rather than on the other.
    fn effect_of_limits(
        &self,
        rows: &Rows<'_>,
        row: usize,
        estimate: f64,
        (lower, upper): (f64, f64),
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Effect> {
        let column = self.interval.map_or(self.yi, |(low, _)| low);
        let wrong = |message: String| {
            rows.cell_error(Code::WrongInterval, row, column, message)
                .related(rows.place(row, self.yi), "the estimate")
        };
        if !(lower < upper && lower <= estimate && estimate <= upper) {
            diagnostics.push(wrong(format!(
                "the interval from {lower} to {upper} does not hold the estimate {estimate}"
            )));
            return None;
        }
        let as_ratio = from_ratio_interval(estimate, lower, upper, self.level);
        let as_difference = from_interval(estimate, lower, upper, self.level);
        let (found, other) =
            if self.are_ratios { (as_ratio, as_difference) } else { (as_difference, as_ratio) };
        let found = found?;
        let fits_other = other.is_some_and(|other| other.asymmetry.abs() < SYMMETRIC);
        if found.asymmetry.abs() > LOPSIDED && fits_other {
            let (scale, other) = if self.are_ratios {
                ("of ratios", "as logarithms or differences")
            } else {
                ("on the analysis scale", "as ratios")
            };
            diagnostics.push(
                wrong(format!("the interval is not one {scale}: its limits lie evenly {other}"))
                    .help("check `estimates: {scale: ...}`"),
            );
            return None;
        }
        Some(found.effect)
    }
}
