//! Specs as written: every key optional, every value with its place.

use super::mapping::{Mapping, Written, expect_scalar, scalar, wrong_type};
use super::model::{
    Claim, DlCentre, Filter, HeterogeneityRule, ISquaredSource, Language, Measure, Method,
    PrintedInterval, Profile, Scale, Style,
};
use super::yaml::{Node, Value};
use crate::diagnostic::Diagnostic;
use crate::source::Spanned;
use crate::stats::binary::{AddTo, CorrectedTotal};
use crate::stats::pooling::inverse_variance::{PredictionReference, Test};
use crate::stats::pooling::mantel_haenszel::RiskDifferenceVariance;
use crate::stats::tau_squared::Estimator;

/// `review.yaml`.
#[derive(Debug, Default)]
pub(super) struct ReviewFile {
    pub(super) id: Option<Spanned<String>>,
    pub(super) version: Option<Spanned<String>>,
    pub(super) title: Option<Spanned<String>>,
    pub(super) authors: Vec<String>,
    pub(super) date: Option<Spanned<String>>,
    pub(super) about: Vec<String>,
    pub(super) language: Option<Language>,
    pub(super) profile: Option<Profile>,
    pub(super) style: Option<Style>,
    pub(super) defaults: AnalysisFile,
    pub(super) order: Vec<Spanned<String>>,
    pub(super) written: Written,
}

/// An analysis file, or the `defaults` of a review.
#[derive(Debug, Default)]
pub(super) struct AnalysisFile {
    pub(super) id: Option<Spanned<String>>,
    pub(super) title: Option<Spanned<String>>,
    pub(super) note: Vec<String>,
    pub(super) kind: Option<Spanned<Kind>>,
    pub(super) data: Option<Spanned<String>>,
    pub(super) filter: Vec<Filter>,
    pub(super) columns: ColumnsFile,
    pub(super) experimental: Option<String>,
    pub(super) control: Option<String>,
    pub(super) measure: Option<Spanned<Measure>>,
    pub(super) add: Option<f64>,
    pub(super) to: Option<AddTo>,
    pub(super) drop00: Option<bool>,
    pub(super) method: Option<Spanned<MethodFile>>,
    pub(super) rule: Option<HeterogeneityRule>,
    pub(super) low: Option<Spanned<Method>>,
    pub(super) high: Option<Spanned<Method>>,
    pub(super) test: Option<Spanned<Test>>,
    pub(super) level: Option<f64>,
    pub(super) subgroups: Option<Spanned<String>>,
    pub(super) conventions: ConventionsFile,
    pub(super) other_models: Option<bool>,
    pub(super) published: Option<Claim>,
    pub(super) written: Written,
    /// Whether reading it met a mistake: what its data seem to show may then be a consequence.
    pub(super) has_mistakes: bool,
}

/// The conventions that a spec names.
#[derive(Debug, Default, Clone)]
pub(super) struct ConventionsFile {
    pub(super) rr_total: Option<CorrectedTotal>,
    pub(super) rd_corrected: Option<bool>,
    pub(super) mh_corrected: Option<bool>,
    pub(super) rd_variance: Option<RiskDifferenceVariance>,
    pub(super) dl_centre: Option<DlCentre>,
    pub(super) i_squared: Option<ISquaredSource>,
    pub(super) prediction: Option<Option<PredictionReference>>,
}

/// A method, or that heterogeneity chooses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MethodFile {
    Fixed(Method),
    ByHeterogeneity,
}

/// The kinds of analysis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Binary,
}

/// Column roles.
#[derive(Debug, Default)]
pub(super) struct ColumnsFile {
    pub(super) study: Option<Spanned<String>>,
    pub(super) year: Option<Spanned<String>>,
    pub(super) source: Option<Spanned<String>>,
    pub(super) events1: Option<Spanned<String>>,
    pub(super) total1: Option<Spanned<String>>,
    pub(super) events2: Option<Spanned<String>>,
    pub(super) total2: Option<Spanned<String>>,
    pub(super) written: Written,
}

impl ReviewFile {
    /// Reads the tree of a `review.yaml`.
    pub(super) fn read(node: &Node, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let Some(mut map) = Mapping::open(node, "a review", diagnostics) else {
            return Self::default();
        };
        let file = Self {
            id: map.text("id", diagnostics),
            version: map.text("version", diagnostics),
            title: map.text("title", diagnostics),
            authors: map.texts("authors", diagnostics),
            date: map.text("date", diagnostics),
            about: map.texts("about", diagnostics),
            language: map.choice("language", &[("en", Language::English)], diagnostics),
            profile: map.choice(
                "profile",
                &[
                    Profile::Metafor,
                    Profile::JamoviMajor,
                    Profile::RevMan5,
                    Profile::RevManWeb,
                    Profile::Meta,
                ]
                .map(|profile| (profile.name(), profile)),
                diagnostics,
            ),
            style: map.choice("style", &[("major", Style::Major)], diagnostics),
            defaults: map.take("defaults").map_or_else(AnalysisFile::default, |node| {
                AnalysisFile::read_part(node, true, diagnostics)
            }),
            order: map.spanned_texts("order", diagnostics),
            written: map.written(),
        };
        map.close(diagnostics);
        file
    }
}

impl AnalysisFile {
    /// Reads the tree of an analysis file.
    pub(super) fn read(node: &Node, diagnostics: &mut Vec<Diagnostic>) -> Self {
        Self::read_part(node, false, diagnostics)
    }

    fn read_part(node: &Node, is_defaults: bool, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let before = diagnostics.len();
        let mut file = Self::read_keys(node, is_defaults, diagnostics);
        file.has_mistakes = diagnostics.len() > before;
        file
    }

    fn read_keys(node: &Node, is_defaults: bool, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let what = if is_defaults { "the defaults of a review" } else { "an analysis" };
        let Some(mut map) = Mapping::open(node, what, diagnostics) else {
            return Self::default();
        };
        let mut file = Self::default();
        if !is_defaults {
            file.id = map.text("id", diagnostics);
            file.title = map.text("title", diagnostics);
            file.note = map.texts("note", diagnostics);
        }
        file = Self {
            kind: map.spanned_choice("kind", &[("binary", Kind::Binary)], diagnostics),
            data: map.text("data", diagnostics),
            measure: map.spanned_choice(
                "measure",
                &[("OR", Measure::OR), ("RR", Measure::RR), ("RD", Measure::RD)],
                diagnostics,
            ),
            add: map.number("add", diagnostics),
            to: map.choice(
                "to",
                &[
                    ("only0", AddTo::OnlyZero),
                    ("all", AddTo::All),
                    ("if0all", AddTo::IfAnyZero),
                    ("none", AddTo::None),
                ],
                diagnostics,
            ),
            drop00: map.boolean("drop00", diagnostics),
            written: map.written(),
            ..file
        };
        file.published = map.take("published").and_then(|node| read_claim(node, diagnostics));
        if let Some(filter) = map.take("filter") {
            file.filter = read_filter(filter, diagnostics);
        }
        if let Some(columns) = map.take("columns") {
            file.columns = ColumnsFile::read(columns, diagnostics);
        }
        if let Some(mut arms) = map.mapping("arms", diagnostics) {
            file.experimental = arms.text("experimental", diagnostics).map(|text| text.value);
            file.control = arms.text("control", diagnostics).map(|text| text.value);
            arms.close(diagnostics);
        }
        if let Some(mut model) = map.mapping("model", diagnostics) {
            let mut methods: Vec<(&str, MethodFile)> =
                METHODS.iter().map(|(name, method)| (*name, MethodFile::Fixed(*method))).collect();
            methods.push(("by-heterogeneity", MethodFile::ByHeterogeneity));
            file.method = model.spanned_choice("method", &methods, diagnostics);
            file.low = model.spanned_choice("low", &METHODS, diagnostics);
            file.high = model.spanned_choice("high", &METHODS, diagnostics);
            if let Some(mut rule) = model.mapping("rule", diagnostics) {
                let i2 = rule.number("i2_above", diagnostics);
                let p = rule.number("p_below", diagnostics);
                file.rule = i2
                    .map(HeterogeneityRule::ISquaredAbove)
                    .or(p.map(HeterogeneityRule::QTestBelow));
                rule.close(diagnostics);
            }
            file.test = model.spanned_choice(
                "test",
                &[
                    ("z", Test::Z),
                    ("t", Test::T),
                    ("knha", Test::KnappHartung),
                    ("adhoc", Test::AdHoc),
                ],
                diagnostics,
            );
            file.level = model.percent("level", diagnostics);
            model.close(diagnostics);
        }
        file.subgroups = map.text("subgroups", diagnostics);
        if let Some(conventions) = map.mapping("conventions", diagnostics) {
            file.conventions = ConventionsFile::read(conventions, diagnostics);
        }
        if let Some(mut sensitivity) = map.mapping("sensitivity", diagnostics) {
            file.other_models = sensitivity.boolean("other_models", diagnostics);
            sensitivity.close(diagnostics);
        }
        map.close(diagnostics);
        file
    }

    /// This file with `defaults` where it says nothing; mappings are merged key by key.
    pub(super) fn over(self, defaults: &Self) -> Self {
        let mut filter: Vec<Filter> = defaults
            .filter
            .iter()
            .filter(|inherited| {
                self.filter.iter().all(|own| own.column.value != inherited.column.value)
            })
            .cloned()
            .collect();
        filter.extend(self.filter);
        Self {
            id: self.id,
            title: self.title,
            note: self.note,
            kind: self.kind.or_else(|| defaults.kind.clone()),
            data: self.data.or_else(|| defaults.data.clone()),
            filter,
            columns: self.columns.over(&defaults.columns),
            experimental: self.experimental.or_else(|| defaults.experimental.clone()),
            control: self.control.or_else(|| defaults.control.clone()),
            measure: self.measure.or_else(|| defaults.measure.clone()),
            add: self.add.or(defaults.add),
            to: self.to.or(defaults.to),
            drop00: self.drop00.or(defaults.drop00),
            method: self.method.or_else(|| defaults.method.clone()),
            rule: self.rule.or(defaults.rule),
            low: self.low.or_else(|| defaults.low.clone()),
            high: self.high.or_else(|| defaults.high.clone()),
            test: self.test.or_else(|| defaults.test.clone()),
            level: self.level.or(defaults.level),
            subgroups: self.subgroups.or_else(|| defaults.subgroups.clone()),
            conventions: self.conventions.over(&defaults.conventions),
            other_models: self.other_models.or(defaults.other_models),
            published: self.published.map(|claim| Claim {
                source: claim.source.or_else(|| defaults.published.as_ref()?.source.clone()),
                ..claim
            }),
            written: self.written.and(&defaults.written),
            has_mistakes: self.has_mistakes || defaults.has_mistakes,
        }
    }
}

impl ConventionsFile {
    fn read(mut map: Mapping<'_>, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let conventions = Self {
            rr_total: map.choice(
                "rr_total",
                &[
                    ("both-cells", CorrectedTotal::BothCells),
                    ("event-cell", CorrectedTotal::EventCell),
                ],
                diagnostics,
            ),
            rd_corrected: map.choice(
                "rd_estimate",
                &[("corrected", true), ("plain", false)],
                diagnostics,
            ),
            mh_corrected: map.choice(
                "mh_sums",
                &[("corrected", true), ("plain", false)],
                diagnostics,
            ),
            rd_variance: map.choice(
                "rd_variance",
                &[
                    ("sato", RiskDifferenceVariance::Sato),
                    ("greenland-robins", RiskDifferenceVariance::GreenlandRobins),
                ],
                diagnostics,
            ),
            dl_centre: map.choice(
                "dl_centre",
                &[
                    ("inverse-variance", DlCentre::InverseVariance),
                    ("mantel-haenszel", DlCentre::MantelHaenszel),
                ],
                diagnostics,
            ),
            i_squared: map.choice(
                "i_squared",
                &[("tau2", ISquaredSource::TauSquared), ("q", ISquaredSource::Q)],
                diagnostics,
            ),
            prediction: map.choice(
                "prediction",
                &[
                    ("model", Some(PredictionReference::Model)),
                    ("t-k-1", Some(PredictionReference::ResidualDf)),
                    ("t-k-2", Some(PredictionReference::ResidualDfMinusOne)),
                    ("none", None),
                ],
                diagnostics,
            ),
        };
        map.close(diagnostics);
        conventions
    }

    fn over(self, defaults: &Self) -> Self {
        Self {
            rr_total: self.rr_total.or(defaults.rr_total),
            rd_corrected: self.rd_corrected.or(defaults.rd_corrected),
            mh_corrected: self.mh_corrected.or(defaults.mh_corrected),
            rd_variance: self.rd_variance.or(defaults.rd_variance),
            dl_centre: self.dl_centre.or(defaults.dl_centre),
            i_squared: self.i_squared.or(defaults.i_squared),
            prediction: self.prediction.or(defaults.prediction),
        }
    }
}

impl ColumnsFile {
    fn read(node: &Node, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let Some(mut map) = Mapping::open(node, "`columns`", diagnostics) else {
            return Self::default();
        };
        let columns = Self {
            study: map.text("study", diagnostics),
            year: map.text("year", diagnostics),
            source: map.text("source", diagnostics),
            events1: map.text("events1", diagnostics),
            total1: map.text("total1", diagnostics),
            events2: map.text("events2", diagnostics),
            total2: map.text("total2", diagnostics),
            written: map.written(),
        };
        map.close(diagnostics);
        columns
    }

    fn over(self, defaults: &Self) -> Self {
        Self {
            study: self.study.or_else(|| defaults.study.clone()),
            year: self.year.or_else(|| defaults.year.clone()),
            source: self.source.or_else(|| defaults.source.clone()),
            events1: self.events1.or_else(|| defaults.events1.clone()),
            total1: self.total1.or_else(|| defaults.total1.clone()),
            events2: self.events2.or_else(|| defaults.events2.clone()),
            total2: self.total2.or_else(|| defaults.total2.clone()),
            written: self.written.and(&defaults.written),
        }
    }
}

const METHODS: [(&str, Method); 12] = [
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
];

fn read_filter(node: &Node, diagnostics: &mut Vec<Diagnostic>) -> Vec<Filter> {
    let Value::Mapping(entries) = &node.value else {
        diagnostics.push(wrong_type(node, "`filter`", "a mapping of columns to values"));
        return Vec::new();
    };
    let mut filter = Vec::new();
    for (key, value) in entries {
        let Some(column) = scalar(key) else { continue };
        let values = match &value.value {
            Value::Sequence(items) => items
                .iter()
                .filter_map(|item| expect_scalar(item, &column.value, diagnostics))
                .collect(),
            _ => expect_scalar(value, &column.value, diagnostics).into_iter().collect(),
        };
        filter.push(Filter { column, values });
    }
    filter
}

fn read_claim(node: &Node, diagnostics: &mut Vec<Diagnostic>) -> Option<Claim> {
    let mut map = Mapping::open(node, "published results", diagnostics)?;
    let mut claim = Claim {
        source: map.text("source", diagnostics).map(|text| text.value),
        k: map.printed("k", diagnostics),
        p: map.printed("p", diagnostics),
        i2: map.printed("i2", diagnostics),
        rank_p: map.printed("rank_p", diagnostics),
        regression_p: map.printed("regression_p", diagnostics),
        threshold: map.printed("threshold", diagnostics),
        note: map.text("note", diagnostics).map(|text| text.value),
        ..Claim::default()
    };
    if let Some(mut estimate) = map.mapping("estimate", diagnostics) {
        let value = estimate.printed("value", diagnostics);
        let scale = estimate.required_choice("scale", &SCALES, diagnostics);
        claim.estimate = value.zip(scale);
        estimate.close(diagnostics);
    }
    if let Some(mut ci) = map.mapping("ci", diagnostics) {
        let low = ci.printed("low", diagnostics);
        let high = ci.printed("high", diagnostics);
        let scale = ci.required_choice("scale", &SCALES, diagnostics);
        claim.ci = scale.map(|scale| PrintedInterval { low, high, scale });
        ci.close(diagnostics);
    }
    map.close(diagnostics);
    Some(claim)
}

const SCALES: [(&str, Scale); 4] = [
    ("log", Scale::Log),
    ("ratio", Scale::Ratio),
    ("percent", Scale::Percent),
    ("difference", Scale::Difference),
];
