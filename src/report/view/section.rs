//! The view of one analysis.

use super::asked::asked_views;
use super::build::{arms_view, verdict};
use super::claim::claim_view;
use super::columns::{DataColumns, Sums, group_sizes};
use super::diagnostics::diagnostics_view;
use super::figures::figures_view;
use super::footer::{FooterLine, footer, heterogeneity_runs, subgroup_line};
use super::model::{has_medians, model_view};
use super::regression::regression_view;
use super::shown::Shown;
use super::text::{i_squared_text, q_runs, q_view, reason_code, tau_squared_text, test_value};
use super::works::section_works;
use super::{
    BiasColumnsView, ChoiceView, ComponentsView, DirectionsView, EstimateWithError, Footnotes,
    GroupView, NotComputed, OtherModelView, ResultView, SectionView, StatisticView, StudyView,
    SubgroupRow, SubgroupsView, TotalsView,
};
use crate::analysis::{Findings, GroupTotal, Pooled, Reason, SubgroupFinding, SubgroupFindings};
use crate::data::{SharedControl, StudyData};
use crate::report::convention_results::test_code;
use crate::report::metafor;
use crate::report::number::Numbers;
use crate::report::plots::{StudyRow, study_forest};
use crate::report::scale::{EffectPrinter, IntervalText};
use crate::report::verdict::{
    EffectVerdict, HeterogeneityVerdict, PredictionVerdict, is_large_weight, is_significant,
};
use crate::spec::{
    Analysis, Benefit, HeterogeneityRule, Kind, Measure, Method, ModelSpec, Structure,
};
use crate::stats::binary::AddTo;
use crate::stats::pooling::Reference;
use std::collections::BTreeSet;

pub(super) fn section(
    number: usize,
    spec: &Analysis,
    findings: &Findings,
    mut bias: Option<BiasColumnsView>,
    numbers: Numbers<'_>,
) -> SectionView {
    let pooled = findings.pooled.as_ref();
    let mut forest = study_forest(number, spec, findings, numbers);
    let mut studies = study_views(spec, findings, &forest.rows, numbers);
    let without_event = studies.iter().filter(|study| study.has_no_event).count();
    let shown = Shown::of(findings);
    if let Some(shown) = &shown {
        shown.keep(&mut studies, 0..);
        shown.keep_forest(&mut forest, bias.as_mut());
    }
    let any = |has: fn(&StudyView) -> bool| studies.iter().any(has);
    let footnotes = Footnotes {
        corrected: any(|study| study.is_corrected),
        no_event: any(|study| study.has_no_event),
        from_quantiles: any(|study| study.is_from_quantiles),
        estimate: any(|study| study.is_estimate),
        divided: any(|study| study.is_divided),
        combined: any(|study| study.is_combined),
    };
    let totals = &findings.totals;
    let data = data_of(findings);
    let style = numbers.style();
    let columns = DataColumns::new(spec, &data, &style.tables.data, numbers);
    let forest_columns = DataColumns::new(spec, &data, &style.forest.data, numbers);
    let (forest_cells, event_cells) = forest_columns.forest_totals(totals);
    let other_models = other_models(spec, findings, numbers);
    SectionView {
        id: spec.id.clone(),
        number,
        title: spec.title.clone(),
        note: spec.note.clone(),
        kind: spec.kind.name(),
        counts_events: counts_events(spec),
        arms: arms_view(spec),
        event: spec.event.clone(),
        directions: directions(spec),
        model: model_view(spec, has_medians(findings), numbers),
        columns: columns.groups(),
        forest_columns: forest_columns.groups(),
        totals: TotalsView {
            studies: findings.studies.len(),
            trials: findings
                .studies
                .iter()
                .map(|it| it.study.trial())
                .collect::<BTreeSet<_>>()
                .len(),
            cells: columns.totals(totals, Sums::All),
            forest_cells,
            event_cells,
            group1: group_view(totals.group1, numbers),
            group2: group_view(totals.group2, numbers),
            sizes: group_sizes(spec, totals, numbers),
            without_event,
        },
        footnotes,
        studies,
        shown: shown.as_ref().map(|shown| shown.view(findings)),
        forest,
        bias,
        figures: figures_view(spec, findings, shown.as_ref(), numbers),
        footer: feet(spec, findings, numbers),
        result: pooled.ok().map(|pooled| result_view(spec, findings, pooled, numbers)),
        reason: pooled.err().map(|reason| reason_code(*reason)),
        verdict: verdict(spec, findings),
        subgroups: findings
            .subgroups
            .as_ref()
            .map(|found| subgroups_view(spec, findings, found, numbers)),
        regression: findings
            .regression
            .as_ref()
            .map(|found| regression_view(spec, findings, found, numbers)),
        choice: choice_view(spec, findings, numbers),
        verdict_depends_on_model: other_models.iter().any(|other| other.is_other_verdict),
        other_models,
        claim: spec.published.as_ref().map(|claim| claim_view(claim, numbers)),
        asked: asked_views(spec, findings, numbers),
        works: section_works(findings),
        metafor_call: metafor::call(spec),
    }
}

/// The lines below the forest plot.
fn feet(spec: &Analysis, findings: &Findings, numbers: Numbers<'_>) -> Vec<FooterLine> {
    let style = &numbers.style().forest;
    let mut lines = findings
        .pooled
        .as_ref()
        .map_or_else(|_| Vec::new(), |pooled| footer(&style.footer, spec, pooled, numbers));
    let between = findings.subgroups.as_ref().and_then(|found| found.between.ok());
    lines.extend(between.map(|between| subgroup_line(&between, numbers)));
    lines
}

/// Whether events are counted, so that more or fewer of them can be spoken of.
pub(super) fn counts_events(spec: &Analysis) -> bool {
    matches!(spec.kind, Kind::Binary | Kind::Rate | Kind::Proportion)
}

fn data_of(findings: &Findings) -> Vec<StudyData> {
    findings.studies.iter().map(|study| study.study.data).collect()
}

/// What lies below and above the null.
pub(super) fn directions(spec: &Analysis) -> Option<DirectionsView> {
    if spec.measure.is_single_group() {
        return None;
    }
    let plain = |left, right| DirectionsView { left, right, is_favours: false };
    Some(match (spec.benefit, spec.measure) {
        (Some(Benefit::Lower), _) => {
            DirectionsView { left: "experimental", right: "control", is_favours: true }
        }
        (Some(Benefit::Higher), _) => {
            DirectionsView { left: "control", right: "experimental", is_favours: true }
        }
        (None, Measure::COR | Measure::ZCOR | Measure::PHI) => plain("negative", "positive"),
        (None, _) if counts_events(spec) => plain("fewer", "more"),
        (None, Measure::GEN) => plain("below", "above"),
        (None, Measure::HR) => plain("lower_hazard", "higher_hazard"),
        (None, _) => plain("lower", "higher"),
    })
}

pub(super) fn result_view(
    spec: &Analysis,
    findings: &Findings,
    pooled: &Pooled,
    numbers: Numbers<'_>,
) -> ResultView {
    let printer = EffectPrinter::of(spec, findings, numbers);
    let level = numbers.shortest(100.0 * spec.model.level);
    let interval = |lower: String, upper: String| IntervalText::new(numbers, lower, upper, &level);
    let is_single = spec.measure.is_single_group();
    let alpha = 1.0 - spec.model.level;
    let estimates: Vec<f64> = findings
        .studies
        .iter()
        .filter_map(|study| study.effect.as_ref().ok())
        .map(|effect| effect.effect.estimate)
        .collect();
    let extreme = |pick: fn(f64, f64) -> f64, start: f64| {
        let of_studies = findings.studies.iter().filter_map(|study| {
            let effect = study.effect.as_ref().ok()?;
            Some(printer.scale().of_study(&study.study.data).printed(effect.effect.estimate))
        });
        printer.estimate_printed(of_studies.fold(start, pick))
    };
    let above = estimates.iter().filter(|estimate| **estimate > 0.0).count();
    let share_above = above as f64 / estimates.len() as f64;
    let majority_above = share_above > 0.5;
    let majority = if majority_above { share_above } else { 1.0 - share_above };
    let q = pooled.q.ok();
    let intervals = pooled.intervals.ok().filter(|found| !found.tau_squared.is_empty);
    let large_weights = findings
        .studies
        .iter()
        .filter(|study| study.weight.is_some_and(|weight| is_large_weight(weight, pooled.k)))
        .map(|study| study.study.label.clone())
        .collect();
    ResultView {
        k: pooled.k,
        estimates: estimates.len(),
        lowest: extreme(f64::min, f64::INFINITY),
        highest: extreme(f64::max, f64::NEG_INFINITY),
        majority_above,
        majority_percent: (!is_single).then(|| numbers.fixed(100.0 * majority, 0)),
        effect: printer.pooled(pooled),
        statistic: (!is_single).then(|| StatisticView {
            letter: if pooled.reference == Reference::Normal { "z" } else { "t" },
            df: match pooled.reference {
                Reference::Normal => None,
                Reference::T(df) => Some(numbers.degrees(df)),
            },
            value: numbers.test_statistic(pooled.effect.statistic),
        }),
        statistic_runs: if is_single {
            Vec::new()
        } else {
            let overall = &numbers.style().statistics.overall;
            overall.runs(|name| test_value(name, pooled, alpha, numbers))
        },
        p: (!is_single).then(|| numbers.p_relation(pooled.effect.p_value, alpha)),
        q: q.map(|q| q_view(&q, numbers)),
        heterogeneity_runs: heterogeneity_runs(spec, pooled, numbers),
        heterogeneity: HeterogeneityVerdict::of(q.map(|q| q.p_value)),
        tau2: pooled.tau_squared.ok().map(|tau_squared| EstimateWithError {
            value: numbers.variance(tau_squared.value),
            se: tau_squared.standard_error.map(|error| numbers.variance(error)),
        }),
        has_tau2: pooled.tau_squared.is_ok_and(|tau_squared| tau_squared.value > 0.0),
        i2: i_squared_text(pooled, numbers),
        h2: pooled
            .inconsistency
            .ok()
            .map(|found| numbers.fixed(found.h_squared, numbers.style().numbers.decimals.h2)),
        tau2_ci: intervals.map(|intervals| {
            let limits = intervals.tau_squared;
            interval(numbers.variance(limits.lower), numbers.variance(limits.upper))
        }),
        i2_ci: intervals.map(|intervals| {
            let (lower, upper) = intervals.i_squared;
            interval(numbers.i_squared(lower), numbers.i_squared(upper))
        }),
        components: pooled.components.map(|components| ComponentsView {
            between: numbers.variance(components.between_clusters),
            within: numbers.variance(components.within_clusters),
            i2_between: numbers.i_squared(components.i_squared_between),
            i2_within: numbers.i_squared(components.i_squared_within),
        }),
        clusters: pooled.clusters,
        is_tau2_interval_empty: pooled.intervals.is_ok_and(|found| found.tau_squared.is_empty),
        prediction: pooled.prediction.ok().map(|limits| printer.interval(limits)),
        prediction_verdict: pooled
            .prediction
            .ok()
            .filter(|_| !is_single)
            .and_then(|interval| PredictionVerdict::of(pooled.effect.estimate, interval)),
        large_weights,
        not_computed: not_computed(pooled),
        diagnostics: diagnostics_view(spec, findings, numbers),
    }
}

pub(super) fn not_computed(pooled: &Pooled) -> Vec<NotComputed> {
    let entries = [
        ("tau2", pooled.tau_squared.as_ref().err()),
        ("q", pooled.q.as_ref().err()),
        ("prediction", pooled.prediction.as_ref().err()),
    ];
    entries
        .into_iter()
        .filter_map(|(what, reason)| Some(NotComputed { what, reason: reason_code(*reason?) }))
        .collect()
}

pub(super) fn subgroups_view(
    spec: &Analysis,
    findings: &Findings,
    found: &SubgroupFindings,
    numbers: Numbers<'_>,
) -> SubgroupsView {
    let printer = EffectPrinter::of(spec, findings, numbers);
    let is_single = spec.measure.is_single_group();
    let alpha = 1.0 - spec.model.level;
    let row = |group: &SubgroupFinding| {
        let pooled = group.pooled.as_ref().ok();
        let [group1, group2] = group_sizes(spec, &group.totals, numbers);
        SubgroupRow {
            level: group.level.clone(),
            k: pooled.map_or(group.studies.len(), |pooled| pooled.k).to_string(),
            group1,
            group2,
            effect: pooled
                .map(|pooled| printer.of_members(findings, &group.studies).pooled(pooled)),
            p: pooled
                .filter(|_| !is_single)
                .map(|pooled| numbers.p_cell(pooled.effect.p_value, alpha)),
            i2: pooled.and_then(|pooled| i_squared_text(pooled, numbers)),
            tau2: pooled.and_then(|pooled| tau_squared_text(pooled, numbers)),
        }
    };
    SubgroupsView {
        column: spec.subgroups.as_ref().map(|column| column.value.clone()).unwrap_or_default(),
        rows: found.groups.iter().map(row).collect(),
        between: found.between.ok().map(|q| q_view(&q, numbers)),
        between_runs: found.between.map_or_else(
            |_| Vec::new(),
            |q| q_runs(&numbers.style().statistics.subgroups, &q, numbers),
        ),
        between_common_p: found
            .between_common
            .as_ref()
            .ok()
            .map(|test| numbers.p_relation(test.p_value, 0.05)),
        differ: found.between.is_ok_and(|q| is_significant(q.p_value, 0.05)),
    }
}

pub(super) fn choice_view(
    spec: &Analysis,
    findings: &Findings,
    numbers: Numbers<'_>,
) -> Option<ChoiceView> {
    let rule = spec.choice?.rule;
    let outcome = findings.choice;
    let (looks_at, threshold) = match rule {
        HeterogeneityRule::ISquaredAbove(threshold) => ("i2", threshold),
        HeterogeneityRule::QTestBelow(threshold) => ("p", threshold),
    };
    let found = outcome.map(|outcome| match rule {
        HeterogeneityRule::ISquaredAbove(_) => {
            let decimals = numbers.style().numbers.decimals.i2;
            numbers.fixed_beside(outcome.i_squared, threshold, decimals)
        }
        HeterogeneityRule::QTestBelow(_) => numbers.p_relation(outcome.q_p_value, threshold),
    });
    let is_high = outcome.is_some_and(|outcome| outcome.is_high);
    Some(ChoiceView { looks_at, threshold: numbers.shortest(threshold), found, is_high })
}

/// The analysis's own model, then the others; empty where there are no others.
pub(super) fn other_models(
    spec: &Analysis,
    findings: &Findings,
    numbers: Numbers<'_>,
) -> Vec<OtherModelView> {
    if findings.other_models.is_empty() {
        return Vec::new();
    }
    let own_verdict = verdict(spec, findings);
    let printer = EffectPrinter::of(spec, findings, numbers);
    let is_single = spec.measure.is_single_group();
    let alpha = 1.0 - spec.model.level;
    let view = |model: &ModelSpec, result: &Result<Pooled, Reason>, is_own: bool| {
        let pooled = result.as_ref().ok();
        let of_model =
            EffectVerdict::of(spec.measure, result.as_ref().map_err(|reason| *reason), alpha);
        OtherModelView {
            method: model.method.code(),
            test: test_code(model.test),
            is_three_level: model.structure == Structure::ThreeLevel,
            is_robust: model.is_robust,
            is_own,
            effect: pooled.map(|pooled| printer.pooled(pooled)),
            p: pooled
                .filter(|_| !is_single)
                .map(|pooled| numbers.p_cell(pooled.effect.p_value, alpha)),
            i2: pooled.and_then(|pooled| i_squared_text(pooled, numbers)),
            tau2: pooled.and_then(|pooled| tau_squared_text(pooled, numbers)),
            reason: result.as_ref().err().map(|reason| reason_code(*reason)),
            is_other_verdict: pooled.is_some() && of_model != own_verdict,
            repeats_own: false,
        }
    };
    let own = view(&spec.model, &findings.pooled, true);
    let has_one_study = findings.pooled.as_ref().is_ok_and(|pooled| pooled.k == 1);
    let others: Vec<OtherModelView> = findings
        .other_models
        .iter()
        .map(|other| view(&other.model, &other.pooled, false))
        .map(|view| OtherModelView {
            repeats_own: has_one_study && prints_like(&view, &own),
            ..view
        })
        .collect();
    [own].into_iter().chain(others).collect()
}

/// Whether two models print the same.
fn prints_like(one: &OtherModelView, other: &OtherModelView) -> bool {
    let text = |model: &OtherModelView| model.effect.as_ref().map(|effect| effect.text.clone());
    text(one) == text(other)
        && (&one.p, &one.i2, &one.tau2) == (&other.p, &other.i2, &other.tau2)
        && one.is_other_verdict == other.is_other_verdict
}

pub(super) fn study_views(
    spec: &Analysis,
    findings: &Findings,
    rows: &[StudyRow],
    numbers: Numbers<'_>,
) -> Vec<StudyView> {
    let data = data_of(findings);
    let columns = DataColumns::new(spec, &data, &numbers.style().tables.data, numbers);
    let any_zero = data.iter().any(has_zero);
    findings
        .studies
        .iter()
        .zip(rows)
        .map(|(found, row)| {
            let study = &found.study;
            StudyView {
                label: study.label.clone(),
                year: study.year.clone(),
                source: study.source.clone(),
                cells: columns.cells(&study.data),
                effect: row.effect.clone(),
                weight: row.weight.clone(),
                reason: found.effect.as_ref().err().map(|reason| reason_code(*reason)),
                is_corrected: found.effect.is_ok() && adds_to(spec, &study.data, any_zero),
                has_no_event: study.data.has_no_event(),
                is_from_quantiles: is_from_quantiles(&study.data),
                is_estimate: spec.kind != Kind::Generic
                    && matches!(study.data, StudyData::Estimate(_)),
                is_divided: matches!(study.shared_control, Some(SharedControl::Divided { .. })),
                is_combined: matches!(study.shared_control, Some(SharedControl::Combined { .. })),
            }
        })
        .collect()
}

/// Whether a mean of the study was estimated from quantiles.
pub(super) fn is_from_quantiles(data: &StudyData) -> bool {
    matches!(data, StudyData::Means(means) if means.quantiles1.is_some() || means.quantiles2.is_some())
}

/// Whether the study has a zero that rules for zeros look at.
fn has_zero(data: &StudyData) -> bool {
    match data {
        StudyData::Counts(counts) => counts.has_zero_cell(),
        StudyData::Proportion(group) => group.events == 0.0 || group.events == group.total,
        StudyData::Rates(rates) => rates.has_zero(),
        StudyData::Rate(rate) => rate.events == 0.0,
        StudyData::Means(_) | StudyData::Correlation(_) | StudyData::Estimate(_) => false,
    }
}

/// Whether the zero rule adds to a study's counts.
pub(super) fn adds_to(spec: &Analysis, data: &StudyData, any_zero: bool) -> bool {
    let is_counted =
        !matches!(data, StudyData::Means(_) | StudyData::Correlation(_) | StudyData::Estimate(_));
    match spec.model.method {
        Method::Peto | Method::UnconditionalMixed | Method::ConditionalMixed => false,
        Method::MantelHaenszel => has_zero(data),
        Method::EqualEffects | Method::RandomEffects(_) => {
            is_counted
                && spec.zero_cells.add > 0.0
                && match spec.zero_cells.to {
                    AddTo::All => true,
                    AddTo::OnlyZero => has_zero(data),
                    AddTo::IfAnyZero => any_zero,
                    AddTo::None => false,
                }
        }
    }
}

/// Events and participants of a group, where both are known.
pub(super) fn group_view(total: GroupTotal, numbers: Numbers<'_>) -> Option<GroupView> {
    let (events, participants) = total.events.zip(total.participants)?;
    Some(GroupView {
        events: numbers.count(events),
        total: numbers.count(participants),
        percent: numbers.percent(events, participants),
    })
}
