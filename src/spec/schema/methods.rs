//! The keys that say how an analysis computes.

use super::super::file::{METHODS, STANDARDISED_VARIANCES};
use super::shape::{Shape, choice, key, number, required, signed, text_or};

/// How studies are pooled.
pub(super) fn model() -> Shape {
    let methods = || METHODS.iter().map(|(name, _)| *name);
    let rule = Shape::Mapping(vec![
        key("i2_above", number(), "Random effects where I² in percent is above this."),
        key("p_below", number(), "Random effects where P of the Q test is below this."),
    ]);
    Shape::Mapping(vec![
        key(
            "method",
            choice(methods().chain(["by-heterogeneity"])),
            "Estimator of τ², EE (common effect), MH, PETO, a mixed model of counts, or a rule.",
        ),
        key("rule", rule, "The rule of `by-heterogeneity`."),
        key("low", choice(methods()), "What the rule chooses where heterogeneity is low."),
        key("high", choice(methods()), "What the rule chooses where it is high."),
        key(
            "test",
            choice(["z", "t", "knha", "adhoc"]),
            "Test of the pooled effect; knha is Knapp-Hartung, adhoc never below z.",
        ),
        key("level", percent(), "Confidence level in percent."),
        key("structure", choice(["two-level", "three-level"]), "Effects within clusters."),
        key("robust", choice(["CR2", "none"]), "Inference robust to dependence in clusters."),
    ])
}

/// A confidence level.
pub(super) fn percent() -> Shape {
    Shape::Number(Some(50.0), Some(99.9))
}

/// Columns that may explain differences between studies.
pub(super) fn moderators() -> Shape {
    Shape::OneOrMore(Box::new(text_or(vec![
        required("column", Shape::Text, "The column."),
        key("type", choice(["numeric", "categorical"]), "How it is read."),
        key("reference", Shape::Text, "The level that others are compared with."),
    ])))
}

/// A permutation test of the moderators.
pub(super) fn permutation() -> Shape {
    let most = 100_000.0;
    Shape::Mapping(vec![
        key("iterations", Shape::Whole(1.0, most), "How many arrangements."),
        key("seed", Shape::Whole(0.0, most), "Where the random numbers start."),
    ])
}

/// How small-study effects are examined.
pub(super) fn small_study() -> Shape {
    let regression = Shape::Mapping(vec![
        key("model", choice(["rma", "lm"]), "rma, or lm (with sei: Egger's test)."),
        key(
            "predictor",
            choice(["sei", "vi", "ni", "ninv", "sqrtni", "sqrtninv"]),
            "Standard error, variance, or a function of the sample size.",
        ),
    ]);
    let trim_fill = Shape::Mapping(vec![
        key("estimator", choice(["L0", "R0", "Q0"]), "Of the number of missing studies."),
        key("side", choice(["left", "right", "likely"]), "Where they are missing."),
        key("trimming", choice(["own", "common"]), "The model that centres the funnel."),
    ]);
    let fail_safe = Shape::Mapping(vec![
        key("type", choice(["Rosenthal", "Orwin", "Rosenberg"]), "Whose number."),
        key("target", signed(), "Orwin's target, analysis scale."),
    ]);
    let selection = Shape::Mapping(vec![
        key(
            "steps",
            Shape::OneOrMore(Box::new(Shape::Number(Some(0.0), Some(1.0)))),
            "P values at which the chance of publication changes, rising.",
        ),
        key("alternative", choice(["greater", "less", "two-sided"]), "Which P values."),
    ]);
    Shape::Mapping(vec![
        key("regression", regression, "Regression test of funnel plot asymmetry."),
        key("trim_fill", trim_fill, "Trim and fill."),
        key("fail_safe", fail_safe, "Fail-safe number."),
        key("selection", selection, "Step function selection model."),
        key("henmi_copas", Shape::Flag, "The estimate of Henmi and Copas."),
    ])
}

/// Choices that replace those of the profile.
pub(super) fn conventions() -> Shape {
    let variances = STANDARDISED_VARIANCES.map(|(name, _)| name);
    Shape::Mapping(vec![
        key("rr_total", choice(["both-cells", "event-cell"]), "Total of a corrected risk ratio."),
        key("rd_estimate", choice(["corrected", "plain"]), "Risk difference of zero cells."),
        key("mh_sums", choice(["corrected", "plain"]), "Zero cells in Mantel-Haenszel sums."),
        key(
            "rd_variance",
            choice(["sato", "greenland-robins"]),
            "Variance of a Mantel-Haenszel risk difference.",
        ),
        key(
            "dl_centre",
            choice(["inverse-variance", "mantel-haenszel"]),
            "The estimate in DerSimonian and Laird's Q.",
        ),
        key("i_squared", choice(["tau2", "q"]), "I² from τ², or from Q."),
        key("prediction", choice(["model", "t-k-1", "t-k-2", "none"]), "Prediction interval."),
        key("md_variance", choice(["separate", "pooled"]), "Variance of a mean difference."),
        key("smd_variance", choice(variances), "Variance of a standardised mean difference."),
        key("smd_correction", choice(["exact", "approximate"]), "Hedges' correction."),
        key("rom", choice(["plain", "bias-corrected"]), "Ratio of means."),
        key("mean_from_median", choice(["luo", "wan"]), "Means from medians and quantiles."),
        key(
            "study_interval",
            choice(["wald", "clopper-pearson", "wilson"]),
            "Interval of a single study's proportion.",
        ),
    ])
}

/// What stands beside a result.
pub(super) fn sensitivity() -> Shape {
    Shape::Mapping(vec![
        key("other_models", Shape::Flag, "The same studies under other models."),
        key("influence", Shape::Flag, "Outliers and influence."),
        key("leave_one_out", Shape::Flag, "The result without each study."),
        key("cumulative", Shape::Flag, "The result as studies are added."),
    ])
}

/// Survival curves.
pub(super) fn survival() -> Shape {
    Shape::Mapping(vec![
        key("landmarks", Shape::OneOrMore(Box::new(number())), "Times at which rates are printed."),
        key("unit", Shape::Text, "Unit of time, as printed."),
        key("intervals", choice(["log", "log-log", "plain"]), "Scale of the intervals."),
    ])
}

/// When an update matters.
pub(super) fn updates() -> Shape {
    Shape::Mapping(vec![
        key(
            "important",
            Shape::OneOrMore(Box::new(signed())),
            "Minimal important differences, as printed.",
        ),
        key("se", number(), "An estimate moved by more of its standard errors than this."),
        key("abs", number(), "... and by more than this, analysis scale."),
        key("rel", number(), "... and by more than this part of the old estimate."),
    ])
}

/// Named arms.
pub(super) fn arms() -> Shape {
    Shape::Mapping(vec![
        key("experimental", Shape::Text, "Name of group 1."),
        key("control", Shape::Text, "Name of group 2."),
    ])
}
