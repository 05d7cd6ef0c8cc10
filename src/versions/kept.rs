//! A kept version as it is on disk, and what is wrong with it.

use super::manifest::{MANIFEST, Manifest, Status, seal_in, seal_of, sha256, sha256_of_file};
use crate::project::{Inputs, every_file, read_file};
use crate::report::view::RESULTS;
use rayon::prelude::*;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Where the inputs stand in the folder of a version.
const INPUTS: &str = "inputs/";

/// A version as it stands on the disk.
#[derive(Debug, Clone)]
pub struct Kept {
    /// Its folder.
    pub folder: PathBuf,
    files: BTreeMap<String, Content>,
    manifest: Option<Manifest>,
}

/// What was read of a file.
#[derive(Debug, Clone)]
enum Content {
    Bytes(Vec<u8>),
    Sha256(String),
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
    /// Reads the version in `folder`, all of it; `None` where there is no such folder.
    ///
    /// # Errors
    /// If a file cannot be read.
    pub fn read(folder: &Path) -> io::Result<Option<Self>> {
        Self::read_files(folder, |_, path| Ok(Content::Bytes(read_file(path)?)))
    }

    /// Reads the manifest, the results and the inputs of the version in `folder`, and of every other
    /// file the hash, which is enough to tell whether it is what was written. `None` where there is
    /// no such folder.
    ///
    /// # Errors
    /// If a file cannot be read.
    pub fn read_hashed(folder: &Path) -> io::Result<Option<Self>> {
        Self::read_files(folder, |name, path| {
            if [MANIFEST, RESULTS].contains(&name) || name.starts_with(INPUTS) {
                Ok(Content::Bytes(read_file(path)?))
            } else {
                Ok(Content::Sha256(sha256_of_file(path)?))
            }
        })
    }

    fn read_files(
        folder: &Path,
        read: impl Fn(&str, &Path) -> io::Result<Content> + Sync,
    ) -> io::Result<Option<Self>> {
        if !folder.is_dir() {
            return Ok(None);
        }
        let read = |(name, path): (String, PathBuf)| {
            let content = read(&name, &path)?;
            Ok((name, content))
        };
        // some are large: a version has megabytes of figures
        let files: io::Result<BTreeMap<_, _>> =
            every_file(folder)?.into_par_iter().map(read).collect();
        let mut kept = Self { folder: folder.to_owned(), files: files?, manifest: None };
        kept.manifest = kept.bytes(MANIFEST).and_then(|text| serde_json::from_slice(text).ok());
        Ok(Some(kept))
    }

    /// The paths of all files below the folder.
    pub fn names(&self) -> impl Iterator<Item = &String> {
        self.files.keys()
    }

    /// The bytes of a file, if it is there and they were read.
    #[must_use]
    pub fn bytes(&self, name: &str) -> Option<&[u8]> {
        match self.files.get(name)? {
            Content::Bytes(bytes) => Some(bytes),
            Content::Sha256(_) => None,
        }
    }

    /// The SHA-256 of a file, if it is there.
    #[must_use]
    pub fn sha256(&self, name: &str) -> Option<Cow<'_, str>> {
        Some(match self.files.get(name)? {
            Content::Bytes(bytes) => sha256(bytes).into(),
            Content::Sha256(hash) => hash.into(),
        })
    }

    /// The files whose bytes were read, by path.
    #[must_use]
    pub fn into_files(self) -> BTreeMap<String, Vec<u8>> {
        let bytes = |(name, content)| match content {
            Content::Bytes(bytes) => Some((name, bytes)),
            Content::Sha256(_) => None,
        };
        self.files.into_iter().filter_map(bytes).collect()
    }

    /// Its manifest, if that can be read.
    #[must_use]
    pub fn manifest(&self) -> Option<&Manifest> {
        self.manifest.as_ref()
    }

    /// The hash of all that its manifest says.
    #[must_use]
    pub fn seal(&self) -> Option<String> {
        seal_of(self.bytes(MANIFEST)?)
    }

    /// The specs and tables that it was built from.
    #[must_use]
    pub fn inputs(&self) -> Inputs {
        let input = |(name, content): (&String, &Content)| match content {
            Content::Bytes(bytes) => Some((name.strip_prefix(INPUTS)?.to_owned(), bytes.clone())),
            Content::Sha256(_) => None,
        };
        let files = self.files.iter().filter_map(input).collect();
        Inputs::from_files(self.folder.join("inputs"), files)
    }

    /// Everything in which the folder is not what was written.
    #[must_use]
    pub fn flaws(&self) -> Vec<Flaw> {
        let Some(manifest) = self.manifest() else { return vec![Flaw::NoManifest] };
        let mut flaws = Vec::new();
        let bytes = self.bytes(MANIFEST).unwrap_or_default();
        if manifest.status == Status::Released && seal_in(bytes) != seal_of(bytes) {
            flaws.push(Flaw::BrokenSeal);
        }
        let inputs = manifest.inputs.iter().map(|(name, hash)| (format!("{INPUTS}{name}"), hash));
        let outputs = manifest.outputs.iter().map(|(name, hash)| (name.clone(), hash));
        let named: Vec<(String, &String)> = inputs.chain(outputs).collect();
        let of_files = |(name, hash): &(String, &String)| match self.sha256(name) {
            None => Some(Flaw::Missing(name.clone())),
            Some(found) => (found != **hash).then(|| Flaw::Changed(name.clone())),
        };
        flaws.par_extend(named.par_iter().filter_map(of_files));
        let known: BTreeSet<&str> = named.iter().map(|(name, _)| name.as_str()).collect();
        let added = self.names().filter(|name| *name != MANIFEST && !known.contains(name.as_str()));
        flaws.extend(added.cloned().map(Flaw::Added));
        flaws
    }
}
