//! The page on which a person allows or denies a client, and the redirects that follow.

use std::net::{Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use super::{App, CODE_LIFETIME, Code, Grant, escape};
use crate::http::{Answer, Call, Reply};
use crate::state::World;

/// What the client asks for, read from the query by the provider's own rules.
pub(crate) struct Ask {
    pub(crate) scopes: Vec<String>,
    pub(crate) user_scopes: Vec<String>,
    /// Google only: asked for a refresh token?
    pub(crate) offline: bool,
    pub(crate) challenge: Option<String>,
    /// Google only: the account the client suggests.
    pub(crate) login_hint: Option<String>,
}

/// The checked `redirect_uri`: registered, or on the loopback. A wrong client or address is told to the person, never to the address.
pub(crate) fn redirect_of(world: &World, call: &Call, app: &App) -> Result<Url, Answer> {
    match call.query("client_id") {
        None => return Err(refusal(app, "invalid_request: client_id is missing")),
        Some(id) if id != app.client_id => return Err(refusal(app, "invalid_client: no such client")),
        Some(_) => {}
    }
    let asked = call.query("redirect_uri").ok_or_else(|| refusal(app, "invalid_request: redirect_uri is missing"))?;
    let uri = Url::parse(asked).map_err(|_| refusal(app, "redirect_uri_mismatch: not an absolute URL"))?;
    let local = uri.scheme() == "http" && is_loopback(&uri) && uri.fragment().is_none();
    if !local && !world.redirect_uris.contains(asked) {
        return Err(refusal(app, "redirect_uri_mismatch: neither on the loopback nor registered"));
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

/// An error told to the client through its redirect address.
pub(crate) fn redirect_error(call: &Call, app: &App, redirect: &Url, error: &str) -> Answer {
    redirect_with(call, app, redirect, ("error", error))
}

/// Sends the browser back with the outcome, the client's own state, and the issuer's name.
fn redirect_with(call: &Call, app: &App, redirect: &Url, (name, value): (&str, &str)) -> Answer {
    let mut back = redirect.clone();
    back.query_pairs_mut().append_pair(name, value);
    if let Some(state) = call.query("state") {
        back.query_pairs_mut().append_pair("state", state);
    }
    if let Some(issuer) = app.issuer {
        back.query_pairs_mut().append_pair("iss", issuer);
    }
    Answer::redirect(back.as_str())
}

/// The PKCE challenge of the query. Only S256 is known.
pub(crate) fn challenge(call: &Call) -> Result<Option<String>, ()> {
    match (call.query("code_challenge"), call.query("code_challenge_method")) {
        (None, _) => Ok(None),
        (Some(challenge), Some("S256")) => Ok(Some(challenge.to_owned())),
        (Some(_), _) => Err(()),
    }
}

/// Shows the page, or answers at once when the query says `auto=allow` or `auto=deny`.
pub(crate) fn decide(world: &mut World, call: &Call, app: &App, redirect: &Url, ask: Ask) -> Reply {
    let account = account(call, app, &ask)?;
    match call.query("auto") {
        Some("allow") => Ok(allow(world, call, app, redirect, account, ask)),
        Some("deny") => Ok(redirect_error(call, app, redirect, "access_denied")),
        Some(_) => Err(refusal(app, "auto must be allow or deny")),
        None => Ok(page(call, app, account, &ask)),
    }
}

fn account(call: &Call, app: &App, ask: &Ask) -> Result<&'static str, Answer> {
    let known = |name: &str| app.accounts.iter().copied().find(|account| *account == name);
    if let Some(named) = call.query("account") {
        return known(named).ok_or_else(|| refusal(app, "the sandbox knows no such account"));
    }
    // A hint is only that: an unknown one falls back to the default.
    Ok(ask.login_hint.as_deref().and_then(known).unwrap_or(app.accounts[0]))
}

fn allow(world: &mut World, call: &Call, app: &App, redirect: &Url, account: &str, ask: Ask) -> Answer {
    let denied: Vec<&str> = call
        .queries("deny_scopes")
        .into_iter()
        .flat_map(|list| list.split([',', ' ']))
        .filter(|s| !s.is_empty())
        .collect();
    let left = |scopes: Vec<String>| scopes.into_iter().filter(|scope| !denied.contains(&scope.as_str())).collect();
    let grant = Grant { account: account.to_owned(), scopes: left(ask.scopes), user_scopes: left(ask.user_scopes) };
    let value = world.entropy.token(24);
    let code = Code {
        grant,
        redirect_uri: call.query("redirect_uri").unwrap_or("").to_owned(),
        challenge: ask.challenge,
        offline: ask.offline,
        expires_at: world.clock.seconds() + CODE_LIFETIME,
    };
    if let Some(grants) = world.grants(app.provider) {
        grants.add_code(value.clone(), code);
    }
    redirect_with(call, app, redirect, ("code", &value))
}

/// The same request with one more parameter, as an attribute value.
fn link(call: &Call, name: &str, value: &str) -> String {
    let kept = call.query.iter().filter(|(key, _)| key != name);
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    kept.for_each(|(key, value)| {
        query.append_pair(key, value);
    });
    query.append_pair(name, value);
    escape(&format!("?{}", query.finish()))
}

fn page(call: &Call, app: &App, account: &str, ask: &Ask) -> Answer {
    let scopes: String = ask
        .scopes
        .iter()
        .chain(&ask.user_scopes)
        .map(|scope| format!("<li><code>{}</code></li>", escape(scope)))
        .collect();
    let scopes = if scopes.is_empty() { "<li>the pages you choose</li>".to_owned() } else { scopes };
    let others: String = app
        .accounts
        .iter()
        .filter(|other| **other != account)
        .map(|other| format!(" <a href=\"{}\">{}</a>", link(call, "account", other), escape(other)))
        .collect();
    let body = format!(
        "<h1>{title}</h1><p><strong>{client}</strong> wants to use {title} as <strong>{account}</strong>:</p>\
         <ul>{scopes}</ul><p><a class=\"allow\" href=\"{allow}\">Allow</a> <a href=\"{deny}\">Deny</a></p>\
         <p class=\"small\">Use another account:{others}</p>",
        title = escape(app.title),
        client = escape(app.client_id),
        account = escape(account),
        allow = link(call, "auto", "allow"),
        deny = link(call, "auto", "deny"),
    );
    html(200, app, &body)
}

/// A page that tells the person what is wrong; the client learns nothing.
pub(crate) fn refusal(app: &App, why: &str) -> Answer {
    let body = format!("<h1>{}</h1><p>This request cannot be allowed. {}</p>", escape(app.title), escape(why));
    html(400, app, &body)
}

fn html(status: u16, app: &App, body: &str) -> Answer {
    let style = "body{font:16px/1.5 system-ui;max-width:32rem;margin:4rem auto;padding:0 1rem}\
                 a{padding:.4rem 1rem;border:1px solid #888;border-radius:.4rem;text-decoration:none;color:inherit}\
                 .allow{background:#1a56db;color:#fff}.small{color:#666}";
    let page = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{} (sandbox)</title>\
         <style>{style}</style></head><body>{body}</body></html>",
        escape(app.title)
    );
    Answer::html(status, page)
        .header("cache-control", "no-store")
        .header("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'")
        .header("referrer-policy", "no-referrer")
}
