//! Reviews that are made here, the same in every run, and how what is measured on them grows.

#![allow(dead_code, reason = "no benchmark uses all of it")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// A review of analyses of one table, each of its own studies; others in every review.
pub(crate) fn review(folder: &Path, id: &str, analyses: usize, studies: usize) {
    fs::create_dir_all(folder.join("data")).unwrap();
    let mut spec = format!("id: {id}\n");
    spec.push_str(
        "version: \"1\"\ntitle: Benchmark\n\ndefaults:\n  kind: binary\n  \
         measure: OR\n  data: data/studies.csv\n  columns: {study: study, year: year, events1: ai, \
         total1: n1i, events2: ci, total2: n2i}\n  arms: {experimental: A, control: B}\n  \
         model: {method: REML, test: z}\n\norder:\n",
    );
    let mut table = String::from("analysis,study,year,ai,n1i,ci,n2i\n");
    let seed = id.bytes().fold(20_261_122, |seed: u64, byte| 31 * seed + u64::from(byte));
    let mut random = Random(seed);
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

/// The exponent with which a value grows with a count: the slope of their logarithms by least
/// squares.
pub(crate) fn exponent(points: &[(f64, f64)]) -> f64 {
    let logs: Vec<(f64, f64)> =
        points.iter().map(|(count, value)| (count.ln(), value.ln())).collect();
    let n = logs.len() as f64;
    let mean = |part: fn(&(f64, f64)) -> f64| logs.iter().map(part).sum::<f64>() / n;
    let (x, y) = (mean(|log| log.0), mean(|log| log.1));
    let covariance: f64 = logs.iter().map(|log| (log.0 - x) * (log.1 - y)).sum();
    let variance: f64 = logs.iter().map(|log| (log.0 - x) * (log.0 - x)).sum();
    covariance / variance
}
