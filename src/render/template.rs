//! Templates to Typst sources. Every value that a template prints becomes a Typst string literal,
//! so that no text of the input is ever read as markup.

use super::assets::Assets;
use super::figures::{ALL, WANTED};
use super::line_width::LineWidths;
use super::own::At;
use super::tracks::with_known_tracks;
use super::{Documents, FIGURES, PREAMBLE, REPORT, TYPEFACES};
use crate::diagnostic::{Code, Diagnostic, Location};
use crate::report::style::{HouseStyle, Pattern, Words};
use crate::report::view::{FileView, ReportView};
use crate::report::works::KEY_PREFIX;
use crate::source::{Sources, Span};
use crate::spec::{Language, Node, Segment, Value as SpecValue, segments, without_citations};
use crate::threads::both;
use minijinja::value::{Kwargs, Serde, Value, ValueKind};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

/// The sources of a report and of its figures, without the files that they attach.
///
/// # Errors
/// A template that fails: a name it uses is not in the view or the labels, or it is no template.
pub fn documents(
    view: &ReportView,
    file: &FileView,
    language: Language,
    assets: &Assets,
) -> Result<Documents, Box<Diagnostic>> {
    Templates::read(language, &view.style, assets)?.documents(view, file, true)
}

/// The source of the figures, each on a page of its own.
///
/// # Errors
/// As [`documents`].
pub fn figures(
    view: &ReportView,
    file: &FileView,
    language: Language,
    assets: &Assets,
) -> Result<String, Box<Diagnostic>> {
    let mut templates = Templates::read(language, &view.style, assets)?;
    templates.cite_works_of(view);
    let sources = templates.sources(
        &[FIGURES],
        citations_beside(view),
        &context(view, file, &templates.labels),
    )?;
    Ok(sources.into_values().collect())
}

/// What becomes of citations in what has no list of references, though the report may have one.
fn citations_beside(view: &ReportView) -> Option<Citations> {
    has_list(view).then_some(Citations::LeftOut)
}

fn has_list(view: &ReportView) -> bool {
    view.references.as_ref().is_some_and(|it| it.author.is_some())
}

fn context(view: &ReportView, file: &FileView, labels: &Value) -> Value {
    minijinja::context! {
        report => Value::from(Serde(view)),
        file => Value::from(Serde(file)),
        t => labels.clone(),
    }
}

/// Templates that were read, and the labels that they print.
pub struct Templates<'a> {
    environment: Environment<'a>,
    labels: Value,
    /// The sources that documents include, by their paths.
    parts: Arc<Mutex<BTreeMap<String, String>>>,
    assets: &'a Assets,
}

impl<'a> Templates<'a> {
    /// Those of `assets`, with the words of a language and a house style.
    ///
    /// # Errors
    /// What is no template, and labels that cannot be read.
    pub fn read(
        language: Language,
        style: &HouseStyle,
        assets: &'a Assets,
    ) -> Result<Self, Box<Diagnostic>> {
        let labels = labels(language, &style.words, assets)?;
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|_| AutoEscape::Custom("typst".into()));
        environment.set_formatter(print_value);
        // errors then know the words that they are about
        environment.set_debug(true);
        environment.add_filter("code", code);
        environment.add_filter("unprinted", unprinted);
        environment.add_filter("fill", fill);
        // a style of the user's own may set tables in other families, or with more room
        let is_style_known = [STYLE, TYPEFACES_TEMPLATE].iter().all(|path| assets.is_inside(path));
        let families = if is_style_known { sans_families(&labels) } else { Vec::new() };
        let widths = Arc::new(LineWidths::new(&families, assets));
        let of_lines = Arc::clone(&widths);
        environment.add_filter("line_width", move |texts: &Value, more: Kwargs| {
            of_lines.widest(texts, &more)
        });
        environment.add_filter("known_tracks", move |call: &str, room: Option<f64>| {
            let room = room.unwrap_or(TEXT_WIDTH) * POINTS_PER_CM;
            let known = is_style_known.then(|| with_known_tracks(call, room, &widths));
            Value::from_safe_string(known.unwrap_or_else(|| call.to_owned()))
        });
        environment.add_filter("capitalised", capitalised);
        let parts = Arc::<Mutex<BTreeMap<String, String>>>::default();
        let found = Arc::clone(&parts);
        environment.add_filter("part", move |markup: &str, name: &str| part(&found, markup, name));
        for (path, _) in assets.iter().filter(|(path, _)| path.ends_with(".jinja")) {
            let source = assets.text(path).ok_or_else(|| assets.not_text("template", path))?;
            environment
                .add_template(path, source)
                .map_err(|error| template_error(&error, assets))?;
        }
        Ok(Self { environment, labels, parts, assets })
    }

    /// The sources of a report, as [`documents`]; those of its figures only if `with_figures` says so, or
    /// if they have a template of the user's own.
    ///
    /// # Errors
    /// A template that fails.
    pub fn documents(
        mut self,
        view: &ReportView,
        file: &FileView,
        with_figures: bool,
    ) -> Result<Documents, Box<Diagnostic>> {
        let cuts_figures = self.assets.is_inside(&format!("{FIGURES}.jinja"));
        self.cite_works_of(view);
        let numbers = Numbers::of(self.assets);
        self.environment.add_filter("numbered", move |kind: &str| numbers.next(kind));
        let context = context(view, file, &self.labels);
        let (report, others) = both(
            || self.sources(&[REPORT], has_list(view).then_some(Citations::Printed), &context),
            || {
                let documents = [PREAMBLE, TYPEFACES, FIGURES];
                let asked = if with_figures || !cuts_figures { 3 } else { 2 };
                self.sources(&documents[..asked], citations_beside(view), &context)
            },
        );
        let mut sources = report?;
        sources.append(&mut others?);
        let assets = self.assets;
        for (path, _) in assets.iter().filter(|(path, _)| path.ends_with(".typ")) {
            let source = assets.text(path).ok_or_else(|| assets.not_text("template", path))?;
            sources.insert(path.to_owned(), source.to_owned());
        }
        sources.append(&mut self.parts.lock().unwrap_or_else(PoisonError::into_inner));
        sources.insert(WANTED.to_owned(), ALL.to_owned());
        Ok(Documents {
            sources,
            files: BTreeMap::new(),
            figures: view.figure_names(),
            cuts_figures,
        })
    }

    /// Adds the filter `cite`, by the references of a report.
    fn cite_works_of(&mut self, view: &ReportView) {
        let stand_ins = view.references.as_ref().map(|it| it.stand_ins.clone()).unwrap_or_default();
        self.environment.add_filter("cite", move |state: &State, keys: Vec<String>| {
            cite(Citations::of(state), &keys, &stand_ins)
        });
    }

    /// What some documents' templates make of the context, where citations become what is said, or
    /// stay words.
    fn sources(
        &self,
        documents: &[&str],
        citations: Option<Citations>,
        context: &Value,
    ) -> Result<BTreeMap<String, String>, Box<Diagnostic>> {
        let mut environment = self.environment.clone();
        environment.add_global(CITATIONS, citations.unwrap_or(Citations::Words) as u8);
        let source = |document: &&str| {
            let text = environment
                .get_template(&format!("{document}.jinja"))
                .and_then(|template| template.render(context))
                .map_err(|error| template_error(&error, self.assets))?;
            Ok(((*document).to_owned(), text))
        };
        documents.iter().map(source).collect()
    }
}

/// What tables and figures are set with.
const STYLE: &str = "style.typ";
const TYPEFACES_TEMPLATE: &str = "typefaces.typ.jinja";

/// The width of text on an upright page, in centimetres; `text-width` of `style.typ`.
const TEXT_WIDTH: f64 = 17.0;
const POINTS_PER_CM: f64 = 72.0 / 2.54;

/// The families of tables and plots, by their names.
fn sans_families(labels: &Value) -> Vec<String> {
    let families = labels.get_attr("typefaces").and_then(|families| families.get_attr("sans"));
    families
        .and_then(|families| Ok(families.try_iter()?.map(|family| family.to_string()).collect()))
        .unwrap_or_default()
}

/// The labels of a language, with a house style's own words in their place.
pub(super) fn labels(
    language: Language,
    words: &BTreeMap<String, Words>,
    assets: &Assets,
) -> Result<Value, Box<Diagnostic>> {
    let tree = label_tree(language, assets)?;
    label_value(&tree, words.get(language.tag()), "words").map_err(|message| {
        let message = format!("the style's {message}");
        let error = Diagnostic::program_error(Code::Template, message);
        Box::new(error.help("`words` of a style has labels of the program, under their own keys"))
    })
}

fn label_tree(language: Language, assets: &Assets) -> Result<Node, Box<Diagnostic>> {
    label_tree_at(&format!("labels/{}.yaml", language.tag()), assets)
}

pub(super) fn label_tree_at(path: &str, assets: &Assets) -> Result<Node, Box<Diagnostic>> {
    let text = assets.text(path).ok_or_else(|| assets.not_text("file of labels", path))?;
    let mut sources = Sources::default();
    let source = sources.add(path.to_owned(), text.to_owned());
    crate::spec::parse(&sources, source).map_err(|error| {
        let at = match error.location {
            Location::Place(place) => At::Bytes(place.span),
            _ => At::File,
        };
        assets.fault("file of labels", path, at, &error.message)
    })
}

/// What a language puts between the limits of an interval where a style sets a word there.
///
/// # Errors
/// Labels that cannot be read, or have no such word.
pub fn interval_to(language: Language, assets: &Assets) -> Result<String, Box<Diagnostic>> {
    if let SpecValue::Mapping(entries) = label_tree(language, assets)?.value {
        for (key, value) in entries {
            if let (SpecValue::Scalar(key), SpecValue::Scalar(word)) = (key.value, value.value)
                && key == "interval_to"
            {
                return Ok(word);
            }
        }
    }
    let path = format!("labels/{}.yaml", language.tag());
    Err(assets.fault("file of labels", &path, At::File, "it has no `interval_to`"))
}

/// A label or labels, with `words` in their place.
pub(super) fn label_value(node: &Node, words: Option<&Words>, path: &str) -> Result<Value, String> {
    Ok(match (&node.value, words) {
        (SpecValue::Mapping(entries), Some(Words::Labels(words))) => {
            let is_label = |key: &String| {
                entries.iter().any(|(known, _)| known.value == SpecValue::Scalar(key.clone()))
            };
            if let Some(key) = words.keys().find(|key| !is_label(key)) {
                return Err(format!("`{path}` has `{key}`, which is no label"));
            }
            label_map(entries, |key| words.get(key), path)?
        }
        (SpecValue::Mapping(entries), None) => label_map(entries, |_| None, path)?,
        (SpecValue::Null | SpecValue::Scalar(_), Some(Words::Label(word))) => {
            Value::from(word.as_str())
        }
        (SpecValue::Null, None) => Value::from(""),
        (SpecValue::Scalar(text), None) => Value::from(text.as_str()),
        (SpecValue::Sequence(items), None) => {
            let items: Result<Vec<Value>, String> =
                items.iter().map(|item| label_value(item, None, path)).collect();
            items?.into_iter().collect()
        }
        (value, Some(_)) => return Err(format!("`{path}` is not {}", value.kind())),
    })
}

fn label_map<'a>(
    entries: &[(Node, Node)],
    words: impl Fn(&str) -> Option<&'a Words>,
    path: &str,
) -> Result<Value, String> {
    let mut labels = Vec::new();
    for (key, value) in entries {
        let SpecValue::Scalar(key) = &key.value else { continue };
        let value = label_value(value, words(key), &format!("{path}.{key}"))?;
        labels.push((Value::from(key.as_str()), value));
    }
    Ok(Value::from_pairs(labels))
}

/// The filter `part`: keeps markup as a source of its own, which the document includes. What has not
/// changed since the last build of a process is then not set again.
fn part(parts: &Mutex<BTreeMap<String, String>>, markup: &str, name: &str) -> Value {
    let path = format!("parts/{name}.typ");
    let include = Value::from_safe_string(format!("#include {}", string_literal(&path)));
    let source = format!("#import \"../{PREAMBLE}\": *\n\n{markup}");
    parts.lock().unwrap_or_else(PoisonError::into_inner).insert(path, source);
    include
}

/// How many figures of each kind there were so far; none where a template of the user's own may have
/// others, which only Typst counts.
struct Numbers(Option<Mutex<BTreeMap<String, usize>>>);

impl Numbers {
    fn of(assets: &Assets) -> Self {
        let is_markup = |path: &str| path.ends_with(".jinja") || path.ends_with(".typ");
        let has_own = assets.own_paths().any(is_markup);
        Self((!has_own).then(Mutex::default))
    }

    /// The filter `numbered`: a kind of figure as arguments of `figure`, with the figure's number.
    fn next(&self, kind: &str) -> Value {
        let Some(numbers) = &self.0 else {
            return Value::from_safe_string(format!("kind: {kind}"));
        };
        let mut numbers = numbers.lock().unwrap_or_else(PoisonError::into_inner);
        let number = numbers.entry(kind.to_owned()).or_default();
        *number += 1;
        Value::from_safe_string(format!("kind: {kind}, numbering: numbered(\"{number}\")"))
    }
}

/// The filter `fill`: a pattern of a style with the values given.
fn fill(pattern: &str, values: Kwargs) -> Result<String, Error> {
    let mut known = Vec::new();
    for name in values.args() {
        known.push((name, values.get::<String>(name)?));
    }
    let known: Vec<(&str, &str)> =
        known.iter().map(|(name, value)| (*name, value.as_str())).collect();
    Ok(Pattern::from(pattern).fill(&known))
}

/// Prints a value in markup: markup that a template made as it is, all else as a literal. The
/// semicolon ends the expression, whatever stands behind it.
pub(super) fn print_value(
    output: &mut Output<'_>,
    state: &mut State<'_, '_>,
    value: &Value,
) -> Result<(), Error> {
    if value.is_safe() {
        return write_text(output, value.as_str().unwrap_or_default());
    }
    match value.kind() {
        ValueKind::String => {
            let text = value.as_str().unwrap_or_default();
            write_text(output, &markup(text, Citations::of(state)))
        }
        ValueKind::Number => write_text(output, &value.to_string()),
        kind => Err(Error::new(
            ErrorKind::BadEscape,
            format!("a value of kind {kind} cannot be printed in `{}`", state.name()),
        )),
    }
}

/// Typst markup that prints a text.
fn markup(text: &str, citations: Citations) -> String {
    // a line break of Windows is one break, and a tab has no width of its own
    let text = &text.replace("\r\n", "\n").replace('\t', " ");
    let literal = |text: &str| format!("#{};", string_literal(text));
    match citations {
        Citations::Words => literal(text),
        Citations::Printed if text.is_empty() => literal(text),
        Citations::LeftOut => literal(&without_citations(text)),
        Citations::Printed => segments(text)
            .into_iter()
            .map(|segment| match segment {
                Segment::Text(text) => literal(text),
                Segment::Citation(keys) => keys.into_iter().map(citation).collect(),
            })
            .collect(),
    }
}

/// Typst markup that cites a reference.
fn citation(key: &str) -> String {
    format!("#cite(label({}));", string_literal(key))
}

/// The filter `cite`: references by their keys; a work that the report cites by itself may have an
/// entry of the author's in its place.
fn cite(
    citations: Citations,
    keys: &[String],
    stand_ins: &BTreeMap<&'static str, String>,
) -> Value {
    let is_listed = |key: &&String| match citations {
        Citations::Printed => true,
        Citations::Words => key.starts_with(KEY_PREFIX),
        Citations::LeftOut => false,
    };
    let cited = keys.iter().filter(is_listed);
    let cited = cited.map(|key| citation(stand_ins.get(key.as_str()).unwrap_or(key)));
    Value::from_safe_string(cited.collect())
}

/// What becomes of the citations in an author's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Citations {
    /// There is no list of references: they are words.
    Words,
    /// They are printed.
    Printed,
    /// They are left out.
    LeftOut,
}

/// The name of the global that holds what becomes of citations.
const CITATIONS: &str = "citations";

impl Citations {
    fn of(state: &State<'_, '_>) -> Self {
        match state.lookup(CITATIONS).and_then(|value| u8::try_from(value).ok()) {
            Some(value) if value == Self::Printed as u8 => Self::Printed,
            Some(value) if value == Self::LeftOut as u8 => Self::LeftOut,
            _ => Self::Words,
        }
    }

    /// A text that is handed to a function, which prints no citation.
    fn bare(self, text: &str) -> Cow<'_, str> {
        match self {
            Self::Words => Cow::Borrowed(text),
            Self::Printed | Self::LeftOut => without_citations(text),
        }
    }
}

pub(super) fn write_text(output: &mut Output<'_>, text: &str) -> Result<(), Error> {
    output.write_str(text).map_err(Error::from)
}

/// The filter `code`: a value as a Typst expression, for the arguments of functions. Typst reads large
/// data as JSON, which is many times faster than an expression of the same data.
pub(super) fn code(state: &State<'_, '_>, value: &Value) -> Result<Value, Error> {
    let citations = Citations::of(state);
    let mut text = String::new();
    if let (ValueKind::Map | ValueKind::Seq, Ok(json)) =
        (value.kind(), serde_json::to_string(value))
        && json.len() > LARGE
        && (citations == Citations::Words || !json.contains("[@"))
    {
        text.push_str("json(bytes(");
        write_literal(&mut text, &json);
        text.push_str("))");
    } else {
        write_code(&mut text, value, citations)?;
    }
    Ok(Value::from_safe_string(text))
}

/// The length of data that are large, in bytes.
const LARGE: usize = 256;

/// The filter `unprinted`: text as a Typst expression in ASCII, so that nobody asks the fonts for
/// the glyphs of what is not printed. Control characters are replaced.
fn unprinted(text: &str) -> Value {
    let literal = string_literal(&text.replace(char::is_control, "_"));
    Value::from_safe_string(literal.chars().fold(String::new(), |mut ascii, c| {
        if c.is_ascii() {
            ascii.push(c);
        } else {
            let _ = write!(ascii, "\\u{{{:x}}}", u32::from(c));
        }
        ascii
    }))
}

/// The filter `capitalised`: a text whose first word begins with a capital. What is no Latin word of
/// small letters, as `mRNA`, `p53` or `α-fetoprotein`, stays as it is.
fn capitalised(text: &str) -> String {
    let mut rest = text.chars();
    let first = rest.next().filter(|first| *first < '\u{250}');
    let is_word = rest.clone().next().is_none_or(|c| c.is_lowercase() || c.is_whitespace());
    match first.filter(|_| is_word) {
        Some(first) => first.to_uppercase().chain(rest).collect(),
        None => text.to_owned(),
    }
}

fn write_code(out: &mut String, value: &Value, citations: Citations) -> Result<(), Error> {
    match value.kind() {
        ValueKind::None => out.push_str("none"),
        ValueKind::Bool => out.push_str(if value.is_true() { "true" } else { "false" }),
        ValueKind::Number => {
            let _ = write!(out, "{value}");
        }
        ValueKind::String => {
            write_literal(out, &citations.bare(value.as_str().unwrap_or_default()));
        }
        ValueKind::Seq | ValueKind::Iterable => {
            out.push('(');
            for item in value.try_iter()? {
                write_code(out, &item, citations)?;
                // a list of one needs its comma
                out.push(',');
            }
            out.push(')');
        }
        ValueKind::Map => {
            out.push('(');
            let mut is_empty = true;
            for key in value.try_iter()? {
                is_empty = false;
                write_code(out, &key, citations)?;
                out.push(':');
                write_code(out, &value.get_item(&key)?, citations)?;
                out.push(',');
            }
            out.push_str(if is_empty { ":)" } else { ")" });
        }
        kind => {
            return Err(Error::new(
                ErrorKind::BadSerialization,
                format!("a value of kind {kind} has no Typst form"),
            ));
        }
    }
    Ok(())
}

/// A Typst string literal that evaluates to `text`, whatever it holds.
#[must_use]
pub fn string_literal(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    write_literal(&mut literal, text);
    literal
}

fn write_literal(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

/// The innermost error of a chain of includes: the one that knows the template and the line.
pub(super) fn template_error(error: &Error, assets: &Assets) -> Box<Diagnostic> {
    let mut innermost = error;
    let mut cause = std::error::Error::source(error);
    while let Some(source) = cause {
        if let Some(inner) = source.downcast_ref::<Error>() {
            innermost = inner;
        }
        cause = source.source();
    }
    let name = innermost.name().unwrap_or("report.typ.jinja");
    let at = match (innermost.range(), innermost.line()) {
        (Some(range), _) if !range.is_empty() => {
            At::Bytes(Span { start: range.start, end: range.end })
        }
        (_, Some(line)) => At::Line(line),
        (_, None) => At::File,
    };
    let written = || {
        let expression = innermost.template_source()?.get(innermost.range()?)?;
        (innermost.kind() == ErrorKind::UndefinedError)
            .then(|| format!("`{expression}` is undefined"))
    };
    let reason = innermost
        .detail()
        .map(str::to_owned)
        .or_else(written)
        .unwrap_or_else(|| innermost.kind().to_string());
    assets.fault("template", name, at, &reason)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_width_of_text_is_that_of_the_style() {
        let assets = super::Assets::embedded();
        let width = format!("#let text-width = {}cm\n", super::TEXT_WIDTH);
        assert!(assets.text(super::STYLE).unwrap().contains(&width));
    }

    use super::{CITATIONS, Citations, capitalised, string_literal, unprinted};
    use minijinja::Environment;

    #[test]
    fn a_first_word_is_capitalised_unless_it_has_a_case_of_its_own() {
        let cases = [("mean difference", "Mean difference"), ("pH", "pH"), ("p53", "p53")];
        for (text, expected) in cases {
            assert_eq!(capitalised(text), expected);
        }
        assert_eq!(capitalised("α-fetoprotein"), "α-fetoprotein");
        assert_eq!(capitalised("énergie"), "Énergie");
        assert_eq!(capitalised(""), "");
    }

    #[test]
    fn large_data_are_json_and_cite_nothing() {
        let printed = |text: &str, citations: Citations| {
            let mut environment = Environment::new();
            environment.add_filter("code", super::code);
            environment.add_global(CITATIONS, citations as u8);
            let rows = vec![text.to_owned(); 40];
            environment.render_str("{{ rows | code }}", minijinja::context! { rows }).unwrap()
        };
        let large = printed("a \"b\"", Citations::Printed);
        assert!(large.starts_with(r#"json(bytes("[\"a \\\"b\\\"\","#), "{large}");
        let words = printed("Li [@li]", Citations::Words);
        assert!(words.starts_with("json(") && words.contains("[@li]"), "{words}");
        let cited = printed("Li [@li]", Citations::Printed);
        assert!(cited.starts_with(r#"("Li","Li","#), "{cited}");
    }

    #[test]
    fn literals_hold_hostile_text() {
        assert_eq!(
            string_literal(r#"#read("/etc/passwd") \ "#),
            r##""#read(\"/etc/passwd\") \\ ""##
        );
        assert_eq!(string_literal("a\nb\0"), r#""a\u{a}b\u{0}""#);
        assert_eq!(unprinted("\"数据").as_str(), Some(r#""\"\u{6570}\u{636e}""#));
    }
}
