//! Whether a method, its test and its structure fit the measure and each other.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::{Place, Spanned};
use crate::spec::columns::Columns;
use crate::spec::file::ModelFile;
use crate::spec::measure::{Kind, Measure};
use crate::spec::method::{HeterogeneityRule, Method, ModelChoice, ModelSpec, Structure};
use crate::stats::pooling::inverse_variance::Test;
use crate::stats::tau_squared::Estimator;

/// The rule by which heterogeneity chooses the method: I² above 50% calls for random effects (DL)
/// and not for a common effect (`common`), unless the spec says otherwise.
pub(super) fn model_choice(
    rule: Option<HeterogeneityRule>,
    low: Option<Method>,
    high: Option<Method>,
    common: Method,
    place: Place,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<ModelChoice> {
    let low = low.unwrap_or(common);
    let high = high.unwrap_or(Method::RandomEffects(Estimator::DerSimonianLaird));
    if low.is_random() || !matches!(high, Method::RandomEffects(_)) {
        diagnostics.push(
            Diagnostic::error(
                Code::Impossible,
                place,
                format!("`low` is `{}` and `high` is `{}`", low.code(), high.code()),
            )
            .help("`low` names a common-effect method such as `MH` or `EE`, `high` a random-effects one such as `DL`"),
        );
        return None;
    }
    Some(ModelChoice { rule: rule.unwrap_or(HeterogeneityRule::ISquaredAbove(50.0)), low, high })
}

/// Whether the Mantel-Haenszel method pools a measure.
pub(in crate::spec) fn has_mantel_haenszel(kind: Kind, measure: Measure) -> bool {
    match kind {
        Kind::Binary => matches!(measure, Measure::OR | Measure::RR | Measure::RD),
        Kind::Rate => matches!(measure, Measure::IRR | Measure::IRD),
        _ => false,
    }
}

/// The kind and measure of an analysis, as far as they could be read.
#[derive(Clone, Copy)]
pub(super) struct Outcome<'a> {
    pub(super) kind: Kind,
    pub(super) measure: &'a Spanned<Measure>,
}

pub(super) fn expect_method_fits(
    Outcome { kind, measure }: Outcome<'_>,
    method: Method,
    place: Place,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let code = measure.value.code();
    let pools_odds_ratios = kind == Kind::Binary && measure.value.is_odds_ratio();
    let problem = match method {
        Method::MantelHaenszel if !has_mantel_haenszel(kind, measure.value) => Some((
            format!("the Mantel-Haenszel method does not pool {code} of kind `{}`", kind.name()),
            "use an inverse-variance method such as `REML` or `EE`",
        )),
        Method::Peto if !pools_odds_ratios => Some((
            format!("Peto's method pools odds ratios, not {code}"),
            "use `measure: OR`, or `method: MH`",
        )),
        Method::UnconditionalMixed | Method::ConditionalMixed
            if !(kind == Kind::Binary && measure.value == Measure::OR) =>
        {
            Some((
                format!(
                    "the mixed model `{}` pools odds ratios of counts, not {code}",
                    method.code()
                ),
                "use `kind: binary` with `measure: OR`, or an inverse-variance method",
            ))
        }
        _ => None,
    };
    if let Some((message, help)) = problem {
        diagnostics.push(
            Diagnostic::error(Code::Impossible, place, message)
                .related(measure.place, "the measure")
                .help(help),
        );
    }
}

pub(super) fn expect_test_fits(
    model: ModelSpec,
    test: &Spanned<Test>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    if model.method.pools_counts() && test.value != Test::Z {
        diagnostics.push(
            Diagnostic::error(
                Code::Impossible,
                test.place,
                format!("method `{}` has only the test `z`", model.method.code()),
            )
            .help("remove `test`, or choose an inverse-variance method such as `REML`"),
        );
    }
    let is_three_level = model.structure == Structure::ThreeLevel;
    if is_three_level && !matches!(test.value, Test::Z | Test::T) {
        diagnostics.push(
            Diagnostic::error(
                Code::Impossible,
                test.place,
                "a three-level model has the tests `z` and `t` only",
            )
            .help("say `test: t`, or `robust: CR2`"),
        );
    }
}

/// Clusters need a column, and models that know what to do with them.
pub(super) fn expect_structure_fits(
    file: &ModelFile,
    method: Method,
    columns: Option<&Columns>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let likelihood = matches!(
        method,
        Method::RandomEffects(
            Estimator::RestrictedMaximumLikelihood | Estimator::MaximumLikelihood
        )
    );
    let three_level =
        file.structure.as_ref().filter(|structure| structure.value == Structure::ThreeLevel);
    let robust = file.robust.as_ref().filter(|robust| robust.value);
    if let Some(structure) = three_level.filter(|_| !likelihood) {
        diagnostics.push(
            Diagnostic::error(
                Code::Impossible,
                structure.place,
                format!("a three-level model is fitted by REML or ML, not `{}`", method.code()),
            )
            .help("say `method: REML`"),
        );
    }
    let inverse_variance = matches!(method, Method::RandomEffects(_) | Method::EqualEffects);
    if let Some(robust) = robust.filter(|_| !inverse_variance) {
        diagnostics.push(
            Diagnostic::error(
                Code::Impossible,
                robust.place,
                format!(
                    "robust inference needs an inverse-variance method, not `{}`",
                    method.code()
                ),
            )
            .help("say `method: REML`"),
        );
    }
    let place = three_level.map(|s| s.place).or(robust.map(|robust| robust.place));
    if let (Some(place), Some(columns)) = (place, columns)
        && columns.cluster.is_none()
    {
        diagnostics.push(
            Diagnostic::error(
                Code::MissingKey,
                place,
                "the model needs clusters, and `columns` has no `cluster`",
            )
            .help("name the column whose equal cells make a cluster: `columns: {cluster: trial}`"),
        );
    }
}
