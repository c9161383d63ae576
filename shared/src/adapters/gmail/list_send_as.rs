//! `list_send_as`: lists the addresses from which the mailbox can send.

use super::READ_SCOPES;
use crate::adapters::prelude::*;

/// List the addresses from which the account can send: its own and its aliases, with display name and signature.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("properties" = {}))]
pub(super) struct ListSendAs {}

/// An address of the account as Gmail returns it; serialized, it is our output.
/// <https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.settings.sendAs#SendAs>
#[skip_serializing_none]
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Sender {
    /// The address.
    #[serde(rename(deserialize = "sendAsEmail"))]
    email: String,
    /// The display name.
    #[serde(rename(deserialize = "displayName"))]
    name: Option<String>,
    /// The address to which replies go, if not to this one.
    #[serde(rename(deserialize = "replyToAddress"))]
    reply_to: Option<String>,
    /// The signature in HTML.
    signature: Option<String>,
    /// True for the address of the account itself.
    #[serde(default)]
    is_primary: bool,
    /// True for the address that new e-mails have.
    #[serde(default)]
    is_default: bool,
    /// `accepted`, or `pending` for an alias that is not verified yet.
    verification_status: Option<String>,
}

impl Action for ListSendAs {
    const META: Meta = Meta::read("list_send_as", READ_SCOPES).aliases(&["list_aliases"]);
    type Output = List<Sender>;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<List<Sender>>> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Senders {
            #[serde(default)]
            send_as: Vec<Sender>,
        }
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.settings.sendAs/list
        let Senders { mut send_as } = api.get(&["gmail", "v1", "users", "me", "settings", "sendAs"]).send().await?;
        for text in
            send_as.iter_mut().flat_map(|sender| [&mut sender.name, &mut sender.reply_to, &mut sender.signature])
        {
            *text = text.take().filter(|text| !text.is_empty());
        }
        Ok(List::of(send_as, None))
    }
}

impl Listed for Sender {
    const NOUN: &'static str = "sender";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::gmail::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn addresses_are_listed() {
        let response = json!({ "sendAs": [{ "sendAsEmail": "a@b.co", "displayName": "", "isPrimary": true, "isDefault": true },
            { "sendAsEmail": "s@b.co", "displayName": "Sales", "signature": "<b>S</b>", "verificationStatus": "pending" }] });
        let (output, calls) = testing::run(&ADAPTER, "list_send_as", json!({}), move |_| (200, response.clone())).await;
        let own = json!({ "email": "a@b.co", "isPrimary": true, "isDefault": true });
        let alias = json!({ "email": "s@b.co", "name": "Sales", "signature": "<b>S</b>", "isPrimary": false, "isDefault": false,
            "verificationStatus": "pending" });
        assert_eq!(output.unwrap().data, json!({ "senders": [own, alias] }));
        assert_eq!(calls[0].line, "GET /gmail/v1/users/me/settings/sendAs");
    }
}
