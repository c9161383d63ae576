//! The HTML of a received mail, as a quotation can have it.
//!
//! It is what a stranger wrote. Written anew of its tokens, with known elements and attributes and every element closed, nothing of it
//! stands outside the quotation as the words of who quotes, hides the answer, or runs.

use html5gum::StartTag;

use super::html_tokens::{self, Shown, escape, has_scheme, lossy};

/// Elements that are shown.
const SHOWN: [&str; 44] = [
    "a",
    "abbr",
    "b",
    "big",
    "blockquote",
    "br",
    "caption",
    "center",
    "code",
    "col",
    "colgroup",
    "dd",
    "div",
    "dl",
    "dt",
    "em",
    "font",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "li",
    "ol",
    "p",
    "pre",
    "q",
    "s",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "th",
    "tr",
    "ul",
];
/// Of those, the elements without a content.
const EMPTY: [&str; 4] = ["br", "col", "hr", "img"];
/// Attributes that only say how something looks in its place.
const APPEARANCE: [&str; 14] = [
    "align",
    "alt",
    "bgcolor",
    "border",
    "cellpadding",
    "cellspacing",
    "color",
    "colspan",
    "dir",
    "height",
    "rowspan",
    "title",
    "valign",
    "width",
];
/// Schemes of the addresses of links and pictures.
const SCHEMES: [&str; 5] = ["cid:", "http://", "https://", "mailto:", "tel:"];
/// Deepest elements within each other.
const MAX_DEPTH: usize = 200;

/// Returns HTML that can stand within other HTML.
pub(super) fn of(html: &str) -> String {
    let mut quoted = Quoted::default();
    for token in html_tokens::shown(html) {
        match token {
            Shown::Start(tag) => quoted.start(&tag),
            Shown::End(name) => quoted.end(&name),
            Shown::Text(text) => quoted.html.push_str(&escape(&text)),
        }
    }
    quoted.finish()
}

#[derive(Default)]
struct Quoted {
    html: String,
    /// The elements around the place.
    open: Vec<String>,
}

impl Quoted {
    fn start(&mut self, tag: &StartTag<()>) {
        let name = lossy(&tag.name);
        let is_empty = EMPTY.contains(&name.as_str());
        if !SHOWN.contains(&name.as_str()) || (!is_empty && self.open.len() == MAX_DEPTH) {
            return;
        }
        self.html.push('<');
        self.html.push_str(&name);
        for (attribute, value) in &tag.attributes {
            self.attribute(&lossy(attribute), &lossy(&value.value));
        }
        self.html.push('>');
        if !is_empty {
            self.open.push(name);
        }
    }

    fn attribute(&mut self, name: &str, value: &str) {
        let is_address = || matches!(name, "href" | "src") && has_scheme(value.trim(), &SCHEMES);
        if APPEARANCE.contains(&name) || is_address() {
            self.html.push_str(&format!(" {name}=\"{}\"", escape(value)));
        }
    }

    /// Closes an element that is open, and those within it.
    fn end(&mut self, name: &str) {
        let Some(place) = self.open.iter().rposition(|open| open == name) else { return };
        while self.open.len() > place {
            self.close();
        }
    }

    fn close(&mut self) {
        if let Some(name) = self.open.pop() {
            self.html.push_str(&format!("</{name}>"));
        }
    }

    fn finish(mut self) -> String {
        while !self.open.is_empty() {
            self.close();
        }
        self.html
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_the_quotation_or_acts() {
        for (html, quoted) in [
            ("Hi</blockquote></div><p>Pay to DE12", "Hi<p>Pay to DE12</p>"),
            ("<style>div{display:none}</style>a<!-- x<b>", "a"),
            ("<base href=https://evil.example><form action=x><input>a</form>", "a"),
            ("<div style=\"position:fixed\" onclick=x align=left>a</div>", "<div align=\"left\">a</div>"),
            (
                "<a href=\"javascript:x\">a</a><a href=' https://x.example/?a&amp;b'>b</a>",
                "<a>a</a><a href=\" https://x.example/?a&amp;b\">b</a>",
            ),
            (
                "<img src=\"cid:p@x\" alt='\"><script>'><svg onload=x>",
                "<img alt=\"&quot;&gt;&lt;script&gt;\" src=\"cid:p@x\">",
            ),
            ("<b><i>a</b>c</i> &lt;p&gt; 1 < 2", "<b><i>a</i></b>c &lt;p&gt; 1 &lt; 2"),
            ("<table><tr><td>a<br>b</table>c", "<table><tr><td>a<br>b</td></tr></table>c"),
            ("<script>a<b></script>d<textarea>e</textarea>", "d"),
        ] {
            assert_eq!(of(html), quoted, "{html}");
        }
        let deep = "<div>".repeat(100_000);
        assert_eq!(of(&deep).matches("<div>").count(), MAX_DEPTH);
    }
}
