//! `build-report build`: every review to its version folder.

use super::args::{BuildArgs, EngineArg, LanguageArg};
use super::terminal::Terminal;
use super::{Outcome, reviews};
use crate::diagnostic::{has_errors, nearest_hint};
use crate::pipeline::{self, CheckedReview, Settings};
use crate::project::{Inputs, read_tree};
use crate::render::Engine;
use crate::render::assets::Assets;
use crate::report::view::DateView;
use crate::spec::{Entry, Language, StyleName};
use crate::versions::Store;
use rayon::prelude::*;
use std::path::{Path, PathBuf};

/// Runs the command: all reviews are checked first, and if any has an error nothing is written.
pub(super) fn run(args: &BuildArgs, terminal: &Terminal) -> Outcome {
    let settings = match settings(args) {
        Ok(settings) => settings,
        Err(message) => {
            terminal.error(&message);
            return Outcome::CannotWork;
        }
    };
    let (reviews, read_outcome) = reviews::read(&args.path, terminal);
    let mut outcome = read_outcome;
    let mut sound = Vec::new();
    for inputs in &reviews {
        match pipeline::check(inputs) {
            Err(diagnostics) => {
                terminal.diagnostics(inputs, &diagnostics);
                outcome = outcome.max(Outcome::InputErrors);
            }
            Ok(mut checked) => {
                override_presentation(&mut checked, args);
                let mut diagnostics = pipeline::preflight(&checked, inputs, &settings);
                if has_errors(&diagnostics) {
                    outcome = outcome.max(Outcome::InputErrors);
                }
                diagnostics.extend(checked.warnings.iter().cloned());
                terminal.diagnostics(inputs, &diagnostics);
                sound.push((inputs, checked));
            }
        }
    }
    outcome = outcome.max(tell_duplicate_ids(&sound, terminal));
    if outcome != Outcome::Done {
        terminal.error("nothing was written");
        return outcome;
    }
    let selected = match select(sound, &args.only) {
        Ok(selected) => selected,
        Err(message) => {
            terminal.error(&message);
            return Outcome::CannotWork;
        }
    };
    if args.dry_run {
        let paths: String = selected
            .iter()
            .map(|(_, checked)| {
                let store = Store::new(&args.out, &checked.review.id);
                let folder = store.version_folder(&version_label(checked, &args.only));
                format!("{}\n", folder.display())
            })
            .collect();
        return terminal.data(&paths);
    }
    build_all(selected, args, &settings, terminal)
}

/// Builds and writes the reviews, several at once; each is whole or not there.
fn build_all(
    selected: Vec<(&Inputs, CheckedReview)>,
    args: &BuildArgs,
    settings: &Settings,
    terminal: &Terminal,
) -> Outcome {
    let progress = terminal.progress_bar(selected.len());
    let built: Vec<Result<PathBuf, Outcome>> = selected
        .into_par_iter()
        .map(|(inputs, checked)| {
            let result = build_one(inputs, checked, args, settings, terminal);
            progress.inc(1);
            result
        })
        .collect();
    progress.finish_and_clear();
    let written: String =
        built.iter().flatten().map(|folder| format!("{}\n", folder.display())).collect();
    let outcome = built.iter().filter_map(|result| result.as_ref().err()).max().copied();
    outcome.unwrap_or(Outcome::Done).max(terminal.data(&written))
}

fn build_one(
    inputs: &Inputs,
    checked: CheckedReview,
    args: &BuildArgs,
    settings: &Settings,
    terminal: &Terminal,
) -> Result<PathBuf, Outcome> {
    let store = Store::new(&args.out, &checked.review.id);
    let version = version_label(&checked, &args.only);
    let files = pipeline::build(checked, inputs, settings).map_err(|diagnostics| {
        terminal.diagnostics(inputs, &diagnostics);
        Outcome::InputErrors
    })?;
    let on_wait = || terminal.progress("another build of this review is at work: waiting");
    store.write(&version, &files, on_wait).map_err(|error| {
        terminal.error(&error.to_string());
        Outcome::CannotWork
    })
}

/// The language and style of the arguments in place of the review's own.
fn override_presentation(checked: &mut CheckedReview, args: &BuildArgs) {
    if let Some(LanguageArg::En) = args.lang {
        checked.review.language = Language::English;
    }
    if let Some(name) = &args.style {
        checked.review.style = StyleName { name: name.clone(), place: None };
    }
}

/// The templates inside the program, with those of a folder in their place.
pub(super) fn assets(folder: Option<&Path>) -> Result<Assets, String> {
    let Some(folder) = folder else { return Ok(Assets::embedded()) };
    let files = read_tree(folder)
        .map_err(|error| format!("cannot read `{}`: {error}", folder.display()))?;
    Ok(Assets::embedded().replaced_by(files))
}

fn settings(args: &BuildArgs) -> Result<Settings, String> {
    let assets = assets(args.templates.as_deref())?;
    let engine = match args.engine {
        None => Engine::default_engine(),
        #[cfg(feature = "embedded-typst")]
        Some(EngineArg::Embedded) => Engine::Embedded,
        Some(EngineArg::Cli) => Engine::Program(args.typst.clone()),
    };
    engine.version().map_err(|error| error.to_string())?;
    let formats = args.format.iter().copied().map(Into::into).collect();
    Ok(Settings { assets, engine, epoch: epoch()?, formats })
}

/// The time that the environment asks for.
#[expect(clippy::disallowed_methods, reason = "the command line reads the environment")]
fn epoch() -> Result<Option<(i64, DateView)>, String> {
    let Some(text) = std::env::var_os("SOURCE_DATE_EPOCH").filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let text = text.to_string_lossy();
    let seconds: Option<i64> = text.parse().ok();
    let day = seconds.and_then(|seconds| time::OffsetDateTime::from_unix_timestamp(seconds).ok());
    match seconds.zip(day) {
        Some((seconds, day)) => {
            let date = DateView {
                year: i64::from(day.year()),
                month: i64::from(u8::from(day.month())),
                day: i64::from(day.day()),
            };
            Ok(Some((seconds, date)))
        }
        None => {
            Err(format!("`SOURCE_DATE_EPOCH` is `{text}`, but seconds since 1970 were expected"))
        }
    }
}

fn tell_duplicate_ids(sound: &[(&Inputs, CheckedReview)], terminal: &Terminal) -> Outcome {
    let mut outcome = Outcome::Done;
    for (index, (inputs, checked)) in sound.iter().enumerate() {
        let first = sound[..index].iter().find(|(_, other)| other.review.id == checked.review.id);
        if let Some((other, _)) = first {
            terminal.error(&format!(
                "`{}` and `{}` are both the review `{}`, and would overwrite each other",
                other.folder.display(),
                inputs.folder.display(),
                checked.review.id
            ));
            outcome = Outcome::InputErrors;
        }
    }
    outcome
}

/// The reviews that hold an analysis named by `--only`, with those analyses alone.
fn select<'a>(
    sound: Vec<(&'a Inputs, CheckedReview)>,
    only: &[String],
) -> Result<Vec<(&'a Inputs, CheckedReview)>, String> {
    if only.is_empty() {
        return Ok(sound);
    }
    let has = |checked: &CheckedReview, id: &String| {
        checked.review.entries.iter().any(|entry| entry.id() == id.as_str())
    };
    if let Some(id) = only.iter().find(|id| !sound.iter().any(|(_, checked)| has(checked, id))) {
        let known = sound.iter().flat_map(|(_, checked)| &checked.review.entries).map(Entry::id);
        return Err(format!("no analysis has the id `{id}`: {}", nearest_hint(id, known)));
    }
    let mut selected = Vec::new();
    for (inputs, checked) in sound {
        let here: Vec<String> = only.iter().filter(|id| has(&checked, id)).cloned().collect();
        if !here.is_empty() {
            let checked = checked.only(&here).map_err(|unknown| unknown.join(", "))?;
            selected.push((inputs, checked));
        }
    }
    Ok(selected)
}

/// The folder of a version; a part of a review stands beside the whole, under its own name.
fn version_label(checked: &CheckedReview, only: &[String]) -> String {
    let version = &checked.review.version;
    if only.is_empty() {
        return version.clone();
    }
    let ids: Vec<&str> = checked.review.entries.iter().map(Entry::id).collect();
    format!("{version}+{}", ids.join("+"))
}
