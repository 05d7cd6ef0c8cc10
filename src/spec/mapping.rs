//! Typed reading of the mappings of a spec; every mistake is told with its place.

use super::claim::{Bound, Printed};
use super::yaml::{Node, Value};
use crate::diagnostic::{Code, Diagnostic, nearest_hint};
use crate::source::{Place, Spanned, one_line};

/// The keys that have a value, whether or not it could be read: what was read wrongly is told once
/// and is not missing as well.
#[derive(Debug, Default, Clone)]
pub(super) struct Written(Vec<String>);

impl Written {
    pub(super) fn contains(&self, key: &str) -> bool {
        self.0.iter().any(|written| written == key)
    }

    pub(super) fn and(mut self, other: &Self) -> Self {
        self.0.extend(other.0.iter().cloned());
        self
    }
}

/// A mapping being read: keys that nothing asked for are errors at the end.
pub(super) struct Mapping<'a> {
    what: &'a str,
    place: Place,
    entries: Vec<(Spanned<String>, &'a Node)>,
    taken: Vec<bool>,
    asked: Vec<&'static str>,
}

impl<'a> Mapping<'a> {
    pub(super) fn open(
        node: &'a Node,
        what: &'a str,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        if node.value == Value::Null {
            let message = format!("{what} is empty");
            diagnostics.push(
                Diagnostic::error(Code::WrongType, node.place, message)
                    .label("expected a mapping of keys to values"),
            );
            return None;
        }
        let Value::Mapping(entries) = &node.value else {
            diagnostics.push(wrong_type(node, what, "a mapping of keys to values"));
            return None;
        };
        let entries: Vec<_> =
            entries.iter().filter_map(|(key, value)| Some((scalar(key)?, value))).collect();
        let taken = vec![false; entries.len()];
        Some(Self { what, place: node.place, entries, taken, asked: Vec::new() })
    }

    /// The value of a key, if it is there and not null.
    pub(super) fn take(&mut self, key: &'static str) -> Option<&'a Node> {
        self.asked.push(key);
        let index = self.entries.iter().position(|(name, _)| name.value == key)?;
        self.taken[index] = true;
        let node = self.entries[index].1;
        (node.value != Value::Null).then_some(node)
    }

    pub(super) fn written(&self) -> Written {
        let has_value = |node: &Node| node.value != Value::Null;
        let keys = self.entries.iter().filter(|(_, node)| has_value(node));
        Written(keys.map(|(key, _)| key.value.clone()).collect())
    }

    pub(super) fn mapping(
        &mut self,
        key: &'static str,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Mapping<'a>> {
        let node = self.take(key)?;
        Mapping::open(node, key, diagnostics)
    }

    pub(super) fn text(
        &mut self,
        key: &'static str,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Spanned<String>> {
        let node = self.take(key)?;
        expect_scalar(node, key, diagnostics)
    }

    /// A text that is printed on one line, see [`one_line`].
    pub(super) fn line(
        &mut self,
        key: &'static str,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Spanned<String>> {
        let text = self.text(key, diagnostics)?;
        Some(Spanned { value: one_line(&text.value), place: text.place })
    }

    /// One text, or a list of texts.
    pub(super) fn spanned_texts(
        &mut self,
        key: &'static str,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Vec<Spanned<String>> {
        match self.take(key) {
            None => Vec::new(),
            Some(Node { value: Value::Sequence(items), .. }) => {
                items.iter().filter_map(|item| expect_scalar(item, key, diagnostics)).collect()
            }
            Some(node) => expect_scalar(node, key, diagnostics).into_iter().collect(),
        }
    }

    pub(super) fn texts(
        &mut self,
        key: &'static str,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Vec<String> {
        self.spanned_texts(key, diagnostics).into_iter().map(|text| text.value).collect()
    }

    pub(super) fn number(
        &mut self,
        key: &'static str,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<f64> {
        let text = self.text(key, diagnostics)?;
        let number = text.value.parse::<f64>().ok().filter(|number| number.is_finite());
        match number {
            Some(number) if number >= 0.0 => Some(number),
            _ => {
                diagnostics.push(
                    Diagnostic::error(
                        Code::WrongType,
                        text.place,
                        format!("`{key}` is `{}`", text.value),
                    )
                    .label("expected a number of 0 or more"),
                );
                None
            }
        }
    }

    /// A number of either sign.
    pub(super) fn signed_number(
        &mut self,
        key: &'static str,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<f64> {
        let text = self.text(key, diagnostics)?;
        let number = text.value.parse::<f64>().ok().filter(|number| number.is_finite());
        if number.is_none() {
            diagnostics.push(
                Diagnostic::error(
                    Code::WrongType,
                    text.place,
                    format!("`{key}` is `{}`", text.value),
                )
                .label("expected a number"),
            );
        }
        number
    }

    /// Where a key stands that has a value.
    pub(super) fn key_place(&self, key: &str) -> Option<Place> {
        let has_value = |node: &Node| node.value != Value::Null;
        let found = self.entries.iter().find(|(name, node)| name.value == key && has_value(node));
        found.map(|(name, _)| name.place)
    }

    /// Where the mapping stands.
    pub(super) fn place(&self) -> Place {
        self.place
    }

    /// A percentage strictly between 0 and 100, as a fraction.
    pub(super) fn percent(
        &mut self,
        key: &'static str,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<f64> {
        let text = self.text(key, diagnostics)?;
        let number = text.value.parse::<f64>().ok();
        let percent = number.filter(|number| (50.0..=99.9).contains(number));
        if percent.is_none() {
            diagnostics.push(
                Diagnostic::error(
                    Code::WrongType,
                    text.place,
                    format!("`{key}` is `{}`", text.value),
                )
                .label("expected a percentage from 50 to 99.9"),
            );
        }
        percent.map(|percent| percent / 100.0)
    }

    pub(super) fn boolean(
        &mut self,
        key: &'static str,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<bool> {
        self.choice(key, &[("true", true), ("false", false)], diagnostics)
    }

    pub(super) fn choice<T: Clone>(
        &mut self,
        key: &'static str,
        choices: &[(&'static str, T)],
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<T> {
        self.spanned_choice(key, choices, diagnostics).map(|choice| choice.value)
    }

    pub(super) fn spanned_choice<T: Clone>(
        &mut self,
        key: &'static str,
        choices: &[(&'static str, T)],
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Spanned<T>> {
        self.likely_choice(key, choices, choices.iter().map(|(name, _)| *name), diagnostics)
    }

    /// A choice. What is none of the `choices` is held against the `likely` names of theirs.
    pub(super) fn likely_choice<T: Clone>(
        &mut self,
        key: &'static str,
        choices: &[(&'static str, T)],
        likely: impl IntoIterator<Item = &'static str>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Spanned<T>> {
        let text = self.text(key, diagnostics)?;
        let found = choices.iter().find(|(name, _)| *name == text.value);
        match found {
            Some((_, choice)) => Some(text.map(|_| choice.clone())),
            None => {
                let hint = nearest_hint(&text.value, likely);
                diagnostics.push(
                    Diagnostic::error(
                        Code::UnknownChoice,
                        text.place,
                        format!("`{key}` has no choice `{}`", text.value),
                    )
                    .help(hint),
                );
                None
            }
        }
    }

    pub(super) fn required_choice<T: Clone>(
        &mut self,
        key: &'static str,
        choices: &[(&'static str, T)],
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<T> {
        if !self.entries.iter().any(|(name, _)| name.value == key) {
            let names = choices.iter().map(|(name, _)| *name);
            diagnostics.push(
                Diagnostic::error(
                    Code::MissingKey,
                    self.place,
                    format!("`{}` has no `{key}`", self.what),
                )
                .help(nearest_hint("", names)),
            );
        }
        self.choice(key, choices, diagnostics)
    }

    /// A number as it was printed, perhaps with `<` or `>` before it.
    pub(super) fn printed(
        &mut self,
        key: &'static str,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Printed> {
        let text = self.text(key, diagnostics)?;
        let trimmed = text.value.trim();
        let (bound, digits) = match trimmed.chars().next() {
            Some('<') => (Bound::Below, trimmed[1..].trim()),
            Some('>') => (Bound::Above, trimmed[1..].trim()),
            _ => (Bound::Exact, trimmed),
        };
        let value = digits.parse::<f64>().ok().filter(|value| value.is_finite());
        if value.is_none() {
            diagnostics.push(
                Diagnostic::error(
                    Code::WrongType,
                    text.place,
                    format!("`{key}` is `{}`", text.value),
                )
                .label("expected a printed number such as 0.201, -0.02 or \"<0.001\""),
            );
        }
        let place = text.place;
        value.map(|value| Printed { text: digits.to_owned(), bound, value, place })
    }

    /// A printed number that counts something.
    pub(super) fn printed_count(
        &mut self,
        key: &'static str,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Printed> {
        let printed = self.printed(key, diagnostics)?;
        if printed.value.fract() != 0.0 {
            let message = format!("`{key}` is `{}`", printed.text);
            diagnostics.push(
                Diagnostic::error(Code::WrongType, printed.place, message)
                    .label("expected a whole number")
                    .help(
                        "what is counted is whole: correct it, and write thousands without a mark",
                    ),
            );
            return None;
        }
        Some(printed)
    }

    /// Reports the keys that nothing asked for.
    pub(super) fn close(self, diagnostics: &mut Vec<Diagnostic>) {
        for ((key, _), taken) in self.entries.iter().zip(&self.taken) {
            if !taken {
                diagnostics.push(
                    Diagnostic::error(
                        Code::UnknownKey,
                        key.place,
                        format!("unknown key `{}`", key.value),
                    )
                    .help(nearest_hint(&key.value, self.asked.iter().copied())),
                );
            }
        }
    }
}

pub(super) fn scalar(node: &Node) -> Option<Spanned<String>> {
    match &node.value {
        Value::Scalar(text) => Some(Spanned { value: text.clone(), place: node.place }),
        _ => None,
    }
}

pub(super) fn expect_scalar(
    node: &Node,
    key: &str,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Spanned<String>> {
    let text = scalar(node);
    if text.is_none() {
        diagnostics.push(wrong_type(node, &format!("`{key}`"), "a single value"));
    }
    text
}

pub(super) fn wrong_type(node: &Node, what: &str, expected: &str) -> Diagnostic {
    Diagnostic::error(Code::WrongType, node.place, format!("{what} is {}", node.value.kind()))
        .label(format!("expected {expected}"))
}
