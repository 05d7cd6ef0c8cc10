//! The figures of an analysis beside its forest plot.

use crate::source::Spanned;

/// A figure of pooled effects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Figure {
    /// Effects against their standard errors.
    Funnel,
    /// Contributions to heterogeneity against influence on the result.
    Baujat,
    /// Event rates of the two groups against each other.
    Labbe,
    /// Standardised effects against precision.
    Radial,
    /// Eight diagnostics of each study.
    Influence,
    /// The pooled effect without each study.
    LeaveOneOut,
    /// The pooled effect as studies were added.
    Cumulative,
    /// Effects against a numeric moderator.
    Bubble,
}

/// Which figures an analysis has.
#[derive(Debug, Clone, PartialEq)]
pub enum FigureChoice {
    /// The spec does not say: those that three studies or more usually have.
    Usual,
    /// These, in this order.
    Chosen(Vec<Spanned<Figure>>),
}

impl Figure {
    /// Every figure.
    pub const ALL: [Self; 8] = [
        Self::Funnel,
        Self::Baujat,
        Self::Labbe,
        Self::Radial,
        Self::Influence,
        Self::LeaveOneOut,
        Self::Cumulative,
        Self::Bubble,
    ];

    /// What an analysis of three studies or more has unless its spec says otherwise.
    pub const USUAL: [Self; 2] = [Self::Funnel, Self::LeaveOneOut];

    /// Its name in specs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Funnel => "funnel",
            Self::Baujat => "baujat",
            Self::Labbe => "labbe",
            Self::Radial => "radial",
            Self::Influence => "influence",
            Self::LeaveOneOut => "leave_one_out",
            Self::Cumulative => "cumulative",
            Self::Bubble => "bubble",
        }
    }

    /// Whether it is points on two axes: two of them have room side by side.
    #[must_use]
    pub fn is_scatter(self) -> bool {
        !matches!(self, Self::Influence | Self::LeaveOneOut | Self::Cumulative)
    }
}

impl FigureChoice {
    /// Where the spec asks for a figure, if it does.
    #[must_use]
    pub fn asks_for(&self, figure: Figure) -> Option<&Spanned<Figure>> {
        match self {
            Self::Usual => None,
            Self::Chosen(chosen) => chosen.iter().find(|chosen| chosen.value == figure),
        }
    }
}
