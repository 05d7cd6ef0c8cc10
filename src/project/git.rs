//! A review as it stood at a git revision, through the git program; the work tree is not touched.

use super::{Inputs, REVIEW_FILE};
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::process::Command;

/// Why a review cannot be read from git.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GitError {
    /// The git program cannot be run.
    NoGit(String),
    /// The folder is in no repository, or the repository has no such revision.
    NoRevision,
    /// The review was not there at this revision.
    NoReview,
    /// git failed, with its message.
    Failed(String),
}

impl fmt::Display for GitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoGit(reason) => write!(f, "git cannot be run: {reason}"),
            Self::NoRevision => f.write_str("git knows no such revision"),
            Self::NoReview => write!(f, "there was no `{REVIEW_FILE}` at this revision"),
            Self::Failed(message) => write!(f, "git failed: {message}"),
        }
    }
}

impl std::error::Error for GitError {}

/// Reads the review in `folder` as it stood at a revision.
///
/// # Errors
/// If git is missing, or the revision or the review in it.
pub fn read_revision(folder: &Path, revision: &str) -> Result<Inputs, GitError> {
    // what begins with a dash would be an option
    if revision.starts_with('-') || revision.is_empty() {
        return Err(GitError::NoRevision);
    }
    let commit = format!("{revision}^{{commit}}");
    let commit = git(folder, &["rev-parse", "--verify", "--quiet", "--end-of-options", &commit])?;
    let commit = String::from_utf8_lossy(&commit.ok_or(GitError::NoRevision)?).trim().to_owned();
    let failed = |what: &str| GitError::Failed(what.to_owned());
    let list = git(folder, &["ls-tree", "-r", "-z", "--name-only", &commit, "."])?
        .ok_or_else(|| failed("the files cannot be listed"))?;
    let names: Vec<String> = list
        .split(|byte| *byte == 0)
        .filter_map(|name| String::from_utf8(name.to_vec()).ok())
        .collect();
    let others: Vec<String> = names
        .iter()
        .filter_map(|name| name.strip_suffix(&format!("/{REVIEW_FILE}")))
        .map(|other| format!("{other}/"))
        .collect();
    let is_input = |name: &&String| {
        super::is_input(name)
            && !name.split('/').any(|part| part.starts_with('.'))
            && !others.iter().any(|other| name.starts_with(other.as_str()))
    };
    let mut files = BTreeMap::new();
    for name in names.iter().filter(is_input) {
        let object = format!("{commit}:./{name}");
        let bytes = git(folder, &["cat-file", "blob", &object])?;
        files.insert(name.clone(), bytes.ok_or_else(|| failed(&object))?);
    }
    if !files.contains_key(REVIEW_FILE) {
        return Err(GitError::NoReview);
    }
    Ok(Inputs::from_files(folder.to_owned(), files))
}

/// What git prints; `None` where it says no.
fn git(folder: &Path, arguments: &[&str]) -> Result<Option<Vec<u8>>, GitError> {
    let mut command = Command::new("git");
    // a path that git would have to glob or quote is taken as it is
    command.arg("--literal-pathspecs").args(arguments).current_dir(folder);
    let output = command.output().map_err(|error| GitError::NoGit(error.to_string()))?;
    Ok(output.status.success().then_some(output.stdout))
}
