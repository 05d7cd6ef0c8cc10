//! A claim: the numbers and words that belong together in a publication, each with its place.

use super::range::Range;
use crate::source::{Place, Spanned};
use crate::spec::{Bound, Measure, Printed, Scale};
use std::collections::BTreeMap;

macro_rules! fields {
    ($(#[$meta:meta])* $type:ident { $($variant:ident $name:literal $doc:literal;)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $type { $(#[doc = $doc] $variant,)* }

        impl $type {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Its column in a table of claims.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What it holds.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $doc,)* }
            }
        }
    };
}

fields! {
    /// A printed number of a claim.
    Field {
        Estimate "estimate" "The estimate, on the scale that `scale` names.";
        CiLow "ci_low" "Lower confidence limit.";
        CiHigh "ci_high" "Upper confidence limit.";
        Level "level" "Confidence level in percent; 95 where nothing is said.";
        P "p" "P of the effect, two-sided.";
        Se "se" "Standard error of the effect on the analysis scale.";
        TestDf "test_df" "Degrees of freedom of the t test of the effect.";
        K "k" "Number of studies pooled.";
        I2 "i2" "I² in percent.";
        Q "q" "Cochran's Q.";
        Df "df" "Degrees of freedom of Q.";
        QP "q_p" "P of the Q test.";
        Tau2 "tau2" "Between-study variance.";
        RankP "rank_p" "P of the rank correlation test of funnel plot asymmetry.";
        RegressionP "regression_p" "P of the regression test of funnel plot asymmetry.";
        Threshold "threshold" "Threshold of the studentised residuals.";
        N1 "n1" "Participants of group 1.";
        N2 "n2" "Participants of group 2.";
        Events1 "events1" "Participants with the event in group 1.";
        Events2 "events2" "Participants with the event in group 2.";
        Percent1 "percent1" "Percent with the event in group 1.";
        Percent2 "percent2" "Percent with the event in group 2.";
        N "n" "Participants of a single group, or of a mean.";
        Events "events" "Participants with the event in a single group.";
        Episodes "episodes" "Events counted, where a participant may have several.";
        Percent "percent" "Percent of `n`.";
        Mean "mean" "Mean of whole numbers, or of sums of `items` whole numbers.";
        Sd "sd" "Its standard deviation.";
        Items "items" "Items averaged in `mean`, 1 for one whole number; without it `mean` is not tested.";
        Enrolled "enrolled" "Participants enrolled or randomised.";
        Lost "lost" "Participants lost or excluded after that.";
        Analysed "analysed" "Participants analysed.";
        Start "start" "Records or participants in a box of a flow diagram.";
        Left "left" "What the next box says.";
        Total "total" "A total that `parts` should add up to.";
        Count "count" "A stated count of what `list` lists.";
        Margin "margin" "Margin of equivalence on the scale of the estimate, stated beforehand.";
    }
}

fields! {
    /// A text of a claim.
    Word {
        Source "source" "The document.";
        Where "place" "Where in the document.";
        Section "section" "Heading under which it stands.";
        Subject "subject" "The outcome or term that it is about.";
        PartOf "part_of" "The wider outcome of which the subject is a part.";
        Population "population" "Whom it is about.";
        Study "study" "The study it is about.";
        Statement "statement" "The sentence.";
        Method "method" "Pooling method: DL, MH, REML and so on.";
        Contrast "contrast" "`between` groups or `within` a group.";
        Benefit "benefit" "`higher` or `lower`: the direction that is good for the patient.";
        Comparator "comparator" "Name of the comparator.";
        Quotes "quotes" "Id of the claim that it repeats.";
        Against "against" "Another document against which its numbers are held.";
        Analysis "analysis" "Id of the analysis of the review that its numbers are held against.";
        Accept "accept" "Why a reviewer has looked at what is found here and leaves it.";
    }
}

/// A part of a sum: its name and, if it was printed, its number.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Its name, if it has one.
    pub name: String,
    /// Its number.
    pub number: Option<Printed>,
}

/// A claim.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Claim {
    /// Its id.
    pub id: String,
    /// Where it is written.
    pub place: Option<Place>,
    /// The effect measure, if it was said.
    pub measure: Option<Measure>,
    /// Scale of the estimate.
    pub scale: Option<Scale>,
    /// Scale of the interval.
    pub ci_scale: Option<Scale>,
    /// Its numbers.
    pub numbers: BTreeMap<Field, Printed>,
    /// Its texts.
    pub words: BTreeMap<Word, Spanned<String>>,
    /// What was taken away from `start`.
    pub removed: Vec<Part>,
    /// What should add up to `total`.
    pub parts: Vec<Part>,
    /// The names that `count` counts.
    pub list: Vec<String>,
}

impl Field {
    /// Whether it counts something, and is printed without decimals.
    #[must_use]
    pub fn is_count(self) -> bool {
        matches!(
            self,
            Self::K
                | Self::Df
                | Self::TestDf
                | Self::N1
                | Self::N2
                | Self::Events1
                | Self::Events2
                | Self::N
                | Self::Events
                | Self::Episodes
                | Self::Items
                | Self::Enrolled
                | Self::Lost
                | Self::Analysed
                | Self::Start
                | Self::Left
                | Self::Total
                | Self::Count
        )
    }

    /// Whether it counts people, events, records or studies, so that nothing but a whole number can
    /// be right. A total may be one of percentages, and degrees of freedom may be approximated.
    pub(super) fn is_whole(self) -> bool {
        self.is_count() && !matches!(self, Self::Df | Self::TestDf | Self::Total)
    }
}

impl Claim {
    /// A number.
    #[must_use]
    pub fn number(&self, field: Field) -> Option<&Printed> {
        self.numbers.get(&field)
    }

    /// The values that a number may stand for.
    #[must_use]
    pub fn range(&self, field: Field) -> Option<Range> {
        let printed = self.number(field)?;
        Some(match field {
            field if field.is_count() => Range::of_count(printed),
            Field::P | Field::QP | Field::RankP | Field::RegressionP => {
                let range = Range::of(printed);
                Range { low: range.low.max(0.0), high: range.high.min(1.0) }
            }
            _ => Range::of(printed),
        })
    }

    /// A whole number that was printed as itself.
    #[must_use]
    pub fn count(&self, field: Field) -> Option<f64> {
        let printed = self.number(field)?;
        let is_count =
            printed.bound == Bound::Exact && printed.value >= 0.0 && printed.value.fract() == 0.0;
        is_count.then_some(printed.value)
    }

    /// A text.
    #[must_use]
    pub fn word(&self, word: Word) -> Option<&str> {
        self.words.get(&word).map(|text| text.value.as_str())
    }

    /// Whether more of the outcome is good for the patient, where that is said.
    #[must_use]
    pub fn higher_is_good(&self) -> Option<bool> {
        match self.word(Word::Benefit)? {
            "higher" => Some(true),
            "lower" => Some(false),
            _ => None,
        }
    }

    /// Whether any of the fields has a number.
    #[must_use]
    pub fn has_any(&self, fields: &[Field]) -> bool {
        fields.iter().any(|field| self.numbers.contains_key(field))
    }

    /// The confidence level, 0 to 1.
    #[must_use]
    pub fn level(&self) -> f64 {
        let level = self.number(Field::Level).map(|level| level.value / 100.0);
        level.filter(|level| (0.5..1.0).contains(level)).unwrap_or(0.95)
    }

    /// The scale of the estimate: the one said, or the usual one of the measure.
    #[must_use]
    pub fn estimate_scale(&self) -> Option<Scale> {
        self.scale.or_else(|| usual_scale(self.measure?))
    }

    /// The scale of the interval: the one said, or that of the estimate.
    #[must_use]
    pub fn interval_scale(&self) -> Option<Scale> {
        self.ci_scale.or_else(|| match self.estimate_scale()? {
            // a change in percent has its interval as a ratio
            Scale::Percent => Some(Scale::Ratio),
            scale => Some(scale),
        })
    }

    /// A number on the analysis scale, where its scale is known and it is possible there.
    #[must_use]
    pub fn on_analysis_scale(&self, field: Field) -> Option<Range> {
        let scale = match field {
            Field::Estimate => self.estimate_scale()?,
            _ => self.interval_scale()?,
        };
        self.range(field)?.on_analysis_scale(scale)
    }

    /// Whether the effect has a null of 0 on the analysis scale and an interval that is symmetric
    /// there.
    #[must_use]
    pub fn is_wald(&self) -> bool {
        use Measure as M;
        self.measure.is_none_or(|measure| {
            measure.is_ratio()
                || matches!(measure, M::MD | M::SMD | M::SMDH | M::RD | M::IRD | M::GEN)
        })
    }

    /// Whether it is a pooled result: then its test and interval are of one kind.
    #[must_use]
    pub fn is_pooled(&self) -> bool {
        self.number(Field::K).is_some_and(|k| k.value >= 2.0)
    }
}

/// The scale on which a measure is usually printed.
fn usual_scale(measure: Measure) -> Option<Scale> {
    use Measure as M;
    if measure.is_ratio() {
        Some(Scale::Ratio)
    } else if matches!(measure, M::MD | M::SMD | M::SMDH | M::RD | M::IRD) {
        Some(Scale::Difference)
    } else {
        None
    }
}
