//! The envelope of Asana's responses, and its pages: <https://developers.asana.com/docs/pagination>

use serde::de::DeserializeOwned;

use crate::adapters::api::Call;
use crate::adapters::paging;
use crate::adapters::prelude::*;

/// Asana's maximum page size.
pub(super) const MAX_LIMIT: u32 = 100;

/// The requested size of a page.
pub(super) type PageLimit = Limit<50, MAX_LIMIT>;

/// A response with one record.
#[derive(Deserialize)]
pub(super) struct Envelope<T> {
    /// The record.
    pub(super) data: T,
}

/// A response that says only that the call succeeded. Asana documents an empty object in it.
#[derive(Deserialize)]
pub(super) struct Acknowledged {}

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

/// Reads a page of a list, in parts if it is too large. `call` has the other parameters. An offset is the place of the next page and
/// `limit` a parameter beside it, so that both can be combined: <https://developers.asana.com/docs/pagination>
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

/// Reads the page that a caller requested, as an output.
///
/// # Errors
/// As [`read_page`].
pub(super) async fn list<T: DeserializeOwned + Listed>(
    api: &Api<'_>,
    call: Call<'_>,
    limit: PageLimit,
    cursor: Option<&Cursor>,
) -> Result<ActionOutput<List<T>>> {
    list_where(api, call, limit, cursor, |_| true).await
}

/// As [`list`], without the records that are none of the list's.
///
/// # Errors
/// As [`read_page`].
pub(super) async fn list_where<T: DeserializeOwned + Listed>(
    api: &Api<'_>,
    call: Call<'_>,
    limit: PageLimit,
    cursor: Option<&Cursor>,
    is_listed: impl Fn(&T) -> bool,
) -> Result<ActionOutput<List<T>>> {
    let (page, _) = read_page(api, call, limit.get(), cursor.map(|cursor| &**cursor)).await?;
    let cursor = page.next_cursor();
    Ok(List::of(page.data.into_iter().filter(is_listed), cursor))
}

impl<T> Page<T> {
    /// Returns the cursor of the next page.
    pub(super) fn next_cursor(&self) -> Option<String> {
        self.next_page.as_ref().map(|next| next.offset.clone()).filter(|offset| !offset.is_empty())
    }
}
