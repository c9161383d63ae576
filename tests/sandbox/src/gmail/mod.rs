//! Gmail and the OAuth server before it.

mod drafts;
mod labels;
mod mail;
mod mailbox;
mod messages;
mod oauth;
mod search;
mod validation;
mod threads;
mod seed;

use axum::Router;
use axum::routing::{get, post};
use serde_json::json;

use crate::http::{Answer, Call, on};
use crate::oauth::{Grants, Live};
use crate::sandbox::Sandbox;
use crate::state::World;
use mailbox::Mailbox;

pub(crate) use oauth::issue;

/// An answer that says no.
type Refused = Answer;

/// The scopes that allow each family of calls (discovery document gmail.v1).
mod scope {
    pub(super) const METADATA_ONLY: &str = "https://www.googleapis.com/auth/gmail.metadata";
    const ALL: &str = "https://mail.google.com/";
    const READONLY: &str = "https://www.googleapis.com/auth/gmail.readonly";
    const COMPOSING: &str = "https://www.googleapis.com/auth/gmail.compose";
    const MODIFYING: &str = "https://www.googleapis.com/auth/gmail.modify";
    const LABELS_ONLY: &str = "https://www.googleapis.com/auth/gmail.labels";

    pub(super) const SEND: [&str; 4] = ["https://www.googleapis.com/auth/gmail.send", COMPOSING, MODIFYING, ALL];
    pub(super) const COMPOSE: [&str; 3] = [COMPOSING, MODIFYING, ALL];
    pub(super) const DRAFTS: [&str; 4] = [COMPOSING, MODIFYING, READONLY, ALL];
    pub(super) const BODIES: [&str; 3] = [READONLY, MODIFYING, ALL];
    pub(super) const READ: [&str; 4] = [READONLY, MODIFYING, METADATA_ONLY, ALL];
    pub(super) const MODIFY: [&str; 2] = [MODIFYING, ALL];
    pub(super) const LABELLING: [&str; 3] = [LABELS_ONLY, MODIFYING, ALL];
    pub(super) const LABELS: [&str; 5] = [LABELS_ONLY, METADATA_ONLY, READONLY, MODIFYING, ALL];
    pub(super) const PROFILE: [&str; 5] = [METADATA_ONLY, READONLY, COMPOSING, MODIFYING, ALL];
}

/// The mailboxes and Google's tokens.
pub(crate) struct State {
    pub(crate) grants: Grants,
    mailboxes: Vec<Mailbox>,
    issued: u64,
}

impl State {
    pub(crate) fn starting(now: i64) -> Self {
        Self { grants: Grants::default(), mailboxes: seed::mailboxes(now), issued: 0 }
    }

    fn mailbox(&self, address: &str) -> Option<&Mailbox> {
        self.mailboxes.iter().find(|mailbox| mailbox.address == address)
    }

    fn mailbox_mut(&mut self, address: &str) -> Option<&mut Mailbox> {
        self.mailboxes.iter_mut().find(|mailbox| mailbox.address == address)
    }

    fn next_id(&mut self) -> String {
        self.issued += 1;
        seed::id(0x1000 + self.issued)
    }

    fn next_draft_id(&mut self) -> String {
        self.issued += 1;
        format!("r-{}", 7_000_000_000_000_000_000 + self.issued)
    }
}

/// Everything below `/google`.
pub(crate) fn oauth_routes() -> Router<Sandbox> {
    Router::new()
        .route("/o/oauth2/v2/auth", get(on(oauth::authorize)))
        .route("/token", post(on(oauth::token)))
        .route("/revoke", post(on(oauth::revoke)))
        .route("/v1/userinfo", get(on(oauth::userinfo)))
}

/// Everything below `/gmail`.
pub(crate) fn routes() -> Router<Sandbox> {
    let user = Router::new()
        .route("/profile", get(on(threads::profile)))
        .route("/labels", get(on(labels::list)).post(on(labels::create)))
        .route("/messages", get(on(messages::list)))
        .route("/messages/send", post(on(messages::send)))
        .route("/messages/{id}", get(on(messages::get)))
        .route("/messages/{id}/modify", post(on(messages::modify)))
        .route("/messages/{id}/trash", post(on(messages::trash)))
        .route("/messages/{id}/untrash", post(on(messages::untrash)))
        .route("/messages/{id}/attachments/{attachment}", get(on(messages::attachment)))
        .route("/drafts", get(on(drafts::list)).post(on(drafts::create)))
        .route("/drafts/send", post(on(drafts::send)))
        .route("/drafts/{id}", get(on(drafts::get)).put(on(drafts::update)).delete(on(drafts::delete)))
        .route("/threads", get(on(threads::list)))
        .route("/threads/{id}", get(on(threads::get)));
    Router::new().nest("/gmail/v1/users/{user}", user).fallback(on(|_, _| Err(not_found())))
}

/// The account behind the call's token, when the token works, covers one of `scopes`, and the path names its mailbox.
fn account(world: &World, call: &Call, scopes: &[&str]) -> Result<String, Refused> {
    let live = call.bearer().map(|token| world.gmail.grants.live(token, world.clock.seconds()));
    let Some(Live::Yes { account, scopes: granted }) = live else { return Err(unauthenticated()) };
    let user = call.param("user");
    if user != "me" && !user.eq_ignore_ascii_case(&account) {
        return Err(error(403, "PERMISSION_DENIED", "forbidden", &format!("Delegation denied for {account}")));
    }
    if !granted.iter().any(|scope| scopes.contains(&scope.as_str())) {
        return Err(missing_scope());
    }
    Ok(account)
}

/// Does the token read nothing but metadata? Then `q` and bodies are out of its reach.
fn only_metadata(world: &World, call: &Call) -> bool {
    let live = call.bearer().map(|token| world.gmail.grants.live(token, world.clock.seconds()));
    let Some(Live::Yes { scopes, .. }) = live else { return true };
    scopes.iter().any(|scope| scope == scope::METADATA_ONLY)
        && !scopes.iter().any(|scope| scope::BODIES.contains(&scope.as_str()))
}

/// Google's error body (<https://developers.google.com/workspace/gmail/api/guides/handle-errors>).
fn error(code: u16, status: &str, reason: &str, message: &str) -> Refused {
    let errors = json!([{"domain": "global", "reason": reason, "message": message}]);
    Answer::json(code, json!({"error": {"code": code, "message": message, "status": status, "errors": errors}}))
}

fn bad(reason: &str, message: &str) -> Refused {
    let status = if reason == "failedPrecondition" { "FAILED_PRECONDITION" } else { "INVALID_ARGUMENT" };
    error(400, status, reason, message)
}

fn not_found() -> Refused {
    error(404, "NOT_FOUND", "notFound", "Requested entity was not found.")
}

fn unauthenticated() -> Refused {
    let message = "Request had invalid authentication credentials.";
    let errors = json!([{
        "domain": "global", "reason": "authError", "message": "Invalid Credentials",
        "location": "Authorization", "locationType": "header",
    }]);
    let body = json!({"error": {"code": 401, "message": message, "status": "UNAUTHENTICATED", "errors": errors}});
    Answer::json(401, body)
        .header("www-authenticate", "Bearer realm=\"https://accounts.google.com/\", error=\"invalid_token\"")
}

fn missing_scope() -> Refused {
    let message = "Request had insufficient authentication scopes.";
    let errors =
        json!([{"domain": "global", "reason": "insufficientPermissions", "message": "Insufficient Permission"}]);
    let details = json!([{
        "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
        "domain": "googleapis.com", "metadata": {"service": "gmail.googleapis.com"},
    }]);
    Answer::json(
        403,
        json!({"error": {
            "code": 403, "message": message, "status": "PERMISSION_DENIED", "errors": errors, "details": details,
        }}),
    )
}
