//! The view of one analysis.

use super::build::{arms_view, model_view, verdict};
use super::claim::claim_view;
use super::text::{
    effect_text, estimate_text, i_squared_text, interval_text, pooled_text, q_view, reason_code,
    shortest, tau_squared_text,
};
use super::{
    ChoiceView, DiagnosticsView, EstimateWithError, Footnotes, GroupView, NotComputed,
    OtherModelView, ResultView, SectionView, StatisticView, StudyView, SubgroupRow, SubgroupsView,
    TotalsView, TrimAndFillView,
};
use crate::analysis::{Diagnostics, Findings, Pooled, Reason, SubgroupFinding, SubgroupFindings};
use crate::report::plots::{fraction, study_forest};
use crate::report::results::test_code;
use crate::report::verdict::{
    AsymmetryVerdict, EffectVerdict, HeterogeneityVerdict, PredictionVerdict, is_influential,
    is_large_weight, is_outlier, is_significant,
};
use crate::report::{metafor, number};
use crate::spec::{Analysis, HeterogeneityRule, Method, ModelSpec};
use crate::stats::binary::{AddTo, TwoByTwo};
use crate::stats::influence::Deletion;
use crate::stats::pooling::Reference;
use crate::stats::small_study::trim_and_fill::Side;

pub(super) fn section(number: usize, spec: &Analysis, findings: &Findings) -> SectionView {
    let pooled = findings.pooled.as_ref();
    let studies = study_views(spec, findings);
    let footnotes = Footnotes {
        corrected: studies.iter().any(|study| study.is_corrected),
        no_event: studies.iter().any(|study| study.has_no_event),
    };
    let totals = &findings.totals;
    let other_models = other_models(spec, findings);
    SectionView {
        id: spec.id.clone(),
        number,
        title: spec.title.clone(),
        note: spec.note.clone(),
        arms: arms_view(spec),
        model: model_view(spec),
        totals: TotalsView {
            studies: studies.len(),
            group1: group_view(totals.events1, totals.total1),
            group2: group_view(totals.events2, totals.total2),
            without_event: studies.iter().filter(|study| study.has_no_event).count(),
        },
        footnotes,
        studies,
        forest: study_forest(spec, findings),
        result: pooled.ok().map(|pooled| result_view(spec, findings, pooled)),
        reason: pooled.err().map(|reason| reason_code(*reason)),
        verdict: verdict(spec, findings),
        subgroups: findings.subgroups.as_ref().map(|found| subgroups_view(spec, found)),
        choice: choice_view(spec, findings),
        verdict_depends_on_model: other_models.iter().any(|other| other.is_other_verdict),
        other_models,
        claim: spec.published.as_ref().map(claim_view),
        metafor_call: metafor::call(spec),
    }
}

pub(super) fn result_view(spec: &Analysis, findings: &Findings, pooled: &Pooled) -> ResultView {
    let measure = spec.measure;
    let alpha = 1.0 - spec.model.level;
    let estimates: Vec<f64> = findings
        .studies
        .iter()
        .filter_map(|study| study.effect.as_ref().ok())
        .map(|effect| effect.effect.estimate)
        .collect();
    let extreme = |pick: fn(f64, f64) -> f64, start: f64| {
        estimate_text(measure, estimates.iter().copied().fold(start, pick))
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
        .map(|study| study.label.clone())
        .collect();
    ResultView {
        k: pooled.k,
        lowest: extreme(f64::min, f64::INFINITY),
        highest: extreme(f64::max, f64::NEG_INFINITY),
        majority_above,
        majority_percent: number::fixed(100.0 * majority, 0),
        effect: pooled_text(spec, pooled),
        statistic: StatisticView {
            letter: if pooled.reference == Reference::Normal { "z" } else { "t" },
            df: match pooled.reference {
                Reference::Normal => None,
                Reference::T(df) => Some(number::fixed(df, 0)),
            },
            value: number::fixed(pooled.effect.statistic, 2),
        },
        p: number::p_relation(pooled.effect.p_value, alpha),
        q: q.map(|q| q_view(&q)),
        heterogeneity: HeterogeneityVerdict::of(q.map(|q| q.p_value)),
        tau2: pooled.tau_squared.ok().map(|tau_squared| EstimateWithError {
            value: tau_squared_text(tau_squared.value),
            se: number::fixed(tau_squared.standard_error, 3),
        }),
        has_tau2: pooled.tau_squared.is_ok_and(|tau_squared| tau_squared.value > 0.0),
        i2: i_squared_text(pooled),
        h2: pooled.inconsistency.ok().map(|found| number::fixed(found.h_squared, 2)),
        tau2_ci: intervals.map(|intervals| {
            let interval = intervals.tau_squared;
            (number::fixed(interval.lower, 3), number::fixed(interval.upper, 3))
        }),
        i2_ci: intervals.map(|intervals| {
            let (lower, upper) = intervals.i_squared;
            (number::fixed(lower, 1), number::fixed(upper, 1))
        }),
        is_tau2_interval_empty: pooled.intervals.is_ok_and(|found| found.tau_squared.is_empty),
        prediction: pooled.prediction.ok().map(|interval| interval_text(measure, interval)),
        prediction_verdict: pooled
            .prediction
            .ok()
            .map(|interval| PredictionVerdict::of(pooled.effect.estimate, interval)),
        large_weights,
        not_computed: not_computed(pooled),
        diagnostics: findings
            .diagnostics
            .as_ref()
            .ok()
            .map(|diagnostics| diagnostics_view(spec, findings, diagnostics)),
    }
}

pub(super) fn diagnostics_view(
    spec: &Analysis,
    findings: &Findings,
    diagnostics: &Diagnostics,
) -> DiagnosticsView {
    let alpha = 1.0 - spec.model.level;
    let influence = &diagnostics.influence;
    let label = |position: usize| findings.studies[diagnostics.studies[position]].label.clone();
    let labels_where = |is_marked: &dyn Fn(&Deletion) -> bool| -> Vec<String> {
        influence
            .studies
            .iter()
            .enumerate()
            .filter(|(_, study)| study.deletion.as_ref().is_ok_and(is_marked))
            .map(|(position, _)| label(position))
            .collect()
    };
    let rank_p = diagnostics.rank.map(|rank| rank.p_value);
    let regression_p = diagnostics.regression.ok().map(|test| test.slope.p_value);
    let own = verdict(spec, findings);
    let refits: Vec<f64> = influence
        .studies
        .iter()
        .filter_map(|study| study.deletion.as_ref().ok())
        .map(|deletion| deletion.refit.pooled.estimate)
        .collect();
    let on_print = |value: f64| estimate_text(spec.measure, value);
    DiagnosticsView {
        outlier_threshold: number::fixed(influence.outlier_threshold, 4),
        outliers: labels_where(&|deletion| is_outlier(deletion, influence.outlier_threshold)),
        influential: labels_where(&|deletion| {
            influence.cooks_distance_threshold.is_some_and(|t| is_influential(deletion, t))
        }),
        asymmetry: AsymmetryVerdict::of(rank_p, regression_p),
        rank_p: rank_p.map(|p| number::p_relation(p, 0.05)),
        regression_p: regression_p.map(|p| number::p_relation(p, 0.05)),
        egger_p: diagnostics.egger.ok().map(|test| number::p_relation(test.slope.p_value, 0.05)),
        is_small: diagnostics.studies.len() < 10,
        trim_and_fill: diagnostics.trim_and_fill.as_ref().ok().map(|filled| {
            let pooled = filled.fit.pooled();
            TrimAndFillView {
                missing: filled.missing,
                side: if filled.side == Side::Left { "left" } else { "right" },
                effect: effect_text(
                    spec.measure,
                    pooled.estimate,
                    (pooled.ci_lower, pooled.ci_upper),
                ),
            }
        }),
        fail_safe: diagnostics.fail_safe.map(|found| number::count(found.number)),
        decisive: labels_where(&|deletion| {
            EffectVerdict::of_effect(&deletion.refit.pooled, alpha) != own
        }),
        leave_one_out: (!refits.is_empty()).then(|| {
            (
                on_print(refits.iter().copied().fold(f64::INFINITY, f64::min)),
                on_print(refits.iter().copied().fold(f64::NEG_INFINITY, f64::max)),
            )
        }),
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

pub(super) fn subgroups_view(spec: &Analysis, found: &SubgroupFindings) -> SubgroupsView {
    let alpha = 1.0 - spec.model.level;
    let row = |group: &SubgroupFinding| {
        let pooled = group.pooled.as_ref().ok();
        SubgroupRow {
            level: group.level.clone(),
            k: pooled.map_or(group.studies, |pooled| pooled.k).to_string(),
            group1: fraction(group.totals.events1, group.totals.total1),
            group2: fraction(group.totals.events2, group.totals.total2),
            effect: pooled.map(|pooled| pooled_text(spec, pooled)),
            p: pooled.map(|pooled| number::p_cell(pooled.effect.p_value, alpha)),
            i2: pooled.and_then(i_squared_text),
            tau2: pooled
                .and_then(|pooled| pooled.tau_squared.ok())
                .map(|tau_squared| tau_squared_text(tau_squared.value)),
        }
    };
    SubgroupsView {
        column: spec.subgroups.as_ref().map(|column| column.value.clone()).unwrap_or_default(),
        rows: found.groups.iter().map(row).collect(),
        between: found.between.ok().map(|q| q_view(&q)),
        between_common_p: found
            .between_common
            .as_ref()
            .ok()
            .map(|test| number::p_relation(test.p_value, 0.05)),
        differ: found.between.is_ok_and(|q| is_significant(q.p_value, 0.05)),
    }
}

pub(super) fn choice_view(spec: &Analysis, findings: &Findings) -> Option<ChoiceView> {
    let rule = spec.choice?.rule;
    let outcome = findings.choice;
    let (looks_at, threshold) = match rule {
        HeterogeneityRule::ISquaredAbove(threshold) => ("i2", threshold),
        HeterogeneityRule::QTestBelow(threshold) => ("p", threshold),
    };
    let found = outcome.map(|outcome| match rule {
        HeterogeneityRule::ISquaredAbove(_) => {
            number::fixed_beside(outcome.i_squared, threshold, 1)
        }
        HeterogeneityRule::QTestBelow(_) => number::p_relation(outcome.q_p_value, threshold),
    });
    let is_high = outcome.is_some_and(|outcome| outcome.is_high);
    Some(ChoiceView { looks_at, threshold: shortest(threshold), found, is_high })
}

/// The analysis's own model, then the others; empty where there are no others.
pub(super) fn other_models(spec: &Analysis, findings: &Findings) -> Vec<OtherModelView> {
    if findings.other_models.is_empty() {
        return Vec::new();
    }
    let own_verdict = verdict(spec, findings);
    let alpha = 1.0 - spec.model.level;
    let view = |model: &ModelSpec, result: &Result<Pooled, Reason>, is_own: bool| {
        let pooled = result.as_ref().ok();
        let of_model = EffectVerdict::of(result.as_ref().map_err(|reason| *reason), alpha);
        OtherModelView {
            method: model.method.code(),
            test: test_code(model.test),
            is_own,
            effect: pooled.map(|pooled| pooled_text(spec, pooled)),
            p: pooled.map(|pooled| number::p_cell(pooled.effect.p_value, alpha)),
            i2: pooled.and_then(i_squared_text),
            tau2: pooled
                .and_then(|pooled| pooled.tau_squared.ok())
                .map(|tau_squared| tau_squared_text(tau_squared.value)),
            reason: result.as_ref().err().map(|reason| reason_code(*reason)),
            is_other_verdict: pooled.is_some() && of_model != own_verdict,
        }
    };
    let own = view(&spec.model, &findings.pooled, true);
    let others = findings.other_models.iter().map(|other| view(&other.model, &other.pooled, false));
    [own].into_iter().chain(others).collect()
}

pub(super) fn study_views(spec: &Analysis, findings: &Findings) -> Vec<StudyView> {
    let any_zero = findings.studies.iter().any(|study| study.counts.has_zero_cell());
    let forest = study_forest(spec, findings);
    findings
        .studies
        .iter()
        .zip(forest.rows)
        .map(|(study, row)| StudyView {
            label: study.label.clone(),
            year: study.year.clone(),
            source: study.source.clone(),
            group1: group_view(study.counts.events1, study.counts.total1),
            group2: group_view(study.counts.events2, study.counts.total2),
            effect: row.effect,
            weight: row.weight,
            reason: study.effect.as_ref().err().map(|reason| reason_code(*reason)),
            is_corrected: study.effect.is_ok() && adds_to(spec, &study.counts, any_zero),
            has_no_event: study.counts.has_no_event(),
        })
        .collect()
}

/// Whether the zero-cell rule adds to a study's cells.
pub(super) fn adds_to(spec: &Analysis, counts: &TwoByTwo, any_zero: bool) -> bool {
    match spec.model.method {
        Method::Peto => false,
        Method::MantelHaenszel => counts.has_zero_cell(),
        Method::EqualEffects | Method::RandomEffects(_) => {
            spec.zero_cells.add > 0.0
                && match spec.zero_cells.to {
                    AddTo::All => true,
                    AddTo::OnlyZero => counts.has_zero_cell(),
                    AddTo::IfAnyZero => any_zero,
                    AddTo::None => false,
                }
        }
    }
}

pub(super) fn group_view(events: f64, total: f64) -> GroupView {
    GroupView {
        events: number::count(events),
        total: number::count(total),
        percent: if total > 0.0 {
            number::fixed(100.0 * events / total, 1)
        } else {
            number::fixed(0.0, 1)
        },
    }
}
