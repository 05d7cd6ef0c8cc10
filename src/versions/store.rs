//! The output folder: `<out>/<review>/<version>/`.
//!
//! A version is written to a hidden folder beside its place and put there by one rename, so that a
//! crash leaves the old version or the new one, never a mixture. `releases.json` holds the seals of
//! the released versions, so that one that is gone or was changed with its manifest is found too.

#![expect(clippy::disallowed_methods, reason = "the store owns the output folder")]

use super::decisions::{Decision, Decisions};
use super::kept::{Flaw, Kept};
use super::manifest::{MANIFEST, Manifest, Status, seal_in, sealed};
use crate::project::folder_names;
use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// The output folder of one review.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
}

/// Why the store did not do what it was asked for.
#[derive(Debug)]
pub enum StoreError {
    /// The disk refused.
    Disk {
        /// Where.
        path: PathBuf,
        /// The system's reason.
        cause: io::Error,
    },
    /// A released version never changes.
    Released(PathBuf),
    /// There is no such version.
    Missing(PathBuf),
    /// A folder that should be new has something in it.
    NotEmpty(PathBuf),
    /// A version is not what was written, and cannot be released.
    Flawed(PathBuf, Vec<Flaw>),
    /// The list of released versions is there, but is no list.
    Seals(PathBuf),
    /// The decisions on the changes to a version are there, but cannot be understood.
    Decisions(PathBuf),
}

impl std::fmt::Display for StoreError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Disk { path, cause } => {
                write!(f, "cannot write or read `{}`: {cause}", path.display())
            }
            Self::Released(path) => {
                write!(f, "`{}` is released and never changes", path.display())
            }
            Self::NotEmpty(path) => write!(f, "`{}` is not empty", path.display()),
            Self::Missing(path) => write!(f, "there is no version `{}`", path.display()),
            Self::Flawed(path, flaws) => {
                let flaws: Vec<String> = flaws.iter().map(ToString::to_string).collect();
                write!(f, "`{}` is not what was built: {}", path.display(), flaws.join(", "))
            }
            Self::Seals(path) | Self::Decisions(path) => {
                write!(f, "`{}` is not what was written", path.display())
            }
        }
    }
}

impl std::error::Error for StoreError {}

/// The right to write versions of one review; other builds wait while it lives.
#[derive(Debug)]
struct Lock(#[expect(dead_code, reason = "the lock is held as long as the file is open")] File);

impl Store {
    /// The store of a review below `out`. Nothing is created yet.
    #[must_use]
    pub fn new(out: &Path, review: &str) -> Self {
        Self { folder: out.join(review) }
    }

    /// The store that holds the version in `folder`, with the version's label.
    #[must_use]
    pub fn of_version(folder: &Path) -> (Self, String) {
        let label = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        (Self { folder: folder.parent().unwrap_or(Path::new("")).to_owned() }, label)
    }

    /// Where a version stands.
    #[must_use]
    pub fn version_folder(&self, version: &str) -> PathBuf {
        self.folder.join(version)
    }

    /// The labels of the kept versions, those with smaller numbers first.
    ///
    /// # Errors
    /// If the folder cannot be read.
    pub fn labels(&self) -> Result<Vec<String>, StoreError> {
        let mut labels = folder_names(&self.folder).map_err(at(&self.folder))?;
        labels.extend(self.releases()?.into_keys());
        labels.sort_by_cached_key(|label| natural_order(label));
        labels.dedup();
        Ok(labels)
    }

    /// The seals of the released versions, by label.
    ///
    /// # Errors
    /// If the list is there, but cannot be read.
    pub fn releases(&self) -> Result<BTreeMap<String, String>, StoreError> {
        let path = self.folder.join(RELEASES);
        match fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text).map_err(|_| StoreError::Seals(path)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(BTreeMap::new()),
            Err(error) => Err(at(&path)(error)),
        }
    }

    /// A kept version with the hashes of its files; `None` where there is none.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn read(&self, version: &str) -> Result<Option<Kept>, StoreError> {
        let folder = self.version_folder(version);
        Kept::read_hashed(&folder).map_err(at(&folder))
    }

    /// Writes a version, replacing an earlier draft of the same label. Where another build of the
    /// review is at work, `on_wait` is called once and the build waits.
    ///
    /// # Errors
    /// If the version is released, or the disk refuses; the earlier version then stands as it was.
    pub fn write(
        &self,
        version: &str,
        files: &BTreeMap<String, Vec<u8>>,
        on_wait: impl FnOnce(),
    ) -> Result<PathBuf, StoreError> {
        make_folder(&self.folder)?;
        let _lock = self.lock(on_wait)?;
        self.sweep()?;
        let target = self.version_folder(version);
        if self.is_released(version)? {
            return Err(StoreError::Released(target));
        }
        let staging = self.folder.join(format!("{STAGING}{version}"));
        let put = write_files(&staging, files).and_then(|()| put_in_place(&staging, &target));
        // what could not be put in place would only fill the disk, and what it replaced is over
        let swept = self.sweep();
        put.and(swept)?;
        Ok(target)
    }

    /// Freezes a version: its manifest gets the status and the seal, its files can no longer be
    /// written. A version that is released already is left as it is.
    ///
    /// # Errors
    /// If there is no such version, it is not what was built, or the disk refuses.
    pub fn release(&self, version: &str, on_wait: impl FnOnce()) -> Result<String, StoreError> {
        let folder = self.version_folder(version);
        if !folder.is_dir() {
            return Err(StoreError::Missing(folder));
        }
        let _lock = self.lock(on_wait)?;
        self.sweep()?;
        let kept = self.read(version)?.ok_or_else(|| StoreError::Missing(folder.clone()))?;
        let flaws = kept.flaws();
        if !flaws.is_empty() {
            return Err(StoreError::Flawed(folder, flaws));
        }
        let manifest = kept.bytes(MANIFEST).unwrap_or_default();
        let flawed = || StoreError::Flawed(folder.clone(), vec![Flaw::NoManifest]);
        let text = sealed(manifest).ok_or_else(flawed)?;
        let seal = seal_in(&text).ok_or_else(flawed)?;
        // the seal first: a release that is cut short is one already
        let mut releases = self.releases()?;
        if releases.get(version) != Some(&seal) {
            releases.insert(version.to_owned(), seal.clone());
            let text = serde_json::to_vec_pretty(&releases).unwrap_or_default();
            self.replace(&self.folder.join(RELEASES), &text)?;
        }
        if text != manifest {
            self.replace(&folder.join(MANIFEST), &text)?;
        }
        for name in kept.names() {
            protect(&folder.join(name));
        }
        Ok(seal)
    }

    /// Whether a version is released, by its manifest or by the list of releases.
    ///
    /// # Errors
    /// If the list of releases cannot be read.
    pub fn is_released(&self, version: &str) -> Result<bool, StoreError> {
        let is_listed = self.releases()?.contains_key(version);
        let manifest = fs::read(self.version_folder(version).join(MANIFEST)).unwrap_or_default();
        let status = serde_json::from_slice::<Manifest>(&manifest).map(|manifest| manifest.status);
        Ok(is_listed || status.is_ok_and(|status| status == Status::Released))
    }

    /// The decisions on the changes to a version; none where nothing was decided.
    ///
    /// # Errors
    /// If they are there, but cannot be read.
    pub fn decisions(&self, version: &str) -> Result<Decisions, StoreError> {
        let path = self.decisions_file(version);
        match fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text).map_err(|_| StoreError::Decisions(path)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Decisions::default()),
            Err(error) => Err(at(&path)(error)),
        }
    }

    /// Adds a decision to those on the changes to a version, and says where they stand.
    ///
    /// # Errors
    /// If earlier ones cannot be read, or the disk refuses.
    pub fn decide(
        &self,
        version: &str,
        decision: Decision,
        on_wait: impl FnOnce(),
    ) -> Result<PathBuf, StoreError> {
        let _lock = self.lock(on_wait)?;
        self.sweep()?;
        let mut decisions = self.decisions(version)?;
        decisions.decide(decision);
        let mut text = serde_json::to_vec_pretty(&decisions).unwrap_or_default();
        text.push(b'\n');
        let path = self.decisions_file(version);
        self.replace(&path, &text)?;
        Ok(path)
    }

    fn decisions_file(&self, version: &str) -> PathBuf {
        self.folder.join(format!("{version}.decisions.json"))
    }

    /// Puts a file in the place of another by one rename.
    fn replace(&self, target: &Path, text: &[u8]) -> Result<(), StoreError> {
        let staging = self.folder.join(format!("{STAGING}file"));
        make_folder(&staging)?;
        let file = staging.join("file");
        fs::write(&file, text).map_err(at(&file))?;
        fs::rename(&file, target).map_err(at(target))?;
        self.sweep()
    }

    fn lock(&self, on_wait: impl FnOnce()) -> Result<Lock, StoreError> {
        let path = self.folder.join(".lock");
        let file = File::create(&path).map_err(at(&path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                on_wait();
                file.lock().map_err(at(&path))?;
            }
            Err(TryLockError::Error(error)) => return Err(at(&path)(error)),
        }
        Ok(Lock(file))
    }

    /// Removes what earlier builds left behind: an interrupted one, or the version just replaced.
    /// A version that had stepped aside for one that never came goes back to its place.
    fn sweep(&self) -> Result<(), StoreError> {
        for entry in fs::read_dir(&self.folder).map_err(at(&self.folder))? {
            let entry = entry.map_err(at(&self.folder))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let aside = name.strip_prefix(ASIDE).map(|version| self.version_folder(version));
            if let Some(target) = aside.filter(|target| !target.exists()) {
                fs::rename(entry.path(), &target).map_err(at(&target))?;
            } else if name.starts_with(STAGING) {
                fs::remove_dir_all(entry.path()).map_err(at(&entry.path()))?;
            }
        }
        Ok(())
    }
}

/// The list of released versions with their seals.
const RELEASES: &str = "releases.json";

/// Names of versions that stepped aside start like this; no label of a version starts with a dot.
const ASIDE: &str = ".building-old-";

/// Names of folders that are being written start like this.
const STAGING: &str = ".building-";

pub(super) fn make_folder(path: &Path) -> Result<(), StoreError> {
    fs::create_dir_all(path).map_err(at(path))
}

pub(super) fn at(path: &Path) -> impl Fn(io::Error) -> StoreError + use<> {
    let path = path.to_owned();
    move |cause| StoreError::Disk { path: path.clone(), cause }
}

pub(super) fn write_files(
    folder: &Path,
    files: &BTreeMap<String, Vec<u8>>,
) -> Result<(), StoreError> {
    for (name, bytes) in files {
        let path = folder.join(name);
        if let Some(parent) = path.parent() {
            make_folder(parent)?;
        }
        fs::write(&path, bytes).map_err(at(&path))?;
    }
    Ok(())
}

/// Takes away the right to write a file, where the system can.
fn protect(path: &Path) {
    if let Ok(metadata) = fs::metadata(path) {
        let mut permissions = metadata.permissions();
        permissions.set_readonly(true);
        // a file system without rights keeps the seal as its only proof
        let _ = fs::set_permissions(path, permissions);
    }
}

/// A label cut into numbers and what stands between them, so that 2024.9 comes before 2024.10.
fn natural_order(label: &str) -> Vec<(String, u64)> {
    let mut parts = Vec::new();
    let mut rest = label;
    while !rest.is_empty() {
        let text = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let digits =
            rest[text..].find(|c: char| !c.is_ascii_digit()).map_or(rest.len(), |n| text + n);
        parts.push((rest[..text].to_owned(), rest[text..digits].parse().unwrap_or(u64::MAX)));
        rest = &rest[digits..];
    }
    parts
}

/// Puts `staging` at `target`. Where `target` exists, the two are exchanged in one step, and the
/// old folder is left at `staging`.
fn put_in_place(staging: &Path, target: &Path) -> Result<(), StoreError> {
    if !target.exists() {
        return fs::rename(staging, target).map_err(at(target));
    }
    if exchange(staging, target).is_ok() {
        return Ok(());
    }
    // a system without an exchange of folders: the old one steps aside first
    let aside = staging.with_file_name(format!(
        "{ASIDE}{}",
        target.file_name().unwrap_or_default().to_string_lossy()
    ));
    fs::rename(target, &aside).map_err(at(target))?;
    fs::rename(staging, target).map_err(|error| {
        // back to how it was
        let _ = fs::rename(&aside, target);
        at(target)(error)
    })
}

#[cfg(target_os = "linux")]
fn exchange(a: &Path, b: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    renameat_with(CWD, a, CWD, b, RenameFlags::EXCHANGE).map_err(io::Error::from)
}

#[cfg(not(target_os = "linux"))]
fn exchange(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
