//! What a page is created under: an id that may mean a page, a database or one of its data sources.

use serde::Deserialize;
use serde_json::{Value, json};

use super::id::Id;
use super::source::{self, DataSource};
use crate::adapters::api::Api;
use crate::error::Result;

/// What the id turned out to be.
#[derive(Debug)]
pub(super) enum Parent {
    /// A page, by its id; a page under it has nothing but a title.
    Page(String),
    /// A data source, whose schema names the properties of its rows.
    DataSource(DataSource),
}

#[derive(Deserialize)]
struct Page {
    id: String,
}

impl Parent {
    /// Finds out what an id means: Notion has no call that says so, so each kind is asked for in turn.
    ///
    /// # Errors
    /// Not found, a database with several data sources, or a failure of a look-up, which changed nothing.
    pub(super) async fn find(api: &Api<'_>, id: &Id) -> Result<Self> {
        if let Some(source) = source::find(api, id).await? {
            return Ok(Self::DataSource(source));
        }
        // https://developers.notion.com/reference/retrieve-a-page
        match source::known(api.get(&["v1", "pages", id.as_str()]).send::<Page>().await)? {
            Some(page) => Ok(Self::Page(page.id)),
            None => Err(source::missing(api, id)),
        }
    }

    /// The name of the property that is a page's title there.
    pub(super) fn title(&self) -> &str {
        match self {
            Self::Page(_) => "title",
            Self::DataSource(source) => &source.title,
        }
    }

    /// As Notion's requests say it.
    pub(super) fn as_request(&self) -> Value {
        match self {
            Self::Page(id) => json!({ "type": "page_id", "page_id": id }),
            Self::DataSource(source) => json!({ "type": "data_source_id", "data_source_id": source.id }),
        }
    }
}

/// A parent in Notion's words, in ours: `{"type": "dataSource", "id": ..}`; null where Notion does not show it.
pub(super) fn plain(parent: &Value) -> Value {
    let kinds = [
        ("page_id", "page"),
        // A row names its database too; it belongs to the data source.
        ("data_source_id", "dataSource"),
        ("database_id", "database"),
        ("block_id", "block"),
        ("agent_id", "agent"),
    ];
    let found = kinds.iter().find_map(|(key, kind)| Some(json!({ "type": kind, "id": parent[*key].as_str()? })));
    let workspace = || (parent["type"] == "workspace").then(|| json!({ "type": "workspace", "id": null }));
    found.or_else(workspace).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parents_in_our_words() {
        let row = json!({ "type": "data_source_id", "data_source_id": "s", "database_id": "d" });
        assert_eq!(plain(&row), json!({ "type": "dataSource", "id": "s" }));
        let top = json!({ "type": "workspace", "workspace": true });
        assert_eq!(plain(&top), json!({ "type": "workspace", "id": null }));
        assert_eq!(plain(&Value::Null), Value::Null);
    }
}
