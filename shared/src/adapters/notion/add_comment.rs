//! `add_comment`: comments on a page, or replies in a thread of comments.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::comment::Comment;
use super::id::Id;
use super::{NO_SCOPES, reconcile, rich_text};
use crate::adapters::action::{Action, ActionOutput, Effect, ReconcileBy, Reconciliation, Scopes};
use crate::adapters::api::Api;
use crate::error::{Error, Result};

/// Comment on a Notion page, or reply in one of its threads. The comment is shown under the connection's own name.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct AddComment {
    /// The page, or a block on it: its id or a link to it.
    page_id: Id,
    /// The comment, in plain text.
    text: String,
    /// The `discussionId` of a comment there, to reply in its thread. By default a new thread is started.
    discussion_id: Option<Id>,
}

impl Action for AddComment {
    const NAME: &'static str = "add_comment";
    const SCOPES: Scopes = NO_SCOPES;
    const EFFECT: Effect = Effect::Create;
    const RECONCILE_BY: Option<ReconcileBy> =
        Some(ReconcileBy { by: "absence of its text among the page's open comments", scopes: &[] });

    fn example() -> Value {
        json!({ "pageId": "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0031", "text": "Can we move this to Friday?" })
    }

    fn check(&self) -> Result<()> {
        if self.text.trim().is_empty() {
            return Err(Error::invalid("text", "must not be empty"));
        }
        if !rich_text::fits_limits(&self.text) {
            return Err(Error::invalid("text", "must be at most 200,000 characters"));
        }
        Ok(())
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        let mut body = json!({ "rich_text": rich_text::to_rich_text(&self.text) });
        match &self.discussion_id {
            Some(thread) => body["discussion_id"] = json!(thread.as_str()),
            None => body["parent"] = json!({ "type": "page_id", "page_id": self.page_id.as_str() }),
        }
        // https://developers.notion.com/reference/create-a-comment
        let comment: Comment = api.post(&["v1", "comments"]).json(&body).send().await?;
        Ok(ActionOutput {
            message: "The comment was added.".to_owned(),
            data: comment.to_json(),
            external_id: Some(comment.id),
            link: None,
        })
    }

    async fn reconcile(&self, api: &Api<'_>) -> Result<Reconciliation> {
        let thread = self.discussion_id.as_ref().map(Id::as_str);
        reconcile::reconcile_comment(api, self.page_id.as_str(), thread, &self.text).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::notion::ADAPTER;
    use crate::adapters::testing::{self, SentRequest, Step, StepOutput};
    use crate::error::Kind;

    const ID: &str = "1429989f-e8ac-4eff-bc8f-57f56486db54";
    const THREAD: &str = "00000000-0000-0000-0000-000000000009";

    fn comment(thread: &str, text: &str, created: &str) -> Value {
        json!({ "object": "comment", "id": "c1", "discussion_id": thread, "created_time": created,
            "parent": { "type": "page_id", "page_id": ID }, "created_by": { "object": "user", "id": "b1" },
            "display_name": { "type": "integration", "resolved_name": "Us" }, "rich_text": [{ "plain_text": text }] })
    }

    #[tokio::test]
    async fn creates_comments_and_replies() {
        let response = |_: &SentRequest| (200, comment(THREAD, "Hi", "2026-11-23T10:00:00.000Z"));
        let text = json!([{ "type": "text", "text": { "content": "Hi" } }]);
        let on_page = json!({ "parent": { "type": "page_id", "page_id": ID }, "rich_text": text });
        let in_thread = json!({ "discussion_id": THREAD, "rich_text": text });
        for (context, body) in [
            (json!({ "pageId": ID, "text": "Hi" }), on_page),
            (json!({ "pageId": ID, "text": "Hi", "discussionId": THREAD }), in_thread),
        ] {
            let (output, calls) = testing::run(&ADAPTER, "add_comment", context, response).await;
            let output = output.unwrap();
            assert_eq!(
                output.data,
                json!({ "id": "c1", "discussionId": THREAD, "parent": { "type": "page", "id": ID }, "text": "Hi",
                    "createdAt": "2026-11-23T10:00:00.000Z", "createdBy": "b1", "author": "Us" })
            );
            assert_eq!(output.external_id.as_deref(), Some("c1"));
            assert_eq!((calls.len(), calls[0].line.as_str(), &calls[0].body), (1, "POST /v1/comments", &body));
        }
    }

    #[tokio::test]
    async fn reconciliation_is_never_applied() {
        let (new, old) = ("2026-11-23T10:00:00.000Z", "2026-11-23T09:00:00.000Z");
        let new_thread = json!({ "pageId": ID, "text": "Hi" });
        let reply = json!({ "pageId": ID, "text": "Hi", "discussionId": THREAD });
        for (context, existing, reconciliation) in [
            (&new_thread, comment("t2", "Hi", new), Reconciliation::Inconclusive),
            (&new_thread, comment("t2", "Hi", old), Reconciliation::NotApplied),
            (&new_thread, comment("t2", "Hello", new), Reconciliation::NotApplied),
            (&reply, comment(THREAD, "Hello", old), Reconciliation::NotApplied),
            (&reply, comment("t2", "Hello", old), Reconciliation::Inconclusive),
        ] {
            let response = move |_: &SentRequest| {
                Ok((200, json!({ "results": [existing], "has_more": false, "next_cursor": null })))
            };
            let (result, calls) =
                testing::run_step(&ADAPTER, "add_comment", None, Step::Reconcile, context.clone(), response).await;
            assert_eq!(result.unwrap(), StepOutput::Reconciliation(reconciliation));
            assert_eq!((calls[0].line.as_str(), calls[0].parameter("block_id")), ("GET /v1/comments", ID));
        }
    }

    #[tokio::test]
    async fn lost_response_is_ambiguous() {
        let context = json!({ "pageId": ID, "text": "Hi" });
        let (output, _) = testing::run(&ADAPTER, "add_comment", context, |_| (502, Value::Null)).await;
        assert_eq!(testing::error_kind(&output), Kind::Ambiguous);
    }

    #[test]
    fn refuses_invalid_fields() {
        let refused = |context| testing::refusal(&ADAPTER, "add_comment", context).0;
        assert_eq!(refused(json!({ "pageId": ID })), "context.text");
        assert_eq!(refused(json!({ "pageId": ID, "text": " " })), "context.text");
        assert_eq!(refused(json!({ "pageId": ID, "text": "x".repeat(200_001) })), "context.text");
        assert_eq!(refused(json!({ "pageId": ID, "text": "Hi", "discussionId": "first" })), "context.discussionId");
    }
}
