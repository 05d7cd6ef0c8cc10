//! The part of a text that a message shows: the renderer looks at all that it is given, and a table
//! may have millions of lines, or one of millions of characters.

use crate::source::{Place, SourceId, Sources, Span, floor_char_boundary};
use std::collections::BTreeMap;

/// The longest part that is shown, and the farthest that two places of one part lie apart.
const LONGEST: usize = 1 << 14;

/// Where the lines of texts begin, found once a text.
#[derive(Debug, Default)]
pub(super) struct Lines(BTreeMap<SourceId, Vec<usize>>);

/// A part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Excerpt<'a> {
    pub(super) text: &'a str,
    /// The line that it begins in, from 1.
    pub(super) line: usize,
    /// Where it begins.
    start: usize,
}

impl Lines {
    /// Line and column of a place's first character, both from 1; columns count characters.
    pub(super) fn line_and_column(&mut self, sources: &Sources, place: Place) -> (usize, usize) {
        let text = &sources.get(place.source).text;
        let at = floor_char_boundary(text, place.span.start);
        let (line, start) = self.line_of(text, place.source, at);
        (line, 1 + text[start..at].chars().count())
    }

    /// The lines from that of `first` to that of `last`; cut where that is too long.
    pub(super) fn excerpt<'a>(
        &mut self,
        sources: &'a Sources,
        source: SourceId,
        first: Span,
        last: Span,
    ) -> Excerpt<'a> {
        let text = &sources.get(source).text;
        let (line, start) = self.line_of(text, source, first.start.min(text.len()));
        // a line whose place lies far behind its beginning is shown from shortly before the place
        let start = if first.start.saturating_sub(start) > LONGEST {
            floor_char_boundary(text, first.start - 80)
        } else {
            start
        };
        let longest = floor_char_boundary(text, last.start.max(start) + LONGEST);
        let shown = floor_char_boundary(text, last.end).clamp(start, longest);
        let end = text[shown..longest].find('\n').map_or(longest, |more| shown + more);
        Excerpt { text: &text[start..end], line, start }
    }

    /// The line that a byte stands in, from 1, and where it begins.
    fn line_of(&mut self, text: &str, source: SourceId, at: usize) -> (usize, usize) {
        let starts = self.0.entry(source).or_insert_with(|| {
            let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
            std::iter::once(0).chain(breaks.map(|(at, _)| at + 1)).collect()
        });
        let line = starts.partition_point(|start| *start <= at);
        (line, starts[line - 1])
    }
}

impl Excerpt<'_> {
    /// A span of the text in the excerpt, cut to it.
    pub(super) fn span(&self, span: Span) -> std::ops::Range<usize> {
        let at = |byte: usize| byte.saturating_sub(self.start).min(self.text.len());
        at(span.start)..at(span.end)
    }
}

/// Whether two spans are near enough to be shown in one part.
pub(super) fn are_near(a: Span, b: Span) -> bool {
    a.start.abs_diff(b.start) < LONGEST
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excerpt(text: &str, span: Span) -> (String, usize, std::ops::Range<usize>) {
        let mut sources = Sources::default();
        let source = sources.add("a".to_owned(), text.to_owned());
        let mut lines = Lines::default();
        let place = Place { source, span };
        assert_eq!(lines.line_and_column(&sources, place), sources.line_and_column(place));
        let excerpt = lines.excerpt(&sources, source, span, span);
        (excerpt.text.to_owned(), excerpt.line, excerpt.span(span))
    }

    #[test]
    fn the_lines_of_a_place_are_shown() {
        let text = "one\ntwo é\nthree\n";
        assert_eq!(excerpt(text, Span { start: 8, end: 10 }), ("two é".to_owned(), 2, 4..6));
        assert_eq!(excerpt(text, Span { start: 0, end: 0 }), ("one".to_owned(), 1, 0..0));
        assert_eq!(excerpt(text, Span { start: 17, end: 17 }), (String::new(), 4, 0..0));
        assert_eq!(excerpt("", Span { start: 0, end: 0 }), (String::new(), 1, 0..0));
        assert_eq!(
            excerpt(text, Span { start: 4, end: 16 }),
            ("two é\nthree".to_owned(), 2, 0..12)
        );
    }

    #[test]
    fn what_is_long_is_cut() {
        let text = "漢".repeat(100_000);
        let (shown, line, span) = excerpt(&text, Span { start: 0, end: text.len() });
        assert!(shown.len() <= LONGEST && line == 1 && span == (0..shown.len()));
        let (shown, _, span) = excerpt(&text, Span { start: 150_000, end: 150_003 });
        assert!(shown.len() <= LONGEST + 100);
        assert_eq!(&shown[span], "漢");
    }
}
