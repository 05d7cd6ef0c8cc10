//! Messages as workflow commands, which GitHub shows beside the lines of a pull request.

use super::{Message, from_here};
use crate::diagnostic::Severity;
use std::path::Path;

/// One command for each message.
pub(super) fn commands(messages: &[Message]) -> String {
    messages.iter().map(command).collect()
}

fn command(message: &Message) -> String {
    let name = match message.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let mut properties: Vec<(&str, String)> = Vec::new();
    if let Some(file) = &message.file {
        let (is_absolute, parts) = from_here(Path::new(file));
        let root = if is_absolute { "/" } else { "" };
        properties.push(("file", format!("{root}{}", parts.join("/"))));
    }
    if let Some(region) = &message.region {
        properties.push(("line", region.start.line.to_string()));
        properties.push(("endLine", region.end.line.to_string()));
        // columns are taken only within one line
        if region.start.line == region.end.line {
            properties.push(("col", region.start.column.to_string()));
            properties.push(("endColumn", region.end.column.to_string()));
        }
    }
    properties.push(("title", message.code.to_owned()));
    let properties: Vec<String> =
        properties.iter().map(|(key, value)| format!("{key}={}", property(value))).collect();
    format!("::{name} {}::{}\n", properties.join(","), data(&message.text()))
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
