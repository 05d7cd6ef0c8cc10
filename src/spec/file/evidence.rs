//! The `risk_of_bias` of a review, as written.

use super::super::evidence::BiasColumns;
use super::super::judgement::BiasTool;
use super::super::mapping::Mapping;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Spanned;

/// The `risk_of_bias` of a review, sound in itself.
#[derive(Debug, Clone)]
pub(in crate::spec) struct BiasFile {
    pub(in crate::spec) data: Spanned<String>,
    pub(in crate::spec) tool: BiasTool,
    pub(in crate::spec) columns: BiasColumns,
    pub(in crate::spec) weights: Option<Spanned<String>>,
}

impl BiasFile {
    pub(super) fn read(mut map: Mapping<'_>, diagnostics: &mut Vec<Diagnostic>) -> Option<Self> {
        let tools = BiasTool::ALL.map(|tool| (tool.name(), tool));
        let data = map.text("data", diagnostics);
        if data.is_none() && !map.written().contains("data") {
            diagnostics.push(Diagnostic::error(
                Code::MissingKey,
                map.place(),
                "`risk_of_bias` has no `data`",
            ));
        }
        let tool = map.required_choice("tool", &tools, diagnostics);
        // the longest list of domains, where the tool is not known
        let domains = tool.unwrap_or(BiasTool::RobinsI).domains();
        let mut columns = BiasColumns { domains: vec![None; domains.len()], ..Default::default() };
        if let Some(mut named) = map.mapping("columns", diagnostics) {
            columns.study = named.text("study", diagnostics);
            columns.domains = domains.iter().map(|code| named.text(code, diagnostics)).collect();
            columns.overall = named.text("overall", diagnostics);
            named.close(diagnostics);
        }
        let weights = map.text("weights", diagnostics);
        map.close(diagnostics);
        Some(Self { data: data?, tool: tool?, columns, weights })
    }
}
