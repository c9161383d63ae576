//! `list_tags`: lists the tags of a workspace.

use super::prelude::*;
use super::tag::{self, Tag};
use super::workspace;

/// List the tags of an Asana workspace, to find the id of a tag by its name.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListTags {
    /// The workspace, by id (gid), link or name. Optional if the account has only one.
    workspace_id: Option<WorkspaceId>,
    /// Number of tags to return.
    #[serde(default)]
    limit: PageLimit,
    /// The `cursor` of the previous page.
    cursor: Option<Cursor>,
}

impl Action for ListTags {
    const META: Meta = Meta::read("list_tags", READ_TAGS_SCOPES).example(r#"{"limit": 20}"#);
    type Output = List<Tag>;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<List<Tag>>> {
        let workspace = workspace::resolve(api, self.workspace_id.as_ref()).await?;
        // https://developers.asana.com/reference/gettags
        let call = api.get(&["api", "1.0", "tags"]).query("workspace", workspace.gid).query("opt_fields", tag::FIELDS);
        envelope::list(api, call, self.limit, self.cursor.as_ref()).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::asana::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn returns_a_page_of_tags() {
        let (output, calls) = testing::run(&ADAPTER, "list_tags", json!({ "workspaceId": "7" }), |_| {
            let tag = json!({ "gid": "6", "name": "Urgent", "color": "dark-red", "workspace": { "gid": "7", "name": "Home" },
                "created_at": "2026-11-01T10:00:00.000Z", "permalink_url": "https://app.asana.com/0/6" });
            (200, json!({ "data": [tag], "next_page": null }))
        })
        .await;
        assert_eq!(
            output.unwrap().data,
            json!({ "tags": [{ "id": "6", "name": "Urgent", "color": "dark-red",
                "createdAt": "2026-11-01T10:00:00Z", "link": "https://app.asana.com/0/6",
                "workspace": { "id": "7", "name": "Home" } }] })
        );
        assert_eq!((calls[0].line.as_str(), calls[0].parameter("workspace")), ("GET /api/1.0/tags", "7"));
        assert_eq!((calls[0].parameter("limit"), calls[0].parameter("opt_fields")), ("50", tag::FIELDS));
    }
}
