//! `build-report build`: every review to its version folder.

use super::args::{BuildArgs, EngineArg};
use super::terminal::{RAISE, Terminal};
use super::{Outcome, reviews};
use crate::diagnostic::{Code, Diagnostic, has_errors, nearest_hint};
use crate::pipeline::{self, CheckedReview, Settings};
use crate::project::{Inputs, read_tree};
use crate::render::Engine;
use crate::render::assets::Assets;
use crate::report::view::DateView;
use crate::spec::{Entry, StyleName};
use crate::versions::{Cause, Maker, Plan, Store, StoreError};
use rayon::prelude::*;
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
    let checked: Vec<_> = reviews.par_iter().map(pipeline::check).collect();
    for (inputs, checked) in reviews.iter().zip(checked) {
        match checked {
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
    // before the reviews are looked at at once: they share the hashes that it takes
    let maker = match settings.maker() {
        Ok(maker) => maker,
        Err(error) => {
            terminal.error(&error.to_string());
            return Outcome::CannotWork;
        }
    };
    let plans: Vec<_> = selected
        .par_iter()
        .map(|(inputs, checked)| plan(inputs, checked, args, &settings, &maker))
        .collect();
    let mut planned = Vec::new();
    for ((inputs, checked), plan) in selected.into_iter().zip(plans) {
        match plan {
            Err(error) => {
                terminal.store_error(&error);
                outcome = outcome.max(Outcome::CannotWork);
            }
            Ok((plan, mut diagnostics)) => {
                if has_errors(&diagnostics) {
                    outcome = outcome.max(Outcome::InputErrors);
                }
                diagnostics.extend(checked.warnings.iter().cloned());
                terminal.diagnostics(inputs, &diagnostics);
                if let Plan::Refused(causes) = &plan {
                    terminal.failure(Code::Released, &refusal(&checked, args, causes), RAISE);
                    outcome = outcome.max(Outcome::InputErrors);
                }
                if let Plan::Damaged(causes) = &plan {
                    terminal.failure(
                        Code::Damaged,
                        &damage(&checked, args, causes),
                        &format!("bring it back from a copy, or {RAISE}"),
                    );
                    outcome = outcome.max(Outcome::InputErrors);
                }
                planned.push(Planned { inputs, checked, plan });
            }
        }
    }
    if outcome != Outcome::Done {
        terminal.error("nothing was written");
        return outcome;
    }
    for planned in &planned {
        tell(planned, args, terminal);
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
        store.version_folder(&version_label(&self.checked, &args.only))
    }
}

/// What becomes of a version; of one that is to be built, also what only its report shows.
fn plan(
    inputs: &Inputs,
    checked: &CheckedReview,
    args: &BuildArgs,
    settings: &Settings,
    maker: &Maker,
) -> Result<(Plan, Vec<Diagnostic>), StoreError> {
    let store = Store::new(&args.out, &checked.review.id);
    let label = version_label(checked, &args.only);
    let kept = store.read(&label)?;
    let is_released = store.is_released(&label)?;
    let plan = Plan::of(kept.as_ref(), is_released, &checked.review, inputs, maker);
    let diagnostics = match plan {
        Plan::New | Plan::Rebuild(_) => pipeline::preflight(checked, inputs, settings),
        _ => Vec::new(),
    };
    Ok((plan, diagnostics))
}

/// Why a version is built, or not.
fn tell(planned: &Planned<'_>, args: &BuildArgs, terminal: &Terminal) {
    let name =
        format!("{} {}", planned.checked.review.id, version_label(&planned.checked, &args.only));
    match &planned.plan {
        Plan::New => terminal.progress(&format!("{name}: new")),
        Plan::Unchanged => terminal.progress(&format!("{name}: nothing changed")),
        Plan::Rebuild(causes) => tell_causes(&format!("{name}: built again"), causes, terminal),
        Plan::Stays(causes) => {
            tell_causes(&format!("{name}: released, and stays as it is"), causes, terminal);
        }
        Plan::Refused(_) | Plan::Damaged(_) => {}
    }
}

/// How many causes are told; the rest is counted.
const MOST_CAUSES: usize = 5;

fn tell_causes(title: &str, causes: &[Cause], terminal: &Terminal) {
    terminal.progress(title);
    for line in cause_lines(causes) {
        terminal.progress(&line);
    }
}

fn cause_lines(causes: &[Cause]) -> Vec<String> {
    let mut lines: Vec<String> =
        causes.iter().take(MOST_CAUSES).map(|cause| format!("  {cause}")).collect();
    if causes.len() > MOST_CAUSES {
        lines.push(format!("  and {} more", causes.len() - MOST_CAUSES));
    }
    lines
}

fn refusal(checked: &CheckedReview, args: &BuildArgs, causes: &[Cause]) -> String {
    format!(
        "`{}` {} is released and never changes, but its inputs did\n{}",
        checked.review.id,
        version_label(checked, &args.only),
        cause_lines(causes).join("\n")
    )
}

fn damage(checked: &CheckedReview, args: &BuildArgs, causes: &[Cause]) -> String {
    format!(
        "`{}` {} is released, but not what was released\n{}",
        checked.review.id,
        version_label(checked, &args.only),
        cause_lines(causes).join("\n")
    )
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
    let built: Vec<Result<PathBuf, Outcome>> = planned
        .into_par_iter()
        .map(|planned| match planned.plan {
            Plan::New | Plan::Rebuild(_) => {
                let result = build_one(planned.inputs, planned.checked, args, settings, terminal);
                progress.inc(1);
                result
            }
            Plan::Unchanged | Plan::Stays(_) | Plan::Refused(_) | Plan::Damaged(_) => {
                Ok(planned.folder(args))
            }
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
pub(super) fn version_label(checked: &CheckedReview, only: &[String]) -> String {
    let version = &checked.review.version;
    if only.is_empty() {
        return version.clone();
    }
    let ids: Vec<&str> = checked.review.entries.iter().map(Entry::id).collect();
    format!("{version}+{}", ids.join("+"))
}
