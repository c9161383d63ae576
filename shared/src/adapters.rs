//! The adapters of the tools. Each one is data plus typed actions; this module has the static list of all.
//!
//! A new tool is one folder here, one line in [`ALL`] and one in the list of `tool.rs`. The OAuth flow, tokens, retries, errors and statistics are the
//! same for all; each difference between providers is a named field of [`Adapter`] or [`OAuthSpec`].

pub mod account;
pub mod action;
pub mod api;
pub mod asana;
pub mod authorship;
mod choices;
pub mod content;
mod context;
mod effect;
pub mod files;
pub mod form_data;
pub mod gmail;
#[cfg(test)]
mod guide;
mod hints;
pub mod input;
mod journal;
mod listing;
mod lookup_cache;
mod meta;
#[cfg(test)]
pub mod notes;
pub mod notion;
mod output;
mod paging;
mod prelude;
pub mod rate_limit;
mod reconciliation;
pub mod schema;
mod scopes;
pub mod slack;
mod target;
#[cfg(test)]
mod testing;

pub use journal::Journal;
pub use lookup_cache::LookupCache;

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use crate::account::Account;
use crate::error::{Error, Result};
use crate::http::Request;
use crate::nearest;
use crate::tool::Tool;
use account::AccountSpec;
use action::{ActionDef, TokenKind};
use api::{Failure, JsonResponse};
use rate_limit::LimitScope;

/// The adapters of all tools, in the order of [`Tool::all`].
pub static ALL: &[&Adapter] = &[&gmail::ADAPTER, &notion::ADAPTER, &slack::ADAPTER, &asana::ADAPTER];

/// The start of an id in a dry run: of an object that does not exist yet.
pub const PLACEHOLDER: &str = "new-";

/// The adapter of one tool.
#[derive(Debug)]
pub struct Adapter {
    /// The tool.
    pub tool: Tool,
    /// A sentence that describes the tool.
    pub description: &'static str,
    /// The origin of the provider's API.
    pub api: Origin,
    /// The provider's OAuth parameters.
    pub oauth: OAuthSpec,
    /// The sources of an account's identity.
    pub account: AccountSpec,
    /// The headers of every call, in lower case.
    pub headers: &'static [(&'static str, &'static str)],
    /// The calls to which a rate limit of the provider applies.
    pub limit_scope: LimitScope,
    /// Maps the provider's own error codes to a failure; `None` if the HTTP status decides.
    pub classify: fn(&JsonResponse) -> Option<Failure>,
    /// Returns a response to a call with an effect that a dry run does not send, or to a read of what it would create: the least that
    /// the action reads, with ids that begin with [`PLACEHOLDER`]. What was prepared carries the effect key.
    pub placeholder: fn(request: &Request, effect_key: &str) -> Value,
    /// The tool's actions.
    pub actions: &'static [ActionDef],
}

/// The origin of a provider's API. `PLUGIN_ENGINE_PROVIDER_URLS` can replace it, by `name`, with a sandbox on the loopback.
#[derive(Clone, Copy, Debug)]
pub struct Origin {
    /// The key in that setting, such as `google`.
    pub name: &'static str,
    /// Scheme, host and the common path of all calls, without a slash at the end.
    pub url: &'static str,
}

/// A provider's OAuth parameters. [`OAUTH2`] has the values of RFC 6749.
#[derive(Debug)]
pub struct OAuthSpec {
    /// The authorization endpoint, where the person consents.
    pub authorize: (Origin, &'static str),
    /// The issuer that the provider sends as `iss` of its redirect (RFC 9207), if it is known to send one. A redirect that
    /// names another issuer is rejected.
    pub issuer: Option<&'static str>,
    /// The token endpoint, where codes and refresh tokens are exchanged.
    pub token: (Origin, &'static str),
    /// The revocation of a grant, if the provider supports it.
    pub revoke: Option<Revoke>,
    /// The scopes to request, unless the deployment's client says otherwise.
    pub scopes: &'static [&'static str],
    /// Those of them that name the account: they are requested always.
    pub identity_scopes: &'static [&'static str],
    /// The token of the person that the provider can issue beside the app's; `None` if it issues one token.
    pub user_token: Option<UserTokenSpec>,
    /// The separator of scopes, in the request and in the response.
    pub scope_separator: &'static str,
    /// True if a PKCE challenge is sent (RFC 7636, S256).
    pub pkce: bool,
    /// Additional parameters of the authorization request.
    pub authorize_params: &'static [(&'static str, &'static str)],
    /// The parameter of the authorization request that suggests an account by its address.
    pub hint_param: Option<&'static str>,
    /// The client's authentication at the token endpoint.
    pub client_auth: ClientAuth,
    /// The format of the token request's body.
    pub body_format: BodyFormat,
    /// Additional headers of the token request, in lower case.
    pub headers: &'static [(&'static str, &'static str)],
    /// The fields of the token response that are stored with the connection: a name and a JSON pointer into the response.
    pub account_fields: &'static [(&'static str, &'static str)],
}

/// The token of a person beside the app's own. It is requested only where the deployment's client has `userScopes`.
#[derive(Clone, Copy, Debug)]
pub struct UserTokenSpec {
    /// The parameter of the authorization request with its scopes.
    pub scope_param: &'static str,
    /// The JSON pointer to the object of the token response that holds it.
    pub response: &'static str,
    /// How every token of a person begins.
    pub prefixes: &'static [&'static str],
}

/// The client's authentication at the token endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientAuth {
    /// HTTP Basic authentication.
    Basic,
    /// `client_id` and `client_secret` in the body.
    Body,
}

/// The format of a request to the token endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyFormat {
    /// URL-encoded form, as in RFC 6749.
    Form,
    /// A JSON object with the same names and values.
    Json,
}

/// The revocation of a grant.
#[derive(Clone, Copy, Debug)]
pub struct Revoke {
    /// The revocation endpoint.
    pub endpoint: (Origin, &'static str),
    /// The token it takes.
    pub token: RevokeToken,
    /// What a revocation ends: the ids of the grant, by which several connections can share it; `None` if a revocation ends the
    /// grant of this connection alone.
    pub shared_grant: Option<fn(&Account) -> Vec<String>>,
}

/// The token that a revocation takes, and its place in the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevokeToken {
    /// The refresh token, or the access token if there is none, as the parameter `token` (RFC 7009).
    Refresh,
    /// The access token as the parameter `token`.
    Access,
    /// The refresh token and the access token, each by a call of its own with itself as `Authorization: Bearer`.
    EachAsBearer,
}

/// The values of RFC 6749. An adapter overrides what differs: `OAuthSpec { .., ..OAUTH2 }`.
pub const OAUTH2: OAuthSpec = OAuthSpec {
    authorize: (Origin { name: "", url: "" }, ""),
    token: (Origin { name: "", url: "" }, ""),
    issuer: None,
    revoke: None,
    scopes: &[],
    identity_scopes: &[],
    user_token: None,
    scope_separator: " ",
    pkce: true,
    authorize_params: &[],
    hint_param: None,
    client_auth: ClientAuth::Body,
    body_format: BodyFormat::Form,
    headers: &[],
    account_fields: &[],
};

/// Returns the adapter of a tool.
///
/// # Errors
/// [`Error::UnknownTool`] with the known names.
pub fn find(tool: &str) -> Result<&'static Adapter> {
    let tool = Tool::parse(tool)?;
    let adapter = ALL.iter().find(|adapter| adapter.tool == tool).copied();
    adapter.ok_or_else(|| Error::internal(format!("{tool} has no adapter")))
}

impl Adapter {
    /// True for a scope that the adapter requests, or that one of its actions can use.
    pub fn knows_scope(&self, scope: &str) -> bool {
        self.oauth.scopes.contains(&scope) || self.is_used(scope, TokenKind::App)
    }

    /// True for a scope that an action with the person's own token can use.
    pub fn knows_user_scope(&self, scope: &str) -> bool {
        self.is_used(scope, TokenKind::User)
    }

    fn is_used(&self, scope: &str, token: TokenKind) -> bool {
        let actions = self.actions.iter().filter(|action| action.token == token);
        actions.flat_map(|action| action.scopes.iter().copied().flatten()).any(|used| *used == scope)
    }

    /// True if an access token is a person's, at a provider whose apps have tokens too.
    pub fn is_user_token(&self, token: &SecretString) -> bool {
        let prefixes = self.oauth.user_token.map_or(&[][..], |spec| spec.prefixes);
        prefixes.iter().any(|prefix| token.expose_secret().starts_with(prefix))
    }

    /// Returns the action of an intent, by its name or an alternative name.
    ///
    /// # Errors
    /// [`Error::UnknownIntent`] with the known names.
    pub fn action(&self, intent: &str) -> Result<&'static ActionDef> {
        let has_name = |action: &&ActionDef| action.name == intent || action.aliases.contains(&intent);
        let has_same = |adapter: &&&Self| adapter.actions.iter().any(|action| nearest::is_same(action.name, intent));
        self.actions.iter().find(has_name).ok_or_else(|| Error::UnknownIntent {
            tool: self.tool,
            intent: intent.chars().take(64).collect(),
            known: self.actions.iter().map(|action| action.name).collect::<Vec<_>>().join(", "),
            other_tools: ALL
                .iter()
                .filter(|other| other.tool != self.tool)
                .filter(has_same)
                .map(|adapter| adapter.tool)
                .collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An advice names its fields in backquotes.
    #[test]
    fn every_advice_names_fields_of_its_action() {
        for action in ALL.iter().flat_map(|adapter| adapter.actions) {
            let schema = action.schema();
            for field in action.smaller_request.split('`').skip(1).step_by(2) {
                assert!(schema["properties"].get(field).is_some(), "{}: {field}", action.name);
            }
        }
    }

    #[test]
    fn every_tool_has_an_adapter() {
        assert_eq!(ALL.iter().map(|adapter| adapter.tool).collect::<Vec<_>>(), Tool::all().collect::<Vec<_>>());
    }
}
