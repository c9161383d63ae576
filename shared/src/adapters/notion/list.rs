//! Paginated lists: <https://developers.notion.com/reference/pagination>

use serde::de::DeserializeOwned;

use crate::adapters::api::Call;
use crate::adapters::paging;
use crate::adapters::prelude::*;

/// Notion's largest page size.
pub(super) const MAX_LIMIT: u32 = 100;

/// The number of items of a requested page.
pub(super) type PageLimit = Limit<25, MAX_LIMIT>;

/// One page of a list.
#[derive(Debug, Deserialize)]
pub(super) struct Results<T> {
    /// Its entries.
    pub(super) results: Vec<T>,
    has_more: Option<bool>,
    next_cursor: Option<String>,
    /// The state of a query, if it has one.
    #[serde(default)]
    request_status: Value,
}

impl<T> Results<T> {
    /// Cursor of the next page, if any.
    pub(super) fn cursor(&self) -> Option<&str> {
        self.next_cursor.as_deref().filter(|_| !self.is_last())
    }

    /// True if Notion reports that there is no further page.
    pub(super) fn is_last(&self) -> bool {
        self.has_more == Some(false)
    }

    /// True if Notion does not return everything that a query finds: <https://developers.notion.com/reference/query-a-data-source>
    pub(super) fn is_incomplete(&self) -> bool {
        self.request_status["type"] == "incomplete"
    }

    /// Returns the page as output, without the entries for which `show` has none.
    pub(super) fn into_output<U: Listed>(self, show: impl FnMut(T) -> Option<U>) -> ActionOutput<List<U>> {
        let cursor = self.cursor().map(str::to_owned);
        List::of(self.results.into_iter().filter_map(show), cursor)
    }
}

/// Reads the page of a list that a caller requested, by GET. `call` has the other parameters.
///
/// # Errors
/// As [`read_get`].
pub(super) async fn requested_get<T: DeserializeOwned>(
    api: &Api<'_>,
    call: Call<'_>,
    limit: PageLimit,
    cursor: Option<&Cursor>,
) -> Result<Results<T>> {
    Ok(read_get(api, call, limit.get(), cursor.map(|cursor| &**cursor)).await?.0)
}

/// Reads the page of a list that a caller requested, by POST. `body` has the other parameters.
///
/// # Errors
/// As [`read_post`].
pub(super) async fn requested_post<T: DeserializeOwned>(
    api: &Api<'_>,
    call: Call<'_>,
    body: &Value,
    limit: PageLimit,
    cursor: Option<&Cursor>,
) -> Result<Results<T>> {
    Ok(read_post(api, call, body, limit.get(), cursor.map(|cursor| &**cursor)).await?.0)
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
) -> Result<(Results<T>, u32)> {
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
) -> Result<(Results<T>, u32)> {
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
