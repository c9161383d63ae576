//! Search results: pages and data sources, each with the ids other actions accept.

use serde::Deserialize;
use serde_json::{Value, json};

use super::page::Page;
use super::{parent, rich_text};

/// One search result.
#[derive(Debug, Deserialize)]
#[serde(tag = "object", rename_all = "snake_case")]
pub(super) enum SearchResult {
    /// A page or a row.
    Page(Page),
    /// A data source: Notion's search returns databases as data sources.
    DataSource(DataSourceSummary),
    /// An object type this adapter does not know.
    #[serde(other)]
    Other,
}

/// A data source without its schema.
#[derive(Debug, Deserialize)]
pub(super) struct DataSourceSummary {
    id: String,
    #[serde(default)]
    title: Value,
    url: Option<String>,
    #[serde(default)]
    parent: Value,
    #[serde(default)]
    database_parent: Value,
    last_edited_time: Option<String>,
}

impl SearchResult {
    /// Returns the result as output. A database has its own id if Notion returns it, else its data source's id, which other
    /// actions accept as well.
    pub(super) fn to_json(&self) -> Value {
        match self {
            Self::Page(page) => json!({
                "type": "page",
                "id": page.id,
                "title": page.title(),
                "url": page.url,
                "parent": parent::to_plain(&page.parent),
                "updatedAt": page.last_edited_time,
            }),
            Self::DataSource(source) => json!({
                "type": "database",
                "id": source.parent["database_id"].as_str().unwrap_or(&source.id),
                "dataSourceId": source.id,
                "title": rich_text::to_plain(&source.title),
                "url": source.url,
                "parent": parent::to_plain(&source.database_parent),
                "updatedAt": source.last_edited_time,
            }),
            Self::Other => json!({ "type": "other" }),
        }
    }
}
