//! A document as blocks in the form of a request: <https://developers.notion.com/reference/patch-block-children>

use serde_json::{Value, json};

use super::super::block_style;
use super::super::rich_text::{self as pieces, MAX_PIECES};
use super::inline_writer;
use super::parser;
use super::rich_text;
use super::tree::{Block, Inline, Item, Syntax, text_of};

/// Blocks of one list of a request.
const MAX_CHILDREN: usize = 100;
/// Levels of blocks in a request, as many as every version of Notion's client knows.
const MAX_LEVELS: usize = 2;

/// Converts CommonMark to blocks.
///
/// # Errors
/// A reason, if one request cannot have them.
pub(in super::super) fn to_blocks(markdown: &str) -> Result<Vec<Value>, String> {
    objects(&parser::parse(markdown, Syntax::CommonMark), 1)
}

fn objects(blocks: &[Block], level: usize) -> Result<Vec<Value>, String> {
    if level > MAX_LEVELS && !blocks.is_empty() {
        return Err("must have blocks in blocks, such as a list in a list, at one level only at this place; add deeper ones after it".to_owned());
    }
    let objects: Vec<Value> =
        blocks.iter().map(|block| object(block, level)).collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
    match objects.len() <= MAX_CHILDREN {
        true => Ok(objects),
        false => Err("must have at most 100 blocks, or items of a list, at this place".to_owned()),
    }
}

fn object(block: &Block, level: usize) -> Result<Vec<Value>, String> {
    Ok(vec![match block {
        Block::Paragraph(nodes) => text_object("paragraph", nodes, &[], level)?,
        Block::Heading(depth, nodes) => text_object(&format!("heading_{}", depth.clamp(&1, &4)), nodes, &[], level)?,
        Block::Quote(blocks) => with_first_line("quote", blocks, json!({}), level)?,
        Block::Callout(icon, color, blocks) => {
            let color = color.replace("_bg", "_background");
            let marks = json!({ "icon": { "type": "emoji", "emoji": icon }, "color": color });
            with_first_line("callout", blocks, marks, level)?
        }
        Block::Toggle(title, blocks) => text_object("toggle", title, blocks, level)?,
        Block::Html(text) => text_object("paragraph", &[Inline::Text(text.clone())], &[], level)?,
        Block::Rule => json!({ "type": "divider", "divider": {} }),
        Block::Formula(formula) => json!({ "type": "equation", "equation": { "expression": formula } }),
        Block::Code { language, text } => {
            let language = block_style::language(language).unwrap_or("plain text");
            let text = limited(pieces::to_rich_text(text))?;
            json!({ "type": "code", "code": { "rich_text": text, "language": language } })
        }
        Block::Image(url, caption) if url.starts_with("https://") && inline_writer::destination(url).is_some() => {
            let image = json!({ "type": "external", "external": { "url": url }, "caption": line(caption)? });
            json!({ "type": "image", "image": image })
        }
        Block::Image(url, caption) => {
            text_object("paragraph", &[Inline::Link(url.clone(), caption.clone())], &[], level)?
        }
        Block::Table(rows) => table(rows, level)?,
        Block::List(number, items) => {
            let kind = if number.is_some() { "numbered_list_item" } else { "bulleted_list_item" };
            return items.iter().map(|item| list_item(kind, item, level)).collect();
        }
    }])
}

fn list_item(kind: &str, item: &Item, level: usize) -> Result<Value, String> {
    match item.checked {
        Some(checked) => with_first_line("to_do", &item.blocks, json!({ "checked": checked }), level),
        None => with_first_line(kind, &item.blocks, json!({}), level),
    }
}

/// Returns a block with the text of a first paragraph, these marks, and the other blocks under it.
fn with_first_line(kind: &str, blocks: &[Block], marks: Value, level: usize) -> Result<Value, String> {
    let mut object = match blocks.split_first() {
        Some((Block::Paragraph(nodes), rest)) => text_object(kind, nodes, rest, level)?,
        _ => text_object(kind, &[], blocks, level)?,
    };
    if let (Some(content), Value::Object(marks)) = (object[kind].as_object_mut(), marks) {
        content.extend(marks);
    }
    Ok(object)
}

fn text_object(kind: &str, nodes: &[Inline], children: &[Block], level: usize) -> Result<Value, String> {
    let mut content = json!({ "rich_text": line(nodes)? });
    if !children.is_empty() {
        content["children"] = objects(children, level + 1)?.into();
    }
    Ok(json!({ "type": kind, kind: content }))
}

fn table(rows: &[Vec<Vec<Inline>>], level: usize) -> Result<Value, String> {
    if rows.len() > MAX_CHILDREN || level >= MAX_LEVELS {
        return Err("must have a table of at most 100 rows, and none in another block, at this place".to_owned());
    }
    let width = rows.iter().map(Vec::len).max().unwrap_or(1);
    let row = |row: &Vec<Vec<Inline>>| {
        let cells = (0..width).map(|at| row.get(at).map_or(Ok(vec![]), |cell| line(cell)));
        cells
            .collect::<Result<Vec<_>, _>>()
            .map(|cells| json!({ "type": "table_row", "table_row": { "cells": cells } }))
    };
    let rows = rows.iter().map(row).collect::<Result<Vec<_>, String>>()?;
    let table = json!({ "table_width": width, "has_column_header": true, "has_row_header": false, "children": rows });
    Ok(json!({ "type": "table", "table": table }))
}

fn line(nodes: &[Inline]) -> Result<Vec<Value>, String> {
    limited(rich_text::of_line(nodes)).map_err(|reason| format!("{reason}: {:.40}", text_of(nodes)))
}

fn limited(pieces: Vec<Value>) -> Result<Vec<Value>, String> {
    match pieces.len() <= MAX_PIECES {
        true => Ok(pieces),
        false => Err("must have at most 100 parts of 2,000 characters or of different style in one block".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_becomes_blocks() {
        let text = |text: &str| json!([{ "type": "text", "text": { "content": text } }]);
        for (markdown, kind, content) in [
            ("a", "paragraph", json!({ "rich_text": text("a") })),
            ("##### a", "heading_4", json!({ "rich_text": text("a") })),
            ("- [x] a", "to_do", json!({ "rich_text": text("a"), "checked": true })),
            ("3. a", "numbered_list_item", json!({ "rich_text": text("a") })),
            ("```js\n*a*\n```", "code", json!({ "rich_text": text("*a*"), "language": "javascript" })),
            ("```klingon\na\n```", "code", json!({ "rich_text": text("a"), "language": "plain text" })),
            ("---", "divider", json!({})),
            (
                "- a\n  - b",
                "bulleted_list_item",
                json!({ "rich_text": text("a"),
                "children": [{ "type": "bulleted_list_item", "bulleted_list_item": { "rich_text": text("b") } }] }),
            ),
            (
                "> [!TIP]\n> a",
                "callout",
                json!({ "rich_text": text("a"), "color": "green_background",
                "icon": { "type": "emoji", "emoji": "💡" } }),
            ),
            (
                "![b](https://c.example/d.png)",
                "image",
                json!({ "type": "external", "caption": text("b"),
                "external": { "url": "https://c.example/d.png" } }),
            ),
            ("<page url=\"x\">", "paragraph", json!({ "rich_text": text("<page url=\"x\">") })),
        ] {
            assert_eq!(to_blocks(markdown), Ok(vec![json!({ "type": kind, kind: content })]), "{markdown}");
        }
        let table = to_blocks("| a | b |\n|---|---|\n| c | d |").unwrap().remove(0);
        assert_eq!(
            (&table["table"]["table_width"], table["table"]["children"].as_array().unwrap().len()),
            (&json!(2), 2)
        );
    }

    #[test]
    fn what_one_request_cannot_have_is_refused() {
        for markdown in ["- a\n  - b\n    - c".to_owned(), "a\n\n".repeat(101), "*a* b ".repeat(60)] {
            assert!(to_blocks(&markdown).unwrap_err().starts_with("must have"), "{markdown:.20}");
        }
        assert_eq!(to_blocks(&"a\n\n".repeat(100)).unwrap().len(), 100);
    }
}
