//! How Asana wraps what it says, its pages and its records within records.
//! <https://developers.asana.com/docs/pagination>

use serde::{Deserialize, Serialize};

use crate::adapters::action::Done;
use crate::adapters::api::Call;
use crate::adapters::paging;
use crate::error::Result;

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
/// As [`paging::check`].
pub(super) fn check(limit: Option<u32>, cursor: Option<&str>) -> Result<()> {
    paging::check((limit, MAX_LIMIT), (cursor, MAX_CURSOR_BYTES))
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
    /// The page as it is told: with the name of one thing and of many.
    pub(super) fn done(self, names: (&str, &str)) -> Done {
        let cursor = self.cursor();
        paging::told(names, self.data.into_iter(), cursor)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_page_ends_with_null() {
        let page: Page<Value> = serde_json::from_value(json!({ "data": [1], "next_page": null })).unwrap();
        assert_eq!(page.done(("tag", "tags")).data, json!({ "tags": [1], "cursor": null }));
        let page: Page<Value> = serde_json::from_value(json!({ "data": [], "next_page": { "offset": "p2" } })).unwrap();
        assert_eq!(page.done(("tag", "tags")).data, json!({ "tags": [], "cursor": "p2" }));
    }
}
