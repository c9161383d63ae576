//! `send_email`: sends a mail from the connected account.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::TO_SEND;
use super::mail::Mail;
use crate::adapters::action::{Action, Done, Effect, Scopes};
use crate::adapters::api::Api;
use crate::error::Result;

/// Send an e-mail from the connected Gmail account.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct SendEmail(Mail);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message {
    id: String,
    thread_id: Option<String>,
    #[serde(default)]
    label_ids: Vec<String>,
}

impl Action for SendEmail {
    const NAME: &'static str = "send_email";
    const SCOPES: Scopes = TO_SEND;
    const EFFECT: Effect = Effect::Create;

    fn check(&self) -> Result<()> {
        self.0.check()
    }

    async fn run(&self, api: &Api<'_>) -> Result<Done> {
        let raw = self.0.raw(api.effect_key, api.now)?;
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages/send
        let call = api.post(&["gmail", "v1", "users", "me", "messages", "send"]).json(&json!({ "raw": raw }));
        let sent: Message = call.send().await?;
        Ok(Done {
            message: "The e-mail was sent.".to_owned(),
            data: json!({ "id": sent.id, "threadId": sent.thread_id, "labelIds": sent.label_ids }),
            link: Some(super::link(&sent.id)),
            external_id: Some(sent.id),
        })
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;
    use crate::adapters::gmail::ADAPTER;
    use crate::adapters::testing;
    use crate::error::Kind;
    use crate::http::HttpError;

    fn context() -> serde_json::Value {
        json!({ "to": "recipient@example.com", "subject": "Hello from AgentOS", "body": "This is a test email." })
    }

    #[tokio::test]
    async fn sends_and_tells_what_was_sent() {
        let (done, calls) = testing::run(&ADAPTER, "send_email", context(), |_| {
            (200, json!({ "id": "m1", "threadId": "t1", "labelIds": ["SENT"] }))
        })
        .await;
        let done = done.unwrap();
        assert_eq!(done.data, json!({ "id": "m1", "threadId": "t1", "labelIds": ["SENT"] }));
        assert_eq!(done.external_id.as_deref(), Some("m1"));
        assert_eq!(done.link.as_deref(), Some("https://mail.google.com/mail/u/0/#all/m1"));

        assert_eq!(calls.len(), 1);
        assert_eq!(calls[0].line, "POST /gmail/v1/users/me/messages/send");
        assert_eq!(calls[0].header("authorization"), "Bearer token-1");
        let raw = URL_SAFE_NO_PAD.decode(calls[0].body["raw"].as_str().unwrap()).unwrap();
        let message = String::from_utf8(raw).unwrap();
        assert!(message.contains("To: <recipient@example.com>\r\n"), "{message}");
    }

    #[tokio::test]
    async fn a_lost_answer_is_ambiguous() {
        let lost = |_: &testing::Sent| Err(HttpError::Lost("reset".to_owned()));
        let (done, calls) = testing::run_over(&ADAPTER, "send_email", context(), lost).await;
        assert_eq!((testing::kind(&done), calls.len()), (Kind::Ambiguous, 1));
    }

    #[test]
    fn refuses_what_is_no_mail() {
        let refused = |context| testing::refusal(&ADAPTER, "send_email", context).0;
        assert_eq!(refused(json!({ "subject": "S", "body": "B" })), "context.to");
        assert_eq!(refused(json!({ "to": "nobody", "subject": "S", "body": "B" })), "context.to");
        assert_eq!(refused(json!({ "to": "a@b.co", "subject": " ", "body": "B" })), "context.subject");
        assert_eq!(refused(json!({ "to": "a@b.co", "subject": "S", "body": "" })), "context.body");
        assert_eq!(refused(json!({ "to": "a@b.co", "subject": "S", "body": "B", "html": " " })), "context.html");
        assert_eq!(refused(json!({ "to": vec!["a@b.co"; 51], "subject": "S", "body": "B" })), "context.to");
        let unknown = testing::refusal(&ADAPTER, "send_email", json!({ "to": "a@b.co", "subject": "S", "text": "B" }));
        assert!(unknown.1.contains("unknown field `text`"), "{unknown:?}");
    }
}
