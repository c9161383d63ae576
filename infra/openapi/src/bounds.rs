//! The bounds of all texts, lists and numbers of requests, by the name of the field: a name has one bound on every route.
//!
//! `bad_input::bounds` sends each field at its bound and beyond it, so that a bound that differs from the code's fails a test.

use engine::adapters;
use serde_json::{Map, Value, json};

/// The longest text of each field. The engine counts bytes; `maxLength` counts characters, of which no more fit.
const TEXTS: &[(&str, u64)] = &[
    ("Idempotency-Key", 255),
    ("accessToken", 16 * 1024),
    ("account", 256),
    ("agentId", 256),
    ("callId", 256),
    ("contentType", 255),
    ("contextKey", 767),
    ("conversationId", 256),
    ("cron", 256),
    ("default", 1000),
    ("errorCode", 64),
    ("errorMessage", 2000),
    ("every", 256),
    ("externalId", 1024),
    ("filename", 255),
    ("friendlyName", 512),
    ("label", 256),
    ("message", 1000),
    ("name", 256),
    ("prefix", 767),
    ("q", 256),
    ("refreshToken", 16 * 1024),
    ("returnTo", 2048),
    ("saveAs", 767),
    ("scopes", 4096),
    ("service", 256),
    ("sha256", 64),
    ("timezone", 256),
    ("userId", 256),
];

/// Fields with an id or a code that the engine or a provider made: one that it did not make is unknown, whatever its length.
pub(crate) const OPAQUE: &[&str] = &[
    "accounts",
    "action",
    "actions",
    "code",
    "connectCode",
    "cursor",
    "effect",
    "error",
    "errorId",
    "errorIds",
    "fileId",
    "id",
    "ids",
    "intent",
    "iss",
    "state",
    "taskId",
    "tools",
];
/// The bound of opaque texts, above the longest that the engine makes.
const OPAQUE_LENGTH: u64 = 4096;
/// The parameters that a provider adds to a redirect. Four of them fit into API Gateway's 10,240 bytes of request line and headers.
const REDIRECTED: [&str; 4] = ["code", "error", "iss", "state"];
/// The bound of each of these.
const REDIRECTED_LENGTH: u64 = 1024;

/// The smallest and the largest value of each number.
const NUMBERS: &[(&str, u64, u64)] = &[
    ("count", 1, 10_000),
    ("days", 1, 90),
    ("limit", 1, 100),
    ("maxChars", 500, 100_000),
    ("size", 1, 104_857_600),
    ("wait", 1, 20),
];

/// The largest number of items of each list, and the longest item.
const LISTS: &[(&str, u64, u64)] = &[
    ("accounts", 40, OPAQUE_LENGTH),
    ("actions", 100, OPAQUE_LENGTH),
    ("errorIds", 100, OPAQUE_LENGTH),
    ("ids", 100, OPAQUE_LENGTH),
    ("mappings", 100, 0),
    ("scopes", 100, 256),
    ("tools", 100, OPAQUE_LENGTH),
];

/// Fields that name a tool.
const TOOLS: [&str; 2] = ["tool", "toolName"];

/// Adds the bounds to the parameters of a document and to the schemas in `requested`.
pub(crate) fn add(document: &mut Value, requested: impl Fn(&str) -> bool) {
    let operations = document["paths"].as_object_mut().into_iter().flat_map(Map::values_mut);
    let operations = operations.filter_map(Value::as_object_mut).flat_map(Map::values_mut);
    for parameter in operations.filter_map(|operation| operation.get_mut("parameters")?.as_array_mut()).flatten() {
        let name = parameter["name"].as_str().unwrap_or_default().to_owned();
        bound(&name, &mut parameter["schema"]);
    }
    let schemas = document["components"]["schemas"].as_object_mut().into_iter().flatten();
    for (_, schema) in schemas.filter(|(name, _)| requested(name)) {
        for (name, field) in schema.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten() {
            bound(name, field);
        }
    }
}

fn bound(name: &str, schema: &mut Value) {
    let is = |kind: &str| schema["type"] == kind || schema["type"].as_array().is_some_and(|kinds| kinds[0] == kind);
    if is("string") && schema.get("enum").is_none() && schema.get("format").is_none() {
        bound_text(name, schema);
    } else if is("integer") || is("number") {
        if let Some((_, least, most)) = NUMBERS.iter().find(|(number, ..)| *number == name) {
            schema["minimum"] = (*least).into();
            schema["maximum"] = (*most).into();
        }
    } else if is("array")
        && let Some((_, most, longest)) = LISTS.iter().find(|(list, ..)| *list == name)
    {
        schema["maxItems"] = (*most).into();
        if schema["items"]["type"] == "string" {
            schema["items"]["maxLength"] = (*longest).into();
        }
    }
}

fn bound_text(name: &str, schema: &mut Value) {
    if TOOLS.contains(&name) {
        let optional = schema["type"].is_array().then_some(Value::Null);
        let tools = adapters::ALL.iter().map(|adapter| json!(adapter.tool.as_str()));
        schema["enum"] = tools.chain(optional).collect();
    } else if let Some((_, most)) = TEXTS.iter().find(|(text, _)| *text == name) {
        schema["maxLength"] = (*most).into();
    } else if OPAQUE.contains(&name) {
        let most = if REDIRECTED.contains(&name) { REDIRECTED_LENGTH } else { OPAQUE_LENGTH };
        schema["maxLength"] = most.into();
    }
}
