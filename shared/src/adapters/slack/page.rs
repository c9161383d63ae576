//! One page of a list, in Slack's terms and in ours.

use serde::Deserialize;

use crate::adapters::paging;
use crate::error::Result;

const MAX_CURSOR_BYTES: usize = 1024;

/// What stands at the end of each page.
#[derive(Deserialize)]
pub(super) struct ResponseMetadata {
    next_cursor: Option<String>,
}

/// Where the next page begins; Slack ends a list with an empty cursor.
pub(super) fn next_cursor(metadata: Option<ResponseMetadata>) -> Option<String> {
    metadata.and_then(|metadata| metadata.next_cursor).filter(|next| !next.is_empty())
}

/// Checks which page is asked for.
///
/// # Errors
/// As [`paging::check`].
pub(super) fn check_page(limit: Option<u32>, most: u32, cursor: Option<&str>) -> Result<()> {
    paging::check_page((limit, most), (cursor, MAX_CURSOR_BYTES))
}
