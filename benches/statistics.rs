//! How long the numbers take: one full analysis, many analyses, and many studies in one.
//!
//! `cargo bench --bench statistics` prints medians, ratios within the one run, and the exponent with
//! which the time grows. The data are made here and are the same in every run.
//!
//! `cargo bench --bench statistics -- --inside REVIEW RUNS` prints, for each of so many runs, the
//! seconds that the analyses of a review take once it is read and checked.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark measures time and prints"
)]

mod made;

use build_report::pipeline::{self, CheckedReview};
use build_report::project::read_review;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const PROGRAM: &str = env!("CARGO_BIN_EXE_build-report");

/// The studies of an analysis where their number is not what is varied.
const STUDIES: usize = 20;

fn main() {
    // what cargo says to every benchmark says nothing here
    let arguments: Vec<String> = std::env::args().skip(1).filter(|it| it != "--bench").collect();
    if let [flag, review, runs] = &arguments[..] {
        assert_eq!(flag, "--inside", "an argument that is not known");
        return inside(Path::new(review), runs.parse().unwrap());
    }
    let folder = tempfile::tempdir().unwrap();
    let one = one_analysis(folder.path());
    println!("{:<44} {:>10}", "in one process, on one analysis", "median");
    println!("{:<44} {:>7.0} µs", "everything on 20 studies, REML", micros(one));

    let analyses = growth(&[10, 100, 1_000, 10_000], |count| eval(folder.path(), count));
    print_growth("whole process, `eval` of analyses of 20", "analyses", &analyses);

    let studies = growth(&[10, 100, 1_000, 10_000], |count| many_studies(folder.path(), count));
    print_growth("in one process, everything on one analysis", "studies", &studies);
}

/// Prints the seconds that the analyses of a review take, run by run.
fn inside(review: &Path, runs: usize) {
    let checked = pipeline::check(&read_review(review).unwrap()).unwrap();
    for _ in 0..runs {
        println!("{}", timed_analysis(&checked).as_secs_f64());
    }
}

/// The median time of one analysis with all its sensitivity analyses and diagnostics.
fn one_analysis(folder: &Path) -> Duration {
    let checked = review(&folder.join("one"), 1, STUDIES);
    median(300, || timed_analysis(&checked))
}

fn many_studies(folder: &Path, count: usize) -> Duration {
    let checked = review(&folder.join(format!("studies-{count}")), 1, count);
    median(if count < 1_000 { 51 } else { 3 }, || timed_analysis(&checked))
}

fn timed_analysis(checked: &CheckedReview) -> Duration {
    let checked = checked.clone();
    let start = Instant::now();
    let findings = checked.analyse();
    let time = start.elapsed();
    assert!(findings.analyses().all(|(_, found)| found.pooled.is_ok()));
    time
}

/// The median time of the whole program on a review with so many analyses.
fn eval(folder: &Path, count: usize) -> Duration {
    let folder = folder.join(format!("analyses-{count}"));
    review(&folder, count, STUDIES);
    median(if count < 1_000 { 21 } else { 5 }, || {
        let mut command = Command::new(PROGRAM);
        command.arg("eval").arg(&folder).env_remove("SOURCE_DATE_EPOCH");
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let start = Instant::now();
        assert!(command.status().unwrap().success());
        start.elapsed()
    })
}

/// A review that is made here, read and checked.
fn review(folder: &Path, analyses: usize, studies: usize) -> CheckedReview {
    made::review(folder, "benchmark", analyses, studies);
    pipeline::check(&read_review(folder).unwrap()).unwrap()
}

/// The median over so many runs, after one that is not counted.
fn median(runs: usize, run: impl Fn() -> Duration) -> Duration {
    run();
    let mut times: Vec<Duration> = (0..runs).map(|_| run()).collect();
    times.sort();
    times[runs / 2]
}

fn growth(counts: &[usize], time: impl Fn(usize) -> Duration) -> Vec<(usize, Duration)> {
    counts.iter().map(|count| (*count, time(*count))).collect()
}

fn print_growth(title: &str, what: &str, points: &[(usize, Duration)]) {
    println!("\n{title:<44} {:>10} {:>12} {:>7}", "median", "each", "ratio");
    let mut before: Option<Duration> = None;
    for (count, time) in points {
        let ratio = before.map_or(String::new(), |before| {
            format!("{:.1}", time.as_secs_f64() / before.as_secs_f64())
        });
        let each = micros(*time) / *count as f64;
        let label = format!("{count} {what}");
        println!("{label:<44} {:>7.2} ms {each:>9.1} µs {ratio:>7}", micros(*time) / 1000.0);
        before = Some(*time);
    }
    println!("{:<44} {:>10.2}", "exponent of the growth", exponent_of(points));
}

fn exponent_of(points: &[(usize, Duration)]) -> f64 {
    let seconds = points.iter().map(|(count, time)| (*count as f64, time.as_secs_f64()));
    made::exponent(&seconds.collect::<Vec<_>>())
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
