//! The API's OpenAPI document, `functions/plugin-engine/src/openapi.json`: it is generated from the routes' own descriptions, and
//! every response in any test is validated against it.

mod compatibility;

use crate::support::{TestApp, TestResponse, assert_same, root};
use crate::template::watch_routes;
use jsonschema::Validator;
use openapi::{JSON, part_at, references};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock, Mutex};

/// The reference of the response to an unsupported method.
const REFUSAL: &str = "#/components/responses/400";

/// The document of this repository.
fn assembled() -> Value {
    openapi::document(&root())
}

/// The document with all objects closed: a response may have no undocumented field. The published document leaves objects open,
/// so that clients accept fields of later versions.
static STRICT: LazyLock<Value> = LazyLock::new(|| {
    let mut document = assembled();
    close_objects(&mut document);
    document
});

fn close_objects(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            if fields.get("properties").is_some_and(Value::is_object) {
                fields.entry("additionalProperties").or_insert(false.into());
            }
            fields.values_mut().for_each(close_objects);
        }
        Value::Array(items) => items.iter_mut().for_each(close_objects),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A validator for the schema at a reference of a document.
fn validator(document: &Value, reference: &str) -> Validator {
    let mut schema = document.clone();
    schema["$ref"] = reference.into();
    let options = jsonschema::options().with_draft(jsonschema::Draft::Draft202012).should_validate_formats(true);
    options.build(&schema).unwrap_or_else(|error| panic!("{reference}: {error}"))
}

/// A cached validator for a schema of [`STRICT`]: most tests use the same few.
fn strict_validator(reference: &str) -> Arc<Validator> {
    static VALIDATORS: Mutex<BTreeMap<String, Arc<Validator>>> = Mutex::new(BTreeMap::new());
    let mut validators = VALIDATORS.lock().unwrap();
    let make = || Arc::new(validator(&STRICT, reference));
    Arc::clone(validators.entry(reference.to_owned()).or_insert_with(make))
}

/// A key escaped for a JSON Pointer (RFC 6901).
fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// The reason why the document does not describe a response; `None` if it does.
fn violation(method: &str, path: &str, answer: &TestResponse) -> Option<String> {
    let operation = format!("#/paths/{}/{}", escaped(path), method.to_lowercase());
    let mut response = format!("{operation}/responses/{}", answer.status);
    if part_at(&STRICT, &operation).is_none() {
        // API Gateway rejects such requests; the function itself answers them with 405 as well.
        if answer.status != 405 {
            return Some(format!("{} to a method that is not described", answer.status));
        }
        response = REFUSAL.to_owned();
    }
    let described = match part_at(&STRICT, &response) {
        Some(described) => described,
        None => return Some(format!("the status {} is not described", answer.status)),
    };
    if let Some(shared) = described["$ref"].as_str() {
        response = shared.to_owned();
    }
    let schema = format!("{response}/content/{}/schema", escaped(JSON));
    match part_at(&STRICT, &schema) {
        None => (!answer.body.is_null()).then(|| "no body is described".to_owned()),
        Some(_) => {
            let validator = strict_validator(&schema);
            let errors: Vec<String> = validator.iter_errors(&answer.body).map(|error| error.to_string()).collect();
            (!errors.is_empty()).then(|| errors.join("; "))
        }
    }
}

/// Panics if the document does not describe a response.
pub(crate) fn check_response(method: &str, path: &str, answer: &TestResponse) {
    if let Some(why) = violation(method, path, answer) {
        panic!("{method} {path} does not match the API document: {why}\n{}", answer.body);
    }
}

#[tokio::test]
async fn the_document_is_served_without_a_token_and_without_a_call() {
    let app = TestApp::start().await;
    app.calls.reset();
    let document = app.send("GET", "/openapi.json", None, None).await.ok();
    assert!(document == assembled(), "the served document differs from the assembled one");
    assert!(app.calls.operations().is_empty());
    let answer = app.send("POST", "/openapi.json", None, None).await;
    assert_eq!(answer.headers["allow"], "GET");
    answer.refused(405, "METHOD_NOT_ALLOWED");
}

#[test]
fn the_document_lists_exactly_the_served_routes() {
    let document = assembled();
    let described: BTreeSet<(String, String)> =
        operations(&document).into_iter().map(|(method, path, _)| (method.to_uppercase(), path.to_owned())).collect();
    let served = watch_routes().into_iter().map(|(method, path, _)| (method, path)).collect();
    assert_same("the API document", &described, "Cargo.toml's watch router", &served);
}

/// Method, path and description of every operation.
fn operations(document: &Value) -> Vec<(&str, &str, &Value)> {
    let items = document["paths"].as_object().unwrap().iter();
    let items = items.map(|(path, item)| (path.as_str(), item.as_object().unwrap()));
    items.flat_map(|(path, item)| item.iter().map(move |(method, it)| (method.as_str(), path, it))).collect()
}

/// Violations of OpenAPI 3.1: <https://spec.openapis.org/oas/v3.1.1.html>
fn document_faults(document: &Value) -> Vec<String> {
    let mut faults = vec![];
    let info = ["/info/title", "/info/version"].into_iter();
    faults.extend(info.filter(|at| document.pointer(at).is_none_or(|it| !it.is_string())).map(|at| format!("no {at}")));
    // A link in the form of rustdoc means nothing to a reader of the document.
    let text = document.to_string();
    faults.extend(
        text.match_indices("[`")
            .map(|(at, _)| format!("a rustdoc link: {}", text[at..].chars().take(40).collect::<String>())),
    );
    let mut named = BTreeSet::new();
    references(document, &mut named);
    faults
        .extend(named.iter().filter(|name| part_at(document, name).is_none()).map(|name| format!("{name} is nowhere")));
    let nothing = Map::new();
    for (name, schema) in document["components"]["schemas"].as_object().unwrap_or(&nothing) {
        if !named.contains(format!("#/components/schemas/{name}").as_str()) {
            faults.push(format!("nothing names the schema {name}"));
        }
        faults.extend(jsonschema::draft202012::meta::validate(schema).err().map(|error| format!("{name}: {error}")));
    }
    let mut ids = BTreeSet::new();
    for (method, path, operation) in operations(document) {
        let id = operation["operationId"].as_str().unwrap_or_default();
        if id.is_empty() || !ids.insert(id) {
            faults.push(format!("{method} {path}: the operationId '{id}'"));
        }
        for (status, response) in operation["responses"].as_object().unwrap_or(&nothing) {
            let response = response["$ref"].as_str().and_then(|name| part_at(document, name)).unwrap_or(response);
            if response["description"].as_str().is_none_or(str::is_empty) {
                faults.push(format!("{method} {path}: {status} has no description"));
            }
        }
        if operation["summary"].as_str().is_none_or(str::is_empty) {
            faults.push(format!("{method} {path}: no summary"));
        }
    }
    faults
}

#[test]
fn the_document_is_valid() {
    let document = assembled();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document_faults(&document), Vec::<String>::new());
}

#[test]
fn an_invalid_document_is_reported() {
    let plants: [fn(&mut Value); 6] = [
        |document| document["paths"]["/api/plugin-engine"]["get"]["operationId"] = "processIntent".into(),
        |document| document["components"]["schemas"]["Refusal"]["type"] = "objekt".into(),
        |document| _ = document["components"]["schemas"].as_object_mut().unwrap().remove("PluginResult"),
        |document| document["info"] = json!({}),
        |document| document["info"]["description"] = "Above [`MAX_ATTEMPTS`] it fails.".into(),
        |document| document["components"]["schemas"]["Stray"] = json!({ "type": "string" }),
    ];
    for (number, plant) in plants.into_iter().enumerate() {
        let mut document = assembled();
        plant(&mut document);
        assert!(!document_faults(&document).is_empty(), "plant {number}");
    }
}

#[test]
fn the_examples_are_the_sample_requests_and_match_their_schemas() {
    let document = assembled();
    let mut fitted = 0;
    for (method, path, operation) in operations(&document) {
        let place = format!("#/paths/{}/{method}", escaped(path));
        let body = format!("{place}/requestBody/content/{}", escaped(JSON));
        let parameters = operation["parameters"].as_array().into_iter().flatten().enumerate();
        let places = parameters.map(|(number, _)| format!("{place}/parameters/{number}")).chain([body]);
        for place in places {
            let examples = part_at(&document, &format!("{place}/examples")).and_then(Value::as_object);
            for (name, example) in examples.into_iter().flatten() {
                let validator = validator(&document, &format!("{place}/schema"));
                let error = validator.validate(&example["value"]).err().map(|error| error.to_string());
                assert_eq!(error, None, "{method} {path}: the example {name}: {}", example["value"]);
                fitted += 1;
            }
        }
    }
    // `events.rs` sends each example as a request.
    assert!(fitted >= 30, "only {fitted} examples");
}

/// Negative control of the response check.
#[tokio::test]
async fn an_undocumented_response_is_reported() {
    let app = TestApp::start().await;
    let path = "/api/plugin-engine/integrations/status";
    let answer = || async { app.get("u1", "/integrations/status?tool=gmail").await };
    assert_eq!(violation("GET", path, &answer().await), None);

    type Plant = fn(&mut TestResponse);
    let plants: [(&str, Plant); 5] = [
        ("a status", |answer| answer.status = 418),
        ("a field more", |answer| answer.body["token"] = "x".into()),
        ("a field less", |answer| _ = answer.body.as_object_mut().unwrap().remove("connected")),
        ("a type", |answer| answer.body["connected"] = "yes".into()),
        ("a format", |answer| answer.body["expiresAt"] = "tomorrow".into()),
    ];
    for (what, plant) in plants {
        let mut answer = answer().await;
        plant(&mut answer);
        assert!(violation("GET", path, &answer).is_some(), "{what}");
    }
    assert!(violation("PUT", path, &answer().await).is_some(), "a method");
    let refused = app.send("GET", "/integrations/status", None, None).await;
    let unknown = TestResponse {
        body: json!({ "error": { "code": "NOVEL", "message": "x", "outcome": "none" }, "requestId": "r" }),
        ..refused
    };
    assert!(violation("GET", path, &unknown).is_some(), "a code");
}
