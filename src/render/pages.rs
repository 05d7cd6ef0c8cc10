//! Pages beside the report: a view and a template to text, Markdown, HTML or Typst. The ending of
//! the template's name says how values are escaped.

use super::assets::Assets;
use super::own::At;
use super::template::{
    code, label_tree_at, label_value, labels, print_value, template_error, write_text,
};
use crate::diagnostic::Diagnostic;
use crate::report::style::Words;
use crate::source::harmless;
use crate::spec::Language;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, Error, Output, State, UndefinedBehavior};
use serde::Serialize;
use std::collections::BTreeMap;

/// The text that a template makes of a view, which it sees as `view`, and of the labels, `t`, with
/// the `words` of a house style in their place.
///
/// # Errors
/// A template that is missing or fails.
pub fn page(
    template: &str,
    view: &impl Serialize,
    language: Language,
    words: &BTreeMap<String, Words>,
    assets: &Assets,
) -> Result<String, Box<Diagnostic>> {
    let path = format!("changes/labels-{}.yaml", language.tag());
    let own = label_value(&label_tree_at(&path, assets)?, None, &path)
        .map_err(|message| assets.fault("file of labels", &path, At::File, &message))?;
    let labels = minijinja::context! { changes => own, ..labels(language, words, assets)? };
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let mut syntax = SyntaxConfig::builder();
    syntax.trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true);
    environment.set_syntax(syntax.build().map_err(|error| template_error(&error, assets))?);
    environment.set_auto_escape_callback(|name| {
        match name.trim_end_matches(".jinja").rsplit('.').next() {
            Some("html") => AutoEscape::Html,
            Some("md") => AutoEscape::Custom("markdown".into()),
            Some("typ") => AutoEscape::Custom("typst".into()),
            _ => AutoEscape::Custom("text".into()),
        }
    });
    environment.set_formatter(print);
    environment.add_filter("code", code);
    environment.add_filter("truncate_text", truncated);
    let words = &format!("changes/words-{}.jinja", language.tag());
    let words = assets.text(words).ok_or_else(|| assets.not_text("template", words))?;
    environment.add_template(WORDS, words).map_err(|error| template_error(&error, assets))?;
    let source = assets.text(template).ok_or_else(|| assets.not_text("template", template))?;
    let context = minijinja::context! { view => Value::from(Serde(view)), t => labels };
    environment
        .add_template(template, source)
        .and_then(|()| environment.get_template(template)?.render(&context))
        .map_err(|error| template_error(&error, assets))
}

/// The name by which pages import the sentences of their language.
const WORDS: &str = "words.jinja";

/// The filter `truncate_text`: the beginning of a long text, of 200 characters unless `longest` says.
fn truncated(value: &Value, longest: Option<usize>) -> Value {
    let longest = longest.unwrap_or(200);
    let text = value.to_string();
    if text.chars().count() <= longest {
        return value.clone();
    }
    let start: String = text.chars().take(longest.saturating_sub(1)).chain(['…']).collect();
    if value.is_safe() { Value::from_safe_string(start) } else { Value::from(start) }
}

fn print(output: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    if value.is_safe() {
        return write_text(output, value.as_str().unwrap_or_default());
    }
    if value.is_undefined() {
        // of an `if` without `else`; a name that is nowhere was refused before
        return Ok(());
    }
    match state.auto_escape() {
        AutoEscape::Custom(form) if form == "typst" => print_value(output, state, value),
        AutoEscape::Custom(form) if form == "markdown" => {
            write_text(output, &markdown(&value.to_string()))
        }
        AutoEscape::Custom(_) => write_text(output, &plain(&value.to_string())),
        _ => {
            let escaped = value.as_str().map_or_else(|| value.clone(), |text| plain(text).into());
            minijinja::escape_formatter(output, state, &escaped)
        }
    }
}

/// A text without characters that a terminal would obey.
fn plain(text: &str) -> String {
    let on_a_line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    harmless(&on_a_line)
}

/// A text that Markdown shows as it is, within a line and within a cell of a table.
fn markdown(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in plain(text).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            // a mention would call somebody
            '@' => escaped.push_str("&#64;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '!' => {
                escaped.push('\\');
                escaped.push(c);
            }
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_stays_text() {
        assert_eq!(plain("a\u{1b}[31m\nb"), "a [31m b");
        assert_eq!(
            markdown("<img src=x> @all | [a](b) `c` <!-- d"),
            "&lt;img src=x&gt; &#64;all \\| \\[a\\](b) \\`c\\` &lt;\\!-- d"
        );
    }
}
