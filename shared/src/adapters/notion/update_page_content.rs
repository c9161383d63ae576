//! `update_page_content`: changes parts of a page's content.

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::Map;

use super::content_edit::{self, Plan, Replacement};
use super::id::Id;
use super::page::Page;
use super::rich_text::Markdown;
use super::signature::lasting;
use super::{NO_SCOPES, markdown};
use crate::adapters::prelude::*;

/// Maximum number of edits of one call.
const MAX_EDITS: usize = 50;

/// Change parts of a Notion page's content by search and replace; the rest stays. Pages and databases on the page are never removed unless
/// that is asked for. To replace the whole content use `notion_update_page`, to change one block `notion_update_block`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct UpdatePageContent {
    /// The page: its id or a link to it.
    page_id: Id,
    /// The edits, each of a text that is on the page.
    edits: Items<Edit, MAX_EDITS>,
    /// True to let Notion remove the pages and databases that are in a replaced text: they move to the trash.
    #[serde(default)]
    allow_deleting_content: bool,
}

/// A replacement of a part of the content.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
struct Edit {
    /// The text to replace, as Markdown and as `notion_get_page_content` returns it. Upper and lower case differ.
    old: Markdown,
    /// The new text, as Markdown. Leave it out to remove the old one.
    new: Option<Markdown>,
    /// True to replace the text wherever it is. Otherwise it must be at one place only.
    #[serde(default)]
    all: bool,
}

/// The change of a page's content, as output.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ChangedContent {
    /// The id of the page.
    id: String,
    /// The number of places that were changed.
    places: usize,
}

/// A page's content as Notion returns it.
#[derive(Deserialize)]
struct Content {
    markdown: String,
    /// True if a part of it is missing.
    #[serde(default)]
    truncated: bool,
}

impl Action for UpdatePageContent {
    const META: Meta = Meta::create("update_page_content", NO_SCOPES)
        .overwrites("the parts of the content for which it has new ones")
        .reconciled_by("the page's content before and after the edits", &[])
        .stores_checkpoint()
        .smaller_request("notion_update_block changes one block")
        .example(
            r#"{"pageId": "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0010",
                 "edits": [{"old": "Plans live in the roadmap", "new": "**Plans** live in the roadmap"}]}"#,
        );
    type Output = ChangedContent;

    async fn targets(&self, api: &Api<'_>) -> Result<Vec<Target>> {
        // https://developers.notion.com/reference/retrieve-a-page
        let page: Page = api.get(&["v1", "pages", self.page_id.as_str()]).send().await?;
        Ok(vec![self.page_id.to_page().named(page.title())])
    }

    /// Stores what the content is, and what the edits make of it.
    async fn prepare(&self, api: &Api<'_>) -> Result<Option<String>> {
        let before = self.read(api).await?;
        let plan = self.plan(api, &before)?;
        let (shown, after) = (shown(&before.markdown), shown(&plan.after));
        // A change that is not seen in what is compared is never taken for done.
        let after = if shown == after { String::new() } else { mark(&after) };
        Ok(Some(format!("{}/{after}", mark(&lasting(&before.markdown)))))
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<ChangedContent>> {
        let plan = self.plan(api, &self.read(api).await?)?;
        let mut command = json!({ "content_updates": plan.updates });
        if self.allow_deleting_content {
            command["allow_deleting_content"] = json!(true);
        }
        let change =
            json!({ "type": "update_content", "update_content": command, "markdown_version": markdown::VERSION });
        let path = ["v1", "pages", self.page_id.as_str(), "markdown"];
        // https://developers.notion.com/reference/update-page-markdown
        api.call(Method::PATCH, &path)
            .json(&change)
            .send::<Map<String, Value>>()
            .await
            .map_err(|error| self.explain(api, error))?;
        Ok(self.output(plan.places))
    }

    /// Notion renders the content anew, so the content after the edits is compared as Markdown, without white space. Without the edits it is
    /// what it was.
    async fn reconcile(&self, api: &Api<'_>) -> Result<Reconciliation<ChangedContent>> {
        let Some((before, after)) = api.checkpoint.and_then(|checkpoint| checkpoint.split_once('/')) else {
            return Ok(Reconciliation::Inconclusive);
        };
        let content = self.read(api).await?;
        Ok(match (mark(&lasting(&content.markdown)) == before, mark(&shown(&content.markdown)) == after) {
            (true, _) => Reconciliation::NotApplied,
            (false, true) => Reconciliation::Applied(self.output(self.edits.len())),
            (false, false) => Reconciliation::Inconclusive,
        })
    }
}

impl Content {
    /// Returns what to add to a reason for which the content cannot be changed.
    fn limit(&self) -> &'static str {
        match self.truncated {
            true => "; Notion returned only the beginning of this long page",
            false => "",
        }
    }
}

impl UpdatePageContent {
    async fn read(&self, api: &Api<'_>) -> Result<Content> {
        let call = api.get(&["v1", "pages", self.page_id.as_str(), "markdown"]);
        // https://developers.notion.com/reference/retrieve-page-markdown
        call.query("markdown_version", markdown::VERSION).exact().send().await
    }

    fn plan(&self, api: &Api<'_>, content: &Content) -> Result<Plan> {
        let edits = self.edits.iter().map(|Edit { old, new, all }| {
            let new = new.as_deref().unwrap_or_default();
            Replacement { old, new, all: *all }
        });
        let plan = content_edit::plan(&content.markdown, &edits.collect::<Vec<_>>());
        plan.map_err(|reason| api.error(Kind::Invalid, format!("{reason}{}", content.limit())))
    }

    /// Names the field that permits what Notion refuses.
    fn explain(&self, api: &Api<'_>, error: Error) -> Error {
        match &error {
            Error::Provider(refusal)
                if refusal.kind == Kind::Invalid
                    && !self.allow_deleting_content
                    && refusal.message.contains("delete") =>
            {
                let advice = "leave them out of `old`, or set `allowDeletingContent` to move them to the trash";
                api.error(Kind::Invalid, format!("{}; {advice}", refusal.message))
            }
            _ => error,
        }
    }

    fn output(&self, places: usize) -> ActionOutput<ChangedContent> {
        let id = self.page_id.as_str().to_owned();
        ActionOutput::new("The content was changed.", ChangedContent { id: id.clone(), places }).with_id(id)
    }
}

/// Returns the content as it is compared: as Markdown without white space, which Notion sets anew.
fn shown(content: &str) -> String {
    markdown::from_notion(&lasting(content)).split_whitespace().collect()
}

/// Returns a short mark of a text. The text itself is not stored.
fn mark(text: &str) -> String {
    digest(&SHA256, text.as_bytes()).as_ref().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::notion::ADAPTER;
    use crate::adapters::testing::{self, SentRequest, Step, StepOutput};

    const ID: &str = "1429989f-e8ac-4eff-bc8f-57f56486db54";
    const BEFORE: &str = "Ship it on Monday.\n\n![plan](https://files.example/a.png?X-Amz-Signature=1)";

    fn page(markdown: &str) -> (u16, Value) {
        (
            200,
            json!({ "object": "page_markdown", "id": ID, "markdown": markdown, "truncated": false, "unknown_block_ids": [] }),
        )
    }

    fn context(old: &str, new: &str) -> Value {
        json!({ "pageId": ID, "edits": [{ "old": old, "new": new }] })
    }

    #[tokio::test]
    async fn parts_are_replaced_with_the_protection_of_pages() {
        let (output, calls) =
            testing::run(&ADAPTER, "update_page_content", context("Monday", "*Tuesday*"), |_| page(BEFORE)).await;
        assert_eq!(output.unwrap().data, json!({ "id": ID, "places": 1 }));
        let lines: Vec<_> = calls.iter().map(|sent| sent.line.as_str()).collect();
        assert_eq!(lines, [format!("GET /v1/pages/{ID}/markdown"), format!("PATCH /v1/pages/{ID}/markdown")]);
        assert_eq!(calls[0].parameter("markdown_version"), "v2");
        let update = json!({ "content_updates": [{ "old_str": "Monday", "new_str": "*Tuesday*" }] });
        assert_eq!(
            calls[1].body,
            json!({ "type": "update_content", "update_content": update, "markdown_version": "v2" })
        );
        let removing = json!({ "pageId": ID, "edits": [{ "old": " on Monday" }], "allowDeletingContent": true });
        let (_, calls) = testing::run(&ADAPTER, "update_page_content", removing, |_| page(BEFORE)).await;
        let command = &calls[1].body["update_content"];
        assert_eq!(
            (&command["allow_deleting_content"], &command["content_updates"][0]["new_str"]),
            (&json!(true), &json!(""))
        );
    }

    #[tokio::test]
    async fn a_part_that_is_not_there_is_refused_before_any_change() {
        let (output, calls) =
            testing::run(&ADAPTER, "update_page_content", context("Friday", "x"), |_| page(BEFORE)).await;
        assert_eq!((testing::error_kind(&output), calls.len()), (Kind::Invalid, 1));
        let refuse = |sent: &SentRequest| match sent.line.starts_with("GET") {
            true => page(BEFORE),
            false => (400, json!({ "code": "validation_error", "message": "This would delete child pages: p1." })),
        };
        let (output, _) = testing::run(&ADAPTER, "update_page_content", context("Monday", "x"), refuse).await;
        let message = output.unwrap_err().to_string();
        assert!(message.contains("allowDeletingContent"), "{message}");
    }

    #[tokio::test]
    async fn an_edit_of_marks_boxes_or_addresses_is_not_taken_for_another() {
        let page_of = |text: &str| format!("- [ ] {text}\n- [ ] Two\n\n[a](https://a.example/?q=1) b");
        let before = page_of("One");
        for (old, new, other) in [
            ("- [ ] One", "- [x] One", before.replace("[ ] Two", "[x] Two")),
            ("One", "**One**", page_of("*One*")),
            ("?q=1", "?q=2", before.replace("q=1", "q=3")),
            ("One", "One!", page_of("One?")),
        ] {
            let content = before.clone();
            let step =
                testing::run_step(&ADAPTER, "update_page_content", None, Step::Prepare, context(old, new), move |_| {
                    Ok(page(&content))
                });
            let StepOutput::Checkpoint(Some(checkpoint)) = step.await.0.unwrap() else { panic!("no checkpoint") };
            for (content, is_applied) in [(before.replacen(old, new, 1), true), (other, false)] {
                let found = testing::run_step(
                    &ADAPTER,
                    "update_page_content",
                    Some(&checkpoint),
                    Step::Reconcile,
                    context(old, new),
                    move |_| Ok(page(&content)),
                );
                match found.await.0.unwrap() {
                    StepOutput::Reconciliation(Reconciliation::Applied(_)) if is_applied => {}
                    StepOutput::Reconciliation(Reconciliation::Inconclusive) if !is_applied => {}
                    other => panic!("{other:?} for {new}"),
                }
            }
        }
    }

    #[tokio::test]
    async fn a_lost_edit_is_reconciled_by_the_content_before_and_after_it() {
        // The new text has the old one in it, and only marks differ in the second one.
        for (old, new) in [("Monday", "Monday or Tuesday"), ("Monday", "**Monday**")] {
            let step =
                testing::run_step(&ADAPTER, "update_page_content", None, Step::Prepare, context(old, new), |_| {
                    Ok(page(BEFORE))
                });
            let StepOutput::Checkpoint(Some(checkpoint)) = step.await.0.unwrap() else { panic!("no checkpoint") };
            let after = BEFORE.replace(old, new);
            for (content, applied) in [
                (BEFORE.replace("Signature=1", "Signature=2"), Some(false)),
                (after.replace("Signature=1", "Signature=2"), Some(true)),
                ("Ship it on Monday, they say.".to_owned(), None),
            ] {
                let found = testing::run_step(
                    &ADAPTER,
                    "update_page_content",
                    Some(&checkpoint),
                    Step::Reconcile,
                    context(old, new),
                    move |_| Ok(page(&content)),
                );
                match (found.await.0.unwrap(), applied) {
                    (StepOutput::Reconciliation(Reconciliation::Applied(_)), Some(true))
                    | (StepOutput::Reconciliation(Reconciliation::NotApplied), Some(false))
                    | (StepOutput::Reconciliation(Reconciliation::Inconclusive), None) => {}
                    (other, _) => panic!("{other:?} for {applied:?}"),
                }
            }
        }
    }
}
