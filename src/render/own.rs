//! Templates, styles and labels of the user's own: messages at their place, and files that nothing
//! uses.

use super::assets::Assets;
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::source::{Place, Sources, Span};
use std::path::{Path, PathBuf};

/// A file of the user's own.
#[derive(Debug, Clone)]
pub(super) struct Own {
    /// Where it is, as the user named its folder.
    pub(super) file: PathBuf,
    /// Whether it stands in place of one inside the program.
    pub(super) stands_in: bool,
}

/// Where in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// Somewhere.
    File,
    /// A line, from 1.
    Line(usize),
    /// Certain bytes.
    Bytes(Span),
}

impl At {
    /// The bytes of a text; the first line where nothing is known.
    fn span(self, text: &str) -> Span {
        let line = match self {
            Self::Bytes(Span { start, end }) if text.get(start..end).is_some() => {
                return Span { start, end };
            }
            Self::Line(line) => line,
            Self::File | Self::Bytes(_) => 1,
        };
        let before: usize =
            text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
        let words = text[before..].lines().next().unwrap_or_default();
        let start = before + words.len() - words.trim_start().len();
        Span { start, end: start + words.trim().len() }
    }
}

impl Assets {
    /// The error about a file that cannot be used, `what` being its kind: at its place, where it is
    /// the user's own.
    #[must_use]
    pub fn fault(&self, what: &str, path: &str, at: At, reason: &str) -> Box<Diagnostic> {
        let told = |reason: &str| format!("the {what} `{path}` cannot be used: {reason}");
        Box::new(match self.place_in_own(path, at) {
            Some((sources, place)) => {
                Diagnostic::template_error(Code::Template, sources, place, told(reason))
                    .help(self.own_help(path))
            }
            None => {
                let line = self.line_in_words(path, at);
                Diagnostic::program_error(Code::Template, told(&format!("{reason}{line}")))
                    .help(self.others_help())
            }
        })
    }

    /// The line of a file inside the program that something is in, for the end of a message.
    fn line_in_words(&self, path: &str, at: At) -> String {
        const LONGEST: usize = 80;
        let text = self.text(path).unwrap_or_default();
        let start = at.span(text).start;
        let from = text[..start].rfind('\n').map_or(0, |line_break| line_break + 1);
        let line = text[from..].lines().next().unwrap_or_default().trim();
        let shown: String = line.chars().take(LONGEST).collect();
        if at == At::File || shown.is_empty() { String::new() } else { format!(", in `{shown}`") }
    }

    /// The error about a file that is not UTF-8.
    #[must_use]
    pub fn not_text(&self, what: &str, path: &str) -> Box<Diagnostic> {
        let broken = self.bytes(path).and_then(|bytes| std::str::from_utf8(bytes).err());
        let at = broken.map_or(At::File, |error| {
            let start = error.valid_up_to();
            At::Bytes(Span { start, end: start + char::REPLACEMENT_CHARACTER.len_utf8() })
        });
        if self.own.contains_key(path) {
            let error = self.fault(what, path, at, "it is not UTF-8");
            Box::new(error.help("save the file again as UTF-8"))
        } else {
            self.fault(what, path, at, "it is missing")
        }
    }

    /// A place in a file of the user's own, with its text.
    pub(super) fn place_in_own(&self, path: &str, at: At) -> Option<(Sources, Place)> {
        let own = self.own.get(path)?;
        let text = String::from_utf8_lossy(self.bytes(path)?).into_owned();
        let span = at.span(&text);
        let mut sources = Sources::default();
        let source = sources.add(own.file.display().to_string(), text);
        Some((sources, Place { source, span }))
    }

    /// The paths of the user's own files.
    pub(super) fn own_paths(&self) -> impl Iterator<Item = &str> {
        self.own.keys().map(String::as_str)
    }

    fn own_help(&self, path: &str) -> &'static str {
        if self.own.get(path).is_some_and(|own| own.stands_in) {
            "correct it, or take the file away: the program's own then stands in its place"
        } else {
            "correct it there"
        }
    }

    /// What to do where a file inside the program, or what it makes, cannot be used.
    pub(super) fn others_help(&self) -> String {
        const MOST: usize = 5;
        let own: Vec<&Path> = self
            .own
            .iter()
            .filter(|(path, own)| own.stands_in && !path.starts_with("fonts/"))
            .map(|(_, own)| own.file.as_path())
            .collect();
        let named: Vec<String> =
            own.iter().take(MOST).map(|file| format!("`{}`", file.display())).collect();
        match own.len() {
            0 => "no template of yours is at work: report it with the review, as a mistake of the program"
                .to_owned(),
            n if n > MOST => format!(
                "look at the templates of your own, {} and {} more: without them it should work",
                named.join(", "),
                n - MOST
            ),
            _ => format!(
                "look at what is your own, {}: without it, it should work",
                named.join(", ")
            ),
        }
    }

    /// Warnings about templates of the user's own that nothing uses: they stand in place of none
    /// inside the program, and no template names them.
    #[must_use]
    pub fn unused_templates(&self) -> Vec<Diagnostic> {
        let unused = self
            .own
            .iter()
            .filter(|(path, own)| !own.stands_in && is_template(path) && !self.is_named(path));
        let told = unused.filter_map(|(path, _)| {
            let (sources, place) = self.place_in_own(path, At::File)?;
            let message = format!("nothing uses the template `{path}`");
            let known = self.iter().map(|(path, _)| path).filter(|path| self.is_known(path));
            let help = match nearest(path, known) {
                Some(near) => format!("did you mean `{near}`? a template stands in place of the program's own of the same path"),
                None => "a template stands in place of the program's own of the same path, or another names it: `{% include \"...\" %}`".to_owned(),
            };
            let error = Diagnostic::template_error(Code::UnusedTemplate, sources, place, message);
            Some(error.as_warning().help(help))
        });
        told.collect()
    }

    /// Whether there is a file of this path inside the program.
    fn is_known(&self, path: &str) -> bool {
        self.own.get(path).is_none_or(|own| own.stands_in)
    }

    /// Whether a template names another: by its path or, where the program has no file of that name,
    /// by its name alone, for the folder may be put before it.
    fn is_named(&self, path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path);
        let is_of_program = |other: &str| {
            self.is_known(other) && other.rsplit('/').next().is_some_and(|other| other == name)
        };
        let words = if self.iter().any(|(other, _)| is_of_program(other)) { path } else { name };
        let names = |other: &str| self.text(other).is_some_and(|text| text.contains(words));
        self.iter().any(|(other, _)| other != path && is_template(other) && names(other))
    }
}

/// Whether a path is one of a template, or of a Typst source that templates import.
fn is_template(path: &str) -> bool {
    [".jinja", ".typ"].iter().any(|ending| path.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(files: &[(&str, &str)]) -> Assets {
        let files = files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec()));
        Assets::embedded().replaced_by(Path::new("mine"), files.collect())
    }

    #[test]
    fn a_template_that_nothing_uses_is_told() {
        let told = with(&[
            ("sections/frnt.typ.jinja", "x"),
            ("section/front.typ.jinja", "x"),
            ("sections/front.typ.jinja", "{% include \"sections/more.typ.jinja\" %}"),
            (
                "sections/more.typ.jinja",
                "{% include \"prose/\" ~ t.language ~ \"/more.typ.jinja\" %}",
            ),
            ("prose/en/more.typ.jinja", "x"),
            ("styles/ours.yaml", "x"),
            ("labels/fr.yaml", "x"),
            ("fonts/Ours.otf", "x"),
            ("README.md", "x"),
        ])
        .unused_templates();
        let told: Vec<(&str, &str)> = told
            .iter()
            .map(|told| (told.message.as_str(), told.help.as_deref().unwrap_or_default()))
            .collect();
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[0].0.contains("`section/front.typ.jinja`"), "{told:?}");
        assert!(told[1].0.contains("`sections/frnt.typ.jinja`"), "{told:?}");
        assert!(
            told.iter().all(|(_, help)| help.contains("`sections/front.typ.jinja`")),
            "{told:?}"
        );
    }

    #[test]
    fn a_line_is_marked_without_its_indent() {
        assert_eq!(At::Line(2).span("a\n  bc \n"), Span { start: 4, end: 6 });
        assert_eq!(At::Line(9).span("a\n"), Span { start: 2, end: 2 });
        assert_eq!(At::Bytes(Span { start: 7, end: 9 }).span("ab"), Span { start: 0, end: 2 });
    }
}
