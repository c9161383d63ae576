//! One user, with their workspaces.

use super::prelude::*;

/// The requested fields of a user.
pub(super) const FIELDS: &str = "name,email,workspaces.name";

/// A user with their workspaces.
// As Asana returns it; serialized, it is our output.
#[skip_serializing_none]
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
pub(super) struct UserDetails {
    /// The id (gid).
    #[serde(rename(serialize = "id"))]
    gid: String,
    /// The name.
    name: Option<String>,
    /// The e-mail address.
    email: Option<String>,
    /// The workspaces that the connected user shares with them.
    #[serde(default)]
    workspaces: Vec<Ref>,
}

impl Record for UserDetails {
    fn id(&self) -> &str {
        &self.gid
    }

    fn created_at(&self) -> Option<Instant> {
        None
    }
}
