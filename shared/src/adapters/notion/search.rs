//! `search`: finds pages and databases by title.

use super::NO_SCOPES;
use super::list::{self, PageLimit};
use super::search_result::{ResultKind, SearchResult};
use crate::adapters::prelude::*;

/// Find Notion pages and databases by title, not by content. Only what is shared with the connection is found, and new pages may appear
/// with a delay. To find rows of a database use `notion_query_database`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Search {
    /// Words of the title. Without them everything is returned.
    query: Option<Line<1000>>,
    /// The kind to return: pages with rows, or databases. Without it both are returned.
    #[serde(rename = "type")]
    kind: Option<ResultKind>,
    /// The order by last change. Without it results are ordered by relevance.
    #[schemars(extend("x-tier" = "all"))]
    sort: Option<SortOrder>,
    /// Number of results to return.
    #[serde(default)]
    limit: PageLimit,
    /// The `cursor` of the previous page.
    cursor: Option<Cursor>,
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
        .core()
        .smaller_request("one page is too long: leave it out by the `query`")
        .example(r#"{"query": "launch", "type": "page", "limit": 10}"#);
    type Output = List<SearchResult>;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<List<SearchResult>>> {
        let mut body = json!({});
        if let Some(query) = &self.query {
            body["query"] = json!(query);
        }
        if let Some(kind) = self.kind {
            body["filter"] = json!({ "property": "object", "value": kind.object() });
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
        let found = list::requested_post::<Value>(api, call, &body, self.limit, self.cursor.as_ref()).await?;
        Ok(found.into_output(|found| SearchResult::of(&found)))
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
                { "type": "page", "id": "p1", "title": "Launch", "link": "https://www.notion.so/p1",
                    "parent": { "type": "workspace" } },
                { "type": "database", "id": "s1", "dataSourceId": "s1", "title": "" },
                { "id": "v1" },
            ] })
        );
        assert_eq!(calls[0].line, "POST /v1/search");
        assert_eq!(
            calls[0].body,
            json!({ "query": "launch", "page_size": 2, "filter": { "property": "object", "value": "data_source" },
                "sort": { "timestamp": "last_edited_time", "direction": "descending" } })
        );
    }
}
