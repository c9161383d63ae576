//! `get_email`: reads one message with headers, text, HTML and the list of attachments.

use super::READ_SCOPES;
use super::email::Email;
use super::id::Id;
use super::message;
use crate::adapters::prelude::*;

/// Read one e-mail in full: headers, text, HTML, labels and the list of its attachments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct GetEmail {
    /// The e-mail's `id`, as `gmail_fetch_emails` returns it.
    #[serde(alias = "id")]
    #[schemars(extend("x-aliases" = ["id"]))]
    message_id: Id,
    /// Set to false to leave out text, HTML and attachments.
    #[serde(default = "super::yes")]
    include_body: bool,
}

impl Action for GetEmail {
    const META: Meta = Meta::read("get_email", READ_SCOPES)
        .core()
        .aliases(&["read_email"])
        .smaller_request("without the text: `includeBody` false")
        .example(r#"{"messageId": "18f0000000000006"}"#);
    type Output = Email;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<Email>> {
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages/get
        let email = match self.include_body {
            true => message::get_with_texts(api, &self.message_id).await?.with_body(message::MAX_BODY_BYTES),
            false => message::get_headers(api, &self.message_id).await?.summary(),
        };
        Ok(email.into_output())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::gmail::ADAPTER;
    use crate::adapters::testing;
    use crate::http::HttpError;

    #[tokio::test]
    async fn reads_headers_text_and_attachments() {
        let response = json!({ "id": "m1", "threadId": "t1", "labelIds": ["INBOX"], "snippet": "Hi",
            "internalDate": "1795600000000",
            "payload": { "mimeType": "multipart/mixed",
                "headers": [{ "name": "From", "value": "Ann <ann@b.co>" }, { "name": "Reply-To", "value": "list@b.co" }],
                "parts": [{ "partId": "0", "mimeType": "text/plain", "body": { "size": 2, "data": "SGk=" } },
                    { "partId": "1", "mimeType": "application/pdf", "filename": "a.pdf",
                        "body": { "attachmentId": "A1", "size": 7 } }] } });
        let (output, calls) =
            testing::run(&ADAPTER, "get_email", json!({ "id": "m1" }), move |_| (200, response.clone())).await;
        let output = output.unwrap();
        assert_eq!(
            output.data,
            json!({ "id": "m1", "threadId": "t1", "link": "https://mail.google.com/mail/u/0/#all/m1",
                "from": { "name": "Ann", "email": "ann@b.co" }, "to": [], "replyTo": [{ "email": "list@b.co" }],
                "date": "2026-11-25T09:46:40Z", "snippet": "Hi", "labelIds": ["INBOX"], "unread": false, "text": "Hi",
                "truncated": false,
                "attachments": [{ "id": "1", "filename": "a.pdf", "contentType": "application/pdf", "size": 7,
                    "inline": false }] })
        );
        assert_eq!(output.external_id.as_deref(), Some("m1"));
        assert_eq!(output.link.as_deref(), Some("https://mail.google.com/mail/u/0/#all/m1"));
        assert_eq!(calls[0].line, "GET /gmail/v1/users/me/messages/m1");
        assert_eq!(calls[0].query, [("format".to_owned(), "full".to_owned())]);
    }

    #[tokio::test]
    async fn missing_email_is_not_found() {
        let not_found = |_: &testing::SentRequest| (404, json!({ "error": { "code": 404 } }));
        let (output, _) = testing::run(&ADAPTER, "get_email", json!({ "messageId": "m1" }), not_found).await;
        assert_eq!(testing::error_kind(&output), Kind::NotFound);
    }

    #[tokio::test]
    async fn the_status_decides_what_a_response_that_is_too_long_means() {
        for (status, kind) in [(200, Kind::ResponseTooLarge), (404, Kind::NotFound), (503, Kind::Transient)] {
            let too_large =
                move |_: &testing::SentRequest| Err(HttpError::TooLarge(http::StatusCode::from_u16(status).unwrap()));
            let (output, _) =
                testing::run_fallible(&ADAPTER, "get_email", json!({ "messageId": "m1" }), too_large).await;
            assert_eq!(testing::error_kind(&output), kind, "{status}");
        }
    }
}
