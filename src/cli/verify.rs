//! `build-report verify`: kept versions rebuilt from their own inputs, and compared.

use super::Outcome;
use super::args::{BuildArgs, VerifyArgs};
use super::build::{assets, day_of, override_presentation, settings};
use super::terminal::Terminal;
use crate::diagnostic::Code;
use crate::pipeline::{self, VersionFiles};
use crate::project::folder_names;
use crate::render::assets::Assets;
use crate::report::view::RESULTS;
use crate::versions::{Kept, MANIFEST, Manifest, Store, maker_causes, result_differences, sha256};
use std::path::{Path, PathBuf};

/// Runs the command.
pub(super) fn run(args: &VerifyArgs, terminal: &Terminal) -> Outcome {
    let versions = match versions(args) {
        Ok(versions) => versions,
        Err(message) => {
            terminal.error(&message);
            return Outcome::CannotWork;
        }
    };
    let Some(assets) = assets(args.templates.as_deref(), terminal) else {
        return Outcome::CannotWork;
    };
    let mut outcome = Outcome::Done;
    let mut sound = String::new();
    for folder in versions {
        match verify(&folder, args, &assets, terminal) {
            Ok(()) => sound.push_str(&format!("{}\n", folder.display())),
            Err(Failure { outcome: found, code, messages, help }) => {
                let message = format!("`{}` {}", folder.display(), messages.join("\n  "));
                terminal.failure(code, &message, help);
                outcome = outcome.max(found);
            }
        }
    }
    outcome.max(terminal.data(&sound))
}

/// The folders that the arguments name; without any, the released versions.
fn versions(args: &VerifyArgs) -> Result<Vec<PathBuf>, String> {
    if !args.version.is_empty() {
        return Ok(args.version.clone());
    }
    let cannot_list = |error| format!("cannot read `{}`: {error}", args.out.display());
    let mut found = Vec::new();
    for review in folder_names(&args.out).map_err(cannot_list)? {
        let store = Store::new(&args.out, &review);
        for label in store.labels().map_err(|error| error.to_string())? {
            if store.is_released(&label).map_err(|error| error.to_string())? {
                found.push(store.version_folder(&label));
            }
        }
    }
    if found.is_empty() {
        return Err(format!("no version below `{}` is released", args.out.display()));
    }
    Ok(found)
}

/// Why a version is not what it should be.
struct Failure {
    outcome: Outcome,
    code: Code,
    messages: Vec<String>,
    help: &'static str,
}

impl Failure {
    fn cannot(message: String) -> Self {
        let (outcome, code) = (Outcome::CannotWork, Code::DoesNotRebuild);
        Self { outcome, code, messages: vec![message], help: "" }
    }

    fn damaged(messages: Vec<String>) -> Self {
        let (outcome, code) = (Outcome::InputErrors, Code::Damaged);
        Self { outcome, code, messages, help: "bring it back from a copy" }
    }

    fn differs(messages: Vec<String>) -> Self {
        let (outcome, code) = (Outcome::InputErrors, Code::DoesNotRebuild);
        Self { outcome, code, messages, help: "" }
    }
}

fn verify(
    folder: &Path,
    args: &VerifyArgs,
    assets: &Assets,
    terminal: &Terminal,
) -> Result<(), Failure> {
    let kept = Kept::read_hashed(folder);
    let kept = kept.map_err(|error| Failure::cannot(format!("cannot be read: {error}")))?;
    let Some(kept) = kept else { return Err(Failure::damaged(vec!["is not there".to_owned()])) };
    let flaws = kept.flaws();
    let manifest = kept.manifest().filter(|_| flaws.is_empty());
    let Some(manifest) = manifest else {
        let flaws = flaws.iter().map(ToString::to_string);
        return Err(Failure::damaged(
            ["is not what was built".to_owned()].into_iter().chain(flaws).collect(),
        ));
    };
    expect_listed_seal(folder, &kept).map_err(|message| Failure::damaged(vec![message]))?;
    let (files, maker_notes) = rebuild(&kept, manifest, args, assets, terminal)?;
    let mut messages = result_differences(
        kept.bytes(RESULTS).unwrap_or_default(),
        files.get(RESULTS).map(Vec::as_slice).unwrap_or_default(),
    );
    let name = format!("{} {}", manifest.review, manifest.label());
    if maker_notes.is_empty() {
        messages.extend(byte_differences(&kept, &files));
        if messages.is_empty() {
            terminal.progress(&format!("{name}: rebuilds byte for byte"));
        }
    } else if messages.is_empty() {
        terminal
            .progress(&format!("{name}: the results are the same; the bytes were made otherwise"));
        for note in &maker_notes {
            terminal.progress(&format!("  {note}"));
        }
    } else {
        messages.extend(maker_notes);
    }
    if messages.is_empty() {
        return Ok(());
    }
    Err(Failure::differs(["does not rebuild".to_owned()].into_iter().chain(messages).collect()))
}

/// That a version bears the seal that the list of releases has.
fn expect_listed_seal(folder: &Path, kept: &Kept) -> Result<(), String> {
    let (store, label) = Store::of_version(folder);
    match store.releases().map_err(|error| error.to_string())?.get(&label) {
        Some(listed) if kept.seal().as_ref() != Some(listed) => {
            Err("does not bear the seal that `releases.json` has of it".to_owned())
        }
        _ => Ok(()),
    }
}

/// The files that this program makes of a version's inputs, and what besides the inputs differs.
fn rebuild(
    kept: &Kept,
    manifest: &Manifest,
    args: &VerifyArgs,
    assets: &Assets,
    terminal: &Terminal,
) -> Result<(VersionFiles, Vec<String>), Failure> {
    let build_args = BuildArgs {
        engine: args.engine,
        typst: args.typst.clone(),
        ..BuildArgs::from_options(&manifest.maker.options).map_err(Failure::cannot)?
    };
    let mut settings = settings(&build_args, assets.clone()).map_err(Failure::cannot)?;
    settings.epoch = manifest.maker.source_date_epoch.and_then(day_of);
    let inputs = kept.inputs();
    let told = |diagnostics: Vec<_>| {
        terminal.diagnostics(&inputs, &diagnostics);
        Failure::differs(vec!["cannot be built from its inputs by this program".to_owned()])
    };
    let mut checked = pipeline::check(&inputs).map_err(told)?;
    override_presentation(&mut checked, &build_args);
    if !build_args.only.is_empty() {
        checked = checked.only(&build_args.only).map_err(|ids| Failure::cannot(ids.join(", ")))?;
    }
    let maker = settings.maker(&checked).map_err(|error| Failure::cannot(error.to_string()))?;
    let notes = maker_causes(&manifest.maker, &maker).iter().map(ToString::to_string).collect();
    let files = pipeline::build(checked, &inputs, &settings, |_| ()).map_err(told)?;
    Ok((files, notes))
}

fn byte_differences(kept: &Kept, files: &VersionFiles) -> Vec<String> {
    let names: std::collections::BTreeSet<&String> = kept.names().chain(files.keys()).collect();
    names
        .into_iter()
        .filter(|name| *name != MANIFEST)
        .filter_map(|name| match (kept.sha256(name), files.get(name)) {
            (_, None) => Some(format!("`{name}` is not made any more")),
            (None, Some(_)) => Some(format!("`{name}` was not made then")),
            (Some(old), Some(new)) => {
                (old != sha256(new)).then(|| format!("`{name}` has other bytes"))
            }
        })
        .collect()
}
