//! Blocks of a tree as Markdown: in Notion's dialect a block with others in it is a tag, and in CommonMark its lines are indented.

use super::inline_writer::{self, Place, destination, longest_run, write_line};
use super::tree::{ALERTS, Block, Inline, Item, Syntax, text_of};

/// The deepest heading of Notion.
const MAX_HEADING: u8 = 4;

/// Writes blocks, with an empty line between them.
pub(super) fn write(blocks: &[Block], syntax: Syntax) -> String {
    let texts = blocks.iter().map(|block| write_block(block, syntax)).filter(|text| !text.is_empty());
    texts.collect::<Vec<_>>().join("\n\n")
}

fn write_block(block: &Block, syntax: Syntax) -> String {
    match block {
        Block::Paragraph(nodes) => write_line(nodes, Place::line(syntax)),
        Block::Heading(level, nodes) => heading(*level, nodes, syntax),
        Block::Code { language, text } => code(language, text),
        Block::Formula(text) => formula(text),
        Block::Rule => "---".to_owned(),
        Block::Quote(blocks) => quote(blocks, syntax),
        Block::Callout(icon, color, blocks) => callout(icon, color, blocks, syntax),
        Block::Toggle(title, blocks) => toggle(title, blocks, syntax),
        Block::List(start, items) => match syntax {
            Syntax::Notion if items.iter().all(is_simple) => list(*start, items, syntax, true),
            Syntax::Notion => tagged_list(start.is_some(), items),
            Syntax::CommonMark => list(*start, items, syntax, items.iter().all(is_simple)),
        },
        Block::Table(rows) => table(rows, syntax),
        Block::Image(url, caption) => image(url, caption, syntax),
        Block::Html(text) => write_line(&[Inline::Text(text.clone())], Place::line(syntax)),
    }
}

fn heading(level: u8, nodes: &[Inline], syntax: Syntax) -> String {
    let level = if syntax == Syntax::Notion { level.min(MAX_HEADING) } else { level };
    let has_break = nodes.contains(&Inline::Break);
    if has_break && syntax == Syntax::Notion {
        let name = format!("h{level}");
        return tag(&name, &name, &[Block::Paragraph(nodes.to_vec())]);
    }
    let joined: Vec<Inline> = nodes
        .iter()
        .map(|node| match node {
            Inline::Break => Inline::Text(" ".to_owned()),
            node => node.clone(),
        })
        .collect();
    let mut text = inline_writer::write(&joined, Place::line(syntax));
    if text.ends_with('#') {
        // Number signs at the end are not shown.
        text.insert(text.len() - 1, '\\');
    }
    if text.is_empty() { text } else { format!("{} {text}", "#".repeat(level.into())) }
}

fn code(language: &str, text: &str) -> String {
    let fence = "`".repeat((longest_run(text, '`') + 1).max(3));
    format!("{fence}{language}\n{text}{}{fence}", if text.is_empty() { "" } else { "\n" })
}

fn formula(text: &str) -> String {
    match inline_writer::formula(text) {
        Some(formula) => format!("$$\n{formula}\n$$"),
        None => code("latex", text.trim()),
    }
}

/// Writes a tag with a title, its first paragraph, and with what is below it.
fn tag(start: &str, name: &str, blocks: &[Block]) -> String {
    let (title, below) = match blocks.split_first() {
        Some((title @ Block::Paragraph(_), below)) => (write_block(title, Syntax::Notion), below),
        _ => (String::new(), blocks),
    };
    let title = if title.is_empty() { "<p />".to_owned() } else { title };
    let below = write(below, Syntax::Notion);
    let space = if below.is_empty() { "" } else { "\n\n" };
    format!("<{start}>\n{title}{space}{below}\n</{name}>")
}

fn quote(blocks: &[Block], syntax: Syntax) -> String {
    match (syntax, blocks) {
        (Syntax::CommonMark, _) | (Syntax::Notion, [Block::Paragraph(_)]) => prefix(&write(blocks, syntax), "> ", "> "),
        (Syntax::Notion, []) => String::new(),
        (Syntax::Notion, _) => tag("quote", "quote", blocks),
    }
}

fn callout(icon: &str, color: &str, blocks: &[Block], syntax: Syntax) -> String {
    if syntax == Syntax::Notion {
        return tag(&format!("callout icon=\"{}\" color=\"{}\"", escape(icon), escape(color)), "callout", blocks);
    }
    match ALERTS.iter().find(|(_, shown)| *shown == (icon, color)) {
        Some((name, _)) => prefix(&format!("[!{name}]\n{}", write(blocks, syntax)), "> ", "> "),
        None => {
            let icon = write_line(&[Inline::Text(icon.to_owned())], Place::line(syntax));
            let text = [icon, write(blocks, syntax)].join(" ");
            prefix(text.trim(), "> ", "> ")
        }
    }
}

fn toggle(title: &[Inline], blocks: &[Block], syntax: Syntax) -> String {
    if syntax == Syntax::Notion {
        return tag("toggle", "toggle", &[&[Block::Paragraph(title.to_vec())], blocks].concat());
    }
    let below = write(blocks, syntax);
    let space = if below.is_empty() { "" } else { "\n\n" };
    format!("<details>\n<summary>{}</summary>\n\n{below}{space}</details>", escape(&text_of(title)))
}

/// True for an item that is a line, with such items below it.
fn is_simple(item: &Item) -> bool {
    let is_list = |block: &Block| matches!(block, Block::List(_, items) if items.iter().all(is_simple));
    match item.blocks.split_first() {
        Some((Block::Paragraph(nodes), below)) => !nodes.is_empty() && below.iter().all(is_list),
        _ => false,
    }
}

fn list(start: Option<u64>, items: &[Item], syntax: Syntax, is_tight: bool) -> String {
    let mut number = start.unwrap_or_default();
    let mut lines = vec![];
    for item in items {
        let marker = match (item.checked, start) {
            (Some(true), _) => "- [x] ".to_owned(),
            (Some(false), _) => "- [ ] ".to_owned(),
            (None, Some(_)) => format!("{number}. "),
            (None, None) => "- ".to_owned(),
        };
        number = number.saturating_add(1);
        let content = if is_tight {
            item.blocks.iter().map(|block| write_block(block, syntax)).collect::<Vec<_>>().join("\n")
        } else {
            write(&item.blocks, syntax)
        };
        let indent = if item.checked.is_some() { 2 } else { marker.len() };
        lines.push(prefix(&content, &marker, &" ".repeat(indent)));
    }
    lines.join(if is_tight { "\n" } else { "\n\n" })
}

/// Writes a list with tags. A task is a tag of its own, which no list is around.
fn tagged_list(is_ordered: bool, items: &[Item]) -> String {
    let name = if is_ordered { "ol" } else { "ul" };
    let mut parts: Vec<String> = vec![];
    let mut in_list = false;
    for item in items {
        if let Some(checked) = item.checked {
            if std::mem::take(&mut in_list) {
                parts.push(format!("</{name}>\n"));
            }
            parts.push(tag(&format!("todo checked=\"{checked}\""), "todo", &item.blocks) + "\n");
            continue;
        }
        if !std::mem::replace(&mut in_list, true) {
            parts.push(format!("<{name}>"));
        }
        parts.push(tag("li", "li", &item.blocks));
    }
    if in_list {
        parts.push(format!("</{name}>"));
    }
    parts.join("\n").trim_end().to_owned()
}

fn table(rows: &[Vec<Vec<Inline>>], syntax: Syntax) -> String {
    let Some(width) = rows.iter().map(Vec::len).max().filter(|width| *width > 0) else { return String::new() };
    let mut lines = vec![];
    for row in rows {
        let cells = (0..width).map(|column| {
            row.get(column).map_or_else(String::new, |cell| inline_writer::write(cell, Place::cell(syntax)))
        });
        lines.push(format!("| {} |", cells.collect::<Vec<_>>().join(" | ")));
    }
    lines.insert(1, format!("|{}", " --- |".repeat(width)));
    lines.join("\n")
}

fn image(url: &str, caption: &[Inline], syntax: Syntax) -> String {
    let Some(source) = destination(url).filter(|_| url.to_ascii_lowercase().starts_with("http")) else {
        return write_line(&[Inline::Link(url.to_owned(), caption.to_vec())], Place::line(syntax));
    };
    let text = Inline::Text(text_of(caption));
    match caption {
        [Inline::Link(to, _)] if syntax == Syntax::CommonMark && destination(to).is_some() => {
            let (to, text) = (destination(to).unwrap_or_default(), inline_writer::write(&[text], Place::line(syntax)));
            format!("[![{text}]({source})]({to})")
        }
        [] | [Inline::Text(_)] => format!("![{}]({source})", inline_writer::write(caption, Place::line(syntax))),
        _ if syntax == Syntax::CommonMark => {
            format!("![{}]({source})", inline_writer::write(&[text], Place::line(syntax)))
        }
        _ => {
            let caption = inline_writer::write(caption, Place::line(syntax)).replace("\\\n", "<br />");
            format!("<image source=\"{}\">{caption}</image>", escape(url))
        }
    }
}

/// Puts text before the first line and before each other line.
fn prefix(text: &str, first: &str, others: &str) -> String {
    let line = |(index, line): (usize, &str)| match (index, line) {
        (0, line) => [first, line].concat(),
        (_, "") => others.trim_end().to_owned(),
        (_, line) => [others, line].concat(),
    };
    text.split('\n').enumerate().map(line).collect::<Vec<_>>().join("\n").trim_end().to_owned()
}

/// Escapes text for HTML and for the value of an attribute.
fn escape(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    text.replace(['\n', '\r'], " ")
}
