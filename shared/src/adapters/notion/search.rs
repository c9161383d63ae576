//! `search`: finds pages and databases by title.

use super::NO_SCOPES;
use super::list::{self, List};
use super::search_result::SearchResult;
use crate::adapters::prelude::*;
use crate::validate::check_text;

const MAX_QUERY_BYTES: usize = 1000;

/// Find Notion pages and databases by title, not by content. Only pages and databases shared with the connection are found, and
/// new ones may appear with a delay. To find rows of a database, use `query_database`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Search {
    /// Words of the title. By default everything is returned.
    query: Option<String>,
    /// Return only pages (including rows), or only databases.
    #[serde(rename = "type")]
    kind: Option<ResultType>,
    /// Sort order by last change; default: by relevance.
    sort: Option<SortOrder>,
    /// Number of results to return, 1 to 100; default 25.
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
    /// The `cursor` of the previous page, to continue from there.
    cursor: Option<String>,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
enum ResultType {
    Page,
    Database,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
enum SortOrder {
    NewestFirst,
    OldestFirst,
}

impl Action for Search {
    const META: Meta = Meta::read("search", NO_SCOPES)
        .smaller_request("one page is too long: leave it out by the `query`")
        .example(r#"{"query": "launch", "type": "page", "limit": 10}"#);
    type Output = Value;

    fn check(&self) -> Result<()> {
        if let Some(query) = &self.query {
            check_text("query", query, MAX_QUERY_BYTES)?;
        }
        list::check(self.limit, self.cursor.as_deref())
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        let mut body = json!({});
        if let Some(query) = &self.query {
            body["query"] = json!(query);
        }
        if let Some(kind) = self.kind {
            let value = match kind {
                ResultType::Page => "page",
                ResultType::Database => "data_source",
            };
            body["filter"] = json!({ "property": "object", "value": value });
        }
        if let Some(sort) = self.sort {
            let direction = match sort {
                SortOrder::NewestFirst => "descending",
                SortOrder::OldestFirst => "ascending",
            };
            body["sort"] = json!({ "timestamp": "last_edited_time", "direction": direction });
        }
        // https://developers.notion.com/reference/post-search
        let call = api.post(&["v1", "search"]).read_only();
        let results: List<SearchResult> =
            list::requested_post(api, call, &body, self.limit, self.cursor.as_deref()).await?;
        Ok(results.to_output("result", SearchResult::to_json))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::notion::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn searches_by_title() {
        let context = json!({ "query": "launch", "type": "database", "sort": "newestFirst", "limit": 2 });
        let (output, calls) = testing::run(&ADAPTER, "search", context, |_| {
            (
                200,
                json!({ "object": "list", "has_more": true, "next_cursor": "p2", "results": [
                    { "object": "page", "id": "p1", "url": "https://www.notion.so/p1",
                        "parent": { "type": "workspace", "workspace": true },
                        "properties": { "title": { "type": "title", "title": [{ "plain_text": "Launch" }] } } },
                    { "object": "data_source", "id": "s1" },
                    { "object": "view", "id": "v1" },
                ] }),
            )
        })
        .await;
        assert_eq!(
            output.unwrap().data,
            json!({ "cursor": "p2", "results": [
                { "type": "page", "id": "p1", "title": "Launch", "url": "https://www.notion.so/p1",
                    "parent": { "type": "workspace", "id": null }, "updatedAt": null },
                { "type": "database", "id": "s1", "dataSourceId": "s1", "title": "", "url": null, "parent": null,
                    "updatedAt": null },
                { "type": "other" },
            ] })
        );
        assert_eq!(calls[0].line, "POST /v1/search");
        assert_eq!(
            calls[0].body,
            json!({ "query": "launch", "page_size": 2, "filter": { "property": "object", "value": "data_source" },
                "sort": { "timestamp": "last_edited_time", "direction": "descending" } })
        );
    }

    #[test]
    fn refuses_invalid_fields() {
        let refused = |context| testing::refusal(&ADAPTER, "search", context).0;
        assert_eq!(refused(json!({ "type": "block" })), "context.type");
        assert_eq!(refused(json!({ "limit": 1000 })), "context.limit");
    }
}
