//! Files that are no version: a new review, a schema, manual pages.

#![expect(clippy::disallowed_methods, reason = "with the store, the only code that writes")]

use super::store::{StoreError, at, make_folder, write_files};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

/// Writes a file, with the folders above it, in place of an earlier one by one rename.
///
/// # Errors
/// If the disk refuses; an earlier file then stands as it was.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        make_folder(parent)?;
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let staging = path.with_file_name(format!(".{name}.writing"));
    fs::write(&staging, bytes).map_err(at(&staging))?;
    fs::rename(&staging, path).map_err(|error| {
        // what could not be put in place would only lie about
        let _ = fs::remove_file(&staging);
        at(path)(error)
    })
}

/// Writes files, by their path with forward slashes, into a folder that is new or empty.
///
/// # Errors
/// If the folder has anything in it, or the disk refuses.
pub fn write_new_folder(
    folder: &Path,
    files: &BTreeMap<String, Vec<u8>>,
) -> Result<(), StoreError> {
    match fs::read_dir(folder).map(|mut entries| entries.next().is_some()) {
        Ok(true) => return Err(StoreError::NotEmpty(folder.to_owned())),
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(at(folder)(error)),
        Ok(false) | Err(_) => {}
    }
    write_files(folder, files)
}
