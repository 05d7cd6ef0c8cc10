//! Figures with a row for each study: influence, without each study, and cumulatively.

use super::{Drawing, Source};
use crate::analysis::{Diagnostics, Part, Reason};
use crate::report::plots::influence_panel::{InfluencePanel, influence_panel};
use crate::report::plots::sequential::{SequentialRow, SequentialView, sequential};

impl Source<'_> {
    pub(super) fn influence(self) -> Result<Drawing, Reason> {
        let diagnostics = self.diagnostics()?;
        let pooled = self.findings.pooled.as_ref().map_err(|reason| *reason)?;
        let labels: Vec<&str> =
            diagnostics.studies.iter().map(|study| self.label(*study)).collect();
        let panel = influence_panel(&InfluencePanel {
            labels: &labels,
            influence: diagnostics.influence.as_ref().map_err(|reason| *reason)?,
            coefficients: 1,
            tau_squared: pooled.tau_squared.ok().map(|tau_squared| tau_squared.value),
            q: pooled.q?.statistic,
        });
        let mut plot = panel.ok_or(Reason::TooFewStudies)?;
        self.keep_shown(&mut plot.rows, &diagnostics.studies);
        Ok(Drawing::Influence { plot })
    }

    pub(super) fn leave_one_out(self) -> Result<Drawing, Reason> {
        let diagnostics = self.diagnostics()?;
        let parts = diagnostics.leave_one_out.as_ref().map_err(|reason| *reason)?;
        let plot = self.forest(&diagnostics.studies, parts, "")?;
        Ok(Drawing::LeaveOneOut { plot, columns: self.columns() })
    }

    pub(super) fn cumulative(self) -> Result<Drawing, Reason> {
        let diagnostics = self.diagnostics()?;
        let parts = diagnostics.cumulative.as_ref().map_err(|reason| *reason)?;
        let plot = self.forest(&diagnostics.cumulative_order, parts, "+ ")?;
        let year = |study: &usize| {
            let year = self.findings.studies[*study].study.year.as_deref();
            year.is_some_and(|year| year.trim().parse::<i64>().is_ok())
        };
        let is_by_year = diagnostics.cumulative_order.iter().all(year);
        Ok(Drawing::Cumulative { plot, columns: self.columns(), is_by_year })
    }

    fn diagnostics(&self) -> Result<&Diagnostics, Reason> {
        self.findings.diagnostics.as_ref().map_err(|reason| *reason)
    }

    /// P of a comparison, and I².
    fn columns(&self) -> Vec<&'static str> {
        if self.null().is_some() { vec!["p", "i2"] } else { vec!["i2"] }
    }

    fn forest(
        &self,
        studies: &[usize],
        parts: &[Result<Part, Reason>],
        sign: &str,
    ) -> Result<SequentialView, Reason> {
        let labels: Vec<String> = studies
            .iter()
            .enumerate()
            .map(|(row, study)| {
                format!("{}{}", if row == 0 { "" } else { sign }, self.label(*study))
            })
            .collect();
        let rows: Vec<SequentialRow<'_>> = labels
            .iter()
            .zip(parts)
            .map(|(label, part)| self.row(label, part.as_ref().ok()))
            .collect();
        let pooled = self.findings.pooled.as_ref().map_err(|reason| *reason)?;
        // the row of all studies is named by the labels
        let total = self.row("", Some(&Part::from(pooled)));
        let mut plot = sequential(&rows, Some(&total), self.null(), self.printer.of_figures());
        self.keep_shown(&mut plot.rows, studies);
        Ok(plot)
    }

    fn row<'a>(&self, label: &'a str, part: Option<&Part>) -> SequentialRow<'a> {
        let alpha = 1.0 - self.spec.model.level;
        let i_squared = |part: &Part| {
            let text = |i_squared| self.numbers.i_squared(i_squared);
            part.i_squared.map(text).unwrap_or_default()
        };
        SequentialRow {
            label,
            effect_text: part.map_or_else(String::new, |part| {
                let limits = (part.effect.ci_lower, part.effect.ci_upper);
                self.printer.effect(part.effect.estimate, limits).text
            }),
            effect: part
                .map(|part| (part.effect.estimate, (part.effect.ci_lower, part.effect.ci_upper))),
            texts: part.map_or_else(Vec::new, |part| {
                let p = self.null().map(|_| self.numbers.p_cell(part.effect.p_value, alpha));
                p.into_iter().chain([i_squared(part)]).collect()
            }),
        }
    }
}
