//! `get_me`: reads who the connection is.

use super::user::Person;
use super::{NO_SCOPES, text};
use crate::adapters::prelude::*;

/// Read who this connection is in Notion: its bot, which is the author of what it writes, its workspace, and the person who set it up.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct GetMe {}

/// The user of a token, as output.
#[skip_serializing_none]
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Me {
    /// The id of the bot.
    id: String,
    /// The kind: `bot`, or `person` for a personal token.
    #[serde(rename = "type")]
    kind: Option<String>,
    /// The name of the connection.
    name: Option<String>,
    /// The e-mail address of a person.
    email: Option<String>,
    /// The id of the workspace.
    workspace_id: Option<String>,
    /// The name of the workspace.
    workspace_name: Option<String>,
    /// The person who set up the connection; absent if the workspace owns it.
    owner: Option<Person>,
    /// The size of the largest file that the workspace takes, in bytes.
    max_file_bytes: Option<u64>,
}

impl Action for GetMe {
    const META: Meta = Meta::read("get_me", NO_SCOPES);
    type Output = Me;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<Me>> {
        // https://developers.notion.com/reference/get-self
        let user: Value = api.get(&["v1", "users", "me"]).send().await?;
        let me = Me::of(&user);
        let me = me.ok_or_else(|| api.error(Kind::Transient, "unexpected response: a user without an id"))?;
        let id = me.id.clone();
        Ok(ActionOutput::new("The connection was read.", me).with_id(id))
    }
}

impl Me {
    /// Reads the user of a token: <https://developers.notion.com/reference/user>
    fn of(user: &Value) -> Option<Self> {
        let Person { id, name, email } = Person::of(user)?;
        let bot = &user["bot"];
        Some(Self {
            id,
            kind: text(&user["type"]),
            name,
            email,
            workspace_id: text(&bot["workspace_id"]),
            workspace_name: text(&bot["workspace_name"]),
            owner: Person::of(&bot["owner"]["user"]),
            max_file_bytes: bot["workspace_limits"]["max_file_upload_size_in_bytes"].as_u64(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::notion::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn returns_the_bot_its_workspace_and_its_owner() {
        let person = json!({ "object": "user", "id": "p1", "name": "Ann", "person": { "email": "ann@example.com" } });
        let shown = json!({ "id": "p1", "name": "Ann", "email": "ann@example.com" });
        let workspace = json!({ "type": "workspace", "workspace": true });
        for (owner, expected) in [(json!({ "type": "user", "user": person }), Some(shown)), (workspace, None)] {
            let (output, calls) = testing::run(&ADAPTER, "get_me", json!({}), move |_| {
                let limits = json!({ "max_file_upload_size_in_bytes": 5_242_880 });
                (
                    200,
                    json!({ "object": "user", "id": "b1", "type": "bot", "name": "Us", "bot": { "owner": owner,
                    "workspace_id": "w1", "workspace_name": "Works", "workspace_limits": limits } }),
                )
            })
            .await;
            let mut whole = json!({ "id": "b1", "type": "bot", "name": "Us", "workspaceId": "w1", "workspaceName": "Works",
                "maxFileBytes": 5_242_880 });
            if let Some(owner) = expected {
                whole["owner"] = owner;
            }
            assert_eq!((output.unwrap().data, calls[0].line.as_str()), (whole, "GET /v1/users/me"));
        }
    }
}
