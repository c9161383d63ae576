//! `get_page`: reads a page's title and properties.

use super::id::Id;
use super::page::{Page, PageData};
use super::{NO_SCOPES, whole_property};
use crate::adapters::prelude::*;

/// Read a Notion page's title, properties and parent, without its content: use `notion_get_page_content` for that.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct GetPage {
    /// The page: its id or a link to it.
    page_id: Id,
}

impl Action for GetPage {
    const META: Meta = Meta::read("get_page", NO_SCOPES)
        .core()
        .smaller_request("of a row, notion_query_database returns only the properties that it is asked for")
        .example(r#"{"pageId": "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0031"}"#);
    type Output = PageData;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<PageData>> {
        // https://developers.notion.com/reference/retrieve-a-page
        let mut page: Page = api.get(&["v1", "pages", self.page_id.as_str()]).send().await?;
        let still_cut = whole_property::complete(api, &mut page).await?;
        Ok(page.into_whole_output("The page was read.", still_cut))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::notion::ADAPTER;
    use crate::adapters::testing;

    const ID: &str = "1429989f-e8ac-4eff-bc8f-57f56486db54";

    #[tokio::test]
    async fn returns_properties_as_plain_values() {
        let context = json!({ "pageId": format!("https://www.notion.so/Ship-{}", ID.replace('-', "")) });
        let (output, calls) = testing::run(&ADAPTER, "get_page", context, |_| {
            (
                200,
                json!({ "object": "page", "id": ID, "url": "https://www.notion.so/p1", "in_trash": false,
                    "icon": { "type": "emoji", "emoji": "🚀" },
                    "parent": { "type": "data_source_id", "data_source_id": "s1", "database_id": "d1" },
                    "created_time": "2026-11-23T10:00:00.000Z", "last_edited_time": "2026-11-23T10:01:00.000Z",
                    "created_by": { "object": "user", "id": "u1" }, "last_edited_by": { "object": "user", "id": "u2" },
                    "properties": {
                        "Task": { "id": "title", "type": "title", "title": [{ "plain_text": "Ship" }, { "plain_text": " it" }] },
                        "Status": { "id": "s", "type": "status", "status": { "id": "1", "name": "Done", "color": "green" } },
                    } }),
            )
        })
        .await;
        let output = output.unwrap();
        assert_eq!(
            output.data,
            json!({ "id": ID, "title": "Ship it", "link": "https://www.notion.so/p1", "icon": "🚀", "inTrash": false,
                "parent": { "type": "dataSource", "id": "s1" }, "createdAt": "2026-11-23T10:00:00.000Z", "createdBy": { "id": "u1" },
                "updatedAt": "2026-11-23T10:01:00.000Z", "updatedBy": { "id": "u2" },
                "properties": { "Task": "Ship it", "Status": "Done" } })
        );
        assert_eq!(
            (output.external_id.as_deref(), output.link.as_deref()),
            (Some(ID), Some("https://www.notion.so/p1"))
        );
        assert_eq!(calls.len(), 1);
        assert_eq!((calls[0].line.as_str(), &calls[0].body), (format!("GET /v1/pages/{ID}").as_str(), &Value::Null));
        assert_eq!(
            (calls[0].header("authorization"), calls[0].header("notion-version")),
            ("Bearer xoxp-token-1", "2026-03-11")
        );
    }

    #[tokio::test]
    async fn unshared_page_is_not_found() {
        let not_found = json!({ "object": "error", "status": 404, "code": "object_not_found", "message": "No." });
        let response = move |_: &testing::SentRequest| (404, not_found.clone());
        let (output, _) = testing::run(&ADAPTER, "get_page", json!({ "pageId": ID }), response).await;
        assert_eq!(testing::error_kind(&output), Kind::NotFound);
    }
}
