//! `build-report init`: a small review that builds at once.

use super::Outcome;
use super::args::{InitArgs, LanguageArg, StarterArg};
use super::schema;
use super::terminal::Terminal;
use crate::spec::{Language, read_settings};
use crate::versions::write_new_folder;
use std::collections::BTreeMap;
use std::path::Path;

/// The words of the starters, by language.
const TEXTS: &str = include_str!("../../starters/texts.yaml");

/// The name that the specs of a starter give to the schema.
const SCHEMA: &str = "schema.json";

/// The files of a starter, with `{{name}}` where words of the language go.
macro_rules! starter {
    ($($path:literal)*) => {
        &[$((
            $path,
            include_str!(concat!("../../starters/", $path)),
        )),*]
    };
}

/// The files of a kind, by their path below `starters/`.
fn files(kind: StarterArg) -> &'static [(&'static str, &'static str)] {
    match kind {
        StarterArg::Binary => starter!("binary/review.yaml" "binary/nausea.yaml" "binary/data.csv"),
        StarterArg::Continuous => {
            starter!("continuous/review.yaml" "continuous/pain.yaml" "continuous/data.csv")
        }
        StarterArg::Proportion => {
            starter!("proportion/review.yaml" "proportion/response.yaml" "proportion/data.csv")
        }
        StarterArg::Table => starter!("table/review.yaml" "table/studies.yaml" "table/data.csv"),
    }
}

/// Runs the command.
pub(super) fn run(args: &InitArgs, terminal: &Terminal) -> Outcome {
    let files = match review(args) {
        Ok(files) => files,
        Err(message) => {
            terminal.error(&message);
            return Outcome::CannotWork;
        }
    };
    if let Err(error) = write_new_folder(&args.folder, &files) {
        terminal.store_error(&error);
        return Outcome::CannotWork;
    }
    let folder = args.folder.display();
    terminal.progress(&format!(
        "a review of invented data, with {} files; `build-report {folder}` builds it",
        files.len()
    ));
    terminal.data(&format!("{folder}\n"))
}

/// The files of the review, by their path in its folder.
fn review(args: &InitArgs) -> Result<BTreeMap<String, Vec<u8>>, String> {
    let mut words = words(args.language)?;
    words.insert("id".to_owned(), id(&args.folder));
    words.insert("language".to_owned(), Language::from(args.language).tag().to_owned());
    let mut written = BTreeMap::from([(SCHEMA.to_owned(), schema::text().into_bytes())]);
    for (path, text) in files(args.kind) {
        let name = path.rsplit('/').next().unwrap_or(path);
        let text = words.iter().fold((*text).to_owned(), |text, (word, meaning)| {
            text.replace(&format!("{{{{{word}}}}}"), meaning)
        });
        written.insert(name.to_owned(), text.into_bytes());
    }
    Ok(written)
}

fn words(language: LanguageArg) -> Result<BTreeMap<String, String>, String> {
    let mut texts: BTreeMap<String, BTreeMap<String, String>> =
        read_settings(TEXTS).map_err(|error| format!("`starters/texts.yaml`: {error}"))?;
    let tag = Language::from(language).tag();
    texts.remove(tag).ok_or_else(|| format!("`starters/texts.yaml` has no `{tag}`"))
}

/// The name of the folder, made of characters that an id may have.
fn id(folder: &Path) -> String {
    let path = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let sound = |c: char| if c.is_alphanumeric() || matches!(c, '_' | '.') { c } else { '-' };
    let id: String = name.chars().map(sound).take(30).collect();
    let id = id.trim_matches(['.', '-']);
    if id.is_empty() { "review".to_owned() } else { id.to_owned() }
}
