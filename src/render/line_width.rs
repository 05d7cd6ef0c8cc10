//! How wide a line of text is, from the fonts alone. A table whose columns are known beforehand sets
//! each cell once; Typst would set it once to measure the column, once for the row, and once for good.

use super::assets::Assets;
use minijinja::value::{Kwargs, Value, ValueKind};
use minijinja::{Error, ErrorKind};
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use ttf_parser::gsub::{SingleSubstitution, SubstitutionSubtable};
use ttf_parser::{Face, GlyphId, Tag, name_id};

/// The widths of lines in some families, of which each has the characters that those before it lack.
/// Digits are those of tables, which are all of one width.
pub(super) struct LineWidths {
    regular: Weighted,
    bold: Weighted,
}

/// The weight of headings and of what is bold.
const BOLD: u16 = 600;
const REGULAR: u16 = 400;

/// What Typst puts between a Chinese character and a Latin one, in em.
const BETWEEN_SCRIPTS: f64 = 0.25;

/// What kerning may add to a character, in em. It mostly brings letters together, and leaves numbers
/// as they are.
fn kerning(c: char) -> f64 {
    match c {
        '_' | '|' | '\\' => 0.08,
        '(' | ')' | '[' | ']' | '{' | '}' => 0.02,
        c if c.is_alphabetic() && !is_han(c) => 0.023,
        _ => 0.0,
    }
}

impl LineWidths {
    /// Those of `families`, as far as `assets` have them.
    pub(super) fn new(families: &[String], assets: &Assets) -> Self {
        let of = |weight| Weighted::new(families, weight, assets);
        Self { regular: of(REGULAR), bold: of(BOLD) }
    }

    /// An upper limit of the width of a line, in em; none where the text is no line, or has a
    /// character that the families lack.
    pub(super) fn of(&self, line: &str, is_bold: bool) -> Option<f64> {
        let advances = if is_bold { &self.bold } else { &self.regular };
        let mut width = 0.0;
        let mut before = None;
        for c in line.chars() {
            width += advances.of(c)? + kerning(c);
            if before.is_some_and(|before| meet(before, c)) {
                width += BETWEEN_SCRIPTS;
            }
            before = Some(c);
        }
        Some(width)
    }

    /// The filter `line_width`: an upper limit of the width of the widest of some texts, of which
    /// those under `bold` are bold; none where one is no line, or cites.
    pub(super) fn widest(&self, texts: &Value, more: &Kwargs) -> Result<Value, Error> {
        let bold: Option<Value> = more.get("bold")?;
        more.assert_all_used()?;
        let mut widest = 0.0_f64;
        for (texts, is_bold) in [(Some(texts), false), (bold.as_ref(), true)] {
            for text in texts.map_or_else(|| Ok(Vec::new()), lines)? {
                let width = if text.contains("[@") { None } else { self.of(&text, is_bold) };
                let Some(width) = width else { return Ok(Value::from(())) };
                widest = widest.max(width);
            }
        }
        Ok(Value::from((widest * 1000.0).ceil() / 1000.0))
    }
}

/// A text, or the texts of a list; what is none has no text.
fn lines(value: &Value) -> Result<Vec<String>, Error> {
    match value.kind() {
        ValueKind::String => Ok(vec![value.to_string()]),
        ValueKind::None | ValueKind::Undefined => Ok(Vec::new()),
        ValueKind::Seq | ValueKind::Iterable => {
            let texts: Result<Vec<_>, _> = value.try_iter()?.map(|value| lines(&value)).collect();
            texts.map(|texts| texts.concat())
        }
        kind => {
            let message = format!("a value of kind {kind} is no line");
            Err(Error::new(ErrorKind::InvalidOperation, message))
        }
    }
}

/// Whether Typst puts a space between two characters, of which one is Chinese.
fn meet(left: char, right: char) -> bool {
    is_han(left) != is_han(right)
}

fn is_han(c: char) -> bool {
    c >= '\u{2e80}'
}

/// The faces of some families that are nearest to one weight.
struct Weighted {
    faces: Vec<Cow<'static, [u8]>>,
    known: Mutex<HashMap<char, Option<f64>>>,
}

impl Weighted {
    fn new(families: &[String], weight: u16, assets: &Assets) -> Self {
        let mut faces = Vec::new();
        for family in families {
            let nearest = assets
                .fonts()
                .filter_map(|(_, bytes)| {
                    let face = Face::parse(bytes, 0).ok()?;
                    let is_asked = !face.is_italic() && has_name(&face, family);
                    is_asked.then(|| (face.weight().to_number().abs_diff(weight), bytes))
                })
                .min_by_key(|(distance, _)| *distance);
            faces.extend(nearest.map(|(_, bytes)| bytes.clone()));
        }
        Self { faces, known: Mutex::default() }
    }

    /// How far a character moves on, in em.
    fn of(&self, c: char) -> Option<f64> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        *known.entry(c).or_insert_with(|| {
            self.faces.iter().find_map(|bytes| advance(&Face::parse(bytes, 0).ok()?, c))
        })
    }
}

fn has_name(face: &Face<'_>, family: &str) -> bool {
    face.names().into_iter().any(|name| {
        matches!(name.name_id, name_id::FAMILY | name_id::TYPOGRAPHIC_FAMILY)
            && name.to_string().is_some_and(|name| name.eq_ignore_ascii_case(family))
    })
}

fn advance(face: &Face<'_>, c: char) -> Option<f64> {
    let glyph = face.glyph_index(c)?;
    let units = face.glyph_hor_advance(tabular(face, glyph).unwrap_or(glyph))?;
    Some(f64::from(units) / f64::from(face.units_per_em()))
}

/// What the feature `tnum` puts in a glyph's place.
fn tabular(face: &Face<'_>, glyph: GlyphId) -> Option<GlyphId> {
    let table = face.tables().gsub?;
    let feature = table.features.find(Tag::from_bytes(b"tnum"))?;
    feature.lookup_indices.into_iter().filter_map(|index| table.lookups.get(index)).find_map(
        |lookup| {
            let subtables = lookup.subtables.into_iter::<SubstitutionSubtable<'_>>();
            subtables.into_iter().find_map(|subtable| match subtable {
                SubstitutionSubtable::Single(single) => substitute(single, glyph),
                _ => None,
            })
        },
    )
}

fn substitute(single: SingleSubstitution<'_>, glyph: GlyphId) -> Option<GlyphId> {
    let index = single.coverage().get(glyph)?;
    match single {
        SingleSubstitution::Format1 { delta, .. } => {
            Some(GlyphId(glyph.0.wrapping_add_signed(delta)))
        }
        SingleSubstitution::Format2 { substitutes, .. } => substitutes.get(index),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn widths(families: &[&str]) -> LineWidths {
        let families: Vec<String> = families.iter().map(|family| (*family).to_owned()).collect();
        LineWidths::new(&families, &Assets::embedded())
    }

    #[test]
    fn digits_are_those_of_tables() {
        let inter = widths(&["Inter"]);
        for is_bold in [false, true] {
            let digits = "0123456789".chars().filter_map(|c| inter.of(&c.to_string(), is_bold));
            let digits: Vec<f64> = digits.collect();
            assert_eq!(digits.len(), 10);
            // a figure 4 of Inter is a thousandth narrower
            assert!(digits.iter().all(|width| (width - digits[1]).abs() < 0.002), "{digits:?}");
        }
        assert!(inter.of("Total", true) > inter.of("Total", false));
    }

    #[test]
    fn what_is_no_line_has_no_width() {
        let inter = widths(&["Inter"]);
        assert_eq!(inter.of("", false), Some(0.0));
        assert_eq!(inter.of("a\nb", false), None);
        assert_eq!(inter.of("数", false), None);
        assert!(widths(&["Inter", "Noto Sans CJK SC"]).of("数", false).is_some());
    }

    /// Typst itself says that no line is wider, and that the limit is a near one.
    #[cfg(feature = "embedded-typst")]
    #[test]
    fn typst_sets_no_line_wider() {
        use crate::render::{Documents, Engine};
        use std::fmt::Write as _;
        let assets = Assets::embedded();
        let families = ["Inter", "Noto Sans CJK TC", "Noto Sans CJK SC"];
        let known = widths(&families);
        let mut lines: Vec<String> = Vec::new();
        for language in ["en", "zh-Hans", "zh-Hant"] {
            let labels = assets.text(&format!("labels/{language}.yaml")).unwrap_or_default();
            let values = labels.lines().filter_map(|line| line.split_once(": "));
            // lists are no lines of print
            let printed = values.map(|(_, value)| value.trim()).filter(|it| !it.starts_with('['));
            lines.extend(printed.map(str::to_owned));
        }
        for left in ["L", "t", "i", "(", "r", "Y", "G", "K", "_", "1"] {
            lines.extend(
                ["A", "T", "f", "j", "h", ")", "y", "_", "2"].map(|it| format!("{left}{it}")),
            );
        }
        lines.extend(
            [
                "0.76 [0.35, 1.66]",
                "12/1 234",
                "-0.05",
                "<0.001",
                "72.9 %",
                "Zhu 2021（中国）",
                "τ²",
            ]
            .map(str::to_owned),
        );
        lines.sort();
        lines.dedup();
        let mut source = String::from(
            "#let line(text-of, weight, limit) = { set text(weight: weight)\n context {\n \
             let width = measure(text-of).width / 10pt\n \
             assert(width <= limit + 0.001, message: text-of + str(width) + \" > \" + str(limit))\n \
             assert(limit <= width * 1.12 + 0.8, message: text-of + \" leaves too much\") } }\n\
             #set document(title: \"t\", date: auto)\n",
        );
        let list = families.map(|family| format!("\"{family}\"")).join(", ");
        let _ = writeln!(
            source,
            "#set text(font: ({list}), size: 10pt, number-width: \"tabular\", features: (calt: 0))"
        );
        let mut known_lines = 0;
        for line in &lines {
            for (is_bold, weight) in [(false, 400), (true, 600), (true, 700)] {
                let Some(limit) = known.of(line, is_bold) else { continue };
                let literal = crate::render::template::string_literal(line);
                let _ = writeln!(source, "#line({literal}, {weight}, {limit})");
                known_lines += 1;
            }
        }
        assert!(known_lines > 600, "{known_lines}");
        let typefaces =
            format!("#let (sans, serif, strong-serif) = (({list}), ({list}), ({list}))");
        let documents = Documents::of_page(source, typefaces, &assets);
        Engine::Embedded.render(&documents, &assets).map(|_| ()).expect("no line is wider");
    }
}
