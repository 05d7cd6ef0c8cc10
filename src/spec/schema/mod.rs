//! The JSON Schema of the specs: what an editor completes, explains and underlines.
//!
//! The shapes here and the readers in `file` say the same twice; a test writes every mistake that
//! the schema knows into a spec and holds the reader to it, key by key and choice by choice. The
//! schema sees one file at a time: what depends on another file or on the data is the
//! reader's alone, and so is most of what depends on several keys together.

mod analysis;
mod methods;
mod review;
mod shape;
mod tables;

use serde_json::{Map, Value, json};
use shape::{Key, Shape};

/// The schema of `review.yaml` and of analyses in one, in the draft that editors know best (7).
///
/// A file that has a key which only a review has is a review.
#[must_use]
pub fn json_schema() -> Value {
    let review = review::keys();
    let analysis = analysis::keys();
    let own = |key: &&Key| !analysis.iter().any(|other| other.name == key.name);
    let signs: Vec<Value> =
        review.iter().filter(own).map(|key| json!({"required": [key.name]})).collect();
    let mut definitions = Map::new();
    definitions.insert("review".to_owned(), Shape::Mapping(review).schema());
    let mut analysis = Shape::Mapping(analysis).schema();
    analysis["allOf"] = analysis::measures_of_kinds();
    definitions.insert("analysis".to_owned(), analysis);
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "build-report",
        "description": "A review.yaml, or an analysis beside it.",
        "if": {"anyOf": signs},
        "then": {"$ref": "#/definitions/review"},
        "else": {"$ref": "#/definitions/analysis"},
        "definitions": definitions,
    })
}
