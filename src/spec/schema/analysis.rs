//! The keys of an analysis, and those that it inherits from `defaults`.

use super::super::figures::Figure;
use super::super::file::{OTHER_KINDS, roles};
use super::super::measure::{Kind, Measure};
use super::super::tables::AskedTable;
use super::methods;
use super::shape::{Key, Shape, choice, key, list, number, required, texts, words};
use super::tables;
use serde_json::{Value, json};

/// Every key of an analysis.
pub(super) fn keys() -> Vec<Key> {
    let acceptance = Shape::Mapping(vec![
        required("code", Shape::Text, "Code of the finding, such as C201."),
        required("reason", Shape::Text, "Why it is left as it is."),
    ]);
    let mut keys = vec![
        required("id", Shape::Text, "Name of the analysis in results, figures and tables."),
        required("title", Shape::Text, "Heading of its section."),
        key("note", texts(), "Printed under the heading."),
        key("sensitivity_of", Shape::Text, "Id of the analysis that this one repeats otherwise."),
        key("event", Shape::Text, "What an event is, in words, printed with the counts."),
        key("accept", list(acceptance), "Findings that a reviewer has looked at and leaves."),
    ];
    keys.extend(inherited());
    keys
}

/// The keys that `defaults` of a review may have too.
pub(super) fn inherited() -> Vec<Key> {
    use Shape::{Flag, Mapping, Text};
    let kinds = Kind::ALL.map(Kind::name).into_iter().chain(OTHER_KINDS.map(|(name, _)| name));
    let columns = roles().map(|role| key(role, Text, about_role(role))).collect();
    let estimates = Mapping(vec![
        key("scale", choice(["ratio", "log", "difference"]), "Scale of `yi` and its limits."),
        key("level", methods::percent(), "Confidence level of the limits, in percent."),
    ]);
    let figures = Figure::ALL.map(Figure::name).into_iter().chain(["none"]);
    vec![
        key("kind", choice(kinds), "What the rows of the data hold."),
        key("data", Text, "CSV of the studies, its path from the review folder."),
        key(
            "measure",
            choice(Measure::ALL.map(Measure::code)),
            "Effect measure, by metafor's code; each kind has its own.",
        ),
        key("benefit", choice(["lower", "higher"]), "Which direction is good for the patient."),
        key("add", number(), "What is added to cells of zero."),
        key("to", choice(["only0", "all", "if0all", "none"]), "Studies to which it is added."),
        key("drop00", Flag, "Whether studies without any event are left out."),
        key(
            "vtype",
            choice(["LS", "HO", "LS2", "UB", "AV"]),
            "Sampling variance, by metafor's code: LS, HO of MD; LS, LS2, UB, AV of SMD.",
        ),
        key(
            "multi_arm",
            choice(["split", "combine"]),
            "What becomes of a control group that several arms share.",
        ),
        key("published", published(), "What a publication printed: shown beside the result."),
        key("filter", tables::filter(), "Rows that belong to it: columns with their values."),
        key("columns", Mapping(columns), "Which column has which role."),
        key("estimates", estimates, "How reported estimates are read."),
        key("arms", methods::arms(), "Names of the groups, as printed."),
        key("model", methods::model(), "How the studies are pooled."),
        key("subgroups", Text, "Column of the subgroups."),
        key("moderators", methods::moderators(), "Meta-regression."),
        key("permutation", methods::permutation(), "Permutation test of the moderators."),
        key("small_study", methods::small_study(), "Small-study effects."),
        key("conventions", methods::conventions(), "Single choices in place of the profile's."),
        key("sensitivity", methods::sensitivity(), "What stands beside the result."),
        key("figures", words(figures), "Figures beside the forest plot, or `none`."),
        key("risk_of_bias_columns", Flag, "Judgements beside the forest plot."),
        key("survival", methods::survival(), "Survival curves."),
        key("table", tables::table(), "The table of a `table` or `narrative`."),
        key(
            "tables",
            words(AskedTable::ALL.map(AskedTable::name)),
            "Tables beside the results, as MAJOR prints them.",
        ),
        key("classes", texts(), "Organ classes of adverse events, in their order."),
        key("updates", methods::updates(), "When an update matters."),
    ]
}

/// Which measures a kind has, for analyses that say both; `defaults` may say one that no analysis
/// keeps.
pub(super) fn measures_of_kinds() -> Value {
    let rule = |kind: Kind| {
        let measures: Vec<&str> = kind.measures().iter().map(|measure| measure.code()).collect();
        json!({
            "if": {"properties": {"kind": {"const": kind.name()}}, "required": ["kind"]},
            "then": {"properties": {"measure": {"enum": measures}}},
        })
    };
    Kind::ALL.into_iter().map(rule).collect()
}

fn published() -> Shape {
    use Shape::{Mapping, Printed, PrintedCount, Text};
    let scale = || choice(["log", "ratio", "percent", "difference"]);
    let printed = |name, about| key(name, Printed, about);
    let counted = |name, about| key(name, PrintedCount, about);
    let estimate = Mapping(vec![
        printed("value", "The number, digit by digit."),
        required("scale", scale(), "Its scale."),
    ]);
    let interval = Mapping(vec![
        printed("low", "Lower limit."),
        printed("high", "Upper limit."),
        required("scale", scale(), "Their scale."),
    ]);
    Mapping(vec![
        key("source", Text, "The publication."),
        counted("k", "Number of studies pooled."),
        printed("p", "P of the effect."),
        printed("i2", "I² in percent."),
        printed("rank_p", "P of the rank correlation test."),
        printed("regression_p", "P of the regression test."),
        printed("threshold", "Threshold of the studentised residuals."),
        printed("level", "Confidence level in percent."),
        printed("se", "Standard error, analysis scale."),
        printed("q", "Cochran's Q."),
        printed("df", "Degrees of freedom of Q."),
        printed("q_p", "P of the Q test."),
        printed("tau2", "Between-study variance."),
        counted("n1", "Participants of group 1."),
        counted("n2", "Participants of group 2."),
        counted("events1", "Participants with the event in group 1."),
        counted("events2", "Participants with the event in group 2."),
        key("statements", texts(), "Sentences about the result."),
        key("note", Text, "A remark, printed beside it."),
        key("estimate", estimate, "The pooled estimate."),
        key("ci", interval, "Its confidence interval."),
    ])
}

fn about_role(role: &str) -> &'static str {
    match role {
        "study" => "Label of the study.",
        "year" => "Year of the study.",
        "source" => "Where the row comes from.",
        "subgroup" => "Subgroup of the study.",
        "trial" => "The trial of which a row is an arm.",
        "cluster" => "The cluster of effects that depend on each other.",
        "events1" => "Participants with the event, group 1; events of a rate.",
        "events2" => "Participants with the event, group 2; events of a rate.",
        "total1" => "Participants, group 1.",
        "total2" => "Participants, group 2.",
        "mean1" => "Mean, group 1.",
        "mean2" => "Mean, group 2.",
        "sd1" => "Standard deviation, group 1.",
        "sd2" => "Standard deviation, group 2.",
        "se1" => "Standard error of the mean, group 1.",
        "se2" => "Standard error of the mean, group 2.",
        "n1" => "Participants, group 1.",
        "n2" => "Participants, group 2.",
        "median1" => "Median, group 1.",
        "median2" => "Median, group 2.",
        "lower_quartile1" => "First quartile, group 1.",
        "lower_quartile2" => "First quartile, group 2.",
        "upper_quartile1" => "Third quartile, group 1.",
        "upper_quartile2" => "Third quartile, group 2.",
        "min1" => "Smallest value, group 1.",
        "min2" => "Smallest value, group 2.",
        "max1" => "Largest value, group 1.",
        "max2" => "Largest value, group 2.",
        "events" => "Participants with the event, or events, of one group.",
        "total" => "Participants of one group.",
        "time1" => "Person-time, group 1.",
        "time2" => "Person-time, group 2.",
        "time" => "Person-time of one group, or a patient's time under observation.",
        "r" => "Correlation coefficient.",
        "n" => "Participants.",
        "yi" => "The estimate that the study reports.",
        "vi" => "Its sampling variance, analysis scale.",
        "sei" => "Its standard error, analysis scale.",
        "ci_low" => "Its lower limit.",
        "ci_high" => "Its upper limit.",
        "event" => "1 where the event was observed; of adverse events, the term.",
        "group" => "The patient's group.",
        "category" => "Organ class.",
        "grade" => "Grade of an adverse event.",
        "outcome" => "Name of the outcome.",
        _ => "A column of the data.",
    }
}
