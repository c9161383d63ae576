//! `list_files`: lists the files on a page.

use super::NO_SCOPES;
use super::file_block::FileBlock;
use super::list::{self, PageLimit};
use super::place::Place;
use crate::adapters::prelude::*;

/// List the files on a Notion page, or under a block: pictures, PDFs, videos, sounds and others.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListFiles {
    /// The page, or a block on it: its id or a link to it.
    page_id: Place,
    /// Number of blocks to read. Only those with a file are returned, so a page with a `cursor` can have fewer, or none.
    #[serde(default)]
    limit: PageLimit,
    /// The `cursor` of the previous page.
    cursor: Option<Cursor>,
}

impl Action for ListFiles {
    const META: Meta =
        Meta::read("list_files", NO_SCOPES).example(r#"{"pageId": "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0031"}"#);
    type Output = List<FileBlock>;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<List<FileBlock>>> {
        // https://developers.notion.com/reference/get-block-children
        let call = api.get(&["v1", "blocks", self.page_id.as_str(), "children"]);
        let blocks = list::requested_get::<Value>(api, call, self.limit, self.cursor.as_ref()).await?;
        Ok(blocks.into_output(|block| FileBlock::read(&block)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::notion::ADAPTER;
    use crate::adapters::testing;

    const ID: &str = "1429989f-e8ac-4eff-bc8f-57f56486db54";

    #[tokio::test]
    async fn returns_the_blocks_with_files() {
        let (output, calls) = testing::run(&ADAPTER, "list_files", json!({ "pageId": ID }), |_| {
            let url = "https://prod-files-secure.s3.us-west-2.amazonaws.com/1/2/Z%C3%BCrich.png?X-Amz-Expires=3600";
            let picture = json!({ "id": "b1", "type": "image", "image": { "type": "file", "file": { "url": url },
                "caption": [{ "plain_text": "The lake" }] } });
            let text = json!({ "id": "b2", "type": "paragraph", "paragraph": { "rich_text": [] } });
            let video = json!({ "id": "b3", "type": "video", "video": { "type": "external",
                "external": { "url": "https://example.com/film" } } });
            let file = json!({ "id": "b4", "type": "file", "file": { "type": "file", "file": { "url": url }, "name": "a.zip" } });
            (200, json!({ "results": [picture, text, video, file], "has_more": true, "next_cursor": "c2" }))
        })
        .await;
        assert_eq!(
            output.unwrap().data,
            json!({ "files": [
                { "id": "b1", "type": "image", "filename": "Zürich.png", "caption": "The lake" },
                { "id": "b3", "type": "video", "filename": "film", "link": "https://example.com/film" },
                { "id": "b4", "type": "file", "filename": "a.zip" },
            ], "cursor": "c2" })
        );
        assert_eq!(
            (calls[0].line.as_str(), calls[0].parameter("page_size")),
            (format!("GET /v1/blocks/{ID}/children").as_str(), "25")
        );
    }
}
