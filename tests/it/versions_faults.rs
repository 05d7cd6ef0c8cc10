//! The store under faults: killed programs, two builds at once, folders that are half there.

use crate::support::{copy_tree, fixture, program, run, stderr, tree};
use build_report::versions::Kept;
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

type Tree = Vec<(String, Vec<u8>)>;

fn sample() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy_tree(&fixture("bad_inputs/_base"), &folder.path().join("review"));
    folder
}

/// Writes the data of one of two states.
fn set_state(folder: &Path, state: usize) {
    let table = fs::read_to_string(fixture("bad_inputs/_base/data.csv")).unwrap();
    let events = ["Alpha 2001,pain,3", "Alpha 2001,pain,4"][state];
    let table = table.replace("Alpha 2001,pain,3", events);
    fs::write(folder.join("review/data.csv"), table).unwrap();
}

/// The version as it is built from each state, and how long a build takes.
fn references(folder: &Path) -> ([Tree; 2], Duration) {
    let mut longest = Duration::ZERO;
    let trees = [0, 1].map(|state| {
        set_state(folder, state);
        let start = Instant::now();
        let out = format!("reference-{state}");
        let output = run(folder, &["review", "--out", &out]);
        assert!(output.status.success(), "{}", stderr(&output));
        longest = longest.max(start.elapsed());
        tree(&folder.join(out).join("sample/1"))
    });
    (trees, longest)
}

/// Moments of the kill, in thousandths of the longest build, the same in every run.
fn moments(count: u64) -> impl Iterator<Item = u32> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    (0..count).map(move |_| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from((state >> 33) % 1100).unwrap()
    })
}

fn kill_after(folder: &Path, arguments: &[&str], delay: Duration) {
    let mut command = program(folder);
    let mut child =
        command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    std::thread::sleep(delay);
    child.kill().unwrap();
    child.wait().unwrap();
}

fn killed_builds(count: u64) {
    let folder = sample();
    let (references, longest) = references(folder.path());
    let version = folder.path().join("output/sample/1");
    for (turn, moment) in moments(count).enumerate() {
        set_state(folder.path(), turn % 2);
        let had_one = version.exists();
        kill_after(folder.path(), &["review"], longest * moment / 1000);
        if had_one || version.exists() {
            let kept = tree(&version);
            assert!(references.contains(&kept), "turn {turn}: the version is a mixture");
        }
    }
    // and the next build finds its way
    set_state(folder.path(), 0);
    let output = run(folder.path(), &["review"]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(tree(&version), references[0]);
    let left = fs::read_dir(folder.path().join("output/sample")).unwrap().count();
    assert_eq!(left, 2, "more than the version and the lock is left");
}

#[test]
fn a_killed_build_leaves_one_version_or_the_other() {
    killed_builds(200);
}

#[test]
fn a_killed_release_leaves_a_draft_or_a_release() {
    let folder = sample();
    let output = run(folder.path(), &["review"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let store = folder.path().join("output/sample");
    for moment in 0..20 {
        kill_after(folder.path(), &["release", "review"], Duration::from_millis(moment * 2));
        let kept = Kept::read(&store.join("1")).unwrap().unwrap();
        assert_eq!(kept.flaws(), [], "after {moment}");
    }
    let output = run(folder.path(), &["release", "review"]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(run(folder.path(), &["verify"]).status.success());
}

#[test]
fn two_builds_at_once_give_one_whole_version() {
    let folder = sample();
    let (references, _) = references(folder.path());
    let spawn = |state| {
        set_state(folder.path(), state);
        let mut command = program(folder.path());
        command.arg("review").stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().unwrap();
        std::thread::sleep(Duration::from_millis(100));
        child
    };
    for mut child in [spawn(0), spawn(1), spawn(0)] {
        assert!(child.wait().unwrap().success());
    }
    assert!(references.contains(&tree(&folder.path().join("output/sample/1"))));
}

#[test]
fn a_half_deleted_draft_is_built_again() {
    let folder = sample();
    run(folder.path(), &["review"]);
    let version = folder.path().join("output/sample/1");
    let whole = tree(&version);
    for (name, _) in &whole {
        fs::remove_file(version.join(name)).unwrap();
        let output = run(folder.path(), &["review"]);
        assert!(output.status.success(), "{name}: {}", stderr(&output));
        assert_eq!(tree(&version), whole, "{name}");
    }
}

#[test]
fn a_version_that_stepped_aside_comes_back() {
    let folder = sample();
    run(folder.path(), &["review"]);
    let store = folder.path().join("output/sample");
    let whole = tree(&store.join("1"));
    // where folders cannot be exchanged, the old version steps aside first
    fs::rename(store.join("1"), store.join(".building-old-1")).unwrap();
    fs::write(folder.path().join("review/review.yaml"), {
        let text = fs::read_to_string(folder.path().join("review/review.yaml")).unwrap();
        text.replace("version: \"1\"", "version: \"2\"")
    })
    .unwrap();
    assert!(run(folder.path(), &["review"]).status.success());
    assert_eq!(tree(&store.join("1")), whole);
}

/// A limit on the size of files stands for a full disk: writing fails after so many blocks.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_the_earlier_version() {
    let folder = sample();
    run(folder.path(), &["review"]);
    let store = folder.path().join("output/sample");
    let whole = tree(&store.join("1"));
    set_state(folder.path(), 1);
    for blocks in ["0", "8", "60"] {
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" review");
        let output = std::process::Command::new("sh")
            .args(["-c", &script, env!("CARGO_BIN_EXE_build-report")])
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{blocks}: {}", stderr(&output));
        assert!(stderr(&output).contains("E0606"), "{}", stderr(&output));
        assert_eq!(tree(&store.join("1")), whole, "{blocks}");
    }
    let output = run(folder.path(), &["review"]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert_ne!(tree(&store.join("1")), whole);
    // nothing of what could not be written is left
    assert_eq!(fs::read_dir(&store).unwrap().count(), 2);

    // standard output that is full is told, too
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = program(folder.path()).arg("review").stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("standard output"), "{}", stderr(&output));
}

/// Not even the superuser can make a folder there.
#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let folder = sample();
    let output = run(folder.path(), &["review", "--out", "/proc/build-report"]);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    let message = stderr(&output);
    assert!(
        message.contains("`/proc/build-report/sample`") && message.contains("--out"),
        "{message}"
    );
}

/// No time of a file, and so no clock, decides whether a version is built.
#[test]
fn a_clock_that_runs_backwards_changes_nothing() {
    let folder = sample();
    run(folder.path(), &["review"]);
    let version = folder.path().join("output/sample/1");
    let whole = tree(&version);
    let set_times = |time: std::time::SystemTime| {
        for folder in [folder.path().join("review"), version.clone()] {
            for (name, _) in tree(&folder) {
                let file = fs::File::options().append(true).open(folder.join(name)).unwrap();
                file.set_modified(time).unwrap();
            }
        }
    };
    let epoch = std::time::SystemTime::UNIX_EPOCH;
    for time in [epoch + Duration::from_secs(4_000_000_000), epoch + Duration::from_secs(1)] {
        set_times(time);
        assert_eq!(stderr(&run(folder.path(), &["review"])), "sample 1: nothing changed\n");
        assert_eq!(tree(&version), whole);
    }
    set_state(folder.path(), 1);
    set_times(epoch + Duration::from_secs(1));
    let output = run(folder.path(), &["review"]);
    assert!(stderr(&output).contains("data.csv row 2 changed"), "{}", stderr(&output));
}

#[test]
fn a_damaged_list_of_releases_stops_everything_that_would_trust_it() {
    let folder = sample();
    run(folder.path(), &["review"]);
    assert!(run(folder.path(), &["release", "review"]).status.success());
    let list = folder.path().join("output/sample/releases.json");
    let text = fs::read(&list).unwrap();
    fs::write(&list, &text[..text.len() / 2]).unwrap();
    set_state(folder.path(), 1);
    let whole = tree(&folder.path().join("output/sample/1"));
    for command in [&["review"][..], &["release", "review"], &["verify"]] {
        let output = run(folder.path(), command);
        assert_eq!(output.status.code(), Some(2), "{command:?}: {}", stderr(&output));
        assert!(stderr(&output).contains("releases.json"), "{}", stderr(&output));
    }
    assert_eq!(tree(&folder.path().join("output/sample/1")), whole);
}
