//! Blocks as Notion-flavored Markdown.

use serde_json::{Value, json};

use super::super::Workspace;
use super::super::model::Block;

/// Renders the blocks of these ids, with those under them.
pub(crate) fn render(workspace: &Workspace, ids: &[String]) -> String {
    let mut text = String::new();
    let mut before = "";
    for block in workspace.blocks_of(ids).into_iter().filter(|block| !block.in_trash) {
        let kind = block.block_type.as_str();
        let rendered = render_block(workspace, block);
        let is_list = |kind: &str| kind.ends_with("list_item") || kind == "to_do";
        if !text.is_empty() {
            let is_tight = is_list(kind) && is_list(before) && is_line(workspace, block) && !text.ends_with('>');
            text.push_str(if is_tight { "\n" } else { "\n\n" });
        }
        text.push_str(&rendered);
        before = kind;
    }
    text
}

/// True for an item of a list that has only such items under it.
fn is_line(workspace: &Workspace, block: &Block) -> bool {
    let is_item = |child: &Block| child.block_type.ends_with("list_item") || child.block_type == "to_do";
    !text(&block.content["rich_text"], false).is_empty()
        && workspace.blocks_of(&block.children).iter().all(|child| is_item(child) && is_line(workspace, child))
}

fn render_block(workspace: &Workspace, block: &Block) -> String {
    let content = &block.content;
    let line = protect(&text(&content["rich_text"], false));
    let below = render(workspace, &block.children);
    let color = content["color"].as_str().filter(|color| *color != "default");
    let color = color.map_or_else(String::new, |color| format!(" color=\"{color}\""));
    let is_plain = below.is_empty() && color.is_empty() && !line.is_empty() && !line.contains('\n');
    let tag = |name: &str, more: &str| {
        let title = if line.is_empty() { "<p />" } else { &line };
        let space = if below.is_empty() { "" } else { "\n\n" };
        format!("<{name}{more}{color}>\n{title}{space}{below}\n</{name}>")
    };
    match block.block_type.as_str() {
        "paragraph" if below.is_empty() && color.is_empty() => {
            if line.is_empty() {
                "<p />".to_owned()
            } else {
                line
            }
        }
        "paragraph" => tag("p", ""),
        heading @ ("heading_1" | "heading_2" | "heading_3" | "heading_4") => match &heading[8..] {
            level if is_plain => {
                let end = if line.ends_with('#') { "\\#" } else { "" };
                let line = if end.is_empty() { line.as_str() } else { &line[..line.len() - 1] };
                format!("{} {line}{end}", "#".repeat(level.parse().unwrap_or(1)))
            }
            level => tag(&format!("h{level}"), ""),
        },
        "quote" if is_plain => format!("> {line}"),
        "quote" => tag("quote", ""),
        "toggle" => tag("toggle", ""),
        "callout" => tag("callout", &format!(" icon=\"{}\"", content["icon"]["emoji"].as_str().unwrap_or(""))),
        kind @ ("bulleted_list_item" | "numbered_list_item" | "to_do") => {
            let is_done = content["checked"] == json!(true);
            let marker = match kind {
                "to_do" if is_done => "- [x] ",
                "to_do" => "- [ ] ",
                "numbered_list_item" => "1. ",
                _ => "- ",
            };
            match kind {
                _ if is_line(workspace, block) && color.is_empty() => {
                    let indent = if kind == "numbered_list_item" { "\n   " } else { "\n  " };
                    let whole = if below.is_empty() { line } else { format!("{line}\n{below}") };
                    format!("{marker}{}", whole.replace('\n', indent))
                }
                "to_do" => tag("todo", &format!(" checked=\"{is_done}\"")),
                "numbered_list_item" => format!("<ol>\n{}\n</ol>", tag("li", "")),
                _ => format!("<ul>\n{}\n</ul>", tag("li", "")),
            }
        }
        _ => other_block(workspace, block, &below),
    }
}

fn other_block(workspace: &Workspace, block: &Block, below: &str) -> String {
    let content = &block.content;
    let string = |value: &Value| value.as_str().unwrap_or("").to_owned();
    let url = format!("https://www.notion.so/{}", block.id.replace('-', ""));
    match block.block_type.as_str() {
        "code" => {
            let code: String = content["rich_text"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|piece| string(&piece["plain_text"]))
                .collect();
            let run = code.split(|char| char != '`').map(str::len).max().unwrap_or(0);
            let fence = "`".repeat((run + 1).max(3));
            let language = string(&content["language"]);
            format!("{fence}{}\n{code}\n{fence}", if language == "plain text" { "" } else { &language })
        }
        "divider" => "---".to_owned(),
        "equation" => format!("$$\n{}\n$$", string(&content["expression"])),
        kind @ ("image" | "pdf" | "file" | "audio" | "video") => {
            let source = [&content["external"]["url"], &content["file"]["url"]].into_iter().find_map(Value::as_str);
            let source = source.unwrap_or("").replace('&', "&amp;");
            format!("<{kind} source=\"{source}\">{}</{kind}>", text(&content["caption"], true))
        }
        kind @ ("bookmark" | "embed") => format!("<{kind} source=\"{}\"></{kind}>", string(&content["url"])),
        "column_list" => format!("<columns>\n{below}\n</columns>"),
        "column" => format!("<column>\n{below}\n</column>"),
        "table" => table(workspace, block),
        "child_page" => format!("<page url=\"{url}\">{}</page>", escape(&string(&content["title"]))),
        "child_database" => format!("<database url=\"{url}\">{}</database>", escape(&string(&content["title"]))),
        kind => format!("<unknown url=\"{url}\" alt=\"{kind}\"/>"),
    }
}

fn table(workspace: &Workspace, block: &Block) -> String {
    let row = |row: &&Block| {
        let cells = row.content["cells"].as_array().into_iter().flatten().map(|cell| text(cell, true));
        format!("| {} |", cells.collect::<Vec<_>>().join(" | "))
    };
    let mut rows: Vec<String> = workspace.blocks_of(&block.children).iter().map(row).collect();
    let width = block.content["table_width"].as_u64().unwrap_or(1);
    rows.insert(rows.len().min(1), format!("|{}", " --- |".repeat(usize::try_from(width).unwrap_or(1))));
    rows.join("\n")
}

/// Renders rich text; `is_cell` for a place that is one line.
fn text(pieces: &Value, is_cell: bool) -> String {
    let line_break = if is_cell { "<br />" } else { "\\\n" };
    pieces.as_array().into_iter().flatten().map(|piece| render_piece(piece).replace('\n', line_break)).collect()
}

fn render_piece(piece: &Value) -> String {
    let plain = piece["plain_text"].as_str().unwrap_or("");
    if let Some(expression) = piece["equation"]["expression"].as_str() {
        return format!("${expression}$");
    }
    if let Some(id) = piece["mention"]["user"]["id"].as_str() {
        return format!("<mention url=\"user://{id}\">{plain}</mention>");
    }
    let annotations = &piece["annotations"];
    let is = |name: &str| annotations[name] == json!(true);
    let mut shown = if is("code") {
        let run = plain.split(|char| char != '`').map(str::len).max().unwrap_or(0);
        let fence = "`".repeat(run + 1);
        let space = if plain.starts_with('`') || plain.ends_with('`') { " " } else { "" };
        format!("{fence}{space}{}{space}{fence}", plain.replace('|', "\\|"))
    } else {
        escape(plain)
    };
    for (name, tag) in [("bold", "b"), ("italic", "i"), ("strikethrough", "s"), ("underline", "u")] {
        if is(name) {
            shown = format!("<{tag}>{shown}</{tag}>");
        }
    }
    match piece["text"]["link"]["url"].as_str() {
        Some(url) => format!("[{shown}]({})", url.replace('(', "\\(").replace(')', "\\)").replace('&', "&amp;")),
        None => shown,
    }
}

fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for char in text.chars() {
        if "\\*_~`$[]<>&|:!".contains(char) {
            escaped.push('\\');
        }
        escaped.push(char);
    }
    escaped
}

/// Escapes what would start another block.
fn protect(text: &str) -> String {
    let line = |line: &str| {
        let digits = line.len() - line.trim_start_matches(|char: char| char.is_ascii_digit()).len();
        match line.chars().next() {
            Some('#' | '-' | '+' | '=') => format!("\\{line}"),
            Some('0'..='9') if line[digits..].starts_with(['.', ')']) => {
                format!("{}\\{}", &line[..digits], &line[digits..])
            }
            _ => line.to_owned(),
        }
    };
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}
