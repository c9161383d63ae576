//! The text of one block: rich text as CommonMark.
//! <https://developers.notion.com/reference/rich-text>

use serde_json::{Value, json};

use super::super::rich_text;
use super::inline_writer::{self, Place};
use super::parser;
use super::tree::{Block, Inline, Mark, Syntax};

/// The marks around a part of a text.
#[derive(Clone, Debug, PartialEq)]
enum Around {
    Link(String),
    Mark(Mark),
}

/// True if CommonMark has only paragraphs, and so nothing that another kind of block has.
pub(in super::super) fn is_plain(markdown: &str) -> bool {
    let is_text = |block: &Block| matches!(block, Block::Paragraph(_) | Block::Html(_));
    parser::parse(markdown, Syntax::CommonMark).iter().all(is_text)
}

/// Converts rich text to CommonMark, on one line if it has no line breaks.
pub(in super::super) fn from_rich_text(rich: &Value) -> String {
    let parts: Vec<(Vec<Around>, Inline)> = rich.as_array().into_iter().flatten().flat_map(read).collect();
    inline_writer::write_line(&nest(&parts, 0), Place::line(Syntax::CommonMark))
}

/// Reads a piece as the parts of its lines, each with what is around it from the outside to the inside.
fn read(piece: &Value) -> Vec<(Vec<Around>, Inline)> {
    let is_set = |name: &str| piece["annotations"][name] == true;
    let link = piece["href"].as_str().map(|url| Around::Link(url.to_owned()));
    let marks = [
        ("bold", Mark::Strong),
        ("italic", Mark::Emphasis),
        ("strikethrough", Mark::Strikethrough),
        ("underline", Mark::Underline),
    ];
    let marks = marks.into_iter().filter(|(name, _)| is_set(name)).map(|(_, mark)| Around::Mark(mark));
    let around: Vec<Around> = link.into_iter().chain(marks).collect();
    let text = rich_text::to_plain(&json!([piece]));
    if piece["type"] == "equation" {
        return vec![(around, Inline::Formula(text, false))];
    }
    let mut parts = vec![];
    for (index, line) in text.split('\n').enumerate() {
        if index > 0 {
            parts.push((around.clone(), Inline::Break));
        }
        if !line.is_empty() {
            let line = line.to_owned();
            parts.push((around.clone(), if is_set("code") { Inline::Code(line) } else { Inline::Text(line) }));
        }
    }
    parts
}

/// Puts neighbours with the same around them together.
fn nest(parts: &[(Vec<Around>, Inline)], depth: usize) -> Vec<Inline> {
    let (mut nodes, mut rest) = (vec![], parts);
    while let Some((around, node)) = rest.first() {
        let Some(outer) = around.get(depth) else {
            nodes.push(node.clone());
            rest = &rest[1..];
            continue;
        };
        let length = rest.iter().take_while(|(around, _)| around.get(depth) == Some(outer)).count();
        let inner = nest(&rest[..length], depth + 1);
        nodes.push(match outer {
            Around::Link(url) => Inline::Link(url.clone(), inner),
            Around::Mark(mark) => Inline::Marked(*mark, inner),
        });
        rest = &rest[length..];
    }
    nodes
}
