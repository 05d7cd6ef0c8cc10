//! Finding and reading the reviews that a command names.

use super::Outcome;
use super::terminal::Terminal;
use crate::diagnostic::Code;
use crate::pipeline::{self, CheckedReview};
use crate::project::{Inputs, find_reviews, read_review};
use std::io;
use std::path::{Path, PathBuf};

/// Reads every review at or below the paths, each once. What cannot be read is told, and counted
/// in the outcome.
pub(super) fn read(paths: &[PathBuf], terminal: &Terminal) -> (Vec<Inputs>, Outcome) {
    let mut outcome = Outcome::Done;
    let mut folders: Vec<PathBuf> = Vec::new();
    for path in paths {
        match find_reviews(path) {
            Err(error) => {
                unreadable(path, &error, terminal);
                outcome = outcome.max(Outcome::CannotWork);
            }
            Ok(found) if found.is_empty() => {
                let message = format!("no review at or below `{}`", path.display());
                terminal.path_failure(Code::MissingFile, path, &message, NO_REVIEW);
                outcome = outcome.max(Outcome::InputErrors);
            }
            Ok(found) => {
                for folder in found {
                    if !folders.contains(&folder) {
                        folders.push(folder);
                    }
                }
            }
        }
    }
    let mut reviews = Vec::new();
    for folder in folders {
        match read_review(&folder) {
            Ok(inputs) => reviews.push(inputs),
            Err(error) => {
                unreadable(&folder, &error, terminal);
                outcome = outcome.max(Outcome::CannotWork);
            }
        }
    }
    (reviews, outcome)
}

/// Does `work` with every sound review at or below the paths, one after another; what is wrong with
/// the others is told. Gives the worst outcome.
pub(super) fn each_checked(
    paths: &[PathBuf],
    terminal: &Terminal,
    mut work: impl FnMut(&Inputs, CheckedReview) -> Outcome,
) -> Outcome {
    let (reviews, mut outcome) = read(paths, terminal);
    for inputs in &reviews {
        outcome = outcome.max(match pipeline::check(inputs) {
            Ok(checked) => work(inputs, checked),
            Err(diagnostics) => {
                terminal.diagnostics(inputs, &diagnostics);
                Outcome::InputErrors
            }
        });
    }
    outcome
}

/// The way out where there is no review.
pub(super) const NO_REVIEW: &str =
    "a review is a folder with a `review.yaml`; `build-report init DIR` writes one to begin with";

/// Tells that reviews have one id, by which their versions would overwrite each other. Gives the
/// folders of these reviews.
pub(super) fn tell_shared_ids<'a>(ids: &[(&'a Path, &str)], terminal: &Terminal) -> Vec<&'a Path> {
    let mut sharing = Vec::new();
    for (at, (folder, id)) in ids.iter().enumerate() {
        let Some((other, _)) = ids[..at].iter().find(|(_, other)| other == id) else { continue };
        let message = format!(
            "`{}` and `{}` are both the review `{id}`, and would overwrite each other",
            other.display(),
            folder.display()
        );
        terminal.failure(Code::DuplicateId, &message, "give each review an `id` of its own");
        sharing.extend([*other, *folder]);
    }
    sharing
}

/// Tells what the system refused to read.
pub(super) fn unreadable(path: &Path, error: &io::Error, terminal: &Terminal) {
    let message = format!("cannot read `{}`: {error}", path.display());
    let help = "look at the path, and at the right to read it";
    terminal.path_failure(Code::Unreadable, path, &message, help);
}
