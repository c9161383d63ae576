//! `update_block`: changes a block.

use serde_json::Map;

use super::block_data::{BlockData, CAPTION_KINDS, TEXT_KINDS};
use super::block_style::{Color, Language};
use super::place::Place;
use super::rich_text::PlainText;
use super::{NO_SCOPES, inline, rich_text};
use crate::adapters::prelude::*;

/// Change a block of a Notion page in place: its text, whether a to-do is done, its color, or the language of code. What is left out stays
/// as it is, and so do its type and the blocks under it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct UpdateBlock {
    /// The block, as `notion_list_blocks` returns it: its id or a link to it.
    block_id: Place,
    /// The new text, as Markdown without the mark of the block: `Buy **milk**`, not `- [ ] Buy milk`. Of code and equations it is the
    /// source, of a file or a link the caption, of a table's row its cells: `a | b`.
    text: Option<PlainText>,
    /// True if the to-do is done.
    checked: Option<bool>,
    /// The color of the text or the background: `red`, `blue_background`, `default`.
    color: Option<Color>,
    /// The language of code, for example `python`.
    language: Option<Language>,
}

impl Action for UpdateBlock {
    const META: Meta = Meta::idempotent("update_block", NO_SCOPES)
        .overwrites("the text and the marks of the block for which it has new ones")
        .example(r#"{"blockId": "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0041", "text": "Welcome. **Plans** live below."}"#);
    type Output = BlockData;

    fn check(&self) -> Result<()> {
        if self.text.is_none() && self.checked.is_none() && self.color.is_none() && self.language.is_none() {
            return Err(Error::invalid("", "must have at least one of text, checked, color and language"));
        }
        Ok(())
    }

    async fn targets(&self, _api: &Api<'_>) -> Result<Vec<Target>> {
        Ok(vec![self.block_id.to_block()])
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<BlockData>> {
        let path = ["v1", "blocks", self.block_id.as_str()];
        // https://developers.notion.com/reference/retrieve-a-block
        let block: Value = api.get(&path).exact().send().await?;
        let kind = block["type"].as_str().unwrap_or_default();
        let content = self.content(kind, &block[kind]).map_err(|reason| api.error(Kind::Invalid, reason))?;
        // https://developers.notion.com/reference/update-a-block
        let block: Value = api.call(Method::PATCH, &path).json(&json!({ kind: content })).send().await?;
        let block = BlockData::of(&block);
        let block = block.ok_or_else(|| api.error(Kind::Repeatable, "unexpected response: a block without an id"))?;
        Ok(block.into_output("The block was changed."))
    }
}

impl UpdateBlock {
    /// Returns the changes of a block of a type with this content, or the reason why it cannot have them.
    fn content(&self, kind: &str, before: &Value) -> std::result::Result<Map<String, Value>, String> {
        let mut content = Map::new();
        let mut set = |name: &str, value: Value| content.insert(name.to_owned(), value);
        if let Some(text) = &self.text {
            let (name, value) = source(kind, text, before)?;
            set(name, value);
        }
        if let Some(checked) = self.checked {
            require(&["to_do"], kind, "checked")?;
            set("checked", checked.into());
        }
        if let Some(color) = &self.color {
            require(&[&TEXT_KINDS[..], &["table_of_contents"]].concat(), kind, "color")?;
            set("color", json!(&**color));
        }
        if let Some(language) = &self.language {
            require(&["code"], kind, "language")?;
            set("language", json!(&**language));
        }
        Ok(content)
    }
}

fn require(kinds: &[&str], kind: &str, field: &str) -> std::result::Result<(), String> {
    match kinds.contains(&kind) {
        true => Ok(()),
        false => Err(format!("`{field}`: a block of the type {kind} has none; {} have it", kinds.join(", "))),
    }
}

/// Returns the name and the new value of a block's text.
fn source(kind: &str, text: &str, before: &Value) -> std::result::Result<(&'static str, Value), String> {
    let inline = |text: &str| inline::to_rich_text(text).map_err(|reason| format!("`text`: {reason}"));
    match kind {
        "code" => Ok(("rich_text", json!(rich_text::to_rich_text(text)))),
        "equation" => Ok(("expression", json!(text))),
        "table_row" => {
            let cells = split_cells(text).into_iter().map(|cell| inline(&cell));
            let cells = cells.collect::<std::result::Result<Vec<_>, _>>()?;
            let width = before["cells"].as_array().map_or(cells.len(), Vec::len);
            match cells.len() == width {
                true => Ok(("cells", json!(cells))),
                false => Err(format!("`text`: must have {width} cells, as the row has, with `|` between them")),
            }
        }
        kind if TEXT_KINDS.contains(&kind) => Ok(("rich_text", json!(inline(text)?))),
        kind if CAPTION_KINDS.contains(&kind) => Ok(("caption", json!(inline(text)?))),
        "child_page" | "child_database" => {
            Err("the block is a page or a database of its own: notion_update_page changes its title".to_owned())
        }
        kind => Err(format!("`text`: a block of the type {kind} has no text")),
    }
}

/// Returns the cells of a row of a Markdown table, with or without a `|` at its ends.
fn split_cells(row: &str) -> Vec<String> {
    let row = row.trim();
    let row = row.strip_prefix('|').unwrap_or(row);
    let row = row.strip_suffix('|').filter(|row| !row.ends_with('\\')).unwrap_or(row);
    let (mut cells, mut cell, mut is_escaped) = (vec![], String::new(), false);
    for char in row.chars() {
        match char {
            '|' if is_escaped => {
                cell.pop();
                cell.push('|');
            }
            '|' => cells.push(std::mem::take(&mut cell)),
            char => cell.push(char),
        }
        is_escaped = char == '\\' && !is_escaped;
    }
    cells.push(cell);
    cells.into_iter().map(|cell| cell.trim().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::notion::ADAPTER;
    use crate::adapters::testing::{self, SentRequest};

    const ID: &str = "1429989f-e8ac-4eff-bc8f-57f56486db54";

    /// Changes a block of a type with this content.
    async fn update(kind: &str, before: Value, change: Value) -> (Result<ActionOutput>, Vec<SentRequest>) {
        let block = json!({ "object": "block", "id": ID, "type": kind, kind: before });
        let mut context = json!({ "blockId": ID });
        context.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        testing::run(&ADAPTER, "update_block", context, move |_| (200, block.clone())).await
    }

    #[tokio::test]
    async fn changes_what_is_given_by_the_type_of_the_block() {
        let text = |text: &str| json!([{ "type": "text", "text": { "content": text } }]);
        let bold = json!([{ "type": "text", "text": { "content": "b" }, "annotations": { "bold": true } }]);
        for (kind, before, change, sent) in [
            (
                "to_do",
                json!({}),
                json!({ "text": "**b**", "checked": true, "color": "red_bg" }),
                json!({ "rich_text": bold, "checked": true, "color": "red_background" }),
            ),
            ("paragraph", json!({}), json!({ "color": "default" }), json!({ "color": "default" })),
            (
                "code",
                json!({}),
                json!({ "text": "# a\n- *b*", "language": "js" }),
                json!({ "rich_text": text("# a\n- *b*"), "language": "javascript" }),
            ),
            ("equation", json!({}), json!({ "text": "x^2" }), json!({ "expression": "x^2" })),
            ("image", json!({}), json!({ "text": "b" }), json!({ "caption": text("b") })),
            (
                "table_row",
                json!({ "cells": [[], []] }),
                json!({ "text": "| **b** | x \\| y |" }),
                json!({ "cells": [bold, text("x | y")] }),
            ),
        ] {
            let (output, calls) = update(kind, before, change).await;
            assert_eq!(output.unwrap().external_id.as_deref(), Some(ID));
            let lines: Vec<_> = calls.iter().map(|sent| sent.line.as_str()).collect();
            assert_eq!(lines, [format!("GET /v1/blocks/{ID}"), format!("PATCH /v1/blocks/{ID}")]);
            assert_eq!(calls[1].body, json!({ kind: sent }));
        }
    }

    #[tokio::test]
    async fn what_the_type_does_not_have_is_refused_before_any_change() {
        for (kind, before, change, reason) in [
            (
                "paragraph",
                json!({}),
                json!({ "checked": true }),
                "`checked`: a block of the type paragraph has none; to_do",
            ),
            ("divider", json!({}), json!({ "color": "red" }), "`color`: a block of the type divider"),
            ("quote", json!({}), json!({ "language": "rust" }), "`language`: a block of the type quote"),
            ("divider", json!({}), json!({ "text": "a" }), "has no text"),
            ("to_do", json!({}), json!({ "text": "- [ ] a" }), "must be the text of one block"),
            ("child_page", json!({}), json!({ "text": "a" }), "notion_update_page"),
            ("table_row", json!({ "cells": [[], []] }), json!({ "text": "a" }), "must have 2 cells"),
        ] {
            let (output, calls) = update(kind, before, change).await;
            assert_eq!((testing::error_kind(&output), calls.len()), (Kind::Invalid, 1), "{kind}");
            let message = output.unwrap_err().to_string();
            assert!(message.contains(reason), "{message}");
        }
    }

    #[test]
    fn a_change_of_nothing_and_unknown_marks_are_refused() {
        let refused = |context| testing::refusal(&ADAPTER, "update_block", context);
        assert_eq!(refused(json!({ "blockId": ID })).0, "context");
        assert!(refused(json!({ "blockId": ID, "color": "mauve" })).1.contains("blue_background"));
        assert!(refused(json!({ "blockId": ID, "language": "klingon" })).1.contains("python"));
    }

    #[tokio::test]
    async fn lost_response_can_be_repeated() {
        let provider = |sent: &SentRequest| match sent.line.starts_with("GET") {
            true => (200, json!({ "id": ID, "type": "quote", "quote": {} })),
            false => (502, Value::Null),
        };
        let context = json!({ "blockId": ID, "text": "a" });
        let (output, _) = testing::run(&ADAPTER, "update_block", context, provider).await;
        assert_eq!(testing::error_kind(&output), Kind::Repeatable);
    }
}
