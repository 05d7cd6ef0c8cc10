//! How long the program takes on the example review, beside Typst alone on the same sources.
//!
//! `cargo bench` prints medians of whole processes, and ratios within the one run. It needs no
//! other program; where `typst` is installed, the floor is measured too.
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

fn main() {
    let out = std::env::temp_dir().join(format!("build-report-bench-{}", std::process::id()));
    let out_text = out.to_str().unwrap();
    let review = "analyses/iv-msc-safety";

    let check = median(20, || command(PROGRAM, &["check", review]));
    let eval = median(50, || command(PROGRAM, &["eval", review]));
    let build_arguments = ["build", review, "--out", out_text, "--format", "pdf,typ"];
    let build = median(10, || {
        // what is there would not be built again
        let _ = fs::remove_dir_all(&out);
        command(PROGRAM, &build_arguments)
    });
    let one_core = median(5, || {
        let _ = fs::remove_dir_all(&out);
        on_one_core(command(PROGRAM, &build_arguments))
    });
    let more = one_more_analysis(&out);
    let _ = fs::remove_dir_all(&out);
    let memory = peak_memory(command(PROGRAM, &build_arguments));

    // the first run, which is not counted, builds the others
    let idle = median(20, || {
        command(PROGRAM, &["build", "analyses", "--out", out_text, "--format", "pdf,typ"])
    });
    let next = next_version(&out);
    let next_arguments = ["build", &next, "--out", out_text];
    assert!(command(PROGRAM, &next_arguments).status().unwrap().success());
    let review_out = out.join("iv-msc-safety");
    let versions = ["2026.1", "2026.2"].map(|label| review_out.join(label).display().to_string());
    let diff = median(20, || command(PROGRAM, &["diff", &versions[0], &versions[1]]));

    println!("{:<44} {:>9}", "whole process", "median");
    println!("{:<44} {:>6.1} ms", "check, 17 analyses", millis(check));
    println!("{:<44} {:>6.1} ms", "eval, 17 analyses", millis(eval));
    println!("{:<44} {:>6.1} ms", "build, PDF, 18 figures, tables", millis(build));
    println!("{:<44} {:>6.1} ms", "the same on one core", millis(one_core));
    println!("{:<44} {:>6.1} ms", "one more analysis of 10 studies, one core", more);
    println!("{:<44} {:>6.1} ms", "build of all reviews, nothing to do", millis(idle));
    println!("{:<44} {:>6.1} ms", "diff, 17 analyses, terminal", millis(diff));
    if let Some(peak) = memory {
        println!("{:<44} {:>6.0} MiB", "build, peak memory", peak);
    }
    if let Some(typst) = typst_alone(&out.join("iv-msc-safety/2026.1/typst")) {
        println!("{:<44} {:>6.1} ms", "typst alone, report and figures", millis(typst));
        println!(
            "{:<44} {:>9.2}",
            "build / typst alone",
            build.as_secs_f64() / typst.as_secs_f64()
        );
    }
    fs::remove_dir_all(&out).unwrap();
}

fn on_one_core(mut command: Command) -> Command {
    command.env("RAYON_NUM_THREADS", "1");
    command
}

/// What one more analysis with its table and figures takes, in milliseconds: a tenth of what a
/// review of 20 takes longer than one of 10.
fn one_more_analysis(out: &Path) -> f64 {
    let folder = tempfile::tempdir().unwrap();
    let build = |analyses: usize| {
        let review = folder.path().join(format!("r{analyses}"));
        made::review(&review, "more", analyses, 10);
        median(5, || {
            let _ = fs::remove_dir_all(out);
            let mut command = on_one_core(command(PROGRAM, &["build", "--out"]));
            command.arg(out).arg(&review);
            command
        })
    };
    (millis(build(20)) - millis(build(10))) / 10.0
}

/// A copy of the review with another label and one other cell.
fn next_version(out: &Path) -> String {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("analyses/iv-msc-safety");
    let to = out.join("next");
    for folder in ["", "data"] {
        fs::create_dir_all(to.join(folder)).unwrap();
        for entry in fs::read_dir(from.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let target = to.join(folder).join(path.file_name().unwrap());
                let text = fs::read_to_string(&path).unwrap();
                let text = text.replace("version: \"2026.1\"", "version: \"2026.2\"");
                fs::write(target, text.replacen("aggregate,8,29,", "aggregate,7,29,", 1)).unwrap();
            }
        }
    }
    to.display().to_string()
}

/// The `typst` program on the sources that the build wrote: the report, then the figures.
fn typst_alone(sources: &Path) -> Option<Duration> {
    let fonts = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/fonts");
    let compile = |main: &str, output: &str| {
        let mut command = command(
            "typst",
            &["compile", "--ignore-system-fonts", "--ignore-embedded-fonts", "--font-path"],
        );
        command.arg(&fonts).args([main, output]).current_dir(sources);
        command
    };
    let runs = |main: &'static str, output: &'static str| {
        compile(main, output).status().ok()?.success().then(|| median(10, || compile(main, output)))
    };
    Some(runs("report.typ", "report.pdf")? + runs("figures.typ", "figure-{0p}.svg")?)
}

fn command(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_remove("SOURCE_DATE_EPOCH")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

/// The median time of a process over so many runs, after one that is not counted.
fn median(runs: usize, make: impl Fn() -> Command) -> Duration {
    assert!(make().status().unwrap().success());
    let mut times: Vec<Duration> = (0..runs)
        .map(|_| {
            let mut command = make();
            let start = Instant::now();
            command.status().unwrap();
            start.elapsed()
        })
        .collect();
    times.sort();
    times[runs / 2]
}

/// The high-water mark of a process's memory in MiB, where the system tells it.
fn peak_memory(mut command: Command) -> Option<f64> {
    let mut child = command.spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = None;
    while child.try_wait().unwrap().is_none() {
        if let Ok(text) = fs::read_to_string(&status) {
            let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<f64>().ok());
            peak = kib.map(|kib| kib / 1024.0).or(peak);
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    peak
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
