//! A review that has one text in every place where an author can write one.

use build_report::consistency::{ReviewClaims, check_review};
use build_report::pipeline;
use build_report::project::Inputs;
use build_report::render::assets::Assets;
use build_report::render::template;
use build_report::report::number::Numbers;
use build_report::report::view::{FileView, ReportView, consistency_view, report_view};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The files of the review by their path.
#[must_use]
pub fn review(text: &str) -> BTreeMap<String, Vec<u8>> {
    let step = json!({"reviewers": 2, "independent": true, "disagreements": text});
    let review = json!({
        "id": "everywhere", "version": "1", "title": text, "authors": [text, "B"], "about": [text],
        "flow": "flow.csv",
        "risk_of_bias": {"data": "rob.csv", "tool": "RoB2"},
        "claims": "claims.csv",
        "translations": {"zh-Hans": "zh-Hans.csv"},
        "picos": {
            "population": {"inclusion": [text], "exclusion": text},
            "intervention": {"inclusion": text}, "comparison": {"inclusion": text},
            "outcome": {"inclusion": text}, "study": {"inclusion": text},
        },
        "search": {
            "databases": [{"name": text, "from": text, "to": text, "records": "1", "query": text}],
            "other": text, "restrictions": text,
        },
        "process": {
            "screening": step, "extraction": step,
            "risk_of_bias": {
                "reviewers": 2, "independent": true, "disagreements": text, "tool": text,
            },
            "registration": {"register": text, "number": text, "date": text},
        },
        "characteristics": {
            "data": "studies.csv",
            "columns": [
                "study", {"column": "country", "title": text, "group": format!("{text} g")},
                {"column": "dose", "title": "Dose"},
            ],
            "groups": {"by": "group"}, "missing": text, "notes": text,
            "footnotes": [{"row": format!("{text} A"), "column": "country", "note": text}],
        },
        "abbreviations": {"CI": text},
        "summary_of_findings": [{
            "analysis": "counts", "outcome": text, "baseline_risk": "median", "certainty": "moderate",
            "reasons": [{"domain": "risk of bias", "rating": "serious", "reason": text}],
            "comment": text,
        }],
        "defaults": {"arms": {"experimental": text, "control": format!("{text} c")}},
        "chapters": [
            {"title": text, "analyses": ["counts", "events"]}, {"title": "Studies", "analyses": "table"},
        ],
    });
    let counts = json!({
        "id": "counts", "title": text, "note": [text], "kind": "binary", "measure": "OR",
        "event": text,
        "data": "studies.csv", "subgroups": "group", "moderators": ["dose", "country"],
        "columns": {
            "study": "study", "source": "country",
            "events1": "e1", "total1": "n1", "events2": "e2", "total2": "n2",
        },
        "figures": ["funnel", "baujat", "labbe", "radial", "influence", "leave_one_out", "cumulative", "bubble"],
        "tables": ["model", "heterogeneity", "influence"],
        "published": {"source": text, "k": "5", "estimate": {"value": "0.9", "scale": "ratio"}, "note": text, "statements": [text]},
        "accept": [{"code": "C301", "reason": text}],
    });
    let events = json!({
        "id": "events", "title": text, "note": text, "kind": "adverse-events", "data": "events.csv",
        "columns": {
            "study": "study", "category": "class", "event": "term",
            "events1": "e1", "total1": "n1", "events2": "e2", "total2": "n2",
        },
    });
    let table = json!({
        "id": "table", "title": text, "kind": "table", "data": "studies.csv",
        "table": {
            "columns": ["study", {"column": "country", "title": text}], "missing": text, "notes": text,
        },
    });
    let curves = json!({
        "id": "curves", "title": text, "note": text, "kind": "survival", "data": "patients.csv",
        "columns": {"time": "time", "event": "event", "group": "group"},
        "survival": {"unit": text, "landmarks": [2]},
    });
    let label = |suffix: &str| cell(&format!("{text} {suffix}"));
    let mut studies = "study,group,country,dose,e1,n1,e2,n2\n".to_owned();
    let mut rob = "Study,D1,D2,D3,D4,D5,Overall\n".to_owned();
    let counted = [(3, 40, 5, 41), (1, 38, 4, 37), (7, 60, 9, 58), (2, 30, 2, 31), (5, 70, 11, 72)];
    for (at, (e1, n1, e2, n2)) in counted.into_iter().enumerate() {
        let study = label(["A", "B", "C", "D", "E"][at]);
        let group = label(["first", "second"][at % 2]);
        let country = label(["x", "y"][usize::from(at > 2)]);
        studies.push_str(&format!("{study},{group},{country},{},{e1},{n1},{e2},{n2}\n", at + 1));
        rob.push_str(&format!("{study},Low,High,Low,Some concerns,Low,High\n"));
    }
    let own = cell(text);
    let events_table = format!(
        "study,class,term,e1,n1,e2,n2\n{a},{own},{own},1,40,2,41\n{b},{own},,2,38,3,37\n",
        a = label("A"),
        b = label("B"),
    );
    let patients: String = (1..=8)
        .map(|n| format!("{n},{},{}\n", n % 3, label(["one", "two"][n % 2])))
        .collect::<String>()
        .replace(",2,", ",1,");
    let flow = format!(
        "data,n\ndatabase_results,100\ndatabase_specific_results,{}\nduplicates,10\n\
         records_screened,90\nrecords_excluded,80\ndbr_sought_reports,10\n\
         dbr_notretrieved_reports,0\ndbr_assessed,10\ndbr_excluded,{}\nnew_studies,5\nnew_reports,5\n",
        cell(&format!("{}, 100", text.replace([';', '；'], ":"))),
        cell(&format!("{}, 5", text.replace([';', '；'], ":"))),
    );
    let claims = format!(
        "id,source,place,section,subject,study,statement,k,p\n{own},{own},{own},{own},{own},{own},{own},5,0.2\n"
    );
    let translations = format!("text,translation\n{own},{own}\n");
    let yaml = |value: &Value| value.to_string().into_bytes();
    [
        ("review.yaml", yaml(&review)),
        ("counts.yaml", yaml(&counts)),
        ("events.yaml", yaml(&events)),
        ("table.yaml", yaml(&table)),
        ("curves.yaml", yaml(&curves)),
        ("studies.csv", studies.into_bytes()),
        ("rob.csv", rob.into_bytes()),
        ("events.csv", events_table.into_bytes()),
        ("patients.csv", format!("time,event,group\n{patients}").into_bytes()),
        ("flow.csv", flow.into_bytes()),
        ("claims.csv", claims.into_bytes()),
        ("zh-Hans.csv", translations.into_bytes()),
    ]
    .map(|(name, bytes)| (name.to_owned(), bytes))
    .into()
}

/// A cell of CSV in quotes.
fn cell(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// The Typst sources of the review; none where the text is refused.
#[must_use]
pub fn typst_sources(text: &str, assets: &Assets) -> Option<BTreeMap<String, String>> {
    let inputs = Inputs::from_files(PathBuf::new(), review(text));
    let checked = pipeline::check(&inputs).ok()?;
    let style = pipeline::house_style(&checked.review, assets).ok()?;
    let language = checked.review.language;
    let findings = checked.analyse();
    let lexicons = pipeline::lexicons(assets).ok()?;
    let analyses: Vec<_> = findings.analyses().collect();
    let said = ReviewClaims { about: &findings.review.about, claims: &findings.claims };
    let (consistency, _) = check_review(&analyses, said, &lexicons, &inputs.sources);
    let phrases = pipeline::phrases(assets).ok()?;
    let library = pipeline::work_library(assets).ok()?;
    let view = ReportView {
        consistency: consistency_view(&consistency, &phrases, Numbers::of(&style)),
        ..report_view(&findings, &style, None, pipeline::PROGRAM, &library)
    };
    let file = FileView::new("0123456789", inputs.bytes.keys().map(String::as_str));
    let documents = template::documents(&view, &file, language, assets);
    Some(documents.unwrap_or_else(|error| panic!("{error:?}\n{text:?}")).sources)
}
