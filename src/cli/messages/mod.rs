//! Messages in the forms in which people and other programs take them.

mod excerpt;
mod github;
pub(super) mod human;
mod json;
mod sarif;

use super::Outcome;
use super::args::MessageFormat;
use super::pages::Pages;
use crate::diagnostic::{Code, Diagnostic, Location, Severity};
use crate::project::{Inputs, REVIEW_FILE};
use crate::source::{Place, Position, Sources};
use std::path::{Component, Path};
use std::sync::{Mutex, PoisonError};

/// The messages of one run for other programs, which are told at its end, because some of the forms
/// are one document.
#[derive(Debug)]
pub(super) struct Messages {
    format: MessageFormat,
    told: Mutex<Vec<Message>>,
}

/// A message with its places resolved.
#[derive(Debug)]
struct Message {
    code: &'static str,
    severity: Severity,
    /// The file as the user would write its path; none where it is about the program.
    file: Option<String>,
    /// What stands for the file where there must be one: the review.
    review: Option<String>,
    region: Option<Region>,
    message: String,
    label: Option<String>,
    help: Option<String>,
    related: Vec<Related>,
}

/// Another place that matters.
#[derive(Debug)]
struct Related {
    file: String,
    region: Region,
    label: String,
}

/// A run of characters: the position of the first, and of the one after the last.
#[derive(Debug, Clone, Copy)]
struct Region {
    start: Position,
    end: Position,
}

impl Messages {
    /// Messages in a form for programs; none in the form for people.
    pub(super) fn in_form(format: MessageFormat) -> Option<Self> {
        (format != MessageFormat::Human).then(|| Self { format, told: Mutex::default() })
    }

    /// Adds the messages about a review.
    pub(super) fn add(&self, inputs: &Inputs, diagnostics: &[Diagnostic]) {
        let sorted = sorted(inputs, diagnostics);
        self.extend(sorted.into_iter().map(|diagnostic| Message::of(inputs, diagnostic)));
    }

    /// Adds an error that no text of a review shows: of a file or folder, or of none.
    pub(super) fn add_failure(&self, code: Code, path: Option<&Path>, message: &str, help: &str) {
        let file = path.map(|path| path.display().to_string());
        self.extend([Message {
            code: code.as_str(),
            severity: Severity::Error,
            review: file.clone(),
            file,
            region: None,
            message: message.to_owned(),
            label: None,
            help: Some(help.to_owned()).filter(|help| !help.is_empty()),
            related: Vec::new(),
        }]);
    }

    fn extend(&self, messages: impl IntoIterator<Item = Message>) {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).extend(messages);
    }

    /// The document of a run that had this outcome.
    ///
    /// # Errors
    /// What is wrong with the pages that explain the codes.
    pub(super) fn document(&self, outcome: Outcome) -> Result<String, String> {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(match self.format {
            MessageFormat::Human => String::new(),
            MessageFormat::Json => json::lines(&told),
            MessageFormat::Github => github::commands(&told),
            MessageFormat::Sarif => sarif::log(&told, &Pages::read()?, outcome),
        })
    }
}

impl Message {
    fn of(inputs: &Inputs, diagnostic: &Diagnostic) -> Self {
        let file = path_of(inputs, &diagnostic.location);
        let region = match diagnostic.location {
            Location::Place(place) => Some(Region::of(&inputs.sources, place)),
            Location::Template(ref sources, place) => Some(Region::of(sources, place)),
            Location::File(_) | Location::Program => None,
        };
        let related = diagnostic.related.iter().map(|(place, label)| Related {
            file: path_of(inputs, &Location::Place(*place)),
            region: Region::of(&inputs.sources, *place),
            label: label.clone(),
        });
        Self {
            code: diagnostic.code.as_str(),
            severity: diagnostic.severity,
            file: (diagnostic.location != Location::Program).then_some(file),
            review: Some(inputs.folder.join(REVIEW_FILE).display().to_string()),
            region,
            message: diagnostic.message.clone(),
            label: diagnostic.label.clone(),
            help: diagnostic.help.clone(),
            related: related.collect(),
        }
    }

    /// All that is said at the place itself, one sentence a line.
    fn text(&self) -> String {
        let parts = [Some(&self.message), self.label.as_ref(), self.help.as_ref()];
        parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join("\n")
    }
}

impl Region {
    fn of(sources: &Sources, place: Place) -> Self {
        let (start, end) = sources.positions(place);
        Self { start, end }
    }
}

/// By file, then by place.
fn sorted<'a>(inputs: &Inputs, diagnostics: &'a [Diagnostic]) -> Vec<&'a Diagnostic> {
    let mut sorted: Vec<&Diagnostic> = diagnostics.iter().collect();
    sorted.sort_by_key(|diagnostic| {
        let start = match &diagnostic.location {
            Location::Place(place) | Location::Template(_, place) => place.span.start,
            Location::File(_) | Location::Program => 0,
        };
        (path_of(inputs, &diagnostic.location), start)
    });
    sorted
}

/// A folder as a person would name it: the one in which the program runs has a name, too.
pub(super) fn folder_name(folder: &Path) -> String {
    let is_here = folder.components().all(|component| component == Component::CurDir);
    let here = std::env::current_dir().ok().filter(|_| is_here);
    let name = here.as_ref().and_then(|here| here.file_name());
    name.map_or_else(|| folder.display().to_string(), |name| name.to_string_lossy().into_owned())
}

/// The path of a location as the user would write it; empty where there is no file.
fn path_of(inputs: &Inputs, location: &Location) -> String {
    let name = match location {
        Location::Place(place) => &inputs.sources.get(place.source).name,
        Location::File(name) => name,
        Location::Template(sources, place) => return sources.get(place.source).name.clone(),
        Location::Program => return String::new(),
    };
    inputs.folder.join(name).display().to_string()
}

/// The parts of a path, from the folder in which the program runs where it lies below that; else
/// whether it is absolute.
fn from_here(path: &Path) -> (bool, Vec<String>) {
    let here = std::env::current_dir().unwrap_or_default();
    let path = path.strip_prefix(&here).unwrap_or(path);
    let parts = path.components().filter_map(|component| match component {
        Component::CurDir | Component::RootDir => None,
        Component::Prefix(prefix) => Some(prefix.as_os_str()),
        Component::ParentDir | Component::Normal(_) => Some(component.as_os_str()),
    });
    (path.is_absolute(), parts.map(|part| part.to_string_lossy().into_owned()).collect())
}
