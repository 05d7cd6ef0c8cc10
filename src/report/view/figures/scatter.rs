//! Figures on two axes: funnel, Baujat's, L'Abbé's, radial and bubble plots.

use super::{Drawing, Source};
use crate::analysis::{Lines, Pooled, Reason};
use crate::report::plots::baujat::{BaujatStudy, baujat};
use crate::report::plots::bubble::{BubbleStudy, Fitted, bubble};
use crate::report::plots::funnel::{Funnel, FunnelStudy, funnel};
use crate::report::plots::labbe::{ArmComparison, LabbeStudy, labbe};
use crate::report::plots::label::Width;
use crate::report::plots::radial::{Radial, RadialStudy, radial};
use crate::spec::{Measure, Structure};
use crate::stats::Effect;
use crate::stats::distribution::normal_quantile;

impl Source<'_> {
    pub(super) fn funnel(self, width: Width) -> Result<Drawing, Reason> {
        let pooled = self.several()?;
        let centre = pooled.effect.estimate;
        let named = self.named(width, |effect| (effect.estimate - centre, effect.variance));
        let studies: Vec<FunnelStudy<'_>> = self
            .effects()
            .map(|(label, effect)| FunnelStudy { label, effect, is_labelled: named(effect) })
            .collect();
        let small_study = self.findings.small_study.as_ref().ok();
        let filled = small_study.and_then(|found| found.trim_and_fill.as_ref().ok());
        let plot = funnel(&Funnel {
            studies: &studies,
            imputed: filled.map_or(&[], |filled| &filled.imputed),
            pooled: centre,
            level: self.spec.model.level,
            null: self.null(),
            scale: self.printer.of_figures(),
            width,
        });
        let plot = plot.ok_or(Reason::NoEstimableStudy)?;
        Ok(Drawing::Funnel { plot, is_filled: filled.is_some() })
    }

    pub(super) fn baujat(self, width: Width) -> Result<Drawing, Reason> {
        let diagnostics = self.findings.diagnostics.as_ref().map_err(|reason| *reason)?;
        let influence = diagnostics.influence.as_ref().map_err(|reason| *reason)?;
        let studies: Vec<BaujatStudy<'_>> = diagnostics
            .studies
            .iter()
            .zip(&influence.studies)
            .map(|(study, found)| BaujatStudy {
                label: self.label(*study),
                contribution: found.squared_pearson_residual,
                influence: found
                    .deletion
                    .as_ref()
                    .ok()
                    .map(|deletion| deletion.squared_fitted_change),
            })
            .collect();
        let plot = baujat(&studies, width).ok_or(Reason::UndefinedPool)?;
        Ok(Drawing::Baujat { plot })
    }

    pub(super) fn labbe(self, width: Width) -> Result<Drawing, Reason> {
        let pooled = self.findings.pooled.as_ref().ok().map(|pooled| pooled.effect.estimate);
        let named = self.named(width, |effect| {
            (effect.estimate - pooled.unwrap_or(effect.estimate), effect.variance)
        });
        let studies: Vec<LabbeStudy<'_>> = self
            .findings
            .studies
            .iter()
            .filter_map(|found| {
                let counts = found.study.data.counts()?;
                Some(LabbeStudy {
                    label: &found.study.label,
                    experimental: counts.events1 / counts.total1,
                    control: counts.events2 / counts.total2,
                    weight: found.weight.unwrap_or(0.0),
                    is_labelled: found.effect.as_ref().is_ok_and(|effect| named(effect.effect)),
                })
            })
            .collect();
        if self.findings.studies.is_empty() {
            return Err(Reason::NoStudy);
        }
        let curve = comparison(self.spec.measure).zip(pooled);
        let plot = labbe(&studies, curve, width).ok_or(Reason::NotAllCounts)?;
        Ok(Drawing::Labbe { plot })
    }

    pub(super) fn radial(self, width: Width) -> Result<Drawing, Reason> {
        let pooled = self.several()?;
        if self.spec.model.structure == Structure::ThreeLevel {
            return Err(Reason::SeveralVariances);
        }
        let tau_squared = match pooled.tau_squared {
            Ok(tau_squared) => tau_squared.value,
            Err(Reason::CommonEffect) => 0.0,
            Err(reason) => return Err(reason),
        };
        let effect = pooled.effect;
        let named =
            self.named(width, |own| (own.estimate - effect.estimate, own.variance + tau_squared));
        let studies: Vec<RadialStudy<'_>> = self
            .effects()
            .map(|(label, effect)| RadialStudy { label, effect, is_labelled: named(effect) })
            .collect();
        let plot = radial(&Radial {
            studies: &studies,
            tau_squared,
            pooled: (effect.estimate, (effect.ci_lower, effect.ci_upper)),
            level: self.spec.model.level,
            scale: self.printer.of_figures(),
            width,
        });
        let plot = plot.ok_or(Reason::ZeroVariance)?;
        Ok(Drawing::Radial { plot, has_tau2: tau_squared > 0.0 })
    }

    /// The bubble plot of the numeric moderator of this index.
    pub(super) fn bubble(self, index: usize, width: Width) -> Result<Drawing, Reason> {
        let lines = self.lines()?;
        let moderator = lines.moderators.get(index).ok_or(Reason::ModeratorsDoNotVary)?;
        let regression = self.regression()?;
        let tau_squared = regression.tau_squared.map_or(0.0, |tau_squared| tau_squared.value);
        let fitted = |value: f64| {
            let found = lines.at(moderator, value);
            Fitted {
                mean: found.mean.estimate,
                interval: (found.mean.ci_lower, found.mean.ci_upper),
                prediction: found.prediction_interval,
            }
        };
        let studies: Vec<BubbleStudy<'_>> = regression
            .used
            .iter()
            .zip(&moderator.values)
            .filter_map(|(study, value)| {
                let effect = self.findings.studies[*study].effect.as_ref().ok()?.effect;
                let variance = effect.variance + tau_squared;
                let distance = effect.estimate - fitted(*value).mean;
                Some(BubbleStudy {
                    label: self.label(*study),
                    moderator: *value,
                    estimate: effect.estimate,
                    weight: 1.0 / variance,
                    is_labelled: distance.abs() > self.critical() * variance.sqrt(),
                })
            })
            .collect();
        let plot = bubble(&studies, &fitted, self.printer.of_figures(), self.null(), width);
        Ok(Drawing::Bubble {
            plot: plot.ok_or(Reason::NoEstimableStudy)?,
            moderator: moderator.column.clone(),
            has_others: regression.coefficients.len() > 2,
        })
    }

    /// What the meta-regression says along its moderators.
    pub(super) fn lines(&self) -> Result<&Lines, Reason> {
        self.regression()?.lines.as_ref().map_err(|reason| *reason)
    }

    fn regression(&self) -> Result<&crate::analysis::Regression, Reason> {
        let regression = self.findings.regression.as_ref().ok_or(Reason::NotAskedFor)?;
        regression.as_ref().map_err(|reason| *reason)
    }

    /// The pooled result of two studies or more.
    fn several(&self) -> Result<&Pooled, Reason> {
        let pooled = self.findings.pooled.as_ref().map_err(|reason| *reason)?;
        if self.effects().count() < 2 { Err(Reason::OneStudy) } else { Ok(pooled) }
    }

    /// The studies with an effect: name and effect.
    fn effects(&self) -> impl Iterator<Item = (&str, Effect)> {
        self.findings.studies.iter().filter_map(|found| {
            let effect = found.effect.as_ref().ok()?;
            Some((found.study.label.as_str(), effect.effect))
        })
    }

    /// Whether a study is named: it lies further from the middle than its level allows, and few lie
    /// further still. `place` is its distance and the variance of that.
    fn named(&self, width: Width, place: impl Fn(Effect) -> (f64, f64)) -> impl Fn(Effect) -> bool {
        let most = if width == Width::Half { 4 } else { 8 };
        let far = move |effect: Effect| {
            let (distance, variance) = place(effect);
            distance.abs() / variance.sqrt()
        };
        let mut distances: Vec<f64> = self.effects().map(|(_, effect)| far(effect)).collect();
        distances.sort_by(|a, b| b.total_cmp(a));
        let least = distances.get(most - 1).copied().unwrap_or(0.0).max(self.critical());
        move |effect| far(effect) >= least && far(effect).is_finite()
    }

    fn critical(&self) -> f64 {
        normal_quantile(0.5 + 0.5 * self.spec.model.level)
    }
}

/// What the pooled effect makes of a control group's rate; nothing for phi, which is no comparison
/// of two rates.
fn comparison(measure: Measure) -> Option<ArmComparison> {
    match measure {
        Measure::OR | Measure::PETO => Some(ArmComparison::LogOddsRatio),
        Measure::RR => Some(ArmComparison::LogRiskRatio),
        Measure::RD => Some(ArmComparison::RiskDifference),
        Measure::AS => Some(ArmComparison::ArcsineDifference),
        _ => None,
    }
}
