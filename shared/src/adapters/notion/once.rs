//! What Notion shows of an effect whose answer was lost. Nothing but a row can carry a key, and two alike that were made at once
//! cannot be told apart: then a page of that title proves nothing, while its absence does.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use super::list::{List, MAX_LIMIT};
use super::page::Page;
use super::source::DataSource;
use super::{properties, text};
use crate::adapters::action::Reconciliation;
use crate::adapters::api::Api;
use crate::error::{Error, Kind, Result};

/// The text property of a data source that carries the effect's key, where its owner has made one.
pub(super) const KEY: &str = "Plugin Engine key";
/// How much older than its time a thing may look, whichever clock is wrong.
const SKEW: SignedDuration = SignedDuration::from_mins(2);
/// Pages of a list read before giving up.
const MAX_PAGES: usize = 20;

/// What became of a row.
#[derive(Debug)]
pub(super) enum Trace {
    /// It carries our key.
    Ours(Box<Page>),
    /// One like it is there.
    Maybe,
    /// There is none like it.
    None,
}

/// A block as a child of another.
#[derive(Debug, Deserialize)]
pub(super) struct Child {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    created_time: Option<String>,
    child_page: Option<Titled>,
    child_database: Option<Titled>,
}

#[derive(Debug, Deserialize)]
struct Titled {
    title: String,
}

#[derive(Deserialize)]
struct Comment {
    id: String,
    discussion_id: Option<String>,
    created_time: Option<String>,
    rich_text: Vec<Value>,
}

impl Titled {
    fn is(&self, title: &str) -> bool {
        self.title.trim() == title.trim()
    }
}

/// One whose title is not shown may have any.
impl Child {
    /// Whether it is a page of this title.
    pub(super) fn is_page(&self, title: &str) -> bool {
        self.kind == "child_page" && self.child_page.as_ref().is_none_or(|page| page.is(title))
    }

    /// Whether it is a database of this title.
    pub(super) fn is_database(&self, title: &str) -> bool {
        self.kind == "child_database" && self.child_database.as_ref().is_none_or(|database| database.is(title))
    }
}

/// Whether a data source has a place for the key.
pub(super) fn has_key(source: &DataSource) -> bool {
    source.properties.get(KEY).is_some_and(|property| property["type"] == "rich_text")
}

/// Absent when a page has no such child that was made in time, else unclear.
///
/// # Errors
/// A failure of a call, or a page too long to be read to its end.
pub(super) async fn child(api: &Api<'_>, page: &str, alike: impl Fn(&Child) -> bool) -> Result<Reconciliation> {
    let mut cursor: Option<String> = None;
    for _ in 0..MAX_PAGES {
        // https://developers.notion.com/reference/get-block-children
        let call = api.get(&["v1", "blocks", page, "children"]).query("page_size", MAX_LIMIT);
        let list: List<Child> = call.query_opt("start_cursor", cursor.as_deref()).send().await?;
        let ours = |child: &Child| alike(child) && is_new(api, &child.id, child.created_time.as_deref());
        if list.results.iter().any(ours) {
            return Ok(Reconciliation::Inconclusive);
        }
        match list.cursor() {
            Some(next) => cursor = Some(next.to_owned()),
            None if list.is_last() => return Ok(Reconciliation::NotApplied),
            None => return Ok(Reconciliation::Inconclusive),
        }
    }
    Err(too_long(api))
}

/// Looks for a row by its key, where it can have one, and by its title.
///
/// # Errors
/// A failure of a call.
pub(super) async fn row(api: &Api<'_>, source: &DataSource, title: &str) -> Result<Trace> {
    let alike = json!({ "and": [
        { "timestamp": "created_time", "created_time": { "on_or_after": since(api).to_string() } },
        { "property": source.title, "title": { "equals": title } },
    ]});
    let filter = if has_key(source) {
        json!({ "or": [{ "property": KEY, "rich_text": { "equals": api.effect_key } }, alike] })
    } else {
        alike
    };
    // https://developers.notion.com/reference/query-a-data-source
    let call = api.post(&["v1", "data_sources", &source.id, "query"]).read_only();
    let rows: List<Page> = call.json(&json!({ "filter": filter, "page_size": MAX_LIMIT })).send().await?;
    let mut trace = if rows.is_last() { Trace::None } else { Trace::Maybe };
    for row in rows.results {
        // The key may be newer than the row, which has none then.
        match row.properties.get(KEY).map(properties::read).as_ref().and_then(Value::as_str) {
            Some(key) if key == api.effect_key => return Ok(Trace::Ours(Box::new(row))),
            None | Some("") if is_new(api, &row.id, row.created_time.as_deref()) => trace = Trace::Maybe,
            _ => {}
        }
    }
    Ok(trace)
}

/// Absent when a page has no such comment that was made in time, else unclear. A thread that the page does not show proves
/// nothing.
///
/// # Errors
/// As [`child`].
pub(super) async fn comment(api: &Api<'_>, page: &str, thread: Option<&str>, words: &str) -> Result<Reconciliation> {
    let (mut cursor, mut in_sight): (Option<String>, bool) = (None, thread.is_none());
    for _ in 0..MAX_PAGES {
        // https://developers.notion.com/reference/list-comments
        let call = api.get(&["v1", "comments"]).query("block_id", page).query("page_size", MAX_LIMIT);
        let list: List<Comment> = call.query_opt("start_cursor", cursor.as_deref()).send().await?;
        for comment in &list.results {
            let alike = text::plain(&json!(comment.rich_text)).trim() == words.trim();
            if alike && is_new(api, &comment.id, comment.created_time.as_deref()) {
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
    Err(too_long(api))
}

fn too_long(api: &Api<'_>) -> Error {
    api.error(Kind::Transient, "the page is too long to be read to its end")
}

/// Whether a thing can be of this effect: neither older than it, nor what the occurrence before made.
fn is_new(api: &Api<'_>, id: &str, created: Option<&str>) -> bool {
    let created: Option<Timestamp> = created.and_then(|text| text.parse().ok());
    api.previous_external_id != Some(id) && created.is_none_or(|created| created >= since(api))
}

/// The full minute before: of a creation Notion may tell no more.
fn since(api: &Api<'_>) -> Timestamp {
    let earliest = api.not_before - SKEW;
    let second = earliest.as_second();
    Timestamp::from_second(second - second.rem_euclid(60)).unwrap_or(earliest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::notion::ADAPTER;
    use crate::adapters::notion::world::{ID, SOURCE, database_world, keyed_world, page_world};
    use crate::adapters::testing::{self, EFFECT_KEY, StepOutput, SentRequest, Step};

    async fn ask(provider: impl Fn(&SentRequest) -> (u16, Value) + Send + Sync + 'static) -> (Reconciliation, Vec<SentRequest>) {
        let context = json!({ "title": "Ship", "parent": ID });
        let answer = move |sent: &SentRequest| Ok(provider(sent));
        let (outcome, calls) = testing::run_step(&ADAPTER, ("create_page", None), Step::Reconcile, context, answer).await;
        let StepOutput::Reconciliation(verdict) = outcome.unwrap() else { panic!("no verdict") };
        (verdict, calls)
    }

    fn row(key: &str, created: &str) -> Value {
        json!({ "object": "page", "id": "r1", "url": "https://www.notion.so/r1", "created_time": created, "properties": {
            "Plugin Engine key": { "type": "rich_text", "rich_text": [{ "plain_text": key }] } } })
    }

    #[tokio::test]
    async fn a_lost_row_is_known_by_its_key() {
        let now = "2026-11-23T10:00:00.000Z";
        let (verdict, calls) = ask(move |sent| keyed_world(sent, &json!([row("task_b.1", now), row(EFFECT_KEY, now)]))).await;
        let Reconciliation::Applied(done) = verdict else { panic!("it is there") };
        assert_eq!((done.external_id.as_deref(), done.link.as_deref()), (Some("r1"), Some("https://www.notion.so/r1")));
        assert_eq!(done.data["parent"], json!({ "type": "dataSource", "id": SOURCE }));
        assert_eq!(calls[2].line, format!("POST /v1/data_sources/{SOURCE}/query"));
        assert_eq!(
            calls[2].body,
            json!({ "page_size": 100, "filter": { "or": [
                { "property": "Plugin Engine key", "rich_text": { "equals": EFFECT_KEY } },
                { "and": [{ "timestamp": "created_time", "created_time": { "on_or_after": "2026-11-23T09:58:00Z" } },
                    { "property": "Task", "title": { "equals": "Ship" } }] },
            ] } })
        );
        // Another's row is not ours; one made before there was room for the key may be.
        for (rows, verdict) in [
            (json!([]), Reconciliation::NotApplied),
            (json!([row("task_b.1", now)]), Reconciliation::NotApplied),
            (json!([row("", now)]), Reconciliation::Inconclusive),
            (json!([row("", "2026-11-23T09:57:00.000Z")]), Reconciliation::NotApplied),
        ] {
            assert_eq!(ask(move |sent| keyed_world(sent, &rows)).await.0, verdict);
        }
    }

    #[tokio::test]
    async fn without_a_key_only_absence_is_sure() {
        let rows = json!([{ "object": "page", "id": "r1", "created_time": "2026-11-23T10:00:00.000Z" }]);
        for (rows, more, verdict) in
            [(json!([]), false, Reconciliation::NotApplied), (rows, false, Reconciliation::Inconclusive), (json!([]), true, Reconciliation::Inconclusive)]
        {
            let list = json!({ "results": rows, "has_more": more, "next_cursor": more.then_some("p2") });
            let notion = move |sent: &SentRequest| {
                if sent.line.ends_with("/query") { (200, list.clone()) } else { database_world(sent) }
            };
            assert_eq!(ask(notion).await.0, verdict);
        }
    }

    #[tokio::test]
    async fn a_page_under_a_page_is_looked_for_by_its_title() {
        let child = |title: &str, created: &str| {
            json!({ "object": "block", "id": "c1", "type": "child_page", "created_time": created,
                "child_page": { "title": title } })
        };
        let (new, old) = ("2026-11-23T09:58:00.000Z", "2026-11-23T09:57:00.000Z");
        for (block, verdict) in [
            (child("Ship", new), Reconciliation::Inconclusive),
            (child("Ship", old), Reconciliation::NotApplied),
            (child("Sail", new), Reconciliation::NotApplied),
            (json!({ "id": "c1", "type": "child_page" }), Reconciliation::Inconclusive),
        ] {
            let list = json!({ "results": [block], "has_more": false, "next_cursor": null });
            let notion =
                move |sent: &SentRequest| if sent.line.contains("/blocks/") { (200, list.clone()) } else { page_world(sent) };
            let (found, calls) = ask(notion).await;
            assert_eq!(found, verdict);
            assert_eq!(calls[3].line, format!("GET /v1/blocks/{ID}/children"));
        }
    }

    #[tokio::test]
    async fn a_list_that_says_there_is_more_but_not_where_proves_nothing() {
        let list = json!({ "results": [], "has_more": true, "next_cursor": null });
        let notion =
            move |sent: &SentRequest| if sent.line.contains("/blocks/") { (200, list.clone()) } else { page_world(sent) };
        assert_eq!(ask(notion).await.0, Reconciliation::Inconclusive);
    }

    #[tokio::test]
    async fn a_page_too_long_to_be_read_proves_nothing() {
        let endless = json!({ "results": [], "has_more": true, "next_cursor": "more" });
        let answer = move |sent: &SentRequest| {
            Ok(if sent.line.contains("/blocks/") { (200, endless.clone()) } else { page_world(sent) })
        };
        let context = json!({ "title": "Ship", "parent": ID });
        let (verdict, calls) = testing::run_step(&ADAPTER, ("create_page", None), Step::Reconcile, context, answer).await;
        assert!(verdict.is_err() && calls.len() == 23);
    }
}
