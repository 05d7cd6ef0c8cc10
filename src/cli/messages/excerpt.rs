//! The part of a text that a message shows: the renderer looks at all that it is given, and a table
//! may have millions of lines, or one of millions of characters.

use crate::source::{SourceId, Sources, Span, floor_char_boundary};

/// The longest part that is shown, and the farthest that two places of one part lie apart.
const LONGEST: usize = 1 << 14;

/// A part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Excerpt<'a> {
    pub(super) text: &'a str,
    /// The line that it begins in, from 1.
    pub(super) line: usize,
    /// Where it begins.
    start: usize,
}

impl<'a> Excerpt<'a> {
    /// The lines from that of `first` to that of `last`; cut where that is too long.
    pub(super) fn of(sources: &'a Sources, source: SourceId, first: Span, last: Span) -> Self {
        let text = &sources.get(source).text;
        let (line, start) = sources.line_of(source, first.start.min(text.len()));
        // a line whose place lies far behind its beginning is shown from shortly before the place
        let start = if first.start.saturating_sub(start) > LONGEST {
            floor_char_boundary(text, first.start - 80)
        } else {
            start
        };
        let longest = floor_char_boundary(text, last.start.max(start) + LONGEST);
        let shown = floor_char_boundary(text, last.end).clamp(start, longest);
        let end = text[shown..longest].find('\n').map_or(longest, |more| shown + more);
        Self { text: &text[start..end], line, start }
    }

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
        let excerpt = Excerpt::of(&sources, source, span, span);
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
