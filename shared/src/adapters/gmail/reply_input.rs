//! Input of `reply` and `reply_all`, and the mail built from it and the original message.

use schemars::JsonSchema;
use serde::Deserialize;

use super::address::{self, Mailbox, OneOrMany};
use super::attachment::{self, AttachmentInput};
use super::mail_input::check_bodies;
use super::message::{self, Message};
use super::outgoing_mail::{MAX_RECIPIENTS, OutgoingMail};
use super::thread_headers::ThreadHeaders;
use super::{check_id, get_profile, original_message};
use crate::adapters::api::Api;
use crate::error::{Error, Kind, Result};

/// Input of `reply` and `reply_all`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub(super) struct ReplyInput {
    /// The `id` of the e-mail to reply to, as `fetch_emails` returns it.
    message_id: String,
    /// The text, plain, without markup. Do not quote the original: both are shown in one thread.
    #[schemars(extend("x-multiline" = true))]
    body: String,
    /// The same text as HTML, for mail programs that display it; `body` is the plain-text alternative.
    #[schemars(extend("x-multiline" = true))]
    html: Option<String>,
    /// Additional recipients of a copy.
    cc: Option<OneOrMany>,
    /// Recipients of a blind copy, hidden from the others.
    bcc: Option<OneOrMany>,
    /// Files to attach, at most 10 and 20 KiB in total.
    attachments: Option<Vec<AttachmentInput>>,
}

/// Recipients of a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Audience {
    /// The original's sender.
    Sender,
    /// All participants of the original except the connected account.
    Everyone,
}

/// `To` and `Cc` addresses of a reply.
struct Recipients {
    to: Vec<Mailbox>,
    cc: Vec<Mailbox>,
}

impl ReplyInput {
    /// Checks what the types do not express.
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
            let reason = format!("must have fewer than {MAX_RECIPIENTS} addresses together with bcc");
            return Err(Error::invalid("cc", reason));
        }
        Ok(())
    }

    /// Builds the mail.
    ///
    /// # Errors
    /// [`Error::Provider`] if the original cannot be read or has no address to reply to.
    pub(super) async fn outgoing(&self, api: &Api<'_>, audience: Audience) -> Result<OutgoingMail> {
        let original = message::get_headers(api, &self.message_id).await?;
        let Recipients { to, cc } = self.recipients(api, &original, audience).await?;
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
            _ if mail.to.is_empty() => Err(api.error(Kind::Invalid, "the e-mail has no address to reply to")),
            count if count > MAX_RECIPIENTS => {
                let reason = format!("the reply would go to {count} addresses; at most {MAX_RECIPIENTS} are allowed");
                Err(api.error(Kind::Invalid, reason))
            }
            _ => Ok(mail),
        }
    }

    /// Returns the `To` and `Cc` addresses, each person once.
    async fn recipients(&self, api: &Api<'_>, original: &Message, audience: Audience) -> Result<Recipients> {
        let mut to = original_message::reply_recipients(original);
        let mut cc = address::parse_optional("cc", self.cc.as_ref())?;
        if audience == Audience::Everyone {
            let own = get_profile::get(api).await?.email_address;
            // The own address stays in `To` only if it is the only recipient there.
            if to.iter().any(|person| !person.has_address(&own)) {
                to.retain(|person| !person.has_address(&own));
            }
            let others =
                ["To", "Cc"].into_iter().flat_map(|header| original_message::header_mailboxes(original, header));
            cc.extend(others.filter(|person| !person.has_address(&own)));
        }
        let to = deduplicate(to, &[]);
        let cc = deduplicate(cc, &to);
        Ok(Recipients { to, cc })
    }
}

/// Removes repeated addresses and those among `others`.
fn deduplicate(people: Vec<Mailbox>, others: &[Mailbox]) -> Vec<Mailbox> {
    let mut unique: Vec<Mailbox> = Vec::with_capacity(people.len());
    for person in people {
        if !person.is_in(others) && !person.is_in(&unique) {
            unique.push(person);
        }
    }
    unique
}

/// Assertions shared by the tests of both actions.
#[cfg(test)]
pub(super) mod testing {
    use serde_json::{Value, json};

    use crate::adapters::gmail::ADAPTER;
    use crate::adapters::testing;

    /// A valid context of both actions.
    pub(in super::super) fn context() -> Value {
        json!({ "messageId": "m1", "body": "Thanks.", "cc": "c@b.co" })
    }

    /// Asserts that invalid contexts are refused by field.
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
