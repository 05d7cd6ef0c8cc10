//! Characters that no font has; Typst would leave them out of print without a word.

use super::Documents;
use super::assets::Assets;
use std::collections::BTreeSet;
use ttf_parser::Face;

/// The characters of the documents that none of the fonts has a glyph for.
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
        .filter(|c| faces.iter().all(|face| face.glyph_index(*c).is_none()))
        .collect()
}

/// Spaces, joiners and marks of direction, which need no glyph.
fn is_invisible(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}
