//! House styles: how numbers, tables and forest plots are printed, each in a file of
//! `templates/styles/`.

mod pattern;

pub use pattern::{Form, Parts, Pattern, Run};

use crate::spec::{SettingsError, read_settings};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A house style. Every key has to be there, and no other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HouseStyle {
    /// Characters and decimals of numbers.
    pub numbers: NumberStyle,
    /// P values.
    pub p: PStyle,
    /// Effects and intervals.
    pub intervals: IntervalStyle,
    /// Statistics in sentences.
    pub statistics: StatisticStyle,
    /// Tables.
    pub tables: TableStyle,
    /// Forest plots.
    pub forest: ForestStyle,
    /// Citations and the list of references.
    pub references: ReferenceStyle,
    /// Labels in place of the language's own, by language.
    pub words: BTreeMap<String, Words>,
}

/// Citations and the list of references.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReferenceStyle {
    /// The name of a citation style that Typst knows.
    pub style: String,
}

/// Characters and decimals of numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NumberStyle {
    /// What stands before negative numbers.
    pub minus: String,
    /// What stands before decimals.
    pub decimal_mark: String,
    /// Grouping of large counts.
    pub thousands: Thousands,
    /// Decimals by quantity.
    pub decimals: Decimals,
    /// Weights of studies.
    pub weights: WeightStyle,
}

/// Grouping of large counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Thousands {
    /// What stands between thousands.
    pub separator: String,
    /// The smallest count that is grouped.
    pub from: u64,
}

/// Decimals by quantity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decimals {
    /// Ratios.
    pub ratio: usize,
    /// Differences between proportions.
    pub risk_difference: usize,
    /// Standardised differences.
    pub standardised: usize,
    /// Correlations.
    pub correlation: usize,
    /// Proportions, in percent.
    pub proportion: usize,
    /// Effects in a unit of their own: as many as two digits of the interval's width need.
    pub own_unit: DecimalRange,
    /// I² and R², in percent.
    pub i2: usize,
    /// I² of differences between subgroups, in percent.
    pub i2_between: usize,
    /// τ² and other variances.
    pub tau2: usize,
    /// H².
    pub h2: usize,
    /// Q.
    pub q: usize,
    /// z, t and F.
    pub statistic: usize,
    /// Percentages of participants.
    pub percent: usize,
}

/// The fewest and the most decimals.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecimalRange {
    /// The fewest.
    pub least: usize,
    /// The most.
    pub most: usize,
}

/// Weights of studies, in percent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeightStyle {
    /// Decimals.
    pub decimals: usize,
    /// Whether those printed sum to 100 exactly; otherwise each is rounded by itself.
    pub sum_to_100: bool,
    /// Whether each carries a percent sign.
    pub percent_sign: bool,
}

/// P values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PStyle {
    /// The letter.
    pub letter: String,
    /// Whether it slopes.
    pub is_italic: bool,
    /// Whether spaces stand round the sign of relation.
    pub spaces: bool,
    /// Whether a zero stands before the decimal mark.
    pub leading_zero: bool,
    /// Decimals from a value on; the first entry that fits counts.
    pub decimals: Vec<PRange>,
    /// Bounds below which `<` and the bound are printed; the smallest that holds counts.
    pub below: Vec<f64>,
    /// The bound above which `>` and the bound are printed; 1 where there is none.
    pub above: f64,
}

/// Decimals of P values from a value on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PRange {
    /// The smallest P with these decimals.
    pub from: f64,
    /// Decimals.
    pub decimals: usize,
}

/// Effects and intervals.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IntervalStyle {
    /// An effect in tables and plots, of `estimate` and `interval`.
    pub effect: Pattern,
    /// Intervals in tables and plots.
    pub plots: RangeStyle,
    /// Intervals in sentences.
    pub prose: RangeStyle,
}

/// An interval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RangeStyle {
    /// The whole, of `range` and perhaps `level`.
    pub interval: Pattern,
    /// Its limits, of `lower`, `upper` and perhaps `to`, the language's word between them.
    pub range: Pattern,
    /// The same where a limit is negative.
    pub negative_range: Pattern,
}

/// Statistics in sentences. A part that names a value which there is none of is left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatisticStyle {
    /// Whether z and t keep their sign.
    pub z_sign: SignStyle,
    /// Heterogeneity.
    pub heterogeneity: Parts,
    /// The test of the pooled effect.
    pub overall: Parts,
    /// The test between subgroups.
    pub subgroups: Parts,
}

/// Whether a statistic keeps its sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SignStyle {
    /// It does.
    Signed,
    /// Its absolute value is printed.
    Absolute,
}

/// Tables.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableStyle {
    /// The columns of the table of studies, from left to right.
    pub columns: Vec<TableColumn>,
    /// The columns of the studies' data.
    pub data: DataLayout,
    /// The heading of effects, of `measure`, `level` and `ci`.
    pub effect_heading: Pattern,
}

/// A column of the table of studies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TableColumn {
    /// The study.
    Study,
    /// Its year.
    Year,
    /// Its data, in columns of their own.
    Data,
    /// Its weight.
    Weight,
    /// Its effect.
    Effect,
}

/// The columns of the studies' data by kind, for each group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataLayout {
    /// Participants with an event, of two groups.
    pub counts: Vec<DataColumn>,
    /// Means of two groups.
    pub means: Vec<DataColumn>,
    /// Participants with an event, of one group.
    pub proportion: Vec<DataColumn>,
    /// Events in person-time.
    pub rates: Vec<DataColumn>,
    /// Correlations.
    pub correlation: Vec<DataColumn>,
}

/// A column of a group's data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DataColumn {
    /// Participants with an event, or events.
    Events,
    /// Participants.
    Total,
    /// Participants, under the letter n.
    N,
    /// Participants with an event among all: `49/615`.
    EventsPerTotal,
    /// The same: `49 / 615`.
    EventsOfTotal,
    /// Percentage with an event.
    Percent,
    /// Mean.
    Mean,
    /// Standard deviation.
    Sd,
    /// Both: `5.0 (4.7)`.
    MeanSd,
    /// Both: `5.0±4.7`.
    MeanPmSd,
    /// Both, with participants: `5.0 (4.7) / 13`.
    MeanSdOfTotal,
    /// Events in person-time.
    EventsPerTime,
}

/// Forest plots.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForestStyle {
    /// The columns of a plot of studies, from left to right.
    pub columns: Vec<ForestColumn>,
    /// The columns of a plot of analyses, from left to right.
    pub overview_columns: Vec<OverviewColumn>,
    /// The label of a study: `label` as it is, or `author` and `year`, and `citation` where the study
    /// is cited, which a label without author or year has behind it.
    pub study_label: Pattern,
    /// The columns of the studies' data.
    pub data: DataLayout,
    /// The lines over the effects, of `measure`, `title`, `method`, `model`, `level` and `ci`.
    pub effect_heading: Vec<Pattern>,
    /// Whether they stand over the plot too.
    pub has_plot_heading: bool,
    /// Whether events are summed in a row of their own, below that of the participants.
    pub has_total_events: bool,
    /// Whether the measure stands below the axis.
    pub has_axis_title: bool,
    /// Whether the judgements of risk of bias stand beside the studies, where the spec does not say.
    pub has_risk_of_bias: bool,
    /// What lies on either side of the null.
    pub directions: DirectionStyle,
    /// The least end of an axis of ratios: 100 for one from 0.01 to 100.
    pub ratio_reach: f64,
    /// What stands between the label of a line below the plot and its statistics.
    pub footer_separator: String,
    /// The lines below the plot.
    pub footer: Vec<FooterStyle>,
    /// Subgroups.
    pub subgroups: SubgroupStyle,
    /// Colours.
    pub marks: MarkStyle,
}

/// A column of a plot of studies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ForestColumn {
    /// The study.
    Study,
    /// Its data, in columns of their own.
    Data,
    /// The plot.
    Plot,
    /// Its weight.
    Weight,
    /// Its effect.
    Effect,
}

/// A column of a plot of analyses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OverviewColumn {
    /// The title of the analysis.
    Category,
    /// Number of studies.
    K,
    /// The plot.
    Plot,
    /// The pooled effect.
    Effect,
    /// Its P.
    P,
}

/// The words on either side of the null.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DirectionStyle {
    /// Where they stand.
    pub place: DirectionPlace,
    /// Whether they are bold.
    pub is_bold: bool,
}

/// Where the words on either side of the null stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DirectionPlace {
    /// Above the plot.
    Above,
    /// Below its axis.
    Below,
}

/// Subgroups in a plot of studies.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubgroupStyle {
    /// The line over a subgroup, of `subgroup` and perhaps `analysis` and `number`, the place of the
    /// analysis in the report and of the subgroup in the analysis.
    pub heading: Pattern,
    /// The lines below its subtotal.
    pub footer: Vec<FooterStyle>,
    /// The test between subgroups, below the plot.
    pub test: Parts,
}

/// A line below a plot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FooterStyle {
    /// The code of its label.
    pub label: FooterLabel,
    /// Its statistics.
    pub parts: Parts,
}

/// What a line below a plot is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FooterLabel {
    /// Heterogeneity.
    Heterogeneity,
    /// The test of the pooled effect.
    Overall,
    /// The test between subgroups.
    SubgroupDifferences,
    /// The variance between clusters.
    BetweenClusters,
    /// The variance within clusters.
    WithinClusters,
}

/// Colours of a forest plot, as `#rrggbb`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MarkStyle {
    /// Squares of estimates, by what the studies report.
    pub squares: SquareColours,
    /// Intervals and arrows.
    pub whiskers: Colour,
    /// The pooled effect.
    pub diamond: DiamondStyle,
    /// The prediction interval.
    pub prediction: Colour,
    /// The line of the null.
    pub null_line: Colour,
    /// The line of the pooled effect.
    pub pooled_line: LineStyle,
}

/// Squares of estimates, by what the studies report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SquareColours {
    /// Events.
    pub counts: Colour,
    /// Means.
    pub means: Colour,
    /// Anything else.
    pub other: Colour,
}

/// The diamond of a pooled effect.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DiamondStyle {
    /// Its area.
    pub fill: Colour,
    /// Its rim.
    pub outline: Colour,
}

/// A line across a plot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineStyle {
    /// Its form.
    pub form: LineForm,
    /// Its colour.
    pub colour: Colour,
}

/// The form of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LineForm {
    /// There is none.
    None,
    /// Dashes.
    Dashed,
    /// One stroke.
    Solid,
}

/// A colour, as `#rrggbb`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Colour(String);

impl TryFrom<String> for Colour {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let digits = text.strip_prefix('#').unwrap_or_default();
        if digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            Ok(Self(text))
        } else {
            Err(format!("`{text}` is no colour such as #1f5a8c"))
        }
    }
}

impl From<Colour> for String {
    fn from(colour: Colour) -> Self {
        colour.0
    }
}

/// A label, or labels by key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Words {
    /// A label.
    Label(String),
    /// Labels by key.
    Labels(BTreeMap<String, Words>),
}

/// The most decimals that a style may ask for.
const MOST_DECIMALS: usize = 6;

impl HouseStyle {
    /// Reads a style file, for a report in English.
    ///
    /// # Errors
    /// What is wrong with it, with the line or the key.
    pub fn parse(text: &str) -> Result<Self, SettingsError> {
        Self::parse_for(text, " to ")
    }

    /// Reads a style file, for a report in a language that puts `to` between the limits of an
    /// interval, where the style sets a word there.
    ///
    /// # Errors
    /// What is wrong with it, with the line or the key.
    pub fn parse_for(text: &str, to: &str) -> Result<Self, SettingsError> {
        let mut style: Self = read_settings(text)?;
        style.check()?;
        for range in [&mut style.intervals.plots, &mut style.intervals.prose] {
            range.range.set("to", to);
            range.negative_range.set("to", to);
        }
        Ok(style)
    }

    /// What types do not say: which values patterns name, and how far numbers go.
    fn check(&self) -> Result<(), String> {
        let IntervalStyle { effect, plots, prose } = &self.intervals;
        effect.expect("intervals.effect", &["estimate", "interval"], &[])?;
        for (name, style) in [("plots", plots), ("prose", prose)] {
            let key = |part: &str| format!("intervals.{name}.{part}");
            style.interval.expect(&key("interval"), &["range"], &["level"])?;
            let limits = ["lower", "upper"];
            style.range.expect(&key("range"), &limits, &["to"])?;
            style.negative_range.expect(&key("negative_range"), &limits, &["to"])?;
        }
        let found = ["df", "q", "p_q", "tau2", "tau2_ci", "i2", "i2_ci", "h2"];
        let overall = ["z", "t", "t_df", "p"];
        let StatisticStyle { heterogeneity, overall: test, subgroups, .. } = &self.statistics;
        heterogeneity.expect("statistics.heterogeneity", &found)?;
        test.expect("statistics.overall", &overall)?;
        subgroups.expect("statistics.subgroups", &["df", "q", "p_q"])?;
        let values = [found.as_slice(), &overall].concat();
        let of_groups = &self.forest.subgroups;
        for line in &self.forest.footer {
            line.parts.expect("forest.footer.parts", &values)?;
        }
        for line in &of_groups.footer {
            line.parts.expect("forest.subgroups.footer.parts", &values)?;
        }
        let places = ["analysis", "number"];
        let label = &self.forest.study_label;
        if label.is_of("label") {
            label.expect("forest.study_label", &["label"], &[])?;
        } else {
            label.expect("forest.study_label", &["author", "year"], &["citation"])?;
        }
        of_groups.heading.expect("forest.subgroups.heading", &["subgroup"], &places)?;
        of_groups.test.expect("forest.subgroups.test", &["df", "q", "p_q", "i2"])?;
        let heading = ["measure", "title", "method", "model", "level", "ci"];
        self.tables.effect_heading.expect(
            "tables.effect_heading",
            &["measure"],
            &["level", "ci"],
        )?;
        for line in &self.forest.effect_heading {
            line.expect("forest.effect_heading", &[], &heading)?;
        }
        self.check_columns()?;
        self.check_numbers()
    }

    fn check_columns(&self) -> Result<(), String> {
        fn twice<T: PartialEq>(columns: &[T]) -> bool {
            columns.iter().enumerate().any(|(i, column)| columns[..i].contains(column))
        }
        let lacks_plot = !self.forest.columns.contains(&ForestColumn::Plot)
            || !self.forest.columns.contains(&ForestColumn::Study);
        if lacks_plot || twice(&self.forest.columns) {
            return Err("`forest.columns` needs `study` and `plot`, and each column once".into());
        }
        let overview = &self.forest.overview_columns;
        let lacks_plot = !overview.contains(&OverviewColumn::Plot)
            || !overview.contains(&OverviewColumn::Category);
        if lacks_plot || twice(overview) {
            let need = "needs `category` and `plot`, and each column once";
            return Err(format!("`forest.overview_columns` {need}"));
        }
        if !self.tables.columns.contains(&TableColumn::Study) || twice(&self.tables.columns) {
            return Err("`tables.columns` needs `study`, and each column once".into());
        }
        Ok(())
    }

    fn check_numbers(&self) -> Result<(), String> {
        let Decimals {
            ratio,
            risk_difference,
            standardised,
            correlation,
            proportion,
            own_unit,
            i2,
            i2_between,
            tau2,
            h2,
            q,
            statistic,
            percent,
        } = &self.numbers.decimals;
        let mut decimals = vec![
            ("numbers.decimals.ratio", *ratio),
            ("numbers.decimals.risk_difference", *risk_difference),
            ("numbers.decimals.standardised", *standardised),
            ("numbers.decimals.correlation", *correlation),
            ("numbers.decimals.proportion", *proportion),
            ("numbers.decimals.own_unit.least", own_unit.least),
            ("numbers.decimals.own_unit.most", own_unit.most),
            ("numbers.decimals.i2", *i2),
            ("numbers.decimals.i2_between", *i2_between),
            ("numbers.decimals.tau2", *tau2),
            ("numbers.decimals.h2", *h2),
            ("numbers.decimals.q", *q),
            ("numbers.decimals.statistic", *statistic),
            ("numbers.decimals.percent", *percent),
            ("numbers.weights.decimals", self.numbers.weights.decimals),
        ];
        decimals.extend(self.p.decimals.iter().map(|range| ("p.decimals", range.decimals)));
        if let Some((key, most)) = decimals.into_iter().find(|(_, count)| *count > MOST_DECIMALS) {
            return Err(format!("`{key}` is {most}; {MOST_DECIMALS} decimals are the most"));
        }
        if own_unit.least > own_unit.most {
            return Err("`numbers.decimals.own_unit` has a `least` above its `most`".into());
        }
        if self.numbers.minus.is_empty() || self.numbers.decimal_mark.is_empty() {
            return Err("`numbers.minus` and `numbers.decimal_mark` cannot be empty".into());
        }
        let is_probability = |p: &f64| *p > 0.0 && *p <= 1.0;
        if !self.p.below.iter().all(is_probability) || !is_probability(&self.p.above) {
            return Err("`p.below` and `p.above` are above 0 and at most 1".into());
        }
        if self.p.decimals.last().is_none_or(|range| range.from != 0.0) {
            return Err("`p.decimals` ends with a range from 0".into());
        }
        if !(self.forest.ratio_reach >= 1.0 && self.forest.ratio_reach <= 1000.0) {
            return Err("`forest.ratio_reach` is from 1 to 1000".into());
        }
        Ok(())
    }
}
