//! A database, which contains data sources, and its output.

use std::collections::BTreeMap;

use super::parent::ParentData;
use super::schema::PropertyType;
use super::{keyed, rich_text, text};
use crate::adapters::prelude::*;

/// A database without its rows. A connection without read access gets only the id. What is only shown is read as it is.
#[derive(Debug, Deserialize)]
pub(super) struct Database {
    /// Its id.
    pub(super) id: String,
    /// Its data sources, usually one.
    #[serde(default)]
    pub(super) data_sources: Vec<DataSourceEntry>,
    #[serde(default)]
    url: Value,
    /// Rich text.
    #[serde(default)]
    pub(super) title: Value,
    #[serde(default)]
    description: Value,
    #[serde(default)]
    parent: Value,
    #[serde(default)]
    created_time: Value,
    #[serde(default)]
    last_edited_time: Value,
    /// True if it is in the trash.
    pub(super) in_trash: Option<bool>,
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

/// A database as output.
#[skip_serializing_none]
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct DatabaseData {
    /// The id.
    id: String,
    /// The title.
    title: Option<String>,
    /// The purpose.
    description: Option<String>,
    /// The address at which a person can open it.
    link: Option<String>,
    /// The page that it is on.
    parent: Option<ParentData>,
    /// The time of creation.
    created_at: Option<String>,
    /// The time of the last change.
    updated_at: Option<String>,
    /// True if it is in the trash.
    in_trash: Option<bool>,
    /// The data sources, usually one.
    pub(super) data_sources: Vec<DataSourceData>,
}

/// A data source of a database as output.
#[skip_serializing_none]
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct DataSourceData {
    /// The id.
    pub(super) id: String,
    /// The name.
    name: String,
    /// The properties of its rows, by name, if they were read.
    pub(super) properties: Option<BTreeMap<String, PropertyType>>,
}

impl Database {
    /// True if its title has the effect key.
    pub(super) fn is_keyed(&self, api: &Api<'_>) -> bool {
        keyed::is_keyed(api, &rich_text::to_plain(&self.title))
    }

    /// Returns the database as output, without the properties of its rows.
    fn into_data(self) -> DatabaseData {
        let plain = |rich: &Value| Some(rich_text::to_plain(rich)).filter(|text| !text.is_empty());
        let source = |source: DataSourceEntry| DataSourceData { id: source.id, name: source.name, properties: None };
        DatabaseData {
            id: self.id,
            title: plain(&self.title),
            description: plain(&self.description),
            link: text(&self.url),
            parent: ParentData::of(&self.parent),
            created_at: text(&self.created_time),
            updated_at: text(&self.last_edited_time),
            in_trash: self.in_trash,
            data_sources: self.data_sources.into_iter().map(source).collect(),
        }
    }

    /// Returns the output of an action that read or changed this database.
    pub(super) fn into_output(self, message: &str) -> ActionOutput<DatabaseData> {
        let database = self.into_data();
        let (id, link) = (database.id.clone(), database.link.clone());
        ActionOutput::new(message, database).with_id(id).with_link(link)
    }
}
