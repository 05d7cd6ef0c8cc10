//! The calls that reproduce a review in R, for readers who want to check it there: metafor for
//! pooled effects, survival for survival curves.

use super::convention_results::{codes, test_code, to_code};
use super::view::interval_code;
use crate::source::Spanned;
use crate::spec::{
    Analysis, DlCentre, Entry, EstimateColumns, Filter, Kind, MeanColumns, Measure, Method,
    ModeratorScale, ModeratorSpec, OutcomeColumns, Review, Structure, SurvivalAnalysis,
};
use crate::stats::binary::{AddTo, CorrectedTotal};
use crate::stats::continuous::{BiasCorrection, RatioEstimate, StandardisedVariance};
use crate::stats::pooling::mantel_haenszel::RiskDifferenceVariance;
use crate::stats::tau_squared::Estimator;
use std::fmt::Write as _;

/// A script that, run in the folder of a version, computes every analysis from `inputs/` and prints
/// the results.
#[must_use]
pub fn script(review: &Review) -> String {
    let mut script = String::from(
        "# The analyses of this version in R. Run it in the version's folder:\n\
         #   Rscript metafor.R\n\
         suppressMessages(library(metafor))\n",
    );
    if review.entries.iter().any(|entry| matches!(entry, Entry::Survival(_))) {
        script.push_str("suppressMessages(library(survival))\n");
    }
    for entry in &review.entries {
        let (call, print) = match entry {
            Entry::Pooled(spec) => {
                (call(spec), "format(c(fit$beta, fit$se, fit$pval, fit$QE), digits = 15)")
            }
            // what is described and not computed has no call
            Entry::Description(_) => continue,
            Entry::Survival(spec) => {
                (survival_call(spec), "format(summary(fit)$surv, digits = 15)")
            }
        };
        let _ = write!(script, "\n# {}\n{call}", commented(entry.title()));
        let _ = writeln!(script, "cat({}, {print}, \"\\n\")", string(entry.id()));
    }
    script
}

/// The call of one analysis: reads its table, keeps its rows, fits its model.
#[must_use]
pub fn call(spec: &Analysis) -> String {
    // what R does not read as this program does is taken as it was computed
    let arguments = arguments(spec).filter(|_| spec.is_plain);
    let mut call = match &arguments {
        Some(_) => read(&spec.data_path, &spec.filter),
        None => format!(
            "# the effects as this version computed them from what the studies give\n\
             dat <- read.csv({}, check.names = FALSE, fileEncoding = \"UTF-8\")\n",
            string(&format!("tables/studies-{}.csv", spec.id))
        ),
    };
    // products of counts leave R's whole numbers, which end at 2^31
    call.push_str("dat[] <- lapply(dat, function(x) if (is.integer(x)) as.numeric(x) else x)\n");
    for caveat in caveats(spec, arguments.is_some()) {
        let _ = writeln!(call, "# {caveat}: the numbers differ where it matters");
    }
    let arguments = arguments.unwrap_or_else(|| computed(spec).to_owned());
    call.push_str(&fit(spec, &arguments));
    call
}

/// What R takes from the table of the studies: their counts where the method pools counts, as shared
/// control groups were divided, else their effects.
fn computed(spec: &Analysis) -> &'static str {
    match spec.kind {
        Kind::Binary if spec.model.method.pools_counts() => {
            "ai = dat$events1, n1i = dat$total1, ci = dat$events2, n2i = dat$total2"
        }
        Kind::Rate if spec.model.method.pools_counts() => {
            "x1i = dat$events1, t1i = dat$time1, x2i = dat$events2, t2i = dat$time2"
        }
        _ => "yi = dat$yi, vi = dat$vi",
    }
}

/// The call of a survival analysis, in the package survival.
#[must_use]
pub fn survival_call(spec: &SurvivalAnalysis) -> String {
    let mut call = read(&spec.data_path, &spec.filter);
    if !spec.is_plain {
        let caveat =
            "# the table is not plain CSV: save it as UTF-8 with commas and decimal points first\n";
        call.insert_str(0, caveat);
    }
    let group = spec.group.as_ref().map_or_else(|| "1".to_owned(), column);
    let formula = format!(
        "Surv({}, {} %in% c(1, \"TRUE\", \"true\", \"yes\")) ~ {group}",
        column(&spec.time),
        column(&spec.event)
    );
    let _ = writeln!(
        call,
        "fit <- survfit({formula},\n  conf.int = {}, conf.type = \"{}\")",
        spec.level,
        interval_code(spec.intervals)
    );
    if spec.group.is_some() {
        let _ = writeln!(call, "print(survdiff({formula}))");
    }
    call
}

/// Reads a table and keeps the rows of its filter.
fn read(path: &str, filter: &[Filter]) -> String {
    let mut call = format!(
        "dat <- read.csv({}, check.names = FALSE, strip.white = TRUE, fileEncoding = \"UTF-8-BOM\")\n",
        string(&format!("inputs/{path}"))
    );
    if !filter.is_empty() {
        let conditions: Vec<String> = filter.iter().map(condition).collect();
        let _ = writeln!(call, "dat <- dat[{}, ]", conditions.join(" &\n  "));
    }
    call
}

/// The fit of the model, to studies given as arguments of `escalc`.
fn fit(spec: &Analysis, arguments: &str) -> String {
    let model = spec.model;
    let level = 100.0 * model.level;
    let measure = string(metafor_measure(spec, arguments));
    let sums = if spec.conventions.mantel_haenszel.corrects_sums
        && spec.measure.is_ratio()
        && spec.kind == Kind::Binary
    {
        "\n  add = c(0.5, 0.5), to = c(\"only0\", \"only0\"), drop00 = c(TRUE, TRUE),"
    } else {
        ""
    };
    match model.method {
        Method::MantelHaenszel => {
            format!("fit <- rma.mh(measure = {measure}, {arguments},{sums}\n  level = {level})\n")
        }
        Method::Peto => format!("fit <- rma.peto({arguments},\n  level = {level})\n"),
        Method::UnconditionalMixed | Method::ConditionalMixed => format!(
            "fit <- rma.glmm(measure = {measure}, {arguments},\n  model = \"{}\", level = {level})\n",
            model.method.code()
        ),
        Method::EqualEffects | Method::RandomEffects(_) => {
            let options = escalc_options(spec, arguments);
            let mods = moderators(spec);
            let robust = if model.is_robust {
                let cluster = spec.columns.cluster.as_ref().map(column).unwrap_or_default();
                format!("fit <- robust(fit, cluster = {cluster}, clubSandwich = TRUE)\n")
            } else {
                String::new()
            };
            if model.structure == Structure::ThreeLevel {
                let cluster = spec.columns.cluster.as_ref().map(column).unwrap_or_default();
                return format!(
                    "es <- escalc(measure = {measure}, {arguments}{options})\n\
                     fit <- rma.mv(es$yi, es$vi, random = ~ 1 | cluster/row,{mods}\n  \
                     data = data.frame(cluster = {cluster}, row = seq_len(nrow(dat))),\n  \
                     method = \"{}\", test = \"{}\", level = {level})\n{robust}",
                    model.method.code(),
                    test_code(model.test),
                );
            }
            format!(
                "es <- escalc(measure = {measure}, {arguments}{options})\n\
                 tol <- 1e-9 * median(es$vi, na.rm = TRUE)\n\
                 fit <- rma(es$yi, es$vi,{mods}\n  \
                 method = \"{}\", test = \"{}\", level = {level},\n  \
                 control = list(threshold = tol, tol = tol, maxiter = 100000, stepadj = 0.5))\n{robust}",
                model.method.code(),
                test_code(model.test),
            )
        }
    }
}

/// metafor's name of a measure; effects that are given have none.
fn metafor_measure(spec: &Analysis, arguments: &str) -> &'static str {
    if spec.kind == Kind::Generic || arguments.starts_with("yi") {
        "GEN"
    } else {
        spec.measure.code()
    }
}

/// The options of `escalc` that an analysis fixes.
fn escalc_options(spec: &Analysis, arguments: &str) -> String {
    if arguments.starts_with("yi") {
        return String::new();
    }
    let codes = codes(spec);
    match spec.kind {
        Kind::Binary | Kind::Rate | Kind::Proportion => {
            let drop00 = if matches!(spec.kind, Kind::Proportion) || spec.measure.is_single_group()
            {
                String::new()
            } else {
                format!(", drop00 = {}", if spec.zero_cells.drop00 { "TRUE" } else { "FALSE" })
            };
            format!(
                ",\n  add = {}, to = \"{}\"{drop00}",
                spec.zero_cells.add,
                to_code(spec.zero_cells.to)
            )
        }
        Kind::Continuous => match spec.measure {
            Measure::MD => {
                let vtype = if codes.md_variance == "pooled" { "HO" } else { "LS" };
                format!(",\n  vtype = \"{vtype}\"")
            }
            Measure::SMD if codes.smd_variance != "revman" => {
                format!(",\n  vtype = \"{}\"", codes.smd_variance)
            }
            _ => String::new(),
        },
        Kind::Correlation | Kind::Generic => String::new(),
    }
}

fn moderators(spec: &Analysis) -> String {
    let Some(regression) = &spec.regression else { return String::new() };
    let terms: Vec<String> = regression.moderators.iter().map(term).collect();
    format!("\n  mods = ~ {},", terms.join(" + "))
}

fn term(moderator: &ModeratorSpec) -> String {
    let values = column(&moderator.column);
    match (&moderator.reference, moderator.scale) {
        (Some(reference), _) => {
            format!("relevel(factor({values}), ref = {})", string(&reference.value))
        }
        (None, Some(ModeratorScale::Categorical)) => format!("factor({values})"),
        (None, _) => values,
    }
}

/// The studies as arguments of `escalc`; none where a row is more than its columns.
fn arguments(spec: &Analysis) -> Option<String> {
    let columns = &spec.columns;
    if spec.multi_arm.is_some() {
        return None;
    }
    let is_mixed = spec.kind != Kind::Generic && columns.estimates.is_some();
    if is_mixed {
        return None;
    }
    let list = |named: &[(&str, &Spanned<String>)]| {
        named
            .iter()
            .map(|(name, of)| format!("{name} = {}", column(of)))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let arguments = match &columns.outcome {
        OutcomeColumns::Counts { events1, total1, events2, total2 } => {
            list(&[("ai", events1), ("n1i", total1), ("ci", events2), ("n2i", total2)])
        }
        OutcomeColumns::Means { group1, group2 } => {
            let (mean1, sd1) = moments(group1)?;
            let (mean2, sd2) = moments(group2)?;
            list(&[
                ("m1i", mean1),
                ("sd1i", sd1),
                ("n1i", &group1.n),
                ("m2i", mean2),
                ("sd2i", sd2),
                ("n2i", &group2.n),
            ])
        }
        OutcomeColumns::Proportion { events, total } => list(&[("xi", events), ("ni", total)]),
        OutcomeColumns::Rates { events1, time1, events2, time2 } => {
            list(&[("x1i", events1), ("t1i", time1), ("x2i", events2), ("t2i", time2)])
        }
        OutcomeColumns::Rate { events, time } => list(&[("xi", events), ("ti", time)]),
        OutcomeColumns::Correlation { r, n } => list(&[("ri", r), ("ni", n)]),
        OutcomeColumns::None => estimates(columns.estimates.as_ref()?)?,
    };
    Some(format!("{arguments},\n  slab = {}", column(&columns.study)))
}

/// Mean and standard deviation, where rows give nothing else.
fn moments(columns: &MeanColumns) -> Option<(&Spanned<String>, &Spanned<String>)> {
    if columns.median.is_some() || columns.se.is_some() {
        return None;
    }
    columns.mean.as_ref().zip(columns.sd.as_ref())
}

/// Estimates with one kind of precision.
fn estimates(columns: &EstimateColumns) -> Option<String> {
    let on_scale = |of: &Spanned<String>| {
        if columns.are_ratios { format!("log({})", column(of)) } else { column(of) }
    };
    let yi = format!("yi = {}", on_scale(&columns.yi));
    match (&columns.vi, &columns.sei, &columns.interval) {
        (Some(vi), None, None) => Some(format!("{yi}, vi = {}", column(vi))),
        (None, Some(sei), None) => Some(format!("{yi}, sei = {}", column(sei))),
        (None, None, Some((low, high))) => Some(format!(
            "{yi},\n  sei = ({} - {}) / (2 * qnorm({}))",
            on_scale(high),
            on_scale(low),
            f64::midpoint(1.0, columns.level)
        )),
        _ => None,
    }
}

fn column(name: &Spanned<String>) -> String {
    format!("dat[[{}]]", string(&name.value))
}

fn condition(filter: &Filter) -> String {
    let values: Vec<String> =
        filter.values.iter().map(|value| string(value.value.trim())).collect();
    format!("dat[[{}]] %in% c({})", string(&filter.column.value), values.join(", "))
}

/// What metafor has no option for, so that its numbers differ.
fn caveats(spec: &Analysis, has_columns: bool) -> Vec<&'static str> {
    let conventions = &spec.conventions;
    let is_corrected = spec.zero_cells.add > 0.0 && spec.zero_cells.to != AddTo::None;
    let is_dl = spec.model.method == Method::RandomEffects(Estimator::DerSimonianLaird);
    let mut caveats = Vec::new();
    if is_dl && conventions.dl_centre == DlCentre::MantelHaenszel {
        caveats.push("tau2 from Q about the Mantel-Haenszel estimate has no option in metafor");
    }
    let is_standardised = matches!(spec.measure, Measure::SMD | Measure::SMDH);
    let means = conventions.means;
    if has_columns && spec.kind == Kind::Continuous && is_standardised {
        if means.correction == BiasCorrection::Approximate {
            caveats.push("the approximate J of a standardised difference has no option in metafor");
        }
        if spec.measure == Measure::SMD
            && means.standardised_variance == StandardisedVariance::RevMan
        {
            caveats.push("RevMan's variance of a standardised difference has no option in metafor");
        }
    }
    if has_columns && spec.measure == Measure::ROM && means.ratio == RatioEstimate::BiasCorrected {
        caveats.push("the corrected ratio of means is metafor's from version 5 on");
    }
    if spec.measure == Measure::RR
        && is_corrected
        && conventions.correction.risk_ratio_total == CorrectedTotal::EventCell
    {
        caveats.push("a correction of one cell in the totals has no option in metafor");
    }
    if spec.measure == Measure::RD
        && is_corrected
        && !conventions.correction.corrects_risk_difference
    {
        caveats.push("a correction of the variance only has no option in metafor");
    }
    if spec.measure == Measure::RD
        && spec.kind == Kind::Binary
        && spec.model.method == Method::MantelHaenszel
        && conventions.mantel_haenszel.risk_difference_variance
            == RiskDifferenceVariance::GreenlandRobins
    {
        caveats.push("the variance of Greenland & Robins has no option in metafor");
    }
    caveats
}

/// An R string literal.
fn string(text: &str) -> String {
    let mut literal = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => literal.push_str("\\\""),
            '\\' => literal.push_str("\\\\"),
            '\n' => literal.push_str("\\n"),
            c if c.is_control() => {
                let _ = write!(literal, "\\u{:04x}", u32::from(c));
            }
            c => literal.push(c),
        }
    }
    literal.push('"');
    literal
}

/// A text as a comment holds it: a character that could end the line is a space.
fn commented(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
