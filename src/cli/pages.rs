//! What each message means: the pages of `build-report explain`.

use crate::render::assets::Assets;
use crate::spec::read_settings;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The pages, by code.
const PAGES: &str = "explain/en.yaml";

/// Every page.
#[derive(Debug)]
pub(super) struct Pages(BTreeMap<String, Page>);

/// What one code means.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Page {
    /// In a few words.
    pub(super) title: String,
    /// In a few sentences.
    pub(super) means: String,
    /// What it looks like, or what brings it about.
    #[serde(default)]
    pub(super) example: String,
    /// The way out.
    pub(super) mend: String,
}

impl Pages {
    /// Reads the pages inside the program.
    pub(super) fn read() -> Result<Self, String> {
        let assets = Assets::embedded();
        let text = assets.text(PAGES).unwrap_or_default();
        read_settings(text).map(Self).map_err(|error| format!("`{PAGES}`: {error}"))
    }

    pub(super) fn get(&self, code: &str) -> Option<&Page> {
        self.0.get(code)
    }

    /// Codes and pages: errors, then findings.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Page)> {
        let of = |letter| self.0.iter().filter(move |(code, _)| code.starts_with(letter));
        of('E').chain(of('C')).map(|(code, page)| (code.as_str(), page))
    }
}

impl Page {
    /// Everything but the title.
    pub(super) fn text(&self) -> String {
        let mut text = format!("{}\n", self.means.trim_end());
        let example = self.example.trim_end();
        if !example.is_empty() {
            text.push_str(&format!("\nExample\n  {}\n", example.replace('\n', "\n  ")));
        }
        text.push_str(&format!("\nTo mend it\n  {}\n", self.mend.trim_end()));
        text
    }
}
