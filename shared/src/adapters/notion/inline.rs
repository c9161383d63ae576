//! Markdown within a block: CommonMark with strikethrough and formulas, to rich text and back.
//! <https://developers.notion.com/reference/rich-text>

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use serde_json::{Map, Value, json};
use url::Url;

use super::rich_text;

/// Length of the longest link: <https://developers.notion.com/reference/request-limits>
const MAX_LINK_CHARS: usize = 2000;
/// The answer to a text that is more than the text of one block.
const ONE_BLOCK: &str = "must be the text of one block, without the mark of a heading, a list, a quote or a fence: \
                         `Buy milk` and not `- Buy milk`; a backslash makes such a mark plain text";
/// The answer to a text with too many changes of style.
const TOO_LONG: &str = "must have at most 100 parts of 2,000 characters or of different style";

/// The style of a part of a text.
#[derive(Clone, Debug, Default, PartialEq)]
struct Style {
    bold: bool,
    italic: bool,
    strikethrough: bool,
    underline: bool,
    code: bool,
    link: Option<String>,
}

/// The rich text that is made of Markdown.
#[derive(Debug, Default)]
struct Writer {
    parts: Vec<(Part, Style)>,
    style: Style,
}

/// A part of a text.
#[derive(Debug, PartialEq)]
enum Part {
    Text(String),
    Equation(String),
}

/// Converts the Markdown of one block to rich text.
///
/// # Errors
/// A reason, if it is the Markdown of more than one block or too long.
pub(super) fn to_rich_text(markdown: &str) -> Result<Vec<Value>, &'static str> {
    let options = Options::ENABLE_STRIKETHROUGH | Options::ENABLE_MATH;
    let mut writer = Writer::default();
    for event in Parser::new_ext(markdown, options) {
        writer.read(event)?;
    }
    writer.finish()
}

impl Writer {
    fn read(&mut self, event: Event<'_>) -> Result<(), &'static str> {
        match event {
            Event::Start(Tag::Paragraph) if !self.parts.is_empty() => self.push("\n\n"),
            Event::Start(Tag::Paragraph | Tag::HtmlBlock) | Event::End(TagEnd::Paragraph | TagEnd::HtmlBlock) => {}
            Event::Start(Tag::Strong) => self.style.bold = true,
            Event::End(TagEnd::Strong) => self.style.bold = false,
            Event::Start(Tag::Emphasis) => self.style.italic = true,
            Event::End(TagEnd::Emphasis) => self.style.italic = false,
            Event::Start(Tag::Strikethrough) => self.style.strikethrough = true,
            Event::End(TagEnd::Strikethrough) => self.style.strikethrough = false,
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                self.style.link = safe_link(&dest_url)
            }
            Event::End(TagEnd::Link | TagEnd::Image) => self.style.link = None,
            Event::Text(text) => self.push(&text),
            Event::Html(html) | Event::InlineHtml(html) => self.read_html(&html),
            Event::Code(code) => {
                self.style.code = true;
                self.push(&code);
                self.style.code = false;
            }
            Event::InlineMath(expression) | Event::DisplayMath(expression) => {
                self.parts.push((Part::Equation(expression.into_string()), self.style.clone()));
            }
            Event::SoftBreak => self.push(" "),
            Event::HardBreak => self.push("\n"),
            Event::Start(_) | Event::End(_) | Event::Rule | Event::FootnoteReference(_) | Event::TaskListMarker(_) => {
                return Err(ONE_BLOCK);
            }
        }
        Ok(())
    }

    /// Reads a tag: of HTML only what rich text has is more than text.
    fn read_html(&mut self, html: &str) {
        match html {
            "<u>" => self.style.underline = true,
            "</u>" => self.style.underline = false,
            "<br>" | "<br/>" | "<br />" => self.push("\n"),
            html => self.push(html),
        }
    }

    fn push(&mut self, text: &str) {
        match self.parts.last_mut() {
            Some((Part::Text(last), style)) if *style == self.style => last.push_str(text),
            _ => self.parts.push((Part::Text(text.to_owned()), self.style.clone())),
        }
    }

    fn finish(self) -> Result<Vec<Value>, &'static str> {
        let pieces: Vec<Value> = self.parts.iter().flat_map(|(part, style)| style.write(part)).collect();
        if pieces.len() <= rich_text::MAX_PIECES { Ok(pieces) } else { Err(TOO_LONG) }
    }
}

impl Style {
    /// Returns a part in Notion's form, in as many pieces as it needs.
    fn write(&self, part: &Part) -> Vec<Value> {
        let flags = [
            ("bold", self.bold),
            ("italic", self.italic),
            ("strikethrough", self.strikethrough),
            ("underline", self.underline),
            ("code", self.code),
        ];
        let annotations: Map<String, Value> =
            flags.into_iter().filter(|(_, is_set)| *is_set).map(|(name, _)| (name.to_owned(), true.into())).collect();
        let piece = |mut piece: Value| {
            if !annotations.is_empty() {
                piece["annotations"] = annotations.clone().into();
            }
            piece
        };
        match part {
            Part::Equation(expression) => {
                vec![piece(json!({ "type": "equation", "equation": { "expression": expression } }))]
            }
            Part::Text(text) => {
                let link = self.link.as_ref().map(|url| json!({ "url": url }));
                let content = |text: &&str| match &link {
                    Some(link) => json!({ "type": "text", "text": { "content": text, "link": link } }),
                    None => json!({ "type": "text", "text": { "content": text } }),
                };
                rich_text::split_pieces(text).iter().map(|text| piece(content(text))).collect()
            }
        }
    }

    fn of(piece: &Value) -> Self {
        let is_set = |name: &str| piece["annotations"][name] == true;
        Self {
            bold: is_set("bold"),
            italic: is_set("italic"),
            strikethrough: is_set("strikethrough"),
            underline: is_set("underline"),
            code: is_set("code"),
            link: piece["href"].as_str().map(ToOwned::to_owned),
        }
    }

    /// The marks around its text, from the outside to the inside: each with its start and its end.
    fn marks(&self) -> Vec<(String, String)> {
        let same = |is_set: bool, mark: &str| is_set.then(|| (mark.to_owned(), mark.to_owned()));
        let link = self.link.as_ref().map(|url| ("[".to_owned(), format!("](<{}>)", url.replace('>', "%3E"))));
        let underline = self.underline.then(|| ("<u>".to_owned(), "</u>".to_owned()));
        [link, same(self.bold, "**"), same(self.italic, "*"), same(self.strikethrough, "~~"), underline]
            .into_iter()
            .flatten()
            .collect()
    }
}

/// Returns a link that Notion takes: an absolute address on the web or of mail. Others are only text.
fn safe_link(url: &str) -> Option<String> {
    let parsed = Url::parse(url).ok().filter(|url| ["http", "https", "mailto"].contains(&url.scheme()))?;
    Some(parsed.to_string()).filter(|url| url.chars().count() <= MAX_LINK_CHARS)
}

/// Converts rich text to Markdown.
pub(super) fn to_markdown(rich: &Value) -> String {
    let (mut markdown, mut open): (String, Vec<(String, String)>) = (String::new(), vec![]);
    // White space next to a mark belongs outside of it.
    let mut space = String::new();
    for piece in rich.as_array().into_iter().flatten() {
        let style = Style::of(piece);
        let text = rich_text::to_plain(&json!([piece]));
        let words = text.trim();
        if words.is_empty() {
            space.push_str(&text);
            continue;
        }
        let start = text.len() - text.trim_start().len();
        let wanted = style.marks();
        let shared = open.iter().zip(&wanted).take_while(|(open, wanted)| open == wanted).count();
        for (_, end) in open.drain(shared..).rev() {
            markdown.push_str(&end);
        }
        push_space(&mut markdown, &format!("{space}{}", &text[..start]));
        for mark in wanted.into_iter().skip(shared) {
            markdown.push_str(&mark.0);
            open.push(mark);
        }
        match () {
            () if piece["type"] == "equation" => markdown.push_str(&format!("${words}$")),
            () if style.code => markdown.push_str(&code_span(words)),
            () => push_escaped(&mut markdown, words),
        }
        text[start + words.len()..].clone_into(&mut space);
    }
    for (_, end) in open.iter().rev() {
        markdown.push_str(end);
    }
    push_space(&mut markdown, &space);
    markdown
}

/// Pushes white space. A line break within a block is a hard one.
fn push_space(markdown: &mut String, space: &str) {
    for char in space.chars() {
        match char {
            '\n' => markdown.push_str("<br>"),
            char => markdown.push(char),
        }
    }
}

fn code_span(code: &str) -> String {
    let longest = code.split(|char| char != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if longest > 0 { " " } else { "" };
    format!("{fence}{pad}{code}{pad}{fence}")
}

/// Pushes a text with a backslash before everything that Markdown would read as a mark.
fn push_escaped(markdown: &mut String, text: &str) {
    let is_line_start = markdown.is_empty() || markdown.ends_with("<br>");
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let mut before = markdown.chars().next_back();
    let mut chars = text.char_indices().peekable();
    while let Some((at, char)) = chars.next() {
        let next = chars.peek().map(|(_, next)| *next);
        let is_word = |char: Option<char>| char.is_some_and(char::is_alphanumeric);
        let is_mark = match char {
            '\\' | '`' | '*' | '[' | ']' | '<' | '~' | '$' => true,
            '_' => !(is_word(before) && is_word(next)),
            '&' => is_entity(&text[at + 1..]),
            '#' | '-' | '+' | '>' | '=' => is_line_start && at == 0,
            '.' | ')' => is_line_start && at > 0 && at == digits,
            _ => false,
        };
        match char {
            '\n' => markdown.push_str("<br>"),
            _ if is_mark => markdown.extend(['\\', char]),
            _ => markdown.push(char),
        }
        before = Some(char);
    }
}

/// True if a text after `&` makes it an entity.
fn is_entity(text: &str) -> bool {
    let name = text.split_once(';').map_or("", |(name, _)| name);
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'#')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn piece(text: &str, style: &str) -> Value {
        let annotations: Map<String, Value> =
            style.split_whitespace().map(|name| (name.to_owned(), true.into())).collect();
        json!({ "type": "text", "plain_text": text, "annotations": annotations })
    }

    /// The pieces in a response's form.
    fn shown(pieces: &[Value]) -> Value {
        let show = |piece: &Value| {
            let text = piece["text"]["content"].as_str().or(piece["equation"]["expression"].as_str());
            json!({ "type": piece["type"], "plain_text": text, "annotations": piece["annotations"],
                "href": piece["text"]["link"]["url"] })
        };
        pieces.iter().map(show).collect()
    }

    #[test]
    fn markdown_becomes_styled_pieces() {
        let pieces =
            to_rich_text("Ship **it *now*** ~~or~~ `a*b` <u>soon</u>, see [us](https://a.example/x) $x^2$").unwrap();
        let texts: Vec<(String, String)> = pieces
            .iter()
            .map(|piece| {
                let text = piece["text"]["content"].as_str().or(piece["equation"]["expression"].as_str()).unwrap();
                let marks = piece["annotations"].as_object().into_iter().flatten().map(|(name, _)| name.as_str());
                (text.to_owned(), marks.collect::<Vec<_>>().join(" "))
            })
            .collect();
        let expected = [
            ("Ship ", ""),
            ("it ", "bold"),
            ("now", "bold italic"),
            (" ", ""),
            ("or", "strikethrough"),
            (" ", ""),
            ("a*b", "code"),
            (" ", ""),
            ("soon", "underline"),
            (", see ", ""),
            ("us", ""),
            (" ", ""),
            ("x^2", ""),
        ];
        assert_eq!(texts, expected.map(|(text, style)| (text.to_owned(), style.to_owned())));
        assert_eq!(pieces[10]["text"]["link"], json!({ "url": "https://a.example/x" }));
        for (markdown, text) in [
            ("a\nb", "a b"),
            ("a\\\nb", "a\nb"),
            ("a<br>b", "a\nb"),
            ("a\n\nb", "a\n\nb"),
            ("<mention url=\"user://x\">Ann</mention>", "<mention url=\"user://x\">Ann</mention>"),
            ("<page url=\"https://notion.so/1\">P</page>", "<page url=\"https://notion.so/1\">P</page>"),
            ("[x](javascript:alert)", "x"),
            ("costs $5 and $6", "costs $5 and $6"),
            ("\\- a", "- a"),
        ] {
            assert_eq!(to_rich_text(markdown), Ok(rich_text::to_rich_text(text)), "{markdown}");
        }
    }

    #[test]
    fn markdown_of_several_blocks_is_refused() {
        for markdown in ["- a", "# a", "> a", "1. a", "```\na\n```", "---", "    a"] {
            assert_eq!(to_rich_text(markdown), Err(ONE_BLOCK), "{markdown}");
        }
        assert_eq!(to_rich_text(&"*a* b ".repeat(60)), Err(TOO_LONG));
        assert_eq!(to_rich_text(&"word ".repeat(2000)).unwrap().len(), 5);
    }

    #[test]
    fn pieces_become_markdown() {
        let link = json!({ "type": "text", "plain_text": "us", "href": "https://a.example/(x)" });
        let rich =
            json!([piece("Ship ", ""), piece("it ", "bold"), piece("now", "bold italic"), piece(" a_b _c_", ""), link]);
        assert_eq!(to_markdown(&rich), "Ship **it *now*** a_b \\_c\\_[us](<https://a.example/(x)>)");
        for (text, markdown) in [
            ("1. a", "1\\. a"),
            ("- a", "\\- a"),
            ("# a", "\\# a"),
            ("a - b # c", "a - b # c"),
            ("R&D &amp; x", "R&D \\&amp; x"),
            ("<u>", "\\<u>"),
            ("a\nb", "a<br>b"),
        ] {
            assert_eq!(to_markdown(&json!([piece(text, "")])), markdown);
        }
        assert_eq!(to_markdown(&json!([piece("a`b", "code")])), "`` a`b ``");
        assert_eq!(to_markdown(&Value::Null), "");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_text_survives_a_round_trip(text in "[ -~]{1,40}|[#>*_`~$<&.0-9a ()\\[\\]+=|!:-]{1,20}|\\PC{1,20}") {
            let text = text.trim().to_owned();
            let markdown = to_markdown(&json!([piece(&text, "")]));
            let back = to_rich_text(&markdown).map(|pieces| shown(&pieces));
            let back = back.map(|pieces| rich_text::to_plain(&pieces));
            prop_assert_eq!(back, Ok(text), "{}", markdown);
        }
    }
}
