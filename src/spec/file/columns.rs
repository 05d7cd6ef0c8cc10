//! Column roles, as written.

use super::super::mapping::Mapping;
use super::super::yaml::Node;
use super::inherit;
use crate::diagnostic::Diagnostic;
use crate::source::Spanned;
use std::collections::BTreeMap;

/// The columns by their roles.
#[derive(Debug, Default, Clone)]
pub(in crate::spec) struct ColumnsFile {
    roles: BTreeMap<&'static str, Spanned<String>>,
    /// The roles that the file itself gives, not the defaults of its review.
    own: Vec<&'static str>,
    /// The roles that are written, whether or not they could be read.
    written: Vec<&'static str>,
}

/// Every role of every kind.
const ROLES: [&str; 40] = [
    "study",
    "year",
    "source",
    "subgroup",
    "trial",
    "cluster",
    "events1",
    "total1",
    "events2",
    "total2",
    "mean1",
    "sd1",
    "se1",
    "n1",
    "median1",
    "lower_quartile1",
    "upper_quartile1",
    "min1",
    "max1",
    "mean2",
    "sd2",
    "se2",
    "n2",
    "median2",
    "lower_quartile2",
    "upper_quartile2",
    "min2",
    "max2",
    "events",
    "total",
    "time1",
    "time2",
    "time",
    "r",
    "n",
    "yi",
    "vi",
    "sei",
    "ci_low",
    "ci_high",
];

/// Every role, those of tables without pooled effects last.
pub(in crate::spec) fn roles() -> impl Iterator<Item = &'static str> {
    ROLES.into_iter().chain(["event", "group", "category", "grade", "outcome"])
}

impl ColumnsFile {
    pub(super) fn read(node: &Node, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let Some(mut map) = Mapping::open(node, "`columns`", diagnostics) else {
            return Self::default();
        };
        let mut columns = Self::default();
        let written = map.written();
        for role in roles() {
            if let Some(column) = map.text(role, diagnostics) {
                columns.roles.insert(role, column);
                columns.own.push(role);
            }
            if written.contains(role) {
                columns.written.push(role);
            }
        }
        map.close(diagnostics);
        columns
    }

    /// The column of a role.
    pub(in crate::spec) fn get(&self, role: &str) -> Option<Spanned<String>> {
        self.roles.get(role).cloned()
    }

    /// Whether a role is written, even if it could not be read.
    pub(in crate::spec) fn is_written(&self, role: &str) -> bool {
        self.written.contains(&role)
    }

    /// The roles that the file itself gives, with their columns.
    pub(in crate::spec) fn own(&self) -> impl Iterator<Item = (&'static str, &Spanned<String>)> {
        self.own.iter().filter_map(|role| Some((*role, self.roles.get(role)?)))
    }

    pub(super) fn over(mut self, defaults: &Self) -> Self {
        for (role, column) in &defaults.roles {
            self.roles.entry(role).or_insert_with(|| column.clone());
        }
        self.written.extend(&defaults.written);
        self
    }
}

/// How the estimates that studies report are read.
#[derive(Debug, Default, Clone)]
pub(in crate::spec) struct EstimatesFile {
    pub(in crate::spec) are_ratios: Option<Spanned<bool>>,
    pub(in crate::spec) level: Option<f64>,
}

impl EstimatesFile {
    pub(super) fn read(mut map: Mapping<'_>, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let file = Self {
            are_ratios: map.spanned_choice(
                "scale",
                &[("ratio", true), ("log", false), ("difference", false)],
                diagnostics,
            ),
            level: map.percent("level", diagnostics),
        };
        map.close(diagnostics);
        file
    }

    pub(super) fn over(self, defaults: &Self) -> Self {
        inherit!(self, defaults, { are_ratios, level })
    }
}
