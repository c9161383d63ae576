//! The places of a part in a page's content.

use std::ops::Range;

use super::super::bare_text::bare_text;
use super::super::markdown::{self, Layout};
use super::super::signature::lasting;
use super::BY_BLOCK;

/// Words of a part that is not found, by which the line is looked for that it may mean.
const MAX_WORDS: usize = 20;
/// Bytes of lines that are converted to be compared with a part.
const MAX_CONVERTED: usize = 1 << 20;

/// Returns the places of a part that are not in a tag. It is compared without escapes, as given and as Notion's dialect writes it; then
/// with whole lines as they are read.
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
    find_lines(content, layout, part)
}

/// Returns the places of whole lines that are read as a part. Notion writes the numbers of lists, marks, images and some blocks in
/// other ways than they are read.
fn find_lines(content: &str, layout: &Layout, part: &str) -> Vec<Range<usize>> {
    let wanted = comparable(part);
    let bare = bare_text(&unescaped(&wanted).0);
    if wanted.is_empty() {
        return vec![];
    }
    let lines: Vec<Range<usize>> = lines(content).collect();
    let is_candidate: Vec<bool> = lines.iter().map(|line| can_be_in(&content[line.clone()], &bare)).collect();
    let max_lines = 2 * part.lines().count() + 8;
    let (mut places, mut first, mut converted) = (vec![], 0, 0);
    while let Some(start) = lines.get(first).filter(|_| converted <= MAX_CONVERTED) {
        let is_nested = content[..start.start].chars().next_back().is_some_and(|char| char != '\n');
        let run = lines[first..].iter().zip(&is_candidate[first..]).take(if is_nested { 1 } else { max_lines });
        let mut run = run.take_while(|(_, is_candidate)| **is_candidate);
        let place = run.find_map(|(line, _)| {
            let place = start.start..line.end;
            converted += place.len();
            let is_read =
                converted <= MAX_CONVERTED && comparable(&markdown::from_notion(&content[place.clone()])) == wanted;
            is_read.then_some(place)
        });
        match place.filter(|place| layout.code_at(place).is_none() && !layout.is_in_table(place)) {
            Some(place) => {
                first += lines[first..].partition_point(|line| line.end <= place.end);
                places.push(place);
            }
            None => first += 1,
        }
    }
    places
}

/// Returns the lines of content that are not empty, without the white space at their ends.
fn lines(content: &str) -> impl Iterator<Item = Range<usize>> {
    let mut next = 0;
    let lines = content.split_inclusive('\n').map(move |line| {
        let start = next + line.len() - line.trim_start().len();
        next += line.len();
        start..(next - (line.len() - line.trim_end().len())).max(start)
    });
    lines.filter(|line| !line.is_empty())
}

/// True unless the words of a line, without its tags, are not in a text of letters and digits.
fn can_be_in(line: &str, bare: &str) -> bool {
    let (line, _) = unescaped(&comparable(line));
    line.split('<').all(|text| bare.contains(&bare_text(text.rsplit('>').next().unwrap_or_default())))
}

/// Returns Markdown as it is compared: without signatures, indents, and the numbers of lists.
fn comparable(markdown: &str) -> String {
    let line = |line: &str| {
        let line = line.trim();
        match line.trim_start_matches(|char: char| char.is_ascii_digit()) {
            rest if rest.len() < line.len() && rest.starts_with(". ") => format!("1{rest}"),
            _ => line.to_owned(),
        }
    };
    lasting(markdown).trim().lines().map(line).collect::<Vec<_>>().join("\n")
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
    let near = nearest.map(|line| format!("; near to it is: {line}")).unwrap_or_default();
    format!(
        "is not on the page{near}; give it as notion_get_page_content returns it, or {BY_BLOCK}; notion_list_blocks has its id"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_found_as_notion_writes_it() {
        for raw in [
            "1. a\n1. b\n1. c",
            "<b>Plans</b> are here",
            "<image source=\"https://a.example/b?X-Amz-Signature=1\">A <b>plan</b></image>",
            "<callout icon=\"🚀\" color=\"red\">\na\n\n- b\n</callout>",
            "<ol>\n<li>\na\n\nb\n</li>\n<li>\nc\n</li>\n</ol>",
            "Ask <mention url=\"user://u1\">Ann</mention> on <date start=\"2026-12-01\" />",
        ] {
            let content = format!("before a\n\n{raw}\n\nafter b\n\n```\nAsk\n```");
            let read = markdown::from_notion(raw);
            let found = find(&content, &Layout::read(&content), &read.replace("Signature=1", "Signature=2"));
            assert_eq!(found.iter().map(|place| &content[place.clone()]).collect::<Vec<_>>(), [raw], "{read}");
        }
        let list = "1. a\n1. b\n  1. c";
        for (part, raw) in [("2. b", "1. b"), ("3. c", "1. c")] {
            let found = find(list, &Layout::read(list), part);
            assert_eq!(found.iter().map(|place| &list[place.clone()]).collect::<Vec<_>>(), [raw]);
        }
        assert!(find(list, &Layout::read(list), "2. d").is_empty());
    }

    #[test]
    fn a_part_that_is_not_found_leads_to_its_block() {
        let reason = not_found("# Plan", &format!("{} plan", "word ".repeat(MAX_WORDS)));
        assert!(!reason.contains("near to it"), "{reason}");
        let reason = not_found("# Plan", "the plan");
        assert!(reason.contains("near to it is: # Plan"), "{reason}");
        assert!(
            reason.ends_with("or change the block by notion_update_block; notion_list_blocks has its id"),
            "{reason}"
        );
    }
}
