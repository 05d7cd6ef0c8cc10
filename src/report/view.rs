//! The only types that templates see: everything formatted, ordered and decided.

use super::ReviewFindings;
use super::metafor;
use super::number;
use super::plots::{ForestView, OverviewRow, StudyRow, overview_forest, study_forest};
use super::results::{test_code, to_code};
use super::verdict::{
    AsymmetryVerdict, EffectVerdict, HeterogeneityVerdict, PredictionVerdict, is_influential,
    is_large_weight, is_outlier, is_significant,
};
use crate::analysis::{Diagnostics, Findings, Pooled, Reason, SubgroupFinding, SubgroupFindings};
use crate::spec::{
    Analysis, Bound, Claim, DlCentre, HeterogeneityRule, ISquaredSource, Measure, Method,
    ModelSpec, Printed, Scale,
};
use crate::stats::binary::{AddTo, TwoByTwo};
use crate::stats::heterogeneity::CochranQ;
use crate::stats::influence::Deletion;
use crate::stats::pooling::Reference;
use crate::stats::pooling::inverse_variance::PredictionReference;
use crate::stats::small_study::trim_and_fill::Side;
use crate::stats::tau_squared::Estimator;
use libm::exp;
use serde::Serialize;
use std::collections::BTreeSet;

/// A report.
#[derive(Debug, Clone, Serialize)]
pub struct ReportView {
    /// Title of the review.
    pub title: String,
    /// Label of the version.
    pub version: String,
    /// Authors.
    pub authors: Vec<String>,
    /// Date, if there is one.
    pub date: Option<DateView>,
    /// Paragraphs about the review.
    pub about: Vec<String>,
    /// The program that made the report.
    pub program: String,
    /// Number of different studies.
    pub study_count: usize,
    /// Name of the profile of statistical conventions.
    pub profile: &'static str,
    /// The models used, each with the analyses that use it.
    pub models: Vec<ModelView>,
    /// Titles of the analyses by their verdict.
    pub conclusions: Conclusions,
    /// One overview for each measure in use.
    pub overviews: Vec<OverviewView>,
    /// One row for each analysis.
    pub summary: Vec<SummaryRow>,
    /// Group names, if all analyses share them.
    pub arms: Option<ArmsView>,
    /// Whether any analysis has a claim.
    pub has_claims: bool,
    /// Where the claims were printed, each once.
    pub claim_sources: Vec<String>,
    /// One section for each analysis.
    pub sections: Vec<SectionView>,
}

/// Titles of the analyses by their verdict.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Conclusions {
    /// Significantly more events in the experimental group.
    pub higher: Vec<String>,
    /// Significantly fewer.
    pub lower: Vec<String>,
    /// No significant difference.
    pub not_significant: Vec<String>,
    /// No pooled effect.
    pub not_estimable: Vec<String>,
    /// Another common model would give another verdict.
    pub depends_on_model: Vec<String>,
}

/// A day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DateView {
    /// Year.
    pub year: i64,
    /// Month, 1 to 12.
    pub month: i64,
    /// Day of the month.
    pub day: i64,
}

/// Names of the groups.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ArmsView {
    /// Group 1.
    pub experimental: String,
    /// Group 2.
    pub control: String,
}

/// How analyses were pooled.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ModelView {
    /// Measure code.
    pub measure: &'static str,
    /// Method code.
    pub method: &'static str,
    /// Whether τ² is estimated.
    pub is_random: bool,
    /// Test code.
    pub test: &'static str,
    /// Confidence level in percent.
    pub level: String,
    /// Amount added to cells.
    pub add: String,
    /// Which studies it is added to.
    pub to: &'static str,
    /// Whether one-sided studies are dropped.
    pub drop00: bool,
    /// Whether zero cells are corrected in the Mantel-Haenszel sums.
    pub corrects_mh_sums: bool,
    /// Whether Q, and τ² with it, is taken about the Mantel-Haenszel estimate.
    pub q_about_mh: bool,
    /// Whether I² comes from Q and not from τ².
    pub i2_from_q: bool,
    /// Code of the distribution of the prediction interval; none where there is no interval.
    pub prediction: Option<&'static str>,
    /// Titles of the analyses; empty where all analyses use this model.
    pub analyses: Vec<String>,
}

/// The overview forest plot of one measure.
#[derive(Debug, Clone, Serialize)]
pub struct OverviewView {
    /// Measure code.
    pub measure: &'static str,
    /// Confidence level in percent.
    pub level: String,
    /// The plot.
    pub forest: ForestView<OverviewRow>,
    /// Numbers for the alternative text.
    pub significant: Vec<String>,
}

/// An effect with its interval, as printed: on the ratio scale for ratio measures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EffectText {
    /// The estimate.
    pub estimate: String,
    /// Lower limit.
    pub lower: String,
    /// Upper limit.
    pub upper: String,
}

/// One analysis in the table of results.
#[derive(Debug, Clone, Serialize)]
pub struct SummaryRow {
    /// Number of the section.
    pub number: usize,
    /// Title.
    pub title: String,
    /// Number of studies.
    pub k: String,
    /// `events/participants`, experimental group.
    pub group1: String,
    /// `events/participants`, control group.
    pub group2: String,
    /// Measure code.
    pub measure: &'static str,
    /// Pooled effect.
    pub effect: Option<EffectText>,
    /// P of the pooled effect.
    pub p: Option<String>,
    /// I², percent.
    pub i2: Option<String>,
    /// τ².
    pub tau2: Option<String>,
    /// Prediction interval.
    pub prediction: Option<(String, String)>,
    /// Code of the reason why there is no effect.
    pub reason: Option<&'static str>,
    /// Whether the pooled effect is significant.
    pub is_significant: bool,
    /// The claim.
    pub claim: Option<ClaimView>,
}

/// What was printed elsewhere, as it was printed.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ClaimView {
    /// Where it was printed.
    pub source: Option<String>,
    /// Number of studies.
    pub k: Option<String>,
    /// Estimate, with the code of its scale.
    pub estimate: Option<ClaimedEffect>,
    /// Interval, with the code of its scale; a limit that was not printed is none.
    pub ci: Option<ClaimedInterval>,
    /// P, with its relation.
    pub p: Option<String>,
    /// I² in percent, with its relation.
    pub i2: Option<String>,
    /// P of the rank correlation test.
    pub rank_p: Option<String>,
    /// P of the regression test.
    pub regression_p: Option<String>,
    /// Threshold of studentised residuals.
    pub threshold: Option<String>,
    /// What a reader should know.
    pub note: Option<String>,
}

/// A claimed estimate.
#[derive(Debug, Clone, Serialize)]
pub struct ClaimedEffect {
    /// As printed.
    pub value: String,
    /// Scale code.
    pub scale: &'static str,
}

/// A claimed interval.
#[derive(Debug, Clone, Serialize)]
pub struct ClaimedInterval {
    /// Lower limit as printed.
    pub low: Option<String>,
    /// Upper limit as printed.
    pub high: Option<String>,
    /// Scale code.
    pub scale: &'static str,
}

/// The section of one analysis.
#[derive(Debug, Clone, Serialize)]
pub struct SectionView {
    /// Id of the analysis.
    pub id: String,
    /// Number in the report, from 1.
    pub number: usize,
    /// Title.
    pub title: String,
    /// Paragraphs of the author.
    pub note: Vec<String>,
    /// Group names.
    pub arms: ArmsView,
    /// How it was pooled.
    pub model: ModelView,
    /// The studies.
    pub studies: Vec<StudyView>,
    /// Sums over the studies.
    pub totals: TotalsView,
    /// Which footnotes the studies' table needs.
    pub footnotes: Footnotes,
    /// The forest plot.
    pub forest: ForestView<StudyRow>,
    /// The pooled result.
    pub result: Option<ResultView>,
    /// Code of the reason why there is none.
    pub reason: Option<&'static str>,
    /// Verdict on the effect.
    pub verdict: EffectVerdict,
    /// The studies by subgroup.
    pub subgroups: Option<SubgroupsView>,
    /// How heterogeneity chose the model, where a rule let it.
    pub choice: Option<ChoiceView>,
    /// The same studies under other models; empty without a pooled result.
    pub other_models: Vec<OtherModelView>,
    /// Whether another model would have given another verdict.
    pub verdict_depends_on_model: bool,
    /// The claim.
    pub claim: Option<ClaimView>,
    /// The call that reproduces the analysis in R's metafor.
    pub metafor_call: String,
}

/// The studies by subgroup.
#[derive(Debug, Clone, Serialize)]
pub struct SubgroupsView {
    /// The column that divides the studies.
    pub column: String,
    /// The subgroups.
    pub rows: Vec<SubgroupRow>,
    /// Test of the differences, each subgroup with a τ² of its own.
    pub between: Option<QView>,
    /// The same under one τ² for all.
    pub between_common_p: Option<String>,
    /// Whether the subgroups differ significantly (separate τ²).
    pub differ: bool,
}

/// One subgroup.
#[derive(Debug, Clone, Serialize)]
pub struct SubgroupRow {
    /// Its name.
    pub level: String,
    /// Number of studies.
    pub k: String,
    /// `events/participants`, experimental group.
    pub group1: String,
    /// `events/participants`, control group.
    pub group2: String,
    /// Pooled effect.
    pub effect: Option<EffectText>,
    /// P of the pooled effect.
    pub p: Option<String>,
    /// I², percent.
    pub i2: Option<String>,
    /// τ².
    pub tau2: Option<String>,
}

/// How heterogeneity chose a model.
#[derive(Debug, Clone, Serialize)]
pub struct ChoiceView {
    /// `i2` or `p`: what the rule looks at.
    pub looks_at: &'static str,
    /// The rule's threshold.
    pub threshold: String,
    /// What was found, where heterogeneity could be computed: I² in percent, or P with its relation.
    pub found: Option<String>,
    /// Whether heterogeneity was high.
    pub is_high: bool,
}

/// A model with its result.
#[derive(Debug, Clone, Serialize)]
pub struct OtherModelView {
    /// Method code.
    pub method: &'static str,
    /// Test code.
    pub test: &'static str,
    /// Whether it is the analysis's own model.
    pub is_own: bool,
    /// Pooled effect.
    pub effect: Option<EffectText>,
    /// P of the pooled effect.
    pub p: Option<String>,
    /// I², percent.
    pub i2: Option<String>,
    /// τ².
    pub tau2: Option<String>,
    /// Code of the reason why there is no effect.
    pub reason: Option<&'static str>,
    /// Whether its verdict is another than the analysis's own.
    pub is_other_verdict: bool,
}

/// One study.
#[derive(Debug, Clone, Serialize)]
pub struct StudyView {
    /// Label.
    pub label: String,
    /// Year.
    pub year: Option<String>,
    /// Source of the row.
    pub source: Option<String>,
    /// Events, participants and percentage of the experimental group.
    pub group1: GroupView,
    /// The same of the control group.
    pub group2: GroupView,
    /// Effect.
    pub effect: Option<EffectText>,
    /// Weight in percent.
    pub weight: Option<String>,
    /// Code of the reason why there is no effect.
    pub reason: Option<&'static str>,
    /// Whether the zero-cell rule added to its cells.
    pub is_corrected: bool,
    /// Whether nobody in either group had the event.
    pub has_no_event: bool,
}

/// Which footnotes a studies' table needs.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Footnotes {
    /// Some study had its cells corrected.
    pub corrected: bool,
    /// Some study had no event.
    pub no_event: bool,
}

/// Events among participants.
#[derive(Debug, Clone, Serialize)]
pub struct GroupView {
    /// Participants with an event.
    pub events: String,
    /// Participants.
    pub total: String,
    /// Percentage with an event.
    pub percent: String,
}

/// Sums over the studies of an analysis.
#[derive(Debug, Clone, Serialize)]
pub struct TotalsView {
    /// Number of studies.
    pub studies: usize,
    /// Experimental group.
    pub group1: GroupView,
    /// Control group.
    pub group2: GroupView,
    /// Studies without an event in either group.
    pub without_event: usize,
}

/// A pooled result in words' reach.
#[derive(Debug, Clone, Serialize)]
pub struct ResultView {
    /// Number of studies.
    pub k: usize,
    /// Lowest and highest estimate of a study.
    pub lowest: String,
    /// Highest estimate.
    pub highest: String,
    /// Whether more than half of the estimates lie above the null.
    pub majority_above: bool,
    /// Percentage of the estimates on the majority's side.
    pub majority_percent: String,
    /// Pooled effect.
    pub effect: EffectText,
    /// Statistic, with its letter and degrees of freedom.
    pub statistic: StatisticView,
    /// P with its relation.
    pub p: String,
    /// Q test.
    pub q: Option<QView>,
    /// Verdict on heterogeneity.
    pub heterogeneity: HeterogeneityVerdict,
    /// τ², with its standard error.
    pub tau2: Option<EstimateWithError>,
    /// Whether τ² is above zero.
    pub has_tau2: bool,
    /// I², percent.
    pub i2: Option<String>,
    /// H².
    pub h2: Option<String>,
    /// Q-profile interval of τ².
    pub tau2_ci: Option<(String, String)>,
    /// Q-profile interval of I².
    pub i2_ci: Option<(String, String)>,
    /// Whether the Q-profile interval is empty: no τ² of 0 or more is compatible with the data.
    pub is_tau2_interval_empty: bool,
    /// Prediction interval.
    pub prediction: Option<(String, String)>,
    /// What it says about direction.
    pub prediction_verdict: Option<PredictionVerdict>,
    /// Labels of studies with a large weight.
    pub large_weights: Vec<String>,
    /// Codes of what was not computed and why.
    pub not_computed: Vec<NotComputed>,
    /// What the diagnostics found, where there are any.
    pub diagnostics: Option<DiagnosticsView>,
}

/// Outliers, influence and asymmetry, in words' reach.
#[derive(Debug, Clone, Serialize)]
pub struct DiagnosticsView {
    /// Threshold of the studentised residuals.
    pub outlier_threshold: String,
    /// Studies whose studentised residual reaches the threshold.
    pub outliers: Vec<String>,
    /// Studies whose Cook's distance is above median + 6 interquartile ranges.
    pub influential: Vec<String>,
    /// Verdict on funnel plot asymmetry.
    pub asymmetry: AsymmetryVerdict,
    /// P of the rank correlation test with its relation.
    pub rank_p: Option<String>,
    /// P of the regression test with its relation.
    pub regression_p: Option<String>,
    /// P of Egger's test in its classical form, with its relation.
    pub egger_p: Option<String>,
    /// Whether there are too few studies for the asymmetry tests to mean much.
    pub is_small: bool,
    /// What trim and fill found.
    pub trim_and_fill: Option<TrimAndFillView>,
    /// Rosenthal's fail-safe number.
    pub fail_safe: Option<String>,
    /// Whether leaving out a single study changes the verdict, and which.
    pub decisive: Vec<String>,
    /// Range of the effect when each study is left out.
    pub leave_one_out: Option<(String, String)>,
}

/// What trim and fill found.
#[derive(Debug, Clone, Serialize)]
pub struct TrimAndFillView {
    /// Estimated number of missing studies.
    pub missing: usize,
    /// `left` or `right`.
    pub side: &'static str,
    /// The pooled effect with the imputed studies.
    pub effect: EffectText,
}

/// Something that was not computed.
#[derive(Debug, Clone, Serialize)]
pub struct NotComputed {
    /// What.
    pub what: &'static str,
    /// Code of the reason.
    pub reason: &'static str,
}

/// A test statistic.
#[derive(Debug, Clone, Serialize)]
pub struct StatisticView {
    /// `z` or `t`.
    pub letter: &'static str,
    /// Degrees of freedom of t.
    pub df: Option<String>,
    /// Value.
    pub value: String,
}

/// Cochran's Q.
#[derive(Debug, Clone, Serialize)]
pub struct QView {
    /// Value.
    pub value: String,
    /// Degrees of freedom.
    pub df: String,
    /// P with its relation.
    pub p: String,
}

/// An estimate with its standard error.
#[derive(Debug, Clone, Serialize)]
pub struct EstimateWithError {
    /// Estimate.
    pub value: String,
    /// Standard error.
    pub se: String,
}

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

/// An effect on the analysis scale as it is printed.
#[must_use]
pub fn effect_text(measure: Measure, estimate: f64, (lower, upper): (f64, f64)) -> EffectText {
    let decimals = decimals(measure);
    let (lower, upper) =
        number::limits(printed(measure, lower), printed(measure, upper), null(measure), decimals);
    EffectText { estimate: number::fixed(printed(measure, estimate), decimals), lower, upper }
}

/// A value of the analysis scale on the scale of print.
#[must_use]
pub fn printed(measure: Measure, value: f64) -> f64 {
    if measure.is_ratio() { exp(value) } else { value }
}

/// The null on the scale of print.
fn null(measure: Measure) -> f64 {
    if measure.is_ratio() { 1.0 } else { 0.0 }
}

fn decimals(measure: Measure) -> usize {
    if measure.is_ratio() { 2 } else { 3 }
}

fn interval_text(measure: Measure, (lower, upper): (f64, f64)) -> (String, String) {
    let text = effect_text(measure, 0.0, (lower, upper));
    (text.lower, text.upper)
}

fn shared_arms(findings: &ReviewFindings) -> Option<ArmsView> {
    let mut arms = findings.review.analyses.iter().map(arms_view);
    let first = arms.next()?;
    arms.all(|other| other == first).then_some(first)
}

fn arms_view(spec: &Analysis) -> ArmsView {
    ArmsView { experimental: spec.arms.experimental.clone(), control: spec.arms.control.clone() }
}

fn models(findings: &ReviewFindings) -> Vec<ModelView> {
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

fn model_view(spec: &Analysis) -> ModelView {
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

/// A setting with no more decimals than it has: `95`, `99.9`, `0.5`.
fn shortest(value: f64) -> String {
    (0..6)
        .map(|decimals| number::fixed(value, decimals))
        .find(|text| text.parse::<f64>().is_ok_and(|parsed| (parsed - value).abs() < 1e-9))
        .unwrap_or_else(|| number::fixed(value, 6))
}

fn conclusions(findings: &ReviewFindings) -> Conclusions {
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

fn verdict(spec: &Analysis, findings: &Findings) -> EffectVerdict {
    EffectVerdict::of(findings.pooled.as_ref().map_err(|reason| *reason), 1.0 - spec.model.level)
}

fn overviews(findings: &ReviewFindings) -> Vec<OverviewView> {
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

fn summary_row(number: usize, spec: &Analysis, findings: &Findings) -> SummaryRow {
    let pooled = findings.pooled.as_ref();
    let alpha = 1.0 - spec.model.level;
    let found = pooled.ok();
    let totals = &findings.totals;
    SummaryRow {
        number,
        title: spec.title.clone(),
        k: found.map_or(findings.studies.len(), |pooled| pooled.k).to_string(),
        group1: super::plots::fraction(totals.events1, totals.total1),
        group2: super::plots::fraction(totals.events2, totals.total2),
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

fn pooled_text(spec: &Analysis, pooled: &Pooled) -> EffectText {
    effect_text(
        spec.measure,
        pooled.effect.estimate,
        (pooled.effect.ci_lower, pooled.effect.ci_upper),
    )
}

/// I² with one decimal; a value that is not zero does not print as zero.
fn i_squared_text(pooled: &Pooled) -> Option<String> {
    pooled
        .inconsistency
        .ok()
        .map(|inconsistency| number::fixed_beside(inconsistency.i_squared, 0.0, 1))
}

fn tau_squared_text(value: f64) -> String {
    number::fixed_beside(value, 0.0, 3)
}

fn section(number: usize, spec: &Analysis, findings: &Findings) -> SectionView {
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

fn subgroups_view(spec: &Analysis, found: &SubgroupFindings) -> SubgroupsView {
    let alpha = 1.0 - spec.model.level;
    let row = |group: &SubgroupFinding| {
        let pooled = group.pooled.as_ref().ok();
        SubgroupRow {
            level: group.level.clone(),
            k: pooled.map_or(group.studies, |pooled| pooled.k).to_string(),
            group1: super::plots::fraction(group.totals.events1, group.totals.total1),
            group2: super::plots::fraction(group.totals.events2, group.totals.total2),
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

fn q_view(q: &CochranQ) -> QView {
    QView {
        value: number::fixed(q.statistic, 2),
        df: number::fixed(q.df, 0),
        p: number::p_relation(q.p_value, 0.05),
    }
}

fn choice_view(spec: &Analysis, findings: &Findings) -> Option<ChoiceView> {
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
fn other_models(spec: &Analysis, findings: &Findings) -> Vec<OtherModelView> {
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

fn study_views(spec: &Analysis, findings: &Findings) -> Vec<StudyView> {
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
fn adds_to(spec: &Analysis, counts: &TwoByTwo, any_zero: bool) -> bool {
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

fn group_view(events: f64, total: f64) -> GroupView {
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

fn result_view(spec: &Analysis, findings: &Findings, pooled: &Pooled) -> ResultView {
    let measure = spec.measure;
    let alpha = 1.0 - spec.model.level;
    let estimates: Vec<f64> = findings
        .studies
        .iter()
        .filter_map(|study| study.effect.as_ref().ok())
        .map(|effect| effect.effect.estimate)
        .collect();
    let extreme = |pick: fn(f64, f64) -> f64, start: f64| {
        number::fixed(
            printed(measure, estimates.iter().copied().fold(start, pick)),
            decimals(measure),
        )
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

fn diagnostics_view(
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
    let on_print = |value: f64| number::fixed(printed(spec.measure, value), decimals(spec.measure));
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

fn not_computed(pooled: &Pooled) -> Vec<NotComputed> {
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

/// The code by which the labels of every language name a reason.
#[must_use]
pub fn reason_code(reason: Reason) -> &'static str {
    match reason {
        Reason::NoStudy => "no-study",
        Reason::NoEstimableStudy => "no-estimable-study",
        Reason::NoEvent => "no-event",
        Reason::NothingButEvents => "nothing-but-events",
        Reason::DroppedStudy => "dropped-study",
        Reason::UndefinedMeasure => "undefined-measure",
        Reason::UndefinedPool => "undefined-pool",
        Reason::ZeroVariance => "zero-variance",
        Reason::OneStudy => "one-study",
        Reason::CommonEffect => "common-effect",
        Reason::NoLikelihood => "no-likelihood",
        Reason::NotInProfile => "not-in-profile",
        Reason::OneSubgroup => "one-subgroup",
        Reason::NotInverseVariance => "not-inverse-variance",
        Reason::TooFewStudies => "too-few-studies",
        Reason::TooFewForPrediction => "too-few-for-prediction",
    }
}

fn claim_view(claim: &Claim) -> ClaimView {
    let relation = |printed: &Option<Printed>| {
        printed.as_ref().map(|printed| match printed.bound {
            Bound::Exact => format!("=\u{a0}{}", as_printed(printed)),
            Bound::Below | Bound::Above => as_printed(printed),
        })
    };
    let plain = |printed: &Option<Printed>| printed.as_ref().map(as_printed);
    ClaimView {
        source: claim.source.clone(),
        k: plain(&claim.k),
        estimate: claim.estimate.as_ref().map(|(value, scale)| ClaimedEffect {
            value: as_printed(value),
            scale: scale_code(*scale),
        }),
        ci: claim.ci.as_ref().map(|ci| ClaimedInterval {
            low: plain(&ci.low),
            high: plain(&ci.high),
            scale: scale_code(ci.scale),
        }),
        p: relation(&claim.p),
        i2: relation(&claim.i2),
        rank_p: relation(&claim.rank_p),
        regression_p: relation(&claim.regression_p),
        threshold: plain(&claim.threshold),
        note: claim.note.clone(),
    }
}

/// A number as it was printed, with this report's minus sign.
fn as_printed(printed: &Printed) -> String {
    let digits = printed.text.replace('-', "\u{2212}");
    match printed.bound {
        Bound::Exact => digits,
        Bound::Below => format!("<\u{a0}{digits}"),
        Bound::Above => format!(">\u{a0}{digits}"),
    }
}

fn scale_code(scale: Scale) -> &'static str {
    match scale {
        Scale::Log => "log",
        Scale::Ratio => "ratio",
        Scale::Percent => "percent",
        Scale::Difference => "difference",
    }
}
