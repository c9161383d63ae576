//! `lookup_user_by_email`: finds a person by e-mail address.

use super::person::{self, PersonRef};
use crate::adapters::prelude::*;

/// Find a person in the Slack workspace by their e-mail address.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct LookupUserByEmail {
    /// The e-mail address in the person's Slack profile.
    email: String,
}

impl Action for LookupUserByEmail {
    const META: Meta =
        Meta::read("lookup_user_by_email", &[&["users:read.email"]]).example(r#"{"email": "sam@example.com"}"#);
    type Output = Value;

    fn check(&self) -> Result<()> {
        self.parse_email().map(|_| ())
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        // https://docs.slack.dev/reference/methods/users.lookupByEmail
        let user = person::find_by_email(api, &self.parse_email()?).await?;
        Ok(ActionOutput {
            message: "The person was found.".to_owned(),
            data: json!({ "user": user.to_json() }),
            external_id: None,
            link: None,
        })
    }
}

impl LookupUserByEmail {
    fn parse_email(&self) -> Result<String> {
        match person::parse(&self.email) {
            Some(PersonRef::Email(email)) => Ok(email),
            _ => Err(Error::invalid("email", "must be one e-mail address, for example ann@example.com")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::slack::ADAPTER;
    use crate::adapters::testing::{self, SentRequest};

    #[tokio::test]
    async fn returns_the_user_or_not_found() {
        let (output, calls) =
            testing::run(&ADAPTER, "lookup_user_by_email", json!({ "email": " ann@example.com" }), |_| {
                (200, json!({ "ok": true, "user": { "id": "U1", "name": "ann" } }))
            })
            .await;
        assert_eq!(output.unwrap().data["user"]["name"], "ann");
        assert_eq!(calls[0].line, "GET /api/users.lookupByEmail");
        assert_eq!(calls[0].query, [("email".to_owned(), "ann@example.com".to_owned())]);

        let response = |_: &SentRequest| (200, json!({ "ok": false, "error": "users_not_found" }));
        let (output, _) =
            testing::run(&ADAPTER, "lookup_user_by_email", json!({ "email": "x@example.com" }), response).await;
        assert_eq!(testing::error_kind(&output), Kind::NotFound);
    }

    #[test]
    fn rejects_anything_but_one_email_address() {
        for bad in ["ann", "U0123456789", "a@b.example, c@d.example"] {
            assert_eq!(testing::refusal(&ADAPTER, "lookup_user_by_email", json!({ "email": bad })).0, "context.email");
        }
    }
}
