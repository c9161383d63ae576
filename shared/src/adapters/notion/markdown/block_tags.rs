//! Notion's dialect to a tree: its block tags are read here, and the Markdown between them by the parser.

use super::html::HtmlTag;
use super::parser;
use super::scan::{code_length, ends_fence, fence, tag_length};
use super::tree::{Block, Inline, Item, Syntax, text_of};

/// Deepest tags in tags; deeper ones are text.
const MAX_DEPTH: usize = 20;
/// Most tags without an end that are looked at; others are text.
const MAX_UNCLOSED: usize = 100;
/// The block tags of <https://developers.notion.com/guides/data-apis/notion-flavored-markdown>
const TAGS: [&str; 40] = [
    "audio",
    "bookmark",
    "callout",
    "column",
    "columns",
    "custom-block",
    "database",
    "embed",
    "empty-block",
    "equation",
    "external_object_instance",
    "file",
    "folder",
    "h1",
    "h2",
    "h3",
    "h4",
    "image",
    "li",
    "mail",
    "meeting-notes",
    "meeting-notes-section-notes",
    "meeting-notes-section-summary",
    "meeting-notes-section-transcript",
    "ol",
    "p",
    "page",
    "pdf",
    "quote",
    "synced-block",
    "synced-block-reference",
    "tab",
    "table",
    "table-of-contents",
    "tabs",
    "todo",
    "toggle",
    "ul",
    "unknown",
    "video",
];

/// Reads a document.
pub(super) fn read(content: &str) -> Vec<Block> {
    let mut blocks = vec![];
    read_into(&mut blocks, &content.replace("\r\n", "\n"), 0);
    blocks
}

/// Appends blocks. Notion has items and no lists, so that a list after a list continues it.
fn append(blocks: &mut Vec<Block>, more: Vec<Block>) {
    for block in more {
        match (blocks.last_mut(), block) {
            (Some(Block::List(before, items)), Block::List(start, more)) if before.is_some() == start.is_some() => {
                items.extend(more);
            }
            (_, block) => blocks.push(block),
        }
    }
}

fn read_into(blocks: &mut Vec<Block>, content: &str, depth: usize) {
    let (mut start, mut unclosed) = (0, 0);
    let mut lines = Lines::new(content);
    while let Some((offset, line)) = lines.next_outside_code() {
        let indent = line.len() - line.trim_start().len();
        let text = &content[offset + indent..];
        if !text.starts_with('<') || depth >= MAX_DEPTH || unclosed >= MAX_UNCLOSED {
            continue;
        }
        let Some(element) = Element::parse(text, &TAGS) else {
            unclosed += 1;
            continue;
        };
        push_markdown(blocks, &content[start..offset]);
        push_element(blocks, &element, depth);
        start = offset + indent + element.length;
        lines.skip_to(start);
    }
    push_markdown(blocks, &content[start..]);
}

/// The lines of a text, without those of code and formulas.
struct Lines<'a> {
    text: &'a str,
    offset: usize,
    /// The fence of the code that the next line is in.
    fence: Option<&'a str>,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, offset: 0, fence: None }
    }

    fn skip_to(&mut self, offset: usize) {
        self.offset = offset;
    }

    fn next_outside_code(&mut self) -> Option<(usize, &'a str)> {
        while self.offset < self.text.len() {
            let offset = self.offset;
            let rest = &self.text[offset..];
            let line = &rest[..rest.find('\n').unwrap_or(rest.len())];
            self.offset += (line.len() + 1).min(rest.len());
            let trimmed = line.trim();
            match self.fence {
                Some(fence) if ends_fence(fence, trimmed) => {
                    self.fence = None;
                }
                Some(_) => {}
                None => match fence(trimmed) {
                    None => return Some((offset, line)),
                    fence => self.fence = fence,
                },
            }
        }
        None
    }
}

/// A block tag with its content.
struct Element<'a> {
    tag: HtmlTag,
    content: &'a str,
    /// The length with both tags.
    length: usize,
}

impl<'a> Element<'a> {
    /// Parses an element at the start of a text, if it has one of these names.
    fn parse(text: &'a str, names: &[&str]) -> Option<Self> {
        if !names.contains(&tag_name(text)?.as_str()) {
            return None;
        }
        let start = start_tag(text)?;
        let tag = HtmlTag::parse(&text[..start]).filter(|tag| !tag.is_end && names.contains(&tag.name.as_str()))?;
        if tag.is_empty {
            return Some(Self { tag, content: "", length: start });
        }
        let (end, length) = end_tag(&text[start..], &tag.name)?;
        Some(Self { tag, content: &text[start..start + end], length: start + length })
    }

    /// Returns the elements in this one, of these names.
    fn children(&self, names: &[&str]) -> Vec<Element<'a>> {
        let (mut children, mut rest, mut unclosed) = (vec![], self.content, 0);
        while let Some(start) = rest.find('<').filter(|_| unclosed < MAX_UNCLOSED) {
            rest = &rest[start..];
            let is_named = names.iter().any(|name| rest[1..].starts_with(name));
            match Element::parse(rest, names).filter(|_| is_named) {
                Some(child) => {
                    rest = &rest[child.length..];
                    children.push(child);
                }
                None => {
                    unclosed += usize::from(is_named);
                    rest = &rest[1..];
                }
            }
        }
        children
    }
}

/// Returns the name of the start tag at the start of a text, in lower case.
fn tag_name(text: &str) -> Option<String> {
    let text = text.strip_prefix('<')?;
    let is_of_name = |char: char| char.is_ascii_alphanumeric() || "-_".contains(char);
    Some(text[..text.find(|char| !is_of_name(char))?].to_ascii_lowercase()).filter(|name| !name.is_empty())
}

/// Returns the length of the start tag at the start of a text.
fn start_tag(text: &str) -> Option<usize> {
    tag_length(text).filter(|_| !text.starts_with("</"))
}

/// Returns the offsets of the end tag of an element and of what follows it.
fn end_tag(text: &str, name: &str) -> Option<(usize, usize)> {
    let (mut depth, mut unclosed) = (0_usize, 0);
    let mut lines = Lines::new(text);
    while let Some((offset, line)) = lines.next_outside_code() {
        for index in tag_starts(line) {
            let rest = &text[offset + index..];
            let is_named =
                |rest: &str| rest.strip_prefix(name).is_some_and(|rest| rest.starts_with(['>', ' ', '/', '\n', '\t']));
            if let Some(after) = rest.strip_prefix("</").filter(|after| is_named(after)) {
                if depth == 0 {
                    let end = after.find('>')?;
                    return Some((offset + index, offset + index + 2 + end + 1));
                }
                depth -= 1;
            } else if is_named(&rest[1..]) && unclosed < MAX_UNCLOSED {
                match start_tag(rest) {
                    Some(end) => depth += usize::from(!rest[..end].ends_with("/>")),
                    None => unclosed += 1,
                }
            }
        }
    }
    None
}

/// Returns the places in a line where tags can start: `<` is a text behind a backslash, and in code between backticks.
fn tag_starts(line: &str) -> Vec<usize> {
    let (mut starts, mut index) = (vec![], 0);
    while let Some(next) = line[index..].find(['\\', '`', '<']) {
        let rest = &line[index + next..];
        index += next;
        let run = rest.len() - rest.trim_start_matches('`').len();
        index += match rest.as_bytes()[0] {
            b'<' => {
                starts.push(index);
                1
            }
            b'`' => run + code_length(&rest[run..], run).map_or(0, |length| length + run),
            _ => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
        };
    }
    starts
}

fn push_markdown(blocks: &mut Vec<Block>, markdown: &str) {
    append(blocks, parser::parse(markdown.trim_matches('\n'), Syntax::Notion));
}

fn push_element(blocks: &mut Vec<Block>, element: &Element<'_>, depth: usize) {
    let tag = &element.tag;
    let mut inner = vec![];
    let is_leaf = ["equation", "table", "ul", "ol", "image"].contains(&tag.name.as_str());
    if !is_leaf {
        read_into(&mut inner, element.content, depth + 1);
    }
    match tag.name.as_str() {
        "quote" => blocks.push(Block::Quote(inner)),
        "callout" => {
            blocks.push(Block::Callout(tag.attribute("icon").to_owned(), tag.attribute("color").to_owned(), inner))
        }
        "toggle" => {
            let title = take_title(&mut inner);
            blocks.push(Block::Toggle(title, inner));
        }
        "h1" | "h2" | "h3" | "h4" => {
            let title = take_title(&mut inner);
            blocks.push(Block::Heading(tag.name.as_bytes()[1] - b'0', title));
            blocks.append(&mut inner);
        }
        "ul" | "ol" => {
            let items = element.children(&["li"]).into_iter().map(|item| read_item(&item, depth)).collect();
            append(blocks, vec![Block::List((tag.name == "ol").then_some(1), items)]);
        }
        "li" | "todo" => {
            let item = Item { checked: checked(tag), blocks: inner };
            append(blocks, vec![Block::List(None, vec![item])]);
        }
        "equation" => blocks.push(Block::Formula(unescape(element.content))),
        "table" => blocks.push(table(element)),
        "image" => blocks.push(Block::Image(
            tag.attribute("source").to_owned(),
            parser::parse_line(element.content, Syntax::Notion),
        )),
        "table-of-contents" | "empty-block" => {}
        "audio"
        | "bookmark"
        | "custom-block"
        | "database"
        | "embed"
        | "external_object_instance"
        | "file"
        | "folder"
        | "page"
        | "pdf"
        | "unknown"
        | "video" => blocks.push(link(tag, &inner)),
        _ => blocks.append(&mut inner),
    }
}

/// Returns the first paragraph, the title of a block with others in it.
fn take_title(blocks: &mut Vec<Block>) -> Vec<Inline> {
    match blocks.first() {
        Some(Block::Paragraph(_)) => match blocks.remove(0) {
            Block::Paragraph(nodes) => nodes,
            _ => vec![],
        },
        _ => vec![],
    }
}

fn read_item(element: &Element<'_>, depth: usize) -> Item {
    let mut blocks = vec![];
    read_into(&mut blocks, element.content, depth + 1);
    Item { checked: None, blocks }
}

fn checked(tag: &HtmlTag) -> Option<bool> {
    (tag.name == "todo").then(|| tag.attribute("checked") == "true")
}

/// Returns a block that is elsewhere as a link to it, or as its title or the name of its type.
fn link(tag: &HtmlTag, content: &[Block]) -> Block {
    let urls = [tag.attribute("url"), tag.attribute("source")];
    let url = urls.into_iter().find(|url| !url.is_empty()).unwrap_or_default();
    let title = match content.first() {
        Some(Block::Paragraph(nodes)) => text_of(nodes),
        _ if !tag.attribute("alt").is_empty() => tag.attribute("alt").to_owned(),
        _ if tag.name == "unknown" || url.is_empty() => format!("[{}]", tag.name),
        _ => url.to_owned(),
    };
    let title = vec![Inline::Text(title)];
    Block::Paragraph(if url.is_empty() { title } else { vec![Inline::Link(url.to_owned(), title)] })
}

fn table(element: &Element<'_>) -> Block {
    let row = |row: &Element<'_>| {
        let cell = |cell: &Element<'_>| {
            parser::parse_line(&cell.content.split_whitespace().collect::<Vec<_>>().join(" "), Syntax::Notion)
        };
        row.children(&["td", "th"]).iter().map(cell).collect::<Vec<_>>()
    };
    let mut rows: Vec<_> = element.children(&["tr"]).iter().map(row).collect();
    let has_header = element.tag.attribute("header-row") == "true" || element.content.contains("<th");
    if !has_header {
        // In CommonMark every table has a header.
        rows.insert(0, vec![vec![]; rows.first().map_or(0, Vec::len)]);
    }
    Block::Table(rows)
}

fn unescape(text: &str) -> String {
    text.trim().replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}
