//! Absolute effects: what a relative effect means for people of a given risk.

use super::scale::PrintScale;
use crate::analysis::Findings;
use crate::data::StudyData;
use crate::spec::{Analysis, Baseline, FindingSpec, Measure};
use crate::stats::median;
use libm::pow;
use serde::Serialize;

/// An absolute effect: risks between 0 and 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct Absolute {
    /// The risk without the intervention.
    pub(super) baseline: f64,
    /// The risk with it.
    pub(super) risk: f64,
    /// Its lower limit.
    pub(super) lower: f64,
    /// Its upper limit.
    pub(super) upper: f64,
}

/// An outcome of the summary of findings as data.
#[derive(Debug, Clone, Serialize)]
pub(super) struct AbsoluteResults {
    baseline_risk: Option<f64>,
    risk: Option<f64>,
    risk_lb: Option<f64>,
    risk_ub: Option<f64>,
    certainty: &'static str,
    downgrades: Vec<DowngradeResults>,
}

#[derive(Debug, Clone, Serialize)]
struct DowngradeResults {
    domain: &'static str,
    levels: usize,
    reason: String,
}

/// The outcome with its risks, where the measure has any.
pub(super) fn absolute_results(
    outcome: &FindingSpec,
    spec: &Analysis,
    findings: &Findings,
) -> AbsoluteResults {
    let absolute = absolute_effect(outcome, spec, findings);
    AbsoluteResults {
        baseline_risk: baseline_risk(outcome, findings),
        risk: absolute.map(|found| found.risk),
        risk_lb: absolute.map(|found| found.lower),
        risk_ub: absolute.map(|found| found.upper),
        certainty: outcome.certainty.name(),
        downgrades: outcome
            .downgrades
            .iter()
            .map(|downgrade| DowngradeResults {
                domain: downgrade.domain.value.name(),
                levels: downgrade.levels,
                reason: downgrade.reason.clone(),
            })
            .collect(),
    }
}

/// The absolute effect of a pooled result; none without a result, or for a measure without risks.
pub(super) fn absolute_effect(
    outcome: &FindingSpec,
    spec: &Analysis,
    findings: &Findings,
) -> Option<Absolute> {
    let baseline = baseline_risk(outcome, findings)?;
    let effect = findings.pooled.as_ref().ok()?.effect;
    let scale = PrintScale::of(spec, findings);
    let risk = |value: f64| risk_with(spec.measure, baseline, scale.printed(value));
    Some(Absolute {
        baseline,
        risk: risk(effect.estimate)?,
        lower: risk(effect.ci_lower)?,
        upper: risk(effect.ci_upper)?,
    })
}

fn baseline_risk(outcome: &FindingSpec, findings: &Findings) -> Option<f64> {
    match outcome.baseline? {
        Baseline::Given(risk) => Some(risk),
        Baseline::MedianOfStudies => median_control_risk(findings),
    }
}

/// The median of the control groups' risks.
fn median_control_risk(findings: &Findings) -> Option<f64> {
    let risks = findings.studies.iter().filter_map(|study| match study.study.data {
        StudyData::Counts(counts) => Some(counts.events2 / counts.total2),
        _ => None,
    });
    median(risks.collect())
}

/// The risk with the intervention for a risk p without it and an effect on the scale of print:
/// p·RR, OR·p/(1 − p + OR·p), p + RD and 1 − (1 − p)^HR, between 0 and 1 (Cochrane Handbook,
/// chapters 14 and 15). `None` for a measure without risks.
fn risk_with(measure: Measure, p: f64, effect: f64) -> Option<f64> {
    let risk = match measure {
        Measure::RR => p * effect,
        Measure::OR | Measure::PETO if effect.is_infinite() => 1.0,
        Measure::OR | Measure::PETO => effect * p / (1.0 - p + effect * p),
        Measure::RD => p + effect,
        Measure::HR => 1.0 - pow(1.0 - p, effect),
        _ => return None,
    };
    (!risk.is_nan()).then(|| risk.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn close(found: Option<f64>, expected: f64) {
        assert!((found.unwrap() - expected).abs() < 1e-12, "{found:?}, expected {expected}");
    }

    /// Handbook 15.4.4: RR 0.92 at 300 per 1000 is 24 fewer.
    #[test]
    fn risk_ratios_multiply() {
        close(risk_with(Measure::RR, 0.3, 0.92), 0.3 - 0.024);
    }

    /// Handbook 15.4.4: OR 0.73 at 300 per 1000 is 62 fewer; the risk is 0.219/0.919.
    #[test]
    fn odds_ratios_go_through_the_odds() {
        let risk = risk_with(Measure::OR, 0.3, 0.73);
        close(risk, 0.219 / 0.919);
        assert!((1000.0 * (0.3 - risk.unwrap()) - 62.0).abs() < 0.5);
        close(risk_with(Measure::PETO, 0.5, 1.0), 0.5);
    }

    #[test]
    fn differences_add_and_stay_risks() {
        close(risk_with(Measure::RD, 0.1, 0.05), 0.15);
        close(risk_with(Measure::RD, 0.1, -0.2), 0.0);
        close(risk_with(Measure::RR, 0.6, 2.0), 1.0);
    }

    /// Of those without the event, 0.7 becomes 0.7^0.5.
    #[test]
    fn hazard_ratios_are_powers_of_survival() {
        close(risk_with(Measure::HR, 0.3, 0.5), 1.0 - 0.7_f64.sqrt());
        close(risk_with(Measure::HR, 0.19, 2.0), 1.0 - 0.81 * 0.81);
    }

    #[test]
    fn means_have_no_risk() {
        assert_eq!(risk_with(Measure::MD, 0.3, 1.0), None);
    }
}
