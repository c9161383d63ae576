//! Pages of a list: <https://developers.notion.com/reference/pagination>

use serde::Deserialize;
use serde_json::{Value, json};

use crate::adapters::action::ActionOutput;
use crate::adapters::api::Call;
use crate::adapters::paging;
use crate::error::Result;

/// What one page holds when nobody says.
const DEFAULT_LIMIT: u32 = 25;
/// The most Notion gives at once.
pub(super) const MAX_LIMIT: u32 = 100;
const MAX_CURSOR_BYTES: usize = 1024;

/// One page of a list.
#[derive(Debug, Deserialize)]
pub(super) struct List<T> {
    /// What is on it.
    pub(super) results: Vec<T>,
    has_more: bool,
    next_cursor: Option<String>,
}

impl<T> List<T> {
    /// Where the next page begins, if there is one.
    pub(super) fn cursor(&self) -> Option<&str> {
        self.next_cursor.as_deref().filter(|_| self.has_more)
    }

    /// Whether Notion says that there is no page after this one.
    pub(super) fn is_last(&self) -> bool {
        !self.has_more
    }

    /// The page as told to the agent, under the name of what it holds.
    pub(super) fn to_output(&self, names: (&str, &str), show: impl Fn(&T) -> Value) -> ActionOutput {
        paging::page_output(names, self.results.iter().map(show), self.cursor().map(str::to_owned))
    }
}

/// Checks what every paged action takes.
///
/// # Errors
/// As [`paging::check`].
pub(super) fn check(limit: Option<u32>, cursor: Option<&str>) -> Result<()> {
    paging::check_page((limit, MAX_LIMIT), (cursor, MAX_CURSOR_BYTES))
}

/// A paged call that is a GET.
pub(super) fn paged_get<'a>(call: Call<'a>, limit: Option<u32>, cursor: Option<&str>) -> Call<'a> {
    call.query("page_size", limit.unwrap_or(DEFAULT_LIMIT)).query_opt("start_cursor", cursor)
}

/// The body of a paged call that is a POST.
pub(super) fn paged_body(limit: Option<u32>, cursor: Option<&str>) -> Value {
    let mut body = json!({ "page_size": limit.unwrap_or(DEFAULT_LIMIT) });
    if let Some(cursor) = cursor {
        body["start_cursor"] = json!(cursor);
    }
    body
}
