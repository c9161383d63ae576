//! What the OAuth servers share: codes, tokens and the consent page. Each provider's `oauth.rs` holds its dialect.

pub(crate) mod consent;
mod grants;

use std::fmt::Write as _;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

pub(crate) use grants::{AccessToken, AuthorizationCode, Grant, Grants, TokenState};

use serde_json::json;

use crate::fixtures::{CLIENT_SECRET, PEOPLE};
use crate::http::{ApiRequest, ApiResponse, Form};
use crate::sandbox::Tokens;
use crate::state::SandboxState;
use crate::{asana, gmail, notes, notion, slack};

/// How long a code may be exchanged, in seconds.
pub(crate) const CODE_LIFETIME_SECONDS: i64 = 600;

/// Who a provider's OAuth server is to its user and its client.
pub(crate) struct OAuthApp {
    /// The name in `World::grants`.
    pub(crate) provider: &'static str,
    /// What the consent page calls it.
    pub(crate) title: &'static str,
    pub(crate) client_id: &'static str,
    /// What it calls itself in its redirects (RFC 9207), if it does.
    pub(crate) issuer: Option<&'static str>,
    /// The people it knows; the first one is the default.
    pub(crate) accounts: &'static [&'static str],
}

/// An error of a token endpoint in the words of RFC 6749 section 5.2.
pub(crate) fn oauth_error(status: u16, code: &str, description: &str) -> ApiResponse {
    ApiResponse::json(status, json!({"error": code, "error_description": description}))
}

/// The form of a call by our client, which shows its secret in it.
pub(crate) fn authenticated_form(call: &ApiRequest, app: &OAuthApp) -> Result<Form, ApiResponse> {
    let form = call.form().ok_or_else(|| oauth_error(400, "invalid_request", "The body must be a form."))?;
    if form.get("client_id") != Some(app.client_id) || form.get("client_secret") != Some(CLIENT_SECRET) {
        return Err(oauth_error(401, "invalid_client", "The client was not found or its secret is wrong."));
    }
    Ok(form)
}

/// Does the PKCE verifier fit the challenge (S256, RFC 7636 section 4.6)? Without a challenge there is nothing to check.
pub(crate) fn verifier_matches(challenge: Option<&str>, verifier: Option<&str>) -> bool {
    match (challenge, verifier) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(challenge), Some(verifier)) => URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes())) == challenge,
    }
}

/// Tokens without a consent page, for tests that are not about consent.
pub(crate) fn grant_without_consent(
    world: &mut SandboxState,
    provider: &str,
    account: &str,
    scopes: &[&str],
) -> Option<Tokens> {
    let account = *PEOPLE.iter().find(|known| **known == account)?;
    let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    let grant = Grant { account: account.to_owned(), scopes, user_scopes: Vec::new() };
    match provider {
        "google" | "gmail" => gmail::issue(world, grant),
        "slack" => Some(slack::issue(world, grant)),
        "notion" => Some(notion::issue(world, grant)),
        "asana" => Some(asana::issue(world, grant)),
        "notes" => Some(notes::issue(world, grant)),
        _ => None,
    }
}

/// The text with everything HTML gives a meaning to written as entities.
pub(crate) fn escape_html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' | '<' | '>' | '"' | '\'' => {
                // Writing to a String cannot fail.
                let _ = write!(escaped, "&#{};", u32::from(letter));
            }
            _ => escaped.push(letter),
        }
    }
    escaped
}
