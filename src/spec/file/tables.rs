//! Printed tables, as written.

use super::super::mapping::{Mapping, expect_scalar, scalar, wrong_type};
use super::super::tables::{Align, AskedTable, TableColumn, TableFootnote};
use super::super::yaml::{Node, Value};
use super::filter::read_filter;
use crate::diagnostic::{Code, Diagnostic, nearest_hint};
use crate::source::{Place, Spanned};
use crate::spec::model::Filter;

/// The `table` of an analysis, or the `characteristics` of a review.
#[derive(Debug, Clone)]
pub(in crate::spec) struct TableFile {
    pub(in crate::spec) place: Place,
    /// Only of `characteristics`: an analysis names its data itself.
    pub(in crate::spec) data: Option<Spanned<String>>,
    pub(in crate::spec) filter: Vec<Filter>,
    pub(in crate::spec) columns: Vec<TableColumn>,
    pub(in crate::spec) row_groups: Option<Spanned<String>>,
    pub(in crate::spec) sort: Option<Spanned<String>>,
    pub(in crate::spec) missing: Option<String>,
    pub(in crate::spec) notes: Vec<String>,
    pub(in crate::spec) footnotes: Vec<TableFootnote>,
    /// Whether reading it met a mistake.
    pub(in crate::spec) has_mistakes: bool,
}

impl TableFile {
    pub(super) fn read(
        node: &Node,
        name: &'static str,
        has_data: bool,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let before = diagnostics.len();
        let mut map = Mapping::open(node, name, diagnostics)?;
        let data = if has_data { map.text("data", diagnostics) } else { None };
        if has_data && data.is_none() && diagnostics.len() == before {
            let message = format!("`{name}` has no `data`");
            diagnostics.push(Diagnostic::error(Code::MissingKey, node.place, message));
        }
        let filter = match has_data.then(|| map.take("filter")).flatten() {
            Some(filter) => read_filter(filter, diagnostics),
            None => Vec::new(),
        };
        let columns = match map.take("columns") {
            Some(Node { value: Value::Sequence(items), .. }) => {
                items.iter().filter_map(|item| read_column(item, diagnostics)).collect()
            }
            Some(node) => {
                diagnostics.push(wrong_type(node, "`columns`", "a list of columns"));
                Vec::new()
            }
            None => {
                let message = format!("`{name}` has no `columns`");
                diagnostics.push(
                    Diagnostic::error(Code::MissingKey, node.place, message)
                        .help("list the columns to print: names, or mappings with `column`, `title`, `group` and `align`"),
                );
                Vec::new()
            }
        };
        let row_groups = match map.take("groups") {
            Some(node) if scalar(node).is_some() => scalar(node),
            Some(node) => Mapping::open(node, "`groups`", diagnostics).and_then(|mut groups| {
                let by = groups.text("by", diagnostics);
                groups.close(diagnostics);
                by
            }),
            None => None,
        };
        let footnotes = match map.take("footnotes") {
            Some(Node { value: Value::Sequence(items), .. }) => {
                items.iter().filter_map(|item| read_footnote(item, diagnostics)).collect()
            }
            Some(node) => {
                diagnostics.push(wrong_type(node, "`footnotes`", "a list of footnotes"));
                Vec::new()
            }
            None => Vec::new(),
        };
        let file = Self {
            place: node.place,
            data,
            filter,
            columns,
            row_groups,
            sort: map.text("sort", diagnostics),
            missing: map.text("missing", diagnostics).map(|text| text.value),
            notes: map.texts("notes", diagnostics),
            footnotes,
            has_mistakes: false,
        };
        map.close(diagnostics);
        Some(Self { has_mistakes: diagnostics.len() > before, ..file })
    }
}

/// The name of a column, or a mapping with `column`, `title`, `group` and `align`.
fn read_column(node: &Node, diagnostics: &mut Vec<Diagnostic>) -> Option<TableColumn> {
    if let Some(column) = scalar(node) {
        let title = heading(&column.value);
        return Some(TableColumn { column, title, group: None, align: None });
    }
    if !matches!(node.value, Value::Mapping(_)) {
        diagnostics.push(wrong_type(node, "a column", "a name, or a mapping with `column`"));
        return None;
    }
    let mut map = Mapping::open(node, "a column", diagnostics)?;
    let column = map.take("column");
    let title = map.text("title", diagnostics);
    let group = map.text("group", diagnostics);
    let align = map.choice(
        "align",
        &[("left", Align::Left), ("center", Align::Center), ("right", Align::Right)],
        diagnostics,
    );
    map.close(diagnostics);
    let Some(column) = column else {
        diagnostics.push(Diagnostic::error(
            Code::MissingKey,
            node.place,
            "a column has no `column`",
        ));
        return None;
    };
    let column = expect_scalar(column, "column", diagnostics)?;
    let title = title.map_or_else(|| heading(&column.value), |title| title.value);
    Some(TableColumn { column, title, group: group.map(|group| group.value), align })
}

/// The heading of a column without a title: its name, `_` as a space, the first letter large.
fn heading(name: &str) -> String {
    let words = name.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn read_footnote(node: &Node, diagnostics: &mut Vec<Diagnostic>) -> Option<TableFootnote> {
    let mut map = Mapping::open(node, "a footnote", diagnostics)?;
    let row = map.text("row", diagnostics);
    let column = map.text("column", diagnostics);
    let text = map.text("note", diagnostics);
    let written = map.written();
    map.close(diagnostics);
    for key in ["row", "note"] {
        if !written.contains(key) {
            let message = format!("a footnote has no `{key}`");
            diagnostics.push(Diagnostic::error(Code::MissingKey, node.place, message));
        }
    }
    Some(TableFootnote { row: row?, column, text: text?.value })
}

/// The tables that an analysis is asked to print.
pub(super) fn read_asked(
    map: &mut Mapping<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Spanned<AskedTable>> {
    let mut tables: Vec<Spanned<AskedTable>> = Vec::new();
    for text in map.spanned_texts("tables", diagnostics) {
        match AskedTable::ALL.into_iter().find(|table| table.name() == text.value) {
            Some(table) if tables.iter().any(|known| known.value == table) => {
                let message = format!("`tables` names `{}` twice", text.value);
                diagnostics.push(Diagnostic::error(Code::DuplicateId, text.place, message));
            }
            Some(table) => tables.push(text.map(|_| table)),
            None => diagnostics.push(
                Diagnostic::error(
                    Code::UnknownChoice,
                    text.place,
                    format!("there is no table `{}`", text.value),
                )
                .help(nearest_hint(&text.value, AskedTable::ALL.map(AskedTable::name))),
            ),
        }
    }
    tables
}
