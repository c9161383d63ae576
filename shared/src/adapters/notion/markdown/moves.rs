//! The tags of Notion's dialect that are of objects: those that name what exists move it to the page that they are written to, and
//! others make something new there.

use std::collections::HashMap;

use super::layout::Layout;
use super::scan::MAX_TAG_CHARS;

/// The names of these tags.
const NAMES: [&str; 7] =
    ["custom-block", "database", "folder", "meeting-notes", "page", "synced-block", "synced-block-reference"];

/// Returns the name of the first tag by which content in Notion's dialect moves an existing page, database or block. A tag is found in
/// every spelling that a tolerant reader accepts. Code in a fence after an empty line is no tag.
pub(in super::super) fn find_move(content: &str) -> Option<&'static str> {
    moves(&without_code(content).to_lowercase()).next().map(|(name, _)| name)
}

/// True if content in Notion's dialect has a tag that moves an object or makes one. A page under a page is no block with a text.
pub(in super::super) fn has_object(content: &str) -> bool {
    objects(&without_code(content).to_lowercase()).next().is_some()
}

/// True if a content has more of these tags than the content before it, each with its attributes. What is likely to be code, and not
/// certain, is read both as code and as tags.
pub(in super::super) fn adds_move(before: &str, after: &str) -> bool {
    let without_likely_code = |content: &str| Layout::read(content).without_code(content);
    let adds = |before: String, after: String| {
        let (before, after) = (before.to_lowercase(), after.to_lowercase());
        let mut known = HashMap::<&str, usize>::new();
        moves(&before).for_each(|(_, tag)| *known.entry(tag).or_default() += 1);
        moves(&after).any(|(_, tag)| match known.get_mut(tag) {
            Some(count) if *count > 0 => {
                *count -= 1;
                false
            }
            _ => true,
        })
    };
    adds(without_code(before), without_code(after)) || adds(without_likely_code(before), without_likely_code(after))
}

/// Returns the tags of content in lower case that name what exists, each with its name.
fn moves(content: &str) -> impl Iterator<Item = (&'static str, &str)> {
    objects(content).filter_map(|(name, tag)| Some((name, naming_existing(name, tag)?)))
}

/// Returns the names of the tags of objects in content in lower case, each with the text from it on.
fn objects(content: &str) -> impl Iterator<Item = (&'static str, &str)> {
    let mut rest = content;
    std::iter::from_fn(move || {
        while let Some(start) = rest.find('<') {
            let is_escaped = (rest[..start].len() - rest[..start].trim_end_matches('\\').len()) % 2 == 1;
            rest = &rest[start + 1..];
            let tag = rest.trim_start();
            let named = |name: &&&str| {
                tag.strip_prefix(**name)
                    .is_some_and(|after| !after.starts_with(|char: char| char.is_alphanumeric() || char == '-'))
            };
            if let Some(name) = NAMES.iter().find(named).filter(|_| !is_escaped) {
                return Some((*name, tag));
            }
        }
        None
    })
}

/// Returns a tag up to its end, unless it has no address, with which Notion makes something new.
fn naming_existing<'a>(name: &str, tag: &'a str) -> Option<&'a str> {
    let mut quote = None;
    for (count, (index, char)) in tag.char_indices().enumerate() {
        match quote {
            Some(open) if open == char => quote = None,
            None if char == '"' || char == '\'' => quote = Some(char),
            _ => {}
        }
        if char == '>' && quote.is_none() {
            let attributes = &tag[..index];
            let names_more = attributes.contains("url") || attributes.contains('&');
            let is_existing = names_more || name == "folder" || name == "synced-block-reference";
            return is_existing.then_some(attributes);
        }
        if count > MAX_TAG_CHARS {
            return Some(&tag[..index]);
        }
    }
    Some(tag)
}

/// Removes the code in fences, where it is certain to be code.
fn without_code(content: &str) -> String {
    // A formula can have the lines of a fence in it.
    if content.contains("$$") {
        return content.to_owned();
    }
    let content = content.replace("\r\n", "\n").replace('\r', "\n");
    let lines: Vec<&str> = content.split('\n').collect();
    let fence = |line: &str| line.len() - line.trim_start_matches('`').len();
    let is_only_fence = |line: &str| line.trim_end().len() == fence(line);
    // The longest end of code from each line on.
    let mut ends = vec![0; lines.len() + 1];
    for (index, line) in lines.iter().enumerate().rev() {
        ends[index] = ends[index + 1].max(if is_only_fence(line) { fence(line) } else { 0 });
    }
    let (mut text, mut index) = (String::new(), 0);
    while let Some(line) = lines.get(index) {
        let length = fence(line);
        let is_start =
            length >= 3 && !line[length..].contains('`') && (index == 0 || lines[index - 1].trim().is_empty());
        let is_end = |line: &&str| is_only_fence(line) && fence(line) >= length;
        if is_start && ends[index + 1] >= length {
            index += 2 + lines[index + 1..].iter().position(is_end).unwrap_or_default();
        } else {
            text.push_str(line);
            text.push('\n');
            index += 1;
        }
    }
    text
}
