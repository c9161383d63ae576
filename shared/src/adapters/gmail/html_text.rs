//! The plain text of HTML.
//!
//! The text of the tokens that are shown is written in one pass, whose time and size grow with the HTML and with nothing else: libraries
//! that lay out a page allocate 45 GB for one megabyte of table cells, or panic at a `colspan`, and a mail is what a stranger wrote.

use html5gum::StartTag;
use std::collections::HashMap;

use super::html_tokens::{self, Shown, attribute, has_scheme};
use crate::answer;

/// Most bytes of HTML that are read for its text. More of it is not returned either.
const MAX_HTML_BYTES: usize = 1024 * 1024;
/// Deepest quotes and lists that lines show, each with two characters.
const MAX_SHOWN_DEPTH: usize = 10;

/// Elements with an empty line before and after them.
const PARAGRAPHS: [&str; 14] =
    ["blockquote", "caption", "dl", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "p", "pre", "table"];
/// Elements that start and end a line.
const LINES: [&str; 25] = [
    "address",
    "article",
    "aside",
    "body",
    "center",
    "dd",
    "details",
    "div",
    "dt",
    "fieldset",
    "figcaption",
    "footer",
    "form",
    "header",
    "legend",
    "li",
    "main",
    "nav",
    "option",
    "section",
    "summary",
    "tbody",
    "td",
    "th",
    "tr",
];
/// Schemes of the addresses that are written; others lead nowhere outside the mail.
const SCHEMES: [&str; 4] = ["http://", "https://", "mailto:", "tel:"];

/// Returns the text of HTML as a person reads it: a paragraph as one line, tables by their cells, quotes behind `>`, pictures by what
/// stands for them, and the addresses of links as footnotes.
pub(super) fn of(html: &str) -> String {
    let (html, _) = answer::cut_text(html, MAX_HTML_BYTES);
    let mut page = Page::default();
    for token in html_tokens::shown(&html) {
        match token {
            Shown::Start(tag) => page.start(&tag),
            Shown::End(name) => page.end(&name),
            Shown::Text(text) => page.text(&text),
        }
    }
    page.finish()
}

/// The text so far, and where it is within the page.
#[derive(Default)]
struct Page {
    text: String,
    /// The line ends before the next word.
    breaks: usize,
    /// True if a space is before the next word.
    has_space: bool,
    preformatted: usize,
    quotes: usize,
    /// The mark of quotes before the last line.
    last_quote: String,
    /// The lists around the place, each with the number of its last item if it has numbers.
    lists: Vec<Option<usize>>,
    /// The mark of the item that starts with the next word.
    marker: Option<String>,
    /// The link around the place: its address, and where its text starts.
    link: Option<(String, usize)>,
    /// The addresses by their number.
    addresses: HashMap<String, usize>,
    footnotes: Vec<String>,
}

impl Page {
    fn start(&mut self, tag: &StartTag<()>) {
        let name = html_tokens::lossy(&tag.name);
        self.separate(&name);
        match name.as_str() {
            "br" => self.breaks += 1,
            "pre" => self.preformatted += 1,
            "blockquote" => self.quotes += 1,
            "ul" | "ol" => self.open_list(name == "ol"),
            "li" => self.open_item(),
            "a" => self.open_link(tag),
            "img" => self.text(&attribute(tag, "alt")),
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        match name {
            "pre" => self.preformatted = self.preformatted.saturating_sub(1),
            "blockquote" => self.quotes = self.quotes.saturating_sub(1),
            "li" => self.marker = None,
            "ul" | "ol" => {
                self.marker = None;
                self.lists.pop();
                self.end_line(if self.lists.is_empty() { 2 } else { 1 });
            }
            "a" => self.close_link(),
            _ => {}
        }
        self.separate(name);
    }

    /// Ends the line before and after an element that is no part of one. The first paragraph of an item is on the item's line.
    fn separate(&mut self, name: &str) {
        if self.marker.is_some() && name != "li" {
            return;
        }
        if PARAGRAPHS.contains(&name) {
            self.end_line(2);
        } else if LINES.contains(&name) {
            self.end_line(1);
        }
    }

    fn end_line(&mut self, breaks: usize) {
        self.breaks = self.breaks.max(breaks);
    }

    fn open_list(&mut self, is_numbered: bool) {
        self.end_line(if self.lists.is_empty() { 2 } else { 1 });
        self.lists.push(is_numbered.then_some(0));
    }

    fn open_item(&mut self) {
        self.marker = Some(match self.lists.last_mut() {
            Some(Some(number)) => {
                *number += 1;
                format!("{number}. ")
            }
            _ => "* ".to_owned(),
        });
    }

    fn open_link(&mut self, tag: &StartTag<()>) {
        self.close_link();
        let address = attribute(tag, "href").trim().to_owned();
        if has_scheme(&address, &SCHEMES) {
            self.link = Some((address, self.text.len()));
        }
    }

    /// Writes the number of a link's footnote behind its text, unless the text is the address.
    fn close_link(&mut self) {
        let Some((address, start)) = self.link.take() else { return };
        let label = self.text[start..].trim().trim_end_matches('/');
        let shown = address.trim_end_matches('/');
        if label.is_empty() || SCHEMES.iter().any(|scheme| label == shown || Some(label) == shown.strip_prefix(scheme))
        {
            return;
        }
        let next = self.addresses.len() + 1;
        let number = *self.addresses.entry(address.clone()).or_insert(next);
        if number == next {
            self.footnotes.push(format!("[{number}]: {address}"));
        }
        self.text.push_str(&format!("[{number}]"));
    }

    fn text(&mut self, text: &str) {
        if self.preformatted > 0 {
            for (index, line) in text.split('\n').enumerate() {
                self.breaks += usize::from(index > 0);
                self.write(line.trim_end_matches('\r'));
            }
            return;
        }
        for (index, word) in text.split(|c: char| c.is_ascii_whitespace()).enumerate() {
            self.has_space |= index > 0;
            self.write(word);
        }
    }

    fn write(&mut self, word: &str) {
        if word.is_empty() {
            return;
        }
        if self.breaks > 0 || self.text.is_empty() {
            self.start_line();
        } else if self.has_space {
            self.text.push(' ');
        }
        (self.breaks, self.has_space) = (0, false);
        self.text.push_str(word);
    }

    fn start_line(&mut self) {
        let quote = "> ".repeat(self.quotes.min(MAX_SHOWN_DEPTH));
        if !self.text.is_empty() {
            self.text.push('\n');
            // An empty line is within the quotes that both lines are in.
            let shared = if quote.len() < self.last_quote.len() { &quote } else { &self.last_quote };
            for _ in 1..self.breaks {
                self.text.push_str(shared.trim_end());
                self.text.push('\n');
            }
        }
        self.text.push_str(&quote);
        self.last_quote = quote;
        let marker = self.marker.take();
        // The further lines of an item are below its first word.
        let depth = if marker.is_some() { self.lists.len().saturating_sub(1) } else { self.lists.len() };
        self.text.push_str(&"  ".repeat(depth.min(MAX_SHOWN_DEPTH)));
        self.text.push_str(marker.as_deref().unwrap_or_default());
    }

    fn finish(mut self) -> String {
        self.close_link();
        let mut text = self.text;
        for (index, footnote) in self.footnotes.iter().enumerate() {
            text.push_str(if index == 0 { "\n\n" } else { "\n" });
            text.push_str(footnote);
        }
        text.trim_start_matches('\n').to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_what_a_person_reads() {
        let html = "<html><head><title>T</title><style>p { color: red }</style></head><body><script>alert('<b>1')</script>
            <p>Hi&nbsp;Ann,<br>caf&eacute; &lt;now&gt; <b>b</b>old</p><table><caption>Bill</caption><tr><td>Total<td>12&#8364;</table>
            <hr><ul><li>one<li>two<ol><li>x<li><p>y</ol></ul><blockquote><div>old<blockquote>older</blockquote></div></blockquote>
            <a href=\"https://x.example/a?b=1&amp;c=2\">Open  it</a>, <A HREF='https://x.example/a?b=1&amp;c=2'>again</a>,
            <a href=https://y.example/>y.example</a> <a href=\"mailto:a@b.co\">a@b.co</a> <a href=\"#top\">top</a>
            <img src=\"cid:1\" alt=\"Logo\"><img src=\"https://t.example/pixel\"><!-- secret --></body></html>";
        let text = "Hi\u{a0}Ann,\ncafé <now> bold\n\nBill\n\nTotal\n12€\n\n* one\n* two\n  1. x\n  2. y\n\n> old\n>\n> > older\n\n\
            Open it[1], again[1], y.example a@b.co top Logo\n\n[1]: https://x.example/a?b=1&c=2";
        assert_eq!(of(html), text);
        assert_eq!((of(""), of("<div> </div>").as_str(), of("no tags").as_str()), (String::new(), "", "no tags"));
        assert_eq!(of("<pre>a\n  b\r\n\nc</pre><p>d  e"), "a\n  b\n\nc\n\nd e");
        assert_eq!(of("<ul><li><p>a<p>b</ul>c"), "* a\n\n  b\n\nc");
        let long = "word ".repeat(500);
        assert_eq!(of(&format!("<p>{long}</p>")), long.trim());
    }

    /// The things that make a renderer of pages slow, or grow: depth, tables, attributes, unclosed quotes. The text stays in proportion to the HTML.
    #[test]
    fn strange_html_has_a_text_in_proportion() {
        let many = |piece: &str| piece.repeat(300_000 / piece.len());
        let names: String = (0..60_000).map(|number| format!("a{number} ")).collect();
        let pieces = [
            "<div>",
            "<div title=\"</div>\">",
            "<blockquote>",
            "<blockquote>x<br>",
            "<ul><li>",
            "<ul><li>x",
            "<table><tr><td>x",
            "<td rowspan=65000 colspan=18446744073709551615>x",
            "<hr>",
            "<b><i>",
            "&amp;",
            "<a href=https://x.example>y</a>",
            "<pre>\n",
            "<",
            "<!-- ",
            "<script>",
        ];
        let attributes = [format!("<a {names}>"), format!("<a x=y' {names}>")];
        for html in pieces.map(many).into_iter().chain(attributes) {
            let text = of(&format!("words{html}"));
            assert!(text.starts_with("words") && text.len() < 10 * html.len(), "{}: {}", &html[..20], text.len());
        }
    }
}
