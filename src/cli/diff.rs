//! `build-report diff`: what changed between two versions, conclusions first.

use super::Outcome;
use super::args::{DiffArgs, DiffFormat};
use super::build::assets;
use super::decide;
use super::terminal::Terminal;
use crate::diagnostic::{Code, Diagnostic};
use crate::pipeline::{self, ChangesForm, PROGRAM};
use crate::project::{
    Inputs, REVIEW_FILE, TEMPLATES, find_reviews, folder_names, read_review, read_revision,
};
use crate::render::Engine;
use crate::render::assets::Assets;
use crate::report::number::Numbers;
use crate::report::style::HouseStyle;
use crate::spec::{Entry, UpdateSpec};
use crate::versions::review::{
    Changes, ChangesView, Side, Tolerance, changes_json, changes_view, compare,
};
use crate::versions::{Kept, MANIFEST, Maker, Store};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// One of the two, as it was read.
struct Version {
    inputs: Inputs,
    kept: Option<Kept>,
}

/// Two versions with what changed between them, and what it takes to show it.
pub(super) struct Comparison<'a> {
    args: &'a DiffArgs,
    old: Side,
    new: Side,
    seals: [Option<String>; 2],
    /// The folder of the newer version, if it is kept.
    pub(super) folder: Option<PathBuf>,
    changes: Changes,
    assets: Assets,
    style: HouseStyle,
}

/// The schema of the data form.
const SCHEMA: &str = "changes/schema.json";

/// Runs the command.
pub(super) fn run(args: &DiffArgs, terminal: &Terminal) -> Outcome {
    let Some(assets) = assets(args.templates.as_deref(), terminal) else {
        return Outcome::CannotWork;
    };
    if args.schema {
        return terminal.data(assets.text(SCHEMA).unwrap_or_default());
    }
    let comparison = match Comparison::of(args, assets, terminal) {
        Ok(comparison) => comparison,
        Err(outcome) => return outcome,
    };
    if args.walk || args.check || !args.accept.is_empty() || !args.reject.is_empty() {
        return decide::run(args, &comparison, terminal);
    }
    let outcome = comparison.gate();
    let form = match args.format {
        DiffFormat::Json => {
            return outcome.max(terminal.data(&format!("{:#}\n", comparison.json())));
        }
        DiffFormat::Text => ChangesForm::Text,
        DiffFormat::Markdown => ChangesForm::Markdown,
        DiffFormat::Html => ChangesForm::Html,
        DiffFormat::Pdf => ChangesForm::Pdf,
        DiffFormat::Living => ChangesForm::Living,
    };
    let is_text = matches!(form, ChangesForm::Text | ChangesForm::Markdown | ChangesForm::Living);
    if comparison.changes.is_empty() && is_text {
        return Outcome::Done;
    }
    let view = match decide::decisions(&comparison) {
        Ok(decisions) => ChangesView { decisions, ..comparison.view() },
        Err(error) => {
            terminal.store_error(&error);
            return Outcome::CannotWork;
        }
    };
    match comparison.form(&view, form) {
        Ok(bytes) => outcome.max(terminal.bytes(&bytes)),
        Err(message) => {
            terminal.error(&message);
            Outcome::CannotWork
        }
    }
}

impl<'a> Comparison<'a> {
    fn of(args: &'a DiffArgs, assets: Assets, terminal: &Terminal) -> Result<Self, Outcome> {
        let read_new = || match &args.new {
            Some(name) => read(name, args),
            None => read_folder(&the_review(args)?),
        };
        let old = args.old.as_deref().unwrap_or_default();
        let both = rayon::join(|| read(old, args), read_new);
        let (old, new) = both.0.and_then(|old| Ok((old, both.1?))).map_err(|message| {
            terminal.failure(Code::NoVersion, &message, "");
            Outcome::CannotWork
        })?;
        let flaws = |version: &Version| version.kept.iter().flat_map(Kept::flaws).collect();
        let flaws: (Vec<_>, Vec<_>) = rayon::join(|| flaws(&old), || flaws(&new));
        for (version, flaws) in [(&old, flaws.0), (&new, flaws.1)] {
            for flaw in flaws {
                terminal.progress(&format!("`{}`: {flaw}", version.inputs.folder.display()));
            }
        }
        let seals = [&old, &new].map(|version| version.kept.as_ref().and_then(Kept::seal));
        let folder = new.kept.as_ref().map(|kept| kept.folder.clone());
        let (old, mut new) = sides(old, new, terminal).ok_or(Outcome::InputErrors)?;
        if let Some(language) = args.language {
            new.findings.review.language = language.into();
        }
        let assets = assets.replaced_by(&new.inputs.folder.join(TEMPLATES), new.inputs.templates());
        let style = pipeline::house_style(&new.findings.review, &assets).map_err(|diagnostic| {
            terminal.diagnostics(&new.inputs, &[*diagnostic]);
            Outcome::InputErrors
        })?;
        let changes = compare(&old, &new);
        Ok(Self { args, old, new, seals, folder, changes, assets, style })
    }

    /// The label of the version before.
    pub(super) fn old_label(&self) -> &str {
        &self.old.findings.review.version
    }

    /// The tolerance of an analysis: its own, else that of the arguments, else the usual one.
    fn tolerance(&self, id: &str) -> Tolerance {
        let own = match self.new.entry(id) {
            Some((_, Entry::Pooled(spec))) => spec.updates.clone(),
            _ => UpdateSpec::default(),
        };
        let usual = Tolerance::default();
        let choose = |own: Option<f64>, given: Option<f64>, usual| own.or(given).unwrap_or(usual);
        Tolerance {
            standard_errors: choose(own.standard_errors, self.args.se, usual.standard_errors),
            absolute: choose(own.absolute, self.args.abs, usual.absolute),
            relative: choose(own.relative, self.args.rel, usual.relative),
        }
    }

    fn sides(&self) -> [(&Side, Option<&str>); 2] {
        [(&self.old, self.seals[0].as_deref()), (&self.new, self.seals[1].as_deref())]
    }

    /// The changes as data.
    pub(super) fn json(&self) -> Value {
        let [old, new] = self.sides();
        changes_json(&self.changes, old, new, |id| self.tolerance(id))
    }

    /// The changes as they are printed.
    pub(super) fn view(&self) -> ChangesView {
        let [old, new] = self.sides();
        let numbers = Numbers::of(&self.style);
        changes_view(&self.changes, old, new, |id| self.tolerance(id), numbers)
    }

    /// A view of the changes in one of their forms.
    pub(super) fn form(&self, view: &ChangesView, form: ChangesForm) -> Result<Vec<u8>, String> {
        let language = self.new.findings.review.language;
        let engine = Engine::default_engine();
        pipeline::changes_form(view, form, language, &self.style, &self.assets, &engine)
            .map_err(|diagnostic| diagnostic.message)
    }

    fn gate(&self) -> Outcome {
        if self.changes.trips(self.args.fail_on.into(), |id| self.tolerance(id)) {
            Outcome::InputErrors
        } else {
            Outcome::Done
        }
    }
}

fn sides(old: Version, new: Version, terminal: &Terminal) -> Option<(Side, Side)> {
    let (old_is_kept, new_is_kept) = (old.kept.is_some(), new.kept.is_some());
    let side = |version: Version| {
        let maker = Maker { program: PROGRAM.to_owned(), ..Maker::default() };
        let told = version.inputs.clone();
        let side = pipeline::side(version.inputs, version.kept.as_ref(), maker);
        side.map_err(|diagnostics| (Box::new(told), diagnostics))
    };
    let (old, new) = rayon::join(|| side(old), || side(new));
    let or_told = |side: Result<Side, (Box<Inputs>, Vec<Diagnostic>)>| {
        side.map_err(|(inputs, diagnostics)| terminal.diagnostics(&inputs, &diagnostics)).ok()
    };
    let mut old = or_told(old)?;
    let mut new = or_told(new)?;
    // a folder of specs has no templates, fonts or engine of its own
    match (old_is_kept, new_is_kept) {
        (true, false) => new.maker = Maker { program: new.maker.program, ..old.maker.clone() },
        (false, true) => old.maker = Maker { program: old.maker.program, ..new.maker.clone() },
        _ => {}
    }
    Some((old, new))
}

/// Reads what an argument names: a version's folder, a review's folder, or a version by its label.
fn read(name: &str, args: &DiffArgs) -> Result<Version, String> {
    let path = Path::new(name);
    if path.join(MANIFEST).is_file() {
        return read_kept(path);
    }
    if path.join(REVIEW_FILE).is_file() {
        return read_folder(path);
    }
    let candidates = labelled(name, &args.out)?;
    match candidates.as_slice() {
        [folder] => read_kept(folder),
        [] => read_from_git(name, args),
        several => Err(format!(
            "several reviews have a version `{name}`: {}",
            several
                .iter()
                .map(|path| format!("`{}`", path.display()))
                .collect::<Vec<_>>()
                .join(", ")
        )),
    }
}

fn read_folder(folder: &Path) -> Result<Version, String> {
    let cannot_read = |error| format!("cannot read `{}`: {error}", folder.display());
    Ok(Version { inputs: read_review(folder).map_err(cannot_read)?, kept: None })
}

/// The one review at or below the path that the arguments name.
fn the_review(args: &DiffArgs) -> Result<PathBuf, String> {
    let path = &args.review;
    let cannot_read = |error| format!("cannot read `{}`: {error}", path.display());
    let found = find_reviews(path).map_err(cannot_read)?;
    // a kept version holds the specs that it was built from
    let is_kept =
        |folder: &PathBuf| folder.parent().is_some_and(|above| above.join(MANIFEST).is_file());
    let mut found: Vec<PathBuf> = found.into_iter().filter(|folder| !is_kept(folder)).collect();
    match found.len() {
        1 => Ok(found.remove(0)),
        0 => Err(format!("no review at or below `{}`", path.display())),
        _ => Err(format!(
            "several reviews stand below `{}`: say which one with `--in`",
            path.display()
        )),
    }
}

fn read_from_git(name: &str, args: &DiffArgs) -> Result<Version, String> {
    let unknown = |reason: String| {
        format!(
            "`{name}` is no version: expected the folder of a version, the folder of a review, the label of a version below `{}`, or a git revision ({reason})",
            args.out.display()
        )
    };
    let review = the_review(args).map_err(&unknown)?;
    let inputs = read_revision(&review, name).map_err(|error| unknown(error.to_string()))?;
    Ok(Version { inputs, kept: None })
}

/// The versions below the output folder with a label, or with the id of a review and a label.
fn labelled(name: &str, out: &Path) -> Result<Vec<PathBuf>, String> {
    let is_version = |path: &PathBuf| path.join(MANIFEST).is_file();
    let with_review = out.join(name);
    if is_version(&with_review) {
        return Ok(vec![with_review]);
    }
    let reviews = folder_names(out);
    let reviews = reviews.map_err(|error| format!("cannot read `{}`: {error}", out.display()))?;
    let folders = reviews.iter().map(|review| Store::new(out, review).version_folder(name));
    Ok(folders.filter(is_version).collect())
}

fn read_kept(folder: &Path) -> Result<Version, String> {
    let kept = Kept::read_hashed(folder)
        .map_err(|error| format!("cannot read `{}`: {error}", folder.display()))?
        .ok_or_else(|| format!("`{}` is not there", folder.display()))?;
    Ok(Version { inputs: kept.inputs(), kept: Some(kept) })
}
