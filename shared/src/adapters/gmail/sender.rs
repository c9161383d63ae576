//! The addresses from which the account sends, and the one that a mail has.

use super::address::{self, Mailbox};
use super::outgoing_mail::OutgoingMail;
use super::texts;
use crate::adapters::api::Call;
use crate::adapters::prelude::*;

/// The path of the list.
pub(super) const PATH: &[&str] = &["gmail", "v1", "users", "me", "settings", "sendAs"];

/// The key of the cached list, and the longest list that is cached: a signature can have pictures in it.
const LOOKUP: &str = "senders";
/// The mark that the look-up failed a while ago.
const FAILED_LOOKUP: &str = "sendAs failed";
const MAX_CACHED_BYTES: usize = 16 * 1024;

/// An address of the account as Gmail returns it; serialized, it is our output.
/// <https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.settings.sendAs#SendAs>
#[skip_serializing_none]
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Sender {
    /// The address.
    #[serde(alias = "sendAsEmail")]
    email: String,
    /// The display name.
    #[serde(alias = "displayName")]
    name: Option<String>,
    /// The address to which replies go, if not to this one.
    #[serde(alias = "replyToAddress")]
    reply_to: Option<String>,
    /// The signature in HTML.
    signature: Option<String>,
    /// True for the address of the account itself.
    #[serde(default)]
    is_primary: bool,
    /// True for the address that new e-mails have.
    #[serde(default)]
    is_default: bool,
    /// False for an address of its own mailbox, such as one that several people share; absent for the account's own.
    treat_as_alias: Option<bool>,
    /// `accepted`, or `pending` for an alias that is not verified yet.
    verification_status: Option<String>,
}

/// The addresses of the account.
pub(super) struct Senders(Vec<Sender>);

/// The choice of the sender in a context.
#[derive(Clone, Copy)]
pub(super) struct SenderChoice<'a> {
    /// The address, with a display name if it has another one than the settings.
    pub(super) from: Option<&'a Mailbox>,
    /// True if the signature is added.
    pub(super) signature: bool,
}

impl Listed for Sender {
    const NOUN: &'static str = "sender";
}

impl Sender {
    /// True for an address from which Gmail sends. The account's own has no status.
    fn is_usable(&self) -> bool {
        self.verification_status.as_deref() != Some("pending")
    }

    /// True for an address of the account itself or of an alias, of which the mail arrives in this mailbox.
    fn is_own(&self) -> bool {
        self.is_primary || (self.is_usable() && self.treat_as_alias != Some(false))
    }
}

/// Sends the call of the list.
///
/// # Errors
/// A failure of the call.
pub(super) async fn list(call: Call<'_>) -> Result<Vec<Sender>> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Response {
        #[serde(default)]
        send_as: Vec<Sender>,
    }
    let Response { mut send_as } = call.send().await?;
    for text in send_as.iter_mut().flat_map(|sender| [&mut sender.name, &mut sender.reply_to, &mut sender.signature]) {
        *text = text.take().filter(|text| !text.is_empty());
    }
    Ok(send_as)
}

impl Senders {
    /// Returns the addresses, cached for a while; `None` if the grant does not allow to read them.
    ///
    /// # Errors
    /// Another failure of the call.
    pub(super) async fn look_up(api: &Api<'_>) -> Result<Option<Self>> {
        if let Some(known) = Self::known(api) {
            return Ok(known);
        }
        // The mails of a burst ask once.
        let _turn = api.lookup_turn(LOOKUP).await;
        match Self::known(api) {
            Some(known) => Ok(known),
            None => Self::read(api).await,
        }
    }

    async fn read(api: &Api<'_>) -> Result<Option<Self>> {
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.settings.sendAs/list
        let read = match list(api.get(PATH).lookup()).await {
            Err(error) if matches!(error.kind(), Some(Kind::MissingScope | Kind::Forbidden)) => None,
            read => Some(read?),
        };
        let cached = json!(read).to_string();
        if cached.len() <= MAX_CACHED_BYTES {
            api.insert_lookup(LOOKUP, &cached);
        }
        Ok(read.map(Self))
    }

    /// Returns what was looked up before.
    fn known(api: &Api<'_>) -> Option<Option<Self>> {
        let known = api.get_lookup(LOOKUP)?;
        Some(serde_json::from_str::<Option<Vec<Sender>>>(&known).ok()?.map(Self))
    }

    /// Looks up the addresses for a mail that can go without. A look-up that failed, for whatever mail, is not made again for a while.
    async fn look_up_if_possible(api: &Api<'_>) -> Option<Self> {
        let settled = || Self::known(api).or_else(|| api.get_lookup(FAILED_LOOKUP).map(|_| None));
        if let Some(settled) = settled() {
            return settled;
        }
        let _turn = api.lookup_turn(LOOKUP).await;
        if let Some(settled) = settled() {
            return settled;
        }
        Self::read(api).await.unwrap_or_else(|_| {
            api.insert_lookup(FAILED_LOOKUP, "");
            None
        })
    }

    /// True for an address of the account: its mail arrives in this mailbox.
    pub(super) fn has(&self, person: &Mailbox) -> bool {
        self.0.iter().any(|sender| sender.is_own() && person.has_mailbox(&sender.email))
    }

    /// True if the account's own address is among them.
    pub(super) fn has_primary(&self) -> bool {
        self.primary().is_some()
    }

    fn primary(&self) -> Option<&Sender> {
        self.0.iter().find(|sender| sender.is_primary)
    }

    fn usable(&self) -> impl Iterator<Item = &Sender> {
        self.0.iter().filter(|sender| sender.is_usable())
    }

    /// Returns the address that a context names.
    fn named(&self, api: &Api<'_>, from: &Mailbox) -> Result<&Sender> {
        let found = self.usable().find(|sender| from.has_address(&sender.email));
        found.ok_or_else(|| {
            let valid: Vec<&str> = self.usable().map(|sender| sender.email.as_str()).collect();
            let reason =
                format!("from must be an address of the account, {}; not {}", valid.join(" or "), from.email());
            api.error(Kind::Invalid, reason)
        })
    }
}

impl SenderChoice<'_> {
    /// Gives a mail its sender: the address with its display name, where its replies go, and its signature. Without a name in the header
    /// Gmail sends the bare address (<https://github.com/openclaw/gogcli/issues/436>).
    ///
    /// # Errors
    /// [`Kind::Invalid`] for an address that is none of the account's; a failure of the call, if the context names a sender.
    pub(super) async fn apply(self, api: &Api<'_>, mail: OutgoingMail) -> Result<OutgoingMail> {
        let is_asked = self.from.is_some() || self.signature;
        let senders = match is_asked {
            true => Senders::look_up(api).await?,
            false => Senders::look_up_if_possible(api).await,
        };
        let senders = match senders {
            Some(senders) => senders,
            None if !is_asked => return Ok(mail),
            None => {
                let reason = "the grant does not allow to read the account's addresses and signatures; without from \
                              and signature the e-mail has the account's own address";
                return Err(api.error(Kind::MissingScope, reason));
            }
        };
        let sender = match self.from {
            Some(from) => Some(senders.named(api, from)?),
            None => senders.primary(),
        };
        Ok(match sender {
            Some(sender) => self.with_sender(mail, sender, senders.primary()),
            None => mail,
        })
    }

    fn with_sender(self, mut mail: OutgoingMail, sender: &Sender, primary: Option<&Sender>) -> OutgoingMail {
        // An alias without a name has that of the account's own address, as in Gmail itself.
        let names =
            [self.from.and_then(Mailbox::name), sender.name.as_deref(), primary.and_then(|own| own.name.as_deref())];
        let name = names.into_iter().flatten().next();
        if self.from.is_some() || name.is_some() {
            mail.from = Some(Mailbox::named(name, &sender.email));
        }
        if mail.reply_to.is_none() {
            mail.reply_to = sender.reply_to.as_deref().and_then(|text| address::parse_header(text).into_iter().next());
        }
        match sender.signature.as_deref().filter(|_| self.signature) {
            Some(signature) => texts::signed(mail, signature),
            None => mail,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::gmail::ADAPTER;
    use crate::adapters::gmail::send_via_draft::testing::{decoded_message, original_message, written_message};
    use crate::adapters::testing::{self, ActionHarness, SentRequest, Step, StepOutput};

    fn senders() -> Value {
        json!({ "sendAs": [{ "sendAsEmail": "me@b.co", "displayName": "Me", "isPrimary": true, "signature": "" },
            { "sendAsEmail": "Sales@b.co", "displayName": "", "replyToAddress": "Us <us@b.co>", "treatAsAlias": true,
                "signature": "<b>S</b> &amp; Co", "verificationStatus": "accepted" },
            { "sendAsEmail": "new@b.co", "treatAsAlias": true, "verificationStatus": "pending" },
            { "sendAsEmail": "support@b.co", "treatAsAlias": false, "verificationStatus": "accepted" }] })
    }

    fn missing_scope() -> (u16, Value) {
        (403, json!({ "error": { "errors": [{ "reason": "insufficientPermissions" }], "message": "no" } }))
    }

    fn respond(sent: &SentRequest, list: &(u16, Value), original: &Value) -> (u16, Value) {
        match sent.line.rsplit('/').next().unwrap() {
            "sendAs" => list.clone(),
            "profile" => (200, json!({ "emailAddress": "me@b.co" })),
            "drafts" => (200, json!({ "id": "r1", "message": { "id": "m0", "threadId": "t1" } })),
            _ => (200, original.clone()),
        }
    }

    /// Prepares an action. Returns the checkpoint and the mail.
    async fn prepared(intent: &'static str, context: Value, list: (u16, Value)) -> Result<(StepOutput, String)> {
        let original = crowded();
        let provider = move |sent: &SentRequest| Ok(respond(sent, &list, &original));
        let (checkpoint, calls) = testing::run_step(&ADAPTER, intent, None, Step::Prepare, context, provider).await;
        Ok((checkpoint?, decoded_message(&written_message(calls.last().unwrap()))))
    }

    /// A message to several addresses of the account.
    fn crowded() -> Value {
        let mut original = original_message("INBOX");
        original["payload"]["headers"][3]["value"] = json!("ME@b.co, sales@B.co, new@b.co, support@b.co, dan@b.co");
        original
    }

    fn mail(from: Value) -> Value {
        json!({ "to": "a@b.co", "subject": "S", "body": "Hi", "from": from })
    }

    #[tokio::test]
    async fn the_sender_has_the_name_of_the_settings_unless_another_is_given() {
        let sent = async |from: Value| prepared("send_email", mail(from), (200, senders())).await.unwrap().1;
        assert!(sent(Value::Null).await.contains("From: \"Me\" <me@b.co>\r\n"));
        let alias = sent(json!("sales@b.co")).await;
        assert!(
            alias.contains("From: \"Me\" <Sales@b.co>\r\n") && alias.contains("Reply-To: \"Us\" <us@b.co>\r\n"),
            "{alias}"
        );
        assert!(sent(json!("Ann <support@b.co>")).await.contains("From: \"Ann\" <support@b.co>\r\n"));
        for unnamed in [missing_scope(), (500, Value::Null), (200, json!({}))] {
            let text = prepared("send_email", mail(Value::Null), unnamed).await.unwrap().1;
            assert!(!text.contains("From:"), "{text}");
        }
    }

    #[tokio::test]
    async fn an_address_that_is_none_of_the_accounts_is_refused_by_name() {
        for from in ["x@y.zz", "new@b.co"] {
            let list = (200, senders());
            let provider = move |sent: &SentRequest| respond(sent, &list, &Value::Null);
            let (output, calls) = testing::run(&ADAPTER, "create_draft", mail(json!(from)), provider).await;
            let error = output.unwrap_err();
            assert_eq!((error.kind(), calls.len()), (Some(Kind::Invalid), 1));
            let expected =
                format!("from must be an address of the account, me@b.co or Sales@b.co or support@b.co; not {from}");
            assert!(error.to_string().contains(&expected), "{error}");
        }
        let error = prepared("send_email", mail(json!("sales@b.co")), missing_scope()).await.unwrap_err();
        assert_eq!(error.kind(), Some(Kind::MissingScope));
    }

    #[tokio::test]
    async fn a_signature_is_below_the_text_and_above_the_quotation() {
        let context =
            json!({ "messageId": "m1", "body": "Yes.", "from": "sales@b.co", "signature": true, "quote": true });
        let (_, raw) = prepared("reply", context, (200, senders())).await.unwrap();
        let mail = mail_parser::MessageParser::default().parse(&raw).unwrap();
        let text = mail.body_text(0).unwrap().replace("\r\n", "\n");
        assert!(text.starts_with("Yes.\n\n-- \nS & Co\n\nAnn <ann@b.co> wrote:"), "{text}");
        let html = mail.body_html(0).unwrap();
        let signature = "<div class=\"gmail_signature\"><b>S</b> &amp; Co</div>";
        let above = format!("Yes.<br><span class=\"gmail_signature_prefix\">-- </span><br>{signature}<br><br>");
        assert!(html.starts_with(&format!("{above}<div class=\"gmail_quote\">")), "{html}");
        let context = json!({ "messageId": "m1", "body": "Yes.", "signature": true });
        let (_, text) = prepared("reply", context, (200, senders())).await.unwrap();
        assert!(text.ends_with("\r\n\r\nYes.") && !text.contains("gmail_signature"), "{text}");
    }

    #[tokio::test]
    async fn own_aliases_get_no_copy_of_a_reply() {
        let context = json!({ "messageId": "m1", "body": "Yes." });
        let (checkpoint, text) = prepared("reply_all", context.clone(), (200, senders())).await.unwrap();
        assert!(text.contains("Cc: <new@b.co>, <support@b.co>, <dan@b.co>\r\n"), "{text}");
        assert_eq!(checkpoint, StepOutput::Checkpoint(Some("r1/t1".to_owned())));
        let (checkpoint, text) = prepared("reply_all", context.clone(), missing_scope()).await.unwrap();
        assert!(text.contains("Cc: <sales@B.co>, <new@b.co>, <support@b.co>, <dan@b.co>\r\n"), "{text}");
        let stored = r#"r1/t1/{"aliasesUnknown":true}"#;
        assert_eq!(checkpoint, StepOutput::Checkpoint(Some(stored.to_owned())));
        let sent = |_: &SentRequest| (200, json!({ "id": "m2", "threadId": "t1", "labelIds": ["SENT"] }));
        let (output, _) = testing::run_with_checkpoint(&ADAPTER, "reply_all", stored, context, sent).await;
        assert_eq!(
            output.unwrap().message,
            "The e-mail was sent. The account's aliases could not be read with this grant, \
            so one of them may be among the recipients."
        );
    }

    #[tokio::test]
    async fn the_addresses_are_read_once() {
        for list in [(200, senders()), missing_scope()] {
            let harness = ActionHarness::new(&ADAPTER, move |sent| Ok(respond(sent, &list, &Value::Null)));
            let action = ADAPTER.action("send_email").unwrap();
            for _ in 0..3 {
                action.prepare(&harness.api(action, None), &mail(Value::Null)).await.unwrap();
            }
            let reads = harness.calls().iter().filter(|sent| sent.line.ends_with("/sendAs")).count();
            assert_eq!((reads, harness.calls().len()), (1, 4));
        }
    }
}
