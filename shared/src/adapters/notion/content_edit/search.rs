//! The places of a part in a page's content.

use std::ops::Range;

use super::super::markdown::{self, Layout};

/// Words of a part that is not found, by which the line is looked for that it may mean.
const MAX_WORDS: usize = 20;

/// Returns the places of a part that are not in a tag. It is compared without escapes, as given and as Notion's dialect writes it.
pub(super) fn find(content: &str, layout: &Layout, part: &str) -> Vec<Range<usize>> {
    let (plain, starts) = unescaped(content);
    for form in [part.to_owned(), markdown::to_notion(part)] {
        let (form, _) = unescaped(form.trim_matches('\n'));
        let found: Vec<_> = match form.trim().is_empty() {
            true => vec![],
            false => {
                let places = plain.match_indices(&form).map(|(at, form)| starts[at]..starts[at + form.len()]);
                places.filter(|place| !layout.is_in_tag(place)).collect()
            }
        };
        if !found.is_empty() {
            return found;
        }
    }
    vec![]
}

/// Returns a text without its escapes, and for each of its bytes, and its end, the place in the text with them.
fn unescaped(text: &str) -> (String, Vec<usize>) {
    const ENTITIES: [(&str, char); 4] = [("&lt;", '<'), ("&gt;", '>'), ("&amp;", '&'), ("&quot;", '"')];
    let (mut plain, mut starts, mut at) = (String::new(), vec![], 0);
    while let Some(char) = text[at..].chars().next() {
        let rest = &text[at..];
        let escaped = rest[char.len_utf8()..].chars().next().filter(|next| char == '\\' && next.is_ascii_punctuation());
        let entity = ENTITIES.iter().find(|(entity, _)| rest.starts_with(entity));
        let (char, length) = match (escaped, entity) {
            (Some(escaped), _) => (escaped, 2),
            (None, Some((entity, char))) => (*char, entity.len()),
            (None, None) => (char, char.len_utf8()),
        };
        plain.push(char);
        starts.resize(plain.len(), at);
        at += length;
    }
    starts.push(text.len());
    (plain, starts)
}

/// Returns why a part is not found: with the line that it may mean, by its first words.
pub(super) fn not_found(content: &str, part: &str) -> String {
    let first = part.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let words: Vec<String> = first.split_whitespace().take(MAX_WORDS).map(str::to_lowercase).collect();
    let shared = |line: &&str| {
        let line = line.to_lowercase();
        words.iter().filter(|word| word.len() > 2 && line.contains(word.as_str())).count()
    };
    let nearest = content.lines().filter(|line| shared(line) > 0).max_by_key(shared);
    let nearest = nearest.map(|line| line.trim().chars().take(80).collect::<String>());
    let advice = "give it as notion_get_page_content returns it";
    match nearest {
        Some(line) => format!("is not on the page: {advice}; near to it is: {line}"),
        None => format!("is not on the page: {advice}"),
    }
}
