//! Texts in which `{name}` stands for a value.

/// A text between values, or the name of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Text as it is written.
    Text(&'a str),
    /// The name of a value.
    Value(&'a str),
}

/// The pieces of a pattern in their order; empty texts stand between values that touch.
pub fn pieces(pattern: &str) -> impl Iterator<Item = Piece<'_>> {
    pattern.split('{').enumerate().flat_map(|(index, part)| {
        let (value, text) = match part.split_once('}') {
            Some((value, text)) if index > 0 => (Some(value), text),
            _ => (None, part),
        };
        value.map(Piece::Value).into_iter().chain([Piece::Text(text)])
    })
}
