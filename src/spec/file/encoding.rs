//! `encoding` of a review as written; `project` has read the files as it says.

use super::super::mapping::{expect_scalar, scalar};
use super::super::yaml::{Node, Value};
use crate::diagnostic::{Code, Diagnostic, nearest_hint};
use crate::project::encoding_named;
use crate::source::Spanned;

/// The labels that are told where one is not known.
const USUAL: [&str; 7] =
    ["utf-8", "gb18030", "big5", "windows-1252", "utf-16le", "utf-16be", "shift_jis"];

/// Checks the labels, and gives the files that the review declares one for.
pub(super) fn read(node: &Node, diagnostics: &mut Vec<Diagnostic>) -> Vec<Spanned<String>> {
    match &node.value {
        Value::Mapping(entries) => entries
            .iter()
            .filter_map(|(path, label)| {
                expect_label(label, diagnostics);
                scalar(path)
            })
            .collect(),
        _ => {
            expect_label(node, diagnostics);
            Vec::new()
        }
    }
}

fn expect_label(node: &Node, diagnostics: &mut Vec<Diagnostic>) {
    let Some(label) = expect_scalar(node, "encoding", diagnostics) else { return };
    if encoding_named(&label.value).is_none() {
        let message = format!("there is no encoding `{}`", label.value);
        diagnostics.push(
            Diagnostic::error(Code::UnknownChoice, label.place, message)
                .help(nearest_hint(&label.value, USUAL)),
        );
    }
}
