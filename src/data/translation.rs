//! A table of translations: the texts of a review in another language.

use super::rows::Rows;
use super::studies::{Tables, table_of};
use crate::diagnostic::{Code, Diagnostic};
use crate::project::Inputs;
use crate::source::{Place, Spanned};
use crate::spec::{Language, Segment, TextKind, TranslationSpec, segments};
use std::collections::{BTreeMap, BTreeSet};

/// The columns of the table.
pub const TRANSLATION_COLUMNS: [&str; 2] = ["text", "translation"];

/// The translations of a review's texts into one language.
#[derive(Debug, Clone, PartialEq)]
pub struct Translation {
    /// The language.
    pub language: Language,
    /// Where the spec names the table.
    pub place: Place,
    /// The rows by their text, in which any run of white space is one space.
    rows: BTreeMap<String, Row>,
}

#[derive(Debug, Clone, PartialEq)]
struct Row {
    /// Where the text stands in the table.
    place: Place,
    /// The translation; none where the cell is empty.
    translation: Option<String>,
}

/// Reads a table of translations.
///
/// # Errors
/// Columns that are not there, a text that stands twice, a translation that cites other references
/// than its text. A number that the translation does not have is a warning, handed on with the rows.
pub fn read_translation(
    spec: &TranslationSpec,
    inputs: &Inputs,
    tables: &mut Tables,
) -> Result<(Translation, Vec<Diagnostic>), Vec<Diagnostic>> {
    let table = table_of(spec.data, inputs, tables)?;
    let cells = Rows { table, inputs, name: &spec.data_path };
    let mut errors = Vec::new();
    let [text, translation] = TRANSLATION_COLUMNS.map(|name| {
        cells.column(&Spanned { value: name.to_owned(), place: spec.place }, &mut errors)
    });
    let (Some(text_column), Some(column)) = (text, translation) else { return Err(errors) };
    let mut rows: BTreeMap<String, Row> = BTreeMap::new();
    let mut warnings = Vec::new();
    for row in 0..table.row_count() {
        let place = cells.place(row, text_column);
        let text = one_line(cells.cell(row, text_column));
        if text.is_empty() {
            let message = "the row has no text".to_owned();
            errors.push(cells.cell_error(Code::MalformedTable, row, text_column, message));
            continue;
        }
        if let Some(first) = rows.get(&text) {
            let message = "the text stands twice in the table".to_owned();
            errors.push(
                cells
                    .cell_error(Code::DuplicateId, row, text_column, message)
                    .related(first.place, "first here"),
            );
            continue;
        }
        let translation = cells.text(row, Some(column)).map(str::to_owned);
        if let Some(translated) = &translation {
            if citations(&text) != citations(translated) {
                let message = "the translation cites other references than its text".to_owned();
                errors.push(
                    cells
                        .cell_error(Code::WrongTranslation, row, column, message)
                        .related(place, "the text")
                        .help("keep each `[@key]` of the text as it is"),
                );
            }
            if let Some(number) = lost_number(&text, translated) {
                let message = format!("the translation does not have the number {number}");
                warnings.push(
                    cells
                        .cell_error(Code::WrongTranslation, row, column, message)
                        .related(place, "the text")
                        .help("write the number as the text has it, in digits")
                        .as_warning(),
                );
            }
        }
        rows.insert(text, Row { place, translation });
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    Ok((Translation { language: spec.language, place: spec.place, rows }, warnings))
}

/// The keys that a text cites, in alphabetical order.
fn citations(text: &str) -> Vec<&str> {
    let mut keys: Vec<&str> = segments(text)
        .into_iter()
        .flat_map(|segment| match segment {
            Segment::Citation(keys) => keys,
            Segment::Text(_) => Vec::new(),
        })
        .collect();
    keys.sort_unstable();
    keys
}

/// The first number with decimals that a text has and its translation has not.
fn lost_number<'a>(text: &'a str, translation: &str) -> Option<&'a str> {
    if !text.contains('.') {
        return None;
    }
    let mut known = decimals(translation);
    decimals(text).into_iter().find(|number| {
        let at = known.iter().position(|other| other == number);
        at.map(|at| known.remove(at)).is_none()
    })
}

/// The numbers of a text that have decimals.
fn decimals(text: &str) -> Vec<&str> {
    text.split(|c: char| !c.is_ascii_digit() && c != '.')
        .map(|number| number.trim_matches('.'))
        .filter(|number| number.contains('.'))
        .collect()
}

/// A text on one line, as YAML folds it.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a text has a word that a translator would look at: abbreviations, numbers and
/// registry numbers are none.
fn has_word(text: &str) -> bool {
    text.split_whitespace().any(|word| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        word.chars().count() > 1
            && !word.chars().any(|c| c.is_ascii_digit())
            && word.chars().any(|c| c.is_alphabetic() && !c.is_uppercase())
    })
}

/// Goes through the texts of a review with a table of translations, or without one.
#[derive(Debug, Default)]
pub struct Translator<'a> {
    translation: Option<&'a Translation>,
    /// The texts that were met and belong into a table, in their order, once each.
    texts: Vec<String>,
    met: BTreeSet<String>,
}

impl<'a> Translator<'a> {
    /// With the table of a language, if the review has one.
    #[must_use]
    pub fn new(translation: Option<&'a Translation>) -> Self {
        Self { translation, ..Self::default() }
    }

    /// Puts the translation of a text in its place, where the table has one.
    pub fn translate(&mut self, kind: TextKind, text: &mut String) {
        let key = one_line(text);
        let row = self.translation.and_then(|translation| translation.rows.get(&key));
        let belongs = row.is_some() || (kind == TextKind::Words && has_word(&key));
        if belongs && self.met.insert(key.clone()) {
            self.texts.push(key);
        }
        if let Some(translated) = row.and_then(|row| row.translation.as_ref()) {
            text.clone_from(translated);
        }
    }

    /// The texts that were met, in their order, each with its translation.
    #[must_use]
    pub fn texts(&self) -> Vec<(&str, Option<&str>)> {
        let translated = |text: &String| {
            self.translation.and_then(|it| it.rows.get(text)?.translation.as_deref())
        };
        self.texts.iter().map(|text| (text.as_str(), translated(text))).collect()
    }

    /// What a reviewer should look at: texts without a translation, and rows of the table that no
    /// text of the review is.
    #[must_use]
    pub fn warnings(&self) -> Vec<Diagnostic> {
        let Some(translation) = self.translation else { return Vec::new() };
        let texts = self.texts();
        let missing: Vec<&str> =
            texts.iter().filter(|(_, it)| it.is_none()).map(|(text, _)| *text).collect();
        let mut warnings = Vec::new();
        if !missing.is_empty() {
            warnings.push(untranslated(translation, &missing));
        }
        let rows = translation.rows.iter().filter(|(text, _)| !self.met.contains(*text));
        let mut unused: Vec<Place> = rows.map(|(_, row)| row.place).collect();
        unused.sort_unstable();
        warnings.extend(unused.into_iter().map(|place| {
            let message = "no text of the review is this one";
            Diagnostic::error(Code::UnusedTranslation, place, message)
                .as_warning()
                .help("write the text as the review has it, or take the row out")
        }));
        warnings
    }
}

/// So many texts are told by their beginning.
const TOLD: usize = 3;

/// So many characters of a text are told.
const BEGINNING: usize = 40;

fn untranslated(translation: &Translation, missing: &[&str]) -> Diagnostic {
    let tag = translation.language.tag();
    let beginning = |text: &&str| {
        let start: String = text.chars().take(BEGINNING).collect();
        let more = if start.len() < text.len() { "…" } else { "" };
        format!("`{start}{more}`")
    };
    let told: Vec<String> = missing.iter().take(TOLD).map(beginning).collect();
    let more = if missing.len() > TOLD { ", …" } else { "" };
    let count = match missing.len() {
        1 => "1 text has".to_owned(),
        n => format!("{n} texts have"),
    };
    let message = format!("{count} no translation into {tag}: {}{more}", told.join(", "));
    Diagnostic::error(Code::Untranslated, translation.place, message).as_warning().help(format!(
        "`build-report translations REVIEW --language {tag}` prints the table to fill in"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_of_registers_need_no_translation() {
        for text in ["", "23", "–", "MSC", "NCT01775774", "10.1016/j.x", "1/2", "a"] {
            assert!(!has_word(text), "{text}");
        }
        for text in ["Fever", "MSC, any", "2 weeks", "対照", "P1 open"] {
            assert!(has_word(text), "{text}");
        }
    }

    #[test]
    fn a_number_that_is_lost_is_told() {
        assert_eq!(lost_number("0.78 (0.65 to 0.94).", "0.78（0.65～0.94）"), None);
        assert_eq!(lost_number("0.78 and 0.78", "0.78"), Some("0.78"));
        assert_eq!(lost_number("OR 1.38, P 0.036", "OR 1.38，P 0.36"), Some("0.036"));
        assert_eq!(lost_number("two of 10 trials", "十项试验中的两项"), None);
    }

    #[test]
    fn texts_are_one_line() {
        assert_eq!(one_line(" two\n  lines\u{a0}here "), "two lines here");
    }
}
