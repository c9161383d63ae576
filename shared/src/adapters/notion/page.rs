//! A page, or a row of a database, which is a page too.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{icon, parent, properties};
use crate::adapters::action::ActionOutput;

/// A page as Notion returns it. A connection without read access gets only the id.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Page {
    /// Its id.
    pub(super) id: String,
    /// Its address on the web.
    pub(super) url: Option<String>,
    /// Its parent in Notion's form.
    #[serde(default)]
    pub(super) parent: Value,
    /// Its properties by name, each with its type and value.
    #[serde(default)]
    pub(super) properties: Map<String, Value>,
    #[serde(default)]
    icon: Value,
    /// True if it is in the trash.
    #[serde(default)]
    pub(super) in_trash: bool,
    /// RFC 3339.
    pub(super) created_time: Option<String>,
    /// RFC 3339.
    pub(super) last_edited_time: Option<String>,
    #[serde(default)]
    created_by: Value,
    #[serde(default)]
    last_edited_by: Value,
}

impl Page {
    /// Returns the page as output.
    pub(super) fn to_json(&self) -> Value {
        let properties: Map<String, Value> =
            self.properties.iter().map(|(name, property)| (name.clone(), properties::to_plain(property))).collect();
        json!({
            "id": self.id,
            "title": self.title(),
            "url": self.url,
            "parent": parent::to_plain(&self.parent),
            "icon": icon::to_plain(&self.icon),
            "createdAt": self.created_time,
            "createdBy": self.created_by["id"],
            "updatedAt": self.last_edited_time,
            "updatedBy": self.last_edited_by["id"],
            "inTrash": self.in_trash,
            "properties": properties,
        })
    }

    /// The plain text of its title; `None` if Notion does not return it.
    pub(super) fn title(&self) -> Option<String> {
        let title = self.properties.values().find(|property| property["type"] == "title")?;
        properties::to_plain(title).as_str().map(str::to_owned)
    }

    /// The name of the property that is its title.
    pub(super) fn title_property(&self) -> &str {
        let title = self.properties.iter().find(|(_, property)| property["type"] == "title");
        title.map_or("title", |(name, _)| name)
    }

    /// Returns the output of an action that read or changed this page.
    pub(super) fn into_output(self, message: &str) -> ActionOutput {
        ActionOutput { message: message.to_owned(), data: self.to_json(), external_id: Some(self.id), link: self.url }
    }
}
