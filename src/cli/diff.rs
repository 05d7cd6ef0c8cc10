//! `build-report diff`: what changed between two versions, conclusions first.

use super::Outcome;
use super::args::{DiffArgs, DiffFormat};
use super::build::assets;
use super::terminal::Terminal;
use crate::pipeline::{self, ChangesForm, PROGRAM};
use crate::project::{Inputs, REVIEW_FILE, find_reviews, folder_names, read_review, read_revision};
use crate::render::Engine;
use crate::report::number::Numbers;
use crate::versions::review::{Side, Tolerance, changes_json, changes_view, compare};
use crate::versions::{Kept, MANIFEST, Maker, Store};
use std::path::{Path, PathBuf};

/// One of the two, as it was read.
struct Version {
    inputs: Inputs,
    kept: Option<Kept>,
}

/// Runs the command.
pub(super) fn run(args: &DiffArgs, terminal: &Terminal) -> Outcome {
    let assets = match assets(args.templates.as_deref()) {
        Ok(assets) => assets,
        Err(message) => {
            terminal.error(&message);
            return Outcome::CannotWork;
        }
    };
    let read_new = || match &args.new {
        Some(name) => read(name, args),
        None => read_folder(&the_review(args)?),
    };
    let (old, new) = match read(&args.old, args).and_then(|old| Ok((old, read_new()?))) {
        Ok(both) => both,
        Err(message) => {
            terminal.error(&message);
            return Outcome::CannotWork;
        }
    };
    for version in [&old, &new] {
        for flaw in version.kept.iter().flat_map(Kept::flaws) {
            terminal.progress(&format!("`{}`: {flaw}", version.inputs.folder.display()));
        }
    }
    let seals = [&old, &new].map(|version| version.kept.as_ref().and_then(Kept::seal));
    let Some((old, new)) = sides(old, new, terminal) else { return Outcome::InputErrors };
    let changes = compare(&old, &new);
    let tolerance = |_: &str| {
        let usual = Tolerance::default();
        Tolerance {
            standard_errors: args.se.unwrap_or(usual.standard_errors),
            absolute: args.abs.unwrap_or(usual.absolute),
            relative: args.rel.unwrap_or(usual.relative),
        }
    };
    let sides = ((&old, seals[0].as_deref()), (&new, seals[1].as_deref()));
    let form = match args.format {
        DiffFormat::Json => {
            let object = changes_json(&changes, sides.0, sides.1, tolerance);
            return gate(args, &changes, tolerance).max(terminal.data(&format!("{object:#}\n")));
        }
        DiffFormat::Text => ChangesForm::Text,
        DiffFormat::Markdown => ChangesForm::Markdown,
        DiffFormat::Html => ChangesForm::Html,
        DiffFormat::Pdf => ChangesForm::Pdf,
    };
    if changes.is_empty() && matches!(form, ChangesForm::Text | ChangesForm::Markdown) {
        return Outcome::Done;
    }
    let style = match pipeline::house_style(&new.findings.review, &assets) {
        Ok(style) => style,
        Err(diagnostic) => {
            terminal.diagnostics(&new.inputs, &[*diagnostic]);
            return Outcome::InputErrors;
        }
    };
    let numbers = Numbers::of(&style);
    let view = changes_view(&changes, sides.0, sides.1, tolerance, numbers);
    let language = new.findings.review.language;
    let engine = Engine::default_engine();
    match pipeline::changes_form(&view, form, language, &style, &assets, &engine) {
        Ok(bytes) => gate(args, &changes, tolerance).max(terminal.bytes(&bytes)),
        Err(diagnostic) => {
            terminal.error(&diagnostic.message);
            Outcome::CannotWork
        }
    }
}

fn gate(
    args: &DiffArgs,
    changes: &crate::versions::review::Changes,
    tolerance: impl Fn(&str) -> Tolerance,
) -> Outcome {
    if changes.trips(args.fail_on.into(), tolerance) { Outcome::InputErrors } else { Outcome::Done }
}

fn sides(old: Version, new: Version, terminal: &Terminal) -> Option<(Side, Side)> {
    let mut sides = [old, new].into_iter().map(|version| {
        let maker = Maker { program: PROGRAM.to_owned(), ..Maker::default() };
        let told = version.inputs.clone();
        match pipeline::side(version.inputs, version.kept.as_ref(), maker) {
            Ok(side) => Some((side, version.kept.is_some())),
            Err(diagnostics) => {
                terminal.diagnostics(&told, &diagnostics);
                None
            }
        }
    });
    let (mut old, old_is_kept) = sides.next()??;
    let (mut new, new_is_kept) = sides.next()??;
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
    let kept = Kept::read(folder)
        .map_err(|error| format!("cannot read `{}`: {error}", folder.display()))?
        .ok_or_else(|| format!("`{}` is not there", folder.display()))?;
    Ok(Version { inputs: kept.inputs(), kept: Some(kept) })
}
