//! Shared parts of the OAuth servers: codes, tokens and the consent page. Each provider's `oauth.rs` has its dialect.

pub(crate) mod consent;
mod grants;

use std::fmt::Write as _;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

pub(crate) use grants::{AuthorizationCode, Grant, Grants, RefreshableGrant, TokenState};

use serde_json::json;

use crate::fixtures::CLIENT_SECRET;
use crate::http::{ApiRequest, ApiResponse, Form};
use crate::sandbox::Tokens;
use crate::state::SandboxState;
use crate::{asana, gmail, notes, notion, slack};

/// The lifetime of an authorization code.
pub(crate) const CODE_LIFETIME_SECONDS: i64 = 600;

/// A workspace of a provider, and the e-mail addresses of its members.
pub(crate) struct Workspace {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) members: &'static [&'static str],
}

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
    /// The provider's workspaces, the default first; none at a provider whose consent is for a person's own account.
    pub(crate) workspaces: &'static [Workspace],
    /// The query parameter that selects the workspace.
    pub(crate) workspace_parameter: &'static str,
    /// The scopes that a person cannot deny singly.
    pub(crate) fixed_scopes: &'static [&'static str],
}

impl OAuthApp {
    /// Completes a consent without a page: an unnamed workspace is the default. `None` unless the person is a member of it.
    fn complete(&self, mut grant: Grant) -> Option<Grant> {
        if !self.accounts.contains(&grant.account.as_str()) {
            return None;
        }
        if grant.workspace.is_empty() && !self.workspaces.is_empty() {
            self.workspaces[0].id.clone_into(&mut grant.workspace);
        }
        let is_member = |workspace: &Workspace| {
            workspace.id == grant.workspace && workspace.members.contains(&grant.account.as_str())
        };
        let fits =
            if self.workspaces.is_empty() { grant.workspace.is_empty() } else { self.workspaces.iter().any(is_member) };
        fits.then_some(grant)
    }
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

/// Issues tokens without a consent page, for tests that do not cover the consent. `None` for an unknown provider or person, and
/// for a workspace that the person is not a member of.
pub(crate) fn grant_without_consent(state: &mut SandboxState, provider: &str, grant: Grant) -> Option<Tokens> {
    match provider {
        "google" | "gmail" => gmail::OAUTH_APP.complete(grant).map(|grant| gmail::issue(state, grant)),
        "slack" => slack::OAUTH_APP.complete(grant).map(|grant| slack::issue(state, grant)),
        "notion" => notion::OAUTH_APP.complete(grant).map(|grant| notion::issue(state, grant)),
        "asana" => asana::OAUTH_APP.complete(grant).map(|grant| asana::issue(state, grant)),
        "notes" => notes::OAUTH_APP.complete(grant).map(|grant| notes::issue(state, grant)),
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
