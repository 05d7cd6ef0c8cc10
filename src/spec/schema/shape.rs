//! What a value of a spec may be, and how JSON Schema says so.

use serde_json::{Map, Value, json};

/// What a value may be.
#[derive(Debug, Clone)]
pub(super) enum Shape {
    /// Any single value: texts need no quotes.
    Text,
    /// A number in a range.
    Number(Option<f64>, Option<f64>),
    /// A whole number in a range.
    Whole(f64, f64),
    /// A number as it was printed, perhaps with `<` or `>` before it.
    Printed,
    /// The same of what is counted.
    PrintedCount,
    /// Year-month-day.
    Date,
    /// `true` or `false`.
    Flag,
    /// One of some words.
    Choice(Vec<&'static str>),
    /// One value, or a list of such.
    OneOrMore(Box<Shape>),
    /// A list.
    List(Box<Shape>),
    /// Keys that are named here, and no others.
    Mapping(Vec<Key>),
    /// Keys that the author chooses.
    Named(Box<Shape>),
    /// One of two forms.
    Either(Box<Shape>, Box<Shape>),
}

/// A key of a mapping.
#[derive(Debug, Clone)]
pub(super) struct Key {
    pub(super) name: &'static str,
    shape: Shape,
    about: &'static str,
    is_required: bool,
}

/// A key that may be left out.
pub(super) fn key(name: &'static str, shape: Shape, about: &'static str) -> Key {
    Key { name, shape, about, is_required: false }
}

/// A key that must be there.
pub(super) fn required(name: &'static str, shape: Shape, about: &'static str) -> Key {
    Key { is_required: true, ..key(name, shape, about) }
}

pub(super) fn choice(words: impl IntoIterator<Item = &'static str>) -> Shape {
    Shape::Choice(words.into_iter().collect())
}

/// One word, or a list of words.
pub(super) fn words(words: impl IntoIterator<Item = &'static str>) -> Shape {
    Shape::OneOrMore(Box::new(choice(words)))
}

/// One text, or a list of texts.
pub(super) fn texts() -> Shape {
    Shape::OneOrMore(Box::new(Shape::Text))
}

pub(super) fn list(of: Shape) -> Shape {
    Shape::List(Box::new(of))
}

/// One value, or a mapping that says more about it.
pub(super) fn text_or(keys: Vec<Key>) -> Shape {
    Shape::Either(Box::new(Shape::Text), Box::new(Shape::Mapping(keys)))
}

/// A number of 0 or more.
pub(super) fn number() -> Shape {
    Shape::Number(Some(0.0), None)
}

/// A number of either sign.
pub(super) fn signed() -> Shape {
    Shape::Number(None, None)
}

/// A number, where it stands in quotes.
const NUMBER: &str = r"^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$";

/// A whole number, where it stands in quotes.
const WHOLE: &str = r"^\d+$";

/// A number as printed, where it stands in quotes or has a bound.
const PRINTED: &str = r"^\s*[<>]?\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*$";

/// The same without decimals.
const PRINTED_COUNT: &str = r"^\s*[<>]?\s*[-+]?\d+\s*$";

/// A day of a calendar whose months all have 31.
const DATE: &str = r"^[1-9]\d{3}-(0?[1-9]|1[0-2])-(0?[1-9]|[12]\d|3[01])$";

impl Shape {
    /// The JSON Schema of such a value.
    pub(super) fn schema(&self) -> Value {
        match self {
            Self::Text => json!({"type": ["string", "number", "boolean"]}),
            Self::Number(low, high) => {
                let mut schema = json!({"type": ["number", "string"], "pattern": NUMBER});
                if let Some(low) = low {
                    schema["minimum"] = json!(low);
                }
                if let Some(high) = high {
                    schema["maximum"] = json!(high);
                }
                schema
            }
            Self::Whole(low, high) => json!({
                "type": ["integer", "string"],
                "pattern": WHOLE,
                "minimum": low,
                "maximum": high,
            }),
            Self::Printed => json!({"type": ["number", "string"], "pattern": PRINTED}),
            Self::PrintedCount => {
                json!({"type": ["integer", "string"], "pattern": PRINTED_COUNT})
            }
            Self::Date => json!({"type": "string", "pattern": DATE}),
            Self::Flag => json!({"type": "boolean"}),
            Self::Choice(words) => json!({"enum": words}),
            Self::OneOrMore(shape) => {
                let one = shape.schema();
                json!({"anyOf": [one, {"type": "array", "items": one}]})
            }
            Self::List(shape) => json!({"type": "array", "items": shape.schema()}),
            Self::Named(shape) => {
                json!({"type": "object", "additionalProperties": shape.schema()})
            }
            Self::Either(one, other) => json!({"anyOf": [one.schema(), other.schema()]}),
            Self::Mapping(keys) => mapping(keys),
        }
    }
}

fn mapping(keys: &[Key]) -> Value {
    let properties: Map<String, Value> =
        keys.iter().map(|key| (key.name.to_owned(), key.schema())).collect();
    let required: Vec<&str> =
        keys.iter().filter(|key| key.is_required).map(|key| key.name).collect();
    let mut schema = json!({
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

impl Key {
    /// The schema of its value, with what it is about. A key without a value is as good as none;
    /// only choices ask for one, so that an editor does not offer `null` among them.
    fn schema(&self) -> Value {
        let mut schema = Map::from_iter([("description".to_owned(), json!(self.about))]);
        if let Value::Object(shape) = self.shape.schema() {
            schema.extend(shape);
        }
        if !self.is_required {
            if let Some(kinds) = schema.get_mut("type") {
                let listed = if let Value::Array(kinds) = kinds {
                    kinds.clone()
                } else {
                    vec![kinds.clone()]
                };
                *kinds = listed.into_iter().chain([json!("null")]).collect();
            } else if let Some(Value::Array(forms)) = schema.get_mut("anyOf") {
                forms.push(json!({"type": "null"}));
            }
        }
        Value::Object(schema)
    }
}
