//! Labels (<https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.labels>).

use serde_json::{Value, json};

use super::mailbox::{Label, Mailbox, SYSTEM_LABELS};
use super::palette::PALETTE;
use super::{ErrorResponse, authorized_account, bad_request, error, not_found, scope, validation};
use crate::http::{ApiRequest, ApiResponse, HandlerResult};
use crate::state::SandboxState;

/// The maximum length of a name.
const MAX_NAME_BYTES: usize = 225;
/// The fields of a label that a client sets besides its name.
const OPTIONS: [&str; 3] = ["labelListVisibility", "messageListVisibility", "color"];

/// `labels.list`: all labels, not paged and without their counts.
pub(crate) fn list(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let account = authorized_account(state, request, &scope::LABEL_READ)?;
    validation::reject_unknown_parameters(request, &[])?;
    let mailbox = state.gmail.mailbox(&account).ok_or_else(not_found)?;
    let system = SYSTEM_LABELS.iter().map(|id| system_label(id));
    let own = mailbox.labels.iter().map(Label::to_json);
    Ok(ApiResponse::json(200, json!({"labels": system.chain(own).collect::<Vec<_>>()})))
}

/// `labels.get`: with the counts.
pub(crate) fn get(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let account = authorized_account(state, request, &scope::LABEL_READ)?;
    validation::reject_unknown_parameters(request, &[])?;
    let mailbox = state.gmail.mailbox(&account).ok_or_else(not_found)?;
    let id = request.path_param("id");
    let own = mailbox.labels.iter().find(|label| label.id == id).map(Label::to_json);
    let system = || SYSTEM_LABELS.contains(&id).then(|| system_label(id));
    let mut shown = own.or_else(system).ok_or_else(not_found)?;
    let labelled = || mailbox.messages.iter().filter(|message| message.has_label(id));
    let threads = |unread: bool| {
        let mut ids: Vec<&str> = labelled()
            .filter(|message| !unread || message.has_label("UNREAD"))
            .map(|message| message.thread_id.as_str())
            .collect();
        ids.sort_unstable();
        ids.dedup();
        ids.len()
    };
    shown["messagesTotal"] = json!(labelled().count());
    shown["messagesUnread"] = json!(labelled().filter(|message| message.has_label("UNREAD")).count());
    shown["threadsTotal"] = json!(threads(false));
    shown["threadsUnread"] = json!(threads(true));
    Ok(ApiResponse::json(200, shown))
}

fn system_label(id: &str) -> Value {
    json!({"id": id, "name": id, "type": "system"})
}

/// `labels.create`: names are unique, ignoring case.
pub(crate) fn create(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let account = authorized_account(state, request, &scope::LABEL_WRITE)?;
    let body = validation::validated_body(request, validation::LABEL)?;
    check_options(&body, true)?;
    let mailbox = state.gmail.mailbox_mut(&account).ok_or_else(not_found)?;
    let name = new_name(&body, mailbox, None)?;
    let number = mailbox.labels.iter().filter_map(|label| label.id.strip_prefix("Label_")?.parse::<u64>().ok()).max();
    let id = format!("Label_{}", number.unwrap_or_default() + 1);
    let mut label = Label { id: id.clone(), name, options: json!({}) };
    set_options(&mut label, &body);
    let created = label.to_json();
    mailbox.labels.push(label);
    state.record_effect("gmail", "label_created", &id, &account, body);
    Ok(ApiResponse::json(200, created))
}

/// `labels.update`: replaces a label.
pub(crate) fn update(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    change(state, request, true)
}

/// `labels.patch`: changes the fields that are sent.
pub(crate) fn patch(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    change(state, request, false)
}

fn change(state: &mut SandboxState, request: &ApiRequest, replaces: bool) -> HandlerResult {
    let account = authorized_account(state, request, &scope::LABEL_WRITE)?;
    let body = validation::validated_body(request, validation::LABEL)?;
    check_options(&body, replaces)?;
    let id = request.path_param("id").to_owned();
    reject_system(&id)?;
    let mailbox = state.gmail.mailbox_mut(&account).ok_or_else(not_found)?;
    let index = mailbox.labels.iter().position(|label| label.id == id).ok_or_else(not_found)?;
    let name = match replaces || body["name"].is_string() {
        true => Some(new_name(&body, mailbox, Some(&id))?),
        false => None,
    };
    let label = mailbox.labels.get_mut(index).ok_or_else(not_found)?;
    if replaces {
        label.options = json!({});
    }
    label.name = name.unwrap_or_else(|| label.name.clone());
    set_options(label, &body);
    let changed = label.to_json();
    state.record_effect("gmail", "label_updated", &id, &account, body);
    Ok(ApiResponse::json(200, changed))
}

/// `labels.delete`: the label is removed from all messages.
pub(crate) fn delete(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let account = authorized_account(state, request, &scope::LABEL_WRITE)?;
    validation::reject_unknown_parameters(request, &[])?;
    let id = request.path_param("id").to_owned();
    reject_system(&id)?;
    let mailbox = state.gmail.mailbox_mut(&account).ok_or_else(not_found)?;
    let removed = mailbox.remove_label(&id).ok_or_else(not_found)?;
    state.record_effect("gmail", "label_deleted", &id, &account, json!({"name": removed.name}));
    Ok(ApiResponse::empty(204))
}

fn reject_system(id: &str) -> Result<(), ErrorResponse> {
    match SYSTEM_LABELS.contains(&id) {
        true => Err(bad_request("invalidArgument", "Invalid update request")),
        false => Ok(()),
    }
}

/// Returns the name of a label that is created, or of the label `own` that is changed.
fn new_name(body: &Value, mailbox: &Mailbox, own: Option<&str>) -> Result<String, ErrorResponse> {
    let name = body["name"].as_str().map(str::trim).filter(|name| !name.is_empty() && name.len() <= MAX_NAME_BYTES);
    let is_system = |name: &&str| SYSTEM_LABELS.iter().any(|system| system.eq_ignore_ascii_case(name));
    let name = name.filter(|name| !is_system(name));
    let name = name.ok_or_else(|| bad_request("invalidArgument", "Invalid label name"))?.to_owned();
    let others = mailbox.labels.iter().filter(|label| own != Some(label.id.as_str()));
    if others.into_iter().any(|label| label.name.to_lowercase() == name.to_lowercase()) {
        return Err(error(409, "ABORTED", "aborted", "Label name exists or conflicts"));
    }
    Ok(name)
}

fn check_options(body: &Value, required: bool) -> Result<(), ErrorResponse> {
    for (field, known) in [
        ("labelListVisibility", ["labelShow", "labelShowIfUnread", "labelHide"].as_slice()),
        ("messageListVisibility", ["show", "hide"].as_slice()),
    ] {
        let value = body[field].as_str();
        if (required && value.is_none()) || value.is_some_and(|value| !known.contains(&value)) {
            return Err(bad_request("invalidArgument", &format!("Invalid {field}")));
        }
    }
    // A colour is set as a whole, and both are of the palette.
    let color = &body["color"];
    let is_of_palette = |name: &str| {
        let digits = color[name].as_str().and_then(|color| color.strip_prefix('#')).unwrap_or_default();
        PALETTE.split(' ').any(|known| known == digits)
    };
    match color.is_null() || (is_of_palette("textColor") && is_of_palette("backgroundColor")) {
        true => Ok(()),
        false => Err(bad_request("invalidArgument", "Invalid label color")),
    }
}

fn set_options(label: &mut Label, body: &Value) {
    for option in OPTIONS.iter().filter(|option| !body[**option].is_null()) {
        label.options[*option] = body[*option].clone();
    }
}
