//! Patterns of style files: texts in which `{name}` stands for a value, `_x_` slopes and `~x~` is
//! a subscript.

use serde::{Deserialize, Serialize};

/// A text with values in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Pattern(String);

/// Patterns one after the other; one that names a value which there is none of is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Parts(Vec<Pattern>);

/// A piece of text in one form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Run {
    /// Its characters.
    pub text: String,
    /// How they are set.
    pub form: Form,
}

/// How a piece of text is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// As its surroundings.
    Plain,
    /// Sloped.
    Italic,
    /// Below the line.
    Subscript,
}

impl Run {
    /// A piece as its surroundings.
    #[must_use]
    pub fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), form: Form::Plain }
    }
}

impl From<&str> for Pattern {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

/// A text between values, or the name of a value.
enum Piece<'a> {
    Text(&'a str),
    Value(&'a str),
}

impl Pattern {
    /// The text with its values; one that `values` has not stays as it is written.
    #[must_use]
    pub fn fill(&self, values: &[(&str, &str)]) -> String {
        let of_piece = |piece| match piece {
            Piece::Text(text) => text.to_owned(),
            Piece::Value(name) => values
                .iter()
                .find(|(known, _)| *known == name)
                .map_or_else(|| format!("{{{name}}}"), |(_, value)| (*value).to_owned()),
        };
        self.pieces().map(of_piece).collect()
    }

    /// Whether it names this value.
    pub(in crate::report) fn is_of(&self, name: &str) -> bool {
        self.named().contains(&name)
    }

    /// What stands before this value and what stands behind it; without the value, all is before.
    pub(in crate::report) fn around(&self, name: &str) -> [Self; 2] {
        let (before, after) = self.0.split_once(&format!("{{{name}}}")).unwrap_or((&self.0, ""));
        [before.into(), after.into()]
    }

    /// Sets one of its values, for all that is filled in later.
    pub(super) fn set(&mut self, name: &str, value: &str) {
        self.0 = self.fill(&[(name, value)]);
    }

    /// The pieces with their values; `None` where one is missing. Signs of relation keep to what
    /// stands beside them.
    #[must_use]
    pub fn runs(&self, value: impl Fn(&str) -> Option<Vec<Run>>) -> Option<Vec<Run>> {
        let mut runs: Vec<Run> = Vec::new();
        let mut form = Form::Plain;
        for piece in self.pieces() {
            match piece {
                Piece::Text(text) => {
                    let text = text.replace(" = ", "\u{a0}=\u{a0}");
                    for c in text.chars() {
                        match c {
                            '_' => form = toggled(form, Form::Italic),
                            '~' => form = toggled(form, Form::Subscript),
                            c => push(&mut runs, &c.to_string(), form),
                        }
                    }
                }
                Piece::Value(name) => {
                    for run in value(name)? {
                        let form = if run.form == Form::Plain { form } else { run.form };
                        push(&mut runs, &run.text, form);
                    }
                }
            }
        }
        Some(runs)
    }

    /// Whether all `required` values are named, and none but those and the `allowed`.
    pub(super) fn expect(
        &self,
        key: &str,
        required: &[&str],
        allowed: &[&str],
    ) -> Result<(), String> {
        let named = self.named();
        if let Some(missing) = required.iter().find(|name| !named.contains(*name)) {
            return Err(format!("`{key}` does not name `{{{missing}}}`"));
        }
        match named.iter().find(|name| !required.contains(name) && !allowed.contains(name)) {
            Some(unknown) => {
                let known: Vec<String> =
                    required.iter().chain(allowed).map(|name| format!("`{{{name}}}`")).collect();
                let known = known.join(", ");
                Err(format!("`{key}` names `{{{unknown}}}`; there is {known}"))
            }
            None => Ok(()),
        }
    }

    fn named(&self) -> Vec<&str> {
        self.pieces()
            .filter_map(|piece| match piece {
                Piece::Value(name) => Some(name),
                Piece::Text(_) => None,
            })
            .collect()
    }

    fn pieces(&self) -> impl Iterator<Item = Piece<'_>> {
        self.0.split('{').enumerate().flat_map(|(index, part)| {
            let (value, text) = match part.split_once('}') {
                Some((value, text)) if index > 0 => (Some(value), text),
                _ => (None, part),
            };
            value.map(Piece::Value).into_iter().chain([Piece::Text(text)])
        })
    }
}

impl Parts {
    /// The pieces of all parts that have their values, without marks that separate nothing.
    #[must_use]
    pub fn runs(&self, value: impl Fn(&str) -> Option<Vec<Run>>) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        for run in self.0.iter().filter_map(|part| part.runs(&value)).flatten() {
            push(&mut runs, &run.text, run.form);
        }
        let separates = |c: char| matches!(c, ';' | ',' | ' ' | '；' | '，');
        if let Some(first) = runs.first_mut() {
            first.text = first.text.trim_start_matches(separates).to_owned();
        }
        if let Some(last) = runs.last_mut() {
            last.text = last.text.trim_end_matches(separates).to_owned();
        }
        runs.retain(|run| !run.text.is_empty());
        runs
    }

    pub(super) fn expect(&self, key: &str, allowed: &[&str]) -> Result<(), String> {
        self.0.iter().try_for_each(|part| part.expect(key, &[], allowed))
    }
}

fn toggled(form: Form, other: Form) -> Form {
    if form == other { Form::Plain } else { other }
}

fn push(runs: &mut Vec<Run>, text: &str, form: Form) {
    match runs.last_mut() {
        Some(last) if last.form == form => last.text.push_str(text),
        _ => runs.push(Run { text: text.to_owned(), form }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Pattern {
        Pattern(text.to_owned())
    }

    #[test]
    fn values_stand_in_the_form_of_their_place() {
        let value = |name: &str| (name == "df").then(|| vec![Run::plain("6")]);
        let runs = pattern("_χ_²~{df}~ = 1").runs(value).unwrap();
        let forms: Vec<(&str, Form)> =
            runs.iter().map(|run| (run.text.as_str(), run.form)).collect();
        let expected = [
            ("χ", Form::Italic),
            ("²", Form::Plain),
            ("6", Form::Subscript),
            ("\u{a0}=\u{a0}1", Form::Plain),
        ];
        assert_eq!(forms, expected);
    }

    #[test]
    fn a_part_without_its_value_is_left_out_with_its_separator() {
        let parts = Parts(vec![pattern("τ²={tau2}; "), pattern("Q={q}"), pattern("; I²={i2}%")]);
        let text = |known: &'static [&'static str]| -> String {
            let value = |name: &str| known.contains(&name).then(|| vec![Run::plain("1")]);
            parts.runs(value).into_iter().map(|run| run.text).collect()
        };
        assert_eq!(text(&["tau2", "q", "i2"]), "τ²=1; Q=1; I²=1%");
        assert_eq!(text(&["tau2"]), "τ²=1");
        assert_eq!(text(&["i2"]), "I²=1%");
        assert_eq!(text(&[]), "");
    }

    #[test]
    fn a_pattern_names_what_it_must_and_nothing_else() {
        let range = pattern("{lower} to {upper}");
        assert_eq!(range.expect("range", &["lower", "upper"], &[]), Ok(()));
        assert_eq!(range.fill(&[("lower", "1"), ("upper", "2")]), "1 to 2");
        assert!(range.expect("range", &["lower", "upper", "level"], &[]).is_err());
        assert!(range.expect("range", &["lower"], &[]).is_err());
    }
}
