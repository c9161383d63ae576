//! `create_page`: creates a page under a page, or as a row of a database.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::data_source::DataSource;
use super::id::Id;
use super::page::Page;
use super::parent::Parent;
use super::reconcile::{self, RowMatch};
use super::{NO_SCOPES, icon, properties, rich_text};
use crate::adapters::action::{Action, ActionOutput, Effect, ReconcileBy, Reconciliation, Scopes};
use crate::adapters::api::Api;
use crate::error::{Error, Kind, Result};

/// Create a page in Notion: under another page, or as a row of a database. If the database has a text property called
/// `Plugin Engine key`, it is filled in, so that the row can be found if Notion's response is lost.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CreatePage {
    /// The page's title, at most 2,000 characters.
    title: String,
    /// The page's content, as Markdown: headings, lists, to-dos, tables, code, quotes.
    content: Option<String>,
    /// The page or the database to create it in: its id or a link to it. It must be shared with the connection.
    parent: Id,
    /// Further properties of a row, by name, as plain values: `{"Status": "Done", "Due": "2026-12-01", "Tags": ["a", "b"]}`.
    /// People and relations are ids, files are https addresses, a date range is `{"start": .., "end": ..}`. Notion's own property
    /// objects are accepted too. Only in a database; `get_database` returns the available properties.
    properties: Option<Map<String, Value>>,
    /// The page's icon: one emoji, or the https address of a picture.
    icon: Option<String>,
}

impl Action for CreatePage {
    const NAME: &'static str = "create_page";
    const SCOPES: Scopes = NO_SCOPES;
    const EFFECT: Effect = Effect::Create;
    const RECONCILE_BY: Option<ReconcileBy> = Some(ReconcileBy {
        by: "absence of its title under the parent; a row's key, if its database has the key property",
        scopes: &[],
    });

    fn example() -> Value {
        json!({ "title": "Minutes", "content": "# Today\n\n- Decisions", "parent": "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0010" })
    }

    fn check(&self) -> Result<()> {
        rich_text::check_title("title", &self.title)?;
        if let Some(content) = &self.content {
            rich_text::check_markdown("content", content)?;
        }
        if let Some(icon) = &self.icon {
            icon::check(icon)?;
        }
        match &self.properties {
            Some(properties) if properties.contains_key(reconcile::KEY_PROPERTY) => Err(Error::invalid(
                format!("properties.{}", reconcile::KEY_PROPERTY),
                "must be left out: Plugin Engine sets it",
            )),
            // The title property can also be named `title`; given twice, both values must be equal.
            Some(properties)
                if properties.get("title").is_some_and(|title| !(title.is_object() || self.repeats_title(title))) =>
            {
                Err(Error::invalid("properties.title", "must be left out: the field `title` sets the title"))
            }
            _ => Ok(()),
        }
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        let parent = Parent::resolve(api, &self.parent).await?;
        let mut body = self.request_body(api, &parent).map_err(|reason| api.error(Kind::Invalid, reason))?;
        if let Some(content) = self.content.as_ref().filter(|content| !content.trim().is_empty()) {
            body["markdown"] = json!(content);
        }
        if let Some(icon) = &self.icon {
            body["icon"] = icon::to_request(icon);
        }
        // https://developers.notion.com/reference/post-page
        let page: Page = api.post(&["v1", "pages"]).json(&body).send().await?;
        Ok(created_output(page, &parent))
    }

    async fn reconcile(&self, api: &Api<'_>) -> Result<Reconciliation> {
        let parent = Parent::resolve(api, &self.parent).await?;
        let row_match = match &parent {
            Parent::Page(id) => return reconcile::reconcile_child(api, id, |child| child.is_page(&self.title)).await,
            Parent::DataSource(source) => reconcile::find_row(api, source, &self.title).await?,
        };
        Ok(match row_match {
            RowMatch::Exact(page) => Reconciliation::Applied(created_output(*page, &parent)),
            RowMatch::Possible => Reconciliation::Inconclusive,
            RowMatch::NoMatch => Reconciliation::NotApplied,
        })
    }
}

impl CreatePage {
    fn repeats_title(&self, value: &Value) -> bool {
        value.as_str() == Some(self.title.as_str())
    }

    /// Returns the request without its content, or the reason why it cannot be built.
    fn request_body(&self, api: &Api<'_>, parent: &Parent) -> std::result::Result<Value, String> {
        let mut properties = match parent {
            Parent::Page(_) => self.page_properties()?,
            Parent::DataSource(source) => self.row_properties(api, source)?,
        };
        properties.insert(parent.title_property().to_owned(), json!({ "title": rich_text::to_rich_text(&self.title) }));
        Ok(json!({ "parent": parent.to_request(), "properties": properties }))
    }

    fn page_properties(&self) -> std::result::Result<Map<String, Value>, String> {
        let other = |(name, value): &(&String, &Value)| name.as_str() != "title" || !self.repeats_title(value);
        match self.properties.iter().flatten().find(other) {
            Some((name, _)) => Err(format!("a page under a page has only a title, so '{name}' cannot be set")),
            None => Ok(Map::new()),
        }
    }

    fn row_properties(&self, api: &Api<'_>, source: &DataSource) -> std::result::Result<Map<String, Value>, String> {
        let mut values = self.properties.clone().unwrap_or_default();
        values.retain(|name, value| {
            !(["title", source.title_property.as_str()].contains(&name.as_str()) && self.repeats_title(value))
        });
        if values.contains_key(&source.title_property) {
            let title = &source.title_property;
            return Err(format!("'{title}' is the title: set it by the field `title`"));
        }
        let mut properties = properties::to_request(&source.properties, &values)?;
        if reconcile::has_key_property(source) {
            properties.insert(
                reconcile::KEY_PROPERTY.to_owned(),
                json!({ "rich_text": rich_text::to_rich_text(&api.effect_key) }),
            );
        }
        Ok(properties)
    }
}

fn created_output(page: Page, parent: &Parent) -> ActionOutput {
    let (kind, parent) = match parent {
        Parent::Page(id) => ("page", id),
        Parent::DataSource(source) => ("dataSource", &source.id),
    };
    ActionOutput {
        message: "The page was created.".to_owned(),
        data: json!({
            "id": page.id,
            "url": page.url,
            "createdAt": page.created_time,
            "parent": { "type": kind, "id": parent },
        }),
        external_id: Some(page.id),
        link: page.url,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::notion::ADAPTER;
    use crate::adapters::notion::fixtures::{
        DATA_SOURCE_ID, PARENT_ID, database_parent, keyed_database_parent, not_found, page_parent,
    };
    use crate::adapters::testing::{self, EFFECT_KEY, SentRequest};

    #[tokio::test]
    async fn creates_a_page_under_a_page() {
        let content = "# Meeting Notes\n\n## Agenda\n\n- Project updates";
        let context = json!({ "title": "Meeting Notes", "content": content, "parent": PARENT_ID.replace('-', "") });
        let (output, calls) = testing::run(&ADAPTER, "create_page", context, page_parent).await;
        let output = output.unwrap();
        assert_eq!(
            output.data,
            json!({ "id": "p1", "url": "https://www.notion.so/p1", "createdAt": "2026-11-23T10:00:00.000Z",
                "parent": { "type": "page", "id": PARENT_ID } })
        );
        assert_eq!(
            (output.external_id.as_deref(), output.link.as_deref()),
            (Some("p1"), Some("https://www.notion.so/p1"))
        );

        let lines: Vec<_> = calls.iter().map(|sent| sent.line.clone()).collect();
        let tried = ["databases", "data_sources", "pages"].map(|kind| format!("GET /v1/{kind}/{PARENT_ID}"));
        assert_eq!(lines[..3], tried);
        assert_eq!(lines[3], "POST /v1/pages");
        for sent in &calls {
            assert_eq!((sent.header("authorization"), sent.header("notion-version")), ("Bearer token-1", "2026-03-11"));
        }
        assert_eq!(
            calls[3].body,
            json!({ "parent": { "type": "page_id", "page_id": PARENT_ID }, "markdown": content,
                "properties": { "title": { "title": [{ "type": "text", "text": { "content": "Meeting Notes" } }] } } })
        );
    }

    #[tokio::test]
    async fn creates_a_row_of_a_database() {
        let context = json!({ "title": "Ship", "parent": PARENT_ID, "properties": { "Status": { "status": { "name": "Done" } } } });
        let (output, calls) = testing::run(&ADAPTER, "create_page", context, database_parent).await;
        assert_eq!(output.unwrap().data["parent"], json!({ "type": "dataSource", "id": DATA_SOURCE_ID }));
        assert_eq!(calls.len(), 3);
        assert_eq!(
            calls[2].body,
            json!({ "parent": { "type": "data_source_id", "data_source_id": DATA_SOURCE_ID },
                "properties": { "Task": { "title": [{ "type": "text", "text": { "content": "Ship" } }] },
                    "Status": { "status": { "name": "Done" } } } })
        );
    }

    #[tokio::test]
    async fn creates_a_row_with_values_icon_and_key() {
        let context = json!({ "title": "Ship", "parent": PARENT_ID, "icon": "⛵", "properties": { "Due": "2026-12-01", "Task": "Ship" } });
        let (output, calls) =
            testing::run(&ADAPTER, "create_page", context, |sent| keyed_database_parent(sent, &Value::Null)).await;
        output.unwrap();
        let text = |content: &str| json!([{ "type": "text", "text": { "content": content } }]);
        assert_eq!(calls[2].body["icon"], json!({ "type": "emoji", "emoji": "⛵" }));
        assert_eq!(
            calls[2].body["properties"],
            json!({ "Task": { "title": text("Ship") }, "Due": { "date": { "start": "2026-12-01" } },
                "Plugin Engine key": { "rich_text": text(EFFECT_KEY) } })
        );
    }

    #[tokio::test]
    async fn creates_nothing_when_the_parent_is_unresolved() {
        let context = json!({ "title": "Ship", "parent": PARENT_ID });
        let several = |_: &SentRequest| {
            (
                200,
                json!({ "id": PARENT_ID, "data_sources": [{ "id": "a", "name": "Open" }, { "id": "b", "name": "Closed" }] }),
            )
        };
        for (kind, response) in [
            (Kind::NotFound, (|_| not_found()) as fn(&SentRequest) -> (u16, Value)),
            (Kind::Invalid, several),
            (Kind::Transient, |_| (503, Value::Null)),
        ] {
            let (output, calls) = testing::run(&ADAPTER, "create_page", context.clone(), response).await;
            assert_eq!(testing::error_kind(&output), kind);
            assert!(calls.iter().all(|sent| sent.line.starts_with("GET ")));
        }
    }

    #[tokio::test]
    async fn refuses_properties_the_parent_does_not_have() {
        for value in [json!({}), json!("T")] {
            let under_page = json!({ "title": "T", "parent": PARENT_ID, "properties": { "Status": value } });
            let (output, _) = testing::run(&ADAPTER, "create_page", under_page, page_parent).await;
            assert!(output.unwrap_err().to_string().contains("'Status' cannot be set"));
        }
        let titled = json!({ "title": "T", "parent": PARENT_ID, "properties": { "Task": { "title": [] } } });
        let (output, _) = testing::run(&ADAPTER, "create_page", titled, database_parent).await;
        assert!(output.unwrap_err().to_string().contains("'Task' is the title"));
    }

    #[test]
    fn refuses_invalid_fields() {
        let refused = |context| testing::refusal(&ADAPTER, "create_page", context).0;
        assert_eq!(refused(json!({ "parent": PARENT_ID })), "context.title");
        assert_eq!(refused(json!({ "title": "", "parent": PARENT_ID })), "context.title");
        assert_eq!(refused(json!({ "title": "x".repeat(2001), "parent": PARENT_ID })), "context.title");
        assert_eq!(refused(json!({ "title": "T", "parent": "my page" })), "context.parent");
        assert_eq!(refused(json!({ "title": "T", "parent": PARENT_ID, "icon": "rocket" })), "context.icon");
        let key = json!({ "title": "T", "parent": PARENT_ID, "properties": { "Plugin Engine key": "mine" } });
        assert_eq!(refused(key), "context.properties.Plugin Engine key");
        let other = json!({ "title": "T", "parent": PARENT_ID, "properties": { "title": "U" } });
        assert_eq!(refused(other), "context.properties.title");
        let same = json!({ "title": "T", "parent": PARENT_ID, "properties": { "title": "T" } });
        ADAPTER.action("create_page").unwrap().check(&same).unwrap();
    }
}
