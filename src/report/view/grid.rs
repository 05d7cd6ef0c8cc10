//! A table as printed: headings on one level or two, rows, footnotes in reading order.

use serde::Serialize;

/// A table that its template only lays out.
#[derive(Debug, Clone, Default, Serialize)]
pub struct GridView {
    /// Whether it needs a page on its side.
    pub is_wide: bool,
    /// Whether some columns share a heading.
    pub has_levels: bool,
    /// The headings.
    pub heads: Vec<GridHead>,
    /// The rows.
    pub rows: Vec<GridRow>,
    /// Footnotes to cells.
    pub footnotes: Vec<GridFootnote>,
    /// Sentences of the author under the table.
    pub notes: Vec<String>,
    /// The abbreviations that the table uses, in alphabetical order.
    pub abbreviations: Vec<GridAbbreviation>,
}

/// Columns under one heading.
#[derive(Debug, Clone, Default, Serialize)]
pub struct GridHead {
    /// The heading that they share, where they do.
    pub title: Option<GridText>,
    /// The columns.
    pub columns: Vec<GridColumn>,
}

/// One column.
#[derive(Debug, Clone, Default, Serialize)]
pub struct GridColumn {
    /// Its heading.
    pub title: GridText,
    /// `left`, `center` or `right`.
    pub align: &'static str,
    /// Its part of the room that columns with short cells leave; none for such a column.
    pub width: Option<usize>,
}

/// One row.
#[derive(Debug, Clone, Default, Serialize)]
pub struct GridRow {
    /// `row`, `group` for a heading across the table, `class` for a bold row, `part` for a row under one.
    pub form: &'static str,
    /// Its cells; one for a heading across the table.
    pub cells: Vec<GridText>,
}

/// A text: the words of a label, the author's or a number, or a label with a text after it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct GridText {
    /// Code of a label.
    pub label: Option<&'static str>,
    /// Characters.
    pub text: Option<String>,
    /// Whether `{fixed}` and `{random}` in the characters stand for the words of these labels.
    pub names_model: bool,
    /// Items of a numbered list.
    pub items: Vec<String>,
    /// Marks of footnotes.
    pub marks: String,
}

/// A footnote.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct GridFootnote {
    /// Its mark.
    pub mark: String,
    /// What it says.
    pub text: GridText,
}

/// An abbreviation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GridAbbreviation {
    /// Short.
    pub short: String,
    /// Long.
    pub long: String,
}

impl GridText {
    /// The words of a label.
    pub(super) fn label(code: &'static str) -> Self {
        Self { label: Some(code), ..Self::default() }
    }

    /// The words of a label, with characters after them.
    pub(super) fn labelled(code: &'static str, text: impl Into<String>) -> Self {
        Self { label: Some(code), text: Some(text.into()), ..Self::default() }
    }

    /// A numbered list.
    pub(super) fn list(items: Vec<String>) -> Self {
        Self { items, ..Self::default() }
    }

    /// All its characters, as far as they are not a label's.
    fn characters(&self) -> impl Iterator<Item = &str> {
        self.text.iter().chain(&self.items).map(String::as_str)
    }
}

impl From<String> for GridText {
    fn from(text: String) -> Self {
        Self { text: Some(text), ..Self::default() }
    }
}

impl From<&str> for GridText {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl GridColumn {
    /// A column whose place and width follow from its cells.
    pub(super) fn new(title: impl Into<GridText>) -> Self {
        Self { title: title.into(), align: "", width: None }
    }
}

impl GridRow {
    pub(super) fn new(form: &'static str, cells: Vec<GridText>) -> Self {
        Self { form, cells }
    }
}

/// A column with cells no longer than this is as wide as they are.
const SHORT: usize = 18;

/// The same of numbers, which do not break well: an estimate with its interval.
const SHORT_NUMBERS: usize = 26;

/// Letters in a row that an upright page holds; long cells count with [`BROKEN`], since they break.
const UPRIGHT: usize = 118;

/// Letters of a line of a long cell.
const BROKEN: usize = 22;

/// So few rows may be high: a page on its side would be empty below them.
const FEW: usize = 8;

/// Letters of a line of a long cell where rows may be high; a longer word makes it longer.
const NARROW: usize = 13;

/// Letters in a row of such cells that an upright page holds.
const UPRIGHT_NARROW: usize = 126;

/// Letters that a label is taken to have.
const LABEL: usize = 16;

impl GridView {
    /// A table with one heading a column.
    pub(super) fn plain(columns: Vec<GridColumn>, rows: Vec<GridRow>) -> Self {
        let heads =
            columns.into_iter().map(|column| GridHead { title: None, columns: vec![column] });
        Self { heads: heads.collect(), rows, ..Self::default() }
    }

    /// The table with the place and width of its columns, and the abbreviations that it uses.
    pub(super) fn laid_out(mut self, abbreviations: &[(String, String)]) -> Self {
        self.has_levels = self.heads.iter().any(|head| head.title.is_some());
        let bodies: Vec<&GridRow> = self.rows.iter().filter(|row| row.form != "group").collect();
        let mut index = 0;
        let mut is_all_short = true;
        let mut letters = 0;
        let mut narrow = Vec::new();
        for head in &mut self.heads {
            for column in &mut head.columns {
                let cells = || bodies.iter().filter_map(|row| row.cells.get(index));
                let is_of_numbers = cells().all(is_numeric);
                if column.align.is_empty() {
                    column.align = if is_of_numbers { "right" } else { "left" };
                }
                let longest =
                    cells().map(width_of).max().unwrap_or(0).max(width_of_words(&column.title));
                letters += longest.min(BROKEN) + 2;
                let longest_word = || cells().map(width_of_words).fold(NARROW, usize::max);
                narrow.push(if longest > SHORT { longest_word() } else { longest } + 2);
                let is_short = longest <= if is_of_numbers { SHORT_NUMBERS } else { SHORT };
                if !is_short && column.width.is_none() {
                    // long cells get more room, but less than in proportion: they break, the more
                    // so where most cells of the column are short
                    let usual = cells().map(width_of).sum::<usize>() / bodies.len().max(1);
                    let room = (longest * usual.max(longest / 3)) as f64;
                    column.width = Some((10.0 * room.sqrt()) as usize);
                }
                is_all_short &= column.width.is_none();
                index += 1;
            }
        }
        if is_all_short
            && let Some(column) = self.heads.iter_mut().flat_map(|h| &mut h.columns).next()
        {
            column.width = Some(1);
        }
        let may_narrow = bodies.len() <= FEW && narrow.iter().sum::<usize>() <= UPRIGHT_NARROW;
        self.is_wide = letters > UPRIGHT && !may_narrow;
        if letters > UPRIGHT && may_narrow {
            let columns = self.heads.iter_mut().flat_map(|head| &mut head.columns);
            for (column, letters) in columns.zip(narrow) {
                column.width = column.width.map(|_| letters);
            }
        }
        self.abbreviations = self.used(abbreviations);
        self
    }

    /// The table with some columns, by the codes of their titles, as wide as their cells, so that
    /// these do not break; long cells of the others share what is left.
    pub(super) fn with_lines_whole(mut self, titles: &[&str]) -> Self {
        let columns = || self.heads.iter().flat_map(|head| &head.columns);
        let is_whole =
            |column: &GridColumn| column.title.label.is_some_and(|label| titles.contains(&label));
        let others_share = columns().any(|column| column.width.is_some() && !is_whole(column));
        for column in self.heads.iter_mut().flat_map(|head| &mut head.columns) {
            if others_share && is_whole(column) {
                column.width = None;
            }
        }
        self
    }

    /// The abbreviations that stand in the table as words.
    fn used(&self, abbreviations: &[(String, String)]) -> Vec<GridAbbreviation> {
        let heads = self.heads.iter().flat_map(|head| {
            head.title.iter().chain(head.columns.iter().map(|column| &column.title))
        });
        let cells = self.rows.iter().flat_map(|row| &row.cells);
        let notes = self.footnotes.iter().map(|footnote| &footnote.text);
        let texts: Vec<&str> = heads
            .chain(cells)
            .chain(notes)
            .flat_map(GridText::characters)
            .chain(self.notes.iter().map(String::as_str))
            .collect();
        let mut used: Vec<GridAbbreviation> = abbreviations
            .iter()
            .filter(|(short, _)| texts.iter().any(|text| has_word(text, short)))
            .map(|(short, long)| GridAbbreviation { short: short.clone(), long: long.clone() })
            .collect();
        used.sort_by_key(|abbreviation| abbreviation.short.to_lowercase());
        used
    }
}

/// Gives footnotes their marks: letters in reading order, one for each text.
#[derive(Debug, Default)]
pub(super) struct Footnotes {
    texts: Vec<GridText>,
}

impl Footnotes {
    /// The mark of a footnote.
    pub(super) fn mark(&mut self, text: GridText) -> String {
        let known = self.texts.iter().position(|known| *known == text);
        letters(known.unwrap_or_else(|| {
            self.texts.push(text);
            self.texts.len() - 1
        }))
    }

    /// All footnotes, in their order.
    pub(super) fn finish(self) -> Vec<GridFootnote> {
        let marked = |(index, text)| GridFootnote { mark: letters(index), text };
        self.texts.into_iter().enumerate().map(marked).collect()
    }
}

/// a to z, then aa, ab and so on.
fn letters(index: usize) -> String {
    let letter = |index: usize| char::from(b'a' + u8::try_from(index % 26).unwrap_or(0));
    if index < 26 {
        letter(index).to_string()
    } else {
        [letter(index / 26 - 1), letter(index)].iter().collect()
    }
}

/// Whether `word` stands in `text` with no letter or digit beside it.
fn has_word(text: &str, word: &str) -> bool {
    let is_edge = |c: Option<char>| c.is_none_or(|c| !c.is_ascii_alphanumeric());
    !word.is_empty()
        && text.match_indices(word).any(|(at, found)| {
            is_edge(text[..at].chars().next_back())
                && is_edge(text[at + found.len()..].chars().next())
        })
}

/// Whether a cell is a number or several, with their signs.
fn is_numeric(cell: &GridText) -> bool {
    cell.items.is_empty()
        && cell.text.as_deref().is_none_or(|text| {
            text.chars().all(|c| {
                c.is_ascii_digit() || c.is_whitespace() || "+-−–.,:;/()[]%±<>≥≤=×·".contains(c)
            })
        })
        && (cell.label.is_none() || cell.text.is_some())
}

/// The width of a cell in letters; a Chinese character is two wide.
fn width_of(cell: &GridText) -> usize {
    let of_text = |text: &str| text.chars().map(width_of_character).sum::<usize>();
    let longest = cell.characters().map(of_text).max().unwrap_or(0);
    longest + if cell.label.is_some() { LABEL } else { 0 }
}

/// The width of the longest word, or part of one with a hyphen or a slash behind it.
fn width_of_words(text: &GridText) -> usize {
    let words = text.characters().flat_map(str::split_whitespace);
    let parts = words.flat_map(|word| word.split_inclusive(['-', '/']));
    parts.map(|word| word.chars().map(width_of_character).sum()).max().unwrap_or(0)
}

fn width_of_character(c: char) -> usize {
    if u32::from(c) >= 0x2e80 { 2 } else { 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn abbreviations_are_words() {
        assert!(has_word("UC-MSC, 1e6", "MSC"));
        assert!(has_word("(MSC)", "MSC"));
        assert!(!has_word("MSCs", "MSC"));
        assert!(!has_word("NRS", "NR"));
        assert!(has_word("NRS, NR", "NR"));
    }

    #[test]
    fn a_wide_table_of_few_rows_stands_upright_where_its_words_fit() {
        let table = |cell: &str, rows: usize| {
            let columns = (0..6).map(|_| GridColumn::new("Title")).collect();
            let cells = || vec![GridText::from(cell); 6];
            let rows = (0..rows).map(|_| GridRow::new("row", cells())).collect();
            GridView::plain(columns, rows).laid_out(&[])
        };
        let words = "a cell of words that break well";
        assert!(!table(words, FEW).is_wide);
        assert_eq!(table(words, FEW).heads[0].columns[0].width, Some(NARROW + 2));
        assert!(table(words, FEW + 1).is_wide);
        assert!(table("a cell with one word-without-aaaaaaaaaaaaaaaaaaaaaa", FEW).is_wide);
    }

    #[test]
    fn footnotes_come_in_reading_order_and_once() {
        let mut notes = Footnotes::default();
        assert_eq!(notes.mark("first".into()), "a");
        assert_eq!(notes.mark("second".into()), "b");
        assert_eq!(notes.mark("first".into()), "a");
        assert_eq!(notes.finish().len(), 2);
        assert_eq!(letters(26), "aa");
    }

    #[test]
    fn numbers_stand_at_the_right_and_long_cells_share_the_room() {
        let row = |label: &str, n: &str| GridRow::new("row", vec![label.into(), n.into()]);
        let grid = GridView::plain(
            vec![GridColumn::new("Study"), GridColumn::new("n")],
            vec![row("A study with a long name 2020", "24 (12/12)"), row("间充质干细胞", "7")],
        )
        .laid_out(&[]);
        let columns: Vec<&GridColumn> = grid.heads.iter().flat_map(|head| &head.columns).collect();
        assert_eq!((columns[0].align, columns[1].align), ("left", "right"));
        assert!(columns[0].width.is_some() && columns[1].width.is_none());
    }

    #[test]
    fn a_column_of_whole_lines_leaves_the_rest_to_the_others() {
        let widths = |first: &str| -> Vec<Option<usize>> {
            let method = "Mean difference (IV, Random, 95% CI)";
            let columns = vec![
                GridColumn::new("Outcome"),
                GridColumn::new(GridText::label("statistical_method")),
            ];
            let rows = vec![GridRow::new("row", vec![first.into(), method.into()])];
            let grid = GridView::plain(columns, rows).laid_out(&[]);
            let grid = grid.with_lines_whole(&["statistical_method"]);
            grid.heads.iter().map(|head| head.columns[0].width).collect()
        };
        let long = widths("An outcome with a long name");
        assert!(long[0].is_some() && long[1].is_none(), "{long:?}");
        // where no other column can give way, it does
        let short = widths("Pain");
        assert!(short[0].is_none() && short[1].is_some(), "{short:?}");
    }
}
