//! `list_send_as`: lists the addresses from which the mailbox can send.

use super::READ_SCOPES;
use super::sender::{self, Sender};
use crate::adapters::prelude::*;

/// List the addresses from which the account can send: its own and its aliases, with display name and signature.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("properties" = {}))]
pub(super) struct ListSendAs {}

impl Action for ListSendAs {
    const META: Meta = Meta::read("list_send_as", READ_SCOPES).aliases(&["list_aliases"]);
    type Output = List<Sender>;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<List<Sender>>> {
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.settings.sendAs/list
        Ok(List::of(sender::list(api.get(sender::PATH)).await?, None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::gmail::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn addresses_are_listed() {
        let response = json!({ "sendAs": [{ "sendAsEmail": "a@b.co", "displayName": "", "isPrimary": true, "isDefault": true },
            { "sendAsEmail": "s@b.co", "displayName": "Sales", "signature": "<b>S</b>", "treatAsAlias": true, "verificationStatus": "pending" }] });
        let (output, calls) = testing::run(&ADAPTER, "list_send_as", json!({}), move |_| (200, response.clone())).await;
        let own = json!({ "email": "a@b.co", "isPrimary": true, "isDefault": true });
        let alias = json!({ "email": "s@b.co", "name": "Sales", "signature": "<b>S</b>", "isPrimary": false, "isDefault": false,
            "treatAsAlias": true, "verificationStatus": "pending" });
        assert_eq!(output.unwrap().data, json!({ "senders": [own, alias] }));
        assert_eq!(calls[0].line, "GET /gmail/v1/users/me/settings/sendAs");
    }
}
