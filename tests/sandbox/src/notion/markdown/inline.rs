//! Lines as rich text: marks, links, formulas and the inline tags.

use comrak::nodes::{AstNode, NodeValue};
use comrak::{Arena, parse_document};
use serde_json::{Value, json};

use super::super::model::canonical_uuid;
use super::super::text;
use super::tags::Tag;

/// Characters of a piece, each of which is at most two units.
const MAX_PIECE_CHARS: usize = 1_000;

/// The style of the pieces to come.
#[derive(Clone, Default)]
struct Style {
    annotations: Vec<&'static str>,
    link: Option<String>,
}

/// The pieces so far.
#[derive(Default)]
struct Line {
    pieces: Vec<Value>,
    /// The tags that are open, with the style before them.
    open: Vec<(String, Style)>,
    style: Style,
    /// The mention that is open, and its label so far.
    mention: Option<(Tag, String)>,
    /// The ids that tags name and so move.
    moved: Vec<String>,
}

/// Returns the rich text of a node.
pub(super) fn of<'a>(node: &'a AstNode<'a>) -> Value {
    with_moves(node).0
}

/// Returns the rich text of a node, and the ids of what it moves.
pub(super) fn with_moves<'a>(node: &'a AstNode<'a>) -> (Value, Vec<String>) {
    let mut line = Line::default();
    node.children().for_each(|child| line.push(child));
    (json!(line.pieces), line.moved)
}

/// Returns a text without marks as rich text.
pub(super) fn plain(content: &str) -> Value {
    text::from_plain(content)
}

/// Parses a line of Markdown.
pub(crate) fn rich_text(markdown: &str) -> Value {
    let arena = Arena::new();
    let root = parse_document(&arena, markdown.trim(), &super::options());
    let lines: Vec<Value> = root.children().map(|block| of(block)).collect();
    let pieces: Vec<Value> = lines.into_iter().filter_map(|line| line.as_array().cloned()).flatten().collect();
    json!(pieces)
}

impl Line {
    fn push<'a>(&mut self, node: &'a AstNode<'a>) {
        let value = node.data().value.clone();
        match value {
            NodeValue::Text(text) => self.push_text(&text),
            NodeValue::SoftBreak => self.push_text(" "),
            NodeValue::LineBreak => self.push_text("\n"),
            NodeValue::Code(code) => self.styled("code", |line| line.push_text(&code.literal)),
            NodeValue::Math(math) => {
                self.pieces.push(json!({"type": "equation", "equation": {"expression": math.literal.trim()},
                    "plain_text": math.literal.trim()}));
            }
            NodeValue::Strong => self.styled("bold", |line| node.children().for_each(|child| line.push(child))),
            NodeValue::Emph => self.styled("italic", |line| node.children().for_each(|child| line.push(child))),
            NodeValue::Strikethrough => {
                self.styled("strikethrough", |line| node.children().for_each(|child| line.push(child)));
            }
            NodeValue::Link(link) | NodeValue::Image(link) => {
                let before = self.style.clone();
                self.style.link = Some(link.url);
                node.children().for_each(|child| self.push(child));
                self.style = before;
            }
            NodeValue::HtmlInline(html) => self.push_tag(&html),
            _ => node.children().for_each(|child| self.push(child)),
        }
    }

    fn styled(&mut self, annotation: &'static str, push: impl FnOnce(&mut Self)) {
        let before = self.style.clone();
        self.style.annotations.push(annotation);
        push(self);
        self.style = before;
    }

    fn push_text(&mut self, text: &str) {
        if let Some((_, label)) = &mut self.mention {
            label.push_str(text);
            return;
        }
        // A piece has at most 2,000 characters.
        if let Some((end, _)) = text.char_indices().nth(MAX_PIECE_CHARS) {
            self.push_text(&text[..end]);
            return self.push_text(&text[end..]);
        }
        let mut annotations = json!({});
        for annotation in &self.style.annotations {
            annotations[*annotation] = json!(true);
        }
        let link = self.style.link.as_ref().map(|url| json!({"url": url}));
        let is_same = |last: &Value| {
            let length = last["text"]["content"].as_str().map_or(0, |content| content.chars().count());
            last["annotations"] == annotations
                && last["text"]["link"] == json!(link)
                && length + text.chars().count() <= MAX_PIECE_CHARS
        };
        if let Some(last) = self.pieces.last_mut().filter(|last| is_same(last)) {
            let content = [last["text"]["content"].as_str().unwrap_or(""), text].concat();
            last["text"]["content"] = json!(content);
            last["plain_text"] = json!(content);
            return;
        }
        self.pieces.push(json!({"type": "text", "text": {"content": text, "link": link}, "annotations": annotations,
            "plain_text": text}));
    }

    fn push_tag(&mut self, html: &str) {
        let Some(tag) = Tag::parse(html) else { return self.push_text(html) };
        let annotation = match tag.name.as_str() {
            "b" => Some("bold"),
            "i" => Some("italic"),
            "s" => Some("strikethrough"),
            "u" => Some("underline"),
            _ => None,
        };
        match tag.name.as_str() {
            "br" => self.push_text("\n"),
            "page" | "database" | "folder" | "synced-block" | "custom-block" | "meeting-notes" if !tag.is_end => {
                let url = tag.attribute("url");
                let id = if url.is_empty() { tag.attribute("view-url") } else { url };
                self.moved.extend(canonical_uuid(&id[id.len().saturating_sub(32)..]));
            }
            "mention" if tag.is_end => self.end_mention(),
            "mention" => {
                let is_empty = tag.is_empty;
                self.mention = Some((tag, String::new()));
                if is_empty {
                    self.end_mention();
                }
            }
            "date" => {
                let start = tag.attribute("start").to_owned();
                self.pieces.push(json!({"mention": {"type": "date", "date": {"start": start}}, "plain_text": start}));
            }
            "b" | "i" | "s" | "u" | "span" if tag.is_end => match self.open.pop() {
                Some((name, style)) if name == tag.name => self.style = style,
                other => {
                    self.open.extend(other);
                    self.push_text(html);
                }
            },
            "b" | "i" | "s" | "u" | "span" => {
                self.open.push((tag.name, self.style.clone()));
                self.style.annotations.extend(annotation);
            }
            _ => self.push_text(html),
        }
    }

    fn end_mention(&mut self) {
        let Some((tag, label)) = self.mention.take() else { return };
        let url = tag.attribute("url");
        let mention = match url.strip_prefix("user://") {
            Some(id) => json!({"type": "user", "user": {"object": "user", "id": id}}),
            None => json!({"type": "page", "page": {"id": canonical_uuid(&url[url.len().saturating_sub(32)..])}}),
        };
        self.pieces
            .push(json!({"mention": mention, "plain_text": if label.is_empty() { url.to_owned() } else { label }}));
    }
}
