//! `build-report explain`: what a message means, with an example, and how to mend it.

use super::Outcome;
use super::args::ExplainArgs;
use super::terminal::Terminal;
use crate::consistency::Rule;
use crate::diagnostic::nearest_hint;
use crate::render::assets::Assets;
use crate::source::Sources;
use crate::spec::{Node, Value, parse};

/// The pages, by code.
const PAGES: &str = "explain/en.yaml";

/// Runs the command.
pub(super) fn run(args: &ExplainArgs, terminal: &Terminal) -> Outcome {
    let assets = Assets::embedded();
    let mut sources = Sources::default();
    let text = assets.text(PAGES).unwrap_or_default();
    let source = sources.add(PAGES.to_owned(), text.to_owned());
    let tree = match parse(&sources, source) {
        Ok(tree) => tree,
        Err(error) => {
            terminal.error(&format!("`{PAGES}`: {}", error.message));
            return Outcome::CannotWork;
        }
    };
    let pages: Vec<(&str, &Node)> = entries(&tree).collect();
    let Some(asked) = &args.code else {
        let lines: Vec<String> = pages
            .iter()
            .map(|(code, page)| format!("{code:6} {}\n", field(page, "title")))
            .collect();
        return terminal.data(&lines.concat());
    };
    let code = Rule::ALL
        .iter()
        .find(|rule| rule.name() == asked.as_str())
        .map_or_else(|| asked.to_uppercase(), |rule| rule.code().to_owned());
    match pages.iter().find(|(known, _)| *known == code) {
        Some((code, page)) => terminal.data(&print_page(code, page)),
        None => {
            let hint = nearest_hint(&code, pages.iter().map(|(code, _)| *code));
            terminal.error(&format!("there is no code `{asked}`; {hint}"));
            Outcome::CannotWork
        }
    }
}

fn print_page(code: &str, page: &Node) -> String {
    let mut text = format!("{code}: {}\n\n{}\n", field(page, "title"), field(page, "means"));
    let example = field(page, "example");
    if !example.is_empty() {
        text.push_str(&format!("\nExample\n  {}\n", example.trim_end().replace('\n', "\n  ")));
    }
    text.push_str(&format!("\nTo mend it\n  {}\n", field(page, "mend")));
    if let Some(rule) = Rule::by_code(code) {
        text.push_str(&format!("\nRule `{}`; source: {}\n", rule.name(), rule.source()));
    }
    text
}

fn entries(node: &Node) -> impl Iterator<Item = (&str, &Node)> {
    let entries = match &node.value {
        Value::Mapping(entries) => entries.as_slice(),
        _ => &[],
    };
    entries.iter().filter_map(|(key, value)| match &key.value {
        Value::Scalar(key) => Some((key.as_str(), value)),
        _ => None,
    })
}

fn field<'a>(page: &'a Node, name: &str) -> &'a str {
    entries(page)
        .find(|(key, _)| *key == name)
        .and_then(|(_, value)| match &value.value {
            Value::Scalar(text) => Some(text.trim_end()),
            _ => None,
        })
        .unwrap_or_default()
}
