//! Messages as one SARIF 2.1.0 log, which code scanning services and editors read.

use super::{Message, Region, from_here};
use crate::cli::Outcome;
use crate::cli::pages::Pages;
use crate::diagnostic::Severity;
use serde_json::{Value, json};
use std::path::Path;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// The log of a run that ended with this outcome. Its rules are the codes that occur.
pub(super) fn log(messages: &[Message], pages: &Pages, outcome: Outcome) -> String {
    let mut codes: Vec<&str> = messages.iter().map(|message| message.code).collect();
    codes.sort_unstable();
    codes.dedup();
    let rules: Vec<Value> = codes.iter().map(|code| rule(code, pages)).collect();
    let result = |message| result(message, &codes);
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": env!("CARGO_PKG_NAME"),
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "columnKind": "utf16CodeUnits",
            "invocations": [{"executionSuccessful": outcome != Outcome::CannotWork}],
            "results": messages.iter().map(result).collect::<Vec<_>>(),
        }],
    });
    format!("{log:#}\n")
}

fn rule(code: &str, pages: &Pages) -> Value {
    match pages.get(code) {
        None => json!({"id": code}),
        Some(page) => json!({
            "id": code,
            "shortDescription": {"text": page.title},
            "fullDescription": {"text": page.means},
            "help": {"text": page.text()},
        }),
    }
}

fn result(message: &Message, codes: &[&str]) -> Value {
    let level = match message.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    // a service drops results without a file: what is about the program stands at the review
    let file = message.file.as_ref().or(message.review.as_ref());
    let locations: Vec<Value> = file
        .map(|file| json!({"physicalLocation": physical(file, message.region)}))
        .into_iter()
        .collect();
    let mut result = json!({
        "ruleId": message.code,
        "ruleIndex": codes.iter().position(|code| *code == message.code),
        "level": level,
        "message": {"text": message.text()},
        "locations": locations,
    });
    if !message.related.is_empty() {
        let related = message.related.iter().enumerate().map(|(id, other)| {
            json!({
                "id": id,
                "message": {"text": other.label},
                "physicalLocation": physical(&other.file, Some(other.region)),
            })
        });
        result["relatedLocations"] = related.collect();
    }
    result
}

fn physical(file: &str, region: Option<Region>) -> Value {
    let mut location = json!({"artifactLocation": {"uri": uri(Path::new(file))}});
    if let Some(Region { start, end }) = region {
        location["region"] = json!({
            "startLine": start.line,
            "startColumn": start.utf16_column,
            "endLine": end.line,
            "endColumn": end.utf16_column,
        });
    }
    location
}

/// A path as a URI: relative to the folder in which the program runs, where it lies below that.
fn uri(path: &Path) -> String {
    let (is_absolute, parts) = from_here(path);
    let parts: Vec<String> = parts.iter().map(|part| encoded(part)).collect();
    format!("{}{}", if is_absolute { "file:///" } else { "" }, parts.join("/"))
}

/// All but the unreserved characters of RFC 3986 as the bytes of their UTF-8.
fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::uri;
    use std::path::Path;

    #[test]
    fn paths_become_uris() {
        let here = std::env::current_dir().unwrap();
        for (path, expected) in [
            ("./review/pain.yaml", "review/pain.yaml"),
            ("../a b/50%:x.csv", "../a%20b/50%25%3Ax.csv"),
            ("研究/a#b?.csv", "%E7%A0%94%E7%A9%B6/a%23b%3F.csv"),
        ] {
            assert_eq!(uri(Path::new(path)), expected);
        }
        assert_eq!(uri(&here.join("review/data.csv")), "review/data.csv");
        #[cfg(unix)]
        assert_eq!(uri(Path::new("/elsewhere/x.csv")), "file:///elsewhere/x.csv");
    }
}
