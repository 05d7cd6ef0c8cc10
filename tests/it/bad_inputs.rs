//! Every folder of `tests/bad_inputs` is a mistake, laid over the sound review `_base`. Its message
//! is a snapshot; the exit code is 1, and nothing is written.

use crate::support::{copy_tree, fixture, run, stderr, stdout};
use std::fs;
use std::path::Path;

#[test]
fn each_mistake_has_its_message() {
    let mut names: Vec<String> = fs::read_dir(fixture("bad_inputs"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "_base")
        .collect();
    names.sort();
    assert!(names.len() >= 36, "a mistake was lost: {names:?}");
    for name in names {
        let folder = tempfile::tempdir().unwrap();
        lay_out(folder.path(), &name);
        let output = run(folder.path(), &["build", "review"]);
        assert_eq!(output.status.code(), Some(1), "{name}: {}", stderr(&output));
        assert_eq!(stdout(&output), "", "{name}");
        assert!(!folder.path().join("output").exists(), "{name} was written");
        insta::with_settings!({snapshot_path => "snapshots/bad_inputs", prepend_module_to_snapshot => false}, {
            insta::assert_snapshot!(name.clone(), shortened(&stderr(&output)));
        });
    }
}

#[test]
fn the_base_is_sound() {
    let folder = tempfile::tempdir().unwrap();
    copy_tree(&fixture("bad_inputs/_base"), &folder.path().join("review"));
    let output = run(folder.path(), &["check", "review"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(stderr(&output), "1 review is sound: 1 analysis\n");
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_review_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let review = folder.path().join("review");
    copy_tree(&fixture("bad_inputs/_base"), &review);
    fs::rename(review.join("data.csv"), folder.path().join("secret.csv")).unwrap();
    std::os::unix::fs::symlink("../secret.csv", review.join("data.csv")).unwrap();
    let output = run(folder.path(), &["check", "review"]);
    assert_eq!(output.status.code(), Some(1));
    insta::assert_snapshot!("link_outside", stderr(&output));
}

/// A pipe that nobody writes to would be read for ever.
#[cfg(unix)]
#[test]
fn a_pipe_is_no_table() {
    let folder = tempfile::tempdir().unwrap();
    let review = folder.path().join("review");
    copy_tree(&fixture("bad_inputs/_base"), &review);
    fs::remove_file(review.join("data.csv")).unwrap();
    let pipe = std::process::Command::new("mkfifo").arg(review.join("data.csv")).status();
    assert!(pipe.unwrap().success());
    let output = run(folder.path(), &["check", "review"]);
    assert_eq!(output.status.code(), Some(1));
    insta::assert_snapshot!("pipe_for_a_table", stderr(&output));
}

#[test]
fn messages_come_as_json_too() {
    let folder = tempfile::tempdir().unwrap();
    lay_out(folder.path(), "several-in-data");
    let output = run(folder.path(), &["check", "review", "--message-format", "json"]);
    assert_eq!(output.status.code(), Some(1));
    insta::assert_snapshot!("json_messages", stdout(&output));
}

fn lay_out(folder: &Path, name: &str) {
    let review = folder.join("review");
    copy_tree(&fixture("bad_inputs/_base"), &review);
    copy_tree(&fixture("bad_inputs").join(name), &review);
    for entry in fs::read_dir(&review).unwrap() {
        let file = entry.unwrap().file_name().into_string().unwrap();
        if let Some(removed) = file.strip_prefix("_remove_") {
            fs::remove_file(review.join(removed)).unwrap();
            fs::remove_file(review.join(&file)).unwrap();
        }
    }
}

/// Lines as wide as a screen: the source line of a bomb is not.
fn shortened(text: &str) -> String {
    let cut = |line: &str| {
        if line.chars().count() > 160 {
            format!("{} …", line.chars().take(160).collect::<String>())
        } else {
            line.to_owned()
        }
    };
    text.lines().map(cut).collect::<Vec<_>>().join("\n")
}
