//! What a table has otherwise than SPEC.md writes it, and what was made of that: one note a kind.

use std::cell::RefCell;

/// A way of writing a table that is read all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Untidy {
    /// Columns without a name and without cells, at the right.
    EmptyColumns,
    /// Empty cells beyond the header.
    TrailingCells,
    /// Rows without anything.
    EmptyRows,
    /// Decimal commas.
    DecimalComma,
    /// Something between thousands.
    Thousands,
    /// Full-width digits and signs.
    FullWidth,
    /// Another character than the hyphen for minus.
    Minus,
}

impl Untidy {
    /// Those of cells.
    const OF_CELLS: [Self; 4] = [Self::DecimalComma, Self::Thousands, Self::FullWidth, Self::Minus];

    /// What was read, of so many.
    pub(super) fn describe(self, n: usize) -> String {
        let s = if n == 1 { "" } else { "s" };
        match self {
            Self::EmptyColumns => format!("{n} empty column{s} at the right left out"),
            Self::TrailingCells => format!("empty cells beyond the header left out in {n} row{s}"),
            Self::EmptyRows => format!("{n} empty row{s} left out"),
            Self::DecimalComma => format!("{n} number{s} with a decimal comma"),
            Self::Thousands => format!("{n} number{s} with marks between thousands, read without"),
            Self::FullWidth => format!("{n} number{s} with full-width characters"),
            Self::Minus => format!("{n} number{s} with a minus that is no hyphen"),
        }
    }
}

/// The cells of a table whose number was read so, by their index.
#[derive(Debug, Clone, Default)]
pub(super) struct Notes([RefCell<Cells>; Untidy::OF_CELLS.len()]);

/// A set of small whole numbers.
#[derive(Debug, Clone, Default)]
struct Cells(Vec<u64>);

impl Notes {
    /// Notes a cell, once however often it is read.
    pub(super) fn add(&self, kind: Untidy, cell: usize) {
        let Some(at) = Untidy::OF_CELLS.iter().position(|known| *known == kind) else { return };
        let words = &mut self.0[at].borrow_mut().0;
        let word = cell / 64;
        if words.len() <= word {
            words.resize(word + 1, 0);
        }
        words[word] |= 1 << (cell % 64);
    }

    /// The kinds that there are, each with its first cell and how many they are.
    pub(super) fn found(&self) -> impl Iterator<Item = (Untidy, usize, usize)> {
        Untidy::OF_CELLS.into_iter().zip(&self.0).filter_map(|(kind, cells)| {
            let words = &cells.borrow().0;
            let (at, first) = words.iter().enumerate().find(|(_, word)| **word != 0)?;
            let count = words.iter().map(|word| word.count_ones() as usize).sum();
            Some((kind, 64 * at + first.trailing_zeros() as usize, count))
        })
    }
}
