//! `--only`: reviews, and analyses of them, by name.

use crate::diagnostic::nearest_hint;
use crate::pipeline::CheckedReview;
use crate::project::Inputs;
use crate::spec::Entry;

/// The reviews that the names ask for: whole under their own id, and with some analyses alone under
/// the ids of these. Without names, all of them.
///
/// # Errors
/// A name that nothing has, and a hint.
pub(super) fn select<'a>(
    sound: Vec<(&'a Inputs, CheckedReview)>,
    names: &[String],
) -> Result<Vec<(&'a Inputs, CheckedReview)>, (String, String)> {
    if names.is_empty() {
        return Ok(sound);
    }
    let reviews: Vec<&CheckedReview> = sound.iter().map(|(_, checked)| checked).collect();
    let known: Vec<String> = reviews.iter().flat_map(|checked| names_of(checked)).collect();
    if let Some(name) = names.iter().find(|name| !known.contains(name)) {
        let hint = nearest_hint(name, known.iter().map(String::as_str));
        return Err((format!("no analysis or review has the id `{name}`"), hint));
    }
    // an analysis comes before a review of the same name
    let is_whole = |checked: &CheckedReview| {
        let id = &checked.review.id;
        names.contains(id) && !reviews.iter().any(|checked| has(checked, id))
    };
    let asked: Vec<(bool, Vec<String>)> =
        reviews.iter().map(|checked| (is_whole(checked), analyses(checked, names))).collect();
    let mut selected = Vec::new();
    for ((inputs, checked), (whole, ids)) in sound.into_iter().zip(asked) {
        if !ids.is_empty() {
            let part = checked
                .clone()
                .only(&ids)
                .map_err(|unknown| (unknown.join(", "), String::new()))?;
            selected.push((inputs, part));
        }
        if whole {
            selected.push((inputs, checked));
        }
    }
    Ok(selected)
}

fn has(checked: &CheckedReview, id: &str) -> bool {
    checked.review.entries.iter().any(|entry| entry.id() == id)
}

/// The names of a review and of its analyses in full.
fn names_of(checked: &CheckedReview) -> impl Iterator<Item = String> + '_ {
    let id = &checked.review.id;
    let analyses = checked.review.entries.iter().map(Entry::id);
    let named = analyses.flat_map(move |entry| [entry.to_owned(), format!("{id}/{entry}")]);
    named.chain([id.clone()])
}

/// The ids of the analyses that the names ask for.
fn analyses(checked: &CheckedReview, names: &[String]) -> Vec<String> {
    let id = &checked.review.id;
    let ids = checked.review.entries.iter().map(Entry::id);
    ids.filter(|entry| {
        names
            .iter()
            .any(|name| name == entry || name.split_once('/') == Some((id.as_str(), *entry)))
    })
    .map(str::to_owned)
    .collect()
}
