//! `get_block`: reads a block.

use super::NO_SCOPES;
use super::block_data::BlockData;
use super::place::Place;
use crate::adapters::prelude::*;

/// Read a block of a Notion page: its type, text and marks. `notion_list_blocks` reads the blocks under it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct GetBlock {
    /// The block: its id or a link to it.
    block_id: Place,
}

impl Action for GetBlock {
    const META: Meta =
        Meta::read("get_block", NO_SCOPES).example(r#"{"blockId": "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0041"}"#);
    type Output = BlockData;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<BlockData>> {
        // https://developers.notion.com/reference/retrieve-a-block
        let block: Value = api.get(&["v1", "blocks", self.block_id.as_str()]).send().await?;
        let block = BlockData::of(&block);
        let block = block.ok_or_else(|| api.error(Kind::Transient, "unexpected response: a block without an id"))?;
        Ok(block.into_output("The block was read."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::notion::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn reads_the_block_that_a_link_names() {
        let link = "https://www.notion.so/Plan-1429989fe8ac4effbc8f57f56486db54#b3e87b2b5e114cbd99f96288c22bacce";
        let (output, calls) = testing::run(&ADAPTER, "get_block", json!({ "blockId": link }), |_| {
            let words = json!([{ "type": "text", "plain_text": "Ship", "annotations": { "italic": true } }]);
            (200, json!({ "object": "block", "id": "b1", "type": "quote", "has_children": false, "in_trash": false,
                "parent": { "type": "page_id", "page_id": "p1" }, "quote": { "rich_text": words, "color": "default" } }))
        })
        .await;
        let output = output.unwrap();
        assert_eq!(output.external_id.as_deref(), Some("b1"));
        assert_eq!(
            output.data,
            json!({ "id": "b1", "type": "quote", "text": "*Ship*", "parent": { "type": "page", "id": "p1" },
                "hasChildren": false, "inTrash": false })
        );
        assert_eq!(calls[0].line, "GET /v1/blocks/b3e87b2b-5e11-4cbd-99f9-6288c22bacce");
    }
}
