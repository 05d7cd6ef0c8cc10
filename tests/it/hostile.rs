//! Damaged inputs: whatever stands in the files, there is a result or a message, never a panic.

use crate::support::{fixture, run, stderr};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::fs;

/// What is put in: characters that mean something to YAML, CSV or Typst, and wide ones.
const PALETTE: [&str; 24] = [
    "\"",
    "'",
    ",",
    ":",
    "\n",
    "\r\n",
    "\t",
    " ",
    "{",
    "}",
    "[",
    "]",
    "&a",
    "*a",
    "|",
    ">",
    "-",
    "#",
    "0",
    "9999999999",
    "é",
    "漢",
    "\u{202e}",
    "\u{0}",
];

/// One change of a text: at which share of its length, how many characters go, what comes.
#[derive(Debug, Clone)]
struct Damage {
    file: usize,
    at: f64,
    removed: usize,
    inserted: usize,
}

fn damage() -> impl Strategy<Value = Damage> {
    (0usize..3, 0.0..1.0f64, 0usize..12, 0usize..=PALETTE.len())
        .prop_map(|(file, at, removed, inserted)| Damage { file, at, removed, inserted })
}

fn apply(text: &str, damage: &Damage) -> String {
    let characters: Vec<char> = text.chars().collect();
    let at = (characters.len() as f64 * damage.at) as usize;
    let end = (at + damage.removed).min(characters.len());
    let inserted = PALETTE.get(damage.inserted).copied().unwrap_or_default();
    let before: String = characters[..at].iter().collect();
    let after: String = characters[end..].iter().collect();
    format!("{before}{inserted}{after}")
}

#[test]
fn damaged_files_give_a_result_or_a_message() {
    let names = ["review.yaml", "pain.yaml", "data.csv"];
    let base = fixture("bad_inputs/_base");
    let texts = names.map(|name| fs::read_to_string(base.join(name)).unwrap());
    let config = Config { cases: 300, failure_persistence: None, ..Config::default() };
    TestRunner::new(config)
        .run(&prop::collection::vec(damage(), 1..5), |damages| {
            let folder = tempfile::tempdir().unwrap();
            let mut damaged = texts.clone();
            for damage in &damages {
                damaged[damage.file] = apply(&damaged[damage.file], damage);
            }
            let review = folder.path().join("review");
            fs::create_dir(&review).unwrap();
            for (name, text) in names.iter().zip(&damaged) {
                fs::write(review.join(name), text).unwrap();
            }
            let output = run(folder.path(), &["eval", "review"]);
            let told = stderr(&output);
            prop_assert!(matches!(output.status.code(), Some(0 | 1)), "{told}\n{damaged:?}");
            // notes and warnings stop nothing
            let is_refused = told.contains("error[");
            prop_assert_eq!(output.status.code() == Some(1), is_refused, "{}", told);
            Ok(())
        })
        .unwrap();
}
