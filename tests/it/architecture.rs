//! Rules of the repository.

use crate::support::{fixture, tree};
use build_report::render::assets::Assets;
use build_report::versions::sha256;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The floors from the cellar up. A module imports only from floors below its own, and those on
/// one floor do not know each other.
const FLOORS: [&[&str]; 12] = [
    &["source", "stats", "threads"],
    &["diagnostic"],
    &["yaml"],
    &["project"],
    &["spec"],
    &["data"],
    &["analysis"],
    &["consistency"],
    &["report"],
    &["render", "versions"],
    &["pipeline"],
    &["cli"],
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources() -> Vec<(String, String)> {
    tree(&root().join("src"))
        .into_iter()
        .map(|(name, bytes)| (name, String::from_utf8(bytes).unwrap()))
        .collect()
}

fn floor(module: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&module))
}

#[test]
fn imports_go_down_only() {
    for (file, text) in sources() {
        let module = file.trim_end_matches(".rs").split('/').next().unwrap();
        if ["main", "lib"].contains(&module) {
            continue;
        }
        let own = floor(module).unwrap_or_else(|| panic!("`{module}` stands on no floor"));
        for (number, line) in text.lines().enumerate() {
            let mut rest = line;
            while let Some(at) = rest.find("crate::") {
                rest = &rest[at + "crate::".len()..];
                let named: String =
                    rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                if named == module || named.is_empty() {
                    continue;
                }
                let other = floor(&named).unwrap_or_else(|| {
                    panic!("{file}:{}: `{named}` stands on no floor", number + 1)
                });
                assert!(other < own, "{file}:{}: {module} imports {named}", number + 1);
            }
        }
    }
}

#[test]
fn every_file_says_what_it_is() {
    let tests =
        tree(&root().join("tests/it")).into_iter().filter(|(name, _)| name.ends_with(".rs"));
    let tests = tests.map(|(name, bytes)| (name, String::from_utf8(bytes).unwrap()));
    for (file, text) in sources().into_iter().chain(tests) {
        assert!(text.starts_with("//! "), "{file} has no header line");
    }
}

#[test]
fn every_test_file_is_run() {
    let main = fs::read_to_string(root().join("tests/it/main.rs")).unwrap();
    for (name, _) in tree(&root().join("tests/it")) {
        if let Some(module) = name.strip_suffix(".rs").filter(|module| *module != "main") {
            assert!(main.contains(&format!("mod {module};")), "{name} is not run");
        }
    }
}

#[test]
fn every_template_and_font_is_inside_the_program() {
    let assets = build_report::render::assets::Assets::embedded();
    let inside: BTreeSet<String> = assets.iter().map(|(path, _)| path.to_owned()).collect();
    let on_disk: BTreeSet<String> = tree(&root().join("templates"))
        .into_iter()
        .map(|(name, _)| name)
        .filter(|name| !name.ends_with(".md") && !name.ends_with(".txt"))
        .collect();
    assert_eq!(inside, on_disk);
}

#[test]
fn the_rounding_file_alone_formats_numbers() {
    for (file, text) in sources() {
        let may = file == "report/number.rs" || file.starts_with("stats/");
        let rounds = text.lines().any(|line| line.contains("{:.") || line.contains(":.decimals$"));
        assert!(may || !rounds, "{file} rounds a number");
    }
}

#[test]
fn the_reference_data_stands_beside_its_script() {
    for name in ["reference.json", "make_reference.R", "cases.R", "README.md"] {
        assert!(fixture("reference").join(name).exists(), "{name}");
    }
}

#[test]
fn the_known_hashes_are_those_of_the_bytes() {
    let assets = Assets::embedded();
    for (path, bytes) in assets.iter() {
        assert_eq!(assets.known_hash(path), Some(sha256(bytes).as_str()), "{path}");
    }
    let other = [("style.typ".to_owned(), b"other".to_vec())].into();
    let laid_over = Assets::embedded().replaced_by(Path::new("other"), other);
    assert_eq!(laid_over.known_hash("style.typ"), None, "the bytes of a user are hashed");
    assert!(laid_over.known_hash("figures.typ.jinja").is_some());
}
