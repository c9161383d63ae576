//! Settings of a mailbox (<https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.settings>).

use serde_json::{Value, json};

use super::{authorized_account, not_found, scope, validation};
use crate::fixtures::gmail;
use crate::http::{ApiRequest, ApiResponse, HandlerResult};
use crate::state::SandboxState;

/// An address from which an account sends without asking, and the replies to which come to its mailbox.
pub(crate) fn alias(account: &str) -> String {
    let (local, domain) = account.split_once('@').unwrap_or((account, "example.com"));
    format!("{local}.sales@{domain}")
}

/// `settings.sendAs.list`: the account's own address, an alias, one that is not verified, and one of another mailbox.
pub(crate) fn send_as(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let account = read(state, request)?;
    let name = state.gmail.mailbox(&account).ok_or_else(not_found)?.name.clone();
    let (local, domain) = account.split_once('@').unwrap_or((&account, "example.com"));
    let own =
        json!({"sendAsEmail": account, "displayName": name, "isPrimary": true, "isDefault": true, "signature": ""});
    let alias = json!({"sendAsEmail": alias(&account), "displayName": format!("{name}, sales"),
        "replyToAddress": format!("sales@{domain}"), "signature": "<div><b>Sales</b></div>", "treatAsAlias": true,
        "verificationStatus": "accepted"});
    let unverified = json!({"sendAsEmail": format!("{local}.new@{domain}"), "displayName": "", "treatAsAlias": true,
        "verificationStatus": "pending"});
    let shared = json!({"sendAsEmail": format!("support@{domain}"), "displayName": "Support", "treatAsAlias": false,
        "verificationStatus": "accepted"});
    Ok(ApiResponse::json(200, json!({"sendAs": [own, alias, unverified, shared]})))
}

/// `settings.filters.list`.
pub(crate) fn filters(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    read(state, request)?;
    Ok(ApiResponse::json(200, json!({"filter": [filter()]})))
}

/// `settings.filters.get`.
pub(crate) fn get_filter(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    read(state, request)?;
    match request.path_param("id") == gmail::FILTER {
        true => Ok(ApiResponse::json(200, filter())),
        false => Err(not_found()),
    }
}

/// `settings.getVacation`.
pub(crate) fn vacation(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    read(state, request)?;
    let start = state.clock.millis();
    Ok(ApiResponse::json(
        200,
        json!({"enableAutoReply": true, "responseSubject": "Away", "responseBodyPlainText": "Back on Monday.",
            "restrictToContacts": true, "restrictToDomain": false, "startTime": start.to_string(),
            "endTime": (start + 86_400_000).to_string()}),
    ))
}

fn read(state: &mut SandboxState, request: &ApiRequest) -> Result<String, ApiResponse> {
    let account = authorized_account(state, request, &scope::BODY_READ)?;
    validation::reject_unknown_parameters(request, &[])?;
    Ok(account)
}

fn filter() -> Value {
    json!({"id": gmail::FILTER, "criteria": {"from": "billing@northwind.example", "hasAttachment": true},
        "action": {"addLabelIds": ["Label_1"], "removeLabelIds": ["INBOX"]}})
}
