//! Lines of a tree as Markdown, escaped so that text is only text.

use super::tree::{Inline, Mark, Syntax, push_text, text_of};

/// Longest address of a link: <https://developers.notion.com/reference/request-limits>
const MAX_URL_CHARS: usize = 2000;
/// Schemes of the addresses that become links; others are text.
const SCHEMES: [&str; 4] = ["http://", "https://", "mailto:", "tel:"];

/// The place that a line is written for.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) syntax: Syntax,
    /// True for the cell of a table, which is one line and ends at a `|`.
    pub(super) is_cell: bool,
    /// True within marked text.
    is_nested: bool,
}

impl Place {
    /// The place of a paragraph.
    pub(super) fn line(syntax: Syntax) -> Self {
        Self { syntax, is_cell: false, is_nested: false }
    }

    /// The place of a cell.
    pub(super) fn cell(syntax: Syntax) -> Self {
        Self { syntax, is_cell: true, is_nested: false }
    }
}

/// Writes a line that starts a block: what would start a heading, a list or a quote there is escaped.
pub(super) fn write_line(nodes: &[Inline], place: Place) -> String {
    write(nodes, place).split('\n').map(protect_start).collect::<Vec<_>>().join("\n")
}

/// Writes a part of a line.
pub(super) fn write(nodes: &[Inline], place: Place) -> String {
    let mut line = String::new();
    for (index, node) in nodes.iter().enumerate() {
        let after = nodes.get(index + 1);
        match node {
            Inline::Text(text) => push_escaped(&mut line, text, after, place, nodes.len() > 1),
            Inline::Code(code) => line.push_str(&code_span(code, place)),
            Inline::Formula(formula, _) => push_formula(&mut line, formula, place),
            Inline::Break if place.is_cell => line.push_str("<br />"),
            Inline::Break => {
                line.truncate(line.trim_end_matches([' ', '\t']).len());
                line.push_str("\\\n");
            }
            Inline::Marked(mark, content) => push_marked(&mut line, *mark, content, after, place),
            Inline::Link(url, content) => push_link(&mut line, url, content, place),
            Inline::Image(url, content) if content.is_empty() => {
                push_link(&mut line, url, &[Inline::Text(url.clone())], place)
            }
            Inline::Image(url, content) => push_link(&mut line, url, content, place),
            Inline::Task(_) => {}
            Inline::Html(raw) => push_escaped(&mut line, raw, after, place, true),
        }
    }
    line
}

/// Returns the address of a link as Markdown; `None` if it leads nowhere outside the text.
pub(super) fn destination(url: &str) -> Option<String> {
    let lower = url.to_ascii_lowercase();
    let is_safe = SCHEMES.iter().any(|scheme| lower.starts_with(scheme) && lower.len() > scheme.len());
    if !is_safe || url.chars().count() > MAX_URL_CHARS {
        return None;
    }
    let mut written = String::with_capacity(url.len());
    for char in url.chars() {
        match char {
            '(' | ')' => written.extend(['\\', char]),
            '&' => written.push_str("&amp;"),
            ' ' | '<' | '>' | '"' | '`' | '\\' | '|' | '[' | ']' | '^' | '{' | '}' => {
                written.push_str(&format!("%{:02X}", u32::from(char)));
            }
            char if char.is_control() || char.is_whitespace() => return None,
            char => written.push(char),
        }
    }
    Some(written)
}

fn push_link(line: &mut String, url: &str, content: &[Inline], place: Place) {
    let text = write(content, Place { is_nested: true, ..place });
    match destination(url) {
        Some(url) if !text.trim().is_empty() => line.push_str(&format!("[{text}]({url})")),
        Some(to) => {
            let mut shown = vec![];
            push_text(&mut shown, url);
            line.push_str(&format!("[{}]({to})", write(&shown, place)));
        }
        // The address is shown, so that nothing is lost.
        None => {
            line.push_str(&text);
            if !url.is_empty() && text_of(content) != url {
                let mut shown = vec![];
                push_text(&mut shown, &format!(" ({url})"));
                line.push_str(&write(&shown, place));
            }
        }
    }
}

fn push_marked(line: &mut String, mark: Mark, content: &[Inline], after: Option<&Inline>, place: Place) {
    let place_within = Place { is_nested: true, ..place };
    let (delimiter, tag, inner) = match (mark, content) {
        (Mark::Strong, [Inline::Marked(Mark::Emphasis, inner)])
        | (Mark::Emphasis, [Inline::Marked(Mark::Strong, inner)]) => ("***", "", write(inner, place_within)),
        (Mark::Strong, _) => ("**", "b", write(content, place_within)),
        (Mark::Emphasis, _) => ("*", "i", write(content, place_within)),
        (Mark::Strikethrough, _) => ("~~", "s", write(content, place_within)),
        (Mark::Underline, _) => ("", "u", write(content, place_within)),
    };
    let next = after.map(|node| match node {
        Inline::Text(text) => text.chars().next().unwrap_or(' '),
        Inline::Break => ' ',
        _ => '*',
    });
    if inner.trim().is_empty() {
        line.push_str(&inner);
    } else if !delimiter.is_empty() && can_be_marked(line.chars().last(), &inner, next, place) {
        line.push_str(&[delimiter, &inner, delimiter].concat());
    } else if tag.is_empty() {
        line.push_str(&format!("<b><i>{inner}</i></b>"));
    } else {
        line.push_str(&format!("<{tag}>{inner}</{tag}>"));
    }
}

/// True if asterisks or tildes around a text are read as its marks wherever they are read. Tags are written else.
fn can_be_marked(before: Option<char>, inner: &str, after: Option<char>, place: Place) -> bool {
    let (Some(first), Some(last)) = (inner.chars().next(), inner.chars().last()) else { return false };
    let is_space = |char: Option<char>| char.is_none_or(char::is_whitespace);
    let is_free = |char: Option<char>| is_space(char) || char.is_some_and(|char| "([\"',.;:)!?]".contains(char));
    let is_bound = |outside: Option<char>, inside: char| match inside {
        '*' | '~' | '_' | '`' => false,
        inside if inside.is_alphanumeric() => {
            is_free(outside) || (!place.is_nested && outside.is_some_and(char::is_alphanumeric))
        }
        inside => !inside.is_whitespace() && is_free(outside),
    };
    is_bound(before, first) && is_bound(after, last)
}

fn code_span(code: &str, place: Place) -> String {
    let code = code.replace(['\n', '\r'], " ");
    let fence = "`".repeat(longest_run(&code, '`') + 1);
    let needs_space = code.starts_with('`') || code.ends_with('`') || (code.starts_with(' ') && code.ends_with(' '));
    let space = if needs_space && !code.trim().is_empty() { " " } else { "" };
    let code = if place.is_cell { code.replace('|', "\\|") } else { code };
    [&fence, space, &code, space, &fence].concat()
}

/// Returns the length of the longest run of a character.
pub(super) fn longest_run(text: &str, char: char) -> usize {
    text.split(|other| other != char).map(str::len).max().unwrap_or(0)
}

/// Returns a formula on one line in which no tag can start; `None` if its end would not be found.
pub(super) fn formula(text: &str) -> Option<String> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let formula = lines.collect::<Vec<_>>().join(" ");
    if formula.is_empty() || formula.contains(['$', '`', '%']) || formula.ends_with('\\') {
        return None;
    }
    // In a formula white space has no meaning.
    Some(formula.split('<').map(str::trim_start).collect::<Vec<_>>().join("< "))
}

fn push_formula(line: &mut String, text: &str, place: Place) {
    match formula(text) {
        Some(formula) if place.is_cell => line.push_str(&format!("${}$", formula.replace('|', "\\vert "))),
        Some(formula) => line.push_str(&format!("${formula}$")),
        None => push_escaped(line, &format!("${text}$").replace('\n', " "), None, place, true),
    }
}

/// Appends text. `has_more` is true if the line has other parts.
fn push_escaped(line: &mut String, text: &str, after: Option<&Inline>, place: Place, has_more: bool) {
    let is_notion = place.syntax == Syntax::Notion;
    let many_dollars = is_notion || has_more || text.matches('$').count() > 1;
    let mut before = line.chars().last();
    for (index, char) in text.char_indices() {
        let rest = &text[index + char.len_utf8()..];
        let next = rest.chars().next();
        let is_word = |char: Option<char>| char.is_some_and(char::is_alphanumeric);
        match char {
            '<' if is_notion || next.is_none_or(|next| next.is_ascii_alphabetic() || "/!?".contains(next)) => {
                line.push_str("&lt;");
            }
            '\n' | '\r' => line.push(' '),
            '\\' | '`' | '*' | '~' | '[' | ']' => line.extend(['\\', char]),
            '_' if !(is_word(before) && is_word(next)) => line.push_str("\\_"),
            '$' if many_dollars => line.push_str("\\$"),
            '|' if is_notion || place.is_cell => line.push_str("\\|"),
            ':' if is_notion && is_emoji(rest) => line.push_str("\\:"),
            '&' if is_entity(rest) => line.push_str("&amp;"),
            '!' if rest.is_empty() && after.is_some() => line.push_str("\\!"),
            char => line.push(char),
        }
        before = Some(char);
    }
}

/// True if a text continues the name of an emoji, as `smile:`.
fn is_emoji(rest: &str) -> bool {
    let name = rest.trim_start_matches(|char: char| char.is_alphanumeric() || "_+-".contains(char));
    name.len() < rest.len() && name.starts_with(':')
}

/// True if a text continues an entity, as `amp;`.
fn is_entity(rest: &str) -> bool {
    let name = rest.trim_start_matches(|char: char| char.is_ascii_alphanumeric() || char == '#');
    name.len() < rest.len() && (name.is_empty() || name.starts_with(';'))
}

/// Escapes what would start a block of another kind at the start of a line.
fn protect_start(line: &str) -> String {
    let line = line.trim_start_matches([' ', '\t']);
    let mut chars = line.chars();
    let (first, next) = (chars.next(), chars.next());
    let digits = line.len() - line.trim_start_matches(|char: char| char.is_ascii_digit()).len();
    match first {
        Some('#' | '>' | '=') => format!("\\{line}"),
        Some('-' | '+' | ':') if !next.is_some_and(char::is_alphanumeric) => format!("\\{line}"),
        Some('0'..='9') if line[digits..].starts_with(['.', ')']) => {
            format!("{}\\{}", &line[..digits], &line[digits..])
        }
        _ => line.to_owned(),
    }
}
