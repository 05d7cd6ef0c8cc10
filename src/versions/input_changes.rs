//! What changed between two states of the inputs of a review, by what they mean: comments, the
//! order of keys, quoting and line ends are no change.

use crate::data::Table;
use crate::project::{Inputs, TEMPLATES, is_spec};
use crate::spec::{Entry, Filter, Node, Value, parse};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// One change of the inputs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputChange {
    /// The file, by its path below the review folder.
    pub file: String,
    /// What happened to it.
    pub what: FileChange,
}

/// What happened to a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileChange {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It changed, and one of its states is no YAML or table.
    Unreadable,
    /// A key of a spec has another value.
    Key {
        /// The keys that lead to it, with dots between.
        path: String,
        /// The value before, if there was one.
        old: Option<String>,
        /// The value now, if there is one.
        new: Option<String>,
    },
    /// A column was added to a table, or removed.
    Column {
        /// Its name.
        name: String,
        /// Whether it is new.
        is_new: bool,
    },
    /// A row of a table is new, gone, or has other cells.
    Row {
        /// Its line in a spreadsheet, where the header is line 1: the new one, of a removed row the
        /// old one.
        line: usize,
        /// Its cells before, by column, if it was there.
        old: Option<Cells>,
        /// Its cells now, if it is there.
        new: Option<Cells>,
    },
    /// The rows stand in another order.
    Order,
}

/// The cells of a row by the name of their column.
pub type Cells = BTreeMap<String, String>;

impl fmt::Display for InputChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = &self.file;
        match &self.what {
            FileChange::Added => write!(f, "{file} is new"),
            FileChange::Removed => write!(f, "{file} is gone"),
            FileChange::Unreadable => write!(f, "{file} changed"),
            FileChange::Key { path, old: Some(old), new: Some(new) } => {
                write!(f, "{file} `{path}` is `{}`, was `{}`", short(new), short(old))
            }
            FileChange::Key { path, new: Some(_), .. } => write!(f, "{file} `{path}` is new"),
            FileChange::Key { path, .. } => write!(f, "{file} `{path}` is gone"),
            FileChange::Column { name, is_new: true } => write!(f, "{file} column `{name}` is new"),
            FileChange::Column { name, .. } => write!(f, "{file} column `{name}` is gone"),
            FileChange::Row { line, old: None, .. } => write!(f, "{file} row {line} is new"),
            FileChange::Row { line, new: None, .. } => write!(f, "{file} row {line} is gone"),
            FileChange::Row { line, .. } => write!(f, "{file} row {line} changed"),
            FileChange::Order => write!(f, "{file} has its rows in another order"),
        }
    }
}

/// The beginning of a long text.
fn short(text: &str) -> String {
    const LONGEST: usize = 40;
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    text.chars().take(LONGEST - 1).chain(['…']).collect()
}

impl InputChange {
    /// The analyses of `entries` that the change is about; empty where it is about the review, or
    /// about rows that none of them takes.
    #[must_use]
    pub fn analyses<'a>(&self, entries: &'a [Entry], inputs: &Inputs) -> Vec<&'a str> {
        if is_spec(&self.file) {
            let is_own =
                |entry: &&Entry| inputs.sources.get(entry.place().source).name == self.file;
            return entries.iter().filter(is_own).map(Entry::id).collect();
        }
        let takes = |entry: &&Entry| match &self.what {
            _ if entry.data_path() != self.file => false,
            FileChange::Row { old, new, .. } => {
                [old, new].into_iter().flatten().any(|cells| meets(entry.filter(), cells))
            }
            _ => true,
        };
        entries.iter().filter(takes).map(Entry::id).collect()
    }
}

fn meets(filter: &[Filter], cells: &Cells) -> bool {
    filter.iter().all(|filter| {
        let cell = cells.get(&filter.column.value);
        filter.values.iter().any(|value| cell == Some(&value.value))
    })
}

/// The changes of the specs, of the review's own templates and of the tables named in `tables`, by
/// file.
#[must_use]
pub fn input_changes(old: &Inputs, new: &Inputs, tables: &BTreeSet<String>) -> Vec<InputChange> {
    let names: BTreeSet<&String> = old
        .bytes
        .keys()
        .chain(new.bytes.keys())
        .filter(|name| is_spec(name) || name.starts_with(TEMPLATES) || tables.contains(*name))
        .collect();
    let mut changes = Vec::new();
    for name in names {
        let of_file = match (old.bytes.get(name), new.bytes.get(name)) {
            (None, _) => vec![FileChange::Added],
            (_, None) => vec![FileChange::Removed],
            (Some(before), Some(now)) if before == now => Vec::new(),
            _ if name.ends_with(".bib") || name.starts_with(TEMPLATES) => {
                vec![FileChange::Unreadable]
            }
            _ if name.ends_with(".csv") => table_changes(old, new, name),
            _ => spec_changes(old, new, name),
        };
        changes.extend(of_file.into_iter().map(|what| InputChange { file: name.clone(), what }));
    }
    changes
}

fn spec_changes(old: &Inputs, new: &Inputs, name: &str) -> Vec<FileChange> {
    let (Some(old), Some(new)) = (values(old, name), values(new, name)) else {
        return vec![FileChange::Unreadable];
    };
    let paths: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    paths
        .into_iter()
        .filter(|path| old.get(*path) != new.get(*path))
        .map(|path| FileChange::Key {
            path: path.clone(),
            old: old.get(path).cloned(),
            new: new.get(path).cloned(),
        })
        .collect()
}

/// The single values of a spec by the keys that lead to them; `None` where it is not YAML.
#[must_use]
pub fn values(inputs: &Inputs, name: &str) -> Option<BTreeMap<String, String>> {
    let source = inputs.sources.by_name(name)?;
    let tree = parse(&inputs.sources, source).ok()?;
    let mut values = BTreeMap::new();
    collect(&tree, String::new(), &mut values);
    Some(values)
}

fn collect(node: &Node, path: String, values: &mut BTreeMap<String, String>) {
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match &node.value {
        Value::Null => {
            values.insert(path, "~".to_owned());
        }
        Value::Scalar(text) => {
            values.insert(path, written(text));
        }
        Value::Sequence(items) => {
            if let Some(texts) = items.iter().map(scalar).collect::<Option<Vec<&str>>>() {
                let items: Vec<String> = texts.into_iter().map(written).collect();
                values.insert(path, format!("[{}]", items.join(", ")));
            } else {
                for (index, item) in items.iter().enumerate() {
                    collect(item, below(&(index + 1).to_string()), values);
                }
            }
        }
        Value::Mapping(entries) if entries.is_empty() => {
            values.insert(path, "{}".to_owned());
        }
        Value::Mapping(entries) => {
            for (key, value) in entries {
                collect(value, below(scalar(key).unwrap_or_default()), values);
            }
        }
    }
}

/// A text as it stands in a list: quoted where it could be taken for more than itself.
fn written(text: &str) -> String {
    if text.contains(['[', ']', '{', '}', ',', '~', '"']) {
        format!("\"{}\"", text.replace('"', "\\\""))
    } else {
        text.to_owned()
    }
}

fn scalar(node: &Node) -> Option<&str> {
    match &node.value {
        Value::Scalar(text) => Some(text),
        _ => None,
    }
}

fn table_changes(old: &Inputs, new: &Inputs, name: &str) -> Vec<FileChange> {
    let parsed = |inputs: &Inputs| {
        let source = inputs.sources.by_name(name)?;
        Table::parse(&inputs.sources, source).ok()
    };
    let (Some(old), Some(new)) = (parsed(old), parsed(new)) else {
        return vec![FileChange::Unreadable];
    };
    let [old_columns, new_columns] =
        [&old, &new].map(|table| table.column_names().collect::<BTreeSet<&str>>());
    let column = |name: &&str, is_new| FileChange::Column { name: (*name).to_owned(), is_new };
    let mut changes: Vec<FileChange> =
        old_columns.difference(&new_columns).map(|name| column(name, false)).collect();
    changes.extend(new_columns.difference(&old_columns).map(|name| column(name, true)));
    let shared: Vec<&str> = old_columns.intersection(&new_columns).copied().collect();
    changes.extend(row_changes(&rows(&old, &shared), &rows(&new, &shared)));
    changes
}

fn rows(table: &Table, columns: &[&str]) -> Vec<Cells> {
    let indexes: Vec<(usize, &str)> =
        columns.iter().filter_map(|name| Some((table.column(name)?, *name))).collect();
    (0..table.row_count())
        .map(|row| {
            let cell = |(column, name): &(usize, &str)| {
                ((*name).to_owned(), table.cell(row, *column).to_owned())
            };
            indexes.iter().map(cell).collect()
        })
        .collect()
}

/// Rows that stand in both tables are the same wherever they stand; of the others, those about one
/// thing changed, and the rest is new or gone.
fn row_changes(old: &[Cells], new: &[Cells]) -> Vec<FileChange> {
    let mut unmatched: BTreeMap<&Cells, Vec<usize>> = BTreeMap::new();
    for (row, cells) in old.iter().enumerate().rev() {
        unmatched.entry(cells).or_default().push(row);
    }
    let mut matched = Vec::new();
    let mut others = Vec::new();
    for (row, cells) in new.iter().enumerate() {
        match unmatched.get_mut(cells).and_then(Vec::pop) {
            Some(before) => matched.push(before),
            None => others.push(row),
        }
    }
    let mut gone: BTreeSet<usize> = unmatched.into_values().flatten().collect();
    let mut changes = Vec::new();
    for row in others {
        // the row about the same thing, or else one in the same place that is partly about it
        let is_same = |before: &&usize| key(&old[**before]) == key(&new[row]);
        let is_alike =
            |before: &&usize| key(&old[**before]).iter().any(|cell| key(&new[row]).contains(cell));
        let in_place = gone.get(&row).filter(|_| old.len() == new.len()).filter(is_alike);
        let before = gone.iter().find(is_same).or(in_place).copied();
        if let Some(before) = before {
            gone.remove(&before);
        }
        changes.push(FileChange::Row {
            line: row + 2,
            old: before.map(|before| old[before].clone()),
            new: Some(new[row].clone()),
        });
    }
    let removed =
        |row: usize| FileChange::Row { line: row + 2, old: Some(old[row].clone()), new: None };
    changes.extend(gone.into_iter().map(removed));
    if changes.is_empty() && !matched.is_sorted() {
        changes.push(FileChange::Order);
    }
    changes
}

/// The cells that do not look like numbers: what a row is about rather than what it holds.
fn key(cells: &Cells) -> Vec<&str> {
    cells.values().filter(|cell| cell.parse::<f64>().is_err()).map(String::as_str).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    fn inputs(spec: &str, table: &str) -> Inputs {
        let files = [("a.yaml", spec), ("d.csv", table)];
        let files = files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()));
        Inputs::from_files(PathBuf::new(), files.into())
    }

    fn told(old: (&str, &str), new: (&str, &str)) -> Vec<String> {
        let (old, new) = (inputs(old.0, old.1), inputs(new.0, new.1));
        let tables = BTreeSet::from(["d.csv".to_owned()]);
        input_changes(&old, &new, &tables).iter().map(ToString::to_string).collect()
    }

    const SPEC: &str = "id: a\nmodel: {method: REML, test: z}\n";
    const TABLE: &str = "study,e1,n1\nA,1,10\nB,2,20\nC,3,30\n";

    #[test]
    fn what_means_the_same_is_no_change() {
        let spec = "# a comment\nmodel:\n  test: 'z'\n  method: \"REML\"\nid: a # another\n";
        assert_eq!(told((SPEC, TABLE), (spec, TABLE)), [""; 0]);
        let table = "\u{feff}n1,study,e1\r\n10,\"A\", 1\r\n20,B,2\r\n30,C,3";
        assert_eq!(told((SPEC, TABLE), (SPEC, table)), [""; 0]);
    }

    #[test]
    fn changes_are_told_by_key_and_row() {
        let spec = "id: a\nmodel: {method: DL}\nadd: 0\n";
        let table = "study,e1,n1,note\nB,2,20,x\nA,5,10,x\nD,1,1,x\n";
        assert_eq!(
            told((SPEC, TABLE), (spec, table)),
            [
                "a.yaml `add` is new",
                "a.yaml `model.method` is `DL`, was `REML`",
                "a.yaml `model.test` is gone",
                "d.csv column `note` is new",
                "d.csv row 3 changed",
                "d.csv row 4 is new",
                "d.csv row 4 is gone",
            ]
        );
        let table = "study,e1,n1\nB,2,20\nA,1,10\nC,3,30\n";
        assert_eq!(told((SPEC, TABLE), (SPEC, table)), ["d.csv has its rows in another order"]);
        let dated = "date,what\n2024-12,Approved\n";
        let mended = "date,what\n2024-12,Approved by the FDA\n";
        assert_eq!(told((SPEC, dated), (SPEC, mended)), ["d.csv row 2 changed"]);
    }
}
