//! Messages in the forms that other programs read: all say the same.

use crate::support::{copy_tree, fixture, run, stderr, stdout};
use serde_json::Value;
use std::fs;
use std::path::Path;

/// A mistake of `tests/bad_inputs`, laid over the sound review in a folder of this name.
fn bad_review(mistake: &str, name: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy_tree(&fixture("bad_inputs/_base"), &folder.path().join(name));
    copy_tree(&fixture("bad_inputs").join(mistake), &folder.path().join(name));
    folder
}

fn check(folder: &Path, review: &str, format: &str) -> String {
    let output = run(folder, &["check", review, "--message-format", format]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    stdout(&output)
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn every_form_tells_the_same_messages() {
    for mistake in ["several-at-once", "several-in-data", "missing-file", "duplicate-id"] {
        let folder = bad_review(mistake, "review");
        let json = lines(&check(folder.path(), "review", "json"));
        let github = check(folder.path(), ".", "github");
        let sarif: Value = serde_json::from_str(&check(folder.path(), "review", "sarif")).unwrap();
        let results = sarif["runs"][0]["results"].as_array().unwrap();
        let commands: Vec<&str> = github.lines().collect();
        assert!(!json.is_empty(), "{mistake}");
        assert_eq!((json.len(), json.len()), (results.len(), commands.len()), "{mistake}");
        for ((object, result), command) in json.iter().zip(results).zip(commands) {
            let code = object["code"].as_str().unwrap();
            let message = object["message"].as_str().unwrap();
            assert_eq!(result["ruleId"], code);
            assert!(result["message"]["text"].as_str().unwrap().starts_with(message));
            assert!(command.starts_with("::error file=review/"), "{command}");
            assert!(command.contains(&format!("title={code}::{message}")), "{command}");
            let place = &result["locations"][0]["physicalLocation"];
            assert_eq!(place["artifactLocation"]["uri"], object["file"]);
            assert_eq!(place["region"]["startLine"], object["line"]);
            assert_eq!(place["region"]["endLine"], object["end_line"]);
            let others = object["related"].as_array().unwrap().len();
            let related = result.get("relatedLocations").and_then(Value::as_array);
            assert_eq!(related.map_or(0, Vec::len), others);
        }
    }
}

#[test]
fn a_sarif_log_explains_its_rules() {
    let folder = bad_review("several-at-once", "review");
    let log: Value = serde_json::from_str(&check(folder.path(), "review", "sarif")).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    assert_eq!(run["columnKind"], "utf16CodeUnits");
    assert_eq!(run["invocations"][0]["executionSuccessful"], true);
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    for result in run["results"].as_array().unwrap() {
        let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(rule["id"], result["ruleId"]);
        assert!(rule["help"]["text"].as_str().unwrap().contains("To mend it"));
        assert!(!rule["shortDescription"]["text"].as_str().unwrap().is_empty());
    }
    insta::assert_snapshot!("sarif", format!("{:#}", run["results"]));
}

#[test]
fn columns_and_paths_are_counted_as_each_form_asks() {
    let folder = bad_review("several-in-data", "研 究,1%");
    // one character, two UTF-16 code units, four bytes
    let data = "study,outcome,e1,n1,e2,n2\n😀,pain,33,20,1,20\n";
    fs::write(folder.path().join("研 究,1%/data.csv"), data).unwrap();
    let object = &lines(&check(folder.path(), "研 究,1%", "json"))[0];
    let column = object["column"].as_u64().unwrap();
    assert_eq!(object["file"], "研 究,1%/data.csv");
    assert_eq!(data.lines().nth(1).unwrap().chars().nth(column as usize - 1), Some('3'));
    assert_eq!(object["end_column"], column + 2);
    let log: Value = serde_json::from_str(&check(folder.path(), "研 究,1%", "sarif")).unwrap();
    let place = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "%E7%A0%94%20%E7%A9%B6%2C1%25/data.csv");
    assert_eq!(place["region"]["startColumn"], column + 1);
    assert_eq!(place["region"]["endColumn"], column + 3);
    let command = check(folder.path(), "研 究,1%", "github");
    let expected = format!(
        "::error file=研 究%2C1%25/data.csv,line=2,endLine=2,col={column},endColumn={},title=E0304::",
        column + 2
    );
    assert!(command.starts_with(&expected), "{command}");
    assert!(command.contains("%0A"), "{command}");
}

#[test]
fn findings_go_the_same_ways() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("claims.csv"), "id,p\na,1.2\nb,0.05\n").unwrap();
    let check = |format| {
        let arguments = ["check", "--claims", "claims.csv", "--message-format", format];
        let output = run(folder.path(), &arguments);
        assert_eq!((output.status.code(), stderr(&output)), (Some(1), String::new()));
        stdout(&output)
    };
    let json = lines(&check("json"));
    let log: Value = serde_json::from_str(&check("sarif")).unwrap();
    let github = check("github");
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert_eq!((json.len(), results.len(), github.lines().count()), (2, 2, 2));
    for ((object, result), command) in json.iter().zip(results).zip(github.lines()) {
        assert_eq!(result["ruleId"], object["code"]);
        assert_eq!(result["level"], object["severity"]);
        assert!(command.contains(&format!("title={}::", object["code"].as_str().unwrap())));
    }
    assert!(github.lines().any(|command| command.starts_with("::notice ")), "{github}");
}

#[test]
fn a_sound_review_gives_an_empty_log() {
    let folder = tempfile::tempdir().unwrap();
    copy_tree(&fixture("bad_inputs/_base"), &folder.path().join("review"));
    let output = run(folder.path(), &["check", "review", "--message-format", "sarif"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let log: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(log["runs"][0]["results"], Value::Array(Vec::new()));
    let output = run(folder.path(), &["check", "review", "--message-format", "github"]);
    assert_eq!((output.status.code(), stdout(&output)), (Some(0), String::new()));
}

/// What stands on standard output is a document of its form, whatever happens.
#[test]
fn a_folder_that_is_not_there_is_told_in_every_form() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("empty")).unwrap();
    for (path, code, exit) in [("nothere", "E0101", 2), ("empty", "E0103", 1)] {
        for command in ["check", "build"] {
            let told = |format| {
                let arguments = [command, path, "--message-format", format];
                let output = run(folder.path(), &arguments);
                assert_eq!(output.status.code(), Some(exit), "{}", stderr(&output));
                stdout(&output)
            };
            let json = lines(&told("json"));
            assert_eq!(json.len(), 1);
            assert_eq!((&json[0]["code"], &json[0]["file"]), (&code.into(), &path.into()));
            assert!(json[0]["message"].as_str().unwrap().contains(&format!("`{path}`")));
            let command = told("github");
            let start = format!("::error file={path},title={code}::");
            assert!(command.starts_with(&start), "{command}");
            let log: Value = serde_json::from_str(&told("sarif")).unwrap();
            let result = &log["runs"][0]["results"][0];
            let place = &result["locations"][0]["physicalLocation"];
            assert_eq!(result["ruleId"], code);
            assert_eq!(place["artifactLocation"]["uri"], path);
            let is_successful = &log["runs"][0]["invocations"][0]["executionSuccessful"];
            assert_eq!(*is_successful, exit != 2);
        }
    }
    copy_tree(&fixture("bad_inputs/_base"), &folder.path().join("review"));
    for command in ["check", "build"] {
        let arguments = [command, "review", "--templates", "nothere", "--message-format", "json"];
        let output = run(folder.path(), &arguments);
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        let told = lines(&stdout(&output));
        assert_eq!((&told[0]["code"], &told[0]["file"]), (&"E0101".into(), &"nothere".into()));
    }
    let arguments = ["check", "--claims", "nothere.csv", "--message-format", "json"];
    assert_eq!(lines(&stdout(&run(folder.path(), &arguments)))[0]["file"], "nothere.csv");
}

/// A build tells the messages of a check, and keeps standard output for them.
#[test]
fn a_build_tells_messages_in_the_same_forms() {
    let folder = bad_review("several-in-data", "review");
    for format in ["json", "github", "sarif"] {
        let output = run(folder.path(), &["build", "review", "--message-format", format]);
        assert_eq!(output.status.code(), Some(1));
        assert_eq!(stdout(&output), check(folder.path(), "review", format));
        assert_eq!(stderr(&output), "error: nothing was written\n");
    }
    copy_tree(&fixture("bad_inputs/_base"), &folder.path().join("review"));
    let arguments = ["build", "review", "--format", "typ", "--message-format", "sarif"];
    let output = run(folder.path(), &arguments);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let log: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(log["runs"][0]["results"], Value::Array(Vec::new()));
    assert!(stderr(&output).ends_with("output/sample/1\n"), "{}", stderr(&output));
}

#[test]
fn the_folder_at_hand_is_called_by_its_name() {
    let folder = bad_review("several-in-data", "my-review");
    let told = stderr(&run(&folder.path().join("my-review"), &["check", "."]));
    assert!(told.ends_with(" in `my-review`\n"), "{told}");
}

#[test]
fn messages_that_are_all_alike_are_counted() {
    let folder = bad_review("several-in-data", "review");
    let rows: String = (0..130).map(|row| format!("Study {row},pain,x,20,1,20\n")).collect();
    let data = format!("study,outcome,e1,n1,e2,n2\n{rows}");
    fs::write(folder.path().join("review/data.csv"), data).unwrap();
    let told = stderr(&run(folder.path(), &["check", "review"]));
    assert_eq!(told.matches("error[E0303]").count(), 100);
    assert!(told.contains("and 30 more E0303 in `review/data.csv`"), "{told}");
    assert!(told.ends_with("130 errors in `review`\n"), "{told}");
    assert_eq!(lines(&check(folder.path(), "review", "json")).len(), 130);
}
