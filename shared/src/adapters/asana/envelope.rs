//! The envelope of Asana's responses, its pages and its nested records.
//! <https://developers.asana.com/docs/pagination>

use serde::de::DeserializeOwned;

use crate::adapters::api::Call;
use crate::adapters::paging;
use crate::adapters::prelude::*;

/// Default page size.
const DEFAULT_LIMIT: u32 = 50;
/// Asana's maximum page size.
pub(super) const MAX_LIMIT: u32 = 100;
const MAX_CURSOR_BYTES: usize = 4096;

/// A response with one record.
#[derive(Deserialize)]
pub(super) struct Envelope<T> {
    /// The record.
    pub(super) data: T,
}

/// A page of a list.
#[derive(Deserialize)]
pub(super) struct Page<T> {
    /// The records of the page.
    pub(super) data: Vec<T>,
    next_page: Option<NextPage>,
}

#[derive(Deserialize)]
struct NextPage {
    offset: String,
}

/// A reference to a record within another.
#[skip_serializing_none]
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct Ref {
    /// The record's id.
    #[serde(rename(serialize = "id"))]
    pub(super) gid: String,
    /// The record's name.
    pub(super) name: Option<String>,
}

/// Checks the limit and the cursor of a requested page.
///
/// # Errors
/// As [`paging::check_page`].
pub(super) fn check_page(limit: Option<u32>, cursor: Option<&str>) -> Result<()> {
    paging::check_page(limit, MAX_LIMIT, cursor, MAX_CURSOR_BYTES)
}

/// Returns the requested page size, or the default.
pub(super) fn page_limit(limit: Option<u32>) -> u32 {
    limit.unwrap_or(DEFAULT_LIMIT)
}

/// Reads a requested page of a list, in parts if it is too large. `call` has the other parameters. An offset is the place of the next
/// page and `limit` a parameter beside it, so that both can be combined: <https://developers.asana.com/docs/pagination>
///
/// # Errors
/// As [`paging::read_in_parts`].
pub(super) async fn read_page<T: DeserializeOwned>(
    api: &Api<'_>,
    call: Call<'_>,
    limit: u32,
    cursor: Option<&str>,
) -> Result<(Page<T>, u32)> {
    let read = |limit| call.clone().query("limit", limit).query_opt("offset", cursor).send();
    paging::read_in_parts(api, limit, read).await
}

/// Reads the page that a caller requested.
///
/// # Errors
/// As [`read_page`].
pub(super) async fn requested_page<T: DeserializeOwned>(
    api: &Api<'_>,
    call: Call<'_>,
    limit: Option<u32>,
    cursor: Option<&str>,
) -> Result<Page<T>> {
    Ok(read_page(api, call, page_limit(limit), cursor).await?.0)
}

/// Reads the page that a caller requested, as an output.
///
/// # Errors
/// As [`read_page`].
pub(super) async fn list<T: DeserializeOwned + Listed>(
    api: &Api<'_>,
    call: Call<'_>,
    limit: u32,
    cursor: Option<&str>,
) -> Result<ActionOutput<List<T>>> {
    let (page, _) = read_page(api, call, limit, cursor).await?;
    let cursor = page.next_cursor();
    Ok(List::of(page.data, cursor))
}

impl<T> Page<T> {
    /// Returns the cursor of the next page.
    pub(super) fn next_cursor(&self) -> Option<String> {
        self.next_page.as_ref().map(|next| next.offset.clone()).filter(|offset| !offset.is_empty())
    }
}

impl<T: Serialize> Page<T> {
    /// Returns the page as output; `noun` is the name of one record.
    pub(super) fn into_output(self, noun: &str) -> ActionOutput {
        let cursor = self.next_cursor();
        paging::page_output(noun, self.data.into_iter(), cursor)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn last_page_has_a_null_cursor() {
        let page: Page<Value> = serde_json::from_value(json!({ "data": [1], "next_page": null })).unwrap();
        assert_eq!(page.into_output("tag").data, json!({ "tags": [1], "cursor": null }));
        let page: Page<Value> = serde_json::from_value(json!({ "data": [], "next_page": { "offset": "p2" } })).unwrap();
        assert_eq!(page.into_output("tag").data, json!({ "tags": [], "cursor": "p2" }));
    }
}
