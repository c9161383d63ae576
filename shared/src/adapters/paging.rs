//! Lists, the same for every provider: the checks of a requested page, and the page as an output.

use serde::Serialize;
use serde_json::json;

use super::output::ActionOutput;
use crate::error::{Error, Result};
use crate::validate::check_text;

/// Checks a requested page: a limit from 1 to `max_limit`, and a cursor of at most `max_cursor_bytes`.
///
/// # Errors
/// [`Error::Invalid`] for `cursor` or `limit`.
pub(super) fn check_page(
    limit: Option<u32>,
    max_limit: u32,
    cursor: Option<&str>,
    max_cursor_bytes: usize,
) -> Result<()> {
    cursor.map_or(Ok(()), |cursor| check_text("cursor", cursor, max_cursor_bytes))?;
    check_limit("limit", limit, max_limit)
}

/// Checks a requested number of items: from 1 to `max_limit`.
///
/// # Errors
/// [`Error::Invalid`] naming the field.
pub(super) fn check_limit(field: &str, limit: Option<u32>, max_limit: u32) -> Result<()> {
    match limit {
        Some(limit) if limit == 0 || limit > max_limit => {
            Err(Error::invalid(field, format!("must be between 1 and {max_limit}, for example {}", max_limit / 2)))
        }
        Some(_) | None => Ok(()),
    }
}

/// Returns a sentence with the number of items; `noun` is the name of one.
pub(super) fn count_message(count: usize, noun: &str) -> String {
    format!("{count} {noun}{} found.", if count == 1 { "" } else { "s" })
}

/// Returns a page as an output: its items under the plural of `noun`, and the cursor of the next page.
pub(super) fn page_output<T: Serialize>(
    noun: &str,
    items: impl Iterator<Item = T>,
    cursor: Option<String>,
) -> ActionOutput {
    let items: Vec<T> = items.collect();
    ActionOutput {
        message: count_message(items.len(), noun),
        data: json!({ format!("{noun}s"): items, "cursor": cursor }),
        external_id: None,
        link: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_page_rejects_limits_and_cursors_out_of_range() {
        let check = |limit, cursor| check_page(limit, 100, cursor, 4);
        assert!(check(None, None).is_ok() && check(Some(1), None).is_ok() && check(Some(100), Some("eyJ0")).is_ok());
        for (limit, cursor) in [(Some(0), None), (Some(101), None), (None, Some("")), (None, Some("eyJ0e"))] {
            assert!(check(limit, cursor).is_err(), "{limit:?} {cursor:?}");
        }
    }

    #[test]
    fn page_output_uses_the_singular_for_one_item() {
        let output = |items: &[u8]| page_output("day", items.iter(), None);
        assert_eq!((output(&[7]).message.as_str(), output(&[]).message.as_str()), ("1 day found.", "0 days found."));
        assert_eq!(output(&[7]).data, json!({ "days": [7], "cursor": null }));
    }
}
