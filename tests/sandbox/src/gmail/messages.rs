//! Messages: sending, listing, reading, labelling
//! (<https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages>).

use bytes::Bytes;
use mail_parser::DateTime;
use serde_json::{Value, json};

use super::mailbox::{Mailbox, Message};
use super::search::Query;
use super::{ErrorResponse, authorized_account, bad_request, error, mail, not_found, parts, scope, upload, validation};
use crate::http::{ApiRequest, ApiResponse, HandlerResult, Page, paginate};
use crate::state::SandboxState;

/// The maximum number of labels that one request can add, and that it can remove.
const MAX_LABELS: usize = 100;
/// The maximum number of messages of one change.
const MAX_BATCH: usize = 1000;

/// `messages.send`.
pub(crate) fn send(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    send_message(state, request, |request| read_message(&validation::validated_body(request, validation::MESSAGE)?))
}

/// `messages.send` of an uploaded mail.
pub(crate) fn upload(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    send_message(state, request, |request| upload::read(request, validation::MESSAGE, |metadata| metadata))
}

/// Reads the mail of a request.
pub(crate) type ReadMessage = fn(&ApiRequest) -> Result<SentMessage, ErrorResponse>;

fn send_message(state: &mut SandboxState, request: &ApiRequest, read: ReadMessage) -> HandlerResult {
    let account = authorized_account(state, request, &scope::SEND)?;
    let SentMessage { raw, thread_id } = read(request)?;
    let parsed = mail::parse(&raw).ok_or_else(not_found)?;
    let thread = resolve_thread(state, &account, &parsed, thread_id.as_deref())?;
    let sent = send_raw(state, &account, &raw, thread)?;
    Ok(ApiResponse::json(200, sent))
}

/// A message resource of a request.
pub(crate) struct SentMessage {
    pub(crate) raw: Bytes,
    pub(crate) thread_id: Option<String>,
}

/// Reads `raw` and `threadId` of a message resource.
pub(crate) fn read_message(body: &Value) -> Result<SentMessage, ErrorResponse> {
    let encoded = body["raw"].as_str().ok_or_else(|| bad_request("invalidArgument", "'raw' is required."))?;
    let raw = mail::decode(encoded).ok_or_else(|| bad_request("invalidArgument", "'raw' is not base64url."))?;
    if mail::parse(&raw).is_none() {
        return Err(bad_request("invalidArgument", "'raw' is not a message."));
    }
    Ok(SentMessage { raw: raw.into(), thread_id: body["threadId"].as_str().map(str::to_owned) })
}

/// Sends a mail: validates it, sets Gmail's own `Message-ID`, stores it with the label SENT in `thread` or a new one, and
/// delivers it to the sandbox's other mailboxes. Returns the sent message.
pub(crate) fn send_raw(
    state: &mut SandboxState,
    account: &str,
    raw: &[u8],
    thread: Option<String>,
) -> Result<Value, ErrorResponse> {
    let parsed = mail::parse(raw).ok_or_else(|| bad_request("invalidArgument", "'raw' is not a message."))?;
    let recipients = mail::recipients(&parsed);
    if recipients.is_empty() {
        return Err(bad_request("invalidArgument", "Recipient address required"));
    }
    let mailbox = state.gmail.mailbox(account).ok_or_else(not_found)?;
    let mut request = mail::summary(&parsed);
    // A thread that contains only the draft being sent is not recorded.
    if let Some(id) =
        thread.as_deref().filter(|id| mailbox.messages_of_thread(id).any(|message| !message.has_label("DRAFT")))
    {
        request["threadId"] = json!(id);
    }
    let outgoing = Bytes::from(add_gmail_headers(state, account, raw));
    let mut labels = vec!["SENT"];
    if recipients.iter().any(|to| to == account) {
        labels.extend(["INBOX", "UNREAD"]);
    }
    let sent = store_message(state, account, outgoing.clone(), thread, &labels);
    deliver(state, account, &recipients, &outgoing);
    state.record_effect("gmail", "message_sent", &sent.id, account, request);
    Ok(sent.summary_json())
}

/// Returns the thread of a new message. An unknown `threadId` is an error; one whose headers do not match is ignored.
pub(crate) fn resolve_thread(
    state: &SandboxState,
    account: &str,
    parsed: &mail_parser::Message<'_>,
    thread_id: Option<&str>,
) -> Result<Option<String>, ErrorResponse> {
    let Some(mailbox) = state.gmail.mailbox(account) else { return Err(not_found()) };
    match thread_id {
        Some(id) if mailbox.messages_of_thread(id).next().is_none() => Err(not_found()),
        _ => Ok(mailbox.find_thread(parsed, thread_id)),
    }
}

/// Applies Gmail's changes to an outgoing mail: its own `Message-ID`, a missing `Date`, and `From` if it is not the account's.
fn add_gmail_headers(state: &mut SandboxState, account: &str, raw: &[u8]) -> Vec<u8> {
    let id = format!("<CAF{}@mail.gmail.com>", state.entropy.hex(16));
    let mut outgoing = mail::with_header(raw, "Message-ID", &id);
    if state.strangeness.gmail.drops_unknown_headers {
        outgoing = mail::without_unknown_headers(&outgoing);
    }
    let (has_date, from) =
        mail::parse(raw).map(|parsed| (parsed.date().is_some(), mail::addresses(parsed.from()))).unwrap_or_default();
    if !has_date {
        let now = DateTime::from_timestamp(state.clock.seconds());
        outgoing = mail::with_header(&outgoing, "Date", &now.to_rfc822());
    }
    if !from.iter().any(|address| address == account) {
        let name = state.gmail.mailbox(account).map(|mailbox| mailbox.name.clone()).unwrap_or_default();
        outgoing = mail::with_header(&outgoing, "From", &format!("{name} <{account}>"));
    }
    outgoing
}

/// Stores a message in a mailbox, in `thread` or a new one.
pub(crate) fn store_message(
    state: &mut SandboxState,
    account: &str,
    raw: Bytes,
    thread: Option<String>,
    labels: &[&str],
) -> Message {
    let id = state.gmail.next_id();
    let message = Message {
        thread_id: thread.unwrap_or_else(|| id.clone()),
        id,
        labels: labels.iter().map(|label| (*label).to_owned()).collect(),
        raw,
        internal_date: state.clock.millis(),
        history_id: 0,
    };
    if let Some(mailbox) = state.gmail.mailbox_mut(account) {
        mailbox.add_message(message.clone());
    }
    message
}

/// Delivers a mail from elsewhere to a mailbox, whatever it is. Returns its id; `None` without such a mailbox.
pub(crate) fn receive(state: &mut SandboxState, account: &str, raw: Bytes) -> Option<String> {
    state.gmail.mailbox(account)?;
    Some(store_message(state, account, raw, None, &["INBOX", "UNREAD"]).id)
}

/// Delivers copies without `Bcc` to the recipients that have a mailbox in the sandbox.
fn deliver(state: &mut SandboxState, sender: &str, recipients: &[String], outgoing: &[u8]) {
    let recipients_here: Vec<String> = state
        .gmail
        .mailboxes
        .iter()
        .map(|mailbox| mailbox.address.clone())
        .filter(|address| address != sender && recipients.contains(address))
        .collect();
    for address in recipients_here {
        let copy = mail::without_header(outgoing, "Bcc");
        let thread = mail::parse(&copy).and_then(|parsed| state.gmail.mailbox(&address)?.find_thread(&parsed, None));
        store_message(state, &address, copy.into(), thread, &["INBOX", "UNREAD"]);
    }
}

/// `messages.list`: ids only, newest first.
pub(crate) fn list(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let found = matching_messages(state, request)?;
    let limit = max_results(request)?;
    let start = page_token(request)?;
    let Page { items: messages, next } = paginate(found, start, limit);
    let mut reply = json!({"resultSizeEstimate": messages.len()});
    // Google omits empty lists.
    if !messages.is_empty() {
        reply["messages"] = messages.iter().map(Message::reference_json).collect();
    }
    if let Some(next) = next {
        reply["nextPageToken"] = json!(next.to_string());
    }
    Ok(ApiResponse::json(200, reply))
}

/// Returns the messages that match a list request, newest first.
pub(crate) fn matching_messages(state: &mut SandboxState, request: &ApiRequest) -> Result<Vec<Message>, ErrorResponse> {
    let account = authorized_account(state, request, &scope::READ)?;
    validation::reject_unknown_parameters(request, &["q", "labelIds", "maxResults", "pageToken", "includeSpamTrash"])?;
    let mailbox = state.gmail.mailbox(&account).ok_or_else(not_found)?;
    let q = request.query("q").unwrap_or("").trim();
    if !q.is_empty() && super::has_metadata_scope_only(state, request) {
        return Err(error(403, "PERMISSION_DENIED", "forbidden", "Metadata scope does not support 'q' parameter"));
    }
    let query = Query::parse(q, mailbox, state.clock.millis());
    let labels = request.query_all("labelIds");
    if labels.iter().any(|label| !mailbox.label_exists(label)) {
        return Err(bad_request("invalidArgument", "Invalid label"));
    }
    let everywhere = match request.query("includeSpamTrash") {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => return Err(bad_request("badRequest", "Invalid value at 'include_spam_trash' (TYPE_BOOL)")),
    };
    let visible = |message: &&Message| {
        ["SPAM", "TRASH"].into_iter().all(|place| {
            !message.has_label(place) || everywhere || labels.contains(&place) || query.includes_location(place)
        })
    };
    let matching = mailbox.messages.iter().filter(visible).filter(|message| state.is_listed(message.internal_date));
    let matching =
        matching.filter(|message| labels.iter().all(|label| message.has_label(label)) && query.matches(message));
    let mut found: Vec<Message> = matching.cloned().collect();
    found.sort_by(|a, b| (b.internal_date, &b.id).cmp(&(a.internal_date, &a.id)));
    Ok(found)
}

/// Parses `maxResults`: 100 by default, at most 500.
pub(crate) fn max_results(request: &ApiRequest) -> Result<usize, ErrorResponse> {
    match request.query("maxResults") {
        None => Ok(100),
        Some(text) => {
            let number: usize = text.parse().map_err(|_| bad_request("invalidArgument", "Invalid maxResults"))?;
            Ok(number.clamp(1, 500))
        }
    }
}

pub(crate) fn page_token(request: &ApiRequest) -> Result<usize, ErrorResponse> {
    request
        .query("pageToken")
        .map_or(Ok(0), str::parse)
        .map_err(|_| bad_request("invalidArgument", "Invalid pageToken"))
}

/// `messages.get`.
pub(crate) fn get(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let account = authorized_account(state, request, &scope::READ)?;
    validation::reject_unknown_parameters(request, &["format", "metadataHeaders"])?;
    let format = requested_format(state, request)?;
    let message = state.gmail.mailbox(&account).and_then(|mailbox| mailbox.message(request.path_param("id")));
    let shown =
        message.ok_or_else(not_found)?.to_json(format, &request.query_all("metadataHeaders"), state.strangeness.gmail);
    Ok(ApiResponse::json(200, shown))
}

/// Parses the `format` of a read; a token with the metadata scope only cannot read bodies.
pub(crate) fn requested_format<'a>(state: &SandboxState, request: &'a ApiRequest) -> Result<&'a str, ErrorResponse> {
    let format = request.query("format").unwrap_or("full");
    if !["full", "metadata", "minimal", "raw"].contains(&format) {
        return Err(bad_request("invalidArgument", "Invalid format"));
    }
    if ["full", "raw"].contains(&format) && super::has_metadata_scope_only(state, request) {
        return Err(error(403, "PERMISSION_DENIED", "forbidden", "Metadata scope doesn't allow this format"));
    }
    Ok(format)
}

/// `messages.attachments.get`.
pub(crate) fn attachment(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let account = authorized_account(state, request, &scope::BODY_READ)?;
    validation::reject_unknown_parameters(request, &[])?;
    let message = state.gmail.mailbox(&account).and_then(|mailbox| mailbox.message(request.path_param("id")));
    let parsed = message.and_then(|message| mail::parse(&message.raw)).ok_or_else(not_found)?;
    let bytes = parts::attachment_bytes(&parsed, request.path_param("attachment")).ok_or_else(not_found)?;
    // The padding is written as an escape, which JSON allows: a client has to read JSON, and not to cut the text.
    let data = mail::encode(&bytes).replace('=', "\\u003d");
    Ok(ApiResponse::json_text(200, format!("{{\n  \"size\": {},\n  \"data\": \"{data}\"\n}}\n", bytes.len())))
}

/// `messages.modify`.
pub(crate) fn modify(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let account = authorized_account(state, request, &scope::MODIFY)?;
    let body = validation::validated_body(request, validation::MESSAGE_LABELS_CHANGE)?;
    let mailbox = state.gmail.mailbox_mut(&account).ok_or_else(not_found)?;
    let (add, remove) = label_change(mailbox, &body)?;
    let changed = mailbox.relabel(request.path_param("id"), &add, &remove).ok_or_else(not_found)?.summary_json();
    state.record_effect("gmail", "labels_modified", request.path_param("id"), &account, body);
    Ok(ApiResponse::json(200, changed))
}

/// `messages.batchModify`: at most 1,000 messages, without a promise that they exist
/// (<https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages/batchModify>).
pub(crate) fn batch_modify(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let account = authorized_account(state, request, &scope::MODIFY)?;
    let body = validation::validated_body(request, validation::BATCH_LABELS_CHANGE)?;
    let ids = strings(&body["ids"]);
    if ids.is_empty() || ids.len() > MAX_BATCH {
        return Err(bad_request("invalidArgument", "Invalid number of ids"));
    }
    let mailbox = state.gmail.mailbox_mut(&account).ok_or_else(not_found)?;
    let (add, remove) = label_change(mailbox, &body)?;
    for id in &ids {
        mailbox.relabel(id, &add, &remove);
    }
    state.record_effect("gmail", "labels_modified", &ids.join(","), &account, body);
    Ok(ApiResponse::empty(204))
}

/// Reads the labels to add and to remove.
pub(crate) fn label_change(mailbox: &Mailbox, body: &Value) -> Result<(Vec<String>, Vec<String>), ErrorResponse> {
    let (add, remove) = (strings(&body["addLabelIds"]), strings(&body["removeLabelIds"]));
    if add.len() > MAX_LABELS || remove.len() > MAX_LABELS {
        return Err(bad_request("invalidArgument", "Too many labels"));
    }
    // The labels SENT and DRAFT cannot be set by clients.
    let refused = |label: &&String| !mailbox.label_exists(label) || ["SENT", "DRAFT", "CHAT"].contains(&label.as_str());
    match add.iter().chain(&remove).find(refused) {
        Some(unknown) => Err(bad_request("invalidArgument", &format!("Invalid label: {unknown}"))),
        None => Ok((add, remove)),
    }
}

/// `messages.trash`.
pub(crate) fn trash(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    relabel(state, request, "message_trashed", &["TRASH"], &["INBOX"])
}

/// `messages.untrash`.
pub(crate) fn untrash(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    relabel(state, request, "labels_modified", &["INBOX"], &["TRASH"])
}

fn relabel(state: &mut SandboxState, request: &ApiRequest, kind: &str, add: &[&str], remove: &[&str]) -> HandlerResult {
    let account = authorized_account(state, request, &scope::MODIFY)?;
    validation::reject_unknown_parameters(request, &[])?;
    let owned = |labels: &[&str]| labels.iter().map(|label| (*label).to_owned()).collect::<Vec<_>>();
    let mailbox = state.gmail.mailbox_mut(&account).ok_or_else(not_found)?;
    let changed =
        mailbox.relabel(request.path_param("id"), &owned(add), &owned(remove)).ok_or_else(not_found)?.summary_json();
    let change = json!({"addLabelIds": add, "removeLabelIds": remove});
    state.record_effect("gmail", kind, request.path_param("id"), &account, change);
    Ok(ApiResponse::json(200, changed))
}

fn strings(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}
