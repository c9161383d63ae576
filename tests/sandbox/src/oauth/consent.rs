//! The consent page, on which a person allows or denies a client, and the redirects that follow.

use std::net::{Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use super::{AuthorizationCode, CODE_LIFETIME_SECONDS, Grant, OAuthApp, escape_html};
use crate::http::{ApiRequest, ApiResponse, HandlerResult};
use crate::state::SandboxState;

/// An authorization request, parsed from the query by the provider's rules.
pub(crate) struct AuthorizationRequest {
    pub(crate) scopes: Vec<String>,
    pub(crate) user_scopes: Vec<String>,
    /// Google only: true if a refresh token is requested.
    pub(crate) offline: bool,
    pub(crate) challenge: Option<String>,
    /// Google only: the account suggested by the client.
    pub(crate) login_hint: Option<String>,
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
    let account = requested_account(request, app, &authorization)?;
    match request.query("auto") {
        Some("allow") => Ok(issue_code(state, request, app, redirect, account, authorization)),
        Some("deny") => Ok(redirect_error(request, app, redirect, "access_denied")),
        Some(_) => Err(error_page(app, "auto must be allow or deny")),
        None => Ok(consent_page(request, app, account, &authorization)),
    }
}

fn requested_account(
    request: &ApiRequest,
    app: &OAuthApp,
    authorization: &AuthorizationRequest,
) -> Result<&'static str, ApiResponse> {
    let known = |name: &str| app.accounts.iter().copied().find(|account| *account == name);
    if let Some(named) = request.query("account") {
        return known(named).ok_or_else(|| error_page(app, "the sandbox knows no such account"));
    }
    // An unknown hint is ignored.
    Ok(authorization.login_hint.as_deref().and_then(known).unwrap_or(app.accounts[0]))
}

fn issue_code(
    state: &mut SandboxState,
    request: &ApiRequest,
    app: &OAuthApp,
    redirect: &Url,
    account: &str,
    authorization: AuthorizationRequest,
) -> ApiResponse {
    let denied: Vec<&str> = request
        .query_all("deny_scopes")
        .into_iter()
        .flat_map(|list| list.split([',', ' ']))
        .filter(|s| !s.is_empty())
        .collect();
    let allowed = |scopes: Vec<String>| scopes.into_iter().filter(|scope| !denied.contains(&scope.as_str())).collect();
    let grant = Grant {
        account: account.to_owned(),
        scopes: allowed(authorization.scopes),
        user_scopes: allowed(authorization.user_scopes),
    };
    let value = state.entropy.token(24);
    let code = AuthorizationCode {
        grant,
        redirect_uri: request.query("redirect_uri").unwrap_or("").to_owned(),
        challenge: authorization.challenge,
        offline: authorization.offline,
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
    account: &str,
    authorization: &AuthorizationRequest,
) -> ApiResponse {
    let scopes: String = authorization
        .scopes
        .iter()
        .chain(&authorization.user_scopes)
        .map(|scope| format!("<li><code>{}</code></li>", escape_html(scope)))
        .collect();
    let scopes = if scopes.is_empty() { "<li>the pages you choose</li>".to_owned() } else { scopes };
    let other_accounts: String = app
        .accounts
        .iter()
        .filter(|other| **other != account)
        .map(|other| format!(" <a href=\"{}\">{}</a>", link_with(request, "account", other), escape_html(other)))
        .collect();
    let body = format!(
        "<h1>{title}</h1><p><strong>{client}</strong> wants to use {title} as <strong>{account}</strong>:</p>\
         <ul>{scopes}</ul><p><a class=\"allow\" href=\"{allow}\">Allow</a> <a href=\"{deny}\">Deny</a></p>\
         <p class=\"small\">Use another account:{other_accounts}</p>",
        title = escape_html(app.title),
        client = escape_html(app.client_id),
        account = escape_html(account),
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
