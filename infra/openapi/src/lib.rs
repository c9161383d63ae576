//! The OpenAPI 3.1 document of the whole API, assembled from the description of each function's routes.
//!
//! Each function describes its own routes with utoipa (`Doc`). This package adds what all have in common: the error responses, the
//! error codes with the texts of their pages, `userId`, the examples of `events/`, the second path of the OAuth routes; and what
//! client generators need (`clients`). `cargo local generate` writes the result to [`FILE`], which `plugin-engine` serves.
//!
//! Only tests and the generator link it. A defect in a description panics: it is one of the source code.
#![expect(clippy::unwrap_used, reason = "the input is the source code of this repository")]

mod actions;
mod assembly;
mod bounds;
mod clients;
mod deletion;
mod error_pages;
mod fields;
mod parts;

pub use fields::{Bound, Field, fields};

use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

/// The file of the document in the repository.
pub const FILE: &str = "functions/plugin-engine/src/openapi.json";
/// The reviewed list of the fields of all requests, with their bounds. The generator adds a line for each new field and removes
/// none, so that no field leaves the tests of bounds unseen.
pub const REVIEWED_FIELDS: &str = "tests/it/bad_input/fields.txt";
/// The media type of every body.
pub const JSON: &str = "application/json";

/// The document of the repository at `root`.
pub fn document(root: &Path) -> Value {
    assembly::assemble(root)
}

/// The text of [`FILE`].
pub fn document_text(root: &Path) -> String {
    text_of(&document(root))
}

/// The part of a document at a reference, such as `#/components/schemas/Refusal`.
pub fn part_at<'a>(document: &'a Value, reference: &str) -> Option<&'a Value> {
    document.pointer(reference.strip_prefix('#')?)
}

/// Writes [`FILE`], and adds new fields to [`REVIEWED_FIELDS`]. Returns the files that changed.
///
/// # Errors
/// If a file cannot be written.
pub fn write(root: &Path) -> io::Result<Vec<&'static str>> {
    let document = document(root);
    let reviewed = fs::read_to_string(root.join(REVIEWED_FIELDS)).unwrap_or_default();
    let mut lines: BTreeSet<String> = reviewed.lines().map(ToOwned::to_owned).collect();
    // A field without a bound gets its line when it has one.
    lines.extend(fields(&document).iter().filter(|field| field.bound.is_some()).map(ToString::to_string));
    let fields: String = lines.into_iter().map(|line| line + "\n").collect();
    let mut changed = vec![];
    for (file, text) in [(FILE, text_of(&document)), (REVIEWED_FIELDS, fields)] {
        if fs::read_to_string(root.join(file)).unwrap_or_default() != text {
            fs::write(root.join(file), text)?;
            changed.push(file);
        }
    }
    Ok(changed)
}

fn text_of(document: &Value) -> String {
    format!("{document:#}\n")
}

/// Every `$ref` of a document.
pub fn references<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.get("$ref").and_then(Value::as_str));
            fields.values().for_each(|field| references(field, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
