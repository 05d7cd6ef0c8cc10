//! The moderators of a meta-regression, read from the rows of the studies.

use super::rows::Rows;
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
fn is_missing(cell: &str) -> bool {
    cell.is_empty() || cell == "NA"
}

fn parse(cell: &str) -> Option<f64> {
    cell.parse::<f64>().ok().filter(|number| number.is_finite())
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
    let numbers = given().filter(|(_, cell)| parse(cell).is_some()).count();
    let scale = spec.scale.unwrap_or(if numbers > 0 {
        ModeratorScale::Numeric
    } else {
        ModeratorScale::Categorical
    });
    match scale {
        ModeratorScale::Numeric => {
            let wrong: Vec<usize> =
                given().filter(|(_, cell)| parse(cell).is_none()).map(|(row, _)| *row).collect();
            for row in &wrong {
                let message = format!("`{}` is not a number", rows.cell(*row, column));
                diagnostics.push(
                    rows.cell_error(Code::NotANumber, *row, column, message).help(format!(
                        "leave the cell empty where the value is not known, or say `type: categorical` of the moderator `{}`",
                        spec.column.value
                    )),
                );
            }
            wrong.is_empty().then(|| {
                ModeratorColumn::Numeric(
                    cells
                        .iter()
                        .map(|(_, cell)| if is_missing(cell) { None } else { parse(cell) })
                        .collect(),
                )
            })
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
