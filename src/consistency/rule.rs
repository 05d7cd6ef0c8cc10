//! The rules of the consistency check: their codes, names and sources.

macro_rules! rules {
    ($($variant:ident $code:literal $name:literal $source:literal;)*) => {
        /// A rule; its code never changes its meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        #[non_exhaustive]
        #[expect(missing_docs, reason = "each is its name in print, below")]
        pub enum Rule { $($variant,)* }

        impl Rule {
            /// Every rule.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Its code: `C` and three digits, the first by group.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// Its name.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Where the rule comes from: a paper, a handbook, or arithmetic.
            #[must_use]
            pub fn source(self) -> &'static str {
                match self { $(Self::$variant => $source,)* }
            }
        }
    };
}

rules! {
    FlowArithmetic "C101" "flow-arithmetic" "PRISMA 2020 flow diagram (Page 2021, BMJ 372:n71); arithmetic";
    CountVsList "C102" "count-vs-list" "arithmetic";
    SumOverGroups "C103" "sum-over-groups" "arithmetic";
    TotalVsSum "C104" "total-vs-sum" "arithmetic";
    PercentVsCount "C105" "percent-vs-count" "Brown & Heathers 2017, Soc Psychol Personal Sci 8:363; arithmetic";
    EnrolledVsAnalysed "C106" "enrolled-vs-analysed" "CONSORT 2010 flow (Schulz 2010, BMJ 340:c332); arithmetic";
    EventsVsPatients "C107" "events-vs-patients" "CONSORT Harms 2022 (Junqueira 2023, BMJ 381:e073725)";
    PatientsExceedN "C108" "patients-exceed-n" "arithmetic";
    CiVsP "C201" "ci-vs-p" "Altman & Bland 2011, BMJ 343:d2090 and d2304; Nuijten 2016, Behav Res Methods 48:1205";
    PointNotAtCiCentre "C202" "point-not-at-ci-centre" "Wald interval: estimate = (low + high)/2 on the analysis scale (Bland & Altman 1996, BMJ 312:1079)";
    EstimateOutsideCi "C203" "estimate-outside-ci" "definition of a confidence interval";
    EstimateEqualsBound "C204" "estimate-equals-bound" "Wald interval: estimate = (low + high)/2 on the analysis scale";
    CiOrder "C205" "ci-order" "definition of a confidence interval";
    SeVsCi "C206" "se-vs-ci" "Wald interval: width = 2 z SE (Cochrane Handbook 6.3.1)";
    ScaleMix "C207" "scale-mix" "Bland & Altman 1996, BMJ 312:1079: a ratio's null is 1, its logarithm's 0";
    ImpossibleRatio "C208" "impossible-ratio" "a ratio of two positive numbers is positive";
    ImpossibleValue "C209" "impossible-value" "range of the statistic";
    RoundingHidesSignificance "C210" "rounding-hides-significance" "SAMPL guidelines (Lang & Altman 2015, Int J Nurs Stud 52:5)";
    SePlausibility "C211" "se-plausibility" "variance of a log odds ratio is at least 1/a + 1/c >= 4/(a + c) (Woolf 1955, Ann Hum Genet 19:251; Yusuf 1985)";
    Recompute "C212" "recompute" "2 x 2 table: OR = ad/bc, RR, RD (Altman 1991)";
    ImpossibleFoldDecrease "C213" "impossible-fold-decrease" "a fall by one times a quantity reaches zero";
    I2VsQ "C301" "i2-vs-q" "I² = max(0, (Q - df)/Q) (Higgins & Thompson 2002, Stat Med 21:1539)";
    QVsP "C302" "q-vs-p" "Q is chi-squared on df degrees of freedom (Cochran 1954, Biometrics 10:101)";
    DfVsK "C303" "df-vs-k" "df of Q is k - 1 (Cochran 1954)";
    BonferroniK "C304" "bonferroni-k" "threshold = 100(1 - 0.05/(2k))th normal percentile (Viechtbauer & Cheung 2010, Res Synth Methods 1:112)";
    FunnelTestsSmallK "C305" "funnel-tests-small-k" "Sterne 2011, BMJ 343:d4002: at least 10 studies";
    FunnelTestsDisagree "C306" "funnel-tests-disagree" "Sterne 2011, BMJ 343:d4002";
    SignificanceClaimVsP "C401" "significance-claim-vs-p" "Boutron 2010, JAMA 303:2058 (spin)";
    SignificanceClaimVsCi "C402" "significance-claim-vs-ci" "Altman & Bland 2011, BMJ 343:d2090";
    SignificanceClaimWithoutTest "C403" "significance-claim-without-test" "Boutron 2010, JAMA 303:2058; chi-squared test of Pearson 1900";
    OddsAsRisk "C404" "odds-as-risk" "Davies, Crombie & Tavakoli 1998, BMJ 316:989; Cochrane Handbook 6.4.1";
    EquivalenceClaimWithWideCi "C405" "equivalence-claim-with-wide-ci" "Altman & Bland 1995, BMJ 311:485; Piaggio 2012, JAMA 308:2594";
    DirectionContradiction "C406" "direction-contradiction" "INSPECT-SR (Wilkinson 2024, BMJ Open 14:e084164)";
    DirectionOfBenefit "C407" "direction-of-benefit" "Cochrane Handbook ch. 6";
    ZeroEventsSmallN "C408" "zero-events-small-n" "rule of three: Hanley & Lippman-Hand 1983, JAMA 249:1743";
    NoComparator "C409" "no-comparator" "Cochrane Handbook ch. 24: a change in one group is no effect";
    MissingNumbers "C410" "missing-numbers" "PRISMA 2020 item 20b";
    RateWithoutDenominator "C411" "rate-without-denominator" "CONSORT Harms 2022; SAMPL guidelines";
    RecommendationWithoutEvidence "C412" "recommendation-without-evidence" "GRADE (Guyatt 2008, BMJ 336:924)";
    PriorityClaim "C413" "priority-claim" "ICMJE recommendations";
    EncodingLoss "C414" "encoding-loss" "Unicode replacement of characters";
    DrugName "C415" "drug-name" "WHO international nonproprietary names";
    StrayText "C416" "stray-text" "ICMJE recommendations; errors that Word and Excel print";
    Grim "C501" "grim" "Brown & Heathers 2017, Soc Psychol Personal Sci 8:363";
    Grimmer "C502" "grimmer" "Anaya 2016, PeerJ Preprints 4:e2400v1; Allard 2018 (analytic GRIMMER)";
    POfAnotherHypothesis "C601" "p-of-another-hypothesis" "Altman & Bland 2003, BMJ 326:219";
    BetweenVsWithin "C602" "between-vs-within" "Bland & Altman 2011, Trials 12:264";
    ClaimDrift "C603" "claim-drift" "Greenberg 2009, BMJ 339:b2680";
    TableVsText "C604" "table-vs-text" "DAMASCENE (Nowbar 2014, BMJ 348:g2688)";
    SectionDrift "C605" "section-drift" "DAMASCENE (Nowbar 2014, BMJ 348:g2688)";
    DuplicateStatement "C606" "duplicate-statement" "Tramer 1997, BMJ 315:635";
    DuplicateCohort "C607" "duplicate-cohort" "Tramer 1997, BMJ 315:635; von Elm 2004, JAMA 291:974";
    IdenticalSummary "C608" "identical-summary" "INSPECT-SR (Wilkinson 2024); Carlisle 2017, Anaesthesia 72:944";
    ArmSwap "C609" "arm-swap" "DAMASCENE (Nowbar 2014, BMJ 348:g2688)";
    DenominatorDrift "C610" "denominator-drift" "CONSORT 2010 item 16";
    MeasureSwitch "C611" "measure-switch" "Davies, Crombie & Tavakoli 1998, BMJ 316:989; Greenberg 2009, BMJ 339:b2680";
    ListDrift "C612" "list-drift" "Greenberg 2009, BMJ 339:b2680";
    SubgroupVsPooled "C613" "subgroup-vs-pooled" "CONSORT Harms 2022 (Junqueira 2023, BMJ 381:e073725); arithmetic";
    RecomputedDiffers "C701" "recomputed-differs" "comparison with the result of this review";
    SentenceVsVerdict "C702" "sentence-vs-verdict" "comparison with the verdict of this review";
}

impl Rule {
    /// The rule that an acceptance means, by its code or its name.
    #[must_use]
    pub fn accepted_as(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|rule| [rule.code(), rule.name()].contains(&text))
    }

    /// The rule with a code.
    #[must_use]
    pub fn by_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|rule| rule.code().eq_ignore_ascii_case(code))
    }
}

impl serde::Serialize for Rule {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::Rule;
    use std::collections::BTreeSet;

    #[test]
    fn no_code_or_name_is_given_twice() {
        let codes: BTreeSet<_> = Rule::ALL.iter().map(|rule| rule.code()).collect();
        let names: BTreeSet<_> = Rule::ALL.iter().map(|rule| rule.name()).collect();
        assert_eq!((codes.len(), names.len()), (Rule::ALL.len(), Rule::ALL.len()));
    }
}
