//! Stale reads: responses with the state of some time ago, as replicas and search indexes return.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// The past events needed to produce stale reads.
#[derive(Debug, Default)]
pub(crate) struct PastState {
    /// The creation time of each mail draft.
    written: BTreeMap<String, Duration>,
    /// The sending time of each mail draft.
    sent: BTreeMap<String, Duration>,
}

impl PastState {
    /// Records an executed call.
    pub(crate) fn record(&mut self, line: &str, request: &Value, answer: &Value, at: Duration) {
        if let (true, Some(id)) = (line.ends_with("/drafts/send"), request["id"].as_str()) {
            self.sent.insert(id.to_owned(), at);
        }
        if let (true, Some(id)) = (line.starts_with("POST") && line.ends_with("/drafts"), answer["id"].as_str()) {
            self.written.insert(id.to_owned(), at);
        }
    }

    /// Changes a read's response to the state at `then` (fractional seconds since 1970); `since` is the same instant as time
    /// since the start of the run.
    pub(crate) fn rewind(&self, path: &str, status: &mut u16, body: &mut Value, then: f64, since: Duration) {
        let unwritten = |id: &str| self.written.get(id).is_some_and(|written| *written > since);
        if let Some(id) = path.rsplit_once("/drafts/").map(|(_, id)| id) {
            if unwritten(id) {
                *status = 404;
                *body = json!({ "error": { "code": 404, "status": "NOT_FOUND", "message": "Not Found" } });
            } else if self.sent.get(id).is_some_and(|sent| *sent > since) {
                *status = 200;
                *body = json!({ "id": id, "message": { "id": "0", "threadId": "0", "labelIds": ["DRAFT"] } });
            }
        }
        if let Some(drafts) = body["drafts"].as_array_mut() {
            drafts.retain(|draft| !draft["id"].as_str().is_some_and(unwritten));
        }
        let younger = |value: &Value| created_at(value).is_some_and(|created| created > then);
        if path.contains("/tasks/external:") && younger(&body["data"]["created_at"]) {
            *status = 404;
            *body = json!({ "errors": [{ "message": "task: Unknown object" }] });
        }
        for (list, created) in
            [("messages", "ts"), ("scheduled_messages", "date_created"), ("messages", "internalDate")]
        {
            if let Some(items) = body[list].as_array_mut() {
                items.retain(|item| !younger(&item[created]));
            }
        }
        for (list, created) in [("results", "created_time"), ("data", "created_at")] {
            if let Some(items) = body[list].as_array_mut() {
                items.retain(|item| !younger(&item[created]));
            }
        }
    }
}

/// The creation time in seconds since 1970, from an ISO time, seconds, milliseconds, or a message's `ts`.
fn created_at(created: &Value) -> Option<f64> {
    let text = match created {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    if let Ok(number) = text.parse::<f64>() {
        return Some(if number > 1e11 { number / 1e3 } else { number });
    }
    let instant: jiff::Timestamp = text.parse().ok()?;
    Some(instant.as_duration().as_secs_f64())
}
