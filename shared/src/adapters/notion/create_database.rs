//! `create_database`: creates a database on a page.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::data_source::Database;
use super::id::Id;
use super::{NO_SCOPES, icon, reconcile, rich_text, schema};
use crate::adapters::action::{Action, ActionOutput, Effect, ReconcileBy, Reconciliation, Scopes};
use crate::adapters::api::Api;
use crate::error::{Error, Result};

/// Create a database on a Notion page. Its rows are then created by `create_page`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CreateDatabase {
    /// The database's title, at most 2,000 characters.
    title: String,
    /// The page to create it on: its id or a link to it. It must be shared with the connection.
    parent: Id,
    /// The properties of its rows, by name: `{"Task": "title", "Due": "date", "Priority": {"select": ["Low", "High"]}}`. Types
    /// are title, text, number, select, multi_select, status, date, people, files, checkbox, url, email, phone_number,
    /// created_time, created_by, last_edited_time and last_edited_by. Exactly one is the title; without one, `Name` is added as
    /// the title. Notion's own property schema objects are accepted too, for relations and formulas.
    properties: Option<Map<String, Value>>,
    /// The purpose of the database, in plain text.
    description: Option<String>,
    /// The database's icon: one emoji, or the https address of a picture.
    icon: Option<String>,
    /// Set to true to show the database on the page itself instead of as a separate page; default false.
    inline: Option<bool>,
}

impl Action for CreateDatabase {
    const NAME: &'static str = "create_database";
    const SCOPES: Scopes = NO_SCOPES;
    const EFFECT: Effect = Effect::Create;
    const RECONCILE_BY: Option<ReconcileBy> = Some(ReconcileBy { by: "absence of its title on the page", scopes: &[] });

    fn example() -> Value {
        json!({ "title": "Reading list", "parent": "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0010",
            "properties": { "Title": "title", "Status": { "select": ["To read", "Read"] }, "Finished": "date" } })
    }

    fn check(&self) -> Result<()> {
        rich_text::check_title("title", &self.title)?;
        if self.description.as_ref().is_some_and(|description| !rich_text::fits_limits(description)) {
            return Err(Error::invalid("description", "must be at most 200,000 characters"));
        }
        if let Some(icon) = &self.icon {
            icon::check(icon)?;
        }
        self.schema().map(|_| ())
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        let mut body = json!({
            "parent": { "type": "page_id", "page_id": self.parent.as_str() },
            "title": rich_text::to_rich_text(&self.title),
            "initial_data_source": { "properties": self.schema()? },
        });
        if let Some(description) = &self.description {
            body["description"] = json!(rich_text::to_rich_text(description));
        }
        if let Some(icon) = &self.icon {
            body["icon"] = icon::to_request(icon);
        }
        if let Some(inline) = self.inline {
            body["is_inline"] = json!(inline);
        }
        // https://developers.notion.com/reference/create-database
        let database: Database = api.post(&["v1", "databases"]).json(&body).send().await?;
        let sources: Vec<Value> =
            database.data_sources.iter().map(|source| json!({ "id": source.id, "name": source.name })).collect();
        Ok(ActionOutput {
            message: "The database was created.".to_owned(),
            data: json!({
                "id": database.id,
                "url": database.url,
                "createdAt": database.created_time,
                "dataSources": sources,
            }),
            external_id: Some(database.id),
            link: database.url,
        })
    }

    async fn reconcile(&self, api: &Api<'_>) -> Result<Reconciliation> {
        reconcile::reconcile_child(api, self.parent.as_str(), |child| child.is_database(&self.title)).await
    }
}

impl CreateDatabase {
    fn schema(&self) -> Result<Map<String, Value>> {
        let properties = self.properties.as_ref();
        let schema = properties.map_or_else(|| schema::to_request(&Map::new()), schema::to_request);
        schema.map_err(|invalid| Error::invalid(format!("properties.{}", invalid.name), invalid.reason))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::notion::ADAPTER;
    use crate::adapters::testing::{self, SentRequest, Step, StepOutput};
    use crate::error::Kind;

    const ID: &str = "1429989f-e8ac-4eff-bc8f-57f56486db54";

    #[tokio::test]
    async fn creates_a_database_with_properties() {
        let context = json!({ "title": "Tasks", "parent": ID, "description": "Ours", "inline": true, "icon": "📋",
            "properties": { "Task": "title", "Due": "date" } });
        let (output, calls) = testing::run(&ADAPTER, "create_database", context, |_| {
            (
                200,
                json!({ "object": "database", "id": "d1", "url": "https://www.notion.so/d1",
                    "created_time": "2026-11-23T10:00:00.000Z", "data_sources": [{ "id": "s1", "name": "Tasks" }] }),
            )
        })
        .await;
        let output = output.unwrap();
        assert_eq!(
            output.data,
            json!({ "id": "d1", "url": "https://www.notion.so/d1", "createdAt": "2026-11-23T10:00:00.000Z",
                "dataSources": [{ "id": "s1", "name": "Tasks" }] })
        );
        assert_eq!(
            (output.external_id.as_deref(), output.link.as_deref()),
            (Some("d1"), Some("https://www.notion.so/d1"))
        );
        let text = |content: &str| json!([{ "type": "text", "text": { "content": content } }]);
        assert_eq!(calls.len(), 1);
        assert_eq!(calls[0].line, "POST /v1/databases");
        assert_eq!(
            calls[0].body,
            json!({ "parent": { "type": "page_id", "page_id": ID }, "title": text("Tasks"), "description": text("Ours"),
                "icon": { "type": "emoji", "emoji": "📋" }, "is_inline": true,
                "initial_data_source": { "properties": { "Task": { "title": {} }, "Due": { "date": {} } } } })
        );
    }

    #[tokio::test]
    async fn reconciliation_is_never_applied() {
        let context = json!({ "title": "Tasks", "parent": ID });
        for (title, reconciliation) in [("Tasks", Reconciliation::Inconclusive), ("Others", Reconciliation::NotApplied)]
        {
            let block = json!({ "id": "d1", "created_time": "2026-11-23T10:00:00.000Z", "type": "child_database",
                "child_database": { "title": title } });
            let response =
                move |_: &SentRequest| Ok((200, json!({ "results": [block], "has_more": false, "next_cursor": null })));
            let (result, _) =
                testing::run_step(&ADAPTER, "create_database", None, Step::Reconcile, context.clone(), response).await;
            assert_eq!(result.unwrap(), StepOutput::Reconciliation(reconciliation));
        }
    }

    #[tokio::test]
    async fn lost_response_is_ambiguous() {
        let context = json!({ "title": "Tasks", "parent": ID });
        let (output, _) = testing::run(&ADAPTER, "create_database", context, |_| (200, json!({ "id": "d1" }))).await;
        assert_eq!(testing::error_kind(&output), Kind::Ambiguous);
    }

    #[test]
    fn refuses_invalid_fields() {
        let refused = |context| testing::refusal(&ADAPTER, "create_database", context).0;
        assert_eq!(refused(json!({ "title": "T" })), "context.parent");
        assert_eq!(refused(json!({ "title": "", "parent": ID })), "context.title");
        assert_eq!(refused(json!({ "title": "T", "parent": ID, "icon": "x" })), "context.icon");
        let long = json!({ "title": "T", "parent": ID, "description": "x".repeat(200_001) });
        assert_eq!(refused(long), "context.description");
        let colour = json!({ "title": "T", "parent": ID, "properties": { "Hue": "colour" } });
        assert_eq!(refused(colour), "context.properties.Hue");
    }
}
