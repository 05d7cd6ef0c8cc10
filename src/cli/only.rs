//! `--only`: reviews, and analyses of them, by name.

use super::args::BuildArgs;
use super::sound::Sound;
use crate::diagnostic::nearest_hint;

/// The reviews that `--only` asks for: whole under their own id, and with some analyses alone under
/// the ids of these. Without names, all of them.
///
/// # Errors
/// A name that nothing has, and a hint.
pub(super) fn select<'a>(
    sound: Vec<Sound<'a>>,
    args: &BuildArgs,
) -> Result<Vec<Sound<'a>>, (String, String)> {
    let names = &args.only;
    if names.is_empty() {
        return Ok(sound);
    }
    let known: Vec<String> = sound.iter().flat_map(names_of).collect();
    if let Some(name) = names.iter().find(|name| !known.contains(name)) {
        let hint = nearest_hint(name, known.iter().map(String::as_str));
        let message = format!("no analysis or review has the id `{name}`");
        return Err((message, hint));
    }
    // an analysis comes before a review of the same name
    let is_whole = |review: &Sound<'_>| {
        names.contains(&review.id) && !sound.iter().any(|other| other.analyses.contains(&review.id))
    };
    let asked: Vec<(bool, Vec<String>)> =
        sound.iter().map(|review| (is_whole(review), analyses(review, names))).collect();
    let mut selected = Vec::new();
    for (review, (whole, ids)) in sound.into_iter().zip(asked) {
        if !ids.is_empty() {
            selected.push(review.only(&ids, args)?);
        }
        if whole {
            selected.push(review);
        }
    }
    Ok(selected)
}

/// The names of a review and of its analyses in full.
fn names_of<'a>(review: &'a Sound<'_>) -> impl Iterator<Item = String> + 'a {
    let named = review.analyses.iter().flat_map(|id| [id.clone(), format!("{}/{id}", review.id)]);
    named.chain([review.id.clone()])
}

/// The ids of the analyses that the names ask for.
fn analyses(review: &Sound<'_>, names: &[String]) -> Vec<String> {
    let is_asked = |id: &&String| {
        let in_full = |name: &String| name.split_once('/') == Some((&review.id, id));
        names.iter().any(|name| name == *id || in_full(name))
    };
    review.analyses.iter().filter(is_asked).cloned().collect()
}
