//! New reviews, and what a shell and an editor know of the program.

use crate::support::{copy_tree, fixture, run, stderr, stdout, tree};
use serde_json::Value;
use std::fs;

const KINDS: [&str; 4] = ["binary", "continuous", "single-arm", "table"];
const LANGUAGES: [&str; 3] = ["en", "zh-Hans", "zh-Hant"];

#[test]
fn a_new_review_builds_at_once() {
    let folder = tempfile::tempdir().unwrap();
    for (kind, language) in
        KINDS.map(|kind| (kind, "en")).into_iter().chain([("binary", "zh-Hans")])
    {
        let name = format!("{kind}-{language}");
        let output = run(folder.path(), &["init", &name, "--kind", kind, "--language", language]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        assert_eq!(stdout(&output), format!("{name}\n"));
        let output = run(folder.path(), &[&name]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        assert_eq!(stdout(&output), format!("output/{name}/0.1\n"));
        assert_eq!(stderr(&output), format!("{name} 0.1: new\n"));
        assert!(folder.path().join(format!("output/{name}/0.1/report.pdf")).exists());
    }
}

#[test]
fn every_new_review_is_sound_and_valid() {
    let folder = tempfile::tempdir().unwrap();
    for kind in KINDS {
        for language in LANGUAGES {
            let name = format!("{kind}-{language}");
            run(folder.path(), &["init", &name, "--kind", kind, "--language", language]);
            let output = run(folder.path(), &["check", "--strict", &name]);
            assert_eq!(output.status.code(), Some(0), "{name}: {}", stderr(&output));
            assert_eq!(stderr(&output), "1 review is sound: 1 analysis\n");
            let files = tree(&folder.path().join(&name));
            let schema = files.iter().find(|(file, _)| file == "schema.json").unwrap();
            let schema: Value = serde_json::from_slice(&schema.1).unwrap();
            let validator = jsonschema::draft7::new(&schema).unwrap();
            let specs: Vec<_> = files.iter().filter(|(file, _)| file.ends_with(".yaml")).collect();
            assert_eq!(specs.len(), 2);
            for (file, bytes) in specs {
                let text = std::str::from_utf8(bytes).unwrap();
                assert!(!text.contains("{{"), "{name}/{file}");
                assert!(text.starts_with("# yaml-language-server: $schema=schema.json\n"));
                let value: Value = serde_saphyr::from_str(text).unwrap();
                let errors: Vec<String> =
                    validator.iter_errors(&value).map(|error| error.to_string()).collect();
                assert!(errors.is_empty(), "{name}/{file}: {errors:?}");
            }
        }
    }
}

#[test]
fn a_review_is_begun_only_in_an_empty_folder() {
    let folder = tempfile::tempdir().unwrap();
    copy_tree(&fixture("bad_inputs/_base"), &folder.path().join("review"));
    let before = tree(folder.path());
    let output = run(folder.path(), &["init", "review"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("`review` is not empty"), "{}", stderr(&output));
    assert_eq!(tree(folder.path()), before);
    // an id has no blanks and no dots at its ends
    fs::create_dir(folder.path().join("..a b")).unwrap();
    assert_eq!(run(folder.path(), &["init", "..a b"]).status.code(), Some(0));
    let text = fs::read_to_string(folder.path().join("..a b/review.yaml")).unwrap();
    assert!(text.contains("\nid: \"a-b\"\n"), "{text}");
    assert_eq!(run(folder.path(), &["check", "..a b"]).status.code(), Some(0));
}

#[test]
fn the_schema_is_printed_and_written() {
    let folder = tempfile::tempdir().unwrap();
    let printed = stdout(&run(folder.path(), &["schema"]));
    let schema: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(schema["$schema"], "http://json-schema.org/draft-07/schema#");
    let output = run(folder.path(), &["schema", "--out", "deep/schema.json"]);
    assert_eq!((output.status.code(), stdout(&output)), (Some(0), "deep/schema.json\n".to_owned()));
    assert_eq!(tree(folder.path()), [("deep/schema.json".to_owned(), printed.into_bytes())]);
    fs::write(folder.path().join("file"), "").unwrap();
    let output = run(folder.path(), &["schema", "--out", "file/schema.json"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("E0606"), "{}", stderr(&output));
}

/// The names of the commands, as help lists them.
fn commands() -> Vec<String> {
    let help = stdout(&run(&fixture(""), &["--help"]));
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let listed = listed.take_while(|line| !line.is_empty());
    let name = |line: &str| {
        let is_first = line.starts_with("  ") && !line.starts_with("   ");
        is_first.then(|| line.split_whitespace().next().unwrap().to_owned())
    };
    listed.filter_map(name).filter(|name| name != "help").collect()
}

#[test]
fn shells_and_man_know_every_command() {
    let folder = tempfile::tempdir().unwrap();
    let commands = commands();
    assert!(commands.len() >= 14, "{commands:?}");
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = run(folder.path(), &["completions", shell]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        for command in &commands {
            assert!(stdout(&output).contains(command), "{shell}: {command}");
        }
        assert!(stdout(&output).contains("message-format"), "{shell}");
    }
    let page = stdout(&run(folder.path(), &["man"]));
    assert!(page.contains(".TH build-report 1"), "{page}");
    let output = run(folder.path(), &["man", "--out", "man"]);
    let mut written: Vec<String> = stdout(&output).lines().map(str::to_owned).collect();
    let mut expected: Vec<String> =
        commands.iter().map(|command| format!("man/build-report-{command}.1")).collect();
    expected.push("man/build-report.1".to_owned());
    written.retain(|name| name != "man/build-report-help.1");
    written.sort();
    expected.sort();
    assert_eq!(written, expected);
    for command in &commands {
        // a page writes `-` as `\-`
        assert!(
            page.replace('\\', "").contains(&format!("build-report-{command}(1)")),
            "{command}"
        );
        let path = folder.path().join(format!("man/build-report-{command}.1"));
        let text = fs::read_to_string(path).unwrap();
        assert!(text.contains(".SH SYNOPSIS"), "{command}");
    }
}
