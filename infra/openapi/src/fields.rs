//! The fields of all requests with their bounds, read from the document.

use serde_json::{Map, Value};
use std::fmt;

use crate::bounds::OPAQUE;
use crate::{JSON, part_at};

/// A field of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The HTTP method.
    pub method: String,
    /// The path.
    pub path: String,
    /// The name; of a nested field the names on the way, joined by dots; of a list's items with `[]`.
    pub name: String,
    /// True for a field of the body; false for a parameter of the query or a header.
    pub in_body: bool,
    /// The bound; `None` if any value of the type is documented as valid.
    pub bound: Option<Bound>,
}

/// The bound of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// A text of at most so many bytes.
    Text(u64),
    /// An id or a code that the caller received, of at most so many bytes.
    Opaque(u64),
    /// One of a list of names, a date-time, or true and false.
    Closed,
    /// A number between two values.
    Number(u64, u64),
    /// A list of at most so many items.
    List(u64),
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { method, path, name, .. } = self;
        write!(f, "{method} {path} {name} ")?;
        match self.bound {
            None => write!(f, "unbounded"),
            Some(Bound::Text(most)) => write!(f, "text {most}"),
            Some(Bound::Opaque(most)) => write!(f, "opaque {most}"),
            Some(Bound::Closed) => write!(f, "closed"),
            Some(Bound::Number(least, most)) => write!(f, "number {least} {most}"),
            Some(Bound::List(most)) => write!(f, "list {most}"),
        }
    }
}

/// Every text, list, number, date-time and enumeration that a request of the document can have.
pub fn fields(document: &Value) -> Vec<Field> {
    let mut fields = vec![];
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            let mut walk = Walk { document, method: method.to_uppercase(), path, in_body: false, fields: &mut fields };
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                walk.value(parameter["name"].as_str().unwrap_or_default(), &parameter["schema"]);
            }
            walk.in_body = true;
            walk.value("", &operation["requestBody"]["content"][JSON]["schema"]);
        }
    }
    fields
}

struct Walk<'a> {
    document: &'a Value,
    method: String,
    path: &'a str,
    in_body: bool,
    fields: &'a mut Vec<Field>,
}

impl Walk<'_> {
    fn value(&mut self, name: &str, schema: &Value) {
        if let Some(reference) = schema["$ref"].as_str() {
            return self.value(name, part_at(self.document, reference).unwrap_or(&Value::Null));
        }
        if let Some(bound) = bound(name, schema) {
            let (method, path, name) = (self.method.clone(), self.path.to_owned(), name.to_owned());
            self.fields.push(Field { method, path, name, in_body: self.in_body, bound });
        }
        for (field, schema) in schema["properties"].as_object().into_iter().flat_map(Map::iter) {
            let name = if name.is_empty() { field.clone() } else { format!("{name}.{field}") };
            self.value(&name, schema);
        }
        for form in schema["oneOf"].as_array().into_iter().flatten() {
            self.value(name, form);
        }
        if let Some(items) = schema.get("items") {
            self.value(&format!("{name}[]"), items);
        }
    }
}

/// The bound of a schema; the outer `None` for an object or a schema without a type, which have no bound of their own.
fn bound(name: &str, schema: &Value) -> Option<Option<Bound>> {
    let is = |kind: &str| schema["type"] == kind || schema["type"].as_array().is_some_and(|kinds| kinds[0] == kind);
    let number = |name: &str| schema[name].as_u64();
    if schema.get("enum").is_some() || schema.get("format").is_some_and(|format| format == "date-time") || is("boolean")
    {
        Some(Some(Bound::Closed))
    } else if is("string") {
        let last = name.rsplit('.').next().unwrap_or(name).trim_end_matches("[]");
        let kind = if OPAQUE.contains(&last) { Bound::Opaque } else { Bound::Text };
        Some(number("maxLength").map(kind))
    } else if is("integer") || is("number") {
        Some(number("minimum").zip(number("maximum")).map(|(least, most)| Bound::Number(least, most)))
    } else if is("array") {
        Some(number("maxItems").map(Bound::List))
    } else {
        None
    }
}
