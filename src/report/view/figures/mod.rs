//! The figures of an analysis beside its forest plot: drawn, or with the reason why not.

mod scatter;
mod sequential;

use super::shown::Shown;
use super::text::reason_code;
use crate::analysis::{Findings, Reason};
use crate::report::number::Numbers;
use crate::report::plots::Tick;
use crate::report::plots::baujat::BaujatView;
use crate::report::plots::bubble::BubbleView;
use crate::report::plots::funnel::FunnelView;
use crate::report::plots::influence_panel::InfluencePanelView;
use crate::report::plots::labbe::LabbeView;
use crate::report::plots::label::Width;
use crate::report::plots::radial::RadialView;
use crate::report::plots::sequential::SequentialView;
use crate::report::scale::EffectPrinter;
use crate::report::works::{Work, choices};
use crate::spec::{Analysis, Figure, FigureChoice};
use serde::Serialize;

/// The figures of an analysis.
#[derive(Debug, Clone, Default, Serialize)]
pub struct FiguresView {
    /// The lines of figures: one, or two side by side.
    pub lines: Vec<Vec<FigureView>>,
    /// Those that the data do not allow.
    pub missing: Vec<MissingFigure>,
}

/// A figure.
#[derive(Debug, Clone, Serialize)]
pub struct FigureView {
    /// The name of its file.
    pub name: String,
    /// What its caption cites.
    pub works: Vec<Work>,
    /// What is drawn.
    #[serde(flatten)]
    pub drawing: Drawing,
}

/// A figure that the data do not allow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MissingFigure {
    /// Its name in specs, by which labels name it.
    pub figure: &'static str,
    /// Code of the reason.
    pub reason: &'static str,
}

/// What is drawn.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "form", rename_all = "snake_case")]
pub enum Drawing {
    /// Effects against their standard errors.
    Funnel {
        /// The plot.
        plot: FunnelView,
        /// Whether trim and fill could be made, and its points are shown.
        is_filled: bool,
    },
    /// Contributions to heterogeneity against influence on the result.
    Baujat {
        /// The plot.
        plot: BaujatView,
    },
    /// Event rates of the two groups against each other.
    Labbe {
        /// The plot.
        plot: LabbeView,
    },
    /// Standardised effects against precision.
    Radial {
        /// The plot.
        plot: RadialView,
        /// Whether the variances hold τ².
        has_tau2: bool,
    },
    /// Effects against a moderator.
    Bubble {
        /// The plot.
        plot: BubbleView,
        /// The moderator's column.
        moderator: String,
        /// Whether the model has other coefficients than the moderator's and the intercept.
        has_others: bool,
    },
    /// Eight diagnostics of each study.
    Influence {
        /// The panel.
        plot: InfluencePanelView,
    },
    /// The pooled effect without each study.
    LeaveOneOut {
        /// The forest.
        plot: SequentialView,
        /// Codes of the columns between names and effects.
        columns: Vec<&'static str>,
    },
    /// The pooled effect as studies were added.
    Cumulative {
        /// The forest.
        plot: SequentialView,
        /// Codes of the columns between names and effects.
        columns: Vec<&'static str>,
        /// Whether the studies are in the order of their years.
        is_by_year: bool,
    },
}

impl Drawing {
    /// The numbers beside its axes.
    fn tick_labels(&mut self) -> Vec<&mut String> {
        let (ticks, arc): (Vec<&mut Tick>, _) = match self {
            Self::Funnel { plot, .. } => (both(&mut plot.x_ticks, &mut plot.y_ticks), None),
            Self::Baujat { plot } => (both(&mut plot.x_ticks, &mut plot.y_ticks), None),
            Self::Labbe { plot } => (both(&mut plot.x_ticks, &mut plot.y_ticks), None),
            Self::Bubble { plot, .. } => (both(&mut plot.x_ticks, &mut plot.y_ticks), None),
            Self::Radial { plot, .. } => {
                (both(&mut plot.x_ticks, &mut plot.y_ticks), Some(&mut plot.arc_ticks))
            }
            Self::Influence { plot } => {
                (plot.panels.iter_mut().flat_map(|panel| &mut panel.ticks).collect(), None)
            }
            Self::LeaveOneOut { plot, .. } | Self::Cumulative { plot, .. } => {
                (plot.ticks.iter_mut().collect(), None)
            }
        };
        let of_arc = arc.into_iter().flatten().map(|tick| &mut tick.label);
        ticks.into_iter().map(|tick| &mut tick.label).chain(of_arc).collect()
    }
}

fn both<'a>(x: &'a mut [Tick], y: &'a mut [Tick]) -> Vec<&'a mut Tick> {
    x.iter_mut().chain(y).collect()
}

/// An analysis with what it found.
#[derive(Clone, Copy)]
struct Source<'a> {
    spec: &'a Analysis,
    findings: &'a Findings,
    /// The studies that have a row, where not all have.
    shown: Option<&'a Shown>,
    numbers: Numbers<'a>,
    printer: EffectPrinter<'a>,
}

/// The figures that an analysis asks for, or that it usually has.
pub(super) fn figures_view(
    spec: &Analysis,
    findings: &Findings,
    shown: Option<&Shown>,
    numbers: Numbers<'_>,
) -> FiguresView {
    let printer = EffectPrinter::of(spec, findings, numbers);
    let source = Source { spec, findings, shown, numbers, printer };
    let mut view = FiguresView::default();
    let mut drawn: Vec<(Figure, usize)> = Vec::new();
    for figure in wanted(spec, findings) {
        match source.count(figure) {
            Ok(count) => drawn.extend((0..count).map(|index| (figure, index))),
            Err(reason) => view.missing.push(missing(figure, reason)),
        }
    }
    for line in lines(&drawn) {
        let width = if line.len() > 1 { Width::Half } else { Width::Whole };
        let mut figures = Vec::new();
        for (figure, index) in line {
            match source.draw(*figure, *index, width) {
                Ok(mut drawing) => {
                    for label in drawing.tick_labels() {
                        *label = numbers.restyled(label);
                    }
                    let works = choices::figure(*figure).to_vec();
                    let name = name(*figure, *index, &spec.id);
                    figures.push(FigureView { name, works, drawing });
                }
                Err(reason) => view.missing.push(missing(*figure, reason)),
            }
        }
        if !figures.is_empty() {
            view.lines.push(figures);
        }
    }
    view
}

fn missing(figure: Figure, reason: Reason) -> MissingFigure {
    MissingFigure { figure: figure.name(), reason: reason_code(reason) }
}

fn wanted(spec: &Analysis, findings: &Findings) -> Vec<Figure> {
    match &spec.figures {
        FigureChoice::Chosen(chosen) => chosen.iter().map(|figure| figure.value).collect(),
        FigureChoice::Usual => {
            let estimable = findings.studies.iter().filter(|study| study.effect.is_ok()).count();
            let usual = Figure::USUAL.into_iter().filter(|figure| {
                estimable >= 3 && (*figure == Figure::Funnel || spec.sensitivity.leave_one_out)
            });
            usual.collect()
        }
    }
}

/// Figures on two axes share a line where one follows the other.
fn lines(figures: &[(Figure, usize)]) -> Vec<&[(Figure, usize)]> {
    let mut lines = Vec::new();
    let mut rest = figures;
    while !rest.is_empty() {
        let shares = rest.len() > 1 && rest[..2].iter().all(|(figure, _)| figure.is_scatter());
        let (line, after) = rest.split_at(if shares { 2 } else { 1 });
        lines.push(line);
        rest = after;
    }
    lines
}

/// The name of a figure's file. Ids of analyses cannot make two of them equal: the number of a
/// further plot stands before the id.
fn name(figure: Figure, index: usize, id: &str) -> String {
    let number = if index == 0 { String::new() } else { (index + 1).to_string() };
    format!("{}{number}-{id}", figure.name().replace('_', "-"))
}

impl Source<'_> {
    /// How many plots a figure is: one for each numeric moderator, or one. Whether it can be drawn
    /// is known before its width is.
    fn count(self, figure: Figure) -> Result<usize, Reason> {
        if figure == Figure::Bubble {
            return Ok(self.lines()?.moderators.len());
        }
        self.draw(figure, 0, Width::Whole).map(|_| 1)
    }

    fn draw(self, figure: Figure, index: usize, width: Width) -> Result<Drawing, Reason> {
        match figure {
            Figure::Funnel => self.funnel(width),
            Figure::Baujat => self.baujat(width),
            Figure::Labbe => self.labbe(width),
            Figure::Radial => self.radial(width),
            Figure::Bubble => self.bubble(index, width),
            Figure::Influence => self.influence(),
            Figure::LeaveOneOut => self.leave_one_out(),
            Figure::Cumulative => self.cumulative(),
        }
    }

    fn label(&self, study: usize) -> &str {
        &self.findings.studies[study].study.label
    }

    /// Keeps the rows of the studies that have one.
    fn keep_shown<T>(self, rows: &mut Vec<T>, studies: &[usize]) {
        if let Some(shown) = self.shown {
            shown.keep(rows, studies.iter().copied());
        }
    }

    /// Where the effect vanishes, on the analysis scale; nowhere for one group.
    fn null(&self) -> Option<f64> {
        (!self.spec.measure.is_single_group()).then_some(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_on_two_axes_share_lines() {
        use Figure::{Baujat, Funnel, Influence, LeaveOneOut, Radial};
        let shares = |figures: &[Figure]| -> Vec<usize> {
            let figures: Vec<(Figure, usize)> = figures.iter().map(|f| (*f, 0)).collect();
            lines(&figures).iter().map(|line| line.len()).collect()
        };
        assert_eq!(shares(&[Funnel, LeaveOneOut]), [1, 1]);
        assert_eq!(shares(&[Funnel, Baujat, Radial, Influence]), [2, 1, 1]);
        assert_eq!(shares(&[Funnel, Influence, Baujat, Radial]), [1, 1, 2]);
        assert_eq!(shares(&[]), [0; 0]);
    }

    #[test]
    fn no_id_makes_two_names_equal() {
        assert_eq!(name(Figure::LeaveOneOut, 0, "death"), "leave-one-out-death");
        assert_eq!(name(Figure::Bubble, 0, "a"), "bubble-a");
        assert_eq!(name(Figure::Bubble, 1, "a"), "bubble2-a");
    }
}
