//! The common part of Asana's records: an id, and for most a name, an address, a time of creation and a person.

use crate::adapters::prelude::*;

/// A record of Asana that is our output.
pub(super) trait Record: Sized {
    /// Returns the record's id.
    fn id(&self) -> &str;
    /// Returns the time of creation, if Asana sent one.
    fn created_at(&self) -> Option<Instant>;

    /// Returns the name, if the record has one.
    fn name(&self) -> Option<&str> {
        None
    }

    /// Returns the address at which a person can open it, if it has one.
    fn link(&self) -> Option<&str> {
        None
    }

    /// Returns the id of the user who created or owns it, if Asana sent one.
    fn author(&self) -> Option<&str> {
        None
    }

    /// Returns the record as the output of an action.
    fn into_output(self, message: &str) -> ActionOutput<Self> {
        let (id, link) = (self.id().to_owned(), self.link().map(ToOwned::to_owned));
        ActionOutput::new(message, self).with_id(id).with_link(link)
    }
}

/// An object by its id and name.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct Ref {
    /// The id (gid).
    #[serde(rename(serialize = "id"))]
    pub(super) gid: String,
    /// The name.
    pub(super) name: Option<String>,
}
