//! The story of a review of an update: two versions to what changed, in one of its forms.

use super::{CheckedReview, EntryData, check};
use crate::diagnostic::Diagnostic;
use crate::project::Inputs;
use crate::render::assets::Assets;
use crate::render::pages::page;
use crate::render::{Documents, Engine, TYPEFACES};
use crate::report::results::results;
use crate::report::style::HouseStyle;
use crate::report::view::RESULTS;
use crate::spec::Language;
use crate::versions::review::{ChangesView, Side};
use crate::versions::{Kept, Maker};

/// A form in which changes are shown to people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangesForm {
    /// For a terminal.
    Text,
    /// For the comment of a pull request.
    Markdown,
    /// One file for a browser.
    Html,
    /// A change report.
    Pdf,
    /// Paragraphs for the next report of a living review.
    Living,
    /// The changes in full, for somebody who decides on them.
    Item,
}

/// The largest comment, in bytes.
const LARGEST_COMMENT: usize = 60_000;

/// One side of a comparison: what this program finds in the inputs, and the results that `kept`
/// has, or else those that this program, which is `maker`, computes.
///
/// # Errors
/// Every mistake in the inputs.
pub fn side(inputs: Inputs, kept: Option<&Kept>, maker: Maker) -> Result<Side, Vec<Diagnostic>> {
    let checked: CheckedReview = check(&inputs)?;
    let datasets = checked
        .data
        .iter()
        .map(|data| match data {
            EntryData::Studies(dataset) => Some(dataset.clone()),
            EntryData::Patients(_) | EntryData::Described(_) => None,
        })
        .collect();
    let findings = checked.analyse();
    let kept_results = kept.and_then(|kept| serde_json::from_slice(kept.bytes(RESULTS)?).ok());
    let computed = || {
        // through text as the kept ones, whose last digit reading may change
        let text = serde_json::to_vec(&results(&findings)).unwrap_or_default();
        serde_json::from_slice(&text).unwrap_or_default()
    };
    Ok(Side {
        results: kept_results.unwrap_or_else(computed),
        maker: kept.and_then(Kept::manifest).map_or(maker, |manifest| manifest.maker.clone()),
        inputs,
        findings,
        datasets,
    })
}

/// The changes in one of their forms.
///
/// # Errors
/// A template that fails, or a document that Typst refuses.
pub fn changes_form(
    view: &ChangesView,
    form: ChangesForm,
    language: Language,
    style: &HouseStyle,
    assets: &Assets,
    engine: &Engine,
) -> Result<Vec<u8>, Box<Diagnostic>> {
    let text =
        |template: &str, view: &ChangesView| page(template, view, language, &style.words, assets);
    match form {
        ChangesForm::Text => text("changes/changes.txt.jinja", view).map(String::into_bytes),
        ChangesForm::Living => text("changes/living.md.jinja", view).map(String::into_bytes),
        ChangesForm::Item => text("changes/item.txt.jinja", view).map(String::into_bytes),
        ChangesForm::Html => text("changes/changes.html.jinja", view).map(String::into_bytes),
        ChangesForm::Markdown => {
            let mut view = view.clone();
            loop {
                let comment = text("changes/changes.md.jinja", &view)?;
                if comment.len() < LARGEST_COMMENT || view.limit == 0 {
                    return Ok(comment.into_bytes());
                }
                view.limit /= 2;
            }
        }
        ChangesForm::Pdf => {
            let source = text("changes/changes.typ.jinja", view)?;
            let typefaces = text(&format!("{TYPEFACES}.jinja"), view)?;
            let documents = Documents::of_page(source, typefaces, assets);
            let rendered = engine.render(&documents, assets);
            rendered
                .map(|rendered| rendered.pdf)
                .map_err(|error| Box::new(error.about("the change report", &documents, assets)))
        }
    }
}
