//! What findings say, as data: a message has a pattern in each language and values in it.

use super::claim::Field;
use crate::spec::{TextKind, Visit};

/// A value of a message.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A number or a code, the same in every language.
    Text(String),
    /// Words of the author of a claim.
    Words(String),
    /// The same in quotation marks.
    Quote(String),
    /// The beginning of a sentence in quotation marks, or all of a short one.
    Excerpt(String),
    /// A name that somebody wrote, as it is written.
    Name(String),
    /// What a number of a claim is called.
    Field(Field),
    /// An analysis of the review.
    Analysis {
        /// Its id.
        id: String,
        /// Its title.
        title: String,
    },
    /// A message within a message.
    Message(Box<Message>),
    /// Values one after the other, with a conjunction between them.
    Series(Conjunction, Vec<Value>),
}

/// What joins the values of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conjunction {
    /// All of them.
    And,
    /// One of them.
    Or,
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Message> for Value {
    fn from(message: Message) -> Self {
        Self::Message(Box::new(message))
    }
}

macro_rules! messages {
    ($($variant:ident $key:literal { $($value:ident),* };)*) => {
        /// A message; its pattern stands under its key in `templates/consistency/messages`.
        #[derive(Debug, Clone, PartialEq)]
        #[non_exhaustive]
        #[expect(missing_docs, reason = "each is its English pattern")]
        pub enum Message { $($variant { $($value: Value),* },)* }

        impl Message {
            /// Every key, with the names of the values that its pattern may have.
            pub const KEYS: &'static [(&'static str, &'static [&'static str])] =
                &[$(($key, &[$(stringify!($value)),*]),)*];

            /// The key of its pattern.
            #[must_use]
            pub fn key(&self) -> &'static str {
                match self { $(Self::$variant { .. } => $key,)* }
            }

            /// Its values, by name.
            #[must_use]
            pub fn values(&self) -> Vec<(&'static str, &Value)> {
                match self { $(Self::$variant { $($value),* } => vec![$((stringify!($value), $value)),*],)* }
            }

            fn values_mut(&mut self) -> Vec<&mut Value> {
                match self { $(Self::$variant { $($value),* } => vec![$($value),*],)* }
            }
        }
    };
}

messages! {
    // parts of other messages
    Between "between" { low, high };
    Infinity "infinity" {};
    MinusInfinity "minus_infinity" {};
    Equals "equals" { value };
    Scaled "scaled" { value, scale };
    OnLog "on_log" {};
    OnRatio "on_ratio" {};
    OnPercent "on_percent" {};
    Interval "interval" { low, high, scale };
    LowerLimit "lower_limit" { value, scale };
    UpperLimit "upper_limit" { value, scale };
    NoInterval "no_interval" {};
    IntervalAndEstimate "interval_and_estimate" { interval, estimate };
    Geometric "geometric" { value };
    ByZ "by_z" { value };
    ByT "by_t" { value, df };
    Numbers "numbers" { n };
    NumbersEach "numbers_each" { n, items };
    RatiosBetween "ratios_between" { low, high };
    Higher "higher" {};
    Lower "lower" {};
    // counts, sums, percentages
    FlowPrinted "flow_printed" { start, removed, left };
    FlowFollows "flow_follows" { difference, found, left };
    CountPrinted "count_printed" { count };
    CountFollows "count_follows" { listed };
    TotalPrinted "total_printed" { total };
    PartsAddUp "parts_add_up" { found };
    PartsExceed "parts_exceed" { found };
    PartsLeave "parts_leave" { found, unknown, rest };
    SharePrinted "share_printed" { events, n, percent };
    ShareFollows "share_follows" { events, n, percent };
    PercentPrinted "percent_printed" { percent, n };
    PercentImpossible "percent_impossible" { n, percent, below, percent_below, above, percent_above };
    EnrolledPrinted "enrolled_printed" { enrolled, analysed };
    MoreAnalysed "more_analysed" {};
    LostLeave "lost_leave" { enrolled, lost, left };
    NotAccounted "not_accounted" { missing, enrolled };
    PatientsAndEvents "patients_and_events" { patients, events };
    OneEventAtLeast "one_event_at_least" {};
    EventsAsPercent "events_as_percent" { events, n };
    EventsByPatients "events_by_patients" {};
    EventsAmong "events_among" { events, n };
    MorePatients "more_patients" {};
    // estimate, interval, standard error, P
    PPrinted "p_printed" { p, interval };
    IntervalGivesP "interval_gives_p" { p };
    EstimatePrinted "estimate_printed" { estimate, interval };
    EstimateOutside "estimate_outside" {};
    CentreIs "centre_is" { centre };
    CentreOrRounded "centre_or_rounded" { centre };
    LimitsReversed "limits_reversed" {};
    SePrinted "se_printed" { se, interval };
    IntervalGivesSe "interval_gives_se" { se };
    SeAndP "se_and_p" { se, p, estimate };
    EstimateGivesP "estimate_gives_p" { p };
    TwoScales "two_scales" {};
    RatioPrinted "ratio_printed" { value };
    RatioPositive "ratio_positive" {};
    NumberIs "number_is" { number, value };
    NumberBetween "number_between" { number, low, high };
    NumberAtLeast "number_at_least" { number, low };
    PEquals "p_equals" { p };
    LimitOf "limit_of" { value };
    DigitsHide "digits_hide" {};
    SeOfEvents "se_of_events" { se, events };
    SeTakesEvents "se_takes_events" { needed, events, se };
    EffectBesideTables "effect_beside_tables" { measure, estimate, tables };
    CountsExchanged "counts_exchanged" { effect };
    CountsGive "counts_give" { effect };
    // heterogeneity and funnel plots
    I2Printed "i2_printed" { i2, q, df };
    QGivesI2 "q_gives_i2" { i2 };
    QPrinted "q_printed" { q, df, p };
    QGivesP "q_gives_p" { p };
    DfPrinted "df_printed" { df, k };
    DfAtMost "df_at_most" { k, df };
    DfOfFewer "df_of_fewer" { df, k, missing };
    ThresholdPrinted "threshold_printed" { threshold, k };
    ThresholdIs "threshold_is" { k, threshold };
    ThresholdOfOthers "threshold_of_others" { k, threshold, other };
    FunnelTest "funnel_test" { k };
    FunnelTestOfFew "funnel_test_of_few" {};
    FunnelTests "funnel_tests" { rank, regression };
    FunnelTestsDiffer "funnel_tests_differ" {};
    // means of whole numbers
    MeanPrinted "mean_printed" { mean, whom };
    MeansPossible "means_possible" { below, above };
    SdPrinted "sd_printed" { sd, mean, whom };
    SdImpossible "sd_impossible" {};
    // sentences
    SaidBesideP "said_beside_p" { said, p };
    PAbove "p_above" { alpha };
    PBelow "p_below" { alpha };
    CoversNull "covers_null" {};
    ExcludesNull "excludes_null" {};
    SaidBesideInterval "said_beside_interval" { said, interval };
    SaidOfInterval "said_of_interval" { said, interval };
    NullOfRatio "null_of_ratio" { label, value, ratios };
    RatioBesideLog "ratio_beside_log" { ratios };
    RatioNeverNegative "ratio_never_negative" { limit, log };
    SaidOfOdds "said_of_odds" { said };
    OddsOfEstimate "odds_of_estimate" { estimate, percent };
    OddsOfPercent "odds_of_percent" { percent, log };
    BeyondMargin "beyond_margin" { interval };
    NoMargin "no_margin" { interval };
    SaidBesideEffect "said_beside_effect" { said, effect };
    EffectAbove "effect_above" {};
    EffectBelow "effect_below" {};
    BenefitIs "benefit_is" { direction };
    BenefitOf "benefit_of" { direction, subject };
    BenefitElsewhere "benefit_elsewhere" { direction };
    SaidOfNoEvent "said_of_no_event" { said, n };
    RiskNotExcluded "risk_not_excluded" { percent };
    SaidWithoutTest "said_without_test" { said };
    TablesGiveP "tables_give_p" { tables, p };
    NoDenominators "no_denominators" {};
    Said "said" { said };
    NothingBeside "nothing_beside" {};
    OneGroup "one_group" {};
    PercentOfWhat "percent_of_what" { percent };
    NotSignificantBeside "not_significant_beside" {};
    FirstOfAll "first_of_all" {};
    FallBelowZero "fall_below_zero" { times, percent };
    CharacterReplaced "character_replaced" {};
    ExponentLost "exponent_lost" {};
    OtherEncoding "other_encoding" {};
    LeftByProgram "left_by_program" { left };
    DrugUnknown "drug_unknown" { drug };
    // several claims
    POf "p_of" { p, subject };
    POfPart "p_of_part" { p };
    ThisIsPOf "this_is_p_of" { subject };
    ChangeWithin "change_within" { value };
    DifferenceBetween "difference_between" {};
    SubjectPrinted "subject_printed" { value };
    PopulationPrinted "population_printed" { value };
    StudyPrinted "study_printed" { value };
    RepeatedIsAbout "repeated_is_about" { value };
    NumberPrinted "number_printed" { number, value };
    RepeatedHas "repeated_has" { value };
    UnderHeading "under_heading" { subject, heading };
    BelongsTo "belongs_to" { heading };
    EvidenceUnder "evidence_under" { heading };
    StandsTwice "stands_twice" { heading };
    TwoStudies "two_studies" { tables };
    OneCohort "one_cohort" {};
    SummaryTwice "summary_twice" { mean, sd, n };
    RarelyAgree "rarely_agree" {};
    TablesAgainst "tables_against" { first, second };
    OtherWayRound "other_way_round" {};
    OtherDenominator "other_denominator" { value };
    MeasureTold "measure_told" { measure, estimate };
    MeasureRepeated "measure_repeated" { measure };
    ListHas "list_has" { added };
    ListRepeatedLacks "list_repeated_lacks" {};
    WholeHasFewer "whole_has_fewer" { subject, events };
    OppositeSaid "opposite_said" {};
    EffectHas "effect_has" { interval };
    // the results of the review
    ReviewGives "review_gives" { value };
    AnalysisNotSignificant "analysis_not_significant" { analysis, p };
    AnalysisSignificant "analysis_significant" { analysis, p };
    AnalysisAbove "analysis_above" { analysis };
    AnalysisBelow "analysis_below" { analysis };
}

impl Message {
    /// Visits the texts that the author of a claim or of the review wrote.
    pub fn visit_texts(&mut self, visit: &mut Visit<'_>) {
        self.values_mut().into_iter().for_each(|value| value.visit_texts(visit));
    }
}

impl Value {
    /// A number as it was printed, or any other text that knows no language.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    fn visit_texts(&mut self, visit: &mut Visit<'_>) {
        match self {
            Self::Words(text) | Self::Quote(text) | Self::Excerpt(text) => {
                visit(TextKind::Words, text);
            }
            Self::Name(name) => visit(TextKind::Name, name),
            Self::Analysis { title, .. } => visit(TextKind::Words, title),
            Self::Message(message) => message.visit_texts(visit),
            Self::Series(_, values) => {
                values.iter_mut().for_each(|value| value.visit_texts(visit));
            }
            Self::Text(_) | Self::Field(_) => {}
        }
    }
}
