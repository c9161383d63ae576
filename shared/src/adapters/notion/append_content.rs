//! `append_content`: adds Markdown to a page.

use super::NO_SCOPES;
use super::dialect::Dialect;
use super::id::Id;
use super::markdown;
use super::place::Place;
use super::reconcile::{self, Added, Position};
use super::rich_text::Markdown;
use crate::adapters::prelude::*;

/// Maximum number of blocks above one that are read to find its page.
const MAX_BLOCKS_ABOVE: usize = 20;

/// Add content at the end of a Notion page, as Markdown. To replace the content use `notion_update_page`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct AppendContent {
    /// The page: its id or a link to it.
    page_id: Id,
    /// The content to add, as Markdown: headings, lists, to-dos, tables, code, quotes.
    content: Markdown,
    /// The dialect of `content`: `markdown`, or `notion` with Notion's tags.
    #[serde(default)]
    #[schemars(extend("x-tier" = "all"))]
    format: Dialect,
    /// True to let tags as `<page url=..>` move what exists to this page.
    #[serde(default)]
    #[schemars(extend("x-tier" = "all"))]
    allow_moves: bool,
    /// The block behind which to add: its id or a link to it. Without it content is added at `position`.
    #[schemars(extend("x-tier" = "all"))]
    after: Option<Place>,
    /// The place to add at: the `end` of the page, or its `start`.
    #[serde(default)]
    #[schemars(extend("x-tier" = "all"))]
    position: Side,
}

/// A side of a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
enum Side {
    #[default]
    End,
    Start,
}

/// The page that was changed, as Notion returns it; serialized, it is our output.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
pub(super) struct ChangedPage {
    /// The id of the page.
    id: String,
}

impl Action for AppendContent {
    const META: Meta = Meta::create("append_content", NO_SCOPES)
        .aliases(&["append_block"])
        .core()
        .reconciled_by("the blocks between those that were neighbours before it", &[])
        .stores_checkpoint()
        .example(
            r###"{"pageId": "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0010", "content": "## Next\n\n- [ ] Book the room"}"###,
        );
    type Output = ChangedPage;

    fn check(&self) -> Result<()> {
        self.format.check("content", &self.content, self.allow_moves)?;
        let Some(_) = &self.after else { return Ok(()) };
        if self.format == Dialect::Notion {
            return Err(Error::invalid("format", "must be `markdown` with `after`"));
        }
        if self.position == Side::Start {
            return Err(Error::invalid("position", "must be left out with `after`"));
        }
        markdown::to_blocks(&self.content).map(drop).map_err(|reason| Error::invalid("content", reason))
    }

    async fn targets(&self, _api: &Api<'_>) -> Result<Vec<Target>> {
        Ok(vec![self.page_id.to_page()])
    }

    /// Reads the neighbours of the place, between which the content is looked for.
    async fn prepare(&self, api: &Api<'_>) -> Result<Option<String>> {
        let page = self.page_id.as_str();
        let checkpoint = match (&self.after, self.position) {
            (Some(after), _) => {
                Position::read_within(api, &self.parent_of(api, after).await?, Some(after.as_str())).await?
            }
            (None, Side::Start) => Position::read_within(api, page, None).await?,
            (None, Side::End) => Position::read(api, page).await?,
        };
        Ok(Some(checkpoint))
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<ChangedPage>> {
        if let Some(after) = &self.after {
            return self.add_after(api, after).await;
        }
        // The commands that Notion recommends cannot add: `update_content` replaces a text that is there, and `replace_content` all.
        let change = json!({
            "type": "insert_content",
            "insert_content": { "content": self.format.to_notion(&self.content), "position": { "type": self.position } },
            "markdown_version": markdown::VERSION,
        });
        let path = ["v1", "pages", self.page_id.as_str(), "markdown"];
        // https://developers.notion.com/reference/update-page-markdown
        let page: ChangedPage = api.call(Method::PATCH, &path).json(&change).send().await?;
        Ok(page.into_output())
    }

    /// Notion writes Markdown as blocks. They are compared by their letters and digits, and by their author.
    async fn reconcile(&self, api: &Api<'_>) -> Result<Reconciliation<ChangedPage>> {
        let Some(position) = api.checkpoint.and_then(Position::parse) else { return Ok(Reconciliation::Inconclusive) };
        let page = self.page_id.as_str();
        let parent = position.parent.unwrap_or(page);
        Ok(match reconcile::reconcile_content(api, parent, &position, &self.format.to_notion(&self.content)).await? {
            Added::Yes => Reconciliation::Applied(ChangedPage { id: page.to_owned() }.into_output()),
            // What it moves or makes may be there, and is no content that is compared.
            Added::No if self.format == Dialect::Notion && markdown::has_object(&self.content) => {
                Reconciliation::Inconclusive
            }
            Added::No => Reconciliation::NotApplied,
            Added::Unclear => Reconciliation::Inconclusive,
        })
    }
}

impl AppendContent {
    /// Adds blocks behind a block: Notion's commands for Markdown name places by texts, which can be at several.
    async fn add_after(&self, api: &Api<'_>, after: &Place) -> Result<ActionOutput<ChangedPage>> {
        let blocks = markdown::to_blocks(&self.content).map_err(|reason| api.error(Kind::Invalid, reason))?;
        let parent = match api.checkpoint.and_then(Position::parse).and_then(|position| position.parent) {
            Some(parent) => parent.to_owned(),
            None => self.parent_of(api, after).await?,
        };
        let position = json!({ "type": "after_block", "after_block": { "id": after.as_str() } });
        let body = json!({ "children": blocks, "position": position });
        // https://developers.notion.com/reference/patch-block-children
        api.call(Method::PATCH, &["v1", "blocks", &parent, "children"]).json(&body).send::<Value>().await?;
        Ok(ChangedPage { id: self.page_id.as_str().to_owned() }.into_output())
    }

    /// Reads the page or the block that a block is in, and the blocks above up to the page, which must be this one.
    async fn parent_of(&self, api: &Api<'_>, block: &Place) -> Result<String> {
        let (mut id, mut parent) = (block.as_str().to_owned(), None);
        for _ in 0..MAX_BLOCKS_ABOVE {
            // https://developers.notion.com/reference/retrieve-a-block
            let block: Value = api.get(&["v1", "blocks", &id]).exact().send().await?;
            let above = &block["parent"];
            match (above["page_id"].as_str().and_then(Id::parse), above["block_id"].as_str()) {
                (Some(page), _) if page == self.page_id => {
                    return Ok(parent.unwrap_or_else(|| page.as_str().to_owned()));
                }
                (None, Some(above)) => id = above.to_owned(),
                _ => break,
            }
            parent.get_or_insert_with(|| id.clone());
        }
        Err(api.error(Kind::Invalid, "`after` is no block of this page: notion_list_blocks lists its blocks"))
    }
}

impl ChangedPage {
    fn into_output(self) -> ActionOutput<Self> {
        let id = self.id.clone();
        ActionOutput::new("The content was added.", self).with_id(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::notion::ADAPTER;
    use crate::adapters::testing::{self, SentRequest, Step, StepOutput};

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
            assert_eq!(
                calls[0].body,
                json!({ "type": "insert_content", "insert_content": change, "markdown_version": "v2" })
            );
        }
    }

    fn in_parent(kind: &str, id: &str) -> Value {
        json!({ "type": "toggle", "parent": { "type": kind, kind: id } })
    }

    #[tokio::test]
    async fn content_is_added_at_a_place() {
        const PARENT: &str = "00000000-0000-0000-0000-000000000003";
        const AFTER: &str = "00000000-0000-0000-0000-000000000004";
        let provider = |sent: &SentRequest| match sent.line.as_str() {
            line if line.ends_with(AFTER) => (200, in_parent("block_id", PARENT)),
            line if line.ends_with(PARENT) => (200, in_parent("page_id", ID)),
            _ => (200, json!({ "id": ID, "results": [] })),
        };
        let context = json!({ "pageId": ID, "content": "- **One**", "after": AFTER });
        let (output, calls) = testing::run(&ADAPTER, "append_content", context, provider).await;
        assert_eq!(output.unwrap().external_id.as_deref(), Some(ID));
        assert_eq!(calls[2].line, format!("PATCH /v1/blocks/{PARENT}/children"));
        assert_eq!(calls[2].body["position"], json!({ "type": "after_block", "after_block": { "id": AFTER } }));
        assert_eq!(calls[2].body["children"][0]["type"], "bulleted_list_item");
        let context = json!({ "pageId": ID, "content": "One", "position": "start" });
        let (_, calls) = testing::run(&ADAPTER, "append_content", context, provider).await;
        assert_eq!(calls[0].body["insert_content"]["position"], json!({ "type": "start" }));
        for (change, field) in [
            (json!({ "after": AFTER, "format": "notion" }), "context.format"),
            (json!({ "after": AFTER, "position": "start" }), "context.position"),
            (json!({ "after": AFTER, "content": "- a\n  - b\n    - c" }), "context.content"),
        ] {
            let mut context = json!({ "pageId": ID, "content": "One" });
            context.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            assert_eq!(testing::refusal(&ADAPTER, "append_content", context).0, field);
        }
    }

    #[tokio::test]
    async fn nothing_is_added_behind_a_block_of_another_page() {
        const AFTER: &str = "00000000-0000-0000-0000-000000000004";
        for (top, reads) in [(in_parent("page_id", AFTER), 3), (in_parent("block_id", "b9"), MAX_BLOCKS_ABOVE)] {
            let provider = move |sent: &SentRequest| match sent.line.as_str() {
                line if line.ends_with(AFTER) => (200, in_parent("block_id", "b1")),
                line if line.ends_with("b1") => (200, in_parent("block_id", "b2")),
                _ => (200, top.clone()),
            };
            let context = json!({ "pageId": ID, "content": "One", "after": AFTER });
            let (output, calls) = testing::run(&ADAPTER, "append_content", context, provider).await;
            assert_eq!((testing::error_kind(&output), calls.len()), (Kind::Invalid, reads));
            assert!(calls.iter().all(|sent| sent.line.starts_with("GET ")));
        }
    }

    /// A block of an author, with its text and the time of its creation.
    fn block(id: &str, author: &str, text: &str, created: &str) -> Value {
        json!({ "object": "block", "id": id, "type": "paragraph", "created_time": created, "has_children": false,
            "created_by": { "object": "user", "id": author }, "paragraph": { "rich_text": [{ "plain_text": text }] } })
    }

    fn list(blocks: &[Value], more: Option<&str>) -> (u16, Value) {
        (200, json!({ "results": blocks, "has_more": more.is_some(), "next_cursor": more }))
    }

    #[tokio::test]
    async fn checkpoint_is_the_last_block_and_its_cursor() {
        let child = json!({ "id": "p1", "type": "child_page", "child_page": { "title": "Under it" } });
        let empty = json!([]).as_array().cloned().unwrap();
        for (first, second, expected) in [
            (vec![block("b1", "p", "One", NEW)], Some(vec![block("b2", "p", "Two", NEW), child.clone()]), "b2/c2"),
            (vec![block("b1", "p", "One", NEW)], None, "b1/"),
            (vec![child], None, "/"),
            (empty, None, "/"),
        ] {
            let provider = move |sent: &SentRequest| match (&second, sent.parameter("start_cursor")) {
                (Some(_), "") => Ok(list(&first, Some("c2"))),
                (Some(second), _) => Ok(list(second, None)),
                (None, _) => Ok(list(&first, None)),
            };
            let context = json!({ "pageId": ID, "content": "- One" });
            let (result, calls) =
                testing::run_step(&ADAPTER, "append_content", None, Step::Prepare, context, provider).await;
            assert_eq!(result.unwrap(), StepOutput::Checkpoint(Some(expected.to_owned())));
            assert_eq!(calls[0].line, format!("GET /v1/blocks/{ID}/children"));
            assert_eq!(calls[0].parameter("page_size"), "100");
        }
    }

    #[tokio::test]
    async fn page_too_long_to_be_read_is_refused() {
        let context = json!({ "pageId": ID, "content": "- One" });
        let endless = |_: &SentRequest| Ok(list(&[], Some("more")));
        let (result, calls) =
            testing::run_step(&ADAPTER, "append_content", None, Step::Prepare, context, endless).await;
        assert_eq!((result.unwrap_err().kind(), calls.len()), (Some(Kind::Invalid), 50));
    }

    const NEW: &str = "2026-11-23T10:00:00.000Z";
    const OLD: &str = "2026-11-23T09:57:00.000Z";

    /// Reconciles against these blocks on the page.
    async fn reconcile(blocks: Vec<Value>) -> (Reconciliation, Vec<SentRequest>) {
        reconcile_as(json!({ "pageId": ID, "content": "## One\n\n- **two**\n  - inner" }), blocks).await
    }

    async fn reconcile_as(context: Value, blocks: Vec<Value>) -> (Reconciliation, Vec<SentRequest>) {
        let provider = move |sent: &SentRequest| {
            Ok(match sent.line.as_str() {
                "GET /v1/users/me" => (200, json!({ "object": "user", "id": "bot" })),
                "GET /v1/blocks/b3/children" => list(&[block("b4", "bot", "inner", NEW)], None),
                _ => list(&blocks, None),
            })
        };
        let step = testing::run_step(&ADAPTER, "append_content", Some("b1/c1"), Step::Reconcile, context, provider);
        match step.await {
            (Ok(StepOutput::Reconciliation(result)), calls) => (result, calls),
            (other, _) => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn reconciles_by_the_blocks_behind_the_last() {
        let last = block("b1", "bot", "One two inner", NEW);
        let mut two = block("b3", "bot", "two", NEW);
        two["has_children"] = json!(true);
        let one = block("b2", "bot", "One", NEW);
        let others = block("b5", "person", "Note", NEW);
        let (result, calls) = reconcile(vec![last.clone(), one.clone(), two.clone(), others.clone()]).await;
        let Reconciliation::Applied(output) = result else { panic!("{result:?}") };
        assert_eq!(output.external_id.as_deref(), Some(ID));
        assert_eq!(calls[1].line, format!("GET /v1/blocks/{ID}/children"));
        assert_eq!(calls[1].parameter("start_cursor"), "c1");

        let moved = block("b9", "bot", "One two inner", OLD);
        let page = json!({ "id": "p1", "type": "child_page", "created_time": NEW, "child_page": { "title": "T" } });
        for (blocks, expected) in [
            (vec![last.clone()], Reconciliation::NotApplied),
            (vec![last.clone(), moved, page], Reconciliation::NotApplied),
            (vec![last.clone(), others], Reconciliation::Inconclusive),
            (vec![last.clone(), one.clone()], Reconciliation::Inconclusive),
            (vec![last, one.clone(), two.clone(), one, two.clone()], Reconciliation::Inconclusive),
            // The last block was deleted.
            (vec![two], Reconciliation::Inconclusive),
        ] {
            assert_eq!(reconcile(blocks).await.0, expected);
        }
    }

    #[tokio::test]
    async fn a_page_that_was_made_or_moved_is_not_repeated() {
        let page = json!({ "id": "p1", "type": "child_page", "created_time": NEW, "child_page": { "title": "New" } });
        let moved = format!("<page url=\"https://www.notion.so/{ID}\">Plan</page>");
        for content in ["<page>New</page>", &moved, "<database>\nD\n</database>"] {
            let context = json!({ "pageId": ID, "content": content, "format": "notion", "allowMoves": true });
            let blocks = vec![block("b1", "p", "One", OLD), page.clone()];
            assert_eq!(reconcile_as(context, blocks).await.0, Reconciliation::Inconclusive, "{content}");
        }
    }

    #[tokio::test]
    async fn lost_response_is_ambiguous() {
        let context = json!({ "pageId": ID, "content": "- One" });
        let (output, _) = testing::run(&ADAPTER, "append_content", context, |_| (504, Value::Null)).await;
        assert_eq!(testing::error_kind(&output), Kind::Ambiguous);
    }

    #[test]
    fn refuses_content_that_is_too_long_in_bytes() {
        // As JSON the text has two quotation marks more.
        let content = |length: usize| json!({ "pageId": ID, "content": "x".repeat(length) });
        ADAPTER.action("append_content").unwrap().accept(content(498_998)).unwrap();
        for context in [content(498_999), json!({ "pageId": ID, "content": "字\n".repeat(99_800) })] {
            let (field, reason) = testing::refusal(&ADAPTER, "append_content", context);
            assert!(field == "context.content" && reason.contains("499,000 bytes as JSON"), "{reason}");
        }
    }
}
