//! `get_profile`: reads the address of the connected mailbox.

use super::PROFILE_SCOPES;
use crate::adapters::prelude::*;

/// Read which Gmail account is connected: its address, and how many e-mails and threads it holds.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("properties" = {}))]
pub(super) struct GetProfile {}

/// The account of the access token.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Profile {
    /// The account's address.
    pub(super) email_address: String,
    messages_total: Option<u64>,
    threads_total: Option<u64>,
}

impl Action for GetProfile {
    const META: Meta = Meta::read("get_profile", PROFILE_SCOPES);
    type Output = Value;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        let profile = get(api).await?;
        Ok(ActionOutput {
            message: "The connected account was read.".to_owned(),
            data: json!({
                "emailAddress": profile.email_address,
                "messagesTotal": profile.messages_total,
                "threadsTotal": profile.threads_total,
            }),
            external_id: Some(profile.email_address),
            link: None,
        })
    }
}

/// Reads the account of the access token.
pub(super) async fn get(api: &Api<'_>) -> Result<Profile> {
    // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users/getProfile
    api.get(&["gmail", "v1", "users", "me", "profile"]).send().await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::gmail::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn returns_the_connected_account() {
        let response = json!({ "emailAddress": "a@b.co", "messagesTotal": 12, "threadsTotal": 3, "historyId": "9" });
        let (output, calls) = testing::run(&ADAPTER, "get_profile", json!({}), move |_| (200, response.clone())).await;
        let output = output.unwrap();
        assert_eq!(output.data, json!({ "emailAddress": "a@b.co", "messagesTotal": 12, "threadsTotal": 3 }));
        assert_eq!(output.external_id.as_deref(), Some("a@b.co"));
        assert_eq!((calls[0].line.as_str(), calls[0].query.len()), ("GET /gmail/v1/users/me/profile", 0));
        let unknown = testing::refusal(&ADAPTER, "get_profile", json!({ "user": "me" }));
        assert!(unknown.1.contains("unknown field"), "{unknown:?}");
    }
}
