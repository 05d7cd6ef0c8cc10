//! `build-report release`: the current version of each review, frozen.

use super::args::KeptArgs;
use super::terminal::{RAISE, Terminal};
use super::{Outcome, reviews};
use crate::diagnostic::Code;
use crate::project::Inputs;
use crate::spec::Review;
use crate::versions::{Store, StoreError, changes};

/// Runs the command: all reviews are looked at first, and if one cannot be released none is.
pub(super) fn run(args: &KeptArgs, terminal: &Terminal) -> Outcome {
    let mut ready = Vec::new();
    let mut outcome = reviews::each_checked(&args.path, terminal, |inputs, checked| {
        let store = Store::new(&args.out, &checked.review.id);
        let found = expect_current(&store, &checked.review, inputs);
        ready.push((store, checked.review));
        match found {
            Ok(None) => Outcome::Done,
            Ok(Some((code, message, help))) => {
                terminal.failure(code, &message, help);
                Outcome::InputErrors
            }
            Err(error) => {
                terminal.store_error(&error);
                Outcome::CannotWork
            }
        }
    });
    if outcome != Outcome::Done {
        terminal.error("nothing was released");
        return outcome;
    }
    let mut released = String::new();
    for (store, review) in ready {
        let on_wait = || terminal.progress("a build of this review is at work: waiting");
        match store.release(&review.version, on_wait) {
            Ok(seal) => {
                let folder = store.version_folder(&review.version);
                released.push_str(&format!("{}\n", folder.display()));
                terminal
                    .progress(&format!("{} {}: released, seal {seal}", review.id, review.version));
            }
            Err(error) => {
                terminal.store_error(&error);
                outcome = outcome.max(Outcome::CannotWork);
            }
        }
    }
    outcome.max(terminal.data(&released))
}

/// Why a version cannot be released, with the way out: it is not whole, or not what the inputs say.
fn expect_current(
    store: &Store,
    review: &Review,
    inputs: &Inputs,
) -> Result<Option<(Code, String, &'static str)>, StoreError> {
    let name = format!("`{}` {}", review.id, review.version);
    let is_released = store.is_released(&review.version)?;
    let again = if is_released { "bring it back from a copy" } else { "build it again" };
    let Some(kept) = store.read(&review.version)? else {
        return Ok(Some(if is_released {
            (Code::Damaged, format!("{name} is released, but its folder is gone"), again)
        } else {
            (Code::NotCurrent, format!("{name} is not built yet"), "build it first")
        }));
    };
    if let Some(flaw) = kept.flaws().first() {
        return Ok(Some((Code::Damaged, format!("{name} is not what was built: {flaw}"), again)));
    }
    Ok(changes(&kept, review, inputs).first().map(|cause| {
        let message = format!("the inputs of {name} changed since it was built\n{cause}");
        if is_released {
            (Code::Released, message, RAISE)
        } else {
            (Code::NotCurrent, message, "build it again before you release it")
        }
    }))
}
