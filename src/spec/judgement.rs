//! Judgements of the risk of bias, and the tools that know them.

/// A tool for judging the risk of bias.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BiasTool {
    /// `RoB` 2 for randomised trials (Sterne et al. 2019).
    Rob2,
    /// ROBINS-I for studies without randomisation (Sterne et al. 2016).
    RobinsI,
}

impl BiasTool {
    /// Every tool.
    pub const ALL: [Self; 2] = [Self::Rob2, Self::RobinsI];

    /// Its name in specs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rob2 => "RoB2",
            Self::RobinsI => "ROBINS-I",
        }
    }

    /// By which labels name it.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Rob2 => "rob2",
            Self::RobinsI => "robins_i",
        }
    }

    /// The codes of its domains, without the overall judgement.
    #[must_use]
    pub fn domains(self) -> &'static [&'static str] {
        match self {
            Self::Rob2 => &["D1", "D2", "D3", "D4", "D5"],
            Self::RobinsI => &["D1", "D2", "D3", "D4", "D5", "D6", "D7"],
        }
    }

    /// The judgements that it knows.
    #[must_use]
    pub fn judgements(self) -> &'static [Judgement] {
        use Judgement::{Critical, High, Low, Moderate, NoInformation, Serious, SomeConcerns};
        match self {
            Self::Rob2 => &[Low, SomeConcerns, High, NoInformation],
            Self::RobinsI => &[Low, Moderate, Serious, Critical, NoInformation],
        }
    }
}

/// A judgement, from the best to the worst, then those that say nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Judgement {
    /// Low risk.
    Low,
    /// Some concerns.
    SomeConcerns,
    /// Moderate risk.
    Moderate,
    /// Unclear risk.
    Unclear,
    /// High risk.
    High,
    /// Serious risk.
    Serious,
    /// Very high risk.
    VeryHigh,
    /// Critical risk.
    Critical,
    /// No information.
    NoInformation,
    /// Not applicable.
    NotApplicable,
}

impl Judgement {
    /// All judgements, from the best to the worst.
    pub const ALL: [Self; 10] = [
        Self::Low,
        Self::SomeConcerns,
        Self::Moderate,
        Self::Unclear,
        Self::High,
        Self::Serious,
        Self::VeryHigh,
        Self::Critical,
        Self::NoInformation,
        Self::NotApplicable,
    ];

    /// By which labels and colours name it.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::SomeConcerns => "some_concerns",
            Self::Moderate => "moderate",
            Self::Unclear => "unclear",
            Self::High => "high",
            Self::Serious => "serious",
            Self::VeryHigh => "very_high",
            Self::Critical => "critical",
            Self::NoInformation => "no_information",
            Self::NotApplicable => "not_applicable",
        }
    }

    /// Its words, as tools have them.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Low => "Low",
            Self::SomeConcerns => "Some concerns",
            Self::Moderate => "Moderate",
            Self::Unclear => "Unclear",
            Self::High => "High",
            Self::Serious => "Serious",
            Self::VeryHigh => "Very high",
            Self::Critical => "Critical",
            Self::NoInformation => "No information",
            Self::NotApplicable => "Not applicable",
        }
    }

    /// What tells it apart without colour.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Low => "+",
            Self::SomeConcerns | Self::Moderate => "!",
            Self::High | Self::Serious => "\u{2212}",
            Self::VeryHigh | Self::Critical => "\u{d7}",
            Self::Unclear | Self::NoInformation => "?",
            Self::NotApplicable => "",
        }
    }

    /// The judgement of these words, whatever their case, spaces and hyphens; whole words only, as
    /// first letters are ambiguous. `None` where they are no judgement.
    #[must_use]
    pub fn parse(words: &str) -> Option<Self> {
        let words = words.to_lowercase().replace(['-', '_'], " ");
        let words: Vec<&str> = words.split_whitespace().collect();
        let words = words.join(" ");
        let key = match words.strip_suffix(" risk").unwrap_or(&words) {
            "ni" => "no_information".to_owned(),
            "na" | "n/a" => "not_applicable".to_owned(),
            words => words.replace(' ', "_"),
        };
        Self::ALL.into_iter().find(|judgement| judgement.key() == key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Judgement::{NoInformation, SomeConcerns};

    #[test]
    fn whole_words_are_judgements() {
        assert_eq!(Judgement::parse(" some  Concerns"), Some(SomeConcerns));
        assert_eq!(Judgement::parse("NI"), Some(NoInformation));
        assert_eq!(Judgement::parse("Serious risk"), Some(Judgement::Serious));
        assert_eq!(Judgement::parse("no-information"), Some(NoInformation));
        assert_eq!(Judgement::parse("L"), None);
        assert_eq!(Judgement::parse(""), None);
    }
}
