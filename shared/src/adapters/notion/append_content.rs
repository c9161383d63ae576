//! `append_content`: adds Markdown at the end of a page.

use http::Method;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::id::Id;
use super::{NO_SCOPES, reconcile, rich_text};
use crate::adapters::action::{Action, ActionOutput, Effect, ReconcileBy, Reconciliation, Scopes};
use crate::adapters::api::Api;
use crate::error::{Error, Result};

/// Add content at the end of a Notion page, as Markdown. To replace the existing content use `update_page`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct AppendContent {
    /// The page: its id or a link to it.
    page_id: Id,
    /// The content to add, as Markdown: headings, lists, to-dos, tables, code, quotes.
    content: String,
}

#[derive(Deserialize)]
struct PageContent {
    id: String,
}

impl Action for AppendContent {
    const NAME: &'static str = "append_content";
    const ALIASES: &'static [&'static str] = &["append_block"];
    const SCOPES: Scopes = NO_SCOPES;
    const EFFECT: Effect = Effect::Create;
    const RECONCILE_BY: Option<ReconcileBy> =
        Some(ReconcileBy { by: "absence of new blocks on the page", scopes: &[] });

    fn example() -> Value {
        json!({ "pageId": "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0010", "content": "## Next\n\n- [ ] Book the room" })
    }

    fn check(&self) -> Result<()> {
        if self.content.trim().is_empty() {
            return Err(Error::invalid("content", "must not be empty"));
        }
        rich_text::check_markdown("content", &self.content)
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        let change = json!({
            "type": "insert_content",
            "insert_content": { "content": self.content, "position": { "type": "end" } },
        });
        let path = ["v1", "pages", self.page_id.as_str(), "markdown"];
        // https://developers.notion.com/reference/update-page-markdown
        let content: PageContent = api.call(Method::PATCH, &path).json(&change).send().await?;
        Ok(ActionOutput {
            message: "The content was added.".to_owned(),
            data: json!({ "id": content.id }),
            external_id: Some(content.id),
            link: None,
        })
    }

    /// Notion returns Markdown as blocks that differ from it, and two equal additions made at the same time cannot be
    /// distinguished. Blocks added since then prove nothing.
    async fn reconcile(&self, api: &Api<'_>) -> Result<Reconciliation> {
        reconcile::reconcile_child(api, self.page_id.as_str(), |_| true).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::notion::ADAPTER;
    use crate::adapters::testing::{self, SentRequest, Step, StepOutput};
    use crate::error::Kind;

    const ID: &str = "1429989f-e8ac-4eff-bc8f-57f56486db54";

    #[tokio::test]
    async fn appends_at_the_end() {
        for intent in ["append_content", "append_block"] {
            let context = json!({ "pageId": ID, "content": "- One" });
            let response =
                |_: &SentRequest| (200, json!({ "object": "page_markdown", "id": ID, "markdown": "All\n- One" }));
            let (output, calls) = testing::run(&ADAPTER, intent, context, response).await;
            let output = output.unwrap();
            assert_eq!((&output.data, output.external_id.as_deref()), (&json!({ "id": ID }), Some(ID)));
            assert_eq!(calls.len(), 1);
            assert_eq!(calls[0].line, format!("PATCH /v1/pages/{ID}/markdown"));
            let change = json!({ "content": "- One", "position": { "type": "end" } });
            assert_eq!(calls[0].body, json!({ "type": "insert_content", "insert_content": change }));
        }
    }

    #[tokio::test]
    async fn reconciles_as_not_applied_without_new_blocks() {
        for (created, reconciliation) in [
            ("2026-11-23T09:57:00.000Z", Reconciliation::NotApplied),
            ("2026-11-23T09:58:00.000Z", Reconciliation::Inconclusive),
            ("2026-11-23T10:00:00.000Z", Reconciliation::Inconclusive),
        ] {
            let block = json!({ "object": "block", "id": "b1", "type": "paragraph", "created_time": created });
            let response =
                move |_: &SentRequest| Ok((200, json!({ "results": [block], "has_more": false, "next_cursor": null })));
            let context = json!({ "pageId": ID, "content": "- One" });
            let (result, calls) =
                testing::run_step(&ADAPTER, "append_content", None, Step::Reconcile, context, response).await;
            assert_eq!(result.unwrap(), StepOutput::Reconciliation(reconciliation), "{created}");
            assert_eq!(calls[0].line, format!("GET /v1/blocks/{ID}/children"));
            assert_eq!(calls[0].parameter("page_size"), "100");
        }
    }

    #[tokio::test]
    async fn lost_response_is_ambiguous() {
        let context = json!({ "pageId": ID, "content": "- One" });
        let (output, _) = testing::run(&ADAPTER, "append_content", context, |_| (504, Value::Null)).await;
        assert_eq!(testing::error_kind(&output), Kind::Ambiguous);
    }

    #[test]
    fn refuses_invalid_fields() {
        let refused = |context| testing::refusal(&ADAPTER, "append_content", context).0;
        assert_eq!(refused(json!({ "pageId": ID, "content": " \n" })), "context.content");
        assert_eq!(refused(json!({ "pageId": ID, "content": "x".repeat(500_001) })), "context.content");
        assert_eq!(refused(json!({ "pageId": "x", "content": "y" })), "context.pageId");
    }
}
