//! Files that lead outside: no spec, table or template reads what is not the review's or the
//! program's, starts a program or asks the network.

use crate::support::{copy_tree, fixture, run, stderr, tree};
use std::fs;
use std::path::Path;

const SECRET: &str = "study,outcome,e1,n1,e2,n2\nSECRET,pain,3,20,5,21\n";

/// The sound review, with a secret beside it.
fn laid_out(folder: &Path) {
    copy_tree(&fixture("bad_inputs/_base"), &folder.join("review"));
    fs::write(folder.join("secret.csv"), SECRET).unwrap();
    fs::write(folder.join("secret.typ"), "SECRET").unwrap();
    fs::write(folder.join("secret.jinja"), "SECRET").unwrap();
}

/// Builds the review, which is refused with these words and writes nothing.
fn expect_refused(folder: &Path, words: &str) {
    let output = run(folder, &["build", "review"]);
    let told = stderr(&output);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains(words), "{words}: {told}");
    assert!(!told.contains("SECRET") && !told.contains("root:"), "{told}");
    assert!(!folder.join("output").exists());
}

#[test]
fn no_path_of_a_spec_leaves_the_review() {
    let paths = [
        "../secret.csv",
        "./../secret.csv",
        "x/../../secret.csv",
        "..\\secret.csv",
        "/etc/passwd",
        "//host/share.csv",
        "\\\\host\\share.csv",
        "~/secret.csv",
        "C:\\secret.csv",
        "file:///etc/passwd",
        "https://example.org/data.csv",
    ];
    for path in paths {
        for key in ["flow", "references", "claims", "translations", "data"] {
            let folder = tempfile::tempdir().unwrap();
            laid_out(folder.path());
            let value = serde_json::Value::from(path);
            let (file, line) = match key {
                "data" => ("pain.yaml", format!("data: {value}\n")),
                "translations" => ("review.yaml", format!("translations: {{zh-Hans: {value}}}\n")),
                key => ("review.yaml", format!("{key}: {value}\n")),
            };
            let file = folder.path().join("review").join(file);
            fs::write(&file, fs::read_to_string(&file).unwrap() + &line).unwrap();
            expect_refused(folder.path(), "error[E0104]");
        }
    }
}

#[cfg(unix)]
#[test]
fn no_link_leaves_the_review() {
    use std::os::unix::fs::symlink;
    // a table, a folder of tables, a spec, a template
    let folder = tempfile::tempdir().unwrap();
    laid_out(folder.path());
    fs::create_dir(folder.path().join("outside")).unwrap();
    fs::write(folder.path().join("outside/data.csv"), SECRET).unwrap();
    let review = folder.path().join("review");
    symlink("../outside", review.join("inside")).unwrap();
    fs::write(review.join("pain.yaml"), "id: pain\ntitle: Pain\ndata: inside/data.csv\n").unwrap();
    expect_refused(folder.path(), "inside/data.csv");

    let folder = tempfile::tempdir().unwrap();
    laid_out(folder.path());
    fs::write(folder.path().join("secret.yaml"), "id: SECRET\ntitle: SECRET\n").unwrap();
    symlink("../secret.yaml", folder.path().join("review/other.yaml")).unwrap();
    expect_refused(folder.path(), "error[E0104]");

    let folder = tempfile::tempdir().unwrap();
    laid_out(folder.path());
    let sections = folder.path().join("review/templates/sections");
    fs::create_dir_all(&sections).unwrap();
    symlink("../../../secret.jinja", sections.join("front.typ.jinja")).unwrap();
    let output = run(folder.path(), &["build", "review"]);
    for (path, bytes) in
        tree(folder.path()).into_iter().filter(|(path, _)| path.starts_with("output"))
    {
        assert!(!String::from_utf8_lossy(&bytes).contains("SECRET"), "{path}");
    }
    assert!(!stderr(&output).contains("SECRET"), "{}", stderr(&output));
}

/// Templates of a review are programs of Typst and minijinja: they run in a closed world.
#[test]
fn no_template_reads_outside() {
    let secret = tempfile::tempdir().unwrap();
    let outside = secret.path().join("secret.typ");
    fs::write(&outside, "SECRET").unwrap();
    let outside = outside.display().to_string();
    let typst = [
        format!("#read(\"{outside}\")"),
        format!("#include \"{outside}\""),
        "#read(\"/etc/passwd\")".to_owned(),
        "#read(\"../secret.typ\")".to_owned(),
        "#include \"../secret.typ\"".to_owned(),
        "#image(\"/etc/passwd\")".to_owned(),
        "#csv(\"../secret.csv\")".to_owned(),
        "#plugin(\"../secret.typ\")".to_owned(),
        "#import \"@preview/example:0.1.0\": *".to_owned(),
        "#import \"@local/example:0.1.0\": *".to_owned(),
        "#read(\"inputs/../../secret.csv\")".to_owned(),
    ];
    let jinja = [
        "{% include \"../secret.jinja\" %}",
        "{% include \"/etc/passwd\" %}",
        "{% import \"../../secret.jinja\" as secret %}",
        "{% extends \"../secret.jinja\" %}",
        "{{ report.__class__ }}",
        "{{ self.__init__.__globals__ }}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ open('/etc/passwd').read() }}",
    ];
    for template in typst.iter().map(String::as_str).chain(jinja) {
        let folder = tempfile::tempdir().unwrap();
        laid_out(folder.path());
        let sections = folder.path().join("review/templates/sections");
        fs::create_dir_all(&sections).unwrap();
        fs::write(sections.join("front.typ.jinja"), template).unwrap();
        expect_refused(folder.path(), "error[E040");
    }
}

#[test]
fn no_template_runs_for_ever() {
    for template in ["{% for i in range(100000000) %}{{ i }}{% endfor %}", "#while true {}"] {
        let folder = tempfile::tempdir().unwrap();
        laid_out(folder.path());
        let sections = folder.path().join("review/templates/sections");
        fs::create_dir_all(&sections).unwrap();
        fs::write(sections.join("front.typ.jinja"), template).unwrap();
        expect_refused(folder.path(), "error[E040");
    }
}

/// The `typst` program finds no package of the caller's and reaches no network.
#[cfg(unix)]
#[test]
fn the_other_engine_is_closed_too() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    laid_out(folder.path());
    let script = folder.path().join("typst");
    let told = folder.path().join("told");
    let version = "if [ \"$1\" = --version ]; then echo 'typst 0.15.1'; exit; fi";
    fs::write(
        &script,
        format!("#!/bin/sh\n{version}\n(echo \"$@\"; env) > {}\nexit 1\n", told.display()),
    )
    .unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let output = crate::support::program(folder.path())
        .args(["build", "review", "--engine", "cli", "--typst"])
        .arg(&script)
        .env("NO_PROXY", "*")
        .env("TYPST_ROOT", "/")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let told = fs::read_to_string(told).unwrap();
    for part in [
        "--root .",
        "--package-path packages",
        "--package-cache-path packages",
        "\nHTTPS_PROXY=http://127.0.0.1:9\n",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert!(!told.contains("\nNO_PROXY=") && !told.contains("\nTYPST_ROOT="), "{told}");
}
