//! Lists, the same for every provider: reading a page in parts, and the refusal of a cursor.

use jiff::SignedDuration;
use serde_json::Value;

use super::api::Api;
use crate::error::{Error, Kind, Result};
use crate::wording::counted;

/// Time after which a page that is too large is not read again with fewer items. A caller waits half a minute at most.
const MAX_TIME: SignedDuration = SignedDuration::from_secs(15);

/// Names of a cursor in the texts of providers, in lower case: that of Slack and Notion, that of Gmail, and those of Asana.
const CURSOR_NAMES: [&str; 4] = ["cursor", "pagetoken", "offset", "pagination token"];

/// Reads a page of `size` items, and again with half as many while the response is too long. `read` makes one call. Returns the page
/// with its size, with which the pages after it are read. A page is the answer to a caller's `limit`, so it can have fewer items and
/// a cursor; no more than one response that is too long is in memory.
///
/// # Errors
/// Those of `read`; [`Kind::ResponseTooLarge`] for one item that alone is too long, or when no time is left.
pub(super) async fn read_in_parts<T, F: Future<Output = Result<T>>>(
    api: &Api<'_>,
    size: u32,
    read: impl Fn(u32) -> F,
) -> Result<(T, u32)> {
    read_in_sizes(api, size, |size| size / 2, read).await
}

/// As [`read_in_parts`]; `next_size` returns the next smaller size.
///
/// # Errors
/// As [`read_in_parts`].
pub(super) async fn read_in_sizes<T, F: Future<Output = Result<T>>>(
    api: &Api<'_>,
    mut size: u32,
    next_size: impl Fn(u32) -> u32,
    read: impl Fn(u32) -> F,
) -> Result<(T, u32)> {
    let end = api.deadline.min(api.now() + MAX_TIME);
    loop {
        match read(size).await {
            Err(error) if size > 1 && error.kind() == Some(Kind::ResponseTooLarge) => {
                size = next_size(size).max(1);
                if api.now() >= end {
                    return Err(
                        api.too_large_with(format_args!("ask for fewer: a smaller `limit`, for example {size}"))
                    );
                }
            }
            page => return Ok((page?, size)),
        }
    }
}

/// Returns the fault of the caller's cursor in the place of a provider's refusal of it, which names the provider's own parameter.
pub(super) fn refused_cursor(api: &Api<'_>, context: &Value, error: Error) -> Error {
    let is_cursor = |text: &str| CURSOR_NAMES.iter().any(|name| text.to_ascii_lowercase().contains(name));
    match error {
        Error::Provider(failure)
            if failure.kind == Kind::Invalid && context["cursor"].is_string() && is_cursor(&failure.message) =>
        {
            let reason = format!(
                "was refused by {}; use the `cursor` of the previous page with the same other fields, or start without one",
                api.adapter.tool
            );
            Error::invalid("context.cursor", reason)
        }
        other => other,
    }
}

/// Returns a sentence with the number of items; `noun` is the name of one.
pub(super) fn count_message(count: usize, noun: &str) -> String {
    format!("{} found.", counted(count, noun))
}

#[cfg(test)]
mod tests {
    use std::future::ready;
    use std::sync::Mutex;

    use super::*;
    use crate::adapters::notes::ADAPTER;
    use crate::adapters::testing::ActionHarness;

    #[tokio::test]
    async fn a_page_is_halved_while_it_is_too_long_and_time_is_left() {
        let harness = ActionHarness::new(&ADAPTER, |_| unreachable!());
        let api = harness.api(ADAPTER.action("list_notes").unwrap(), None);
        let read = async |longest: u32, seconds: i64| {
            let sizes = Mutex::new(vec![]);
            let page = read_in_parts(&api, 20, |size| {
                sizes.lock().unwrap().push(size);
                api.clock.advance(SignedDuration::from_secs(seconds));
                ready(if size > longest { Err(api.too_large()) } else { Ok(()) })
            });
            let page = page.await.map(|((), size)| size);
            (page.map_err(|error| error.to_string()), sizes.into_inner().unwrap())
        };
        assert_eq!(read(20, 60).await, (Ok(20), vec![20]));
        assert_eq!(read(6, 1).await, (Ok(5), vec![20, 10, 5]));
        let (one, sizes) = read(0, 1).await;
        assert_eq!(sizes, [20, 10, 5, 2, 1]);
        assert!(one.unwrap_err().contains("the provider has no smaller form of it"));
        let (late, sizes) = read(6, 8).await;
        assert_eq!(sizes, [20, 10]);
        assert!(late.unwrap_err().contains("a smaller `limit`, for example 5"));
    }
}
