//! What the tests share: temporary copies of fixtures, and the program.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The folder of a fixture.
pub(crate) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)
}

/// Copies the files of a folder, and of the folders in it.
pub(crate) fn copy_tree(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_tree(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// All files below a folder by their relative path.
pub(crate) fn tree(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    collect(folder, folder, &mut files);
    files.sort();
    files
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
            files.push((name, fs::read(&path).unwrap()));
        }
    }
}

/// The program, to be run in `folder` without what the caller's environment says.
pub(crate) fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_build-report"));
    command.current_dir(folder).env_remove("SOURCE_DATE_EPOCH").env_remove("NO_COLOR");
    command
}

/// Runs the program in `folder`.
pub(crate) fn run(folder: &Path, arguments: &[&str]) -> Output {
    program(folder).args(arguments).output().unwrap()
}

/// Says that a test cannot run here; unlike `eprintln`, also where the test passes.
pub(crate) fn skipped(why: &str) {
    let _ = writeln!(std::io::stderr(), "SKIPPED: {why}");
}

/// Standard output as text.
pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// Standard error as text.
pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The source of a report with its parts in their places.
pub(crate) fn whole(sources: &BTreeMap<String, String>) -> String {
    let in_place = |line: &str| {
        let path = line.strip_prefix("#include \"").and_then(|path| path.strip_suffix('"'));
        // the first line of a part imports what all share
        path.map_or_else(
            || line.to_owned(),
            |path| sources[path].split_once('\n').map_or("", |(_, part)| part).to_owned(),
        )
    };
    with_data(&sources["report.typ"].lines().map(in_place).collect::<Vec<_>>().join("\n"))
}

/// A source with its data as they are, where it has them as JSON in a string literal.
fn with_data(source: &str) -> String {
    let mut parts = source.split("json(bytes(\"");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let mut characters = part.chars();
        loop {
            match characters.next().unwrap() {
                '"' => break,
                '\\' => text.push(characters.next().unwrap()),
                c => text.push(c),
            }
        }
        text.push_str(characters.as_str().strip_prefix("))").unwrap());
    }
    text
}

/// The same of a version that was written with its sources.
pub(crate) fn report_source(version: &Path) -> String {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    whole(
        &tree(&version.join("typst"))
            .into_iter()
            .map(|(path, bytes)| (path, text(bytes)))
            .collect(),
    )
}

/// Whether a figure of a version is a page of its own, and not cut out of one of the report.
pub(crate) fn is_set_alone(version: &Path, name: &str) -> bool {
    let svg = fs::read_to_string(version.join(format!("figures/{name}.svg"))).unwrap();
    // as wide as the text with half a centimetre beside it
    svg.starts_with("<svg viewBox=\"0 0 510.236220472 ")
}

/// The source of its figures, likewise.
pub(crate) fn figures_source(version: &Path) -> String {
    with_data(&fs::read_to_string(version.join("typst/figures.typ")).unwrap())
}
