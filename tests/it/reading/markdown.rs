//! Pages: their headings, paragraphs, list items, tables, code blocks and links.

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use std::collections::BTreeSet;
use std::ops::Range;

use crate::support::text;

/// A page.
pub(crate) struct Page {
    name: String,
    blocks: Vec<Block>,
}

/// A block of a page, in the order of the page.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Block {
    Heading { level: u8, text: Text },
    Paragraph(Text),
    Item(Text),
    Table { header: Vec<Text>, rows: Vec<Vec<Text>> },
    Code { language: String, text: String },
}

/// The text of a block or of a cell.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Text {
    /// The text as it stands in the page.
    pub(crate) source: String,
    /// The text without markup.
    pub(crate) plain: String,
    /// The code spans.
    pub(crate) code: Vec<String>,
    /// The targets of links and images.
    pub(crate) links: Vec<String>,
}

impl Block {
    /// The texts of the block; a code block has none.
    pub(crate) fn texts(&self) -> Vec<&Text> {
        match self {
            Self::Heading { text, .. } | Self::Paragraph(text) | Self::Item(text) => vec![text],
            Self::Table { header, rows } => header.iter().chain(rows.iter().flatten()).collect(),
            Self::Code { .. } => vec![],
        }
    }
}

impl Page {
    /// Reads a page by its path from the root.
    pub(crate) fn read(name: &str) -> Self {
        Self::parse(name, &text(name))
    }

    /// Parses a page.
    pub(crate) fn parse(name: &str, source: &str) -> Self {
        let mut builder = Builder { source, ..Builder::default() };
        for (event, range) in Parser::new_ext(source, Options::ENABLE_TABLES).into_offset_iter() {
            builder.add(event, range);
        }
        Self { name: name.to_owned(), blocks: builder.blocks }
    }

    /// The blocks below a heading, with its subsections.
    pub(crate) fn section(&self, heading: &str) -> &[Block] {
        let found = self.blocks.iter().enumerate().find_map(|(at, block)| match block {
            Block::Heading { level, text } if text.plain == heading => Some((at + 1, *level)),
            _ => None,
        });
        let (start, depth) = found.unwrap_or_else(|| panic!("{} has no heading '{heading}'", self.name));
        let ends = |block: &Block| matches!(block, Block::Heading { level, .. } if *level <= depth);
        let end = self.blocks[start..].iter().position(ends).map_or(self.blocks.len(), |length| start + length);
        &self.blocks[start..end]
    }

    /// The rows of the first table below a heading.
    pub(crate) fn table(&self, heading: &str) -> &[Vec<Text>] {
        let tables = self.section(heading).iter().find_map(|block| match block {
            Block::Table { rows, .. } => Some(rows.as_slice()),
            _ => None,
        });
        tables.unwrap_or_else(|| panic!("{}: no table below '{heading}'", self.name))
    }

    /// The first code block of a language below a heading.
    pub(crate) fn code(&self, heading: &str, of: &str) -> &str {
        let found = self.section(heading).iter().find_map(|block| match block {
            Block::Code { language, text } if language == of => Some(text.as_str()),
            _ => None,
        });
        found.unwrap_or_else(|| panic!("{}: no {of} block below '{heading}'", self.name))
    }

    /// Every block.
    pub(crate) fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// The code blocks of a language.
    pub(crate) fn code_blocks<'a>(&'a self, of: &'a str) -> impl Iterator<Item = &'a str> {
        self.blocks.iter().filter_map(move |block| match block {
            Block::Code { language, text } if language == of => Some(text.as_str()),
            _ => None,
        })
    }

    /// Every text outside of code blocks, cells included.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &Text> {
        self.blocks.iter().flat_map(Block::texts)
    }

    /// The headings as anchors, as code forges make them: lower case, without punctuation, hyphens for spaces.
    pub(crate) fn anchors(&self) -> BTreeSet<String> {
        let headings = self.blocks.iter().filter_map(|block| match block {
            Block::Heading { text, .. } => Some(text.plain.to_lowercase()),
            _ => None,
        });
        let anchor = |heading: String| {
            let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
            kept.map(|c| if c == ' ' { '-' } else { c }).collect()
        };
        headings.map(anchor).collect()
    }
}

/// Builds the blocks from the parser's events.
#[derive(Default)]
struct Builder<'a> {
    source: &'a str,
    blocks: Vec<Block>,
    /// The text that is being read, with its kind and its place in the source.
    open: Option<Open>,
    header: Vec<Text>,
    row: Vec<Text>,
    rows: Vec<Vec<Text>>,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Heading(u8),
    Paragraph,
    Item,
    Cell,
    Code,
}

struct Open {
    kind: Kind,
    text: Text,
    language: String,
    range: Option<Range<usize>>,
}

impl Builder<'_> {
    fn add(&mut self, event: Event<'_>, range: Range<usize>) {
        match event {
            Event::Start(Tag::Heading { level, .. }) => self.open(Kind::Heading(level as u8)),
            Event::Start(Tag::Paragraph) => self.open(Kind::Paragraph),
            Event::Start(Tag::Item) => self.open(Kind::Item),
            Event::Start(Tag::TableCell) => self.open(Kind::Cell),
            Event::Start(Tag::CodeBlock(kind)) => {
                self.open(Kind::Code);
                if let (CodeBlockKind::Fenced(language), Some(open)) = (kind, &mut self.open) {
                    open.language = language.into_string();
                }
            }
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                self.inline(range, |text| text.links.push(dest_url.into_string()));
            }
            Event::Text(part) | Event::InlineHtml(part) => self.inline(range, |text| text.plain.push_str(&part)),
            Event::SoftBreak | Event::HardBreak => self.inline(range, |text| text.plain.push(' ')),
            Event::Code(part) => self.inline(range, |text| {
                text.plain.push_str(&part);
                text.code.push(part.into_string());
            }),
            Event::End(TagEnd::TableHead) => self.header = std::mem::take(&mut self.row),
            Event::End(TagEnd::TableRow) => self.rows.push(std::mem::take(&mut self.row)),
            Event::End(TagEnd::Table) => {
                let (header, rows) = (std::mem::take(&mut self.header), std::mem::take(&mut self.rows));
                self.blocks.push(Block::Table { header, rows });
            }
            Event::End(
                TagEnd::Heading(_) | TagEnd::Paragraph | TagEnd::Item | TagEnd::TableCell | TagEnd::CodeBlock,
            ) => {
                self.close();
            }
            Event::End(TagEnd::Link | TagEnd::Image | TagEnd::Emphasis | TagEnd::Strong) => self.inline(range, |_| ()),
            _ => {}
        }
    }

    /// Starts a text. A paragraph at the start of a list item is the item's text.
    fn open(&mut self, kind: Kind) {
        let is_item = |open: &Open| open.kind == Kind::Item && open.range.is_none();
        let kind = if kind == Kind::Paragraph && self.open.as_ref().is_some_and(is_item) { Kind::Item } else { kind };
        self.close();
        self.open = Some(Open { kind, text: Text::default(), language: String::new(), range: None });
    }

    fn inline(&mut self, at: Range<usize>, add: impl FnOnce(&mut Text)) {
        let Some(open) = &mut self.open else { return };
        let range = open.range.get_or_insert(at.clone());
        *range = range.start.min(at.start)..range.end.max(at.end);
        add(&mut open.text);
    }

    fn close(&mut self) {
        let Some(Open { kind, mut text, language, range }) = self.open.take() else { return };
        text.source = range.map(|range| self.source[range].to_owned()).unwrap_or_default();
        match kind {
            Kind::Cell => self.row.push(text),
            Kind::Code => self.blocks.push(Block::Code { language, text: text.plain }),
            _ if text.source.is_empty() => {}
            Kind::Heading(level) => self.blocks.push(Block::Heading { level, text }),
            Kind::Paragraph => self.blocks.push(Block::Paragraph(text)),
            Kind::Item => self.blocks.push(Block::Item(text)),
        }
    }
}

#[test]
fn a_page_is_read_as_its_blocks() {
    let source = "# A `b`\n\nOne\ntwo.\n\n* [x](y.md): `z`\n  * inner\n\n1. loose\n\n2. list\n\n## C\n\n| h | i |\n|---|---|\n\
                  | `a` or **b** | |\n\n```sh\nrun # now\n\n```\n\n### D\n\n    plain\n\n## E!\n\n~~~text\n| no | table |\n~~~\n";
    let page = Page::parse("a.md", source);
    assert_eq!(page.anchors(), BTreeSet::from(["a-b", "c", "d", "e"].map(ToOwned::to_owned)));
    let texts: Vec<&str> = page.texts().map(|text| text.source.as_str()).collect();
    assert_eq!(
        texts,
        [
            "A `b`",
            "One\ntwo.",
            "[x](y.md): `z`",
            "inner",
            "loose",
            "list",
            "C",
            "h",
            "i",
            "`a` or **b**",
            "",
            "D",
            "E!"
        ]
    );
    assert_eq!(page.table("C")[0][0].code, ["a"]);
    assert_eq!(page.code("C", "sh"), "run # now\n\n");
    assert_eq!(page.code("C", ""), "plain\n");
    assert_eq!(page.code_blocks("text").collect::<Vec<_>>(), ["| no | table |\n"]);
    let item = page.blocks().iter().find(|block| matches!(block, Block::Item(_)));
    assert!(matches!(item, Some(Block::Item(text)) if text.links == ["y.md"] && text.plain == "x: z"), "{item:?}");
}
