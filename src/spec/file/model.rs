//! The model of an analysis, as written.

use super::super::mapping::Mapping;
use super::super::method::{HeterogeneityRule, Method, Structure};
use super::inherit;
use crate::diagnostic::Diagnostic;
use crate::source::Spanned;
use crate::stats::pooling::inverse_variance::Test;
use crate::stats::tau_squared::Estimator;

/// How the studies are pooled.
#[derive(Debug, Default)]
pub(in crate::spec) struct ModelFile {
    pub(in crate::spec) method: Option<Spanned<MethodFile>>,
    pub(in crate::spec) rule: Option<HeterogeneityRule>,
    pub(in crate::spec) low: Option<Spanned<Method>>,
    pub(in crate::spec) high: Option<Spanned<Method>>,
    pub(in crate::spec) test: Option<Spanned<Test>>,
    pub(in crate::spec) level: Option<f64>,
    pub(in crate::spec) structure: Option<Spanned<Structure>>,
    pub(in crate::spec) robust: Option<Spanned<bool>>,
}

/// A method, or that heterogeneity chooses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::spec) enum MethodFile {
    Fixed(Method),
    ByHeterogeneity,
}

impl ModelFile {
    pub(super) fn read(mut map: Mapping<'_>, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let mut methods: Vec<(&str, MethodFile)> =
            METHODS.iter().map(|(name, method)| (*name, MethodFile::Fixed(*method))).collect();
        methods.push(("by-heterogeneity", MethodFile::ByHeterogeneity));
        let method = map.spanned_choice("method", &methods, diagnostics);
        let low = map.spanned_choice("low", &METHODS, diagnostics);
        let high = map.spanned_choice("high", &METHODS, diagnostics);
        let mut rule = None;
        if let Some(mut written) = map.mapping("rule", diagnostics) {
            let i2 = written.number("i2_above", diagnostics);
            let p = written.number("p_below", diagnostics);
            rule =
                i2.map(HeterogeneityRule::ISquaredAbove).or(p.map(HeterogeneityRule::QTestBelow));
            written.close(diagnostics);
        }
        let file = Self {
            method,
            rule,
            low,
            high,
            test: map.spanned_choice(
                "test",
                &[
                    ("z", Test::Z),
                    ("t", Test::T),
                    ("knha", Test::KnappHartung),
                    ("adhoc", Test::AdHoc),
                ],
                diagnostics,
            ),
            level: map.percent("level", diagnostics),
            structure: map.spanned_choice(
                "structure",
                &[("two-level", Structure::TwoLevel), ("three-level", Structure::ThreeLevel)],
                diagnostics,
            ),
            robust: map.spanned_choice("robust", &[("CR2", true), ("none", false)], diagnostics),
        };
        map.close(diagnostics);
        file
    }

    pub(super) fn over(self, defaults: &Self) -> Self {
        inherit!(self, defaults, { method, rule, low, high, test, level, structure, robust })
    }
}

/// The methods, by metafor's code.
pub(in crate::spec) const METHODS: [(&str, Method); 14] = [
    ("REML", Method::RandomEffects(Estimator::RestrictedMaximumLikelihood)),
    ("DL", Method::RandomEffects(Estimator::DerSimonianLaird)),
    ("PM", Method::RandomEffects(Estimator::PauleMandel)),
    ("EB", Method::RandomEffects(Estimator::EmpiricalBayes)),
    ("ML", Method::RandomEffects(Estimator::MaximumLikelihood)),
    ("HE", Method::RandomEffects(Estimator::Hedges)),
    ("HS", Method::RandomEffects(Estimator::HunterSchmidt)),
    ("SJ", Method::RandomEffects(Estimator::SidikJonkman)),
    ("EE", Method::EqualEffects),
    ("FE", Method::EqualEffects),
    ("MH", Method::MantelHaenszel),
    ("PETO", Method::Peto),
    ("UM.FS", Method::UnconditionalMixed),
    ("CM.EL", Method::ConditionalMixed),
];
