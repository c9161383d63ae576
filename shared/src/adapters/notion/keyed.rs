//! Objects that carry the effect key in their title while they are prepared. A new page or database is created whole under such a
//! title, so everything that Notion can refuse is refused then; the last step sets the title that was asked for. Until then the
//! object can be found by its title, and be removed.

use http::Method;
use serde_json::{Value, json};

use super::block::{self, Block};
use super::data_source::DataSource;
use super::list::{List, MAX_LIMIT};
use super::page::Page;
use super::rich_text::MAX_PIECE_UNITS;
use crate::adapters::api::Api;
use crate::error::{Error, Kind, Result};

/// Kind of an object among the children of a page.
#[derive(Clone, Copy, Debug)]
pub(super) enum ChildKind {
    /// A page.
    Page,
    /// A database.
    Database,
}

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

/// Returns the ids of the keyed objects among the children of a page.
///
/// # Errors
/// A failure of a call, or [`Kind::Ambiguous`] for a page too long to be read completely.
pub(super) async fn find_children(api: &Api<'_>, page: &str, kind: ChildKind) -> Result<Vec<String>> {
    let has_key = |block: &Block| {
        let title = match kind {
            ChildKind::Page => block.child_page.as_ref(),
            ChildKind::Database => block.child_database.as_ref(),
        };
        title.is_some_and(|child| is_keyed(api, &child.title))
    };
    match block::read_to_end(api, page, None).await? {
        Some(end) => Ok(end.blocks.into_iter().filter(has_key).map(|block| block.id).collect()),
        None => Err(api.error(Kind::Ambiguous, block::TOO_LONG)),
    }
}

/// Returns the ids of the keyed rows of a data source.
///
/// # Errors
/// A failure of the call.
pub(super) async fn find_rows(api: &Api<'_>, source: &DataSource) -> Result<Vec<String>> {
    let filter = json!({ "property": source.title_property, "title": { "contains": api.effect_key } });
    // https://developers.notion.com/reference/query-a-data-source
    let call = api.post(&["v1", "data_sources", &source.id, "query"]).read_only();
    let rows: List<Page> = call.json(&json!({ "filter": filter, "page_size": MAX_LIMIT })).send().await?;
    let has_key = |row: &Page| row.title().is_some_and(|title| is_keyed(api, &title));
    Ok(rows.results.into_iter().filter(has_key).map(|row| row.id).collect())
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

/// Moves a prepared object to the trash. `call` sends the change.
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
    use crate::adapters::testing::ActionHarness;

    #[test]
    fn keyed_title_is_bounded_and_keeps_its_key() {
        let harness = ActionHarness::new(&ADAPTER, |_| unreachable!());
        let api = harness.api(ADAPTER.action("create_page").unwrap(), None);
        assert_eq!(title(&api, "Ship"), "Ship [task_abc.1]");
        for long in ["x".repeat(2000), "😀".repeat(1000)] {
            let keyed = title(&api, &long);
            assert!((1999..=2000).contains(&keyed.encode_utf16().count()) && is_keyed(&api, &keyed));
        }
        assert!(!is_keyed(&api, "Ship") && !is_keyed(&api, "Ship [task_abc.12]"));
    }
}
