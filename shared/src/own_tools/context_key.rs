//! A context key as a model sees it.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::context_mapper::NewMapping;
use crate::tables::mappings::Mapping;

/// A saved key.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct KeyView {
    /// The key. `{"contextKey": "..."}` can replace a value of a call's arguments.
    context_key: String,
    /// The id that the key stands for.
    external_id: String,
    /// The id of the account of the object.
    account: String,
    /// The name of the object.
    #[serde(skip_serializing_if = "Option::is_none")]
    friendly_name: Option<String>,
    /// The time from which the key counts no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    expires_at: Option<Timestamp>,
}

impl From<Mapping> for KeyView {
    fn from(mapping: Mapping) -> Self {
        let Mapping { context_key, account, external_id, friendly_name, expires_at, .. } = mapping;
        Self { context_key, external_id, account: account.to_string(), friendly_name, expires_at }
    }
}

impl From<NewMapping> for KeyView {
    fn from(mapping: NewMapping) -> Self {
        let NewMapping { context_key, account, external_id, friendly_name, expires_at, .. } = mapping;
        Self { context_key, external_id, account: account.to_string(), friendly_name, expires_at }
    }
}
