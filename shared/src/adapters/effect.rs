//! The effect of an action: the kind of change it makes, which decides what a lost response means.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::Kind;

/// The kind of an action by what a second run would do.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// Changes nothing.
    Read,
    /// Changes something; a second run leaves the same state.
    Idempotent,
    /// Creates something; a second run creates a second mail, message, page or task.
    Create,
}

impl Effect {
    /// Returns the error kind of a lost or undocumented response.
    pub fn ambiguous_kind(self) -> Kind {
        match self {
            Self::Read => Kind::Transient,
            Self::Idempotent => Kind::Repeatable,
            Self::Create => Kind::Ambiguous,
        }
    }
}
