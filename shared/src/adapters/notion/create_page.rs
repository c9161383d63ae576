//! `create_page`: creates a page under a page, or as a row of a database.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::NO_SCOPES;
use super::parent::{Parent, ParentRef};
use crate::adapters::action::{Action, Done, Effect, Scopes};
use crate::adapters::api::Api;
use crate::error::{Error, Kind, Result};
use crate::ids::check_text;

/// <https://developers.notion.com/reference/request-limits>: characters of one rich text, and bytes of one request.
const MAX_TITLE_CHARACTERS: usize = 2000;
const MAX_PAYLOAD_BYTES: usize = 500_000;

/// Create a page in Notion: under another page, or as a row of a database.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CreatePage {
    /// The page's title, at most 2,000 characters.
    title: String,
    /// What the page contains, as Markdown: headings, lists, to-dos, tables, code, quotes.
    content: Option<String>,
    /// The page or the database to create it in: its id or a link to it. It must be shared with the connection.
    parent: ParentRef,
    /// Further properties of a row, by name, each as Notion's property object:
    /// `{"Status": {"status": {"name": "Done"}}}`. Only in a database.
    properties: Option<Map<String, Value>>,
}

#[derive(Deserialize)]
struct Page {
    id: String,
    url: Option<String>,
    created_time: Option<String>,
}

impl Action for CreatePage {
    const NAME: &'static str = "create_page";
    const SCOPES: Scopes = NO_SCOPES;
    const EFFECT: Effect = Effect::Create;

    fn check(&self) -> Result<()> {
        check_text("title", &self.title, MAX_PAYLOAD_BYTES)?;
        // Notion does not say what a character is to it; UTF-16, as in its own client, is the stricter reading.
        if self.title.encode_utf16().count() > MAX_TITLE_CHARACTERS {
            return Err(Error::invalid("title", format!("must be at most {MAX_TITLE_CHARACTERS} characters")));
        }
        if self.content.as_ref().is_some_and(|content| content.len() > MAX_PAYLOAD_BYTES) {
            return Err(Error::invalid("content", format!("must be at most {MAX_PAYLOAD_BYTES} bytes")));
        }
        self.parent.check()?;
        self.properties.iter().flatten().try_for_each(|(name, value)| self.check_property(name, value))
    }

    async fn run(&self, api: &Api<'_>) -> Result<Done> {
        let parent = self.parent.resolve(api).await?;
        let mut body = self.body(&parent).map_err(|reason| api.error(Kind::Invalid, reason))?;
        if let Some(content) = self.content.as_ref().filter(|content| !content.trim().is_empty()) {
            body["markdown"] = json!(content);
        }
        // https://developers.notion.com/reference/post-page
        let page: Page = api.post(&["v1", "pages"]).json(&body).send().await?;
        let (kind, parent) = match parent {
            Parent::Page { id } => ("page", id),
            Parent::DataSource { id, .. } => ("dataSource", id),
        };
        Ok(Done {
            message: "The page was created.".to_owned(),
            data: json!({
                "id": page.id,
                "url": page.url,
                "createdAt": page.created_time,
                "parent": { "type": kind, "id": parent },
            }),
            external_id: Some(page.id),
            link: page.url,
        })
    }
}

impl CreatePage {
    fn check_property(&self, name: &str, value: &Value) -> Result<()> {
        // The title is known to people as a plain string; said twice, it must be the same.
        let repeats_title = name == "title" && value.as_str() == Some(self.title.as_str());
        if value.is_object() || repeats_title {
            return Ok(());
        }
        let reason =
            "must be Notion's property object, such as {\"select\": {\"name\": \"High\"}}; plain values are not taken";
        Err(Error::invalid(format!("properties.{name}"), reason))
    }

    /// The request without its content, or why there can be none.
    fn body(&self, parent: &Parent) -> std::result::Result<Value, String> {
        let (parent, title_name) = match parent {
            Parent::Page { id } => (json!({ "type": "page_id", "page_id": id }), "title"),
            Parent::DataSource { id, title } => {
                (json!({ "type": "data_source_id", "data_source_id": id }), title.as_str())
            }
        };
        let under_page = parent["type"] == "page_id";
        let title = json!({ "title": [{ "type": "text", "text": { "content": self.title } }] });
        let mut properties = Map::from_iter([(title_name.to_owned(), title)]);
        for (name, value) in self.properties.iter().flatten().filter(|(_, value)| value.is_object()) {
            if under_page {
                return Err(format!("a page under a page has no property but its title, so '{name}' cannot be set"));
            }
            if properties.insert(name.clone(), value.clone()).is_some() {
                return Err(format!("'{name}' is the title: it is set by `title`, leave it out of `properties`"));
            }
        }
        Ok(json!({ "parent": parent, "properties": properties }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::notion::ADAPTER;
    use crate::adapters::testing::{self, Sent};

    const ID: &str = "1429989f-e8ac-4eff-bc8f-57f56486db54";
    const SOURCE: &str = "00000000-0000-0000-0000-000000000001";

    fn missing() -> (u16, Value) {
        (404, json!({ "object": "error", "status": 404, "code": "object_not_found", "message": "Could not find it." }))
    }

    fn created() -> (u16, Value) {
        (
            200,
            json!({ "object": "page", "id": "p1", "url": "https://www.notion.so/p1",
            "created_time": "2026-11-23T10:00:00.000Z" }),
        )
    }

    fn source() -> (u16, Value) {
        (
            200,
            json!({ "object": "data_source", "id": SOURCE,
            "properties": { "Status": { "type": "status" }, "Task": { "id": "title", "type": "title" } } }),
        )
    }

    fn page_world(sent: &Sent) -> (u16, Value) {
        match sent.line.as_str() {
            "POST /v1/pages" => created(),
            line if line.starts_with("GET /v1/pages/") => (200, json!({ "object": "page", "id": ID })),
            _ => missing(),
        }
    }

    fn database_world(sent: &Sent) -> (u16, Value) {
        match sent.line.as_str() {
            "POST /v1/pages" => created(),
            line if line.starts_with("GET /v1/databases/") => {
                (200, json!({ "object": "database", "id": ID, "data_sources": [{ "id": SOURCE, "name": "Tasks" }] }))
            }
            _ => source(),
        }
    }

    #[tokio::test]
    async fn creates_a_page_under_a_page() {
        let content = "# Meeting Notes\n\n## Agenda\n\n- Project updates";
        let context = json!({ "title": "Meeting Notes", "content": content, "parent": ID.replace('-', "") });
        let (done, calls) = testing::run(&ADAPTER, "create_page", context, page_world).await;
        let done = done.unwrap();
        assert_eq!(
            done.data,
            json!({ "id": "p1", "url": "https://www.notion.so/p1", "createdAt": "2026-11-23T10:00:00.000Z",
                "parent": { "type": "page", "id": ID } })
        );
        assert_eq!((done.external_id.as_deref(), done.link.as_deref()), (Some("p1"), Some("https://www.notion.so/p1")));

        let lines: Vec<_> = calls.iter().map(|sent| sent.line.clone()).collect();
        let tried = ["databases", "data_sources", "pages"].map(|kind| format!("GET /v1/{kind}/{ID}"));
        assert_eq!(lines[..3], tried);
        assert_eq!(lines[3], "POST /v1/pages");
        for sent in &calls {
            assert_eq!((sent.header("authorization"), sent.header("notion-version")), ("Bearer token-1", "2026-03-11"));
        }
        assert_eq!(
            calls[3].body,
            json!({ "parent": { "type": "page_id", "page_id": ID }, "markdown": content,
                "properties": { "title": { "title": [{ "type": "text", "text": { "content": "Meeting Notes" } }] } } })
        );
    }

    #[tokio::test]
    async fn creates_a_row_of_a_database() {
        let context =
            json!({ "title": "Ship", "parent": ID, "properties": { "Status": { "status": { "name": "Done" } } } });
        let (done, calls) = testing::run(&ADAPTER, "create_page", context, database_world).await;
        assert_eq!(done.unwrap().data["parent"], json!({ "type": "dataSource", "id": SOURCE }));
        assert_eq!(calls.len(), 3);
        assert_eq!(
            calls[2].body,
            json!({ "parent": { "type": "data_source_id", "data_source_id": SOURCE },
                "properties": { "Task": { "title": [{ "type": "text", "text": { "content": "Ship" } }] },
                    "Status": { "status": { "name": "Done" } } } })
        );
    }

    #[tokio::test]
    async fn no_page_is_written_when_the_parent_is_unclear() {
        let context = json!({ "title": "Ship", "parent": ID });
        let several = |_: &Sent| {
            (200, json!({ "data_sources": [{ "id": "a", "name": "Open" }, { "id": "b", "name": "Closed" }] }))
        };
        for (kind, answer) in [
            (Kind::NotFound, (|_| missing()) as fn(&Sent) -> (u16, Value)),
            (Kind::Invalid, several),
            (Kind::Transient, |_| (503, Value::Null)),
        ] {
            let (done, calls) = testing::run(&ADAPTER, "create_page", context.clone(), answer).await;
            assert_eq!(testing::kind(&done), kind);
            assert!(calls.iter().all(|sent| sent.line.starts_with("GET ")));
        }
    }

    #[tokio::test]
    async fn properties_that_do_not_fit_the_parent() {
        let under_page = json!({ "title": "T", "parent": ID, "properties": { "Status": {} } });
        let (done, _) = testing::run(&ADAPTER, "create_page", under_page, page_world).await;
        assert!(done.unwrap_err().to_string().contains("'Status' cannot be set"));
        let titled = json!({ "title": "T", "parent": ID, "properties": { "Task": { "title": [] } } });
        let (done, _) = testing::run(&ADAPTER, "create_page", titled, database_world).await;
        assert!(done.unwrap_err().to_string().contains("'Task' is the title"));
    }

    #[test]
    fn refuses_what_is_no_page() {
        let refused = |context| testing::refusal(&ADAPTER, "create_page", context).0;
        assert_eq!(refused(json!({ "parent": ID })), "context.title");
        assert_eq!(refused(json!({ "title": "", "parent": ID })), "context.title");
        assert_eq!(refused(json!({ "title": "x".repeat(2001), "parent": ID })), "context.title");
        assert_eq!(refused(json!({ "title": "T", "parent": "my page" })), "context.parent");
        let plain = json!({ "title": "T", "parent": ID, "properties": { "Status": "Done" } });
        assert_eq!(refused(plain), "context.properties.Status");
        let other = json!({ "title": "T", "parent": ID, "properties": { "title": "U" } });
        assert_eq!(refused(other), "context.properties.title");
        let same = json!({ "title": "T", "parent": ID, "properties": { "title": "T" } });
        ADAPTER.action("create_page").unwrap().check(&same).unwrap();
    }
}
