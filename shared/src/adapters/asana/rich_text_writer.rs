//! The writer of rich text from the events of Markdown.

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Tag, TagEnd};
use std::ops::Range;
use url::Url;

use super::link;
use super::markdown::Mention;
use super::rich_text::{self, Place, escape, is_address};
use super::text_table::TextTable;

/// A line where Asana has no rule.
const RULE: &str = "———";
/// The origin of links to Asana's own objects, which Asana names by the object unless they say otherwise.
const ASANA: &str = "https://app.asana.com/";

/// The rich text so far, and the place in it.
pub(super) struct Writer<'a> {
    place: Place,
    mentions: &'a [Mention],
    xml: String,
    /// The line breaks before the next text.
    breaks: &'static str,
    /// The open lists; one without markup has the number of its next item, or none.
    lists: Vec<List>,
    quotes: usize,
    /// The end tag of the open heading.
    heading: Option<&'static str>,
    links: Vec<Link>,
    code: Option<String>,
    table: Option<TextTable>,
}

/// An open list.
enum List {
    Marked(&'static str),
    Flat(Option<u64>),
}

/// An open link or picture.
struct Link {
    /// The address, which is the text of one without.
    address: String,
    /// True if it leads somewhere, and not within another one.
    is_link: bool,
    /// The place of its text.
    start: usize,
}

impl<'a> Writer<'a> {
    /// Starts a text with these mentions.
    pub(super) fn new(place: Place, mentions: &'a [Mention]) -> Self {
        Self {
            place,
            mentions,
            xml: String::new(),
            breaks: "",
            lists: vec![],
            quotes: 0,
            heading: None,
            links: vec![],
            code: None,
            table: None,
        }
    }

    /// Returns the rich text.
    pub(super) fn finish(self) -> String {
        format!("<body>{}</body>", self.xml)
    }

    /// Adds what the next event of the Markdown says.
    pub(super) fn take(&mut self, event: Event<'a>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => self.text(&text),
            Event::Code(code) => self.inline_code(&code),
            Event::SoftBreak => self.raw_text(" "),
            Event::HardBreak => self.raw_text("\n"),
            Event::InlineHtml(html) | Event::Html(html) => self.html(&html),
            Event::Rule => self.rule(),
            Event::TaskListMarker(is_done) => self.raw_text(if is_done { "☑ " } else { "☐ " }),
            Event::FootnoteReference(_) | Event::InlineMath(_) | Event::DisplayMath(_) => {}
        }
    }

    fn start(&mut self, tag: Tag<'a>) {
        match tag {
            Tag::Heading { level, .. } => self.start_heading(level),
            Tag::BlockQuote(_) => {
                if self.is_top() {
                    self.block("<blockquote>");
                }
                self.quotes += 1;
            }
            Tag::CodeBlock(CodeBlockKind::Fenced(_) | CodeBlockKind::Indented) => self.code = Some(String::new()),
            Tag::List(first) => self.start_list(first),
            Tag::Item => self.start_item(),
            Tag::Table(_) => self.table = Some(TextTable::default()),
            Tag::TableCell => self.table.iter_mut().for_each(TextTable::start_cell),
            Tag::TableHead | Tag::TableRow => self.table.iter_mut().for_each(TextTable::start_row),
            Tag::Emphasis => self.inline("<em>"),
            Tag::Strong => self.strong("<strong>"),
            Tag::Strikethrough => self.inline("<s>"),
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => self.start_link(&dest_url),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::HtmlBlock => self.end_paragraph(),
            TagEnd::Heading(_) => self.end_heading(),
            TagEnd::BlockQuote(_) => {
                self.quotes -= 1;
                match self.is_top() {
                    true => self.block("</blockquote>"),
                    false => self.end_paragraph(),
                }
            }
            TagEnd::CodeBlock => self.end_code(),
            TagEnd::List(_) => match self.lists.pop() {
                Some(List::Marked(name)) => self.block(&format!("</{name}>")),
                _ => self.end_paragraph(),
            },
            TagEnd::Item => match self.lists.last() {
                Some(List::Marked(_)) => self.block("</li>"),
                _ => self.breaks = "\n",
            },
            TagEnd::Table => self.end_table(),
            TagEnd::Emphasis => self.inline("</em>"),
            TagEnd::Strong => self.strong("</strong>"),
            TagEnd::Strikethrough => self.inline("</s>"),
            TagEnd::Link | TagEnd::Image => self.end_link(),
            _ => {}
        }
    }

    /// True outside lists and quotes, where blocks may be.
    fn is_top(&self) -> bool {
        self.lists.is_empty() && self.quotes == 0
    }

    /// Writes a tag that stands for line breaks.
    fn block(&mut self, tag: &str) {
        self.breaks = "";
        self.xml.push_str(tag);
    }

    /// Writes a tag within a line.
    fn inline(&mut self, tag: &str) {
        if self.table.is_none() {
            self.write_breaks();
            self.xml.push_str(tag);
        }
    }

    /// Writes a tag of bold text, which a heading without markup of its own is already.
    fn strong(&mut self, tag: &str) {
        if self.heading != Some("</strong>") {
            self.inline(tag);
        }
    }

    fn write_breaks(&mut self) {
        self.xml.push_str(std::mem::take(&mut self.breaks));
    }

    /// Writes a text as it is.
    fn raw_text(&mut self, text: &str) {
        if let Some(table) = &mut self.table {
            return table.push(text);
        }
        self.write_breaks();
        // A heading is one line.
        let text = if self.heading.is_some() { text.replace('\n', " ") } else { text.to_owned() };
        self.xml.push_str(&escape(&text));
    }

    fn end_paragraph(&mut self) {
        if !self.xml.is_empty() {
            self.breaks = if self.lists.is_empty() { "\n\n" } else { "\n" };
        }
    }

    fn start_heading(&mut self, level: HeadingLevel) {
        let (start, end) = match (self.place == Place::Task && self.is_top(), level) {
            (true, HeadingLevel::H1) => ("<h1>", "</h1>"),
            (true, _) => ("<h2>", "</h2>"),
            (false, _) => ("<strong>", "</strong>"),
        };
        match end {
            "</strong>" => self.inline(start),
            _ => self.block(start),
        }
        self.heading = Some(end);
    }

    fn end_heading(&mut self) {
        match self.heading.take() {
            Some("</strong>") => {
                self.inline("</strong>");
                self.end_paragraph();
            }
            end => self.block(end.unwrap_or_default()),
        }
    }

    fn start_list(&mut self, first: Option<u64>) {
        let name = if first.is_some() { "ol" } else { "ul" };
        match self.quotes {
            0 => {
                self.block(&format!("<{name}>"));
                self.lists.push(List::Marked(name));
            }
            _ => {
                self.breaks = if self.breaks.is_empty() { "" } else { "\n" };
                self.lists.push(List::Flat(first));
            }
        }
    }

    fn start_item(&mut self) {
        let depth = self.lists.len();
        let mark = match self.lists.last_mut() {
            Some(List::Flat(Some(number))) => {
                *number += 1;
                format!("{}{}. ", "  ".repeat(depth - 1), *number - 1)
            }
            Some(List::Flat(None)) => format!("{}- ", "  ".repeat(depth - 1)),
            _ => return self.block("<li>"),
        };
        if !self.xml.ends_with("<blockquote>") {
            self.breaks = "\n";
        }
        self.raw_text(&mark);
    }

    fn inline_code(&mut self, code: &str) {
        match self.table.is_some() {
            true => self.raw_text(code),
            false => {
                self.inline("<code>");
                self.xml.push_str(&escape(code));
                self.xml.push_str("</code>");
            }
        }
    }

    fn end_code(&mut self) {
        let code = self.code.take().unwrap_or_default();
        let code = code.trim_end_matches('\n');
        if !code.is_empty() {
            self.preformatted(code);
        }
    }

    /// Writes a text of several lines in which every space counts.
    fn preformatted(&mut self, text: &str) {
        match self.is_top() {
            true => self.block(&format!("<pre>{}</pre>", escape(text))),
            // There are no such blocks in lists.
            false => {
                self.inline_code(text);
                self.end_paragraph();
            }
        }
    }

    fn end_table(&mut self) {
        if let Some(table) = self.table.take() {
            self.preformatted(&table.into_text());
        }
    }

    fn start_link(&mut self, address: &str) {
        let address = match address.contains('@') && !address.contains(':') {
            true => format!("mailto:{address}"),
            false => address.to_owned(),
        };
        // A picture within a link is the text of that.
        let is_link = is_address(&address) && self.links.is_empty() && self.table.is_none();
        if is_link {
            self.write_breaks();
        }
        self.links.push(Link { address, is_link, start: self.xml.len() });
    }

    fn end_link(&mut self) {
        let Some(Link { address, is_link, start }) = self.links.pop() else { return };
        if let Some(table) = &mut self.table {
            return table.push_address(&address);
        }
        if !is_link {
            // An address to which Asana has no links, such as one of a telephone, is text.
            let is_text = self.xml[start..].trim() == escape(&address);
            if !is_text && self.links.is_empty() && Url::parse(&address).is_ok() {
                self.raw_text(&format!(" ({address})"));
            }
            return;
        }
        let text = self.xml.split_off(start);
        self.xml.push_str(&link_to(&address, &text));
    }

    fn text(&mut self, text: &str) {
        if let Some(code) = &mut self.code {
            return code.push_str(text);
        }
        if self.table.is_some() || !self.links.is_empty() {
            return self.raw_text(text);
        }
        let mut written = 0;
        for (range, tag) in self.references(text) {
            // A mention within an address is a part of that.
            if range.start < written {
                continue;
            }
            if range.start > written {
                self.raw_text(&text[written..range.start]);
            }
            self.inline(&tag);
            written = range.end;
        }
        if written < text.len() {
            self.raw_text(&text[written..]);
        }
    }

    /// Returns the mentions and bare addresses in a text in their order: the place and the markup of each.
    fn references(&self, text: &str) -> Vec<(Range<usize>, String)> {
        let mentions = self.mentions.iter().flat_map(|(written, gid)| {
            let tag = format!("<a data-asana-gid=\"{}\"/>", escape(gid));
            text.match_indices(written.as_str()).map(move |(at, written)| (at..at + written.len(), tag.clone()))
        });
        let addresses = rich_text::addresses(text).into_iter().map(|range| {
            let tag = link_to(&text[range.clone()], "");
            (range, tag)
        });
        let mut references: Vec<_> = mentions.chain(addresses).collect();
        references.sort_by_key(|(range, _)| range.start);
        references
    }

    /// Writes HTML as the text that it is; only a line break is one.
    fn html(&mut self, html: &str) {
        let name: String = html.trim().to_ascii_lowercase().split_whitespace().collect();
        match ["<br>", "<br/>"].contains(&name.as_str()) {
            true => self.take(Event::HardBreak),
            false => {
                self.raw_text(html.trim_end_matches('\n'));
                if html.ends_with('\n') {
                    self.breaks = "\n";
                }
            }
        }
    }

    fn rule(&mut self) {
        match self.place == Place::Task && self.is_top() {
            true => self.block("<hr/>"),
            false => {
                self.raw_text(RULE);
                self.end_paragraph();
            }
        }
    }
}

/// Returns the link to an address with this rich text, or with the address.
fn link_to(address: &str, text: &str) -> String {
    let is_profile = matches!(link::gid_of(address, "user"), Some(Ok(_)));
    let address = escape(address);
    let has_words = !text.is_empty() && text != address;
    // Without it, Asana shows the name of its own object instead of the text, and mentions a person.
    let is_fixed = is_profile || (has_words && address.starts_with(ASANA));
    let fixed = if is_fixed { " data-asana-dynamic=\"false\"" } else { "" };
    let text = if has_words { text } else { &address };
    format!("<a href=\"{address}\"{fixed}>{text}</a>")
}
