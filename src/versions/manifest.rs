//! The manifest of a version: what it was made from, by whom, and what it holds.

use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// `manifest.json`. Paths have forward slashes; hashes are SHA-256 in lower-case hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Manifest {
    /// Id of the review.
    pub review: String,
    /// Label of the version.
    pub version: String,
    /// Whether the version may still be replaced.
    pub status: &'static str,
    /// The program, with its version.
    pub program: String,
    /// Typst, with its version. Which of the two engines ran makes no difference to the bytes.
    pub engine: String,
    /// Seconds since 1970 that `SOURCE_DATE_EPOCH` gave.
    pub source_date_epoch: Option<i64>,
    /// Specs and tables that the version was built from.
    pub inputs: BTreeMap<String, String>,
    /// Templates and labels.
    pub templates: BTreeMap<String, String>,
    /// Fonts.
    pub fonts: BTreeMap<String, String>,
    /// Every other file of the version.
    pub outputs: BTreeMap<String, String>,
}

/// The SHA-256 of some bytes.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    /// The first example of FIPS 180-2, appendix B.
    #[test]
    fn hashes_are_sha_256() {
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(super::sha256(b"abc"), expected);
    }
}
