//! The tags within Markdown. Those with a counterpart on both sides are read, and every other is a text.

use std::collections::BTreeMap;

use html5gum::{Token, Tokenizer};

use super::parser;
use super::tree::{Block, Inline, Mark, Syntax, join_marks, push_text, text_of, trim};

/// Deepest tags in tags.
const MAX_TAGS: usize = 8;
/// The title of a toggle without one.
const UNTITLED: &str = "Details";

/// A tag of HTML or of Notion.
pub(super) struct HtmlTag {
    /// In lower case.
    pub(super) name: String,
    pub(super) attributes: BTreeMap<String, String>,
    pub(super) is_end: bool,
    pub(super) is_empty: bool,
}

impl HtmlTag {
    /// Parses a tag at the start of a text.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let lossy = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        match Tokenizer::new(text).next()?.ok()? {
            Token::StartTag(tag) => {
                let attributes =
                    tag.attributes.iter().map(|(name, value)| (lossy(name), lossy(&value.value))).collect();
                Some(Self { name: lossy(&tag.name), attributes, is_end: false, is_empty: tag.self_closing })
            }
            Token::EndTag(tag) => {
                Some(Self { name: lossy(&tag.name), attributes: BTreeMap::new(), is_end: true, is_empty: false })
            }
            _ => None,
        }
    }

    /// The value of an attribute; empty without it.
    pub(super) fn attribute(&self, name: &str) -> &str {
        self.attributes.get(name).map_or("", String::as_str)
    }

    fn mark(&self) -> Option<Mark> {
        Some(match self.name.as_str() {
            "b" | "strong" => Mark::Strong,
            "i" | "em" => Mark::Emphasis,
            "s" | "del" | "strike" => Mark::Strikethrough,
            "u" | "ins" => Mark::Underline,
            _ => return None,
        })
    }
}

/// Reads the tags within a line.
pub(super) fn fold_inlines(nodes: Vec<Inline>, syntax: Syntax) -> Vec<Inline> {
    let mut open: Vec<(HtmlTag, String, Vec<Inline>)> = vec![];
    let mut line = vec![];
    for node in nodes {
        let Inline::Html(raw) = node else {
            append(&mut line, node);
            continue;
        };
        if raw.starts_with("<!--") {
            continue;
        }
        let Some(tag) = HtmlTag::parse(&raw) else {
            push_text(&mut line, &raw);
            continue;
        };
        let is_pair = tag.mark().is_some() || (syntax == Syntax::Notion && ["span", "mention"].contains(&&*tag.name));
        match tag {
            tag if tag.name == "br" => line.push(Inline::Break),
            tag if tag.is_empty && syntax == Syntax::Notion && ["mention", "date", "p"].contains(&&*tag.name) => {
                push_empty(&mut line, &tag);
            }
            tag if is_pair && !tag.is_end && !tag.is_empty && open.len() < MAX_TAGS => {
                open.push((tag, raw, std::mem::take(&mut line)));
            }
            tag if tag.is_end && open.last().is_some_and(|(last, _, _)| last.name == tag.name) => {
                let Some((start, _, before)) = open.pop() else { continue };
                let content = std::mem::replace(&mut line, before);
                push_pair(&mut line, &start, content);
            }
            _ => push_text(&mut line, &raw),
        }
    }
    // Tags without an end are text.
    while let Some((_, raw, before)) = open.pop() {
        let content = std::mem::replace(&mut line, before);
        push_text(&mut line, &raw);
        content.into_iter().for_each(|node| append(&mut line, node));
    }
    if syntax == Syntax::Notion { join_marks(line) } else { line }
}

fn append(line: &mut Vec<Inline>, node: Inline) {
    match node {
        Inline::Text(text) => push_text(line, &text),
        node => line.push(node),
    }
}

/// Appends the content of a pair of tags.
fn push_pair(line: &mut Vec<Inline>, tag: &HtmlTag, content: Vec<Inline>) {
    match (tag.mark(), tag.name.as_str()) {
        (Some(mark), _) => line.push(Inline::Marked(mark, content)),
        (None, "mention") => push_mention(line, tag, &text_of(&content)),
        (None, _) if tag.attribute("underline") == "true" => line.push(Inline::Marked(Mark::Underline, content)),
        (None, _) => content.into_iter().for_each(|node| append(line, node)),
    }
}

/// Appends a mention as a link, or as a text if what it names has no address.
fn push_mention(line: &mut Vec<Inline>, tag: &HtmlTag, label: &str) {
    let url = tag.attribute("url");
    let label = if label.is_empty() { url } else { label };
    match url {
        url if url.starts_with("http") => line.push(Inline::Link(url.to_owned(), vec![Inline::Text(label.to_owned())])),
        url if url.starts_with("user:") => push_text(line, &format!("@{}", label.trim_start_matches('@'))),
        _ => push_text(line, label),
    }
}

fn push_empty(line: &mut Vec<Inline>, tag: &HtmlTag) {
    let time = |date: &str, time: &str| [tag.attribute(date), tag.attribute(time)].join(" ").trim().to_owned();
    match tag.name.as_str() {
        "mention" => push_mention(line, tag, ""),
        "date" => {
            let (start, end) = (time("start", "start-time"), time("end", "end-time"));
            let range = if end.is_empty() { start } else { [start, end].join(" → ") };
            push_text(line, [&range, tag.attribute("time-zone")].join(" ").trim());
        }
        _ => {}
    }
}

/// Reads the HTML between blocks: toggles, line breaks and comments. Other HTML is text.
pub(super) fn fold_blocks(blocks: Vec<Block>, syntax: Syntax) -> Vec<Block> {
    let mut open: Vec<(Opening, String, Vec<Block>)> = vec![];
    let mut folded = vec![];
    for block in blocks {
        let Block::Html(raw) = block else {
            folded.push(block);
            continue;
        };
        let raw = raw.trim();
        match Opening::parse(raw) {
            _ if is_comment(raw) || raw.eq_ignore_ascii_case("<br>") || raw.eq_ignore_ascii_case("<br/>") => {}
            Some(opening) if opening.is_whole => folded.push(Block::Toggle(opening.title, opening.content)),
            Some(opening) if open.len() < MAX_TAGS => open.push((opening, raw.to_owned(), std::mem::take(&mut folded))),
            None if raw.eq_ignore_ascii_case("</details>") && !open.is_empty() => {
                let Some((opening, _, before)) = open.pop() else { continue };
                let content = std::mem::replace(&mut folded, before);
                folded.push(Block::Toggle(opening.title, [opening.content, content].concat()));
            }
            _ => folded.extend(literal(raw, syntax)),
        }
    }
    while let Some((_, raw, before)) = open.pop() {
        let content = std::mem::replace(&mut folded, before);
        folded.extend(literal(&raw, syntax));
        folded.extend(content);
    }
    folded
}

fn is_comment(raw: &str) -> bool {
    raw.starts_with("<!--") && raw.find("-->").is_some_and(|end| end + 3 == raw.len())
}

/// Returns HTML as a paragraph: as text, or with the inline tags of Notion's dialect.
fn literal(raw: &str, syntax: Syntax) -> Option<Block> {
    let mut line = vec![];
    if syntax == Syntax::Notion {
        line = parser::parse_line(raw, syntax);
    } else {
        for part in raw.lines().map(str::trim).filter(|part| !part.is_empty()) {
            if !line.is_empty() {
                line.push(Inline::Break);
            }
            line.push(Inline::Text(part.to_owned()));
        }
    }
    let line = trim(line);
    (!line.is_empty()).then_some(Block::Paragraph(line))
}

/// The start of a toggle: `<details>` with its `<summary>`.
struct Opening {
    title: Vec<Inline>,
    /// The text that follows the title in the same HTML.
    content: Vec<Block>,
    /// True if the end is in the same HTML.
    is_whole: bool,
}

impl Opening {
    fn parse(raw: &str) -> Option<Self> {
        let first = HtmlTag::parse(raw).filter(|tag| tag.name == "details" && !tag.is_end)?;
        debug_assert!(!first.is_end);
        let lower = raw.to_ascii_lowercase();
        let (title, rest) = match (lower.find("<summary"), lower.find("</summary>")) {
            (Some(start), Some(end)) if start < end => (text(&raw[start..end]), &raw[end + "</summary>".len()..]),
            _ => (UNTITLED.to_owned(), raw.find('>').map_or("", |end| &raw[end + 1..])),
        };
        let rest = rest.trim();
        let is_whole = rest.to_ascii_lowercase().ends_with("</details>");
        let rest = if is_whole { &rest[..rest.len() - "</details>".len()] } else { rest };
        let title = if title.trim().is_empty() { UNTITLED } else { title.trim() };
        let content = literal(rest, Syntax::CommonMark).into_iter().collect();
        Some(Self { title: vec![Inline::Text(title.to_owned())], content, is_whole })
    }
}

/// Returns the text of HTML.
fn text(html: &str) -> String {
    let string = |token| match token {
        Ok(Token::String(text)) => Some(String::from_utf8_lossy(&text.value).into_owned()),
        _ => None,
    };
    let text: String = Tokenizer::new(html).filter_map(string).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
