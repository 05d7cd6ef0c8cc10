//! What a person or a script sees: messages with their place, progress, data.

use super::Outcome;
use super::args::{Color, MessageFormat};
use super::messages::{Messages, human};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::project::Inputs;
use crate::source::harmless;
use crate::versions::StoreError;
use annotate_snippets::{Group, Level, Renderer};
use anstream::{AutoStream, ColorChoice};
use std::io::{IsTerminal, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// The way out where a version is released.
pub(super) const RAISE: &str = "raise `version:` in `review.yaml` to work on the next version";

/// Where output goes, and how it looks.
#[derive(Debug)]
pub(super) struct Terminal {
    color: ColorChoice,
    quiet: bool,
    aside: Option<Aside>,
}

/// Where messages go that are not told at once.
#[derive(Debug)]
enum Aside {
    /// To be compared with others.
    Told(Mutex<Vec<Told>>),
    /// To another program, at the end.
    Messages(Messages),
}

/// A message that was put aside.
#[derive(Debug, Clone)]
pub(super) struct Told {
    /// The message in a line, without its line number: by it a message is known again.
    pub(super) title: String,
    pub(super) severity: Severity,
    /// The message as it is printed.
    pub(super) text: String,
}

impl Terminal {
    pub(super) fn new(color: Color, quiet: bool) -> Self {
        let color = match color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        };
        Self { color, quiet, aside: None }
    }

    /// A terminal that puts messages aside; data and progress are printed.
    pub(super) fn remembering(&self) -> Self {
        Self { aside: Some(Aside::Told(Mutex::default())), ..*self }
    }

    /// A terminal that tells messages in a form: at once where it is for people, else on standard
    /// output when it is [finished](Self::finish).
    pub(super) fn in_form(&self, format: MessageFormat) -> Self {
        Self { aside: Messages::in_form(format).map(Aside::Messages), ..*self }
    }

    /// Ends a run that had this outcome: worse only where its messages could not be told.
    pub(super) fn finish(&self, outcome: Outcome) -> Outcome {
        let Some(Aside::Messages(messages)) = &self.aside else { return outcome };
        match messages.document(outcome) {
            Ok(text) => outcome.max(self.data(&text)),
            Err(message) => {
                self.error(&message);
                Outcome::CannotWork
            }
        }
    }

    /// What was put aside.
    pub(super) fn told(self) -> Vec<Told> {
        match self.aside {
            Some(Aside::Told(told)) => told.into_inner().unwrap_or_else(PoisonError::into_inner),
            _ => Vec::new(),
        }
    }

    /// A message that is printed as it is.
    pub(super) fn note(&self, text: &str) {
        self.to_stderr(text);
    }

    /// Data on standard output.
    pub(super) fn data(&self, text: &str) -> Outcome {
        self.bytes(text.as_bytes())
    }

    /// What was written: on standard output, unless that is for messages.
    pub(super) fn written(&self, text: &str) -> Outcome {
        if let Some(Aside::Messages(_)) = self.aside {
            self.progress(text.trim_end());
            return Outcome::Done;
        }
        self.data(text)
    }

    /// A document on standard output.
    pub(super) fn bytes(&self, bytes: &[u8]) -> Outcome {
        let mut out = std::io::stdout().lock();
        match out.write_all(bytes).and_then(|()| out.flush()) {
            Ok(()) => Outcome::Done,
            // a reader that has seen enough is no failure
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Outcome::Done,
            Err(error) => {
                self.error(&format!("cannot write to standard output: {error}"));
                Outcome::CannotWork
            }
        }
    }

    /// Progress on standard error.
    pub(super) fn progress(&self, message: &str) {
        if !self.quiet {
            self.to_stderr(&format!("{}\n", harmless(message)));
        }
    }

    /// An error without a place in the input.
    pub(super) fn error(&self, message: &str) {
        let report = [Group::with_title(Level::ERROR.primary_title(harmless(message)))];
        self.tell(Told {
            title: format!("error: {}", harmless(message)),
            severity: Severity::Error,
            text: format!("{}\n", Renderer::styled().render(&report)),
        });
    }

    /// An error that has a page of its own, with the way out.
    pub(super) fn failure(&self, code: Code, message: &str, help: &str) {
        self.fail(code, None, message, help);
    }

    /// The same about a file or folder.
    pub(super) fn path_failure(&self, code: Code, path: &Path, message: &str, help: &str) {
        self.fail(code, Some(path), message, help);
    }

    fn fail(&self, code: Code, path: Option<&Path>, message: &str, help: &str) {
        if let Some(Aside::Messages(messages)) = &self.aside {
            return messages.add_failure(code, path, message, help);
        }
        let title = Level::ERROR.primary_title(harmless(message)).id(code.as_str());
        let mut report = vec![Group::with_title(title)];
        if !help.is_empty() {
            report.push(Group::with_title(Level::HELP.secondary_title(help)));
        }
        self.tell(Told {
            title: format!("error[{}] {message}", code.as_str()),
            severity: Severity::Error,
            text: format!("{}\n", Renderer::styled().render(&report)),
        });
    }

    /// What the output folder refused.
    pub(super) fn store_error(&self, error: &StoreError) {
        let (code, help) = match error {
            StoreError::Disk { .. } => (
                Code::OutputFolder,
                "make room, or give yourself the right to write there, or name another folder with `--out`; what was kept is as it was",
            ),
            StoreError::Released(_) => (Code::Released, RAISE),
            StoreError::NotEmpty(_) => (Code::OutputFolder, "name a folder that is new, or empty"),
            StoreError::Missing(_) => (Code::NotCurrent, "build it first"),
            StoreError::Flawed(..) => (Code::Damaged, "build it again"),
            StoreError::Decisions(_) => {
                (Code::Damaged, "bring the file back from a copy, or remove it and decide again")
            }
            StoreError::Seals(_) => (
                Code::Damaged,
                "bring the file back from a copy; without it nobody can tell what is released",
            ),
        };
        self.failure(code, &error.to_string(), help);
    }

    /// Whether a person watches standard error: it is a terminal, not one of a CI service, and
    /// nobody asked for quiet.
    #[expect(clippy::disallowed_methods, reason = "the command line reads the environment")]
    pub(super) fn is_interactive(&self) -> bool {
        let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        !self.quiet && !is_set("CI") && std::io::stderr().is_terminal()
    }

    /// The messages about a review, grouped by file, with a closing count.
    pub(super) fn diagnostics(&self, inputs: &Inputs, diagnostics: &[Diagnostic]) {
        match &self.aside {
            Some(Aside::Messages(messages)) => messages.add(inputs, diagnostics),
            Some(Aside::Told(_)) => {
                human::told(inputs, diagnostics).into_iter().for_each(|told| self.tell(told));
            }
            None => self.to_stderr(&human::render(inputs, diagnostics)),
        }
    }

    fn tell(&self, told: Told) {
        match &self.aside {
            Some(Aside::Told(aside)) => {
                aside.lock().unwrap_or_else(PoisonError::into_inner).push(told);
            }
            Some(Aside::Messages(_)) | None => self.to_stderr(&told.text),
        }
    }

    fn to_stderr(&self, text: &str) {
        let mut stream = AutoStream::new(std::io::stderr(), self.color);
        // nothing is left to tell it to
        let _ = stream.write_all(text.as_bytes());
    }
}
