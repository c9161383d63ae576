//! Asana's rich text: XML of a small grammar, in which only links have attributes. Asana refuses everything else with status 400.
//!
//! <https://developers.asana.com/docs/rich-text>; headings, rules and pictures are in descriptions of tasks, and not in those of
//! projects or in comments: <https://forum.asana.com/t/changes-are-coming-to-rich-text-html-notes-and-html-text-in-asana/113434>

use std::ops::Range;
use xmlparser::{ElementEnd, Token, Tokenizer};

/// Deepest nesting of elements: a sanity limit, Asana documents none.
const MAX_DEPTH: usize = 32;
/// Elements within a line.
const INLINE: [&str; 6] = ["strong", "em", "u", "s", "code", "a"];
/// Elements of their own lines.
const BLOCKS: [&str; 4] = ["ol", "ul", "blockquote", "pre"];
/// Further blocks in descriptions of tasks.
const TASK_BLOCKS: [&str; 4] = ["h1", "h2", "hr", "img"];
/// Attributes of a link that Asana takes or returns.
const LINK_ATTRIBUTES: [&str; 7] = [
    "href",
    "data-asana-gid",
    "data-asana-dynamic",
    "data-asana-project",
    "data-asana-tag",
    "data-asana-type",
    "data-asana-accessible",
];
/// The reason for a second root element.
const ONE_BODY: &str = "must be one <body>...</body> with everything in it";
/// Schemes of the addresses to which a link may lead.
pub(super) const SCHEMES: [&str; 3] = ["http://", "https://", "mailto:"];

/// The kind of object that has a rich text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A description of a task, with headings.
    Task,
    /// A description of a project or a comment.
    Other,
}

/// Checks that Asana takes a rich text.
///
/// # Errors
/// The reason, which names what is refused.
pub(super) fn check(xml: &str, place: Place) -> Result<(), String> {
    if !xml.starts_with("<body>") || !xml.ends_with("</body>") {
        return Err("must be <body>...</body>, for example <body>See <strong>this</strong></body>".to_owned());
    }
    let mut checker = Checker { place, open: vec![], is_closed: false, attributes: vec![] };
    for token in Tokenizer::from(xml) {
        let token = token.map_err(|error| match checker.is_closed {
            true => ONE_BODY.to_owned(),
            false => format!("must be valid XML: {error}, for example a < in a text is &lt;"),
        });
        checker.take(token?)?;
    }
    match checker.open.last() {
        Some(open) => Err(format!("must close every tag, for example </{open}>")),
        None => Ok(()),
    }
}

/// The place within a text that is read.
struct Checker<'a> {
    place: Place,
    open: Vec<&'a str>,
    is_closed: bool,
    attributes: Vec<(&'a str, &'a str)>,
}

impl<'a> Checker<'a> {
    fn take(&mut self, token: Token<'a>) -> Result<(), String> {
        match token {
            Token::ElementStart { prefix, local, .. } if prefix.is_empty() => self.open(local.as_str()),
            Token::ElementStart { prefix, local, .. } => Err(format!("must not have <{prefix}:{local}>")),
            Token::Attribute { prefix, local, value, .. } => match prefix.is_empty() {
                true => self.attribute(local.as_str(), value.as_str()),
                false => Err(format!("must not have the attribute {prefix}:{local}")),
            },
            Token::ElementEnd { end, .. } => self.end(end),
            Token::Text { text } => self.text(text.as_str()),
            Token::Comment { .. } => Err("must not have a comment <!-- -->".to_owned()),
            Token::Cdata { .. } => Err("must not have <![CDATA[ ]]>; a < in a text is &lt;".to_owned()),
            _ => Err("must not have a declaration <? > or <! >".to_owned()),
        }
    }

    fn open(&mut self, name: &'a str) -> Result<(), String> {
        self.attributes.clear();
        let parent = self.open.last().copied();
        let is_known = name == "body" || name == "li" || INLINE.contains(&name) || self.is_block(name);
        if !is_known {
            return Err(format!("must not have <{name}>: {}", self.instead_of(name)));
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(format!("must not be nested deeper than {MAX_DEPTH} tags"));
        }
        let fits = match (parent, name) {
            (None, _) => name == "body" && !self.is_closed,
            (Some(_), "body") => false,
            (Some("ol" | "ul"), _) => name == "li",
            (Some(_), "li") => false,
            (Some("pre" | "code" | "hr" | "img"), _) => false,
            (Some("body"), _) => true,
            (Some("li"), "ol" | "ul") | (Some("blockquote"), "ol" | "ul" | "pre") => true,
            (Some(_), _) => INLINE.contains(&name),
        };
        self.open.push(name);
        match (fits, parent) {
            (true, _) => Ok(()),
            (false, Some(parent)) => Err(format!("must not have <{name}> in <{parent}>")),
            (false, None) => Err(ONE_BODY.to_owned()),
        }
    }

    fn is_block(&self, name: &str) -> bool {
        BLOCKS.contains(&name) || (self.place == Place::Task && TASK_BLOCKS.contains(&name))
    }

    /// Returns what Asana has for a tag of other HTML.
    fn instead_of(&self, name: &str) -> String {
        match name {
            "b" => "bold is <strong>".to_owned(),
            "i" => "italic is <em>".to_owned(),
            "br" | "p" | "div" => "a line ends with a line break in the text".to_owned(),
            "del" | "strike" => "strikethrough is <s>".to_owned(),
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" if self.place == Place::Other => {
                "only descriptions of tasks have headings; <strong> is bold".to_owned()
            }
            "h3" | "h4" | "h5" | "h6" => "headings are <h1> and <h2>".to_owned(),
            _ => {
                let further: &[&str] = if self.place == Place::Task { &TASK_BLOCKS } else { &[] };
                let allowed: Vec<&str> = INLINE.iter().chain(&BLOCKS).chain(further).copied().collect();
                format!("Asana takes only {} and li", allowed.join(", "))
            }
        }
    }

    fn attribute(&mut self, name: &'a str, value: &'a str) -> Result<(), String> {
        let element = self.open.last().copied().unwrap_or_default();
        let is_allowed = match element {
            "a" => LINK_ATTRIBUTES.contains(&name),
            // Asana refers to the attachment by its id, and returns more.
            "img" => name.starts_with("data-") || ["src", "alt", "style"].contains(&name),
            _ => false,
        };
        if !is_allowed {
            return Err(format!(
                "must not have the attribute {name} of <{element}>: links have href and data-asana-gid"
            ));
        }
        if self.attributes.iter().any(|(known, _)| *known == name) {
            return Err(format!("must not have the attribute {name} twice"));
        }
        check_references(value)?;
        if name == "href" && !is_address(value) {
            return Err(
                "must have an href of http, https or mailto, for example <a href=\"https://example.com\">".to_owned()
            );
        }
        self.attributes.push((name, value));
        Ok(())
    }

    fn end(&mut self, end: ElementEnd<'a>) -> Result<(), String> {
        let open = self.open.last().copied().unwrap_or_default();
        if !matches!(end, ElementEnd::Close(..)) {
            let has = |name: &str| self.attributes.iter().any(|(known, value)| *known == name && !value.is_empty());
            if open == "a" && !has("href") && !has("data-asana-gid") {
                return Err("must have an href or a data-asana-gid in <a>".to_owned());
            }
        }
        match end {
            ElementEnd::Open => return Ok(()),
            ElementEnd::Close(prefix, local) if !prefix.is_empty() || local.as_str() != open => {
                return Err(format!("must not close </{local}> where <{open}> is open"));
            }
            ElementEnd::Close(..) | ElementEnd::Empty => {}
        }
        self.open.pop();
        self.is_closed = self.open.is_empty();
        Ok(())
    }

    fn text(&self, text: &str) -> Result<(), String> {
        check_references(text)?;
        match self.open.last().copied() {
            None => Err("must not have text outside <body>".to_owned()),
            Some(list @ ("ol" | "ul")) if !text.trim().is_empty() => Err(format!("must have text of <{list}> in <li>")),
            Some(heading @ ("h1" | "h2")) if text.contains('\n') => {
                Err(format!("must not have a line break in <{heading}>"))
            }
            Some(empty @ ("hr" | "img")) => Err(format!("must not have text in <{empty}>, for example <{empty}/>")),
            Some(_) => Ok(()),
        }
    }
}

/// True for an address of a known scheme, without a space.
pub(super) fn is_address(address: &str) -> bool {
    let lower = address.to_ascii_lowercase();
    let rest = SCHEMES.iter().find_map(|scheme| lower.strip_prefix(scheme));
    rest.is_some_and(|rest| !rest.is_empty()) && !address.contains(|c: char| c.is_whitespace() || c.is_control())
}

/// Checks that each `&` is one of XML's references: names such as `&nbsp;` are HTML's.
fn check_references(text: &str) -> Result<(), String> {
    for (at, _) in text.match_indices('&') {
        let reference = text[at + 1..].split_once(';').map(|(name, _)| name);
        if reference.and_then(referenced).is_none() {
            let shown: String = text[at..].chars().take(8).collect();
            return Err(format!("must not have {shown}: a & in a text is &amp;"));
        }
    }
    Ok(())
}

/// Returns the character of a reference of XML.
fn referenced(name: &str) -> Option<char> {
    let code = |digits: &str, radix| u32::from_str_radix(digits, radix).ok().and_then(char::from_u32);
    let character = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => match (name.strip_prefix("#x"), name.strip_prefix('#')) {
            (Some(digits), _) => code(digits, 16)?,
            (None, Some(digits)) => code(digits, 10)?,
            (None, None) => return None,
        },
    };
    is_xml(character).then_some(character)
}

/// True for a character that XML allows: <https://www.w3.org/TR/xml/#charsets>
pub(super) fn is_xml(character: char) -> bool {
    !matches!(character, '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\u{fffe}' | '\u{ffff}')
}

/// Returns a text with its references resolved; an unknown one stays.
pub(super) fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        plain.push_str(before);
        rest = match after.split_once(';').map(|(name, behind)| (referenced(name), behind)) {
            Some((Some(character), behind)) => {
                plain.push(character);
                behind
            }
            _ => {
                plain.push('&');
                after
            }
        };
    }
    plain.push_str(rest);
    plain
}

/// Returns a text as XML, without characters that XML does not allow.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars().filter(|character| is_xml(*character)) {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// Returns the places of bare web addresses in a text, without the punctuation behind them.
pub(super) fn addresses(text: &str) -> Vec<Range<usize>> {
    let starts = ["http://", "https://"].into_iter().flat_map(|scheme| text.match_indices(scheme));
    let mut starts: Vec<usize> = starts.map(|(start, _)| start).collect();
    starts.sort_unstable();
    let mut found: Vec<Range<usize>> = vec![];
    for start in starts {
        let is_word = text[..start].chars().next_back().is_some_and(char::is_alphanumeric);
        if is_word || found.last().is_some_and(|last| last.contains(&start)) {
            continue;
        }
        let length = text[start..].find(|c: char| c.is_whitespace() || "<>\"`".contains(c));
        let address = &text[start..length.map_or(text.len(), |length| start + length)];
        let mut address = address.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '*', '_']);
        let count = |parenthesis: char| address.chars().filter(|c| *c == parenthesis).count();
        let mut unopened = count(')').saturating_sub(count('('));
        while unopened > 0 && address.ends_with(')') {
            address = address[..address.len() - 1].trim_end_matches(['.', ',']);
            unopened -= 1;
        }
        if is_address(address) {
            found.push(start..start + address.len());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(xml: &str, place: Place) -> String {
        check(xml, place).expect_err(xml)
    }

    #[test]
    fn every_tag_of_the_page_is_taken() {
        let common = "<body>A &amp; <strong>b <em>c</em></strong> <u>u</u> <s>s</s> <code>x &lt; 1</code>\n\
            <a data-asana-gid=\"4168112\"/> <a href=\"https://example.com?a=1&amp;b=2\">d</a>\
            <a data-asana-gid=\"6489418\" data-asana-project=\"5732985\" data-asana-dynamic=\"false\">e</a>\
            <ul><li>a<ol><li>b</li></ol></li></ul><blockquote>q &#128512;</blockquote><pre>a\nb</pre></body>";
        for place in [Place::Task, Place::Other] {
            check(common, place).unwrap();
        }
        check("<body><h1>A <strong>b</strong></h1><h2>c</h2><hr/><img data-asana-gid=\"1\"/></body>", Place::Task)
            .unwrap();
        for tag in ["<h1>a</h1>", "<h2>a</h2>", "<hr/>", "<img data-asana-gid=\"1\"/>"] {
            assert!(refused(&format!("<body>{tag}</body>"), Place::Other).starts_with("must not have <"), "{tag}");
        }
    }

    #[test]
    fn what_asana_refuses_is_named() {
        for (inner, named) in [
            ("<b>x</b>", "<b>: bold is <strong>"),
            ("a<br/>b", "<br>: a line ends"),
            ("<p>x</p>", "<p>: a line ends"),
            ("<h3>x</h3>", "headings are <h1> and <h2>"),
            ("<script>alert(1)</script>", "<script>: Asana takes only strong, em,"),
            ("<STRONG>x</STRONG>", "<STRONG>"),
            ("<table><tr><td>x</td></tr></table>", "<table>"),
            ("<iframe src=\"https://x.example\"/>", "<iframe>"),
            ("<svg:g/>", "<svg:g>"),
            ("<strong class=\"x\">y</strong>", "attribute class of <strong>"),
            ("<a href=\"https://x.example\" onclick=\"x()\">y</a>", "attribute onclick of <a>"),
            ("<a href=\"https://x.example\" href=\"https://y.example\">y</a>", "href twice"),
            ("<a href=\"javascript:alert(1)\">y</a>", "href of http, https or mailto"),
            ("<a href=\"/relative\">y</a>", "href of http, https or mailto"),
            ("<a>y</a>", "an href or a data-asana-gid"),
            ("<a href=https://x.example>y</a>", "valid XML"),
            ("<strong>x", "</body> where <strong> is open"),
            ("<strong>x</em>", "</em> where <strong> is open"),
            ("x</body><body>y", "one <body>"),
            ("<body>x</body>", "<body> in <body>"),
            ("a & b", "& b: a & in a text is &amp;"),
            ("a&nbsp;b", "&nbsp;b: a & in a text is &amp;"),
            ("&#0;", "&#0;"),
            ("1 < 2", "valid XML"),
            ("<!-- x -->", "comment"),
            ("<![CDATA[x]]>", "CDATA"),
            ("<?php x ?>", "declaration"),
            ("<ul>x</ul>", "text of <ul> in <li>"),
            ("<ul><strong>x</strong></ul>", "<strong> in <ul>"),
            ("<li>x</li>", "<li> in <body>"),
            ("<ul><li><pre>x</pre></li></ul>", "<pre> in <li>"),
            ("<strong><ul><li>x</li></ul></strong>", "<ul> in <strong>"),
            ("<h1>a\nb</h1>", "line break in <h1>"),
            ("<pre><strong>x</strong></pre>", "<strong> in <pre>"),
        ] {
            let reason = refused(&format!("<body>{inner}</body>"), Place::Task);
            assert!(reason.contains(named), "{inner}: {reason}");
        }
        for outside in ["x<body>y</body>", "<body>y</body>x", "Soon", "", "<BODY>x</BODY>", "<body >x</body>"] {
            assert!(refused(outside, Place::Task).starts_with("must be <body>...</body>"), "{outside}");
        }
        let deep = format!("<body>{}x{}</body>", "<em>".repeat(40), "</em>".repeat(40));
        assert!(refused(&deep, Place::Task).contains("deeper than 32"));
        assert!(refused("<body>x</body> <body>y</body>", Place::Task).contains("must be"));
    }

    #[test]
    fn texts_are_escaped_and_read_back() {
        let text = "a & b < c > \"d\" &amp; &nbsp; \u{1f600}";
        assert_eq!(escape("\u{0}\u{b}&\u{ffff}"), "&amp;");
        assert_eq!(unescape(&escape(text)), text);
        assert_eq!(unescape("&#x41;&#66;&nbsp;&"), "AB&nbsp;&");
    }

    #[test]
    fn bare_addresses_end_before_punctuation() {
        let text = "See https://a.example/x_y?b=1, (http://b.example/(c)) and xhttps://c.example or https:// <https://d.example>.";
        let found: Vec<&str> = addresses(text).into_iter().map(|range| &text[range]).collect();
        assert_eq!(found, ["https://a.example/x_y?b=1", "http://b.example/(c)", "https://d.example"]);
        let closed = format!("https://a.example/(b{}", ").".repeat(100_000));
        let found: Vec<&str> = addresses(&closed).into_iter().map(|range| &closed[range]).collect();
        assert_eq!(found, ["https://a.example/(b)"]);
    }
}
