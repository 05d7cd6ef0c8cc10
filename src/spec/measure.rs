//! Kinds of analysis and their effect measures, by metafor's codes.

/// What the rows of an analysis hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Participants with an event in two groups.
    Binary,
    /// Means and standard deviations of two groups.
    Continuous,
    /// Participants with an event in one group.
    Proportion,
    /// Events in person-time, of two groups or of one.
    Rate,
    /// Correlation coefficients.
    Correlation,
    /// Estimates that the studies report themselves, with their variance, standard error or interval.
    Generic,
}

/// Effect measures; see [`Kind::measures`] for what each kind can be summarised as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Measure {
    /// Odds ratio.
    OR,
    /// Risk ratio.
    RR,
    /// Risk difference.
    RD,
    /// Odds ratio by Peto's one-step estimate.
    PETO,
    /// Difference of the arcsines of the square roots of the risks.
    AS,
    /// Phi coefficient.
    PHI,
    /// Mean difference.
    MD,
    /// Standardised mean difference.
    SMD,
    /// Standardised mean difference for groups that differ in variance.
    SMDH,
    /// Ratio of means.
    ROM,
    /// Proportion.
    PR,
    /// Proportion, pooled on the log scale.
    PLN,
    /// Proportion, pooled on the logit scale.
    PLO,
    /// Proportion, pooled on the arcsine scale.
    PAS,
    /// Proportion, pooled on the double arcsine scale.
    PFT,
    /// Incidence rate ratio.
    IRR,
    /// Incidence rate difference.
    IRD,
    /// Difference of the square roots of incidence rates.
    IRSD,
    /// Incidence rate.
    IR,
    /// Incidence rate, pooled on the log scale.
    IRLN,
    /// Incidence rate, pooled on the square root scale.
    IRS,
    /// Incidence rate, pooled on the double square root scale.
    IRFT,
    /// Correlation coefficient.
    COR,
    /// Correlation coefficient, pooled on Fisher's z scale.
    ZCOR,
    /// Hazard ratio.
    HR,
    /// An effect of another kind, on its own scale.
    GEN,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::Binary,
        Self::Continuous,
        Self::Proportion,
        Self::Rate,
        Self::Correlation,
        Self::Generic,
    ];

    /// Its name in specs and results.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Binary => "binary",
            Self::Continuous => "continuous",
            Self::Proportion => "proportion",
            Self::Rate => "rate",
            Self::Correlation => "correlation",
            Self::Generic => "generic",
        }
    }

    /// Whether events are counted, so that more or fewer of them can be spoken of.
    #[must_use]
    pub fn counts_events(self) -> bool {
        matches!(self, Self::Binary | Self::Proportion | Self::Rate)
    }

    /// What it can be summarised as.
    #[must_use]
    pub fn measures(self) -> &'static [Measure] {
        use Measure as M;
        match self {
            Self::Binary => &[M::OR, M::RR, M::RD, M::PETO, M::AS, M::PHI],
            Self::Continuous => &[M::MD, M::SMD, M::SMDH, M::ROM],
            Self::Proportion => &[M::PLO, M::PR, M::PLN, M::PAS, M::PFT],
            Self::Rate => &[M::IRR, M::IRD, M::IRSD, M::IR, M::IRLN, M::IRS, M::IRFT],
            Self::Correlation => &[M::ZCOR, M::COR],
            Self::Generic => &[
                M::GEN,
                M::HR,
                M::OR,
                M::RR,
                M::RD,
                M::IRR,
                M::IRD,
                M::MD,
                M::SMD,
                M::ROM,
                M::ZCOR,
                M::COR,
            ],
        }
    }
}

impl Measure {
    /// Every measure.
    pub const ALL: [Self; 26] = [
        Self::OR,
        Self::RR,
        Self::RD,
        Self::PETO,
        Self::AS,
        Self::PHI,
        Self::MD,
        Self::SMD,
        Self::SMDH,
        Self::ROM,
        Self::PR,
        Self::PLN,
        Self::PLO,
        Self::PAS,
        Self::PFT,
        Self::IRR,
        Self::IRD,
        Self::IRSD,
        Self::IR,
        Self::IRLN,
        Self::IRS,
        Self::IRFT,
        Self::COR,
        Self::ZCOR,
        Self::HR,
        Self::GEN,
    ];

    /// metafor's code; hazard ratios, which metafor has not, are HR.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::OR => "OR",
            Self::RR => "RR",
            Self::RD => "RD",
            Self::PETO => "PETO",
            Self::AS => "AS",
            Self::PHI => "PHI",
            Self::MD => "MD",
            Self::SMD => "SMD",
            Self::SMDH => "SMDH",
            Self::ROM => "ROM",
            Self::PR => "PR",
            Self::PLN => "PLN",
            Self::PLO => "PLO",
            Self::PAS => "PAS",
            Self::PFT => "PFT",
            Self::IRR => "IRR",
            Self::IRD => "IRD",
            Self::IRSD => "IRSD",
            Self::IR => "IR",
            Self::IRLN => "IRLN",
            Self::IRS => "IRS",
            Self::IRFT => "IRFT",
            Self::COR => "COR",
            Self::ZCOR => "ZCOR",
            Self::HR => "HR",
            Self::GEN => "GEN",
        }
    }

    /// Whether the analysis scale is the logarithm of a ratio of two groups.
    #[must_use]
    pub fn is_ratio(self) -> bool {
        matches!(self, Self::OR | Self::RR | Self::PETO | Self::ROM | Self::IRR | Self::HR)
    }

    /// Whether it is the logarithm of an odds ratio.
    #[must_use]
    pub fn is_odds_ratio(self) -> bool {
        matches!(self, Self::OR | Self::PETO)
    }

    /// Whether it describes one group: there is then no null hypothesis to test.
    #[must_use]
    pub fn is_single_group(self) -> bool {
        self.is_proportion() || matches!(self, Self::IR | Self::IRLN | Self::IRS | Self::IRFT)
    }

    /// Whether it is a proportion.
    #[must_use]
    pub fn is_proportion(self) -> bool {
        matches!(self, Self::PR | Self::PLN | Self::PLO | Self::PAS | Self::PFT)
    }
}
