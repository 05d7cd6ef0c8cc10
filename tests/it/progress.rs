//! The progress bar: for a person at a terminal, and for nobody else.

use crate::support::{copy_tree, fixture, program, skipped, stderr};
use std::process::Command;

/// What a build prints at a terminal of its own; none where there is no program to make one.
fn at_a_terminal(arguments: &str, variables: &[(&str, &str)]) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    copy_tree(&fixture("bad_inputs/_base"), &folder.path().join("review"));
    let mut command = Command::new("script");
    let program = env!("CARGO_BIN_EXE_build-report");
    command.args(["-qec", &format!("'{program}' build review {arguments}"), "/dev/null"]);
    command.current_dir(folder.path()).env_remove("CI").env("TERM", "xterm");
    let output = command.envs(variables.iter().copied()).output().ok()?;
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(folder.path().join("output/sample/1/report.pdf").exists());
    Some(String::from_utf8(output.stdout).unwrap())
}

#[cfg(target_os = "linux")]
#[test]
fn a_bar_says_what_is_being_done_to_a_person_alone() {
    let Some(shown) = at_a_terminal("", &[]) else {
        return skipped("there is no `script` to make a terminal");
    };
    assert!(shown.contains("sample: setting the report"), "{shown}");
    assert!(!at_a_terminal("--quiet", &[]).unwrap().contains("setting the report"));
    assert!(!at_a_terminal("", &[("CI", "true")]).unwrap().contains("setting the report"));
}

#[test]
fn a_file_gets_no_bar() {
    let folder = tempfile::tempdir().unwrap();
    copy_tree(&fixture("bad_inputs/_base"), &folder.path().join("review"));
    let output = program(folder.path()).args(["build", "review"]).output().unwrap();
    assert_eq!(stderr(&output), "sample 1: new\n");
}
