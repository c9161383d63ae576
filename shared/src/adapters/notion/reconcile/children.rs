//! Reconciliation of pages, databases and content created on a page.

use serde::Deserialize;

use super::super::list::{List, MAX_LIMIT};
use super::{MAX_PAGES, is_candidate, too_long_error};
use crate::adapters::action::Reconciliation;
use crate::adapters::api::Api;
use crate::error::Result;

/// A block that is a child of another.
#[derive(Debug, Deserialize)]
pub(in super::super) struct ChildBlock {
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

impl ChildTitle {
    fn equals(&self, title: &str) -> bool {
        self.title.trim() == title.trim()
    }
}

/// A child without a visible title matches every title.
impl ChildBlock {
    /// True if it is a page of this title.
    pub(in super::super) fn is_page(&self, title: &str) -> bool {
        self.kind == "child_page" && self.child_page.as_ref().is_none_or(|page| page.equals(title))
    }

    /// True if it is a database of this title.
    pub(in super::super) fn is_database(&self, title: &str) -> bool {
        self.kind == "child_database" && self.child_database.as_ref().is_none_or(|database| database.equals(title))
    }
}

/// Not applied if the page has no matching child created since the effect began, else inconclusive.
///
/// # Errors
/// A failure of a call, or a page too long to be read completely.
pub(in super::super) async fn reconcile_child(
    api: &Api<'_>,
    page: &str,
    matches: impl Fn(&ChildBlock) -> bool,
) -> Result<Reconciliation> {
    let mut cursor: Option<String> = None;
    for _ in 0..MAX_PAGES {
        // https://developers.notion.com/reference/get-block-children
        let call = api.get(&["v1", "blocks", page, "children"]).query("page_size", MAX_LIMIT);
        let list: List<ChildBlock> = call.query_opt("start_cursor", cursor.as_deref()).send().await?;
        let is_possible =
            |child: &ChildBlock| matches(child) && is_candidate(api, &child.id, child.created_time.as_deref());
        if list.results.iter().any(is_possible) {
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::adapters::notion::ADAPTER;
    use crate::adapters::notion::fixtures::{PARENT_ID, page_parent, reconcile_page};
    use crate::adapters::testing::{self, SentRequest, Step};

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
            let respond = move |sent: &SentRequest| {
                if sent.line.contains("/blocks/") { (200, list.clone()) } else { page_parent(sent) }
            };
            let (actual, calls) = reconcile_page(respond).await;
            assert_eq!(actual, reconciliation);
            assert_eq!(calls[3].line, format!("GET /v1/blocks/{PARENT_ID}/children"));
        }
    }

    #[tokio::test]
    async fn list_without_next_cursor_is_inconclusive() {
        let list = json!({ "results": [], "has_more": true, "next_cursor": null });
        let respond = move |sent: &SentRequest| {
            if sent.line.contains("/blocks/") { (200, list.clone()) } else { page_parent(sent) }
        };
        assert_eq!(reconcile_page(respond).await.0, Reconciliation::Inconclusive);
    }

    #[tokio::test]
    async fn page_with_more_than_20_lists_is_an_error() {
        let endless = json!({ "results": [], "has_more": true, "next_cursor": "more" });
        let response = move |sent: &SentRequest| {
            Ok(if sent.line.contains("/blocks/") { (200, endless.clone()) } else { page_parent(sent) })
        };
        let context = json!({ "title": "Ship", "parent": PARENT_ID });
        let (reconciliation, calls) =
            testing::run_step(&ADAPTER, "create_page", None, Step::Reconcile, context, response).await;
        assert!(reconciliation.is_err() && calls.len() == 23);
    }
}
