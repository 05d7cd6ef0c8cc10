//! A kept version as it is on disk, and what is wrong with it.

use super::manifest::{MANIFEST, Manifest, Status, seal_in, seal_of, sha256};
use crate::project::{Inputs, read_every_file};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Where the inputs stand in the folder of a version.
const INPUTS: &str = "inputs/";

/// The files of a kept version.
#[derive(Debug, Clone)]
pub struct Kept {
    /// Its folder.
    pub folder: PathBuf,
    /// All files, by path.
    pub files: BTreeMap<String, Vec<u8>>,
}

/// What is wrong with a kept version.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flaw {
    /// There is no folder.
    Gone,
    /// The manifest is gone, or says nothing that can be read.
    NoManifest,
    /// The manifest was changed after its release.
    BrokenSeal,
    /// A file is gone.
    Missing(String),
    /// A file is not what was written.
    Changed(String),
    /// A file that the version was not written with.
    Added(String),
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gone => f.write_str("its folder is gone"),
            Self::NoManifest => write!(f, "`{MANIFEST}` is missing or cannot be read"),
            Self::BrokenSeal => write!(f, "`{MANIFEST}` was changed after the release"),
            Self::Missing(name) => write!(f, "`{name}` is missing"),
            Self::Changed(name) => write!(f, "`{name}` was changed by hand"),
            Self::Added(name) => write!(f, "`{name}` does not belong to the version"),
        }
    }
}

impl Kept {
    /// Reads the version in `folder`; `None` where there is no such folder.
    ///
    /// # Errors
    /// If a file cannot be read.
    pub fn read(folder: &Path) -> io::Result<Option<Self>> {
        if !folder.is_dir() {
            return Ok(None);
        }
        Ok(Some(Self { folder: folder.to_owned(), files: read_every_file(folder)? }))
    }

    /// Its manifest, if that can be read.
    #[must_use]
    pub fn manifest(&self) -> Option<Manifest> {
        serde_json::from_slice(self.files.get(MANIFEST)?).ok()
    }

    /// The hash of all that its manifest says.
    #[must_use]
    pub fn seal(&self) -> Option<String> {
        seal_of(self.files.get(MANIFEST)?)
    }

    /// The specs and tables that it was built from.
    #[must_use]
    pub fn inputs(&self) -> Inputs {
        let files = self
            .files
            .iter()
            .filter_map(|(name, bytes)| {
                Some((name.strip_prefix(INPUTS)?.to_owned(), bytes.clone()))
            })
            .collect();
        Inputs::from_files(self.folder.join("inputs"), files)
    }

    /// Everything in which the folder is not what was written.
    #[must_use]
    pub fn flaws(&self) -> Vec<Flaw> {
        let Some(manifest) = self.manifest() else { return vec![Flaw::NoManifest] };
        let mut flaws = Vec::new();
        let bytes = self.files.get(MANIFEST).map(Vec::as_slice).unwrap_or_default();
        if manifest.status == Status::Released && seal_in(bytes) != seal_of(bytes) {
            flaws.push(Flaw::BrokenSeal);
        }
        let inputs = manifest.inputs.iter().map(|(name, hash)| (format!("{INPUTS}{name}"), hash));
        let outputs = manifest.outputs.iter().map(|(name, hash)| (name.clone(), hash));
        let named: Vec<(String, &String)> = inputs.chain(outputs).collect();
        let of_files = |(name, hash): &(String, &String)| match self.files.get(name) {
            None => Some(Flaw::Missing(name.clone())),
            Some(bytes) => (sha256(bytes) != **hash).then(|| Flaw::Changed(name.clone())),
        };
        flaws.par_extend(named.par_iter().filter_map(of_files));
        let known: BTreeSet<&str> = named.iter().map(|(name, _)| name.as_str()).collect();
        let added =
            self.files.keys().filter(|name| *name != MANIFEST && !known.contains(name.as_str()));
        flaws.extend(added.cloned().map(Flaw::Added));
        flaws
    }
}
