//! The JSON Schema of the specs says what the reader says: no more, no less, no other words.

use crate::support::{fixture, tree};
use build_report::diagnostic::{Code, Diagnostic};
use build_report::project::{Inputs, REVIEW_FILE, is_spec};
use build_report::spec::{self, Kind, Measure, json_schema};
use jsonschema::Validator;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

fn validator(schema: &Value) -> Validator {
    jsonschema::draft7::new(schema).unwrap()
}

/// A spec as an editor's YAML reader sees it.
fn as_json(text: &str) -> Option<Value> {
    serde_saphyr::from_str(text).ok()
}

/// The specs of a review folder, by name.
fn specs(folder: &Path) -> Vec<(String, String)> {
    tree(folder)
        .into_iter()
        .filter(|(name, _)| is_spec(name))
        .filter_map(|(name, bytes)| Some((name, String::from_utf8(bytes).ok()?)))
        .collect()
}

#[test]
fn every_spec_that_builds_is_valid() {
    let validator = validator(&json_schema());
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut seen = 0;
    for reviews in [root.join("analyses"), fixture("fixtures")] {
        for folder in build_report::project::find_reviews(&reviews).unwrap() {
            for (name, text) in specs(&folder) {
                let errors: Vec<String> = validator
                    .iter_errors(&as_json(&text).unwrap())
                    .map(|error| format!("{}: {error}", error.instance_path()))
                    .collect();
                assert!(errors.is_empty(), "{}/{name}: {errors:#?}", folder.display());
                seen += 1;
            }
        }
    }
    assert!(seen > 80, "only {seen} specs were found");
}

/// Mistakes of form that the schema cannot see, and why.
const UNSEEN: [(&str, &str); 13] = [
    ("adverse-events-columns/ae.yaml", "the columns that a kind needs may stand in `defaults`"),
    ("estimate-without-precision/pain.yaml", "so may the columns of estimates"),
    ("estimate-without-scale/pain.yaml", "so may the scale, which only ratios need"),
    ("means-without-spread/pain.yaml", "so may the columns of means, of which some are enough"),
    ("clusters-without-column/pain.yaml", "so may the column that a model needs"),
    ("table-without-columns/matrix.yaml", "so may the table that the kind needs"),
    ("bias-columns/review.yaml", "the domains depend on the tool"),
    ("findings-of-no-analysis/review.yaml", "the analyses stand in other files"),
    ("findings-without-risk/review.yaml", "their measures stand in other files"),
    ("sensitivity-of-nothing/pain.yaml", "the analyses stand in other files"),
    ("unknown-in-order/review.yaml", "the analyses stand in other files"),
    ("chapter-names-unknown/review.yaml", "the analyses stand in other files"),
    ("date-of-no-year/review.yaml", "a pattern knows no leap years"),
];

#[test]
fn every_mistake_of_form_is_seen_and_no_other() {
    // some of the mistakes are nested deeply: the stack of a program, not of a test
    let thread = std::thread::Builder::new().stack_size(8 << 20);
    thread.spawn(compare_with_the_reader).unwrap().join().unwrap();
}

fn compare_with_the_reader() {
    let validator = validator(&json_schema());
    let base = fixture("bad_inputs/_base");
    let mut unseen: BTreeSet<&str> = UNSEEN.iter().map(|(name, _)| *name).collect();
    let mut seen = 0;
    let mut wrong = Vec::new();
    for entry in std::fs::read_dir(fixture("bad_inputs")).unwrap() {
        let folder: PathBuf = entry.unwrap().path();
        let mistake = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let mut files: BTreeMap<String, Vec<u8>> = tree(&base).into_iter().collect();
        files.extend(tree(&folder));
        let inputs = Inputs::from_files(PathBuf::new(), files);
        let told = spec::check(&inputs).1;
        for source in inputs.sources.ids() {
            let source_name = &inputs.sources.get(source).name;
            if !is_spec(source_name) || spec::parse(&inputs.sources, source).is_err() {
                continue;
            }
            let codes: Vec<&str> = told
                .iter()
                .filter(|diagnostic| file_of(&inputs, diagnostic) == Some(source_name))
                .filter(|diagnostic| is_of_form(diagnostic))
                .map(|diagnostic| diagnostic.code.as_str())
                .collect();
            let Some(value) = as_json(&inputs.sources.get(source).text) else { continue };
            let is_valid = validator.is_valid(&value);
            let is_unseen = unseen.remove(format!("{mistake}/{source_name}").as_str());
            if is_valid != (codes.is_empty() || is_unseen) {
                wrong.push(format!("{mistake}/{source_name}: the reader says {codes:?}"));
            }
            seen += usize::from(!is_valid);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(unseen.is_empty(), "{unseen:?} are seen, or gone");
    assert!(seen >= 20, "only {seen} mistakes of form");
}

fn file_of<'a>(inputs: &'a Inputs, diagnostic: &Diagnostic) -> Option<&'a String> {
    match diagnostic.location {
        build_report::diagnostic::Location::Place(place) => {
            Some(&inputs.sources.get(place.source).name)
        }
        _ => None,
    }
}

/// Whether a mistake is one of form. Which columns and measures an analysis may have depends on its
/// kind, which may stand in another file; the labels of encodings are some hundreds.
fn is_of_form(diagnostic: &Diagnostic) -> bool {
    let is_about_form = matches!(
        diagnostic.code,
        Code::UnknownKey | Code::WrongType | Code::UnknownChoice | Code::MissingKey
    );
    let message = &diagnostic.message;
    is_about_form && !message.starts_with("kind `") && !message.starts_with("there is no encoding")
}

/// A place in a spec: its file, and the way to it.
#[derive(Clone)]
struct Spot {
    is_review: bool,
    way: Vec<Step>,
}

#[derive(Clone)]
enum Step {
    Key(String),
    Item,
}

impl Spot {
    fn then(&self, step: Step) -> Self {
        let way = self.way.iter().cloned().chain([step]).collect();
        Self { is_review: self.is_review, way }
    }

    /// A file with nothing in it but this value at this place.
    fn file(&self, value: &Value) -> Value {
        self.way.iter().rev().fold(value.clone(), |value, step| match step {
            Step::Key(key) => Value::Object(Map::from_iter([(key.clone(), value)])),
            Step::Item => json!([value]),
        })
    }

    /// What the reader says about that file.
    fn read(&self, value: &Value) -> Vec<Diagnostic> {
        // JSON is YAML
        let text = self.file(value).to_string();
        let sound = json!({"id": "a", "version": "1", "title": "A"}).to_string();
        let (review, analysis) = if self.is_review { (text, sound) } else { (sound, text) };
        let analysis = if self.is_review { "id: a\ntitle: A\n".to_owned() } else { analysis };
        let files = BTreeMap::from([
            (REVIEW_FILE.to_owned(), review.into_bytes()),
            ("a.yaml".to_owned(), analysis.into_bytes()),
        ]);
        spec::check(&Inputs::from_files(PathBuf::new(), files)).1
    }

    fn name(&self) -> String {
        let mut name = if self.is_review { "review" } else { "analysis" }.to_owned();
        for step in &self.way {
            match step {
                Step::Key(key) => name.push_str(&format!(".{key}")),
                Step::Item => name.push_str("[]"),
            }
        }
        name
    }
}

/// Visits every place that a schema knows.
fn walk(schema: &Value, spot: &Spot, visit: &mut impl FnMut(&Value, &Spot)) {
    visit(schema, spot);
    parts(schema, spot, visit);
}

fn parts(schema: &Value, spot: &Spot, visit: &mut impl FnMut(&Value, &Spot)) {
    for (key, property) in schema["properties"].as_object().into_iter().flatten() {
        walk(property, &spot.then(Step::Key(key.clone())), visit);
    }
    if let Some(items) = schema.get("items") {
        walk(items, &spot.then(Step::Item), visit);
    }
    for form in schema["anyOf"].as_array().into_iter().flatten() {
        parts(form, spot, visit);
    }
}

fn walk_all(visit: &mut impl FnMut(&Value, &Spot)) {
    let schema = json_schema();
    for (name, is_review) in [("review", true), ("analysis", false)] {
        walk(&schema["definitions"][name], &Spot { is_review, way: Vec::new() }, visit);
    }
}

/// A schema that asks for no key.
fn without_required(schema: &mut Value) {
    match schema {
        Value::Object(parts) => {
            if parts.get("required").is_some_and(Value::is_array) {
                parts.remove("required");
            }
            let parts = parts.iter_mut().filter(|(name, _)| *name != "if");
            parts.for_each(|(_, part)| without_required(part));
        }
        Value::Array(parts) => parts.iter_mut().for_each(without_required),
        _ => {}
    }
}

/// The forms that a place takes, one level deep.
fn forms(schema: &Value) -> Vec<&Value> {
    match schema["anyOf"].as_array() {
        Some(forms) => forms.iter().collect(),
        None => vec![schema],
    }
}

fn words(schema: &Value) -> BTreeSet<String> {
    let words = schema["enum"].as_array().into_iter().flatten();
    words.map(|word| word.as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_place_takes_what_the_reader_takes() {
    let mut schema = json_schema();
    without_required(&mut schema);
    let of = |name: &str| validator(&schema["definitions"][name]);
    let (review, analysis) = (of("review"), of("analysis"));
    let (mut places, mut wrong) = (0, Vec::new());
    walk_all(&mut |schema, spot| {
        places += 1;
        let mut probes = vec![
            json!("zzz"),
            json!(-1),
            json!(0.25),
            json!(60),
            json!(1_000_000),
            json!("<0.001"),
            json!(["zzz"]),
            json!([["zzz"]]),
            json!([null]),
            json!({"zzz": "zzz"}),
            json!({}),
        ];
        for form in forms(schema) {
            probes.extend(words(form).into_iter().map(Value::String));
        }
        if forms(schema)
            .iter()
            .any(|form| form["type"] == "boolean" || form["type"][0] == "boolean")
        {
            probes.extend([json!(true), json!(false)]);
        }
        for probe in probes {
            if spot.way.is_empty() && !probe.is_object() {
                continue;
            }
            let validator = if spot.is_review { &review } else { &analysis };
            let told: Vec<String> = spot
                .read(&probe)
                .iter()
                .filter(|told| is_of_form(told) && told.code != Code::MissingKey)
                .map(|told| format!("{} {}", told.code.as_str(), told.message))
                .collect();
            if validator.is_valid(&spot.file(&probe)) != told.is_empty() {
                wrong.push(format!("{} with {probe}: {told:?}", spot.name()));
            }
        }
    });
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(places > 300, "only {places} places");
}

/// The names that a hint lists.
fn listed(told: &Diagnostic) -> BTreeSet<String> {
    let help = told.help.as_deref().unwrap_or_default();
    let valid = help.split("valid here: ").nth(1).unwrap_or_else(|| panic!("{told:?}"));
    valid.split(", ").map(|name| name.trim_matches('`').to_owned()).collect()
}

#[test]
fn keys_and_choices_are_those_that_the_reader_lists() {
    let (mut mappings, mut choices) = (0, 0);
    walk_all(&mut |schema, spot| {
        for form in forms(schema) {
            if let Some(properties) = form["properties"].as_object() {
                let told = spot.read(&json!({"zzz": "zzz"}));
                let told = told.iter().find(|told| told.message == "unknown key `zzz`").unwrap();
                let keys: BTreeSet<String> = properties.keys().cloned().collect();
                assert_eq!(keys, listed(told), "keys of {}", spot.name());
                mappings += 1;
            }
            if form.get("enum").is_some() {
                let told = spot.read(&json!("zzz"));
                let told = told.iter().find(|told| told.code == Code::UnknownChoice);
                // a word beside another form is named in the words of the message
                let Some(told) = told.filter(|told| told.message.contains("`zzz`")) else {
                    assert!(schema.get("anyOf").is_some(), "{}", spot.name());
                    continue;
                };
                assert_eq!(words(form), listed(told), "choices of {}", spot.name());
                choices += 1;
            }
        }
    });
    assert!(mappings > 30 && choices > 60, "{mappings} mappings, {choices} choices");
}

#[test]
fn a_kind_has_the_measures_that_the_reader_grants_it() {
    let validator = validator(&json_schema());
    let mut refused = 0;
    for kind in Kind::ALL.map(Kind::name) {
        for measure in Measure::ALL.map(Measure::code) {
            let file = json!({"id": "a", "title": "A", "kind": kind, "measure": measure});
            let told = Spot { is_review: false, way: Vec::new() }.read(&file);
            let mismatch = format!("kind `{kind}` has no measure {measure}");
            let is_refused = told.iter().any(|told| told.message == mismatch);
            assert_eq!(validator.is_valid(&file), !is_refused, "{kind} {measure}");
            refused += usize::from(is_refused);
        }
    }
    assert!(refused > 100, "{refused}");
}

#[test]
fn what_must_be_there_is_missed_by_the_reader() {
    let mut asked = 0;
    walk_all(&mut |schema, spot| {
        for form in forms(schema) {
            let told = spot.read(&json!({}));
            for key in form["required"].as_array().into_iter().flatten() {
                let name = format!("`{}`", key.as_str().unwrap());
                let is_missed = |told: &&Diagnostic| {
                    told.code == Code::MissingKey && told.message.contains(&name)
                };
                assert!(told.iter().any(|told| is_missed(&told)), "{}: {name}", spot.name());
                asked += 1;
            }
        }
    });
    assert!(asked > 20, "{asked}");
}

#[test]
fn every_key_says_what_it_is() {
    walk_all(&mut |schema, spot| {
        if let Some(Step::Key(_)) = spot.way.last() {
            let about = schema["description"].as_str().unwrap_or_default();
            assert!(about.ends_with('.') && about.len() > 3, "{}: {about:?}", spot.name());
        }
    });
}

#[test]
fn what_spec_md_shows_is_known() {
    let spec = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/SPEC.md")).unwrap();
    let mut known = BTreeSet::new();
    walk_all(&mut |_, spot| {
        if let Some(Step::Key(key)) = spot.way.last() {
            known.insert(key.clone());
        }
    });
    // first cells of tables, such as `model: {method: REML}`
    let mut seen = 0;
    for line in spec.lines().filter_map(|line| line.strip_prefix("| `")) {
        let Some(key) = line.split(['`', ':']).next().filter(|_| line.contains(": ")) else {
            continue;
        };
        if line.split('`').next().is_some_and(|cell| cell.contains(": ")) {
            assert!(known.contains(key), "SPEC.md has `{key}`");
            seen += 1;
        }
    }
    assert!(seen > 15, "{seen}");
}

#[test]
fn a_review_is_told_from_an_analysis_by_its_keys() {
    let validator = validator(&json_schema());
    assert!(validator.is_valid(&json!({"id": "a", "title": "A", "kind": "binary"})));
    assert!(validator.is_valid(&json!({"id": "a", "title": "A", "version": 1.0})));
    assert!(!validator.is_valid(&json!({"id": "a", "title": "A", "version": 1, "kind": "binary"})));
    assert!(!validator.is_valid(&json!({"title": "A", "defaults": {"kind": "binary"}})));
}
