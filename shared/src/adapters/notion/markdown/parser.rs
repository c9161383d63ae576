//! Markdown to a tree, by `pulldown-cmark`.

use std::collections::HashMap;
use std::iter::Peekable;

use pulldown_cmark::{BlockQuoteKind, CodeBlockKind, Event, LinkType, Options, Parser, Tag, TagEnd};

use super::html;
use super::tree::{Block, Inline, Item, Mark, Syntax, push_text, trim};

/// Deepest blocks in blocks; those in deeper ones are at this depth.
const MAX_DEPTH: usize = 30;
/// Deepest marks in marks.
const MAX_MARKS: usize = 12;

/// Parses Markdown. Of Notion's dialect only the inline tags are read.
pub(super) fn parse(markdown: &str, syntax: Syntax) -> Vec<Block> {
    let mut options = Options::ENABLE_TABLES
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_MATH
        | Options::ENABLE_GFM;
    // Notion's dialect has no footnotes.
    options.set(Options::ENABLE_FOOTNOTES, syntax == Syntax::CommonMark);
    let events = Parser::new_ext(markdown, options).peekable();
    let mut document = Document { events, syntax, notes: vec![], definitions: HashMap::new(), depth: 0 };
    let mut blocks = document.blocks();
    blocks.extend(document.list_notes());
    blocks
}

/// Parses a line that may start with a tag, which would be a block of HTML else.
pub(super) fn parse_line(line: &str, syntax: Syntax) -> Vec<Inline> {
    const JOINER: char = '\u{2060}';
    let paragraph = parse(&format!("{JOINER}{}", line.trim().replace('\n', " ")), syntax).into_iter().next();
    let Some(Block::Paragraph(mut nodes)) = paragraph else { return vec![Inline::Text(line.to_owned())] };
    if let Some(Inline::Text(first)) = nodes.first_mut() {
        *first = first.trim_start_matches(JOINER).to_owned();
    }
    trim(nodes)
}

/// A document that is being parsed.
struct Document<'a> {
    events: Peekable<Parser<'a>>,
    syntax: Syntax,
    /// The labels of the footnotes, in the order of their numbers.
    notes: Vec<String>,
    definitions: HashMap<String, Vec<Block>>,
    depth: usize,
}

impl Document<'_> {
    /// Parses blocks up to the end of the block around them.
    fn blocks(&mut self) -> Vec<Block> {
        let (mut blocks, mut too_deep) = (vec![], 0);
        self.depth += 1;
        while let Some(event) = self.events.peek() {
            if is_inline(event) {
                let nodes = self.inlines(0);
                push_paragraph(&mut blocks, nodes);
                continue;
            }
            match self.events.next() {
                Some(Event::Start(tag)) if self.depth > MAX_DEPTH && is_container(&tag) => too_deep += 1,
                Some(Event::Start(tag)) => self.block(tag, &mut blocks),
                Some(Event::End(_)) if too_deep > 0 => too_deep -= 1,
                Some(Event::Rule) => blocks.push(Block::Rule),
                Some(Event::End(_)) | None => break,
                Some(_) => {}
            }
        }
        self.depth -= 1;
        html::fold_blocks(blocks, self.syntax)
    }

    /// Parses the rest of a block.
    fn block(&mut self, tag: Tag<'_>, blocks: &mut Vec<Block>) {
        match tag {
            Tag::Paragraph => {
                let nodes = self.inlines(0);
                self.events.next();
                push_paragraph(blocks, nodes);
            }
            Tag::Heading { level, .. } => {
                let nodes = trim(self.inlines(0));
                self.events.next();
                blocks.push(Block::Heading(level as u8, nodes));
            }
            Tag::BlockQuote(kind) => {
                let content = self.blocks();
                blocks.push(quote(kind, content));
            }
            Tag::CodeBlock(kind) => {
                let text = self.raw_text();
                blocks.push(Block::Code { language: language(&kind), text });
            }
            Tag::HtmlBlock => {
                let text = self.raw_text();
                blocks.push(Block::Html(text));
            }
            Tag::List(start) => {
                let items = self.items();
                blocks.push(Block::List(start, items));
            }
            Tag::FootnoteDefinition(label) => {
                let content = self.blocks();
                self.definitions.insert(label.to_string(), content);
            }
            Tag::Table(_) => {
                let rows = self.rows();
                blocks.push(Block::Table(rows));
            }
            _ => {}
        }
    }

    /// Returns the text up to the end of a block of code or HTML.
    fn raw_text(&mut self) -> String {
        let mut text = String::new();
        while let Some(Event::Text(part) | Event::Html(part)) = self.events.next() {
            text.push_str(&part);
        }
        text.strip_suffix('\n').map(str::to_owned).unwrap_or(text)
    }

    fn items(&mut self) -> Vec<Item> {
        let mut items = vec![];
        while let Some(Event::Start(_)) = self.events.next() {
            let mut blocks = self.blocks();
            let checked = take_task(&mut blocks);
            items.push(Item { checked, blocks });
        }
        items
    }

    fn rows(&mut self) -> Vec<Vec<Vec<Inline>>> {
        let mut rows: Vec<Vec<Vec<Inline>>> = vec![];
        while let Some(event) = self.events.next() {
            match event {
                Event::Start(Tag::TableHead | Tag::TableRow) => rows.push(vec![]),
                Event::Start(Tag::TableCell) => {
                    let cell = trim(self.inlines(0));
                    rows.last_mut().into_iter().for_each(|row| row.push(cell.clone()));
                }
                Event::End(TagEnd::Table) => break,
                _ => {}
            }
        }
        rows
    }

    /// Parses a line up to the end of what is around it, which is left.
    fn inlines(&mut self, depth: usize) -> Vec<Inline> {
        let (mut nodes, mut too_deep) = (vec![], 0);
        while let Some(event) = self.events.peek() {
            let is_end = matches!(event, Event::End(_)) && too_deep > 0;
            if !(is_inline(event) || is_end) {
                break;
            }
            match self.events.next() {
                Some(Event::Start(_)) if depth >= MAX_MARKS => too_deep += 1,
                Some(Event::Start(tag)) => {
                    let content = self.inlines(depth + 1);
                    self.events.next();
                    push_marked(&mut nodes, tag, content);
                }
                Some(Event::End(_)) => too_deep -= 1,
                Some(event) => self.push_leaf(&mut nodes, event),
                None => break,
            }
        }
        html::fold_inlines(nodes, self.syntax)
    }

    fn push_leaf(&mut self, nodes: &mut Vec<Inline>, event: Event<'_>) {
        match event {
            Event::Text(text) => push_text(nodes, &text),
            Event::Code(code) => nodes.push(Inline::Code(code.to_string())),
            Event::InlineMath(formula) => nodes.push(Inline::Formula(formula.to_string(), false)),
            Event::DisplayMath(formula) => nodes.push(Inline::Formula(formula.to_string(), true)),
            Event::InlineHtml(tag) => nodes.push(Inline::Html(tag.to_string())),
            Event::SoftBreak => push_text(nodes, " "),
            Event::HardBreak => nodes.push(Inline::Break),
            Event::TaskListMarker(checked) => nodes.push(Inline::Task(checked)),
            Event::FootnoteReference(label) => push_text(nodes, &format!("[{}]", self.note_number(&label))),
            _ => {}
        }
    }

    /// Returns the number of a footnote, from 1 in the order of the references.
    fn note_number(&mut self, label: &str) -> usize {
        let position = self.notes.iter().position(|note| note == label);
        position.unwrap_or_else(|| {
            self.notes.push(label.to_owned());
            self.notes.len() - 1
        }) + 1
    }

    /// Returns the footnotes as a numbered list.
    fn list_notes(&mut self) -> Option<Block> {
        let mut blocks = |label| self.definitions.remove(label).unwrap_or_default();
        let items: Vec<Item> = self.notes.iter().map(|label| Item { checked: None, blocks: blocks(label) }).collect();
        (!items.is_empty()).then_some(Block::List(Some(1), items))
    }
}

/// True for a part of a line.
fn is_inline(event: &Event<'_>) -> bool {
    match event {
        Event::Start(tag) => {
            matches!(tag, Tag::Emphasis | Tag::Strong | Tag::Strikethrough | Tag::Link { .. } | Tag::Image { .. })
        }
        Event::End(_) | Event::Rule | Event::Html(_) => false,
        _ => true,
    }
}

fn is_container(tag: &Tag<'_>) -> bool {
    matches!(tag, Tag::BlockQuote(_) | Tag::List(_) | Tag::Item | Tag::FootnoteDefinition(_))
}

fn push_marked(nodes: &mut Vec<Inline>, tag: Tag<'_>, content: Vec<Inline>) {
    nodes.push(match tag {
        Tag::Strong => Inline::Marked(Mark::Strong, content),
        Tag::Strikethrough => Inline::Marked(Mark::Strikethrough, content),
        Tag::Link { link_type: LinkType::Email, dest_url, .. } => Inline::Link(format!("mailto:{dest_url}"), content),
        Tag::Link { dest_url, .. } => Inline::Link(dest_url.to_string(), content),
        Tag::Image { dest_url, .. } => Inline::Image(dest_url.to_string(), content),
        _ => Inline::Marked(Mark::Emphasis, content),
    });
}

/// Appends a paragraph. Its images and displayed formulas become blocks of their own, as Notion has them.
fn push_paragraph(blocks: &mut Vec<Block>, nodes: Vec<Inline>) {
    let mut line = vec![];
    let flush = |line: &mut Vec<Inline>, blocks: &mut Vec<Block>| {
        let line = trim(std::mem::take(line));
        if !line.is_empty() {
            blocks.push(Block::Paragraph(line));
        }
    };
    for node in nodes {
        let block = match node {
            Inline::Image(url, caption) => Block::Image(url, caption),
            Inline::Formula(formula, true) => Block::Formula(formula),
            Inline::Link(url, content) => match <[Inline; 1]>::try_from(content) {
                Ok([Inline::Image(source, caption)]) => Block::Image(source, vec![Inline::Link(url, caption)]),
                Ok(content) => {
                    line.push(Inline::Link(url, content.into()));
                    continue;
                }
                Err(content) => {
                    line.push(Inline::Link(url, content));
                    continue;
                }
            },
            node => {
                line.push(node);
                continue;
            }
        };
        flush(&mut line, blocks);
        blocks.push(block);
    }
    flush(&mut line, blocks);
}

/// Removes the marker of a task from the first line of an item.
fn take_task(blocks: &mut [Block]) -> Option<bool> {
    let Some(Block::Paragraph(nodes)) = blocks.first_mut() else { return None };
    let Some(Inline::Task(checked)) = nodes.first() else { return None };
    let checked = *checked;
    nodes.remove(0);
    *nodes = trim(std::mem::take(nodes));
    Some(checked)
}

fn quote(kind: Option<BlockQuoteKind>, content: Vec<Block>) -> Block {
    let (icon, color) = match kind {
        None => return Block::Quote(content),
        Some(BlockQuoteKind::Note) => super::tree::ALERTS[0].1,
        Some(BlockQuoteKind::Tip) => super::tree::ALERTS[1].1,
        Some(BlockQuoteKind::Important) => super::tree::ALERTS[2].1,
        Some(BlockQuoteKind::Warning) => super::tree::ALERTS[3].1,
        Some(BlockQuoteKind::Caution) => super::tree::ALERTS[4].1,
    };
    Block::Callout(icon.to_owned(), color.to_owned(), content)
}

/// Returns the language of a block of code: the first word behind its fence.
fn language(kind: &CodeBlockKind<'_>) -> String {
    let CodeBlockKind::Fenced(info) = kind else { return String::new() };
    let word = info.split([' ', '\t', ',', '{']).next().unwrap_or_default();
    word.chars().filter(|char| char.is_ascii_alphanumeric() || "+#.-_".contains(*char)).collect()
}
