//! A section: its requested fields and its output.
//!
//! Asana documents no requestable scope for a project's sections. Apps with full permissions can read them, and others are known
//! to be rejected: <https://developers.asana.com/docs/oauth-scopes>

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::reconcile::Candidate;
use crate::adapters::action::ActionOutput;
use crate::adapters::api::Api;
use crate::error::{Error, Kind, ProviderError};

/// The requested fields of a section.
pub(super) const FIELDS: &str = "name,created_at";

/// A section as Asana returns it; serialized, it is our output.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all(serialize = "camelCase"))]
pub(super) struct Section {
    #[serde(rename(serialize = "id"))]
    gid: String,
    name: Option<String>,
    created_at: Option<String>,
}

impl Section {
    /// Returns the section's name.
    pub(super) fn name(&self) -> &str {
        self.name.as_deref().unwrap_or_default()
    }

    /// Returns the section as output.
    pub(super) fn into_output(self, message: &str) -> ActionOutput {
        ActionOutput { message: message.to_owned(), data: json!(self), external_id: Some(self.gid), link: None }
    }
}

impl Candidate for Section {
    fn id(&self) -> &str {
        &self.gid
    }

    fn created_at(&self) -> Option<&str> {
        self.created_at.as_deref()
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
