//! What stands between the columns of a table.

use csv::{ReaderBuilder, Trim};

/// What stands between two cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Separator {
    Comma,
    Semicolon,
    Tab,
}

impl Separator {
    const ALL: [Self; 3] = [Self::Comma, Self::Semicolon, Self::Tab];

    pub(super) fn character(self) -> char {
        match self {
            Self::Comma => ',',
            Self::Semicolon => ';',
            Self::Tab => '\t',
        }
    }

    /// The separator of a table, by its header: the only one that stands there outside of quotes.
    /// Of several it is the one by which all rows are as long as the header, if only one is; else
    /// the comma.
    fn of(text: &str) -> Self {
        let header = header(text);
        let mut standing =
            Self::ALL.into_iter().filter(|separator| has_outside_quotes(header, *separator));
        match (standing.next(), standing.next()) {
            (Some(only), None) => only,
            (None, _) => Self::Comma,
            _ => {
                let mut fitting = Self::ALL.into_iter().filter(|separator| {
                    has_outside_quotes(header, *separator) && separator.fits(text)
                });
                match (fitting.next(), fitting.next()) {
                    (Some(only), None) => only,
                    _ => Self::Comma,
                }
            }
        }
    }

    /// Whether all rows are as long as the header.
    fn fits(self, text: &str) -> bool {
        let mut reader = reader(self, false, text);
        reader.headers().is_ok() && reader.records().all(|record| record.is_ok())
    }
}

/// A reader of the text of a table.
pub(super) fn reader(separator: Separator, is_flexible: bool, text: &str) -> csv::Reader<&[u8]> {
    ReaderBuilder::new()
        .flexible(is_flexible)
        .delimiter(separator.character() as u8)
        .trim(Trim::All)
        .from_reader(text.as_bytes())
}

/// The separator of a table, and where its header begins: behind the line `sep=;` that Excel reads.
pub(super) fn layout(text: &str) -> (Separator, usize) {
    let line = text.lines().next().unwrap_or_default();
    let said = line.trim_end().trim_matches('"');
    let named = said.get(..4).filter(|word| word.eq_ignore_ascii_case("sep="));
    let named = named.and_then(|_| {
        Separator::ALL.into_iter().find(|separator| {
            let mut rest = line.trim_matches(['"', '\r', ' '])[4..].chars();
            rest.next() == Some(separator.character()) && rest.next().is_none()
        })
    });
    match named {
        Some(separator) => {
            let rest = text[line.len()..].trim_start_matches('\r');
            (separator, text.len() - rest.strip_prefix('\n').unwrap_or(rest).len())
        }
        None => (Separator::of(text), 0),
    }
}

/// The first line, or more of them where a cell in quotes breaks it.
pub(super) fn header(text: &str) -> &str {
    let is_any = |c: char| Separator::ALL.iter().any(|separator| separator.character() == c);
    let end = outside_quotes(text, is_any).find(|(_, c)| matches!(c, '\r' | '\n'));
    end.map_or(text, |(at, _)| &text[..at])
}

fn has_outside_quotes(header: &str, separator: Separator) -> bool {
    let is_separator = |c| c == separator.character();
    outside_quotes(header, is_separator).any(|(_, c)| is_separator(c))
}

/// The characters of CSV that no quotes hold. A quote opens only at the beginning of a cell.
pub(super) fn outside_quotes(
    text: &str,
    is_separator: impl Fn(char) -> bool,
) -> impl Iterator<Item = (usize, char)> {
    let mut cell = Cell::Start;
    text.char_indices().filter(move |(_, c)| {
        cell = cell.behind(*c, is_separator(*c));
        matches!(cell, Cell::Start | Cell::Plain)
    })
}

/// How far a cell is read.
#[derive(Clone, Copy, PartialEq)]
enum Cell {
    Start,
    Plain,
    Quoted,
    /// Behind a quote that ends the cell, or is the first of two that are one character of it.
    Closed,
}

impl Cell {
    fn behind(self, c: char, is_separator: bool) -> Self {
        match (self, c) {
            (Self::Start | Self::Closed, '"') => Self::Quoted,
            (Self::Quoted, '"') => Self::Closed,
            (Self::Quoted, _) => Self::Quoted,
            (_, c) if is_separator || matches!(c, '\r' | '\n') => Self::Start,
            _ => Self::Plain,
        }
    }
}

/// Where the quote stands that opens a cell and is not closed: the text ends within the cell, or more
/// text follows behind the next quote, lines further down, which was meant to open a cell itself.
pub(super) fn open_quote(text: &str, separator: Separator) -> Option<usize> {
    if !text.contains('"') {
        return None;
    }
    let mut cell = Cell::Start;
    let (mut opened, mut has_lines) = (0, false);
    for (at, c) in text.char_indices() {
        let before = cell;
        cell = before.behind(c, c == separator.character());
        match (before, cell) {
            (Cell::Start, Cell::Quoted) => (opened, has_lines) = (at, false),
            (Cell::Quoted, Cell::Quoted) if c == '\n' => has_lines = true,
            (Cell::Closed, Cell::Plain) if has_lines && !c.is_whitespace() => return Some(opened),
            _ => {}
        }
    }
    (cell == Cell::Quoted).then_some(opened)
}

#[cfg(test)]
mod tests {
    use super::Separator::{Comma, Semicolon, Tab};
    use super::*;

    #[test]
    fn the_header_says_what_separates() {
        let separator = |text| layout(text).0;
        assert_eq!(separator("a,b\n1;2,3\n"), Comma);
        assert_eq!(separator("a;b\n1,5;2\n"), Semicolon);
        assert_eq!(separator("a\tb\n1;2\t3\n"), Tab);
        assert_eq!(separator("a;\"b, c\"\n1;2\n"), Semicolon);
        assert_eq!(separator("a;b, c\n1;2\n"), Semicolon);
        assert_eq!(separator("a; b,c\n1,2\n"), Comma);
        assert_eq!(separator("a\n1\n"), Comma);
        assert_eq!(separator(""), Comma);
    }

    #[test]
    fn a_quote_that_is_not_closed_is_found() {
        let open = |text| open_quote(text, Comma);
        assert_eq!(open("a,b\n1,\"2\n3,4\n"), Some(6));
        assert_eq!(open("a,\"b\n1,2\n"), Some(2));
        // the quote that should open the next cell closes this one
        assert_eq!(open("a,b\n1,\"2\n3,\"4\"\n"), Some(6));
        assert_eq!(open("a,b\n\"1\n,\"\"x\n3\",4\n"), None);
        assert_eq!(open("a,b\n\"1\n2\" ,3\n"), None);
        assert_eq!(open("a,b\n\"3\"4\",5\n6\",7\n"), None);
        assert_eq!(open("a,b\n1\",2\n"), None);
    }

    #[test]
    fn a_line_for_excel_is_no_header() {
        assert_eq!(layout("sep=;\r\na,b;c\r\n"), (Semicolon, 7));
        assert_eq!(layout("\"SEP=,\"\na;b\n"), (Comma, 8));
        assert_eq!(layout("sep=|\na;b\n"), (Comma, 0));
        assert_eq!(layout("sep=;"), (Semicolon, 5));
        assert_eq!(layout("sep="), (Comma, 0));
    }
}
