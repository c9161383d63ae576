//! Where code and tags end in Notion's dialect.

/// Most characters of a tag; a longer one is a text, and taken for one that names something where that is looked for.
pub(super) const MAX_TAG_CHARS: usize = 4_000;
/// The longest run of backticks that starts code in a line.
const MAX_BACKTICKS: usize = 16;

/// Returns the fence with which a line starts a block of code or a formula.
pub(super) fn fence(line: &str) -> Option<&str> {
    let line = line.trim_start_matches("- ").trim_start_matches("> ");
    let length = line.len() - line.trim_start_matches('`').len();
    match length {
        3.. if !line[length..].contains('`') => Some(&line[..length]),
        _ if line == "$$" => Some(line),
        _ => None,
    }
}

/// True if a line ends the block that a fence started.
pub(super) fn ends_fence(fence: &str, line: &str) -> bool {
    line.starts_with(fence) && line.trim_start_matches(&fence[..1]).is_empty()
}

/// Returns the length of code in a line, up to the run of backticks that ends it: as long as the one that started it.
pub(super) fn code_length(text: &str, run: usize) -> Option<usize> {
    let mut at = 0;
    while run <= MAX_BACKTICKS
        && let Some(index) = text[at..].find('`')
    {
        at += index;
        let length = text[at..].len() - text[at..].trim_start_matches('`').len();
        if length == run {
            return Some(at);
        }
        at += length;
    }
    None
}

/// Returns the length of the tag at the start of a text; a `>` in quotes does not end it.
pub(super) fn tag_length(text: &str) -> Option<usize> {
    let name = text.strip_prefix('<')?;
    if !name.trim_start_matches('/').starts_with(|char: char| char.is_ascii_alphabetic()) {
        return None;
    }
    let mut quote = None;
    for (index, char) in text.char_indices().take(MAX_TAG_CHARS) {
        match quote {
            Some(open) if open == char => quote = None,
            Some(_) => {}
            None if char == '"' || char == '\'' => quote = Some(char),
            None if char == '>' => return Some(index + 1),
            None => {}
        }
    }
    None
}
