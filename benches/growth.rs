//! How time and memory of a build grow with the number of reviews, and of studies in an analysis.
//!
//! `cargo bench --bench growth` builds 1 to 100 reviews of 17 analyses, and one analysis of 10 to
//! 10,000 studies, on one core; with `-- --large` 1,000 reviews too. The data are made here.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark measures time and prints"
)]

mod made;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const PROGRAM: &str = env!("CARGO_BIN_EXE_build-report");
/// The size of a review where the number of reviews is what is varied.
const ANALYSES: usize = 17;
const STUDIES: usize = 10;

/// What a build took.
struct Measured {
    count: usize,
    seconds: f64,
    /// The high-water mark of the memory in MiB, where the system tells it.
    memory: Option<f64>,
}

fn main() {
    let is_large = std::env::args().any(|argument| argument == "--large");
    let folder = tempfile::tempdir().unwrap();
    let mut counts = vec![1, 10, 100];
    if is_large {
        counts.push(1_000);
    }
    let reviews: Vec<Measured> = counts
        .into_iter()
        .map(|count| {
            let reviews = folder.path().join(format!("reviews-{count}"));
            for index in 0..count {
                let id = format!("r{index:04}");
                made::review(&reviews.join(&id), &id, ANALYSES, STUDIES);
            }
            build(&reviews, count)
        })
        .collect();
    print_growth("reviews of 17 analyses", &reviews);
    let studies: Vec<Measured> = [10, 100, 1_000, 10_000]
        .into_iter()
        .map(|count| {
            let review = folder.path().join(format!("studies-{count}"));
            made::review(&review, "one", 1, count);
            build(&review, count)
        })
        .collect();
    print_growth("studies in one analysis", &studies);
}

/// Builds what is in a folder, on one core.
fn build(folder: &Path, count: usize) -> Measured {
    let out = folder.with_extension("out");
    let mut command = Command::new(PROGRAM);
    command.arg("build").arg(folder).arg("--out").arg(&out);
    command.env("RAYON_NUM_THREADS", "1").env_remove("SOURCE_DATE_EPOCH");
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    let mut child = command.spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut memory = None;
    let ended = loop {
        if let Some(ended) = child.try_wait().unwrap() {
            break ended;
        }
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<f64>().ok());
        memory = kib.map(|kib| kib / 1024.0).or(memory);
        std::thread::sleep(Duration::from_millis(2));
    };
    let seconds = start.elapsed().as_secs_f64();
    assert!(ended.success(), "{}", folder.display());
    fs::remove_dir_all(&out).unwrap();
    Measured { count, seconds, memory }
}

fn print_growth(what: &str, points: &[Measured]) {
    println!("\n{what:<44} {:>12} {:>12} {:>12}", "build", "each", "memory");
    for point in points {
        let each = 1000.0 * point.seconds / point.count as f64;
        let memory = point.memory.map_or(String::new(), |memory| format!("{memory:.0} MiB"));
        println!("{:<44} {:>10.2} s {each:>9.2} ms {memory:>12}", point.count, point.seconds);
    }
    let exponent = |value: fn(&Measured) -> Option<f64>| {
        let points: Vec<(f64, f64)> =
            points.iter().filter_map(|point| Some((point.count as f64, value(point)?))).collect();
        made::exponent(&points)
    };
    let time = exponent(|point| Some(point.seconds));
    println!("{:<44} {time:>12.2} {:>25.2}", "exponents", exponent(|point| point.memory));
}
