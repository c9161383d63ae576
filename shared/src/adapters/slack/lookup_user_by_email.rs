//! `lookup_user_by_email`: who has an e-mail address.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::person::{self, Named};
use crate::adapters::action::{Action, Done, Effect, Scopes};
use crate::adapters::api::Api;
use crate::error::{Error, Result};

/// Find the person in the Slack workspace who has an e-mail address.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct LookupUserByEmail {
    /// The e-mail address, as it stands in the person's Slack profile.
    email: String,
}

impl Action for LookupUserByEmail {
    const NAME: &'static str = "lookup_user_by_email";
    const SCOPES: Scopes = &[&["users:read.email"]];
    const EFFECT: Effect = Effect::Read;

    fn example() -> Value {
        json!({ "email": "sam@example.com" })
    }

    fn check(&self) -> Result<()> {
        self.address().map(|_| ())
    }

    async fn run(&self, api: &Api<'_>) -> Result<Done> {
        // https://docs.slack.dev/reference/methods/users.lookupByEmail
        let user = person::by_email(api, &self.address()?).await?;
        Ok(Done {
            message: "The person was found.".to_owned(),
            data: json!({ "user": user.show() }),
            external_id: None,
            link: None,
        })
    }
}

impl LookupUserByEmail {
    fn address(&self) -> Result<String> {
        match person::parse(&self.email) {
            Some(Named::Email(email)) => Ok(email),
            _ => Err(Error::invalid("email", "must be one e-mail address")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::slack::ADAPTER;
    use crate::adapters::testing::{self, Sent};
    use crate::error::Kind;

    #[tokio::test]
    async fn finds_who_has_it_or_nobody() {
        let (done, calls) =
            testing::run(&ADAPTER, "lookup_user_by_email", json!({ "email": " ann@example.com" }), |_| {
                (200, json!({ "ok": true, "user": { "id": "U1", "name": "ann" } }))
            })
            .await;
        assert_eq!(done.unwrap().data["user"]["name"], "ann");
        assert_eq!(calls[0].line, "GET /api/users.lookupByEmail");
        assert_eq!(calls[0].query, [("email".to_owned(), "ann@example.com".to_owned())]);

        let answer = |_: &Sent| (200, json!({ "ok": false, "error": "users_not_found" }));
        let (done, _) =
            testing::run(&ADAPTER, "lookup_user_by_email", json!({ "email": "x@example.com" }), answer).await;
        assert_eq!(testing::kind(&done), Kind::NotFound);
    }

    #[test]
    fn refuses_what_is_no_address() {
        for bad in ["ann", "U0123456789", "a@b.example, c@d.example"] {
            assert_eq!(testing::refusal(&ADAPTER, "lookup_user_by_email", json!({ "email": bad })).0, "context.email");
        }
    }
}
