//! Messages in the words of a language.

use super::claim::Field;
use super::message::{Conjunction, Message, Value};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Sources;
use crate::spec::{self, Node, Piece, parse, pieces};
use std::collections::BTreeMap;

/// The patterns of a language.
///
/// On a terminal columns, ids and names stand as they are written, between backticks; in a report
/// numbers of claims are called as in its tables, and analyses by their titles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phrases {
    patterns: BTreeMap<String, String>,
    report: Option<InReport>,
}

/// What is otherwise in a report.
#[derive(Debug, Clone, PartialEq, Eq)]
struct InReport {
    /// What it calls the numbers of a claim, by their columns.
    fields: BTreeMap<String, String>,
    /// Its minus sign.
    minus: String,
}

/// Patterns that belong to no message: quotation marks and conjunctions.
const MARKS: [(&str, &[&str]); 3] = [("quote", &["text"]), ("and", &[]), ("or", &[])];

/// The longest sentence that is quoted whole, in characters.
const LONGEST: usize = 70;

impl Phrases {
    /// Reads the patterns of a language, for a terminal.
    ///
    /// # Errors
    /// A text without the pattern of a message, or with one that names a value which the message
    /// has not.
    pub fn read(path: &str, text: &str) -> Result<Self, Box<Diagnostic>> {
        let wrong = |message: String| Err(template_error(path, &message));
        let patterns = scalars(&read_tree(path, text)?);
        let known = || Message::KEYS.iter().chain(&MARKS);
        for (key, values) in known() {
            let Some(pattern) = patterns.get(*key) else {
                return wrong(format!("there is no pattern `{key}`"));
            };
            for piece in pieces(pattern) {
                if let Piece::Value(name) = piece
                    && !values.contains(&name)
                {
                    return wrong(format!("`{key}` has no value `{{{name}}}`"));
                }
            }
        }
        if let Some(unknown) = patterns.keys().find(|key| !known().any(|(it, _)| it == key)) {
            return wrong(format!("there is no message `{unknown}`"));
        }
        Ok(Self { patterns, report: None })
    }

    /// The same for a report, with its labels and its minus sign.
    ///
    /// # Errors
    /// Labels without the name of a number that may be told.
    pub fn in_report(
        mut self,
        path: &str,
        labels: &str,
        minus: &str,
    ) -> Result<Self, Box<Diagnostic>> {
        let tree = read_tree(path, labels)?;
        let keys = entry(&tree, "consistency").and_then(|section| entry(section, "key"));
        let fields = keys.map(scalars).unwrap_or_default();
        if let Some(field) = Field::ALL.iter().find(|field| !fields.contains_key(field.name())) {
            let message = format!("there is no label `consistency/key/{}`", field.name());
            return Err(template_error(path, &message));
        }
        self.report = Some(InReport { fields, minus: minus.to_owned() });
        Ok(self)
    }

    /// The text of a message.
    #[must_use]
    pub fn text(&self, message: &Message) -> String {
        let values = message.values();
        let pattern = self.patterns.get(message.key()).map_or("", String::as_str);
        fill(pattern, |name| {
            let value = values.iter().find(|(known, _)| *known == name);
            value.map(|(_, value)| self.value(value)).unwrap_or_default()
        })
    }

    fn value(&self, value: &Value) -> String {
        match value {
            Value::Text(text) => match &self.report {
                None => text.clone(),
                Some(report) => text.replace('-', &report.minus),
            },
            Value::Words(text) => text.clone(),
            Value::Quote(text) => self.quote(text),
            Value::Excerpt(text) if text.chars().count() > LONGEST => {
                let beginning: String = text.chars().take(LONGEST).collect();
                self.quote(&format!("{beginning}…"))
            }
            Value::Excerpt(text) => self.quote(text),
            Value::Field(field) => match &self.report {
                None => format!("`{}`", field.name()),
                Some(report) => report.fields.get(field.name()).cloned().unwrap_or_default(),
            },
            Value::Analysis { id, .. } | Value::Name(id) if self.report.is_none() => {
                format!("`{id}`")
            }
            Value::Analysis { title: name, .. } | Value::Name(name) => self.quote(name),
            Value::Message(message) => self.text(message),
            Value::Series(conjunction, values) => {
                let conjunction = match conjunction {
                    Conjunction::And => "and",
                    Conjunction::Or => "or",
                };
                let between = self.patterns.get(conjunction).map_or("", String::as_str);
                let texts: Vec<String> = values.iter().map(|value| self.value(value)).collect();
                texts.join(between)
            }
        }
    }

    fn quote(&self, text: &str) -> String {
        if self.report.is_none() {
            return format!("\"{text}\"");
        }
        fill(self.patterns.get("quote").map_or("", String::as_str), |_| text.to_owned())
    }
}

fn fill(pattern: &str, value: impl Fn(&str) -> String) -> String {
    pieces(pattern)
        .map(|piece| match piece {
            Piece::Text(text) => text.to_owned(),
            Piece::Value(name) => value(name),
        })
        .collect()
}

fn read_tree(path: &str, text: &str) -> Result<Node, Box<Diagnostic>> {
    let mut sources = Sources::default();
    let source = sources.add(path.to_owned(), text.to_owned());
    parse(&sources, source).map_err(|error| template_error(path, &error.message))
}

fn template_error(path: &str, message: &str) -> Box<Diagnostic> {
    Box::new(Diagnostic::program_error(Code::Template, format!("`{path}`: {message}")))
}

fn entries(node: &Node) -> impl Iterator<Item = (&str, &Node)> {
    let entries = match &node.value {
        spec::Value::Mapping(entries) => entries.as_slice(),
        _ => &[],
    };
    entries.iter().filter_map(|(key, value)| match &key.value {
        spec::Value::Scalar(key) => Some((key.as_str(), value)),
        _ => None,
    })
}

fn entry<'a>(node: &'a Node, name: &str) -> Option<&'a Node> {
    entries(node).find(|(key, _)| *key == name).map(|(_, value)| value)
}

fn scalars(node: &Node) -> BTreeMap<String, String> {
    let text = |(key, value): (&str, &Node)| match &value.value {
        spec::Value::Scalar(text) => Some((key.to_owned(), text.clone())),
        _ => None,
    };
    entries(node).filter_map(text).collect()
}
