//! Databases and their data sources. Since API version 2025-09-03 a database is a container of data sources, and rows belong to
//! a data source: <https://developers.notion.com/docs/upgrade-guide-2025-09-03>

use serde::Deserialize;
use serde_json::{Map, Value};

use super::id::Id;
use super::{keyed, rich_text};
use crate::adapters::api::Api;
use crate::error::{Error, Kind, Result};

/// A database without its rows.
#[derive(Debug, Deserialize)]
pub(super) struct Database {
    /// Its id.
    pub(super) id: String,
    /// Its data sources, usually one.
    pub(super) data_sources: Vec<DataSourceEntry>,
    /// Its address on the web.
    pub(super) url: Option<String>,
    /// Rich text.
    #[serde(default)]
    pub(super) title: Value,
    /// Rich text.
    #[serde(default)]
    pub(super) description: Value,
    /// Its parent in Notion's form.
    #[serde(default)]
    pub(super) parent: Value,
    /// RFC 3339.
    pub(super) created_time: Option<String>,
    /// RFC 3339.
    pub(super) last_edited_time: Option<String>,
    /// True if it is in the trash.
    pub(super) in_trash: Option<bool>,
}

impl Database {
    /// True if its title carries the effect key.
    pub(super) fn is_keyed(&self, api: &Api<'_>) -> bool {
        keyed::is_keyed(api, &rich_text::to_plain(&self.title))
    }
}

/// A data source as listed by its database.
#[derive(Debug, Deserialize)]
pub(super) struct DataSourceEntry {
    /// Its id.
    pub(super) id: String,
    /// Its name.
    #[serde(default)]
    pub(super) name: String,
}

/// A data source with its schema.
#[derive(Debug)]
pub(super) struct DataSource {
    /// Its id.
    pub(super) id: String,
    /// The name of the property that is the title.
    pub(super) title_property: String,
    /// The schema: properties by name.
    pub(super) properties: Map<String, Value>,
    /// Its database, in Notion's form.
    pub(super) parent: Value,
}

#[derive(Deserialize)]
struct DataSourceResponse {
    id: String,
    properties: Map<String, Value>,
    #[serde(default)]
    parent: Value,
}

/// Reads a database; `None` if the id is not a database's.
///
/// # Errors
/// A failure of the look-up, which changed nothing.
pub(super) async fn get_database(api: &Api<'_>, id: &str) -> Result<Option<Database>> {
    // https://developers.notion.com/reference/retrieve-database
    none_if_other_kind(api.get(&["v1", "databases", id]).send().await)
}

/// Reads a data source; `None` if the id is not a data source's.
///
/// # Errors
/// As [`get_database`].
pub(super) async fn get_data_source(api: &Api<'_>, id: &str) -> Result<Option<DataSource>> {
    // https://developers.notion.com/reference/retrieve-a-data-source
    let Some(response) = none_if_other_kind(api.get(&["v1", "data_sources", id]).send::<DataSourceResponse>().await)?
    else {
        return Ok(None);
    };
    let DataSourceResponse { id, properties, parent } = response;
    let title = properties.iter().find(|(_, property)| property["type"] == "title").map(|(name, _)| name.clone());
    match title {
        Some(title) => Ok(Some(DataSource { id, title_property: title, properties, parent })),
        // Every data source has a title property.
        None => Err(api.error(Kind::Transient, "the data source has no title property")),
    }
}

/// Resolves an id to a data source: the id is its own, or that of a database with only one; `None` if it is neither.
///
/// # Errors
/// A database with several data sources, or as [`get_database`].
pub(super) async fn resolve(api: &Api<'_>, id: &Id) -> Result<Option<DataSource>> {
    let Some(database) = get_database(api, id.as_str()).await? else { return get_data_source(api, id.as_str()).await };
    let source = only_data_source(api, database)?;
    match get_data_source(api, &source).await? {
        Some(source) => Ok(Some(source)),
        None => Err(api.error(Kind::NotFound, format!("the data source {source} is not shared with the connection"))),
    }
}

/// Resolves an id to a data source; an unknown id is an error.
///
/// # Errors
/// As [`resolve`], and not found.
pub(super) async fn resolve_required(api: &Api<'_>, id: &Id) -> Result<DataSource> {
    resolve(api, id).await?.ok_or_else(|| not_found_error(api, id))
}

/// Notion does not distinguish missing objects from hidden ones.
pub(super) fn not_found_error(api: &Api<'_>, id: &Id) -> Error {
    api.error(
        Kind::NotFound,
        format!("{} does not exist or is not shared with the connection; search returns what is shared", id.as_str()),
    )
}

/// Maps an id of another kind to `None`: Notion answers 404, or 400 if it knows the id as another kind.
pub(super) fn none_if_other_kind<T>(response: Result<T>) -> Result<Option<T>> {
    match response {
        Ok(value) => Ok(Some(value)),
        Err(Error::Provider(error)) if matches!(error.kind, Kind::NotFound | Kind::Invalid) => Ok(None),
        Err(error) => Err(error),
    }
}

fn only_data_source(api: &Api<'_>, database: Database) -> Result<String> {
    match <[DataSourceEntry; 1]>::try_from(database.data_sources) {
        Ok([source]) => Ok(source.id),
        Err(sources) if sources.is_empty() => Err(api.error(Kind::Invalid, "the database has no data source")),
        Err(sources) => {
            let names: Vec<_> = sources.iter().map(|source| format!("{} ({})", source.name, source.id)).collect();
            let list = names.join(", ");
            Err(api.error(
                Kind::Invalid,
                format!("the database has several data sources; pass the id of one of them: {list}"),
            ))
        }
    }
}
