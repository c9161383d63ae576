//! A section: its requested fields and its output.
//!
//! Asana documents no requestable scope for a project's sections. Apps with full permissions can read them, and others are known
//! to be rejected: <https://developers.asana.com/docs/oauth-scopes>

use super::prelude::*;
use crate::error::ProviderError;

/// The requested fields of a section.
pub(super) const FIELDS: &str = "name,created_at";

/// A section.
// As Asana returns it; serialized, it is our output.
#[skip_serializing_none]
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(serialize = "camelCase"))]
pub(super) struct Section {
    /// The id (gid).
    #[serde(rename(serialize = "id"))]
    gid: String,
    /// The name.
    name: Option<String>,
    /// The time of creation.
    created_at: Option<Instant>,
}

impl Listed for Section {
    const NOUN: &'static str = "section";
}

impl Record for Section {
    fn id(&self) -> &str {
        &self.gid
    }

    fn created_at(&self) -> Option<Instant> {
        self.created_at
    }

    fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }
}

/// Adds another likely reason to the error of a refused access.
pub(super) fn explain_refused_access(api: &Api<'_>, error: Error) -> Error {
    match error {
        Error::Provider(ProviderError { kind: kind @ (Kind::MissingScope | Kind::Forbidden), message, .. }) => {
            let hint = "Asana may allow access to a project's sections only to apps with full permissions; get_task returns a \
                        task's section";
            api.error(kind, format!("{message}; {hint}"))
        }
        _ => error,
    }
}
