//! The filter of an analysis, as written.

use super::super::mapping::{expect_scalar, scalar, wrong_type};
use super::super::model::Filter;
use super::super::yaml::{Node, Value};
use crate::diagnostic::Diagnostic;

pub(super) fn read_filter(node: &Node, diagnostics: &mut Vec<Diagnostic>) -> Vec<Filter> {
    let Value::Mapping(entries) = &node.value else {
        diagnostics.push(wrong_type(node, "`filter`", "a mapping of columns to values"));
        return Vec::new();
    };
    let mut filter = Vec::new();
    for (key, value) in entries {
        let Some(column) = scalar(key) else { continue };
        let values = match &value.value {
            Value::Sequence(items) => items
                .iter()
                .filter_map(|item| expect_scalar(item, &column.value, diagnostics))
                .collect(),
            _ => expect_scalar(value, &column.value, diagnostics).into_iter().collect(),
        };
        filter.push(Filter { column, values });
    }
    filter
}
