//! The block tags.

use serde_json::{Value, json};

use super::super::model::canonical_uuid;
use super::{MADE, MOVED, inline, parse, table_block, text_block, titled};

/// The block tags. Others are text.
const NAMES: [&str; 33] = [
    "audio",
    "bookmark",
    "callout",
    "column",
    "columns",
    "custom-block",
    "database",
    "embed",
    "equation",
    "file",
    "folder",
    "h1",
    "h2",
    "h3",
    "h4",
    "image",
    "li",
    "meeting-notes",
    "ol",
    "p",
    "page",
    "pdf",
    "quote",
    "synced-block",
    "tab",
    "table",
    "table-of-contents",
    "tabs",
    "todo",
    "toggle",
    "ul",
    "video",
    "unknown",
];

/// A tag with its attributes, each name in lower case.
#[derive(Clone, Debug)]
pub(super) struct Tag {
    pub(super) name: String,
    attributes: Vec<(String, String)>,
    pub(super) is_end: bool,
    pub(super) is_empty: bool,
    length: usize,
}

/// A tag with what is in it.
pub(super) struct Element<'a> {
    tag: Tag,
    inner: &'a str,
}

/// A part of a document.
pub(super) enum Segment<'a> {
    Markdown(&'a str),
    Element(Element<'a>),
}

impl Tag {
    /// Parses a tag at the start of a text.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut rest = text.strip_prefix('<')?;
        let is_end = rest.starts_with('/');
        rest = rest.trim_start_matches('/').trim_start();
        let name_length = rest.find(|char: char| !(char.is_ascii_alphanumeric() || "-_".contains(char)))?;
        let name = rest[..name_length].to_ascii_lowercase();
        rest = &rest[name_length..];
        let mut attributes = Vec::new();
        loop {
            rest = rest.trim_start();
            if let Some(after) = rest.strip_prefix('>') {
                return Some(Self { name, attributes, is_end, is_empty: false, length: text.len() - after.len() });
            }
            if let Some(after) = rest.strip_prefix("/>") {
                return Some(Self { name, attributes, is_end, is_empty: true, length: text.len() - after.len() });
            }
            let end = rest.find(|char: char| char == '=' || char == '>' || char.is_whitespace())?;
            let key = rest[..end].to_ascii_lowercase();
            rest = rest[end..].trim_start();
            let Some(value) = rest.strip_prefix('=') else {
                if key.is_empty() {
                    return None;
                }
                continue;
            };
            let value = value.trim_start();
            let quote = value.chars().next().filter(|char| ['"', '\''].contains(char));
            let (value, after) = match quote {
                Some(quote) => value[1..].split_once(quote)?,
                None => value.split_at(value.find(|char: char| char == '>' || char.is_whitespace())?),
            };
            attributes.push((key, decode(value)));
            rest = after;
        }
    }

    /// The value of an attribute; empty without it.
    pub(super) fn attribute(&self, name: &str) -> &str {
        self.attributes.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }
}

fn decode(text: &str) -> String {
    text.replace("&quot;", "\"").replace("&#39;", "'").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// Splits a document into its block tags and the Markdown between them. Code in fences has no tags.
pub(super) fn split(text: &str) -> Vec<Segment<'_>> {
    let (mut segments, mut start, mut offset) = (Vec::new(), 0, 0);
    let mut fence = String::new();
    while offset < text.len() {
        let line = text[offset..].lines().next().unwrap_or("");
        let next = (offset + line.len() + 1).min(text.len());
        let indent = line.len() - line.trim_start().len();
        if is_code(line, &mut fence) {
            offset = next;
            continue;
        }
        match element(&text[offset + indent..]) {
            Some((element, length)) => {
                segments.push(Segment::Markdown(&text[start..offset]));
                segments.push(Segment::Element(element));
                offset += indent + length;
                start = offset;
            }
            None => offset = next,
        }
    }
    segments.push(Segment::Markdown(&text[start..]));
    segments
}

/// True for a line of code in a fence or of a formula; `fence` is the fence that is open.
fn is_code(line: &str, fence: &mut String) -> bool {
    let trimmed = line.trim();
    let run: String = trimmed.chars().take_while(|char| *char == '`').collect();
    if !fence.is_empty() {
        let is_end =
            if fence == "$$" { trimmed == "$$" } else { run.len() >= fence.len() && run.len() == trimmed.len() };
        if is_end {
            fence.clear();
        }
        return true;
    }
    if run.len() >= 3 && !trimmed[run.len()..].contains('`') {
        *fence = run;
    } else if trimmed == "$$" {
        "$$".clone_into(fence);
    }
    !fence.is_empty()
}

/// Parses the element at the start of a text, and returns its length too.
fn element(text: &str) -> Option<(Element<'_>, usize)> {
    let tag = Tag::parse(text).filter(|tag| !tag.is_end && NAMES.contains(&tag.name.as_str()))?;
    any_element(text, tag)
}

fn any_element(text: &str, tag: Tag) -> Option<(Element<'_>, usize)> {
    let start = tag.length;
    if tag.is_empty {
        return Some((Element { tag, inner: "" }, start));
    }
    let (mut depth, mut offset, mut fence) = (1, start, String::new());
    while offset < text.len() {
        let line = text[offset..].lines().next().unwrap_or("");
        if !is_code(line, &mut fence) {
            for index in tag_starts(line) {
                let at = offset + index;
                let Some(inner) = Tag::parse(&text[at..]).filter(|inner| inner.name == tag.name) else { continue };
                match (inner.is_end, inner.is_empty) {
                    (true, _) => depth -= 1,
                    (false, false) => depth += 1,
                    (false, true) => {}
                }
                if depth == 0 {
                    return Some((Element { inner: &text[start..at], tag }, at + inner.length));
                }
            }
        }
        offset += line.len() + 1;
    }
    None
}

/// Returns the places of `<` in a line that are neither behind a backslash nor in code.
fn tag_starts(line: &str) -> Vec<usize> {
    let bytes = line.as_bytes();
    let run_at = |at: usize| bytes[at..].iter().take_while(|byte| **byte == b'`').count();
    let (mut starts, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'`' => {
                let run = run_at(at);
                let mut end = at + run;
                while end < bytes.len() && run_at(end) != run {
                    end += run_at(end).max(1);
                }
                at += run;
                if end < bytes.len() {
                    at = end + run;
                }
            }
            byte => {
                if byte == b'<' {
                    starts.push(at);
                }
                at += 1;
            }
        }
    }
    starts
}

/// Returns the elements of a name in a text.
fn elements<'a>(text: &'a str, names: &[&str]) -> Vec<Element<'a>> {
    let (mut found, mut rest) = (Vec::new(), text);
    while let Some(start) = rest.find('<') {
        rest = &rest[start..];
        let tag = Tag::parse(rest).filter(|tag| !tag.is_end && names.contains(&tag.name.as_str()));
        match tag.and_then(|tag| any_element(rest, tag)) {
            Some((element, length)) => {
                found.push(element);
                rest = &rest[length..];
            }
            None => rest = &rest[1..],
        }
    }
    found
}

/// Builds a block of a file or a picture.
pub(super) fn media(kind: &str, url: &str, caption: Value) -> Value {
    let mut block = json!({"type": kind});
    block[kind] = json!({"type": "external", "external": {"url": url}, "caption": caption});
    block
}

/// Builds the blocks of an element.
pub(super) fn to_blocks(element: &Element<'_>) -> Vec<Value> {
    let Element { tag, inner } = element;
    let color = if tag.attribute("color").is_empty() { "default" } else { tag.attribute("color") };
    let own = |more: Value| {
        let mut more = more;
        more["color"] = json!(color);
        more
    };
    match tag.name.as_str() {
        "p" => vec![titled("paragraph", parse(inner), own(json!({})))],
        "h1" | "h2" | "h3" | "h4" => vec![titled(&tag.name.replace('h', "heading_"), parse(inner), own(json!({})))],
        "quote" => vec![titled("quote", parse(inner), own(json!({})))],
        "callout" => {
            let icon = json!({"type": "emoji", "emoji": tag.attribute("icon")});
            vec![titled("callout", parse(inner), own(json!({"icon": icon})))]
        }
        "toggle" => vec![titled("toggle", parse(inner), own(json!({})))],
        "ul" | "ol" => {
            let kind = if tag.name == "ol" { "numbered_list_item" } else { "bulleted_list_item" };
            elements(inner, &["li"]).iter().map(|item| titled(kind, parse(item.inner), json!({}))).collect()
        }
        "li" => vec![titled("bulleted_list_item", parse(inner), own(json!({})))],
        "todo" => {
            vec![titled("to_do", parse(inner), own(json!({"checked": tag.attribute("checked") == "true"})))]
        }
        "columns" => {
            let column = |column: &Element<'_>| json!({"type": "column", "column": {"children": parse(column.inner)}});
            let columns: Vec<Value> = elements(inner, &["column"]).iter().map(column).collect();
            vec![json!({"type": "column_list", "column_list": {"children": columns}})]
        }
        "equation" => vec![json!({"type": "equation", "equation": {"expression": decode(inner.trim())}})],
        "image" | "pdf" | "file" | "audio" | "video" => {
            vec![media(&tag.name, tag.attribute("source"), inline::rich_text(inner))]
        }
        "bookmark" | "embed" => {
            let mut block = json!({"type": tag.name});
            block[&tag.name] = json!({"url": tag.attribute("source"), "caption": []});
            vec![block]
        }
        "page" if tag.attribute("url").is_empty() => vec![json!({ MADE: inner.trim() })],
        "page" | "database" | "folder" | "synced-block" | "custom-block" | "meeting-notes" => {
            moved(tag).into_iter().collect()
        }
        "table" => {
            let cells = |row: &Element<'_>| {
                elements(row.inner, &["td", "th"]).iter().map(|cell| inline::rich_text(cell.inner)).collect::<Vec<_>>()
            };
            let rows: Vec<Vec<Value>> = elements(inner, &["tr"]).iter().map(cells).collect();
            vec![table_block(&rows, tag.attribute("header-row") == "true")]
        }
        _ => vec![text_block("paragraph", inline::rich_text(inner), json!({}))],
    }
}

/// Returns the move of what a tag names.
fn moved(tag: &Tag) -> Option<Value> {
    let url = [tag.attribute("url"), tag.attribute("view-url")].concat();
    let id = canonical_uuid(&url[url.len().saturating_sub(32)..])?;
    Some(json!({ MOVED: id }))
}
