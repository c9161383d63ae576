//! The places of a page's content that edits name, and what Notion is sent for them.

use serde_json::{Value, json};
use std::ops::Range;

use super::markdown;

/// A replacement of a part of the content.
#[derive(Clone, Copy, Debug)]
pub(super) struct Replacement<'a> {
    /// The part, as Markdown.
    pub(super) old: &'a str,
    /// What is there instead, as Markdown.
    pub(super) new: &'a str,
    /// True to replace the part wherever it is.
    pub(super) all: bool,
}

/// Edits of a content.
#[derive(Debug)]
pub(super) struct Plan {
    /// Notion's search-and-replace operations.
    pub(super) updates: Vec<Value>,
    /// The content after them.
    pub(super) after: String,
    /// The number of places.
    pub(super) places: usize,
}

/// A place in the content.
#[derive(Debug)]
struct Found {
    range: Range<usize>,
    new: String,
    edit: usize,
}

/// Finds the places of edits in content of Notion's dialect.
///
/// # Errors
/// A reason, by the edit's field, if a part is nowhere, or at several places and not all are meant, or if edits meet.
pub(super) fn plan(content: &str, edits: &[Replacement<'_>]) -> Result<Plan, String> {
    let mut places: Vec<Found> = vec![];
    for (edit, replacement) in edits.iter().enumerate() {
        let ranges = find(content, replacement.old);
        match ranges.len() {
            0 => return Err(format!("`edits[{edit}].old` {}", not_found(content, replacement.old))),
            count if count > 1 && !replacement.all => {
                return Err(format!(
                    "`edits[{edit}].old` is at {count} places of the page: give more of the text around the one that is meant, \
                     or set `all` to change them all"
                ));
            }
            _ => {}
        }
        places.extend(ranges.into_iter().map(|range| Found {
            new: written(content, &range, replacement.new),
            range,
            edit,
        }));
    }
    places.sort_by_key(|place| place.range.start);
    if let Some([one, two]) = places.array_windows().find(|[one, two]| one.range.end > two.range.start) {
        return Err(format!(
            "`edits[{}]` and `edits[{}]` change the same text: make one edit of them",
            one.edit, two.edit
        ));
    }
    let updates = updates(content, edits, &places)?;
    let (mut after, mut end) = (String::new(), 0);
    for place in &places {
        after.push_str(&content[end..place.range.start]);
        after.push_str(&place.new);
        end = place.range.end;
    }
    after.push_str(&content[end..]);
    Ok(Plan { updates, after, places: places.len() })
}

/// Returns one operation for each different text of an edit, the longest first: a shorter one can be a part of it.
fn updates(content: &str, edits: &[Replacement<'_>], places: &[Found]) -> Result<Vec<Value>, String> {
    let mut sent: Vec<(usize, &str, &str)> = vec![];
    for Found { range, new, edit } in places {
        let old = &content[range.clone()];
        match sent.iter().find(|(_, known, _)| *known == old) {
            Some((_, _, known)) if *known != new => {
                return Err(format!(
                    "`edits[{edit}].old` is in code and outside of it: change the one in code by notion_update_block"
                ));
            }
            Some(_) => {}
            None => sent.push((*edit, old, new)),
        }
    }
    sent.sort_by_key(|(_, old, _)| std::cmp::Reverse(old.len()));
    for (index, (_, _, new)) in sent.iter().enumerate() {
        if let Some((edit, ..)) = sent[index + 1..].iter().find(|(_, old, _)| new.contains(old)) {
            return Err(format!("`edits[{edit}].old` is in what another edit writes: make them in two calls"));
        }
    }
    Ok(sent
        .into_iter()
        .map(|(edit, old, new)| {
            let mut update = json!({ "old_str": old, "new_str": new });
            if edits[edit].all {
                update["replace_all_matches"] = json!(true);
            }
            update
        })
        .collect())
}

/// Returns the places of a part. It is compared without escapes, as given and as Notion's dialect writes it.
fn find(content: &str, part: &str) -> Vec<Range<usize>> {
    let (plain, starts) = unescaped(content);
    for form in [part.to_owned(), markdown::to_notion(part)] {
        let (form, _) = unescaped(form.trim_matches('\n'));
        let found: Vec<_> = match form.trim().is_empty() {
            true => vec![],
            false => plain.match_indices(&form).map(|(at, form)| starts[at]..starts[at + form.len()]).collect(),
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

/// Returns the new text as Notion's dialect, with the white space at its ends. In code it is what it is.
fn written(content: &str, range: &Range<usize>, new: &str) -> String {
    if is_in_code(&content[..range.start]) {
        return new.to_owned();
    }
    let words = new.trim();
    if words.is_empty() {
        return new.to_owned();
    }
    let start = new.len() - new.trim_start().len();
    [&new[..start], &markdown::to_notion(words), &new[start + words.len()..]].concat()
}

/// True if a text ends in a block of code.
fn is_in_code(before: &str) -> bool {
    let mut fence = 0;
    for line in before.lines().map(str::trim_start) {
        let ticks = line.len() - line.trim_start_matches('`').len();
        match (fence, ticks) {
            (0, 3..) => fence = ticks,
            (1.., ticks) if ticks >= fence && line.trim_end().len() == ticks => fence = 0,
            _ => {}
        }
    }
    fence > 0
}

/// Returns why a part is not found: with the line that it may mean.
fn not_found(content: &str, part: &str) -> String {
    let first = part.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let words: Vec<String> = first.split_whitespace().map(str::to_lowercase).collect();
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CONTENT: &str =
        "# Plan\n\nShip \\*it\\* on Monday &lt;soon>\n\n- one\n- two one\n\n```\nlet one = \"*\";\n```";

    fn edit<'a>(old: &'a str, new: &'a str, all: bool) -> Replacement<'a> {
        Replacement { old, new, all }
    }

    #[test]
    fn parts_are_found_as_they_were_read() {
        for (old, new, sent, written) in [
            ("Monday", "Tuesday", "Monday", "Tuesday"),
            ("\\*it\\*", "<page url=\"x\">", "\\*it\\*", "&lt;page url=\"x\">"),
            ("*it* on", "it on", "\\*it\\* on", "it on"),
            ("<soon>", " later ", "&lt;soon>", " later "),
            ("* one\n* two", "- 1\n- 2", "- one\n- two", "- 1\n- 2"),
            ("let one = \"*\";", "let *x* = 1;", "let one = \"*\";", "let *x* = 1;"),
            ("# Plan\n", "", "# Plan", ""),
        ] {
            let plan = plan(CONTENT, &[edit(old, new, false)]).unwrap();
            assert_eq!(plan.updates, [json!({ "old_str": sent, "new_str": written })], "{old}");
            assert_eq!(plan.after, CONTENT.replacen(sent, written, 1));
        }
    }

    #[test]
    fn what_cannot_be_replaced_is_said() {
        for (edits, reason) in [
            (
                vec![edit("Ship that", "x", false)],
                "`edits[0].old` is not on the page: give it as notion_get_page_content returns it; near to it is: Ship",
            ),
            (vec![edit("Plan", "x", false), edit("one", "x", false)], "`edits[1].old` is at 3 places"),
            (vec![edit("Ship", "x", false), edit("Ship \\*it", "x", false)], "change the same text"),
            (vec![edit("Monday", "Plan", false), edit("Plan", "x", false)], "make them in two calls"),
            (vec![edit("one", "1 <b", true)], "is in code and outside of it"),
        ] {
            let refused = plan(CONTENT, &edits).unwrap_err();
            assert!(refused.contains(reason), "{refused}");
        }
    }

    #[test]
    fn all_places_are_changed_in_each_spelling() {
        let plan = plan("a\\*b, a*b and a*b", &[edit("a*b", "c", true)]).unwrap();
        let update = |old: &str| json!({ "old_str": old, "new_str": "c", "replace_all_matches": true });
        assert_eq!(plan.updates, [update("a\\*b"), update("a*b")]);
        assert_eq!((plan.after.as_str(), plan.places), ("c, c and c", 3));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Sending the operations in turn, as Notion does, gives the content that was planned.
        #[test]
        fn operations_give_the_planned_content(
            content in "[ab*\\\\&;lt\\n` ]{0,40}",
            old in "[ab* ]{1,4}",
            new in "[cd ]{0,4}",
            all in any::<bool>(),
        ) {
            if let Ok(plan) = plan(&content, &[edit(&old, &new, all)]) {
                let mut sent = content.clone();
                for update in &plan.updates {
                    let (from, to) = (update["old_str"].as_str().unwrap(), update["new_str"].as_str().unwrap());
                    sent = if all { sent.replace(from, to) } else { sent.replacen(from, to, 1) };
                }
                prop_assert_eq!(sent, plan.after);
            }
        }
    }
}
