//! A document as a tree of blocks: what both dialects are parsed to and written from.

/// A dialect of Markdown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Syntax {
    CommonMark,
    Notion,
}

/// A block of a document.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Block {
    Paragraph(Vec<Inline>),
    Heading(u8, Vec<Inline>),
    Code {
        language: String,
        text: String,
    },
    Formula(String),
    Rule,
    Quote(Vec<Block>),
    /// A callout: its icon, its color, and its content.
    Callout(String, String, Vec<Block>),
    /// A toggle: its title and its content.
    Toggle(Vec<Inline>, Vec<Block>),
    /// A list: the number of its first item if it is ordered, and its items.
    List(Option<u64>, Vec<Item>),
    /// A table: its rows of cells, of which the first is the header.
    Table(Vec<Vec<Vec<Inline>>>),
    /// An image: its address and its caption.
    Image(String, Vec<Inline>),
    /// HTML as written, before it is read.
    Html(String),
}

/// An item of a list.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Item {
    /// The state of a task.
    pub(super) checked: Option<bool>,
    pub(super) blocks: Vec<Block>,
}

/// A part of a line.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Inline {
    Text(String),
    Code(String),
    /// A formula; true if it is displayed as a block.
    Formula(String, bool),
    Break,
    Marked(Mark, Vec<Inline>),
    /// A link: its address and its text.
    Link(String, Vec<Inline>),
    /// An image: its address and its description.
    Image(String, Vec<Inline>),
    /// The marker of a task.
    Task(bool),
    /// A tag as written, before it is read.
    Html(String),
}

/// A style of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    Strong,
    Emphasis,
    Strikethrough,
    Underline,
}

/// The alerts of GFM, and the icon and color of the callouts that stand for them.
pub(super) const ALERTS: [(&str, (&str, &str)); 5] = [
    ("NOTE", ("ℹ️", "blue_bg")),
    ("TIP", ("💡", "green_bg")),
    ("IMPORTANT", ("❗", "purple_bg")),
    ("WARNING", ("⚠️", "yellow_bg")),
    ("CAUTION", ("🛑", "red_bg")),
];

/// Appends text, as part of the text before it. A line break in it, which an entity can be, is a space.
pub(super) fn push_text(nodes: &mut Vec<Inline>, text: &str) {
    let text = text.replace(['\n', '\r'], " ");
    match nodes.last_mut() {
        Some(Inline::Text(last)) => last.push_str(&text),
        _ if text.is_empty() => {}
        _ => nodes.push(Inline::Text(text)),
    }
}

/// Returns the text of a line without its marks.
pub(super) fn text_of(nodes: &[Inline]) -> String {
    let text = |node: &Inline| match node {
        Inline::Text(text) | Inline::Code(text) | Inline::Formula(text, _) | Inline::Html(text) => text.clone(),
        Inline::Marked(_, nodes) | Inline::Link(_, nodes) | Inline::Image(_, nodes) => text_of(nodes),
        Inline::Break => "\n".to_owned(),
        Inline::Task(_) => String::new(),
    };
    nodes.iter().map(text).collect()
}

/// Returns the text of blocks, each on a line.
pub(super) fn text_of_blocks(blocks: &[Block]) -> String {
    let text = |block: &Block| match block {
        Block::Paragraph(nodes) | Block::Heading(_, nodes) | Block::Image(_, nodes) => text_of(nodes),
        Block::Code { text, .. } | Block::Formula(text) | Block::Html(text) => text.clone(),
        Block::Rule => String::new(),
        Block::Quote(blocks) | Block::Callout(_, _, blocks) => text_of_blocks(blocks),
        Block::Toggle(title, blocks) => [text_of(title), text_of_blocks(blocks)].join("\n"),
        Block::List(_, items) => items.iter().map(|item| text_of_blocks(&item.blocks)).collect::<Vec<_>>().join("\n"),
        Block::Table(rows) => rows.concat().iter().map(|cell| text_of(cell)).collect::<Vec<_>>().join("\n"),
    };
    blocks.iter().map(text).collect::<Vec<_>>().join("\n")
}

/// Joins marked parts of a line that are next to each other, as in `<b>a</b><i><b>b</b></i>`.
pub(super) fn join_marks(nodes: Vec<Inline>) -> Vec<Inline> {
    let mut joined: Vec<Inline> = vec![];
    for node in nodes {
        match (joined.last_mut(), in_order(node)) {
            (Some(Inline::Marked(before, content)), Inline::Marked(mark, more)) if *before == mark => {
                content.extend(more);
                *content = join_marks(std::mem::take(content));
            }
            (_, node) => joined.push(node),
        }
    }
    joined
}

/// Returns marks that are alone in each other in the order of [`Mark`].
fn in_order(node: Inline) -> Inline {
    let Inline::Marked(outer, mut content) = node else { return node };
    if let [Inline::Marked(inner, below)] = content.as_mut_slice()
        && (*inner as u8) < outer as u8
    {
        let (inner, below) = (*inner, std::mem::take(below));
        return Inline::Marked(inner, vec![in_order(Inline::Marked(outer, below))]);
    }
    Inline::Marked(outer, content)
}

/// Removes white space at both ends of a line, and the breaks there.
pub(super) fn trim(mut nodes: Vec<Inline>) -> Vec<Inline> {
    while let Some(first) = nodes.first_mut() {
        match first {
            Inline::Text(text) if text.trim_start().is_empty() => drop(nodes.remove(0)),
            Inline::Break => drop(nodes.remove(0)),
            Inline::Text(text) => {
                *text = text.trim_start().to_owned();
                break;
            }
            _ => break,
        }
    }
    while let Some(last) = nodes.last_mut() {
        match last {
            Inline::Text(text) if text.trim_end().is_empty() => drop(nodes.pop()),
            Inline::Break => drop(nodes.pop()),
            Inline::Text(text) => {
                text.truncate(text.trim_end().len());
                break;
            }
            _ => break,
        }
    }
    nodes
}
