//! Inputs that are made to be expensive: each gives a result or a message, in bounded memory.

use crate::support::{program, stderr};
use std::fs;
use std::process::Command;

const TEN_MEGABYTES: usize = 10 << 20;
const REVIEW: &str = "id: r\nversion: \"1\"\ntitle: R\n";
const SPEC: &str = "id: a\ntitle: A\nkind: generic\nmeasure: GEN\ndata: d.csv\ncolumns: {study: study, yi: yi, vi: vi}\n";
const TABLE: &str = "study,yi,vi\nA,0.5,0.1\nB,0.4,0.2\n";

/// Whether the program refuses the review, within a gibibyte of memory where the system can limit it.
fn is_refused(review: &str, spec: &str, table: &[u8]) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let files = [("review.yaml", review.as_bytes()), ("a.yaml", spec.as_bytes()), ("d.csv", table)];
    fs::create_dir(folder.path().join("r")).unwrap();
    for (name, bytes) in files {
        fs::write(folder.path().join("r").join(name), bytes).unwrap();
    }
    let plain = program(folder.path());
    let output = if cfg!(target_os = "linux") {
        Command::new("sh")
            .args(["-c", "ulimit -v 1048576 && exec \"$0\" eval r"])
            .arg(plain.get_program())
            .current_dir(folder.path())
            .output()
    } else {
        { plain }.args(["eval", "r"]).output()
    };
    let output = output.unwrap();
    let told = stderr(&output);
    let start: String = told.chars().take(300).collect();
    match output.status.code() {
        Some(0) => false,
        Some(1) => {
            assert!(told.contains("error[") && told.len() < 64 << 20, "{start}");
            true
        }
        _ => panic!("{:?}: {start}", output.status),
    }
}

#[test]
fn specs_that_unfold_are_refused() {
    let chain = |n: usize| {
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for at in 1..n {
            let names = vec![format!("*a{}", at - 1); 10].join(", ");
            bomb.push_str(&format!("a{at}: &a{at} [{names}]\n"));
        }
        bomb
    };
    let specs = [
        "[".repeat(TEN_MEGABYTES),
        "{a: ".repeat(TEN_MEGABYTES / 4),
        "- ".repeat(TEN_MEGABYTES / 2),
        "\"".repeat(TEN_MEGABYTES + 1),
        "*a ".repeat(TEN_MEGABYTES / 3),
        "\n".repeat(TEN_MEGABYTES),
        (0..100_000).map(|n| format!("k{n}: 1\n")).collect(),
        chain(9),
        chain(1000),
    ];
    for spec in &specs {
        assert!(is_refused(REVIEW, spec, TABLE.as_bytes()), "{}", &spec[..20]);
    }
    assert!(is_refused(&specs[0], SPEC, TABLE.as_bytes()));
    // a long text is a text
    let title = format!("{SPEC}note: {}\n", "x".repeat(TEN_MEGABYTES));
    assert!(!is_refused(REVIEW, &title, TABLE.as_bytes()));
}

#[test]
fn tables_of_ten_megabytes_are_read_or_refused() {
    let of = |unit: &str| unit.repeat(TEN_MEGABYTES / unit.len());
    for unit in [",", "\"", "\n", "a,b\n", "\t;,"] {
        assert!(is_refused(REVIEW, SPEC, of(unit).as_bytes()), "{unit:?}");
    }
    for byte in [0x00, 0xa1] {
        assert!(is_refused(REVIEW, SPEC, &vec![byte; TEN_MEGABYTES]), "{byte}");
    }
    let long_label = format!("study,yi,vi\n{},0.5,0.1\nB,0.4,0.2\n", of("x"));
    assert!(!is_refused(REVIEW, SPEC, long_label.as_bytes()));
    // as many messages as rows would be no help
    let wrong = format!("study,yi,vi\n{}", "A,x,y\n".repeat(100_000));
    assert!(is_refused(REVIEW, SPEC, wrong.as_bytes()));
}

#[test]
fn a_million_rows_are_filtered() {
    let mut table = "study,outcome,yi,vi\n".to_owned();
    for row in 0..1_000_000 {
        table.push_str(&format!("S{row},{},0,5\n", if row < 3 { "pain" } else { "other" }));
    }
    let spec = format!("{SPEC}filter: {{outcome: pain}}\n");
    assert!(!is_refused(REVIEW, &spec, table.as_bytes()));
}
