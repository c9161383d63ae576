//! Markdown as Asana's rich text. Only what Asana has becomes markup: tables are preformatted text, pictures are links, and HTML is text.

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd, TextMergeStream};

use super::rich_text::{self, Place, escape, is_address};
use super::text_table::TextTable;

/// A line where Asana has no rule.
const RULE: &str = "———";
/// The origin of links to Asana's own objects, which Asana names by the object unless they say otherwise.
const ASANA: &str = "https://app.asana.com/";

/// A mention by what stands for it in the text, such as `<@ann@example.com>`, and the id of whom it names.
pub(super) type Mention = (String, String);

/// Returns Markdown as a rich text, with these mentions.
pub(super) fn to_rich_text(markdown: &str, place: Place, mentions: &[Mention]) -> String {
    let mut writer = Writer { mentions, ..Writer::new(place) };
    for event in events(markdown) {
        writer.take(event);
    }
    format!("<body>{}</body>", writer.xml)
}

/// Returns the texts of Markdown in which something can be named: all but code, HTML and addresses.
pub(super) fn texts(markdown: &str) -> Vec<String> {
    let mut is_code = false;
    let mut texts = vec![];
    for event in events(markdown) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => is_code = true,
            Event::End(TagEnd::CodeBlock) => is_code = false,
            Event::Text(text) if !is_code => texts.push(text.into_string()),
            _ => {}
        }
    }
    texts
}

fn events(markdown: &str) -> impl Iterator<Item = Event<'_>> {
    let options = Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS;
    TextMergeStream::new(Parser::new_ext(markdown, options))
}

/// The rich text so far, and the place in it.
struct Writer<'a> {
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
    fn new(place: Place) -> Self {
        Self {
            place,
            mentions: &[],
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

    fn take(&mut self, event: Event<'a>) {
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
            return;
        }
        let (address, text) = (escape(&address), self.xml.split_off(start));
        let has_words = !text.is_empty() && text != address;
        // Without it, Asana shows the name of its own object instead of the text.
        let words = if has_words && address.starts_with(ASANA) { " data-asana-dynamic=\"false\"" } else { "" };
        let text = if has_words { &text } else { &address };
        self.xml.push_str(&format!("<a href=\"{address}\"{words}>{text}</a>"));
    }

    fn text(&mut self, text: &str) {
        if let Some(code) = &mut self.code {
            return code.push_str(text);
        }
        if self.table.is_some() || !self.links.is_empty() {
            return self.raw_text(text);
        }
        let mut rest = text;
        while let Some((at, length, tag)) = self.next_reference(rest) {
            self.raw_text(&rest[..at]);
            self.inline(&tag);
            rest = &rest[at + length..];
        }
        if !rest.is_empty() {
            self.raw_text(rest);
        }
    }

    /// Returns the next mention or bare address in a text: its place, its length and its markup.
    fn next_reference(&self, text: &str) -> Option<(usize, usize, String)> {
        let mentions = self.mentions.iter().filter_map(|(written, gid)| {
            let tag = format!("<a data-asana-gid=\"{}\"/>", escape(gid));
            text.find(written.as_str()).map(|at| (at, written.len(), tag))
        });
        let address = rich_text::addresses(text).into_iter().next().map(|range| {
            let address = escape(&text[range.clone()]);
            (range.start, range.len(), format!("<a href=\"{address}\">{address}</a>"))
        });
        mentions.chain(address).min_by_key(|(at, ..)| *at)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn task(markdown: &str) -> String {
        let xml = to_rich_text(markdown, Place::Task, &[]);
        rich_text::check(&xml, Place::Task).unwrap_or_else(|reason| panic!("{markdown:?}: {reason}: {xml}"));
        xml.strip_prefix("<body>").unwrap().strip_suffix("</body>").unwrap().to_owned()
    }

    fn comment(markdown: &str) -> String {
        let xml = to_rich_text(markdown, Place::Other, &[]);
        rich_text::check(&xml, Place::Other).unwrap_or_else(|reason| panic!("{markdown:?}: {reason}: {xml}"));
        xml.strip_prefix("<body>").unwrap().strip_suffix("</body>").unwrap().to_owned()
    }

    #[test]
    fn markdown_becomes_what_asana_has() {
        for (markdown, xml) in [
            ("a\nb", "a b"),
            ("a  \nb\\\nc", "a\nb\nc"),
            ("a\n\nb", "a\n\nb"),
            ("**b** *i* ~~s~~ `x<1`", "<strong>b</strong> <em>i</em> <s>s</s> <code>x&lt;1</code>"),
            ("# A\n\nb\n\n## C\n### D", "<h1>A</h1>b<h2>C</h2><h2>D</h2>"),
            ("a\n- b\n- c\n  - d\n\ne", "a<ul><li>b</li><li>c<ul><li>d</li></ul></li></ul>e"),
            ("3. a\n4. b", "<ol><li>a</li><li>b</li></ol>"),
            ("- a\n\n  b\n\n- c", "<ul><li>a\nb</li><li>c</li></ul>"),
            ("- [x] a\n- [ ] b", "<ul><li>☑ a</li><li>☐ b</li></ul>"),
            ("- a\n\n  ```\n  x\n  y\n  ```", "<ul><li>a\n<code>x\ny</code></li></ul>"),
            ("> a\n> b\n>\n> c\n\nd", "<blockquote>a b\n\nc</blockquote>d"),
            ("> a\n> - b\n> - c", "<blockquote>a\n- b\n- c</blockquote>"),
            ("> 1. b\n> 2. c", "<blockquote>1. b\n2. c</blockquote>"),
            ("> a\n>> b", "<blockquote>a\n\nb</blockquote>"),
            ("- > a\n- # b", "<ul><li>a</li><li><strong>b</strong></li></ul>"),
            ("```rust\na <b>\n\n  c\n```\nd", "<pre>a &lt;b&gt;\n\n  c</pre>d"),
            ("a\n\n---\n\nb", "a<hr/>b"),
            ("| a | b |\n|--|--|\n| **1** | `22` |", "<pre>a | b\n--|---\n1 | 22</pre>"),
            ("[a](https://x.example?b=1&c=2)", "<a href=\"https://x.example?b=1&amp;c=2\">a</a>"),
            ("[a](/b) [c](javascript:d)", "a c"),
            ("![alt](https://x.example/a.png)", "<a href=\"https://x.example/a.png\">alt</a>"),
            ("[![alt](https://x.example/a.png)](https://y.example)", "<a href=\"https://y.example\">alt</a>"),
            ("See https://x.example/a_b.", "See <a href=\"https://x.example/a_b\">https://x.example/a_b</a>."),
            ("<ann@example.com>", "<a href=\"mailto:ann@example.com\">ann@example.com</a>"),
            (
                "[task](https://app.asana.com/0/1/2)",
                "<a href=\"https://app.asana.com/0/1/2\" data-asana-dynamic=\"false\">task</a>",
            ),
            (
                "<https://app.asana.com/0/1/2>",
                "<a href=\"https://app.asana.com/0/1/2\">https://app.asana.com/0/1/2</a>",
            ),
            ("a<br>b", "a\nb"),
            ("R&D &amp; &copy; \"x\"", "R&amp;D &amp; © &quot;x&quot;"),
        ] {
            assert_eq!(task(markdown), xml, "{markdown}");
        }
    }

    #[test]
    fn comments_and_projects_have_no_headings_and_rules() {
        assert_eq!(comment("# A **b**\n\nc"), "<strong>A b</strong>\n\nc");
        assert_eq!(comment("a\n\n---\n\nb"), "a\n\n———\n\nb");
    }

    #[test]
    fn hostile_html_is_text() {
        for hostile in [
            "<script>alert(1)</script>",
            "<a data-asana-gid=\"1\"/>",
            "x <img src=x onerror=alert(1)> y",
            "</body><body>",
            "<!-- x --> <?php ?> <![CDATA[ x ]]>",
            "&lt;script&gt; &#0; &#x1; \u{b}",
            "<@me> @all <@1200000000000021>",
            "**<em>**",
            "[x](<https://e.example/\"><script>>)",
            "```\n</pre><a href=\"javascript:x\">\n```",
        ] {
            for xml in [task(hostile), comment(hostile)] {
                assert!(
                    !xml.contains("<script") && !xml.contains("data-asana-gid=\"1\"") && !xml.contains("<img"),
                    "{xml}"
                );
            }
        }
    }

    #[test]
    fn mentions_are_written_where_they_were_resolved() {
        let mentions = [("<@Ann Lee>".to_owned(), "5".to_owned())];
        let xml = to_rich_text("Hi **<@Ann Lee>** `<@Ann Lee>` <@Bob>", Place::Other, &mentions);
        assert_eq!(
            xml,
            "<body>Hi <strong><a data-asana-gid=\"5\"/></strong> <code>&lt;@Ann Lee&gt;</code> &lt;@Bob&gt;</body>"
        );
        assert_eq!(texts("Hi <@a@b.example>\n\n    <@c>\n\n`<@d>`"), ["Hi <@a@b.example>"]);
    }

    mod properties {
        use super::*;
        use proptest::prelude::*;

        proptest! {
            #![proptest_config(ProptestConfig { failure_persistence: None, cases: 512, ..ProptestConfig::default() })]

            #[test]
            fn any_markdown_is_valid_rich_text(markdown in "([-*>#`|~_\\[\\]()<>&!a1. \n]|<b>|https://a\\.b|- |\n\n|```){0,60}") {
                task(&markdown);
                comment(&markdown);
            }
        }
    }
}
