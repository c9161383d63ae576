//! `get_page_content`: reads a page's content as Markdown.

use super::dialect::Dialect;
use super::place::Place;
use super::{NO_SCOPES, block, markdown};
use crate::adapters::prelude::*;

/// Read the content of a Notion page, as Markdown. Of a very long page Notion returns only the beginning: `truncated` is true then, and
/// each of `unreadBlockIds` can be read like a page. Of a page over 5 MiB only these ids are returned.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct GetPageContent {
    /// The page: its id or a link to it; or one of the `unreadBlockIds` of an earlier call.
    page_id: Place,
    /// The dialect of the content: `markdown`, or `notion` with Notion's tags.
    #[serde(default)]
    #[schemars(extend("x-tier" = "all"))]
    format: Dialect,
}

/// The content of a page as Notion returns it; serialized, it is our output.
#[skip_serializing_none]
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(serialize = "camelCase"))]
pub(super) struct PageContent {
    /// The id of the page.
    id: String,
    /// The content, as Markdown.
    #[serde(rename(serialize = "content"))]
    markdown: Option<String>,
    /// True if a part of the content is missing.
    truncated: Option<bool>,
    /// The ids of the blocks that are missing.
    #[serde(default, rename(serialize = "unreadBlockIds"))]
    unknown_block_ids: Vec<String>,
}

impl Action for GetPageContent {
    const META: Meta = Meta::read("get_page_content", NO_SCOPES)
        .core()
        .example(r#"{"pageId": "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0010"}"#);
    type Output = PageContent;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<PageContent>> {
        // https://developers.notion.com/reference/retrieve-page-markdown
        let call = api.get(&["v1", "pages", self.page_id.as_str(), "markdown"]);
        let mut content: PageContent = match call.query("markdown_version", markdown::VERSION).send().await {
            Err(error) if error.kind() == Some(Kind::ResponseTooLarge) => self.list_blocks(api, error).await?,
            content => content?,
        };
        content.markdown = content.markdown.map(|content| self.format.read(&content));
        Ok(content.into_output())
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
        Ok(PageContent { id: id.to_owned(), markdown: None, truncated: Some(true), unknown_block_ids })
    }
}

impl PageContent {
    fn into_output(self) -> ActionOutput<Self> {
        let is_part = self.truncated == Some(true) || self.markdown.is_none();
        let message = if is_part { "The page was read in part." } else { "The page was read." };
        let (id, truncated) = (self.id.clone(), if is_part { Some(true) } else { self.truncated });
        ActionOutput::new(message, Self { truncated, ..self }).with_id(id)
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
        assert_eq!(calls[0].parameter("markdown_version"), "v2");
    }

    #[tokio::test]
    async fn returns_commonmark_or_notions_dialect() {
        let notion = "<quote>\nOne\n\n- two\n</quote>\n\n<unknown url=\"https://www.notion.so/b1\" alt=\"form\"/>";
        let commonmark = "> One\n>\n> - two\n\n[form](https://www.notion.so/b1)";
        for (format, content) in [(json!("markdown"), commonmark), (json!("notion"), notion)] {
            let context = json!({ "pageId": ID, "format": format });
            let page = move |_: &_| (200, json!({ "object": "page_markdown", "id": ID, "markdown": notion }));
            let (output, _) = testing::run(&ADAPTER, "get_page_content", context, page).await;
            assert_eq!(output.unwrap().data["content"], content);
        }
    }
}
