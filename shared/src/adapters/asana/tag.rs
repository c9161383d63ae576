//! A tag: its requested fields and its output.

use super::prelude::*;

/// The requested fields of a tag.
pub(super) const FIELDS: &str = "name,color,created_at,workspace.name,permalink_url";

/// A tag.
// As Asana returns it; serialized, it is our output.
#[skip_serializing_none]
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(serialize = "camelCase"))]
pub(super) struct Tag {
    /// The id (gid).
    #[serde(rename(serialize = "id"))]
    gid: String,
    /// The name.
    name: Option<String>,
    /// The address at which a person can open it.
    #[serde(rename(serialize = "link"))]
    permalink_url: Option<String>,
    /// The color.
    color: Option<String>,
    /// The time of creation.
    created_at: Option<Instant>,
    /// The workspace.
    workspace: Option<Ref>,
}

impl Listed for Tag {
    const NOUN: &'static str = "tag";
}

impl Record for Tag {
    fn id(&self) -> &str {
        &self.gid
    }

    fn created_at(&self) -> Option<Instant> {
        self.created_at
    }

    fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    fn link(&self) -> Option<&str> {
        self.permalink_url.as_deref()
    }
}
