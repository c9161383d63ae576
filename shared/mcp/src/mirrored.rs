//! The arguments of a tool that a header repeats: the property `x-mcp-header` of its input schema.
//!
//! Source: <https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#custom-headers-from-tool-parameters>.

use serde_json::{Map, Value};

/// Key in a property's schema that names the header.
const MARK: &str = "x-mcp-header";
/// Maximum depth of a property that is found.
const MAX_DEPTH: usize = 16;

/// Argument of a tool that a header `Mcp-Param-{header}` repeats.
///
/// Source: <https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#custom-headers-from-tool-parameters>.
#[derive(Clone, Debug, PartialEq)]
pub struct Mirrored {
    header: String,
    path: Vec<String>,
}

impl Mirrored {
    /// Finds the marked properties of an input schema, at every level of `properties`.
    pub fn of(schema: &Value) -> Vec<Self> {
        let mut found = vec![];
        collect(schema, &mut vec![], &mut found);
        found
    }

    /// The name of the header, in lower case.
    pub(crate) fn header_name(&self) -> String {
        format!("mcp-param-{}", self.header.to_ascii_lowercase())
    }

    /// The argument's value, unless it is absent or null.
    pub(crate) fn value_in<'a>(&self, arguments: &'a Map<String, Value>) -> Option<&'a Value> {
        let (first, rest) = self.path.split_first()?;
        let value = rest.iter().try_fold(arguments.get(first)?, |value, name| value.get(name))?;
        (!value.is_null()).then_some(value)
    }
}

fn collect(schema: &Value, path: &mut Vec<String>, found: &mut Vec<Mirrored>) {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return };
    if path.len() == MAX_DEPTH {
        return;
    }
    for (name, property) in properties {
        path.push(name.clone());
        if let Some(header) = property.get(MARK).and_then(Value::as_str) {
            found.push(Mirrored { header: header.to_owned(), path: path.clone() });
        }
        collect(property, path, found);
        path.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn marked_properties_are_found_at_every_level() {
        let schema = json!({ "properties": {
            "region": { "type": "string", "x-mcp-header": "Region" },
            "place": { "properties": { "city": { "type": "string", "x-mcp-header": "City" } } },
            "list": { "items": { "properties": { "no": { "x-mcp-header": "No" } } } },
        } });
        let found = Mirrored::of(&schema);
        let mut names: Vec<String> = found.iter().map(Mirrored::header_name).collect();
        names.sort();
        assert_eq!(names, ["mcp-param-city", "mcp-param-region"]);
        let arguments = json!({ "place": { "city": "Bern" }, "region": null });
        let values: Vec<_> = found.iter().filter_map(|it| it.value_in(arguments.as_object().unwrap())).collect();
        assert_eq!(values, [&json!("Bern")]);
    }
}
