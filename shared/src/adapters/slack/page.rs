//! Pages of a list, in Slack's form.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::adapters::api::{Api, Call};
use crate::adapters::paging;
use crate::error::Result;

/// The metadata of a page.
#[derive(Deserialize)]
pub(super) struct ResponseMetadata {
    next_cursor: Option<String>,
}

/// Returns the cursor of the next page. Slack ends a list with an empty cursor.
pub(super) fn next_cursor(metadata: Option<ResponseMetadata>) -> Option<String> {
    metadata.and_then(|metadata| metadata.next_cursor).filter(|cursor| !cursor.is_empty())
}

/// Reads a page of a list, in parts if it is too large. `call` has the other parameters. A cursor names the item at which its page
/// begins, and `limit` is a parameter beside it: <https://docs.slack.dev/apis/web-api/pagination>
///
/// # Errors
/// As [`paging::read_in_parts`].
pub(super) async fn read<T: DeserializeOwned>(
    api: &Api<'_>,
    call: Call<'_>,
    limit: u32,
    cursor: Option<&str>,
) -> Result<(T, u32)> {
    let read = |limit| call.clone().query("limit", limit).query_opt("cursor", cursor).send();
    paging::read_in_parts(api, limit, read).await
}
