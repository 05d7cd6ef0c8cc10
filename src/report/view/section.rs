//! The view of one analysis.

use super::asked::{AskedView, asked_views};
use super::build::{arms_view, verdict};
use super::claim::{ClaimView, claim_view};
use super::columns::{ColumnGroup, DataColumns, Sums, group_sizes};
use super::evidence::BiasColumnsView;
use super::figures::{FiguresView, figures_view};
use super::footer::{FooterLine, footer, subgroup_line};
use super::model::{ModelView, has_medians, model_view};
use super::other_models::{ChoiceView, OtherModelView, choice_view, other_models};
use super::regression::{RegressionView, regression_view};
use super::report::ArmsView;
use super::result::{ResultView, result_view};
use super::shown::{Shown, ShownView};
use super::studies::{Footnotes, StudyView, TotalsView, data_of, group_view, study_views};
use super::subgroups::{SubgroupsView, subgroups_view};
use super::text::reason_code;
use super::works::{SectionWorks, section_works};
use crate::analysis::Findings;
use crate::report::metafor;
use crate::report::number::Numbers;
use crate::report::plots::{ForestView, StudyRow, study_forest};
use crate::report::verdict::EffectVerdict;
use crate::spec::{Analysis, Benefit, Measure};
use serde::Serialize;
use std::collections::BTreeSet;

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
        counts_events: spec.kind.counts_events(),
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
        (None, _) if spec.kind.counts_events() => plain("fewer", "more"),
        (None, Measure::GEN) => plain("below", "above"),
        (None, Measure::HR) => plain("lower_hazard", "higher_hazard"),
        (None, _) => plain("lower", "higher"),
    })
}
