//! How the studies were found and judged, as figures.

use super::text::reason_code;
use crate::report::plots::prisma::{PrismaView, prisma};
use crate::report::plots::risk_of_bias::{
    BiasBarsView, BiasStudy, TrafficLightView, bias_bars, traffic_light,
};
use crate::report::{ReviewFindings, number};
use crate::spec::BiasSpec;
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
