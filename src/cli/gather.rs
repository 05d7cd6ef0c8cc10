//! `build-report gather`: versions that were built apart, put into one output folder.

use super::args::GatherArgs;
use super::terminal::Terminal;
use super::{Outcome, plans};
use crate::diagnostic::Code;
use crate::pipeline;
use crate::project::folder_names;
use crate::versions::{Gathering, Kept, Maker, Misfit, Part, Plan, Store, StoreError};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// What to do about a folder that cannot be read.
const READABLE: &str =
    "give yourself the right to read the parts, and let nothing else write there";

/// So many versions are looked at before what is remembered of them is.
const BATCH: usize = 256;

/// Runs the command: every version is looked at first, and if one does not fit nothing is written.
pub(super) fn run(args: &GatherArgs, terminal: &Terminal) -> Outcome {
    let (folders, mut outcome) = versions(&args.part, terminal);
    let mut gathering = Gathering::default();
    let mut parts = Vec::new();
    for batch in folders.chunks(BATCH) {
        let looked_at: Vec<Result<_, Outcome>> =
            batch.par_iter().map(|folder| look_at(folder, args, terminal)).collect();
        for result in looked_at {
            let added = result.and_then(|(part, maker, plan)| {
                let is_new =
                    gathering.add(&part, maker).map_err(|misfit| tell(&misfit, terminal))?;
                Ok(is_new.then_some((part, plan)))
            });
            match added {
                Ok(part) => parts.extend(part),
                Err(found) => outcome = outcome.max(found),
            }
        }
    }
    for (part, plan) in &parts {
        outcome = outcome.max(plans::refuse(&part.review, &part.label, plan, terminal));
    }
    if outcome != Outcome::Done {
        terminal.error("nothing was written");
        return outcome;
    }
    for (part, plan) in &parts {
        plans::tell(&part.review, &part.label, plan, terminal);
    }
    let written = put_all(&parts, args, terminal);
    let lines: String =
        written.iter().flatten().map(|folder| format!("{}\n", folder.display())).collect();
    let outcome = written.iter().filter_map(|result| result.as_ref().err()).max().copied();
    outcome.unwrap_or(Outcome::Done).max(terminal.data(&lines))
}

/// The folders of the versions in the parts.
fn versions(parts: &[PathBuf], terminal: &Terminal) -> (Vec<PathBuf>, Outcome) {
    let (mut folders, mut outcome) = (Vec::new(), Outcome::Done);
    for part in parts {
        match versions_in(part) {
            Ok(found) if found.is_empty() => {
                let message = format!("`{}` holds no version", part.display());
                terminal.failure(Code::Parts, &message, "name output folders of `build --out`");
                outcome = outcome.max(Outcome::InputErrors);
            }
            Ok(found) => folders.extend(found),
            Err(error) => {
                let message = format!("cannot read `{}`: {error}", part.display());
                terminal.failure(Code::Unreadable, &message, READABLE);
                outcome = outcome.max(Outcome::CannotWork);
            }
        }
    }
    (folders, outcome)
}

fn versions_in(part: &Path) -> io::Result<Vec<PathBuf>> {
    let mut folders = Vec::new();
    for review in folder_names(part)? {
        let review = part.join(review);
        folders.extend(folder_names(&review)?.into_iter().map(|label| review.join(label)));
    }
    Ok(folders)
}

/// A version with what made it, and what becomes of it in the output folder.
fn look_at(
    folder: &Path,
    args: &GatherArgs,
    terminal: &Terminal,
) -> Result<(Part, Maker, Plan), Outcome> {
    let kept = read(folder, terminal)?;
    let (part, maker) = Part::of(&kept).map_err(|misfit| tell(&misfit, terminal))?;
    let told = |error: StoreError| {
        terminal.store_error(&error);
        Outcome::CannotWork
    };
    let store = Store::new(&args.out, &part.review);
    let standing = store.read(&part.label).map_err(told)?;
    let is_released = store.is_released(&part.label).map_err(told)?;
    if standing.is_none() && !is_released {
        return Ok((part, maker, Plan::New));
    }
    let inputs = kept.inputs();
    let checked = pipeline::check(&inputs).map_err(|diagnostics| {
        terminal.diagnostics(&inputs, &diagnostics);
        Outcome::InputErrors
    })?;
    let own_maker = kept.manifest().map_or_else(Maker::default, |manifest| manifest.maker.clone());
    let plan = Plan::of(standing.as_ref(), is_released, &checked.review, &inputs, &own_maker);
    Ok((part, maker, plan))
}

/// Writes the versions, those of one review after each other: each holds the lock of its review.
fn put_all(
    parts: &[(Part, Plan)],
    args: &GatherArgs,
    terminal: &Terminal,
) -> Vec<Result<PathBuf, Outcome>> {
    let mut of_review: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, (part, _)) in parts.iter().enumerate() {
        of_review.entry(&part.review).or_default().push(at);
    }
    let put_one = |at: usize| (at, put(&parts[at].0, &parts[at].1, args, terminal));
    let mut written: Vec<_> = of_review
        .into_par_iter()
        .flat_map_iter(|(_, places)| places.into_iter().map(put_one).collect::<Vec<_>>())
        .collect();
    written.sort_unstable_by_key(|(at, _)| *at);
    written.into_iter().map(|(_, written)| written).collect()
}

/// Writes a version as a build would, if it is another than the one that stands.
fn put(
    part: &Part,
    plan: &Plan,
    args: &GatherArgs,
    terminal: &Terminal,
) -> Result<PathBuf, Outcome> {
    let store = Store::new(&args.out, &part.review);
    if !matches!(plan, Plan::New | Plan::Rebuild(_)) {
        return Ok(store.version_folder(&part.label));
    }
    let kept = read(&part.folder, terminal)?;
    if Part::of(&kept).map(|(part, _)| part).as_ref() != Ok(part) {
        let message = format!("`{}` changed while it was gathered", part.folder.display());
        terminal.failure(Code::Parts, &message, "gather again when nothing builds there");
        return Err(Outcome::InputErrors);
    }
    let on_wait = || terminal.progress("a build of this review is at work: waiting");
    store.write(&part.label, &kept.into_files(), on_wait).map_err(|error| {
        terminal.store_error(&error);
        Outcome::CannotWork
    })
}

fn read(folder: &Path, terminal: &Terminal) -> Result<Kept, Outcome> {
    let failed = |reason: String| {
        let message = format!("cannot read `{}`: {reason}", folder.display());
        terminal.failure(Code::Unreadable, &message, READABLE);
        Outcome::CannotWork
    };
    match Kept::read(folder) {
        Ok(Some(kept)) => Ok(kept),
        Ok(None) => Err(failed("it is gone".to_owned())),
        Err(error) => Err(failed(error.to_string())),
    }
}

fn tell(misfit: &Misfit, terminal: &Terminal) -> Outcome {
    let (code, help) = match misfit {
        Misfit::Flawed(..) => (Code::Damaged, "build it again"),
        Misfit::Released(_) => (Code::Parts, "release versions after they are gathered"),
        Misfit::Renamed(..) => (Code::Parts, "give the folder its name back"),
        Misfit::Makers(..) => {
            (Code::Parts, "build all parts with one program, its templates and the same options")
        }
        Misfit::Contents(..) => (Code::Parts, "build each version in one part only"),
    };
    terminal.failure(code, &misfit.to_string(), help);
    Outcome::InputErrors
}
