//! The view of a report as a whole.

use super::certainty::FindingsView;
use super::claim::ClaimView;
use super::consistency::ConsistencyView;
use super::described::DescribedView;
use super::evidence::RiskOfBiasView;
use super::grid::GridView;
use super::model::ModelView;
use super::protocol::ProtocolView;
use super::results_table::ResultsTableView;
use super::section::{DirectionsView, SectionView};
use super::survival::SurvivalView;
use super::works::{ReferencesView, ReportWorks};
use crate::report::plots::prisma::PrismaView;
use crate::report::plots::{ForestView, OverviewRow};
use crate::report::scale::{EffectText, IntervalText};
use crate::report::style::HouseStyle;
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
    /// The chapters of the sections, in their order; none where the results are one chapter.
    pub chapters: Vec<ChapterView>,
    /// Numbers of the sections that begin on a new page because the chapter is long: what stands between
    /// two page breaks is set at once with the rest.
    pub part_starts: Vec<usize>,
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

/// Sections under one heading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChapterView {
    /// Title; none over the analyses that no chapter of the spec names.
    pub title: Option<String>,
    /// Number of its first section.
    pub first: usize,
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
