//! What a person or a script sees: messages with their place, progress, data.

use super::Outcome;
use super::args::Color;
use super::messages::human;
use crate::diagnostic::{Code, Diagnostic};
use crate::project::Inputs;
use crate::versions::StoreError;
use annotate_snippets::{Group, Level, Renderer};
use anstream::{AutoStream, ColorChoice};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{IsTerminal, Write};

/// The way out where a version is released.
pub(super) const RAISE: &str = "raise `version:` in `review.yaml` to work on the next version";

/// Where output goes, and how it looks.
#[derive(Debug)]
pub(super) struct Terminal {
    color: ColorChoice,
    quiet: bool,
}

impl Terminal {
    pub(super) fn new(color: Color, quiet: bool) -> Self {
        let color = match color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        };
        Self { color, quiet }
    }

    /// Data on standard output.
    pub(super) fn data(&self, text: &str) -> Outcome {
        self.bytes(text.as_bytes())
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
            self.to_stderr(&format!("{message}\n"));
        }
    }

    /// An error without a place in the input.
    pub(super) fn error(&self, message: &str) {
        let report = [Group::with_title(Level::ERROR.primary_title(message))];
        self.to_stderr(&format!("{}\n", Renderer::styled().render(&report)));
    }

    /// An error that has a page of its own, with the way out.
    pub(super) fn failure(&self, code: Code, message: &str, help: &str) {
        let title = Level::ERROR.primary_title(message).id(code.as_str());
        let mut report = vec![Group::with_title(title)];
        if !help.is_empty() {
            report.push(Group::with_title(Level::HELP.secondary_title(help)));
        }
        self.to_stderr(&format!("{}\n", Renderer::styled().render(&report)));
    }

    /// What the output folder refused.
    pub(super) fn store_error(&self, error: &StoreError) {
        let (code, help) = match error {
            StoreError::Disk { .. } => (
                Code::OutputFolder,
                "make room, or give yourself the right to write there, or name another folder with `--out`; what was kept is as it was",
            ),
            StoreError::Released(_) => (Code::Released, RAISE),
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

    /// A progress bar, drawn only on a terminal and only for more than one review.
    pub(super) fn progress_bar(&self, length: usize) -> ProgressBar {
        let target = if self.quiet || length < 2 || !std::io::stderr().is_terminal() {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr()
        };
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len} reviews {elapsed}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        ProgressBar::with_draw_target(Some(length as u64), target).with_style(style)
    }

    /// The messages about a review, grouped by file, with a closing count.
    pub(super) fn diagnostics(&self, inputs: &Inputs, diagnostics: &[Diagnostic]) {
        self.to_stderr(&human::render(inputs, diagnostics));
    }

    fn to_stderr(&self, text: &str) {
        let mut stream = AutoStream::new(std::io::stderr(), self.color);
        // nothing is left to tell it to
        let _ = stream.write_all(text.as_bytes());
    }
}
