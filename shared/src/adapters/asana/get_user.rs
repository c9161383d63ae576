//! `get_user`: reads one user.

use super::prelude::*;
use super::user::{self, UserDetails};

/// Read an Asana user by e-mail address, name or id: their id, name, e-mail address and workspaces.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct GetUser {
    /// The person: `me`, an e-mail address, a name or a user's id (gid).
    user_id: Person,
}

impl Action for GetUser {
    const META: Meta = Meta::read("get_user", READ_USERS_SCOPES).example(r#"{"userId": "sam@example.com"}"#);
    type Output = UserDetails;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<UserDetails>> {
        let gid = self.user_id.resolve_gid(api, "userId").await?;
        // https://developers.asana.com/reference/getuser
        let call = api.get(&["api", "1.0", "users", &gid]).query("opt_fields", user::FIELDS);
        Ok(call.send::<Envelope<UserDetails>>().await?.data.into_output("The user was read."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::asana::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn returns_the_user() {
        let (output, calls) = testing::run(&ADAPTER, "get_user", json!({ "userId": "5" }), |_| {
            (200, json!({ "data": { "gid": "5", "name": "Ann" } }))
        })
        .await;
        assert_eq!(output.unwrap().data, json!({ "id": "5", "name": "Ann", "workspaces": [] }));
        assert_eq!((calls[0].line.as_str(), calls[0].parameter("opt_fields")), ("GET /api/1.0/users/5", user::FIELDS));
    }
}
