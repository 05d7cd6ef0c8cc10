//! The output folder: `<out>/<review>/<version>/`.
//!
//! A version is written to a hidden folder beside its place and put there by one rename, so that a
//! crash leaves the old version or the new one, never a mixture.

#![expect(clippy::disallowed_methods, reason = "the store owns the output folder")]

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// The output folder of one review.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
}

/// What failed on disk, and where.
#[derive(Debug)]
pub struct StoreError {
    path: PathBuf,
    cause: io::Error,
}

impl std::fmt::Display for StoreError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "cannot write `{}`: {}", self.path.display(), self.cause)
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

    /// Where a version stands.
    #[must_use]
    pub fn version_folder(&self, version: &str) -> PathBuf {
        self.folder.join(version)
    }

    /// Writes a version, replacing an earlier draft of the same label. Where another build of the
    /// review is at work, `on_wait` is called once and the build waits.
    ///
    /// # Errors
    /// If the disk refuses; the earlier version then stands as it was.
    pub fn write(
        &self,
        version: &str,
        files: &BTreeMap<String, Vec<u8>>,
        on_wait: impl FnOnce(),
    ) -> Result<PathBuf, StoreError> {
        make_folder(&self.folder)?;
        let _lock = self.lock(on_wait)?;
        self.sweep()?;
        let staging = self.folder.join(format!("{STAGING}{version}"));
        for (name, bytes) in files {
            let path = staging.join(name);
            if let Some(parent) = path.parent() {
                make_folder(parent)?;
            }
            fs::write(&path, bytes).map_err(at(&path))?;
        }
        let target = self.version_folder(version);
        put_in_place(&staging, &target)?;
        self.sweep()?;
        Ok(target)
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
    fn sweep(&self) -> Result<(), StoreError> {
        for entry in fs::read_dir(&self.folder).map_err(at(&self.folder))? {
            let entry = entry.map_err(at(&self.folder))?;
            if entry.file_name().to_string_lossy().starts_with(STAGING) {
                fs::remove_dir_all(entry.path()).map_err(at(&entry.path()))?;
            }
        }
        Ok(())
    }
}

/// Names of folders that are being written start like this.
const STAGING: &str = ".building-";

fn make_folder(path: &Path) -> Result<(), StoreError> {
    fs::create_dir_all(path).map_err(at(path))
}

fn at(path: &Path) -> impl Fn(io::Error) -> StoreError + use<> {
    let path = path.to_owned();
    move |cause| StoreError { path: path.clone(), cause }
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
        "{STAGING}old-{}",
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
