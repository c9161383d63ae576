//! Pages of a list, in Slack's form.

use serde::Deserialize;

use crate::adapters::paging;
use crate::error::Result;

const MAX_CURSOR_BYTES: usize = 1024;

/// The metadata of a page.
#[derive(Deserialize)]
pub(super) struct ResponseMetadata {
    next_cursor: Option<String>,
}

/// Returns the cursor of the next page. Slack ends a list with an empty cursor.
pub(super) fn next_cursor(metadata: Option<ResponseMetadata>) -> Option<String> {
    metadata.and_then(|metadata| metadata.next_cursor).filter(|cursor| !cursor.is_empty())
}

/// Checks the limit and the cursor of a requested page.
///
/// # Errors
/// As [`paging::check_page`].
pub(super) fn check_page(limit: Option<u32>, max_limit: u32, cursor: Option<&str>) -> Result<()> {
    paging::check_page(limit, max_limit, cursor, MAX_CURSOR_BYTES)
}
