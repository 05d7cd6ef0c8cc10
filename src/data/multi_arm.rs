//! Arms of one trial that share a control group.

use super::outcome::{Means, StudyData};
use super::rows::Rows;
use super::studies::{SharedControl, Study};
use crate::diagnostic::{Code, Diagnostic};
use crate::spec::MultiArm;
use crate::stats::binary::TwoByTwo;
use crate::stats::continuous::MeansAndDeviations;
use crate::stats::rate::TwoRates;
use std::collections::BTreeMap;

/// A study with its row, while the rows of a table become studies.
pub(super) struct Arm {
    pub(super) row: usize,
    pub(super) trial: String,
    pub(super) study: Study,
}

/// Divides shared control groups, or adds up the arms that share one, so that nobody is counted
/// twice. Arms share a control group where trial and the whole of the control's data are the same.
pub(super) fn resolve(
    arms: Vec<Arm>,
    rule: MultiArm,
    place_column: usize,
    rows: &Rows<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Arm> {
    let groups = sharing(&arms);
    let mut resolved: Vec<Option<Arm>> = Vec::new();
    let mut taken: Vec<Option<Arm>> = arms.into_iter().map(Some).collect();
    for index in 0..taken.len() {
        let group = groups.iter().find(|group| group.first() == Some(&index));
        match group {
            None => {
                if groups.iter().all(|group| !group.contains(&index)) {
                    resolved.push(taken[index].take());
                }
            }
            Some(group) => {
                let arms: Vec<Arm> =
                    group.iter().filter_map(|member| taken[*member].take()).collect();
                let result = match rule {
                    MultiArm::Split => split(arms),
                    MultiArm::Combine => combine(arms).map(|arm| vec![arm]),
                };
                match result {
                    Ok(arms) => resolved.extend(arms.into_iter().map(Some)),
                    Err((row, message)) => diagnostics.push(rows.cell_error(
                        Code::SharedControl,
                        row,
                        place_column,
                        message,
                    )),
                }
            }
        }
    }
    resolved.into_iter().flatten().collect()
}

/// The groups of arms, by index, that share a control group; each of at least two.
pub(super) fn sharing(arms: &[Arm]) -> Vec<Vec<usize>> {
    let mut by_trial: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, arm) in arms.iter().enumerate() {
        by_trial.entry(&arm.trial).or_default().push(index);
    }
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for members in by_trial.into_values().filter(|members| members.len() > 1) {
        let mut of_trial: Vec<Vec<usize>> = Vec::new();
        for index in members {
            let control = control(&arms[index].study.data);
            let known = of_trial.iter_mut().find(|group| {
                control.is_some()
                    && super::multi_arm::control(&arms[group[0]].study.data) == control
            });
            match known {
                Some(group) => group.push(index),
                None => of_trial.push(vec![index]),
            }
        }
        groups.extend(of_trial.into_iter().filter(|group| group.len() > 1));
    }
    groups
}

/// The data of the control group.
fn control(data: &StudyData) -> Option<[f64; 3]> {
    match data {
        StudyData::Counts(counts) => Some([counts.events2, counts.total2, 0.0]),
        StudyData::Means(means) => Some([means.moments.mean2, means.moments.sd2, means.moments.n2]),
        StudyData::Rates(rates) => Some([rates.events2, rates.time2, 0.0]),
        _ => None,
    }
}

/// Whole parts of a count that differ by one at most; the first are the larger.
fn part(count: f64, parts: usize, index: usize) -> f64 {
    let whole = (count / parts as f64).floor();
    let rest = count - whole * parts as f64;
    if (index as f64) < rest { whole + 1.0 } else { whole }
}

/// Each arm with its part of the control group; labels that are the same get letters.
fn split(arms: Vec<Arm>) -> Result<Vec<Arm>, (usize, String)> {
    let parts = arms.len();
    let are_alike = arms.iter().all(|arm| arm.study.label == arms[0].study.label);
    let mut divided = Vec::with_capacity(parts);
    for (index, mut arm) in arms.into_iter().enumerate() {
        let (data, size) = match arm.study.data {
            StudyData::Counts(counts) => {
                let total2 = part(counts.total2, parts, index);
                let events2 = part(counts.events2, parts, index);
                (StudyData::Counts(TwoByTwo { events2, total2, ..counts }), total2)
            }
            StudyData::Means(means) => {
                let n2 = part(means.moments.n2, parts, index);
                let moments = MeansAndDeviations { n2, ..means.moments };
                (StudyData::Means(Means { moments, ..means }), n2)
            }
            StudyData::Rates(rates) => {
                let events2 = part(rates.events2, parts, index);
                let time2 = rates.time2 / parts as f64;
                (StudyData::Rates(TwoRates { events2, time2, ..rates }), 1.0)
            }
            data => (data, 1.0),
        };
        if size == 0.0 {
            let message = format!(
                "the control group has fewer participants than the {parts} arms that share it"
            );
            return Err((arm.row, message));
        }
        arm.study.data = data;
        if are_alike {
            let letter = letter(index);
            let ends_in_digit = arm.study.label.ends_with(|c: char| c.is_ascii_digit());
            let space = if ends_in_digit { "" } else { " " };
            arm.study.label = format!("{}{space}{letter}", arm.study.label);
        }
        arm.study.shared_control = Some(SharedControl::Divided { parts });
        arm.study.trial = Some(arm.trial.clone());
        divided.push(arm);
    }
    Ok(divided)
}

/// a, b, ... z, then with a number: `a2`.
fn letter(index: usize) -> String {
    let letters = b"abcdefghijklmnopqrstuvwxyz";
    let letter = char::from(letters[index % letters.len()]);
    match index / letters.len() {
        0 => letter.to_string(),
        round => format!("{letter}{}", round + 1),
    }
}

/// One experimental group of all arms (Cochrane Handbook 6.5.2.10 for means).
fn combine(arms: Vec<Arm>) -> Result<Arm, (usize, String)> {
    let count = arms.len();
    let mut arms = arms.into_iter();
    let Some(mut combined) = arms.next() else {
        return Err((0, "there is no arm".to_owned()));
    };
    for arm in arms {
        if arm.study.subgroup != combined.study.subgroup {
            let message = format!(
                "the arms of `{}` stand in different subgroups and cannot be one group",
                combined.trial
            );
            return Err((arm.row, message));
        }
        combined.study.data = match (combined.study.data, arm.study.data) {
            (StudyData::Counts(a), StudyData::Counts(b)) => StudyData::Counts(TwoByTwo {
                events1: a.events1 + b.events1,
                total1: a.total1 + b.total1,
                ..a
            }),
            (StudyData::Rates(a), StudyData::Rates(b)) => StudyData::Rates(TwoRates {
                events1: a.events1 + b.events1,
                time1: a.time1 + b.time1,
                ..a
            }),
            (StudyData::Means(a), StudyData::Means(b)) => StudyData::Means(Means {
                moments: combined_means(&a.moments, &b.moments),
                quantiles1: a.quantiles1.or(b.quantiles1),
                quantiles2: a.quantiles2,
            }),
            (data, _) => data,
        };
    }
    combined.study.label.clone_from(&combined.trial);
    combined.study.shared_control = Some(SharedControl::Combined { arms: count });
    Ok(combined)
}

/// Mean and standard deviation of two groups taken together.
fn combined_means(a: &MeansAndDeviations, b: &MeansAndDeviations) -> MeansAndDeviations {
    let n1 = a.n1 + b.n1;
    let mean1 = (a.n1 * a.mean1 + b.n1 * b.mean1) / n1;
    let difference = a.mean1 - b.mean1;
    let squares = (a.n1 - 1.0) * a.sd1 * a.sd1
        + (b.n1 - 1.0) * b.sd1 * b.sd1
        + a.n1 * b.n1 / n1 * difference * difference;
    MeansAndDeviations { mean1, sd1: (squares / (n1 - 1.0)).sqrt(), n1, ..*a }
}

/// A label without the letter by which reviewers tell arms of one trial apart: `Smith 2019a` and
/// `Smith 2019 b` are arms of `Smith 2019`.
pub(super) fn stem(label: &str) -> &str {
    let mut characters = label.chars();
    let Some(last) = characters.next_back() else { return label };
    if !last.is_ascii_lowercase() {
        return label;
    }
    let rest = characters.as_str();
    let trimmed = rest.trim_end();
    if trimmed.ends_with(|c: char| c.is_ascii_digit()) { trimmed } else { label }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_count_add_up_and_differ_by_one_at_most() {
        for count in 0..40 {
            for parts in 1..6 {
                let of = |index| part(f64::from(count), parts, index);
                let all: Vec<f64> = (0..parts).map(of).collect();
                assert_eq!(all.iter().sum::<f64>(), f64::from(count));
                assert!(all[0] - all[parts - 1] <= 1.0);
            }
        }
    }

    #[test]
    fn combined_groups_have_the_mean_and_deviation_of_all_participants() {
        // 1, 2, 3 and 5, 9: mean 4, sum of squares about it 9 + 4 + 1 + 1 + 25 = 40
        let a = MeansAndDeviations { mean1: 2.0, sd1: 1.0, n1: 3.0, mean2: 0.0, sd2: 1.0, n2: 5.0 };
        let b = MeansAndDeviations { mean1: 7.0, sd1: 8.0_f64.sqrt(), n1: 2.0, ..a };
        let both = combined_means(&a, &b);
        assert!((both.mean1 - 4.0).abs() < 1e-14);
        assert!((both.sd1 - 10.0_f64.sqrt()).abs() < 1e-14);
    }

    #[test]
    fn letters_after_years_tell_arms_apart() {
        assert_eq!(stem("Smith 2019a"), "Smith 2019");
        assert_eq!(stem("Smith 2019 b"), "Smith 2019");
        assert_eq!(stem("Smith"), "Smith");
        assert_eq!(stem("ADMIRE-CD a"), "ADMIRE-CD a");
    }
}
