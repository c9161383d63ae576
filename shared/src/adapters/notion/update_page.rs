//! `update_page`: changes a page's title, properties and icon, or replaces its content.

use serde_json::Map;

use super::id::Id;
use super::page::Page;
use super::{NO_SCOPES, icon, properties, rich_text};
use crate::adapters::prelude::*;

/// Change a Notion page: its title, properties, icon or whole content. Fields left out stay unchanged. To add to the content of a
/// page use `append_content`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct UpdatePage {
    /// The page or row: its id or a link to it.
    page_id: Id,
    /// The new title, at most 2,000 characters.
    title: Option<String>,
    /// New values of a row's properties, by name, as plain values: `{"Status": "Done", "Due": "2026-12-01", "Tags": ["a"]}`.
    /// `null` clears a property. People and relations are ids, files are https addresses, a date range is
    /// `{"start": .., "end": ..}`. Notion's own property objects are accepted too.
    properties: Option<Map<String, Value>>,
    /// The new icon: one emoji, or the https address of a picture.
    icon: Option<String>,
    /// Markdown that replaces the whole content. Notion refuses it if that would delete pages or databases on the page.
    #[schemars(extend("x-multiline" = true))]
    content: Option<String>,
}

impl Action for UpdatePage {
    const META: Meta = Meta::idempotent("update_page", NO_SCOPES).example(
        r#"{"pageId": "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0031", "title": "Write the launch plan together",
                 "properties": {"Status": "Done", "Priority": "Low"}, "content": "Done on **Monday**."}"#,
    );
    type Output = Value;

    fn check(&self) -> Result<()> {
        if let Some(title) = &self.title {
            rich_text::check_title("title", title)?;
        }
        if let Some(icon) = &self.icon {
            icon::check(icon)?;
        }
        if let Some(content) = &self.content {
            rich_text::check_markdown("content", content)?;
        }
        if self.title.is_none() && self.properties.is_none() && self.icon.is_none() && self.content.is_none() {
            return Err(Error::invalid("", "must have at least one of title, properties, icon and content"));
        }
        Ok(())
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        let id = self.page_id.as_str();
        // https://developers.notion.com/reference/retrieve-a-page
        let page: Page = api.get(&["v1", "pages", id]).send().await?;
        let body = self.request_body(&page).map_err(|reason| api.error(Kind::Invalid, reason))?;
        let page = if body.is_empty() {
            page
        } else {
            // https://developers.notion.com/reference/patch-page
            let call = api.call(Method::PATCH, &["v1", "pages", id]).json(&body);
            call.step("the title, the properties and the icon were changed").send().await?
        };
        if let Some(content) = &self.content {
            let change = json!({ "type": "replace_content", "replace_content": { "new_str": content } });
            // https://developers.notion.com/reference/update-page-markdown
            let call = api.call(Method::PATCH, &["v1", "pages", id, "markdown"]).json(&change);
            call.step("the content was replaced").send::<Value>().await?;
        }
        Ok(page.into_output("The page was changed."))
    }
}

impl UpdatePage {
    /// Returns the changes beside the content. A page contains the type of each of its properties, so its schema is not read.
    fn request_body(&self, page: &Page) -> std::result::Result<Map<String, Value>, String> {
        let mut properties = match &self.properties {
            Some(values) => properties::to_request(&page.properties, values)?,
            None => Map::new(),
        };
        if let Some(title) = &self.title {
            let name = page.title_property().to_owned();
            if properties.contains_key(&name) {
                return Err(format!("'{name}' is the title: set it by the field `title`"));
            }
            properties.insert(name, json!({ "title": rich_text::to_rich_text(title) }));
        }
        let mut body = Map::new();
        if !properties.is_empty() {
            body.insert("properties".to_owned(), properties.into());
        }
        if let Some(icon) = &self.icon {
            body.insert("icon".to_owned(), icon::to_request(icon));
        }
        Ok(body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::notion::ADAPTER;
    use crate::adapters::testing::{self, SentRequest};
    use crate::error::Outcome;

    const ID: &str = "1429989f-e8ac-4eff-bc8f-57f56486db54";

    fn respond_with_row(_: &SentRequest) -> (u16, Value) {
        (
            200,
            json!({ "object": "page", "id": ID, "url": "https://www.notion.so/p1", "properties": {
                "Task": { "id": "title", "type": "title", "title": [{ "plain_text": "Ship" }] },
                "Due": { "id": "d", "type": "date", "date": null },
                "Sum": { "id": "f", "type": "formula", "formula": { "type": "number", "number": 1 } },
            } }),
        )
    }

    #[tokio::test]
    async fn changes_properties_by_their_type() {
        let context = json!({ "pageId": ID, "title": "Sail", "icon": "⛵", "properties": { "Due": "2026-12-01" } });
        let (output, calls) = testing::run(&ADAPTER, "update_page", context, respond_with_row).await;
        let output = output.unwrap();
        assert_eq!(
            (output.external_id.as_deref(), output.link.as_deref()),
            (Some(ID), Some("https://www.notion.so/p1"))
        );
        assert_eq!(output.data["properties"], json!({ "Task": "Ship", "Due": null, "Sum": 1 }));
        let lines: Vec<_> = calls.iter().map(|sent| sent.line.as_str()).collect();
        assert_eq!(lines, [format!("GET /v1/pages/{ID}"), format!("PATCH /v1/pages/{ID}")]);
        assert_eq!(
            calls[1].body,
            json!({ "icon": { "type": "emoji", "emoji": "⛵" }, "properties": { "Due": { "date": { "start": "2026-12-01" } },
                "Task": { "title": [{ "type": "text", "text": { "content": "Sail" } }] } } })
        );
    }

    #[tokio::test]
    async fn replaces_only_the_content() {
        let (output, calls) =
            testing::run(&ADAPTER, "update_page", json!({ "pageId": ID, "content": "# New" }), respond_with_row).await;
        assert_eq!(output.unwrap().external_id.as_deref(), Some(ID));
        assert_eq!(calls.len(), 2);
        assert_eq!(calls[1].line, format!("PATCH /v1/pages/{ID}/markdown"));
        assert_eq!(calls[1].body, json!({ "type": "replace_content", "replace_content": { "new_str": "# New" } }));
    }

    #[tokio::test]
    async fn refused_content_is_reported_after_the_properties() {
        let context = json!({ "pageId": ID, "title": "Sail", "content": "# New" });
        let (output, calls) = testing::run(&ADAPTER, "update_page", context, |sent| {
            if sent.line.ends_with("/markdown") {
                return (400, json!({ "code": "validation_error", "message": "It would delete pages." }));
            }
            respond_with_row(sent)
        })
        .await;
        let lines: Vec<_> = calls.iter().map(|sent| sent.line.clone()).collect();
        assert_eq!(lines[1..], [format!("PATCH /v1/pages/{ID}"), format!("PATCH /v1/pages/{ID}/markdown")]);
        let error = output.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (Some(Kind::Invalid), Outcome::Partial));
        let done = json!(["the title, the properties and the icon were changed"]);
        assert_eq!(error.data().unwrap()["done"], done);
    }

    #[tokio::test]
    async fn changes_nothing_when_a_property_is_invalid() {
        for (properties, reason) in [
            (json!({ "Sum": 2 }), "properties.Sum: cannot be set"),
            (json!({ "Due": "soon" }), "properties.Due: must be a date"),
            (json!({ "Colour": "red" }), "properties.Colour: the property does not exist"),
            (json!({ "Task": "Sail" }), "'Task' is the title"),
        ] {
            let context = json!({ "pageId": ID, "title": "Sail", "content": "New", "properties": properties });
            let (output, calls) = testing::run(&ADAPTER, "update_page", context, respond_with_row).await;
            assert_eq!(testing::error_kind(&output), Kind::Invalid);
            assert!(output.unwrap_err().to_string().contains(reason), "{reason}");
            assert_eq!(calls.len(), 1);
        }
    }

    #[tokio::test]
    async fn lost_response_can_be_repeated() {
        let (output, _) = testing::run(&ADAPTER, "update_page", json!({ "pageId": ID, "icon": "⛵" }), |sent| {
            if sent.line.starts_with("GET") { respond_with_row(sent) } else { (500, Value::Null) }
        })
        .await;
        assert_eq!(testing::error_kind(&output), Kind::Repeatable);
    }

    #[test]
    fn refuses_invalid_fields() {
        let refused = |context| testing::refusal(&ADAPTER, "update_page", context).0;
        assert_eq!(refused(json!({ "title": "T" })), "context.pageId");
        assert_eq!(refused(json!({ "pageId": ID })), "context");
        assert_eq!(refused(json!({ "pageId": ID, "title": " ", "content": "\n" })), "context");
        assert_eq!(refused(json!({ "pageId": ID, "icon": "boat" })), "context.icon");
        assert_eq!(refused(json!({ "pageId": ID, "properties": ["x"] })), "context.properties");
    }
}
