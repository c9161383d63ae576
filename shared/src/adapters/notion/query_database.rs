//! `query_database`: reads rows of a database.

use percent_encoding::percent_decode_str;
use serde_json::Map;

use super::condition::TIMESTAMPS;
use super::data_source::{self, DataSource};
use super::id::Id;
use super::list::{self, PageLimit, Results};
use super::page::{Page, Row};
use super::properties::PropertyName;
use super::{NO_SCOPES, properties, references};
use crate::adapters::paging::count_message;
use crate::adapters::prelude::*;

/// Read rows of a Notion database, with their properties as plain values. Each row is a page. `notion_search` finds a page by its title.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct QueryDatabase {
    /// The database or one of its data sources: its id or a link to it.
    database_id: Id,
    /// Conditions by property, which must all match: a value, or operators of its type: `{"Status": "Done", "Num": {"greater_than": 5},
    /// "Due": {"past_week": {}}}`. A list means any of its values; for a property with several values it means all of them. `null` means
    /// empty. `{"or": [{..}, {..}]}` combines filters. Notion's own filters are accepted.
    filter: Option<Map<String, Value>>,
    /// The sort order; the first entry has precedence. Without it the newest row is first.
    sorts: Option<Items<Sort, 100>>,
    /// The names of the properties to return besides the title: `["Status", "Due"]`. Without them all are returned.
    properties: Option<Items<PropertyName, 100>>,
    /// Number of rows to return.
    #[serde(default)]
    limit: PageLimit,
    /// The `cursor` of the previous page.
    cursor: Option<Cursor>,
}

/// A sort key: a property, or the time a row was created or changed.
#[skip_serializing_none]
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
struct Sort {
    /// The name of a property.
    property: Option<PropertyName>,
    /// The time of creation or of the last change, in the place of a property.
    timestamp: Option<SortTimestamp>,
    /// The direction.
    #[serde(default)]
    direction: SortDirection,
}

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum SortTimestamp {
    CreatedTime,
    LastEditedTime,
}

#[derive(Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum SortDirection {
    #[default]
    Ascending,
    Descending,
}

/// A page of rows as output.
#[skip_serializing_none]
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Rows {
    /// The rows of the page.
    rows: Vec<Row>,
    /// The cursor of the next page; absent on the last page.
    cursor: Option<String>,
    /// True if Notion does not return all rows that match: only the first 10,000.
    incomplete: Option<bool>,
}

impl Action for QueryDatabase {
    const META: Meta = Meta::read("query_database", NO_SCOPES)
        .core()
        .smaller_request("one row is too long: name the `properties` to return, or leave the row out by the `filter`")
        .example(
            r#"{"databaseId": "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0020",
                 "filter": {"Status": ["Not started", "In progress"]},
                 "sorts": [{"property": "Name", "direction": "ascending"}], "limit": 10}"#,
        );
    type Output = Rows;

    fn check(&self) -> Result<()> {
        for (index, sort) in self.sorts.iter().flat_map(|sorts| sorts.iter()).enumerate() {
            if sort.property.is_some() == sort.timestamp.is_some() {
                return Err(Error::invalid(format!("sorts[{index}]"), "must have either property or timestamp"));
            }
        }
        Ok(())
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<Rows>> {
        data_source::with_resolved(api, &self.database_id, |source| self.query(api, source)).await
    }
}

impl QueryDatabase {
    async fn query(&self, api: &Api<'_>, source: DataSource) -> Result<ActionOutput<Rows>> {
        let mut body = json!({});
        if let Some(filter) = &self.filter {
            let filter = references::filter_to_request(api, &source.properties, filter).await?;
            filter.into_iter().for_each(|filter| body["filter"] = filter);
        }
        if let Some(sorts) = &self.sorts {
            let sorts = sorts.iter().enumerate().map(|(index, sort)| {
                sort.to_request(&source).map_err(|reason| api.error(Kind::Invalid, format!("sorts[{index}]: {reason}")))
            });
            body["sorts"] = sorts.collect::<Result<Value>>()?;
        }
        // https://developers.notion.com/reference/query-a-data-source
        let mut call = api.post(&["v1", "data_sources", &source.id, "query"]).read_only();
        for id in self.property_ids(api, &source)? {
            call = call.query("filter_properties", id);
        }
        let found = list::requested_post::<Page>(api, call, &body, self.limit, self.cursor.as_ref()).await?;
        Ok(Rows::output(found))
    }

    /// Returns the ids of the requested properties with that of the title; none if all are requested. Notion selects them by id:
    /// <https://developers.notion.com/reference/query-a-data-source>
    fn property_ids(&self, api: &Api<'_>, source: &DataSource) -> Result<Vec<String>> {
        let Some(names) = &self.properties else { return Ok(vec![]) };
        let id = |name: &str| {
            let id = properties::find(&source.properties, name).and_then(|(_, property)| property["id"].as_str());
            // Notion returns ids in the form that they have in an address. The query encodes them again.
            let id = id.map(|id| percent_decode_str(id).decode_utf8_lossy().into_owned());
            let unknown = || format!("properties: '{name}': {}", properties::unknown(&source.properties));
            id.ok_or_else(|| api.error(Kind::Invalid, unknown()))
        };
        let mut ids =
            std::iter::once("title").chain(names.iter().map(|name| &**name)).map(id).collect::<Result<Vec<_>>>()?;
        ids.dedup();
        Ok(ids)
    }
}

impl Sort {
    /// Converts to Notion's request form, in which a property has its own name.
    fn to_request(&self, source: &DataSource) -> std::result::Result<Value, String> {
        let Some(name) = &self.property else { return Ok(json!(self)) };
        match properties::find(&source.properties, name) {
            Some((known, _)) => Ok(json!({ "property": known, "direction": self.direction })),
            None if TIMESTAMPS.contains(&&**name) => Ok(json!({ "timestamp": &**name, "direction": self.direction })),
            None => Err(properties::unknown(&source.properties)),
        }
    }
}

impl Rows {
    fn output(found: Results<Page>) -> ActionOutput<Self> {
        let (incomplete, cursor) = (found.is_incomplete().then_some(true), found.cursor().map(str::to_owned));
        let rows: Vec<Row> = found.results.into_iter().map(Row::from).collect();
        let mut message = count_message(rows.len(), "row");
        if incomplete.is_some() {
            message.push_str(" Notion returns no more than the first 10,000: narrow the filter to find the others.");
        }
        ActionOutput::new(message, Self { rows, cursor, incomplete })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::notion::ADAPTER;
    use crate::adapters::testing::{self, SentRequest};

    const ID: &str = "1429989f-e8ac-4eff-bc8f-57f56486db54";
    const SOURCE: &str = "00000000-0000-0000-0000-000000000001";

    fn respond(sent: &SentRequest) -> (u16, Value) {
        match sent.line.as_str() {
            line if line.starts_with("GET /v1/databases/") => {
                (200, json!({ "object": "database", "id": ID, "data_sources": [{ "id": SOURCE, "name": "Tasks" }] }))
            }
            line if line.starts_with("GET /v1/data_sources/") => (
                200,
                json!({ "object": "data_source", "id": SOURCE,
                    "properties": { "Status": { "type": "status" }, "Task": { "id": "title", "type": "title" } } }),
            ),
            _ => (
                200,
                json!({ "object": "list", "has_more": true, "next_cursor": "p2", "results": [{ "object": "page", "id": "r1",
                    "url": "https://www.notion.so/r1", "in_trash": false, "parent": { "type": "data_source_id", "data_source_id": SOURCE },
                    "properties": { "Task": { "type": "title", "title": [{ "plain_text": "Ship" }] },
                        "Status": { "type": "status", "status": { "name": "Done" } } } }] }),
            ),
        }
    }

    #[tokio::test]
    async fn queries_by_plain_values() {
        let context = json!({ "databaseId": ID, "filter": { "Status": "Done" }, "limit": 5, "cursor": "p1",
            "sorts": [{ "property": "Task" }, { "timestamp": "created_time", "direction": "descending" }] });
        let (output, calls) = testing::run(&ADAPTER, "query_database", context, respond).await;
        let data = output.unwrap().data;
        assert_eq!(data["cursor"], "p2");
        assert_eq!(data["rows"][0]["properties"], json!({ "Task": "Ship", "Status": "Done" }));
        assert_eq!((&data["rows"][0]["id"], &data["rows"][0]["title"]), (&json!("r1"), &json!("Ship")));
        let lines: Vec<_> = calls.iter().map(|sent| sent.line.clone()).collect();
        assert_eq!(
            lines,
            [
                format!("GET /v1/databases/{ID}"),
                format!("GET /v1/data_sources/{SOURCE}"),
                format!("POST /v1/data_sources/{SOURCE}/query")
            ]
        );
        assert_eq!(
            calls[2].body,
            json!({ "page_size": 5, "start_cursor": "p1", "filter": { "property": "Status", "status": { "equals": "Done" } },
                "sorts": [{ "property": "Task", "direction": "ascending" },
                    { "timestamp": "created_time", "direction": "descending" }] })
        );
    }

    #[tokio::test]
    async fn refuses_properties_missing_from_the_schema() {
        let context = json!({ "databaseId": ID, "filter": { "Colour": "red" } });
        let (output, calls) = testing::run(&ADAPTER, "query_database", context, respond).await;
        assert_eq!((testing::error_kind(&output), calls.len()), (Kind::Invalid, 2));
        assert!(output.unwrap_err().to_string().contains("existing properties are Status, Task"));
    }

    #[test]
    fn refuses_a_sort_without_a_key_and_one_with_two() {
        let refused = |context| testing::refusal(&ADAPTER, "query_database", context).0;
        for sort in [json!({ "direction": "descending" }), json!({ "property": "Task", "timestamp": "created_time" })] {
            assert_eq!(refused(json!({ "databaseId": ID, "sorts": [sort] })), "context.sorts[0]");
        }
    }
}
