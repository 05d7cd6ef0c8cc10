//! Risk of bias: the traffic-light table of the studies, and the bars that sum it up by weight.
//!
//! Drawn by `traffic-light(view, words)` and `bias-bars(view, words)` of
//! `templates/figures/risk_of_bias.typ`; the rows of the table break over pages. The words, from
//! `figures.risk_of_bias` of the labels unless said otherwise:
//!
//! - `study`, `overall`: heads
//! - `judgements`: by their keys, `low`, `some_concerns`, `moderate`, `unclear`, `high`, `serious`,
//!   `very_high`, `critical`, `no_information`, `not_applicable`
//! - `domains`: by their codes, the tool's (`rob2` or `robins_i` of the labels)
//! - `share`: title of the bars' axis (`weighted` or `counted` of the labels)

use super::axis::Tick;
use super::scale::{Along, Scale, tidy};
use crate::report::number;
pub use crate::spec::{BiasTool, Judgement};
use serde::Serialize;

/// The judgements of a study.
#[derive(Debug, Clone, PartialEq)]
pub struct BiasStudy<'a> {
    /// Its name.
    pub label: &'a str,
    /// By domain; `None` where nobody judged it.
    pub domains: Vec<Option<Judgement>>,
    /// Overall.
    pub overall: Option<Judgement>,
    /// Its weight in the synthesis; `None` where it has none.
    pub weight: Option<f64>,
}

/// The traffic-light table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TrafficLightView {
    /// The codes of the domains.
    pub domains: Vec<String>,
    /// The studies from top to bottom.
    pub rows: Vec<TrafficRow>,
    /// The judgements that occur, from the best to the worst.
    pub legend: Vec<LightView>,
    /// Numbers for the alternative text: each judgement that occurs overall, with its studies.
    pub numbers: Vec<(&'static str, String)>,
}

/// A study.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TrafficRow {
    /// Its name.
    pub label: String,
    /// By domain, then overall; `None` where there is no judgement.
    pub lights: Vec<Option<LightView>>,
}

/// A light.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LightView {
    /// The judgement's key.
    pub key: &'static str,
    /// Its symbol.
    pub symbol: &'static str,
}

/// The bars, one a domain and one overall.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BiasBarsView {
    /// The bars from top to bottom; the last is that of the overall judgement.
    pub bars: Vec<BiasBar>,
    /// The ticks of the axis, percent.
    pub ticks: Vec<Tick>,
    /// The judgements that occur, from the best to the worst.
    pub legend: Vec<LightView>,
    /// Whether the parts are weighted.
    pub is_weighted: bool,
    /// Studies that are counted.
    pub studies: String,
}

/// A bar.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BiasBar {
    /// The domain's code; `None` overall.
    pub domain: Option<String>,
    /// Its parts, from the best to the worst.
    pub parts: Vec<BiasPart>,
}

/// A part of a bar.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BiasPart {
    /// The judgement.
    pub light: LightView,
    /// Left end, 0 to 1.
    pub from: f64,
    /// Right end, 0 to 1.
    pub to: f64,
    /// Its percentage.
    pub percent: String,
    /// Whether it is wide enough for its percentage.
    pub has_room: bool,
}

fn light(judgement: Judgement) -> LightView {
    LightView { key: judgement.key(), symbol: judgement.symbol() }
}

/// The judgements that occur, from the best to the worst.
fn legend(studies: &[BiasStudy<'_>]) -> Vec<LightView> {
    let occurs = |judgement: &Judgement| {
        studies.iter().any(|study| {
            study.domains.iter().chain([&study.overall]).flatten().any(|found| found == judgement)
        })
    };
    Judgement::ALL.into_iter().filter(|judgement| occurs(judgement)).map(light).collect()
}

/// The traffic-light table of these domains.
#[must_use]
pub fn traffic_light(domains: &[&str], studies: &[BiasStudy<'_>]) -> TrafficLightView {
    let rows = studies
        .iter()
        .map(|study| {
            let of = |index: usize| study.domains.get(index).copied().flatten();
            let lights =
                (0..domains.len()).map(of).chain([study.overall]).map(|found| found.map(light));
            TrafficRow { label: study.label.to_owned(), lights: lights.collect() }
        })
        .collect();
    let count = |judgement: Judgement| {
        let overall = studies.iter().filter(|study| study.overall == Some(judgement)).count();
        (overall > 0).then(|| (judgement.key(), overall.to_string()))
    };
    TrafficLightView {
        domains: domains.iter().map(|code| (*code).to_owned()).collect(),
        rows,
        legend: legend(studies),
        numbers: Judgement::ALL.into_iter().filter_map(count).collect(),
    }
}

/// The bars of these domains; by weight if every study has one, else by number. `None` without
/// studies.
#[must_use]
pub fn bias_bars(domains: &[&str], studies: &[BiasStudy<'_>]) -> Option<BiasBarsView> {
    if studies.is_empty() {
        return None;
    }
    let is_weighted = studies.iter().all(|study| study.weight.is_some_and(|weight| weight > 0.0));
    let bar = |domain: Option<String>, of: &dyn Fn(&BiasStudy<'_>) -> Option<Judgement>| BiasBar {
        domain,
        parts: parts(studies, is_weighted, of),
    };
    let mut bars: Vec<BiasBar> = domains
        .iter()
        .enumerate()
        .map(|(index, code)| {
            bar(Some((*code).to_owned()), &|study| study.domains.get(index).copied().flatten())
        })
        .collect();
    bars.push(bar(None, &|study| study.overall));
    Some(BiasBarsView {
        bars,
        ticks: Scale::linear(0.0, 100.0, Along::Horizontal(150.0)).ticks,
        legend: legend(studies),
        is_weighted,
        studies: studies.len().to_string(),
    })
}

fn parts(
    studies: &[BiasStudy<'_>],
    is_weighted: bool,
    of: &dyn Fn(&BiasStudy<'_>) -> Option<Judgement>,
) -> Vec<BiasPart> {
    let weight = |study: &BiasStudy<'_>| study.weight.filter(|_| is_weighted).unwrap_or(1.0);
    let total: f64 = studies.iter().filter(|study| of(study).is_some()).map(weight).sum();
    let mut from = 0.0;
    let mut parts = Vec::new();
    for judgement in Judgement::ALL {
        let own: f64 =
            studies.iter().filter(|study| of(study) == Some(judgement)).map(weight).sum();
        if own > 0.0 {
            let share = own / total;
            parts.push(BiasPart {
                light: light(judgement),
                from: tidy(from),
                to: tidy((from + share).min(1.0)),
                percent: number::fixed(100.0 * share, 0),
                has_room: share >= 0.09,
            });
            from += share;
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use Judgement::{High, Low, NoInformation, SomeConcerns};

    fn study(
        label: &str,
        judgements: [Judgement; 5],
        overall: Judgement,
        weight: f64,
    ) -> BiasStudy<'_> {
        let domains = judgements.map(Some).to_vec();
        BiasStudy { label, domains, overall: Some(overall), weight: Some(weight) }
    }

    fn studies() -> Vec<BiasStudy<'static>> {
        vec![
            study("A", [Low; 5], Low, 60.0),
            study("B", [SomeConcerns, Low, Low, NoInformation, Low], SomeConcerns, 30.0),
            study("C", [High, Low, Low, Low, Low], High, 10.0),
        ]
    }

    #[test]
    fn every_domain_has_its_light() {
        let view = traffic_light(BiasTool::Rob2.domains(), &studies());
        assert_eq!(view.rows[1].lights.len(), 6);
        assert_eq!(view.rows[1].lights[3], Some(light(NoInformation)));
        let symbols: Vec<&str> = view.legend.iter().map(|light| light.symbol).collect();
        assert_eq!(symbols, ["+", "!", "\u{2212}", "?"]);
        assert_eq!(view.numbers[0], ("low", "1".into()));
        // a study that was judged in fewer domains keeps its place
        let short = BiasStudy { label: "D", domains: vec![], overall: None, weight: None };
        assert_eq!(
            traffic_light(BiasTool::RobinsI.domains(), &[short]).rows[0].lights,
            vec![None; 8]
        );
    }

    #[test]
    fn bars_follow_the_weights() {
        let view = bias_bars(BiasTool::Rob2.domains(), &studies()).unwrap();
        assert!(view.is_weighted);
        assert_eq!(view.bars.len(), 6);
        let percents: Vec<&str> = view.bars[0].parts.iter().map(|p| p.percent.as_str()).collect();
        assert_eq!(percents, ["60", "30", "10"]);
        assert_eq!((view.bars[0].parts[1].from, view.bars[0].parts[1].to), (0.6, 0.9));
        assert_eq!(view.bars[5].domain, None);
    }

    #[test]
    fn without_a_weight_studies_are_counted() {
        let mut studies = studies();
        studies[2].weight = None;
        let view = bias_bars(BiasTool::Rob2.domains(), &studies).unwrap();
        assert!(!view.is_weighted);
        assert_eq!(view.bars[0].parts[0].percent, "33");
        assert_eq!(bias_bars(BiasTool::Rob2.domains(), &[]), None);
    }
}
