//! `upsert_row`: changes the row that has some values, or creates it.

use serde_json::Map;

use super::data_source::{self, DataSource};
use super::id::Id;
use super::list::Results;
use super::page::{Page, PageData};
use super::rich_text::{self, Title};
use super::{NO_SCOPES, keyed, plain_values, references};
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
    /// The values by which the row is known, of properties that no two rows share: `{"Invoice": "A-17"}`. A new row has them too.
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
        match self.matched.values().any(Value::is_null) || self.matched.is_empty() {
            true => {
                Err(Error::invalid("match", "must have a property with a value, for example {\"Invoice\": \"A-17\"}"))
            }
            false => Ok(()),
        }
    }

    async fn targets(&self, api: &Api<'_>) -> Result<Vec<Target>> {
        let source = data_source::resolve_required(api, &self.database_id).await?;
        Ok(vec![Target::new(TargetKind::Database, &source.id).named(source.name())])
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
        let Some(row) = read_row(api, row_id(checkpoint)).await? else { return Ok(Reconciliation::Inconclusive) };
        let is_keyed = row.title().is_some_and(|title| keyed::is_keyed(api, &title));
        Ok(match checkpoint.starts_with(CREATED) {
            true if is_keyed => Reconciliation::NotApplied,
            true => Reconciliation::Applied(upserted(row, true)),
            false if self.is_set(api, &row).await? => Reconciliation::Applied(upserted(row, false)),
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
        for id in ids {
            let title = read_row(api, &id).await?.and_then(|page| page.title());
            if title.is_some_and(|title| keyed::is_keyed(api, &title)) {
                // https://developers.notion.com/reference/archive-a-page
                keyed::trash(api, "pages", &id).await?;
            }
        }
        Ok(())
    }
}

impl UpsertRow {
    /// Returns the checkpoint of the only row that matches, or of a new one.
    async fn find_or_create(&self, api: &Api<'_>, source: DataSource) -> Result<String> {
        let properties = self.request(api, &source).await?;
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
        let mut properties = properties;
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

    /// Returns all values in Notion's request form.
    async fn request(&self, api: &Api<'_>, source: &DataSource) -> Result<Map<String, Value>> {
        let mut values = self.matched.clone();
        values.extend(self.properties.clone().unwrap_or_default());
        let mut request = references::properties_to_request(api, &source.properties, &values).await?;
        if let Some(title) = &self.title {
            request.insert(source.title_property().to_owned(), json!({ "title": rich_text::to_rich_text(title) }));
        }
        Ok(request)
    }

    async fn set(&self, api: &Api<'_>, source: &DataSource, checkpoint: &str) -> Result<ActionOutput<UpsertedRow>> {
        let mut properties = self.request(api, source).await?;
        let created = checkpoint.starts_with(CREATED);
        if created {
            // Its title has the key until now.
            properties.entry(source.title_property()).or_insert_with(|| json!({ "title": [] }));
        }
        // https://developers.notion.com/reference/patch-page
        let call = api.call(Method::PATCH, &["v1", "pages", row_id(checkpoint)]);
        let row: Page = call.json(&json!({ "properties": properties })).send().await?;
        Ok(upserted(row, created))
    }

    /// True if a row has all values.
    async fn is_set(&self, api: &Api<'_>, row: &Page) -> Result<bool> {
        let source = data_source::resolve_required(api, &self.database_id).await?;
        let values = self.request(api, &source).await?;
        Ok(values
            .iter()
            .all(|(name, value)| row.properties.get(name).is_some_and(|property| has_value(property, value))))
    }
}

/// True if a property has a value in Notion's request form. People have only ids there.
fn has_value(property: &Value, value: &Value) -> bool {
    let kind = property["type"].as_str().unwrap_or_default();
    let ids =
        |people: &Value| people.as_array().into_iter().flatten().map(|person| person["id"].clone()).collect::<Vec<_>>();
    match kind {
        "people" => ids(&property[kind]) == ids(&value[kind]),
        _ => plain_values::to_plain(property) == plain_values::to_plain(&json!({ "type": kind, kind: value[kind] })),
    }
}

fn upserted(row: Page, created: bool) -> ActionOutput<UpsertedRow> {
    let message = if created { "The row was created." } else { "The row was changed." };
    row.into_output(message).map(|row| UpsertedRow { created, row })
}

/// The id of a row of a checkpoint.
fn row_id(checkpoint: &str) -> &str {
    checkpoint.strip_prefix(CREATED).unwrap_or(checkpoint)
}

/// Reads a row; `None` if it is not there or in the trash.
async fn read_row(api: &Api<'_>, id: &str) -> Result<Option<Page>> {
    // https://developers.notion.com/reference/retrieve-a-page
    let page = keyed::none_if_absent(api.get(&["v1", "pages", id]).send::<Page>().await)?;
    Ok(page.filter(|page| page.in_trash != Some(true)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::notion::ADAPTER;
    use crate::adapters::notion::fixtures::{
        DATA_SOURCE_ID, KEYED_TITLE, PAGE_ID, PARENT_ID, database_parent, row_of_title,
    };
    use crate::adapters::testing::{self, SentRequest, Step, StepOutput};
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
            let context = json!({ "databaseId": PARENT_ID, "match": { "Task": "Ship" } });
            let (output, _) =
                testing::run_step(&ADAPTER, "upsert_row", Some(PAGE_ID), Step::Reconcile, context, provider).await;
            match expected {
                Some(expected) => assert_eq!(output.unwrap(), StepOutput::Reconciliation(expected)),
                None => assert_eq!(output.unwrap().applied_id(), Some(PAGE_ID)),
            }
        }
    }

    #[test]
    fn refuses_a_match_of_nothing() {
        let empty = json!({ "databaseId": PARENT_ID, "match": { "Task": null } });
        assert_eq!(testing::refusal(&ADAPTER, "upsert_row", empty).0, "context.match");
    }
}
