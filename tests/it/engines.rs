//! Typst inside the program and the `typst` program give the same bytes.

use crate::support::{copy_tree, fixture, run, stderr, tree};
use std::process::Command;

#[test]
fn both_engines_give_the_same_bytes() {
    let version = Command::new("typst").arg("--version").output();
    let version = version.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    match version {
        Ok(version) if version.starts_with("typst 0.15.1") => {}
        Ok(version) => {
            eprintln!("skipped: the program is {version:?}, not 0.15.1");
            return;
        }
        Err(_) => {
            eprintln!("skipped: the `typst` program is not installed");
            return;
        }
    }
    let folder = tempfile::tempdir().unwrap();
    copy_tree(&fixture("bad_inputs/_base"), &folder.path().join("review"));
    for (engine, out) in [("embedded", "a"), ("cli", "b")] {
        let output = run(folder.path(), &["review", "--engine", engine, "--out", out]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    }
    assert_eq!(tree(&folder.path().join("a/sample")), tree(&folder.path().join("b/sample")));
}
