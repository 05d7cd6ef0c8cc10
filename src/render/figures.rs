//! Figures as SVG: cut out of the pages of the report, and set on pages of their own where a page does
//! not hold them whole.

use super::template::string_literal;
use super::{Documents, FIGURES, RenderError, Written};
use std::collections::BTreeMap;

/// The source that says which figures `figures.typ` sets, and what it says in a version: all.
pub(super) const WANTED: &str = "wanted.typ";
pub(super) const ALL: &str = "#let is-wanted(name) = true\n";

/// Around a figure, in points.
const MARGIN: f64 = 14.0;

/// The label by which the report names the block of a figure: the file that the figure becomes.
pub(super) fn label(name: &str) -> String {
    format!("figures/{name}.svg")
}

/// All figures of the documents, in their order: from a page of the report, as `from_report` cuts them
/// out, and the others as `set` sets `figures.typ`, a page each. `source` writes it where it is not there.
pub(super) fn all(
    documents: &Documents,
    from_report: Vec<Option<String>>,
    source: &Written<'_>,
    set: impl FnOnce(&Documents) -> Result<Vec<String>, RenderError>,
) -> Result<Vec<String>, RenderError> {
    let is_missing = |(name, cut): (&String, &Option<String>)| cut.is_none().then(|| name.clone());
    let missing: Vec<_> =
        documents.figures.iter().zip(&from_report).filter_map(is_missing).collect();
    let mut set_alone = Vec::new();
    if !missing.is_empty() {
        let list: String = missing.iter().map(|name| string_literal(name) + ",").collect();
        let mut few = documents.clone();
        few.sources.insert(WANTED.to_owned(), format!("#let is-wanted(name) = name in ({list})\n"));
        if !few.sources.contains_key(FIGURES) {
            few.sources.insert(FIGURES.to_owned(), source()?);
        }
        set_alone = set(&few)?;
        if set_alone.len() != missing.len() {
            let message = format!(
                "`figures.typ` has {} pages for {} figures: {}",
                set_alone.len(),
                missing.len(),
                missing.join(", ")
            );
            return Err(RenderError::Engine(message));
        }
    }
    let mut set_alone = set_alone.into_iter();
    Ok(from_report.into_iter().filter_map(|cut| cut.or_else(|| set_alone.next())).collect())
}

/// The figure of this name, cut out of the one of some pages that has it.
pub(super) fn of_pages(pages: &[String], name: &str) -> Option<String> {
    let named = named(name);
    let mut have = pages.iter().filter(|page| page.contains(&named));
    let page = have.next()?;
    have.next().is_none().then(|| cut_out(page, name))?
}

/// How Typst's SVG tells the group of a figure.
fn named(name: &str) -> String {
    format!(" data-typst-label=\"{}\"", label(name))
}

/// The figure of this name in the SVG of a page, on white with a margin. None where the page does not
/// hold it once, and where it has links, which lead nowhere outside the report.
pub(super) fn cut_out(page: &str, name: &str) -> Option<String> {
    let named = named(name);
    let (before, _) = page.split_once(&named)?;
    let begin = before.rfind('<')?;
    let element = element(&page[begin..])?;
    if element.contains("<a ") || page[begin + element.len()..].contains(&named) {
        return None;
    }
    let inside = &element[element.find('>')? + 1..element.rfind("</")?];
    let (width, height) = ground(inside)?;
    let [width, height] = [width, height].map(|length| rounded(length + 2.0 * MARGIN));
    let mut svg = format!(
        "<svg viewBox=\"0 0 {width} {height}\" width=\"{width}pt\" height=\"{height}pt\" \
         xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\">\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\
         <g transform=\"translate({MARGIN} {MARGIN})\">{inside}</g>"
    );
    let definitions = definitions(page);
    let mut used = BTreeMap::new();
    use_definitions(inside, &definitions, &mut used);
    if !used.is_empty() {
        svg.push_str("<defs>");
        svg.extend(used.into_values());
        svg.push_str("</defs>");
    }
    svg.push_str("</svg>");
    Some(svg)
}

/// The width and the height of the rectangle that a figure begins with: its ground.
fn ground(inside: &str) -> Option<(f64, f64)> {
    let path = inside.strip_prefix("<path ")?;
    let lines = path[..path.find("/>")?].split_once(" d=\"")?.1;
    let along = |direction: &str| {
        let (_, length) = lines.split_once(direction)?;
        let end = length.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        length[..end].parse::<f64>().ok()
    };
    Some((along("h ")?, along("v ")?))
}

/// A length as Typst prints it.
fn rounded(length: f64) -> f64 {
    (length * 1e9).round() / 1e9
}

/// The element at the beginning of a text.
fn element(text: &str) -> Option<&str> {
    let mut depth = 0_usize;
    let mut at = 0;
    loop {
        let begin = at + text[at..].find('<')?;
        let end = begin + text[begin..].find('>')? + 1;
        let tag = &text[begin..end];
        if tag.starts_with("</") {
            depth = depth.checked_sub(1)?;
        } else if !tag.ends_with("/>") {
            depth += 1;
        }
        if depth == 0 {
            return Some(&text[..end]);
        }
        at = end;
    }
}

/// What a page defines, by its identifiers.
fn definitions(page: &str) -> BTreeMap<&str, &str> {
    let mut found = BTreeMap::new();
    let mut rest = page;
    while let Some((_, after)) = rest.split_once("<defs>") {
        rest = after;
        while !rest.starts_with("</defs>") {
            let Some(definition) = element(rest) else { return found };
            let id = definition.split_once(" id=\"").and_then(|(_, id)| id.split_once('"'));
            if let Some((id, _)) = id {
                found.insert(id, definition);
            }
            rest = &rest[definition.len()..];
        }
    }
    found
}

/// Takes the definitions that a text refers to, and those that these refer to.
fn use_definitions<'a>(
    text: &str,
    definitions: &BTreeMap<&'a str, &'a str>,
    used: &mut BTreeMap<&'a str, &'a str>,
) {
    for reference in text.split(['"', '(']).filter_map(|piece| piece.strip_prefix('#')) {
        let id = reference.split(')').next().unwrap_or_default();
        if let Some((id, definition)) = definitions.get_key_value(id)
            && used.insert(id, definition).is_none()
        {
            use_definitions(definition, definitions, used);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = concat!(
        r##"<svg viewBox="0 0 9 9"><path fill="#ffffff" d="M 0 0v 9h 9v -9Z "/>"##,
        r##"<g transform="translate(3 4.25)" data-typst-label="figures/forest-a.svg">"##,
        r##"<path fill="#ffffff" fill-rule="nonzero" d="M 0 0v 20.5h 100v -20.5Z "/>"##,
        r##"<g transform="scale(1 -1)"><use xlink:href="#gB"/><use xlink:href="#gA"/></g>"##,
        r##"<g clip-path="url(#c1)"><use xlink:href="#gB"/></g></g><use xlink:href="#gC"/>"##,
        r##"<defs><symbol id="gC"><path d="M 3"/></symbol><symbol id="gB"><path d="M 2"/></symbol>"##,
        r##"<symbol id="gA"><path d="M 1"/></symbol></defs>"##,
        r##"<defs><clipPath id="c1"><path d="M 9"/></clipPath></defs></svg>"##,
    );

    #[test]
    fn a_figure_is_cut_out_with_what_it_uses_and_no_more() {
        let expected = concat!(
            r##"<svg viewBox="0 0 128 48.5" width="128pt" height="48.5pt" xmlns="http://www.w3.org/2000/svg" "##,
            r##"xmlns:xlink="http://www.w3.org/1999/xlink">"##,
            r##"<rect width="128" height="48.5" fill="#ffffff"/><g transform="translate(14 14)">"##,
            r##"<path fill="#ffffff" fill-rule="nonzero" d="M 0 0v 20.5h 100v -20.5Z "/>"##,
            r##"<g transform="scale(1 -1)"><use xlink:href="#gB"/><use xlink:href="#gA"/></g>"##,
            r##"<g clip-path="url(#c1)"><use xlink:href="#gB"/></g></g>"##,
            r##"<defs><clipPath id="c1"><path d="M 9"/></clipPath><symbol id="gA"><path d="M 1"/></symbol>"##,
            r##"<symbol id="gB"><path d="M 2"/></symbol></defs></svg>"##,
        );
        assert_eq!(cut_out(PAGE, "forest-a").as_deref(), Some(expected));
        assert_eq!(cut_out(PAGE, "forest-b"), None);
    }

    #[test]
    fn a_figure_is_cut_out_of_the_one_page_that_has_it() {
        let other = PAGE.replace("forest-a", "forest-b");
        let pages = [other.clone(), PAGE.to_owned()];
        assert_eq!(of_pages(&pages, "forest-a"), cut_out(PAGE, "forest-a"));
        assert_eq!(of_pages(&[PAGE.to_owned(), other, PAGE.to_owned()], "forest-a"), None);
    }

    #[test]
    fn a_figure_with_links_or_in_pieces_is_not_cut_out() {
        let linked = PAGE.replace("<use xlink:href=\"#gA\"/>", "<a href=\"x\"><rect/></a>");
        assert_eq!(cut_out(&linked, "forest-a"), None);
        let again = PAGE
            .replace("<use xlink:href=\"#gC\"/>", "<g data-typst-label=\"figures/forest-a.svg\"/>");
        assert_eq!(cut_out(&again, "forest-a"), None);
    }

    #[test]
    fn what_is_missing_is_set_alone() {
        let documents = Documents {
            figures: ["a", "b", "c"].map(str::to_owned).to_vec(),
            ..Documents::default()
        };
        let cut = || vec![None, Some("cut b".to_owned()), None];
        let source = || Ok("all figures".to_owned());
        let set = |few: &Documents| {
            assert_eq!(few.sources[FIGURES], "all figures");
            assert_eq!(few.sources[WANTED], "#let is-wanted(name) = name in (\"a\",\"c\",)\n");
            Ok(vec!["set a".to_owned(), "set c".to_owned()])
        };
        assert_eq!(all(&documents, cut(), &source, set).unwrap(), ["set a", "cut b", "set c"]);
        let error = all(&documents, cut(), &source, |_| Ok(Vec::new())).unwrap_err();
        assert_eq!(error.to_string(), "`figures.typ` has 0 pages for 2 figures: a, c");
    }

    #[test]
    fn the_label_is_that_of_the_style() {
        let assets = crate::render::assets::Assets::embedded();
        let written = label("\" + name + \"");
        assert!(assets.text("style.typ").unwrap().contains(&format!("#label(\"{written}\")]")));
    }
}
