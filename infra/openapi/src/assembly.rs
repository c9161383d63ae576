//! Assembles the document from the parts that each function describes.

use generate::ErrorPage;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::JSON;
use crate::actions;
use crate::clients::adapt_for_clients;
use crate::deletion;
use crate::error_pages::ERROR_PAGES;
use crate::parts::parts;

/// The error responses shared by all routes: status and description.
const REFUSALS: [(u16, &str); 7] = [
    (400, "Invalid request; the message gives the reason"),
    (401, "Missing or invalid token"),
    (403, "The caller may not act for this user"),
    (413, "The body or the context exceeds 2 MiB"),
    (429, "A limit is reached, which the message names; retry after `Retry-After` seconds"),
    (500, "Internal error; the log has its details under the request id"),
    (503, "The store or a secret is unavailable; retry after `Retry-After` seconds"),
];

const DESCRIPTION: &str = "Lets AI agents act in a person's Gmail, Notion, Slack and Asana. `GET /api/plugin-engine` lists \
    every action with the JSON Schema of its `context`.\n\nA request may name the user as `userId`: the token's subject, or a \
    user with a delegation for this service. Every response has the header `x-request-id`. Lists are paged with `limit` and \
    `cursor`. Later versions may add fields to responses.";

/// Assembles the document; the sample events of `root` become its examples.
pub(crate) fn assemble(root: &Path) -> Value {
    let mut paths = Map::new();
    let mut schemas = Map::new();
    for part in parts() {
        // utoipa describes jiff's `Timestamp` as a schema named `String`.
        let part = serde_json::to_string(&part).unwrap().replace("schemas/String\"", "schemas/Instant\"");
        let mut part: Value = serde_json::from_str(&part).unwrap();
        merge_paths(&mut paths, &mut part["paths"]);
        merge(&mut schemas, &mut part["components"]["schemas"]);
    }
    schemas.remove("String");
    let instant = "ISO 8601 with a zone; always UTC in responses";
    schemas.insert("Instant".to_owned(), json!({ "type": "string", "format": "date-time", "description": instant }));
    merge(&mut schemas, &mut actions::components().into());
    paths["/api/plugin-engine"]["post"]["x-actions"] = json!({ "$ref": actions::INDEX });
    add_alias_paths(&mut paths, root);
    for (path, item) in &mut paths {
        for (method, operation) in item.as_object_mut().unwrap() {
            add_common_parts(path, operation, &mut schemas);
            if method == "delete" {
                deletion::add_query_form(operation, &schemas);
            }
        }
    }
    add_examples(&mut paths, root);
    describe_codes(&mut schemas);
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Plugin Engine",
            "version": env!("CARGO_PKG_VERSION"),
            "description": DESCRIPTION,
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": REFUSALS.map(refusal).into_iter().collect::<Map<_, _>>(),
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT" } },
        },
        "security": [{ "token": [] }],
    });
    adapt_for_clients(&mut document);
    document
}

/// Merges the entries of a part. Panics if two different entries have the same name.
fn merge(to: &mut Map<String, Value>, from: &mut Value) {
    for (name, new) in from.as_object_mut().map(std::mem::take).unwrap_or_default() {
        if let Some(known) = to.get(&name) {
            assert_eq!(known, &new, "two different things are called {name}");
        }
        to.insert(name, new);
    }
}

/// Merges the operations of a part: two functions may serve different methods of one path.
fn merge_paths(to: &mut Map<String, Value>, from: &mut Value) {
    for (path, mut item) in from.as_object_mut().map(std::mem::take).unwrap_or_default() {
        merge(to.entry(path).or_insert_with(|| json!({})).as_object_mut().unwrap(), &mut item);
    }
}

/// Adds the second path of each route that has one.
fn add_alias_paths(paths: &mut Map<String, Value>, root: &Path) {
    let functions = generate::read(root).unwrap();
    for route in functions.iter().flat_map(|function| &function.routes) {
        let Some(alias) = &route.alias else { continue };
        let mut item = paths[&route.path].clone();
        for operation in item.as_object_mut().unwrap().values_mut() {
            operation["operationId"] = format!("{}Integration", operation["operationId"].as_str().unwrap()).into();
        }
        paths.insert(alias.clone(), item);
    }
}

/// Adds the parts common to all routes: tag, error responses, `userId`.
fn add_common_parts(path: &str, operation: &mut Value, schemas: &mut Map<String, Value>) {
    let group = path.split('/').nth(3).filter(|group| *group != "openapi.json");
    operation["tags"] = json!([group.unwrap_or("plugin-engine")]);
    let open = operation.get("security").is_some();
    let body = operation.pointer("/requestBody/content/application~1json/schema/$ref").cloned();
    for (status, _) in REFUSALS {
        if matches!(status, 500 | 503) || (!open && (status != 413 || body.is_some())) {
            operation["responses"][status.to_string()] = json!({ "$ref": format!("#/components/responses/{status}") });
        }
    }
    let described = "The user; by default the token's subject";
    let user = json!({ "type": ["string", "null"], "description": described });
    match body.as_ref().and_then(Value::as_str).and_then(|name| name.rsplit('/').next()) {
        Some(name) => schemas[name]["properties"]["userId"] = user,
        None if !open => {
            let parameter = json!({ "name": "userId", "in": "query", "required": false, "schema": user });
            match operation["parameters"].as_array_mut() {
                Some(parameters) => parameters.push(parameter),
                None => operation["parameters"] = json!([parameter]),
            }
        }
        None => {}
    }
}

fn refusal((status, description): (u16, &str)) -> (String, Value) {
    let mut response = json!({
        "description": description,
        "content": { JSON: { "schema": { "$ref": "#/components/schemas/Refusal" } } },
    });
    let header = match status {
        401 | 403 => Some(("WWW-Authenticate", "string")),
        429 | 503 => Some(("Retry-After", "integer")),
        _ => None,
    };
    if let Some((name, kind)) = header {
        response["headers"] = json!({ name: { "schema": { "type": kind } } });
    }
    (status.to_string(), response)
}

/// Adds the requests of `events/` as examples.
fn add_examples(paths: &mut Map<String, Value>, root: &Path) {
    let files = fs::read_dir(root.join("events")).unwrap().map(|entry| entry.unwrap().path());
    let events: BTreeMap<String, Value> = files
        .map(|file| (file.file_stem().unwrap().to_string_lossy().into_owned(), fs::read_to_string(file).unwrap()))
        .map(|(name, text)| (name, serde_json::from_str(&text).unwrap()))
        .collect();
    for (name, event) in events {
        let (Some(path), Some(method)) =
            (event["rawPath"].as_str(), event["requestContext"]["http"]["method"].as_str())
        else {
            continue;
        };
        let name = name.split('.').nth(2).unwrap_or("plain");
        let operation = &mut paths[path][method.to_lowercase()];
        if let Some(body) = event["body"].as_str() {
            let value: Value = serde_json::from_str(body).unwrap();
            operation["requestBody"]["content"][JSON]["examples"][name] = json!({ "value": value });
        }
        for (parameter, text) in event["queryStringParameters"].as_object().into_iter().flatten() {
            let parameters = operation["parameters"].as_array_mut().into_iter().flatten();
            for described in parameters.filter(|described| described["name"] == *parameter) {
                described["examples"][name] =
                    json!({ "value": parse_parameter(text.as_str().unwrap(), &described["schema"]) });
            }
        }
    }
}

/// Parses a query parameter by the type of its schema.
fn parse_parameter(text: &str, schema: &Value) -> Value {
    let plain = ["integer", "boolean"].iter().any(|kind| schema["type"].to_string().contains(kind));
    if plain { serde_json::from_str(text).unwrap() } else { text.into() }
}

/// Adds the error codes with the texts of their pages, which a test compares with the engine's codes.
fn describe_codes(schemas: &mut Map<String, Value>) {
    let pages: Vec<ErrorPage> = ERROR_PAGES.iter().map(|(_, text)| ErrorPage::parse(text).unwrap()).collect();
    let codes: Vec<&str> = pages.iter().map(|page| page.code.as_str()).collect();
    let row = |page: &ErrorPage| {
        format!(
            "| `{}` | {} | `{}` | `{}` | {} {} |",
            page.code, page.place, page.outcome, page.action, page.meaning, page.advice
        )
    };
    let lines: Vec<String> = pages.iter().map(row).collect();
    let about = format!(
        "| Code | Where | Outcome | Action | Meaning, and what to do |\n|---|---|---|---|---|\n{}",
        lines.join("\n")
    );
    schemas.insert("ErrorCode".to_owned(), json!({ "type": "string", "enum": codes, "description": about }));
    let code = json!({ "$ref": "#/components/schemas/ErrorCode" });
    for name in ["ErrorDetail", "LastError"] {
        schemas[name]["properties"]["code"] = code.clone();
    }
}
