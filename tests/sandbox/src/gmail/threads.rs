//! Threads and the profile.

use serde_json::{Value, json};

use super::mailbox::Message;
use super::messages::{matching_messages, max_results, page_token, requested_format};
use super::{authorized_account, bad_request, not_found, scope, validation};
use crate::http::{ApiRequest, ApiResponse, HandlerResult, Page, paginate};
use crate::state::SandboxState;

/// `threads.list`: the threads of the matching messages, newest first.
pub(crate) fn list(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let found = matching_messages(state, request)?;
    let (limit, start) = (max_results(request)?, page_token(request)?);
    let mut threads: Vec<Value> = Vec::new();
    for message in &found {
        if !threads.iter().any(|thread| thread["id"] == message.thread_id.as_str()) {
            let shown = message.to_json("minimal", &[]);
            threads
                .push(json!({"id": message.thread_id, "snippet": shown["snippet"], "historyId": shown["historyId"]}));
        }
    }
    let Page { items: threads, next } = paginate(threads, start, limit);
    let mut reply = json!({"resultSizeEstimate": threads.len()});
    if !threads.is_empty() {
        reply["threads"] = Value::Array(threads);
    }
    if let Some(next) = next {
        reply["nextPageToken"] = json!(next.to_string());
    }
    Ok(ApiResponse::json(200, reply))
}

/// `threads.get`.
pub(crate) fn get(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let account = authorized_account(state, request, &scope::READ)?;
    validation::reject_unknown_parameters(request, &["format", "metadataHeaders"])?;
    let format = requested_format(state, request)?;
    if format == "raw" {
        return Err(bad_request("invalidArgument", "Invalid format"));
    }
    let mailbox = state.gmail.mailbox(&account).ok_or_else(not_found)?;
    let thread = mailbox.messages_of_thread(request.path_param("id"));
    let messages: Vec<&Message> = thread.filter(|message| state.is_listed(message.internal_date)).collect();
    let last = messages.last().ok_or_else(not_found)?;
    let headers = request.query_all("metadataHeaders");
    let shown: Vec<Value> = messages.iter().map(|message| message.to_json(format, &headers)).collect();
    Ok(ApiResponse::json(
        200,
        json!({"id": request.path_param("id"), "historyId": last.history_id.to_string(), "messages": shown}),
    ))
}

/// `getProfile`.
pub(crate) fn profile(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let account = authorized_account(state, request, &scope::PROFILE)?;
    validation::reject_unknown_parameters(request, &[])?;
    let mailbox = state.gmail.mailbox(&account).ok_or_else(not_found)?;
    let mut threads: Vec<&str> = mailbox.messages.iter().map(|message| message.thread_id.as_str()).collect();
    threads.sort_unstable();
    threads.dedup();
    Ok(ApiResponse::json(
        200,
        json!({
            "emailAddress": mailbox.address,
            "messagesTotal": mailbox.messages.len(),
            "threadsTotal": threads.len(),
            "historyId": mailbox.history_id.to_string(),
        }),
    ))
}
