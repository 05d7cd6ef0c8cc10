//! `build-report translations`: the texts of a review as a table for a translator.

use super::args::TranslationsArgs;
use super::terminal::Terminal;
use super::{Outcome, reviews};
use crate::data::TRANSLATION_COLUMNS;
use crate::pipeline;
use crate::project::Inputs;
use crate::render::assets::Assets;

/// Runs the command.
pub(super) fn run(args: &TranslationsArgs, terminal: &Terminal) -> Outcome {
    let (reviews, outcome) = reviews::read(std::slice::from_ref(&args.path), terminal);
    match reviews.as_slice() {
        [inputs] if outcome == Outcome::Done => of_review(inputs, args, terminal),
        [] | [_] => outcome,
        _ => {
            terminal.error(&format!("`{}` holds several reviews: name one", args.path.display()));
            Outcome::CannotWork
        }
    }
}

fn of_review(inputs: &Inputs, args: &TranslationsArgs, terminal: &Terminal) -> Outcome {
    let texts = pipeline::check(inputs).and_then(|mut checked| {
        if let Some(language) = args.language {
            checked.review.language = language.into();
        }
        pipeline::texts_to_translate(checked, inputs, &Assets::embedded())
    });
    let texts = match texts {
        Ok(texts) => texts,
        Err(diagnostics) => {
            terminal.diagnostics(inputs, &diagnostics);
            return Outcome::InputErrors;
        }
    };
    let mut csv = TRANSLATION_COLUMNS.join(",") + "\n";
    for (text, translation) in texts {
        if !(args.missing && translation.is_some()) {
            csv += &format!("{},{}\n", cell(&text), cell(&translation.unwrap_or_default()));
        }
    }
    terminal.data(&csv)
}

/// A cell of CSV, in quotes where it needs them.
fn cell(text: &str) -> String {
    if text.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}
