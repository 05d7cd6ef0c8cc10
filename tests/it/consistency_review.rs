//! The claims and sentences of a review against its own results: judgements, findings,
//! acceptances, and the last section of the report.

#[cfg(feature = "embedded-typst")]
use crate::support::report_source;
use crate::support::{copy_tree, fixture, run, stderr, stdout};
use build_report::consistency::{Consistency, Field, Judgement, ReviewClaims, Rule, check_review};
use build_report::pipeline::{check, lexicons};
use build_report::project::read_review;
use build_report::render::assets::Assets;
use std::fs;
use std::path::Path;

/// A small review whose analysis of pain has these further lines.
fn review(lines: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy_tree(&fixture("bad_inputs/_base"), &folder.path().join("review"));
    let spec = format!("id: pain\ntitle: Pain\nfilter: {{outcome: pain}}\n{lines}");
    fs::write(folder.path().join("review/pain.yaml"), spec).unwrap();
    folder
}

fn examined(folder: &Path) -> Consistency {
    examined_all(folder).remove(0)
}

fn examined_all(folder: &Path) -> Vec<Consistency> {
    let inputs = read_review(&folder.join("review")).unwrap();
    let findings = check(&inputs).unwrap_or_else(|found| panic!("{found:?}")).analyse();
    let words = lexicons(&Assets::embedded()).unwrap();
    let said = ReviewClaims { about: &findings.review.about, claims: &findings.claims };
    let analyses: Vec<_> = findings.analyses().collect();
    check_review(&analyses, said, &words, &inputs.sources).0
}

fn judgement(checked: &Consistency, field: Field) -> Judgement {
    checked.comparisons.iter().find(|it| it.field == field).unwrap().judgement
}

/// The results of the review with so many decimals, as a publication would print them.
fn printed(decimals: usize) -> String {
    let folder = review("");
    let output = run(folder.path(), &["eval", "review"]);
    let result: serde_json::Value = serde_json::from_str(&stdout(&output)).unwrap();
    let model = &result["model"];
    let of = |value: &serde_json::Value| format!("{:.decimals$}", value.as_f64().unwrap());
    let ratio = |key: &str| format!("{:.decimals$}", model[key][0].as_f64().unwrap().exp());
    format!(
        "published:\n  k: {}\n  estimate: {{value: {}, scale: ratio}}\n  ci: {{low: {}, high: {}, scale: ratio}}\n  \
         p: {}\n  i2: {}\n  tau2: {}\n  se: {}\n  q: {}\n  df: {}\n  q_p: {}\n  n1: 78\n  events2: 18\n",
        result["k"],
        ratio("beta"),
        ratio("ci_lb"),
        ratio("ci_ub"),
        of(&model["pval"][0]),
        of(&model["i2"]),
        of(&model["tau2"]),
        of(&model["se"][0]),
        of(&model["qe"]),
        model["qe_df"].as_f64().unwrap(),
        of(&model["qe_p"]),
    )
}

#[test]
fn the_results_of_the_review_are_reproduced_with_any_digits() {
    for decimals in 1..8 {
        let folder = review(&printed(decimals));
        let checked = examined(folder.path());
        assert_eq!(checked.comparisons.len(), 13);
        for comparison in &checked.comparisons {
            assert_eq!(comparison.judgement, Judgement::Reproduced, "{comparison:?}");
        }
        assert!(checked.findings.iter().all(|it| !it.is_open()), "{:?}", checked.findings);
    }
}

#[test]
fn other_results_are_consistent_or_not_or_not_checkable() {
    let folder = review(
        "published:\n  k: 4\n  estimate: {value: 0.61, scale: ratio}\n  ci: {low: -0.6, high: 0.4, scale: difference}\n  \
         p: 0.03\n  threshold: 9.1\n  i2: \"<40\"\n",
    );
    let checked = examined(folder.path());
    assert_eq!(judgement(&checked, Field::K), Judgement::Inconsistent);
    assert_eq!(judgement(&checked, Field::Estimate), Judgement::Consistent);
    assert!(matches!(judgement(&checked, Field::CiLow), Judgement::NotCheckable(_)));
    assert_eq!(judgement(&checked, Field::P), Judgement::Inconsistent);
    assert_eq!(judgement(&checked, Field::Threshold), Judgement::Inconsistent);
    assert_eq!(judgement(&checked, Field::I2), Judgement::Consistent);
    assert!(checked.findings.iter().any(|it| it.rule == Rule::RecomputedDiffers));
}

#[test]
fn published_sentences_are_read_with_their_numbers() {
    let folder = review(
        "published:\n  p: 0.058\n  statements: [Pain was significantly reduced, Pain fell by 17% (P = 0.058)]\n",
    );
    let checked = examined(folder.path());
    let claims: Vec<_> =
        checked.findings.iter().filter(|it| it.rule == Rule::SignificanceClaimVsP).collect();
    assert_eq!(claims.len(), 1, "{:?}", checked.findings);
    assert_eq!(claims[0].key, Some("statement"));
}

#[test]
fn own_sentences_that_the_verdict_does_not_allow_are_found() {
    for (note, is_wrong) in [
        ("Pain was significantly reduced.", true),
        ("The trials show that pain was significantly reduced by the treatment.", true),
        ("Pain did not differ significantly.", false),
        ("It is not known whether pain was significantly reduced.", false),
        ("For fever the article prints a significant increase.", false),
        ("The effect on pain is fully equal in both groups.", true),
        ("疼痛未显著降低 (pain)。", false),
        ("疼痛显著降低 (pain)。", true),
    ] {
        let folder = review(&format!("note: \"{note}\"\n"));
        let found = examined(folder.path()).findings;
        let is_found = found.iter().any(|it| it.rule == Rule::SentenceVsVerdict);
        assert_eq!(is_found, is_wrong, "{note}: {found:?}");
    }
}

#[test]
fn check_tells_open_findings_and_strict_fails_on_them() {
    let lines = "note: Pain was significantly reduced.\npublished:\n  k: 3\n  p: 0.2\n  ci: {low: 0.5, high: 0.9, scale: ratio}\n";
    let folder = review(lines);
    let output = run(folder.path(), &["check", "review"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    insta::assert_snapshot!("review_findings", stderr(&output));
    let output = run(folder.path(), &["check", "review", "--strict"]);
    assert_eq!(output.status.code(), Some(1));
    // accepted, each with its reason
    let accept = "accept:\n  - {code: C201, reason: known to the authors}\n  - {code: C702, reason: a quotation}\n  - {code: C701, reason: other trials}\n";
    let folder = review(&format!("{lines}{accept}"));
    let output = run(folder.path(), &["check", "review", "--strict"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let accepted = examined(folder.path()).findings;
    assert!(accepted.iter().any(|it| it.accepted.as_deref() == Some("known to the authors")));
}

#[test]
fn an_acceptance_that_nothing_needs_is_a_warning() {
    let folder = review("accept: [{code: ci-vs-p, reason: none}]\n");
    let output = run(folder.path(), &["check", "review"]);
    assert_eq!(output.status.code(), Some(0));
    insta::assert_snapshot!("unused_acceptance", stderr(&output));
}

#[cfg(feature = "embedded-typst")]
#[test]
fn the_report_ends_with_what_was_printed_and_found() {
    let folder = review(
        "note: Pain was significantly reduced.\npublished: {k: 4, p: 0.2, ci: {low: 0.5, high: 0.9, scale: ratio}}\n\
         accept: [{code: C201, reason: \"known to the authors #[*]\"}]\n",
    );
    let output = run(folder.path(), &["review", "--format", "pdf,typ"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let version = folder.path().join("output/sample/1");
    let findings = fs::read_to_string(version.join("findings.json")).unwrap();
    insta::assert_snapshot!("findings_json", findings);
    let source = report_source(&version);
    let section = &source[source.find("Printed and recomputed").unwrap()..];
    insta::assert_snapshot!("consistency_section", &section[..section.find("Appendix").unwrap()]);
}

/// A number that differs from the result is told by its row, with the reason of its acceptance.
#[cfg(feature = "embedded-typst")]
#[test]
fn numbers_that_differ_are_told_once() {
    let published =
        "published: {p: 0.03, i2: 99, estimate: {value: 0.20, scale: ratio}, source: Trialists}\n";
    let section = |accept: &str| {
        let folder = review(&format!("{published}{accept}"));
        let output = run(folder.path(), &["review", "--format", "typ"]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let version = folder.path().join("output/sample/1");
        let source = report_source(&version);
        let found = fs::read_to_string(version.join("findings.json")).unwrap();
        assert_eq!(found.matches("\"C701\"").count(), 3, "{found}");
        let start = source.find("Printed and recomputed").unwrap();
        source[start..].split("Appendix").next().unwrap().to_owned()
    };
    let open = section("");
    assert!(open.contains("3 #\"numbers differ\";") && open.contains("3 of them #\"are\"; open"));
    assert!(!open.contains("Findings of the consistency check"), "{open}");
    assert!(!open.contains("accepted by a reviewer\";"), "{open}");
    let accepted = section("accept: [{code: C701, reason: other trials}]\n");
    assert!(accepted.contains("0 of them #\"are\"; open"), "{accepted}");
    assert_eq!(accepted.matches("other trials").count(), 1, "{accepted}");
    assert_eq!(accepted.matches("#\", \";#\"accepted\";").count(), 2, "{accepted}");
}

#[cfg(feature = "embedded-typst")]
#[test]
fn a_review_without_claims_has_no_such_section() {
    let folder = review("");
    let output = run(folder.path(), &["review", "--format", "typ"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let version = folder.path().join("output/sample/1");
    assert_eq!(fs::read_to_string(version.join("findings.json")).unwrap(), "[]\n");
    let source = report_source(&version);
    assert!(!source.contains("Printed and recomputed"));
}

/// Claims of the review's table: against the analysis that they name, else against themselves.
#[test]
fn listed_claims_are_held_against_analyses_and_against_themselves() {
    let folder = review("");
    let spec = fs::read_to_string(folder.path().join("review/review.yaml")).unwrap();
    fs::write(folder.path().join("review/review.yaml"), format!("{spec}claims: claims.csv\n"))
        .unwrap();
    let table = "id,subject,study,analysis,scale,measure,k,estimate,ci_low,ci_high,p,n,events,percent,\
                 start,removed,left,parts,total,list,count,threshold,accept\n\
                 pooled,Pain,,pain,ratio,OR,9,0.60,,,,,,,,,,,,,,,\n\
                 response,Response,Trial A,,,,,,,,,54,38,70,,,,,,,,,\n\
                 wrong,Response,Trial B,,,,,,,,,54,30,70,,,,,,,,,known to the authors\n\
                 flow,Records,,,,,,,,,,,,,207,169,36,,,,,,\n\
                 sum,Responses,,,,,,,,,,,,,,,,complete=16; partial=22,38,,,,\n\
                 names,Classes,,,,,,,,,,,,,,,,,,a; b; c,3,,\n\
                 effect,Fever,,,ratio,OR,,1.38,1.02,1.86,0.036,,,,,,,,,,,,\n\
                 bound,Death,,,,,,,,,<0.001,,,,,,,,,,,,\n\
                 limit,Outliers,,,,,5,,,,,,,,,,,,,,,2.6383,\n";
    fs::write(folder.path().join("review/claims.csv"), table).unwrap();
    let checked = examined_all(folder.path());
    let of = |id: &str| checked.iter().find(|it| it.id == id).unwrap();
    let judged = |id: &str, field| {
        let found = of(id).comparisons.iter().find(|it| it.field == field).unwrap();
        (found.recomputed.map(|value| (value * 1000.0).round() / 1000.0), found.judgement)
    };
    // the analysis of the base has two studies
    assert_eq!(judged("pooled", Field::K).1, Judgement::Inconsistent);
    assert!(judged("pooled", Field::Estimate).0.is_some());
    assert_eq!(judged("response", Field::Percent), (Some(70.37), Judgement::Reproduced));
    assert_eq!(of("response").title, "Response, Trial A");
    assert_eq!(of("response").comparisons.len(), 1, "events and n are shown by the percentage");
    assert_eq!(judged("wrong", Field::Percent), (Some(55.556), Judgement::Inconsistent));
    assert_eq!(of("wrong").findings[0].accepted.as_deref(), Some("known to the authors"));
    assert_eq!(judged("flow", Field::Left), (Some(38.0), Judgement::Inconsistent));
    assert!(of("flow").findings.iter().any(|it| it.rule == Rule::FlowArithmetic && it.is_open()));
    assert_eq!(judged("sum", Field::Total), (Some(38.0), Judgement::Reproduced));
    assert_eq!(judged("names", Field::Count), (Some(3.0), Judgement::Reproduced));
    assert_eq!(judged("effect", Field::P), (Some(0.037), Judgement::Consistent));
    assert!(matches!(judged("bound", Field::P), (None, Judgement::NotCheckable(_))));
    assert_eq!(judged("limit", Field::Threshold), (Some(2.576), Judgement::Inconsistent));
}

/// A sentence that was printed at two places is found twice and told once, with the effect beside
/// it as it was printed.
#[cfg(feature = "embedded-typst")]
#[test]
fn what_was_printed_twice_is_told_once() {
    let folder = review("");
    let path = folder.path().join("review/review.yaml");
    let spec = fs::read_to_string(&path).unwrap();
    fs::write(path, format!("{spec}claims: claims.csv\n")).unwrap();
    let table = "id,place,subject,measure,scale,estimate,statement\n\
                 first,Figure 3,Fever,RR,ratio,2.02,Fever was less frequent.\n\
                 again,Figure 5,Fever,RR,ratio,2.02,Fever was less frequent.\n";
    fs::write(folder.path().join("review/claims.csv"), table).unwrap();
    let output = run(folder.path(), &["review", "--format", "typ"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let version = folder.path().join("output/sample/1");
    let found = fs::read_to_string(version.join("findings.json")).unwrap();
    assert_eq!(found.matches("\"C406\"").count(), 2, "{found}");
    let source = report_source(&version);
    assert_eq!(source.matches("beside an effect of 2.02 (ratio)").count(), 1, "{source}");
    assert!(source.contains("Of the findings below, 1 #\"is\"; open"), "{source}");
}
