//! The studies of one analysis: filtered rows, checked and turned into what effects are computed from.

use super::moderators::{self, ModeratorColumn};
use super::multi_arm::{self, Arm};
use super::names::{self, Grouping};
use super::outcome::StudyData;
use super::reading::Reader;
use super::rows::Rows;
use super::spread;
use super::table::Table;
use crate::diagnostic::{Code, Diagnostic};
use crate::project::Inputs;
use crate::source::{SourceId, one_line};
use crate::spec::Analysis;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// The studies of one analysis, in the order of the table.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    /// The studies.
    pub studies: Vec<Study>,
    /// The moderators of the analysis, in its order, one value a study.
    pub moderators: Vec<ModeratorColumn>,
    /// What a reviewer should look at.
    pub warnings: Vec<Diagnostic>,
}

/// One study of an analysis.
#[derive(Debug, Clone, PartialEq)]
pub struct Study {
    /// Label, unique within the analysis.
    pub label: String,
    /// Year as written, if the table has one.
    pub year: Option<String>,
    /// Its subgroup, if the analysis has subgroups.
    pub subgroup: Option<String>,
    /// The cluster of effects that it belongs to, if the analysis has clusters.
    pub cluster: Option<String>,
    /// Where its row comes from, if the table says so.
    pub source: Option<String>,
    /// What its effect is computed from.
    pub data: StudyData,
    /// What became of a control group that it shares with other arms of its trial.
    pub shared_control: Option<SharedControl>,
    /// The trial, where the study is one of several arms of it.
    pub trial: Option<String>,
}

impl Study {
    /// The trial that it is, or is an arm of: what a count of trials counts.
    #[must_use]
    pub fn trial(&self) -> &str {
        self.trial.as_deref().unwrap_or(&self.label)
    }
}

/// What became of a control group that several arms of a trial share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SharedControl {
    /// Each arm got one of so many parts.
    Divided {
        /// The number of parts.
        parts: usize,
    },
    /// So many arms became one experimental group.
    Combined {
        /// The number of arms.
        arms: usize,
    },
}

/// What the line of sums below a table is called.
const TOTALS: [&str; 11] = [
    "total", "totals", "subtotal", "overall", "sum", "pooled", "合计", "总计", "小计", "合計",
    "總計",
];

/// Tables that were parsed for one analysis and serve the next.
pub type Tables = BTreeMap<SourceId, Table>;

/// Reads the studies of `analysis`. Parsed tables are kept in `tables`.
///
/// # Errors
/// Everything that is wrong with the file, its columns, its filter and its rows.
pub fn read_dataset(
    analysis: &Analysis,
    inputs: &Inputs,
    tables: &mut Tables,
) -> Result<Dataset, Vec<Diagnostic>> {
    let table = table_of(analysis.data, inputs, tables)?;
    Rows { table, inputs, name: &inputs.sources.get(analysis.data).name }.studies(analysis)
}

/// A table, parsed once.
///
/// # Errors
/// Everything that is wrong with its header and its rows.
pub fn table_of<'a>(
    source: SourceId,
    inputs: &Inputs,
    tables: &'a mut Tables,
) -> Result<&'a Table, Vec<Diagnostic>> {
    Ok(match tables.entry(source) {
        Entry::Occupied(parsed) => parsed.into_mut(),
        Entry::Vacant(place) => place.insert(Table::parse(&inputs.sources, source)?),
    })
}

impl Rows<'_> {
    fn studies(&self, analysis: &Analysis) -> Result<Dataset, Vec<Diagnostic>> {
        let mut diagnostics = Vec::new();
        let columns = &analysis.columns;
        let study = self.column(&columns.study, &mut diagnostics);
        let reader =
            Reader::new(columns, analysis.conventions.means.from_quantiles, self, &mut diagnostics);
        let mut optional = |name: &Option<_>| self.optional(name.as_ref(), &mut diagnostics);
        let year = optional(&columns.year);
        let source = optional(&columns.source);
        let trial = optional(&columns.trial);
        let cluster = optional(&columns.cluster);
        let subgroup = optional(&analysis.subgroups);
        let filtered = self.filtered(&analysis.filter, analysis.place);
        let (Some(study), Some(reader), true) = (study, reader, diagnostics.is_empty()) else {
            // a filter that names a missing column is told in the same run; that it matches
            // nothing may follow from the rest
            let of_filter = filtered.err().unwrap_or_default();
            diagnostics.extend(of_filter.into_iter().filter(|d| d.code == Code::MissingColumn));
            return Err(diagnostics);
        };
        let mut arms = Vec::new();
        for row in filtered? {
            let label = one_line(self.cell(row, study));
            if label.is_empty() {
                let message = "the study has no label".to_owned();
                let help = "name the study, or filter the row out";
                diagnostics
                    .push(self.cell_error(Code::MalformedTable, row, study, message).help(help));
            }
            for (column, what) in [(subgroup, "subgroup"), (cluster, "cluster"), (trial, "trial")] {
                if let Some(column) = column.filter(|column| self.cell(row, *column).is_empty()) {
                    let message = format!("the study has no {what}");
                    let help =
                        format!("give every study of the analysis a {what}, or filter its row out");
                    diagnostics.push(
                        self.cell_error(Code::MalformedTable, row, column, message).help(help),
                    );
                }
            }
            let Some(data) = reader.read(self, row, &mut diagnostics) else { continue };
            let text =
                |column: Option<usize>| column.map(|column| self.cell(row, column).to_owned());
            arms.push(Arm {
                row,
                trial: trial.map_or_else(|| label.clone(), |trial| one_line(self.cell(row, trial))),
                study: Study {
                    label,
                    year: self.year(row, year, &mut diagnostics),
                    source: text(source),
                    subgroup: text(subgroup),
                    cluster: text(cluster),
                    data,
                    shared_control: None,
                    trial: None,
                },
            });
        }
        let spreads = spread::suspect(&arms, &reader, analysis.measure, self);
        let column = trial.unwrap_or(study);
        match analysis.multi_arm {
            Some(rule) => {
                arms = multi_arm::resolve(arms, rule, column, self, &mut diagnostics);
            }
            None if trial.is_some() => self.expect_own_controls(&arms, column, &mut diagnostics),
            None => {}
        }
        self.expect_unique_labels(&arms, study, &mut diagnostics);
        let mut warnings = self.suspect_totals(&arms, study);
        warnings.extend(spreads);
        if analysis.multi_arm.is_none() && trial.is_none() {
            warnings.extend(self.suspect_shared_controls(&arms, study));
            warnings.extend(self.suspect_one_trial(&arms, study));
        }
        let of_rows: Vec<usize> = arms.iter().map(|arm| arm.row).collect();
        let moderators: Vec<ModeratorColumn> = analysis
            .regression
            .iter()
            .flat_map(|regression| &regression.moderators)
            .filter_map(|spec| moderators::read(spec, &of_rows, self, &mut diagnostics))
            .collect();
        moderators::expect_axis(analysis, &moderators, &mut diagnostics);
        let units = [(trial, "trial"), (cluster, "cluster")];
        let groupings = self.groupings(analysis, subgroup, units, &moderators);
        warnings.extend(groupings.flat_map(|grouping| names::suspect(self, &of_rows, grouping)));
        if diagnostics.is_empty() {
            let studies = arms.into_iter().map(|arm| arm.study).collect();
            Ok(Dataset { studies, moderators, warnings })
        } else {
            Err(diagnostics)
        }
    }

    /// The columns that name groups of studies: subgroups, trials, clusters and levels of a moderator.
    fn groupings<'a>(
        &'a self,
        analysis: &'a Analysis,
        subgroup: Option<usize>,
        units: [(Option<usize>, &'static str); 2],
        moderators: &'a [ModeratorColumn],
    ) -> impl Iterator<Item = Grouping> + 'a {
        let subgroups = subgroup.map(|column| Grouping {
            column,
            what: "subgroup",
            empty: "filter the row out of the analysis, whose studies have a subgroup each",
            unnamed: &[""],
        });
        let units = units.into_iter().filter_map(|(column, what)| {
            let empty = "filter the row out of the analysis, or give the row a name of its own";
            Some(Grouping { column: column?, what, empty, unnamed: &[""] })
        });
        let specs = analysis.regression.iter().flat_map(|regression| &regression.moderators);
        let levels = specs.zip(moderators).filter_map(|(spec, values)| match values {
            ModeratorColumn::Numeric(_) => None,
            ModeratorColumn::Categorical { .. } => Some(Grouping {
                column: self.table.column(&spec.column.value)?,
                what: "level",
                empty: "leave the cell empty, and the study is left out of the regression",
                unnamed: &moderators::MISSING,
            }),
        });
        subgroups.into_iter().chain(units).chain(levels)
    }

    fn expect_unique_labels(&self, arms: &[Arm], study: usize, diagnostics: &mut Vec<Diagnostic>) {
        let mut first_rows: BTreeMap<&str, usize> = BTreeMap::new();
        for arm in arms.iter().filter(|arm| !arm.study.label.is_empty()) {
            let Some(first) = first_rows.insert(&arm.study.label, arm.row) else { continue };
            diagnostics.push(
                Diagnostic::error(
                    Code::DuplicateStudy,
                    self.place(arm.row, study),
                    format!("the study `{}` stands twice in this analysis", arm.study.label),
                )
                .label("again here")
                .related(self.place(first, study), "first here")
                .help(
                    "give the two rows different labels, filter one of them out, or say `multi_arm: split` where they are arms of one trial",
                ),
            );
        }
    }

    /// Rows of one trial with one control group would count it twice.
    fn expect_own_controls(&self, arms: &[Arm], trial: usize, diagnostics: &mut Vec<Diagnostic>) {
        for group in multi_arm::sharing(arms) {
            let (first, second) = (&arms[group[0]], &arms[group[1]]);
            diagnostics.push(
                Diagnostic::error(
                    Code::SharedControl,
                    self.place(second.row, trial),
                    format!("the control group of `{}` would be counted {} times", first.trial, group.len()),
                )
                .label("the same control group again")
                .related(self.place(first.row, trial), "first here")
                .help(
                    "say `multi_arm: split` to divide it among the arms, or `multi_arm: combine` to make them one group; where the groups are different people, give the rows different trials",
                ),
            );
        }
    }

    /// A row named as the last line of a table would count every participant again.
    fn suspect_totals(&self, arms: &[Arm], study: usize) -> Vec<Diagnostic> {
        let is_total = |arm: &&Arm| TOTALS.contains(&arm.study.label.to_lowercase().as_str());
        let warning = |arm: &Arm| {
            let message = format!("`{}` looks like a sum of studies, not a study", arm.study.label);
            Diagnostic::error(Code::DuplicateStudy, self.place(arm.row, study), message)
                .label("counted as a study")
                .help("take the row out of the table, or filter it out")
                .as_warning()
        };
        arms.iter().filter(is_total).map(warning).collect()
    }

    /// Studies of different names that give one registry number may be one trial.
    fn suspect_one_trial(&self, arms: &[Arm], study: usize) -> Vec<Diagnostic> {
        let mut first_of: BTreeMap<&str, &Arm> = BTreeMap::new();
        let mut warnings = Vec::new();
        for arm in arms {
            let texts = [Some(arm.study.label.as_str()), arm.study.source.as_deref()];
            let mut numbers: Vec<&str> =
                texts.into_iter().flatten().flat_map(registry_numbers).collect();
            numbers.dedup();
            for number in numbers {
                let first = *first_of.entry(number).or_insert(arm);
                if first.study.label == arm.study.label {
                    continue;
                }
                let (label, other) = (&arm.study.label, &first.study.label);
                let message = format!(
                    "`{label}` and `{other}` are both {number}: one trial under two names?"
                );
                warnings.push(
                    Diagnostic::error(Code::DuplicateStudy, self.place(arm.row, study), message)
                        .label("counted here")
                        .related(self.place(first.row, study), "and here")
                        .help("filter one of them out; where they are arms of one trial, name it in a column, `columns: {trial: ...}`")
                        .as_warning(),
                );
            }
        }
        warnings
    }

    /// Labels that differ by a letter with one control group look like arms of a trial.
    fn suspect_shared_controls(&self, arms: &[Arm], study: usize) -> Vec<Diagnostic> {
        let stems: Vec<Arm> = arms
            .iter()
            .filter(|arm| multi_arm::stem(&arm.study.label) != arm.study.label)
            .map(|arm| Arm {
                row: arm.row,
                trial: multi_arm::stem(&arm.study.label).to_owned(),
                study: arm.study.clone(),
            })
            .collect();
        multi_arm::sharing(&stems)
            .into_iter()
            .map(|group| {
                let (first, second) = (&stems[group[0]], &stems[group[1]]);
                Diagnostic::error(
                    Code::SharedControl,
                    self.place(second.row, study),
                    format!(
                        "`{}` and `{}` have the same control group, which may be counted twice",
                        first.study.label, second.study.label
                    ),
                )
                .related(self.place(first.row, study), "the other arm")
                .help("name the trial in a column, `columns: {trial: ...}`, and say `multi_arm: split`; where it is divided already, nothing is to be done")
                .as_warning()
            })
            .collect()
    }
}

/// The numbers of trial registers in a text, such as NCT02097641 or ISRCTN12345678.
fn registry_numbers(text: &str) -> impl Iterator<Item = &str> {
    const REGISTERS: [&str; 11] =
        ["NCT", "ISRCTN", "ChiCTR", "ACTRN", "IRCT", "DRKS", "UMIN", "jRCT", "KCT", "CTRI", "NTR"];
    text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| {
        let rest = REGISTERS.iter().find_map(|register| word.strip_prefix(register));
        rest.is_some_and(|rest| rest.chars().filter(char::is_ascii_digit).count() >= 6)
    })
}
