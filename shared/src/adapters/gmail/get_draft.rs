//! `get_draft`: reads a draft in full.

use super::LIST_DRAFTS_SCOPES;
use super::draft;
use super::email::Email;
use super::id::Id;
use super::message::MAX_BODY_BYTES;
use crate::adapters::prelude::*;

/// Read a draft in full: recipients, subject, text, HTML and the list of its attachments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct GetDraft {
    /// The draft's `id`, as `gmail_create_draft` and `gmail_list_drafts` return it.
    #[serde(alias = "id")]
    #[schemars(extend("x-aliases" = ["id"]))]
    draft_id: Id,
}

/// A draft with its e-mail.
#[skip_serializing_none]
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct FullDraft {
    /// The draft's id, for `gmail_update_draft`, `gmail_send_draft` and `gmail_delete_draft`.
    id: String,
    /// Its e-mail.
    email: Option<Email>,
}

impl Action for GetDraft {
    const META: Meta = Meta::read("get_draft", LIST_DRAFTS_SCOPES)
        .aliases(&["read_draft"])
        .example(r#"{"draftId": "r-6000000000000000001"}"#);
    type Output = FullDraft;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<FullDraft>> {
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.drafts/get
        let mut draft = draft::require_full(api, &self.draft_id).await?;
        if let Some(message) = &mut draft.message {
            message.read_texts(api).await?;
        }
        let email = draft.message.map(|message| message.with_body(MAX_BODY_BYTES));
        let link = email.as_ref().filter(|email| !email.id.is_empty()).map(|email| email.link.clone());
        let full = FullDraft { id: draft.id, email };
        Ok(ActionOutput::new("The draft was read.", full).with_id(&*self.draft_id).with_link(link))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::gmail::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn a_draft_is_read_with_its_text() {
        let payload = json!({ "mimeType": "text/html", "headers": [{ "name": "Bcc", "value": "c@b.co" }],
            "body": { "data": "PHA-SGk8L3A-" } });
        let response = json!({ "id": "r1", "message": { "id": "m1", "threadId": "t1", "payload": payload } });
        let context = || json!({ "draftId": "r1" });
        let (output, calls) = testing::run(&ADAPTER, "get_draft", context(), move |_| (200, response.clone())).await;
        let output = output.unwrap();
        let email = &output.data["email"];
        assert_eq!(
            (&email["text"], &email["html"], &email["bcc"][0]["email"]),
            (&json!("Hi"), &json!("<p>Hi</p>"), &json!("c@b.co"))
        );
        assert_eq!((output.external_id.as_deref(), calls[0].parameter("format")), (Some("r1"), "full"));
        let not_found = |_: &testing::SentRequest| (404, json!({ "error": { "code": 404 } }));
        let (output, _) = testing::run(&ADAPTER, "get_draft", context(), not_found).await;
        assert_eq!(testing::error_kind(&output), Kind::NotFound);
    }
}
