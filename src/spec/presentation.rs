//! The language of a report, and its house style.

use crate::source::Place;

/// Language of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// Chinese in simplified characters, with the terms of mainland China.
    SimplifiedChinese,
    /// Chinese in traditional characters, with the terms of Taiwan.
    TraditionalChinese,
}

impl Language {
    /// All languages.
    pub const ALL: [Self; 3] = [Self::English, Self::SimplifiedChinese, Self::TraditionalChinese];

    /// Its BCP 47 tag: the name of its labels, of its folder of prose and in specs.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::SimplifiedChinese => "zh-Hans",
            Self::TraditionalChinese => "zh-Hant",
        }
    }
}

/// The name of a house style: that of its file in `templates/styles/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StyleName {
    /// The name.
    pub name: String,
    /// Where the spec says so, if it does.
    pub place: Option<Place>,
}

impl Default for StyleName {
    fn default() -> Self {
        Self { name: "major".to_owned(), place: None }
    }
}
