//! Labels (<https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.labels>).

use serde_json::{Value, json};

use super::mailbox::{Label, SYSTEM_LABELS};
use super::{authorized_account, bad_request, error, not_found, scope, validation};
use crate::http::{ApiRequest, ApiResponse, HandlerResult};
use crate::state::SandboxState;

/// The maximum length of a name.
const MAX_NAME_BYTES: usize = 225;

/// `labels.list`: all labels, not paged.
pub(crate) fn list(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let account = authorized_account(state, request, &scope::LABEL_READ)?;
    validation::reject_unknown_parameters(request, &[])?;
    let mailbox = state.gmail.mailbox(&account).ok_or_else(not_found)?;
    let system = SYSTEM_LABELS.iter().map(|id| json!({"id": id, "name": id, "type": "system"}));
    let own = mailbox.labels.iter().map(|label| json!({"id": label.id, "name": label.name, "type": "user"}));
    Ok(ApiResponse::json(200, json!({"labels": system.chain(own).collect::<Vec<_>>()})))
}

/// `labels.create`: names are unique, ignoring case.
pub(crate) fn create(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let account = authorized_account(state, request, &scope::LABEL_WRITE)?;
    let body = validation::validated_body(request, validation::LABEL)?;
    let name = body["name"].as_str().map(str::trim).filter(|name| !name.is_empty() && name.len() <= MAX_NAME_BYTES);
    let name = name.ok_or_else(|| bad_request("invalidArgument", "Invalid label name"))?.to_owned();
    for (field, known) in [
        ("labelListVisibility", ["labelShow", "labelShowIfUnread", "labelHide"].as_slice()),
        ("messageListVisibility", ["show", "hide"].as_slice()),
    ] {
        if !body[field].as_str().is_some_and(|value| known.contains(&value)) {
            return Err(bad_request("invalidArgument", &format!("Invalid {field}")));
        }
    }
    if SYSTEM_LABELS.iter().any(|system| system.eq_ignore_ascii_case(&name)) {
        return Err(bad_request("invalidArgument", "Invalid label name"));
    }
    let mailbox = state.gmail.mailbox_mut(&account).ok_or_else(not_found)?;
    if mailbox.labels.iter().any(|label| label.name.to_lowercase() == name.to_lowercase()) {
        return Err(error(409, "ABORTED", "aborted", "Label name exists or conflicts"));
    }
    let id = format!("Label_{}", mailbox.labels.len() + 1);
    mailbox.labels.push(Label { id: id.clone(), name: name.clone() });
    state.record_effect("gmail", "label_created", &id, &account, body.clone());
    let mut created: Value = body;
    created["id"] = json!(id);
    created["name"] = json!(name);
    created["type"] = json!("user");
    Ok(ApiResponse::json(200, created))
}
