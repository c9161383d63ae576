//! Gmail and Google's OAuth server.

mod batch;
mod drafts;
mod identity;
mod labels;
mod large;
mod mail;
mod mailbox;
mod messages;
mod oauth;
mod palette;
mod parts;
mod search;
mod seed;
mod settings;
mod strangeness;
mod threads;
mod upload;
mod validation;

use axum::Router;
use axum::routing::{get, post, put};
use serde_json::json;

use crate::http::{ApiRequest, ApiResponse, handler};
use crate::oauth::{Grants, TokenState};
use crate::sandbox::Sandbox;
use crate::state::SandboxState;
use mailbox::Mailbox;

pub(crate) use drafts::edit as edit_draft;
pub(crate) use large::add as add_long_content;
pub(crate) use mail::decode as decode_base64url;
pub(crate) use messages::receive as receive_mail;
pub(crate) use oauth::{OAUTH_APP, issue};
pub use strangeness::GmailStrangeness;

/// An error response.
type ErrorResponse = ApiResponse;

/// The scopes that allow each group of methods (discovery document gmail.v1).
mod scope {
    pub(super) const METADATA_SCOPE: &str = "https://www.googleapis.com/auth/gmail.metadata";
    const FULL_SCOPE: &str = "https://mail.google.com/";
    const READONLY_SCOPE: &str = "https://www.googleapis.com/auth/gmail.readonly";
    const COMPOSE_SCOPE: &str = "https://www.googleapis.com/auth/gmail.compose";
    const MODIFY_SCOPE: &str = "https://www.googleapis.com/auth/gmail.modify";
    const LABELS_SCOPE: &str = "https://www.googleapis.com/auth/gmail.labels";

    pub(super) const SEND: [&str; 4] =
        ["https://www.googleapis.com/auth/gmail.send", COMPOSE_SCOPE, MODIFY_SCOPE, FULL_SCOPE];
    pub(super) const COMPOSE: [&str; 3] = [COMPOSE_SCOPE, MODIFY_SCOPE, FULL_SCOPE];
    pub(super) const DRAFT_READ: [&str; 4] = [COMPOSE_SCOPE, MODIFY_SCOPE, READONLY_SCOPE, FULL_SCOPE];
    pub(super) const BODY_READ: [&str; 3] = [READONLY_SCOPE, MODIFY_SCOPE, FULL_SCOPE];
    pub(super) const READ: [&str; 4] = [READONLY_SCOPE, MODIFY_SCOPE, METADATA_SCOPE, FULL_SCOPE];
    pub(super) const MODIFY: [&str; 2] = [MODIFY_SCOPE, FULL_SCOPE];
    pub(super) const LABEL_WRITE: [&str; 3] = [LABELS_SCOPE, MODIFY_SCOPE, FULL_SCOPE];
    pub(super) const LABEL_READ: [&str; 5] = [LABELS_SCOPE, METADATA_SCOPE, READONLY_SCOPE, MODIFY_SCOPE, FULL_SCOPE];
    pub(super) const PROFILE: [&str; 5] = [METADATA_SCOPE, READONLY_SCOPE, COMPOSE_SCOPE, MODIFY_SCOPE, FULL_SCOPE];
}

/// The mailboxes and Google's tokens.
pub(crate) struct State {
    pub(crate) grants: Grants,
    mailboxes: Vec<Mailbox>,
    issued_ids: u64,
}

impl State {
    pub(crate) fn seeded(now: i64) -> Self {
        Self { grants: Grants::default(), mailboxes: seed::mailboxes(now), issued_ids: 0 }
    }

    fn mailbox(&self, address: &str) -> Option<&Mailbox> {
        self.mailboxes.iter().find(|mailbox| mailbox.address == address)
    }

    fn mailbox_mut(&mut self, address: &str) -> Option<&mut Mailbox> {
        self.mailboxes.iter_mut().find(|mailbox| mailbox.address == address)
    }

    fn next_id(&mut self) -> String {
        self.issued_ids += 1;
        seed::message_hex_id(0x1000 + self.issued_ids)
    }

    fn next_draft_id(&mut self) -> String {
        self.issued_ids += 1;
        format!("r-{}", 7_000_000_000_000_000_000 + self.issued_ids)
    }
}

/// Routes below `/google`.
pub(crate) fn oauth_routes() -> Router<Sandbox> {
    Router::new()
        .route("/o/oauth2/v2/auth", get(handler(oauth::authorize)))
        .route("/token", post(handler(oauth::token)))
        .route("/revoke", post(handler(oauth::revoke)))
        .route("/v1/userinfo", get(handler(identity::userinfo)))
}

/// Routes below `/gmail`.
pub(crate) fn routes() -> Router<Sandbox> {
    let user = Router::new()
        .route("/profile", get(handler(threads::profile)))
        .route("/labels", get(handler(labels::list)).post(handler(labels::create)))
        .route("/messages", get(handler(messages::list)))
        .route(
            "/labels/{id}",
            get(handler(labels::get))
                .put(handler(labels::update))
                .patch(handler(labels::patch))
                .delete(handler(labels::delete)),
        )
        .route("/messages/send", post(handler(messages::send)))
        .route("/messages/batchModify", post(handler(messages::batch_modify)))
        .route("/messages/{id}", get(handler(messages::get)))
        .route("/messages/{id}/modify", post(handler(messages::modify)))
        .route("/messages/{id}/trash", post(handler(messages::trash)))
        .route("/messages/{id}/untrash", post(handler(messages::untrash)))
        .route("/messages/{id}/attachments/{attachment}", get(handler(messages::attachment)))
        .route("/drafts", get(handler(drafts::list)).post(handler(drafts::create)))
        .route("/drafts/send", post(handler(drafts::send)))
        .route("/drafts/{id}", get(handler(drafts::get)).put(handler(drafts::update)).delete(handler(drafts::delete)))
        .route("/threads", get(handler(threads::list)))
        .route("/threads/{id}", get(handler(threads::get)))
        .route("/threads/{id}/modify", post(handler(threads::modify)))
        .route("/threads/{id}/trash", post(handler(threads::trash)))
        .route("/threads/{id}/untrash", post(handler(threads::untrash)))
        .route("/settings/sendAs", get(handler(settings::send_as)))
        .route("/settings/filters", get(handler(settings::filters)))
        .route("/settings/filters/{id}", get(handler(settings::get_filter)))
        .route("/settings/vacation", get(handler(settings::vacation)));
    let uploads = Router::new()
        .route("/messages/send", post(handler(messages::upload)))
        .route("/drafts", post(handler(drafts::upload)))
        .route("/drafts/{id}", put(handler(drafts::upload_update)));
    let router = Router::new()
        .route("/batch", post(batch::batch))
        .nest("/gmail/v1/users/{user}", user)
        .nest("/upload/gmail/v1/users/{user}", uploads);
    router.fallback(handler(|_, _| Err(not_found())))
}

/// Returns the account of the request's token if the token is valid, has one of `scopes`, and the path names the account's
/// mailbox.
fn authorized_account(
    state: &mut SandboxState,
    request: &ApiRequest,
    scopes: &[&str],
) -> Result<String, ErrorResponse> {
    let live = request.bearer().map(|token| state.authenticate("google", token));
    let Some(TokenState::Valid { grant, scopes: granted }) = live else { return Err(unauthenticated()) };
    let account = grant.account;
    let user = request.path_param("user");
    if user != "me" && !user.eq_ignore_ascii_case(&account) {
        return Err(error(403, "PERMISSION_DENIED", "forbidden", &format!("Delegation denied for {account}")));
    }
    if !granted.iter().any(|scope| scopes.contains(&scope.as_str())) {
        return Err(missing_scope());
    }
    if state.strangeness.gmail.is_disabled_by_domain {
        let message = "The domain policy has disabled third-party Gmail apps.";
        return Err(error(403, "PERMISSION_DENIED", "domainPolicy", message));
    }
    Ok(account)
}

/// True if the token can read metadata only, which excludes `q` and bodies.
fn has_metadata_scope_only(state: &SandboxState, request: &ApiRequest) -> bool {
    let live = request.bearer().map(|token| state.gmail.grants.token_state(token, state.clock.seconds()));
    let Some(TokenState::Valid { scopes, .. }) = live else { return true };
    scopes.iter().any(|scope| scope == scope::METADATA_SCOPE)
        && !scopes.iter().any(|scope| scope::BODY_READ.contains(&scope.as_str()))
}

/// Builds Google's error body (<https://developers.google.com/workspace/gmail/api/guides/handle-errors>).
fn error(code: u16, status: &str, reason: &str, message: &str) -> ErrorResponse {
    let errors = json!([{"domain": "global", "reason": reason, "message": message}]);
    ApiResponse::json(code, json!({"error": {"code": code, "message": message, "status": status, "errors": errors}}))
}

fn bad_request(reason: &str, message: &str) -> ErrorResponse {
    let status = if reason == "failedPrecondition" { "FAILED_PRECONDITION" } else { "INVALID_ARGUMENT" };
    error(400, status, reason, message)
}

fn not_found() -> ErrorResponse {
    error(404, "NOT_FOUND", "notFound", "Requested entity was not found.")
}

fn unauthenticated() -> ErrorResponse {
    let message = "Request had invalid authentication credentials.";
    let errors = json!([{
        "domain": "global", "reason": "authError", "message": "Invalid Credentials",
        "location": "Authorization", "locationType": "header",
    }]);
    let body = json!({"error": {"code": 401, "message": message, "status": "UNAUTHENTICATED", "errors": errors}});
    ApiResponse::json(401, body)
        .header("www-authenticate", "Bearer realm=\"https://accounts.google.com/\", error=\"invalid_token\"")
}

fn missing_scope() -> ErrorResponse {
    let message = "Request had insufficient authentication scopes.";
    let errors =
        json!([{"domain": "global", "reason": "insufficientPermissions", "message": "Insufficient Permission"}]);
    let details = json!([{
        "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
        "domain": "googleapis.com", "metadata": {"service": "gmail.googleapis.com"},
    }]);
    ApiResponse::json(
        403,
        json!({"error": {
            "code": 403, "message": message, "status": "PERMISSION_DENIED", "errors": errors, "details": details,
        }}),
    )
}
