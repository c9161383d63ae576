//! Moving pages to the trash and restoring them.

use http::Method;
use serde_json::json;

use super::id::Id;
use super::page::Page;
use crate::adapters::api::Api;
use crate::error::{Kind, Result};

/// Moves a page to the trash, or restores it. A page already there is left unchanged.
///
/// # Errors
/// A failure of a call.
pub(super) async fn set_in_trash(api: &Api<'_>, id: &Id, in_trash: bool) -> Result<Page> {
    let path = ["v1", "pages", id.as_str()];
    // https://developers.notion.com/reference/archive-a-page
    match api.call(Method::PATCH, &path).json(&json!({ "in_trash": in_trash })).send::<Page>().await {
        // Notion refuses most changes of a page in the trash; the page may already be in the requested state.
        Err(error) if error.kind() == Some(Kind::Invalid) => {
            // https://developers.notion.com/reference/retrieve-a-page
            let page: Page = api.get(&path).send().await?;
            if page.in_trash == Some(in_trash) { Ok(page) } else { Err(error) }
        }
        response => response,
    }
}

/// Assertions shared by the tests of both actions.
#[cfg(test)]
pub(super) mod testing {
    use serde_json::Value;

    use super::*;
    use crate::adapters::notion::ADAPTER;
    use crate::adapters::testing::{self, SentRequest};

    const ID: &str = "1429989f-e8ac-4eff-bc8f-57f56486db54";

    fn page(in_trash: bool) -> (u16, Value) {
        (200, json!({ "object": "page", "id": ID, "url": "https://www.notion.so/p1", "in_trash": in_trash }))
    }

    fn refusal() -> (u16, Value) {
        (400, json!({ "object": "error", "status": 400, "code": "validation_error", "message": "It is archived." }))
    }

    /// Asserts the request and the output.
    pub(in super::super) async fn assert_sets_in_trash(intent: &str, in_trash: bool) {
        let (output, calls) = testing::run(&ADAPTER, intent, json!({ "pageId": ID }), move |_| page(in_trash)).await;
        let output = output.unwrap();
        assert_eq!((&output.data["id"], &output.data["inTrash"]), (&json!(ID), &json!(in_trash)));
        assert_eq!(
            (output.external_id.as_deref(), output.link.as_deref()),
            (Some(ID), Some("https://www.notion.so/p1"))
        );
        assert_eq!(calls.len(), 1);
        assert_eq!(
            (calls[0].line.as_str(), &calls[0].body),
            (format!("PATCH /v1/pages/{ID}").as_str(), &json!({ "in_trash": in_trash }))
        );
    }

    /// Asserts that a refusal is a success if the page is already in the requested state, and an error otherwise.
    pub(in super::super) async fn assert_repeat_succeeds(intent: &str, in_trash: bool) {
        let refused = |in_trash_before| {
            move |sent: &SentRequest| if sent.line.starts_with("GET") { page(in_trash_before) } else { refusal() }
        };
        let (output, calls) = testing::run(&ADAPTER, intent, json!({ "pageId": ID }), refused(in_trash)).await;
        assert_eq!((output.unwrap().external_id.as_deref(), calls.len()), (Some(ID), 2));
        let (output, _) = testing::run(&ADAPTER, intent, json!({ "pageId": ID }), refused(!in_trash)).await;
        assert_eq!(testing::error_kind(&output), Kind::Invalid);
    }
}
