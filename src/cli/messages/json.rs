//! Messages as JSON, one object a line.

use super::{Message, Region};
use crate::consistency::severity_word;
use serde_json::{Value, json};

/// One line for each message.
pub(super) fn lines(messages: &[Message]) -> String {
    messages.iter().map(|message| format!("{}\n", object(message))).collect()
}

fn object(message: &Message) -> Value {
    let [line, column, end_line, end_column] = numbers(message.region);
    let related: Vec<Value> = message
        .related
        .iter()
        .map(|other| {
            let [line, column, end_line, end_column] = numbers(Some(other.region));
            json!({
                "file": other.file,
                "line": line,
                "column": column,
                "end_line": end_line,
                "end_column": end_column,
                "label": other.label,
            })
        })
        .collect();
    json!({
        "code": message.code,
        "severity": severity_word(message.severity),
        "file": message.file.as_deref().unwrap_or_default(),
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
        "message": message.message,
        "label": message.label,
        "help": message.help,
        "related": related,
    })
}

/// Line and column, end line and end column, in characters; the end is one past the last.
fn numbers(region: Option<Region>) -> [Option<usize>; 4] {
    let number = |of: fn(&Region) -> usize| region.as_ref().map(of);
    [
        number(|region| region.start.line),
        number(|region| region.start.column),
        number(|region| region.end.line),
        number(|region| region.end.column),
    ]
}
