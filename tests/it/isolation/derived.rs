//! The ids that the API document's requests take, compared with the reviewed cells. An id that has no reviewed cell gets one from
//! its sample request, so that a new route is in the matrix without a line here; a reviewed cell never goes by itself.

use std::collections::BTreeSet;

use openapi::Field;
use serde_json::{Value, json};

use super::cells::IdKind::{self, *};
use super::cells::OwnerResponse::NewData;
use super::cells::{CELLS, Cell};
use crate::support::{BASE, root, samples};
use crate::template::OPEN_ROUTES;

/// The kind of id in a field of a request; `None` for a field that names nothing.
fn kind(field: &Field) -> Option<IdKind> {
    Some(match field.name.rsplit('.').next().unwrap_or_default() {
        "agentId" => Agent,
        "taskId" => Task,
        "errorId" | "errorIds[]" => Error,
        "id" | "ids[]" => Mapping,
        "tool" | "toolName" => Tool,
        "connectCode" => ConnectCode,
        "contextKey" | "prefix" => ContextKey,
        "externalId" => ExternalId,
        "cursor" => Cursor,
        "Idempotency-Key" => IdempotencyKey,
        "service" => Delegation,
        "account" => Account,
        "fileId" => File,
        _ => return None,
    })
}

/// The fields with an id, of all requests of a document with a token.
fn id_fields(document: &Value) -> Vec<(Field, IdKind)> {
    let open = |field: &Field| OPEN_ROUTES.contains(&&*format!("{} {}", field.method, field.path));
    let fields = openapi::fields(document).into_iter().filter(|field| !open(field));
    fields.filter_map(|field| kind(&field).map(|kind| (field, kind))).collect()
}

fn key(method: &str, path: &str, kind: IdKind) -> String {
    format!("{method} {} {kind:?}", path.split('?').next().unwrap_or_default())
}

/// The reviewed cells, and one for each id of the document that they lack.
pub(super) fn all_cells(document: &Value) -> Vec<Cell> {
    let mut known: BTreeSet<String> = CELLS.iter().map(|cell| key(cell.0, cell.1, cell.3)).collect();
    let mut cells = CELLS.to_vec();
    for (field, kind) in id_fields(document) {
        if known.insert(key(&field.method, &field.path[BASE.len()..], kind)) {
            cells.push(derived_cell(&field, kind));
        }
    }
    cells
}

/// A cell whose request is a sample with the id in its place.
fn derived_cell(field: &Field, kind: IdKind) -> Cell {
    let mut sample = samples::with_field(field);
    let path = &field.path[BASE.len()..];
    let path = if field.in_body || kind == IdempotencyKey {
        path.to_owned()
    } else {
        sample.query.remove(&field.name);
        let other = |(name, value): (String, Value)| format!("{name}={}&", value.as_str().unwrap_or_default());
        let others: String = sample.query.clone().into_iter().map(other).collect();
        format!("{path}?{others}{}={{}}", field.name)
    };
    if field.in_body {
        sample.set(&field.name, json!("{}"));
    }
    let body = sample.body.map(|body| body.to_string()).unwrap_or_default();
    let leak = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
    (leak(field.method.clone()), leak(path), leak(body), kind, NewData)
}

#[test]
fn every_reviewed_cell_is_an_id_of_the_document() {
    let fields = id_fields(&openapi::document(&root()));
    let documented: BTreeSet<String> =
        fields.iter().map(|(field, kind)| key(&field.method, &field.path[BASE.len()..], *kind)).collect();
    let reviewed = CELLS.iter().filter(|cell| cell.3 != Nothing).map(|cell| key(cell.0, cell.1, cell.3));
    let gone: Vec<String> = reviewed.filter(|cell| !documented.contains(cell)).collect();
    assert_eq!(gone, Vec::<String>::new(), "cells of ids that no request takes");
}

#[test]
fn an_id_without_a_reviewed_cell_gets_one_from_its_sample() {
    let mut document = openapi::document(&root());
    let schemas = &mut document["components"]["schemas"];
    schemas["CancelRequest"]["properties"]["agentId"] = json!({ "type": "string", "maxLength": 256 });
    let parameter = json!({ "name": "errorId", "schema": { "type": "string", "maxLength": 9 } });
    document["paths"]["/api/plugin-engine/errors/trends"]["get"]["parameters"].as_array_mut().unwrap().push(parameter);
    // The cells of accounts are all derived.
    let mut cells = all_cells(&document).split_off(CELLS.len());
    cells.retain(|cell| cell.3 != Account);
    assert_eq!(
        cells,
        [
            ("GET", "/errors/trends?days=30&tool=gmail&errorId={}", "", Error, NewData),
            ("DELETE", "/tasks", r#"{"agentId":"{}","taskId":"task_placeholder"}"#, Agent, NewData),
        ]
    );
}
