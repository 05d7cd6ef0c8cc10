//! What Typst refuses: the line of the source that it tells, and the template that the line is from.

use super::assets::Assets;
use super::own::At;
use super::{Documents, RenderError};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{Place, Sources};

/// The longest line of a source that a message repeats, in characters.
const LONGEST_LINE: usize = 80;

impl RenderError {
    /// The error about documents that cannot be set, which are `what`: at a template of the user's
    /// own, where the line that Typst refuses is from one.
    #[must_use]
    pub fn about(&self, what: &str, documents: &Documents, assets: &Assets) -> Diagnostic {
        let told = |reason: &str| format!("{what} cannot be set: {reason}");
        let Self::Typst(messages) = self else {
            return Diagnostic::program_error(Code::Typesetting, told(&self.to_string()));
        };
        let first = messages.first().and_then(|message| Line::told(message, documents));
        let mut lines = messages.clone();
        if let (Some(line), Some(message)) = (&first, lines.first_mut())
            && !line.text.is_empty()
        {
            let text: String = line.text.chars().take(LONGEST_LINE).collect();
            message.push_str(&format!(", in `{text}`"));
        }
        let message = told(&lines.join("\n"));
        match first.and_then(|line| line.in_own(assets)) {
            Some((sources, place)) => {
                Diagnostic::template_error(Code::Typesetting, sources, place, message)
                    .help("correct it, or take the file away")
            }
            None => {
                Diagnostic::program_error(Code::Typesetting, message).help(assets.others_help())
            }
        }
    }
}

/// A line of a Typst source.
struct Line<'a> {
    path: &'a str,
    number: usize,
    text: &'a str,
}

impl<'a> Line<'a> {
    /// The line that a message is about: it begins with `path:line:`.
    fn told(message: &'a str, documents: &'a Documents) -> Option<Self> {
        let (path, rest) = message.split_once(':')?;
        let number: usize = rest.split(':').next()?.parse().ok()?;
        let text = documents.sources.get(path)?.lines().nth(number.checked_sub(1)?)?.trim();
        Some(Self { path, number, text })
    }

    /// Its place in a file of the user's own: in that of the same path, or else in the only template
    /// that has the same line.
    fn in_own(&self, assets: &Assets) -> Option<(Sources, Place)> {
        if let Some(found) = assets.place_in_own(self.path, At::Line(self.number)) {
            return Some(found);
        }
        let same_line = |path: &str| {
            let text = assets.text(path).filter(|_| path.ends_with(".jinja"))?;
            let at = text.lines().position(|line| line.trim() == self.text)?;
            Some((path.to_owned(), at + 1))
        };
        let mut found = assets.own_paths().filter_map(same_line);
        let (path, line) = found.next().filter(|_| !self.text.is_empty())?;
        if found.next().is_some() {
            return None;
        }
        assets.place_in_own(&path, At::Line(line))
    }
}
