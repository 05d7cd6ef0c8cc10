//! Specs as written: every key optional, every value with its place.

mod about;
mod analysis;
mod certainty;
mod chapters;
mod claim;
mod columns;
mod conventions;
mod encoding;
mod evidence;
mod figures;
mod filter;
mod model;
mod protocol;
mod small_study;
mod tables;
mod updates;

pub(super) use about::AboutFile;
pub(super) use analysis::{AnalysisFile, KindFile, OTHER_KINDS, VarianceType};
pub(super) use chapters::ChapterFile;
pub(super) use columns::{ColumnsFile, EstimatesFile, roles};
pub(super) use conventions::{ConventionsFile, STANDARDISED_VARIANCES};
pub(super) use evidence::BiasFile;
pub(super) use model::{METHODS, MethodFile, ModelFile};
pub(super) use small_study::SmallStudyFile;
pub(super) use tables::TableFile;

use super::conventions::Profile;
use super::mapping::{Mapping, Written};
use super::presentation::Language;
use super::yaml::Node;
use crate::diagnostic::Diagnostic;
use crate::source::Spanned;

/// `self` with `defaults` where it says nothing, field by field.
macro_rules! inherit {
    ($own:expr, $defaults:expr, { $($field:ident),* $(,)? }) => {
        Self { $($field: $own.$field.or_else(|| $defaults.$field.clone()),)* }
    };
}
use inherit;

/// `review.yaml`.
#[derive(Debug, Default)]
pub(super) struct ReviewFile {
    pub(super) id: Option<Spanned<String>>,
    pub(super) version: Option<Spanned<String>>,
    pub(super) title: Option<Spanned<String>>,
    pub(super) authors: Vec<String>,
    pub(super) date: Option<Spanned<String>>,
    pub(super) about: Vec<String>,
    pub(super) language: Option<Language>,
    pub(super) translations: Vec<(Language, Spanned<String>)>,
    /// The files that an encoding is declared for.
    pub(super) encoded: Vec<Spanned<String>>,
    pub(super) profile: Option<Profile>,
    pub(super) style: Option<Spanned<String>>,
    pub(super) flow: Option<Spanned<String>>,
    pub(super) risk_of_bias: Option<BiasFile>,
    pub(super) references: Option<Spanned<String>>,
    pub(super) claims: Option<Spanned<String>>,
    pub(super) about_studies: AboutFile,
    pub(super) defaults: AnalysisFile,
    pub(super) order: Vec<Spanned<String>>,
    pub(super) chapters: Vec<ChapterFile>,
    pub(super) written: Written,
}

impl ReviewFile {
    /// Reads the tree of a `review.yaml`.
    pub(super) fn read(node: &Node, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let Some(mut map) = Mapping::open(node, "a review", diagnostics) else {
            return Self::default();
        };
        let file = Self {
            id: map.text("id", diagnostics),
            version: map.text("version", diagnostics),
            title: map.line("title", diagnostics),
            authors: map.texts("authors", diagnostics),
            date: map.text("date", diagnostics),
            about: map.texts("about", diagnostics),
            language: map.choice(
                "language",
                &Language::ALL.map(|language| (language.tag(), language)),
                diagnostics,
            ),
            translations: map
                .mapping("translations", diagnostics)
                .map_or_else(Vec::new, |map| translations(map, diagnostics)),
            encoded: map
                .take("encoding")
                .map(|node| encoding::read(node, diagnostics))
                .unwrap_or_default(),
            profile: map.choice(
                "profile",
                &Profile::ALL.map(|profile| (profile.name(), profile)),
                diagnostics,
            ),
            style: map.text("style", diagnostics),
            flow: map.text("flow", diagnostics),
            risk_of_bias: map
                .mapping("risk_of_bias", diagnostics)
                .and_then(|map| BiasFile::read(map, diagnostics)),
            references: map.text("references", diagnostics),
            claims: map.text("claims", diagnostics),
            about_studies: AboutFile::read(&mut map, diagnostics),
            defaults: map.take("defaults").map_or_else(AnalysisFile::default, |node| {
                AnalysisFile::read_defaults(node, diagnostics)
            }),
            order: map.spanned_texts("order", diagnostics),
            chapters: chapters::read(&mut map, diagnostics),
            written: map.written(),
        };
        map.close(diagnostics);
        file
    }
}

/// The paths of the tables by their language.
fn translations(
    mut map: Mapping<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<(Language, Spanned<String>)> {
    let tables = Language::ALL
        .into_iter()
        .filter_map(|language| Some((language, map.text(language.tag(), diagnostics)?)))
        .collect();
    map.close(diagnostics);
    tables
}
