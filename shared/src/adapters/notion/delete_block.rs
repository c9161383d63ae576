//! `delete_block`: moves a block to the trash.

use super::NO_SCOPES;
use super::block::CHILD_KINDS;
use super::block_data::BlockData;
use super::place::Place;
use crate::adapters::prelude::*;

/// Move a block of a Notion page to the trash, with the blocks under it. A page or a database is no block here: `notion_archive_page` moves
/// a page to the trash.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct DeleteBlock {
    /// The block, as `notion_list_blocks` returns it: its id or a link to it.
    block_id: Place,
}

impl Action for DeleteBlock {
    const META: Meta = Meta::idempotent("delete_block", NO_SCOPES)
        .overwrites("the block, with the blocks under it, which moves to the trash")
        .example(r#"{"blockId": "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0041"}"#);
    type Output = BlockData;

    async fn targets(&self, _api: &Api<'_>) -> Result<Vec<Target>> {
        Ok(vec![self.block_id.to_block()])
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<BlockData>> {
        match self.delete(api).await {
            Err(error) if api.was_deleted_before(&error) => Ok(BlockData::trashed(self.block_id.as_str())),
            block => block,
        }
        .map(|block| block.into_output("The block was moved to the trash."))
    }
}

impl DeleteBlock {
    async fn delete(&self, api: &Api<'_>) -> Result<BlockData> {
        let id = self.block_id.as_str();
        // https://developers.notion.com/reference/retrieve-a-block
        let block: Value = api.get(&["v1", "blocks", id]).exact().send().await?;
        if block["type"].as_str().is_some_and(|kind| CHILD_KINDS.contains(&kind)) {
            let reason = "the block is a page or a database of its own: notion_archive_page moves a page to the trash";
            return Err(api.error(Kind::Invalid, reason));
        }
        if block["in_trash"] == true {
            return Ok(BlockData::of(&block).unwrap_or_else(|| BlockData::trashed(id)));
        }
        // https://developers.notion.com/reference/delete-a-block
        let block: Value = api.call(Method::DELETE, &["v1", "blocks", id]).send().await?;
        Ok(BlockData::of(&block).unwrap_or_else(|| BlockData::trashed(id)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::notion::ADAPTER;
    use crate::adapters::testing::{self, ActionHarness, SentRequest};

    const ID: &str = "1429989f-e8ac-4eff-bc8f-57f56486db54";

    fn block(kind: &str, in_trash: bool) -> (u16, Value) {
        (200, json!({ "object": "block", "id": ID, "type": kind, "in_trash": in_trash, kind: { "rich_text": [] } }))
    }

    #[tokio::test]
    async fn moves_a_block_to_the_trash() {
        let provider = |sent: &SentRequest| block("quote", sent.line.starts_with("DELETE"));
        let (output, calls) = testing::run(&ADAPTER, "delete_block", json!({ "blockId": ID }), provider).await;
        let output = output.unwrap();
        assert_eq!((output.external_id.as_deref(), &output.data["inTrash"]), (Some(ID), &json!(true)));
        assert_eq!(calls[1].line, format!("DELETE /v1/blocks/{ID}"));
        let (output, calls) =
            testing::run(&ADAPTER, "delete_block", json!({ "blockId": ID }), |_| block("quote", true)).await;
        assert_eq!((output.unwrap().external_id.as_deref(), calls.len()), (Some(ID), 1), "it was there");
    }

    #[tokio::test]
    async fn pages_and_databases_are_refused() {
        for kind in CHILD_KINDS {
            let (output, calls) =
                testing::run(&ADAPTER, "delete_block", json!({ "blockId": ID }), move |_| block(kind, false)).await;
            assert_eq!((testing::error_kind(&output), calls.len()), (Kind::Invalid, 1));
        }
    }

    #[tokio::test]
    async fn a_missing_block_was_deleted_only_if_there_was_an_earlier_attempt() {
        let missing = |_: &SentRequest| Ok((404, json!({ "code": "object_not_found", "message": "No." })));
        let harness = ActionHarness::new(&ADAPTER, missing);
        let action = ADAPTER.action("delete_block").unwrap();
        for is_retry in [false, true] {
            let api = Api { is_retry, ..harness.api(action, None) };
            assert_eq!(action.run(&api, &json!({ "blockId": ID })).await.is_ok(), is_retry);
        }
    }
}
