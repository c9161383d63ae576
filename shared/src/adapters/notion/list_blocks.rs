//! `list_blocks`: lists the blocks of a page or under a block.

use super::NO_SCOPES;
use super::block::CHILD_KINDS;
use super::block_data::BlockData;
use super::list::{self, MAX_LIMIT, PageLimit, Results};
use super::place::Place;
use crate::adapters::prelude::*;

/// Maximum number of blocks whose nested blocks are read.
const MAX_NESTED_READS: usize = 50;

/// List the blocks of a Notion page or under a block, in order, with the ids that `notion_update_block`, `notion_delete_block` and comments
/// take. `notion_get_page_content` reads the same as one text.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListBlocks {
    /// The page, or a block on it: its id or a link to it.
    page_id: Place,
    /// True to list the blocks under each block too, behind it and with their `depth`.
    #[serde(default)]
    nested: bool,
    /// Number of blocks to return, without nested ones.
    #[serde(default)]
    limit: PageLimit,
    /// The `cursor` of the previous page.
    cursor: Option<Cursor>,
}

impl Action for ListBlocks {
    const META: Meta =
        Meta::read("list_blocks", NO_SCOPES).example(r#"{"pageId": "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0010"}"#);
    type Output = List<BlockData>;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<List<BlockData>>> {
        // https://developers.notion.com/reference/get-block-children
        let call = api.get(&["v1", "blocks", self.page_id.as_str(), "children"]);
        let blocks = list::requested_get::<Value>(api, call, self.limit, self.cursor.as_ref()).await?;
        if !self.nested {
            return Ok(blocks.into_output(|block| BlockData::of(&block)));
        }
        let cursor = blocks.cursor().map(str::to_owned);
        let (listed, is_whole) = read_nested(api, blocks.results).await?;
        let mut output = List::of(listed, cursor);
        if !is_whole {
            output
                .message
                .push_str(" Blocks under some of them were not read: list those by the id of the block above.");
        }
        Ok(output)
    }
}

/// Returns blocks with those under them, in order; and false if there are too many to read.
async fn read_nested(api: &Api<'_>, blocks: Vec<Value>) -> Result<(Vec<BlockData>, bool)> {
    let mut unlisted: Vec<(Value, u32)> = blocks.into_iter().rev().map(|block| (block, 0)).collect();
    let (mut listed, mut reads, mut is_whole) = (vec![], 0, true);
    while let Some((block, depth)) = unlisted.pop() {
        listed.extend(BlockData::of(&block).map(|block| block.at_depth(depth)));
        // The blocks under a page or a database are its own.
        let is_child = block["type"].as_str().is_some_and(|kind| CHILD_KINDS.contains(&kind));
        let Some(id) = block["id"].as_str().filter(|_| block["has_children"] == true && !is_child) else { continue };
        let (mut cursor, mut children): (Option<String>, Vec<Value>) = (None, vec![]);
        loop {
            if reads == MAX_NESTED_READS {
                is_whole = false;
                break;
            }
            reads += 1;
            // https://developers.notion.com/reference/get-block-children
            let call = api.get(&["v1", "blocks", id, "children"]);
            let (mut page, _): (Results<Value>, u32) = list::read_get(api, call, MAX_LIMIT, cursor.as_deref()).await?;
            children.append(&mut page.results);
            match page.cursor() {
                Some(next) => cursor = Some(next.to_owned()),
                None => break,
            }
        }
        unlisted.extend(children.into_iter().rev().map(|child| (child, depth + 1)));
    }
    Ok((listed, is_whole))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::notion::ADAPTER;
    use crate::adapters::testing::{self, SentRequest};

    const ID: &str = "1429989f-e8ac-4eff-bc8f-57f56486db54";

    fn block(id: &str, kind: &str, has_children: bool) -> Value {
        json!({ "id": id, "type": kind, "has_children": has_children, kind: { "rich_text": [{ "plain_text": id }] } })
    }

    fn tree(sent: &SentRequest) -> (u16, Value) {
        let (blocks, next): (Vec<Value>, _) = match (sent.line.as_str(), sent.parameter("start_cursor")) {
            ("GET /v1/blocks/a/children", "") => (vec![block("a1", "to_do", false)], Some("c2")),
            ("GET /v1/blocks/a/children", _) => (vec![block("a2", "toggle", true)], None),
            ("GET /v1/blocks/a2/children", _) => (vec![block("a21", "quote", false)], None),
            (line, _) if line.contains(ID) => {
                (vec![block("a", "bulleted_list_item", true), block("p", "child_page", true)], Some("next"))
            }
            (line, _) => panic!("{line}"),
        };
        (200, json!({ "results": blocks, "has_more": next.is_some(), "next_cursor": next }))
    }

    #[tokio::test]
    async fn nested_blocks_are_behind_the_one_above_them() {
        for (nested, expected, reads) in [
            (false, json!([["a", null], ["p", null]]), 1),
            (true, json!([["a", 0], ["a1", 1], ["a2", 1], ["a21", 2], ["p", 0]]), 4),
        ] {
            let context = json!({ "pageId": ID, "nested": nested, "limit": 2 });
            let (output, calls) = testing::run(&ADAPTER, "list_blocks", context, tree).await;
            let data = output.unwrap().data;
            let blocks = data["blocks"].as_array().unwrap();
            let shown: Value = blocks.iter().map(|block| json!([block["id"], block["depth"]])).collect();
            assert_eq!((shown, &data["cursor"], calls.len()), (expected, &json!("next"), reads));
            assert_eq!(calls[0].parameter("page_size"), "2");
        }
    }

    #[tokio::test]
    async fn a_tree_without_an_end_is_said_to_be_unread() {
        let endless = |sent: &SentRequest| {
            let id = format!("{}x", sent.line.split('/').nth(3).unwrap());
            (200, json!({ "results": [block(&id, "toggle", true)], "has_more": false, "next_cursor": null }))
        };
        let context = json!({ "pageId": ID, "nested": true });
        let (output, calls) = testing::run(&ADAPTER, "list_blocks", context, endless).await;
        assert_eq!(calls.len(), 1 + MAX_NESTED_READS);
        assert!(output.unwrap().message.contains("were not read"));
    }
}
