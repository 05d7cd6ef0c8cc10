//! Finding and reading the reviews that a command names.

use super::Outcome;
use super::terminal::Terminal;
use crate::project::{Inputs, find_reviews, read_review};
use std::path::PathBuf;

/// Reads every review at or below the paths, each once. What cannot be read is told, and counted
/// in the outcome.
pub(super) fn read(paths: &[PathBuf], terminal: &Terminal) -> (Vec<Inputs>, Outcome) {
    let mut outcome = Outcome::Done;
    let mut folders: Vec<PathBuf> = Vec::new();
    for path in paths {
        match find_reviews(path) {
            Err(error) => {
                terminal.error(&format!("cannot read `{}`: {error}", path.display()));
                outcome = outcome.max(Outcome::CannotWork);
            }
            Ok(found) if found.is_empty() => {
                terminal.error(&format!(
                    "no review at or below `{}`: a review is a folder with a `review.yaml`",
                    path.display()
                ));
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
                terminal.error(&format!("cannot read `{}`: {error}", folder.display()));
                outcome = outcome.max(Outcome::CannotWork);
            }
        }
    }
    (reviews, outcome)
}
