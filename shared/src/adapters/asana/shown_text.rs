//! Rich text as Markdown, where it has markup.

use xmlparser::{ElementEnd, Token, Tokenizer};

use super::rich_text::unescape;

/// Returns the Markdown of a rich text and the rich text, where they say more than its plain text. Markdown that would lose a picture or an
/// object if it were written back is left out.
pub(super) fn forms(xml: Option<String>) -> (Option<String>, Option<String>) {
    let read = xml.as_deref().and_then(read).filter(|writer| writer.has_markup);
    let html = xml.filter(|_| read.is_some());
    let markdown = read.filter(|writer| !writer.is_lossy).map(|writer| writer.markdown.trim().to_owned());
    (markdown, html)
}

/// Reads a rich text; `None` for one that is no XML.
fn read(xml: &str) -> Option<Writer> {
    let mut writer = Writer::default();
    for token in Tokenizer::from(xml) {
        match token.ok()? {
            Token::ElementStart { local, .. } => writer.element = (local.as_str().to_owned(), vec![]),
            Token::Attribute { local, value, .. } => {
                writer.element.1.push((local.as_str().to_owned(), unescape(value.as_str())));
            }
            Token::ElementEnd { end: ElementEnd::Open, .. } => writer.start(),
            Token::ElementEnd { end: ElementEnd::Empty, .. } => {
                writer.start();
                writer.end();
            }
            Token::ElementEnd { end: ElementEnd::Close(..), .. } => writer.end(),
            Token::Text { text } => writer.text(&unescape(text.as_str())),
            _ => {}
        }
    }
    Some(writer)
}

/// Returns the words of a rich text, by which it is compared with another form of itself: Asana completes links to its own objects.
pub(super) fn to_words(xml: &str) -> String {
    let (mut words, mut is_object, mut is_named) = (String::with_capacity(xml.len()), false, false);
    for token in Tokenizer::from(xml).map_while(Result::ok) {
        match token {
            Token::ElementStart { local, .. } => {
                (is_object, is_named) = (false, false);
                if !["strong", "em", "u", "s", "code", "a"].contains(&local.as_str()) {
                    words.push(' ');
                }
            }
            Token::Attribute { local, value, .. } => {
                is_object |= local.as_str() == "data-asana-gid";
                is_named |= local.as_str() == "data-asana-dynamic" && value.as_str() == "false";
            }
            Token::ElementEnd { end, .. } => match end {
                ElementEnd::Close(..) => is_object = false,
                ElementEnd::Open | ElementEnd::Empty if is_object && !is_named => words.push_str("asana://object"),
                ElementEnd::Open | ElementEnd::Empty => is_object = false,
            },
            // Asana writes the name of the object.
            Token::Text { .. } if is_object => {}
            Token::Text { text } => words.push_str(&unescape(text.as_str())),
            _ => {}
        }
    }
    words
}

/// An element with its attributes.
type Element = (String, Vec<(String, String)>);

/// The Markdown so far, and the place in it.
#[derive(Default)]
struct Writer {
    markdown: String,
    has_markup: bool,
    /// True if there is what Markdown cannot write back.
    is_lossy: bool,
    /// The element that is read.
    element: Element,
    open: Vec<Element>,
    /// The number of the next item of each open list; zero in one without numbers.
    lists: Vec<usize>,
    /// The number of rows of the table so far.
    rows: usize,
    cells: usize,
}

impl Writer {
    fn start(&mut self) {
        let element = std::mem::take(&mut self.element);
        self.has_markup |= element.0 != "body";
        self.is_lossy |= ["img", "object"].contains(&element.0.as_str());
        match element.0.as_str() {
            "strong" => self.inline("**"),
            "em" => self.inline("*"),
            "s" => self.inline("~~"),
            "code" => self.inline("`"),
            "h1" => self.block("# "),
            "h2" => self.block("## "),
            "hr" => self.block("---\n\n"),
            "pre" => self.block("```\n"),
            "blockquote" => self.block("> "),
            "ul" | "ol" => {
                if self.lists.is_empty() {
                    self.block("");
                }
                self.lists.push(usize::from(element.0 == "ol"));
            }
            "li" => self.start_item(),
            "a" => self.inline("["),
            "tr" => self.cells = 0,
            "td" => self.markdown.push_str("| "),
            "table" => {
                self.block("");
                self.rows = 0;
            }
            _ => {}
        }
        self.open.push(element);
    }

    fn end(&mut self) {
        let Some((name, attributes)) = self.open.pop() else { return };
        let attribute = |name: &str| {
            let found = attributes.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.as_str()).unwrap_or_default()
        };
        match name.as_str() {
            "strong" => self.markdown.push_str("**"),
            "em" => self.markdown.push('*'),
            "s" => self.markdown.push_str("~~"),
            "code" => self.markdown.push('`'),
            "pre" => self.markdown.push_str("\n```\n\n"),
            "h1" | "h2" | "blockquote" => self.markdown.push_str("\n\n"),
            "ul" | "ol" => {
                self.lists.pop();
                if self.lists.is_empty() {
                    self.markdown.push_str("\n\n");
                }
            }
            "a" => match attribute("href") {
                spaced if spaced.contains(['(', ')', ' ', '<', '>']) => {
                    self.markdown.push_str(&format!("](<{spaced}>)"))
                }
                href => self.markdown.push_str(&format!("]({href})")),
            },
            "td" => {
                self.cells += 1;
                self.markdown.push(' ');
            }
            "tr" => self.end_row(),
            "table" => self.markdown.push('\n'),
            _ => {}
        }
    }

    /// Starts an element within a line, which may be the first of its line.
    fn inline(&mut self, mark: &str) {
        if self.markdown.ends_with('\n') && !self.markdown.ends_with("\n\n") {
            self.markdown.insert(self.markdown.len() - 1, '\\');
        }
        self.markdown.push_str(mark);
    }

    /// Starts a block on a line of its own.
    fn block(&mut self, mark: &str) {
        if !self.markdown.is_empty() {
            let breaks = self.markdown.len() - self.markdown.trim_end_matches('\n').len();
            self.markdown.push_str(["\n\n", "\n", ""][breaks.min(2)]);
        }
        self.markdown.push_str(mark);
    }

    fn start_item(&mut self) {
        if !self.markdown.is_empty() && !self.markdown.ends_with('\n') {
            self.markdown.push('\n');
        }
        self.markdown.push_str(&self.indent(self.lists.len().saturating_sub(1)));
        let mark = match self.lists.last_mut() {
            Some(number @ 1..) => {
                *number += 1;
                format!("{}. ", *number - 1)
            }
            _ => "- ".to_owned(),
        };
        self.markdown.push_str(&mark);
    }

    /// Returns the spaces before what is in so many lists.
    fn indent(&self, depth: usize) -> String {
        self.lists.iter().take(depth).map(|number| if *number > 0 { "   " } else { "  " }).collect()
    }

    fn end_row(&mut self) {
        self.markdown.push_str("|\n");
        self.rows += 1;
        if self.rows == 1 {
            self.markdown.push_str(&"|--".repeat(self.cells));
            self.markdown.push_str("|\n");
        }
    }

    fn text(&mut self, text: &str) {
        let is_in = |name: &str| self.open.iter().any(|(open, _)| open == name);
        let is_list = matches!(self.open.last(), Some((name, _)) if name == "ul" || name == "ol" || name == "tr");
        let written = if is_list && text.trim().is_empty() {
            String::new()
        } else if is_in("pre") || is_in("code") {
            text.to_owned()
        } else if is_in("blockquote") {
            escape(text).replace('\n', "\n> ")
        } else if is_in("td") {
            escape(text).replace('|', "\\|").replace('\n', " ")
        } else if is_in("li") {
            escape(text).replace('\n', &format!("\\\n{}", self.indent(self.lists.len())))
        } else {
            let is_within = !self.markdown.is_empty() && !self.markdown.ends_with('\n');
            break_lines(&escape(text), is_within)
        };
        self.markdown.push_str(&written);
    }
}

/// Marks the breaks of single lines, which Markdown would join. The first line may continue one.
fn break_lines(text: &str, is_within: bool) -> String {
    let lines: Vec<&str> = text.split('\n').collect();
    let mut broken = String::with_capacity(text.len());
    for (at, line) in lines.iter().enumerate() {
        broken.push_str(line);
        if let Some(next) = lines.get(at + 1) {
            let is_break = (!line.is_empty() || (at == 0 && is_within)) && !next.is_empty();
            broken.push_str(if is_break { "\\\n" } else { "\n" });
        }
    }
    broken
}

/// Escapes what is markup within a line, and what a line can start with.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let (mut is_start, mut number) = (true, false);
    for (at, character) in text.char_indices() {
        let rest = &text[at + character.len_utf8()..];
        let is_markup = match character {
            '&' => starts_reference(rest),
            '.' | ')' => number && (rest.is_empty() || rest.starts_with(char::is_whitespace)),
            _ => "\\*_`[]<~".contains(character) || (is_start && "#>+-=|:".contains(character)),
        };
        if is_markup {
            escaped.push('\\');
        }
        escaped.push(character);
        number = character.is_ascii_digit() && (is_start || number);
        is_start = character == '\n' || (is_start && character == ' ');
    }
    escaped
}

/// True if what follows `&` makes it a character's name or number in Markdown, such as `lt;` and `#60;`.
fn starts_reference(rest: &str) -> bool {
    let name = rest.split_once(';').map(|(name, _)| name.trim_start_matches('#')).unwrap_or_default();
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::super::markdown;
    use super::super::rich_text::Place;
    use super::super::same_text;
    use super::*;

    fn to_markdown(xml: &str) -> Option<String> {
        forms(Some(xml.to_owned())).0
    }

    #[test]
    fn markup_is_shown_as_markdown() {
        for (xml, markdown) in [
            ("<body>Soon &amp; *sure*\nb</body>", None),
            ("no xml <", None),
            (
                "<body>a <strong>b</strong> <em>i</em> <s>s</s> <u>u</u> <code>x &lt; 1</code></body>",
                Some("a **b** *i* ~~s~~ u `x < 1`"),
            ),
            ("<body><h1>A</h1>b<h2>C</h2>d\ne\n\nf</body>", Some("# A\n\nb\n\n## C\n\nd\\\ne\n\nf")),
            (
                "<body>a<ul><li>b</li><li>c<ol><li>d</li><li>e</li></ol></li></ul>f</body>",
                Some("a\n\n- b\n- c\n  1. d\n  2. e\n\nf"),
            ),
            (
                "<body><blockquote>a\nb</blockquote><pre>x\n  y</pre>c<hr/>d</body>",
                Some("> a\n> b\n\n```\nx\n  y\n```\n\nc\n\n---\n\nd"),
            ),
            (
                "<body><a href=\"https://x.example?a=1&amp;b=2\" data-asana-gid=\"5\">@Ann</a> 1 * 2 [x]</body>",
                Some("[@Ann](https://x.example?a=1&b=2) 1 \\* 2 \\[x\\]"),
            ),
            (
                "<body><table><tr><td>a</td><td>b</td></tr><tr><td>1</td><td>2|3</td></tr></table></body>",
                Some("| a | b |\n|--|--|\n| 1 | 2\\|3 |"),
            ),
        ] {
            assert_eq!(to_markdown(xml).as_deref(), markdown, "{xml}");
        }
    }

    #[test]
    fn what_markdown_would_lose_is_shown_only_in_html() {
        for xml in [
            "<body>a<img data-asana-gid=\"5\" alt=\"A cat\"/></body>",
            "<body><strong>a</strong><object type=\"x\">milestones</object></body>",
        ] {
            assert_eq!(forms(Some(xml.to_owned())), (None, Some(xml.to_owned())));
        }
        assert_eq!(forms(Some("<body>a</body>".to_owned())), (None, None));
        let bold = "<body><strong>a</strong></body>";
        assert_eq!(forms(Some(bold.to_owned())), (Some("**a**".to_owned()), Some(bold.to_owned())));
    }

    #[test]
    fn a_text_has_the_same_words_in_the_form_that_asana_returns() {
        let sent =
            "<body>Hi <a data-asana-gid=\"5\"/>, <strong>see</strong><ul><li>a &amp; b</li><li>c</li></ul></body>";
        let shown = "<body>Hi <a href=\"https://app.asana.com/0/5/list\" data-asana-gid=\"5\" data-asana-dynamic=\"true\">@Ann Lee</a>, \
            <strong>see</strong>\n<ul>\n<li>a &amp; b</li><li>c</li></ul></body>";
        assert!(same_text::is_same(&to_words(sent), &to_words(shown)), "{} {}", to_words(sent), to_words(shown));
        assert!(!same_text::is_same(&to_words(sent), &to_words("<body>Hi</body>")));
        let named = "<body><a data-asana-gid=\"5\" data-asana-dynamic=\"false\">a task</a></body>";
        assert_eq!(to_words(named).trim(), "a task");
    }

    #[test]
    fn what_is_read_is_written_again_as_it_is() {
        for inner in [
            "<strong>a</strong> &lt;@Sam&gt; &amp;lt;@Sam&amp;gt; R&amp;D; a &amp; b",
            "a\n<strong>b</strong>\nc\n\n<em>d</em>",
            "<em>a</em>\n1. b\n2) c\n2.5 d\n1.",
            "<em>a</em>\n===\nb | c\n|--|--|\n:-|-:\n- d\n# e\n&gt; f",
        ] {
            let xml = format!("<body>{inner}</body>");
            let shown = to_markdown(&xml).unwrap();
            assert_eq!(
                markdown::to_rich_text(&shown, Place::Task, &[("<@Sam>".to_owned(), "5".to_owned())]),
                xml,
                "{shown}"
            );
        }
    }

    #[test]
    fn what_was_written_as_markdown_is_read_as_the_same() {
        for document in [
            "# Plan\n\nShip **it** on *Friday*, ~~not~~ `soon`.",
            "- a\n- b\n  - c\n\ndone",
            "1. a\n2. b\n   1. c",
            "> quoted\n\ntext",
            "```\nlet x = 1 < 2;\n\n  y\n```",
            "a\n\n---\n\nb",
            "[page](https://x.example/?a=1&b=2) and \\*stars\\*",
            "first\\\nsecond\n\nthird",
        ] {
            let xml = markdown::to_rich_text(document, Place::Task, &[]);
            assert_eq!(to_markdown(&xml).as_deref().unwrap_or(document), document, "{xml}");
        }
    }
}
