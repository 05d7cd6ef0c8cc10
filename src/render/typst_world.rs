//! Typst inside the program: a closed world of sources, attachments and fonts, without disk, clock
//! or network.

use super::assets::Assets;
use super::figures::{all, cut_out, label};
use super::{Documents, FIGURES, REPORT, RenderError, Rendered, Written};
use crate::threads::both;
use rayon::prelude::*;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Once, OnceLock};
use typst::diag::{FileError, FileResult, Severity, SourceDiagnostic, SourceResult, Warned};
use typst::foundations::{Bytes, Content, Datetime, Duration, Smart};
use typst::layout::{Frame, FrameItem, GroupItem, Point, Sides};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::{LazyHash, ResolvedPicoStr};
use typst::{Library, LibraryExt, World, WorldExt};
use typst_layout::{Page, PagedDocument};
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};
use typst_svg::SvgOptions;

/// The version of the Typst inside, from the crate itself.
pub(super) fn version() -> String {
    typst::utils::version().raw().to_string()
}

/// Sets the report as PDF and the figures as SVG.
pub(super) fn render(
    documents: &Documents,
    assets: &Assets,
    source: &Written<'_>,
) -> Result<Rendered, RenderError> {
    let own;
    let fonts = if assets.has_own_fonts() {
        own = fonts(assets)?;
        &own
    } else {
        fonts_inside(assets)?
    };
    // what is memoised outlives the reviews that are set at the same time, and no others
    comemo::evict(rayon::current_num_threads());
    let at_work = AtWork::begin();
    let world = ClosedWorld::new(documents, fonts, REPORT)?;
    let report = compile(&world)?;
    let pdf = || typst_pdf::pdf(&report, &pdf_options()?).map_err(|errors| world.error(&errors));
    let figures = || figures_svg(&report, documents, source, fonts);
    let (pdf, figures) =
        if at_work.has_idle_thread() { both(pdf, figures) } else { (pdf(), figures()) };
    drop(at_work);
    Ok(Rendered { pdf: pdf?, figures: figures? })
}

/// Reports that are being set.
static AT_WORK: AtomicUsize = AtomicUsize::new(0);

/// A report that is being set, until it is dropped.
struct AtWork {
    reports: usize,
}

impl AtWork {
    fn begin() -> Self {
        Self { reports: AT_WORK.fetch_add(1, Ordering::Relaxed) + 1 }
    }

    /// Whether each report could have a thread more. Where reports keep all threads at work, a thread
    /// more is only memory.
    fn has_idle_thread(&self) -> bool {
        2 * self.reports <= rayon::current_num_threads()
    }
}

impl Drop for AtWork {
    fn drop(&mut self) {
        AT_WORK.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The fonts inside the program, loaded once.
fn fonts_inside(assets: &Assets) -> Result<&'static Fonts, RenderError> {
    static INSIDE: OnceLock<Result<Fonts, String>> = OnceLock::new();
    let loaded = INSIDE.get_or_init(|| fonts(assets).map_err(|error| error.to_string()));
    loaded.as_ref().map_err(|message| RenderError::Engine(message.clone()))
}

/// Does once what every report needs: loads the fonts, parses Typst's files, and reads the terms of all
/// languages that references are set with. What fails is told by the report.
pub(super) fn warm_up(assets: &Assets) {
    static BEGUN: Once = Once::new();
    BEGUN.call_once(|| {
        if let Ok(fonts) = fonts_inside(assets) {
            let documents = Documents::of_page(CITING.to_owned(), String::new(), assets);
            let _ = ClosedWorld::new(&documents, fonts, REPORT).and_then(|world| compile(&world));
        }
    });
}

/// A page that cites: what Typst needs for it is read once in a process.
const CITING: &str =
    "@a #bibliography(bytes(\"a: {type: misc, title: A}\"), style: \"springer-vancouver\")";

fn figures_svg(
    report: &PagedDocument,
    documents: &Documents,
    source: &Written<'_>,
    fonts: &Fonts,
) -> Result<Vec<String>, RenderError> {
    let mut groups = HashMap::new();
    if documents.cuts_figures {
        for page in report.pages() {
            labelled(&page.frame, &mut groups);
        }
    }
    let from_report = |name: &String| match groups.get(label(name).as_str()).map(Vec::as_slice) {
        Some([group]) => figure_svg(group, name),
        _ => None,
    };
    all(documents, documents.figures.par_iter().map(from_report).collect(), source, |few| {
        let document = compile(&ClosedWorld::new(few, fonts, FIGURES)?)?;
        Ok(document.pages().iter().map(svg).collect())
    })
}

/// The groups of a frame that have labels.
fn labelled<'a>(frame: &'a Frame, groups: &mut HashMap<ResolvedPicoStr, Vec<&'a GroupItem>>) {
    for (_, item) in frame.items() {
        if let FrameItem::Group(group) = item {
            if let Some(label) = group.label {
                groups.entry(label.resolve()).or_default().push(group);
            }
            labelled(&group.frame, groups);
        }
    }
}

/// The figure that a group of a page is. One that is as it was is not drawn again.
#[comemo::memoize]
fn figure_svg(group: &GroupItem, name: &str) -> Option<String> {
    let mut frame = Frame::soft(group.frame.size());
    frame.push(Point::zero(), FrameItem::Group(group.clone()));
    let page = Page {
        frame,
        bleed: Sides::default(),
        fill: Smart::Auto,
        numbering: None,
        supplement: Content::empty(),
        number: 1,
    };
    cut_out(&svg(&page), name)
}

/// A page as SVG. One that is as it was is not drawn again.
#[comemo::memoize]
fn svg(page: &Page) -> String {
    typst_svg::svg(page, &SvgOptions { render_bleed: false, pretty: false })
}

/// PDF/A-3a and PDF/UA-1 in one. A document that sets no date bears the first day of 1970, for
/// what is attached must have a date.
fn pdf_options() -> Result<PdfOptions, RenderError> {
    let standards = PdfStandards::new(&[PdfStandard::A_3a, PdfStandard::Ua_1])
        .map_err(|error| RenderError::Engine(error.message().to_string()))?;
    let epoch = Datetime::from_ymd_hms(1970, 1, 1, 0, 0, 0);
    Ok(PdfOptions { standards, timestamp: epoch.map(Timestamp::new_utc), ..PdfOptions::default() })
}

fn compile(world: &ClosedWorld<'_>) -> Result<PagedDocument, RenderError> {
    let Warned { output, warnings }: Warned<SourceResult<PagedDocument>> = typst::compile(world);
    let document = output.map_err(|errors| world.error(&errors))?;
    // a character that no font has would be lost in print
    if warnings.is_empty() { Ok(document) } else { Err(world.error(&warnings)) }
}

/// A source with its syntax tree. One whose text is as it was is not parsed again, and keeps the hash
/// by which everything that was set from it is found.
#[comemo::memoize]
fn source(id: FileId, text: &str) -> Source {
    Source::new(id, text.to_owned())
}

struct Fonts {
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
}

fn fonts(assets: &Assets) -> Result<Fonts, RenderError> {
    let mut fonts = Vec::new();
    for (path, bytes) in assets.fonts() {
        let bytes = match bytes {
            Cow::Borrowed(bytes) => Bytes::new(*bytes),
            Cow::Owned(bytes) => Bytes::new(bytes.clone()),
        };
        let before = fonts.len();
        fonts.extend(Font::iter(bytes));
        if fonts.len() == before {
            return Err(RenderError::Engine(format!("`{path}` is not a font")));
        }
    }
    Ok(Fonts { book: LazyHash::new(FontBook::from_fonts(&fonts)), fonts })
}

/// All that a compilation can see.
struct ClosedWorld<'a> {
    library: LazyHash<Library>,
    fonts: &'a Fonts,
    main: FileId,
    sources: Vec<Source>,
    files: HashMap<FileId, Bytes>,
}

impl<'a> ClosedWorld<'a> {
    fn new(documents: &Documents, fonts: &'a Fonts, main: &str) -> Result<Self, RenderError> {
        let id = |path: &str| {
            VirtualPath::new(path)
                .map(|path| FileId::new(RootedPath::new(VirtualRoot::Project, path)))
                .map_err(|error| RenderError::Engine(format!("`{path}`: {error:?}")))
        };
        let mut texts = Vec::new();
        for (path, text) in &documents.sources {
            // no document reads the main source of another
            if path == main || ![REPORT, FIGURES].contains(&path.as_str()) {
                texts.push((id(path)?, text));
            }
        }
        let sources = texts.into_par_iter().map(|(id, text)| source(id, text)).collect();
        let mut files = HashMap::new();
        for (path, bytes) in &documents.files {
            files.insert(id(path)?, Bytes::new(bytes.clone()));
        }
        let library = LazyHash::new(Library::default());
        Ok(Self { library, fonts, main: id(main)?, sources, files })
    }

    fn error(&self, diagnostics: &[SourceDiagnostic]) -> RenderError {
        RenderError::Typst(diagnostics.iter().map(|d| self.describe(d)).collect())
    }

    /// `path:line: message (hint)`.
    fn describe(&self, diagnostic: &SourceDiagnostic) -> String {
        let place = diagnostic.span.id().and_then(|id| {
            let range = self.range(diagnostic.span)?;
            let source = self.source(id).ok()?;
            let line = 1 + source.lines().byte_to_line(range.start)?;
            Some(format!("{}:{line}: ", id.get().vpath().get_without_slash()))
        });
        let severity = match diagnostic.severity {
            Severity::Error => "",
            Severity::Warning => "warning: ",
        };
        let hints: String = diagnostic.hints.iter().map(|hint| format!(" ({})", hint.v)).collect();
        format!("{}{severity}{}{hints}", place.unwrap_or_default(), diagnostic.message)
    }
}

impl World for ClosedWorld<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.fonts.book
    }

    fn main(&self) -> FileId {
        self.main
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        self.sources.iter().find(|source| source.id() == id).cloned().ok_or(FileError::AccessDenied)
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        self.files.get(&id).cloned().ok_or(FileError::AccessDenied)
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.fonts.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_that_cites_is_set() {
        let assets = Assets::embedded();
        let documents = Documents::of_page(CITING.to_owned(), String::new(), &assets);
        let world = ClosedWorld::new(&documents, fonts_inside(&assets).unwrap(), REPORT).unwrap();
        assert_eq!(compile(&world).unwrap().pages().len(), 1);
    }
}
