//! Search results: pages and data sources, each with the ids other actions accept.

use super::parent::ParentData;
use super::{plain_values, rich_text, text};
use crate::adapters::prelude::*;

/// The kind of a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub(super) enum ResultKind {
    Page,
    Database,
}

/// A page or a database that was found.
#[skip_serializing_none]
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SearchResult {
    /// The kind, if it is one of these.
    #[serde(rename = "type")]
    kind: Option<ResultKind>,
    /// The id, which other actions accept.
    id: String,
    /// The id of a database's data source, which they accept as well.
    data_source_id: Option<String>,
    /// The title.
    title: Option<String>,
    /// The address at which a person can open it.
    link: Option<String>,
    /// The page, the data source or the block that it is in.
    parent: Option<ParentData>,
    /// The time of the last change.
    updated_at: Option<String>,
}

/// A database that was found.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(transparent)]
pub(super) struct FoundDatabase(pub(super) SearchResult);

impl Listed for SearchResult {
    const NOUN: &'static str = "result";
}

impl Listed for FoundDatabase {
    const NOUN: &'static str = "database";
}

impl ResultKind {
    /// Returns the kind of a result of a response. Only a data source has the parent of its database.
    fn of(found: &Value) -> Option<Self> {
        match found["object"].as_str() {
            Some("page") => Some(Self::Page),
            Some("data_source") => Some(Self::Database),
            _ => found.get("database_parent").map(|_| Self::Database),
        }
    }

    /// Notion's name of the object: its search returns databases as data sources.
    pub(super) fn object(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Database => "data_source",
        }
    }
}

impl SearchResult {
    /// Reads a result of a response. A database has its own id if Notion returns it, else its data source's id.
    pub(super) fn of(found: &Value) -> Option<Self> {
        let kind = ResultKind::of(found);
        let id = text(&found["id"]);
        let (id, data_source_id, title, parent) = match kind {
            Some(ResultKind::Database) => {
                let database = text(&found["parent"]["database_id"]).or_else(|| id.clone())?;
                (database, id, Some(rich_text::to_plain(&found["title"])), &found["database_parent"])
            }
            Some(ResultKind::Page) | None => {
                (id?, None, found["properties"].as_object().and_then(plain_values::title), &found["parent"])
            }
        };
        Some(Self {
            kind,
            id,
            data_source_id,
            title,
            link: text(&found["url"]),
            parent: ParentData::of(parent),
            updated_at: text(&found["last_edited_time"]),
        })
    }
}
