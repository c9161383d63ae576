//! How Asana wraps what it says, its pages and its records within records.
//! <https://developers.asana.com/docs/pagination>

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::adapters::action::Done;
use crate::adapters::api::Call;
use crate::error::{Error, Result};
use crate::ids::check_text;

/// How many a page has when nobody says.
const DEFAULT_LIMIT: u32 = 50;
/// Asana's largest page.
pub(super) const MAX_LIMIT: u32 = 100;
const MAX_CURSOR_BYTES: usize = 4096;

/// One thing.
#[derive(Deserialize)]
pub(super) struct Envelope<T> {
    /// The thing.
    pub(super) data: T,
}

/// A page of a list.
#[derive(Deserialize)]
pub(super) struct Page<T> {
    /// The things on it.
    pub(super) data: Vec<T>,
    next_page: Option<Next>,
}

#[derive(Deserialize)]
struct Next {
    offset: String,
}

/// A record named within another.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Ref {
    /// Its id.
    #[serde(rename(serialize = "id"))]
    pub(super) gid: String,
    /// Its name.
    pub(super) name: Option<String>,
}

/// Checks what a caller says of a page.
///
/// # Errors
/// [`Error::Invalid`].
pub(super) fn check(limit: Option<u32>, cursor: Option<&str>) -> Result<()> {
    if let Some(cursor) = cursor {
        check_text("cursor", cursor, MAX_CURSOR_BYTES)?;
    }
    match limit {
        None | Some(1..=MAX_LIMIT) => Ok(()),
        Some(_) => Err(Error::invalid("limit", format!("must be 1 to {MAX_LIMIT}"))),
    }
}

/// How many things a caller wants on a page.
pub(super) fn limit(limit: Option<u32>) -> u32 {
    limit.unwrap_or(DEFAULT_LIMIT)
}

/// Asks for a page.
pub(super) fn page<'a>(call: Call<'a>, wanted: Option<u32>, cursor: Option<&str>) -> Call<'a> {
    call.query("limit", limit(wanted)).maybe("offset", cursor)
}

impl<T> Page<T> {
    /// Where the next page begins.
    pub(super) fn cursor(&self) -> Option<String> {
        self.next_page.as_ref().map(|next| next.offset.clone()).filter(|offset| !offset.is_empty())
    }
}

impl<T: Serialize> Page<T> {
    /// The page as it is told: `thing` is what one of the list is called.
    pub(super) fn done(self, thing: &str) -> Done {
        let cursor = self.cursor();
        listed(thing, &self.data, cursor)
    }
}

/// A list as it is told.
pub(super) fn listed<T: Serialize>(thing: &str, things: &[T], cursor: Option<String>) -> Done {
    Done {
        message: match things.len() {
            1 => format!("1 {thing} found."),
            many => format!("{many} {thing}s found."),
        },
        data: json!({ (format!("{thing}s")): things, "cursor": cursor }),
        external_id: None,
        link: None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn limits_and_cursors() {
        assert!(check(None, None).is_ok() && check(Some(100), Some("eyJ0")).is_ok());
        assert!(check(Some(0), None).is_err() && check(Some(101), None).is_err() && check(None, Some("")).is_err());
    }

    #[test]
    fn a_page_ends_with_null() {
        let page: Page<Value> = serde_json::from_value(json!({ "data": [1], "next_page": null })).unwrap();
        let done = page.done("tag");
        assert_eq!((done.message.as_str(), done.data), ("1 tag found.", json!({ "tags": [1], "cursor": null })));
        let page: Page<Value> = serde_json::from_value(json!({ "data": [], "next_page": { "offset": "p2" } })).unwrap();
        assert_eq!(page.done("tag").data, json!({ "tags": [], "cursor": "p2" }));
    }
}
