//! `add_comment`: comments on a task.

use super::comment::{self, Comment};
use super::mention::Mentions;
use super::prelude::*;
use super::reconcile::{self, Candidates};
use super::texts::TextForms;
use super::{same_text, shown_text};

const CREATED_MESSAGE: &str = "The comment was added.";

/// The scopes of reading a task's comments and the connected user.
const RECONCILE_SCOPES: Scopes = &[READ_STORIES_SCOPES[0], READ_USERS_SCOPES[0]];

/// Comment on an Asana task. Its followers are notified.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct AddComment {
    /// The task: its id (gid) or link.
    task_id: TaskId,
    /// The comment, as plain text.
    text: Option<Plain>,
    /// The comment as Markdown; `<@ann@example.com>` or `<@Ann Lee>` mentions a person.
    markdown: Option<Plain>,
    /// The comment in Asana's HTML: `<body>See <strong>this</strong></body>`.
    #[schemars(extend("x-tier" = "all"))]
    html_text: Option<Html>,
    #[serde(default)]
    #[schemars(extend("x-tier" = "all"))]
    mentions: Mentions,
}

impl Action for AddComment {
    const META: Meta = Meta::create("add_comment", WRITE_STORIES_SCOPES)
        .core()
        .aliases(&["create_comment"])
        .reconciled_by("its author, time and text", RECONCILE_SCOPES)
        .example(r#"{"taskId": "1200000000000021", "text": "The first draft is ready for review."}"#);
    type Output = Comment;

    fn check(&self) -> Result<()> {
        self.texts().check_given()
    }

    async fn targets(&self, api: &Api<'_>) -> Result<Vec<Target>> {
        let people = self.mentions.resolve(api, self.markdown.as_ref()).await?;
        let people = people.into_iter().map(|(_, gid)| Target::person(gid));
        Ok([self.task_id.target()].into_iter().chain(people).chain(self.texts().targets()).collect())
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<Comment>> {
        let mut body = json!({});
        self.texts().write_to(&mut body, &self.mentions.resolve(api, self.markdown.as_ref()).await?);
        // https://developers.asana.com/reference/createstoryfortask
        let call = api
            .post(&["api", "1.0", "tasks", &self.task_id, "stories"])
            .query("opt_fields", comment::FIELDS)
            .json(&json!({ "data": body }));
        Ok(call.send::<Envelope<Comment>>().await?.data.without_text().into_output(CREATED_MESSAGE))
    }

    async fn reconcile(&self, api: &Api<'_>) -> Result<Reconciliation<Comment>> {
        let Some(me) = reconcile::own_id(api).await? else { return Ok(Reconciliation::Inconclusive) };
        // https://developers.asana.com/reference/getstoriesfortask
        let path = ["api", "1.0", "tasks", &self.task_id, "stories"];
        let is_own_comment = |story: &Comment| story.is_comment() && story.author() == Some(&me);
        let query = [("opt_fields", comment::FIELDS)];
        let own_comments = match reconcile::list_candidates(api, &path, &query, is_own_comment).await? {
            Candidates::All(comments) => comments,
            Candidates::Unfinished(cursor) => return Ok(Reconciliation::Unfinished(cursor)),
        };
        let rich = self.texts().rich(&self.mentions.resolve(api, self.markdown.as_ref()).await?);
        let plain = self.text.as_deref().unwrap_or_default();
        let has_text = |comment: &Comment| match (&rich, &comment.html_text) {
            (Some(sent), Some(shown)) => same_text::is_same(&shown_text::to_words(sent), &shown_text::to_words(shown)),
            _ => same_text::is_same(plain, comment.text.as_deref().unwrap_or_default()),
        };
        // Another one may be this one in another form.
        if !own_comments.is_empty() && !own_comments.iter().any(has_text) {
            return Ok(Reconciliation::Inconclusive);
        }
        let equal = own_comments.into_iter().filter(has_text).map(Comment::without_text);
        Ok(reconcile::unique_candidate(equal, CREATED_MESSAGE))
    }
}

impl AddComment {
    fn texts(&self) -> TextForms<'_> {
        TextForms::comment(self.text.as_ref(), self.markdown.as_ref()).or_html(self.html_text.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::asana::ADAPTER;
    use crate::adapters::testing::{self, SentRequest, Step, StepOutput};
    use crate::http::HttpError;

    fn story(gid: &str, author: &str, at: &str, text: &str) -> Value {
        json!({ "gid": gid, "resource_subtype": "comment_added", "created_at": at, "text": text,
            "created_by": { "gid": author, "name": "Ann" } })
    }

    #[tokio::test]
    async fn adds_a_comment() {
        let context = json!({ "taskId": "42", "text": "Done?\nOr not?" });
        let (output, calls) = testing::run(&ADAPTER, "add_comment", context, |_| {
            (201, json!({ "data": story("99", "5", "2026-11-23T10:00:00.000Z", "Done?\nOr not?") }))
        })
        .await;
        let output = output.unwrap();
        assert_eq!(
            output.data,
            json!({ "id": "99", "createdAt": "2026-11-23T10:00:00Z", "author": { "id": "5", "name": "Ann" } })
        );
        assert_eq!(output.external_id.as_deref(), Some("99"));
        assert_eq!(calls[0].line, "POST /api/1.0/tasks/42/stories");
        assert_eq!(calls[0].parameter("opt_fields"), comment::FIELDS);
        assert_eq!(calls[0].body, json!({ "data": { "text": "Done?\nOr not?" } }));
    }

    async fn reconcile_with(stories: Vec<Value>) -> (Reconciliation, Vec<SentRequest>) {
        let context = json!({ "taskId": "42", "text": "Ready now" });
        let provider = move |sent: &SentRequest| match sent.line.as_str() {
            "GET /api/1.0/users/me" => Ok((200, json!({ "data": { "gid": "5" } }))),
            _ => Ok((200, json!({ "data": stories }))),
        };
        match testing::run_step(&ADAPTER, "add_comment", None, Step::Reconcile, context, provider).await {
            (Ok(StepOutput::Reconciliation(result)), calls) => (result, calls),
            (other, _) => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn a_history_that_is_too_long_is_reconciled_in_parts() {
        let own = story("11", "1", "2026-11-23T10:00:02.000Z", "Ready");
        let provider = move |sent: &SentRequest| {
            let page = match sent.parameter("offset") {
                _ if sent.line.ends_with("/users/me") => json!({ "data": { "gid": "1" } }),
                _ if sent.parameter("limit").parse().is_ok_and(|limit: u32| limit > 30) => {
                    return Err(HttpError::TooLarge(http::StatusCode::OK));
                }
                "" => json!({ "data": [], "next_page": { "offset": "p2" } }),
                _ => json!({ "data": [own] }),
            };
            Ok((200, page))
        };
        let context = json!({ "taskId": "42", "text": "Ready" });
        let (output, calls) =
            testing::run_step(&ADAPTER, "add_comment", None, Step::Reconcile, context, provider).await;
        assert_eq!(output.unwrap().applied_id(), Some("11"));
        let limits: Vec<_> = calls.iter().map(|sent| sent.parameter("limit")).collect();
        assert_eq!(limits, ["", "100", "50", "25", "25"], "the size that fits is used on");
    }

    #[tokio::test]
    async fn reconciles_by_author_time_and_text() {
        let now = "2026-11-23T10:00:05.000Z";
        let (found, calls) =
            reconcile_with(vec![story("98", "6", now, "Ready now"), story("99", "5", now, "Ready  now\n")]).await;
        assert!(
            matches!(found, Reconciliation::Applied(output) if output.external_id.as_deref() == Some("99") && output.data["text"].is_null())
        );
        assert_eq!(calls[1].line, "GET /api/1.0/tasks/42/stories");
        assert_eq!((calls[1].parameter("limit"), calls[1].parameter("opt_fields")), ("100", comment::FIELDS));

        let old = story("97", "5", "2026-11-23T09:50:00.000Z", "Ready now");
        let mut history = story("96", "5", now, "Ready now");
        history["resource_subtype"] = json!("assigned");
        assert_eq!(
            reconcile_with(vec![old, history, story("98", "6", now, "Ready now")]).await.0,
            Reconciliation::NotApplied
        );
        for other in ["Ready at last", "Thank you"] {
            assert_eq!(reconcile_with(vec![story("99", "5", now, other)]).await.0, Reconciliation::Inconclusive);
        }
        let twice = vec![story("98", "5", now, "Ready now"), story("99", "5", now, "Ready now")];
        assert_eq!(reconcile_with(twice).await.0, Reconciliation::Inconclusive);
    }

    #[tokio::test]
    async fn markdown_is_sent_as_html_and_reconciled_by_its_words() {
        let context = json!({ "taskId": "42", "markdown": "**Done**, <@5>:\n- a & b" });
        let (output, calls) = testing::run(&ADAPTER, "add_comment", context.clone(), |_| {
            (201, json!({ "data": story("99", "5", "2026-11-23T10:00:00.000Z", "Done") }))
        })
        .await;
        output.unwrap();
        let sent = "<body><strong>Done</strong>, <a data-asana-gid=\"5\"/>:<ul><li>a &amp; b</li></ul></body>";
        assert_eq!(calls[0].body, json!({ "data": { "html_text": sent } }));
        let mut shown = story("99", "5", "2026-11-23T10:00:05.000Z", "Done, @Ann:\n• a & b");
        let mention = "<a href=\"https://app.asana.com/0/5/list\" data-asana-gid=\"5\">@Ann</a>";
        shown["html_text"] = json!(sent.replace("<a data-asana-gid=\"5\"/>", mention));
        let provider = move |sent: &SentRequest| match sent.line.as_str() {
            "GET /api/1.0/users/me" => Ok((200, json!({ "data": { "gid": "5" } }))),
            _ => Ok((200, json!({ "data": [shown] }))),
        };
        let (found, _) = testing::run_step(&ADAPTER, "add_comment", None, Step::Reconcile, context, provider).await;
        assert_eq!(found.unwrap().applied_id(), Some("99"));
    }

    #[test]
    fn a_comment_has_one_text() {
        for (at, bad) in [
            ("context.text,context.markdown", json!({})),
            ("context.markdown", json!({ "text": "a", "markdown": "b" })),
            ("context.htmlText", json!({ "text": "a", "htmlText": "<body>b</body>" })),
            ("context.htmlText", json!({ "htmlText": "<body><h1>b</h1></body>" })),
            ("context.markdown", json!({ "markdown": "[a]: https://x.example" })),
        ] {
            let mut context = bad.clone();
            context["taskId"] = json!("42");
            assert_eq!(testing::refusal(&ADAPTER, "add_comment", context).0, at, "{bad}");
        }
    }
}
