//! Correlation coefficients, raw and on Fisher's z scale.

use super::Effect;
use libm::{atanh, tanh};

/// The correlation of two variables in one sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Correlation {
    /// Pearson's coefficient r, −1 to 1.
    pub coefficient: f64,
    /// Participants.
    pub n: f64,
}

/// The scale on which correlations are analysed; metafor's names in brackets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// r itself (COR).
    Raw,
    /// Fisher's z = atanh r (ZCOR; Fisher 1921).
    FisherZ,
}

/// The effect of each sample: r with v = (1 − r²)²/(n − 1), or atanh r with v = 1/(n − 3).
/// `None` where r lies outside −1 to 1, the sample is too small (n ≤ 1 or n ≤ 3), or z is infinite.
#[must_use]
pub fn effects(measure: Measure, samples: &[Correlation]) -> Vec<Option<Effect>> {
    samples.iter().map(|sample| effect(measure, sample)).collect()
}

/// The correlation that a value on the scale of `measure` stands for: the value itself, or tanh z.
#[must_use]
pub fn back_transform(measure: Measure, value: f64) -> f64 {
    match measure {
        Measure::Raw => value,
        Measure::FisherZ => tanh(value),
    }
}

fn effect(measure: Measure, sample: &Correlation) -> Option<Effect> {
    let Correlation { coefficient: r, n } = *sample;
    let smallest = match measure {
        Measure::Raw => 1.0,
        Measure::FisherZ => 3.0,
    };
    if !(r.abs() <= 1.0 && n > smallest) {
        return None;
    }
    let (estimate, variance) = match measure {
        Measure::Raw => {
            let rest = (1.0 - r) * (1.0 + r);
            (r, rest * rest / (n - 1.0))
        }
        Measure::FisherZ => (atanh(r), 1.0 / (n - 3.0)),
    };
    (estimate.is_finite() && variance.is_finite()).then_some(Effect { estimate, variance })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_defined_is_none() {
        let sample = |coefficient, n| [Correlation { coefficient, n }];
        assert_eq!(effects(Measure::FisherZ, &sample(0.5, 3.0)), [None]);
        assert_eq!(effects(Measure::FisherZ, &sample(1.0, 30.0)), [None]);
        assert_eq!(effects(Measure::Raw, &sample(0.5, 1.0)), [None]);
        assert_eq!(effects(Measure::Raw, &sample(1.01, 30.0)), [None]);
        assert_eq!(effects(Measure::Raw, &sample(f64::NAN, 30.0)), [None]);
        let perfect = Effect { estimate: 1.0, variance: 0.0 };
        assert_eq!(effects(Measure::Raw, &sample(1.0, 30.0)), [Some(perfect)]);
    }

    #[test]
    fn the_correlation_returns_from_its_transformation() {
        for r in [-0.9, -0.1, 0.0, 0.3, 0.99] {
            let sample = [Correlation { coefficient: r, n: 40.0 }];
            for measure in [Measure::Raw, Measure::FisherZ] {
                let estimate = effects(measure, &sample)[0].unwrap().estimate;
                assert!((back_transform(measure, estimate) - r).abs() < 1e-15);
            }
        }
    }
}
