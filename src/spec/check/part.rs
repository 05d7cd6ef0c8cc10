//! Keys that must be there.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::{Place, Spanned};
use crate::spec::file::ColumnsFile;
use crate::spec::mapping::Written;

/// A file, or a part of it, in which keys are looked for.
pub(super) struct Part<'a> {
    name: &'a str,
    place: Place,
    written: Option<&'a Written>,
    missing: Vec<&'static str>,
    help: &'static str,
}

impl<'a> Part<'a> {
    pub(super) fn new(name: &'a str, place: Place, written: &'a Written) -> Self {
        let help =
            "write it here; all but `id` and `title` may stand under `defaults` in `review.yaml`";
        Self { name, place, written: Some(written), missing: Vec::new(), help }
    }

    /// The columns of an analysis, whose file stands at `place`.
    pub(super) fn of_columns(place: Place) -> Self {
        let help =
            "name the column of each role in `columns`, here or under `defaults` in `review.yaml`";
        Self { name: "`columns`", place, written: None, missing: Vec::new(), help }
    }

    /// The same with another way out.
    pub(super) fn with_help(self, help: &'static str) -> Self {
        Self { help, ..self }
    }

    /// Notes a role as missing unless it is written.
    pub(super) fn require_role(&mut self, columns: &ColumnsFile, role: &'static str) {
        if columns.get(role).is_none() && !columns.is_written(role) {
            self.missing.push(role);
        }
    }

    /// Notes `key` as missing unless it has a value that could not be read.
    pub(super) fn require<T>(
        &mut self,
        value: Option<Spanned<T>>,
        key: &'static str,
    ) -> Option<Spanned<T>> {
        if value.is_none() && !self.written.is_some_and(|written| written.contains(key)) {
            self.missing.push(key);
        }
        value
    }

    /// Notes a key as missing.
    pub(super) fn missing(&mut self, key: &'static str) {
        self.missing.push(key);
    }

    /// One message for all keys that are missing.
    pub(super) fn report_missing(self, diagnostics: &mut Vec<Diagnostic>) {
        if !self.missing.is_empty() {
            let keys: Vec<String> = self.missing.iter().map(|key| format!("`{key}`")).collect();
            let message = format!("{} has no {}", self.name, keys.join(", no "));
            let error = Diagnostic::error(Code::MissingKey, self.place, message);
            diagnostics.push(error.help(self.help));
        }
    }
}
