//! Paginated lists: <https://developers.notion.com/reference/pagination>

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::adapters::action::ActionOutput;
use crate::adapters::api::{Api, Call};
use crate::adapters::paging;
use crate::error::Result;

/// Default page size.
const DEFAULT_LIMIT: u32 = 25;
/// Notion's largest page size.
pub(super) const MAX_LIMIT: u32 = 100;
const MAX_CURSOR_BYTES: usize = 1024;

/// One page of a list.
#[derive(Debug, Deserialize)]
pub(super) struct List<T> {
    /// Its entries.
    pub(super) results: Vec<T>,
    has_more: bool,
    next_cursor: Option<String>,
}

impl<T> List<T> {
    /// Cursor of the next page, if any.
    pub(super) fn cursor(&self) -> Option<&str> {
        self.next_cursor.as_deref().filter(|_| self.has_more)
    }

    /// True if Notion reports that there is no further page.
    pub(super) fn is_last(&self) -> bool {
        !self.has_more
    }

    /// Returns the page as output, under the name of its entries.
    pub(super) fn to_output(&self, noun: &str, show: impl Fn(&T) -> Value) -> ActionOutput {
        paging::page_output(noun, self.results.iter().map(show), self.cursor().map(str::to_owned))
    }
}

/// Checks the fields of every paginated action.
///
/// # Errors
/// As [`paging::check_page`].
pub(super) fn check(limit: Option<u32>, cursor: Option<&str>) -> Result<()> {
    paging::check_page(limit, MAX_LIMIT, cursor, MAX_CURSOR_BYTES)
}

/// Reads the page of a list that a caller requested, by GET. `call` has the other parameters.
///
/// # Errors
/// As [`read_get`].
pub(super) async fn requested_get<T: DeserializeOwned>(
    api: &Api<'_>,
    call: Call<'_>,
    limit: Option<u32>,
    cursor: Option<&str>,
) -> Result<List<T>> {
    Ok(read_get(api, call, limit.unwrap_or(DEFAULT_LIMIT), cursor).await?.0)
}

/// Reads the page of a list that a caller requested, by POST. `body` has the other parameters.
///
/// # Errors
/// As [`read_post`].
pub(super) async fn requested_post<T: DeserializeOwned>(
    api: &Api<'_>,
    call: Call<'_>,
    body: &Value,
    limit: Option<u32>,
    cursor: Option<&str>,
) -> Result<List<T>> {
    Ok(read_post(api, call, body, limit.unwrap_or(DEFAULT_LIMIT), cursor).await?.0)
}

/// Reads a page by GET, in parts if it is too large. The cursor is the place of the page and the size a parameter beside it:
/// <https://developers.notion.com/reference/pagination>
///
/// # Errors
/// As [`paging::read_in_parts`].
pub(super) async fn read_get<T: DeserializeOwned>(
    api: &Api<'_>,
    call: Call<'_>,
    limit: u32,
    cursor: Option<&str>,
) -> Result<(List<T>, u32)> {
    let read = |limit| call.clone().query("page_size", limit).query_opt("start_cursor", cursor).send();
    paging::read_in_parts(api, limit, read).await
}

/// Reads a page by POST, as [`read_get`].
///
/// # Errors
/// As [`paging::read_in_parts`].
pub(super) async fn read_post<T: DeserializeOwned>(
    api: &Api<'_>,
    call: Call<'_>,
    body: &Value,
    limit: u32,
    cursor: Option<&str>,
) -> Result<(List<T>, u32)> {
    let read = |limit| {
        let mut body = body.clone();
        body["page_size"] = json!(limit);
        if let Some(cursor) = cursor {
            body["start_cursor"] = json!(cursor);
        }
        call.clone().json(&body).send()
    };
    paging::read_in_parts(api, limit, read).await
}
