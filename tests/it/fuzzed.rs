//! What the fuzzer tries (`fuzz/`), on the inputs that it has kept and on those that once failed.

#[path = "../../fuzz/src/lib.rs"]
#[allow(unreachable_pub, reason = "a library of its own for the fuzzer")]
pub(crate) mod targets;

use std::fs;
use std::path::Path;

/// Runs a target on every file of its corpus.
fn on_corpus(name: &str, target: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
    let mut files: Vec<_> =
        fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 8, "the corpus of `{name}` was lost");
    for file in files {
        let data = fs::read(&file).unwrap();
        let outcome = std::panic::catch_unwind(|| target(&data));
        assert!(outcome.is_ok(), "{}", file.display());
    }
}

#[test]
fn yaml_of_the_corpus() {
    on_corpus("yaml", targets::yaml);
}

#[test]
fn tables_of_the_corpus() {
    on_corpus("csv", targets::csv);
}

#[test]
fn filters_of_the_corpus() {
    on_corpus("filter", targets::filter);
}

#[test]
fn reviews_of_the_corpus() {
    on_corpus("eval", targets::eval);
}

#[test]
fn texts_of_the_corpus() {
    on_corpus("template", |data| {
        targets::template(data);
    });
}

#[test]
fn updates_of_the_corpus() {
    on_corpus("diff", targets::diff);
}
