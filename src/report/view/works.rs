//! The works that the parts of a report cite, each beside the choice or the result that it is cited
//! for, and what the list of references is made from.

use super::{EntryView, ModelView, ReportView};
use crate::analysis::{Findings, SurvivalFindings};
use crate::data::References;
use crate::report::works::{Work, WorkLibrary, choices};
use crate::spec::{
    Analysis, AskedTable, Kind, Measure, Method, ProportionInterval, Review, Structure,
};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What the list of references is made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReferencesView {
    /// The author's list, if a text cites something of it: BibLaTeX or Hayagriva's YAML.
    pub author: Option<String>,
    /// The list of the works that the report cites by itself: Hayagriva's YAML.
    pub own: String,
    /// The author's entries that stand for such works, by the works' keys.
    pub stand_ins: BTreeMap<&'static str, String>,
    /// The works that the report cites by itself.
    pub works: BTreeSet<Work>,
}

/// What the report as a whole cites.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReportWorks {
    /// The program.
    pub program: Vec<Work>,
    /// The program whose conventions the profile follows.
    pub profile: Vec<Work>,
    /// The flow diagram.
    pub flow: Vec<Work>,
    /// The tool of risk of bias.
    pub risk_of_bias: Vec<Work>,
}

/// What a model cites, by what it is cited for. Nothing is cited for what the model does not use.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ModelWorks {
    /// The scale of the measure.
    pub measure: Vec<Work>,
    /// The correction of a standardised mean difference.
    pub correction: Vec<Work>,
    /// The sampling variance of a standardised mean difference.
    pub variance: Vec<Work>,
    /// Means from medians.
    pub means: Vec<Work>,
    /// The intervals of single studies.
    pub study_interval: Vec<Work>,
    /// How a pooled double arcsine is turned back.
    pub inverse: Vec<Work>,
    /// Why that can mislead.
    pub inverse_caution: Vec<Work>,
    /// The pooling method, or the estimator of τ².
    pub method: Vec<Work>,
    /// The structure of clusters.
    pub structure: Vec<Work>,
    /// The variance of a Mantel-Haenszel estimate.
    pub pooled_variance: Vec<Work>,
    /// Q about the Mantel-Haenszel estimate.
    pub centre: Vec<Work>,
    /// Tests and intervals.
    pub inference: Vec<Work>,
    /// The Q test.
    pub q: Vec<Work>,
    /// The intervals of τ² and I².
    pub q_profile: Vec<Work>,
    /// I².
    pub i2: Vec<Work>,
    /// The prediction interval.
    pub prediction: Vec<Work>,
    /// Outliers and influence.
    pub influence: Vec<Work>,
    /// The rank correlation test.
    pub rank: Vec<Work>,
    /// The regression test of asymmetry.
    pub regression: Vec<Work>,
    /// Harbord's test.
    pub harbord: Vec<Work>,
    /// Peters' test.
    pub peters: Vec<Work>,
    /// Trim and fill.
    pub trim_fill: Vec<Work>,
    /// The regression on moderators.
    pub moderators: Vec<Work>,
}

/// What the results of an analysis cite.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SectionWorks {
    /// The selection model.
    pub selection: Vec<Work>,
    /// Henmi & Copas' estimate.
    pub henmi_copas: Vec<Work>,
    /// The permutation test of moderators.
    pub permutation: Vec<Work>,
}

/// What an analysis of survival cites.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SurvivalWorks {
    /// The curves.
    pub curves: Vec<Work>,
    /// The comparison of groups.
    pub log_rank: Vec<Work>,
}

/// The works where the condition holds.
fn used(condition: bool, works: &[Work]) -> Vec<Work> {
    if condition { works.to_vec() } else { Vec::new() }
}

/// What the report as a whole cites, with or without a flow diagram and judgements of risk of bias.
pub(super) fn report_works(review: &Review, has_flow: bool, is_judged: bool) -> ReportWorks {
    let is_pooled = review.analyses().next().is_some();
    let tool = review.risk_of_bias.as_ref().filter(|_| is_judged).map(|spec| spec.tool);
    ReportWorks {
        program: used(is_pooled, &[Work::Program]),
        profile: used(is_pooled, choices::profile(review.profile)),
        flow: used(has_flow, &[Work::Page2021]),
        risk_of_bias: tool.map_or_else(Vec::new, |tool| choices::bias_tool(tool).to_vec()),
    }
}

/// What the model of an analysis cites, of which `model` tells all else.
pub(super) fn model_works(spec: &Analysis, model: &ModelView) -> ModelWorks {
    let conventions = &spec.conventions;
    let (measure, method) = (spec.measure, spec.model.method);
    let is_mixed = matches!(method, Method::UnconditionalMixed | Method::ConditionalMixed);
    let is_three_level = spec.model.structure == Structure::ThreeLevel;
    let is_mantel_haenszel = method == Method::MantelHaenszel;
    let has_odds_tests = measure == Measure::OR && spec.kind == Kind::Binary;
    let is_told = !matches!(spec.kind, Kind::Generic);
    let prediction = conventions
        .prediction
        .filter(|_| model.is_random && !model.is_robust)
        .map_or(&[][..], choices::prediction);
    ModelWorks {
        measure: used(is_told, choices::measure(measure, conventions.means.ratio)),
        correction: used(model.smd_correction.is_some(), &[Work::Hedges1981]),
        variance: used(
            model.smd_variance.is_some(),
            choices::standardised_variance(conventions.means.standardised_variance),
        ),
        means: used(
            model.mean_from_median.is_some(),
            choices::means(conventions.means.from_quantiles),
        ),
        study_interval: used(
            model.study_interval.is_some(),
            choices::study_interval(conventions.study_interval),
        ),
        inverse: used(measure == Measure::PFT, &[Work::Miller1978]),
        inverse_caution: used(measure == Measure::PFT, &[Work::Schwarzer2019]),
        method: choices::method(method).to_vec(),
        structure: used(is_three_level, &[Work::Konstantopoulos2011]),
        pooled_variance: used(
            is_mantel_haenszel,
            choices::mantel_haenszel_variance(
                measure,
                conventions.mantel_haenszel.risk_difference_variance,
            ),
        ),
        centre: used(model.q_about_mh, &[Work::Deeks2010]),
        inference: choices::inference(spec.model.test, model.is_robust).to_vec(),
        q: used(!is_mixed, &[Work::Cochran1954]),
        q_profile: used(!is_mixed && model.is_random && !is_three_level, &[Work::Viechtbauer2007]),
        i2: used(!is_mixed && !is_three_level, &[Work::Higgins2002]),
        prediction: prediction.to_vec(),
        influence: used(model.has_influence, &[Work::ViechtbauerCheung2010]),
        rank: vec![Work::Begg1994],
        regression: used(
            model.has_regression,
            choices::regression_test(spec.small_study.regression),
        ),
        harbord: used(has_odds_tests, &[Work::Harbord2006]),
        peters: used(has_odds_tests, &[Work::Peters2006]),
        trim_fill: used(model.trim_fill.is_some(), &[Work::Duval2000]),
        moderators: used(model.has_moderators, &[Work::Raudenbush2009]),
    }
}

pub(super) fn section_works(findings: &Findings) -> SectionWorks {
    let small = findings.small_study.as_ref().ok().filter(|_| findings.pooled.is_ok());
    let is_permuted = findings.regression.as_ref().is_some_and(|found| {
        found.as_ref().is_ok_and(|found| matches!(found.permutation, Some(Ok(_))))
    });
    SectionWorks {
        selection: used(
            small.is_some_and(|found| matches!(found.selection, Some(Ok(_)))),
            &[Work::Vevea1995],
        ),
        henmi_copas: used(
            small.is_some_and(|found| matches!(found.henmi_copas, Some(Ok(_)))),
            &[Work::Henmi2010],
        ),
        permutation: used(is_permuted, &[Work::Higgins2004]),
    }
}

pub(super) fn survival_works(found: &SurvivalFindings) -> SurvivalWorks {
    SurvivalWorks {
        curves: vec![Work::Kaplan1958],
        log_rank: used(found.log_rank.is_ok(), &[Work::Mantel1966]),
    }
}

/// What the note below a table that an analysis was asked to print cites.
pub(super) fn asked_works(table: AskedTable, spec: &Analysis) -> Vec<Work> {
    match table {
        AskedTable::FailSafe => choices::fail_safe(spec.small_study.fail_safe).to_vec(),
        AskedTable::Asymmetry => vec![Work::Begg1994],
        AskedTable::SingleArm => {
            let interval = ProportionInterval::of(Some(spec.conventions.study_interval));
            choices::proportion_interval(interval).to_vec()
        }
        AskedTable::Model
        | AskedTable::Heterogeneity
        | AskedTable::BackTransform
        | AskedTable::Fit
        | AskedTable::Influence => Vec::new(),
    }
}

/// The list of references of a report, if it cites anything.
pub(super) fn references_view(
    view: &ReportView,
    author: Option<&References>,
    library: &WorkLibrary,
) -> Option<ReferencesView> {
    let author = author.filter(|references| !references.cited.is_empty());
    let works = cited(view);
    (author.is_some() || !works.is_empty()).then(|| ReferencesView {
        author: author.map(|references| references.text.clone()),
        own: library.text().to_owned(),
        stand_ins: author.map(|author| library.stand_ins(author)).unwrap_or_default(),
        works,
    })
}

/// Every work that a report cites by itself.
fn cited(view: &ReportView) -> BTreeSet<Work> {
    let ReportWorks { program, profile, flow, risk_of_bias } = &view.works;
    let of_report = [program, profile, flow, risk_of_bias].into_iter();
    let of_models = view.models.iter().flat_map(|model| model.works.all());
    let of_sections = view.sections.iter().flat_map(|section| match section {
        EntryView::Pooled(section) => {
            let SectionWorks { selection, henmi_copas, permutation } = &section.works;
            let asked = section.asked.iter().filter(|asked| asked.grid.is_some());
            [selection, henmi_copas, permutation]
                .into_iter()
                .chain(section.figures.lines.iter().flatten().map(|figure| &figure.works))
                .chain(asked.map(|asked| &asked.works))
                .collect()
        }
        EntryView::Survival(section) => {
            let SurvivalWorks { curves, log_rank } = &section.works;
            vec![curves, log_rank]
        }
        EntryView::Described(section) => vec![&section.works],
    });
    of_report.chain(of_models).chain(of_sections).flatten().copied().collect()
}

impl ModelWorks {
    /// What is cited for each choice.
    fn all(&self) -> [&Vec<Work>; 23] {
        let Self {
            measure,
            correction,
            variance,
            means,
            study_interval,
            inverse,
            inverse_caution,
            method,
            structure,
            pooled_variance,
            centre,
            inference,
            q,
            q_profile,
            i2,
            prediction,
            influence,
            rank,
            regression,
            harbord,
            peters,
            trim_fill,
            moderators,
        } = self;
        [
            measure,
            correction,
            variance,
            means,
            study_interval,
            inverse,
            inverse_caution,
            method,
            structure,
            pooled_variance,
            centre,
            inference,
            q,
            q_profile,
            i2,
            prediction,
            influence,
            rank,
            regression,
            harbord,
            peters,
            trim_fill,
            moderators,
        ]
    }
}
