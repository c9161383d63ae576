//! Objects that carry the effect key in their title while they are prepared. A new page or database is created whole under such a
//! title, so everything that Notion can refuse is refused then; the last step sets the title that was asked for. Until then the
//! object can be found by its title, and be removed.

use http::Method;
use serde_json::{Value, json};

use super::block::{self, Block, CHILD_PAGE};
use super::data_source::DataSource;
use super::list::{self, MAX_LIMIT, Results};
use super::page::Page;
use super::parent::Parent;
use super::rich_text::MAX_PIECE_UNITS;
use crate::adapters::api::Api;
use crate::error::{Error, Kind, Result};

/// Returns the title with the effect key, within Notion's length of a title.
pub(super) fn title(api: &Api<'_>, title: &str) -> String {
    let mark = format!(" {}", mark(api));
    let mut units = MAX_PIECE_UNITS - mark.encode_utf16().count();
    let fits = |char: &char| {
        let rest = units.checked_sub(char.len_utf16());
        units = rest.unwrap_or(0);
        rest.is_some()
    };
    title.chars().take_while(fits).chain(mark.chars()).collect()
}

/// True if a title carries the effect key.
pub(super) fn is_keyed(api: &Api<'_>, title: &str) -> bool {
    title.contains(&mark(api))
}

fn mark(api: &Api<'_>) -> String {
    format!("[{}]", api.effect_key)
}

/// Returns the ids of the keyed objects among the children of a page: of pages or databases, by the type of their blocks.
///
/// # Errors
/// A failure of a call, or [`Kind::Ambiguous`] for a page too long to be read completely.
pub(super) async fn find_children(api: &Api<'_>, page: &str, kind: &str) -> Result<Vec<String>> {
    let has_key = |block: &Block| block.child_title(kind).is_some_and(|title| is_keyed(api, title));
    match block::read_to_end(api, page, None).await? {
        Some(end) => Ok(end.blocks.into_iter().filter(has_key).map(|block| block.head.id).collect()),
        None => Err(api.error(Kind::Ambiguous, block::TOO_LONG)),
    }
}

/// Returns the ids of the keyed pages under a parent.
///
/// # Errors
/// As [`find_children`].
pub(super) async fn find_pages(api: &Api<'_>, parent: &Parent) -> Result<Vec<String>> {
    match parent {
        Parent::Page { id, .. } => find_children(api, id, CHILD_PAGE).await,
        Parent::DataSource(source) => find_rows(api, source).await,
    }
}

/// Returns the ids of the keyed rows of a data source.
///
/// # Errors
/// A failure of a call.
pub(super) async fn find_rows(api: &Api<'_>, source: &DataSource) -> Result<Vec<String>> {
    let filter = json!({ "property": source.title_property(), "title": { "contains": api.effect_key } });
    // https://developers.notion.com/reference/query-a-data-source
    let call = api.post(&["v1", "data_sources", &source.id, "query"]).read_only();
    let (body, has_key) =
        (json!({ "filter": filter }), |row: &Page| row.title().is_some_and(|title| is_keyed(api, &title)));
    let (mut found, mut cursor, mut limit, mut unread) = (vec![], None, MAX_LIMIT, MAX_LIMIT);
    while unread > 0 {
        let (rows, size): (Results<Page>, u32) =
            list::read_post(api, call.clone(), &body, limit, cursor.as_deref()).await?;
        (unread, limit) = (if rows.cursor().is_some() { unread.saturating_sub(size) } else { 0 }, size);
        cursor = rows.cursor().map(str::to_owned);
        found.extend(rows.results.into_iter().filter(has_key).map(|row| row.id));
    }
    Ok(found)
}

/// Returns the object that a lost call created, or else the error of that call: the object may still appear.
///
/// # Errors
/// The error of the call.
pub(super) async fn or_find(
    created: Result<String>,
    find: impl Future<Output = Result<Vec<String>>>,
) -> Result<Option<String>> {
    match created {
        Err(lost) if lost.kind() == Some(Kind::Ambiguous) => match find.await.map(|ids| ids.into_iter().next()) {
            Ok(Some(id)) => Ok(Some(id)),
            Ok(None) | Err(_) => Err(lost),
        },
        created => created.map(Some),
    }
}

/// Reads a page; `None` if it is not there or in the trash.
///
/// # Errors
/// A failure of the call.
pub(super) async fn read_page(api: &Api<'_>, id: &str) -> Result<Option<Page>> {
    // https://developers.notion.com/reference/retrieve-a-page
    let page = none_if_absent(api.get(&["v1", "pages", id]).send::<Page>().await)?;
    Ok(page.filter(|page| page.in_trash != Some(true)))
}

/// Moves the pages that still are under a title with the effect key to the trash.
///
/// # Errors
/// A failure of a call.
pub(super) async fn discard_pages(api: &Api<'_>, ids: &[String]) -> Result<()> {
    for id in ids {
        let title = read_page(api, id).await?.and_then(|page| page.title());
        if title.is_some_and(|title| is_keyed(api, &title)) {
            // https://developers.notion.com/reference/archive-a-page
            trash(api, "pages", id).await?;
        }
    }
    Ok(())
}

/// Moves a prepared object of a collection, `pages` or `databases`, to the trash.
///
/// # Errors
/// A failure of the call, except that the object no longer exists.
pub(super) async fn trash(api: &Api<'_>, collection: &str, id: &str) -> Result<()> {
    let call = api.call(Method::PATCH, &["v1", collection, id]).preparation();
    none_if_absent(call.json(&json!({ "in_trash": true })).send::<Value>().await).map(|_| ())
}

/// Maps the error of an object that does not exist to `None`.
///
/// # Errors
/// Any other error.
pub(super) fn none_if_absent<T>(response: Result<T>) -> Result<Option<T>, Error> {
    match response {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == Some(Kind::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::notion::ADAPTER;
    use crate::adapters::notion::fixtures::{
        KEYED_TITLE, PAGE_ID, PARENT_ID, database_parent, not_found, page_parent, row_of_title,
    };
    use crate::adapters::testing::{ActionHarness, SentRequest};

    #[test]
    fn keyed_title_is_bounded_and_has_its_key() {
        let harness = ActionHarness::new(&ADAPTER, |_| unreachable!());
        let api = harness.api(ADAPTER.action("create_page").unwrap(), None);
        assert_eq!(title(&api, "Ship"), "Ship [task_abc.1]");
        for long in ["x".repeat(2000), "😀".repeat(1000)] {
            let keyed = title(&api, &long);
            assert!((1999..=2000).contains(&keyed.encode_utf16().count()) && is_keyed(&api, &keyed));
        }
        assert!(!is_keyed(&api, "Ship") && !is_keyed(&api, "Ship [task_abc.12]"));
    }

    /// Under a page or in a database, with these prepared objects; every POST of a page is lost.
    fn losing_provider(in_database: bool, prepared: Vec<Value>) -> ActionHarness {
        ActionHarness::new(&ADAPTER, move |sent: &SentRequest| {
            let list = json!({ "results": prepared, "has_more": false, "next_cursor": null });
            Ok(match sent.line.as_str() {
                "POST /v1/pages" => (504, Value::Null),
                line if line.ends_with("/query") || line.ends_with("/children") => (200, list),
                line if line.ends_with(PAGE_ID) => (200, row_of_title(KEYED_TITLE)),
                _ if in_database => database_parent(sent),
                _ => page_parent(sent),
            })
        })
    }

    #[tokio::test]
    async fn a_prepared_page_is_found_by_its_keyed_title() {
        let child = |title: &str| json!({ "id": PAGE_ID, "type": "child_page", "child_page": { "title": title } });
        let context = json!({ "title": "Ship", "parent": PARENT_ID });
        let action = ADAPTER.action("create_page").unwrap();
        for (in_database, object) in [(false, child(KEYED_TITLE)), (true, row_of_title(KEYED_TITLE))] {
            let harness = losing_provider(in_database, vec![object]);
            let first = action.prepare(&harness.api(action, None), &context).await;
            let retry = Api { is_retry: true, ..harness.api(action, None) };
            let second = action.prepare(&retry, &context).await;
            assert_eq!((first.unwrap().as_deref(), second.unwrap().as_deref()), (Some(PAGE_ID), Some(PAGE_ID)));
            let posts = harness.calls().iter().filter(|sent| sent.line == "POST /v1/pages").count();
            assert_eq!(posts, 1, "a retry looks before it creates");
            // Its id was not stored.
            action.discard(&retry, &context).await.unwrap();
            assert_eq!(harness.calls().last().unwrap().line, format!("PATCH /v1/pages/{PAGE_ID}"));
        }
        for (in_database, object) in [(false, child("Ship")), (true, row_of_title("Ship"))] {
            let harness = losing_provider(in_database, vec![object]);
            let lost = action.prepare(&harness.api(action, None), &context).await.unwrap_err();
            assert_eq!(lost.kind(), Some(Kind::Ambiguous));
        }
    }

    #[tokio::test]
    async fn discard_without_a_parent_succeeds() {
        let harness = ActionHarness::new(&ADAPTER, |_| Ok(not_found()));
        let action = ADAPTER.action("create_page").unwrap();
        let retry = Api { is_retry: true, ..harness.api(action, None) };
        action.discard(&retry, &json!({ "title": "Ship", "parent": PARENT_ID })).await.unwrap();
    }
}
