//! `build-report watch`: rebuilds what changed, and shows messages as they come and go.

use super::Outcome;
use super::args::WatchArgs;
use super::build;
use super::messages::folder_name;
use super::messages::human::counts;
use super::reviews::{NO_REVIEW, tell_shared_ids, unreadable};
use super::terminal::{Terminal, Told};
use crate::diagnostic::Code;
use crate::project::{Inputs, Watch, find_reviews, read_review, read_tree};
use crate::spec::review_id;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

/// How long it must be quiet after a change: an editor writes a file in several steps. One that takes
/// longer is built once more.
const QUIET: Duration = Duration::from_millis(60);

/// How long a folder that is gone is left alone between two tries to watch it again.
const BETWEEN_TRIES: Duration = Duration::from_secs(1);

/// How many changes are waited for, where it is never quiet.
const MOST_CHANGES: usize = 1000;

/// What the loop waits for.
enum Event {
    Changed,
    Stop,
}

/// Runs the command, until it is interrupted.
pub(super) fn run(args: &WatchArgs, terminal: &Terminal) -> Outcome {
    match watch(args, terminal) {
        Ok(()) => Outcome::Done,
        Err(message) => {
            terminal.error(&message);
            Outcome::CannotWork
        }
    }
}

fn watch(args: &WatchArgs, terminal: &Terminal) -> Result<(), String> {
    let (sender, events) = channel();
    stop_when_asked(sender.clone())?;
    let on_change = move || {
        // the loop is over
        let _ = sender.send(Event::Changed);
    };
    let unwatched = |error: io::Error| format!("cannot watch: {error}");
    let mut watch = Watch::new(args.poll, on_change).map_err(unwatched)?;
    let mut paths = args.build.path.clone();
    paths.extend(args.build.templates.clone());
    let mut reviews = Reviews::default();
    watch.follow(&paths, &args.build.out).map_err(unwatched)?;
    reviews.look(args, terminal);
    let how = if watch.is_polling() { ", looking twice a second" } else { "" };
    terminal.progress(&format!("watching{how}; Ctrl-C ends"));
    let mut is_followed = true;
    // a folder that is gone may come back, and nobody tells
    while wait(&events, if is_followed { None } else { Some(BETWEEN_TRIES) }) {
        // before it is read: what changes meanwhile is told
        is_followed = watch.follow(&paths, &args.build.out).is_ok();
        reviews.look(args, terminal);
    }
    Ok(())
}

/// Ends the loop where the user asks for it, and the program where they ask again.
fn stop_when_asked(sender: Sender<Event>) -> Result<(), String> {
    let was_asked = AtomicBool::new(false);
    ctrlc::set_handler(move || {
        if was_asked.swap(true, Ordering::SeqCst) || sender.send(Event::Stop).is_err() {
            std::process::exit(130);
        }
    })
    .map_err(|error| format!("cannot watch: {error}"))
}

/// Waits for a change, no longer than `most`, and for quiet after it; false where the end is asked
/// for.
fn wait(events: &Receiver<Event>, most: Option<Duration>) -> bool {
    let first = match most {
        None => events.recv().map_err(|_| RecvTimeoutError::Disconnected),
        Some(most) => events.recv_timeout(most),
    };
    match first {
        Ok(Event::Changed) => {}
        Err(RecvTimeoutError::Timeout) => return true,
        Ok(Event::Stop) | Err(RecvTimeoutError::Disconnected) => return false,
    }
    for _ in 0..MOST_CHANGES {
        match events.recv_timeout(QUIET) {
            Ok(Event::Changed) => {}
            Err(RecvTimeoutError::Timeout) => break,
            Ok(Event::Stop) | Err(RecvTimeoutError::Disconnected) => return false,
        }
    }
    true
}

/// The reviews as they were at the last look.
#[derive(Default)]
struct Reviews {
    known: BTreeMap<PathBuf, Known>,
    templates: BTreeMap<String, Vec<u8>>,
    /// What is wrong besides any review.
    trouble: Vec<Told>,
}

/// A review at the last look.
struct Known {
    inputs: io::Result<Inputs>,
    /// Whether another review has its id, so that neither is built.
    shares_id: bool,
    told: Vec<Told>,
}

impl Reviews {
    /// Builds what changed since the last look, and tells what that changed in the messages.
    fn look(&mut self, args: &WatchArgs, terminal: &Terminal) {
        let aside = terminal.remembering();
        let reviews: Vec<(PathBuf, io::Result<Inputs>)> = found(&args.build.path, &aside)
            .into_iter()
            .map(|folder| (folder.clone(), read_review(&folder)))
            .collect();
        let sharing = sharing_an_id(&reviews, &aside);
        let templates = args.build.templates.as_deref().map(read_tree);
        // an error is told by the build
        let templates = templates.and_then(Result::ok).unwrap_or_default();
        let has_new_templates = templates != self.templates;
        self.templates = templates;
        let trouble = aside.told();
        tell_changes(&self.trouble, &trouble, None, terminal);
        self.trouble = trouble;
        let is_there = |folder: &Path| reviews.iter().any(|(found, _)| found == folder);
        let gone: Vec<PathBuf> =
            self.known.keys().filter(|folder| !is_there(folder)).cloned().collect();
        for folder in gone {
            if let Some(known) = self.known.remove(&folder) {
                terminal.progress(&format!("`{}` is gone", folder.display()));
                tell_changes(&known.told, &[], None, terminal);
            }
        }
        for (folder, inputs) in reviews {
            let shares_id = sharing.contains(&folder);
            let is_known = self.known.get(&folder).is_some_and(|known| {
                !has_new_templates
                    && known.shares_id == shares_id
                    && is_same(&known.inputs, &inputs)
            });
            if is_known {
                continue;
            }
            let before = self.known.remove(&folder);
            let aside = terminal.remembering();
            match &inputs {
                Ok(inputs) => build(inputs, shares_id, args, &aside),
                Err(error) => unreadable(&folder, error, &aside),
            }
            let told = aside.told();
            let before = before.map(|known| known.told).unwrap_or_default();
            tell_changes(&before, &told, Some(&folder), terminal);
            self.known.insert(folder, Known { inputs, shares_id, told });
        }
    }
}

/// The review folders at or below the paths, each once.
fn found(paths: &[PathBuf], terminal: &Terminal) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = Vec::new();
    for path in paths {
        match find_reviews(path) {
            Ok(found) => folders.extend(found),
            Err(error) => unreadable(path, &error, terminal),
        }
    }
    if folders.is_empty() {
        terminal.failure(Code::MissingFile, "there is no review yet", NO_REVIEW);
    }
    folders.sort();
    folders.dedup();
    folders
}

fn is_same(old: &io::Result<Inputs>, new: &io::Result<Inputs>) -> bool {
    match (old, new) {
        (Ok(old), Ok(new)) => old.bytes == new.bytes && old.unusable == new.unusable,
        (Err(old), Err(new)) => old.kind() == new.kind(),
        _ => false,
    }
}

/// The folders of reviews that have an id in common, which are told.
fn sharing_an_id(reviews: &[(PathBuf, io::Result<Inputs>)], terminal: &Terminal) -> Vec<PathBuf> {
    let ids: Vec<(&Path, String)> = reviews
        .iter()
        .filter_map(|(folder, inputs)| Some((folder.as_path(), review_id(inputs.as_ref().ok()?)?)))
        .collect();
    let ids: Vec<(&Path, &str)> = ids.iter().map(|(folder, id)| (*folder, id.as_str())).collect();
    tell_shared_ids(&ids, terminal).into_iter().map(Path::to_owned).collect()
}

/// Tells what is wrong with one review, and builds it if it is sound, has its id alone and is not
/// what is kept already.
fn build(inputs: &Inputs, shares_id: bool, args: &WatchArgs, terminal: &Terminal) {
    let Some(assets) = build::assets(args.build.templates.as_deref(), terminal) else { return };
    match build::settings(&args.build, assets) {
        Err(message) => terminal.error(&message),
        Ok(settings) => {
            let reviews = std::slice::from_ref(inputs);
            let (planned, outcome) =
                build::plan_all(reviews, Outcome::Done, &args.build, &settings, terminal);
            if outcome == Outcome::Done && !shares_id {
                build::carry_out(planned, &args.build, &settings, terminal);
            }
        }
    }
}

/// Tells new messages in full, those that are gone in a line, and how many there are.
fn tell_changes(before: &[Told], now: &[Told], folder: Option<&Path>, terminal: &Terminal) {
    let without = |these: &[Told], others: &[Told]| -> Vec<Told> {
        let mut others: Vec<&str> = others.iter().map(|told| told.title.as_str()).collect();
        let mut left = Vec::new();
        for told in these {
            match others.iter().position(|title| *title == told.title) {
                Some(at) => {
                    others.swap_remove(at);
                }
                None => left.push(told.clone()),
            }
        }
        left
    };
    for told in without(now, before) {
        terminal.note(&told.text);
    }
    for told in without(before, now) {
        terminal.note(&format!("gone: {}\n", told.title));
    }
    let Some(folder) = folder else { return };
    let name = folder_name(folder);
    if !now.is_empty() {
        let counts = counts(now.iter().map(|told| told.severity));
        terminal.note(&format!("{counts} in `{name}`\n"));
    } else if !before.is_empty() {
        terminal.note(&format!("no messages in `{name}`\n"));
    }
}
