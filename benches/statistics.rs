//! How long the numbers take: one full analysis, many analyses, and many studies in one.
//!
//! `cargo bench --bench statistics` prints medians, ratios within the one run, and the exponent with
//! which the time grows. The data are made here and are the same in every run.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark measures time and prints"
)]

use build_report::pipeline::{self, CheckedReview};
use build_report::project::read_review;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const PROGRAM: &str = env!("CARGO_BIN_EXE_build-report");

/// The studies of an analysis where their number is not what is varied.
const STUDIES: usize = 20;

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let one = one_analysis(folder.path());
    println!("{:<44} {:>10}", "in one process, on one analysis", "median");
    println!("{:<44} {:>7.0} µs", "everything on 20 studies, REML", micros(one));

    let analyses = growth(&[10, 100, 1_000, 10_000], |count| eval(folder.path(), count));
    print_growth("whole process, `eval` of analyses of 20", "analyses", &analyses);

    let studies = growth(&[10, 100, 1_000, 10_000], |count| many_studies(folder.path(), count));
    print_growth("in one process, everything on one analysis", "studies", &studies);
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

/// A review of analyses of one table, each of its own studies.
fn review(folder: &Path, analyses: usize, studies: usize) -> CheckedReview {
    fs::create_dir_all(folder.join("data")).unwrap();
    let mut spec = String::from(
        "id: benchmark\nversion: \"1\"\ntitle: Benchmark\n\ndefaults:\n  kind: binary\n  \
         measure: OR\n  data: data/studies.csv\n  columns: {study: study, year: year, events1: ai, \
         total1: n1i, events2: ci, total2: n2i}\n  arms: {experimental: A, control: B}\n  \
         model: {method: REML, test: z}\n\norder:\n",
    );
    let mut table = String::from("analysis,study,year,ai,n1i,ci,n2i\n");
    let mut random = Random(20_261_122);
    for analysis in 0..analyses {
        writeln!(spec, "  - a{analysis:05}").unwrap();
        let text = format!(
            "id: a{analysis:05}\ntitle: Analysis {analysis}\nfilter: {{analysis: a{analysis:05}}}\n"
        );
        fs::write(folder.join(format!("a{analysis:05}.yaml")), text).unwrap();
        for study in 0..studies {
            let (total1, total2) = (20 + random.below(200), 20 + random.below(200));
            let (events1, events2) = (random.below(total1 / 2), 1 + random.below(total2 / 3));
            let year = 1990 + random.below(35);
            writeln!(
                table,
                "a{analysis:05},Study {study},{year},{events1},{total1},{events2},{total2}"
            )
            .unwrap();
        }
    }
    fs::write(folder.join("review.yaml"), spec).unwrap();
    fs::write(folder.join("data/studies.csv"), table).unwrap();
    pipeline::check(&read_review(folder).unwrap()).unwrap()
}

/// The numbers of SplitMix64 (Steele, Lea & Flood 2014).
struct Random(u64);

impl Random {
    /// A whole number below `limit`, near enough uniform.
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % limit
    }
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
    println!("{:<44} {:>10.2}", "exponent of the growth", exponent(points));
}

/// The slope of log time on log count by least squares.
fn exponent(points: &[(usize, Duration)]) -> f64 {
    let logs: Vec<(f64, f64)> = points
        .iter()
        .map(|(count, time)| ((*count as f64).ln(), time.as_secs_f64().ln()))
        .collect();
    let n = logs.len() as f64;
    let mean = |part: fn(&(f64, f64)) -> f64| logs.iter().map(part).sum::<f64>() / n;
    let (x, y) = (mean(|log| log.0), mean(|log| log.1));
    let covariance: f64 = logs.iter().map(|log| (log.0 - x) * (log.1 - y)).sum();
    let variance: f64 = logs.iter().map(|log| (log.0 - x) * (log.0 - x)).sum();
    covariance / variance
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
