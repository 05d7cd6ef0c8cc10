//! How the studies were found and judged, as figures.

use super::text::reason_code;
use crate::analysis::Findings;
use crate::report::plots::prisma::{PrismaView, prisma};
use crate::report::plots::risk_of_bias::{
    BiasBarsView, BiasStudy, LightView, TrafficLightView, TrafficRow, bias_bars, traffic_light,
};
use crate::report::style::HouseStyle;
use crate::report::{ReviewFindings, number};
use crate::spec::{Analysis, BiasSpec};
use serde::Serialize;
use std::collections::BTreeMap;

/// The judgements of risk of bias.
#[derive(Debug, Clone, Serialize)]
pub struct RiskOfBiasView {
    /// By which labels name the tool.
    pub tool: &'static str,
    /// Its name.
    pub tool_name: &'static str,
    /// Number of judged studies.
    pub studies: String,
    /// The traffic-light table.
    pub table: TrafficLightView,
    /// The summary bars.
    pub bars: Option<BiasBarsView>,
    /// Title of the analysis whose weights the bars follow.
    pub weights: Option<String>,
    /// Code of the reason why they do not follow the weights that the spec names.
    pub no_weights: Option<&'static str>,
}

pub(super) fn flow_view(findings: &ReviewFindings) -> Option<PrismaView> {
    prisma(findings.flow.as_ref()?)
}

pub(super) fn risk_of_bias_view(findings: &ReviewFindings) -> Option<RiskOfBiasView> {
    let spec = findings.review.risk_of_bias.as_ref()?;
    let judged = findings.risk_of_bias.as_ref()?;
    let (title, weights, no_weights) = weights(findings, spec);
    let studies: Vec<BiasStudy<'_>> = judged
        .studies
        .iter()
        .map(|study| BiasStudy {
            label: &study.label,
            domains: study.domains.clone(),
            overall: study.overall,
            weight: weights.get(study.label.as_str()).copied(),
        })
        .collect();
    if studies.is_empty() {
        return None;
    }
    let domains = spec.tool.domains();
    let weighted: Vec<BiasStudy<'_>> =
        studies.iter().filter(|study| study.weight.is_some()).cloned().collect();
    let bars = if weighted.is_empty() {
        bias_bars(domains, &studies)
    } else {
        bias_bars(domains, &weighted)
    };
    Some(RiskOfBiasView {
        tool: spec.tool.key(),
        tool_name: spec.tool.name(),
        studies: number::count(studies.len() as f64),
        table: traffic_light(domains, &studies),
        weights: title.filter(|_| bars.as_ref().is_some_and(|bars| bars.is_weighted)),
        no_weights,
        bars,
    })
}

/// The judgements of the studies of one analysis, as columns beside its forest plot.
#[derive(Debug, Clone, Serialize)]
pub struct BiasColumnsView {
    /// By which labels name the tool.
    pub tool: &'static str,
    /// The columns from left to right.
    pub columns: Vec<BiasColumn>,
    /// One row for each study of the plot, in their order.
    pub rows: Vec<TrafficRow>,
    /// The judgements that occur, from the best to the worst.
    pub legend: Vec<LightView>,
}

/// One column of judgements.
#[derive(Debug, Clone, Serialize)]
pub struct BiasColumn {
    /// The letter over it.
    pub letter: char,
    /// The domain's code; none overall.
    pub domain: Option<String>,
}

/// The columns of an analysis; none where they are not asked for, or none of its studies was judged.
pub(super) fn bias_columns(
    findings: &ReviewFindings,
    spec: &Analysis,
    found: &Findings,
    style: &HouseStyle,
) -> Option<BiasColumnsView> {
    let is_asked = spec.risk_of_bias_columns.as_ref().map(|asked| asked.value);
    if !is_asked.unwrap_or(style.forest.has_risk_of_bias) {
        return None;
    }
    let tool = findings.review.risk_of_bias.as_ref()?.tool;
    let judged = &findings.risk_of_bias.as_ref()?.studies;
    let mut is_judged = false;
    let studies: Vec<BiasStudy<'_>> = found
        .studies
        .iter()
        .map(|study| {
            let by_name = |name: &str| judged.iter().find(|judged| judged.label == name);
            let own = by_name(&study.study.label).or_else(|| by_name(study.study.trial()));
            is_judged |= own.is_some();
            BiasStudy {
                label: &study.study.label,
                domains: own.map_or_else(Vec::new, |own| own.domains.clone()),
                overall: own.and_then(|own| own.overall),
                weight: None,
            }
        })
        .collect();
    let table = traffic_light(tool.domains(), &studies);
    let domains = table.domains.into_iter().map(Some).chain([None]);
    is_judged.then(|| BiasColumnsView {
        tool: tool.key(),
        columns: ('A'..='Z')
            .zip(domains)
            .map(|(letter, domain)| BiasColumn { letter, domain })
            .collect(),
        rows: table.rows,
        legend: table.legend,
    })
}

/// The weights of the studies in the analysis that the spec names, with its title; or the code of
/// the reason why it has none.
fn weights<'a>(
    findings: &'a ReviewFindings,
    spec: &BiasSpec,
) -> (Option<String>, BTreeMap<&'a str, f64>, Option<&'static str>) {
    let named = spec
        .weights
        .as_ref()
        .and_then(|id| findings.analyses().find(|(analysis, _)| analysis.id == id.value));
    let Some((analysis, found)) = named else { return (None, BTreeMap::new(), None) };
    let weights = found
        .studies
        .iter()
        .filter_map(|study| Some((study.study.label.as_str(), study.weight?)))
        .filter(|(_, weight)| *weight > 0.0)
        .collect();
    let reason = found.pooled.as_ref().err().map(|reason| reason_code(*reason));
    (Some(analysis.title.clone()), weights, reason)
}
