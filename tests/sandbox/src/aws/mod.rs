//! The AWS operations that the product uses besides DynamoDB: [`s3`], and others in AWS JSON 1.1, where `x-amz-target` selects the
//! operation. The signatures of the latter are not verified.

pub(crate) mod s3;
mod secrets;

use serde_json::{Value, json};

use crate::http::{ApiRequest, ApiResponse, HandlerResult};
use crate::state::SandboxState;

const REGION: &str = "us-east-1";
const ACCOUNT: &str = "000000000000";

/// An error response.
type ErrorResponse = ApiResponse;

/// State of the AWS services.
#[derive(Default)]
pub(crate) struct State {
    secrets: secrets::Secrets,
    /// The objects in the bucket of files.
    pub(crate) objects: s3::Objects,
}

impl State {
    pub(crate) fn secret_names(&self) -> Vec<String> {
        self.secrets.keys().cloned().collect()
    }
}

type Operation = fn(&mut SandboxState, &Value) -> Result<Value, ErrorResponse>;

const OPERATIONS: [(&str, Operation); 7] = [
    ("secretsmanager.CreateSecret", secrets::create),
    ("secretsmanager.GetSecretValue", secrets::get),
    ("secretsmanager.PutSecretValue", secrets::put),
    ("secretsmanager.DeleteSecret", secrets::delete),
    ("secretsmanager.RestoreSecret", secrets::restore),
    ("secretsmanager.DescribeSecret", secrets::describe),
    ("AWSEvents.PutEvents", put_events),
];

/// Dispatches a request to its operation.
pub(crate) fn dispatch(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let target = request.header("x-amz-target").unwrap_or("");
    let operation = OPERATIONS.iter().find(|(name, _)| *name == target);
    let (_, operation) = operation
        .ok_or_else(|| error_response("UnknownOperationException", "The sandbox does not know this operation."))?;
    let body = request.json().ok_or_else(|| error_response("SerializationException", "The body is not JSON."))?;
    secrets::purge_expired(state);
    let reply = operation(state, &body)?;
    Ok(ApiResponse::json(200, reply).header("content-type", JSON_1_1).header("x-amzn-requestid", &state.entropy.uuid()))
}

const JSON_1_1: &str = "application/x-amz-json-1.1";

/// Builds an AWS JSON error: status 400 with a type.
fn error_response(kind: &str, message: &str) -> ErrorResponse {
    ApiResponse::json(400, json!({"__type": kind, "Message": message, "message": message}))
        .header("content-type", JSON_1_1)
}

/// `PutEvents` (<https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html>): records an effect for each
/// entry.
fn put_events(state: &mut SandboxState, body: &Value) -> Result<Value, ErrorResponse> {
    let entries = body["Entries"].as_array().filter(|entries| (1..=10).contains(&entries.len()));
    let entries = entries.ok_or_else(|| error_response("ValidationException", "Entries must have 1 to 10 members."))?;
    let mut failed = 0;
    let mut results = Vec::new();
    for entry in entries {
        let detail: Option<Value> = entry["Detail"].as_str().and_then(|text| serde_json::from_str(text).ok());
        let named = entry["Source"].is_string() && entry["DetailType"].is_string();
        let Some(detail) = detail.filter(|detail| named && detail.is_object()) else {
            failed += 1;
            results.push(json!({"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}));
            continue;
        };
        let id = state.entropy.uuid();
        let mut request = entry.clone();
        request["Detail"] = detail;
        let (kind, bus) =
            (entry["DetailType"].as_str().unwrap_or(""), entry["EventBusName"].as_str().unwrap_or("default"));
        state.record_effect("events", kind, &id, bus, request);
        results.push(json!({"EventId": id}));
    }
    Ok(json!({"FailedEntryCount": failed, "Entries": results}))
}
