//! `get_page_content`: reads a page's content as Markdown.

use super::id::Id;
use super::{NO_SCOPES, block};
use crate::adapters::prelude::*;

/// Read the content of a Notion page, as Markdown. Notion returns only the beginning of a very long page: then `truncated` is
/// true, and each of `unreadBlockIds` can be read like a page. Of a page over 5 MiB only these ids are returned.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct GetPageContent {
    /// The page: its id or a link to it; or one of the `unreadBlockIds` of an earlier call.
    page_id: Id,
}

#[derive(Deserialize)]
struct PageContent {
    id: String,
    markdown: String,
    #[serde(default)]
    truncated: bool,
    #[serde(default)]
    unknown_block_ids: Vec<String>,
}

impl Action for GetPageContent {
    const META: Meta =
        Meta::read("get_page_content", NO_SCOPES).example(r#"{"pageId": "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0010"}"#);
    type Output = Value;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        // https://developers.notion.com/reference/retrieve-page-markdown
        let content = match api.get(&["v1", "pages", self.page_id.as_str(), "markdown"]).send().await {
            Err(error) if error.kind() == Some(Kind::ResponseTooLarge) => self.list_blocks(api, error).await?,
            content => content?,
        };
        Ok(ActionOutput {
            message: if content.truncated { "The page was read in part." } else { "The page was read." }.to_owned(),
            data: json!({
                "id": content.id,
                "content": content.markdown,
                "truncated": content.truncated,
                "unreadBlockIds": content.unknown_block_ids,
            }),
            external_id: Some(content.id),
            link: None,
        })
    }
}

impl GetPageContent {
    /// Returns the ids of the page's blocks in place of its content; the error of a block without others under it.
    async fn list_blocks(&self, api: &Api<'_>, too_large: Error) -> Result<PageContent> {
        let id = self.page_id.as_str();
        let unknown_block_ids = block::content_ids(api, id).await?;
        if unknown_block_ids.is_empty() {
            return Err(too_large);
        }
        Ok(PageContent { id: id.to_owned(), markdown: String::new(), truncated: true, unknown_block_ids })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::notion::ADAPTER;
    use crate::adapters::testing;

    const ID: &str = "1429989f-e8ac-4eff-bc8f-57f56486db54";

    #[tokio::test]
    async fn returns_markdown() {
        let (output, calls) = testing::run(&ADAPTER, "get_page_content", json!({ "pageId": ID }), |_| {
            (
                200,
                json!({ "object": "page_markdown", "id": ID, "markdown": "# Hi", "truncated": true,
                    "unknown_block_ids": ["b1"] }),
            )
        })
        .await;
        assert_eq!(
            output.unwrap().data,
            json!({ "id": ID, "content": "# Hi", "truncated": true, "unreadBlockIds": ["b1"] })
        );
        assert_eq!(calls.len(), 1);
        assert_eq!(calls[0].line, format!("GET /v1/pages/{ID}/markdown"));
    }

    #[test]
    fn refuses_an_invalid_page_id() {
        assert_eq!(testing::refusal(&ADAPTER, "get_page_content", json!({ "pageId": "home" })).0, "context.pageId");
    }
}
