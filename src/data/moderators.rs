//! The moderators of a meta-regression, read from the rows of the studies.

use super::rows::Rows;
use super::table::Number;
use super::written::{Written, understand};
use crate::diagnostic::{Code, Diagnostic, nearest_hint};
use crate::spec::{Analysis, Figure, ModeratorScale, ModeratorSpec, no_numeric_moderator};

/// A moderator, one value a study; a study without one is left out of the regression.
#[derive(Debug, Clone, PartialEq)]
pub enum ModeratorColumn {
    /// Numbers.
    Numeric(Vec<Option<f64>>),
    /// Levels of a category.
    Categorical {
        /// The levels, the reference first, the others in alphabetical order.
        levels: Vec<String>,
        /// The level of each study.
        of: Vec<Option<usize>>,
    },
}

/// A bubble plot needs a moderator whose cells are numbers.
pub(super) fn expect_axis(
    analysis: &Analysis,
    moderators: &[ModeratorColumn],
    diagnostics: &mut Vec<Diagnostic>,
) {
    let is_numeric = |moderator: &ModeratorColumn| matches!(moderator, ModeratorColumn::Numeric(_));
    if let Some(bubble) = analysis.figures.asks_for(Figure::Bubble)
        && diagnostics.is_empty()
        && !moderators.iter().any(is_numeric)
    {
        diagnostics.push(no_numeric_moderator(bubble));
    }
}

/// What stands for a missing value.
pub(super) const MISSING: [&str; 6] = ["", "NA", "N/A", "n/a", "N.A.", "n.a."];

fn is_missing(cell: &str) -> bool {
    MISSING.contains(&cell)
}

/// A number with a percent sign behind it.
fn is_percentage(cell: &str) -> bool {
    cell.strip_suffix(['%', '\u{ff05}'])
        .is_some_and(|number| understand(number.trim_end()) != Written::No)
}

/// The moderator's values in these rows. Without a word of the spec, a column in which every value
/// is a number is numeric, and one in which none is, categorical.
pub(super) fn read(
    spec: &ModeratorSpec,
    of_rows: &[usize],
    rows: &Rows<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<ModeratorColumn> {
    let column = rows.column(&spec.column, diagnostics)?;
    let cells: Vec<(usize, &str)> =
        of_rows.iter().map(|row| (*row, rows.cell(*row, column))).collect();
    let given = || cells.iter().filter(|(_, cell)| !is_missing(cell));
    // what could be two numbers is meant as one, and so is a percentage
    let is_number = |(row, cell): &&(usize, &str)| {
        rows.table.understood(*row, column, false).0 != Number::None || is_percentage(cell)
    };
    let numbers = given().filter(is_number).count();
    let scale = spec.scale.unwrap_or(if numbers > 0 {
        ModeratorScale::Numeric
    } else {
        ModeratorScale::Categorical
    });
    match scale {
        ModeratorScale::Numeric => {
            let values: Vec<Option<f64>> = cells
                .iter()
                .map(|(row, cell)| if is_missing(cell) { None } else { rows.finite(*row, column) })
                .collect();
            let is_wrong = |((_, cell), value): &(&(usize, &str), &Option<f64>)| {
                value.is_none() && !is_missing(cell)
            };
            let mut is_sound = true;
            for ((row, cell), _) in cells.iter().zip(&values).filter(is_wrong) {
                is_sound = false;
                let message = format!("`{cell}` is not a number");
                let error = rows.mistaken(Code::NotANumber, *row, column, message);
                diagnostics.push(if error.help.is_some() {
                    error
                } else {
                    error.help(format!(
                        "write the number alone, leave the cell empty where the value is not known, or say `type: categorical` of the moderator `{}`",
                        spec.column.value
                    ))
                });
            }
            is_sound.then_some(ModeratorColumn::Numeric(values))
        }
        ModeratorScale::Categorical => {
            let mut levels: Vec<String> = given().map(|(_, cell)| (*cell).to_owned()).collect();
            levels.sort();
            levels.dedup();
            if let Some(reference) = &spec.reference {
                match levels.iter().position(|level| *level == reference.value) {
                    Some(at) => levels[..=at].rotate_right(1),
                    None => {
                        let message = format!(
                            "no study of this analysis has `{}` in column `{}`",
                            reference.value, spec.column.value
                        );
                        diagnostics.push(
                            Diagnostic::error(Code::UnknownChoice, reference.place, message).help(
                                nearest_hint(&reference.value, levels.iter().map(String::as_str)),
                            ),
                        );
                        return None;
                    }
                }
            }
            let of = cells
                .iter()
                .map(|(_, cell)| levels.iter().position(|level| level == cell))
                .collect();
            Some(ModeratorColumn::Categorical { levels, of })
        }
    }
}
