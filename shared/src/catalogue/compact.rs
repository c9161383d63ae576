//! Input schemas in tool definitions: without what a model cannot use, so that a list leaves its context to the work. The engine checks
//! what is left out, and names it in its refusal.

use serde_json::Value;

/// Returns a published schema without the least lengths of texts and lists, the patterns of ids, and what an item is where its list says
/// it.
pub(super) fn compact(mut schema: Value) -> Value {
    shorten(&mut schema);
    schema
}

fn shorten(schema: &mut Value) {
    let Value::Object(fields) = schema else { return };
    fields.retain(|name, value| {
        let is_least = ["minLength", "minItems"].contains(&name.as_str());
        let is_free = name == "additionalProperties" && *value == true;
        !(is_least || is_free || name == "pattern")
    });
    let is_described = fields.contains_key("description");
    if let Some(Value::Object(properties)) = fields.get_mut("properties") {
        properties.values_mut().for_each(shorten);
    }
    for name in ["items", "additionalProperties"] {
        let Some(inner) = fields.get_mut(name) else { continue };
        if let Some(item) = inner.as_object_mut().filter(|_| is_described) {
            item.remove("description");
        }
        shorten(inner);
    }
    if let Some(Value::Array(alternatives)) = fields.get_mut("anyOf") {
        alternatives.iter_mut().for_each(shorten);
    }
}
