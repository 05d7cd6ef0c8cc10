//! YAML text to a tree in which every value knows its place; the only code that knows the parser.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::{Place, SourceId, Sources, Span};
use serde::de::{
    Deserialize, DeserializeOwned, Deserializer, Error as _, MapAccess, SeqAccess, Visitor,
};
use std::fmt;

/// A value with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Where it is written: of several lines the first.
    pub place: Place,
    /// All bytes of it; of an alias those of what it stands for.
    pub extent: Span,
}

impl Node {
    /// The value of a key of a mapping.
    #[must_use]
    pub fn value_of(&self, key: &str) -> Option<&Value> {
        let Value::Mapping(entries) = &self.value else { return None };
        let is_meant = |name: &Node| matches!(&name.value, Value::Scalar(name) if name == key);
        entries.iter().find(|(name, _)| is_meant(name)).map(|(_, node)| &node.value)
    }
}

/// A value as written. Scalars stay text: `1.10` is not a number until somebody asks for one.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Nothing, or `null` or `~`.
    Null,
    /// A scalar, with its quotes and escapes resolved.
    Scalar(String),
    /// A list.
    Sequence(Vec<Node>),
    /// Keys and values in the order of the file.
    Mapping(Vec<(Node, Node)>),
}

impl Value {
    /// What it is, for messages.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Scalar(_) => "a single value",
            Self::Sequence(_) => "a list",
            Self::Mapping(_) => "a mapping",
        }
    }
}

/// Parses a spec.
///
/// Budgets keep hostile documents cheap: nesting, nodes and what aliases unfold to are limited.
///
/// # Errors
/// One diagnostic with the place where the text stops being acceptable YAML.
pub fn parse(sources: &Sources, source: SourceId) -> Result<Node, Box<Diagnostic>> {
    let text = &sources.get(source).text;
    let budget = serde_saphyr::budget! {
        max_depth: 64,
        max_nodes: 20_000,
        max_events: 60_000,
        max_aliases: 1_000,
        max_recorded_anchor_events: 20_000,
    };
    let options = serde_saphyr::options! {
        budget: budget,
        with_snippet: false,
        duplicate_keys: serde_saphyr::DuplicateKeyPolicy::Error,
    };
    let raw: serde_saphyr::Spanned<Raw> = serde_saphyr::from_str_with_options(text, options)
        .map_err(|error| Box::new(syntax_error(source, text, &error)))?;
    Ok(Tree { source, text }.node(raw))
}

/// Reads a file of settings into a type that says which keys it has.
///
/// # Errors
/// The line, and what is wrong there.
pub fn read_settings<T: DeserializeOwned>(text: &str) -> Result<T, SettingsError> {
    let options = serde_saphyr::options! {
        with_snippet: false,
        duplicate_keys: serde_saphyr::DuplicateKeyPolicy::Error,
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let line = error.location().and_then(|location| usize::try_from(location.line()).ok());
        let description = error.without_snippet().to_string();
        let description = description.lines().next().unwrap_or_default();
        let description = description.split(" at line ").next().unwrap_or_default();
        SettingsError { line, message: description.to_owned() }
    })
}

/// What is wrong with a file of settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsError {
    /// The line, from 1, where it is known.
    pub line: Option<usize>,
    /// What is wrong.
    pub message: String,
}

impl From<String> for SettingsError {
    fn from(message: String) -> Self {
        Self { line: None, message }
    }
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

/// A value as the parser gives it; scalars that it takes for numbers or booleans are read again
/// from the text.
enum Raw {
    Null,
    Text(String),
    Typed,
    Sequence(Vec<serde_saphyr::Spanned<Raw>>),
    Mapping(Vec<(serde_saphyr::Spanned<String>, serde_saphyr::Spanned<Raw>)>),
}

struct Tree<'a> {
    source: SourceId,
    text: &'a str,
}

impl Tree<'_> {
    fn node(&self, raw: serde_saphyr::Spanned<Raw>) -> Node {
        let written = self.span(raw.defined);
        let value = match raw.value {
            Raw::Null => Value::Null,
            Raw::Text(text) => Value::Scalar(text),
            Raw::Typed => Value::Scalar(self.text[written.start..written.end].trim().to_owned()),
            Raw::Sequence(items) => {
                Value::Sequence(items.into_iter().map(|item| self.node(item)).collect())
            }
            Raw::Mapping(entries) => Value::Mapping(
                entries
                    .into_iter()
                    .map(|(key, value)| {
                        let (place, extent) =
                            (self.place(key.referenced), self.extent(key.defined));
                        let key = Node { value: Value::Scalar(key.value), place, extent };
                        (key, self.node(value))
                    })
                    .collect(),
            ),
        };
        Node { value, place: self.place(raw.referenced), extent: self.extent(raw.defined) }
    }

    fn extent(&self, location: serde_saphyr::Location) -> Span {
        full_span(self.text, location)
    }

    fn place(&self, location: serde_saphyr::Location) -> Place {
        Place { source: self.source, span: self.span(location) }
    }

    fn span(&self, location: serde_saphyr::Location) -> Span {
        byte_span(self.text, location)
    }
}

/// The bytes of a location, within the text and on character boundaries. A location of a whole
/// mapping or list is cut to its first line, which is what a message can show.
fn byte_span(text: &str, location: serde_saphyr::Location) -> Span {
    let Span { start, end } = full_span(text, location);
    let first_line = text[start..end].split('\n').next().unwrap_or_default();
    Span { start, end: start + first_line.trim_end().len() }
}

/// The same with all its lines.
fn full_span(text: &str, location: serde_saphyr::Location) -> Span {
    let span = location.span();
    let index = |value: u64| usize::try_from(value).unwrap_or(usize::MAX);
    let floor = |i: usize| crate::source::floor_char_boundary(text, i);
    let Some(offset) = span.byte_offset() else {
        // the scanner's own errors know line and column only
        return character_span(text, index(location.line()), index(location.column()));
    };
    let start = floor(index(offset));
    let end = floor(start.saturating_add(index(span.byte_len().unwrap_or(0)))).max(start);
    Span { start, end }
}

/// The bytes of the character at a line and column, both from 1.
fn character_span(text: &str, line: usize, column: usize) -> Span {
    let before: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let rest = text[before..].split('\n').next().unwrap_or_default();
    let start =
        before + rest.chars().take(column.saturating_sub(1)).map(char::len_utf8).sum::<usize>();
    let width = text[start..].chars().next().filter(|c| *c != '\n').map_or(0, char::len_utf8);
    Span { start, end: start + width }
}

fn syntax_error(source: SourceId, text: &str, error: &serde_saphyr::Error) -> Diagnostic {
    let inner = error.without_snippet();
    let span =
        error.location().map_or(Span { start: 0, end: 0 }, |location| byte_span(text, location));
    let place = Place { source, span };
    let description = inner.to_string();
    // an alias that unfolds to too much is wrapped in the places of its definition and its use
    let is_over_budget = matches!(inner, serde_saphyr::Error::Budget { .. })
        || ["budget breached", "recursion limit"].iter().any(|sign| description.contains(sign));
    if is_over_budget {
        let message = "the file is nested too deeply, or its aliases unfold to too much";
        return Diagnostic::error(Code::YamlBudget, place, message)
            .help("a spec is read up to 64 levels deep and 20,000 values long");
    }
    if let serde_saphyr::Error::DuplicateMappingKey { key: Some(key), .. } = inner {
        let message = format!("the key `{key}` stands twice");
        return Diagnostic::error(Code::DuplicateId, place, message)
            .help("take one of the two out, or put what they hold under one");
    }
    if let Some(span) = tab_before(text, span, &description) {
        let message = "not valid YAML: a tab stands before the text of the line";
        return Diagnostic::error(Code::YamlSyntax, Place { source, span }, message)
            .help("indent with spaces: YAML allows no tabs there");
    }
    // the place stands in the message's own snippet
    let description = description.lines().next().unwrap_or_default();
    let description = description.split(" at line ").next().unwrap_or(description);
    Diagnostic::error(Code::YamlSyntax, place, format!("not valid YAML: {description}")).help(
        "the keys of a mapping begin in one column, with a colon and a space behind each; a text \
         that holds `: ` or ` #`, or begins with a quote or one of `@*&!%[]{}`, stands in quotes",
    )
}

/// The tab before the text of a line that an error is about. The parser may tell it of the line
/// before.
fn tab_before(text: &str, error: Span, description: &str) -> Option<Span> {
    if !description.contains("tab") {
        return None;
    }
    let line_start = text[..error.start].rfind('\n').map_or(0, |at| at + 1);
    let mut start = line_start;
    for line in text[line_start..].split_inclusive('\n') {
        let indent = &line[..line.len() - line.trim_start().len()];
        let has_text = !line.trim().is_empty();
        match indent.find('\t').filter(|_| has_text) {
            Some(tab) => return Some(Span { start: start + tab, end: start + tab + 1 }),
            None if has_text && start > line_start => return None,
            None => start += line.len(),
        }
    }
    None
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Raw, E> {
        Ok(Raw::Typed)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Raw, E> {
        Ok(Raw::Typed)
    }

    fn visit_i128<E>(self, _: i128) -> Result<Raw, E> {
        Ok(Raw::Typed)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Raw, E> {
        Ok(Raw::Typed)
    }

    fn visit_u128<E>(self, _: u128) -> Result<Raw, E> {
        Ok(Raw::Typed)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Raw, E> {
        Ok(Raw::Typed)
    }

    fn visit_str<E>(self, text: &str) -> Result<Raw, E> {
        Ok(Raw::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Raw, E> {
        Ok(Raw::Text(text))
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_none<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Raw, D::Error> {
        Raw::deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Raw, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Raw::Sequence(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Raw, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = access.next_entry()? {
            entries.push(entry);
        }
        Ok(Raw::Mapping(entries))
    }

    fn visit_bytes<E: serde::de::Error>(self, _: &[u8]) -> Result<Raw, E> {
        Err(E::custom("binary values have no meaning here"))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, _: D) -> Result<Raw, D::Error> {
        Err(D::Error::custom("tagged values have no meaning here"))
    }
}
