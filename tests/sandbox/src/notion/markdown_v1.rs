//! Version 1 of the dialect, as a sketch: one block per line, and fenced code. Inline marks are not parsed.
//! <https://developers.notion.com/guides/data-apis/enhanced-markdown>

use serde_json::{Value, json};

use super::model::Block;
use super::text;

/// Parses Markdown to blocks in a request's form.
pub(crate) fn parse(markdown: &str) -> Vec<Value> {
    let mut blocks = Vec::new();
    let mut lines = markdown.lines();
    while let Some(line) = lines.next() {
        let line = line.trim_end();
        if let Some(language) = line.strip_prefix("```") {
            let code: Vec<&str> = lines.by_ref().take_while(|line| !line.starts_with("```")).collect();
            let language = if language.is_empty() { "plain text" } else { language };
            blocks.push(block_json("code", &code.join("\n"), json!({"language": language})));
        } else if !line.trim().is_empty() {
            blocks.push(parse_line(line.trim_start()));
        }
    }
    blocks
}

fn parse_line(line: &str) -> Value {
    const MARKS: [(&str, &str); 8] = [
        ("#### ", "heading_4"),
        ("### ", "heading_3"),
        ("## ", "heading_2"),
        ("# ", "heading_1"),
        ("> ", "quote"),
        ("- ", "bulleted_list_item"),
        ("* ", "bulleted_list_item"),
        ("+ ", "bulleted_list_item"),
    ];
    if ["---", "***", "___"].contains(&line) {
        return json!({"type": "divider", "divider": {}});
    }
    for (mark, checked) in [("- [ ] ", false), ("- [x] ", true), ("- [X] ", true)] {
        if let Some(rest) = line.strip_prefix(mark) {
            return block_json("to_do", rest, json!({"checked": checked}));
        }
    }
    for (mark, kind) in MARKS {
        if let Some(rest) = line.strip_prefix(mark) {
            return block_json(kind, rest, json!({}));
        }
    }
    match line.split_once(". ") {
        Some((number, rest)) if number.parse::<u32>().is_ok() => block_json("numbered_list_item", rest, json!({})),
        _ => block_json("paragraph", line, json!({})),
    }
}

fn block_json(kind: &str, content: &str, mut more: Value) -> Value {
    more["rich_text"] = text::from_plain(content);
    let mut block = json!({"type": kind});
    block[kind] = more;
    block
}

/// Renders blocks as Markdown.
pub(crate) fn render(blocks: &[&Block]) -> String {
    blocks.iter().map(|block| render_line(block)).collect::<Vec<_>>().join("\n")
}

fn render_line(block: &Block) -> String {
    let words = text::plain_text(&block.content["rich_text"]);
    match block.block_type.as_str() {
        "heading_1" => format!("# {words}"),
        "heading_2" => format!("## {words}"),
        "heading_3" => format!("### {words}"),
        "heading_4" => format!("#### {words}"),
        "quote" => format!("> {words}"),
        "bulleted_list_item" => format!("- {words}"),
        "numbered_list_item" => format!("1. {words}"),
        "to_do" if block.content["checked"] == json!(true) => format!("- [x] {words}"),
        "to_do" => format!("- [ ] {words}"),
        "code" => format!("```{}\n{words}\n```", block.content["language"].as_str().unwrap_or("")),
        "divider" => "---".to_owned(),
        "child_page" | "child_database" => {
            format!("<page id=\"{}\">{}</page>", block.id, block.content["title"].as_str().unwrap_or(""))
        }
        _ => words,
    }
}
