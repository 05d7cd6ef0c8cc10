//! Tells when something in some folders changes. The system tells; where it cannot, the files are
//! looked at over and over.

use super::walk;
use notify::{Config, ErrorKind, Event, PollWatcher, RecommendedWatcher, RecursiveMode, Watcher};
use std::collections::BTreeSet;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// How long files are left alone between two looks.
const BETWEEN_LOOKS: Duration = Duration::from_millis(500);

/// Folders that are watched.
pub struct Watch {
    watcher: Box<dyn Watcher + Send>,
    followed: BTreeSet<PathBuf>,
    is_polling: bool,
    on_change: OnChange,
}

type OnChange = Arc<dyn Fn() + Send + Sync>;

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch")
            .field("followed", &self.followed)
            .field("is_polling", &self.is_polling)
            .finish_non_exhaustive()
    }
}

impl Watch {
    /// A watch that follows nothing yet. `on_change` is called from a thread of its own, and says
    /// that something changed, perhaps several times for one change.
    ///
    /// # Errors
    /// If neither the system nor polling can tell of changes.
    pub fn new(
        is_polling: bool,
        on_change: impl Fn() + Send + Sync + 'static,
    ) -> Result<Self, io::Error> {
        let on_change: OnChange = Arc::new(on_change);
        let told = if is_polling { None } else { watcher_of_system(&on_change) };
        let (watcher, is_polling) = match told {
            Some(watcher) => (watcher, false),
            None => (polling(&on_change)?, true),
        };
        Ok(Self { watcher, followed: BTreeSet::new(), is_polling, on_change })
    }

    /// Whether files are looked at over and over, because that was asked for or the system cannot
    /// tell.
    #[must_use]
    pub fn is_polling(&self) -> bool {
        self.is_polling
    }

    /// Follows every folder at or below `paths`, new ones too, but for hidden ones and `skipped`.
    /// Folders that are gone are forgotten.
    ///
    /// # Errors
    /// If a folder cannot be listed or watched.
    pub fn follow(&mut self, paths: &[PathBuf], skipped: &Path) -> Result<(), io::Error> {
        let mut folders = BTreeSet::new();
        for path in paths {
            folders.extend(folders_below(path, skipped)?);
        }
        if !self.is_polling && self.follow_all(&folders).is_err() {
            // a system has only so many watches
            self.watcher = polling(&self.on_change)?;
            self.is_polling = true;
            self.followed.clear();
        }
        self.follow_all(&folders).map_err(io::Error::other)
    }

    fn follow_all(&mut self, folders: &BTreeSet<PathBuf>) -> Result<(), notify::Error> {
        for gone in self.followed.difference(folders) {
            // the system may have forgotten it already
            let _ = self.watcher.unwatch(gone);
        }
        self.followed.retain(|folder| folders.contains(folder));
        // those that are followed too: one that went and came back is another to the system
        for folder in folders {
            match self.watcher.watch(folder, RecursiveMode::NonRecursive) {
                Ok(()) => {
                    self.followed.insert(folder.clone());
                }
                // gone since it was listed; its parent tells
                Err(error) if matches!(error.kind, ErrorKind::PathNotFound) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

fn watcher_of_system(on_change: &OnChange) -> Option<Box<dyn Watcher + Send>> {
    let watcher = RecommendedWatcher::new(handler(on_change), Config::default()).ok()?;
    Some(Box::new(watcher))
}

fn polling(on_change: &OnChange) -> Result<Box<dyn Watcher + Send>, io::Error> {
    let config = Config::default().with_poll_interval(BETWEEN_LOOKS).with_compare_contents(true);
    let watcher = PollWatcher::new(handler(on_change), config).map_err(io::Error::other)?;
    Ok(Box::new(watcher))
}

/// Passes on everything but that a file was read: the program reads what it watches.
fn handler(on_change: &OnChange) -> impl Fn(notify::Result<Event>) + Send + 'static {
    let on_change = Arc::clone(on_change);
    move |event| {
        if !event.is_ok_and(|event| event.kind.is_access()) {
            on_change();
        }
    }
}

fn folders_below(path: &Path, skipped: &Path) -> io::Result<Vec<PathBuf>> {
    let named =
        |error: io::Error| io::Error::new(error.kind(), format!("`{}`: {error}", path.display()));
    let path = std::fs::canonicalize(path).map_err(named)?;
    let start = if path.is_file() { path.parent().unwrap_or(&path) } else { &path };
    // a folder that is not there yet has no other name
    let skipped = std::fs::canonicalize(skipped).or_else(|_| std::path::absolute(skipped))?;
    let mut folders = Vec::new();
    let mut entries = walk(start);
    while let Some(entry) = entries.next() {
        // what is gone since it was listed, or may not be listed, is nothing to watch
        let Ok(entry) = entry else { continue };
        if entry.file_type().is_dir() {
            if entry.path() == skipped {
                entries.skip_current_dir();
            } else {
                folders.push(entry.into_path());
            }
        }
    }
    Ok(folders)
}
