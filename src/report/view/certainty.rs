//! The summary of findings as printed.

use super::grid::{Footnotes, GridAbbreviation, GridFootnote, GridText};
use super::{ArmsView, build::arms_view};
use crate::analysis::{Findings, Pooled};
use crate::report::ReviewFindings;
use crate::report::absolute::{Absolute, absolute_effect};
use crate::report::number::Numbers;
use crate::report::scale::{EffectPrinter, EffectText};
use crate::spec::{Analysis, Baseline, FindingSpec};
use serde::Serialize;

/// The summary of findings.
#[derive(Debug, Clone, Serialize)]
pub struct FindingsView {
    /// Group names, if all outcomes share them.
    pub arms: Option<ArmsView>,
    /// Confidence level in percent.
    pub level: String,
    /// The outcomes.
    pub rows: Vec<FindingView>,
    /// Footnotes: the author's reasons, and where risks come from.
    pub footnotes: Vec<GridFootnote>,
    /// Codes of the measures in use.
    pub measures: Vec<&'static str>,
    /// Whether any outcome has a risk.
    pub has_risks: bool,
    /// Whether any outcome has a comment.
    pub has_comments: bool,
    /// The abbreviations in use.
    pub abbreviations: Vec<GridAbbreviation>,
}

/// One outcome.
#[derive(Debug, Clone, Serialize)]
pub struct FindingView {
    /// The outcome.
    pub outcome: String,
    /// Its absolute effect, where the measure has one.
    pub risks: Option<RisksView>,
    /// Its difference of means.
    pub difference: Option<DifferenceView>,
    /// Measure code.
    pub measure: &'static str,
    /// The relative effect; of a difference of means the difference itself.
    pub effect: Option<EffectText>,
    /// Participants.
    pub participants: Option<String>,
    /// Studies; arms of one trial count once.
    pub studies: usize,
    /// Code of the certainty.
    pub certainty: &'static str,
    /// Its symbols, four characters.
    pub symbols: String,
    /// Marks of the reasons.
    pub marks: String,
    /// What the author adds.
    pub comment: Option<String>,
}

/// Risks per 1000.
#[derive(Debug, Clone, Serialize)]
pub struct RisksView {
    /// Without the intervention.
    pub baseline: String,
    /// Mark of where it comes from.
    pub baseline_mark: String,
    /// With the intervention.
    pub risk: String,
    /// Its interval.
    pub interval: (String, String),
    /// The difference.
    pub difference: SignedView,
    /// Its limits.
    pub limits: (SignedView, SignedView),
}

/// A difference without its sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SignedView {
    /// Its size.
    pub size: String,
    /// `fewer`, `more` or `same`.
    pub direction: &'static str,
}

/// A difference of means.
#[derive(Debug, Clone, Serialize)]
pub struct DifferenceView {
    /// Its size, with the direction `lower`, `higher` or `same`.
    pub difference: SignedView,
    /// Its limits.
    pub limits: (SignedView, SignedView),
}

pub(super) fn findings_view(
    findings: &ReviewFindings,
    numbers: Numbers<'_>,
) -> Option<FindingsView> {
    let about = &findings.review.about_studies;
    let outcomes: Vec<(&FindingSpec, &Analysis, &Findings)> = about
        .findings
        .iter()
        .filter_map(|outcome| {
            let of_outcome =
                findings.analyses().find(|(spec, _)| spec.id == outcome.analysis.value);
            of_outcome.map(|(spec, found)| (outcome, spec, found))
        })
        .collect();
    let (_, first, _) = outcomes.first()?;
    let shared = arms_view(first);
    let has_one = outcomes.iter().all(|(_, spec, _)| arms_view(spec) == shared);
    let mut footnotes = Footnotes::default();
    let rows: Vec<FindingView> = outcomes
        .iter()
        .map(|(outcome, spec, found)| finding(outcome, spec, found, &mut footnotes, numbers))
        .collect();
    let mut measures: Vec<&'static str> = Vec::new();
    for row in &rows {
        if !measures.contains(&row.measure) {
            measures.push(row.measure);
        }
    }
    let footnotes = footnotes.finish();
    Some(FindingsView {
        arms: has_one.then_some(shared),
        level: numbers.shortest(100.0 * first.model.level),
        has_risks: rows.iter().any(|row| row.risks.is_some() || row.difference.is_some()),
        has_comments: rows.iter().any(|row| row.comment.is_some()),
        footnotes,
        measures,
        rows,
        abbreviations: Vec::new(),
    })
}

fn finding(
    outcome: &FindingSpec,
    spec: &Analysis,
    found: &Findings,
    footnotes: &mut Footnotes,
    numbers: Numbers<'_>,
) -> FindingView {
    let pooled = found.pooled.as_ref().ok();
    let printer = EffectPrinter::of(spec, found, numbers);
    let totals = [found.totals.group1, found.totals.group2];
    let participants: Vec<f64> = totals.iter().filter_map(|group| group.participants).collect();
    let is_difference = !spec.measure.is_ratio() && !spec.kind.counts_events();
    // in reading order: the risk stands left of the certainty
    let risks = absolute_effect(outcome, spec, found).map(|risks| {
        let basis = match outcome.baseline {
            Some(Baseline::MedianOfStudies) => "baseline_median",
            _ => "baseline_given",
        };
        risks_view(risks, footnotes.mark(GridText::label(basis)), numbers)
    });
    let marks: Vec<String> = outcome
        .downgrades
        .iter()
        .map(|downgrade| {
            let domain = match downgrade.domain.value {
                crate::spec::Domain::RiskOfBias => "risk_of_bias",
                crate::spec::Domain::Inconsistency => "inconsistency",
                crate::spec::Domain::Indirectness => "indirectness",
                crate::spec::Domain::Imprecision => "imprecision",
                crate::spec::Domain::PublicationBias => "publication_bias",
            };
            let levels = if downgrade.levels == 1 { "−1" } else { "−2" };
            let text = format!("({levels}): {}", downgrade.reason);
            footnotes.mark(GridText::labelled(domain, text))
        })
        .collect();
    let level = outcome.certainty.level();
    FindingView {
        outcome: outcome.outcome.clone().unwrap_or_else(|| spec.title.clone()),
        risks,
        difference: pooled
            .filter(|_| is_difference)
            .map(|pooled| difference_view(&printer.pooled(pooled), pooled, numbers)),
        measure: spec.measure.code(),
        effect: pooled.map(|pooled| printer.pooled(pooled)),
        participants: (!participants.is_empty()).then(|| numbers.count(participants.iter().sum())),
        studies: found.trials(),
        certainty: outcome.certainty.name(),
        symbols: "⊕".repeat(level) + &"◯".repeat(4 - level),
        marks: marks.join(","),
        comment: outcome.comment.clone(),
    }
}

/// Risks in whole people of 1000, or with decimals where they would print as 0 or 1000.
fn risks_view(risks: Absolute, baseline_mark: String, numbers: Numbers<'_>) -> RisksView {
    let per_thousand = |risk: f64| numbers.fixed_apart(1000.0 * risk, &[0.0, 1000.0], 0);
    let difference = |risk: f64| {
        let difference = 1000.0 * (risk - risks.baseline);
        SignedView {
            size: numbers.fixed_beside(difference.abs(), 0.0, 0),
            direction: direction(difference, ["fewer", "more"]),
        }
    };
    RisksView {
        baseline: per_thousand(risks.baseline),
        baseline_mark,
        risk: per_thousand(risks.risk),
        interval: (per_thousand(risks.lower), per_thousand(risks.upper)),
        difference: difference(risks.risk),
        limits: (difference(risks.lower), difference(risks.upper)),
    }
}

fn difference_view(text: &EffectText, pooled: &Pooled, numbers: Numbers<'_>) -> DifferenceView {
    let part = |value: f64, text: &str| SignedView {
        size: numbers.without_sign(text).to_owned(),
        direction: direction(value, ["lower", "higher"]),
    };
    let effect = &pooled.effect;
    DifferenceView {
        difference: part(effect.estimate, &text.estimate),
        limits: (part(effect.ci_lower, &text.lower), part(effect.ci_upper, &text.upper)),
    }
}

fn direction(value: f64, [below, above]: [&'static str; 2]) -> &'static str {
    if value < 0.0 {
        below
    } else if value > 0.0 {
        above
    } else {
        "same"
    }
}
