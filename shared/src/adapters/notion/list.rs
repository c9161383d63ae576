//! Paginated lists: <https://developers.notion.com/reference/pagination>

use serde::Deserialize;
use serde_json::{Value, json};

use crate::adapters::action::ActionOutput;
use crate::adapters::api::Call;
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

/// Adds the query parameters of a paginated GET.
pub(super) fn paged_get<'a>(call: Call<'a>, limit: Option<u32>, cursor: Option<&str>) -> Call<'a> {
    call.query("page_size", limit.unwrap_or(DEFAULT_LIMIT)).query_opt("start_cursor", cursor)
}

/// Returns the body of a paginated POST.
pub(super) fn paged_body(limit: Option<u32>, cursor: Option<&str>) -> Value {
    let mut body = json!({ "page_size": limit.unwrap_or(DEFAULT_LIMIT) });
    if let Some(cursor) = cursor {
        body["start_cursor"] = json!(cursor);
    }
    body
}
