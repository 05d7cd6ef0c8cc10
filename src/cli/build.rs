//! `build-report build`: every review to its version folder.

use super::args::{BuildArgs, BuildOnceArgs, EngineArg};
use super::only::select;
use super::progress::Progress;
use super::sound::{self, Sound};
use super::terminal::Terminal;
use super::{Outcome, plans, reviews};
use crate::diagnostic::{Code, Diagnostic, has_errors};
use crate::pipeline::{self, CheckedReview, Prepared, Settings, Stage};
use crate::project::{Inputs, read_tree};
use crate::render::assets::Assets;
use crate::render::{Engine, RenderError};
use crate::report::view::DateView;
use crate::spec::StyleName;
use crate::threads::at_once;
use crate::versions::{Maker, Plan, Store, StoreError};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Runs the command: all reviews are checked first, and if any has an error nothing is written.
pub(super) fn run(args: &BuildOnceArgs, terminal: &Terminal) -> Outcome {
    let terminal = terminal.in_form(args.messages.message_format);
    terminal.finish(build_once(&args.build, &terminal))
}

fn build_once(args: &BuildArgs, terminal: &Terminal) -> Outcome {
    let Some(assets) = assets(args.templates.as_deref(), terminal) else {
        return Outcome::CannotWork;
    };
    let settings = match settings(args, assets) {
        Ok(settings) => settings,
        Err(message) => {
            terminal.error(&message);
            return Outcome::CannotWork;
        }
    };
    let (reviews, outcome) = reviews::read(&args.path, terminal);
    let (planned, outcome) = plan_all(&reviews, outcome, args, &settings, terminal);
    if outcome != Outcome::Done {
        terminal.error("nothing was written");
        return outcome;
    }
    carry_out(planned, args, &settings, terminal)
}

/// Checks every review, tells all that is wrong, and decides what becomes of its version.
pub(super) fn plan_all<'a>(
    reviews: &'a [Inputs],
    mut outcome: Outcome,
    args: &BuildArgs,
    settings: &Settings,
    terminal: &Terminal,
) -> (Vec<Planned<'a>>, Outcome) {
    let mut sound = Vec::new();
    let keeps = sound::are_kept(reviews.len());
    let checked = at_once(reviews.iter().collect(), |inputs| Sound::check(inputs, keeps, args));
    for (inputs, checked) in reviews.iter().zip(checked) {
        match checked {
            Err(diagnostics) => {
                terminal.diagnostics(inputs, &diagnostics);
                outcome = outcome.max(Outcome::InputErrors);
            }
            Ok(checked) => sound.push(checked),
        }
    }
    let ids: Vec<_> =
        sound.iter().map(|review| (review.inputs.folder.as_path(), review.id.as_str())).collect();
    if !reviews::tell_shared_ids(&ids, terminal).is_empty() {
        outcome = outcome.max(Outcome::InputErrors);
    }
    let selected = match select(sound, args) {
        Ok(selected) => selected,
        Err((message, hint)) if outcome == Outcome::Done => {
            terminal.failure(Code::UnknownChoice, &message, &hint);
            return (Vec::new(), Outcome::CannotWork);
        }
        Err(_) => Vec::new(),
    };
    let keeps = sound::are_kept(selected.len());
    let plans = at_once(selected.iter().collect(), |review| plan(review, keeps, args, settings));
    let mut planned = Vec::new();
    for (review, plan) in selected.into_iter().zip(plans) {
        match plan {
            Err(error) => {
                error.tell(terminal);
                outcome = outcome.max(Outcome::CannotWork);
            }
            Ok((plan, prepared, diagnostics)) => {
                if has_errors(&diagnostics) {
                    outcome = outcome.max(Outcome::InputErrors);
                }
                terminal.diagnostics(review.inputs, &diagnostics);
                outcome = outcome.max(plans::refuse(&review.id, &review.label, &plan, terminal));
                planned.push(Planned { review, plan, prepared });
            }
        }
    }
    (planned, outcome)
}

/// Builds what is to be built.
pub(super) fn carry_out(
    planned: Vec<Planned<'_>>,
    args: &BuildArgs,
    settings: &Settings,
    terminal: &Terminal,
) -> Outcome {
    for Planned { review, plan, .. } in &planned {
        plans::tell(&review.id, &review.label, plan, terminal);
    }
    if args.dry_run {
        let paths: String =
            planned.iter().map(|planned| format!("{}\n", planned.folder(args).display())).collect();
        return terminal.written(&paths);
    }
    build_all(planned, args, settings, terminal)
}

/// A review with what becomes of its version.
pub(super) struct Planned<'a> {
    review: Sound<'a>,
    plan: Plan,
    prepared: Option<PreparedBy>,
}

/// A report, and what it was prepared by.
type PreparedBy = (Prepared, Maker);

impl Planned<'_> {
    fn folder(&self, args: &BuildArgs) -> PathBuf {
        Store::new(&args.out, &self.review.id).version_folder(&self.review.label)
    }
}

/// Why it cannot be said what becomes of a version.
enum Unplanned {
    Store(StoreError),
    Engine(RenderError),
}

impl Unplanned {
    fn tell(&self, terminal: &Terminal) {
        match self {
            Self::Store(error) => terminal.store_error(error),
            Self::Engine(error) => terminal.error(&error.to_string()),
        }
    }
}

/// What becomes of a version; of one that is to be built, also what only its report shows, and the
/// report as it was prepared for that if it `keeps` it.
fn plan(
    review: &Sound<'_>,
    keeps: bool,
    args: &BuildArgs,
    settings: &Settings,
) -> Result<(Plan, Option<PreparedBy>, Vec<Diagnostic>), Unplanned> {
    let checked = match review.review(args) {
        Ok(checked) => checked,
        Err(errors) => return Ok((Plan::New, None, errors)),
    };
    let store = Store::new(&args.out, &review.id);
    let kept = store.read(&review.label).map_err(Unplanned::Store)?;
    let is_released = store.is_released(&review.label).map_err(Unplanned::Store)?;
    let maker = settings.maker(&checked).map_err(Unplanned::Engine)?;
    let plan = Plan::of(kept.as_ref(), is_released, &checked.review, review.inputs, &maker);
    let warnings = checked.warnings.clone();
    if !matches!(plan, Plan::New | Plan::Rebuild(_)) {
        return Ok((plan, None, warnings));
    }
    if !args.dry_run {
        settings.engine.warm_up(&settings.assets);
    }
    Ok(match pipeline::prepare(checked.into_owned(), review.inputs, settings) {
        Ok(prepared) => {
            let told = [prepared.warnings(), &warnings].concat();
            (plan, keeps.then_some((prepared, maker)), told)
        }
        Err(errors) => (plan, None, [errors, warnings].concat()),
    })
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
    let progress = Progress::new(to_build, terminal.is_interactive());
    let at_work = AtWork { args, settings, terminal, progress: &progress };
    let built = at_once(planned, |planned| match planned.plan {
        Plan::New | Plan::Rebuild(_) => at_work.build(planned),
        Plan::Unchanged | Plan::Stays(_) | Plan::Refused(_) | Plan::Damaged(_) => {
            Ok(planned.folder(args))
        }
    });
    progress.clear();
    let written: String =
        built.iter().flatten().map(|folder| format!("{}\n", folder.display())).collect();
    let outcome = built.iter().filter_map(|result| result.as_ref().err()).max().copied();
    outcome.unwrap_or(Outcome::Done).max(terminal.written(&written))
}

/// What the builds of several reviews share.
struct AtWork<'a> {
    args: &'a BuildArgs,
    settings: &'a Settings,
    terminal: &'a Terminal,
    progress: &'a Progress,
}

impl AtWork<'_> {
    fn build(&self, planned: Planned<'_>) -> Result<PathBuf, Outcome> {
        let Self { args, settings, terminal, progress } = self;
        let Planned { review, prepared, .. } = planned;
        let Sound { inputs, id, label, .. } = &review;
        let store = Store::new(&args.out, id);
        let files = match prepared {
            Some((prepared, maker)) => {
                progress.begin(id, Stage::Setting);
                pipeline::set(prepared, maker, inputs, settings)
            }
            None => review.review(args).and_then(|checked| {
                let on_stage = |stage| progress.begin(id, stage);
                pipeline::build(checked.into_owned(), inputs, settings, on_stage)
            }),
        };
        let files = files.map_err(|diagnostics| {
            progress.aside(|| terminal.diagnostics(inputs, &diagnostics));
            Outcome::InputErrors
        })?;
        progress.begin_writing(id);
        let waiting = "another build of this review is at work: waiting";
        let on_wait = || progress.aside(|| terminal.progress(waiting));
        let folder = store.write(label, &files, on_wait).map_err(|error| {
            progress.aside(|| terminal.store_error(&error));
            Outcome::CannotWork
        })?;
        progress.finish_one();
        Ok(folder)
    }
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

/// The templates inside the program, with those of a folder in their place; a folder that cannot be
/// read is told.
pub(super) fn assets(folder: Option<&Path>, terminal: &Terminal) -> Option<Assets> {
    let Some(folder) = folder else { return Some(Assets::embedded()) };
    match read_tree(folder) {
        Ok(files) => Some(Assets::embedded().replaced_by(folder, files)),
        Err(error) => {
            reviews::unreadable(folder, &error, terminal);
            None
        }
    }
}

pub(super) fn settings(args: &BuildArgs, assets: Assets) -> Result<Settings, String> {
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
