//! Many at once.

use super::support::{fixture, program, run, tree};
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
