//! The tools: each adapter is data plus typed actions; this is the static list of all of them.
//!
//! A new tool is one folder here and one line in [`ALL`]. The OAuth flow, tokens, retries, errors and statistics are the
//! same for all; what a provider does differently is a named field of [`Adapter`] or [`OAuthSpec`].

pub mod action;
pub mod api;
pub mod asana;
pub mod catalogue;
pub mod gmail;
mod lookup_cache;
pub mod notion;
mod paging;
pub mod slack;
#[cfg(test)]
mod testing;

pub use lookup_cache::LookupCache;

use crate::error::{Error, Result};
use crate::tool::Tool;
use action::ActionDef;
use api::{Failure, JsonResponse};

/// Every tool there is.
pub static ALL: &[&Adapter] = &[&gmail::ADAPTER, &notion::ADAPTER, &slack::ADAPTER, &asana::ADAPTER];

/// One tool.
#[derive(Debug)]
pub struct Adapter {
    /// Its name in the API.
    pub tool: Tool,
    /// Its name for people.
    pub name: &'static str,
    /// One sentence on what it does.
    pub description: &'static str,
    /// Where its API is.
    pub api: Origin,
    /// How a person connects it.
    pub oauth: OAuthSpec,
    /// Headers every call carries, in lower case.
    pub headers: &'static [(&'static str, &'static str)],
    /// What the provider's own codes mean; `None` leaves it to the HTTP status.
    pub classify: fn(&JsonResponse) -> Option<Failure>,
    /// The text a failed action carries when nobody set another.
    pub fallback: &'static str,
    /// What it can do.
    pub actions: &'static [ActionDef],
}

/// A provider's host. `name` is its key in `PLUGIN_ENGINE_PROVIDER_URLS`, which can point it to a sandbox on the loopback.
#[derive(Clone, Copy, Debug)]
pub struct Origin {
    /// The key, such as `google`.
    pub name: &'static str,
    /// Scheme and host, and the path all calls share, without a slash at the end.
    pub url: &'static str,
}

/// How a provider's OAuth differs from RFC 6749. [`OAUTH2`] has the plain values.
#[derive(Debug)]
pub struct OAuthSpec {
    /// Where the person consents.
    pub authorize: (Origin, &'static str),
    /// What the provider calls itself in the `iss` of its redirect (RFC 9207), where it is known to send one. A redirect that
    /// names another issuer is refused.
    pub issuer: Option<&'static str>,
    /// Where codes and refresh tokens are exchanged.
    pub token: (Origin, &'static str),
    /// How a grant is withdrawn.
    pub revoke: Option<Revoke>,
    /// What is asked for.
    pub scopes: &'static [&'static str],
    /// What stands between two scopes, in the request and in the answer.
    pub scope_separator: &'static str,
    /// Whether a PKCE challenge is sent (RFC 7636, S256).
    pub pkce: bool,
    /// Further parameters of the consent page.
    pub authorize_params: &'static [(&'static str, &'static str)],
    /// How the client authenticates at the token endpoint.
    pub client_auth: ClientAuth,
    /// How the token request's body is written.
    pub body_format: BodyFormat,
    /// Further headers of the token request, in lower case.
    pub headers: &'static [(&'static str, &'static str)],
    /// What of the token answer is kept with the connection: a name, and a JSON pointer into the answer.
    pub account_fields: &'static [(&'static str, &'static str)],
}

/// How the client shows its secret at the token endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientAuth {
    /// HTTP Basic.
    Basic,
    /// `client_id` and `client_secret` in the body.
    Body,
}

/// How a request to the token endpoint is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyFormat {
    /// As RFC 6749 says.
    Form,
    /// The same names and values as a JSON object.
    Json,
}

/// How a grant is withdrawn.
#[derive(Clone, Copy, Debug)]
pub struct Revoke {
    /// The endpoint.
    pub endpoint: (Origin, &'static str),
    /// Which token it takes.
    pub token: RevokeToken,
}

/// Which token a revocation takes and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevokeToken {
    /// The refresh token, or the access token where there is none, as the parameter `token` (RFC 7009).
    Refresh,
    /// The access token as the parameter `token`.
    Access,
    /// The access token as `Authorization: Bearer`.
    Bearer,
}

/// OAuth as RFC 6749 has it; an adapter names what differs: `OAuthSpec { .., ..OAUTH2 }`.
pub const OAUTH2: OAuthSpec = OAuthSpec {
    authorize: (Origin { name: "", url: "" }, ""),
    token: (Origin { name: "", url: "" }, ""),
    issuer: None,
    revoke: None,
    scopes: &[],
    scope_separator: " ",
    pkce: true,
    authorize_params: &[],
    client_auth: ClientAuth::Body,
    body_format: BodyFormat::Form,
    headers: &[],
    account_fields: &[],
};

/// The adapter of a tool.
///
/// # Errors
/// [`Error::UnknownTool`] with the names there are.
pub fn find(tool: &str) -> Result<&'static Adapter> {
    ALL.iter().find(|adapter| adapter.tool.as_str() == tool).copied().ok_or_else(|| Error::UnknownTool {
        tool: tool.chars().take(64).collect(),
        known: ALL.iter().map(|adapter| adapter.tool.as_str()).collect::<Vec<_>>().join(", "),
    })
}

impl Adapter {
    /// The action an intent names: exactly one, by its whole name or another it goes by.
    ///
    /// # Errors
    /// [`Error::UnknownIntent`] with the names there are.
    pub fn action(&self, intent: &str) -> Result<&'static ActionDef> {
        let named = |action: &&ActionDef| action.name == intent || action.aliases.contains(&intent);
        self.actions.iter().find(named).ok_or_else(|| Error::UnknownIntent {
            tool: self.tool,
            intent: intent.chars().take(64).collect(),
            known: self.actions.iter().map(|action| action.name).collect::<Vec<_>>().join(", "),
        })
    }
}
