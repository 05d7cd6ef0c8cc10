//! How small-study effects are examined, as written.

use super::super::mapping::Mapping;
use super::super::small_study::{
    FailSafeChoice, PredictorChoice, ScatterChoice, SelectionChoice, Trimming,
};
use super::inherit;
use crate::diagnostic::{Code, Diagnostic};
use crate::stats::small_study::selection::Alternative;
use crate::stats::small_study::trim_and_fill::{MissingEstimator, Side};

/// The `small_study` of a spec.
#[derive(Debug, Default, Clone)]
pub(in crate::spec) struct SmallStudyFile {
    pub(in crate::spec) scatter: Option<ScatterChoice>,
    pub(in crate::spec) predictor: Option<PredictorChoice>,
    pub(in crate::spec) estimator: Option<MissingEstimator>,
    pub(in crate::spec) side: Option<Option<Side>>,
    pub(in crate::spec) trimming: Option<Trimming>,
    pub(in crate::spec) fail_safe: Option<FailSafeChoice>,
    pub(in crate::spec) target: Option<f64>,
    pub(in crate::spec) selection: Option<SelectionChoice>,
    pub(in crate::spec) henmi_copas: Option<bool>,
}

impl SmallStudyFile {
    pub(super) fn read(mut map: Mapping<'_>, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let mut file = Self::default();
        if let Some(mut regression) = map.mapping("regression", diagnostics) {
            file.scatter = regression.choice(
                "model",
                &[ScatterChoice::Model, ScatterChoice::Multiplicative]
                    .map(|choice| (choice.name(), choice)),
                diagnostics,
            );
            file.predictor = regression.choice(
                "predictor",
                &[
                    PredictorChoice::StandardError,
                    PredictorChoice::Variance,
                    PredictorChoice::SampleSize,
                    PredictorChoice::InverseSampleSize,
                    PredictorChoice::RootSampleSize,
                    PredictorChoice::InverseRootSampleSize,
                ]
                .map(|choice| (choice.name(), choice)),
                diagnostics,
            );
            regression.close(diagnostics);
        }
        if let Some(mut trim_fill) = map.mapping("trim_fill", diagnostics) {
            file.estimator = trim_fill.choice(
                "estimator",
                &[
                    ("L0", MissingEstimator::L0),
                    ("R0", MissingEstimator::R0),
                    ("Q0", MissingEstimator::Q0),
                ],
                diagnostics,
            );
            file.side = trim_fill.choice(
                "side",
                &[("left", Some(Side::Left)), ("right", Some(Side::Right)), ("likely", None)],
                diagnostics,
            );
            file.trimming = trim_fill.choice(
                "trimming",
                &[("own", Trimming::Own), ("common", Trimming::Common)],
                diagnostics,
            );
            trim_fill.close(diagnostics);
        }
        if let Some(mut fail_safe) = map.mapping("fail_safe", diagnostics) {
            file.fail_safe = fail_safe.choice(
                "type",
                &[FailSafeChoice::Rosenthal, FailSafeChoice::Orwin, FailSafeChoice::Rosenberg]
                    .map(|choice| (choice.name(), choice)),
                diagnostics,
            );
            file.target = fail_safe.signed_number("target", diagnostics);
            fail_safe.close(diagnostics);
        }
        if let Some(selection) = map.mapping("selection", diagnostics) {
            file.selection = read_selection(selection, diagnostics);
        }
        file.henmi_copas = map.boolean("henmi_copas", diagnostics);
        map.close(diagnostics);
        file
    }

    pub(super) fn over(self, defaults: &Self) -> Self {
        inherit!(self, defaults, {
            scatter,
            predictor,
            estimator,
            side,
            trimming,
            fail_safe,
            target,
            selection,
            henmi_copas,
        })
    }
}

fn read_selection(
    mut map: Mapping<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<SelectionChoice> {
    let written = map.spanned_texts("steps", diagnostics);
    let alternative = map.choice(
        "alternative",
        &[
            ("greater", Alternative::Greater),
            ("less", Alternative::Less),
            ("two-sided", Alternative::TwoSided),
        ],
        diagnostics,
    );
    map.close(diagnostics);
    let mut steps = Vec::new();
    for step in &written {
        match step.value.parse::<f64>() {
            Ok(value) if value > 0.0 && value < 1.0 && steps.last().is_none_or(|x| *x < value) => {
                steps.push(value);
            }
            _ => {
                diagnostics.push(
                    Diagnostic::error(
                        Code::WrongType,
                        step.place,
                        format!("a step is `{}`", step.value),
                    )
                    .label("expected P values between 0 and 1, rising"),
                );
                return None;
            }
        }
    }
    if steps.is_empty() {
        steps.push(0.025);
    }
    Some(SelectionChoice { steps, alternative: alternative.unwrap_or(Alternative::Greater) })
}
