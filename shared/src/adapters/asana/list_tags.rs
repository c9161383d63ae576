//! `list_tags`: lists the tags of a workspace.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::envelope::{self, Page};
use super::tag::{self, Tag};
use super::{READ_TAGS_SCOPES, input, workspace};
use crate::adapters::action::{Action, ActionOutput, Effect, Scopes};
use crate::adapters::api::Api;
use crate::error::Result;

/// List the tags of an Asana workspace.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListTags {
    /// The id (gid) of the workspace. Optional if the account has only one.
    workspace_id: Option<String>,
    /// Number of tags to return, 1 to 100; default 50.
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
    /// The `cursor` of the previous page, to continue from there.
    cursor: Option<String>,
}

impl Action for ListTags {
    const NAME: &'static str = "list_tags";
    const SCOPES: Scopes = READ_TAGS_SCOPES;
    const EFFECT: Effect = Effect::Read;

    fn example() -> Value {
        json!({ "limit": 20 })
    }

    fn check(&self) -> Result<()> {
        input::check_optional_gids(&[("workspaceId", &self.workspace_id)])?;
        envelope::check_page(self.limit, self.cursor.as_deref())
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        let workspace = workspace::resolve(api, self.workspace_id.as_deref()).await?;
        // https://developers.asana.com/reference/gettags
        let call = api.get(&["api", "1.0", "tags"]).query("workspace", workspace).query("opt_fields", tag::FIELDS);
        let page: Page<Tag> = envelope::requested_page(api, call, self.limit, self.cursor.as_deref()).await?;
        Ok(page.into_output("tag"))
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
            json!({ "cursor": null, "tags": [{ "id": "6", "name": "Urgent", "color": "dark-red",
                "createdAt": "2026-11-01T10:00:00.000Z", "url": "https://app.asana.com/0/6",
                "workspace": { "id": "7", "name": "Home" } }] })
        );
        assert_eq!((calls[0].line.as_str(), calls[0].parameter("workspace")), ("GET /api/1.0/tags", "7"));
        assert_eq!((calls[0].parameter("limit"), calls[0].parameter("opt_fields")), ("50", tag::FIELDS));
    }

    #[test]
    fn rejects_an_invalid_workspace() {
        assert_eq!(testing::refusal(&ADAPTER, "list_tags", json!({ "workspaceId": "Home" })).0, "context.workspaceId");
    }
}
