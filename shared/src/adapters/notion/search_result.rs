//! What a search finds: pages and data sources, each shown with the ids other actions take.

use serde::Deserialize;
use serde_json::{Value, json};

use super::page::Page;
use super::{parent, rich_text};

/// One thing that was found.
#[derive(Debug, Deserialize)]
#[serde(tag = "object", rename_all = "snake_case")]
pub(super) enum SearchResult {
    /// A page or a row.
    Page(Page),
    /// A data source, as which Notion finds databases.
    DataSource(DataSourceSummary),
    /// A thing of tomorrow.
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
    /// In our own shape. A database goes by its own id where Notion tells it, else by its data source's, which serves as well.
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
