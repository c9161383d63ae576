//! `update_database`: changes a database's title, description and the properties of its rows.

use serde_json::Map;
use std::collections::BTreeMap;

use super::data_source::{self, DataSource};
use super::database::{Database, DatabaseData};
use super::id::Id;
use super::properties::PropertyName;
use super::rich_text::{self, PlainText, Title};
use super::schema_change::{Ids, SchemaChange};
use super::{NO_SCOPES, schema, text};
use crate::adapters::prelude::*;

/// The field that a database without a change lacks.
const NO_CHANGE: &str =
    "must have at least one of title, description, add, rename, remove, change, addOptions and removeOptions";

/// Change a Notion database: its title, its description, and the properties of its rows with their options. Fields left out stay
/// unchanged. `notion_get_database` returns the properties.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct UpdateDatabase {
    /// The database or one of its data sources: its id or a link to it.
    database_id: Id,
    /// The new title.
    title: Option<Title>,
    /// The new purpose, in plain text.
    description: Option<PlainText>,
    /// New properties with their types, as in `notion_create_database`: `{"Due": "date", "Level": {"select": ["S", "M"]}}`.
    add: Option<Map<String, Value>>,
    /// New names of properties: `{"Old name": "New name"}`.
    rename: Option<BTreeMap<String, String>>,
    /// The properties to remove, with their values in all rows.
    remove: Option<Items<PropertyName, 100>>,
    /// New types of properties: `{"Size": "number"}`. Notion converts the values or drops them.
    change: Option<Map<String, Value>>,
    /// Options to add to properties: `{"Status": ["Blocked"]}`.
    add_options: Option<BTreeMap<String, Vec<String>>>,
    /// Options to remove, also from all rows: `{"Tags": ["old"]}`. Notion removes none of a status.
    remove_options: Option<BTreeMap<String, Vec<String>>>,
}

impl Action for UpdateDatabase {
    const META: Meta = Meta::idempotent("update_database", NO_SCOPES)
        .overwrites(
            "the title, the description, and the names, types, options and values of the properties that it changes",
        )
        .stores_checkpoint()
        .example(
            r#"{"databaseId": "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0020", "add": {"Due": "date"},
                 "addOptions": {"Priority": ["Urgent"]}}"#,
        );
    type Output = DatabaseData;

    fn check(&self) -> Result<()> {
        match self.schema_change().is_empty() && self.title.is_none() && self.description.is_none() {
            true => Err(Error::invalid("", NO_CHANGE)),
            false => Ok(()),
        }
    }

    async fn targets(&self, api: &Api<'_>) -> Result<Vec<Target>> {
        let source = data_source::resolve_required(api, &self.database_id).await?;
        Ok(vec![Target::new(TargetKind::Database, &source.id).named(source.name())])
    }

    /// Checks the change and stores the ids of the properties: a repeated change finds them under their new names.
    async fn prepare(&self, api: &Api<'_>) -> Result<Option<String>> {
        let source = self.read(api).await?;
        let ids = self.schema_change().check(&source.properties).map_err(|reason| api.error(Kind::Invalid, reason))?;
        Ok(Some(json!(ids).to_string()))
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<DatabaseData>> {
        let source = self.read(api).await?;
        let invalid = |reason: String| api.error(Kind::Invalid, reason);
        let ids: Ids = match api.checkpoint.and_then(|ids| serde_json::from_str(ids).ok()) {
            Some(ids) => ids,
            None => self.schema_change().check(&source.properties).map_err(invalid)?,
        };
        let mut body = Map::new();
        let properties = self.schema_change().to_request(&source.properties, &ids).map_err(invalid)?;
        if !properties.is_empty() {
            body.insert("properties".to_owned(), properties.into());
        }
        if let Some(title) = &self.title {
            body.insert("title".to_owned(), json!(rich_text::to_rich_text(title)));
        }
        let mut schema = source.properties;
        if !body.is_empty() {
            // https://developers.notion.com/reference/update-a-data-source
            let call = api.call(Method::PATCH, &["v1", "data_sources", &source.id]).json(&body);
            let changed = call.step("the properties were changed").send::<DataSource>().await;
            data_source::forget(api, &self.database_id);
            schema = changed?.properties;
        }
        let mut output = self.update_database(api, &source.parent).await?.into_output("The database was changed.");
        for entry in output.data.data_sources.iter_mut().filter(|entry| entry.id == source.id) {
            entry.properties = Some(schema::to_plain(&schema));
        }
        Ok(output)
    }
}

impl UpdateDatabase {
    fn schema_change(&self) -> SchemaChange<'_> {
        SchemaChange {
            add: self.add.as_ref(),
            rename: self.rename.as_ref(),
            remove: self.remove.iter().flat_map(|names| names.iter()).map(|name| &**name).collect(),
            change: self.change.as_ref(),
            add_options: self.add_options.as_ref(),
            remove_options: self.remove_options.as_ref(),
        }
    }

    /// Reads the data source anew: a change is decided by its schema.
    async fn read(&self, api: &Api<'_>) -> Result<DataSource> {
        data_source::forget(api, &self.database_id);
        data_source::resolve_required(api, &self.database_id).await
    }

    /// Changes the title and the description, or reads the database.
    async fn update_database(&self, api: &Api<'_>, parent: &Value) -> Result<Database> {
        let not_found = || data_source::not_found_error(api, &self.database_id);
        let id = text(&parent["database_id"]).ok_or_else(not_found)?;
        let rich = |text: &str| json!(rich_text::to_rich_text(text));
        let parts = [("title", self.title.as_deref()), ("description", self.description.as_deref())];
        let parts = parts.into_iter().filter_map(|(key, text)| Some((key.to_owned(), rich(text?))));
        let body: Map<String, Value> = parts.collect();
        if body.is_empty() {
            return data_source::get_database(api, &id).await?.ok_or_else(not_found);
        }
        // https://developers.notion.com/reference/update-database
        let call = api.call(Method::PATCH, &["v1", "databases", &id]).json(&body);
        call.step("the title and the description were changed").send().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::notion::ADAPTER;
    use crate::adapters::notion::fixtures::{DATA_SOURCE_ID, PARENT_ID};
    use crate::adapters::testing::{self, SentRequest};

    fn respond(sent: &SentRequest) -> (u16, Value) {
        if sent.line.contains("/databases/") {
            return (
                200,
                json!({ "object": "database", "id": PARENT_ID, "data_sources": [{ "id": DATA_SOURCE_ID, "name": "Tasks" }] }),
            );
        }
        let properties = json!({ "Task": { "id": "title", "type": "title" }, "Due": { "id": "d", "type": "date" } });
        (
            200,
            json!({ "object": "data_source", "id": DATA_SOURCE_ID, "properties": properties,
            "parent": { "type": "database_id", "database_id": PARENT_ID } }),
        )
    }

    #[tokio::test]
    async fn the_schema_is_changed_before_the_title() {
        let context = json!({ "databaseId": PARENT_ID, "title": "Work", "rename": { "Due": "Until" }, "add": { "Size": "number" } });
        let (output, calls) = testing::run(&ADAPTER, "update_database", context, respond).await;
        assert_eq!(output.unwrap().external_id.as_deref(), Some(PARENT_ID));
        let lines: Vec<_> = calls.iter().map(|sent| sent.line.as_str()).collect();
        let source = format!("/v1/data_sources/{DATA_SOURCE_ID}");
        let database = format!("/v1/databases/{PARENT_ID}");
        let expected = [
            format!("GET {database}"),
            format!("GET {source}"),
            format!("PATCH {source}"),
            format!("PATCH {database}"),
        ];
        assert_eq!(lines, expected);
        assert_eq!(calls[2].body["properties"], json!({ "Size": { "number": {} }, "d": { "name": "Until" } }));
        assert_eq!(calls[2].body["title"], calls[3].body["title"]);
    }

    #[test]
    fn refuses_a_change_of_nothing() {
        assert_eq!(testing::refusal(&ADAPTER, "update_database", json!({ "databaseId": PARENT_ID })).0, "context");
    }
}
