//! Notion-flavored Markdown, version 2: <https://developers.notion.com/guides/data-apis/notion-flavored-markdown>
//!
//! CommonMark is read by `comrak`, which the engine does not use, and tags are read as tolerantly as a reader might: in any case and
//! quotes, with line breaks in them, and in the middle of a line. A tag that is unknown is text.

mod inline;
mod render;
mod tags;

use comrak::nodes::{AstNode, ListType, NodeValue};
use comrak::{Arena, Options, parse_document};
use serde_json::{Value, json};

use self::tags::Segment;

pub(crate) use self::inline::rich_text;
pub(crate) use self::render::render;

/// The key of a block that stands for an existing page or database, with its id.
pub(crate) const MOVED: &str = "moved";
/// The key of a block that stands for a new page, with its title.
pub(crate) const MADE: &str = "made";

/// Parses a document to blocks in a request's form, with those under them.
pub(crate) fn parse(text: &str) -> Vec<Value> {
    let mut blocks = Vec::new();
    for segment in tags::split(&text.replace("\r\n", "\n")) {
        match segment {
            Segment::Markdown(text) => blocks.extend(parse_markdown(text)),
            Segment::Element(element) => blocks.extend(tags::to_blocks(&element)),
        }
    }
    blocks
}

fn options() -> Options<'static> {
    let mut options = Options::default();
    options.extension.table = true;
    options.extension.strikethrough = true;
    options.extension.tasklist = true;
    options.extension.math_dollars = true;
    options
}

fn parse_markdown(text: &str) -> Vec<Value> {
    let arena = Arena::new();
    let root = parse_document(&arena, text, &options());
    blocks_under(root)
}

fn blocks_under<'a>(node: &'a AstNode<'a>) -> Vec<Value> {
    node.children().flat_map(|child| to_blocks(child)).collect()
}

fn to_blocks<'a>(node: &'a AstNode<'a>) -> Vec<Value> {
    let value = node.data().value.clone();
    match value {
        NodeValue::Paragraph => paragraph(node),
        NodeValue::Heading(heading) => {
            vec![text_block(&format!("heading_{}", heading.level.min(4)), inline::of(node), json!({}))]
        }
        NodeValue::BlockQuote => vec![titled("quote", blocks_under(node), json!({}))],
        NodeValue::List(list) => {
            let kind = if list.list_type == ListType::Ordered { "numbered_list_item" } else { "bulleted_list_item" };
            node.children().map(|item| list_item(item, kind)).collect()
        }
        NodeValue::CodeBlock(code) => {
            let language = if code.info.is_empty() { "plain text" } else { code.info.as_str() };
            let text = code.literal.strip_suffix('\n').unwrap_or(&code.literal);
            vec![text_block("code", inline::plain(text), json!({"language": language}))]
        }
        NodeValue::ThematicBreak => vec![json!({"type": "divider", "divider": {}})],
        NodeValue::Table(_) => vec![table(node)],
        NodeValue::HtmlBlock(html) => html_block(&html.literal),
        _ => Vec::new(),
    }
}

/// Builds a block with text.
pub(crate) fn text_block(kind: &str, rich_text: Value, mut more: Value) -> Value {
    more["rich_text"] = rich_text;
    let mut block = json!({"type": kind});
    block[kind] = more;
    block
}

/// Builds a block with a title, the first paragraph, and with the others under it.
pub(crate) fn titled(kind: &str, mut blocks: Vec<Value>, mut more: Value) -> Value {
    let is_titled =
        blocks.first().is_some_and(|first| first["type"] == "paragraph" && first["paragraph"]["children"].is_null());
    let title = if is_titled { blocks.remove(0)["paragraph"]["rich_text"].take() } else { json!([]) };
    more["children"] = json!(blocks);
    text_block(kind, title, more)
}

fn list_item<'a>(item: &'a AstNode<'a>, kind: &str) -> Value {
    let checked = match &item.data().value {
        NodeValue::TaskItem(task) => Some(task.symbol.is_some()),
        _ => None,
    };
    match checked {
        Some(checked) => titled("to_do", blocks_under(item), json!({"checked": checked})),
        None => titled(kind, blocks_under(item), json!({})),
    }
}

/// Returns a paragraph; an image or a formula that is alone in it is a block of its own.
fn paragraph<'a>(node: &'a AstNode<'a>) -> Vec<Value> {
    let mut children = node.children();
    if let (Some(only), None) = (children.next(), children.next()) {
        match &only.data().value {
            NodeValue::Image(image) => return vec![tags::media("image", &image.url, inline::of(only))],
            NodeValue::Math(math) if math.display_math => {
                return vec![json!({"type": "equation", "equation": {"expression": math.literal.trim()}})];
            }
            _ => {}
        }
    }
    let (rich_text, moved) = inline::with_moves(node);
    let mut blocks: Vec<Value> = moved.into_iter().map(|id| json!({ MOVED: id })).collect();
    if blocks.is_empty() || rich_text.as_array().is_some_and(|pieces| !pieces.is_empty()) {
        blocks.insert(0, text_block("paragraph", rich_text, json!({})));
    }
    blocks
}

/// Reads what CommonMark takes for a block of HTML as a line with tags.
fn html_block(html: &str) -> Vec<Value> {
    let arena = Arena::new();
    // With a letter before it the line is a paragraph.
    let root = parse_document(&arena, &format!("x{}", html.trim().replace('\n', " ")), &options());
    let mut blocks = blocks_under(root);
    if let Some(first) = blocks.first_mut() {
        let content = &mut first["paragraph"]["rich_text"][0]["text"]["content"];
        *content = json!(content.as_str().unwrap_or("").trim_start_matches('x').trim_start());
    }
    blocks
}

fn table<'a>(node: &'a AstNode<'a>) -> Value {
    let cells = |row: &'a AstNode<'a>| row.children().map(|cell| inline::of(cell)).collect::<Vec<_>>();
    let rows: Vec<Vec<Value>> = node.children().map(cells).collect();
    table_block(&rows, true)
}

/// Builds a table of rows of cells.
pub(crate) fn table_block(rows: &[Vec<Value>], has_header: bool) -> Value {
    let width = rows.first().map_or(0, Vec::len);
    let row = |cells: &Vec<Value>| json!({"type": "table_row", "table_row": {"cells": cells}});
    let children: Vec<Value> = rows.iter().map(row).collect();
    json!({"type": "table", "table": {"table_width": width, "has_column_header": has_header, "has_row_header": false,
        "children": children}})
}
