//! `upsert_row`: changes the row that has some values, or creates it.

use serde_json::Map;

use super::data_source::{self, DataSource};
use super::id::Id;
use super::list::Results;
use super::page::{Page, PageData};
use super::rich_text::{self, Title};
use super::{NO_SCOPES, keyed, options, plain_values, references};
use crate::adapters::choices::list_choices;
use crate::adapters::prelude::*;

/// The number of rows that are read to find one.
const MAX_MATCHES: u32 = 10;
/// The prefix of the checkpoint of a row that was created; that of one that was there has none.
const CREATED: &str = "new:";

/// Set values of the row of a Notion database that `match` finds, or create it. Two calls at the same time can each create one.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct UpsertRow {
    /// The database or one of its data sources: its id or a link to it.
    database_id: Id,
    /// The values by which the row is known, of properties that no two rows share: `{"Invoice": "A-17"}`. Only a new row is given them.
    #[serde(rename = "match")]
    matched: Map<String, Value>,
    /// The title. A new row without one has none.
    title: Option<Title>,
    /// Further values to set, by property: as in `notion_create_page`.
    properties: Option<Map<String, Value>>,
}

/// A row that was created or changed, as output.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct UpsertedRow {
    /// True if the row was created.
    created: bool,
    /// The row.
    row: PageData,
}

impl Action for UpsertRow {
    const META: Meta = Meta::create("upsert_row", NO_SCOPES)
        .overwrites("the values of the row")
        .reconciled_by("its id: a new row is created under a title with a key, and then renamed", &[])
        .stores_checkpoint()
        .example(
            r#"{"databaseId": "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0020", "match": {"Name": "Print badges"},
                 "properties": {"Status": "In progress"}}"#,
        );
    type Output = UpsertedRow;

    fn check(&self) -> Result<()> {
        if self.matched.is_empty() {
            return Err(Error::invalid(
                "match",
                "must have a property with a value, for example {\"Invoice\": \"A-17\"}",
            ));
        }
        let is_value = |value: &Value| match value {
            Value::String(text) => !text.trim().is_empty(),
            value => value.is_number() || value.is_boolean(),
        };
        match self.matched.iter().find(|(_, value)| !is_value(value)) {
            Some((name, _)) => {
                let reason = "must be a text, a number, true or false, for example \"A-17\"";
                Err(Error::invalid(format!("match.{name}"), reason))
            }
            None => Ok(()),
        }
    }

    async fn targets(&self, api: &Api<'_>) -> Result<Vec<Target>> {
        let target = |source: DataSource| async move {
            let properties = self.changes(api, &source).await?;
            let new_options = options::new_options(&source.properties, &properties);
            let target = Target::new(TargetKind::Database, &source.id).named(source.name());
            Ok(vec![options::with_new(target, &new_options)])
        };
        data_source::with_resolved(api, &self.database_id, target).await
    }

    /// Finds the row, or creates it whole under a title with the effect key.
    async fn prepare(&self, api: &Api<'_>) -> Result<Option<String>> {
        if api.is_retry {
            let source = data_source::resolve_required(api, &self.database_id).await?;
            if let Some(id) = keyed::find_rows(api, &source).await?.into_iter().next() {
                return Ok(Some(format!("{CREATED}{id}")));
            }
        }
        let prepared =
            data_source::with_resolved(api, &self.database_id, |source| self.find_or_create(api, source)).await;
        prepared.map(Some)
    }

    /// Sets the values and the title.
    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<UpsertedRow>> {
        let checkpoint = match api.checkpoint {
            Some(checkpoint) => checkpoint.to_owned(),
            None => self.prepare(api).await?.unwrap_or_default(),
        };
        let set = |source: DataSource| {
            let checkpoint = checkpoint.clone();
            async move { self.set(api, &source, &checkpoint).await }
        };
        data_source::with_resolved(api, &self.database_id, set).await
    }

    /// A new row is done when its title has no key, and one that was there when it has the values. One that was changed meanwhile, and
    /// has others, can have had them.
    async fn reconcile(&self, api: &Api<'_>) -> Result<Reconciliation<UpsertedRow>> {
        let Some(checkpoint) = api.checkpoint else { return Ok(Reconciliation::Inconclusive) };
        let Some(row) = keyed::read_page(api, row_id(checkpoint)).await? else {
            return Ok(Reconciliation::Inconclusive);
        };
        let is_keyed = row.title().is_some_and(|title| keyed::is_keyed(api, &title));
        Ok(match checkpoint.starts_with(CREATED) {
            true if is_keyed => Reconciliation::NotApplied,
            true => Reconciliation::Applied(upserted(row, true, &[])),
            false if self.is_set(api, &row).await? => Reconciliation::Applied(upserted(row, false, &[])),
            false if row.is_changed_since_attempt(api) => Reconciliation::Inconclusive,
            false => Reconciliation::NotApplied,
        })
    }

    /// Moves a row that was only prepared to the trash, including one whose id was not stored.
    async fn discard(&self, api: &Api<'_>) -> Result<()> {
        let ids = match api.checkpoint {
            Some(checkpoint) => checkpoint.strip_prefix(CREATED).map(str::to_owned).into_iter().collect(),
            None if api.is_retry => {
                match keyed::none_if_absent(data_source::resolve_required(api, &self.database_id).await)? {
                    Some(source) => keyed::find_rows(api, &source).await?,
                    None => vec![],
                }
            }
            None => vec![],
        };
        keyed::discard_pages(api, &ids).await
    }
}

impl UpsertRow {
    /// Returns the checkpoint of the only row that matches, or of a new one.
    async fn find_or_create(&self, api: &Api<'_>, source: DataSource) -> Result<String> {
        let mut properties = self.new_values(api, &source).await?;
        let filter = references::filter_to_request(api, &source.properties, &self.matched).await?;
        let body = json!({ "filter": filter, "page_size": MAX_MATCHES });
        // https://developers.notion.com/reference/query-a-data-source
        let call = api.post(&["v1", "data_sources", &source.id, "query"]).read_only().exact();
        let found: Results<Page> = call.json(&body).send().await?;
        match found.results.as_slice() {
            [] => {}
            [row] => return Ok(row.id.clone()),
            rows => {
                let ids = list_choices(rows.iter().map(|row| row.id.as_str()));
                let more = if found.is_last() { "" } else { "at least " };
                let reason = format!(
                    "match: {more}{} rows have these values: {ids}; change one by notion_update_page",
                    rows.len()
                );
                return Err(api.error(Kind::Invalid, reason));
            }
        }
        let title = self.title_of(&properties, &source);
        let title = json!({ "title": rich_text::to_rich_text(&keyed::title(api, &title)) });
        properties.insert(source.title_property().to_owned(), title);
        let parent = json!({ "type": "data_source_id", "data_source_id": source.id });
        // https://developers.notion.com/reference/post-page
        let call = api.post(&["v1", "pages"]).json(&json!({ "parent": parent, "properties": properties }));
        let created = call.send::<Page>().await.map(|page| page.id);
        let id = keyed::or_find(created, keyed::find_rows(api, &source)).await?.unwrap_or_default();
        Ok(format!("{CREATED}{id}"))
    }

    /// The plain title that a new row has.
    fn title_of(&self, properties: &Map<String, Value>, source: &DataSource) -> String {
        let matched = properties.get(source.title_property()).map(|title| rich_text::to_plain(&title["title"]));
        self.title.as_deref().map(str::to_owned).or(matched).unwrap_or_default()
    }

    /// Returns the values of a new row in Notion's request form.
    async fn new_values(&self, api: &Api<'_>, source: &DataSource) -> Result<Map<String, Value>> {
        let mut values = self.matched.clone();
        values.extend(self.properties.clone().unwrap_or_default());
        self.request(api, source, &values).await
    }

    /// Returns the values that a row that was there is given, in Notion's request form. What was only matched stays: a tag is one of
    /// several, and a day can be within a range.
    async fn changes(&self, api: &Api<'_>, source: &DataSource) -> Result<Map<String, Value>> {
        self.request(api, source, &self.properties.clone().unwrap_or_default()).await
    }

    async fn request(
        &self,
        api: &Api<'_>,
        source: &DataSource,
        values: &Map<String, Value>,
    ) -> Result<Map<String, Value>> {
        let mut request = references::properties_to_request(api, &source.properties, values).await?;
        if let Some(title) = &self.title {
            request.insert(source.title_property().to_owned(), json!({ "title": rich_text::to_rich_text(title) }));
        }
        Ok(request)
    }

    async fn set(&self, api: &Api<'_>, source: &DataSource, checkpoint: &str) -> Result<ActionOutput<UpsertedRow>> {
        let (created, path) = (checkpoint.starts_with(CREATED), ["v1", "pages", row_id(checkpoint)]);
        let mut properties =
            if created { self.new_values(api, source).await? } else { self.changes(api, source).await? };
        if created {
            // Its title has the key until now.
            properties.entry(source.title_property()).or_insert_with(|| json!({ "title": [] }));
        }
        if properties.is_empty() {
            // https://developers.notion.com/reference/retrieve-a-page
            let row: Page = api.get(&path).send().await?;
            return Ok(row.into_output("The row was there.").map(|row| UpsertedRow { created, row }));
        }
        // https://developers.notion.com/reference/patch-page
        let row: Page = api.call(Method::PATCH, &path).json(&json!({ "properties": properties })).send().await?;
        let new_options = options::new_options(&source.properties, &properties);
        if !new_options.is_empty() {
            data_source::forget(api, &self.database_id);
        }
        Ok(upserted(row, created, &new_options))
    }

    /// True if a row that was there has its new values.
    async fn is_set(&self, api: &Api<'_>, row: &Page) -> Result<bool> {
        let source = data_source::resolve_required(api, &self.database_id).await?;
        let values = self.changes(api, &source).await?;
        Ok(values.iter().all(|(name, value)| {
            row.properties.get(name).is_some_and(|property| plain_values::has_value(property, value))
        }))
    }
}

fn upserted(row: Page, created: bool, new_options: &[String]) -> ActionOutput<UpsertedRow> {
    let done = if created { "created" } else { "changed" };
    let message = match new_options {
        [] => format!("The row was {done}."),
        new => format!("The row was {done}, with the new option {}.", new.join(", ")),
    };
    row.into_output(&message).map(|row| UpsertedRow { created, row })
}

/// The id of a row of a checkpoint.
fn row_id(checkpoint: &str) -> &str {
    checkpoint.strip_prefix(CREATED).unwrap_or(checkpoint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::notion::ADAPTER;
    use crate::adapters::notion::fixtures::{
        DATA_SOURCE_ID, KEYED_TITLE, PAGE_ID, PARENT_ID, database_parent, row_of_title,
    };
    use crate::adapters::testing::{self, ActionHarness, SentRequest, Step, StepOutput};
    use crate::http::HttpError;

    fn context() -> Value {
        json!({ "databaseId": PARENT_ID, "match": { "Task": "Ship" }, "properties": { "Due": "2026-12-01" } })
    }

    /// Answers with the rows that a query finds.
    fn provider(
        rows: Vec<Value>,
    ) -> impl Fn(&SentRequest) -> std::result::Result<(u16, Value), HttpError> + Send + Sync + 'static {
        move |sent| {
            Ok(match sent.line.rsplit('/').next() {
                Some("query") => (200, json!({ "results": rows, "has_more": false, "next_cursor": null })),
                _ => database_parent(sent),
            })
        }
    }

    #[tokio::test]
    async fn a_row_is_found_or_created_whole_under_a_keyed_title() {
        for (rows, checkpoint, posts) in
            [(vec![row_of_title("Ship")], PAGE_ID.to_owned(), 0), (vec![], format!("{CREATED}{PAGE_ID}"), 1)]
        {
            let (output, calls) =
                testing::run_step(&ADAPTER, "upsert_row", None, Step::Prepare, context(), provider(rows)).await;
            assert_eq!(output.unwrap(), StepOutput::Checkpoint(Some(checkpoint)));
            let query = calls.iter().find(|sent| sent.line.ends_with("/query")).unwrap();
            assert_eq!(query.body["filter"], json!({ "property": "Task", "title": { "equals": "Ship" } }));
            let created: Vec<_> = calls.iter().filter(|sent| sent.line == "POST /v1/pages").collect();
            assert_eq!(created.len(), posts);
            for sent in created {
                assert_eq!(sent.body["parent"]["data_source_id"], DATA_SOURCE_ID);
                assert_eq!(sent.body["properties"]["Task"]["title"][0]["text"]["content"], KEYED_TITLE);
                assert_eq!(sent.body["properties"]["Due"], json!({ "date": { "start": "2026-12-01" } }));
            }
        }
    }

    #[tokio::test]
    async fn only_a_row_that_it_made_is_discarded() {
        for (checkpoint, title, is_trashed) in [
            (format!("{CREATED}{PAGE_ID}"), KEYED_TITLE, true),
            (format!("{CREATED}{PAGE_ID}"), "Ship", false),
            (PAGE_ID.to_owned(), KEYED_TITLE, false),
        ] {
            let provider = move |_: &SentRequest| Ok((200, row_of_title(title)));
            let (output, calls) =
                testing::run_step(&ADAPTER, "upsert_row", Some(&checkpoint), Step::Discard, context(), provider).await;
            assert_eq!(output.unwrap(), StepOutput::Discarded);
            assert_eq!(calls.iter().any(|sent| sent.body["in_trash"] == true), is_trashed, "{checkpoint} {title}");
        }
    }

    #[tokio::test]
    async fn a_row_that_was_there_is_reconciled_by_its_values() {
        let row = |title: &str, edited: &str| {
            let mut row = row_of_title(title);
            row["last_edited_time"] = json!(edited);
            row
        };
        let (before, since) = ("2026-11-23T09:00:00.000Z", "2026-11-23T10:00:00.000Z");
        for (title, edited, expected) in [
            ("Sail", before, Some(Reconciliation::NotApplied)),
            ("Sail", since, Some(Reconciliation::Inconclusive)),
            ("Ship", since, None),
        ] {
            let found = row(title, edited);
            let provider = move |sent: &SentRequest| {
                Ok(if sent.line.contains("/v1/pages/") { (200, found.clone()) } else { database_parent(sent) })
            };
            let context = json!({ "databaseId": PARENT_ID, "match": { "Number": 7 }, "title": "Ship" });
            let (output, _) =
                testing::run_step(&ADAPTER, "upsert_row", Some(PAGE_ID), Step::Reconcile, context, provider).await;
            match expected {
                Some(expected) => assert_eq!(output.unwrap(), StepOutput::Reconciliation(expected)),
                None => assert_eq!(output.unwrap().applied_id(), Some(PAGE_ID)),
            }
        }
    }

    #[tokio::test]
    async fn what_was_only_matched_stays_as_it_is() {
        let provider = |sent: &SentRequest| match sent.line.contains("/v1/pages/") {
            true => (200, row_of_title("Ship")),
            false => database_parent(sent),
        };
        let (output, calls) = testing::run_with_checkpoint(&ADAPTER, "upsert_row", PAGE_ID, context(), provider).await;
        assert_eq!(output.unwrap().message, "The row was changed.");
        let change = calls.last().unwrap();
        assert_eq!(change.line, format!("PATCH /v1/pages/{PAGE_ID}"));
        assert_eq!(change.body, json!({ "properties": { "Due": { "date": { "start": "2026-12-01" } } } }));
        let only_matched = json!({ "databaseId": PARENT_ID, "match": { "Task": "Ship" } });
        let (output, calls) =
            testing::run_with_checkpoint(&ADAPTER, "upsert_row", PAGE_ID, only_matched, provider).await;
        assert_eq!(output.unwrap().external_id.as_deref(), Some(PAGE_ID));
        assert!(calls.iter().all(|sent| sent.line.starts_with("GET ")));
    }

    #[tokio::test]
    async fn the_target_names_new_options() {
        let provider = |sent: &SentRequest| {
            let (status, mut found) = database_parent(sent);
            if found["object"] == "data_source" {
                let options = json!([{ "id": "o1", "name": "Low" }]);
                found["properties"]["Priority"] =
                    json!({ "id": "p", "type": "select", "select": { "options": options } });
            }
            Ok((status, found))
        };
        let action = ADAPTER.action("upsert_row").unwrap();
        for (priority, name) in [("Low", "Tasks"), ("Top", "Tasks (with the new option Top of Priority)")] {
            let harness = ActionHarness::new(&ADAPTER, provider);
            let context =
                json!({ "databaseId": PARENT_ID, "match": { "Task": "Ship" }, "properties": { "Priority": priority } });
            let targets = action.targets(&harness.api(action, None), &context).await.unwrap();
            assert_eq!(targets, [Target::new(TargetKind::Database, DATA_SOURCE_ID).named(Some(name))]);
        }
    }

    #[test]
    fn refuses_a_match_of_nothing() {
        let refused = |matched: Value| {
            testing::refusal(&ADAPTER, "upsert_row", json!({ "databaseId": PARENT_ID, "match": matched })).0
        };
        assert_eq!(refused(json!({})), "context.match");
        for value in [json!(null), json!(" "), json!(["urgent"]), json!({ "start": "2026-12-01" })] {
            assert_eq!(refused(json!({ "Number": 7, "Task": value })), "context.match.Task");
        }
    }
}
