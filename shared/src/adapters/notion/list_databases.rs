//! `list_databases`: lists the databases shared with the connection.

use super::NO_SCOPES;
use super::list::{self, PageLimit};
use super::search_result::{FoundDatabase, ResultKind, SearchResult};
use crate::adapters::prelude::*;

/// List the Notion databases that are shared with the connection, with their ids. New databases may appear with a delay. To find one by
/// its title use `notion_search`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListDatabases {
    /// Number of databases to return.
    #[serde(default)]
    limit: PageLimit,
    /// The `cursor` of the previous page.
    cursor: Option<Cursor>,
}

impl Action for ListDatabases {
    const META: Meta = Meta::read("list_databases", NO_SCOPES).example(r#"{"limit": 10}"#);
    type Output = List<FoundDatabase>;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<List<FoundDatabase>>> {
        let body = json!({ "filter": { "property": "object", "value": ResultKind::Database.object() } });
        // https://developers.notion.com/reference/post-search
        let call = api.post(&["v1", "search"]).read_only();
        let found = list::requested_post::<Value>(api, call, &body, self.limit, self.cursor.as_ref()).await?;
        Ok(found.into_output(|found| SearchResult::of(&found).map(FoundDatabase)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::notion::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn returns_database_ids() {
        let (output, calls) = testing::run(&ADAPTER, "list_databases", json!({ "cursor": "p1" }), |_| {
            (
                200,
                json!({ "object": "list", "has_more": false, "next_cursor": null, "results": [{ "object": "data_source",
                    "id": "s1", "title": [{ "plain_text": "Tasks" }], "url": "https://www.notion.so/d1",
                    "parent": { "type": "database_id", "database_id": "d1" },
                    "database_parent": { "type": "page_id", "page_id": "p1" },
                    "last_edited_time": "2026-11-23T10:00:00.000Z", "properties": {} }] }),
            )
        })
        .await;
        assert_eq!(
            output.unwrap().data,
            json!({ "databases": [{ "type": "database", "id": "d1", "dataSourceId": "s1", "title": "Tasks",
                "link": "https://www.notion.so/d1", "parent": { "type": "page", "id": "p1" },
                "updatedAt": "2026-11-23T10:00:00.000Z" }] })
        );
        assert_eq!(calls[0].line, "POST /v1/search");
        assert_eq!(
            calls[0].body,
            json!({ "page_size": 25, "start_cursor": "p1", "filter": { "property": "object", "value": "data_source" } })
        );
    }
}
