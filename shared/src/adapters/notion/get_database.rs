//! `get_database`: reads a database's data sources and the properties of their rows.

use super::data_source::{self, Database};
use super::id::Id;
use super::{NO_SCOPES, parent, rich_text, schema};
use crate::adapters::prelude::*;

/// Maximum number of data sources whose schema is read. A database with more is rare; the others are listed by name.
const MAX_SCHEMAS: usize = 10;

/// Read the structure of a Notion database: its data sources, and the properties of their rows with types and options. Useful
/// before `create_page`, `update_page` and `query_database`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct GetDatabase {
    /// The database or one of its data sources: its id or a link to it.
    database_id: Id,
}

impl Action for GetDatabase {
    const META: Meta =
        Meta::read("get_database", NO_SCOPES).example(r#"{"databaseId": "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0020"}"#);
    type Output = Value;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        let database = self.resolve(api).await?;
        let mut sources = vec![];
        for (index, entry) in database.data_sources.iter().enumerate() {
            // https://developers.notion.com/reference/retrieve-a-data-source
            let read = if index < MAX_SCHEMAS { data_source::get_data_source(api, &entry.id).await? } else { None };
            let properties = read.map(|source| schema::to_plain(&source.properties));
            sources.push(json!({ "id": entry.id, "name": entry.name, "properties": properties }));
        }
        Ok(ActionOutput {
            message: "The database was read.".to_owned(),
            data: json!({
                "id": database.id,
                "title": rich_text::to_plain(&database.title),
                "description": rich_text::to_plain(&database.description),
                "url": database.url,
                "parent": parent::to_plain(&database.parent),
                "createdAt": database.created_time,
                "updatedAt": database.last_edited_time,
                "inTrash": database.in_trash,
                "dataSources": sources,
            }),
            external_id: Some(database.id),
            link: database.url,
        })
    }
}

impl GetDatabase {
    async fn resolve(&self, api: &Api<'_>) -> Result<Database> {
        let not_found = || data_source::not_found_error(api, &self.database_id);
        let id = self.database_id.as_str();
        // https://developers.notion.com/reference/retrieve-database
        if let Some(database) = data_source::get_database(api, id).await? {
            return Ok(database);
        }
        let source = data_source::get_data_source(api, id).await?.ok_or_else(not_found)?;
        let parent = source.parent["database_id"].as_str().ok_or_else(not_found)?;
        data_source::get_database(api, parent).await?.ok_or_else(not_found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::notion::ADAPTER;
    use crate::adapters::testing::{self, SentRequest};

    const ID: &str = "1429989f-e8ac-4eff-bc8f-57f56486db54";
    const SOURCE: &str = "00000000-0000-0000-0000-000000000001";

    fn not_found() -> (u16, Value) {
        (404, json!({ "object": "error", "status": 404, "code": "object_not_found", "message": "Could not find it." }))
    }

    fn respond(sent: &SentRequest) -> (u16, Value) {
        if sent.line == format!("GET /v1/databases/{ID}") {
            let title = json!([{ "plain_text": "Tasks" }]);
            let database = json!({ "object": "database", "id": ID, "title": title, "description": [], "in_trash": false,
                "url": "https://www.notion.so/d1", "parent": { "type": "page_id", "page_id": "p1" },
                "created_time": "2026-11-23T10:00:00.000Z", "last_edited_time": "2026-11-23T10:01:00.000Z",
                "data_sources": [{ "id": SOURCE, "name": "Tasks" }] });
            return (200, database);
        }
        if sent.line == format!("GET /v1/data_sources/{SOURCE}") {
            let properties = json!({ "Task": { "id": "title", "type": "title", "title": {} },
                "Status": { "id": "s", "type": "select", "select": { "options": [{ "id": "1", "name": "Done" }] } } });
            let parent = json!({ "type": "database_id", "database_id": ID });
            return (200, json!({ "object": "data_source", "id": SOURCE, "parent": parent, "properties": properties }));
        }
        not_found()
    }

    #[tokio::test]
    async fn reads_the_schema_by_database_or_data_source_id() {
        for (id, calls_made) in [(ID, 2), (SOURCE, 4)] {
            let (output, calls) = testing::run(&ADAPTER, "get_database", json!({ "databaseId": id }), respond).await;
            assert_eq!(
                output.unwrap().data,
                json!({ "id": ID, "title": "Tasks", "description": "", "url": "https://www.notion.so/d1",
                    "parent": { "type": "page", "id": "p1" }, "createdAt": "2026-11-23T10:00:00.000Z",
                    "updatedAt": "2026-11-23T10:01:00.000Z", "inTrash": false,
                    "dataSources": [{ "id": SOURCE, "name": "Tasks", "properties": {
                        "Task": { "type": "title" }, "Status": { "type": "select", "options": ["Done"] } } }] })
            );
            assert_eq!(calls.len(), calls_made);
            assert_eq!(calls[0].line, format!("GET /v1/databases/{id}"));
        }
    }

    #[tokio::test]
    async fn unshared_database_is_not_found() {
        let (output, _) = testing::run(&ADAPTER, "get_database", json!({ "databaseId": ID }), |_| not_found()).await;
        assert_eq!(testing::error_kind(&output), Kind::NotFound);
    }

    #[test]
    fn refuses_an_invalid_id() {
        assert_eq!(
            testing::refusal(&ADAPTER, "get_database", json!({ "databaseId": "Tasks" })).0,
            "context.databaseId"
        );
    }
}
