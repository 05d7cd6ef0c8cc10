//! Citations in an author's text: `[@key]`, or `[@key; @other]`.

use std::borrow::Cow;

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment<'a> {
    /// Words.
    Text(&'a str),
    /// Keys of references that are cited together.
    Citation(Vec<&'a str>),
}

/// The pieces of a text in their order. What stands in brackets and is no list of `@` and keys is
/// text.
#[must_use]
pub fn segments(text: &str) -> Vec<Segment<'_>> {
    let mut found = Vec::new();
    let (mut rest, mut from) = (text, 0);
    while let Some(start) = rest[from..].find("[@").map(|at| from + at) {
        let end = rest[start..].find(']').map(|at| start + at);
        match end.and_then(|end| Some((end, keys(&rest[start + 1..end])?))) {
            Some((end, keys)) => {
                if start > 0 {
                    found.push(Segment::Text(&rest[..start]));
                }
                found.push(Segment::Citation(keys));
                (rest, from) = (&rest[end + 1..], 0);
            }
            None => from = start + 2,
        }
    }
    if !rest.is_empty() {
        found.push(Segment::Text(rest));
    }
    found
}

/// The text without its citations and the spaces before them, for places that print none.
#[must_use]
pub fn without_citations(text: &str) -> Cow<'_, str> {
    if !text.contains("[@") {
        return Cow::Borrowed(text);
    }
    let mut bare = String::with_capacity(text.len());
    for segment in segments(text) {
        match segment {
            Segment::Text(text) => bare.push_str(text),
            Segment::Citation(_) => bare.truncate(bare.trim_end().len()),
        }
    }
    Cow::Owned(bare)
}

/// The keys of `@key; @other`.
fn keys(list: &str) -> Option<Vec<&str>> {
    let is_letter = |c: char| c.is_alphanumeric() || "_-:./+".contains(c);
    list.split(';')
        .map(|item| {
            let key = item.trim().strip_prefix('@')?;
            (!key.is_empty() && key.chars().all(is_letter)).then_some(key)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn citations_are_told_from_words() {
        assert_eq!(
            segments("Two trials [@wang2021; @doi:10.1/x] and [one], a@b [@ no] [@open"),
            [
                Segment::Text("Two trials "),
                Segment::Citation(vec!["wang2021", "doi:10.1/x"]),
                Segment::Text(" and [one], a@b [@ no] [@open"),
            ]
        );
        assert_eq!(segments("[@a][@b]").len(), 2);
        assert_eq!(segments(""), []);
    }

    #[test]
    fn places_without_citations_keep_their_words() {
        assert_eq!(without_citations("Wang 2021 [@wang2021], fever"), "Wang 2021, fever");
        assert_eq!(without_citations("[one] 间 [@a]充"), "[one] 间充");
    }
}
