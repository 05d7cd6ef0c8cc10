//! Drafts, released versions, rebuilds and their reasons, `verify` and `versions`.

use crate::support::{copy_tree, fixture, run, stderr, stdout, tree};
use std::fs;
use std::path::Path;

/// A folder with one small review in it.
fn sample() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy_tree(&fixture("bad_inputs/_base"), &folder.path().join("review"));
    folder
}

fn edit(file: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "{text}");
    fs::write(file, text.replace(from, to)).unwrap();
}

/// Standard error of a command that ends with this code.
fn told(folder: &Path, arguments: &[&str], code: i32) -> String {
    let output = run(folder, arguments);
    assert_eq!(output.status.code(), Some(code), "{}", stderr(&output));
    stderr(&output)
}

fn writable(path: &Path) {
    let mut permissions = fs::metadata(path).unwrap().permissions();
    #[expect(clippy::permissions_set_readonly_false, reason = "a test of tampering")]
    permissions.set_readonly(false);
    fs::set_permissions(path, permissions).unwrap();
}

#[test]
fn nothing_unchanged_is_built_again() {
    let folder = sample();
    let review = folder.path().join("review");
    assert_eq!(told(folder.path(), &["review"], 0), "sample 1: new\n");
    let before = tree(&folder.path().join("output"));
    assert_eq!(told(folder.path(), &["review"], 0), "sample 1: nothing changed\n");

    // comments, the order of keys, quoting, line ends and a byte-order mark mean nothing
    fs::write(
        review.join("pain.yaml"),
        "# about pain\ntitle: 'Pain'\nfilter:\n  outcome: \"pain\"\nid: pain\n",
    )
    .unwrap();
    let table = fs::read_to_string(review.join("data.csv")).unwrap();
    fs::write(review.join("data.csv"), format!("\u{feff}{}", table.replace('\n', "\r\n"))).unwrap();
    fs::write(review.join("unused.csv"), "a\n1\n").unwrap();
    assert_eq!(told(folder.path(), &["review"], 0), "sample 1: nothing changed\n");
    assert_eq!(before, tree(&folder.path().join("output")));
}

#[test]
fn every_rebuild_says_its_reason() {
    let folder = sample();
    let review = folder.path().join("review");
    told(folder.path(), &["review"], 0);
    edit(&review.join("data.csv"), "Beta 2002,pain,1", "Beta 2002,pain,2");
    edit(&review.join("data.csv"), "Alpha 2001,fever,2,20,2,21\n", "");
    edit(&review.join("review.yaml"), "measure: OR", "measure: RR");
    fs::write(review.join("fever.yaml"), "id: fever\ntitle: Fever\nfilter: {outcome: fever}\n")
        .unwrap();
    fs::remove_file(folder.path().join("output/sample/1/report.pdf")).unwrap();
    insta::assert_snapshot!(told(folder.path(), &["review"], 0), @r"
    sample 1: built again
      `report.pdf` is missing
      pain: data.csv row 3 changed
      fever: data.csv row 5 is gone
      fever: fever.yaml is new
      review.yaml `defaults.measure` is `RR`, was `OR`
    ");
    insta::assert_snapshot!(told(folder.path(), &["review", "--format", "typ"], 0), @r"
    sample 1: built again
      `--format` is `typ`, was `pdf`
    ");
}

#[test]
fn a_released_version_never_changes() {
    let folder = sample();
    let review = folder.path().join("review");
    assert!(told(folder.path(), &["release", "review"], 1).contains("is not built yet"));
    told(folder.path(), &["review"], 0);
    let output = run(folder.path(), &["release", "review"]);
    assert_eq!(stdout(&output), "output/sample/1\n", "{}", stderr(&output));
    let version = folder.path().join("output/sample/1");
    let before = tree(&version);
    assert!(fs::metadata(version.join("report.pdf")).unwrap().permissions().readonly());
    // once more changes nothing, and neither does a build
    told(folder.path(), &["release", "review"], 0);
    told(folder.path(), &["review"], 0);
    assert_eq!(before, tree(&version));

    edit(&review.join("data.csv"), "Beta 2002,pain,1", "Beta 2002,pain,2");
    insta::assert_snapshot!("refused_build", told(folder.path(), &["review"], 1));
    insta::assert_snapshot!("refused_release", told(folder.path(), &["release", "review"], 1));
    assert_eq!(before, tree(&version));
    edit(&review.join("review.yaml"), "version: \"1\"", "version: \"2\"");
    told(folder.path(), &["review"], 0);
    assert_eq!(before, tree(&version));
    // other settings do not touch it either
    edit(&review.join("review.yaml"), "version: \"2\"", "version: \"1\"");
    edit(&review.join("data.csv"), "Beta 2002,pain,2", "Beta 2002,pain,1");
    let stays = told(folder.path(), &["review", "--format", "typ"], 0);
    assert!(stays.contains("released, and stays as it is"), "{stays}");
    assert_eq!(before, tree(&version));
}

#[test]
fn only_what_was_built_from_the_present_inputs_is_released() {
    let folder = sample();
    told(folder.path(), &["review"], 0);
    edit(&folder.path().join("review/data.csv"), "Beta 2002,pain,1", "Beta 2002,pain,2");
    let message = told(folder.path(), &["release", "review"], 1);
    assert!(message.contains("build it again before you release it"), "{message}");
    assert!(!folder.path().join("output/sample/releases.json").exists());
}

#[test]
fn tampering_is_found_and_named() {
    let folder = sample();
    told(folder.path(), &["review"], 0);
    told(folder.path(), &["release", "review"], 0);
    let version = folder.path().join("output/sample/1");
    let progress = told(folder.path(), &["verify"], 0);
    assert_eq!(progress, "sample 1: rebuilds byte for byte\n");
    for (name, _) in tree(&version) {
        let path = version.join(&name);
        let bytes = fs::read(&path).unwrap();
        writable(&path);
        fs::write(&path, [&bytes[..bytes.len() - 2], b"x}"].concat()).unwrap();
        let message = told(folder.path(), &["verify"], 1);
        assert!(message.contains(&format!("`{name}`")), "{name}: {message}");
        fs::remove_file(&path).unwrap();
        let message = told(folder.path(), &["verify", "output/sample/1"], 1);
        assert!(message.contains(&format!("`{name}` is missing")), "{name}: {message}");
        fs::write(&path, bytes).unwrap();
    }
    fs::write(version.join(".hidden"), "").unwrap();
    insta::assert_snapshot!("added_file", told(folder.path(), &["verify"], 1));
    insta::assert_snapshot!("damaged_build", told(folder.path(), &["review"], 1));
    fs::remove_file(version.join(".hidden")).unwrap();

    // a manifest that was sealed anew is not the one that was released
    let manifest = version.join("manifest.json");
    let text = fs::read_to_string(&manifest).unwrap();
    edit(&manifest, "\"not-significant\"", "\"higher\"");
    assert!(told(folder.path(), &["verify"], 1).contains("changed after the release"));
    let forged = fs::read(&manifest).unwrap();
    let seal = build_report::versions::seal_of(&forged).unwrap();
    let old = build_report::versions::seal_in(&forged).unwrap();
    edit(&manifest, &old, &seal);
    assert!(told(folder.path(), &["verify"], 1).contains("`releases.json`"));
    fs::write(&manifest, text).unwrap();
    told(folder.path(), &["verify"], 0);

    fs::remove_dir_all(&version).unwrap();
    assert!(told(folder.path(), &["verify"], 1).contains("is not there"));
    assert!(told(folder.path(), &["review"], 1).contains("its folder is gone"));
}

#[test]
fn a_version_of_another_program_is_compared_by_its_results() {
    let folder = sample();
    told(folder.path(), &["review"], 0);
    let version = folder.path().join("output/sample/1");
    edit(&version.join("manifest.json"), "build-report 0.", "build-report 9.");
    insta::assert_snapshot!(
        told(folder.path(), &["verify", "output/sample/1"], 0)
            .replace(env!("CARGO_PKG_VERSION"), "[version]")
            .replace("9.1.0", "[other version]"),
        @r"
    sample 1: the results are the same; the bytes were made otherwise
      the program is `build-report [version]`, was `build-report [other version]`
    "
    );
}

#[test]
fn one_changed_cell_rebuilds_its_review_alone() {
    let folder = sample();
    let other = folder.path().join("other");
    copy_tree(&fixture("bad_inputs/_base"), &other);
    edit(&other.join("review.yaml"), "id: sample", "id: other");
    told(folder.path(), &["review", "other"], 0);
    edit(&other.join("data.csv"), "Gamma 2003,pain,7", "Gamma 2003,pain,8");
    assert_eq!(
        told(folder.path(), &["review", "other"], 0),
        "sample 1: nothing changed\nother 1: built again\n  pain: data.csv row 4 changed\n"
    );
}

#[test]
fn a_review_s_own_templates_are_kept_with_it() {
    let folder = sample();
    let own = folder.path().join("review/templates/labels");
    fs::create_dir_all(&own).unwrap();
    let labels = concat!(env!("CARGO_MANIFEST_DIR"), "/templates/labels/en.yaml");
    fs::copy(labels, own.join("en.yaml")).unwrap();
    told(folder.path(), &["review"], 0);
    edit(&own.join("en.yaml"), "study: Study", "study: Trial");
    assert_eq!(
        told(folder.path(), &["review"], 0),
        "sample 1: built again\n  templates/labels/en.yaml changed\n"
    );
    told(folder.path(), &["release", "review"], 0);
    assert_eq!(told(folder.path(), &["verify"], 0), "sample 1: rebuilds byte for byte\n");
    edit(&own.join("en.yaml"), "study: Trial", "study: Study");
    assert!(told(folder.path(), &["review"], 1).contains("templates/labels/en.yaml changed"));
    let text = stdout(&run(folder.path(), &["diff", "1", "review"]));
    assert!(text.contains("1 templates and fonts changed (no input changed)"), "{text}");
}

#[test]
fn versions_are_listed_in_their_order() {
    let folder = sample();
    let spec = folder.path().join("review/review.yaml");
    edit(&spec, "version: \"1\"", "version: \"2024.9\"\ndate: 2024-09-01");
    told(folder.path(), &["review"], 0);
    told(folder.path(), &["release", "review"], 0);
    edit(&spec, "\"2024.9\"", "\"2024.10\"");
    told(folder.path(), &["review"], 0);
    let list = stdout(&run(folder.path(), &["versions", "review"]));
    let lines: Vec<Vec<&str>> = list.lines().map(|l| l.split_whitespace().collect()).collect();
    assert_eq!(lines[0], ["review", "version", "status", "date", "hash", "analyses"]);
    assert_eq!(lines[1][..4], ["sample", "2024.9", "released", "2024-09-01"]);
    assert_eq!(lines[1][5..], ["1:", "1", "not-significant"]);
    assert_eq!(lines[2][..4], ["sample", "2024.10", "draft", "2024-09-01"]);
    assert!(lines[1][4].len() == 12 && lines[1][4] != lines[2][4]);
}
