//! Messages in the forms in which people and other programs take them.

mod excerpt;
mod github;
pub(super) mod human;
mod json;
mod sarif;

use super::Outcome;
use super::args::MessageFormat;
use super::pages::Pages;
use super::terminal::Terminal;
use crate::diagnostic::{Diagnostic, Location, Severity};
use crate::project::{Inputs, REVIEW_FILE};
use crate::source::{Place, Position};
use std::path::{Component, Path};

/// The messages of one run. Those for people are told at once, on standard error; those for
/// programs at the end, on standard output, because some of the forms are one document.
#[derive(Debug)]
pub(super) struct Messages<'a> {
    format: MessageFormat,
    terminal: &'a Terminal,
    told: Vec<Message>,
}

/// A message with its places resolved.
#[derive(Debug)]
struct Message {
    code: &'static str,
    severity: Severity,
    /// The file as the user would write its path; none where it is about the program.
    file: Option<String>,
    /// What stands for the file where there must be one.
    review: String,
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

impl<'a> Messages<'a> {
    pub(super) fn new(format: MessageFormat, terminal: &'a Terminal) -> Self {
        Self { format, terminal, told: Vec::new() }
    }

    /// Tells the messages about a review.
    pub(super) fn tell(&mut self, inputs: &Inputs, diagnostics: &[Diagnostic]) {
        if self.format == MessageFormat::Human {
            self.terminal.diagnostics(inputs, diagnostics);
        } else {
            let sorted = sorted(inputs, diagnostics);
            self.told.extend(sorted.into_iter().map(|diagnostic| Message::of(inputs, diagnostic)));
        }
    }

    /// Ends the run, which had this outcome: worse only where the messages could not be told.
    pub(super) fn finish(self, outcome: Outcome) -> Outcome {
        let text = match self.format {
            MessageFormat::Human => return outcome,
            MessageFormat::Json => json::lines(&self.told),
            MessageFormat::Github => github::commands(&self.told),
            MessageFormat::Sarif => match Pages::read() {
                Ok(pages) => sarif::log(&self.told, &pages, outcome),
                Err(message) => {
                    self.terminal.error(&message);
                    return Outcome::CannotWork;
                }
            },
        };
        outcome.max(self.terminal.data(&text))
    }
}

impl Message {
    fn of(inputs: &Inputs, diagnostic: &Diagnostic) -> Self {
        let file = path_of(inputs, &diagnostic.location);
        let region = match diagnostic.location {
            Location::Place(place) => Some(Region::of(inputs, place)),
            Location::File(_) | Location::Program => None,
        };
        let related = diagnostic.related.iter().map(|(place, label)| Related {
            file: path_of(inputs, &Location::Place(*place)),
            region: Region::of(inputs, *place),
            label: label.clone(),
        });
        Self {
            code: diagnostic.code.as_str(),
            severity: diagnostic.severity,
            file: (diagnostic.location != Location::Program).then_some(file),
            review: inputs.folder.join(REVIEW_FILE).display().to_string(),
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
    fn of(inputs: &Inputs, place: Place) -> Self {
        let (start, end) = inputs.sources.positions(place);
        Self { start, end }
    }
}

/// By file, then by place.
fn sorted<'a>(inputs: &Inputs, diagnostics: &'a [Diagnostic]) -> Vec<&'a Diagnostic> {
    let mut sorted: Vec<&Diagnostic> = diagnostics.iter().collect();
    sorted.sort_by_key(|diagnostic| {
        let start = match &diagnostic.location {
            Location::Place(place) => place.span.start,
            Location::File(_) | Location::Program => 0,
        };
        (path_of(inputs, &diagnostic.location), start)
    });
    sorted
}

/// The path of a location as the user would write it; empty where there is no file.
fn path_of(inputs: &Inputs, location: &Location) -> String {
    let name = match location {
        Location::Place(place) => &inputs.sources.get(place.source).name,
        Location::File(name) => name,
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
