//! Shared parts of the OAuth servers: codes, tokens and the consent page. Each provider's `oauth.rs` has its dialect.

pub(crate) mod consent;
mod grants;

use std::fmt::Write as _;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

pub(crate) use grants::{AccessToken, AuthorizationCode, Grant, Grants, RefreshableGrant, TokenState};

use serde_json::json;

use crate::fixtures::{CLIENT_SECRET, PEOPLE};
use crate::http::{ApiRequest, ApiResponse, Form};
use crate::sandbox::Tokens;
use crate::state::SandboxState;
use crate::{asana, gmail, notes, notion, slack};

/// The lifetime of an authorization code.
pub(crate) const CODE_LIFETIME_SECONDS: i64 = 600;

/// A provider's OAuth server and its registered client.
pub(crate) struct OAuthApp {
    /// The name in [`SandboxState::grants`].
    pub(crate) provider: &'static str,
    /// The provider's name on the consent page.
    pub(crate) title: &'static str,
    pub(crate) client_id: &'static str,
    /// The `iss` of its redirects (RFC 9207), if it sends one.
    pub(crate) issuer: Option<&'static str>,
    /// The known people; the first one is the default.
    pub(crate) accounts: &'static [&'static str],
}

/// Builds a token endpoint's error by RFC 6749 section 5.2.
pub(crate) fn oauth_error(status: u16, code: &str, description: &str) -> ApiResponse {
    ApiResponse::json(status, json!({"error": code, "error_description": description}))
}

/// Returns the form of a request whose body has valid client credentials.
pub(crate) fn authenticated_form(request: &ApiRequest, app: &OAuthApp) -> Result<Form, ApiResponse> {
    let form = request.form().ok_or_else(|| oauth_error(400, "invalid_request", "The body must be a form."))?;
    if form.get("client_id") != Some(app.client_id) || form.get("client_secret") != Some(CLIENT_SECRET) {
        return Err(oauth_error(401, "invalid_client", "The client was not found or its secret is wrong."));
    }
    Ok(form)
}

/// True if the PKCE verifier matches the challenge (S256, RFC 7636 section 4.6), or if there is no challenge.
pub(crate) fn verifier_matches(challenge: Option<&str>, verifier: Option<&str>) -> bool {
    match (challenge, verifier) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(challenge), Some(verifier)) => URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes())) == challenge,
    }
}

/// Issues tokens without a consent page, for tests that do not cover the consent.
pub(crate) fn grant_without_consent(
    state: &mut SandboxState,
    provider: &str,
    account: &str,
    scopes: &[&str],
) -> Option<Tokens> {
    let account = *PEOPLE.iter().find(|known| **known == account)?;
    let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    let grant = Grant { account: account.to_owned(), scopes, user_scopes: Vec::new() };
    match provider {
        "google" | "gmail" => gmail::issue(state, grant),
        "slack" => Some(slack::issue(state, grant)),
        "notion" => Some(notion::issue(state, grant)),
        "asana" => Some(asana::issue(state, grant)),
        "notes" => Some(notes::issue(state, grant)),
        _ => None,
    }
}

/// Escapes the characters that are special in HTML.
pub(crate) fn escape_html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' | '<' | '>' | '"' | '\'' => {
                // Writing to a `String` cannot fail.
                let _ = write!(escaped, "&#{};", u32::from(letter));
            }
            _ => escaped.push(letter),
        }
    }
    escaped
}
