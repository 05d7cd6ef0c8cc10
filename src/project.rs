//! The reader of inputs: finds the reviews below a path and reads their specs and tables.
//!
//! With `versions`, the only code that touches the disk.

#![expect(clippy::disallowed_methods, reason = "this module reads the inputs")]

mod encoding;
mod git;
mod watch;

pub use encoding::{Decoded, Evidence, encoding_named};
pub use git::{GitError, read_revision};
pub use watch::Watch;

use crate::diagnostic::{Code, Diagnostic};
use crate::source::{Place, SourceId, Sources, Span};
use encoding::Declared;
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

/// The name of the file that makes a folder a review.
pub const REVIEW_FILE: &str = "review.yaml";

/// The folder of a review's own templates, labels, styles and fonts.
pub const TEMPLATES: &str = "templates/";

/// The largest spec or table that is read, in bytes.
const LARGEST_INPUT: u64 = 256 << 20;

/// Everything that was read for one review. What follows needs no disk.
#[derive(Debug, Clone, Default)]
pub struct Inputs {
    /// The review folder, as the user named it.
    pub folder: PathBuf,
    /// The specs and tables as text.
    pub sources: Sources,
    /// The files that became text otherwise than as UTF-8, by their path below the review folder.
    pub decoded: BTreeMap<String, Decoded>,
    /// The specs and tables as they are on disk, by their path below the review folder.
    pub bytes: BTreeMap<String, Vec<u8>>,
    /// Files that are there but cannot be used, with the reason.
    pub unusable: BTreeMap<String, Unusable>,
}

/// Why a file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unusable {
    /// The bytes stop being UTF-8 at this offset, which lies in this line.
    NotUtf8 {
        /// Bytes before the first that is wrong.
        offset: usize,
        /// Line from 1.
        line: usize,
    },
    /// The bytes stop being text of the encoding that the file has in this line.
    WrongEncoding {
        /// The name of the encoding.
        encoding: &'static str,
        /// Line from 1.
        line: usize,
    },
    /// A byte 0 in this line, which no text has.
    Binary {
        /// Line from 1.
        line: usize,
    },
    /// A symbolic link to somewhere outside the review folder.
    OutsideReview,
    /// The system's reason.
    Unreadable(String),
}

impl Unusable {
    /// The message about a file, without a place.
    #[must_use]
    pub fn describe(&self, name: &str) -> (Code, String) {
        match self {
            Self::NotUtf8 { offset, line } => (
                Code::NotUtf8,
                format!(
                    "`{name}` is not UTF-8: line {line} has a byte that is no text (offset {offset})"
                ),
            ),
            Self::WrongEncoding { encoding, line } => (
                Code::NotUtf8,
                format!("`{name}` is not {encoding}: line {line} has bytes that are no text"),
            ),
            Self::Binary { line } => {
                (Code::NotUtf8, format!("`{name}` is not text: line {line} has a byte 0"))
            }
            Self::OutsideReview => (
                Code::OutsideReview,
                format!("`{name}` is a link to a file outside the review folder"),
            ),
            Self::Unreadable(reason) => {
                (Code::Unreadable, format!("`{name}` cannot be read: {reason}"))
            }
        }
    }

    /// What to do about a file of this name.
    #[must_use]
    pub fn help(&self, name: &str) -> Option<&'static str> {
        match self {
            Self::NotUtf8 { .. } | Self::WrongEncoding { .. } | Self::Binary { .. }
                if is_spec(name) =>
            {
                Some("save the file again as UTF-8")
            }
            Self::NotUtf8 { .. } => Some(
                "save the file again as \"CSV UTF-8\", or say in `review.yaml` what it is: `encoding: gb18030`, `big5`, `windows-1252`",
            ),
            Self::WrongEncoding { .. } => {
                Some("correct `encoding` in `review.yaml`, or save the file again as \"CSV UTF-8\"")
            }
            Self::Binary { .. } => Some(
                "save the file again as \"CSV UTF-8\"; UTF-16 without a byte-order mark is declared in `review.yaml`: `encoding: utf-16le`",
            ),
            Self::OutsideReview => Some("copy the file into the review folder"),
            Self::Unreadable(_) => None,
        }
    }
}

/// The review folders at or below `path`, sorted: those that hold a `review.yaml`. Hidden folders
/// are passed over, and so are the inputs that kept versions hold; a review inside a review is one
/// of its own.
///
/// # Errors
/// If the path does not exist or a folder cannot be listed.
pub fn find_reviews(path: &Path) -> io::Result<Vec<PathBuf>> {
    let start = if path.file_name().is_some_and(|name| name == REVIEW_FILE) {
        path.parent().unwrap_or(Path::new(".")).to_owned()
    } else {
        path.to_owned()
    };
    let mut reviews = Vec::new();
    let mut entries = walk(&start);
    while let Some(entry) = entries.next() {
        let entry = entry?;
        if entry.depth() > 0 && entry.file_type().is_dir() && is_kept(entry.path()) {
            entries.skip_current_dir();
        } else if entry.file_type().is_file() && entry.file_name() == REVIEW_FILE {
            reviews.push(entry.path().parent().unwrap_or(&start).to_owned());
        }
    }
    Ok(reviews)
}

/// Whether a folder is that of the inputs of a kept version.
fn is_kept(folder: &Path) -> bool {
    folder.ends_with("inputs") && folder.with_file_name("manifest.json").is_file()
}

/// Reads the YAML and CSV files of the review in `folder`. Files that cannot be used are kept by
/// name with their reason: it matters only if the review needs them.
///
/// # Errors
/// If the folder cannot be listed.
pub fn read_review(folder: &Path) -> io::Result<Inputs> {
    let mut inputs = Inputs { folder: folder.to_owned(), ..Inputs::default() };
    let root = fs::canonicalize(folder)?;
    let mut entries = walk(folder);
    while let Some(entry) = entries.next() {
        let entry = entry?;
        if entry.file_type().is_dir() {
            let is_other_review = entry.depth() > 0 && entry.path().join(REVIEW_FILE).is_file();
            if is_other_review {
                entries.skip_current_dir();
            }
            continue;
        }
        let relative = entry.path().strip_prefix(folder).unwrap_or(entry.path());
        let Some(name) = slashed(relative) else { continue };
        if is_input(&name) {
            inputs.add(name, read_input(entry.path(), &root));
        }
    }
    inputs.decode();
    Ok(inputs)
}

/// Reads one table that belongs to no review.
///
/// # Errors
/// If it cannot be read.
pub fn read_table(file: &Path) -> io::Result<Inputs> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut inputs =
        Inputs { folder: folder.unwrap_or(Path::new(".")).to_owned(), ..Inputs::default() };
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned());
    let name = name.unwrap_or_default();
    inputs.bytes.insert(name, read_bounded(file)?);
    inputs.decode();
    Ok(inputs)
}

/// Every file below a folder of templates or fonts, by its path with forward slashes.
///
/// # Errors
/// If a file or folder cannot be read.
pub fn read_tree(folder: &Path) -> io::Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    for entry in walk(folder) {
        let entry = entry?;
        if entry.file_type().is_file() {
            let relative = entry.path().strip_prefix(folder).unwrap_or(entry.path());
            if let Some(name) = slashed(relative) {
                files.insert(name, fs::read(entry.path())?);
            }
        }
    }
    Ok(files)
}

/// Every file below a folder, hidden ones too: its path with forward slashes, and where it stands.
///
/// # Errors
/// If a folder cannot be listed.
pub fn every_file(folder: &Path) -> io::Result<Vec<(String, PathBuf)>> {
    let mut files = Vec::new();
    for entry in WalkDir::new(folder).sort_by_file_name() {
        let entry = entry?;
        if entry.file_type().is_dir() {
            continue;
        }
        let path = entry.into_path();
        let relative = path.strip_prefix(folder).unwrap_or(&path);
        let name = slashed(relative).unwrap_or_else(|| relative.display().to_string());
        files.push((name, path));
    }
    Ok(files)
}

/// The bytes of a file.
///
/// # Errors
/// If it cannot be read.
pub fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    expect_file(path)?;
    fs::read(path)
}

/// Shows `see` the bytes of a file piece by piece: a large file then takes no memory.
///
/// # Errors
/// If it cannot be read.
pub fn read_in_pieces(path: &Path, mut see: impl FnMut(&[u8])) -> io::Result<()> {
    const PIECE: usize = 64 << 10;
    expect_file(path)?;
    let mut file = fs::File::open(path)?;
    let mut piece = vec![0; PIECE];
    loop {
        match file.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(length) => see(&piece[..length]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// The names of the folders in a folder, in their order, hidden ones passed over; none where there
/// is no such folder.
///
/// # Errors
/// If the folder cannot be listed.
pub fn folder_names(folder: &Path) -> io::Result<Vec<String>> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let mut names = Vec::new();
    for entry in WalkDir::new(folder).min_depth(1).max_depth(1).sort_by_file_name() {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type().is_dir() && !name.starts_with('.') {
            names.push(name);
        }
    }
    Ok(names)
}

impl Inputs {
    /// The inputs of a review whose files were read already, by their path below its folder.
    #[must_use]
    pub fn from_files(folder: PathBuf, files: BTreeMap<String, Vec<u8>>) -> Self {
        let mut inputs = Self { folder, ..Self::default() };
        for (name, bytes) in files {
            inputs.add(name, Ok(bytes));
        }
        inputs.decode();
        inputs
    }

    fn add(&mut self, name: String, read: Result<Vec<u8>, Unusable>) {
        match read {
            Err(reason) => {
                self.unusable.insert(name, reason);
            }
            Ok(bytes) => {
                self.bytes.insert(name, bytes);
            }
        }
    }

    /// Makes text of all bytes but those of templates.
    fn decode(&mut self) {
        let review = self.bytes.get(REVIEW_FILE).and_then(|bytes| encoding::decode(bytes).ok());
        let declared = Declared::read(review.as_ref().map_or("", |(text, _)| text.as_str()));
        let is_column = |column: &str| {
            let specs = self.bytes.iter().filter(|(name, _)| is_spec(name));
            specs
                .filter_map(|(_, bytes)| std::str::from_utf8(bytes).ok())
                .any(|spec| spec.contains(column))
        };
        for (name, bytes) in &self.bytes {
            if name.starts_with(TEMPLATES) {
                continue;
            }
            let text = if is_spec(name) {
                encoding::decode(bytes)
            } else {
                encoding::decode_table(name, bytes, &declared, is_column)
            };
            match text.and_then(without_nul) {
                Ok((text, decoded)) => {
                    self.sources.add(name.clone(), text);
                    self.decoded.extend(decoded.map(|decoded| (name.clone(), decoded)));
                }
                Err(reason) => {
                    self.unusable.insert(name.clone(), reason);
                }
            }
        }
    }

    /// The note about a text that was not UTF-8.
    #[must_use]
    pub fn decoding_note(&self, source: SourceId) -> Option<Diagnostic> {
        let name = &self.sources.get(source).name;
        let decoded = self.decoded.get(name)?;
        let place = Place { source, span: Span { start: 0, end: 0 } };
        let (encoding, by) = (decoded.encoding, decoded.by.describe());
        let message = format!("`{name}` was read as {encoding}, {by}");
        Some(Diagnostic::error(Code::Untidy, place, message).as_note())
    }

    /// Errors about specs of this review that could not be read. A table that could not be read is
    /// an error where a spec names it.
    #[must_use]
    pub fn unusable_specs(&self) -> Vec<Diagnostic> {
        self.unusable_where(is_spec)
    }

    /// Errors about everything that could not be read.
    #[must_use]
    pub fn unusable_tables(&self) -> Vec<Diagnostic> {
        self.unusable_where(|_| true)
    }

    /// The review's own templates, by their path in its folder of templates.
    #[must_use]
    pub fn templates(&self) -> BTreeMap<String, Vec<u8>> {
        let own = |(name, bytes): (&String, &Vec<u8>)| {
            Some((name.strip_prefix(TEMPLATES)?.to_owned(), bytes.clone()))
        };
        self.bytes.iter().filter_map(own).collect()
    }

    fn unusable_where(&self, is_meant: impl Fn(&str) -> bool) -> Vec<Diagnostic> {
        self.unusable
            .iter()
            .filter(|(name, _)| is_meant(name))
            .map(|(name, reason)| {
                let (code, message) = reason.describe(name);
                let error = Diagnostic::file_error(code, name.clone(), message);
                match reason.help(name) {
                    Some(help) => error.help(help),
                    None => error,
                }
            })
            .collect()
    }
}

/// Whether a file at this path below the review folder may be a spec, a table, a list of references
/// or a template.
fn is_input(name: &str) -> bool {
    name.starts_with(TEMPLATES)
        || [".yaml", ".yml", ".csv", ".bib"].iter().any(|ending| name.ends_with(ending))
}

/// Whether a path below the review folder is a spec: a YAML file that is not in a folder of its own
/// and no list of references.
#[must_use]
pub fn is_spec(name: &str) -> bool {
    let is_yaml = name.ends_with(".yaml") || name.ends_with(".yml");
    let is_bibliography =
        name.strip_suffix("yaml").or(name.strip_suffix("yml")) == Some("references.");
    is_yaml && !name.contains('/') && !is_bibliography
}

type Walk = walkdir::FilterEntry<walkdir::IntoIter, fn(&walkdir::DirEntry) -> bool>;

/// Files and folders in the order of their names, hidden ones passed over.
fn walk(folder: &Path) -> Walk {
    fn is_visible(entry: &walkdir::DirEntry) -> bool {
        entry.depth() == 0 || !entry.file_name().to_string_lossy().starts_with('.')
    }
    WalkDir::new(folder).sort_by_file_name().into_iter().filter_entry(is_visible)
}

fn read_input(path: &Path, root: &Path) -> Result<Vec<u8>, Unusable> {
    let unreadable = |error: io::Error| Unusable::Unreadable(error.to_string());
    let target = fs::canonicalize(path).map_err(unreadable)?;
    if !target.starts_with(root) {
        return Err(Unusable::OutsideReview);
    }
    expect_file(&target).and_then(|()| read_bounded(&target)).map_err(unreadable)
}

/// Refuses what is found in a folder and is no file: a pipe or a device may never end.
fn expect_file(path: &Path) -> io::Result<()> {
    if fs::metadata(path)?.is_file() { Ok(()) } else { Err(io::Error::other("it is no file")) }
}

/// The bytes of an input, which has no more than `LARGEST_INPUT`.
fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    let size = fs::metadata(path)?.len();
    if size > LARGEST_INPUT {
        let message = format!("it has {size} bytes, and the largest input is {LARGEST_INPUT}");
        return Err(io::Error::other(message));
    }
    fs::read(path)
}

/// No text has a byte 0; UTF-16 without a mark is full of them.
fn without_nul(read: (String, Option<Decoded>)) -> Result<(String, Option<Decoded>), Unusable> {
    match read.0.find('\0') {
        None => Ok(read),
        Some(at) => Err(Unusable::Binary { line: 1 + read.0[..at].matches('\n').count() }),
    }
}

/// A relative path with forward slashes; `None` where it is not Unicode.
fn slashed(path: &Path) -> Option<String> {
    let parts: Option<Vec<&str>> =
        path.components().map(|component| component.as_os_str().to_str()).collect();
    parts.map(|parts| parts.join("/"))
}
