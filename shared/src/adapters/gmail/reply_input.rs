//! Input of `reply` and `reply_all`, and the mail built from it and the original message.

use std::collections::HashSet;

use schemars::JsonSchema;
use serde::Deserialize;

use super::address::{self, MAX_RECIPIENTS, Mailbox, Recipients};
use super::attachment::{self, Files};
use super::id::Id;
use super::mail_input::Body;
use super::message::{self, Message};
use super::outgoing_mail::OutgoingMail;
use super::remarks::Remarks;
use super::sender::{SenderChoice, Senders};
use super::texts::TextForms;
use super::thread_headers::ThreadHeaders;
use super::{get_profile, original_message, quotation};
use crate::adapters::api::Api;
use crate::error::{Error, Kind, Result};

/// Input of `reply` and `reply_all`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub(super) struct ReplyInput {
    /// The e-mail's `id`, as `gmail_fetch_emails` returns it.
    message_id: Id,
    /// The text, plain, without a quotation.
    #[schemars(extend("x-empty" = "allowed"))]
    body: Option<Body>,
    /// The text as Markdown.
    markdown: Option<Body>,
    /// The text as HTML.
    html: Option<Body>,
    /// Additional recipients of a copy.
    cc: Option<Recipients>,
    /// Recipients of a blind copy, hidden from the others.
    bcc: Option<Recipients>,
    /// Files to attach, 25 MiB in total.
    attachments: Option<Files>,
    /// True writes a draft in the thread and sends nothing.
    #[serde(default)]
    pub(super) as_draft: bool,
    /// True quotes the e-mail below the text, as people's mail programs do.
    #[serde(default)]
    #[schemars(extend("x-tier" = "all"))]
    quote: bool,
    /// The account's address or alias that sends it, if not its own address; with another display name as `Ann <ann@example.com>`.
    #[schemars(extend("x-tier" = "all"))]
    from: Option<Mailbox>,
    /// True adds the signature of the sending address.
    #[serde(default)]
    #[schemars(extend("x-tier" = "all"))]
    signature: bool,
}

/// Recipients of a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Audience {
    /// The original's sender.
    Sender,
    /// All participants of the original except the connected account.
    Everyone,
}

impl ReplyInput {
    /// Checks what crosses fields.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the field.
    pub(super) fn check(&self) -> Result<()> {
        self.texts().check()?;
        attachment::check_size(&self.content())?;
        match address::of(self.cc.as_ref()).len() + address::of(self.bcc.as_ref()).len() < MAX_RECIPIENTS {
            true => Ok(()),
            false => {
                let reason = format!("must have fewer than {MAX_RECIPIENTS} addresses together with bcc");
                Err(Error::invalid("cc", reason))
            }
        }
    }

    /// Builds the mail.
    ///
    /// # Errors
    /// [`Error::Provider`] if the original cannot be read or has no address to reply to.
    pub(super) async fn outgoing(&self, api: &Api<'_>, audience: Audience) -> Result<OutgoingMail> {
        let original = self.original(api).await?;
        if original.has_label("DRAFT") {
            let reason =
                "the e-mail is a draft, which nobody has got: update_draft changes it, and send_draft sends it";
            return Err(api.error(Kind::Invalid, reason));
        }
        let own = match audience {
            Audience::Sender => Own::default(),
            Audience::Everyone => Own::look_up(api).await?,
        };
        let (to, cc) = self.recipients(&own, &original, audience);
        let mail = OutgoingMail {
            to,
            cc,
            bcc: address::of(self.bcc.as_ref()),
            subject: original_message::prefixed_subject(&original, "Re:", &["re:"]),
            remarks: Remarks { left_out: audience.left_out(&original), aliases_unknown: own.aliases_unknown },
            thread: ThreadHeaders::replying_to(&original),
            ..self.content()
        };
        match mail.recipients().count() {
            // A mail of one's own can have recipients of a copy alone.
            _ if mail.to.is_empty() && (matches!(audience, Audience::Sender) || mail.cc.is_empty()) => {
                Err(api.error(Kind::Invalid, no_address(&mail.remarks.left_out)))
            }
            count if count > MAX_RECIPIENTS => {
                let reason = format!("the reply would go to {count} addresses; at most {MAX_RECIPIENTS} are allowed");
                Err(api.error(Kind::Invalid, reason))
            }
            _ => self.signed_and_quoted(api, mail, &original).await,
        }
    }

    /// Reads the original: its texts too where they are quoted.
    async fn original(&self, api: &Api<'_>) -> Result<Message> {
        if !self.quote {
            return message::get_headers(api, &self.message_id).await;
        }
        let mut original = message::get(api, &self.message_id).await?;
        original.read_long_texts(api).await?;
        Ok(original)
    }

    /// Adds the sender, the signature, and below it the quotation with its pictures.
    async fn signed_and_quoted(&self, api: &Api<'_>, mail: OutgoingMail, original: &Message) -> Result<OutgoingMail> {
        let sender = SenderChoice { from: self.from.as_ref(), signature: self.signature };
        let mut mail = sender.apply(api, mail).await?;
        if self.quote {
            mail.files.extend(attachment::shown_in_message(api, original).await?);
            mail = quotation::answering(mail, original);
        }
        Ok(mail)
    }

    fn texts(&self) -> TextForms<'_> {
        TextForms { body: self.body.as_ref(), markdown: self.markdown.as_ref(), html: self.html.as_ref() }
    }

    /// Returns a mail with the texts and the files, and without recipients.
    fn content(&self) -> OutgoingMail {
        let (text, html) = self.texts().both();
        let files = attachment::files(self.attachments.as_ref(), html.as_deref());
        OutgoingMail { text, html, files, ..OutgoingMail::default() }
    }

    /// Returns the `To` and `Cc` addresses, each person once.
    fn recipients(&self, own: &Own, original: &Message, audience: Audience) -> (Vec<Mailbox>, Vec<Mailbox>) {
        let mut to = original_message::reply_recipients(original);
        let mut cc = address::of(self.cc.as_ref());
        if audience == Audience::Everyone {
            // An own address stays in `To` only if no other recipient is there.
            if to.iter().any(|person| !own.has(person)) {
                to.retain(|person| !own.has(person));
            }
            let others =
                ["To", "Cc"].into_iter().flat_map(|header| original_message::header_mailboxes(original, header));
            cc.extend(others.filter(|person| !own.has(person)));
        }
        let to = deduplicate(to, &[]);
        let cc = deduplicate(cc, &to);
        (to, cc)
    }
}

/// The addresses of the account itself.
#[derive(Default)]
struct Own {
    senders: Option<Senders>,
    address: Option<String>,
    aliases_unknown: bool,
}

impl Own {
    /// Reads the addresses; that of the account alone where the grant does not allow to read its aliases.
    async fn look_up(api: &Api<'_>) -> Result<Self> {
        match Senders::look_up(api).await? {
            Some(senders) if senders.has_primary() => Ok(Self { senders: Some(senders), ..Self::default() }),
            senders => {
                let address = Some(get_profile::get(api).await?.email);
                Ok(Self { aliases_unknown: senders.is_none(), senders, address })
            }
        }
    }

    fn has(&self, person: &Mailbox) -> bool {
        self.senders.as_ref().is_some_and(|senders| senders.has(person))
            || self.address.as_deref().is_some_and(|own| person.has_address(own))
    }
}

impl Audience {
    /// Returns who belongs to the audience and has no address.
    fn left_out(self, original: &Message) -> Vec<String> {
        let headers = original_message::reply_headers(original);
        match self {
            Self::Sender => original_message::without_address(original, headers),
            Self::Everyone => original_message::without_address(original, &[headers, &["To", "Cc"]].concat()),
        }
    }
}

fn no_address(left_out: &[String]) -> String {
    match left_out {
        [] => "the e-mail has no address to reply to".to_owned(),
        named => format!("the e-mail has no address to reply to, only {}", named.join(", ")),
    }
}

/// Removes repeated addresses and those among `others`.
fn deduplicate(people: Vec<Mailbox>, others: &[Mailbox]) -> Vec<Mailbox> {
    // A stranger decides on the number.
    let mut known: HashSet<String> = others.iter().map(Mailbox::lower_case_address).collect();
    people.into_iter().filter(|person| known.insert(person.lower_case_address())).collect()
}

/// Input shared by the tests of both actions.
#[cfg(test)]
pub(super) mod testing {
    use serde_json::{Value, json};

    use crate::adapters::gmail::ADAPTER;
    use crate::adapters::testing;

    /// A valid context of both actions.
    pub(in super::super) fn context() -> Value {
        json!({ "messageId": "m1", "body": "Thanks.", "cc": "c@b.co" })
    }

    /// Asserts that contexts are refused of which only several fields together are wrong.
    pub(in super::super) fn assert_refuses_too_much(intent: &str) {
        let file = json!({ "file": "file_01JQ3X7K5T8Z9V0W1Y2A3B4C5D", "filename": "a", "size": 20 << 20 });
        for (field, bad, named) in
            [("bcc", json!(vec!["a@b.co"; 50]), "cc"), ("attachments", json!([file, file]), "attachments")]
        {
            let mut context = context();
            context[field] = bad;
            assert_eq!(testing::refusal(&ADAPTER, intent, context).0, format!("context.{named}"));
        }
    }
}
