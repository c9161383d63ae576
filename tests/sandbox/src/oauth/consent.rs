//! The consent page, on which a person allows or denies a client, and the redirects that follow.
//!
//! A test answers the page without a browser by parameters that it adds to the authorization URL. Each wins over what the client
//! asked for (`login_hint`, Slack's `team`), as the person does who switches the account on the page:
//!
//! | parameter | meaning |
//! |---|---|
//! | `auto` | `allow` or `deny`: the answer, without the page |
//! | `account` | the e-mail address of the person who consents; the default is `login_hint`, then Alex |
//! | `team` (Slack), `workspace` (Notion) | the id of the workspace; the last one given counts |
//! | `deny_scopes` | the scopes that the person unticks, separated by commas or spaces |
//! | `owned_by` (Notion) | `workspace`: the workspace owns the connection instead of the person |

use std::net::{Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use super::{AuthorizationCode, CODE_LIFETIME_SECONDS, Grant, OAuthApp, Workspace, escape_html};
use crate::http::{ApiRequest, ApiResponse, HandlerResult};
use crate::state::SandboxState;

/// An authorization request, parsed from the query by the provider's rules.
#[derive(Default)]
pub(crate) struct AuthorizationRequest {
    pub(crate) scopes: Vec<String>,
    pub(crate) user_scopes: Vec<String>,
    /// Google only: true if a refresh token is requested.
    pub(crate) offline: bool,
    pub(crate) challenge: Option<String>,
    /// Google only: the address of the account suggested by the client.
    pub(crate) login_hint: Option<String>,
    /// Google only: the `nonce` of the ID token.
    pub(crate) nonce: Option<String>,
    /// Google only: true if the tokens are to have the scopes of earlier grants too.
    pub(crate) includes_granted: bool,
}

/// The person who consents, and the workspace if the provider has any.
#[derive(Clone, Copy)]
struct Choice {
    account: &'static str,
    workspace: Option<&'static Workspace>,
}

/// Returns the `redirect_uri` if it is registered or on the loopback. A wrong client or URI is reported on a page, never by a
/// redirect.
pub(crate) fn checked_redirect_uri(
    state: &SandboxState,
    request: &ApiRequest,
    app: &OAuthApp,
) -> Result<Url, ApiResponse> {
    match request.query("client_id") {
        None => return Err(error_page(app, "invalid_request: client_id is missing")),
        Some(id) if id != app.client_id => return Err(error_page(app, "invalid_client: no such client")),
        Some(_) => {}
    }
    let requested =
        request.query("redirect_uri").ok_or_else(|| error_page(app, "invalid_request: redirect_uri is missing"))?;
    let uri = Url::parse(requested).map_err(|_| error_page(app, "redirect_uri_mismatch: not an absolute URL"))?;
    let is_local = uri.scheme() == "http" && is_loopback(&uri) && uri.fragment().is_none();
    if !is_local && !state.redirect_uris.contains(requested) {
        return Err(error_page(app, "redirect_uri_mismatch: neither on the loopback nor registered"));
    }
    Ok(uri)
}

fn is_loopback(uri: &Url) -> bool {
    match uri.host() {
        Some(Host::Ipv4(ip)) => ip == Ipv4Addr::LOCALHOST,
        Some(Host::Ipv6(ip)) => ip == Ipv6Addr::LOCALHOST,
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// Redirects to the client with an error.
pub(crate) fn redirect_error(request: &ApiRequest, app: &OAuthApp, redirect: &Url, error: &str) -> ApiResponse {
    redirect_back(request, app, redirect, "error", error)
}

/// Redirects to the client with one parameter, the client's `state` and the issuer.
fn redirect_back(request: &ApiRequest, app: &OAuthApp, redirect: &Url, name: &str, value: &str) -> ApiResponse {
    let mut target = redirect.clone();
    target.query_pairs_mut().append_pair(name, value);
    if let Some(state) = request.query("state") {
        target.query_pairs_mut().append_pair("state", state);
    }
    if let Some(issuer) = app.issuer {
        target.query_pairs_mut().append_pair("iss", issuer);
    }
    ApiResponse::redirect(target.as_str())
}

/// Returns the PKCE challenge of the query. Only S256 is supported.
pub(crate) fn code_challenge(request: &ApiRequest) -> Result<Option<String>, ()> {
    match (request.query("code_challenge"), request.query("code_challenge_method")) {
        (None, _) => Ok(None),
        (Some(challenge), Some("S256")) => Ok(Some(challenge.to_owned())),
        (Some(_), _) => Err(()),
    }
}

/// Shows the consent page, or redirects immediately if the query has `auto=allow` or `auto=deny`.
pub(crate) fn authorize(
    state: &mut SandboxState,
    request: &ApiRequest,
    app: &OAuthApp,
    redirect: &Url,
    authorization: AuthorizationRequest,
) -> HandlerResult {
    let choice = requested_choice(request, app, &authorization)?;
    match request.query("auto") {
        Some("allow") => Ok(issue_code(state, request, app, redirect, choice, authorization)),
        Some("deny") => Ok(redirect_error(request, app, redirect, "access_denied")),
        Some(_) => Err(error_page(app, "auto must be allow or deny")),
        None => Ok(consent_page(request, app, choice, &authorization)),
    }
}

fn requested_choice(
    request: &ApiRequest,
    app: &OAuthApp,
    authorization: &AuthorizationRequest,
) -> Result<Choice, ApiResponse> {
    let workspace = match request.query_all(app.workspace_parameter).last() {
        Some(id) => {
            let found = app.workspaces.iter().find(|workspace| workspace.id == *id);
            Some(found.ok_or_else(|| error_page(app, "the sandbox knows no such workspace"))?)
        }
        None => app.workspaces.first(),
    };
    let people = workspace.map_or(app.accounts, |workspace| workspace.members);
    let known = |name: &str| people.iter().copied().find(|account| *account == name);
    let account = match request.query("account") {
        Some(named) => known(named).ok_or_else(|| error_page(app, "the sandbox knows no such account here"))?,
        // An unknown hint is ignored.
        None => authorization.login_hint.as_deref().and_then(known).unwrap_or(people[0]),
    };
    Ok(Choice { account, workspace })
}

fn issue_code(
    state: &mut SandboxState,
    request: &ApiRequest,
    app: &OAuthApp,
    redirect: &Url,
    choice: Choice,
    authorization: AuthorizationRequest,
) -> ApiResponse {
    let denied: Vec<&str> = request
        .query_all("deny_scopes")
        .into_iter()
        .flat_map(|list| list.split([',', ' ']))
        .filter(|s| !s.is_empty())
        .collect();
    let is_denied = |scope: &str| denied.contains(&scope) && !app.fixed_scopes.contains(&scope);
    let allowed = |scopes: &[String]| scopes.iter().filter(|scope| !is_denied(scope)).cloned().collect::<Vec<String>>();
    let grant = Grant {
        account: choice.account.to_owned(),
        workspace: choice.workspace.map(|workspace| workspace.id.to_owned()).unwrap_or_default(),
        scopes: allowed(&authorization.scopes),
        user_scopes: allowed(&authorization.user_scopes),
        bot: String::new(),
        owned_by_workspace: request.query("owned_by") == Some("workspace"),
    };
    let count = |scopes: &[String], user_scopes: &[String]| scopes.len() + user_scopes.len();
    if count(&authorization.scopes, &authorization.user_scopes) > 0 && count(&grant.scopes, &grant.user_scopes) == 0 {
        return redirect_error(request, app, redirect, "access_denied");
    }
    let value = state.entropy.token(24);
    let code = AuthorizationCode {
        grant,
        redirect_uri: request.query("redirect_uri").unwrap_or("").to_owned(),
        challenge: authorization.challenge,
        offline: authorization.offline,
        nonce: authorization.nonce,
        includes_granted: authorization.includes_granted,
        expires_at: state.clock.seconds() + CODE_LIFETIME_SECONDS,
    };
    if let Some(grants) = state.grants(app.provider) {
        grants.add_code(value.clone(), code);
    }
    redirect_back(request, app, redirect, "code", &value)
}

/// Returns the request's query with one parameter set, escaped for an HTML attribute.
fn link_with(request: &ApiRequest, name: &str, value: &str) -> String {
    let parameters = request.query.iter().filter(|(key, _)| key != name);
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    parameters.for_each(|(key, value)| {
        query.append_pair(key, value);
    });
    query.append_pair(name, value);
    escape_html(&format!("?{}", query.finish()))
}

fn consent_page(
    request: &ApiRequest,
    app: &OAuthApp,
    choice: Choice,
    authorization: &AuthorizationRequest,
) -> ApiResponse {
    let scopes: String = authorization
        .scopes
        .iter()
        .chain(&authorization.user_scopes)
        .map(|scope| format!("<li><code>{}</code></li>", escape_html(scope)))
        .collect();
    let scopes = if scopes.is_empty() { "<li>the pages you choose</li>".to_owned() } else { scopes };
    let link = |name: &str, value: &str, text: &str| {
        format!(" <a href=\"{}\">{}</a>", link_with(request, name, value), escape_html(text))
    };
    let people = choice.workspace.map_or(app.accounts, |workspace| workspace.members);
    let others = people.iter().filter(|other| **other != choice.account);
    let other_accounts: String = others.map(|other| link("account", other, other)).collect();
    let is_other = |other: &&Workspace| choice.workspace.is_some_and(|chosen| chosen.id != other.id);
    let others = app.workspaces.iter().filter(is_other).filter(|other| other.members.contains(&choice.account));
    let other_workspaces: String = others.map(|other| link(app.workspace_parameter, other.id, other.name)).collect();
    let elsewhere = if other_workspaces.is_empty() {
        String::new()
    } else {
        format!("<p class=\"small\">Use another workspace:{other_workspaces}</p>")
    };
    let body = format!(
        "<h1>{title}</h1><p><strong>{client}</strong> wants to use {title} as <strong>{account}</strong>{at}:</p>\
         <ul>{scopes}</ul><p><a class=\"allow\" href=\"{allow}\">Allow</a> <a href=\"{deny}\">Deny</a></p>\
         <p class=\"small\">Use another account:{other_accounts}</p>{elsewhere}",
        title = escape_html(app.title),
        client = escape_html(app.client_id),
        account = escape_html(choice.account),
        at = choice.workspace.map(|workspace| format!(" in {}", escape_html(workspace.name))).unwrap_or_default(),
        allow = link_with(request, "auto", "allow"),
        deny = link_with(request, "auto", "deny"),
    );
    html_response(200, app, &body)
}

/// Builds an error page for the person; nothing is sent to the client.
pub(crate) fn error_page(app: &OAuthApp, why: &str) -> ApiResponse {
    let body =
        format!("<h1>{}</h1><p>This request cannot be allowed. {}</p>", escape_html(app.title), escape_html(why));
    html_response(400, app, &body)
}

fn html_response(status: u16, app: &OAuthApp, body: &str) -> ApiResponse {
    let style = "body{font:16px/1.5 system-ui;max-width:32rem;margin:4rem auto;padding:0 1rem}\
                 a{padding:.4rem 1rem;border:1px solid #888;border-radius:.4rem;text-decoration:none;color:inherit}\
                 .allow{background:#1a56db;color:#fff}.small{color:#666}";
    let page = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{} (sandbox)</title>\
         <style>{style}</style></head><body>{body}</body></html>",
        escape_html(app.title)
    );
    ApiResponse::html(status, page)
        .header("cache-control", "no-store")
        .header("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'")
        .header("referrer-policy", "no-referrer")
}
