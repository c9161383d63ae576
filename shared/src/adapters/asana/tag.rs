//! A tag: its requested fields and its output.

use super::envelope::Ref;
use super::reconcile::Candidate;
use crate::adapters::prelude::*;

/// The requested fields of a tag.
pub(super) const FIELDS: &str = "name,color,created_at,workspace.name,permalink_url";

/// A tag as Asana returns it; serialized, it is our output.
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
    created_at: Option<String>,
    /// The workspace.
    workspace: Option<Ref>,
}

impl Listed for Tag {
    const NOUN: &'static str = "tag";
}

impl Tag {
    /// Returns the tag's name.
    pub(super) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Returns the tag as output.
    pub(super) fn into_output(self, message: &str) -> ActionOutput<Self> {
        let (id, link) = (self.gid.clone(), self.permalink_url.clone());
        ActionOutput::new(message, self).with_id(id).with_link(link)
    }
}

impl Candidate for Tag {
    fn id(&self) -> &str {
        &self.gid
    }

    fn created_at(&self) -> Option<&str> {
        self.created_at.as_deref()
    }
}
