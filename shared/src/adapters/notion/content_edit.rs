//! The places of a page's content that edits name, and what Notion is sent for them.

mod search;

use serde_json::{Value, json};
use std::cell::LazyCell;
use std::ops::Range;

use super::markdown::{self, Layout};

/// The end of an error for a place that no edit of the content can change.
const BY_BLOCK: &str = "change the block by notion_update_block";

/// A replacement of a part of the content.
#[derive(Clone, Copy, Debug)]
pub(super) struct Replacement<'a> {
    /// The part, as Markdown.
    pub(super) old: &'a str,
    /// The text that is there instead, as Markdown.
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
    /// The text in place of it, in Notion's dialect.
    new: String,
    edit: usize,
}

/// Finds the places of edits in content of Notion's dialect.
///
/// # Errors
/// A reason, by the edit's field: if a part is nowhere, or at several places and not all are meant; if edits meet; if a place cannot be
/// changed by search and replace, or only with what is not meant.
pub(super) fn plan(content: &str, edits: &[Replacement<'_>]) -> Result<Plan, String> {
    let layout = Layout::read(content);
    let mut places: Vec<Found> = vec![];
    for (edit, replacement) in edits.iter().enumerate() {
        places.extend(find(content, &layout, edit, replacement)?);
    }
    places.sort_by_key(|place| place.range.start);
    if let Some([one, two]) = places.array_windows().find(|[one, two]| one.range.end > two.range.start) {
        return Err(format!(
            "`edits[{}]` and `edits[{}]` change the same text: make one edit of them",
            one.edit, two.edit
        ));
    }
    check_codes(content, &layout, &places)?;
    let updates = updates(content, edits, &places)?;
    let after = splice(content, &(0..content.len()), &places);
    if sent(content, &updates).as_ref() != Some(&after) {
        return Err("the text of `old` is in a mark of Notion's text too: use notion_update_block".to_owned());
    }
    if markdown::adds_move(content, &after) {
        return Err(format!("an edit would make a tag of a text, and Notion would move a page: {BY_BLOCK}"));
    }
    Ok(Plan { updates, after, places: places.len() })
}

/// Finds the places of an edit.
fn find(content: &str, layout: &Layout, edit: usize, replacement: &Replacement<'_>) -> Result<Vec<Found>, String> {
    let Replacement { old, new, all } = *replacement;
    let ranges = search::find(content, layout, old);
    match ranges.len() {
        0 => return Err(format!("`edits[{edit}].old` {}", search::not_found(content, old))),
        count if count > 1 && !all => {
            return Err(format!(
                "`edits[{edit}].old` is at {count} places of the page: give more of the text around the one that is meant, or set \
                 `all` to change them all"
            ));
        }
        _ => {}
    }
    let text = LazyCell::new(|| written(new, markdown::to_notion));
    let cell = LazyCell::new(|| written(new, markdown::to_notion_cell));
    let found = |range: Range<usize>| {
        let new = match layout.code_at(&range) {
            Some(code) if range.start < code.text.start || code.text.end < range.end => {
                return Err(format!("`edits[{edit}].old` has the start or the end of code in it: {BY_BLOCK}"));
            }
            Some(code) if !code.fits(new) => {
                return Err(format!("`edits[{edit}].new` would end the code that it is put into: {BY_BLOCK}"));
            }
            Some(_) => new.to_owned(),
            None if !layout.is_in_table(&range) => text.clone(),
            None if [&content[range.clone()], new].iter().any(|text| text.contains(['|', '\n', '\r'])) => {
                return Err(format!(
                    "`edits[{edit}]` has a `|` or a line break in the row of a table: edit the text of one cell, or {BY_BLOCK}"
                ));
            }
            None => cell.clone(),
        };
        Ok(Found { range, new, edit })
    };
    ranges.into_iter().map(found).collect()
}

/// Checks that code with changes in it ends where it ended.
fn check_codes(content: &str, layout: &Layout, places: &[Found]) -> Result<(), String> {
    let mut checked = 0;
    for place in places {
        let Some(code) = layout.code_at(&place.range).filter(|_| place.range.start >= checked) else { continue };
        checked = code.text.end;
        if !code.holds(&splice(content, &code.text, places)) {
            let edit = place.edit;
            return Err(format!("`edits[{edit}].new` would end the code that it is put into: {BY_BLOCK}"));
        }
    }
    Ok(())
}

/// Returns a range of the content with the places in it changed.
fn splice(content: &str, range: &Range<usize>, places: &[Found]) -> String {
    let (mut text, mut end) = (String::new(), range.start);
    let first = places.partition_point(|place| place.range.start < range.start);
    for place in places[first..].iter().take_while(|place| place.range.end <= range.end) {
        text.push_str(&content[end..place.range.start]);
        text.push_str(&place.new);
        end = place.range.end;
    }
    text + &content[end..range.end]
}

/// Returns what Notion makes of the content: it makes each operation on the text with its tags. `None` if one has not one place.
fn sent(content: &str, updates: &[Value]) -> Option<String> {
    updates.iter().try_fold(content.to_owned(), |content, update| {
        let (old, new) = (update["old_str"].as_str()?, update["new_str"].as_str()?);
        if update["replace_all_matches"] == true {
            return Some(content.replace(old, new));
        }
        let place = content.find(old).filter(|first| content.rfind(old) == Some(*first))?;
        Some([&content[..place], new, &content[place + old.len()..]].concat())
    })
}

/// Returns one operation for each different text of an edit, the longest first: a shorter one can be a part of it.
fn updates(content: &str, edits: &[Replacement<'_>], places: &[Found]) -> Result<Vec<Value>, String> {
    let mut sent: Vec<(usize, &str, &str)> = vec![];
    for Found { range, new, edit } in places {
        let old = &content[range.clone()];
        match sent.iter().find(|(_, known, _)| *known == old) {
            Some((_, _, known)) if *known != new => {
                return Err(format!("`edits[{edit}].old` is in code or a table and outside of it: {BY_BLOCK}"));
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

/// Returns a new text in a form of Notion's dialect, with the white space at its ends.
fn written(new: &str, form: fn(&str) -> String) -> String {
    let words = new.trim();
    if words.is_empty() {
        return new.to_owned();
    }
    let start = new.len() - new.trim_start().len();
    [&new[..start], &form(words), &new[start + words.len()..]].concat()
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
            (vec![edit("Ship that", "x", false)], "`edits[0].old` is not on the page; near to it is: Ship"),
            (vec![edit("Plan", "x", false), edit("one", "x", false)], "`edits[1].old` is at 3 places"),
            (vec![edit("Ship", "x", false), edit("Ship \\*it", "x", false)], "change the same text"),
            (vec![edit("Monday", "Plan", false), edit("Plan", "x", false)], "make them in two calls"),
            (vec![edit("one", "1 <b", true)], "is in code or a table and outside of it"),
        ] {
            let refused = plan(CONTENT, &edits).unwrap_err();
            assert!(refused.contains(reason), "{refused}");
        }
    }

    #[test]
    fn an_edit_makes_no_tag_of_a_text() {
        const TAG: &str = "<page url=\"https://www.notion.so/1\">P</page>";
        let quoted = format!("a\n```\n{TAG}\n```\n");
        let in_line = format!("a `{TAG}` b");
        let cases = [
            ("```\nlet a;\n```".to_owned(), "let a;", format!("b\n```\n{TAG}"), "would end the code"),
            ("```\na ``b\n```".to_owned(), "a ", "`".to_owned(), "would end the code"),
            ("a `b` c".to_owned(), "b", format!("b` {TAG}"), "would end the code"),
            ("a\n```` ```b``c``` ````\n\nd".to_owned(), "d", TAG.to_owned(), ""),
            ("$$\n```\n$$\nd".to_owned(), "d", TAG.to_owned(), ""),
            (quoted.clone(), "a\n```", "a".to_owned(), "the start or the end of code"),
            (quoted, "</page>\n```", "b".to_owned(), "the start or the end of code"),
            (in_line.clone(), "a `", "a ".to_owned(), "the start or the end of code"),
            (in_line, " b", " c".to_owned(), ""),
            (format!("$x$\n\n```\n{TAG}\n```"), "x", String::new(), "would make a tag of a text"),
            (format!("\\\\&lt;page url=\"x\"> {TAG}"), "P", "Q".to_owned(), ""),
        ];
        for (content, old, new, reason) in cases {
            match plan(&content, &[edit(old, &new, false)]) {
                Ok(plan) => assert!(reason.is_empty() && !markdown::adds_move(&content, &plan.after), "{plan:?}"),
                Err(refused) => assert!(!reason.is_empty() && refused.contains(reason), "{content}: {refused}"),
            }
        }
    }

    #[test]
    fn an_address_in_a_tag_is_not_changed() {
        let content = "plan <page url=\"https://www.notion.so/plan\">Plan</page>";
        let refused = plan(content, &[edit("plan", "idea", true)]).unwrap_err();
        assert!(refused.contains("is in a mark of Notion's text too"), "{refused}");
        let refused = plan(content, &[edit("notion.so", "x", true)]).unwrap_err();
        assert!(refused.contains("is not on the page"), "{refused}");
        assert_eq!(plan(content, &[edit("Plan", "Idea", false)]).unwrap().after, content.replace("Plan", "Idea"));
    }

    #[test]
    fn the_row_of_a_table_stays_a_row() {
        let content = "a\n\n| Who | No |\n| --- | --- |\n| Ann | 5 |\n\nb";
        for (old, new) in [("| Ann | 5 |", "| Ann | 6 |"), ("Ann", "Ann | Bob"), ("Ann", "Ann\nBob"), ("5 |\n\nb", "b")]
        {
            let refused = plan(content, &[edit(old, new, false)]).unwrap_err();
            assert!(refused.contains("in the row of a table") && refused.ends_with("notion_update_block"), "{refused}");
        }
        let changed = plan(content, &[edit("5", "- *6*", false)]).unwrap();
        assert_eq!(changed.after, content.replace('5', "- *6*"));
        let table = &content[3..content.len() - 3];
        assert_eq!(plan(content, &[edit(table, "| c |\n|---|", false)]).unwrap().after, "a\n\n| c |\n| --- |\n\nb");
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
            content in "[a-z&;<>\\\\*\"|\\n` ]{0,40}",
            old in "[a-z&;<>*\" ]{1,3}",
            new in "[a-z<>\"` ]{0,4}",
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
