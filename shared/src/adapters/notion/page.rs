//! A page, or a row of a database, which is a page too.

use serde_json::Map;

use super::parent::ParentData;
use super::user::Person;
use super::{data_source, icon, options, plain_values, properties, reconcile, references, text};
use crate::adapters::prelude::*;

/// A page as Notion returns it. A connection without read access gets only the id. What is only shown is read as it is, so that a
/// surprise in it fails no action.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Page {
    /// Its id.
    pub(super) id: String,
    #[serde(default)]
    url: Value,
    /// Its parent, in Notion's form.
    #[serde(default)]
    pub(super) parent: Value,
    /// Its properties by name, each with its type and value.
    #[serde(default)]
    pub(super) properties: Map<String, Value>,
    #[serde(default)]
    icon: Value,
    /// True if it is in the trash.
    pub(super) in_trash: Option<bool>,
    #[serde(default)]
    created_time: Value,
    #[serde(default)]
    last_edited_time: Value,
    #[serde(default)]
    created_by: Value,
    #[serde(default)]
    last_edited_by: Value,
}

/// A page as output.
#[skip_serializing_none]
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PageData {
    /// The id.
    id: String,
    /// The title.
    title: Option<String>,
    /// The address at which a person can open it.
    link: Option<String>,
    /// The page, the data source or the block that it is in.
    parent: Option<ParentData>,
    /// The icon: an emoji, the address of a picture, or a name.
    icon: Option<String>,
    /// The time of creation.
    created_at: Option<String>,
    /// The person or the bot that created it.
    created_by: Option<Person>,
    /// The time of the last change.
    updated_at: Option<String>,
    /// The person or the bot that changed it last.
    updated_by: Option<Person>,
    /// True if it is in the trash.
    in_trash: Option<bool>,
    /// The values of the properties, by name; an empty one is null.
    properties: Map<String, Value>,
    /// The names of the properties of which Notion returned only the first values, or none that it computed: `notion_get_page_property`
    /// reads one whole.
    incomplete_properties: Option<Vec<String>>,
}

/// A row of a database as output.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(transparent)]
pub(super) struct Row(PageData);

impl From<Page> for Row {
    fn from(page: Page) -> Self {
        Self(page.into_data())
    }
}

impl Page {
    /// Returns the page as output.
    fn into_data(self) -> PageData {
        let cut = self.properties.iter().filter(|(_, property)| plain_values::is_cut(property));
        let cut = cut.map(|(name, _)| name.clone()).collect();
        self.into_data_with_cut(cut)
    }

    fn into_data_with_cut(self, cut: Vec<String>) -> PageData {
        PageData {
            incomplete_properties: Some(cut).filter(|cut| !cut.is_empty()),
            title: self.title(),
            link: text(&self.url),
            parent: ParentData::of(&self.parent),
            icon: icon::to_plain(&self.icon),
            created_at: text(&self.created_time),
            created_by: Person::of(&self.created_by),
            updated_at: text(&self.last_edited_time),
            updated_by: Person::of(&self.last_edited_by),
            in_trash: self.in_trash,
            properties: self.properties.iter().map(|(name, it)| (name.clone(), plain_values::to_plain(it))).collect(),
            id: self.id,
        }
    }

    /// Converts new values of its properties to Notion's request form, checked against the schema of its data source. Without one, its own
    /// properties have the types. Returns the options that they make too.
    ///
    /// # Errors
    /// A property or a value that cannot be set, or a failure of a look-up.
    pub(super) async fn checked_properties(
        &self,
        api: &Api<'_>,
        values: &Map<String, Value>,
    ) -> Result<(Map<String, Value>, Vec<String>)> {
        if values.is_empty() {
            return Ok((Map::new(), vec![]));
        }
        let values = &self.with_stored_files(values);
        let source = data_source::of_row(api, &self.parent).await?;
        let schema = source.as_ref().map_or(&self.properties, |source| &source.properties);
        let checked = references::properties_to_request(api, schema, values).await?;
        let new_options = options::new_options(schema, &checked);
        if let (false, Some(source)) = (new_options.is_empty(), &source) {
            data_source::forget_source(api, &source.id);
        }
        Ok((checked, new_options))
    }

    /// Returns values in which an address of a file that this page stores is the file itself: as an address it ends in an hour.
    fn with_stored_files(&self, values: &Map<String, Value>) -> Map<String, Value> {
        let mut values = values.clone();
        for (name, value) in &mut values {
            let property = properties::find(&self.properties, name).map_or(&Value::Null, |(_, property)| property);
            let items = match value {
                Value::Array(items) => items.as_mut_slice(),
                item => std::slice::from_mut(item),
            };
            for item in items {
                if let Some(file) = item.as_str().and_then(|address| plain_values::stored_file(property, address)) {
                    *item = file;
                }
            }
        }
        values
    }

    /// True if it can have been changed since the attempt began.
    pub(super) fn is_changed_since_attempt(&self, api: &Api<'_>) -> bool {
        reconcile::is_since_attempt(api, self.last_edited_time.as_str())
    }

    /// The plain text of its title; `None` if Notion does not return it.
    pub(super) fn title(&self) -> Option<String> {
        plain_values::title(&self.properties)
    }

    /// The name of the property that is its title.
    pub(super) fn title_property(&self) -> &str {
        plain_values::title_name(&self.properties)
    }

    /// True if the page is directly in a parent of a request.
    pub(super) fn is_in(&self, parent: &Value) -> bool {
        parent["type"].as_str().is_some_and(|kind| !parent[kind].is_null() && self.parent[kind] == parent[kind])
    }

    /// Returns the output of an action that read or changed this page.
    pub(super) fn into_output(self, message: &str) -> ActionOutput<PageData> {
        output(message, self.into_data())
    }

    /// Returns the output of an action that read all values of this page but those of some properties.
    pub(super) fn into_whole_output(self, message: &str, cut: Vec<String>) -> ActionOutput<PageData> {
        output(message, self.into_data_with_cut(cut))
    }
}

fn output(message: &str, page: PageData) -> ActionOutput<PageData> {
    let (id, link) = (page.id.clone(), page.link.clone());
    ActionOutput::new(message, page).with_id(id).with_link(link)
}
