//! The allowed form of a field, in words for a person or a model.

use serde_json::Value;

use super::{names, properties};

/// Longest example that a text quotes, in bytes.
const MAX_EXAMPLE_BYTES: usize = 120;

/// Describes the form that a schema allows. `example` is a valid value, if one is known.
pub(super) fn describe(root: &Value, schema: &Value, example: Option<&Value>) -> String {
    let schema = resolve(root, schema);
    let choices = choices(root, schema);
    if !choices.is_empty() {
        return format!("must be one of: {}", choices.join(", "));
    }
    let example =
        example.map(example_text).or_else(|| documented_example(schema)).or_else(|| generic_example(root, schema));
    let example = example.filter(|example| example.len() <= MAX_EXAMPLE_BYTES);
    let example = example.map_or_else(String::new, |example| format!(", for example {example}"));
    format!("must be {}{example}", noun(root, schema))
}

/// Returns the schema that `$ref` names, or the schema itself.
pub(super) fn resolve<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    let definition = schema["$ref"].as_str().and_then(|reference| root.pointer(reference.trim_start_matches('#')));
    definition.unwrap_or(schema)
}

/// Returns the alternatives of a schema, without null; none if it has only one form.
pub(super) fn alternatives<'a>(root: &'a Value, schema: &'a Value) -> Vec<&'a Value> {
    let lists = ["anyOf", "oneOf"].iter().filter_map(|list| schema[*list].as_array());
    let alternatives = lists.flatten().map(|one| resolve(root, one)).filter(|one| one["type"] != "null");
    let flat = alternatives.flat_map(|one| {
        let inner = self::alternatives(root, one);
        if inner.is_empty() { vec![one] } else { inner }
    });
    flat.collect()
}

/// Returns the texts among which a schema allows a choice; none if it allows others.
pub(super) fn choices<'a>(root: &'a Value, schema: &'a Value) -> Vec<&'a str> {
    let listed: Vec<&str> = names(schema, "enum").collect();
    if !listed.is_empty() {
        return listed;
    }
    if let Some(one) = schema["const"].as_str() {
        return vec![one];
    }
    let alternatives: Vec<Vec<&str>> = alternatives(root, schema).into_iter().map(|one| choices(root, one)).collect();
    if alternatives.iter().any(Vec::is_empty) { vec![] } else { alternatives.concat() }
}

/// Returns the JSON types that a schema allows, without null.
pub(super) fn types(schema: &Value) -> Vec<&str> {
    let one = schema["type"].as_str().into_iter();
    one.chain(names(schema, "type")).filter(|name| *name != "null").collect()
}

fn noun(root: &Value, schema: &Value) -> String {
    if let Some(form) = stated_form(root, schema) {
        return form.to_owned();
    }
    let alternatives = alternatives(root, schema);
    if !alternatives.is_empty() {
        let nouns: Vec<String> = alternatives.into_iter().map(|one| noun(root, one)).collect();
        return nouns.join(" or ");
    }
    match types(schema).first().copied() {
        Some("string") => "a text".to_owned(),
        Some("boolean") => "true or false".to_owned(),
        Some("array") => list_noun(root, schema),
        Some("integer") => format!("a whole number{}", range(schema)),
        Some("number") => format!("a number{}", range(schema)),
        _ => match properties(schema) {
            Some(fields) if !fields.is_empty() => {
                let fields: Vec<&str> = fields.keys().map(String::as_str).collect();
                format!("a JSON object with the fields {}", fields.join(", "))
            }
            _ => "a JSON object".to_owned(),
        },
    }
}

/// Returns the form that the schema itself states, or its only alternative beside null.
fn stated_form<'a>(root: &'a Value, schema: &'a Value) -> Option<&'a str> {
    let inner = schema["anyOf"].as_array().into_iter().flatten().map(|one| resolve(root, one));
    std::iter::once(schema).chain(inner).find_map(|one| one["x-form"].as_str())
}

fn list_noun(root: &Value, schema: &Value) -> String {
    let item = resolve(root, &schema["items"]);
    let choices = choices(root, item);
    let items = match types(item).first().copied() {
        _ if !choices.is_empty() => format!(" of one or more of {}", choices.join(", ")),
        Some("string") => " of texts".to_owned(),
        Some("object") => " of JSON objects".to_owned(),
        _ => String::new(),
    };
    match (schema["minItems"].as_u64(), schema["maxItems"].as_u64()) {
        (Some(least), Some(most)) => format!("a list{items}, {least} to {most} of them"),
        _ => format!("a list{items}"),
    }
}

fn range(schema: &Value) -> String {
    match (&schema["minimum"], &schema["maximum"]) {
        (Value::Number(least), Value::Number(most)) => format!(" from {least} to {most}"),
        _ => String::new(),
    }
}

fn example_text(example: &Value) -> String {
    example.as_str().map_or_else(|| example.to_string(), |text| format!("{text:?}"))
}

/// Returns the example that a field's description names: "for example `2026-11-23`".
fn documented_example(schema: &Value) -> Option<String> {
    let (_, tail) = schema["description"].as_str()?.split_once("for example `")?;
    let (example, _) = tail.split_once('`')?;
    Some(format!("{example:?}"))
}

fn generic_example(root: &Value, schema: &Value) -> Option<String> {
    let first = alternatives(root, schema).first().copied().unwrap_or(schema);
    let text = match types(first).first().copied()? {
        "string" => "\"abc\"".to_owned(),
        "integer" | "number" => {
            let (least, most) = (schema["minimum"].as_u64().unwrap_or(0), schema["maximum"].as_u64().unwrap_or(20));
            20.clamp(least, most.max(least)).to_string()
        }
        "array" if types(resolve(root, &first["items"])) == ["string"] => {
            let choice = choices(root, resolve(root, &first["items"])).first().copied().unwrap_or("abc");
            format!("[{choice:?}]")
        }
        "array" => "[{}]".to_owned(),
        "object" => "{}".to_owned(),
        _ => return None,
    };
    Some(text)
}
