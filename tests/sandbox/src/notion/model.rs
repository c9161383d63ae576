//! Pages, blocks, databases, data sources and comments, without HTTP.

use serde_json::{Map, Value, json};

use super::{property_items, text};

/// A page, in a data source or on its own.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    pub(crate) id: String,
    /// The parent, for example `{"type": "page_id", "page_id": ..}`.
    pub(crate) parent: Value,
    /// In the API's form.
    pub(crate) properties: Map<String, Value>,
    pub(crate) icon: Value,
    pub(crate) cover: Value,
    pub(crate) in_trash: bool,
    /// The id of the bot.
    pub(crate) created_by: String,
    /// RFC 3339.
    pub(crate) created: String,
    pub(crate) edited: String,
    /// Ids of its blocks, in order.
    pub(crate) children: Vec<String>,
}

/// A block. A child page is a block too, with the page's id.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    pub(crate) id: String,
    pub(crate) parent: Value,
    /// `paragraph`, `heading_1`, `child_page` ...
    pub(crate) block_type: String,
    /// The value of the key named like the type.
    pub(crate) content: Value,
    pub(crate) in_trash: bool,
    /// The id of the bot.
    pub(crate) created_by: String,
    pub(crate) created: String,
    pub(crate) children: Vec<String>,
}

/// A database: a container of data sources since version 2025-09-03.
#[derive(Clone, Debug)]
pub(crate) struct Database {
    pub(crate) id: String,
    pub(crate) title: String,
    /// Rich text in the API's form.
    pub(crate) description: Value,
    pub(crate) icon: Value,
    pub(crate) parent: Value,
    pub(crate) is_inline: bool,
    pub(crate) in_trash: bool,
    pub(crate) created: String,
}

/// A table with a schema; its rows are pages.
#[derive(Clone, Debug)]
pub(crate) struct DataSource {
    pub(crate) id: String,
    pub(crate) database: String,
    /// The parent of the database.
    pub(crate) database_parent: Value,
    pub(crate) title: String,
    /// Property schemas by name.
    pub(crate) properties: Map<String, Value>,
    /// The id of the bot.
    pub(crate) created_by: String,
    pub(crate) created: String,
}

/// The author of a comment.
#[derive(Clone, Debug)]
pub(crate) struct Author {
    pub(crate) id: String,
    /// The display name.
    pub(crate) name: String,
    pub(crate) is_bot: bool,
}

/// A comment in a discussion.
#[derive(Clone, Debug)]
pub(crate) struct Comment {
    pub(crate) id: String,
    pub(crate) thread: String,
    /// `{"type": "page_id", "page_id": ..}`.
    pub(crate) parent: Value,
    /// The author.
    pub(crate) author: Author,
    /// In the API's form.
    pub(crate) rich_text: Value,
    pub(crate) created: String,
}

impl Page {
    /// Returns the plain text of the title property, regardless of its name.
    pub(crate) fn title(&self) -> String {
        let title = self.properties.values().find(|property| property["type"] == "title");
        title.map(|property| text::plain_text(&property["title"])).unwrap_or_default()
    }

    /// True if the page is a row of this data source.
    pub(crate) fn is_row_of(&self, data_source: &str) -> bool {
        self.parent["data_source_id"] == data_source
    }

    pub(crate) fn to_json(&self) -> Value {
        let bot = bot_user_json(&self.created_by);
        let properties: Map<String, Value> =
            self.properties.iter().map(|(name, property)| (name.clone(), property_items::shown(property))).collect();
        json!({
            "object": "page", "id": self.id, "created_time": self.created, "last_edited_time": self.edited,
            "created_by": bot, "last_edited_by": bot, "parent": self.parent, "properties": properties,
            "icon": self.icon, "cover": self.cover, "in_trash": self.in_trash, "is_archived": false, "is_locked": false,
            "url": notion_url(&self.id), "public_url": null,
        })
    }
}

impl Block {
    pub(crate) fn to_json(&self) -> Value {
        let bot = bot_user_json(&self.created_by);
        let mut shown = json!({
            "object": "block", "id": self.id, "parent": self.parent, "created_time": self.created,
            "last_edited_time": self.created, "created_by": bot, "last_edited_by": bot,
            "has_children": !self.children.is_empty(), "in_trash": self.in_trash, "type": self.block_type,
        });
        shown[&self.block_type] = self.content.clone();
        if self.block_type == "paragraph" && shown["paragraph"]["icon"].is_null() {
            shown["paragraph"]["icon"] = Value::Null;
        }
        shown
    }
}

impl Database {
    pub(crate) fn to_json(&self, sources: &[DataSource]) -> Value {
        let own = sources.iter().filter(|source| source.database == self.id);
        let own: Vec<Value> = own.map(|source| json!({"id": source.id, "name": source.title})).collect();
        json!({
            "object": "database", "id": self.id, "title": text::from_plain(&self.title), "description": self.description,
            "parent": self.parent, "data_sources": own, "is_inline": self.is_inline, "is_locked": false,
            "in_trash": self.in_trash, "icon": self.icon, "cover": null, "created_time": self.created, "last_edited_time": self.created,
            "url": notion_url(&self.id), "public_url": null,
        })
    }
}

impl DataSource {
    pub(crate) fn to_json(&self) -> Value {
        let bot = bot_user_json(&self.created_by);
        let properties: Map<String, Value> =
            self.properties.iter().map(|(name, property)| (name.clone(), with_descriptions(property))).collect();
        json!({
            "object": "data_source", "id": self.id, "title": text::from_plain(&self.title), "description": [],
            "parent": {"type": "database_id", "database_id": self.database},
            "database_parent": self.database_parent, "properties": properties,
            "icon": null, "cover": null, "is_inline": true, "in_trash": false, "created_time": self.created,
            "last_edited_time": self.created, "created_by": bot, "last_edited_by": bot,
            "url": notion_url(&self.id), "public_url": null,
        })
    }
}

/// Returns a property of a data source with the description of each option, which a value in a row lacks.
fn with_descriptions(property: &Value) -> Value {
    let mut shown = property.clone();
    let kind = property["type"].as_str().unwrap_or_default();
    let options = shown.pointer_mut(&format!("/{kind}/options")).and_then(Value::as_array_mut);
    for option in options.into_iter().flatten().filter(|option| option["description"].is_null()) {
        option["description"] = Value::Null;
    }
    shown
}

impl Comment {
    /// True if the comment is on this page or block.
    pub(crate) fn is_on(&self, id: &str) -> bool {
        self.parent["page_id"] == id || self.parent["block_id"] == id
    }

    pub(crate) fn to_json(&self) -> Value {
        let Author { id, name, is_bot } = &self.author;
        let kind = if *is_bot { "integration" } else { "user" };
        json!({
            "object": "comment", "id": self.id, "parent": self.parent, "discussion_id": self.thread,
            "created_time": self.created, "last_edited_time": self.created,
            "created_by": {"object": "user", "id": id}, "rich_text": self.rich_text,
            "display_name": {"type": kind, "resolved_name": name},
        })
    }
}

/// Builds the short form of a bot.
fn bot_user_json(id: &str) -> Value {
    json!({"object": "user", "id": id})
}

fn notion_url(id: &str) -> String {
    format!("https://www.notion.so/{}", id.replace('-', ""))
}

/// Normalizes a UUID with or without dashes to lower case with dashes; `None` if it is not a UUID.
pub(crate) fn canonical_uuid(id: &str) -> Option<String> {
    let hex: String = id.chars().filter(|letter| *letter != '-').map(|letter| letter.to_ascii_lowercase()).collect();
    let valid = hex.len() == 32 && hex.chars().all(|letter| letter.is_ascii_hexdigit());
    valid.then(|| format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]))
}
