//! The `figures` of an analysis, as written: names, or `none`.

use super::super::figures::Figure;
use super::super::mapping::expect_scalar;
use super::super::yaml::{Node, Value};
use crate::diagnostic::{Code, Diagnostic, nearest_hint};
use crate::source::Spanned;

const NONE: &str = "none";

pub(super) fn read_figures(node: &Node, diagnostics: &mut Vec<Diagnostic>) -> Vec<Spanned<Figure>> {
    let items = match &node.value {
        Value::Sequence(items) => items.as_slice(),
        _ => std::slice::from_ref(node),
    };
    let names: Vec<Spanned<String>> =
        items.iter().filter_map(|item| expect_scalar(item, "figures", diagnostics)).collect();
    let mut figures: Vec<Spanned<Figure>> = Vec::new();
    for name in &names {
        if name.value == NONE {
            if names.len() > 1 {
                diagnostics.push(
                    Diagnostic::error(
                        Code::Impossible,
                        name.place,
                        "`figures` has `none` beside other figures",
                    )
                    .help("write `figures: none` for none, or remove `none`"),
                );
            }
            continue;
        }
        let Some(figure) = Figure::ALL.into_iter().find(|figure| figure.name() == name.value)
        else {
            let known = Figure::ALL.map(Figure::name).into_iter().chain([NONE]);
            diagnostics.push(
                Diagnostic::error(
                    Code::UnknownChoice,
                    name.place,
                    format!("`figures` has no choice `{}`", name.value),
                )
                .help(nearest_hint(&name.value, known)),
            );
            continue;
        };
        match figures.iter().find(|known| known.value == figure) {
            Some(first) => diagnostics.push(
                Diagnostic::error(
                    Code::DuplicateId,
                    name.place,
                    format!("the figure `{}` stands twice", name.value),
                )
                .related(first.place, "the first one"),
            ),
            None => figures.push(Spanned { value: figure, place: name.place }),
        }
    }
    figures
}
