//! Views to documents: templates to Typst, Typst to PDF and SVG.

pub mod assets;
mod figures;
pub mod glyphs;
mod line_width;
mod markup;
pub mod own;
pub mod pages;
mod refused;
pub mod template;
mod tracks;
mod typst_program;
#[cfg(feature = "embedded-typst")]
mod typst_world;

#[cfg(feature = "embedded-typst")]
use crate::threads::beside;
use assets::Assets;
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

/// What sets the documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Engine {
    /// Typst inside this program.
    #[cfg(feature = "embedded-typst")]
    Embedded,
    /// The `typst` program at this path, or of this name.
    Program(PathBuf),
}

/// Sources of the documents of one report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Documents {
    /// Typst sources by path: `report.typ`, the files that it imports, and `figures.typ` unless it is
    /// written only where it is needed.
    pub sources: BTreeMap<String, String>,
    /// Other files that the report's source reads, by path: those that it attaches.
    pub files: BTreeMap<String, Vec<u8>>,
    /// The names of the figures, in the order of the pages of `figures.typ`.
    pub figures: Vec<String>,
    /// Whether figures are cut out of the report where a page of it has them whole.
    pub cuts_figures: bool,
}

/// The main source of the report.
pub const REPORT: &str = "report.typ";
/// The main source of the figures, one a page.
pub const FIGURES: &str = "figures.typ";
/// What every part of a document imports.
const PREAMBLE: &str = "preamble.typ";
/// The font families of the language, which the style imports.
pub const TYPEFACES: &str = "typefaces.typ";

/// What writes a source when it is needed.
pub type Written<'a> = dyn Fn() -> Result<String, RenderError> + Sync + 'a;

/// A set report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The report as PDF/A-3a and PDF/UA-1 in one.
    pub pdf: Vec<u8>,
    /// The figures as SVG, in the order of [`Documents::figures`].
    pub figures: Vec<String>,
}

/// Why a report could not be set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RenderError {
    /// Typst's messages about the sources.
    Typst(Vec<String>),
    /// The engine could not be run.
    Engine(String),
}

impl fmt::Display for RenderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Typst(messages) => f.write_str(&messages.join("\n")),
            Self::Engine(message) => f.write_str(message),
        }
    }
}

impl std::error::Error for RenderError {}

impl Documents {
    /// Documents of one source without figures, with the Typst files of `assets` beside it.
    #[must_use]
    pub fn of_page(source: String, typefaces: String, assets: &Assets) -> Self {
        let mut sources: BTreeMap<String, String> = assets
            .iter()
            .filter(|(path, _)| path.ends_with(".typ"))
            .filter_map(|(path, _)| Some((path.to_owned(), assets.text(path)?.to_owned())))
            .collect();
        sources.insert(REPORT.to_owned(), source);
        sources.insert(TYPEFACES.to_owned(), typefaces);
        Self { sources, ..Self::default() }
    }
}

impl Engine {
    /// The engine that a build uses unless told otherwise.
    #[must_use]
    pub fn default_engine() -> Self {
        #[cfg(feature = "embedded-typst")]
        return Self::Embedded;
        #[cfg(not(feature = "embedded-typst"))]
        return Self::Program(PathBuf::from("typst"));
    }

    /// The version of Typst, such as `0.15.1`.
    ///
    /// # Errors
    /// If the program cannot be run.
    pub fn version(&self) -> Result<String, RenderError> {
        match self {
            #[cfg(feature = "embedded-typst")]
            Self::Embedded => Ok(typst_world::version()),
            Self::Program(path) => typst_program::version(path),
        }
    }

    /// Begins, beside other work, what every report needs of the engine.
    pub fn warm_up(&self, assets: &Assets) {
        #[cfg(feature = "embedded-typst")]
        if *self == Self::Embedded && !assets.has_own_fonts() {
            let assets = assets.clone();
            beside(move || typst_world::warm_up(&assets));
        }
        #[cfg(not(feature = "embedded-typst"))]
        let _ = assets;
    }

    /// Sets the documents with the fonts of `assets` and no others.
    ///
    /// # Errors
    /// If Typst refuses the sources, warns of a character that no font has, or cannot be run; or
    /// if the report lacks what PDF/A-3a or PDF/UA-1 demand, such as a title.
    pub fn render(&self, documents: &Documents, assets: &Assets) -> Result<Rendered, RenderError> {
        self.render_with(documents, assets, &|| Ok(String::new()))
    }

    /// The same, where `figures` writes `figures.typ` if the documents lack it and a figure is not whole
    /// on a page of the report.
    ///
    /// # Errors
    /// As [`Self::render`], and what `figures` returns.
    pub fn render_with(
        &self,
        documents: &Documents,
        assets: &Assets,
        figures: &Written<'_>,
    ) -> Result<Rendered, RenderError> {
        match self {
            #[cfg(feature = "embedded-typst")]
            Self::Embedded => typst_world::render(documents, assets, figures),
            Self::Program(path) => typst_program::render(path, documents, assets, figures),
        }
    }
}
