//! An answer as an agent writes it, and the mail made of it and of what it answers.

use schemars::JsonSchema;
use serde::Deserialize;

use super::address::{self, Mailbox};
use super::attachment::{self, AttachmentInput};
use super::mail_input::check_bodies;
use super::message::Message;
use super::outgoing_mail::{MAX_RECIPIENTS, OutgoingMail};
use super::thread_headers::ThreadHeaders;
use super::{check_id, get_profile, original_message};
use crate::adapters::action::OneOrMany;
use crate::adapters::api::Api;
use crate::error::{Error, Kind, Result};

/// An answer as an agent writes it; the common body of `reply` and `reply_all`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub(super) struct ReplyInput {
    /// The `id` of the e-mail to answer, as `fetch_emails` returns it.
    message_id: String,
    /// The text, plain, without markup. What is answered need not be quoted: both lie in one conversation.
    body: String,
    /// The same text as HTML, for readers that show it; `body` stays the plain alternative.
    html: Option<String>,
    /// Who gets a copy besides.
    cc: Option<OneOrMany>,
    /// Who gets a copy without the others seeing it.
    bcc: Option<OneOrMany>,
    /// Files to send along, at most 10 and 20 KiB together.
    attachments: Option<Vec<AttachmentInput>>,
}

impl ReplyInput {
    /// Checks what types cannot say.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the field.
    pub(super) fn check(&self) -> Result<()> {
        check_id("messageId", &self.message_id)?;
        check_bodies(Some(&self.body), self.html.as_ref())?;
        attachment::decode_all(self.attachments.as_ref())?;
        let copies = address::parse_optional("cc", self.cc.as_ref())?.len()
            + address::parse_optional("bcc", self.bcc.as_ref())?.len();
        if copies >= MAX_RECIPIENTS {
            return Err(Error::invalid("cc", format!("with bcc must be less than {MAX_RECIPIENTS} addresses")));
        }
        Ok(())
    }

    /// The mail to the sender of what is answered, or to everybody it went to.
    ///
    /// # Errors
    /// [`Error::Provider`] where that cannot be read or has nobody to answer to.
    pub(super) async fn outgoing(&self, api: &Api<'_>, everybody: bool) -> Result<OutgoingMail> {
        let original = original_message::get_headers(api, &self.message_id).await?;
        let (to, cc) = self.recipients(api, &original, everybody).await?;
        let mail = OutgoingMail {
            to,
            cc,
            bcc: address::parse_optional("bcc", self.bcc.as_ref())?,
            subject: original_message::prefixed_subject(&original, "Re:", &["re:"]),
            text: self.body.clone(),
            html: self.html.clone(),
            files: attachment::decode_all(self.attachments.as_ref())?,
            thread: ThreadHeaders::replying_to(&original),
            ..OutgoingMail::default()
        };
        match mail.recipient_count() {
            _ if mail.to.is_empty() => Err(api.error(Kind::Invalid, "the e-mail names no address to answer to")),
            many if many > MAX_RECIPIENTS => Err(api
                .error(Kind::Invalid, format!("the answer would go to {many} people; {MAX_RECIPIENTS} are the most"))),
            _ => Ok(mail),
        }
    }

    /// Who gets the answer and who a copy, each once.
    async fn recipients(
        &self,
        api: &Api<'_>,
        original: &Message,
        everybody: bool,
    ) -> Result<(Vec<Mailbox>, Vec<Mailbox>)> {
        let mut to = original_message::reply_recipients(original);
        let mut cc = address::parse_optional("cc", self.cc.as_ref())?;
        if everybody {
            let own = get_profile::get(api).await?.email_address;
            // Only a mail to oneself is answered to oneself.
            if to.iter().any(|person| !person.has_address(&own)) {
                to.retain(|person| !person.has_address(&own));
            }
            let others =
                ["To", "Cc"].into_iter().flat_map(|header| original_message::header_mailboxes(original, header));
            cc.extend(others.filter(|person| !person.has_address(&own)));
        }
        let to = deduplicate(to, &[]);
        let cc = deduplicate(cc, &to);
        Ok((to, cc))
    }
}

/// Each person once, and none who is among `others`.
fn deduplicate(people: Vec<Mailbox>, others: &[Mailbox]) -> Vec<Mailbox> {
    let mut kept: Vec<Mailbox> = Vec::with_capacity(people.len());
    for person in people {
        if !person.is_in(others) && !person.is_in(&kept) {
            kept.push(person);
        }
    }
    kept
}

/// What the tests of both actions share.
#[cfg(test)]
pub(super) mod testing {
    use serde_json::{Value, json};

    use crate::adapters::gmail::ADAPTER;
    use crate::adapters::testing;

    /// An answer as an agent writes it.
    pub(in super::super) fn context() -> Value {
        json!({ "messageId": "m1", "body": "Thanks.", "cc": "c@b.co" })
    }

    /// Asserts that what is no answer is refused by its field.
    pub(in super::super) fn assert_refuses_invalid_reply(intent: &str) {
        for (field, bad, named) in [
            ("messageId", json!(""), "messageId"),
            ("body", json!(" "), "body"),
            ("cc", json!("nobody"), "cc"),
            ("bcc", json!(vec!["a@b.co"; 50]), "cc"),
            ("attachments", json!([{ "filename": "a", "content": "?" }]), "attachments[0].content"),
        ] {
            let mut context = context();
            context[field] = bad;
            assert_eq!(testing::refusal(&ADAPTER, intent, context).0, format!("context.{named}"));
        }
    }
}
