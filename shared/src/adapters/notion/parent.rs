//! The parent of a new page: an id of a page, a database or one of its data sources.

use serde::Deserialize;
use serde_json::{Value, json};

use super::data_source::{self, DataSource};
use super::id::Id;
use crate::adapters::api::Api;
use crate::error::Result;

/// A resolved parent.
#[derive(Debug)]
pub(super) enum Parent {
    /// A page, by its id. A page under it has only a title.
    Page(String),
    /// A data source, whose schema names the properties of its rows.
    DataSource(DataSource),
}

#[derive(Deserialize)]
struct PageResponse {
    id: String,
}

impl Parent {
    /// Resolves an id. Notion has no call for that, so each kind is read in turn.
    ///
    /// # Errors
    /// Not found, a database with several data sources, or a failure of a look-up, which changed nothing.
    pub(super) async fn resolve(api: &Api<'_>, id: &Id) -> Result<Self> {
        if let Some(source) = data_source::resolve(api, id).await? {
            return Ok(Self::DataSource(source));
        }
        // https://developers.notion.com/reference/retrieve-a-page
        match data_source::none_if_other_kind(api.get(&["v1", "pages", id.as_str()]).send::<PageResponse>().await)? {
            Some(page) => Ok(Self::Page(page.id)),
            None => Err(data_source::not_found_error(api, id)),
        }
    }

    /// The name of the property that is the title of a new page there.
    pub(super) fn title_property(&self) -> &str {
        match self {
            Self::Page(_) => "title",
            Self::DataSource(source) => &source.title_property,
        }
    }

    /// Converts to Notion's request form.
    pub(super) fn to_request(&self) -> Value {
        match self {
            Self::Page(id) => json!({ "type": "page_id", "page_id": id }),
            Self::DataSource(source) => json!({ "type": "data_source_id", "data_source_id": source.id }),
        }
    }
}

/// Converts a parent of a Notion response: `{"type": "dataSource", "id": ..}`; null if Notion does not return it.
pub(super) fn to_plain(parent: &Value) -> Value {
    let kinds = [
        ("page_id", "page"),
        // A row names its database too; its parent is the data source.
        ("data_source_id", "dataSource"),
        ("database_id", "database"),
        ("block_id", "block"),
        ("agent_id", "agent"),
    ];
    let with_id = kinds.iter().find_map(|(key, kind)| Some(json!({ "type": kind, "id": parent[*key].as_str()? })));
    let workspace = || (parent["type"] == "workspace").then(|| json!({ "type": "workspace", "id": null }));
    with_id.or_else(workspace).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn converts_parents_to_plain_values() {
        let row = json!({ "type": "data_source_id", "data_source_id": "s", "database_id": "d" });
        assert_eq!(to_plain(&row), json!({ "type": "dataSource", "id": "s" }));
        let top = json!({ "type": "workspace", "workspace": true });
        assert_eq!(to_plain(&top), json!({ "type": "workspace", "id": null }));
        assert_eq!(to_plain(&Value::Null), Value::Null);
    }
}
