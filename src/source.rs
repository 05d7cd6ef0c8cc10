//! Source texts, and places in them.

use std::sync::OnceLock;

/// A source text of a review, by its number in [`Sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(usize);

/// A run of bytes in a source text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// A span in a certain source text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The text.
    pub source: SourceId,
    /// The bytes in it.
    pub span: Span,
}

/// Where a character stands, for people and for other programs; all from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Line.
    pub line: usize,
    /// Column in characters.
    pub column: usize,
    /// Column in UTF-16 code units.
    pub utf16_column: usize,
}

/// A value with the place where it was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub place: Place,
}

/// A text file of a review.
#[derive(Debug, Clone)]
pub struct Source {
    /// Path below the review folder, with forward slashes.
    pub name: String,
    /// Its text, without a byte-order mark.
    pub text: String,
    /// The bytes where its lines begin, once somebody asked.
    line_starts: OnceLock<Vec<usize>>,
}

impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.text == other.text
    }
}

impl Eq for Source {}

/// The texts that places refer to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sources(Vec<Source>);

impl Sources {
    /// Adds a text.
    pub fn add(&mut self, name: String, text: String) -> SourceId {
        self.0.push(Source { name, text, line_starts: OnceLock::new() });
        SourceId(self.0.len() - 1)
    }

    /// The text of an id that [`Sources::add`] gave.
    #[must_use]
    pub fn get(&self, id: SourceId) -> &Source {
        &self.0[id.0]
    }

    /// The source with a certain name.
    #[must_use]
    pub fn by_name(&self, name: &str) -> Option<SourceId> {
        self.0.iter().position(|source| source.name == name).map(SourceId)
    }

    /// All ids, in the order in which the texts were added.
    pub fn ids(&self) -> impl Iterator<Item = SourceId> + use<> {
        (0..self.0.len()).map(SourceId)
    }

    /// Line and column of a place's first character, both from 1; columns count characters.
    #[must_use]
    pub fn line_and_column(&self, place: Place) -> (usize, usize) {
        let position = self.position(place.source, place.span.start);
        (position.line, position.column)
    }

    /// Where the first character of a place stands, and where the one after its last.
    #[must_use]
    pub fn positions(&self, place: Place) -> (Position, Position) {
        let at = |index| self.position(place.source, index);
        (at(place.span.start), at(place.span.end))
    }

    /// The line that a byte stands in, from 1, and the byte where that line begins.
    #[must_use]
    pub fn line_of(&self, source: SourceId, at: usize) -> (usize, usize) {
        let source = self.get(source);
        let starts = source.line_starts.get_or_init(|| {
            let breaks = source.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
            std::iter::once(0).chain(breaks.map(|(at, _)| at + 1)).collect()
        });
        let line = starts.partition_point(|start| *start <= at);
        (line, starts[line - 1])
    }

    fn position(&self, source: SourceId, index: usize) -> Position {
        let text = &self.get(source).text;
        let at = floor_char_boundary(text, index);
        let (line, line_start) = self.line_of(source, at);
        let in_line = &text[line_start..at];
        Position {
            line,
            column: 1 + in_line.chars().count(),
            utf16_column: 1 + in_line.encode_utf16().count(),
        }
    }
}

impl<T> Spanned<T> {
    /// The same place with another value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Spanned<U> {
        Spanned { value: f(self.value), place: self.place }
    }
}

/// The largest character boundary of `text` that is not after `index`.
#[must_use]
pub fn floor_char_boundary(text: &str, index: usize) -> usize {
    let mut index = index.min(text.len());
    while !text.is_char_boundary(index) {
        index -= 1;
    }
    index
}

/// Whether a character turns the direction of the text behind it, whatever that is.
#[must_use]
pub fn turns_direction(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A text that no terminal obeys, that hides nothing, and of which no line is a command to the
/// service that runs a build and reads its output.
#[must_use]
pub fn harmless(text: &str) -> String {
    let obeyed = |c: char| (c.is_control() && c != '\n') || turns_direction(c);
    let seen: String = text.chars().map(|c| if obeyed(c) { '\u{fffd}' } else { c }).collect();
    let lines: Vec<String> = seen
        .split('\n')
        .map(|line| match line.trim_start().strip_prefix("::") {
            Some(rest) => format!(": :{rest}"),
            None => line.replace("##[", "# #["),
        })
        .collect();
    lines.join("\n")
}

/// A name or title on one line: line breaks and tabs, with the spaces about them, are one space.
#[must_use]
pub fn one_line(text: &str) -> String {
    let words = text.split(['\r', '\n', '\t']).map(str::trim).filter(|words| !words.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::{harmless, one_line};

    #[test]
    fn names_stand_on_one_line() {
        assert_eq!(one_line("Trial \r\n\tA  1"), "Trial A  1");
        assert_eq!(one_line("\n"), "");
    }

    #[test]
    fn nothing_is_obeyed() {
        assert_eq!(
            harmless("a\u{1b}[31m\u{9b}0m\u{202e}b\n ::error::x"),
            "a\u{fffd}[31m\u{fffd}0m\u{fffd}b\n: :error::x"
        );
        assert_eq!(harmless("a ::b ##[error]"), "a ::b # #[error]");
    }
}
