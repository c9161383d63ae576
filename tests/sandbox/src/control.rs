//! The control endpoints: the operations of [`Sandbox`] over HTTP, for tests and the demo.

use axum::Router;
use axum::routing::{MethodFilter, on};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::faults::{FAULT_PREFIXES, Fault};
use crate::gmail;
use crate::http::{ApiRequest, ApiResponse, Handler, HandlerResult, handler};
use crate::oauth::{self, Grant};
use crate::sandbox::Sandbox;
use crate::state::SandboxState;

/// The path of the control endpoints.
pub(crate) const PREFIX: &str = "/_control";

/// The endpoints: the method, the path below [`PREFIX`], and the operation.
const ENDPOINTS: &[(MethodFilter, &str, Handler)] = &[
    (MethodFilter::GET, "/clock", clock_time),
    (MethodFilter::POST, "/clock", advance_clock),
    (MethodFilter::POST, "/expire", expire_tokens),
    (MethodFilter::GET, "/faults", list_faults),
    (MethodFilter::POST, "/faults", add_fault),
    (MethodFilter::POST, "/grant", grant),
    (MethodFilter::GET, "/ledger", get_ledger),
    (MethodFilter::POST, "/mails", receive_mail),
    (MethodFilter::POST, "/reset", reset),
    (MethodFilter::POST, "/revoke", revoke_grants),
    (MethodFilter::GET, "/strangeness", strangeness),
    (MethodFilter::POST, "/strangeness", set_strangeness),
];

/// Returns the control endpoints, each as `GET /_control/ledger`, for the page that lists them.
pub fn control_endpoints() -> Vec<String> {
    let name = |method: &MethodFilter| if *method == MethodFilter::GET { "GET" } else { "POST" };
    ENDPOINTS.iter().map(|(method, path, _)| format!("{} {PREFIX}{path}", name(method))).collect()
}

pub(crate) fn routes() -> Router<Sandbox> {
    let add = |router: Router<Sandbox>, (method, path, operation): &(MethodFilter, &str, Handler)| {
        router.route(path, on(*method, handler(*operation)))
    };
    ENDPOINTS.iter().fold(Router::new(), add)
}

fn get_ledger(state: &mut SandboxState, _call: &ApiRequest) -> HandlerResult {
    Ok(ApiResponse::json(200, json!({"effects": state.ledger.effects()})))
}

fn list_faults(state: &mut SandboxState, _call: &ApiRequest) -> HandlerResult {
    Ok(ApiResponse::json(200, json!({"faults": state.faults.planned()})))
}

fn add_fault(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let fault: Fault = body(request)?;
    if !FAULT_PREFIXES.contains(&fault.provider.as_str()) {
        return Err(bad_request(&format!("provider must be one of {}", FAULT_PREFIXES.join(", "))));
    }
    state.faults.add(fault);
    list_faults(state, request)
}

fn strangeness(state: &mut SandboxState, _call: &ApiRequest) -> HandlerResult {
    Ok(ApiResponse::json(200, json!(state.strangeness)))
}

fn set_strangeness(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    state.set_strangeness(body(request)?);
    strangeness(state, request)
}

fn clock_time(state: &mut SandboxState, _call: &ApiRequest) -> HandlerResult {
    Ok(ApiResponse::json(200, json!({"now": state.clock.rfc3339()})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct AdvanceRequest {
    advance_seconds: i64,
}

fn advance_clock(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let AdvanceRequest { advance_seconds } = body(request)?;
    state.clock.advance(advance_seconds);
    clock_time(state, request)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProviderRequest {
    provider: String,
}

fn expire_tokens(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let ProviderRequest { provider } = body(request)?;
    let grants = state.grants(&provider).ok_or_else(|| bad_request("this provider has no tokens"))?;
    Ok(ApiResponse::json(200, json!({"expired": grants.expire_all()})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RevokeRequest {
    provider: String,
    /// The person whose grants are revoked; all people's if absent.
    account: Option<String>,
}

fn revoke_grants(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let RevokeRequest { provider, account } = body(request)?;
    let grants = state.grants(&provider).ok_or_else(|| bad_request("this provider has no tokens"))?;
    let revoked = match account {
        Some(account) => grants.revoke_account(&account),
        None => grants.revoke_all(),
    };
    Ok(ApiResponse::json(200, json!({ "revoked": revoked })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct GrantRequest {
    provider: String,
    account: String,
    /// A Slack team or a Notion workspace; the default one if absent.
    #[serde(default)]
    workspace: String,
    #[serde(default)]
    scopes: Vec<String>,
    /// Slack only: the scopes of the person's token.
    #[serde(default)]
    user_scopes: Vec<String>,
}

fn grant(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let GrantRequest { provider, account, workspace, scopes, user_scopes } = body(request)?;
    let grant = Grant { account, workspace, scopes, user_scopes, ..Grant::default() };
    let tokens = oauth::grant_without_consent(state, &provider, grant)
        .ok_or_else(|| bad_request("the sandbox has no such provider, account or workspace"))?;
    Ok(ApiResponse::json(200, json!({"access_token": tokens.access_token, "refresh_token": tokens.refresh_token})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MailRequest {
    account: String,
    /// The mail in base64url.
    raw: String,
}

fn receive_mail(state: &mut SandboxState, request: &ApiRequest) -> HandlerResult {
    let MailRequest { account, raw } = body(request)?;
    let raw = gmail::decode_base64url(&raw).ok_or_else(|| bad_request("raw is no base64url"))?;
    let id = gmail::receive_mail(state, &account, raw.into());
    let id = id.ok_or_else(|| bad_request("the sandbox has no such mailbox"))?;
    Ok(ApiResponse::json(200, json!({"id": id})))
}

fn reset(state: &mut SandboxState, _call: &ApiRequest) -> HandlerResult {
    state.reset();
    Ok(ApiResponse::json(200, json!({"reset": true})))
}

fn body<T: DeserializeOwned>(request: &ApiRequest) -> Result<T, ApiResponse> {
    serde_json::from_slice(&request.body).map_err(|error| bad_request(&error.to_string()))
}

fn bad_request(why: &str) -> ApiResponse {
    ApiResponse::json(400, json!({"error": Value::from(why)}))
}
