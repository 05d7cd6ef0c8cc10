//! The summary of findings and the certainty of the evidence (GRADE), as their authors judge it.

use crate::source::{Place, Spanned};

/// One outcome of a summary of findings.
#[derive(Debug, Clone)]
pub struct FindingSpec {
    /// Where the spec says so.
    pub place: Place,
    /// The analysis.
    pub analysis: Spanned<String>,
    /// The outcome as printed, with its follow-up; without it the title of the analysis.
    pub outcome: Option<String>,
    /// The risk without the intervention, if the measure needs one.
    pub baseline: Option<Baseline>,
    /// The certainty of the evidence.
    pub certainty: Certainty,
    /// Why it is not higher.
    pub downgrades: Vec<Downgrade>,
    /// What the author adds.
    pub comment: Option<String>,
}

/// The risk without the intervention.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Baseline {
    /// As the author gives it, 0 to 1.
    Given(f64),
    /// The median risk of the control groups.
    MedianOfStudies,
}

/// The certainty of a body of evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// Very low.
    VeryLow,
    /// Low.
    Low,
    /// Moderate.
    Moderate,
    /// High.
    High,
}

impl Certainty {
    /// Every certainty, from the highest.
    pub const ALL: [Self; 4] = [Self::High, Self::Moderate, Self::Low, Self::VeryLow];

    /// Its name in specs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Moderate => "moderate",
            Self::Low => "low",
            Self::VeryLow => "very low",
        }
    }

    /// From 4, high, to 1, very low.
    #[must_use]
    pub fn level(self) -> usize {
        match self {
            Self::High => 4,
            Self::Moderate => 3,
            Self::Low => 2,
            Self::VeryLow => 1,
        }
    }

    /// The certainty so many levels below this one; nothing is below very low.
    #[must_use]
    pub fn lowered_by(self, levels: usize) -> Self {
        match self.level().saturating_sub(levels) {
            4.. => Self::High,
            3 => Self::Moderate,
            2 => Self::Low,
            _ => Self::VeryLow,
        }
    }
}

/// A reason for which certainty is not higher.
#[derive(Debug, Clone, PartialEq)]
pub struct Downgrade {
    /// The domain.
    pub domain: Spanned<Domain>,
    /// One level (serious) or two (very serious).
    pub levels: usize,
    /// Why, in the author's words.
    pub reason: String,
}

/// A domain of GRADE.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Domain {
    /// Risk of bias.
    RiskOfBias,
    /// Inconsistency.
    Inconsistency,
    /// Indirectness.
    Indirectness,
    /// Imprecision.
    Imprecision,
    /// Publication bias.
    PublicationBias,
}

impl Domain {
    /// Every domain.
    pub const ALL: [Self; 5] = [
        Self::RiskOfBias,
        Self::Inconsistency,
        Self::Indirectness,
        Self::Imprecision,
        Self::PublicationBias,
    ];

    /// Its name in specs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::RiskOfBias => "risk of bias",
            Self::Inconsistency => "inconsistency",
            Self::Indirectness => "indirectness",
            Self::Imprecision => "imprecision",
            Self::PublicationBias => "publication bias",
        }
    }
}
