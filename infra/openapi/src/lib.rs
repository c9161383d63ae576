//! The OpenAPI 3.1 document of the whole API, assembled from the description of each function's routes.
//!
//! Each function describes its own routes with utoipa (`Doc`). This package adds what all have in common: the error responses, the
//! error codes with the texts of their pages, `userId`, the examples of `events/`, the second path of the OAuth routes; and what
//! client generators need (`clients`). `cargo local generate` writes the result to [`FILE`], which `plugin-engine` serves.
//!
//! Only tests and the generator link it. A defect in a description panics: it is one of the source code.
#![expect(clippy::unwrap_used, reason = "the input is the source code of this repository")]

mod assembly;
mod clients;
mod error_pages;
mod parts;

use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

/// The file of the document in the repository.
pub const FILE: &str = "functions/plugin-engine/src/openapi.json";
/// The media type of every body.
pub const JSON: &str = "application/json";

/// The document of the repository at `root`.
pub fn document(root: &Path) -> Value {
    assembly::assemble(root)
}

/// The text of [`FILE`].
pub fn document_text(root: &Path) -> String {
    format!("{:#}\n", document(root))
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
