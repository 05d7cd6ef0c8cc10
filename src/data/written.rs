//! Numbers as people write them: what a cell says for certain, and what could be two things.

use super::layout::Separator;
use super::untidy::Untidy;

/// What a cell is as a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Written {
    /// As a number is written: ASCII digits and a decimal point.
    Plain,
    /// These digits, written otherwise.
    Otherwise(String, Vec<Untidy>),
    /// `1,234` or `1.234`: with this character between thousands or before decimals.
    Either {
        /// The character.
        mark: char,
        /// The digits with a decimal point.
        decimal: String,
        /// The digits without a mark.
        whole: String,
        /// What else is untidy.
        others: Vec<Untidy>,
    },
    /// No number.
    No,
}

/// What the numbers of a column, or of a table, show beyond doubt.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Shown {
    /// Decimal commas.
    pub(super) comma: bool,
    /// Decimal points.
    pub(super) point: bool,
}

impl Shown {
    /// With what one cell shows.
    pub(super) fn and(self, cell: &str) -> Self {
        match decimal_mark(cell) {
            Some(',') => Self { comma: true, ..self },
            Some(_) => Self { point: true, ..self },
            None => self,
        }
    }
}

/// The decimal mark that a cell has or, by what stands between its thousands, must have.
fn decimal_mark(cell: &str) -> Option<char> {
    if !cell.contains([',', '.', '\u{ff0c}', '\u{ff0e}']) {
        return None;
    }
    match understand(cell) {
        Written::Plain => cell.contains('.').then_some('.'),
        Written::Otherwise(_, how) if how.contains(&Untidy::DecimalComma) => Some(','),
        Written::Otherwise(digits, how) => {
            let commas = cell.chars().filter(|c| matches!(c, ',' | '\u{ff0c}')).count();
            let points = cell.chars().filter(|c| matches!(c, '.' | '\u{ff0e}')).count();
            let is_grouped = how.contains(&Untidy::Thousands);
            match (is_grouped, commas, points) {
                (true, 1.., _) => Some('.'),
                (true, 0, 2..) => Some(','),
                _ => digits.contains('.').then_some('.'),
            }
        }
        Written::Either { .. } | Written::No => None,
    }
}

/// What a cell says by itself.
pub(super) fn understand(cell: &str) -> Written {
    let mut others = Vec::new();
    let ascii = in_ascii(cell, &mut others);
    let (sign, rest) = match ascii.strip_prefix(['+', '-']) {
        Some(rest) => (&ascii[..1], rest),
        None => ("", ascii.as_str()),
    };
    let (body, exponent) = match rest.find(['e', 'E']) {
        Some(at) => rest.split_at(at),
        None => (rest, ""),
    };
    let is_exponent =
        exponent.is_empty() || is_digits(exponent[1..].trim_start_matches(['+', '-']));
    if !is_exponent || !body.contains(|c: char| c.is_ascii_digit()) {
        return Written::No;
    }
    let digits = |body: &str| format!("{sign}{body}{exponent}");
    let marks: Vec<(usize, char)> =
        body.char_indices().filter(|(_, c)| !c.is_ascii_digit()).collect();
    let (whole, decimals) = match *marks.as_slice() {
        [] => (body, None),
        [(at, mark @ ('.' | ','))] => {
            let (whole, decimals) = (&body[..at], &body[at + 1..]);
            if exponent.is_empty() && could_be_thousands(whole, decimals) {
                return Written::Either {
                    mark,
                    decimal: digits(&format!("{whole}.{decimals}")),
                    whole: digits(&format!("{whole}{decimals}")),
                    others,
                };
            }
            if mark == ',' {
                if whole.is_empty() || decimals.is_empty() {
                    return Written::No;
                }
                others.push(Untidy::DecimalComma);
            }
            (whole, Some(decimals))
        }
        [.., (_, before), (at, mark @ ('.' | ','))] if before != mark => {
            if mark == ',' {
                others.push(Untidy::DecimalComma);
            }
            (&body[..at], Some(&body[at + 1..]))
        }
        _ => (body, None),
    };
    let Some(whole) = without_thousands(whole, &mut others) else { return Written::No };
    if decimals.is_some_and(|decimals| !decimals.is_empty() && !is_digits(decimals)) {
        return Written::No;
    }
    if others.is_empty() {
        return Written::Plain;
    }
    let decimals = decimals.map(|decimals| format!(".{decimals}")).unwrap_or_default();
    Written::Otherwise(digits(&format!("{whole}{decimals}")), others)
}

/// Full-width characters and other minus signs as ASCII has them.
fn in_ascii(cell: &str, how: &mut Vec<Untidy>) -> String {
    let mut note = |kind| {
        if !how.contains(&kind) {
            how.push(kind);
        }
    };
    let mut text = String::with_capacity(cell.len());
    for c in cell.chars() {
        // a dash is a minus only where a sign can stand
        let is_start = text.is_empty() || text.ends_with(['e', 'E']);
        text.push(match c {
            '\u{ff10}'..='\u{ff19}' | '\u{ff0b}'..='\u{ff0e}' => {
                note(Untidy::FullWidth);
                char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c)
            }
            '\u{2212}' | '\u{2012}' | '\u{2013}' | '\u{fe63}' if is_start => {
                note(Untidy::Minus);
                '-'
            }
            c => c,
        });
    }
    text
}

/// Whether digits before and behind a mark could also be groups of thousands.
fn could_be_thousands(whole: &str, decimals: &str) -> bool {
    (1..=3).contains(&whole.len()) && !whole.starts_with('0') && decimals.len() == 3
}

/// The digits of a whole number, whose thousands may be divided by one character throughout.
fn without_thousands(whole: &str, how: &mut Vec<Untidy>) -> Option<String> {
    let Some(mark) = whole.chars().find(|c| !c.is_ascii_digit()) else {
        return Some(whole.to_owned());
    };
    let is_mark = matches!(
        mark,
        ',' | '.' | ' ' | '\'' | '\u{2019}' | '\u{a0}' | '\u{2009}' | '\u{202f}' | '\u{3000}'
    );
    let mut groups = whole.split(mark);
    let is_grouped = groups.next().is_some_and(|first| {
        (1..=3).contains(&first.len()) && is_digits(first) && !first.starts_with('0')
    });
    if !is_mark || !is_grouped || !groups.all(|group| group.len() == 3 && is_digits(group)) {
        return None;
    }
    how.push(Untidy::Thousands);
    Some(whole.replace(mark, ""))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// What `1,234` or `1.234` is where the column and its table show this much; none where it stays
/// open. Whole numbers have no decimals, so that a comma can only divide thousands in them.
pub(super) fn is_decimal(
    mark: char,
    separator: Separator,
    of_column: Shown,
    of_table: Shown,
    wants_whole: bool,
) -> Option<bool> {
    match (mark, of_column.comma, of_column.point) {
        (',', true, false) => Some(true),
        (',', false, true) => Some(false),
        ('.', false, true) => Some(true),
        (',', false, false) => match separator {
            Separator::Semicolon if !of_table.point => Some(true),
            Separator::Comma if wants_whole && !of_table.comma => Some(false),
            _ => None,
        },
        ('.', false, false) => match separator {
            // a spreadsheet whose decimals are commas separates by semicolons, or quotes them; points
            // in another column prove nothing, for it may hold numbers of sections, or codes
            Separator::Semicolon => None,
            Separator::Comma | Separator::Tab => (!of_table.comma).then_some(true),
        },
        _ => None,
    }
}

/// What a cell that is no number may be: a day, or an error that a spreadsheet shows.
pub(super) fn spreadsheet_hint(cell: &str) -> Option<&'static str> {
    if looks_like_a_day(cell) {
        return Some(
            "a spreadsheet took it for a day: type the number again, in a column formatted as text",
        );
    }
    let is_error = cell.starts_with('#') && cell.ends_with(['!', '?', 'A']);
    is_error
        .then_some("a formula of the spreadsheet failed: mend it there, and save the file again")
}

/// The first character of a cell that has no width and no ink.
pub(super) fn invisible(cell: &str) -> Option<char> {
    cell.chars().find(|c| {
        matches!(
            c,
            '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        ) || c.is_control()
    })
}

/// `5-Mar`, `Mar-05`, `3/5`, `05.03.2024`, `2024-03-05`, `3月5日`.
pub(super) fn looks_like_a_day(cell: &str) -> bool {
    const MONTHS: [&str; 16] = [
        "jan", "feb", "mar", "mär", "mrz", "apr", "may", "mai", "jun", "jul", "aug", "sep", "oct",
        "okt", "nov", "dec",
    ];
    if let Some((month, day)) = cell.split_once('月') {
        return is_digits(month) && is_digits(day.trim_end_matches('日'));
    }
    let parts: Vec<String> = cell
        .split(['-', '/', '.', ' '])
        .filter(|part| !part.is_empty())
        .map(str::to_lowercase)
        .collect();
    let is_month = |part: &String| {
        let mut start = part.chars();
        let start: String = start.by_ref().take(3).collect();
        MONTHS.contains(&start.as_str()) || start == "dez"
    };
    let is_number = |part: &&String| is_digits(part) && part.len() <= 4;
    let numbers = parts.iter().filter(is_number).count();
    match parts.len() {
        2 if cell.contains('/') => numbers == 2,
        2 => numbers == 1 && parts.iter().any(is_month),
        3 => numbers == 3 || (numbers == 2 && parts.iter().any(is_month)),
        _ => false,
    }
}

/// The day that a number of days since 1900 is in Excel, where it lies between 1955 and 2064: year,
/// month and day.
pub(super) fn excel_day(cell: &str) -> Option<(i64, i64, i64)> {
    let days: i64 = cell.parse().ok().filter(|days| (20_000..=60_000).contains(days))?;
    // Howard Hinnant, "chrono-compatible low-level date algorithms", civil_from_days; Excel's day 1
    // is the last of 1899 in a calendar that knows no 29 February 1900
    let shifted = days - 25_569 + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    Some((year + 400 * era + i64::from(month <= 2), month, day))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Untidy::{DecimalComma, FullWidth, Minus, Thousands};

    #[test]
    fn what_is_certain_is_read() {
        let cases: [(&str, &str, &[Untidy]); 15] = [
            ("0,52", "0.52", &[DecimalComma]),
            ("-12,5", "-12.5", &[DecimalComma]),
            ("1234,567", "1234.567", &[DecimalComma]),
            ("1,5E+03", "1.5E+03", &[DecimalComma]),
            ("1,234,567", "1234567", &[Thousands]),
            ("1.234.567", "1234567", &[Thousands]),
            ("1,234.5", "1234.5", &[Thousands]),
            ("1.234,5", "1234.5", &[DecimalComma, Thousands]),
            ("1 234", "1234", &[Thousands]),
            ("12\u{202f}345,6", "12345.6", &[DecimalComma, Thousands]),
            ("1'234.5", "1234.5", &[Thousands]),
            ("１２．５", "12.5", &[FullWidth]),
            ("－３", "-3", &[FullWidth]),
            ("\u{2212}0.5", "-0.5", &[Minus]),
            ("1e\u{2212}3", "1e-3", &[Minus]),
        ];
        for (cell, digits, how) in cases {
            assert_eq!(
                understand(cell),
                Written::Otherwise(digits.to_owned(), how.to_vec()),
                "{cell}"
            );
        }
        for cell in ["0", "12.5", "-1e-3", "+.5", "5.", "0.125", "1234.567", "1.234e5"] {
            assert_eq!(understand(cell), Written::Plain, "{cell}");
        }
    }

    #[test]
    fn what_is_no_number_is_none() {
        let cells = [
            "",
            "-",
            ".",
            ",5",
            "5,",
            "1,2,3",
            "12,34,567",
            "1.2.3",
            "05.03.2024",
            "1 2",
            "5-3",
            "1,234.567.8",
            "1.234 567",
            "nan",
            "inf",
            "1_000",
            "0x1",
            "1e",
            "12%",
            "3\u{2013}4",
            "1,234 567",
            "0 123",
            "१२",
        ];
        for cell in cells {
            assert_eq!(understand(cell), Written::No, "{cell}");
        }
    }

    #[test]
    fn a_mark_before_three_digits_is_decided_by_its_column() {
        let shown =
            |cells: &[&str]| cells.iter().fold(Shown::default(), |shown, cell| shown.and(cell));
        let none = Shown::default();
        let (comma, point) = (shown(&["0,5"]), shown(&["12.5"]));
        assert_eq!(
            (comma, point),
            (Shown { comma: true, point: false }, Shown { comma: false, point: true })
        );
        assert_eq!(shown(&["1,234", "1.234", "x", "12"]), none);
        assert_eq!(shown(&["1,234,567"]), point);
        assert_eq!(shown(&["1.234.567"]), comma);
        let of = |mark, separator, column| is_decimal(mark, separator, column, column, false);
        assert_eq!(of(',', Separator::Comma, none), None);
        assert_eq!(of(',', Separator::Comma, point), Some(false));
        assert_eq!(of(',', Separator::Comma, comma), Some(true));
        assert_eq!(of(',', Separator::Semicolon, none), Some(true));
        assert_eq!(of(',', Separator::Tab, none), None);
        assert_eq!(of('.', Separator::Comma, none), Some(true));
        assert_eq!(of('.', Separator::Semicolon, none), None);
        assert_eq!(of('.', Separator::Comma, comma), None);
        assert_eq!(is_decimal('.', Separator::Comma, none, comma, false), None);
        let both = Shown { comma: true, point: true };
        assert_eq!(is_decimal('.', Separator::Comma, none, both, false), None);
        assert_eq!(is_decimal('.', Separator::Comma, none, point, false), Some(true));
        assert_eq!(of('.', Separator::Tab, none), Some(true));
        assert_eq!(is_decimal(',', Separator::Comma, none, none, true), Some(false));
        assert_eq!(is_decimal(',', Separator::Semicolon, none, point, false), None);
        assert_eq!(is_decimal('.', Separator::Semicolon, none, point, false), None);
    }

    #[test]
    fn what_nobody_sees_is_found() {
        assert_eq!(invisible("0.5\u{200b}"), Some('\u{200b}'));
        assert_eq!(invisible("\u{feff}12"), Some('\u{feff}'));
        assert!(
            ["0.5", "12 %", "\u{2212}3", "", "中"].iter().all(|cell| invisible(cell).is_none())
        );
    }

    #[test]
    fn days_are_known() {
        let days = ["5-Mar", "Mar-05", "3/5", "05.03.2024", "2024-03-05", "3月5日", "5. Dez"];
        assert!(days.iter().all(|cell| looks_like_a_day(cell)));
        let others = ["12", "-5", "0.5", "a-5", "NA", "MARCH1", "", "12 of 30"];
        assert!(!others.iter().any(|cell| looks_like_a_day(cell)));
        assert_eq!(excel_day("45321"), Some((2024, 1, 30)));
        assert_eq!(excel_day("25569"), Some((1970, 1, 1)));
        assert_eq!(excel_day("43890"), Some((2020, 2, 29)));
        assert_eq!(excel_day("2019"), None);
    }
}
