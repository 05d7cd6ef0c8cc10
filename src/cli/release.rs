//! `build-report release`: the current version of each review, frozen.

use super::args::ReleaseArgs;
use super::terminal::Terminal;
use super::{Outcome, reviews};
use crate::pipeline;
use crate::project::Inputs;
use crate::spec::Review;
use crate::versions::{Store, changes};

/// Runs the command: all reviews are looked at first, and if one cannot be released none is.
pub(super) fn run(args: &ReleaseArgs, terminal: &Terminal) -> Outcome {
    let (reviews, mut outcome) = reviews::read(&args.path, terminal);
    let mut ready = Vec::new();
    for inputs in &reviews {
        match pipeline::check(inputs) {
            Err(diagnostics) => {
                terminal.diagnostics(inputs, &diagnostics);
                outcome = outcome.max(Outcome::InputErrors);
            }
            Ok(checked) => {
                let store = Store::new(&args.out, &checked.review.id);
                if let Err((message, found)) = expect_current(&store, &checked.review, inputs) {
                    terminal.error(&message);
                    outcome = outcome.max(found);
                }
                ready.push((store, checked.review));
            }
        }
    }
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
                terminal.error(&error.to_string());
                outcome = outcome.max(Outcome::CannotWork);
            }
        }
    }
    outcome.max(terminal.data(&released))
}

/// That the kept version is whole, and what the inputs say.
fn expect_current(
    store: &Store,
    review: &Review,
    inputs: &Inputs,
) -> Result<(), (String, Outcome)> {
    let name = format!("`{}` {}", review.id, review.version);
    let kept = store
        .read(&review.version)
        .map_err(|error| (error.to_string(), Outcome::CannotWork))?
        .ok_or_else(|| {
            (format!("{name} is not built yet: build it first"), Outcome::InputErrors)
        })?;
    let flaws = kept.flaws();
    if let Some(flaw) = flaws.first() {
        let message = format!("{name} is not what was built: {flaw}; build it again");
        return Err((message, Outcome::InputErrors));
    }
    let changes = changes(&kept, review, inputs);
    match changes.first() {
        None => Ok(()),
        Some(cause) => {
            let way_out = if store.is_released(&review.version) {
                "it is released already: raise `version:` in `review.yaml` and build the next version"
            } else {
                "build it again before you release it"
            };
            let message =
                format!("the inputs of {name} changed since it was built\n  {cause}\n  {way_out}");
            Err((message, Outcome::InputErrors))
        }
    }
}
