//! Templates of the user's own that fail, or that nothing uses. Those of a review that fail are in
//! `tests/bad_inputs` too.

use crate::support::{copy_tree, fixture, run, stderr};
use std::fs;
use std::path::Path;

/// A sound review in `folder/review`, and a template in `folder/path`.
fn lay_out(folder: &Path, path: &str, template: &str) {
    copy_tree(&fixture("bad_inputs/_base"), &folder.join("review"));
    let path = folder.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, template).unwrap();
}

#[test]
fn a_template_of_a_folder_that_fails_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    lay_out(folder.path(), "house/sections/front.typ.jinja", "= Title\n{{ report.titel }}\n");
    let output = run(folder.path(), &["check", "review", "--templates", "house"]);
    assert_eq!(output.status.code(), Some(1));
    insta::assert_snapshot!("own_template_fails", stderr(&output));
    let arguments = ["build", "review", "--templates", "house", "--message-format", "github"];
    let output = run(folder.path(), &arguments);
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.contains("file=house/sections/front.typ.jinja,line=2,"), "{told}");
}

/// A template under a name that the program does not have has no effect.
#[test]
fn a_template_that_nothing_uses_is_told() {
    let folder = tempfile::tempdir().unwrap();
    lay_out(folder.path(), "review/templates/sections/frnt.typ.jinja", "= Title\n");
    for (command, code) in [("check", 0), ("build", 0)] {
        let output = run(folder.path(), &[command, "review"]);
        assert_eq!(output.status.code(), Some(code), "{}", stderr(&output));
        insta::assert_snapshot!(format!("own_template_unused_{command}"), stderr(&output));
    }
    let output = run(folder.path(), &["check", "review", "--strict"]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
}

/// A template of the program fails by what stands in place of something that it uses.
#[test]
fn labels_that_lack_a_word_are_named() {
    let labels = include_str!("../../templates/labels/en.yaml");
    let word = labels.lines().find(|line| line.starts_with("made_by:")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    lay_out(folder.path(), "house/labels/en.yaml", &labels.replace(word, ""));
    let output = run(folder.path(), &["check", "review", "--templates", "house"]);
    assert_eq!(output.status.code(), Some(1));
    insta::assert_snapshot!("own_labels_lack_a_word", stderr(&output));
}
