//! Two-group incidence rates: events in person-time, their effect measures, and the zero rules.

use super::Effect;
use super::binary::ZeroCells;
use libm::log;

/// Events and person-time of the experimental (1) and control (2) group.
///
/// Counts are whole and not negative; times are positive and of one unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TwoRates {
    /// Events in group 1.
    pub events1: f64,
    /// Person-time of group 1.
    pub time1: f64,
    /// Events in group 2.
    pub events2: f64,
    /// Person-time of group 2, in the unit of group 1.
    pub time2: f64,
}

impl TwoRates {
    /// Whether a group had no event.
    #[must_use]
    pub fn has_zero(&self) -> bool {
        self.events1 == 0.0 || self.events2 == 0.0
    }

    /// Whether neither group had an event.
    #[must_use]
    pub fn has_no_event(&self) -> bool {
        self.events1 == 0.0 && self.events2 == 0.0
    }

    fn is_possible(&self) -> bool {
        self.events1 >= 0.0 && self.events2 >= 0.0 && self.time1 > 0.0 && self.time2 > 0.0
    }
}

/// What two rates are summarised as; metafor's names in brackets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Log incidence rate ratio (IRR).
    LogRateRatio,
    /// Incidence rate difference, per unit of time (IRD).
    RateDifference,
    /// Difference of the square roots of the rates (IRSD).
    SquareRootRateDifference,
}

impl Measure {
    /// The amount that metafor by default adds to the events of a study with a zero: ½, and nothing
    /// to square roots.
    #[must_use]
    pub fn usual_addition(self) -> f64 {
        match self {
            Self::LogRateRatio | Self::RateDifference => 0.5,
            Self::SquareRootRateDifference => 0.0,
        }
    }
}

/// The effect of each study, on the analysis scale. The amount of the rule is added to the events
/// of both groups; `drop00` drops studies without any event. `None` where the measure is not
/// defined for the study, a time is not positive, or the study is dropped.
#[must_use]
pub fn effects(measure: Measure, studies: &[TwoRates], rule: ZeroCells) -> Vec<Option<Effect>> {
    let is_dropped =
        |study: &TwoRates| !study.is_possible() || (rule.drop00 && study.has_no_event());
    let any_zero = studies.iter().any(|study| !is_dropped(study) && study.has_zero());
    studies
        .iter()
        .map(|study| {
            if is_dropped(study) {
                return None;
            }
            let adds = rule.to.applies(study.has_zero(), any_zero);
            let add = if adds { rule.add } else { 0.0 };
            let study =
                TwoRates { events1: study.events1 + add, events2: study.events2 + add, ..*study };
            let effect = effect(measure, &study);
            (effect.estimate.is_finite() && effect.variance.is_finite()).then_some(effect)
        })
        .collect()
}

/// The effect of one study with x events in t person-time and rates r = x/t; not finite where it
/// is not defined.
///
/// log IRR = log(r₁/r₂), v = 1/x₁ + 1/x₂; IRD = r₁ − r₂, v = x₁/t₁² + x₂/t₂²;
/// √r₁ − √r₂, v = 1/(4t₁) + 1/(4t₂) (Rothman, Greenland & Lash 2008).
fn effect(measure: Measure, study: &TwoRates) -> Effect {
    let TwoRates { events1: x1, time1: t1, events2: x2, time2: t2 } = *study;
    let (r1, r2) = (x1 / t1, x2 / t2);
    let (estimate, variance) = match measure {
        Measure::LogRateRatio => (log(r1 / r2), 1.0 / x1 + 1.0 / x2),
        Measure::RateDifference => (r1 - r2, r1 / t1 + r2 / t2),
        Measure::SquareRootRateDifference => {
            (r1.sqrt() - r2.sqrt(), 1.0 / (4.0 * t1) + 1.0 / (4.0 * t2))
        }
    };
    Effect { estimate, variance }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::binary::AddTo;

    /// Values of metafor 3.8-1 for four studies, one without events and one with a zero.
    #[test]
    fn every_zero_rule_agrees_with_metafor() {
        let studies = [
            TwoRates { events1: 0.0, time1: 10.0, events2: 0.0, time2: 11.0 },
            TwoRates { events1: 3.0, time1: 12.0, events2: 2.0, time2: 10.0 },
            TwoRates { events1: 5.0, time1: 15.0, events2: 3.0, time2: 16.0 },
            TwoRates { events1: 0.0, time1: 7.0, events2: 3.0, time2: 9.0 },
        ];
        let (none, corrected) = (None, Some((-1.694_595_720_774_407, 2.285_714_285_714_286)));
        let empty = Some((0.095_310_179_804_324_77, 4.0));
        let plain = [
            Some((0.223_143_551_314_209_7, 0.833_333_333_333_333_3)),
            Some((0.575_364_144_903_561_8, 0.533_333_333_333_333_3)),
        ];
        let added = [
            Some((0.154_150_679_827_258_3, 0.685_714_285_714_285_7)),
            Some((0.516_523_644_880_628_5, 0.467_532_467_532_467_5)),
        ];
        let expected = [
            (AddTo::All, true, [none, added[0], added[1], corrected]),
            (AddTo::All, false, [empty, added[0], added[1], corrected]),
            (AddTo::OnlyZero, true, [none, plain[0], plain[1], corrected]),
            (AddTo::OnlyZero, false, [empty, plain[0], plain[1], corrected]),
            (AddTo::IfAnyZero, true, [none, added[0], added[1], corrected]),
            (AddTo::IfAnyZero, false, [empty, added[0], added[1], corrected]),
            (AddTo::None, false, [none, plain[0], plain[1], none]),
        ];
        for (to, drop00, expected) in expected {
            let rule = ZeroCells { add: 0.5, to, drop00 };
            check(&effects(Measure::LogRateRatio, &studies, rule), &expected);
        }
        let rule = ZeroCells { add: 0.5, to: AddTo::OnlyZero, drop00: false };
        let differences = [
            Some((0.004_545_454_545_454_547, 0.009_132_231_404_958_679)),
            Some((0.05, 0.040_833_333_333_333_33)),
            Some((0.145_833_333_333_333_3, 0.033_940_972_222_222_22)),
            Some((-0.317_460_317_460_317_4, 0.053_413_958_175_862_93)),
        ];
        check(&effects(Measure::RateDifference, &studies, rule), &differences);
        let roots = [
            Some((0.0, 0.047_727_272_727_272_73)),
            Some((0.052_786_404_500_042_07, 0.045_833_333_333_333_34)),
            Some((0.144_337_567_297_406_4, 0.032_291_666_666_666_66)),
            Some((-0.577_350_269_189_625_7, 0.063_492_063_492_063_49)),
        ];
        let add = Measure::SquareRootRateDifference.usual_addition();
        let rule = ZeroCells { add, ..rule };
        check(&effects(Measure::SquareRootRateDifference, &studies, rule), &roots);
    }

    #[test]
    fn a_dropped_study_has_no_zero_that_others_are_corrected_for() {
        let studies = [
            TwoRates { events1: 0.0, time1: 10.0, events2: 0.0, time2: 11.0 },
            TwoRates { events1: 3.0, time1: 12.0, events2: 2.0, time2: 10.0 },
        ];
        let rule = ZeroCells { add: 0.5, to: AddTo::IfAnyZero, drop00: true };
        let found = effects(Measure::LogRateRatio, &studies, rule);
        check(&found, &[None, Some((0.223_143_551_314_209_7, 0.833_333_333_333_333_3))]);
    }

    fn check(found: &[Option<Effect>], expected: &[Option<(f64, f64)>]) {
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            assert_eq!(found.is_some(), expected.is_some(), "{found:?} for {expected:?}");
            if let (Some(found), Some((estimate, variance))) = (found, expected) {
                assert!((found.estimate - estimate).abs() < 1e-14, "{found:?}");
                assert!((found.variance - variance).abs() < 1e-14, "{found:?}");
            }
        }
    }
}
