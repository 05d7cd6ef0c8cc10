//! The `updates` of an analysis, as written.

use super::super::mapping::Mapping;
use super::super::updates::UpdateSpec;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Spanned;

/// The `updates` of a spec.
#[derive(Debug, Default, Clone)]
pub(in crate::spec) struct UpdatesFile {
    pub(in crate::spec) important: Option<Vec<Spanned<f64>>>,
    standard_errors: Option<f64>,
    absolute: Option<f64>,
    relative: Option<f64>,
}

impl UpdatesFile {
    pub(super) fn read(mut map: Mapping<'_>, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let texts = map.spanned_texts("important", diagnostics);
        let mut important = Vec::new();
        for text in texts {
            match text.value.parse::<f64>().ok().filter(|number| number.is_finite()) {
                Some(number) => important.push(text.map(|_| number)),
                None => diagnostics.push(
                    Diagnostic::error(
                        Code::WrongType,
                        text.place,
                        format!("`important` has `{}`", text.value),
                    )
                    .label("expected a number"),
                ),
            }
        }
        let file = Self {
            important: (!important.is_empty()).then_some(important),
            standard_errors: map.number("se", diagnostics),
            absolute: map.number("abs", diagnostics),
            relative: map.number("rel", diagnostics),
        };
        map.close(diagnostics);
        file
    }

    pub(super) fn over(self, defaults: &Self) -> Self {
        super::inherit!(self, defaults, { important, standard_errors, absolute, relative })
    }

    /// What it asks for of effects that are ratios, or not.
    pub(in crate::spec) fn resolve(
        self,
        are_ratios: bool,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> UpdateSpec {
        let important = self.important.unwrap_or_default();
        for threshold in important.iter().filter(|t| are_ratios && t.value <= 0.0) {
            diagnostics.push(
                Diagnostic::error(
                    Code::Impossible,
                    threshold.place,
                    format!("no ratio is {}", threshold.value),
                )
                .help("give minimal important differences as they are printed, such as 0.75"),
            );
        }
        UpdateSpec {
            important: important.into_iter().map(|threshold| threshold.value).collect(),
            standard_errors: self.standard_errors,
            absolute: self.absolute,
            relative: self.relative,
        }
    }
}
