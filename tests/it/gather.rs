//! Versions built apart and gathered, and the choice of what is built by name.

use crate::support::{copy_tree, fixture, run, stderr, stdout, tree};
use std::fs;
use std::path::Path;

/// A folder with two small reviews of two analyses each: `one` and `two`.
fn two_reviews() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (id, analysis) in [("one", "fever"), ("two", "chill")] {
        let review = folder.path().join("reviews").join(id);
        copy_tree(&fixture("bad_inputs/_base"), &review);
        edit(&review.join("review.yaml"), "id: sample", &format!("id: {id}"));
        let text = format!("id: {analysis}\ntitle: Fever\nfilter: {{outcome: fever}}\n");
        fs::write(review.join(format!("{analysis}.yaml")), text).unwrap();
    }
    folder
}

fn edit(file: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "{text}");
    fs::write(file, text.replace(from, to)).unwrap();
}

/// Standard output of a command that ends well.
fn done(folder: &Path, arguments: &str) -> String {
    let output = run(folder, &arguments.split(' ').collect::<Vec<_>>());
    assert_eq!(output.status.code(), Some(0), "{arguments}: {}", stderr(&output));
    stdout(&output)
}

/// Standard error of a command that the inputs forbid.
fn refused(folder: &Path, arguments: &str) -> String {
    let output = run(folder, &arguments.split(' ').collect::<Vec<_>>());
    assert_eq!(output.status.code(), Some(1), "{arguments}: {}", stderr(&output));
    stderr(&output)
}

/// What an output folder holds, but for the locks.
fn kept(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = tree(folder);
    files.retain(|(name, _)| !name.ends_with(".lock"));
    files
}

#[test]
fn versions_built_apart_are_those_of_one_build() {
    let folder = two_reviews();
    let path = folder.path();
    done(path, "build reviews --out whole");
    done(path, "build reviews --only two/chill --out whole");

    done(path, "build reviews --only one --out parts/a");
    done(path, "build reviews/two --out parts/b");
    done(path, "build reviews --only two/chill --out parts/c");
    // the same version in two parts is one
    copy_tree(&path.join("parts/a"), &path.join("parts/d"));
    let gather = "gather parts/a parts/b parts/c parts/d --out together";
    assert_eq!(done(path, gather), "together/one/1\ntogether/two/1\ntogether/two/1+chill\n");
    assert_eq!(kept(&path.join("whole")), kept(&path.join("together")));

    let output = run(path, &gather.split(' ').collect::<Vec<_>>());
    insta::assert_snapshot!(stderr(&output), @r"
    one 1: nothing changed
    two 1: nothing changed
    two 1+chill: nothing changed
    ");
    let verified = run(path, &["verify", "together/two/1+chill"]);
    assert_eq!(stderr(&verified), "two 1+chill: rebuilds byte for byte\n");
    assert_eq!(verified.status.code(), Some(0));
}

/// Versions of one review do not wait for each other.
#[test]
fn parts_of_one_review_are_put_one_after_another() {
    let folder = two_reviews();
    let path = folder.path();
    done(path, "build reviews/one --only pain --out parts/a");
    done(path, "build reviews/one --only fever --out parts/b");
    done(path, "build reviews/one --out parts/c");
    for _ in 0..8 {
        let output = run(path, &["gather", "parts/a", "parts/b", "parts/c", "--out", "together"]);
        assert_eq!(stderr(&output), "one 1+pain: new\none 1+fever: new\none 1: new\n");
        assert_eq!(stdout(&output), "together/one/1+pain\ntogether/one/1+fever\ntogether/one/1\n");
        fs::remove_dir_all(path.join("together")).unwrap();
    }
}

#[test]
fn a_part_replaces_a_draft_and_no_release() {
    let folder = two_reviews();
    let path = folder.path();
    done(path, "build reviews --out output");
    edit(&path.join("reviews/one/data.csv"), "Beta 2002,pain,1", "Beta 2002,pain,2");
    done(path, "build reviews --out part");
    let output = run(path, &["gather", "part"]);
    insta::assert_snapshot!(stderr(&output), @r"
    one 1: built again
      pain: data.csv row 3 changed
    two 1: nothing changed
    ");
    assert_eq!(kept(&path.join("part")), kept(&path.join("output")));

    done(path, "release reviews");
    let released = kept(&path.join("output"));
    done(path, "gather part");
    assert_eq!(released, kept(&path.join("output")));
    edit(&path.join("reviews/two/data.csv"), "Beta 2002,pain,1", "Beta 2002,pain,2");
    done(path, "build reviews --out part");
    insta::assert_snapshot!(refused(path, "gather part"), @r"
    error[E0601]: `two` 1 is released and never changes, but its inputs did
                    pain: data.csv row 3 changed
     |
    help: raise `version:` in `review.yaml` to work on the next version
    error: nothing was written
    ");
    assert_eq!(released, kept(&path.join("output")));
}

#[test]
fn parts_that_do_not_belong_together_are_refused() {
    let folder = two_reviews();
    let path = folder.path();
    done(path, "build reviews/one --out parts/a");
    done(path, "build reviews/two --out parts/b");
    let version = path.join("parts/b/two/1");
    let gather = "gather parts/a parts/b --out together";

    edit(&version.join("manifest.json"), "\"build-report 0.", "\"build-report 99.");
    let told = refused(path, gather);
    assert!(told.contains("error[E0608]: `parts/b/two/1` was not built as `parts/a/one/1` was"));
    assert!(told.contains("the program is `build-report 99."), "{told}");
    edit(&version.join("manifest.json"), "\"build-report 99.", "\"build-report 0.");

    copy_tree(&path.join("parts/a"), &path.join("parts/c"));
    edit(&path.join("parts/c/one/1/manifest.json"), "not-significant", "higher");
    let told = refused(path, "gather parts/a parts/c --out together");
    assert!(told.contains("are the same version with different contents"), "{told}");

    fs::rename(&version, path.join("parts/b/two/2")).unwrap();
    let told = refused(path, gather);
    assert!(told.contains("error[E0608]: `parts/b/two/2` is the version `two/1`"), "{told}");
    fs::rename(path.join("parts/b/two/2"), &version).unwrap();

    fs::write(version.join("extra.txt"), "").unwrap();
    let told = refused(path, gather);
    assert!(told.contains("error[E0602]"), "{told}");
    assert!(told.contains("`extra.txt` does not belong to the version"), "{told}");
    fs::remove_file(version.join("extra.txt")).unwrap();

    fs::create_dir(path.join("parts/empty")).unwrap();
    let told = refused(path, "gather parts/a parts/empty --out together");
    assert!(told.contains("error[E0608]: `parts/empty` holds no version"), "{told}");
    assert!(!path.join("together").exists());

    done(path, gather);
    done(path, "release reviews/one --out parts/a");
    let told = refused(path, gather);
    assert!(told.contains("`parts/a/one/1` is released, but drafts are gathered"), "{told}");
}

#[test]
fn only_names_reviews_and_analyses() {
    let folder = two_reviews();
    let path = folder.path();
    let built = |only: &str| done(path, &format!("build reviews {only} --dry-run"));
    assert_eq!(built("--only two"), "output/two/1\n");
    assert_eq!(built("--only two/pain"), "output/two/1+pain\n");
    assert_eq!(built("--only pain"), "output/one/1+pain\noutput/two/1+pain\n");
    assert_eq!(built("--only one --only one/pain"), "output/one/1+pain\noutput/one/1\n");
    let output = run(path, &["build", "reviews", "--only", "two/fever"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("no analysis or review has the id `two/fever`"));

    // an analysis comes before a review of its name
    edit(&path.join("reviews/one/fever.yaml"), "id: fever", "id: two");
    assert_eq!(built("--only two"), "output/one/1+two\n");
}

/// Each version remembers its own analyses, whatever else was asked for, and rebuilds.
#[test]
fn parts_of_two_reviews_rebuild() {
    let folder = two_reviews();
    let written = done(folder.path(), "build reviews --only chill --only fever");
    assert_eq!(written, "output/one/1+fever\noutput/two/1+chill\n");
    done(folder.path(), "verify output/one/1+fever output/two/1+chill");
}
