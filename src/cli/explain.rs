//! `build-report explain`: what a message means, with an example, and how to mend it.

use super::Outcome;
use super::args::ExplainArgs;
use super::pages::{Page, Pages};
use super::terminal::Terminal;
use crate::consistency::Rule;
use crate::diagnostic::nearest_hint;

/// Runs the command.
pub(super) fn run(args: &ExplainArgs, terminal: &Terminal) -> Outcome {
    let pages = match Pages::read() {
        Ok(pages) => pages,
        Err(message) => {
            terminal.error(&message);
            return Outcome::CannotWork;
        }
    };
    let Some(asked) = &args.code else {
        let lines: String =
            pages.iter().map(|(code, page)| format!("{code:6} {}\n", page.title)).collect();
        return terminal.data(&lines);
    };
    let code = Rule::ALL
        .iter()
        .find(|rule| rule.name() == asked.as_str())
        .map_or_else(|| asked.to_uppercase(), |rule| rule.code().to_owned());
    match pages.get(&code) {
        Some(page) => terminal.data(&print_page(&code, page)),
        None => {
            let hint = nearest_hint(&code, pages.iter().map(|(code, _)| code));
            terminal.error(&format!("there is no code `{asked}`; {hint}"));
            Outcome::CannotWork
        }
    }
}

fn print_page(code: &str, page: &Page) -> String {
    let mut text = format!("{code}: {}\n\n{}", page.title, page.text());
    if let Some(rule) = Rule::by_code(code) {
        text.push_str(&format!("\nRule `{}`; source: {}\n", rule.name(), rule.source()));
    }
    text
}
