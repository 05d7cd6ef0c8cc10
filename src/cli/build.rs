//! `build-report build`: every review to its version folder.

use super::args::{BuildArgs, EngineArg};
use super::at_once::at_once;
use super::only::select;
use super::terminal::Terminal;
use super::{Outcome, plans, reviews};
use crate::diagnostic::has_errors;
use crate::pipeline::{self, CheckedReview, Settings};
use crate::project::{Inputs, read_tree};
use crate::render::Engine;
use crate::render::assets::Assets;
use crate::report::view::DateView;
use crate::spec::StyleName;
use crate::versions::{Plan, Store, StoreError};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

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
                sound.push((inputs, checked));
            }
        }
    }
    outcome = outcome.max(tell_duplicate_ids(&sound, terminal));
    let selected = match select(sound, &args.only) {
        Ok(selected) => selected,
        Err(message) if outcome == Outcome::Done => {
            terminal.error(&message);
            return Outcome::CannotWork;
        }
        Err(_) => Vec::new(),
    };
    let mut planned = Vec::new();
    for (inputs, checked) in selected {
        match plan(inputs, &checked, args, &settings, terminal) {
            Err(found) => outcome = outcome.max(found),
            Ok(plan) => {
                let mut diagnostics = Vec::new();
                if matches!(plan, Plan::New | Plan::Rebuild(_)) {
                    diagnostics = pipeline::preflight(&checked, inputs, &settings);
                }
                if has_errors(&diagnostics) {
                    outcome = outcome.max(Outcome::InputErrors);
                }
                diagnostics.extend(checked.warnings.iter().cloned());
                terminal.diagnostics(inputs, &diagnostics);
                let (id, label) = (&checked.review.id, checked.label());
                outcome = outcome.max(plans::refuse(id, &label, &plan, terminal));
                planned.push(Planned { inputs, checked, plan });
            }
        }
    }
    if outcome != Outcome::Done {
        terminal.error("nothing was written");
        return outcome;
    }
    for Planned { checked, plan, .. } in &planned {
        plans::tell(&checked.review.id, &checked.label(), plan, terminal);
    }
    if args.dry_run {
        let paths: String =
            planned.iter().map(|planned| format!("{}\n", planned.folder(args).display())).collect();
        return terminal.data(&paths);
    }
    build_all(planned, args, &settings, terminal)
}

/// A review with what becomes of its version.
struct Planned<'a> {
    inputs: &'a Inputs,
    checked: CheckedReview,
    plan: Plan,
}

impl Planned<'_> {
    fn folder(&self, args: &BuildArgs) -> PathBuf {
        let store = Store::new(&args.out, &self.checked.review.id);
        store.version_folder(&self.checked.label())
    }
}

fn plan(
    inputs: &Inputs,
    checked: &CheckedReview,
    args: &BuildArgs,
    settings: &Settings,
    terminal: &Terminal,
) -> Result<Plan, Outcome> {
    let told = |error: StoreError| {
        terminal.store_error(&error);
        Outcome::CannotWork
    };
    let store = Store::new(&args.out, &checked.review.id);
    let label = checked.label();
    let kept = store.read(&label).map_err(told)?;
    let maker = settings.maker(checked).map_err(|error| {
        terminal.error(&error.to_string());
        Outcome::CannotWork
    })?;
    let is_released = store.is_released(&label).map_err(told)?;
    Ok(Plan::of(kept.as_ref(), is_released, &checked.review, inputs, &maker))
}

/// Builds and writes the reviews, several at once; each is whole or not there.
fn build_all(
    planned: Vec<Planned<'_>>,
    args: &BuildArgs,
    settings: &Settings,
    terminal: &Terminal,
) -> Outcome {
    let to_build =
        planned.iter().filter(|p| matches!(p.plan, Plan::New | Plan::Rebuild(_))).count();
    let progress = terminal.progress_bar(to_build);
    let built = at_once(planned, |planned| match planned.plan {
        Plan::New | Plan::Rebuild(_) => {
            let result = build_one(planned.inputs, planned.checked, args, settings, terminal);
            progress.inc(1);
            result
        }
        Plan::Unchanged | Plan::Stays(_) | Plan::Refused(_) | Plan::Damaged(_) => {
            Ok(planned.folder(args))
        }
    });
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
    let version = checked.label();
    let files = pipeline::build(checked, inputs, settings).map_err(|diagnostics| {
        terminal.diagnostics(inputs, &diagnostics);
        Outcome::InputErrors
    })?;
    let on_wait = || terminal.progress("another build of this review is at work: waiting");
    store.write(&version, &files, on_wait).map_err(|error| {
        terminal.store_error(&error);
        Outcome::CannotWork
    })
}

/// The language and style of the arguments in place of the review's own.
pub(super) fn override_presentation(checked: &mut CheckedReview, args: &BuildArgs) {
    if let Some(language) = args.language {
        checked.review.language = language.into();
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

pub(super) fn settings(args: &BuildArgs) -> Result<Settings, String> {
    let assets = assets(args.templates.as_deref())?;
    let engine = match args.engine {
        None => Engine::default_engine(),
        #[cfg(feature = "embedded-typst")]
        Some(EngineArg::Embedded) => Engine::Embedded,
        Some(EngineArg::Cli) => Engine::Program(args.typst.clone()),
    };
    engine.version().map_err(|error| error.to_string())?;
    let formats = args.format.iter().copied().map(Into::into).collect();
    let options = args.options();
    Ok(Settings {
        assets,
        engine,
        epoch: epoch()?,
        formats,
        options,
        asset_hashes: OnceLock::new(),
    })
}

/// The time that the environment asks for.
#[expect(clippy::disallowed_methods, reason = "the command line reads the environment")]
pub(super) fn epoch() -> Result<Option<(i64, DateView)>, String> {
    let Some(text) = std::env::var_os("SOURCE_DATE_EPOCH").filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let text = text.to_string_lossy();
    text.parse().ok().and_then(day_of).map(Some).ok_or_else(|| {
        format!("`SOURCE_DATE_EPOCH` is `{text}`, but seconds since 1970 were expected")
    })
}

/// Seconds since 1970 with the day they fall on.
pub(super) fn day_of(seconds: i64) -> Option<(i64, DateView)> {
    let day = time::OffsetDateTime::from_unix_timestamp(seconds).ok()?;
    let date = DateView {
        year: i64::from(day.year()),
        month: i64::from(u8::from(day.month())),
        day: i64::from(day.day()),
    };
    Some((seconds, date))
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
