//! The embedded DynamoDB engine in process, without a socket, as virtual time requires.

use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::history::Row;

/// A response: the status and the JSON body.
pub(crate) type StoreResponse = (u16, Value);

/// Executes one DynamoDB operation.
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

/// An error response in DynamoDB's format.
pub(crate) fn error_response(code: &str, message: &str) -> StoreResponse {
    let status = if code == "InternalServerError" { 500 } else { 400 };
    (status, json!({ "__type": format!("com.amazonaws.dynamodb.v20120810#{code}"), "message": message }))
}

fn dispatch<In: DeserializeOwned, Out: Serialize>(
    body: &Value,
    execute: impl FnOnce(In) -> Result<Out, DynoxideError>,
) -> StoreResponse {
    let request = match In::deserialize(body) {
        Ok(request) => request,
        Err(error) => return error_response("ValidationException", &error.to_string()),
    };
    match execute(request) {
        Ok(answer) => (200, serde_json::to_value(answer).unwrap_or_default()),
        Err(error) => (error.status_code(), serde_json::from_str(&error.to_json()).unwrap_or_default()),
    }
}

/// Every item of a table.
pub(crate) fn scan_all(database: &Database, table: &str) -> Vec<Value> {
    let (_, answer) = call(database, "Scan", &json!({ "TableName": table, "ConsistentRead": true }));
    answer["Items"].as_array().cloned().unwrap_or_default()
}

/// The current row of a write's key.
pub(crate) fn row(database: &Database, write: &Value) -> Option<Row> {
    Row::read(&item(database, write))
}

/// The current item of a write's key; null if there is none.
pub(crate) fn item(database: &Database, write: &Value) -> Value {
    let (_, mut answer) = call(
        database,
        "GetItem",
        &json!({ "TableName": write["TableName"], "Key": key(write), "ConsistentRead": true }),
    );
    answer["Item"].take()
}

/// Undoes a write: restores the previous item.
pub(crate) fn restore(database: &Database, write: &Value, item: Value) {
    let table = &write["TableName"];
    if item.is_null() {
        call(database, "DeleteItem", &json!({ "TableName": table, "Key": key(write) }));
    } else {
        call(database, "PutItem", &json!({ "TableName": table, "Item": item }));
    }
}

fn key(write: &Value) -> Value {
    let key = if write["Key"].is_object() { &write["Key"] } else { &write["Item"] };
    json!({ "pk": key["pk"], "sk": key["sk"] })
}
