//! A document as one rich text, in which blocks are lines: for comments, which have no blocks.
//! <https://developers.notion.com/reference/rich-text>

use serde_json::{Value, json};

use super::super::rich_text::to_rich_text as split_text;
use super::inline_writer;
use super::parser;
use super::tree::{Block, Inline, Item, Mark, Syntax, text_of};

/// Characters of a formula: <https://developers.notion.com/reference/request-limits>
const MAX_FORMULA_CHARS: usize = 1000;

/// Converts CommonMark to rich text.
pub(in super::super) fn to_rich_text(markdown: &str) -> Vec<Value> {
    let mut writer = Writer::default();
    writer.push_blocks(&parser::parse(markdown, Syntax::CommonMark), "", "\n\n");
    writer.finish()
}

/// Converts a line to rich text.
pub(super) fn of_line(nodes: &[Inline]) -> Vec<Value> {
    let mut writer = Writer::default();
    writer.push_inlines(nodes, "");
    writer.finish()
}

/// The style of a piece.
#[derive(Clone, Debug, Default, PartialEq)]
struct Style {
    marks: Vec<&'static str>,
    link: Option<String>,
}

/// The pieces so far: their style and their text. A formula has no text with marks.
#[derive(Default)]
struct Writer {
    pieces: Vec<Value>,
    style: Style,
    /// The text of the piece that is not complete, and its style.
    text: (String, Style),
}

impl Writer {
    fn push_text(&mut self, text: &str) {
        if self.text.1 != self.style {
            self.end_piece();
            self.text.1 = self.style.clone();
        }
        self.text.0.push_str(text);
    }

    fn end_piece(&mut self) {
        let (text, style) = std::mem::take(&mut self.text);
        for mut piece in split_text(&text) {
            if let Some(url) = &style.link {
                piece["text"]["link"] = json!({ "url": url });
            }
            for mark in &style.marks {
                piece["annotations"][*mark] = json!(true);
            }
            self.pieces.push(piece);
        }
    }

    fn finish(mut self) -> Vec<Value> {
        self.end_piece();
        self.pieces
    }

    /// Appends what `write` writes with a mark.
    fn with_mark(&mut self, mark: &'static str, write: impl FnOnce(&mut Self)) {
        let before = self.style.clone();
        if !self.style.marks.contains(&mark) {
            self.style.marks.push(mark);
        }
        write(self);
        self.style = before;
    }

    fn push_formula(&mut self, text: &str) {
        if text.is_empty() || text.chars().count() > MAX_FORMULA_CHARS {
            return self.push_text(text);
        }
        self.end_piece();
        self.pieces.push(json!({ "type": "equation", "equation": { "expression": text } }));
    }

    fn push_inlines(&mut self, nodes: &[Inline], indent: &str) {
        for node in nodes {
            match node {
                Inline::Text(text) | Inline::Html(text) => self.push_text(text),
                Inline::Code(code) => self.with_mark("code", |writer| writer.push_text(code)),
                Inline::Formula(formula, _) => self.push_formula(formula.trim()),
                Inline::Break => self.push_text(&format!("\n{indent}")),
                Inline::Marked(mark, content) => {
                    self.with_mark(annotation(*mark), |writer| writer.push_inlines(content, indent));
                }
                Inline::Link(url, content) | Inline::Image(url, content) => self.push_link(url, content, indent),
                Inline::Task(_) => {}
            }
        }
    }

    fn push_link(&mut self, url: &str, content: &[Inline], indent: &str) {
        let is_link = inline_writer::destination(url).is_some();
        let text = if text_of(content).is_empty() { vec![Inline::Text(url.to_owned())] } else { content.to_vec() };
        let before = self.style.link.clone();
        self.style.link = if is_link { Some(url.to_owned()) } else { before.clone() };
        self.push_inlines(&text, indent);
        self.style.link = before;
        if !is_link && !url.is_empty() && text_of(&text) != url {
            self.push_text(&format!(" ({url})"));
        }
    }

    fn push_blocks(&mut self, blocks: &[Block], indent: &str, between: &str) {
        for (index, block) in blocks.iter().enumerate() {
            if index > 0 {
                self.push_text(&format!("{between}{indent}"));
            }
            self.push_block(block, indent);
        }
    }

    fn push_block(&mut self, block: &Block, indent: &str) {
        match block {
            Block::Paragraph(nodes) => self.push_inlines(nodes, indent),
            Block::Heading(_, nodes) => self.with_mark("bold", |writer| writer.push_inlines(nodes, indent)),
            Block::Code { text, .. } => self.with_mark("code", |writer| writer.push_text(text)),
            Block::Formula(formula) => self.push_formula(formula.trim()),
            Block::Rule => self.push_text("---"),
            Block::Html(text) => self.push_text(text),
            Block::Quote(blocks) => {
                self.push_text("> ");
                self.push_blocks(blocks, &format!("{indent}> "), "\n");
            }
            Block::Callout(icon, _, blocks) => {
                self.push_text(&format!("{icon} "));
                self.push_blocks(blocks, indent, "\n");
            }
            Block::Toggle(title, blocks) => {
                self.push_inlines(title, indent);
                self.push_text(&format!("\n{indent}"));
                self.push_blocks(blocks, indent, "\n");
            }
            Block::List(start, items) => self.push_list(*start, items, indent),
            Block::Table(rows) => self.push_rows(rows, indent),
            Block::Image(url, caption) => self.push_link(url, caption, indent),
        }
    }

    fn push_list(&mut self, start: Option<u64>, items: &[Item], indent: &str) {
        for (number, item) in (start.unwrap_or_default()..).zip(items) {
            let marker = match (item.checked, start) {
                (Some(true), _) => "☑ ".to_owned(),
                (Some(false), _) => "☐ ".to_owned(),
                (None, Some(_)) => format!("{number}. "),
                (None, None) => "• ".to_owned(),
            };
            if number > start.unwrap_or_default() {
                self.push_text(&format!("\n{indent}"));
            }
            self.push_text(&marker);
            self.push_blocks(&item.blocks, &format!("{indent}  "), "\n");
        }
    }

    fn push_rows(&mut self, rows: &[Vec<Vec<Inline>>], indent: &str) {
        for (row, cells) in rows.iter().enumerate() {
            if row > 0 {
                self.push_text(&format!("\n{indent}"));
            }
            for (column, cell) in cells.iter().enumerate() {
                if column > 0 {
                    self.push_text(" | ");
                }
                self.push_inlines(cell, indent);
            }
        }
    }
}

fn annotation(mark: Mark) -> &'static str {
    match mark {
        Mark::Strong => "bold",
        Mark::Emphasis => "italic",
        Mark::Strikethrough => "strikethrough",
        Mark::Underline => "underline",
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::rich_text::to_plain;
    use super::*;

    #[test]
    fn commonmark_becomes_rich_text() {
        let text = |content: &str| json!({ "type": "text", "text": { "content": content } });
        let mut bold = text("b");
        bold["annotations"] = json!({ "bold": true });
        let mut link = text("c");
        link["text"]["link"] = json!({ "url": "https://a.example" });
        assert_eq!(to_rich_text("a **b**\\\n[c](https://a.example)"), [text("a "), bold, text("\n"), link]);
        let equation = json!({ "type": "equation", "equation": { "expression": "x^2" } });
        assert_eq!(to_rich_text("$x^2$"), [equation]);
        for (markdown, plain) in [
            ("a\n\nb", "a\n\nb"),
            ("- [x] a\n  - b\n- [ ] c", "☑ a\n  • b\n☐ c"),
            ("2. a\n3. b", "2. a\n3. b"),
            ("> a\n>\n> b", "> a\n> b"),
            ("|a|b|\n|-|-|\n|c|d|", "a | b\nc | d"),
            (
                "<mention url=\"user://x\">A</mention> <page url=\"x\">",
                "<mention url=\"user://x\">A</mention> <page url=\"x\">",
            ),
            ("[a](javascript:b)", "a (javascript:b)"),
        ] {
            assert_eq!(to_plain(&json!(to_rich_text(markdown))), plain);
        }
    }
}
