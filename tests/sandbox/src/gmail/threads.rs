//! Threads and the profile.

use serde_json::{Value, json};

use super::mailbox::Message;
use super::messages::{label_change, matching_messages, max_results, page_token, requested_format};
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
            let shown = message.to_json("minimal", &[], state.strangeness.gmail);
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
    let shown: Vec<Value> =
        messages.iter().map(|message| message.to_json(format, &headers, state.strangeness.gmail)).collect();
    Ok(ApiResponse::json(
        200,
        json!({"id": request.path_param("id"), "historyId": last.history_id.to_string(), "messages": shown}),
    ))
}

/// `threads.modify`: changes the labels of all messages of the thread.
pub(crate) fn modify(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let account = authorized_account(state, request, &scope::MODIFY)?;
    let body = validation::validated_body(request, validation::THREAD_LABELS_CHANGE)?;
    let mailbox = state.gmail.mailbox(&account).ok_or_else(not_found)?;
    let (add, remove) = label_change(mailbox, &body)?;
    relabel(state, request, &account, ("labels_modified", body), &add, &remove)
}

/// `threads.trash`.
pub(crate) fn trash(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    set_in_trash(state, request, "thread_trashed", "TRASH", "INBOX")
}

/// `threads.untrash`.
pub(crate) fn untrash(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    set_in_trash(state, request, "labels_modified", "INBOX", "TRASH")
}

fn set_in_trash(state: &mut SandboxState, request: &ApiRequest, kind: &str, add: &str, remove: &str) -> HandlerResult {
    let account = authorized_account(state, request, &scope::MODIFY)?;
    validation::reject_unknown_parameters(request, &[])?;
    let change = json!({"addLabelIds": [add], "removeLabelIds": [remove]});
    relabel(state, request, &account, (kind, change), &[add.to_owned()], &[remove.to_owned()])
}

fn relabel(
    state: &mut SandboxState,
    request: &ApiRequest,
    account: &str,
    (kind, change): (&str, Value),
    add: &[String],
    remove: &[String],
) -> HandlerResult {
    let thread = request.path_param("id");
    let mailbox = state.gmail.mailbox_mut(account).ok_or_else(not_found)?;
    let ids: Vec<String> = mailbox.messages_of_thread(thread).map(|message| message.id.clone()).collect();
    let changed: Vec<Value> =
        ids.iter().filter_map(|id| Some(mailbox.relabel(id, add, remove)?.summary_json())).collect();
    if changed.is_empty() {
        return Err(not_found());
    }
    state.record_effect("gmail", kind, thread, account, change);
    Ok(ApiResponse::json(200, json!({"id": thread, "messages": changed})))
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
