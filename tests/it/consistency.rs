//! The consistency check: published cases, every rule both ways, and laws: what is true and rounded
//! never fails, what is grossly wrong always does.

use crate::support::{fixture, run, stderr, stdout};
use build_report::consistency::{
    Claim, Finding, Lexicons, Phrases, Rule, check_claims, read_claims,
};
use build_report::data::Table;
use build_report::diagnostic::Severity;
use build_report::pipeline::phrases;
use build_report::render::assets::Assets;
use build_report::source::Sources;
use build_report::stats::distribution::chi_squared_upper_tail;
use build_report::stats::pooling::Reference;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Output;
use std::sync::LazyLock;

static LEXICONS: LazyLock<Lexicons> = LazyLock::new(|| {
    let assets = Assets::embedded();
    let text = |path: &str| assets.text(path).unwrap().to_owned();
    Lexicons::read(&text("consistency/en.yaml"), &text("consistency/zh.yaml")).unwrap()
});

static PHRASES: LazyLock<Phrases> = LazyLock::new(|| phrases(&Assets::embedded()).unwrap());

fn claims(csv: &str) -> Vec<Claim> {
    let mut sources = Sources::default();
    let source = sources.add("claims.csv".to_owned(), csv.to_owned());
    Table::parse(&sources, source)
        .and_then(|table| read_claims(&sources, &table))
        .unwrap_or_else(|diagnostics| panic!("{diagnostics:?}\n{csv}"))
}

pub(crate) fn found(csv: &str) -> Vec<Finding> {
    check_claims(&claims(csv), &LEXICONS)
}

fn read(name: &str) -> String {
    fs::read_to_string(fixture("consistency").join(name)).unwrap()
}

fn told(findings: &[&Finding]) -> String {
    findings
        .iter()
        .map(|f| {
            format!(
                "  {} {:?} {}: {}; {}\n",
                f.claim,
                f.severity,
                f.rule.name(),
                PHRASES.text(&f.printed),
                PHRASES.text(&f.follows)
            )
        })
        .collect()
}

#[test]
fn every_published_case_gets_its_verdict() {
    let findings = found(&read("lint_claims.csv"));
    let mut reader = csv::Reader::from_path(fixture("consistency/lint_cases.csv")).unwrap();
    let mut failures = String::new();
    let mut cases = 0;
    for row in reader.records() {
        let row = row.unwrap();
        let (id, rule, verdict) = (&row[0], &row[4], &row[6]);
        cases += 1;
        let is_of_case = |finding: &&Finding| {
            finding.claim == id || finding.claim.starts_with(&format!("{id}."))
        };
        let of_case: Vec<&Finding> = findings.iter().filter(is_of_case).collect();
        let fires =
            |severity| of_case.iter().any(|f| f.rule.name() == rule && f.severity == severity);
        let is_met = match verdict {
            "error" => fires(Severity::Error),
            "warning" => fires(Severity::Warning),
            "pass" => of_case.iter().all(|f| f.severity == Severity::Note && f.rule.name() != rule),
            other => panic!("verdict {other}"),
        };
        if !is_met {
            failures += &format!("{id}: {rule} should be {verdict}; found\n{}", told(&of_case));
        }
    }
    assert!(failures.is_empty(), "{failures}");
    assert_eq!(cases, 43);
}

/// Every number of a claim that cannot be is told, not the first alone.
#[test]
fn every_impossible_number_is_told() {
    let csv = "id,measure,estimate,ci_low,ci_high,p,i2,q,percent1,percent2,n1,events1,n2,events2\n\
               a,RR,-0.4,-0.9,0.1,1.2,140,-3,101,10,20,30,20,40\n";
    let mut told: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let findings = found(csv);
    for finding in &findings {
        told.entry(finding.rule.code()).or_default().extend(finding.key);
    }
    assert_eq!(told["C208"], ["estimate", "ci_low"]);
    assert_eq!(told["C209"], ["p", "i2", "q", "percent1"]);
    assert_eq!(told["C105"], ["percent1", "percent2"]);
    assert_eq!(told["C108"], ["events1", "events2"]);
}

#[test]
fn every_rule_fires_and_is_silent() {
    let mut groups: BTreeMap<(String, bool), Vec<Claim>> = BTreeMap::new();
    for claim in claims(&read("rules.csv")) {
        let mut parts = claim.id.split('.');
        let rule = parts.next().unwrap().to_owned();
        let fires = match parts.next().unwrap() {
            "fires" => true,
            "silent" => false,
            other => panic!("{other}"),
        };
        groups.entry((rule, fires)).or_default().push(claim);
    }
    let mut failures = String::new();
    for rule in Rule::ALL {
        // these need the results of a review
        if [Rule::RecomputedDiffers, Rule::SentenceVsVerdict].contains(rule) {
            continue;
        }
        for fires in [true, false] {
            let Some(group) = groups.get(&(rule.name().to_owned(), fires)) else {
                failures += &format!("{} has no case ({fires})\n", rule.name());
                continue;
            };
            let findings = check_claims(group, &LEXICONS);
            let is_met = if fires {
                findings.iter().any(|f| f.rule == *rule)
            } else {
                findings.iter().all(|f| f.severity == Severity::Note && f.rule != *rule)
            };
            if !is_met {
                let all: Vec<&Finding> = findings.iter().collect();
                failures += &format!("{} fires={fires}\n{}", rule.name(), told(&all));
            }
        }
    }
    assert!(failures.is_empty(), "{failures}");
}

#[test]
fn what_is_negated_or_asked_is_not_claimed() {
    for text in [
        "It was tested whether mortality was significantly reduced",
        "Mortality was not found to be significantly reduced",
        "我們檢驗死亡率是否顯著降低",
    ] {
        let csv = format!("id,p,statement\na,0.4,{text}\n");
        assert!(found(&csv).is_empty(), "{text}: {:?}", found(&csv));
    }
    let csv = "id,p,statement\na,0.4,\"The trials did not differ in age, but mortality fell significantly\"\n";
    assert!(found(csv).is_empty(), "both are said");
}

/// A number with so many decimals, as programs print it.
pub(crate) fn fixed(value: f64, decimals: usize) -> String {
    format!("{value:.decimals$}")
}

/// A P value in one of the styles of publications.
pub(crate) fn p_text(p: f64, style: usize) -> String {
    let bound = |limit: &str| format!("<{limit}");
    match style {
        0 if p < 0.001 => bound("0.001"),
        1 if p < 0.0001 => bound("0.0001"),
        2 if p < 0.00001 => bound("0.00001"),
        3 if p < 0.05 => bound("0.05"),
        3 if p > 0.05 => ">0.05".to_owned(),
        4 => fixed(p, 2),
        0 => fixed(p, 3),
        1 => fixed(p, 4),
        _ => format!("{p:.2e}"),
    }
}

/// Errors and warnings.
pub(crate) fn problems(findings: &[Finding]) -> String {
    told(&findings.iter().filter(|f| f.severity != Severity::Note).collect::<Vec<_>>())
}

#[derive(Debug, Clone)]
struct Pooled {
    estimate: f64,
    se: f64,
    k: u32,
    is_t: bool,
    level: f64,
    scale: &'static str,
    ci_scale: &'static str,
    decimals: [usize; 4],
    p_style: usize,
    q: f64,
}

fn pooled() -> impl Strategy<Value = Pooled> {
    let scales = prop_oneof![
        Just(("log", "log")),
        Just(("ratio", "ratio")),
        Just(("ratio", "log")),
        Just(("percent", "ratio")),
        Just(("difference", "difference")),
    ];
    (
        -2.5..2.5f64,
        0.02..1.5f64,
        2u32..40,
        any::<bool>(),
        prop_oneof![Just(90.0), Just(95.0), Just(99.0)],
        scales,
        [1usize..6, 1usize..6, 1usize..6, 1usize..6],
        0usize..6,
        0.0..150.0f64,
    )
        .prop_map(|(estimate, se, k, is_t, level, (scale, ci_scale), decimals, p_style, q)| {
            Pooled { estimate, se, k, is_t, level, scale, ci_scale, decimals, p_style, q }
        })
}

impl Pooled {
    fn reference(&self) -> Reference {
        if self.is_t { Reference::T(f64::from(self.k - 1)) } else { Reference::Normal }
    }

    fn p(&self) -> f64 {
        self.reference().two_sided(self.estimate / self.se)
    }

    /// As a row of a table of claims, with what a careful author would say.
    fn csv(&self, p: &str) -> String {
        let critical = self.reference().critical(self.level / 100.0);
        let half = critical * self.se;
        let on = |value: f64, scale: &str, decimals: usize| match scale {
            "ratio" => fixed(value.exp(), decimals),
            "percent" => fixed(100.0 * value.exp_m1(), decimals),
            _ => fixed(value, decimals),
        };
        let df = f64::from(self.k - 1);
        let i2 = if self.q > df { 100.0 * (self.q - df) / self.q } else { 0.0 };
        let threshold = Reference::Normal.critical(1.0 - 0.05 / f64::from(self.k));
        let measure = if self.scale == "difference" { "MD" } else { "OR" };
        let word = if self.estimate > 0.0 { "higher" } else { "lower" };
        let alpha = 1.0 - self.level / 100.0;
        let statement = if self.p() <= alpha.min(0.05) {
            format!("The value was significantly {word}")
        } else if self.p() > alpha.max(0.05) {
            format!("The value was not significantly {word}")
        } else {
            String::new()
        };
        let [a, b, c, d] = self.decimals;
        format!(
            "id,measure,scale,ci_scale,estimate,ci_low,ci_high,level,se,p,k,q,df,q_p,i2,method,threshold,statement\n\
             a,{measure},{},{},{},{},{},{},{},{p},{},{},{df},{},{},DL,{},{statement}\n",
            self.scale,
            self.ci_scale,
            on(self.estimate, self.scale, a),
            on(self.estimate - half, self.ci_scale, b),
            on(self.estimate + half, self.ci_scale, c),
            self.level,
            fixed(self.se, d.max(2)),
            self.k,
            fixed(self.q, a),
            fixed(chi_squared_upper_tail(self.q, df), b),
            fixed(i2, c - 1),
            fixed(threshold, d),
        )
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn a_true_pooled_result_never_fails(pooled in pooled()) {
        let csv = pooled.csv(&p_text(pooled.p(), pooled.p_style));
        let findings = found(&csv);
        prop_assert!(problems(&findings).is_empty(), "{}{csv}", problems(&findings));
    }

    #[test]
    fn a_p_that_the_interval_excludes_is_found(mut pooled in pooled()) {
        pooled.decimals = [5; 4];
        pooled.is_t = false;
        prop_assume!(pooled.k > 12);
        let p = pooled.p();
        let wrong = if p > 0.05 { p / 20.0 } else { 0.5 };
        let csv = pooled.csv(&fixed(wrong, 5));
        prop_assume!(!csv.contains("0.00000,0.00000"));
        let findings = found(&csv);
        prop_assert!(findings.iter().any(|f| f.rule == Rule::CiVsP), "{csv}");
    }

    #[test]
    fn true_counts_never_fail(
        (n1, n2) in (1u32..400, 1u32..400),
        (share1, share2) in (0.0..=1.0f64, 0.0..=1.0f64),
        decimals in [0usize..4, 1usize..5, 1usize..5],
        measure in prop_oneof![Just("OR"), Just("RR"), Just("RD")],
    ) {
        let (n1, n2) = (f64::from(n1), f64::from(n2));
        let (a, c) = ((share1 * n1).round(), (share2 * n2).round());
        let (b, d) = (n1 - a, n2 - c);
        prop_assume!(a * b * c * d > 0.0);
        let z = Reference::Normal.critical(0.95);
        let (value, se) = match measure {
            "OR" => ((a * d / b / c).ln(), (1.0 / a + 1.0 / b + 1.0 / c + 1.0 / d).sqrt()),
            "RR" => ((a * n2 / c / n1).ln(), (1.0 / a - 1.0 / n1 + 1.0 / c - 1.0 / n2).sqrt()),
            _ => (a / n1 - c / n2, (a * b / n1.powi(3) + c * d / n2.powi(3)).sqrt()),
        };
        let on = |value: f64| if measure == "RD" { value } else { value.exp() };
        let p = Reference::Normal.two_sided(value / se);
        let [x, y, w] = decimals;
        let csv = format!(
            "id,measure,events1,n1,events2,n2,percent1,percent2,estimate,ci_low,ci_high,p,se\n\
             a,{measure},{a},{n1},{c},{n2},{},{},{},{},{},{},{}\n",
            fixed(100.0 * a / n1, x), fixed(100.0 * c / n2, x), fixed(on(value), y),
            fixed(on(value - z * se), w), fixed(on(value + z * se), w), p_text(p, w), fixed(se, 3),
        );
        let findings = found(&csv);
        prop_assert!(problems(&findings).is_empty(), "{}{csv}", problems(&findings));
    }

    #[test]
    fn a_true_pooled_odds_ratio_has_events_enough(
        tables in prop::collection::vec((1u32..80, 1u32..80, 0.0..0.5f64, 0.0..0.5f64), 1..12),
    ) {
        let (mut precision, mut events) = ([0.0, 0.0], [0.0, 0.0]);
        for (n1, n2, share1, share2) in &tables {
            let (n1, n2) = (f64::from(*n1), f64::from(*n2));
            let (a, c) = ((share1 * n1).round(), (share2 * n2).round());
            events[0] += a;
            events[1] += c;
            let add = if a * c * (n1 - a) * (n2 - c) == 0.0 { 0.5 } else { 0.0 };
            let cells = [a, n1 - a, c, n2 - c].map(|cell| cell + add);
            precision[0] += 1.0 / cells.iter().map(|cell| 1.0 / cell).sum::<f64>();
        }
        precision[1] = 1.0 / precision[0].sqrt();
        let csv = format!(
            "id,measure,k,events1,events2,se\na,OR,{},{},{},{}\n",
            tables.len(), events[0], events[1], fixed(precision[1], 3),
        );
        prop_assert!(found(&csv).is_empty(), "{csv}");
    }

    #[test]
    fn means_of_whole_numbers_never_fail(
        people in prop::collection::vec(prop::collection::vec(0u32..8, 1..5), 2..40),
        items in 1usize..5,
        decimals in [0usize..4, 0usize..4],
        is_sample in any::<bool>(),
    ) {
        let sums: Vec<f64> = people
            .iter()
            .map(|answers| {
                f64::from((0..items).map(|i| answers[i % answers.len()]).sum::<u32>()) / items as f64
            })
            .collect();
        let n = sums.len() as f64;
        let mean = sums.iter().sum::<f64>() / n;
        let squares: f64 = sums.iter().map(|x| (x - mean).powi(2)).sum();
        let sd = (squares / if is_sample { n - 1.0 } else { n }).sqrt();
        let csv = format!(
            "id,mean,sd,n,items\na,{},{},{n},{items}\n",
            fixed(mean, decimals[0]), fixed(sd, decimals[1]),
        );
        prop_assert!(problems(&found(&csv)).is_empty(), "{}{csv}", problems(&found(&csv)));
    }

    #[test]
    fn a_mean_between_two_possible_ones_is_found(n in 5u32..40, sum in 0u32..200) {
        let mean = (f64::from(sum) + 0.5) / f64::from(n);
        let csv = format!("id,mean,n,items\na,{},{n},1\n", fixed(mean, 3));
        prop_assert!(found(&csv).iter().any(|f| f.rule == Rule::Grim), "{csv}");
    }

    #[test]
    fn true_sums_never_fail_and_wrong_ones_do(
        parts in prop::collection::vec(0u32..500, 1..8),
        left in 0u32..500,
        off in 1u32..50,
    ) {
        let total: u32 = parts.iter().sum::<u32>() + left;
        let removed = parts.iter().map(u32::to_string).collect::<Vec<_>>().join("; ");
        let csv = |left: u32| format!("id,start,removed,left,total,parts\na,{total},{removed},{left},{total},{removed}; {left}\n");
        prop_assert!(found(&csv(left)).is_empty());
        let findings = found(&csv(left + off));
        for rule in [Rule::FlowArithmetic, Rule::TotalVsSum] {
            prop_assert!(findings.iter().any(|f| f.rule == rule));
        }
    }

    #[test]
    fn no_table_makes_a_rule_panic(cells in prop::collection::vec("[-<>]?[0-9]{0,4}(\\.[0-9]{1,3})?(e-?[0-9]{1,3})?", 36)) {
        let names: Vec<&str> = build_report::consistency::Field::ALL.iter().map(|f| f.name()).collect();
        let csv = format!(
            "id,measure,statement,{}\na,OR,\"risk rose 3-fold by 20%, significantly, P = 0.2, OR=1\",{}\n",
            names.join(","),
            cells.iter().cycle().take(names.len()).cloned().collect::<Vec<_>>().join(","),
        );
        let mut sources = Sources::default();
        let source = sources.add("claims.csv".to_owned(), csv);
        let table = Table::parse(&sources, source);
        if let Ok(claims) = table.and_then(|table| read_claims(&sources, &table)) {
            let _ = check_claims(&claims, &LEXICONS);
        }
    }
}

/// A folder with a table of claims.
fn folder_with(csv: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("claims.csv"), csv).unwrap();
    folder
}

/// What is told on standard error, where the folder in which the program ran has one name.
fn told_in(folder: &Path, output: &Output) -> String {
    stderr(output).replace(&*folder.file_name().unwrap().to_string_lossy(), "folder")
}

#[test]
fn a_table_of_claims_is_checked_alone() {
    let folder = folder_with(&read("lint_claims.csv"));
    let output = run(folder.path(), &["check", "--claims", "claims.csv"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(stdout(&output), "");
    insta::assert_snapshot!("claims_messages", told_in(folder.path(), &output));
    let output =
        run(folder.path(), &["check", "--claims", "claims.csv", "--message-format", "json"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(stderr(&output), "");
    let first = stdout(&output).lines().next().unwrap().to_owned();
    insta::assert_snapshot!("claims_json", first);
    for line in stdout(&output).lines() {
        let object: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(object["line"].as_u64().unwrap() > 1);
    }
}

#[test]
fn exit_codes_of_claims_follow_severity() {
    let code = |csv: &str, arguments: &[&str]| {
        let folder = folder_with(csv);
        let all = [&["check", "--claims", "claims.csv"], arguments].concat();
        run(folder.path(), &all).status.code()
    };
    let warning = "id,k,regression_p\na,6,0.3\n";
    assert_eq!(code(warning, &[]), Some(0));
    assert_eq!(code(warning, &["--strict"]), Some(1));
    let note = "id,p\na,0.05\n";
    assert_eq!(code(note, &["--strict"]), Some(0));
    assert_eq!(code("id,p\na,1.2\n", &[]), Some(1));
    let folder = folder_with("id,p\na,0.2\nb,0.3\n");
    let output = run(folder.path(), &["check", "--claims", "claims.csv"]);
    assert_eq!((output.status.code(), stderr(&output)), (Some(0), "2 claims agree\n".to_owned()));
    let output = run(folder.path(), &["check", "--claims", "nowhere.csv"]);
    assert_eq!(output.status.code(), Some(2));
    let output = run(folder.path(), &["check"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_table_that_cannot_be_read_is_told_with_its_places() {
    let folder = folder_with(
        "id,p,estimat,measure,scale\na,n/a,1,OR,ratio\na,0.2,1,ORR,linear\n,0.3,1,OR,log\n",
    );
    let output = run(folder.path(), &["check", "--claims", "claims.csv"]);
    assert_eq!(output.status.code(), Some(1));
    insta::assert_snapshot!("claims_mistakes", told_in(folder.path(), &output));
}

#[test]
fn every_code_is_explained() {
    let folder = tempfile::tempdir().unwrap();
    let codes = build_report::diagnostic::Code::ALL.map(|code| code.as_str());
    let rules = Rule::ALL.iter().map(|rule| rule.code());
    let list = stdout(&run(folder.path(), &["explain"]));
    let listed: Vec<&str> = list.lines().map(|line| line.split(' ').next().unwrap()).collect();
    let all: Vec<&str> = codes.into_iter().chain(rules).collect();
    assert_eq!(listed, all);
    for code in ["E0204", "C201", "ci-vs-p", "c304"] {
        let output = run(folder.path(), &["explain", code]);
        assert_eq!(output.status.code(), Some(0), "{code}: {}", stderr(&output));
        assert!(stdout(&output).contains("To mend it"), "{code}");
    }
    insta::assert_snapshot!("explain", stdout(&run(folder.path(), &["explain", "C201"])));
    let output = run(folder.path(), &["explain", "C2O1"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("C201"), "{}", stderr(&output));
}

#[test]
fn every_column_of_a_table_of_claims_is_documented() {
    let spec = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/SPEC.md")).unwrap();
    for (column, meaning) in build_report::consistency::columns() {
        assert!(
            spec.contains(&format!("| `{column}` | {meaning} |")),
            "`{column}` is not in SPEC.md"
        );
    }
}
