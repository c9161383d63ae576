//! Reconciliation of effects whose response was lost. Only a row can carry the effect key, and two equal objects created at the
//! same time cannot be distinguished. A page of the same title therefore proves nothing, while its absence proves that the effect
//! was not applied.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use super::data_source::DataSource;
use super::list::{List, MAX_LIMIT};
use super::page::Page;
use super::{properties, rich_text};
use crate::adapters::action::Reconciliation;
use crate::adapters::api::Api;
use crate::error::{Error, Kind, Result};

/// The text property of a data source that stores the effect key, if the database's owner has created it.
pub(super) const KEY_PROPERTY: &str = "Plugin Engine key";
/// Maximum difference between Notion's clock and ours.
const MAX_CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(2);
/// Maximum number of pages of a list that are read.
const MAX_PAGES: usize = 20;

/// Result of the search for a row.
#[derive(Debug)]
pub(super) enum RowMatch {
    /// A row with the effect key.
    Exact(Box<Page>),
    /// A row that may be the effect's.
    Possible,
    /// No matching row.
    NoMatch,
}

/// A block that is a child of another.
#[derive(Debug, Deserialize)]
pub(super) struct ChildBlock {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    created_time: Option<String>,
    child_page: Option<ChildTitle>,
    child_database: Option<ChildTitle>,
}

#[derive(Debug, Deserialize)]
struct ChildTitle {
    title: String,
}

#[derive(Deserialize)]
struct Comment {
    id: String,
    discussion_id: Option<String>,
    created_time: Option<String>,
    rich_text: Vec<Value>,
}

impl ChildTitle {
    fn equals(&self, title: &str) -> bool {
        self.title.trim() == title.trim()
    }
}

/// A child without a visible title matches every title.
impl ChildBlock {
    /// True if it is a page of this title.
    pub(super) fn is_page(&self, title: &str) -> bool {
        self.kind == "child_page" && self.child_page.as_ref().is_none_or(|page| page.equals(title))
    }

    /// True if it is a database of this title.
    pub(super) fn is_database(&self, title: &str) -> bool {
        self.kind == "child_database" && self.child_database.as_ref().is_none_or(|database| database.equals(title))
    }
}

/// True if a data source has the key property.
pub(super) fn has_key_property(source: &DataSource) -> bool {
    source.properties.get(KEY_PROPERTY).is_some_and(|property| property["type"] == "rich_text")
}

/// Not applied if the page has no matching child created since the effect began, else inconclusive.
///
/// # Errors
/// A failure of a call, or a page too long to be read completely.
pub(super) async fn reconcile_child(
    api: &Api<'_>,
    page: &str,
    alike: impl Fn(&ChildBlock) -> bool,
) -> Result<Reconciliation> {
    let mut cursor: Option<String> = None;
    for _ in 0..MAX_PAGES {
        // https://developers.notion.com/reference/get-block-children
        let call = api.get(&["v1", "blocks", page, "children"]).query("page_size", MAX_LIMIT);
        let list: List<ChildBlock> = call.query_opt("start_cursor", cursor.as_deref()).send().await?;
        let ours = |child: &ChildBlock| alike(child) && is_candidate(api, &child.id, child.created_time.as_deref());
        if list.results.iter().any(ours) {
            return Ok(Reconciliation::Inconclusive);
        }
        match list.cursor() {
            Some(next) => cursor = Some(next.to_owned()),
            None if list.is_last() => return Ok(Reconciliation::NotApplied),
            None => return Ok(Reconciliation::Inconclusive),
        }
    }
    Err(too_long_error(api))
}

/// Searches for a row by its key, if the data source has the property, and by its title.
///
/// # Errors
/// A failure of a call.
pub(super) async fn find_row(api: &Api<'_>, source: &DataSource, title: &str) -> Result<RowMatch> {
    let alike = json!({ "and": [
        { "timestamp": "created_time", "created_time": { "on_or_after": earliest_creation(api).to_string() } },
        { "property": source.title_property, "title": { "equals": title } },
    ]});
    let filter = if has_key_property(source) {
        json!({ "or": [{ "property": KEY_PROPERTY, "rich_text": { "equals": api.effect_key } }, alike] })
    } else {
        alike
    };
    // https://developers.notion.com/reference/query-a-data-source
    let call = api.post(&["v1", "data_sources", &source.id, "query"]).read_only();
    let rows: List<Page> = call.json(&json!({ "filter": filter, "page_size": MAX_LIMIT })).send().await?;
    let mut trace = if rows.is_last() { RowMatch::NoMatch } else { RowMatch::Possible };
    for row in rows.results {
        // The row has no key if it was created before the key property.
        match row.properties.get(KEY_PROPERTY).map(properties::to_plain).as_ref().and_then(Value::as_str) {
            Some(key) if key == api.effect_key => return Ok(RowMatch::Exact(Box::new(row))),
            None | Some("") if is_candidate(api, &row.id, row.created_time.as_deref()) => trace = RowMatch::Possible,
            _ => {}
        }
    }
    Ok(trace)
}

/// Not applied if the page has no such comment created since the effect began, else inconclusive. A thread that is not visible on
/// the page proves nothing.
///
/// # Errors
/// As [`child`].
pub(super) async fn reconcile_comment(
    api: &Api<'_>,
    page: &str,
    thread: Option<&str>,
    words: &str,
) -> Result<Reconciliation> {
    let (mut cursor, mut in_sight): (Option<String>, bool) = (None, thread.is_none());
    for _ in 0..MAX_PAGES {
        // https://developers.notion.com/reference/list-comments
        let call = api.get(&["v1", "comments"]).query("block_id", page).query("page_size", MAX_LIMIT);
        let list: List<Comment> = call.query_opt("start_cursor", cursor.as_deref()).send().await?;
        for comment in &list.results {
            let alike = rich_text::to_plain(&json!(comment.rich_text)).trim() == words.trim();
            if alike && is_candidate(api, &comment.id, comment.created_time.as_deref()) {
                return Ok(Reconciliation::Inconclusive);
            }
            in_sight |= comment.discussion_id.as_deref() == thread;
        }
        match list.cursor() {
            Some(next) => cursor = Some(next.to_owned()),
            None if in_sight && list.is_last() => return Ok(Reconciliation::NotApplied),
            None => return Ok(Reconciliation::Inconclusive),
        }
    }
    Err(too_long_error(api))
}

fn too_long_error(api: &Api<'_>) -> Error {
    api.error(Kind::Transient, "the page is too long to be read completely")
}

/// True if an object can be of this effect: it is neither older nor the previous occurrence's.
fn is_candidate(api: &Api<'_>, id: &str, created: Option<&str>) -> bool {
    let created: Option<Timestamp> = created.and_then(|text| text.parse().ok());
    api.previous_external_id != Some(id) && created.is_none_or(|created| created >= earliest_creation(api))
}

/// Returns the start of the minute: Notion may round creation times down to it.
fn earliest_creation(api: &Api<'_>) -> Timestamp {
    let earliest = api.not_before - MAX_CLOCK_SKEW;
    let second = earliest.as_second();
    Timestamp::from_second(second - second.rem_euclid(60)).unwrap_or(earliest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::notion::ADAPTER;
    use crate::adapters::notion::fixtures::{
        DATA_SOURCE_ID, PARENT_ID, database_parent, keyed_database_parent, page_parent,
    };
    use crate::adapters::testing::{self, EFFECT_KEY, SentRequest, Step, StepOutput};

    async fn reconcile(
        provider: impl Fn(&SentRequest) -> (u16, Value) + Send + Sync + 'static,
    ) -> (Reconciliation, Vec<SentRequest>) {
        let context = json!({ "title": "Ship", "parent": PARENT_ID });
        let response = move |sent: &SentRequest| Ok(provider(sent));
        let (outcome, calls) =
            testing::run_step(&ADAPTER, ("create_page", None), Step::Reconcile, context, response).await;
        let StepOutput::Reconciliation(reconciliation) = outcome.unwrap() else { panic!("no verdict") };
        (reconciliation, calls)
    }

    fn row(key: &str, created: &str) -> Value {
        json!({ "object": "page", "id": "r1", "url": "https://www.notion.so/r1", "created_time": created, "properties": {
            "Plugin Engine key": { "type": "rich_text", "rich_text": [{ "plain_text": key }] } } })
    }

    #[tokio::test]
    async fn row_with_the_effect_key_is_applied() {
        let now = "2026-11-23T10:00:00.000Z";
        let (reconciliation, calls) =
            reconcile(move |sent| keyed_database_parent(sent, &json!([row("task_b.1", now), row(EFFECT_KEY, now)])))
                .await;
        let Reconciliation::Applied(output) = reconciliation else { panic!("it is there") };
        assert_eq!(
            (output.external_id.as_deref(), output.link.as_deref()),
            (Some("r1"), Some("https://www.notion.so/r1"))
        );
        assert_eq!(output.data["parent"], json!({ "type": "dataSource", "id": DATA_SOURCE_ID }));
        assert_eq!(calls[2].line, format!("POST /v1/data_sources/{DATA_SOURCE_ID}/query"));
        assert_eq!(
            calls[2].body,
            json!({ "page_size": 100, "filter": { "or": [
                { "property": "Plugin Engine key", "rich_text": { "equals": EFFECT_KEY } },
                { "and": [{ "timestamp": "created_time", "created_time": { "on_or_after": "2026-11-23T09:58:00Z" } },
                    { "property": "Task", "title": { "equals": "Ship" } }] },
            ] } })
        );
        // A row with another key is not ours; a row created before the key property may be.
        for (rows, reconciliation) in [
            (json!([]), Reconciliation::NotApplied),
            (json!([row("task_b.1", now)]), Reconciliation::NotApplied),
            (json!([row("", now)]), Reconciliation::Inconclusive),
            (json!([row("", "2026-11-23T09:57:00.000Z")]), Reconciliation::NotApplied),
        ] {
            assert_eq!(reconcile(move |sent| keyed_database_parent(sent, &rows)).await.0, reconciliation);
        }
    }

    #[tokio::test]
    async fn row_without_a_key_is_never_applied() {
        let rows = json!([{ "object": "page", "id": "r1", "created_time": "2026-11-23T10:00:00.000Z" }]);
        for (rows, more, reconciliation) in [
            (json!([]), false, Reconciliation::NotApplied),
            (rows, false, Reconciliation::Inconclusive),
            (json!([]), true, Reconciliation::Inconclusive),
        ] {
            let list = json!({ "results": rows, "has_more": more, "next_cursor": more.then_some("p2") });
            let notion = move |sent: &SentRequest| {
                if sent.line.ends_with("/query") { (200, list.clone()) } else { database_parent(sent) }
            };
            assert_eq!(reconcile(notion).await.0, reconciliation);
        }
    }

    #[tokio::test]
    async fn child_page_is_matched_by_title_and_creation_time() {
        let child = |title: &str, created: &str| {
            json!({ "object": "block", "id": "c1", "type": "child_page", "created_time": created,
                "child_page": { "title": title } })
        };
        let (new, old) = ("2026-11-23T09:58:00.000Z", "2026-11-23T09:57:00.000Z");
        for (block, reconciliation) in [
            (child("Ship", new), Reconciliation::Inconclusive),
            (child("Ship", old), Reconciliation::NotApplied),
            (child("Sail", new), Reconciliation::NotApplied),
            (json!({ "id": "c1", "type": "child_page" }), Reconciliation::Inconclusive),
        ] {
            let list = json!({ "results": [block], "has_more": false, "next_cursor": null });
            let notion = move |sent: &SentRequest| {
                if sent.line.contains("/blocks/") { (200, list.clone()) } else { page_parent(sent) }
            };
            let (found, calls) = reconcile(notion).await;
            assert_eq!(found, reconciliation);
            assert_eq!(calls[3].line, format!("GET /v1/blocks/{PARENT_ID}/children"));
        }
    }

    #[tokio::test]
    async fn list_without_next_cursor_is_inconclusive() {
        let list = json!({ "results": [], "has_more": true, "next_cursor": null });
        let notion = move |sent: &SentRequest| {
            if sent.line.contains("/blocks/") { (200, list.clone()) } else { page_parent(sent) }
        };
        assert_eq!(reconcile(notion).await.0, Reconciliation::Inconclusive);
    }

    #[tokio::test]
    async fn page_with_more_than_20_lists_is_an_error() {
        let endless = json!({ "results": [], "has_more": true, "next_cursor": "more" });
        let response = move |sent: &SentRequest| {
            Ok(if sent.line.contains("/blocks/") { (200, endless.clone()) } else { page_parent(sent) })
        };
        let context = json!({ "title": "Ship", "parent": PARENT_ID });
        let (reconciliation, calls) =
            testing::run_step(&ADAPTER, ("create_page", None), Step::Reconcile, context, response).await;
        assert!(reconciliation.is_err() && calls.len() == 23);
    }
}
