//! `archive_page`: puts a page into the trash.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::id::Id;
use super::{NO_SCOPES, trash};
use crate::adapters::action::{Action, Done, Effect, Scopes};
use crate::adapters::api::Api;
use crate::error::Result;

/// Put a Notion page or a row of a database into the trash, with all that lies under it. `restore_page` takes it out again.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ArchivePage {
    /// The page or row: its id or a link to it.
    page_id: Id,
}

impl Action for ArchivePage {
    const NAME: &'static str = "archive_page";
    const ALIASES: &'static [&'static str] = &["delete_page"];
    const SCOPES: Scopes = NO_SCOPES;
    const EFFECT: Effect = Effect::Idempotent;

    fn example() -> Value {
        json!({ "pageId": "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0031" })
    }

    async fn run(&self, api: &Api<'_>) -> Result<Done> {
        // https://developers.notion.com/reference/archive-a-page
        Ok(trash::put(api, &self.page_id, true).await?.done("The page is in the trash."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::notion::ADAPTER;
    use crate::adapters::testing::{self, Sent};
    use crate::error::Kind;

    const ID: &str = "1429989f-e8ac-4eff-bc8f-57f56486db54";

    fn page(in_trash: bool) -> (u16, Value) {
        (200, json!({ "object": "page", "id": ID, "url": "https://www.notion.so/p1", "in_trash": in_trash }))
    }

    fn refusal() -> (u16, Value) {
        (400, json!({ "object": "error", "status": 400, "code": "validation_error", "message": "It is archived." }))
    }

    #[tokio::test]
    async fn archives() {
        let (done, calls) = testing::run(&ADAPTER, "archive_page", json!({ "pageId": ID }), |_| page(true)).await;
        let done = done.unwrap();
        assert_eq!((&done.data["id"], &done.data["inTrash"]), (&json!(ID), &json!(true)));
        assert_eq!((done.external_id.as_deref(), done.link.as_deref()), (Some(ID), Some("https://www.notion.so/p1")));
        assert_eq!(calls.len(), 1);
        assert_eq!(
            (calls[0].line.as_str(), &calls[0].body),
            (format!("PATCH /v1/pages/{ID}").as_str(), &json!({ "in_trash": true }))
        );
    }

    #[tokio::test]
    async fn once_more_is_no_failure() {
        let again = |in_trash| move |sent: &Sent| if sent.line.starts_with("GET") { page(in_trash) } else { refusal() };
        let (done, calls) = testing::run(&ADAPTER, "archive_page", json!({ "pageId": ID }), again(true)).await;
        assert_eq!((done.unwrap().external_id.as_deref(), calls.len()), (Some(ID), 2));
        let (done, _) = testing::run(&ADAPTER, "archive_page", json!({ "pageId": ID }), again(false)).await;
        assert_eq!(testing::kind(&done), Kind::Invalid);
    }

    #[test]
    fn refuses_what_is_no_page() {
        assert_eq!(testing::refusal(&ADAPTER, "archive_page", json!({ "pageId": "home" })).0, "context.pageId");
    }
}
