//! `user_info`: reads one person.

use super::person::Person;
use super::user::{READ_USERS_SCOPES, User};
use crate::adapters::prelude::*;

/// Look up one person in the Slack workspace: name, e-mail address, title and time zone.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct UserInfo {
    user: Person,
}

impl Action for UserInfo {
    const META: Meta = Meta::read("user_info", READ_USERS_SCOPES).example(r#"{"user": "U0KIM000001"}"#);
    type Output = User;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<User>> {
        // https://docs.slack.dev/reference/methods/users.info
        // https://docs.slack.dev/reference/methods/users.lookupByEmail
        Ok(self.user.fetch(api).await?.into_found())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::slack::ADAPTER;
    use crate::adapters::testing::{self, SentRequest};

    #[tokio::test]
    async fn reads_a_user_by_id_and_by_address() {
        for (user, line, parameter) in [
            ("U0123456789", "GET /api/users.info", ("user", "U0123456789")),
            ("ann@example.com", "GET /api/users.lookupByEmail", ("email", "ann@example.com")),
        ] {
            let (output, calls) = testing::run(&ADAPTER, "user_info", json!({ "user": user }), |_| {
                (200, json!({ "ok": true, "user": { "id": "U0123456789", "profile": { "real_name": "Ann Lee" } } }))
            })
            .await;
            let user = output.unwrap().data;
            assert_eq!((&user["id"], &user["name"]), (&json!("U0123456789"), &json!("Ann Lee")));
            assert_eq!((calls[0].line.as_str(), calls[0].parameter(parameter.0)), (line, parameter.1));
        }
    }

    #[tokio::test]
    async fn unknown_user_is_not_found() {
        let response = |_: &SentRequest| (200, json!({ "ok": false, "error": "user_not_found" }));
        let (output, _) = testing::run(&ADAPTER, "user_info", json!({ "user": "U0123456789" }), response).await;
        assert_eq!(testing::error_kind(&output), Kind::NotFound);
    }
}
