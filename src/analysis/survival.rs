//! Survival curves of an analysis of patients.

use super::Reason;
use crate::data::Cohort;
use crate::spec::SurvivalAnalysis;
use crate::stats::survival::{Curve, LogRank, NoSurvival, Observation, kaplan_meier, log_rank};

/// What an analysis of patients found.
#[derive(Debug, Clone, PartialEq)]
pub struct SurvivalFindings {
    /// The groups, in the order of the data.
    pub groups: Vec<SurvivalGroup>,
    /// Whether the groups differ.
    pub log_rank: Result<LogRank, Reason>,
}

/// One group of patients.
#[derive(Debug, Clone, PartialEq)]
pub struct SurvivalGroup {
    /// Its name; empty where the analysis has no groups.
    pub name: String,
    /// Its patients.
    pub patients: usize,
    /// Its patients with the event.
    pub events: usize,
    /// Its curve.
    pub curve: Result<Curve, Reason>,
}

/// Computes the curves of an analysis, and the log-rank test between them.
#[must_use]
pub fn analyse_survival(spec: &SurvivalAnalysis, cohort: &Cohort) -> SurvivalFindings {
    let groups: Vec<SurvivalGroup> = cohort
        .groups
        .iter()
        .map(|group| SurvivalGroup {
            name: group.name.clone(),
            patients: group.patients.len(),
            events: group.patients.iter().filter(|patient| patient.event).count(),
            curve: kaplan_meier(&group.patients, spec.intervals, spec.level).map_err(no_survival),
        })
        .collect();
    let patients: Vec<Observation> =
        cohort.groups.iter().flat_map(|group| group.patients.iter().copied()).collect();
    let of: Vec<usize> = cohort
        .groups
        .iter()
        .enumerate()
        .flat_map(|(index, group)| vec![index; group.patients.len()])
        .collect();
    let test = log_rank(&patients, &of, cohort.groups.len());
    SurvivalFindings { groups, log_rank: test.map_err(no_survival) }
}

fn no_survival(no_survival: NoSurvival) -> Reason {
    match no_survival {
        NoSurvival::NoObservations => Reason::NoStudy,
        NoSurvival::InvalidTime => Reason::UndefinedPool,
        NoSurvival::TooFewGroups => Reason::OneSubgroup,
        NoSurvival::NoVariance => Reason::NoTest,
    }
}
