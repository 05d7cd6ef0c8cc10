//! The manifest of a version: what it was made from, by whom, and what it holds.

use crate::project::read_in_pieces;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;
use std::path::Path;

/// The name of the manifest in the folder of its version.
pub const MANIFEST: &str = "manifest.json";

/// `manifest.json`. Paths have forward slashes; hashes are SHA-256 in lower-case hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Id of the review.
    pub review: String,
    /// The version, as `review.yaml` names it.
    pub version: String,
    /// Whether the version may still be replaced.
    pub status: Status,
    /// The day that the report bears, as year-month-day.
    #[serde(default)]
    pub date: Option<String>,
    /// What made it.
    #[serde(flatten)]
    pub maker: Maker,
    /// The verdict on each analysis, by its id.
    #[serde(default)]
    pub verdicts: BTreeMap<String, String>,
    /// Specs and tables that the version was built from.
    pub inputs: BTreeMap<String, String>,
    /// Every other file of the version.
    pub outputs: BTreeMap<String, String>,
}

/// Whether a version may still be replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// The next build may replace it.
    Draft,
    /// It never changes again.
    Released,
}

/// Everything besides its inputs that a version depends on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Maker {
    /// The program, with its version.
    pub program: String,
    /// Typst, with its version. Which of the two engines ran makes no difference to the bytes.
    pub engine: String,
    /// Seconds since 1970 that `SOURCE_DATE_EPOCH` gave.
    pub source_date_epoch: Option<i64>,
    /// What the command line asked for, by the name of the argument.
    #[serde(default)]
    pub options: BTreeMap<String, String>,
    /// Templates and labels.
    pub templates: BTreeMap<String, String>,
    /// Fonts.
    pub fonts: BTreeMap<String, String>,
}

/// The option by which a version holds some of the analyses of its review.
pub const ONLY: &str = "only";

impl Manifest {
    /// The name of the version's folder: the version, with the analyses that it holds where it is a
    /// part.
    #[must_use]
    pub fn label(&self) -> String {
        let only = self.maker.options.get(ONLY).map(|ids| format!("+{}", ids.replace(',', "+")));
        format!("{}{}", self.version, only.unwrap_or_default())
    }
}

/// The SHA-256 of some bytes.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// The SHA-256 of a file, which is not kept in memory.
///
/// # Errors
/// If it cannot be read.
pub(super) fn sha256_of_file(path: &Path) -> io::Result<String> {
    let mut hash = Sha256::new();
    read_in_pieces(path, |piece| hash.update(piece))?;
    Ok(hexadecimal(&hash.finalize()))
}

fn hexadecimal(hash: &[u8]) -> String {
    hash.iter().fold(String::with_capacity(2 * hash.len()), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// The hash of everything that a manifest says but for its status and its seal, from the text of
/// the manifest, so that what a later program adds to it is sealed too. `None` where the text is no
/// manifest.
#[must_use]
pub fn seal_of(manifest: &[u8]) -> Option<String> {
    let mut entries = entries_of(manifest)?;
    entries.shift_remove("status");
    entries.shift_remove("seal");
    Some(sha256(serde_json::to_string(&entries).ok()?.as_bytes()))
}

/// The seal that a manifest bears, if it bears one.
#[must_use]
pub fn seal_in(manifest: &[u8]) -> Option<String> {
    Some(entries_of(manifest)?.get("seal")?.as_str()?.to_owned())
}

/// The text of a manifest with the status `released` and its seal. `None` where the text is no
/// manifest.
pub(super) fn sealed(manifest: &[u8]) -> Option<Vec<u8>> {
    let seal = seal_of(manifest)?;
    let mut entries = entries_of(manifest)?;
    entries.insert("status".to_owned(), "released".into());
    entries.insert("seal".to_owned(), seal.into());
    let mut text = serde_json::to_vec_pretty(&entries).ok()?;
    text.push(b'\n');
    Some(text)
}

fn entries_of(manifest: &[u8]) -> Option<serde_json::Map<String, serde_json::Value>> {
    match serde_json::from_slice(manifest).ok()? {
        serde_json::Value::Object(entries) => Some(entries),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first example of FIPS 180-2, appendix B.
    #[test]
    fn hashes_are_sha_256() {
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256(b"abc"), expected);
    }

    #[test]
    fn a_seal_covers_everything_but_the_status() {
        let draft = br#"{"review":"a","status":"draft","unknown":[1]}"#;
        let released = sealed(draft).unwrap();
        assert_eq!(seal_of(draft), seal_of(&released));
        assert_eq!(seal_in(&released), seal_of(&released));
        let other = String::from_utf8(released).unwrap().replace('1', "2");
        assert_ne!(seal_in(other.as_bytes()), seal_of(other.as_bytes()));
        assert_eq!(seal_of(b"[]"), None);
    }
}
