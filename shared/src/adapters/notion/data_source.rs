//! Data sources. Since API version 2025-09-03 a database is a container of data sources, and rows belong to a data source:
//! <https://developers.notion.com/docs/upgrade-guide-2025-09-03>

use serde_json::Map;

use super::database::{DataSourceEntry, Database};
use super::id::Id;
use super::{properties, rich_text};
use crate::adapters::prelude::*;

/// A data source with its schema.
#[derive(Debug, Deserialize)]
pub(super) struct DataSource {
    /// The id by which it was read.
    #[serde(skip)]
    pub(super) id: String,
    /// The schema: properties by name.
    #[serde(default)]
    pub(super) properties: Map<String, Value>,
    /// Its database, in Notion's form.
    #[serde(default)]
    pub(super) parent: Value,
    #[serde(default)]
    title: Value,
}

impl DataSource {
    /// The name of the property that is the title of its rows.
    pub(super) fn title_property(&self) -> &str {
        properties::title_name(&self.properties)
    }

    /// Its name, if it has one.
    pub(super) fn name(&self) -> Option<String> {
        Some(rich_text::to_plain(&self.title)).filter(|name| !name.is_empty())
    }
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
    let source = none_if_other_kind(api.get(&["v1", "data_sources", id]).send::<DataSource>().await)?;
    Ok(source.map(|source| DataSource { id: id.to_owned(), ..source }))
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
            let named = |source: &DataSourceEntry| format!("{} ({})", source.name, source.id);
            let list = sources.iter().map(named).collect::<Vec<_>>().join(", ");
            Err(api.error(
                Kind::Invalid,
                format!("the database has several data sources; pass the id of one of them: {list}"),
            ))
        }
    }
}
