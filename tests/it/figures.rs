//! Every figure beside the forest plot, drawn from real and from awkward data into one document.

use crate::figures_of_effects::{
    baujats, bubbles, funnels, influence_panels, labbes, radials, sequentials,
};
use crate::figures_of_evidence::{biases, flows, survivals};
use crate::support::fixture;
use build_report::render::assets::Assets;
use build_report::render::template::string_literal;
use build_report::render::{Documents, Engine, FIGURES, REPORT, TYPEFACES};
use build_report::stats::Effect;
use build_report::stats::binary::{AddTo, Measure, TwoByTwo, ZeroCells, effects};
use build_report::stats::design::Design;
use build_report::stats::pooling::inverse_variance::{Fit, Model, Test, fit};
use build_report::stats::tau_squared::Estimator;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

pub(crate) const REML: Model = Model::Random(Estimator::RestrictedMaximumLikelihood);

/// A call of a figure's Typst function.
pub(crate) struct Figure {
    /// `file/function`.
    function: &'static str,
    view: Value,
    words: Value,
    /// Texts that the page must hold.
    texts: Vec<String>,
}

impl Figure {
    pub(crate) fn new(
        function: &'static str,
        view: impl Serialize,
        words: Value,
        texts: &[&str],
    ) -> Self {
        let view = serde_json::to_value(view).unwrap();
        let texts = texts.iter().map(|text| (*text).to_owned()).collect();
        Self { function, view, words, texts }
    }
}

#[test]
fn every_figure_is_drawn_and_can_be_read_back() {
    let figures: Vec<Figure> = [
        funnels(),
        baujats(),
        labbes(),
        bubbles(),
        radials(),
        influence_panels(),
        sequentials(),
        biases(),
        flows(),
        survivals(),
    ]
    .into_iter()
    .flatten()
    .collect();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let path = folder.join("figures.pdf");
    fs::write(&path, set(&figures)).unwrap();
    // the reader is not part of the project
    let Ok(output) =
        Command::new("pdftotext").args(["-layout", "-enc", "UTF-8"]).arg(&path).arg("-").output()
    else {
        return;
    };
    let text = String::from_utf8(output.stdout).unwrap();
    let squeeze = |text: &str| text.split_whitespace().collect::<String>();
    let read = squeeze(&text);
    for figure in &figures {
        for text in &figure.texts {
            assert!(
                read.contains(&squeeze(text)),
                "{}: `{text}` is not on the page",
                figure.function
            );
        }
    }
}

/// The figures, each on pages of its own, as PDF.
fn set(figures: &[Figure]) -> Vec<u8> {
    let mut main = String::from("#import \"style.typ\": *\n#set document(title: \"Figures\")\n");
    main.push_str("#set page(paper: \"a4\", margin: 2cm)\n");
    main.push_str("#set text(font: serif, size: 10pt, fill: ink, lang: \"en\")\n");
    for figure in figures {
        let (file, function) = figure.function.split_once('/').unwrap();
        writeln!(main, "#import \"figures/{file}.typ\": {function}").unwrap();
        let (view, words) = (code(&figure.view), code(&figure.words));
        writeln!(main, "#{function}({view}, {words})\n#pagebreak(weak: true)").unwrap();
    }
    let templates = fixture("../templates");
    let assets = Assets::embedded();
    let sources = assets.iter().filter(|(path, _)| path.ends_with(".typ")).map(|(path, _)| {
        // as they stand on disk, so that a change of a template needs no other build
        (path.to_owned(), fs::read_to_string(templates.join(path)).unwrap())
    });
    let mut sources: BTreeMap<String, String> = sources.collect();
    sources.insert(REPORT.to_owned(), main);
    sources.insert(FIGURES.to_owned(), String::new());
    let typefaces = "#let sans = (\"Inter\", \"Noto Sans CJK SC\")\n\
                     #let serif = (\"Libertinus Serif\", \"Noto Sans CJK SC\")\n\
                     #let strong-serif = serif\n";
    sources.insert(TYPEFACES.to_owned(), typefaces.to_owned());
    Engine::default_engine()
        .render(&Documents { sources, ..Documents::default() }, &assets)
        .unwrap()
        .pdf
}

/// The labels of a figure, with those that a caller gives.
pub(crate) fn words(figure: &str, own: Value) -> Value {
    let text = fs::read_to_string(fixture("../templates/labels/en.yaml")).unwrap();
    let labels: Value = serde_saphyr::from_str(&text).unwrap();
    let mut words = labels["figures"][figure].clone();
    words["mark"] = labels["mark"].clone();
    words["to"] = labels["interval_to"].clone();
    for (key, value) in own.as_object().unwrap() {
        words[key] = value.clone();
    }
    words
}

/// A study of two arms.
#[derive(Clone)]
pub(crate) struct Trial {
    pub(crate) label: String,
    pub(crate) table: TwoByTwo,
}

pub(crate) fn rows(data: &str) -> Vec<BTreeMap<String, String>> {
    let path = fixture("reference/data").join(data);
    csv::Reader::from_path(path).unwrap().deserialize().map(Result::unwrap).collect()
}

/// The trials of a data set, without those that lack a count.
pub(crate) fn trials(data: &str) -> Vec<Trial> {
    rows(data)
        .iter()
        .filter_map(|row| {
            let count = |name: &str| row[name].parse().ok();
            let table = TwoByTwo {
                events1: count("ai")?,
                total1: count("n1i")?,
                events2: count("ci")?,
                total2: count("n2i")?,
            };
            Some(Trial { label: row["study"].clone(), table })
        })
        .collect()
}

/// So many trials, made of real ones again and again under names that are hard to set.
pub(crate) fn many_trials(count: usize) -> Vec<Trial> {
    let data = ["bcg.csv", "betablocker.csv", "catheter.csv", "magnesium.csv", "stjohnswort.csv"];
    let names = [
        "International Collaborative Study Group of Infarct Survival 2001",
        "国家卫生健康委员会多中心随机对照研究协作组 2019",
        "O\u{2019}Neill & al. #read(\"x\") *2020*",
    ];
    let real: Vec<Trial> = data.iter().flat_map(|data| trials(data)).collect();
    real.iter()
        .cycle()
        .take(count)
        .enumerate()
        .map(|(i, trial)| {
            let label = if i % 9 == 4 { names[i / 9 % 3].to_owned() } else { trial.label.clone() };
            Trial { label, table: trial.table }
        })
        .collect()
}

pub(crate) fn odds_ratios(trials: &[Trial]) -> Vec<Effect> {
    let tables: Vec<TwoByTwo> = trials.iter().map(|trial| trial.table).collect();
    let rule = ZeroCells { add: 0.5, to: AddTo::OnlyZero, drop00: false };
    effects(Measure::LogOddsRatio, &tables, rule).into_iter().map(Option::unwrap).collect()
}

pub(crate) fn pool(effects: &[Effect]) -> Fit {
    fit(effects, &Design::intercept(effects.len()), REML, Test::Z, 0.95).unwrap()
}

/// A value as a Typst expression.
fn code(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::String(text) => string_literal(text),
        Value::Array(items) => {
            let items: String = items.iter().map(|item| code(item) + ",").collect();
            format!("({items})")
        }
        Value::Object(entries) if entries.is_empty() => "(:)".to_owned(),
        Value::Object(entries) => {
            let entries: String = entries
                .iter()
                .map(|(key, value)| format!("{}:{},", string_literal(key), code(value)))
                .collect();
            format!("({entries})")
        }
    }
}

/// Only texts that are one line each may be the lines of one paragraph.
#[test]
fn texts_of_two_lines_are_no_lines_of_a_column() {
    let assets = Assets::embedded();
    let asserted = "#import \"style.typ\": are-lines\n#set document(title: \"Lines\")\n\
        #assert(are-lines((\"Li 2019\", none, 3, \"\", 1.5)))\n\
        #assert(not are-lines((\"Li 2019\", \"0.5\\n[0.1, 2]\")))\n\
        #assert(not are-lines((\"Li\\u{2028}2019\",)))\n\
        #assert(not are-lines(([Li 2019],)))\n";
    let typefaces = "#let (sans, serif, strong-serif) = (\"Inter\", \"Libertinus Serif\", \"Libertinus Serif\")\n";
    let documents = Documents::of_page(asserted.to_owned(), typefaces.to_owned(), &assets);
    Engine::default_engine().render(&documents, &assets).unwrap();
}
