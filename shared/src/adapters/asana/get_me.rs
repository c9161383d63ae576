//! `get_me`: reads the connected user.

use super::prelude::*;
use super::user::{self, UserDetails};

/// Read the connected Asana user: id, name, e-mail address and workspaces. Where an action takes a person, `me` is enough.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct GetMe {}

impl Action for GetMe {
    const META: Meta = Meta::read("get_me", READ_USERS_SCOPES).example("{}");
    type Output = UserDetails;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<UserDetails>> {
        // https://developers.asana.com/reference/getuser
        let call = api.get(&["api", "1.0", "users", "me"]).query("opt_fields", user::FIELDS);
        Ok(call.send::<Envelope<UserDetails>>().await?.data.into_output("The user was read."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::asana::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn returns_the_connected_user() {
        let (output, calls) = testing::run(&ADAPTER, "get_me", json!({}), |_| {
            let workspaces = json!([{ "gid": "7", "name": "Home" }]);
            (
                200,
                json!({ "data": { "gid": "5", "name": "Ann", "email": "ann@example.com", "workspaces": workspaces } }),
            )
        })
        .await;
        let output = output.unwrap();
        assert_eq!(output.external_id.as_deref(), Some("5"));
        assert_eq!(
            output.data,
            json!({ "id": "5", "name": "Ann", "email": "ann@example.com", "workspaces": [{ "id": "7", "name": "Home" }] })
        );
        assert_eq!((calls[0].line.as_str(), calls[0].parameter("opt_fields")), ("GET /api/1.0/users/me", user::FIELDS));
    }
}
