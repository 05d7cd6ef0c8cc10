//! Typst sources as templates write them, read far enough to know what a cell holds.

use super::line_width::LineWidths;

/// What a cell holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Text {
    /// An upper limit of the width of its widest line, in em.
    pub(super) width: f64,
    /// Whether it is one line.
    pub(super) is_line: bool,
}

/// The width of the marks of footnotes, each and together, in em.
const MARK: f64 = 0.7;
/// The width of the letter of the P value, in em.
const LETTER: f64 = 0.9;

/// The place behind the bracket that closes the one at `open`.
pub(super) fn closing(text: &str, open: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let close = match bytes.get(open)? {
        b'(' => b')',
        b'{' => b'}',
        b'[' => return closing_content(text, open),
        _ => return None,
    };
    let mut at = open + 1;
    loop {
        match bytes.get(at)? {
            b'"' => at = behind_literal(text, at)?,
            b'(' | b'[' | b'{' => at = closing(text, at)?,
            byte if *byte == close => return Some(at + 1),
            b')' | b']' | b'}' => return None,
            _ => at += 1,
        }
    }
}

/// The same for markup, where brackets and quotes are text unless code begins.
fn closing_content(text: &str, open: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = open + 1;
    loop {
        match bytes.get(at)? {
            b'\\' => at += 1 + text.get(at + 1..)?.chars().next()?.len_utf8(),
            b'#' => at = behind_code(text, at)?,
            b'[' => at = closing_content(text, at)?,
            b']' => return Some(at + 1),
            _ => at += 1,
        }
    }
}

/// The place behind a literal or a call that begins with `#`.
fn behind_code(text: &str, hash: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = hash + 1;
    if bytes.get(at) == Some(&b'"') {
        return behind_literal(text, at);
    }
    while bytes.get(at).is_some_and(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte)) {
        at += 1;
    }
    while matches!(bytes.get(at), Some(b'(' | b'[')) {
        at = closing(text, at)?;
    }
    Some(at)
}

/// The literal that is all of some markup, as `"a"` is all of `[#"a";]`.
pub(super) fn only_literal(markup: &str) -> Option<&str> {
    let literal = markup.strip_prefix("[#")?.strip_suffix(";]")?;
    (literal.starts_with('"') && behind_literal(literal, 0)? == literal.len()).then_some(literal)
}

/// The place behind a string literal.
fn behind_literal(text: &str, quote: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = quote + 1;
    loop {
        match bytes.get(at)? {
            b'\\' => at += 2,
            b'"' => return Some(at + 1),
            _ => at += 1,
        }
    }
}

/// The items of a list, without the brackets around it.
pub(super) fn items(list: &str) -> Option<Vec<&str>> {
    let bytes = list.as_bytes();
    let (mut items, mut from, mut at) = (Vec::new(), 0, 0);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => at = behind_literal(list, at)?,
            b'(' | b'[' | b'{' => at = closing(list, at)?,
            b',' => {
                items.push(list[from..at].trim());
                at += 1;
                from = at;
            }
            _ => at += 1,
        }
    }
    items.push(list[from..].trim());
    items.retain(|item| !item.is_empty());
    Some(items)
}

/// What markup sets; none where it is not understood.
pub(super) fn text(markup: &str, mut is_bold: bool, widths: &LineWidths) -> Option<Text> {
    let (mut line, mut width, mut is_line) = (0.0, 0.0_f64, true);
    let mut rest = markup.trim();
    while let Some(c) = rest.chars().next() {
        let mut step = c.len_utf8();
        match c {
            '#' => {
                step = behind_code(rest, 0)?;
                line += code_width(&rest[1..step], is_bold, widths)?;
                // the mark that ends the expression
                step += usize::from(rest[step..].starts_with(';'));
            }
            '*' => is_bold = !is_bold,
            '_' => {}
            '\\' if rest[1..].starts_with(char::is_whitespace) => {
                width = width.max(line);
                (line, is_line) = (0.0, false);
            }
            c if c.is_alphanumeric() || c.is_whitespace() || "–,.;:()%/".contains(c) => {
                let c = if c.is_whitespace() { ' ' } else { c };
                line += widths.of(c.encode_utf8(&mut [0; 4]), is_bold)?;
            }
            _ => return None,
        }
        rest = &rest[step..];
    }
    Some(Text { width: width.max(line), is_line })
}

/// The width of an expression in markup, in em.
fn code_width(code: &str, is_bold: bool, widths: &LineWidths) -> Option<f64> {
    if code.starts_with('"') {
        return widths.of(&literal(code)?, is_bold);
    }
    if let Some(marks) = code.strip_prefix("note-marks(") {
        let letters = marks.chars().filter(|c| c.is_alphanumeric()).count();
        return Some(if letters == 0 { 0.0 } else { MARK * (1 + 2 * letters) as f64 });
    }
    (code == "p-letter").then_some(LETTER)
}

/// The text of a literal; none where it has an escape that is more than a sign.
fn literal(code: &str) -> Option<String> {
    let mut text = String::new();
    let mut letters = code.strip_prefix('"')?.strip_suffix('"')?.chars();
    while let Some(c) = letters.next() {
        match c {
            '\\' => match letters.next()? {
                c @ ('"' | '\\') => text.push(c),
                _ => return None,
            },
            c => text.push(c),
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::assets::Assets;

    fn inter() -> LineWidths {
        LineWidths::new(&["Inter".to_owned()], &Assets::embedded())
    }

    #[test]
    fn brackets_close_where_they_should() {
        for (text, end) in [
            ("(a, [b)], \"c)\") d", 15),
            (r#"("\")", [#")]";] ) x"#, 18),
            ("[(] x", 3),
            (r"[\]] x", 4),
            (r#"[#f("]")[y] "z] x"#, 15),
            ("{ (1, [2]) }", 12),
        ] {
            assert_eq!(closing(text, 0), Some(end), "{text}");
        }
        for text in ["(a", "[b", "(a]", "(\"a)", "[#\"a]", "a", ""] {
            assert_eq!(closing(text, 0), None, "{text}");
        }
    }

    #[test]
    fn items_are_parted_by_their_commas() {
        let list = "a: 1, [b, c], f(d, \"e,\"), (g,),\n";
        assert_eq!(items(list), Some(vec!["a: 1", "[b, c]", "f(d, \"e,\")", "(g,)"]));
        assert_eq!(items("  "), Some(Vec::new()));
        assert_eq!(items("a, (b"), None);
    }

    #[test]
    fn markup_is_as_wide_as_what_it_sets() {
        let inter = inter();
        let width = |markup: &str| text(markup, false, &inter).map(|text| text.width);
        let of = |line: &str, is_bold| inter.of(line, is_bold);
        assert_eq!(width("#\"0.5\";"), of("0.5", false));
        assert_eq!(width("*#\"Total\";*"), of("Total", true));
        assert_eq!(width(""), Some(0.0));
        assert_eq!(width(r#"#"a \"b\" \\";"#), of("a \"b\" \\", false));
        let lines = text("#\"Events\"; \\ #\"n\";", true, &inter);
        assert!(lines.is_some_and(|text| !text.is_line && text.width > 3.0));
        let marked = width("#\"Zhu 2021\";#note-marks((\"a\", \"b\",))");
        assert!(marked > of("Zhu 2021 a,b", false));
        assert_eq!(width("#\"x\";#note-marks(())"), of("x", false));
    }

    #[test]
    fn what_is_not_understood_has_no_width() {
        let inter = inter();
        for markup in ["$x$", "#cite(label(\"a\"));", "#\"a\\u{a}b\";", "a -- b", "@a", "#box[b]"] {
            assert_eq!(text(markup, false, &inter), None, "{markup}");
        }
    }
}
