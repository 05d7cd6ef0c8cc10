//! Columns and rows of a table, found before it is set. Typst sets the cells of columns that are as
//! wide as their cells three times: to measure the column, then the row, then for good. Where the
//! fonts tell the widths, and a line fits, once is enough.

use super::line_width::LineWidths;
use super::markup::{Text, closing, items, only_literal, text};
use std::borrow::Cow;
use std::fmt::Write as _;

/// Between two columns, in points; `column-gap` of `style.typ`.
const GAP: f64 = 7.0;

/// The height of a line of the families of tables, in em: that of their capitals.
const LINE: f64 = 0.735;

/// The room that a part of a row under a heading leaves, in em; `row-part` of `style.typ`.
const INDENT: f64 = 0.8;

const FUNCTION: &str = "three-line(";

/// A call of `three-line` with the widths of its columns in place of `auto`, and with the heights of
/// those of its rows that are one line; the cells of its other rows have room above and below. `room` is the width
/// of the table in points. A call that is not understood stays as it is.
pub(super) fn with_known_tracks(call: &str, room: f64, widths: &LineWidths) -> String {
    known(call, room, widths).unwrap_or_else(|| call.to_owned())
}

fn known(call: &str, room: f64, widths: &LineWidths) -> Option<String> {
    let open = call.find(FUNCTION)? + FUNCTION.len() - 1;
    let inside = &call[open + 1..closing(call, open)? - 1];
    let arguments = items(inside)?;
    let named = |name: &str| {
        arguments.iter().find_map(|argument| argument.strip_prefix(name)?.strip_prefix(": "))
    };
    let points = |name| named(name)?.strip_suffix("pt")?.parse::<f64>().ok();
    let (size, gap) = (points("size").unwrap_or(8.0), points("row-gap").unwrap_or(3.0));
    let columns = list(named("columns")?)?;
    let cells = |name: &str| named(name).map_or(Some(Vec::new()), list);
    let [head, body, foot] = [cells("header")?, cells("body")?, cells("foot")?];
    let read = |cells: &[&str]| rows(cells, columns.len(), widths);
    let (head, parts) = (read(&head)?, [(read(&body)?, body), (read(&foot)?, foot)]);
    let all: Vec<_> = head.iter().chain(parts.iter().flat_map(|(rows, _)| rows)).collect();
    let tracks = Tracks::new(&columns, &all, size, room)?;
    let mut heights = String::new();
    let mut changed = Vec::new();
    for (rows, cells) in &parts {
        let plain = |cell| Cow::Borrowed(only_literal(cell).unwrap_or(cell));
        let mut cells: Vec<Cow<'_, str>> = cells.iter().copied().map(plain).collect();
        for row in rows {
            let holds = tracks.hold(row);
            let _ = match holds {
                true => write!(heights, "{}pt,", LINE * size + 2.0 * gap),
                false => write!(heights, "auto,"),
            };
            for cell in row.iter().filter(|_| !holds) {
                let cell = &mut cells[cell.item];
                if !["row-group(", "table.header("].iter().any(|call| cell.starts_with(call)) {
                    *cell = Cow::Owned(measured(cell, gap));
                }
            }
        }
        changed.push(cells.join(", "));
    }
    // the lists of cells are written anew, in the order in which they stand
    let mut text = call[..open + 1].to_owned();
    for argument in &arguments {
        let name = argument.split(": ").next().unwrap_or_default();
        let _ = match name {
            "columns" => write!(
                text,
                "columns: ({}), levels: {}, rows: ({heights})",
                tracks.columns(&columns),
                head.len()
            ),
            "body" => write!(text, "body: ({},)", changed[0]),
            "foot" if !changed[1].is_empty() => write!(text, "foot: ({},)", changed[1]),
            _ => write!(text, "{argument}"),
        };
        text.push_str(",\n    ");
    }
    Some(text + &call[open + 1 + inside.len()..])
}

/// A cell of a row whose height is not known, with this room above and below it in points; `measured` of
/// `style.typ`.
fn measured(cell: &str, gap: f64) -> String {
    let with_room = |own: &[&str], rest: &str| {
        let has = |name: &str| own.iter().any(|it| it.starts_with(name));
        let mut arguments = Vec::new();
        if !has("inset: ") {
            arguments.push(format!("inset: (x: 0pt, y: {gap}pt)"));
        }
        if !has("align: ") {
            arguments.push("align: top".to_owned());
        }
        for argument in own {
            let is_vertical = ["top", "horizon", "bottom"].iter().any(|it| argument.contains(it));
            let is_across = argument.starts_with("align: ") && !is_vertical;
            arguments.push(format!("{argument}{}", if is_across { " + top" } else { "" }));
        }
        format!("table.cell({}{rest}", arguments.join(", "))
    };
    let of_cell = || {
        let open = "table.cell".len();
        let end = cell.starts_with("table.cell(").then(|| closing(cell, open))??;
        Some(with_room(&items(&cell[open + 1..end - 1])?, &cell[end - 1..]))
    };
    of_cell().unwrap_or_else(|| with_room(&[], &format!(", {cell})")))
}

/// The items of a list in brackets.
fn list(text: &str) -> Option<Vec<&str>> {
    let end = closing(text, 0)?;
    items(&text[1..end - 1])
}

/// A cell: which item of the list of cells it is, where it stands and what it holds; none where that
/// is not understood.
#[derive(Debug, Clone)]
struct Cell {
    item: usize,
    from: usize,
    columns: usize,
    text: Option<Text>,
}

/// The cells of some rows, by the row in which they begin.
fn rows(cells: &[&str], columns: usize, widths: &LineWidths) -> Option<Vec<Vec<Cell>>> {
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    // how many rows more each column is taken
    let mut taken = vec![0_usize; columns];
    let mut at = columns;
    for (item, cell) in cells.iter().enumerate() {
        if cell.starts_with("table.hline(") {
            continue;
        }
        let Written { text, across, down } = written(cell, columns, widths);
        loop {
            if at >= columns {
                at = 0;
                rows.push(Vec::new());
                if rows.len() > 1 {
                    taken.iter_mut().for_each(|rows| *rows = rows.saturating_sub(1));
                }
            }
            if taken[at] == 0 {
                break;
            }
            at += 1;
        }
        if across == 0 || at + across > columns {
            return None;
        }
        taken[at..at + across].fill(down);
        rows.last_mut()?.push(Cell { item, from: at, columns: across, text });
        at += across;
    }
    Some(rows)
}

/// A cell as it is written.
struct Written {
    text: Option<Text>,
    across: usize,
    down: usize,
}

fn written(cell: &str, columns: usize, widths: &LineWidths) -> Written {
    let single = |text| Written { text, across: 1, down: 1 };
    if cell.starts_with("row-group(") || cell.starts_with("table.header(") {
        return Written { text: None, across: columns, down: 1 };
    }
    let of_cell = || {
        let end = closing(cell, "table.cell".len())?;
        let arguments = items(&cell["table.cell(".len()..end - 1])?;
        let count = |name: &str| {
            let of = arguments.iter().find_map(|argument| argument.strip_prefix(name));
            of.map_or(Some(1), |count| count.trim().parse().ok())
        };
        let (across, down) = (count("colspan:")?, count("rowspan:")?);
        let body = if end < cell.len() { &cell[end..] } else { arguments.last()? };
        Some(Written { across, down, ..written(body, columns, widths) })
    };
    if cell.starts_with("table.cell(") {
        return of_cell().unwrap_or(Written { text: None, across: 1, down: 1 });
    }
    let inside = |name: &str| cell.strip_prefix(name)?.strip_suffix(']');
    if let Some(body) = inside("[") {
        return single(text(body, false, widths));
    }
    if let Some(body) = inside("head[").or_else(|| inside("row-class[")) {
        return single(text(body, true, widths));
    }
    if let Some(body) = inside("row-part[") {
        let indented = |text: Text| Text { width: text.width + INDENT, ..text };
        return single(text(body, false, widths).map(indented));
    }
    single(None)
}

/// The widths of columns in points; none for one that Typst must measure.
struct Tracks {
    size: f64,
    widths: Vec<Option<f64>>,
}

impl Tracks {
    /// None where there is not room for what is known: Typst then shares it out.
    fn new(columns: &[&str], rows: &[&Vec<Cell>], size: f64, room: f64) -> Option<Self> {
        let cells = || rows.iter().copied().flatten();
        let fraction = |column: &str| column.strip_suffix("fr")?.parse::<f64>().ok();
        let mut fixed = Vec::new();
        for (index, column) in columns.iter().enumerate() {
            let mut own = cells().filter(|cell| cell.columns == 1 && cell.from == index);
            fixed.push(match column.strip_suffix("pt") {
                Some(points) => Some(points.parse().ok()?),
                None if *column == "auto" => own
                    .try_fold(0.0, |widest: f64, cell| Some(widest.max(needed(cell.text?, size)))),
                None => fraction(column).map(|_| 0.0),
            });
        }
        // what spans columns may be wider than they are
        for cell in cells().filter(|cell| cell.columns > 1 && cell.columns < columns.len()) {
            let span = cell.from..cell.from + cell.columns;
            let grows: Vec<usize> =
                span.clone().filter(|column| columns[*column] == "auto").collect();
            let all_grow = grows.len() == cell.columns;
            let held: Option<f64> = span.map(|column| fixed[column]).sum();
            if let (true, Some(text), Some(held)) = (all_grow, cell.text, held) {
                let held = held + gaps(cell.columns);
                let more = (needed(text, size) - held).max(0.0) / grows.len() as f64;
                for column in grows {
                    fixed[column] = fixed[column].map(|width| width + more);
                }
            }
        }
        let left = room - gaps(columns.len()) - fixed.iter().flatten().sum::<f64>();
        let parts: f64 = columns.iter().filter_map(|column| fraction(column)).sum();
        if left < 0.0 {
            return None;
        }
        // fractions share what is left once all others are known
        let is_known = fixed.iter().all(Option::is_some);
        let widths = columns.iter().zip(fixed).map(|(column, fixed)| match fraction(column) {
            Some(part) => is_known.then_some(left * part / parts),
            None => fixed,
        });
        Some(Self { size, widths: widths.collect() })
    }

    /// Whether each cell of a row is one line that fits.
    fn hold(&self, row: &[Cell]) -> bool {
        row.iter().all(|cell| {
            let span = &self.widths[cell.from..cell.from + cell.columns];
            let width =
                span.iter().copied().sum::<Option<f64>>().map(|sum| sum + gaps(cell.columns));
            let fits = |text: Text| text.is_line && Some(needed(text, self.size)) <= width;
            cell.text.is_some_and(fits)
        })
    }

    /// The columns, with widths in place of `auto` as far as they are known.
    fn columns(&self, columns: &[&str]) -> String {
        let mut text = String::new();
        for (column, width) in columns.iter().zip(&self.widths) {
            let _ = match width.filter(|_| *column == "auto") {
                Some(width) => write!(text, "{width:.2}pt, "),
                None => write!(text, "{column}, "),
            };
        }
        text
    }
}

/// What lies between so many columns, in points.
fn gaps(columns: usize) -> f64 {
    GAP * columns.saturating_sub(1) as f64
}

/// The width that a cell needs, in points.
fn needed(text: Text, size: f64) -> f64 {
    // a hundredth is kept of what is rounded in print
    ((text.width * size + 0.01) * 100.0).ceil() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::assets::Assets;

    fn with_tracks(call: &str, room: f64) -> String {
        let families = ["Inter".to_owned()];
        with_known_tracks(call, room, &LineWidths::new(&families, &Assets::embedded()))
    }

    fn columns_of(table: &str) -> Vec<String> {
        let from = table.find("columns: (").map_or(0, |at| at + "columns: (".len());
        let columns = table[from..].split(')').next().unwrap_or_default();
        columns
            .split(',')
            .map(|column| column.trim().to_owned())
            .filter(|it| !it.is_empty())
            .collect()
    }

    fn points(column: &str) -> f64 {
        column.strip_suffix("pt").and_then(|points| points.parse().ok()).unwrap_or(f64::NAN)
    }

    const TABLE: &str = r#"three-line(
    size: 10pt,
    columns: (1fr, auto, auto),
    header: (
      table.cell(rowspan: 2, align: left + bottom, head[#"Study";]),
      table.cell(colspan: 2, align: center, stroke: (bottom: 0.4pt + hairline), head[#"Cells";]),
      head[#"n";],
      head[#"N";],
    ),
    body: (
      [#"Zhu 2021";#note-marks(("a",))], [#"12";], [#"1.5";],
      row-group(3, [#"Late";]),
      row-part[#"Gu 2020";], [#"7";], [#"2.75";],
      [#"Two"; \ #"lines";], table.cell(colspan: 2)[#"none";],
    ),
    foot: ([*#"Total";*], [*#"19";*], []),
    notes: ([#"a note, (with brackets)";],),
  )"#;

    #[test]
    fn columns_and_lines_are_known() {
        let table = with_tracks(TABLE, 300.0);
        let columns = columns_of(&table);
        assert_eq!(columns[0], "1fr");
        // `19` in bold, and `2.75`
        assert!((11.0..17.0).contains(&points(&columns[1])), "{columns:?}");
        assert!((18.0..26.0).contains(&points(&columns[2])), "{columns:?}");
        let line = "13.35pt";
        assert!(
            table.contains(&format!("levels: 2, rows: ({line},auto,{line},auto,{line},)")),
            "{table}"
        );
        // the cells of a row that is not a line are measured, and all else is as it was
        let measured = r#"table.cell(inset: (x: 0pt, y: 3pt), align: top, [#"Two"; \ #"lines";]), table.cell(inset: (x: 0pt, y: 3pt), align: top, colspan: 2)[#"none";],)"#;
        assert!(table.contains(measured), "{table}");
        assert_eq!(table.matches("inset: ").count(), 2);
        let begin = |text: &str| text.find("foot:").unwrap_or(0);
        let squeezed = |text: &str| text.split_whitespace().collect::<String>().replace(",)", ")");
        assert_eq!(squeezed(&table[begin(&table)..]), squeezed(&TABLE[begin(TABLE)..]));
    }

    #[test]
    fn a_cell_with_room_of_its_own_keeps_what_it_has() {
        let cases = [
            ("[#\"a\";]", "table.cell(inset: (x: 0pt, y: 3pt), align: top, [#\"a\";])"),
            (
                "table.cell(colspan: 2, align: left)[#\"a, b\";]",
                "table.cell(inset: (x: 0pt, y: 3pt), colspan: 2, align: left + top)[#\"a, b\";]",
            ),
            (
                "table.cell(inset: 1pt, align: right + bottom, head[#\"a\";])",
                "table.cell(inset: 1pt, align: right + bottom, head[#\"a\";])",
            ),
        ];
        for (cell, expected) in cases {
            assert_eq!(super::measured(cell, 3.0), expected);
        }
    }

    #[test]
    fn the_room_of_cells_is_that_of_the_style() {
        let assets = Assets::embedded();
        let style = assets.text("style.typ").unwrap();
        assert!(style.contains(&format!("#let column-gap = {GAP}pt\n")));
        assert!(style.contains(&format!("#let row-part(body) = pad(left: {INDENT}em, body)\n")));
    }

    #[test]
    fn a_heading_over_columns_widens_them() {
        let columns = columns_of(&with_tracks(&TABLE.replace("Cells", "Mesenchymal cells"), 300.0));
        assert!(points(&columns[1]) + points(&columns[2]) > 73.0, "{columns:?}");
    }

    #[test]
    fn what_does_not_fit_is_measured() {
        // the name of a study needs two lines, but numbers do not
        let narrow = with_tracks(TABLE, 100.0);
        assert!(narrow.contains("rows: (auto,auto,auto,auto,13.35pt,)"), "{narrow}");
        // there is no room for the columns: Typst shares it out
        assert_eq!(with_tracks(TABLE, 40.0), TABLE);
    }

    #[test]
    fn a_column_with_unknown_cells_is_measured_alone() {
        let table = with_tracks(&TABLE.replace(r#"[#"12";]"#, "[$x$]"), 300.0);
        let columns = columns_of(&table);
        assert_eq!((columns[0].as_str(), columns[1].as_str()), ("1fr", "auto"));
        assert!(columns[2].ends_with("pt"));
        assert!(!table.contains("13.35pt"));
    }

    #[test]
    fn what_is_no_table_stays() {
        for call in [
            "",
            "three-line(",
            "three-line(columns: auto)",
            "f(x)",
            "three-line(columns: (1fr,), body: ([a)",
        ] {
            assert_eq!(with_tracks(call, 300.0), call);
        }
    }
}
