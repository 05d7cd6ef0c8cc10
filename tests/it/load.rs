//! Many at once.

use super::support::{copy_tree, fixture, program, run, stderr, stdout, tree};
use std::fs::{self, File};
use std::path::Path;

/// 200 processes read one folder at the same time: each succeeds and says the same.
#[test]
fn two_hundred_evaluations_at_once_agree() {
    const PROCESSES: usize = 200;
    let review = fixture("fixtures/fleiss1993");
    let outputs = tempfile::tempdir().unwrap();
    let before = tree(&review);
    let output = |n: usize| outputs.path().join(n.to_string());
    let mut children: Vec<_> = (0..PROCESSES)
        .map(|n| {
            let mut command = program(Path::new("."));
            command.arg("eval").arg(&review).stdout(File::create(output(n)).unwrap());
            command.spawn().unwrap()
        })
        .collect();
    let succeeded = children.iter_mut().map(|child| child.wait().unwrap().success());
    let succeeded = succeeded.filter(|success| *success).count();
    let alone = run(Path::new("."), &["eval", review.to_str().unwrap()]);
    assert_eq!(succeeded, PROCESSES);
    assert!(!alone.stdout.is_empty());
    for n in 0..PROCESSES {
        assert_eq!(fs::read(output(n)).unwrap(), alone.stdout, "process {n}");
    }
    assert_eq!(tree(&review), before, "evaluations write nothing beside the specs");
}

/// Of many reviews only names are kept between the check and the build: what is built is the same.
#[test]
fn many_reviews_are_built_as_each_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    for n in 0..10 {
        let review = path.join(format!("reviews/r{n}"));
        copy_tree(&fixture("bad_inputs/_base"), &review);
        let spec = fs::read_to_string(review.join("review.yaml")).unwrap();
        fs::write(review.join("review.yaml"), spec.replace("id: sample", &format!("id: r{n}")))
            .unwrap();
    }
    let done = |arguments: &[&str]| {
        let output = run(path, arguments);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        stdout(&output)
    };
    let all = done(&["build", "reviews", "--language", "zh-Hans", "--out", "all"]);
    assert_eq!(all.lines().count(), 10);
    done(&["build", "reviews/r3", "--language", "zh-Hans", "--out", "alone"]);
    done(&["build", "reviews", "--only", "r4/pain", "--language", "zh-Hans", "--out", "all"]);
    done(&["build", "reviews/r4", "--only", "pain", "--language", "zh-Hans", "--out", "alone"]);
    for version in ["r3/1", "r4/1+pain"] {
        assert_eq!(tree(&path.join("all").join(version)), tree(&path.join("alone").join(version)));
    }

    let table = path.join("reviews/r7/data.csv");
    fs::write(&table, fs::read_to_string(&table).unwrap().replace("e1,", "e9,")).unwrap();
    let output = run(path, &["build", "reviews", "--out", "none"]);
    assert_eq!(output.status.code(), Some(1));
    let errors = stderr(&output);
    assert!(errors.contains("reviews/r7/") && !errors.contains("reviews/r6/"), "{errors}");
    assert!(errors.ends_with("error: nothing was written\n"), "{errors}");
    assert!(!path.join("none").exists());
}
