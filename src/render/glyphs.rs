//! Characters that cannot be printed: those that no font has, which Typst would leave out of print
//! without a word, and those that PDF/A forbids.

use super::Documents;
use super::assets::Assets;
use crate::source::turns_direction;
use std::collections::BTreeSet;
use ttf_parser::Face;

/// The characters of the documents that none of the fonts has a glyph for, those for private use,
/// which mean something else in every font, those that turn the direction of what follows, and
/// control characters.
#[must_use]
pub fn missing(documents: &Documents, assets: &Assets) -> Vec<char> {
    let printed: BTreeSet<char> = documents
        .sources
        .values()
        .flat_map(|text| text.chars())
        .filter(|c| !c.is_ascii() && !is_invisible(*c))
        .collect();
    let faces: Vec<Face<'_>> =
        assets.fonts().filter_map(|(_, bytes)| Face::parse(bytes, 0).ok()).collect();
    printed
        .into_iter()
        .filter(|c| {
            is_private(*c)
                || turns_direction(*c)
                || faces.iter().all(|face| face.glyph_index(*c).is_none())
        })
        .chain(documents.sources.values().flat_map(|text| control_characters(text)))
        .collect::<BTreeSet<char>>()
        .into_iter()
        .collect()
}

/// Characters for private use.
pub fn is_private(c: char) -> bool {
    matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{ffffd}' | '\u{100000}'..='\u{10fffd}')
}

/// The control characters that string literals hold as escapes, but for tabs and line breaks.
fn control_characters(text: &str) -> impl Iterator<Item = char> {
    // a backslash that is itself escaped begins no escape
    let mut pieces = text.split('\\').skip(1);
    std::iter::from_fn(move || {
        loop {
            let piece = pieces.next()?;
            if piece.is_empty() {
                pieces.next();
            }
            let digits = piece.strip_prefix("u{").and_then(|rest| rest.split_once('}'));
            let escaped = digits.and_then(|(digits, _)| u32::from_str_radix(digits, 16).ok());
            let is_break = |c: char| matches!(c, '\t'..='\r' | '\u{85}');
            let found = escaped.and_then(char::from_u32);
            if let Some(c) = found.filter(|c| c.is_control() && !is_break(*c)) {
                return Some(c);
            }
        }
    })
}

/// Spaces, joiners and marks of direction, which need no glyph.
fn is_invisible(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    #[test]
    fn control_characters_are_found_in_literals() {
        let found = |text: &str| super::control_characters(text).collect::<String>();
        assert_eq!(found(r#""a\u{1}b\u{9}c\\u{2}\"\u{7f}""#), "\u{1}\u{7f}");
        assert_eq!(found(r"\\\u{1}\n"), "\u{1}");
    }
}
