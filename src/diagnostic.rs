//! Messages about the input: what was found, what was expected, and where.

use crate::source::{Place, Sources};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing is built.
    Error,
    /// The build goes on; `--strict` makes it an error.
    Warning,
    /// Something to know.
    Note,
}

/// The kind of a message; its number never changes its meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Code {
    /// A file cannot be read.
    Unreadable,
    /// A file is not UTF-8.
    NotUtf8,
    /// A named file is not there.
    MissingFile,
    /// A path leaves the review folder.
    OutsideReview,
    /// The text is not YAML.
    YamlSyntax,
    /// The YAML is nested too deeply or unfolds to too much.
    YamlBudget,
    /// A key that nothing reads.
    UnknownKey,
    /// A value of another type than expected.
    WrongType,
    /// A word that is not among the choices.
    UnknownChoice,
    /// A key that must be there is not.
    MissingKey,
    /// Two things have one name.
    DuplicateId,
    /// A value that is understood, but not possible here.
    Impossible,
    /// The table has no such column.
    MissingColumn,
    /// The text is not a table.
    MalformedTable,
    /// A cell that is not a count.
    NotACount,
    /// More events than participants.
    EventsAboveTotal,
    /// A study stands twice in one analysis.
    DuplicateStudy,
    /// A filter leaves no row.
    EmptyFilter,
    /// A cell that is not a number, or not one that can be.
    NotANumber,
    /// A control group that several rows share.
    SharedControl,
    /// An interval that does not belong to its estimate.
    WrongInterval,
    /// Numbers that do not add up.
    DoesNotAddUp,
    /// Studies that stand in one table and not in another.
    Unmatched,
    /// A citation of a reference that the list does not have.
    UnknownReference,
    /// A list of references that cannot be read.
    MalformedBibliography,
    /// A translation that cites or counts otherwise than its text.
    WrongTranslation,
    /// A table that is not plain CSV, and was read all the same.
    Untidy,
    /// `1,234` where nothing says what the comma is.
    OpenNumber,
    /// A day in place of a number.
    SpreadsheetDay,
    /// Two names that differ in nothing that matters.
    AlikeNames,
    /// A mark for a missing value that is read as a name.
    MissingMark,
    /// A standard deviation that is hardly one.
    Spread,
    /// A template cannot be used.
    Template,
    /// The report cannot be set.
    Typesetting,
    /// A character that no font has.
    MissingGlyph,
    /// An accepted finding that is not there.
    UnusedAcceptance,
    /// A reference that nothing cites.
    UncitedReference,
    /// Texts that have no translation.
    Untranslated,
    /// A translation of a text that is not there.
    UnusedTranslation,
    /// A template that nothing uses.
    UnusedTemplate,
    /// The inputs of a released version changed.
    Released,
    /// A kept version is not what was written.
    Damaged,
    /// A version is not ready to be released.
    NotCurrent,
    /// A kept version does not rebuild.
    DoesNotRebuild,
    /// There is no version of this name.
    NoVersion,
    /// The output folder refuses.
    OutputFolder,
    /// Changes that nobody has decided on.
    Undecided,
    /// Versions that were built apart and do not belong together.
    Parts,
    /// A finding of the consistency check, by the code of its rule.
    Finding(&'static str),
}

impl Code {
    /// Every code but those of findings.
    pub const ALL: [Self; 48] = [
        Self::Unreadable,
        Self::NotUtf8,
        Self::MissingFile,
        Self::OutsideReview,
        Self::YamlSyntax,
        Self::YamlBudget,
        Self::UnknownKey,
        Self::WrongType,
        Self::UnknownChoice,
        Self::MissingKey,
        Self::DuplicateId,
        Self::Impossible,
        Self::MissingColumn,
        Self::MalformedTable,
        Self::NotACount,
        Self::EventsAboveTotal,
        Self::DuplicateStudy,
        Self::EmptyFilter,
        Self::NotANumber,
        Self::SharedControl,
        Self::WrongInterval,
        Self::DoesNotAddUp,
        Self::Unmatched,
        Self::UnknownReference,
        Self::MalformedBibliography,
        Self::WrongTranslation,
        Self::Untidy,
        Self::OpenNumber,
        Self::SpreadsheetDay,
        Self::AlikeNames,
        Self::MissingMark,
        Self::Spread,
        Self::Template,
        Self::Typesetting,
        Self::MissingGlyph,
        Self::UnusedAcceptance,
        Self::UncitedReference,
        Self::Untranslated,
        Self::UnusedTranslation,
        Self::UnusedTemplate,
        Self::Released,
        Self::Damaged,
        Self::NotCurrent,
        Self::DoesNotRebuild,
        Self::NoVersion,
        Self::OutputFolder,
        Self::Undecided,
        Self::Parts,
    ];

    /// The code as printed: `E` and four digits, the first two by stage.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unreadable => "E0101",
            Self::NotUtf8 => "E0102",
            Self::MissingFile => "E0103",
            Self::OutsideReview => "E0104",
            Self::YamlSyntax => "E0201",
            Self::YamlBudget => "E0202",
            Self::UnknownKey => "E0203",
            Self::WrongType => "E0204",
            Self::UnknownChoice => "E0205",
            Self::MissingKey => "E0206",
            Self::DuplicateId => "E0207",
            Self::Impossible => "E0208",
            Self::MissingColumn => "E0301",
            Self::MalformedTable => "E0302",
            Self::NotACount => "E0303",
            Self::EventsAboveTotal => "E0304",
            Self::DuplicateStudy => "E0305",
            Self::EmptyFilter => "E0306",
            Self::NotANumber => "E0307",
            Self::SharedControl => "E0308",
            Self::WrongInterval => "E0309",
            Self::DoesNotAddUp => "E0310",
            Self::Unmatched => "E0311",
            Self::UnknownReference => "E0312",
            Self::MalformedBibliography => "E0313",
            Self::WrongTranslation => "E0314",
            Self::Untidy => "E0315",
            Self::OpenNumber => "E0316",
            Self::SpreadsheetDay => "E0317",
            Self::AlikeNames => "E0318",
            Self::MissingMark => "E0319",
            Self::Spread => "E0320",
            Self::Template => "E0401",
            Self::Typesetting => "E0402",
            Self::MissingGlyph => "E0403",
            Self::UnusedAcceptance => "E0501",
            Self::UncitedReference => "E0502",
            Self::Untranslated => "E0503",
            Self::UnusedTranslation => "E0504",
            Self::UnusedTemplate => "E0505",
            Self::Released => "E0601",
            Self::Damaged => "E0602",
            Self::NotCurrent => "E0603",
            Self::DoesNotRebuild => "E0604",
            Self::NoVersion => "E0605",
            Self::OutputFolder => "E0606",
            Self::Undecided => "E0607",
            Self::Parts => "E0608",
            Self::Finding(code) => code,
        }
    }
}

/// Where a message points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A place in a text that was read.
    Place(Place),
    /// A file, by its path below the review folder.
    File(String),
    /// A place in a template, a style or labels of the user's own; the text has the file's path.
    Template(Sources, Place),
    /// Nothing that the user wrote: a template inside the program, or the engine.
    Program,
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its kind.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// Where it points.
    pub location: Location,
    /// What is wrong: lower case, no full stop, literals in backticks.
    pub message: String,
    /// What stands beside the marked text, if anything.
    pub label: Option<String>,
    /// Other places that matter, each with its label.
    pub related: Vec<(Place, String)>,
    /// One hint that can be acted on.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error at a place.
    #[must_use]
    pub fn error(code: Code, place: Place, message: impl Into<String>) -> Self {
        Self::new(code, Location::Place(place), message.into())
    }

    /// An error about a file as a whole.
    #[must_use]
    pub fn file_error(code: Code, file: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(code, Location::File(file.into()), message.into())
    }

    /// An error at a place in a template of the user's own.
    #[must_use]
    pub fn template_error(
        code: Code,
        sources: Sources,
        place: Place,
        message: impl Into<String>,
    ) -> Self {
        Self::new(code, Location::Template(sources, place), message.into())
    }

    /// An error about something that is not in the review.
    #[must_use]
    pub fn program_error(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Location::Program, message.into())
    }

    fn new(code: Code, location: Location, message: String) -> Self {
        Self {
            code,
            severity: Severity::Error,
            location,
            message,
            label: None,
            related: Vec::new(),
            help: None,
        }
    }

    /// The same message as a warning.
    #[must_use]
    pub fn as_warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }

    /// The same message as a note.
    #[must_use]
    pub fn as_note(mut self) -> Self {
        self.severity = Severity::Note;
        self
    }

    /// With words beside the marked text.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// With another place that matters.
    #[must_use]
    pub fn related(mut self, place: Place, label: impl Into<String>) -> Self {
        self.related.push((place, label.into()));
        self
    }

    /// With a hint.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// A hint that names the nearest of `valid`, if one is near, and lists them all.
#[must_use]
pub fn nearest_hint<'a>(found: &str, valid: impl IntoIterator<Item = &'a str>) -> String {
    /// A longer list helps nobody.
    const MOST: usize = 100;
    let (valid, more) = {
        let mut valid: Vec<&str> = valid.into_iter().collect();
        let more = valid.len().saturating_sub(MOST);
        valid.truncate(MOST);
        valid.retain(|name| name.len() <= LONGEST_NAME);
        (valid, more)
    };
    let nearest = nearest(found, valid.iter().copied());
    let mut all = valid.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    if more > 0 {
        all.push_str(&format!(" and {more} more"));
    }
    match nearest {
        Some(name) => format!("did you mean `{name}`? valid here: {all}"),
        None => format!("valid here: {all}"),
    }
}

/// A longer name is no slip of the pen of another.
const LONGEST_NAME: usize = 200;

/// The nearest of `valid`, if one is near.
#[must_use]
pub fn nearest<'a>(found: &str, valid: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let small = found.to_lowercase();
    let distances = valid
        .into_iter()
        .filter(|name| found.len() <= LONGEST_NAME && name.len() <= LONGEST_NAME)
        .map(|name| (strsim::damerau_levenshtein(&small, &name.to_lowercase()), name));
    let (distance, name) = distances.min()?;
    (distance <= 1 + name.chars().count() / 3).then_some(name)
}

/// Whether any message is an error.
#[must_use]
pub fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
}
