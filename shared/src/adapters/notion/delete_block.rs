//! `delete_block`: moves a block to the trash.

use super::NO_SCOPES;
use super::block::{self, CHILD_KINDS, Nested};
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
    /// True to move the pages and databases under the block to the trash too.
    #[serde(default)]
    #[schemars(extend("x-tier" = "all"))]
    allow_deleting_content: bool,
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
        if block["has_children"] == true && !self.allow_deleting_content {
            self.check_nested(api).await?;
        }
        // https://developers.notion.com/reference/delete-a-block
        let block: Value = api.call(Method::DELETE, &["v1", "blocks", id]).send().await?;
        Ok(BlockData::of(&block).unwrap_or_else(|| BlockData::trashed(id)))
    }

    /// Refuses a block with a page or a database under it, which moves to the trash with the block.
    async fn check_nested(&self, api: &Api<'_>) -> Result<()> {
        let reason = match block::read_nested(api, self.block_id.as_str()).await? {
            Nested::Content => return Ok(()),
            Nested::Object(title) => format!("the page or the database \"{title}\" is under the block"),
            Nested::Unread => "the block has too many blocks under it to look for pages and databases".to_owned(),
        };
        let remedy = "move what stays to another place, or set `allowDeletingContent`";
        Err(api.error(Kind::Invalid, format!("{reason}: {remedy}")))
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
    async fn a_page_under_the_block_is_removed_only_on_demand() {
        let under =
            |kind: &str, id: &str| json!({ "id": id, "type": kind, "has_children": true, kind: { "title": "Plan" } });
        let respond = |nested: Value, sent: &SentRequest| match sent.line.ends_with("/children") {
            true => (200, json!({ "results": [nested], "has_more": false, "next_cursor": null })),
            false => {
                let (status, mut toggle) = block("toggle", sent.line.starts_with("DELETE"));
                toggle["has_children"] = json!(true);
                (status, toggle)
            }
        };
        let page = move |sent: &SentRequest| {
            respond(if sent.line.contains("/c1/") { under("child_page", "p1") } else { under("column", "c1") }, sent)
        };
        let endless = move |sent: &SentRequest| respond(under("toggle", "t1"), sent);
        let context = json!({ "blockId": ID });
        let (output, calls) = testing::run(&ADAPTER, "delete_block", context.clone(), page).await;
        assert_eq!(testing::error_kind(&output), Kind::Invalid);
        assert!(output.unwrap_err().to_string().contains("\"Plan\" is under the block"));
        assert!(calls.iter().all(|sent| sent.line.starts_with("GET ")));
        let (output, calls) = testing::run(&ADAPTER, "delete_block", context, endless).await;
        assert!(output.unwrap_err().to_string().contains("too many blocks"));
        assert!(calls.iter().all(|sent| sent.line.starts_with("GET ")));
        let allowed = json!({ "blockId": ID, "allowDeletingContent": true });
        let (output, calls) = testing::run(&ADAPTER, "delete_block", allowed, page).await;
        assert_eq!((output.unwrap().external_id.as_deref(), calls.len()), (Some(ID), 2));
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
