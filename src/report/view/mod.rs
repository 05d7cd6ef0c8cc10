//! The only types that templates see: everything formatted, ordered and decided.

mod asked;
mod build;
mod certainty;
mod claim;
mod columns;
mod consistency;
mod described;
mod diagnostics;
mod evidence;
mod figures;
mod file;
mod footer;
mod grid;
mod model;
mod protocol;
mod regression;
mod results_table;
mod section;
mod shown;
mod survival;
mod text;
mod works;

pub use asked::AskedView;
pub(in crate::report) use asked::single_proportions;
pub use build::{parse_date, report_view};
pub use certainty::{FindingView, FindingsView};
pub use columns::{ColumnGroup, DataColumns};
pub use consistency::{ComparisonRow, ConsistencyView, FindingGroup, FindingRow, consistency_view};
pub use described::DescribedView;
pub use evidence::{BiasColumn, BiasColumnsView, RiskOfBiasView};
pub use figures::{Drawing, FigureView, FiguresView, MissingFigure};
pub use file::{AttachmentView, FileView, PROVENANCE, RESULTS};
pub use footer::FooterLine;
pub(in crate::report) use footer::footer;
pub use grid::{GridAbbreviation, GridColumn, GridFootnote, GridHead, GridRow, GridText, GridView};
pub use model::ModelView;
pub(in crate::report) use protocol::PRINCIPLES;
pub use protocol::{ProtocolView, StepView};
pub use regression::{CoefficientRow, RegressionView};
pub use results_table::ResultsTableView;
pub use shown::{MOST_STUDIES, ShownView};
pub(super) use survival::interval_code;
pub use survival::{LandmarkView, SurvivalGroupRow, SurvivalView};
pub use text::reason_code;
pub use works::{ModelWorks, ReferencesView, ReportWorks, SectionWorks, SurvivalWorks};

use super::plots::prisma::PrismaView;
use super::plots::{ForestView, OverviewRow, StudyRow};
use super::scale::{EffectText, IntervalText};
use super::style::{HouseStyle, Run};
use super::verdict::{AsymmetryVerdict, EffectVerdict, HeterogeneityVerdict, PredictionVerdict};
use serde::Serialize;

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
    /// The house style.
    pub style: HouseStyle,
    /// The letter of P values, with what stands between it and the relation.
    pub p_lead: String,
    /// The sign between a statistic and its value, with what stands beside it.
    pub equals: String,
    /// The models used, each with the analyses that use it.
    pub models: Vec<ModelView>,
    /// Titles of the analyses by their verdict.
    pub conclusions: Conclusions,
    /// One overview for each measure in use.
    pub overviews: Vec<OverviewView>,
    /// How the studies were found.
    pub flow: Option<PrismaView>,
    /// How they were judged.
    pub risk_of_bias: Option<RiskOfBiasView>,
    /// One row for each analysis.
    pub summary: Vec<SummaryRow>,
    /// Group names, if all analyses share them.
    pub arms: Option<ArmsView>,
    /// Whether any analysis has a claim.
    pub has_claims: bool,
    /// Where the claims were printed, each once.
    pub claim_sources: Vec<String>,
    /// Whether all groups of the table of results are counted by events.
    pub counts_events: bool,
    /// Eligibility, search and process.
    pub protocol: ProtocolView,
    /// What the report as a whole cites.
    pub works: ReportWorks,
    /// The list of references, if something is cited.
    pub references: Option<ReferencesView>,
    /// The characteristics of the studies.
    pub characteristics: Option<GridView>,
    /// The summary of findings; none without an outcome.
    pub findings: Option<FindingsView>,
    /// The table of results in another form than by category.
    pub results_table: Option<ResultsTableView>,
    /// One section for each analysis.
    pub sections: Vec<EntryView>,
    /// Printed numbers beside recomputed ones, and findings, if there are any.
    pub consistency: Option<ConsistencyView>,
}

impl ReportView {
    /// Names of the figures in the order of their pages: overviews, flow, risk of bias, analyses.
    #[must_use]
    pub fn figure_names(&self) -> Vec<String> {
        let mut names: Vec<String> = self
            .overviews
            .iter()
            .map(|overview| format!("overview-{}", overview.measure.to_lowercase()))
            .collect();
        names.extend(self.flow.iter().map(|_| "flow".to_owned()));
        if let Some(bias) = &self.risk_of_bias {
            names.extend(bias.bars.iter().map(|_| "risk-of-bias-summary".to_owned()));
            names.push("risk-of-bias".to_owned());
        }
        for section in &self.sections {
            match section {
                EntryView::Pooled(section) => {
                    names.push(format!("forest-{}", section.id));
                    let beside = section.figures.lines.iter().flatten();
                    names.extend(beside.map(|figure| figure.name.clone()));
                }
                EntryView::Survival(section) if section.curves.is_some() => {
                    names.push(format!("survival-{}", section.id));
                }
                EntryView::Survival(_) | EntryView::Described(_) => {}
            }
        }
        names
    }
}

/// The section of one analysis, by its kind.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "form", rename_all = "kebab-case")]
pub enum EntryView {
    /// Pooled effects.
    Pooled(Box<SectionView>),
    /// Survival curves.
    Survival(Box<SurvivalView>),
    /// Rows that are described.
    Described(Box<DescribedView>),
}

/// Titles of the analyses by their verdict.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Conclusions {
    /// Significantly more events in the experimental group.
    pub more_events: Vec<String>,
    /// Significantly fewer.
    pub fewer_events: Vec<String>,
    /// Other effects significantly above their null.
    pub higher: Vec<String>,
    /// Other effects significantly below their null.
    pub lower: Vec<String>,
    /// Estimates of one group.
    pub estimated: Vec<String>,
    /// No significant difference.
    pub not_significant: Vec<String>,
    /// No pooled effect.
    pub not_estimable: Vec<String>,
    /// Another common model would give another verdict.
    pub depends_on_model: Vec<String>,
    /// Analyses that repeat another with other data; they stand in none of the other lists.
    pub repeats: Vec<String>,
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

/// The overview forest plot of one measure.
#[derive(Debug, Clone, Serialize)]
pub struct OverviewView {
    /// Measure code.
    pub measure: &'static str,
    /// Confidence level in percent.
    pub level: String,
    /// The plot.
    pub forest: ForestView<OverviewRow>,
    /// What lies on either side of the null, if there is one.
    pub directions: Option<DirectionsView>,
    /// Numbers for the alternative text.
    pub significant: Vec<String>,
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
    /// Size of the experimental group.
    pub group1: Option<String>,
    /// Size of the control group.
    pub group2: Option<String>,
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
    pub prediction: Option<IntervalText>,
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
    /// Code of the kind.
    pub kind: &'static str,
    /// Whether participants with an event, or events, are counted.
    pub counts_events: bool,
    /// Group names.
    pub arms: ArmsView,
    /// What an event is, in the author's words, if they say.
    pub event: Option<String>,
    /// What lies on either side of the null, if there is one.
    pub directions: Option<DirectionsView>,
    /// How it was pooled.
    pub model: ModelView,
    /// Headings of the studies' data.
    pub columns: Vec<ColumnGroup>,
    /// Headings of the same in the forest plot.
    pub forest_columns: Vec<ColumnGroup>,
    /// The studies, or those that have a row.
    pub studies: Vec<StudyView>,
    /// How many of the studies have a row, where not all have.
    pub shown: Option<ShownView>,
    /// Sums over the studies.
    pub totals: TotalsView,
    /// Which footnotes the studies' table needs.
    pub footnotes: Footnotes,
    /// The forest plot.
    pub forest: ForestView<StudyRow>,
    /// The judgements of risk of bias beside it, where they stand there.
    pub bias: Option<BiasColumnsView>,
    /// The figures beside it.
    pub figures: FiguresView,
    /// The lines below it.
    pub footer: Vec<FooterLine>,
    /// The pooled result.
    pub result: Option<ResultView>,
    /// Code of the reason why there is none.
    pub reason: Option<&'static str>,
    /// Verdict on the effect.
    pub verdict: EffectVerdict,
    /// The studies by subgroup.
    pub subgroups: Option<SubgroupsView>,
    /// The effects regressed on moderators.
    pub regression: Option<RegressionView>,
    /// How heterogeneity chose the model, where a rule let it.
    pub choice: Option<ChoiceView>,
    /// The same studies under other models; empty without a pooled result.
    pub other_models: Vec<OtherModelView>,
    /// Whether another model would have given another verdict.
    pub verdict_depends_on_model: bool,
    /// The claim.
    pub claim: Option<ClaimView>,
    /// The tables that the analysis is asked to print.
    pub asked: Vec<AskedView>,
    /// What its results cite.
    pub works: SectionWorks,
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
    /// The same in the house style.
    pub between_runs: Vec<Run>,
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
    /// Size of the experimental group.
    pub group1: Option<String>,
    /// Size of the control group.
    pub group2: Option<String>,
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
    /// Whether effects lie in clusters with a variance of their own.
    pub is_three_level: bool,
    /// Whether inference is robust to dependence within clusters.
    pub is_robust: bool,
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
    /// Whether it prints one study as the analysis's own model does, so that a line tells of it and
    /// no row.
    pub repeats_own: bool,
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
    /// Its data, one cell a column.
    pub cells: Vec<String>,
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
    /// Whether a mean was estimated from quantiles.
    pub is_from_quantiles: bool,
    /// Whether the study reports its estimate only, where others give their data.
    pub is_estimate: bool,
    /// Whether its control group is a part of one that several arms share.
    pub is_divided: bool,
    /// Whether it is several arms of a trial taken together.
    pub is_combined: bool,
}

/// Which footnotes a studies' table needs.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Footnotes {
    /// Some study had its cells corrected.
    pub corrected: bool,
    /// Some study had no event.
    pub no_event: bool,
    /// Some mean was estimated from quantiles.
    pub from_quantiles: bool,
    /// Some study reports its estimate only.
    pub estimate: bool,
    /// Some control group was divided.
    pub divided: bool,
    /// Some arms were combined.
    pub combined: bool,
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
    /// Number of trials: arms of one, each a study, are one.
    pub trials: usize,
    /// Cells of the table's last row.
    pub cells: Vec<String>,
    /// Cells of the forest plot's last row.
    pub forest_cells: Vec<String>,
    /// Cells of a row of its own for events, where the style has one.
    pub event_cells: Option<Vec<String>>,
    /// Events and participants of the experimental group, or of the one group.
    pub group1: Option<GroupView>,
    /// Events and participants of the control group.
    pub group2: Option<GroupView>,
    /// Participants, events or person-time of each group, as the table of results has them.
    pub sizes: [Option<String>; 2],
    /// Studies without an event in any group.
    pub without_event: usize,
}

/// A pooled result in words' reach.
#[derive(Debug, Clone, Serialize)]
pub struct ResultView {
    /// Number of studies.
    pub k: usize,
    /// Number of studies with an estimate of their own; a method that sums counts may use more.
    pub estimates: usize,
    /// Lowest estimate of a study.
    pub lowest: String,
    /// Highest estimate.
    pub highest: String,
    /// Whether more than half of the estimates lie above the null.
    pub majority_above: bool,
    /// Percentage of the estimates on the majority's side; none for one group.
    pub majority_percent: Option<String>,
    /// Pooled effect.
    pub effect: EffectText,
    /// Statistic, with its letter and degrees of freedom; none for one group.
    pub statistic: Option<StatisticView>,
    /// The test in the house style.
    pub statistic_runs: Vec<Run>,
    /// P with its relation; none for one group.
    pub p: Option<String>,
    /// Q test.
    pub q: Option<QView>,
    /// Heterogeneity in the house style.
    pub heterogeneity_runs: Vec<Run>,
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
    pub tau2_ci: Option<IntervalText>,
    /// Q-profile interval of I².
    pub i2_ci: Option<IntervalText>,
    /// The variances of a three-level model.
    pub components: Option<ComponentsView>,
    /// Number of clusters, where the model knows of them.
    pub clusters: Option<usize>,
    /// Whether the Q-profile interval is empty: no τ² of 0 or more is compatible with the data.
    pub is_tau2_interval_empty: bool,
    /// Prediction interval.
    pub prediction: Option<IntervalText>,
    /// What it says about direction; none of one group, or where the mean lies at the null.
    pub prediction_verdict: Option<PredictionVerdict>,
    /// Labels of studies with a large weight.
    pub large_weights: Vec<String>,
    /// Codes of what was not computed and why.
    pub not_computed: Vec<NotComputed>,
    /// What the diagnostics found, where there are any.
    pub diagnostics: Option<DiagnosticsView>,
}

/// The variances of a three-level model.
#[derive(Debug, Clone, Serialize)]
pub struct ComponentsView {
    /// Between clusters.
    pub between: String,
    /// Within clusters.
    pub within: String,
    /// Their parts of the total variance, percent.
    pub i2_between: String,
    /// Within clusters.
    pub i2_within: String,
}

/// What lies on either side of the null, by the codes of labels.
#[derive(Debug, Clone, Serialize)]
pub struct DirectionsView {
    /// Below it.
    pub left: &'static str,
    /// Above it.
    pub right: &'static str,
    /// Whether the labels are followed by the experimental group's name, or by the name of the
    /// group that is favoured.
    pub is_favours: bool,
}

/// Outliers, influence and asymmetry, in words' reach.
#[derive(Debug, Clone, Serialize)]
pub struct DiagnosticsView {
    /// Threshold of the studentised residuals; none where residuals were not computed.
    pub outlier_threshold: Option<String>,
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
    /// The regression test: `rma` or `lm`.
    pub regression_model: &'static str,
    /// What it regresses on.
    pub regression_predictor: &'static str,
    /// P of Egger's test in its classical form, with its relation.
    pub egger_p: Option<String>,
    /// P of Harbord's test, with its relation.
    pub harbord_p: Option<String>,
    /// P of Peters' test, with its relation.
    pub peters_p: Option<String>,
    /// The effect for a study of infinite size.
    pub limit: Option<EffectText>,
    /// The effect under the selection model, with the P of its likelihood ratio test.
    pub selection: Option<SelectionView>,
    /// The estimate of Henmi & Copas.
    pub henmi_copas: Option<EffectText>,
    /// Whether there are too few studies for the asymmetry tests to mean much.
    pub is_small: bool,
    /// What trim and fill found.
    pub trim_and_fill: Option<TrimAndFillView>,
    /// The fail-safe number.
    pub fail_safe: Option<String>,
    /// Whose it is.
    pub fail_safe_type: &'static str,
    /// Whether leaving out a single study changes the verdict, and which.
    pub decisive: Vec<String>,
    /// Range of the effect when each study is left out.
    pub leave_one_out: Option<(String, String)>,
}

/// What the selection model found.
#[derive(Debug, Clone, Serialize)]
pub struct SelectionView {
    /// The effect.
    pub effect: EffectText,
    /// P of the likelihood ratio test with its relation.
    pub p: String,
    /// The steps.
    pub steps: Vec<String>,
}

/// What trim and fill found.
#[derive(Debug, Clone, Serialize)]
pub struct TrimAndFillView {
    /// Estimated number of missing studies.
    pub missing: usize,
    /// `left` or `right`.
    pub side: &'static str,
    /// The estimator of the number.
    pub estimator: &'static str,
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
    /// Standard error, where there is one.
    pub se: Option<String>,
}
