//! One page of a list, in Slack's terms and in ours.

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::ids::check_text;

const MAX_CURSOR_BYTES: usize = 1024;

/// What stands at the end of each page.
#[derive(Deserialize)]
pub(super) struct Metadata {
    next_cursor: Option<String>,
}

/// Where the next page begins; Slack ends a list with an empty cursor.
pub(super) fn next(metadata: Option<Metadata>) -> Option<String> {
    metadata.and_then(|metadata| metadata.next_cursor).filter(|next| !next.is_empty())
}

/// Checks which page is asked for.
///
/// # Errors
/// [`Error::Invalid`] for `limit` or `cursor`.
pub(super) fn check(limit: Option<u32>, most: u32, cursor: Option<&str>) -> Result<()> {
    if limit.is_some_and(|limit| limit == 0 || limit > most) {
        return Err(Error::invalid("limit", format!("must be 1 to {most}")));
    }
    cursor.map_or(Ok(()), |cursor| check_text("cursor", cursor, MAX_CURSOR_BYTES))
}

/// How many were found, as a sentence.
pub(super) fn found(many: usize, thing: &str) -> String {
    let plural = if many == 1 { "" } else { "s" };
    format!("{many} {thing}{plural} found.")
}
