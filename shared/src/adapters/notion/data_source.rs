//! Data sources. Since API version 2025-09-03 a database is a container of data sources, and rows belong to a data source:
//! <https://developers.notion.com/docs/upgrade-guide-2025-09-03>

use serde_json::Map;

use super::database::{DataSourceEntry, Database};
use super::id::Id;
use super::{plain_values, rich_text, text};
use crate::adapters::prelude::*;

/// Maximum size of a schema that is remembered.
const MAX_REMEMBERED_BYTES: usize = 8 * 1024;

/// A data source with its schema.
#[derive(Clone, Debug, Deserialize)]
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
    /// True if it was not read in this attempt: a person may have changed it since.
    #[serde(skip)]
    pub(super) is_remembered: bool,
}

impl DataSource {
    /// The name of the property that is the title of its rows.
    pub(super) fn title_property(&self) -> &str {
        plain_values::title_name(&self.properties)
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

/// Resolves an id to a data source: the id is its own, or that of a database with only one; `None` if it is neither. Which data source
/// it is and its schema are remembered for a while.
///
/// # Errors
/// A database with several data sources, or as [`get_database`].
pub(super) async fn resolve(api: &Api<'_>, id: &Id) -> Result<Option<DataSource>> {
    let id = id.as_str();
    if let Some(source) = api.get_lookup(&source_key(id)) {
        if let Some(known) = remembered(api, &source) {
            return Ok(Some(known));
        }
        if let Some(source) = get_data_source(api, &source).await? {
            remember(api, id, &source);
            return Ok(Some(source));
        }
        api.remove_lookup(&source_key(id));
    }
    let found = match get_database(api, id).await? {
        None => get_data_source(api, id).await?,
        Some(database) => {
            let source = only_data_source(api, database)?;
            let found = get_data_source(api, &source).await?;
            let hidden =
                || api.error(Kind::NotFound, format!("the data source {source} is not shared with the connection"));
            Some(found.ok_or_else(hidden)?)
        }
    };
    if let Some(source) = &found {
        remember(api, id, source);
    }
    Ok(found)
}

/// Resolves an id to a data source and does `work` with it. If one that was remembered may have misled the work, it is read again and the
/// work is repeated: a refusal had no effect.
///
/// # Errors
/// As [`resolve`], not found, and those of the work.
pub(super) async fn with_resolved<T, F: Future<Output = Result<T>>>(
    api: &Api<'_>,
    id: &Id,
    work: impl Fn(DataSource) -> F,
) -> Result<T> {
    let source = resolve_required(api, id).await?;
    let is_remembered = source.is_remembered;
    match work(source).await {
        Err(error) if is_remembered && is_misled(&error) => {
            forget(api, id);
            work(resolve_required(api, id).await?).await
        }
        done => done,
    }
}

/// Resolves an id to a data source; an unknown id is an error.
///
/// # Errors
/// As [`resolve`], and not found.
pub(super) async fn resolve_required(api: &Api<'_>, id: &Id) -> Result<DataSource> {
    resolve(api, id).await?.ok_or_else(|| not_found_error(api, id))
}

/// Returns the schema of the data source of a row, which is remembered for a while; `None` if the connection may not read it.
///
/// # Errors
/// A failure of the look-up, which changed nothing.
pub(super) async fn of_row(api: &Api<'_>, parent: &Value) -> Result<Option<DataSource>> {
    match text(&parent["data_source_id"]).as_deref().and_then(Id::parse) {
        Some(id) => match remembered(api, id.as_str()) {
            None => {
                let found = get_data_source(api, id.as_str()).await?;
                found.iter().for_each(|source| remember(api, id.as_str(), source));
                Ok(found)
            }
            known => Ok(known),
        },
        None => Ok(None),
    }
}

/// Does `work` with the schema of the data source of a row. If one that was remembered may have misled the work, it is forgotten and the
/// work is repeated: a refusal had no effect.
///
/// # Errors
/// Those of the work.
pub(super) async fn with_schema_of_row<T, F: Future<Output = Result<T>>>(
    api: &Api<'_>,
    parent: &Value,
    work: impl Fn() -> F,
) -> Result<T> {
    let known = text(&parent["data_source_id"]).filter(|id| remembered(api, id).is_some());
    match (work().await, known) {
        (Err(error), Some(id)) if is_misled(&error) => {
            forget_source(api, &id);
            work().await
        }
        (done, _) => done,
    }
}

/// Forgets the schema of a data source.
pub(super) fn forget_source(api: &Api<'_>, id: &str) {
    api.remove_lookup(&schema_key(id));
}

/// True for a failure that an outdated schema or kind can cause.
pub(super) fn is_misled(error: &Error) -> bool {
    matches!(error.kind(), Some(Kind::Invalid | Kind::NotFound))
}

/// Forgets what an id is, and the schema of its data source.
pub(super) fn forget(api: &Api<'_>, id: &Id) {
    let source = api.get_lookup(&source_key(id.as_str()));
    for source in [source.as_deref(), Some(id.as_str())].into_iter().flatten() {
        api.remove_lookup(&schema_key(source));
    }
    api.remove_lookup(&source_key(id.as_str()));
}

fn source_key(id: &str) -> String {
    format!("data source of {id}")
}

fn schema_key(source: &str) -> String {
    format!("schema of {source}")
}

fn remembered(api: &Api<'_>, source: &str) -> Option<DataSource> {
    let stored = api.get_lookup(&schema_key(source))?;
    let known = serde_json::from_str::<DataSource>(&stored).ok()?;
    Some(DataSource { id: source.to_owned(), is_remembered: true, ..known })
}

/// Remembers which data source an id means, and what actions need of its schema, if that is short.
fn remember(api: &Api<'_>, id: &str, source: &DataSource) {
    let needed = |property: &Value| {
        let kind = property["type"].as_str().unwrap_or_default();
        let mut needed = json!({ "id": property["id"], "type": kind, kind: {} });
        if let Some(options) = property[kind]["options"].as_array() {
            needed[kind]["options"] =
                options.iter().map(|option| json!({ "id": option["id"], "name": option["name"] })).collect();
        }
        if let Some(related) = text(&property[kind]["data_source_id"]) {
            needed[kind]["data_source_id"] = json!(related);
        }
        needed
    };
    let schema: Map<String, Value> = source.properties.iter().map(|(name, it)| (name.clone(), needed(it))).collect();
    let title = source.name().map(|name| json!([{ "plain_text": name }]));
    let stored = json!({ "properties": schema, "parent": source.parent, "title": title }).to_string();
    api.insert_lookup(&source_key(id), &source.id);
    if stored.len() <= MAX_REMEMBERED_BYTES {
        api.insert_lookup(&schema_key(&source.id), &stored);
    }
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
