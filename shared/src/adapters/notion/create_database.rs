//! `create_database`: creates a database on a page.

use serde_json::Map;

use super::data_source::Database;
use super::id::Id;
use super::keyed::{self, ChildKind};
use super::{NO_SCOPES, icon, rich_text, schema};
use crate::adapters::prelude::*;

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
    #[schemars(extend("x-multiline" = true))]
    description: Option<String>,
    /// The database's icon: one emoji, or the https address of a picture.
    icon: Option<String>,
    /// Set to true to show the database on the page itself instead of as a separate page; default false.
    inline: Option<bool>,
}

impl Action for CreateDatabase {
    const META: Meta = Meta::create("create_database", NO_SCOPES)
        .reconciled_by("its id: it is created under a title with a key, and then renamed", &[])
        .stores_checkpoint()
        .example(
            r#"{"title": "Reading list", "parent": "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0010",
                 "properties": {"Title": "title", "Status": {"select": ["To read", "Read"]}, "Finished": "date"}}"#,
        );
    type Output = Value;

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

    /// Creates the whole database under a title with the effect key.
    async fn prepare(&self, api: &Api<'_>) -> Result<Option<String>> {
        if api.is_retry
            && let Some(id) = self.find_keyed(api).await?.into_iter().next()
        {
            return Ok(Some(id));
        }
        let created = self.create(api, &keyed::title(api, &self.title)).await.map(|database| database.id);
        keyed::or_find(created, self.find_keyed(api)).await
    }

    /// Sets the title. Without a prepared database it creates the database.
    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        let Some(id) = api.checkpoint else { return Ok(created_output(self.create(api, &self.title).await?)) };
        let path = ["v1", "databases", id];
        // https://developers.notion.com/reference/retrieve-database
        let prepared: Database = api.get(&path).send().await?;
        let change = json!({ "title": rich_text::to_rich_text(&self.title) });
        // Notion names the data source after its database. Its name is set first: the database's title says that all is done.
        for source in prepared.data_sources.iter().filter(|source| keyed::is_keyed(api, &source.name)) {
            // https://developers.notion.com/reference/update-a-data-source
            let call = api.call(Method::PATCH, &["v1", "data_sources", &source.id]).preparation();
            call.json(&change).send::<Value>().await?;
        }
        // https://developers.notion.com/reference/update-database
        let mut database: Database = api.call(Method::PATCH, &path).json(&change).send().await?;
        for source in database.data_sources.iter_mut().filter(|source| keyed::is_keyed(api, &source.name)) {
            source.name.clone_from(&self.title);
        }
        Ok(created_output(database))
    }

    /// The database is done when its title has no key.
    async fn reconcile(&self, api: &Api<'_>) -> Result<Reconciliation> {
        let Some(id) = api.checkpoint else { return Ok(Reconciliation::Inconclusive) };
        let database = keyed::none_if_absent(api.get(&["v1", "databases", id]).send::<Database>().await)?;
        Ok(match database.filter(|database| database.in_trash != Some(true) && database.title.is_array()) {
            Some(database) if database.is_keyed(api) => Reconciliation::NotApplied,
            Some(database) => Reconciliation::Applied(created_output(database)),
            None => Reconciliation::Inconclusive,
        })
    }

    /// Moves the prepared database to the trash, including one whose id was not stored.
    async fn discard(&self, api: &Api<'_>) -> Result<()> {
        let ids = match api.checkpoint {
            Some(id) => vec![id.to_owned()],
            None if api.is_retry => keyed::none_if_absent(self.find_keyed(api).await)?.unwrap_or_default(),
            None => vec![],
        };
        for id in ids {
            let database = keyed::none_if_absent(api.get(&["v1", "databases", &id]).send::<Database>().await)?;
            if database.is_some_and(|database| database.in_trash != Some(true) && database.is_keyed(api)) {
                // https://developers.notion.com/reference/update-database
                keyed::trash(api, "databases", &id).await?;
            }
        }
        Ok(())
    }
}

impl CreateDatabase {
    /// Creates the database under a title.
    async fn create(&self, api: &Api<'_>, title: &str) -> Result<Database> {
        let mut body = json!({
            "parent": { "type": "page_id", "page_id": self.parent.as_str() },
            "title": rich_text::to_rich_text(title),
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
        api.post(&["v1", "databases"]).json(&body).send().await
    }

    /// Returns the ids of the databases on the page that this effect prepared.
    async fn find_keyed(&self, api: &Api<'_>) -> Result<Vec<String>> {
        keyed::find_children(api, self.parent.as_str(), ChildKind::Database).await
    }

    fn schema(&self) -> Result<Map<String, Value>> {
        let properties = self.properties.as_ref();
        let schema = properties.map_or_else(|| schema::to_request(&Map::new()), schema::to_request);
        schema.map_err(|invalid| Error::invalid(format!("properties.{}", invalid.name), invalid.reason))
    }
}

fn created_output(database: Database) -> ActionOutput {
    let sources: Vec<Value> =
        database.data_sources.iter().map(|source| json!({ "id": source.id, "name": source.name })).collect();
    ActionOutput {
        message: "The database was created.".to_owned(),
        data: json!({
            "id": database.id,
            "url": database.url,
            "createdAt": database.created_time,
            "dataSources": sources,
        }),
        external_id: Some(database.id),
        link: database.url,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::notion::ADAPTER;
    use crate::adapters::testing::{self, ActionHarness, SentRequest, Step, StepOutput};

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

    fn database(title: &str, source: &str) -> Value {
        json!({ "object": "database", "id": "d1", "url": "https://www.notion.so/d1", "in_trash": false,
            "title": [{ "plain_text": title }], "data_sources": [{ "id": "s1", "name": source }] })
    }

    const KEYED: &str = "Tasks [task_abc.1]";

    #[tokio::test]
    async fn prepares_it_under_a_keyed_title_and_renames_it() {
        let context = json!({ "title": "Tasks", "parent": ID });
        let provider = |_: &SentRequest| Ok((200, database(KEYED, KEYED)));
        let (checkpoint, calls) =
            testing::run_step(&ADAPTER, "create_database", None, Step::Prepare, context.clone(), provider).await;
        assert_eq!(checkpoint.unwrap(), StepOutput::Checkpoint(Some("d1".to_owned())));
        assert_eq!((calls.len(), calls[0].line.as_str()), (1, "POST /v1/databases"));
        assert_eq!(calls[0].body["title"][0]["text"]["content"], KEYED);

        let (output, calls) = testing::run_with_checkpoint(&ADAPTER, "create_database", "d1", context, |sent| {
            let title = if sent.line == "PATCH /v1/databases/d1" { "Tasks" } else { KEYED };
            (200, database(title, KEYED))
        })
        .await;
        let output = output.unwrap();
        assert_eq!(
            (output.external_id.as_deref(), &output.data["dataSources"][0]["name"]),
            (Some("d1"), &json!("Tasks"))
        );
        let lines: Vec<_> = calls.iter().map(|sent| sent.line.as_str()).collect();
        assert_eq!(lines, ["GET /v1/databases/d1", "PATCH /v1/data_sources/s1", "PATCH /v1/databases/d1"]);
        let change = json!({ "title": [{ "type": "text", "text": { "content": "Tasks" } }] });
        assert!(calls[1].body == change && calls[2].body == change);
    }

    #[tokio::test]
    async fn reconciles_and_discards_by_its_title() {
        let mut trashed = database(KEYED, KEYED);
        trashed["in_trash"] = json!(true);
        let not_found = (404, json!({ "code": "object_not_found" }));
        for (answer, expected, is_discarded) in [
            ((200, database("Tasks", "Tasks")), None, false),
            ((200, database(KEYED, KEYED)), Some(Reconciliation::NotApplied), true),
            ((200, trashed), Some(Reconciliation::Inconclusive), false),
            (not_found, Some(Reconciliation::Inconclusive), false),
        ] {
            let step = async |step| {
                let (context, answer) = (json!({ "title": "Tasks", "parent": ID }), answer.clone());
                let provider = move |_: &SentRequest| Ok(answer.clone());
                testing::run_step(&ADAPTER, "create_database", Some("d1"), step, context, provider).await
            };
            let found = step(Step::Reconcile).await.0.unwrap();
            match expected {
                Some(expected) => assert_eq!(found, StepOutput::Reconciliation(expected)),
                None => assert_eq!(found.applied_id(), Some("d1")),
            }
            let (result, calls) = step(Step::Discard).await;
            assert_eq!(result.unwrap(), StepOutput::Discarded);
            assert_eq!(calls.len() == 2, is_discarded);
            assert!(
                calls[1..].iter().all(|sent| sent.line == "PATCH /v1/databases/d1" && sent.body["in_trash"] == true)
            );
        }
    }

    #[tokio::test]
    async fn a_prepared_one_is_found_among_the_children() {
        let child = |title: &str| json!({ "id": "d1", "type": "child_database", "child_database": { "title": title } });
        for (title, found) in [(KEYED, true), ("Tasks", false)] {
            let list = json!({ "results": [child(title)], "has_more": false, "next_cursor": null });
            let harness = ActionHarness::new(&ADAPTER, move |sent: &SentRequest| {
                Ok(if sent.line.starts_with("GET") { (200, list.clone()) } else { (504, Value::Null) })
            });
            let (action, context) =
                (ADAPTER.action("create_database").unwrap(), json!({ "title": "Tasks", "parent": ID }));
            let first = action.prepare(&harness.api(action, None), &context).await;
            let retry = Api { is_retry: true, ..harness.api(action, None) };
            let second = action.prepare(&retry, &context).await;
            if found {
                assert_eq!((first.unwrap().as_deref(), second.unwrap().as_deref()), (Some("d1"), Some("d1")));
            } else {
                let kinds = (first.unwrap_err().kind(), second.unwrap_err().kind());
                assert_eq!(kinds, (Some(Kind::Ambiguous), Some(Kind::Ambiguous)));
            }
            let posts = harness.calls().iter().filter(|sent| sent.line.starts_with("POST")).count();
            assert_eq!(posts, if found { 1 } else { 2 });
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
