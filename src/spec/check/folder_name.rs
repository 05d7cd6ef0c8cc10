//! Ids and versions name folders, on every system.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Spanned;

/// The longest name, in bytes.
const LONGEST: usize = 100;

pub(super) fn expect_folder_name(name: &Spanned<String>, diagnostics: &mut Vec<Diagnostic>) {
    let text = &name.value;
    let is_sign = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    let is_written = !text.is_empty()
        && !text.starts_with('.')
        && !text.ends_with('.')
        && text.chars().all(is_sign);
    let help = if !is_written {
        "use letters, digits, `-`, `_` and `.`, with no `.` at either end"
    } else if text.len() > LONGEST {
        "it is too long: use 100 letters at most, or 33 Chinese characters"
    } else if is_device(text) {
        "Windows calls a device so, whatever its case and ending: add a word to it"
    } else {
        return;
    };
    let message = format!("`{text}` cannot name a folder");
    diagnostics.push(Diagnostic::error(Code::Impossible, name.place, message).help(help));
}

/// Whether Windows takes a name for one of a device: it looks at what stands before the first full
/// stop, and not at its case.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().to_ascii_uppercase();
    let is_port = |kind| {
        let number = stem.strip_prefix(kind).unwrap_or_default();
        let mut digits = number.chars();
        matches!((digits.next(), digits.next()), (Some('1'..='9' | '¹' | '²' | '³'), None))
    };
    ["CON", "PRN", "AUX", "NUL"].contains(&stem.as_str()) || is_port("COM") || is_port("LPT")
}

#[cfg(test)]
mod tests {
    use super::is_device;

    #[test]
    fn devices_of_windows_are_known() {
        for name in ["con", "NUL", "Aux.2024", "prn", "com1", "LPT9.x", "com²"] {
            assert!(is_device(name), "{name}");
        }
        for name in ["console", "com", "com0", "com10", "nul-1", "2024.con", "lpt"] {
            assert!(!is_device(name), "{name}");
        }
    }
}
