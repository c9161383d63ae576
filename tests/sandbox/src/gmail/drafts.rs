//! Drafts (<https://developers.google.com/workspace/gmail/api/guides/drafts>). Sending a draft deletes it; the sent message gets
//! a new id.

use bytes::Bytes;
use serde_json::{Value, json};

use super::mailbox::Draft;
use super::messages::{
    ReadMessage, SentMessage, max_results, page_token, read_message, requested_format, resolve_thread, send_raw,
    store_message,
};
use super::{ErrorResponse, authorized_account, bad_request, mail, not_found, scope, upload, validation};
use crate::http::{ApiRequest, ApiResponse, HandlerResult, Page, paginate};
use crate::state::SandboxState;

/// `drafts.create`.
pub(crate) fn create(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    create_draft(state, request, draft_message)
}

/// `drafts.create` of an uploaded mail.
pub(crate) fn upload(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    create_draft(state, request, uploaded_message)
}

/// `drafts.update`: replaces the draft's message.
pub(crate) fn update(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    update_draft(state, request, draft_message)
}

/// `drafts.update` by an uploaded mail.
pub(crate) fn upload_update(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    update_draft(state, request, uploaded_message)
}

fn create_draft(state: &mut SandboxState, request: &ApiRequest, read: ReadMessage) -> HandlerResult {
    let account = authorized_account(state, request, &scope::COMPOSE)?;
    let SentMessage { raw, thread_id } = read(request)?;
    let id = state.gmail.next_draft_id();
    let draft = store_draft(state, &account, &id, raw, thread_id.as_deref(), "draft_created")?;
    Ok(ApiResponse::json(200, draft))
}

fn update_draft(state: &mut SandboxState, request: &ApiRequest, read: ReadMessage) -> HandlerResult {
    let account = authorized_account(state, request, &scope::COMPOSE)?;
    let SentMessage { raw, thread_id } = read(request)?;
    let id = request.path_param("id");
    let mailbox = state.gmail.mailbox_mut(&account).ok_or_else(not_found)?;
    let old = mailbox.draft(id).ok_or_else(not_found)?.message_id.clone();
    let old_thread = mailbox.message(&old).map(|message| message.thread_id.clone());
    let is_alone = old_thread.as_deref().is_some_and(|thread| mailbox.messages_of_thread(thread).count() == 1);
    // A thread that contains only this draft is not passed on: the new message starts its own.
    let thread_id = thread_id.or(old_thread.clone().filter(|_| !is_alone));
    let draft = store_draft(state, &account, id, raw, thread_id.as_deref(), "draft_updated")?;
    if let Some(mailbox) = state.gmail.mailbox_mut(&account) {
        mailbox.remove_message(&old);
    }
    Ok(ApiResponse::json(200, draft))
}

fn draft_message(request: &ApiRequest) -> Result<SentMessage, ErrorResponse> {
    let body = validation::validated_body(request, validation::DRAFT)?;
    read_message(&body["message"])
}

fn uploaded_message(request: &ApiRequest) -> Result<SentMessage, ErrorResponse> {
    upload::read(request, validation::DRAFT, |metadata| &metadata["message"])
}

fn store_draft(
    state: &mut SandboxState,
    account: &str,
    id: &str,
    raw: Bytes,
    thread_id: Option<&str>,
    kind: &str,
) -> Result<Value, ErrorResponse> {
    let parsed = mail::parse(&raw).ok_or_else(|| bad_request("invalidArgument", "'raw' is not a message."))?;
    let thread = resolve_thread(state, account, &parsed, thread_id)?;
    let mut request = mail::summary(&parsed);
    if let Some(thread) = &thread {
        request["threadId"] = json!(thread);
    }
    let drops = state.strangeness.gmail.drops_unknown_headers;
    let stored = if drops { mail::without_unknown_headers(&raw).into() } else { raw.clone() };
    let message = store_message(state, account, stored, thread, &["DRAFT"]);
    let now = state.clock.millis();
    let mailbox = state.gmail.mailbox_mut(account).ok_or_else(not_found)?;
    let created = mailbox.draft(id).map_or(now, |draft| draft.created);
    mailbox.drafts.retain(|draft| draft.id != id);
    mailbox.drafts.push(Draft { id: id.to_owned(), message_id: message.id.clone(), created });
    state.record_effect("gmail", kind, id, account, request);
    Ok(json!({"id": id, "message": message.summary_json()}))
}

/// `drafts.get`: 404 after the draft was sent or deleted.
pub(crate) fn get(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let account = authorized_account(state, request, &scope::DRAFT_READ)?;
    validation::reject_unknown_parameters(request, &["format"])?;
    let format = requested_format(state, request)?;
    let mailbox = state.gmail.mailbox(&account).ok_or_else(not_found)?;
    let draft = mailbox.draft(request.path_param("id")).ok_or_else(not_found)?;
    let message = mailbox.message(&draft.message_id).ok_or_else(not_found)?;
    let shown = message.to_json(format, &[], state.strangeness.gmail);
    Ok(ApiResponse::json(200, json!({"id": draft.id, "message": shown})))
}

/// `drafts.list`, newest first.
pub(crate) fn list(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let account = authorized_account(state, request, &scope::DRAFT_READ)?;
    validation::reject_unknown_parameters(request, &["maxResults", "pageToken", "q", "includeSpamTrash"])?;
    let (limit, start) = (max_results(request)?, page_token(request)?);
    let mailbox = state.gmail.mailbox(&account).ok_or_else(not_found)?;
    let query = super::search::Query::parse(request.query("q").unwrap_or(""), mailbox, state.clock.millis());
    let shown = mailbox.drafts.iter().rev().filter_map(|draft| {
        let message = mailbox.message(&draft.message_id).filter(|message| query.matches(message))?;
        state.is_listed(draft.created).then_some(())?;
        Some(json!({"id": draft.id, "message": message.reference_json()}))
    });
    let Page { items: drafts, next } = paginate(shown.collect(), start, limit);
    let mut reply = json!({"resultSizeEstimate": drafts.len()});
    if !drafts.is_empty() {
        reply["drafts"] = Value::Array(drafts);
    }
    if let Some(next) = next {
        reply["nextPageToken"] = json!(next.to_string());
    }
    Ok(ApiResponse::json(200, reply))
}

/// Edits a draft as a person does in Gmail's composer: a new message with the person's text, and none of the headers that
/// clients set. Returns the id of the new message.
pub(crate) fn edit(state: &mut SandboxState, id: &str, text: &str) -> Option<String> {
    let mailbox = state.gmail.mailboxes.iter().find(|mailbox| mailbox.draft(id).is_some())?;
    let (account, draft) = (mailbox.address.clone(), mailbox.draft(id)?.clone());
    let old = mailbox.message(&draft.message_id)?.clone();
    let parsed = mail::parse(&old.raw)?;
    let kept = ["From", "To", "Cc", "Bcc", "Subject"].into_iter();
    let mut raw: String =
        kept.filter_map(|name| Some(format!("{name}: {}\r\n", mail::raw_header(&parsed, name)?))).collect();
    raw.push_str(&format!("Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"));
    let message = store_message(state, &account, raw.into(), Some(old.thread_id), &["DRAFT"]);
    let mailbox = state.gmail.mailbox_mut(&account)?;
    mailbox.remove_message(&draft.message_id);
    mailbox.drafts.retain(|draft| draft.id != id);
    mailbox.drafts.push(Draft { message_id: message.id.clone(), ..draft });
    Some(message.id)
}

/// `drafts.delete`: permanent, not to the trash.
pub(crate) fn delete(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let account = authorized_account(state, request, &scope::COMPOSE)?;
    validation::reject_unknown_parameters(request, &[])?;
    let id = request.path_param("id");
    remove_draft(state, &account, id)?;
    state.record_effect("gmail", "draft_deleted", id, &account, json!({"id": id}));
    Ok(ApiResponse::empty(204))
}

/// `drafts.send`: sends the stored message, or a replacement in the request.
pub(crate) fn send(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let account = authorized_account(state, request, &scope::COMPOSE)?;
    let body = validation::validated_body(request, validation::DRAFT)?;
    let id = body["id"].as_str().ok_or_else(|| bad_request("invalidArgument", "Missing draft id"))?;
    let mailbox = state.gmail.mailbox(&account).ok_or_else(not_found)?;
    let draft = mailbox.draft(id).ok_or_else(not_found)?;
    let stored = mailbox.message(&draft.message_id).ok_or_else(not_found)?.clone();
    let raw = if body["message"]["raw"].is_string() { read_message(&body["message"])?.raw } else { stored.raw.clone() };
    // The draft is removed after sending: a rejected mail must not lose its draft.
    let sent = send_raw(state, &account, &raw, Some(stored.thread_id))?;
    remove_draft(state, &account, id)?;
    Ok(ApiResponse::json(200, sent))
}

/// Removes a draft and its message.
fn remove_draft(state: &mut SandboxState, account: &str, id: &str) -> Result<(), ErrorResponse> {
    let mailbox = state.gmail.mailbox_mut(account).ok_or_else(not_found)?;
    let index = mailbox.drafts.iter().position(|draft| draft.id == id).ok_or_else(not_found)?;
    let draft = mailbox.drafts.remove(index);
    mailbox.remove_message(&draft.message_id);
    Ok(())
}
