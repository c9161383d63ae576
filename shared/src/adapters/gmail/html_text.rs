//! The plain text of HTML.

use html2text::config::{self, ImageRenderMode};
use mail_parser::decoders::html::html_to_text;
use std::collections::HashMap;

use crate::answer;

/// Most bytes of HTML that are read for its text. More of it is not returned either.
const MAX_HTML_BYTES: usize = 1024 * 1024;
/// The width of lines: a paragraph stays one line, unless it is longer than texts for people are.
const WIDTH: usize = 4000;

/// Most elements within each other, and most parts of one tag outside quotes. The time of the renderer grows with their square.
const MAX_DEPTH: usize = 200;
const MAX_TAG_PARTS: usize = 300;
/// Elements that end without a tag of their own.
const UNCLOSED: [&str; 20] = [
    "area", "base", "br", "col", "dd", "dt", "embed", "hr", "img", "input", "li", "link", "meta", "option", "p",
    "source", "td", "th", "tr", "wbr",
];

/// Returns the text of HTML as a person reads it: without styles and scripts, tables by their cells, quotes behind `>`, and the addresses of links as footnotes.
pub(super) fn of(html: &str) -> String {
    let (html, _) = answer::cut_text(html, MAX_HTML_BYTES);
    let ruled = without_rules(&html);
    let text = if is_simple(&ruled) { render(&ruled) } else { html_to_text(&ruled) };
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n").trim().to_owned()
}

fn render(html: &str) -> String {
    let config = config::plain_no_decorate().raw_mode(true).no_link_wrapping().link_footnotes(true);
    let rendered = config.empty_img_mode(ImageRenderMode::IgnoreEmpty).string_from_read(html.as_bytes(), WIDTH);
    // The renderer refuses quotes and lists that are nested deeper than a line is wide.
    rendered.unwrap_or_else(|_| html_to_text(html))
}

/// True for HTML of the usual depth, with tags of the usual length.
fn is_simple(html: &str) -> bool {
    let (mut open, mut depth) = (HashMap::<String, usize>::new(), 0_usize);
    for tag in html.split('<').skip(1) {
        let (is_end, tag) = tag.strip_prefix('/').map_or((false, tag), |tag| (true, tag));
        let name: String = tag.chars().take(20).take_while(char::is_ascii_alphanumeric).collect();
        let name = name.to_ascii_lowercase();
        if name.is_empty() || UNCLOSED.contains(&name.as_str()) {
            continue;
        }
        let count = open.entry(name).or_default();
        match (is_end, *count) {
            (true, 0) => {}
            (true, _) => (*count, depth) = (*count - 1, depth - 1),
            (false, _) => (*count, depth) = (*count + 1, depth + 1),
        }
        if depth > MAX_DEPTH {
            return false;
        }
    }
    !has_long_tag(html)
}

/// True if a tag has very many attributes.
fn has_long_tag(html: &str) -> bool {
    let (mut is_tag, mut quote, mut parts) = (false, None, 0);
    for byte in html.bytes() {
        match (byte, quote) {
            (b'<', None) if !is_tag => (is_tag, parts) = (true, 0),
            (b'>', None) => is_tag = false,
            (b'"' | b'\'', None) if is_tag => quote = Some(byte),
            (_, Some(open)) if open == byte => (quote, parts) = (None, parts + 1),
            (b'/' | b' ' | b'\n' | b'\t' | b'\r' | 0x0c, None) if is_tag => parts += 1,
            _ => {}
        }
        if parts > MAX_TAG_PARTS {
            return true;
        }
    }
    false
}

/// Replaces horizontal rules by line breaks: the renderer fills a line with each.
fn without_rules(html: &str) -> String {
    let mut replaced = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        let (before, tag) = rest.split_at(start);
        replaced.push_str(before);
        let is_rule = tag.get(1..3).is_some_and(|name| name.eq_ignore_ascii_case("hr"))
            && tag.as_bytes().get(3).is_some_and(|byte| !byte.is_ascii_alphanumeric());
        replaced.push_str(if is_rule { "<br" } else { "<" });
        rest = &tag[if is_rule { 3 } else { 1 }..];
    }
    replaced.push_str(rest);
    replaced
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    #[test]
    fn text_is_what_a_person_reads() {
        let html = "<html><head><title>T</title><style>p { color: red }</style></head><body><script>alert(1)</script>
            <p>Hi&nbsp;Ann,<br>caf&eacute; &lt;now&gt;</p><table><tr><td>Total</td><td>12&#8364;</td></tr></table>
            <hr><ul><li>one<li>two</ul><blockquote>old</blockquote><a href=\"https://x.example/a?b=1\">Open</a>
            <img src=\"cid:1\" alt=\"Logo\"><img src=\"https://t.example/pixel\"></body></html>";
        let text = of(html);
        for part in [
            "Hi\u{a0}Ann,\ncaf\u{e9} <now>",
            "Total\n12\u{20ac}",
            "* one\n* two",
            "> old",
            "https://x.example/a?b=1",
            "Logo",
        ] {
            assert!(text.contains(part), "{part:?} in {text:?}");
        }
        for part in ["color", "alert", "pixel", "<p", "\u{2500}"] {
            assert!(!text.contains(part), "{part:?} in {text:?}");
        }
        assert_eq!((of(""), of("<div> </div>").as_str(), of("no tags").as_str()), (String::new(), "", "no tags"));
        let long = "word ".repeat(500);
        assert_eq!(of(&format!("<p>{long}</p>")), long.trim());
    }

    #[test]
    fn strange_html_is_read_in_a_short_time() {
        let many = |piece: &str| piece.repeat(300_000 / piece.len());
        let start = Instant::now();
        let attributes = format!("<a {}>", many("b "));
        let pieces = [
            "<div>",
            "<blockquote>",
            "<ul><li>",
            "<table><tr><td>",
            "<hr>",
            "<b><i>",
            "&amp;",
            "<a href=x>y</a>",
            "<div></x>",
            "<p>",
        ];
        for html in pieces.map(many).into_iter().chain([attributes]) {
            assert!(of(&format!("{html}words")).contains("words"), "{}", &html[..20]);
        }
        of(&many("<"));
        assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
        assert!(is_simple(&"<table><tr><td>".repeat(100)) && !is_simple(&"<table>".repeat(201)));
    }
}
