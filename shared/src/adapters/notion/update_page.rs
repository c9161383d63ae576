//! `update_page`: changes a page's title, properties and icon, or replaces its content.

use serde_json::Map;

use super::dialect::Dialect;
use super::icon::Icon;
use super::id::Id;
use super::page::{Page, PageData};
use super::properties::PropertyName;
use super::rich_text::{self, Markdown, Title};
use super::{NO_SCOPES, data_source, markdown, options};
use crate::adapters::prelude::*;

/// Change a Notion page: its title, properties, icon or whole content. Fields left out stay unchanged. To add to the content use
/// `notion_append_content`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct UpdatePage {
    /// The page or row: its id or a link to it.
    page_id: Id,
    /// The new title.
    title: Option<Title>,
    /// New values of a row's properties, by name: `{"Status": "Done", "Due": "2026-12-01", "Tags": ["a"]}`. People are e-mail addresses,
    /// names or `me`, relations titles or ids, files https addresses, a date range is `{"start": .., "end": .., "time_zone": ..}`.
    properties: Option<Map<String, Value>>,
    /// The names of the properties to clear: `["Due"]`.
    clear: Option<Items<PropertyName, 100>>,
    /// The new icon: one emoji, for example `🚀`, or the https address of a picture.
    #[schemars(extend("x-tier" = "all"))]
    icon: Option<Icon>,
    /// Markdown that replaces the whole content. Notion refuses it if that would delete pages or databases on the page.
    content: Option<Markdown>,
    /// The dialect of `content`: `markdown`, or `notion` with Notion's tags.
    #[serde(default)]
    #[schemars(extend("x-tier" = "all"))]
    format: Dialect,
    /// True to let tags as `<page url=..>` move what exists to this page.
    #[serde(default)]
    #[schemars(extend("x-tier" = "all"))]
    allow_moves: bool,
    /// True to let Notion remove the pages and databases on the page that `content` leaves out: they move to the trash.
    #[serde(default)]
    #[schemars(extend("x-tier" = "all"))]
    allow_deleting_content: bool,
}

impl Action for UpdatePage {
    const META: Meta = Meta::idempotent("update_page", NO_SCOPES)
        .core()
        .overwrites("the title, the property values, the icon or the content for which it has new ones")
        .example(
            r#"{"pageId": "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0031", "title": "Write the launch plan together",
                 "properties": {"Status": "Done", "Priority": "Low"}, "content": "Done on **Monday**."}"#,
        );
    type Output = PageData;

    fn check(&self) -> Result<()> {
        let is_changed = self.title.is_some() || self.properties.is_some() || self.icon.is_some();
        if !is_changed && self.content.is_none() && self.clear.is_none() {
            return Err(Error::invalid("", "must have at least one of title, properties, clear, icon and content"));
        }
        if let Some(content) = &self.content {
            self.format.check("content", content, self.allow_moves)?;
        }
        let mut nulls = self.properties.iter().flatten().filter(|(_, value)| value.is_null());
        if let Some((name, _)) = nulls.next() {
            let reason = "must have a value; to clear the property, name it in `clear`";
            return Err(Error::invalid(format!("properties.{name}"), reason));
        }
        match self.cleared().position(|name| self.properties.as_ref().is_some_and(|set| set.contains_key(name))) {
            Some(both) => Err(Error::invalid(format!("clear[{both}]"), "must not have a value in `properties` too")),
            None => Ok(()),
        }
    }

    async fn targets(&self, api: &Api<'_>) -> Result<Vec<Target>> {
        // https://developers.notion.com/reference/retrieve-a-page
        let page: Page = api.get(&["v1", "pages", self.page_id.as_str()]).send().await?;
        let checked = data_source::with_schema_of_row(api, &page.parent, || self.request_body(api, &page));
        let (_, new_options) = checked.await?;
        Ok(vec![options::with_new(self.page_id.to_page().named(page.title()), &new_options)])
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<PageData>> {
        let id = self.page_id.as_str();
        // https://developers.notion.com/reference/retrieve-a-page
        let page: Page = api.get(&["v1", "pages", id]).send().await?;
        let changed = data_source::with_schema_of_row(api, &page.parent, || self.change(api, &page));
        let (page, new_options) = changed.await?;
        if let Some(content) = &self.content {
            let mut command = json!({ "new_str": self.format.to_notion(content) });
            if self.allow_deleting_content {
                command["allow_deleting_content"] = json!(true);
            }
            let change =
                json!({ "type": "replace_content", "markdown_version": markdown::VERSION, "replace_content": command });
            // https://developers.notion.com/reference/update-page-markdown
            let call = api.call(Method::PATCH, &["v1", "pages", id, "markdown"]).json(&change);
            call.step("the content was replaced").send::<Value>().await?;
        }
        if new_options.is_empty() {
            return Ok(page.into_output("The page was changed."));
        }
        Ok(page.into_output(&format!("The page was changed, with the new option {}.", new_options.join(", "))))
    }
}

impl UpdatePage {
    /// The names of the properties to clear.
    fn cleared(&self) -> impl Iterator<Item = &str> {
        self.clear.iter().flat_map(|names| names.iter()).map(|name| &**name)
    }

    /// Makes the changes beside the content. Returns the page, and the options that they made.
    async fn change(&self, api: &Api<'_>, page: &Page) -> Result<(Page, Vec<String>)> {
        let (body, new_options) = self.request_body(api, page).await?;
        if body.is_empty() {
            return Ok((page.clone(), new_options));
        }
        // https://developers.notion.com/reference/patch-page
        let call = api.call(Method::PATCH, &["v1", "pages", self.page_id.as_str()]).json(&body);
        let page = call.step("the title, the properties and the icon were changed").send().await?;
        Ok((page, new_options))
    }

    /// Returns the changes beside the content, and the options that they make.
    async fn request_body(&self, api: &Api<'_>, page: &Page) -> Result<(Map<String, Value>, Vec<String>)> {
        let mut values = self.properties.clone().unwrap_or_default();
        values.extend(self.cleared().map(|name| (name.to_owned(), Value::Null)));
        let (mut properties, new_options) = page.checked_properties(api, &values).await?;
        if let Some(title) = &self.title {
            let name = page.title_property().to_owned();
            if properties.contains_key(&name) {
                return Err(api.error(Kind::Invalid, format!("'{name}' is the title: set it by the field `title`")));
            }
            properties.insert(name, json!({ "title": rich_text::to_rich_text(title) }));
        }
        let mut body = Map::new();
        if !properties.is_empty() {
            body.insert("properties".to_owned(), properties.into());
        }
        if let Some(icon) = &self.icon {
            body.insert("icon".to_owned(), icon.to_request());
        }
        Ok((body, new_options))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::notion::ADAPTER;
    use crate::adapters::testing::{self, ActionHarness, SentRequest};
    use crate::error::Outcome;

    const ID: &str = "1429989f-e8ac-4eff-bc8f-57f56486db54";

    fn respond_with_row(_: &SentRequest) -> (u16, Value) {
        (
            200,
            json!({ "object": "page", "id": ID, "url": "https://www.notion.so/p1", "properties": {
                "Task": { "id": "title", "type": "title", "title": [{ "plain_text": "Ship" }] },
                "Due": { "id": "d", "type": "date", "date": null },
                "Done": { "id": "c", "type": "checkbox", "checkbox": true },
                "Files": { "id": "a", "type": "files", "files": [
                    { "name": "b.pdf", "type": "file", "file": { "url": "https://s3.example/u/b.pdf?X-Amz-Signature=new" } } ] },
                "Sum": { "id": "f", "type": "formula", "formula": { "type": "number", "number": 1 } },
            } }),
        )
    }

    #[tokio::test]
    async fn changes_properties_by_their_type() {
        let context = json!({ "pageId": ID, "title": "Sail", "icon": "⛵", "properties": { "Due": "2026-12-01" } });
        let (output, calls) = testing::run(&ADAPTER, "update_page", context, respond_with_row).await;
        let output = output.unwrap();
        assert_eq!(
            (output.external_id.as_deref(), output.link.as_deref()),
            (Some(ID), Some("https://www.notion.so/p1"))
        );
        assert_eq!(output.data["properties"]["Task"], "Ship");
        assert_eq!((&output.data["properties"]["Due"], &output.data["properties"]["Sum"]), (&Value::Null, &json!(1)));
        let lines: Vec<_> = calls.iter().map(|sent| sent.line.as_str()).collect();
        assert_eq!(lines, [format!("GET /v1/pages/{ID}"), format!("PATCH /v1/pages/{ID}")]);
        assert_eq!(
            calls[1].body,
            json!({ "icon": { "type": "emoji", "emoji": "⛵" }, "properties": { "Due": { "date": { "start": "2026-12-01" } },
                "Task": { "title": [{ "type": "text", "text": { "content": "Sail" } }] } } })
        );
    }

    #[tokio::test]
    async fn a_file_that_the_page_stores_is_written_back_as_the_file() {
        let (stored, other) = ("https://s3.example/u/b.pdf?X-Amz-Signature=old", "https://a.example/x/c.pdf");
        for (files, is_done) in [
            (json!([stored, other]), true),
            (json!(stored), true),
            (json!(["https://s3.example/u/other.pdf?X-Amz-Signature=old"]), false),
        ] {
            let context = json!({ "pageId": ID, "properties": { "Files": files } });
            let (output, calls) = testing::run(&ADAPTER, "update_page", context, respond_with_row).await;
            if !is_done {
                assert!(output.unwrap_err().to_string().contains("properties.Files: must not have an address with"));
                assert_eq!(calls.len(), 1);
                continue;
            }
            output.unwrap();
            let sent = &calls[1].body["properties"]["Files"]["files"];
            let url = "https://s3.example/u/b.pdf?X-Amz-Signature=new";
            assert_eq!(sent[0], json!({ "type": "file", "name": "b.pdf", "file": { "url": url } }));
            assert!(files.is_string() || sent[1]["external"]["url"] == other);
        }
    }

    #[tokio::test]
    async fn replaces_only_the_content() {
        let (output, calls) =
            testing::run(&ADAPTER, "update_page", json!({ "pageId": ID, "content": "# New" }), respond_with_row).await;
        assert_eq!(output.unwrap().external_id.as_deref(), Some(ID));
        assert_eq!(calls.len(), 2);
        assert_eq!(calls[1].line, format!("PATCH /v1/pages/{ID}/markdown"));
        assert_eq!(
            calls[1].body,
            json!({ "type": "replace_content", "replace_content": { "new_str": "# New" }, "markdown_version": "v2" })
        );
    }

    #[tokio::test]
    async fn pages_on_the_page_are_removed_only_on_demand() {
        for (allows, sent) in [(None, Value::Null), (Some(true), json!(true))] {
            let mut context = json!({ "pageId": ID, "content": "# New" });
            if let Some(allows) = allows {
                context["allowDeletingContent"] = json!(allows);
            }
            let (_, calls) = testing::run(&ADAPTER, "update_page", context, respond_with_row).await;
            assert_eq!(calls[1].body["replace_content"]["allow_deleting_content"], sent);
        }
    }

    #[tokio::test]
    async fn refused_content_is_reported_after_the_properties() {
        let context = json!({ "pageId": ID, "title": "Sail", "content": "# New" });
        let (output, calls) = testing::run(&ADAPTER, "update_page", context, |sent| {
            if sent.line.ends_with("/markdown") {
                return (400, json!({ "code": "validation_error", "message": "It would delete pages." }));
            }
            respond_with_row(sent)
        })
        .await;
        let lines: Vec<_> = calls.iter().map(|sent| sent.line.clone()).collect();
        assert_eq!(lines[1..], [format!("PATCH /v1/pages/{ID}"), format!("PATCH /v1/pages/{ID}/markdown")]);
        let error = output.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (Some(Kind::Invalid), Outcome::Partial));
        let done = json!(["the title, the properties and the icon were changed"]);
        assert_eq!(error.data().unwrap()["done"], done);
    }

    #[tokio::test]
    async fn changes_nothing_when_a_property_is_invalid() {
        for (properties, reason) in [
            (json!({ "Sum": 2 }), "properties.Sum: cannot be set"),
            (json!({ "Due": "soon" }), "properties.Due: must be a day"),
            (json!({ "Colour": "red" }), "properties.Colour: the property does not exist"),
            (json!({ "Task": "Sail" }), "'Task' is the title"),
        ] {
            let context = json!({ "pageId": ID, "title": "Sail", "content": "New", "properties": properties });
            let (output, calls) = testing::run(&ADAPTER, "update_page", context, respond_with_row).await;
            assert_eq!(testing::error_kind(&output), Kind::Invalid);
            assert!(output.unwrap_err().to_string().contains(reason), "{reason}");
            assert_eq!(calls.len(), 1);
        }
    }

    /// A row with an option, which has another id each time that its schema is read; the changes refuse the ids before `valid`.
    fn row_with_options(valid: &'static str) -> impl Fn(&SentRequest) -> (u16, Value) + Send + Sync + 'static {
        let reads = std::sync::atomic::AtomicUsize::new(0);
        let source = "00000000-0000-0000-0000-000000000001";
        move |sent| match sent.line.split_once(' ') {
            Some(("GET", path)) if path.contains("/data_sources/") => {
                let id = reads.fetch_add(1, std::sync::atomic::Ordering::Relaxed).to_string();
                let options = json!([{ "id": id, "name": "Top" }]);
                let kind = json!({ "id": "k", "type": "select", "select": { "options": options } });
                (200, json!({ "id": source, "properties": { "Kind": kind } }))
            }
            Some(("PATCH", _)) if sent.body["properties"]["Kind"]["select"]["id"] != valid => {
                (400, json!({ "code": "validation_error", "message": "The option does not exist." }))
            }
            _ => {
                let (status, mut row) = respond_with_row(sent);
                row["parent"] = json!({ "type": "data_source_id", "data_source_id": source });
                (status, row)
            }
        }
    }

    #[tokio::test]
    async fn a_refusal_by_a_remembered_schema_is_tried_once_with_a_new_one() {
        let action = ADAPTER.action("update_page").unwrap();
        let context = json!({ "pageId": ID, "properties": { "Kind": "Top" } });
        for (valid, is_remembered, is_done, changes) in
            [("1", true, true, 2), ("0", true, true, 1), ("2", true, false, 2), ("1", false, false, 1)]
        {
            let provider = row_with_options(valid);
            let harness = ActionHarness::new(&ADAPTER, move |sent| Ok(provider(sent)));
            let api = harness.api(action, None);
            if is_remembered {
                action.targets(&api, &context).await.unwrap();
            }
            assert_eq!(action.run(&api, &context).await.is_ok(), is_done, "{valid} {is_remembered}");
            let sent = harness.calls().iter().filter(|sent| sent.line.starts_with("PATCH")).count();
            assert_eq!(sent, changes, "{valid} {is_remembered}");
        }
    }

    #[tokio::test]
    async fn lost_response_can_be_repeated() {
        let (output, _) = testing::run(&ADAPTER, "update_page", json!({ "pageId": ID, "icon": "⛵" }), |sent| {
            if sent.line.starts_with("GET") { respond_with_row(sent) } else { (500, Value::Null) }
        })
        .await;
        assert_eq!(testing::error_kind(&output), Kind::Repeatable);
    }

    #[tokio::test]
    async fn clears_properties_by_name_or_id_and_none_twice() {
        let (_, calls) =
            testing::run(&ADAPTER, "update_page", json!({ "pageId": ID, "clear": ["Done"] }), respond_with_row).await;
        assert_eq!(calls[1].body, json!({ "properties": { "Done": { "checkbox": false } } }));
        for name in ["Due", "d"] {
            let context = json!({ "pageId": ID, "clear": [name] });
            let (output, calls) = testing::run(&ADAPTER, "update_page", context, respond_with_row).await;
            assert_eq!(output.unwrap().external_id.as_deref(), Some(ID));
            assert_eq!(calls[1].body, json!({ "properties": { "Due": { "date": null } } }));
        }
        for change in [
            json!({ "properties": { "Due": "2026-12-01" }, "clear": ["d"] }),
            json!({ "title": "A", "clear": ["title"] }),
            json!({ "title": "A", "properties": { "title": "B" } }),
            json!({ "properties": { "Due": "2026-12-01", "d": "2026-12-02" } }),
        ] {
            let mut context = json!({ "pageId": ID });
            context.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            let (output, calls) = testing::run(&ADAPTER, "update_page", context, respond_with_row).await;
            assert_eq!((testing::error_kind(&output), calls.len()), (Kind::Invalid, 1), "{change}");
        }
    }

    #[tokio::test]
    async fn the_target_is_the_page_with_its_title() {
        let action = ADAPTER.action("update_page").unwrap();
        let harness = ActionHarness::new(&ADAPTER, |sent| Ok(respond_with_row(sent)));
        let context = json!({ "pageId": ID, "icon": "⛵" });
        let targets = action.targets(&harness.api(action, None), &context).await.unwrap();
        assert_eq!(targets, [Target::new(TargetKind::Page, ID).named(Some("Ship"))]);
    }

    #[test]
    fn refuses_an_update_of_nothing_and_a_property_that_is_set_and_cleared() {
        let refused = |context| testing::refusal(&ADAPTER, "update_page", context).0;
        assert_eq!(refused(json!({ "pageId": ID })), "context");
        assert_eq!(refused(json!({ "pageId": ID, "title": " ", "content": "\n" })), "context");
        let both = json!({ "pageId": ID, "properties": { "Due": "2026-12-01" }, "clear": ["Tags", "Due"] });
        assert_eq!(refused(both), "context.clear[1]");
        let null = json!({ "pageId": ID, "properties": { "Status": "Done", "Due": null } });
        assert_eq!(refused(null), "context.properties.Due");
    }
}
