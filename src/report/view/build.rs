//! The view of a review: front page, overviews, the table of results.

use super::certainty::findings_view;
use super::claim::claim_view;
use super::columns::group_sizes;
use super::described::{characteristics_view, described_view};
use super::evidence::{bias_columns, flow_view, risk_of_bias_view};
use super::model::models;
use super::other_models::other_models;
use super::protocol::protocol_view;
use super::results_table::results_table;
use super::section::{directions, section};
use super::survival::survival_view;
use super::text::{i_squared_text, reason_code, tau_squared_text};
use super::works::{references_view, report_works};
use super::{
    ArmsView, ChapterView, Conclusions, DateView, DirectionsView, EntryView, OverviewView,
    ReportView, SummaryRow,
};
use crate::analysis::Findings;
use crate::report::number::Numbers;
use crate::report::plots::overview_forest;
use crate::report::scale::EffectPrinter;
use crate::report::style::HouseStyle;
use crate::report::verdict::EffectVerdict;
use crate::report::works::WorkLibrary;
use crate::report::{EntryFindings, ReviewFindings};
use crate::spec::{Analysis, Entry, Measure, Review};
use std::collections::BTreeSet;

/// The view of a review in a house style. `date` is the day to print, if any; `program` names the
/// program; `library` is the bibliography of the works that the report cites by itself.
#[must_use]
pub fn report_view(
    findings: &ReviewFindings,
    style: &HouseStyle,
    date: Option<DateView>,
    program: &str,
    library: &WorkLibrary,
) -> ReportView {
    let numbers = Numbers::of(style);
    let review = &findings.review;
    let trials: BTreeSet<&str> = findings
        .analyses()
        .flat_map(|(_, findings)| &findings.studies)
        .map(|study| study.study.trial())
        .collect();
    let mut claim_sources = Vec::new();
    for source in review.analyses().filter_map(|a| a.published.as_ref()?.source.clone()) {
        if !claim_sources.contains(&source) {
            claim_sources.push(source);
        }
    }
    let flow = flow_view(findings);
    let risk_of_bias = risk_of_bias_view(findings);
    let works = report_works(&findings.review, flow.is_some(), risk_of_bias.is_some());
    let mut view = ReportView {
        title: review.title.clone(),
        version: review.version.clone(),
        authors: review.authors.clone(),
        date,
        about: review.about.clone(),
        program: program.to_owned(),
        study_count: trials.len(),
        profile: review.profile.name(),
        style: style.clone(),
        p_lead: numbers.p_lead(),
        equals: numbers.equals(),
        models: models(findings, numbers),
        conclusions: conclusions(findings, numbers),
        overviews: overviews(findings, numbers),
        flow,
        risk_of_bias,
        summary: findings
            .numbered_analyses()
            .map(|(number, spec, found)| summary_row(number, spec, found, numbers))
            .collect(),
        counts_events: review.analyses().all(|analysis| analysis.kind.counts_events()),
        arms: shared_arms(findings),
        has_claims: review.analyses().any(|analysis| analysis.published.is_some()),
        claim_sources,
        works,
        references: None,
        protocol: protocol_view(&review.about_studies),
        characteristics: characteristics_view(findings),
        findings: findings_view(findings, numbers),
        results_table: results_table(findings, numbers),
        sections: findings
            .numbered()
            .filter_map(|(number, entry)| match entry {
                (Entry::Pooled(spec), EntryFindings::Pooled(found)) => {
                    let bias = bias_columns(findings, spec, found, style);
                    Some(EntryView::Pooled(Box::new(section(number, spec, found, bias, numbers))))
                }
                (Entry::Survival(spec), EntryFindings::Survival(found)) => {
                    Some(EntryView::Survival(Box::new(survival_view(number, spec, found, numbers))))
                }
                (Entry::Description(spec), EntryFindings::Described(found)) => {
                    let abbreviations = &review.about_studies.abbreviations;
                    let view = described_view(number, spec, found, abbreviations, numbers);
                    Some(EntryView::Described(Box::new(view)))
                }
                _ => None,
            })
            .collect(),
        chapters: chapter_views(review),
        part_starts: part_starts(&chapter_lengths(review)),
        consistency: None,
    };
    view.references = references_view(&view, findings.references.as_ref(), library);
    view
}

fn chapter_views(review: &Review) -> Vec<ChapterView> {
    let mut first = 1;
    review
        .chapters
        .iter()
        .map(|chapter| {
            let view = ChapterView { title: chapter.title.clone(), first };
            first += chapter.analyses.len();
            view
        })
        .collect()
}

/// The most sections that stand between two page breaks.
const LONGEST_RUN: usize = 16;

/// How many sections each chapter has; without chapters all are one.
fn chapter_lengths(review: &Review) -> Vec<usize> {
    match review.chapters.as_slice() {
        [] => vec![review.entries.len()],
        chapters => chapters.iter().map(|chapter| chapter.analyses.len()).collect(),
    }
}

/// The sections before which long chapters are broken, into parts that are about equally long.
fn part_starts(chapters: &[usize]) -> Vec<usize> {
    let mut starts = Vec::new();
    let mut first = 1;
    for &sections in chapters {
        let parts = sections.div_ceil(LONGEST_RUN);
        starts.extend((1..parts).map(|part| first + (part * sections).div_ceil(parts)));
        first += sections;
    }
    starts
}

/// The day of a spec's date, year-month-day.
#[must_use]
pub fn parse_date(text: &str) -> Option<DateView> {
    let mut parts = text.split('-').map(|part| part.parse().ok());
    let date = DateView { year: parts.next()??, month: parts.next()??, day: parts.next()?? };
    parts.next().is_none().then_some(date)
}

pub(super) fn shared_arms(findings: &ReviewFindings) -> Option<ArmsView> {
    let mut arms = findings.review.analyses().map(arms_view);
    let first = arms.next()?;
    arms.all(|other| other == first).then_some(first)
}

pub(super) fn arms_view(spec: &Analysis) -> ArmsView {
    ArmsView { experimental: spec.arms.experimental.clone(), control: spec.arms.control.clone() }
}

fn conclusions(findings: &ReviewFindings, numbers: Numbers<'_>) -> Conclusions {
    let mut conclusions = Conclusions::default();
    for (spec, findings) in findings.analyses() {
        if spec.sensitivity_of.is_some() {
            conclusions.repeats.push(spec.title.clone());
            continue;
        }
        let group = match verdict(spec, findings) {
            EffectVerdict::Higher if spec.kind.counts_events() => &mut conclusions.more_events,
            EffectVerdict::Lower if spec.kind.counts_events() => &mut conclusions.fewer_events,
            EffectVerdict::Higher => &mut conclusions.higher,
            EffectVerdict::Lower => &mut conclusions.lower,
            EffectVerdict::Estimated => &mut conclusions.estimated,
            EffectVerdict::NotSignificant => &mut conclusions.not_significant,
            EffectVerdict::NotEstimable => &mut conclusions.not_estimable,
        };
        group.push(spec.title.clone());
        if other_models(spec, findings, numbers).iter().any(|other| other.is_other_verdict) {
            conclusions.depends_on_model.push(spec.title.clone());
        }
    }
    conclusions
}

pub(super) fn verdict(spec: &Analysis, findings: &Findings) -> EffectVerdict {
    let pooled = findings.pooled.as_ref().map_err(|reason| *reason);
    EffectVerdict::of(spec.measure, pooled, 1.0 - spec.model.level)
}

fn overviews(findings: &ReviewFindings, numbers: Numbers<'_>) -> Vec<OverviewView> {
    overview_measures(&findings.review)
        .into_iter()
        .map(|measure| {
            let of_measure = || {
                findings
                    .analyses()
                    .filter(|(spec, _)| spec.measure == measure && spec.sensitivity_of.is_none())
            };
            let forest = overview_forest(measure, of_measure(), numbers);
            let significant =
                forest.rows.iter().filter(|row| row.is_significant).map(|row| row.label.clone());
            OverviewView {
                measure: measure.code(),
                level: of_measure()
                    .next()
                    .map(|(spec, _)| numbers.shortest(100.0 * spec.model.level))
                    .unwrap_or_default(),
                directions: shared_directions(
                    &of_measure().map(|(spec, _)| spec).collect::<Vec<_>>(),
                ),
                significant: significant.collect(),
                forest,
            }
        })
        .collect()
}

/// What lies on either side of the null, where it is the same for all analyses.
fn shared_directions(analyses: &[&Analysis]) -> Option<DirectionsView> {
    let (first, others) = analyses.split_first()?;
    let is_shared = |other: &&Analysis| {
        other.benefit == first.benefit && other.kind.counts_events() == first.kind.counts_events()
    };
    others.iter().all(is_shared).then(|| directions(first))?
}

/// The measures whose effects stand in one plot: those of two analyses or more.
fn overview_measures(review: &Review) -> Vec<Measure> {
    let mut measures: Vec<(Measure, usize)> = Vec::new();
    let is_shown =
        |spec: &&Analysis| has_common_axis(spec.measure) && spec.sensitivity_of.is_none();
    for spec in review.analyses().filter(is_shown) {
        match measures.iter_mut().find(|(known, _)| *known == spec.measure) {
            Some((_, count)) => *count += 1,
            None => measures.push((spec.measure, 1)),
        }
    }
    measures.into_iter().filter(|(_, count)| *count > 1).map(|(measure, _)| measure).collect()
}

/// Whether effects of different outcomes can stand on one axis.
fn has_common_axis(measure: Measure) -> bool {
    !matches!(
        measure,
        Measure::MD
            | Measure::GEN
            | Measure::IRD
            | Measure::IRSD
            | Measure::IR
            | Measure::IRLN
            | Measure::IRS
            | Measure::IRFT
    )
}

fn summary_row(
    number: usize,
    spec: &Analysis,
    findings: &Findings,
    numbers: Numbers<'_>,
) -> SummaryRow {
    let pooled = findings.pooled.as_ref();
    let alpha = 1.0 - spec.model.level;
    let found = pooled.ok();
    let [group1, group2] = group_sizes(spec, &findings.totals, numbers);
    let printer = EffectPrinter::of(spec, findings, numbers);
    SummaryRow {
        number,
        title: spec.title.clone(),
        k: found.map_or(findings.studies.len(), |pooled| pooled.k).to_string(),
        group1,
        group2,
        measure: spec.measure.code(),
        effect: found.map(|pooled| printer.pooled(pooled)),
        p: found
            .filter(|_| !spec.measure.is_single_group())
            .map(|pooled| numbers.p_cell(pooled.effect.p_value, alpha)),
        i2: found.and_then(|pooled| i_squared_text(pooled, numbers)),
        tau2: found.and_then(|pooled| tau_squared_text(pooled, numbers)),
        prediction: found
            .and_then(|pooled| pooled.prediction.ok())
            .map(|interval| printer.interval(interval)),
        reason: pooled.err().map(|reason| reason_code(*reason)),
        is_significant: matches!(
            verdict(spec, findings),
            EffectVerdict::Higher | EffectVerdict::Lower
        ),
        claim: spec.published.as_ref().map(|claim| claim_view(claim, numbers)),
    }
}

#[cfg(test)]
mod tests {
    use super::part_starts;

    #[test]
    fn long_chapters_are_broken_in_the_middle() {
        assert!(part_starts(&[]).is_empty());
        assert!(part_starts(&[0, 16, 16]).is_empty());
        // 9 and 8 of the first chapter; 11, 11 and 11 of the last
        assert_eq!(part_starts(&[17, 2, 33]), vec![10, 31, 42]);
    }
}
