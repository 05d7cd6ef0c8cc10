//! The view of a review: front page, overviews, the table of results.

use super::claim::claim_view;
use super::section::{other_models, section};
use super::text::{
    i_squared_text, interval_text, pooled_text, reason_code, shortest, tau_squared_text,
};
use super::{ArmsView, Conclusions, DateView, ModelView, OverviewView, ReportView, SummaryRow};
use crate::analysis::Findings;
use crate::report::plots::{fraction, overview_forest};
use crate::report::results::{test_code, to_code};
use crate::report::verdict::EffectVerdict;
use crate::report::{ReviewFindings, number};
use crate::spec::{Analysis, DlCentre, ISquaredSource, Measure, Method};
use crate::stats::pooling::inverse_variance::PredictionReference;
use crate::stats::tau_squared::Estimator;
use std::collections::BTreeSet;

/// The view of a review. `date` is the day to print, if any; `program` names the program.
#[must_use]
pub fn report_view(findings: &ReviewFindings, date: Option<DateView>, program: &str) -> ReportView {
    let review = &findings.review;
    let labels: BTreeSet<&str> = findings
        .findings
        .iter()
        .flat_map(|findings| &findings.studies)
        .map(|study| study.label.as_str())
        .collect();
    let mut claim_sources = Vec::new();
    for source in review.analyses.iter().filter_map(|a| a.published.as_ref()?.source.clone()) {
        if !claim_sources.contains(&source) {
            claim_sources.push(source);
        }
    }
    let numbered = || (1..).zip(findings.analyses());
    ReportView {
        title: review.title.clone(),
        version: review.version.clone(),
        authors: review.authors.clone(),
        date,
        about: review.about.clone(),
        program: program.to_owned(),
        study_count: labels.len(),
        profile: review.profile.name(),
        models: models(findings),
        conclusions: conclusions(findings),
        overviews: overviews(findings),
        summary: numbered()
            .map(|(number, (spec, findings))| summary_row(number, spec, findings))
            .collect(),
        arms: shared_arms(findings),
        has_claims: review.analyses.iter().any(|analysis| analysis.published.is_some()),
        claim_sources,
        sections: numbered()
            .map(|(number, (spec, findings))| section(number, spec, findings))
            .collect(),
    }
}

/// The day of a spec's date, year-month-day.
#[must_use]
pub fn parse_date(text: &str) -> Option<DateView> {
    let mut parts = text.split('-').map(|part| part.parse().ok());
    let date = DateView { year: parts.next()??, month: parts.next()??, day: parts.next()?? };
    parts.next().is_none().then_some(date)
}

pub(super) fn shared_arms(findings: &ReviewFindings) -> Option<ArmsView> {
    let mut arms = findings.review.analyses.iter().map(arms_view);
    let first = arms.next()?;
    arms.all(|other| other == first).then_some(first)
}

pub(super) fn arms_view(spec: &Analysis) -> ArmsView {
    ArmsView { experimental: spec.arms.experimental.clone(), control: spec.arms.control.clone() }
}

pub(super) fn models(findings: &ReviewFindings) -> Vec<ModelView> {
    let mut models: Vec<ModelView> = Vec::new();
    for spec in &findings.review.analyses {
        let model = model_view(spec);
        let known = models
            .iter_mut()
            .find(|known| ModelView { analyses: Vec::new(), ..(*known).clone() } == model);
        match known {
            Some(known) => known.analyses.push(spec.title.clone()),
            None => models.push(ModelView { analyses: vec![spec.title.clone()], ..model }),
        }
    }
    if let [only] = models.as_mut_slice() {
        only.analyses.clear();
    }
    models
}

pub(super) fn model_view(spec: &Analysis) -> ModelView {
    let level = 100.0 * spec.model.level;
    ModelView {
        measure: spec.measure.code(),
        method: spec.model.method.code(),
        is_random: matches!(spec.model.method, Method::RandomEffects(_)),
        test: test_code(spec.model.test),
        level: shortest(level),
        add: shortest(spec.zero_cells.add),
        to: to_code(spec.zero_cells.to),
        drop00: spec.zero_cells.drop00,
        corrects_mh_sums: spec.conventions.mantel_haenszel.corrects_sums && spec.measure.is_ratio(),
        q_about_mh: spec.conventions.dl_centre == DlCentre::MantelHaenszel
            && spec.model.method == Method::RandomEffects(Estimator::DerSimonianLaird),
        i2_from_q: spec.conventions.i_squared == ISquaredSource::Q,
        prediction: spec.conventions.prediction.map(|reference| match reference {
            PredictionReference::Model => "model",
            PredictionReference::ResidualDf => "t-k-1",
            PredictionReference::ResidualDfMinusOne => "t-k-2",
        }),
        analyses: Vec::new(),
    }
}

pub(super) fn conclusions(findings: &ReviewFindings) -> Conclusions {
    let mut conclusions = Conclusions::default();
    for (spec, findings) in findings.analyses() {
        let group = match verdict(spec, findings) {
            EffectVerdict::Higher => &mut conclusions.higher,
            EffectVerdict::Lower => &mut conclusions.lower,
            EffectVerdict::NotSignificant => &mut conclusions.not_significant,
            EffectVerdict::NotEstimable => &mut conclusions.not_estimable,
        };
        group.push(spec.title.clone());
        if other_models(spec, findings).iter().any(|other| other.is_other_verdict) {
            conclusions.depends_on_model.push(spec.title.clone());
        }
    }
    conclusions
}

pub(super) fn verdict(spec: &Analysis, findings: &Findings) -> EffectVerdict {
    EffectVerdict::of(findings.pooled.as_ref().map_err(|reason| *reason), 1.0 - spec.model.level)
}

pub(super) fn overviews(findings: &ReviewFindings) -> Vec<OverviewView> {
    let mut measures: Vec<Measure> = Vec::new();
    for spec in &findings.review.analyses {
        if !measures.contains(&spec.measure) {
            measures.push(spec.measure);
        }
    }
    measures
        .into_iter()
        .map(|measure| {
            let of_measure = || findings.analyses().filter(|(spec, _)| spec.measure == measure);
            let forest = overview_forest(measure, of_measure());
            let significant =
                forest.rows.iter().filter(|row| row.is_significant).map(|row| row.label.clone());
            OverviewView {
                measure: measure.code(),
                level: of_measure()
                    .next()
                    .map(|(spec, _)| shortest(100.0 * spec.model.level))
                    .unwrap_or_default(),
                significant: significant.collect(),
                forest,
            }
        })
        .collect()
}

pub(super) fn summary_row(number: usize, spec: &Analysis, findings: &Findings) -> SummaryRow {
    let pooled = findings.pooled.as_ref();
    let alpha = 1.0 - spec.model.level;
    let found = pooled.ok();
    let totals = &findings.totals;
    SummaryRow {
        number,
        title: spec.title.clone(),
        k: found.map_or(findings.studies.len(), |pooled| pooled.k).to_string(),
        group1: fraction(totals.events1, totals.total1),
        group2: fraction(totals.events2, totals.total2),
        measure: spec.measure.code(),
        effect: found.map(|pooled| pooled_text(spec, pooled)),
        p: found.map(|pooled| number::p_cell(pooled.effect.p_value, alpha)),
        i2: found.and_then(i_squared_text),
        tau2: found
            .and_then(|pooled| pooled.tau_squared.ok())
            .map(|tau_squared| tau_squared_text(tau_squared.value)),
        prediction: found
            .and_then(|pooled| pooled.prediction.ok())
            .map(|interval| interval_text(spec.measure, interval)),
        reason: pooled.err().map(|reason| reason_code(*reason)),
        is_significant: matches!(
            verdict(spec, findings),
            EffectVerdict::Higher | EffectVerdict::Lower
        ),
        claim: spec.published.as_ref().map(claim_view),
    }
}
