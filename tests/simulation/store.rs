//! The embedded DynamoDB engine, in process: no socket, so that virtual time holds.

use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::history::Row;

/// An answer: the status and the JSON body.
pub(crate) type StoreResponse = (u16, Value);

/// Carries out one operation of DynamoDB.
pub(crate) fn call(database: &Database, operation: &str, body: &Value) -> StoreResponse {
    match operation {
        "CreateTable" => dispatch(body, |request| database.create_table(request)),
        "PutItem" => dispatch(body, |request| database.put_item(request)),
        "GetItem" => dispatch(body, |request| database.get_item(request)),
        "UpdateItem" => dispatch(body, |request| database.update_item(request)),
        "DeleteItem" => dispatch(body, |request| database.delete_item(request)),
        "Query" => dispatch(body, |request| database.query(request)),
        "Scan" => dispatch(body, |request| database.scan(request)),
        "BatchGetItem" => dispatch(body, |request| database.batch_get_item(request)),
        "BatchWriteItem" => dispatch(body, |request| database.batch_write_item(request)),
        "TransactWriteItems" => dispatch(body, |request| database.transact_write_items(request)),
        other => error_response("UnknownOperationException", &format!("the simulation has no {other}")),
    }
}

/// An error as DynamoDB words it.
pub(crate) fn error_response(code: &str, message: &str) -> StoreResponse {
    let status = if code == "InternalServerError" { 500 } else { 400 };
    (status, json!({ "__type": format!("com.amazonaws.dynamodb.v20120810#{code}"), "message": message }))
}

fn dispatch<In: DeserializeOwned, Out: Serialize>(
    body: &Value,
    carry_out: impl FnOnce(In) -> Result<Out, DynoxideError>,
) -> StoreResponse {
    let request = match In::deserialize(body) {
        Ok(request) => request,
        Err(error) => return error_response("ValidationException", &error.to_string()),
    };
    match carry_out(request) {
        Ok(answer) => (200, serde_json::to_value(answer).unwrap_or_default()),
        Err(error) => (error.status_code(), serde_json::from_str(&error.to_json()).unwrap_or_default()),
    }
}

/// Every item of a table.
pub(crate) fn scan_all(database: &Database, table: &str) -> Vec<Value> {
    let (_, answer) = call(database, "Scan", &json!({ "TableName": table, "ConsistentRead": true }));
    answer["Items"].as_array().cloned().unwrap_or_default()
}

/// The row a write is about, as it stands now.
pub(crate) fn row(database: &Database, write: &Value) -> Option<Row> {
    Row::read(&item(database, write))
}

/// The item a write is about, as it stands now; null when there is none.
pub(crate) fn item(database: &Database, write: &Value) -> Value {
    let (_, mut answer) = call(
        database,
        "GetItem",
        &json!({ "TableName": write["TableName"], "Key": key(write), "ConsistentRead": true }),
    );
    answer["Item"].take()
}

/// Undoes a write: the item is what it was before.
pub(crate) fn restore(database: &Database, write: &Value, item: Value) {
    let table = &write["TableName"];
    if item.is_null() {
        call(database, "DeleteItem", &json!({ "TableName": table, "Key": key(write) }));
    } else {
        call(database, "PutItem", &json!({ "TableName": table, "Item": item }));
    }
}

fn key(write: &Value) -> Value {
    let place = if write["Key"].is_object() { &write["Key"] } else { &write["Item"] };
    json!({ "pk": place["pk"], "sk": place["sk"] })
}
