//! House styles: the laws of printed numbers under each, what Review Manager prints, and the
//! mistakes of style files.

use crate::support::{
    copy_tree, figures_source, fixture, report_source, run, skipped, stderr, tree,
};
use build_report::render::assets::Assets;
use build_report::report::number::Numbers;
use build_report::report::scale::IntervalText;
use build_report::report::style::HouseStyle;
use proptest::prelude::*;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;

fn style(name: &str) -> HouseStyle {
    let assets = Assets::embedded();
    HouseStyle::parse(assets.text(&format!("styles/{name}.yaml")).unwrap()).unwrap()
}

fn styles() -> Vec<(String, HouseStyle)> {
    Assets::embedded().styles().map(|name| (name.to_owned(), style(name))).collect()
}

/// A number as a style prints it, back as a number, with the unit of its last digit.
fn read(style: &HouseStyle, text: &str) -> (f64, f64) {
    let separator = &style.numbers.thousands.separator;
    let mut text = text.trim_end_matches('%').to_owned();
    if !separator.is_empty() {
        text = text.replace(separator, "");
    }
    let text = text.replace(&style.numbers.minus, "-").replace(&style.numbers.decimal_mark, ".");
    let decimals = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let unit: f64 = format!("1e-{decimals}").parse().unwrap();
    (text.parse().unwrap_or_else(|_| panic!("`{text}`")), unit)
}

fn is_close(value: f64, (printed, unit): (f64, f64)) -> bool {
    (value - printed).abs() <= 0.5 * unit * (1.0 + 1e-9) + 1e-12
}

#[test]
fn the_styles_are_there() {
    let names: Vec<String> = styles().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["bmj", "cma-zh", "jama", "lancet", "major", "revman"]);
}

proptest! {
    #[test]
    fn a_printed_number_parses_back_within_half_a_unit(x in -1e5..1e5f64, decimals in 0usize..6) {
        for (name, style) in styles() {
            let text = Numbers::of(&style).fixed(x, decimals);
            prop_assert!(is_close(x, read(&style, &text)), "{}: {} as {}", name, x, text);
        }
    }

    #[test]
    fn zero_has_no_sign(x in -0.02..0.02f64, decimals in 0usize..4) {
        for (name, style) in styles() {
            let text = Numbers::of(&style).fixed(x, decimals);
            let is_zero = read(&style, &text).0 == 0.0;
            let is_signed = text.starts_with(&style.numbers.minus);
            prop_assert!(!(is_zero && is_signed), "{}: {}", name, text);
        }
    }

    #[test]
    fn a_count_parses_back(n in 0u32..10_000_000) {
        for (name, style) in styles() {
            let text = Numbers::of(&style).count(f64::from(n));
            prop_assert_eq!(read(&style, &text).0, f64::from(n), "{}", name);
        }
    }

    /// Values near zero and one, and near alpha, as often as all others.
    #[test]
    fn a_p_value_is_never_zero_and_keeps_its_side(
        p in prop_oneof![
            0.0..=1.0f64,
            (-12.0..0.0f64).prop_map(|exponent| 10f64.powf(exponent)),
            0.04..0.06f64,
            Just(0.0),
            Just(0.05),
            Just(1.0),
        ],
        alpha in prop_oneof![Just(0.05), Just(0.1), Just(0.01), Just(0.001)],
    ) {
        for (name, style) in styles() {
            let numbers = Numbers::of(&style);
            let relation = numbers.p_relation(p, alpha);
            let (sign, digits) = relation.split_at(1);
            let digits = digits.trim_start_matches('\u{a0}');
            let printed = read(&style, digits);
            prop_assert!(printed.0 > 0.0, "{}: {} as {}", name, p, relation);
            let starts_with_zero = digits.starts_with('0');
            prop_assert!(style.p.leading_zero || !starts_with_zero, "{}: {}", name, relation);
            match sign {
                "<" => prop_assert!(p < printed.0 && printed.0 <= alpha),
                ">" => prop_assert!(p > printed.0 && printed.0 >= alpha),
                _ => {
                    prop_assert!(is_close(p, printed), "{}: {} as {}", name, p, relation);
                    // six decimals are the most that are printed
                    let is_told_apart = (p - alpha).abs() > 1e-6 || p == alpha;
                    let keeps_side = (printed.0 <= alpha) == (p <= alpha)
                        && (printed.0 == alpha) == (p == alpha);
                    prop_assert!(!is_told_apart || keeps_side, "{}: {} as {}", name, p, relation);
                }
            }
        }
    }

    #[test]
    fn a_limit_never_rounds_onto_the_null(distance in -0.02..0.02f64, decimals in 1usize..4) {
        prop_assume!(distance.abs() > 1e-6);
        for (name, style) in styles() {
            let numbers = Numbers::of(&style);
            for null in [0.0, 1.0] {
                let text = numbers.fixed_apart(null + distance, &[null], decimals);
                let printed = read(&style, &text);
                prop_assert!(printed.0 != null, "{}: {}", name, text);
                prop_assert!((printed.0 < null) == (distance < 0.0));
                prop_assert!(is_close(null + distance, printed));
                let exact = numbers.fixed_apart(null, &[null], decimals);
                prop_assert_eq!(read(&style, &exact).0, null);
            }
        }
    }

    /// Review Manager rounds each weight by itself, and its sums show it.
    #[test]
    fn printed_weights_sum_to_one_hundred(raw in prop::collection::vec(0.001..1e3f64, 1..80)) {
        let total: f64 = raw.iter().sum();
        let percentages: Vec<f64> = raw.iter().map(|weight| 100.0 * weight / total).collect();
        for (name, style) in styles() {
            let printed: Vec<(f64, f64)> = Numbers::of(&style)
                .weights(&percentages)
                .iter()
                .map(|text| read(&style, text))
                .collect();
            let unit = printed[0].1;
            if style.numbers.weights.sum_to_100 {
                let units: f64 = printed.iter().map(|(weight, _)| (weight / unit).round()).sum();
                prop_assert!((units * unit - 100.0).abs() < 1e-9, "{}: {}", name, units);
            } else {
                prop_assert_eq!(&name, "revman");
            }
            // a weight that makes up the sum is a unit off at most
            let room = if style.numbers.weights.sum_to_100 { 1.0 } else { 0.5 };
            for ((weight, _), exact) in printed.iter().zip(&percentages) {
                prop_assert!((weight - exact).abs() <= room * unit * (1.0 + 1e-9), "{}", name);
            }
        }
    }

    #[test]
    fn negative_limits_are_not_joined_by_a_dash(lower in -5.0..5.0f64, width in 0.1..5.0f64) {
        for (name, style) in styles() {
            let numbers = Numbers::of(&style);
            let limit = |value| numbers.fixed(value, 2);
            let interval = IntervalText::new(numbers, limit(lower), limit(lower + width), "95");
            for text in [&interval.text, &interval.prose] {
                let joined = text.replace(&interval.lower, "").replace(&interval.upper, "");
                let is_negative = numbers.is_negative(&interval.lower);
                let has_dash = joined.contains(['-', '\u{2013}', '\u{2212}']);
                prop_assert!(!(is_negative && has_dash), "{}: {}", name, text);
            }
        }
    }
}

/// The folder of a review that was built with these arguments.
fn build(folder: &Path, arguments: &[&str]) {
    copy_tree(&fixture("fixtures/fleiss1993"), &folder.join("fleiss1993"));
    let output = run(folder, &[&["fleiss1993"], arguments].concat());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
}

/// A PDF's text with single spaces, where its reader is installed.
fn pdf_text(pdf: &Path) -> Option<String> {
    let mut reader = Command::new("pdftotext");
    let Ok(output) = reader.args(["-layout", "-enc", "UTF-8"]).arg(pdf).arg("-").output() else {
        skipped("pdftotext is not installed");
        return None;
    };
    let text = String::from_utf8(output.stdout).unwrap();
    Some(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Fleiss 1993 (Stat Methods Med Res 2:121-145), tables 1 and 2, pooled by Review Manager: what
/// stands in the figures of the R package meta's `Fleiss1993.zip`, which RevMan Web drew.
#[test]
fn revman_figures_are_printed_as_they_were() {
    let folder = tempfile::tempdir().unwrap();
    build(folder.path(), &[]);
    let version = folder.path().join("output/fleiss1993/1");
    let results: Value =
        serde_json::from_slice(&fs::read(version.join("results.json")).unwrap()).unwrap();
    // RevMan's own export of the same: estimate, limits, Q, its P, I², Z, its P
    let exported = [
        [
            0.896_865_560_913_070_9,
            0.840_514_400_891_779_3,
            0.956_994_708_833_649_1,
            9.946_055_983_220_074,
            0.126_942_252_156_175_4,
            39.674_580_455_583_99,
            3.287_633_061_337_987,
            0.001_010_334_313_000_5,
        ],
        [
            -0.709_388_39,
            -1.258_485_02,
            -0.160_291_76,
            5.660_123_79,
            0.226_008_95,
            29.330_167_58,
            2.532_114_77,
            0.011_337_69,
        ],
    ];
    for (index, expected) in exported.into_iter().enumerate() {
        let model = &results[index]["model"];
        let on_print = |value: f64| if index == 0 { value.exp() } else { value };
        let number = |value: &Value| value.as_f64().unwrap();
        let found = [
            on_print(number(&model["beta"][0])),
            on_print(number(&model["ci_lb"][0])),
            on_print(number(&model["ci_ub"][0])),
            number(&model["qe"]),
            number(&model["qe_p"]),
            number(&model["i2"]),
            number(&model["zval"][0]).abs(),
            number(&model["pval"][0]),
        ];
        for (part, (found, expected)) in found.into_iter().zip(expected).enumerate() {
            // RevMan's chi-squared distribution is good to seven digits: that of Q = 9.946 with six
            // degrees of freedom has the closed form exp(-q)(1 + q + q²/2), q = Q/2, which is ours;
            // the second figure is exported with eight decimals
            let room = match (index, part) {
                (_, 4 | 7) => 1e-6,
                (0, _) => 1e-11,
                _ => 5.1e-9,
            };
            assert!((found - expected).abs() <= room, "{found}, exported {expected}");
        }
    }
    let Some(text) = pdf_text(&version.join("report.pdf")) else { return };
    for printed in [
        "Study or Subgroup Events Total Events Total Weight M-H, Fixed, 95% CI",
        "MRC-1 49 615 67 624 3.2% 0.72 [0.49, 1.06]",
        "CDP 44 758 64 771 3.1% 0.68 [0.46, 1.01]",
        "MRC-2 102 832 126 850 5.7% 0.80 [0.61, 1.06]",
        "GASP 32 317 38 309 1.8% 0.80 [0.49, 1.32]",
        "PARIS 85 810 52 406 3.2% 0.80 [0.55, 1.15]",
        "AMIS 246 2267 219 2257 10.2% 1.13 [0.93, 1.37]",
        "ISIS-2 1570 8587 1720 8600 72.9% 0.89 [0.83, 0.97]",
        "Total (95% CI) 14186 13817 100.0% 0.90 [0.84, 0.96]",
        "Total events 2128 2286",
        "Heterogeneity: Chi² = 9.95, df = 6 (P = 0.13); I² = 40%",
        "Test for overall effect: Z = 3.29 (P = 0.001)",
        "Davis 5.00 4.70 13 6.50 3.80 13 2.8% -1.50 [-4.79, 1.79]",
        "Florell 4.90 1.71 30 6.10 2.30 50 38.6% -1.20 [-2.08, -0.32]",
        "Gruen 22.50 3.44 35 24.90 10.65 35 2.2% -2.40 [-6.11, 1.31]",
        "Hart 12.50 1.47 20 12.30 1.66 20 31.9% 0.20 [-0.77, 1.17]",
        "Wilson 6.50 0.76 8 7.38 1.41 8 24.5% -0.88 [-1.99, 0.23]",
        "Total (95% CI) 106 126 100.0% -0.71 [-1.26, -0.16]",
        "Heterogeneity: Chi² = 5.66, df = 4 (P = 0.23); I² = 29%",
        "Test for overall effect: Z = 2.53 (P = 0.01)",
        "Favours Aspirin Favours Control",
    ] {
        assert!(text.contains(printed), "`{printed}` is not in the report:\n{text}");
    }
}

/// BCG trials by allocation. The pooled effects are those of metafor's example of subgroups.
const BCG: &str = "study,alloc,e1,n1,e2,n2
Ferguson & Simes 1949,random,6,306,29,303
Rosenthal et al. 1960,random,3,231,11,220
Hart & Sutherland 1977,random,62,13598,248,12867
Stein & Aronson 1953,alternate,180,1541,372,1451
Vandiviere et al. 1973,random,8,2545,10,629
TPT Madras 1980,random,505,88391,499,88391
Frimodt-Moller et al. 1973,alternate,33,5069,47,5808
Coetzee & Berjak 1968,random,29,7499,45,7277
Rosenthal et al. 1961,systematic,17,1716,65,1665
Comstock et al. 1974,systematic,186,50634,141,27338
Comstock & Webster 1969,systematic,5,2498,3,2341
Comstock et al. 1976,systematic,27,16913,29,17854
Aronson 1948,random,4,123,11,139
";

/// A review of the trials above, in a style and a language.
fn by_allocation(folder: &Path, arguments: &[&str]) -> Option<String> {
    let review = folder.join("review");
    fs::create_dir_all(&review).unwrap();
    fs::write(review.join("bcg.csv"), BCG).unwrap();
    fs::write(review.join("review.yaml"), "id: bcg\nversion: \"1\"\ntitle: BCG\n").unwrap();
    let columns = "{study: study, events1: e1, total1: n1, events2: e2, total2: n2}";
    let analysis = "id: tb\ntitle: Tuberculosis\nkind: binary\nmeasure: RR\ndata: bcg.csv\n";
    let text = format!("{analysis}columns: {columns}\nsubgroups: alloc\nfigures: none\n");
    fs::write(review.join("tb.yaml"), text).unwrap();
    let output = run(folder, &[&["review"], arguments].concat());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    pdf_text(&folder.join("output/bcg/1/report.pdf"))
}

#[test]
fn subgroups_stand_in_the_forest_plot_as_review_manager_prints_them() {
    let folder = tempfile::tempdir().unwrap();
    let Some(text) = by_allocation(folder.path(), &["--style", "revman"]) else { return };
    let mut rest = text.as_str();
    for printed in [
        "Study or Subgroup Events Total",
        "1.1.1 random Ferguson & Simes 1949 6 306 29 303",
        "Aronson 1948 4 123 11 139",
        "Subtotal (95% CI) 112693 109826",
        "0.38 [0.22, 0.65] Total events 617 853 Heterogeneity: Tau² = 0.39; Chi² = 110.21, df = 6",
        "Test for overall effect: Z = 3.5",
        "1.1.2 alternate Stein & Aronson 1953",
        "Subtotal (95% CI) 6610 7259",
        "0.58 [0.34, 1.01] Total events 213 419 Heterogeneity: Tau² = 0.13",
        "1.1.3 systematic Rosenthal et al. 1961",
        "0.65 [0.32, 1.32]",
        "Total (95% CI)",
        "0.49 [0.34, 0.70] Total events",
        "Test for subgroup differences: Chi² = 1.86, df = 2 (P = 0.39), I² = 0%",
    ] {
        let at = rest.find(printed);
        let at = at.unwrap_or_else(|| panic!("`{printed}` does not follow in:\n{rest}"));
        rest = &rest[at + printed.len()..];
    }
}

#[test]
fn subgroups_stand_in_the_forest_plot_in_every_style_and_language() {
    for (style, language, printed) in [
        ("major", "en", ["Subtotal (95% CI)", "Test for subgroup differences: Q(2) = "]),
        ("jama", "en", ["Subtotal (95% CI)", "Test for subgroup differences: χ²"]),
        ("bmj", "en", ["Subtotal (95% CI)", "Test for subgroup differences: χ²="]),
        ("lancet", "en", ["Subtotal (95% CI)", "Test for subgroup differences: χ²="]),
        ("cma-zh", "zh-Hans", ["小计（95%CI）", "亚组间差异检验"]),
        ("major", "zh-Hant", ["小計（95%CI）", "次群組差異檢定"]),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let arguments = ["--style", style, "--language", language];
        let Some(text) = by_allocation(folder.path(), &arguments) else { return };
        for printed in printed {
            assert!(text.contains(printed), "{style}: `{printed}` is not in the report:\n{text}");
        }
    }
}

/// Printed weights of subgroups are sums of what is printed of their studies.
#[test]
fn weights_of_subgroups_sum_up_like_those_of_studies() {
    let weights = [12.44, 13.44, 9.74, 64.38];
    for (name, style) in styles() {
        let numbers = Numbers::of(&style);
        let printed: f64 =
            numbers.weights(&weights)[..3].iter().map(|text| read(&style, text).0).sum();
        let sum = read(&style, &numbers.weight_of(&weights, &[0, 1, 2]));
        let exact = if style.numbers.weights.sum_to_100 { printed } else { 35.62 };
        assert!(is_close(exact, sum), "{name}: {sum:?}, of {exact}");
    }
}

/// Numbers beside axes and in the paragraph of a regression are those of the house.
#[test]
fn axes_and_regressions_print_numbers_as_the_house_does() {
    let folder = tempfile::tempdir().unwrap();
    copy_tree(&fixture("fixtures/figures"), &folder.path().join("review"));
    let arguments = ["review", "--style", "lancet", "--only", "regression", "--format", "typ"];
    let output = run(folder.path(), &arguments);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let version = folder.path().join("output/figures/1+regression");
    let figures = figures_source(&version);
    let labels = || figures.split("\"label\":\"").skip(1).filter_map(|rest| rest.split('"').next());
    let is_number = |label: &&str| label.chars().all(|c| c.is_ascii_digit() || "−-.·".contains(c));
    let ticks: Vec<&str> = labels().filter(is_number).collect();
    assert!(ticks.iter().any(|tick| tick.contains('·')), "{ticks:?}");
    assert!(!ticks.iter().any(|tick| tick.contains('.')), "{ticks:?}");
    let report = report_source(&version);
    for printed in ["9·53", "26·20", "42·7"] {
        assert!(report.contains(printed), "{printed}");
    }
    assert!(!report.contains("~=~"));
}

#[test]
fn each_style_prints_its_own_way_and_leaves_the_data_alone() {
    let printed = [
        ("major", "Heterogeneity: Q(6) = 9.95, P = 0.127; I² = 39.7%", "0.90 [0.84, 0.96]"),
        ("jama", "(P = .13), I² = 40%", "0.90 (0.84-0.96)"),
        ("bmj", "Test for heterogeneity: χ²=9.95, df=6, P=0.13; I²=40%", "0.90 (0.84 to 0.96)"),
        ("lancet", "χ²=9·95, df=6, p=0·13; I²=39·7%", "0·90 (0·84–0·96)"),
        ("cma-zh", "P=0.127; I²=39.7%", "0.90(0.84～0.96)"),
    ];
    let data = |folder: &Path| -> Vec<(String, Vec<u8>)> {
        let is_data = |name: &str| {
            name == "results.json" || name == "metafor.R" || name.starts_with("tables/")
        };
        let files = tree(&folder.join("output/fleiss1993/1"));
        files.into_iter().filter(|(name, _)| is_data(name)).collect()
    };
    let as_revman = tempfile::tempdir().unwrap();
    build(as_revman.path(), &[]);
    let expected = data(as_revman.path());
    assert!(expected.len() >= 5);
    for (name, footer, effect) in printed {
        let folder = tempfile::tempdir().unwrap();
        build(folder.path(), &["--style", name]);
        assert_eq!(data(folder.path()), expected, "{name}");
        let pdf = folder.path().join("output/fleiss1993/1/report.pdf");
        let Some(text) = pdf_text(&pdf) else { return };
        for printed in [footer, effect] {
            assert!(text.contains(printed), "{name}: `{printed}` is not in the report:\n{text}");
        }
    }
}

#[test]
fn a_style_that_is_not_there_is_told_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    copy_tree(&fixture("fixtures/fleiss1993"), &folder.path().join("review"));
    let path = folder.path().join("review/review.yaml");
    let text = fs::read_to_string(&path).unwrap().replace("style: revman", "style: revmann");
    fs::write(&path, text).unwrap();
    let output = run(folder.path(), &["check", "review", "--color", "never"]);
    assert_eq!(output.status.code(), Some(1));
    let message = stderr(&output);
    for part in ["there is no style `revmann`", "review.yaml:6:8", "`revman`"] {
        assert!(message.contains(part), "{message}");
    }
    let output = run(folder.path(), &["review", "--style", "lancett"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("there is no style `lancett`"), "{}", stderr(&output));
    assert!(stderr(&output).contains("`lancet`"), "{}", stderr(&output));
}

#[test]
fn a_style_of_the_user_stands_beside_the_others_and_its_mistakes_are_named() {
    let folder = tempfile::tempdir().unwrap();
    copy_tree(&fixture("fixtures/fleiss1993"), &folder.path().join("review"));
    let own = folder.path().join("own/styles");
    fs::create_dir_all(&own).unwrap();
    let bmj = Assets::embedded().text("styles/bmj.yaml").unwrap().to_owned();
    let check = |text: &str| {
        fs::write(own.join("ours.yaml"), text).unwrap();
        let arguments = ["review", "--style", "ours", "--templates", "own", "--dry-run"];
        let output = run(folder.path(), &arguments);
        (output.status.code(), stderr(&output))
    };
    assert_eq!(check(&bmj).0, Some(0));
    for (from, to, told) in [
        ("  minus: \"−\"\n", "", "minus"),
        ("  minus: \"−\"\n", "  minus: \"−\"\n  plus: \"+\"\n", "plus"),
        ("{lower}{to}{upper}", "{lower} to", "`intervals.plots.range` does not name `{upper}`"),
        ("{tau2}", "{tau}", "`{tau}`"),
        ("\"#2a6ebb\"", "blue", "`blue` is no colour"),
        ("    heterogeneity: Test", "    heterogenity: Test", "heterogenity"),
        ("place: below", "place: beside", "beside"),
        ("i2: 0", "i2: 9", "`numbers.decimals.i2` is 9"),
    ] {
        let broken = bmj.replace(from, to);
        assert_ne!(broken, bmj, "{from}");
        let (code, message) = check(&broken);
        assert_eq!(code, Some(1), "{told}: {message}");
        assert!(message.contains(told), "{told}: {message}");
        // the words of a style are only known with the labels
        assert!(message.contains("ours") || message.contains("words"), "{message}");
    }
}
