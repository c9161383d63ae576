//! `create_page`: creates a page under a page, or as a row of a database.

use serde_json::Map;

use super::data_source::{self, DataSource};
use super::dialect::Dialect;
use super::icon::Icon;
use super::id::Id;
use super::page::{Page, PageData};
use super::parent::Parent;
use super::rich_text::{self, Markdown, Title};
use super::{NO_SCOPES, keyed, options, references};
use crate::adapters::prelude::*;

/// Create a Notion page under another page, or as a row of a database. A second call creates a second page.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CreatePage {
    /// The title.
    title: Title,
    /// The content, as Markdown: headings, lists, to-dos, tables, code, quotes.
    content: Option<Markdown>,
    /// The page or the database to create it in: its id or a link to it. It must be shared with the connection.
    parent: Id,
    /// Further properties of a row, by name: `{"Status": "Done", "Due": "2026-12-01", "Tags": ["a", "b"]}`. People are e-mail addresses,
    /// names or `me`, relations titles or ids, files https addresses, a date range is `{"start": .., "end": .., "time_zone": ..}`.
    /// `notion_get_database` returns the properties of a database.
    properties: Option<Map<String, Value>>,
    /// The icon: one emoji, for example `🚀`, or the https address of a picture.
    #[schemars(extend("x-tier" = "all"))]
    icon: Option<Icon>,
    /// The dialect of `content`: `markdown`, or `notion` with Notion's tags.
    #[serde(default)]
    #[schemars(extend("x-tier" = "all"))]
    format: Dialect,
}

impl Action for CreatePage {
    const META: Meta = Meta::create("create_page", NO_SCOPES)
        .core()
        .reconciled_by("its id: it is created under a title with a key, and then renamed", &[])
        .stores_checkpoint()
        .example(
            r##"{"title": "Minutes", "content": "# Today\n\n- Decisions",
                 "parent": "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0010"}"##,
        );
    type Output = PageData;

    fn check(&self) -> Result<()> {
        if let Some(content) = &self.content {
            // A cancelled task trashes the page that it prepared, and what had moved there with it.
            self.format.check("content", content, false)?;
        }
        match &self.properties {
            // The title property can also be named `title`; given twice, both values must be equal.
            Some(properties)
                if properties.get("title").is_some_and(|title| !(title.is_object() || self.repeats_title(title))) =>
            {
                Err(Error::invalid("properties.title", "must be left out: the field `title` sets the title"))
            }
            _ => Ok(()),
        }
    }

    async fn targets(&self, api: &Api<'_>) -> Result<Vec<Target>> {
        let target = |parent: Parent| async move {
            let Parent::DataSource(source) = &parent else { return Ok(vec![parent.to_target()]) };
            let properties = self.row_properties(api, source).await?;
            let new_options = options::new_options(&source.properties, &properties);
            Ok(vec![options::with_new(parent.to_target(), &new_options)])
        };
        Parent::with_resolved(api, &self.parent, target).await
    }

    /// Creates the whole page under a title with the effect key.
    async fn prepare(&self, api: &Api<'_>) -> Result<Option<String>> {
        if api.is_retry {
            let parent = Parent::resolve(api, &self.parent).await?;
            if let Some(id) = keyed::find_pages(api, &parent).await?.into_iter().next() {
                return Ok(Some(id));
            }
        }
        let title = keyed::title(api, &self.title);
        Parent::with_resolved(api, &self.parent, |parent| self.prepare_under(api, parent, &title)).await
    }

    /// Sets the title. Without a prepared page it creates the page.
    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<PageData>> {
        let Some(id) = api.checkpoint else {
            let create = |parent| async move { self.create(api, &parent, &self.title).await };
            let page = Parent::with_resolved(api, &self.parent, create).await?;
            return Ok(created_output(page, None));
        };
        let path = ["v1", "pages", id];
        let title_property = match api.get_lookup(&title_key(id)) {
            Some(name) => name,
            // https://developers.notion.com/reference/retrieve-a-page
            None => api.get(&path).send::<Page>().await?.title_property().to_owned(),
        };
        let change = json!({ "properties": { title_property: title_value(&self.title) } });
        // https://developers.notion.com/reference/patch-page
        let renamed = api.call(Method::PATCH, &path).json(&change).send().await;
        // A person may have renamed the property since.
        api.remove_lookup(&title_key(id));
        Ok(created_output(renamed?, api.get_lookup(&options_key(id)).as_deref()))
    }

    /// The page is done when its title has no key.
    async fn reconcile(&self, api: &Api<'_>) -> Result<Reconciliation<PageData>> {
        let Some(id) = api.checkpoint else { return Ok(Reconciliation::Inconclusive) };
        let page = keyed::read_page(api, id).await?;
        Ok(match page.as_ref().and_then(Page::title).map(|title| keyed::is_keyed(api, &title)) {
            Some(false) => {
                page.map_or(Reconciliation::Inconclusive, |page| Reconciliation::Applied(created_output(page, None)))
            }
            Some(true) => Reconciliation::NotApplied,
            None => Reconciliation::Inconclusive,
        })
    }

    /// Moves the prepared page to the trash, including one whose id was not stored.
    async fn discard(&self, api: &Api<'_>) -> Result<()> {
        let ids = match api.checkpoint {
            Some(id) => vec![id.to_owned()],
            None if api.is_retry => match keyed::none_if_absent(Parent::resolve(api, &self.parent).await)? {
                Some(parent) => keyed::find_pages(api, &parent).await?,
                None => vec![],
            },
            None => vec![],
        };
        keyed::discard_pages(api, &ids).await
    }
}

impl CreatePage {
    fn repeats_title(&self, value: &Value) -> bool {
        value.as_str() == Some(&self.title)
    }

    /// Creates the page under a title with the effect key, and returns its id.
    async fn prepare_under(&self, api: &Api<'_>, parent: Parent, title: &str) -> Result<Option<String>> {
        let created = self.create(api, &parent, title).await.map(|page| {
            api.insert_lookup(&title_key(&page.id), page.title_property());
            page.id
        });
        keyed::or_find(created, keyed::find_pages(api, &parent)).await
    }

    /// Creates the page under a title.
    async fn create(&self, api: &Api<'_>, parent: &Parent, title: &str) -> Result<Page> {
        let mut properties = match parent {
            Parent::Page { .. } => self.page_properties().map_err(|reason| api.error(Kind::Invalid, reason))?,
            Parent::DataSource(source) => self.row_properties(api, source).await?,
        };
        let new_options = match parent {
            Parent::Page { .. } => vec![],
            Parent::DataSource(source) => options::new_options(&source.properties, &properties),
        };
        properties.insert(parent.title_property().to_owned(), title_value(title));
        let mut body = json!({ "parent": parent.to_request(), "properties": properties });
        if let Some(content) = &self.content {
            self.format.insert(&mut body, "markdown", content);
        }
        if let Some(icon) = &self.icon {
            body["icon"] = icon.to_request();
        }
        // https://developers.notion.com/reference/post-page
        let created = api.post(&["v1", "pages"]).json(&body).send::<Page>().await;
        let page = created.map_err(|error| Parent::not_found(api, &self.parent, error))?;
        if !new_options.is_empty() {
            api.insert_lookup(&options_key(&page.id), &new_options.join(", "));
            data_source::forget(api, &self.parent);
        }
        Ok(page)
    }

    fn page_properties(&self) -> std::result::Result<Map<String, Value>, String> {
        let other = |(name, value): &(&String, &Value)| name.as_str() != "title" || !self.repeats_title(value);
        match self.properties.iter().flatten().find(other) {
            Some((name, _)) => Err(format!("a page under a page has only a title, so '{name}' cannot be set")),
            None => Ok(Map::new()),
        }
    }

    async fn row_properties(&self, api: &Api<'_>, source: &DataSource) -> Result<Map<String, Value>> {
        let mut values = self.properties.clone().unwrap_or_default();
        let title = source.title_property();
        values.retain(|name, value| !(["title", title].contains(&name.as_str()) && self.repeats_title(value)));
        if values.contains_key(title) {
            return Err(api.error(Kind::Invalid, format!("'{title}' is the title: set it by the field `title`")));
        }
        references::properties_to_request(api, &source.properties, &values).await
    }
}

/// The key of the cached name of the property that is the title of a prepared page.
fn title_key(id: &str) -> String {
    format!("title of {id}")
}

fn title_value(title: &str) -> Value {
    json!({ "title": rich_text::to_rich_text(title) })
}

/// The key of the cached names of the options that a page made.
fn options_key(id: &str) -> String {
    format!("new options of {id}")
}

fn created_output(page: Page, new_options: Option<&str>) -> ActionOutput<PageData> {
    let message = new_options.map(|options| format!("The page was created, with the new option {options}."));
    page.into_output(message.as_deref().unwrap_or("The page was created."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::notion::ADAPTER;
    use crate::adapters::notion::fixtures::{
        DATA_SOURCE_ID, KEYED_TITLE, PAGE_ID, PARENT_ID, database_parent, not_found, page_of_title, page_parent,
        row_of_title,
    };
    use crate::adapters::testing::{self, ActionHarness, SentRequest, Step, StepOutput};

    #[tokio::test]
    async fn creates_a_page_under_a_page() {
        let content = "# Meeting Notes\n\n## Agenda\n\n- Project updates";
        let context = json!({ "title": "Meeting Notes", "content": content, "parent": PARENT_ID.replace('-', "") });
        let (output, calls) = testing::run(&ADAPTER, "create_page", context, page_parent).await;
        let output = output.unwrap();
        assert_eq!(
            output.data,
            json!({ "id": PAGE_ID, "title": "Ship", "link": "https://www.notion.so/p1", "inTrash": false,
                "createdAt": "2026-11-23T10:00:00.000Z", "parent": { "type": "page", "id": PARENT_ID },
                "properties": { "title": "Ship" } })
        );
        assert_eq!(
            (output.external_id.as_deref(), output.link.as_deref()),
            (Some(PAGE_ID), Some("https://www.notion.so/p1"))
        );

        let lines: Vec<_> = calls.iter().map(|sent| sent.line.clone()).collect();
        let tried = ["databases", "data_sources", "pages"].map(|kind| format!("GET /v1/{kind}/{PARENT_ID}"));
        assert_eq!(lines[..3], tried);
        assert_eq!(lines[3], "POST /v1/pages");
        for sent in &calls {
            assert_eq!(
                (sent.header("authorization"), sent.header("notion-version")),
                ("Bearer xoxp-token-1", "2026-03-11")
            );
        }
        assert_eq!(
            calls[3].body,
            json!({ "parent": { "type": "page_id", "page_id": PARENT_ID }, "markdown": content,
                "markdown_version": "v2", "properties": { "title": { "title": [{ "type": "text", "text": { "content": "Meeting Notes" } }] } } })
        );
    }

    #[tokio::test]
    async fn creates_a_row_of_a_database() {
        let context = json!({ "title": "Ship", "parent": PARENT_ID, "properties": { "Status": { "status": { "name": "Done" } } } });
        let (output, calls) = testing::run(&ADAPTER, "create_page", context, database_parent).await;
        assert_eq!(output.unwrap().data["parent"], json!({ "type": "dataSource", "id": DATA_SOURCE_ID }));
        assert_eq!(calls.len(), 3);
        assert_eq!(
            calls[2].body,
            json!({ "parent": { "type": "data_source_id", "data_source_id": DATA_SOURCE_ID },
                "properties": { "Task": { "title": [{ "type": "text", "text": { "content": "Ship" } }] },
                    "Status": { "status": { "name": "Done" } } } })
        );
    }

    #[tokio::test]
    async fn prepares_a_whole_row_under_a_keyed_title_and_renames_it() {
        let context = json!({ "title": "Ship", "parent": PARENT_ID, "icon": "⛵", "content": "Text",
            "properties": { "Due": "2026-12-01", "Task": "Ship" } });
        let provider = |sent: &SentRequest| Ok(database_parent(sent));
        let (checkpoint, calls) =
            testing::run_step(&ADAPTER, "create_page", None, Step::Prepare, context.clone(), provider).await;
        assert_eq!(checkpoint.unwrap(), StepOutput::Checkpoint(Some(PAGE_ID.to_owned())));
        let text = |content: &str| json!([{ "type": "text", "text": { "content": content } }]);
        assert_eq!(
            calls[2].body,
            json!({ "parent": { "type": "data_source_id", "data_source_id": DATA_SOURCE_ID }, "markdown": "Text",
                "markdown_version": "v2",
                "icon": { "type": "emoji", "emoji": "⛵" },
                "properties": { "Task": { "title": text(KEYED_TITLE) }, "Due": { "date": { "start": "2026-12-01" } } } })
        );

        let (output, calls) = testing::run_with_checkpoint(&ADAPTER, "create_page", PAGE_ID, context, |sent| {
            (200, row_of_title(if sent.line.starts_with("PATCH") { "Ship" } else { KEYED_TITLE }))
        })
        .await;
        let output = output.unwrap();
        assert_eq!(output.external_id.as_deref(), Some(PAGE_ID));
        assert_eq!(output.data["parent"], json!({ "type": "dataSource", "id": DATA_SOURCE_ID }));
        let lines: Vec<_> = calls.iter().map(|sent| sent.line.clone()).collect();
        assert_eq!(lines, [format!("GET /v1/pages/{PAGE_ID}"), format!("PATCH /v1/pages/{PAGE_ID}")]);
        assert_eq!(calls[1].body, json!({ "properties": { "Task": { "title": text("Ship") } } }));
    }

    /// The objects found in place of the prepared page.
    async fn step_with(answer: (u16, Value), step: Step) -> (StepOutput, Vec<SentRequest>) {
        let context = json!({ "title": "Ship", "parent": PARENT_ID });
        let provider = move |_: &SentRequest| Ok(answer.clone());
        let (output, calls) = testing::run_step(&ADAPTER, "create_page", Some(PAGE_ID), step, context, provider).await;
        (output.unwrap(), calls)
    }

    #[tokio::test]
    async fn reconciles_and_discards_by_its_title() {
        let mut trashed = page_of_title(KEYED_TITLE);
        trashed["in_trash"] = json!(true);
        for (answer, expected, is_discarded) in [
            ((200, page_of_title("Ship")), None, false),
            // A person renamed it.
            ((200, page_of_title("Sail")), None, false),
            ((200, page_of_title(KEYED_TITLE)), Some(Reconciliation::NotApplied), true),
            ((200, trashed), Some(Reconciliation::Inconclusive), false),
            ((200, json!({ "object": "page", "id": PAGE_ID })), Some(Reconciliation::Inconclusive), false),
            (not_found(), Some(Reconciliation::Inconclusive), false),
        ] {
            let (found, calls) = step_with(answer.clone(), Step::Reconcile).await;
            assert_eq!(calls[0].line, format!("GET /v1/pages/{PAGE_ID}"));
            match expected {
                Some(expected) => assert_eq!(found, StepOutput::Reconciliation(expected)),
                None => assert_eq!(found.applied_id(), Some(PAGE_ID)),
            }
            let (output, calls) = step_with(answer, Step::Discard).await;
            assert_eq!((output, calls.len() == 2), (StepOutput::Discarded, is_discarded));
            let is_trash = |sent: &SentRequest| sent.line.starts_with("PATCH") && sent.body["in_trash"] == true;
            assert!(calls[1..].iter().all(is_trash));
        }
    }

    #[tokio::test]
    async fn creates_nothing_when_the_parent_is_unresolved() {
        let context = json!({ "title": "Ship", "parent": PARENT_ID });
        let several = |_: &SentRequest| {
            (
                200,
                json!({ "id": PARENT_ID, "data_sources": [{ "id": "a", "name": "Open" }, { "id": "b", "name": "Closed" }] }),
            )
        };
        for (kind, response) in [
            (Kind::NotFound, (|_| not_found()) as fn(&SentRequest) -> (u16, Value)),
            (Kind::Invalid, several),
            (Kind::Transient, |_| (503, Value::Null)),
        ] {
            let (output, calls) = testing::run(&ADAPTER, "create_page", context.clone(), response).await;
            assert_eq!(testing::error_kind(&output), kind);
            assert!(calls.iter().all(|sent| sent.line.starts_with("GET ")));
        }
    }

    #[tokio::test]
    async fn refuses_properties_the_parent_does_not_have() {
        for value in [json!({}), json!("T")] {
            let under_page = json!({ "title": "T", "parent": PARENT_ID, "properties": { "Status": value } });
            let (output, _) = testing::run(&ADAPTER, "create_page", under_page, page_parent).await;
            assert!(output.unwrap_err().to_string().contains("'Status' cannot be set"));
        }
        let titled = json!({ "title": "T", "parent": PARENT_ID, "properties": { "Task": { "title": [] } } });
        let (output, _) = testing::run(&ADAPTER, "create_page", titled, database_parent).await;
        assert!(output.unwrap_err().to_string().contains("'Task' is the title"));
    }

    #[tokio::test]
    async fn the_target_is_the_parent_with_its_name() {
        let action = ADAPTER.action("create_page").unwrap();
        let context = json!({ "title": "Ship", "parent": PARENT_ID });
        for (provider, kind, id, name) in [
            (page_parent as fn(&SentRequest) -> (u16, Value), TargetKind::Page, PARENT_ID, "Plans"),
            (database_parent, TargetKind::Database, DATA_SOURCE_ID, "Tasks"),
        ] {
            let harness = ActionHarness::new(&ADAPTER, move |sent| Ok(provider(sent)));
            let targets = action.targets(&harness.api(action, None), &context).await.unwrap();
            assert_eq!(targets, [Target::new(kind, id).named(Some(name))]);
            assert!(harness.calls().iter().all(|sent| sent.line.starts_with("GET ")));
        }
    }

    #[test]
    fn refuses_a_second_title_and_one_that_is_too_long() {
        let refused = |context| testing::refusal(&ADAPTER, "create_page", context).0;
        // An emoji is two units.
        assert_eq!(refused(json!({ "title": "😀".repeat(1001), "parent": PARENT_ID })), "context.title");
        let other = json!({ "title": "T", "parent": PARENT_ID, "properties": { "title": "U" } });
        assert_eq!(refused(other), "context.properties.title");
        // A page that can be discarded takes nothing in that exists.
        let moves = json!({ "title": "T", "parent": PARENT_ID, "format": "notion", "allowMoves": true });
        assert!(ADAPTER.action("create_page").unwrap().accept(moves).is_err());
        let same = json!({ "title": "T", "parent": PARENT_ID, "properties": { "title": "T" } });
        ADAPTER.action("create_page").unwrap().accept(same).unwrap();
    }
}
