//! The keys of printed tables.

use super::shape::{Key, Shape, choice, key, list, required, text_or, texts};

/// The `table` of an analysis.
pub(super) fn table() -> Shape {
    Shape::Mapping(layout())
}

/// The `characteristics` of a review, which names its own data.
pub(super) fn characteristics() -> Shape {
    let mut keys = vec![
        required("data", Shape::Text, "CSV of the included studies."),
        key("filter", filter(), "Rows that are printed: columns with one value, or a list."),
    ];
    keys.extend(layout());
    Shape::Mapping(keys)
}

/// Columns with the values that they may have.
pub(super) fn filter() -> Shape {
    Shape::Named(Box::new(texts()))
}

fn layout() -> Vec<Key> {
    let column = text_or(vec![
        required("column", Shape::Text, "Name of the column."),
        key("title", Shape::Text, "Its heading."),
        key("group", Shape::Text, "A heading that neighbours share."),
        key("align", choice(["left", "center", "right"]), "How its cells stand."),
    ]);
    let footnote = Shape::Mapping(vec![
        required("row", Shape::Text, "The row, by its first cell."),
        key("column", Shape::Text, "The column; without it, the whole row."),
        required("note", Shape::Text, "What it says."),
    ]);
    vec![
        required("columns", list(column), "What is printed, from left to right."),
        key(
            "groups",
            text_or(vec![key("by", Shape::Text, "The column.")]),
            "Column of which each value becomes a heading.",
        ),
        key("sort", Shape::Text, "Column by which the rows are sorted."),
        key("missing", Shape::Text, "What stands in empty cells."),
        key("notes", texts(), "Printed under the table."),
        key("footnotes", list(footnote), "Lettered in reading order."),
    ]
}
