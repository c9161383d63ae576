//! Reconciliation of rows, the only objects that can carry the effect key.

use serde_json::{Value, json};

use super::super::data_source::DataSource;
use super::super::list::{List, MAX_LIMIT};
use super::super::page::Page;
use super::super::properties;
use super::{earliest_creation, is_candidate};
use crate::adapters::api::Api;
use crate::error::Result;

/// The text property of a data source that stores the effect key, if the database's owner has created it.
pub(in super::super) const KEY_PROPERTY: &str = "Plugin Engine key";

/// Result of the search for a row.
#[derive(Debug)]
pub(in super::super) enum RowMatch {
    /// A row with the effect key.
    Exact(Box<Page>),
    /// A row that may be the effect's.
    Possible,
    /// No matching row.
    NoMatch,
}

/// True if a data source has the key property.
pub(in super::super) fn has_key_property(source: &DataSource) -> bool {
    source.properties.get(KEY_PROPERTY).is_some_and(|property| property["type"] == "rich_text")
}

/// Searches for a row by its key, if the data source has the property, and by its title.
///
/// # Errors
/// A failure of a call.
pub(in super::super) async fn find_row(api: &Api<'_>, source: &DataSource, title: &str) -> Result<RowMatch> {
    let same_title = json!({ "and": [
        { "timestamp": "created_time", "created_time": { "on_or_after": earliest_creation(api).to_string() } },
        { "property": source.title_property, "title": { "equals": title } },
    ]});
    let filter = if has_key_property(source) {
        json!({ "or": [{ "property": KEY_PROPERTY, "rich_text": { "equals": api.effect_key } }, same_title] })
    } else {
        same_title
    };
    // https://developers.notion.com/reference/query-a-data-source
    let call = api.post(&["v1", "data_sources", &source.id, "query"]).read_only();
    let rows: List<Page> = call.json(&json!({ "filter": filter, "page_size": MAX_LIMIT })).send().await?;
    let mut row_match = if rows.is_last() { RowMatch::NoMatch } else { RowMatch::Possible };
    for row in rows.results {
        // The row has no key if it was created before the key property.
        match row.properties.get(KEY_PROPERTY).map(properties::to_plain).as_ref().and_then(Value::as_str) {
            Some(key) if key == api.effect_key => return Ok(RowMatch::Exact(Box::new(row))),
            None | Some("") if is_candidate(api, &row.id, row.created_time.as_deref()) => {
                row_match = RowMatch::Possible
            }
            _ => {}
        }
    }
    Ok(row_match)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::action::Reconciliation;
    use crate::adapters::notion::fixtures::{DATA_SOURCE_ID, database_parent, keyed_database_parent, reconcile_page};
    use crate::adapters::testing::{EFFECT_KEY, SentRequest};

    fn row(key: &str, created: &str) -> Value {
        json!({ "object": "page", "id": "r1", "url": "https://www.notion.so/r1", "created_time": created, "properties": {
            "Plugin Engine key": { "type": "rich_text", "rich_text": [{ "plain_text": key }] } } })
    }

    #[tokio::test]
    async fn row_with_the_effect_key_is_applied() {
        let now = "2026-11-23T10:00:00.000Z";
        let (reconciliation, calls) = reconcile_page(move |sent| {
            keyed_database_parent(sent, &json!([row("task_b.1", now), row(EFFECT_KEY, now)]))
        })
        .await;
        let Reconciliation::Applied(output) = reconciliation else { panic!("not applied") };
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
            assert_eq!(reconcile_page(move |sent| keyed_database_parent(sent, &rows)).await.0, reconciliation);
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
            let respond = move |sent: &SentRequest| {
                if sent.line.ends_with("/query") { (200, list.clone()) } else { database_parent(sent) }
            };
            assert_eq!(reconcile_page(respond).await.0, reconciliation);
        }
    }
}
