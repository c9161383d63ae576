//! The OAuth scopes that an action needs, and the token that must have them.

use serde::Serialize;
use utoipa::ToSchema;

/// Groups of scopes. Each group must be granted by at least one of its scopes; the least powerful one comes first.
pub type Scopes = &'static [&'static [&'static str]];

/// The token of an action's calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum TokenKind {
    /// The token of the app, such as that of Slack's bot; the only one at most providers.
    App,
    /// The person's own token beside the app's.
    User,
}

/// Returns the first group of which `granted` contains no scope, as a text for people.
pub(super) fn missing_group(scopes: Scopes, granted: &[String]) -> Option<String> {
    let is_granted = |scope: &&str| granted.iter().any(|grant| grant == scope);
    scopes.iter().find(|group| !group.iter().any(is_granted)).map(|group| group.join(" or "))
}
