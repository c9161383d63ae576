//! How Asana wraps what it says, its pages and its records within records.
//! <https://developers.asana.com/docs/pagination>

use serde::{Deserialize, Serialize};

use crate::adapters::action::ActionOutput;
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
    next_page: Option<NextPage>,
}

#[derive(Deserialize)]
struct NextPage {
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
pub(super) fn check_page(limit: Option<u32>, cursor: Option<&str>) -> Result<()> {
    paging::check_page((limit, MAX_LIMIT), (cursor, MAX_CURSOR_BYTES))
}

/// How many things a caller wants on a page.
pub(super) fn page_limit(limit: Option<u32>) -> u32 {
    limit.unwrap_or(DEFAULT_LIMIT)
}

/// Asks for a page.
pub(super) fn with_page<'a>(call: Call<'a>, wanted: Option<u32>, cursor: Option<&str>) -> Call<'a> {
    call.query("limit", page_limit(wanted)).query_opt("offset", cursor)
}

impl<T> Page<T> {
    /// Where the next page begins.
    pub(super) fn next_cursor(&self) -> Option<String> {
        self.next_page.as_ref().map(|next| next.offset.clone()).filter(|offset| !offset.is_empty())
    }
}

impl<T: Serialize> Page<T> {
    /// The page as it is told: with the name of one thing and of many.
    pub(super) fn into_output(self, names: (&str, &str)) -> ActionOutput {
        let cursor = self.next_cursor();
        paging::page_output(names, self.data.into_iter(), cursor)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn last_page_has_a_null_cursor() {
        let page: Page<Value> = serde_json::from_value(json!({ "data": [1], "next_page": null })).unwrap();
        assert_eq!(page.into_output(("tag", "tags")).data, json!({ "tags": [1], "cursor": null }));
        let page: Page<Value> = serde_json::from_value(json!({ "data": [], "next_page": { "offset": "p2" } })).unwrap();
        assert_eq!(page.into_output(("tag", "tags")).data, json!({ "tags": [], "cursor": "p2" }));
    }
}
