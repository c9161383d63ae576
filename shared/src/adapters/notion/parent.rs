//! The parent of a new page: an id of a page, a database or one of its data sources.

use serde::Deserialize;
use serde_json::{Value, json};

use super::data_source::{self, DataSource};
use super::id::Id;
use crate::adapters::api::Api;
use crate::error::{Error, Kind, Result};

/// The cached kind of a parent that is a page. That of a database or a data source is the data source's id.
const PAGE: &str = "page";

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
    /// Resolves an id. Notion has no call for that, so each kind is read in turn. The kind is cached: an id never changes it. The
    /// schema of a data source is read each time.
    ///
    /// # Errors
    /// Not found, a database with several data sources, or a failure of a look-up, which changed nothing.
    pub(super) async fn resolve(api: &Api<'_>, id: &Id) -> Result<Self> {
        let key = cache_key(id);
        match api.get_lookup(&key).as_deref() {
            Some(PAGE) => return Ok(Self::Page(id.as_str().to_owned())),
            Some(source) => match data_source::get_data_source(api, source).await? {
                Some(source) => return Ok(Self::DataSource(source)),
                None => api.remove_lookup(&key),
            },
            None => {}
        }
        let parent = Self::read(api, id).await?;
        let kind = match &parent {
            Self::Page(_) => PAGE,
            Self::DataSource(source) => &source.id,
        };
        api.insert_lookup(&key, kind);
        Ok(parent)
    }

    async fn read(api: &Api<'_>, id: &Id) -> Result<Self> {
        if let Some(source) = data_source::resolve(api, id).await? {
            return Ok(Self::DataSource(source));
        }
        // https://developers.notion.com/reference/retrieve-a-page
        match data_source::none_if_other_kind(api.get(&["v1", "pages", id.as_str()]).send::<PageResponse>().await)? {
            Some(page) => Ok(Self::Page(page.id)),
            None => Err(data_source::not_found_error(api, id)),
        }
    }

    /// Removes the cached kind after a call that did not find the parent. Returns the error of that call for the caller.
    pub(super) fn not_found(api: &Api<'_>, id: &Id, error: Error) -> Error {
        if error.kind() != Some(Kind::NotFound) {
            return error;
        }
        api.remove_lookup(&cache_key(id));
        data_source::not_found_error(api, id)
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

fn cache_key(id: &Id) -> String {
    format!("parent {}", id.as_str())
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
