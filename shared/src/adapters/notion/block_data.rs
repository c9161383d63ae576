//! A block as output, and the marks that its type has.

use super::parent::ParentData;
use super::{markdown, rich_text, text};
use crate::adapters::prelude::*;

/// The types of blocks with a text and a color: <https://developers.notion.com/reference/block>
pub(super) const TEXT_KINDS: [&str; 11] = [
    "paragraph",
    "heading_1",
    "heading_2",
    "heading_3",
    "heading_4",
    "bulleted_list_item",
    "numbered_list_item",
    "to_do",
    "toggle",
    "quote",
    "callout",
];
/// The types of blocks with a caption.
pub(super) const CAPTION_KINDS: [&str; 7] = ["audio", "bookmark", "embed", "file", "image", "pdf", "video"];

/// A block as output.
#[skip_serializing_none]
#[derive(Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct BlockData {
    /// The id.
    id: String,
    /// The type, for example `paragraph`, `heading_1`, `to_do`, `code`, `table_row`, `child_page`.
    #[serde(rename = "type")]
    kind: Option<String>,
    /// The text, as Markdown; of a table's row its cells, of a file or a link its caption, of code and equations the source.
    text: Option<String>,
    /// True if a to-do is done.
    checked: Option<bool>,
    /// The language of code.
    language: Option<String>,
    /// The color, if it is not the default.
    color: Option<String>,
    /// The address of a bookmark, an embed or a file elsewhere on the web.
    link: Option<String>,
    /// The page or the block that it is in.
    parent: Option<ParentData>,
    /// True if there are blocks under it.
    has_children: Option<bool>,
    /// The number of blocks above it, up to the one that was asked for.
    depth: Option<u32>,
    /// The time of creation.
    created_at: Option<String>,
    /// The time of the last change.
    updated_at: Option<String>,
    /// True if it is in the trash.
    in_trash: Option<bool>,
}

impl Listed for BlockData {
    const NOUN: &'static str = "block";
}

impl BlockData {
    /// Reads a block of a response; `None` without an id.
    pub(super) fn of(block: &Value) -> Option<Self> {
        let kind = text(&block["type"]);
        let content = kind.as_ref().map_or(&Value::Null, |kind| &block[kind]);
        Some(Self {
            id: text(&block["id"])?,
            text: kind.as_deref().and_then(|kind| source(kind, content)),
            kind,
            checked: content["checked"].as_bool(),
            language: text(&content["language"]),
            color: text(&content["color"]).filter(|color| color != "default"),
            link: text(&content["url"]).or_else(|| text(&content["external"]["url"])),
            parent: ParentData::of(&block["parent"]),
            has_children: block["has_children"].as_bool(),
            depth: None,
            created_at: text(&block["created_time"]),
            updated_at: text(&block["last_edited_time"]),
            in_trash: block["in_trash"].as_bool().or_else(|| block["archived"].as_bool()),
        })
    }

    /// Adds the number of blocks above it.
    pub(super) fn at_depth(self, depth: u32) -> Self {
        Self { depth: Some(depth), ..self }
    }

    /// Returns a block in the trash of which only the id is known.
    pub(super) fn trashed(id: &str) -> Self {
        Self { id: id.to_owned(), in_trash: Some(true), ..Self::default() }
    }

    /// Returns the output of an action that read or changed this block.
    pub(super) fn into_output(self, message: &str) -> ActionOutput<Self> {
        let id = self.id.clone();
        ActionOutput::new(message, self).with_id(id)
    }
}

/// Returns the text of a block of a type; `None` if such blocks have none.
fn source(kind: &str, content: &Value) -> Option<String> {
    if TEXT_KINDS.contains(&kind) {
        return Some(markdown::from_rich_text(&content["rich_text"]));
    }
    if CAPTION_KINDS.contains(&kind) {
        return Some(markdown::from_rich_text(&content["caption"])).filter(|caption| !caption.is_empty());
    }
    match kind {
        "code" => Some(rich_text::to_plain(&content["rich_text"])),
        "equation" => text(&content["expression"]),
        "child_page" | "child_database" => text(&content["title"]),
        "table_row" => {
            let cells =
                content["cells"].as_array()?.iter().map(|cell| markdown::from_rich_text(cell).replace('|', "\\|"));
            Some(cells.collect::<Vec<_>>().join(" | "))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_have_the_text_and_the_marks_of_their_type() {
        let words = json!([{ "type": "text", "plain_text": "Ship it", "annotations": { "bold": true } }]);
        let block =
            |kind: &str, content: Value| json!(BlockData::of(&json!({ "id": "b", "type": kind, kind: content })));
        for (kind, content, expected) in [
            (
                "to_do",
                json!({ "rich_text": words, "checked": true, "color": "red" }),
                json!({ "text": "**Ship it**", "checked": true, "color": "red" }),
            ),
            (
                "code",
                json!({ "rich_text": words, "language": "rust" }),
                json!({ "text": "Ship it", "language": "rust" }),
            ),
            ("equation", json!({ "expression": "x^2" }), json!({ "text": "x^2" })),
            ("bookmark", json!({ "url": "https://a.example", "caption": [] }), json!({ "link": "https://a.example" })),
            ("table_row", json!({ "cells": [words, []] }), json!({ "text": "**Ship it** | " })),
            ("child_page", json!({ "title": "Plan" }), json!({ "text": "Plan" })),
            ("divider", json!({}), json!({})),
            ("tomorrow", Value::Null, json!({})),
        ] {
            let mut whole = json!({ "id": "b", "type": kind });
            whole.as_object_mut().unwrap().extend(expected.as_object().unwrap().clone());
            assert_eq!(block(kind, content), whole);
        }
    }
}
