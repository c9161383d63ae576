//! Lists, the same for every provider: what a caller may ask of a page, and the page as it is told.

use serde::Serialize;
use serde_json::json;

use super::action::ActionOutput;
use crate::error::{Error, Result};
use crate::validate::check_text;

/// Checks which page is asked for, and how much of it: 1 to `most`, behind a cursor of at most `longest` bytes.
///
/// # Errors
/// [`Error::Invalid`] for `cursor` or `limit`.
pub(super) fn check_page((limit, most): (Option<u32>, u32), (cursor, longest): (Option<&str>, usize)) -> Result<()> {
    cursor.map_or(Ok(()), |cursor| check_text("cursor", cursor, longest))?;
    check_limit("limit", limit, most)
}

/// Checks how many of something are asked for: 1 to `most`.
///
/// # Errors
/// [`Error::Invalid`] naming the field.
pub(super) fn check_limit(field: &str, limit: Option<u32>, most: u32) -> Result<()> {
    match limit {
        Some(limit) if limit == 0 || limit > most => Err(Error::invalid(field, format!("must be 1 to {most}"))),
        Some(_) | None => Ok(()),
    }
}

/// How many were found, as a sentence; with the name of one and of many.
pub(super) fn count_message(count: usize, (one, many): (&str, &str)) -> String {
    format!("{count} {} found.", if count == 1 { one } else { many })
}

/// A page as it is told: the things under the name of many, and where the next page begins.
pub(super) fn page_output<T: Serialize>(
    (one, many): (&str, &str),
    things: impl Iterator<Item = T>,
    cursor: Option<String>,
) -> ActionOutput {
    let things: Vec<T> = things.collect();
    ActionOutput {
        message: count_message(things.len(), (one, many)),
        data: json!({ many: things, "cursor": cursor }),
        external_id: None,
        link: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_page_rejects_limits_and_cursors_out_of_range() {
        let check = |limit, cursor| check_page((limit, 100), (cursor, 4));
        assert!(check(None, None).is_ok() && check(Some(1), None).is_ok() && check(Some(100), Some("eyJ0")).is_ok());
        for (limit, cursor) in [(Some(0), None), (Some(101), None), (None, Some("")), (None, Some("eyJ0e"))] {
            assert!(check(limit, cursor).is_err(), "{limit:?} {cursor:?}");
        }
    }

    #[test]
    fn page_output_uses_the_singular_for_one_item() {
        let told = |things: &[u8]| page_output(("day", "days"), things.iter(), None);
        assert_eq!((told(&[7]).message.as_str(), told(&[]).message.as_str()), ("1 day found.", "0 days found."));
        assert_eq!(told(&[7]).data, json!({ "days": [7], "cursor": null }));
    }
}
