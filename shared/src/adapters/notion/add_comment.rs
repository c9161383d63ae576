//! `add_comment`: comments on a page, or replies in a thread of comments.

use super::comment::{Comment, CommentData};
use super::dialect::Dialect;
use super::id::Id;
use super::place::Place;
use super::rich_text::{self, MAX_PIECES, PlainText};
use super::{NO_SCOPES, markdown, reconcile};
use crate::adapters::prelude::*;

/// Comment on a Notion page or a block of it, or reply in a thread. The comment is shown under the connection's own name.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct AddComment {
    /// The page, or a block on it: its id or a link to it.
    page_id: Place,
    /// The comment, as Markdown. Comments have no blocks: a list or a table becomes lines.
    text: PlainText,
    /// The dialect of `text`: `markdown`, or `notion` with Notion's tags, as `<mention url="user://..">Ann</mention>`.
    #[serde(default)]
    format: Dialect,
    /// The `discussionId` of a comment there, to reply in its thread. Without it a new thread is started.
    discussion_id: Option<Id>,
}

impl Action for AddComment {
    const META: Meta = Meta::create("add_comment", NO_SCOPES)
        .reconciled_by("its author, time and text among the page's open comments", &[])
        .example(r#"{"pageId": "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0031", "text": "Can we move this to Friday?"}"#);
    type Output = CommentData;

    fn check(&self) -> Result<()> {
        self.format.check("text", &self.text, false)?;
        let pieces = if self.format == Dialect::Markdown { markdown::to_rich_text(&self.text).len() } else { 0 };
        match pieces {
            0..=MAX_PIECES => Ok(()),
            _ => Err(Error::invalid("text", "must have at most 100 parts of one style each, and of 2,000 characters")),
        }
    }

    async fn targets(&self, _api: &Api<'_>) -> Result<Vec<Target>> {
        Ok(vec![self.page_id.to_target()])
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<CommentData>> {
        // Notion reads only inline Markdown in a comment, so the lines are made here.
        let mut body = match self.format {
            Dialect::Markdown => json!({ "rich_text": markdown::to_rich_text(&self.text) }),
            Dialect::Notion => {
                let mut body = json!({});
                self.format.insert(&mut body, "markdown", &self.text);
                body
            }
        };
        match self.thread() {
            Some(thread) => body["discussion_id"] = json!(thread),
            None => {
                let kind = if self.page_id.is_block(api).await? { "block_id" } else { "page_id" };
                body["parent"] = json!({ "type": kind, kind: self.page_id.as_str() });
            }
        }
        // https://developers.notion.com/reference/create-a-comment
        let comment: Comment = api.post(&["v1", "comments"]).json(&body).send().await?;
        Ok(created_output(comment))
    }

    async fn reconcile(&self, api: &Api<'_>) -> Result<Reconciliation<CommentData>> {
        let text = match self.format {
            Dialect::Markdown => rich_text::to_plain(&json!(markdown::to_rich_text(&self.text))),
            Dialect::Notion => markdown::plain_text(&self.text),
        };
        reconcile::reconcile_comment(api, self.page_id.as_str(), self.thread(), &text, created_output).await
    }
}

impl AddComment {
    /// The id of the thread to reply in.
    fn thread(&self) -> Option<&str> {
        self.discussion_id.as_ref().or(self.page_id.thread()).map(Id::as_str)
    }
}

fn created_output(comment: Comment) -> ActionOutput<CommentData> {
    let id = comment.id.clone();
    ActionOutput::new("The comment was added.", comment.into_data()).with_id(id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::notion::ADAPTER;
    use crate::adapters::testing::{self, SentRequest, Step, StepOutput};

    const ID: &str = "1429989f-e8ac-4eff-bc8f-57f56486db54";
    const THREAD: &str = "00000000-0000-0000-0000-000000000009";
    const BLOCK: &str = "00000000-0000-0000-0000-000000000008";

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
        let on_block = json!({ "parent": { "type": "block_id", "block_id": BLOCK }, "rich_text": text });
        let in_thread = json!({ "discussion_id": THREAD, "rich_text": text });
        let link = format!("https://www.notion.so/Plan-{}", ID.replace('-', ""));
        let bare = |id: &str| id.replace('-', "");
        for (context, body) in [
            (json!({ "pageId": link, "text": "Hi" }), on_page),
            (json!({ "pageId": format!("{link}?pvs=4#{}", bare(BLOCK)), "text": "Hi" }), on_block),
            (json!({ "pageId": ID, "text": "Hi", "discussionId": THREAD }), in_thread.clone()),
            (json!({ "pageId": format!("{link}?d={}", bare(THREAD)), "text": "Hi" }), in_thread),
        ] {
            let (output, calls) = testing::run(&ADAPTER, "add_comment", context, response).await;
            let output = output.unwrap();
            assert_eq!(
                output.data,
                json!({ "id": "c1", "discussionId": THREAD, "parent": { "type": "page", "id": ID }, "text": "Hi",
                    "createdAt": "2026-11-23T10:00:00.000Z", "author": { "id": "b1", "name": "Us" } })
            );
            assert_eq!(output.external_id.as_deref(), Some("c1"));
            assert_eq!((calls.len(), calls[0].line.as_str(), &calls[0].body), (1, "POST /v1/comments", &body));
        }
    }

    #[tokio::test]
    async fn a_bare_id_is_commented_as_what_it_is() {
        for (kind, parent) in [("paragraph", "block_id"), ("child_page", "page_id"), ("", "page_id")] {
            let response = move |sent: &SentRequest| match (sent.line.starts_with("GET"), kind) {
                (true, "") => (404, json!({ "code": "object_not_found", "message": "No." })),
                (true, _) => (200, json!({ "object": "block", "id": ID, "type": kind })),
                (false, _) => (200, comment(THREAD, "Hi", "2026-11-23T10:00:00.000Z")),
            };
            let (output, calls) =
                testing::run(&ADAPTER, "add_comment", json!({ "pageId": ID, "text": "Hi" }), response).await;
            output.unwrap();
            assert_eq!(calls[0].line, format!("GET /v1/blocks/{ID}"));
            assert_eq!(calls[1].body["parent"], json!({ "type": parent, parent: ID }));
        }
    }

    /// Reconciles against these comments; `more` is the cursor of the next page of the list.
    async fn reconcile(
        context: &Value,
        existing: Vec<Value>,
        more: Option<&str>,
    ) -> (Reconciliation, Vec<SentRequest>) {
        let list = json!({ "results": existing, "has_more": more.is_some(), "next_cursor": more });
        let response = move |sent: &SentRequest| match sent.line.as_str() {
            "GET /v1/users/me" => Ok((200, json!({ "object": "user", "id": "b1", "type": "bot" }))),
            _ => Ok((200, list.clone())),
        };
        let (result, calls) =
            testing::run_step(&ADAPTER, "add_comment", None, Step::Reconcile, context.clone(), response).await;
        let StepOutput::Reconciliation(reconciliation) = result.unwrap() else { panic!("no reconciliation") };
        (reconciliation, calls)
    }

    #[tokio::test]
    async fn reconciles_by_author_time_and_text() {
        let (new, old) = ("2026-11-23T10:00:00.000Z", "2026-11-23T09:00:00.000Z");
        let new_thread = json!({ "pageId": ID, "text": "Hi “you”" });
        let reply = json!({ "pageId": ID, "text": "Hi “you”", "discussionId": THREAD });
        let mut by_another = comment("t2", "Hi “you”", new);
        by_another["created_by"]["id"] = json!("person");
        let of = |thread: &str, text: &str, at: &str| vec![comment(thread, text, at)];
        for (context, existing) in [(&new_thread, of("t2", "Hi \"you\"", new)), (&reply, of(THREAD, "Hi “you” ", new))]
        {
            let (found, calls) = reconcile(context, existing, None).await;
            let Reconciliation::Applied(output) = found else { panic!("{found:?}") };
            assert_eq!(output.external_id.as_deref(), Some("c1"));
            assert_eq!((calls[1].line.as_str(), calls[1].parameter("block_id")), ("GET /v1/comments", ID));
        }
        for (context, existing, expected) in [
            (&new_thread, vec![], Reconciliation::NotApplied),
            (&new_thread, of("t2", "Hi “you”", old), Reconciliation::NotApplied),
            (&new_thread, vec![by_another], Reconciliation::NotApplied),
            // Another text may be this one in another form.
            (&new_thread, of("t2", "Hello", new), Reconciliation::Inconclusive),
            (
                &new_thread,
                [of("t2", "Hi “you”", new), of("t3", "Hi “you”", new)].concat(),
                Reconciliation::Inconclusive,
            ),
            (&reply, of(THREAD, "Hello", old), Reconciliation::NotApplied),
            (&reply, of("t2", "Hi “you”", new), Reconciliation::Inconclusive),
        ] {
            assert_eq!(reconcile(context, existing, None).await.0, expected);
        }
    }

    #[tokio::test]
    async fn a_long_list_is_read_in_parts() {
        let context = json!({ "pageId": ID, "text": "Hi" });
        let (result, calls) = reconcile(&context, vec![], Some("next")).await;
        assert_eq!((result, calls.len()), (Reconciliation::Unfinished("next".to_owned()), 21));
        let limited = |sent: &SentRequest| match sent.parameter("start_cursor") {
            "" if sent.line == "GET /v1/users/me" => Ok((200, json!({ "id": "b1" }))),
            "" => Ok((200, json!({ "results": [], "has_more": true, "next_cursor": "p2" }))),
            _ => Ok((429, json!({ "code": "rate_limited" }))),
        };
        let (result, _) = testing::run_step(&ADAPTER, "add_comment", None, Step::Reconcile, context, limited).await;
        assert_eq!(result.unwrap(), StepOutput::Reconciliation(Reconciliation::Unfinished("p2".to_owned())));
    }

    #[tokio::test]
    async fn lost_response_is_ambiguous() {
        let context = json!({ "pageId": ID, "text": "Hi", "discussionId": THREAD });
        let (output, _) = testing::run(&ADAPTER, "add_comment", context, |_| (502, Value::Null)).await;
        assert_eq!(testing::error_kind(&output), Kind::Ambiguous);
    }

    #[test]
    fn refuses_a_text_that_is_too_long_in_bytes() {
        let (field, reason) =
            testing::refusal(&ADAPTER, "add_comment", json!({ "pageId": ID, "text": "字".repeat(170_000) }));
        assert_eq!(field, "context.text");
        assert!(reason.contains("500,000 bytes"), "{reason}");
    }
}
