//! Bytes to text: UTF-8, UTF-16 by its mark, and what a review declares or its column names prove.

use super::Unusable;
use crate::source::Sources;
use crate::yaml::{self, Node, Value};
use encoding_rs::{BIG5, DecoderResult, Encoding, GB18030, REPLACEMENT, UTF_8, X_USER_DEFINED};
use std::collections::BTreeMap;

/// The encoding of a WHATWG label, such as `gb18030`, `big5`, `utf-16le` or `windows-1252`.
#[must_use]
pub fn encoding_named(label: &str) -> Option<&'static Encoding> {
    Encoding::for_label(label.as_bytes())
        .filter(|encoding| *encoding != REPLACEMENT && *encoding != X_USER_DEFINED)
}

/// How a file that is not UTF-8 became text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decoded {
    /// The name of the encoding.
    pub encoding: &'static str,
    /// What says so.
    pub by: Evidence,
}

/// What says that a file has an encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// The byte-order mark at its beginning.
    Mark,
    /// `encoding` in the review.
    Declared,
    /// A column name that a spec of the review has, in this encoding and in no other.
    ColumnName,
}

impl Evidence {
    /// In words.
    #[must_use]
    pub fn describe(self) -> &'static str {
        match self {
            Self::Mark => "by its byte-order mark",
            Self::Declared => "as `encoding` in `review.yaml` says",
            Self::ColumnName => "because its column names, read so, are those that the specs name",
        }
    }
}

/// The encodings that `encoding` in `review.yaml` declares.
#[derive(Debug, Default)]
pub(super) struct Declared {
    /// Of every file that is not UTF-8 and has none of its own.
    of_others: Option<&'static Encoding>,
    of: BTreeMap<String, &'static Encoding>,
}

impl Declared {
    /// What a `review.yaml` declares. What it says wrongly is told when the spec is checked.
    pub(super) fn read(review: &str) -> Self {
        if !review.contains("encoding") {
            return Self::default();
        }
        let mut sources = Sources::default();
        let source = sources.add(String::new(), review.to_owned());
        let Ok(tree) = yaml::parse(&sources, source) else { return Self::default() };
        match tree.value_of("encoding") {
            Some(Value::Scalar(label)) => {
                Self { of_others: encoding_named(label), ..Self::default() }
            }
            Some(Value::Mapping(entries)) => {
                let entry = |(path, label): &(Node, Node)| match (&path.value, &label.value) {
                    (Value::Scalar(path), Value::Scalar(label)) => {
                        let path = path.trim_start_matches("./").to_owned();
                        Some((path, encoding_named(label)?))
                    }
                    _ => None,
                };
                Self { of: entries.iter().filter_map(entry).collect(), ..Self::default() }
            }
            _ => Self::default(),
        }
    }
}

/// The text of a spec or of any file that must say itself what it is: UTF-8, or UTF-16 with its mark.
pub(super) fn decode(bytes: &[u8]) -> Result<(String, Option<Decoded>), Unusable> {
    let (encoding, mark) = Encoding::for_bom(bytes).unwrap_or((UTF_8, 0));
    let bytes = &bytes[mark..];
    if encoding == UTF_8 {
        return utf_8(bytes).map(|text| (text, None));
    }
    let text = decode_as(encoding, bytes)?;
    Ok((text, Some(Decoded { encoding: encoding.name(), by: Evidence::Mark })))
}

/// The text of a table: as [`decode`], or else what is declared for it, or else GB18030 or Big5 where
/// `is_column` knows a column name of it in one of the two and not in the other.
pub(super) fn decode_table(
    name: &str,
    bytes: &[u8],
    declared: &Declared,
    is_column: impl Fn(&str) -> bool,
) -> Result<(String, Option<Decoded>), Unusable> {
    let as_declared = |encoding: &'static Encoding| {
        let decoded = Decoded { encoding: encoding.name(), by: Evidence::Declared };
        decode_as(encoding, bytes).map(|text| (text, Some(decoded).filter(|_| encoding != UTF_8)))
    };
    if let (None, Some(encoding)) = (Encoding::for_bom(bytes), declared.of.get(name)) {
        return as_declared(encoding);
    }
    let not_utf_8 = match decode(bytes) {
        Err(reason @ Unusable::NotUtf8 { .. }) => reason,
        other => return other,
    };
    if let Some(encoding) = declared.of_others {
        return as_declared(encoding);
    }
    let mut proven = [GB18030, BIG5].into_iter().filter_map(|encoding| {
        let text = decode_as(encoding, bytes).ok()?;
        let header = text.lines().next().unwrap_or_default();
        let mut names = header.split([',', ';', '\t']).map(|name| name.trim_matches(['"', ' ']));
        let is_known = names.any(|name| names_a_column(name) && is_column(name));
        is_known.then_some((encoding, text))
    });
    match (proven.next(), proven.next()) {
        (Some((encoding, text)), None) => {
            let decoded = Decoded { encoding: encoding.name(), by: Evidence::ColumnName };
            Ok((text, Some(decoded)))
        }
        _ => Err(not_utf_8),
    }
}

/// Whether a name is long and foreign enough that it cannot be in a spec by chance.
fn names_a_column(name: &str) -> bool {
    name.chars().filter(|c| !c.is_ascii()).count() >= 2
}

fn utf_8(bytes: &[u8]) -> Result<String, Unusable> {
    std::str::from_utf8(bytes).map(str::to_owned).map_err(|error| {
        let offset = error.valid_up_to();
        let line = 1 + bytes[..offset].iter().filter(|byte| **byte == b'\n').count();
        Unusable::NotUtf8 { offset, line }
    })
}

fn decode_as(encoding: &'static Encoding, bytes: &[u8]) -> Result<String, Unusable> {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let room = decoder.max_utf8_buffer_length_without_replacement(bytes.len());
    let mut text = String::with_capacity(room.unwrap_or(bytes.len()));
    match decoder.decode_to_string_without_replacement(bytes, &mut text, true) {
        (DecoderResult::InputEmpty, _) => Ok(text),
        _ => {
            let line = 1 + text.matches('\n').count();
            Err(Unusable::WrongEncoding { encoding: encoding.name(), line })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(encoding: &'static Encoding, text: &str) -> Vec<u8> {
        encoding.encode(text).0.into_owned()
    }

    #[test]
    fn a_mark_says_what_a_file_is() {
        let (text, decoded) = decode(b"\xef\xbb\xbfa").unwrap();
        assert_eq!((text.as_str(), decoded), ("a", None));
        let (text, decoded) = decode(b"\xff\xfea\0,\0").unwrap();
        assert_eq!(text, "a,");
        assert_eq!(decoded.unwrap().encoding, "UTF-16LE");
        let (text, _) = decode(b"\xfe\xff\x4e\x2d").unwrap();
        assert_eq!(text, "中");
        assert_eq!(
            decode(b"\xff\xfea\0\n\0\x00\xd8"),
            Err(Unusable::WrongEncoding { encoding: "UTF-16LE", line: 2 })
        );
    }

    #[test]
    fn only_a_column_name_proves_an_encoding() {
        let named = |name: &str| ["研究", "事件数", "研究名稱"].contains(&name);
        let read = |bytes: &[u8], declared: &str| {
            decode_table("d.csv", bytes, &Declared::read(declared), named)
        };
        let gb = encoded(GB18030, "研究,事件数\n甲,1\n");
        assert_eq!(read(&gb, "").unwrap().1.unwrap().by, Evidence::ColumnName);
        assert_eq!(read(&gb, "").unwrap().0, "研究,事件数\n甲,1\n");
        let big5 = encoded(BIG5, "研究名稱,n\n甲,1\n");
        assert_eq!(read(&big5, "").unwrap().1.unwrap().encoding, "Big5");
        let foreign = encoded(GB18030, "study,n\n甲,1\n");
        assert_eq!(read(&foreign, ""), Err(Unusable::NotUtf8 { offset: 8, line: 2 }));
        let declared = read(&foreign, "encoding: {d.csv: gbk}").unwrap();
        assert_eq!(declared.1.unwrap(), Decoded { encoding: "GBK", by: Evidence::Declared });
        assert_eq!(read(&foreign, "encoding: gb18030").unwrap().0, "study,n\n甲,1\n");
        assert!(read(&foreign, "encoding: {other.csv: gbk}").is_err());
        // what is UTF-8 stays UTF-8 where only the others are declared
        assert_eq!(read("甲".as_bytes(), "encoding: big5").unwrap(), ("甲".to_owned(), None));
    }
}
