//! Sends a mail by creating a draft and sending it. Gmail replaces the `Message-ID` when it sends, so a sent mail cannot be found
//! by ours. A draft can be found by its id, and it can be sent only once.

use http::Method;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::draft::{self, Draft, EffectKey};
use super::draft_checkpoint::{Checkpoint, checkpoint_with, with_remarks};
use super::draft_search::{self, MAX_CLOCK_SKEW};
use super::email::ChangedEmail;
use super::message::{Message, none_if_not_found};
use super::outgoing_mail::OutgoingMail;
use super::{DRAFT_SCOPES, outgoing_call, same_mail};
use crate::adapters::action::{Action, ActionOutput, Meta, Reconciliation, Scopes, Target};
use crate::adapters::api::Api;
use crate::error::{Kind, Result};

/// Checkpoint of a mail sent without a draft, because the grant allows sending and no drafts.
const DIRECT_CHECKPOINT: &str = "direct";
const SENT_MESSAGE: &str = "The e-mail was sent.";

/// Returns the meta data of an action that sends a mail.
pub(super) const fn mail(name: &'static str, scopes: Scopes) -> Meta {
    Meta::create(name, scopes).reconciled_by("its draft, which sending deletes", DRAFT_SCOPES).stores_checkpoint()
}

/// An action that sends a mail through a draft. The blanket implementation of [`Action`] has its steps.
pub(super) trait MailAction: DeserializeOwned + JsonSchema + Send + Sync + 'static {
    /// The meta data: [`mail`] with what differs.
    const META: Meta;

    /// Checks the context as [`Action::check`] does.
    ///
    /// # Errors
    /// [`Error::Invalid`](crate::error::Error::Invalid) naming the field.
    fn check(&self) -> Result<()>;

    /// Returns the people to whom the mail goes, as [`Action::targets`] does.
    ///
    /// # Errors
    /// As [`MailAction::outgoing`].
    fn targets(&self, api: &Api<'_>) -> impl Future<Output = Result<Vec<Target>>> + Send {
        async { Ok(self.outgoing(api).await?.targets()) }
    }

    /// True if the draft stays one, for a person to check and send.
    fn is_draft(&self) -> bool {
        false
    }

    /// Builds the mail. It may read the original message.
    ///
    /// # Errors
    /// [`Error::Provider`](crate::error::Error::Provider).
    fn outgoing(&self, api: &Api<'_>) -> impl Future<Output = Result<OutgoingMail>> + Send;
}

impl<M: MailAction> Action for M {
    const META: Meta = <M as MailAction>::META;
    type Output = ChangedEmail;

    fn check(&self) -> Result<()> {
        MailAction::check(self)
    }

    async fn targets(&self, api: &Api<'_>) -> Result<Vec<Target>> {
        MailAction::targets(self, api).await
    }

    /// Creates the draft, unless an earlier attempt created it and its id was not stored.
    async fn prepare(&self, api: &Api<'_>) -> Result<Option<String>> {
        if api.is_retry
            && let Some(draft) = find_draft(api, self).await?
        {
            // The mail that it answers may not exist any more.
            let remarks = self.outgoing(api).await.map(|mail| mail.remarks).unwrap_or_default();
            return Ok(Some(checkpoint_with(&draft, &remarks)));
        }
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.drafts/create
        let mail = self.outgoing(api).await?;
        match draft::create(api, &mail).await {
            Ok(draft) => Ok(Some(checkpoint_with(&draft, &mail.remarks))),
            Err(error) if error.kind() == Some(Kind::MissingScope) && !self.is_draft() => {
                Ok(Some(DIRECT_CHECKPOINT.to_owned()))
            }
            // The response was lost: the draft may exist. Where it is not found, the list may lag behind, so that the outcome of
            // this call stays unknown.
            Err(error) if error.kind() == Some(Kind::Ambiguous) => match find_draft(api, self).await {
                Ok(Some(draft)) => Ok(Some(checkpoint_with(&draft, &mail.remarks))),
                Ok(None) | Err(_) => Err(error),
            },
            Err(error) => Err(error),
        }
    }

    /// Sends the draft, or the mail itself if the grant allows no drafts. A draft that a person edited meanwhile is sent as it is:
    /// Gmail keeps the draft's id, and whoever edited it wants the edited mail sent, not the old one.
    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<ChangedEmail>> {
        if let Some(checkpoint) = api.checkpoint.and_then(Checkpoint::parse) {
            return match self.is_draft() {
                true => Ok(written_draft(api, &checkpoint).await),
                false => Ok(checkpoint.with_remarks(send_draft(api, checkpoint.draft).await?)),
            };
        }
        if self.is_draft() {
            return Err(api.error(Kind::Transient, "the draft was not written"));
        }
        let mail = self.outgoing(api).await?;
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages/send
        let call = outgoing_call::call(api, Method::POST, &["messages", "send"], &mail, |message| message).await?;
        Ok(with_remarks(sent_output(&call.send().await?), mail.remarks))
    }

    async fn reconcile(&self, api: &Api<'_>) -> Result<Reconciliation<ChangedEmail>> {
        let checkpoint = api.checkpoint.and_then(Checkpoint::parse);
        if self.is_draft() {
            let Some(checkpoint) = checkpoint else { return Ok(Reconciliation::Inconclusive) };
            return Ok(Reconciliation::Applied(written_draft(api, &checkpoint).await));
        }
        let messages = match look_up_draft(api).await? {
            DraftState::Decided(reconciliation) => return Ok(reconciliation),
            DraftState::Gone { messages } => messages,
        };
        let sent = find_sent(api, self, messages).await?;
        let applied = |message| match checkpoint {
            Some(checkpoint) => Reconciliation::Applied(checkpoint.with_remarks(sent_output(&message))),
            None => Reconciliation::Applied(sent_output(&message)),
        };
        Ok(sent.map_or(Reconciliation::Inconclusive, applied))
    }

    /// Deletes the draft, including one whose id was not stored because a response was lost or the process crashed.
    async fn discard(&self, api: &Api<'_>) -> Result<()> {
        let draft = match api.checkpoint {
            Some(stored) => Checkpoint::parse(stored).map(|checkpoint| checkpoint.draft.to_owned()),
            None if api.is_retry => find_draft(api, self).await?.map(|draft| draft.id),
            None => None,
        };
        let Some(draft) = draft else { return Ok(()) };
        // A draft that a person saw and changed has no key any more, and is theirs.
        if self.is_draft() && !draft::get(api, &draft).await?.is_some_and(|draft| draft.is_own(api)) {
            return Ok(());
        }
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.drafts/delete
        let call = api.call(Method::DELETE, &["gmail", "v1", "users", "me", "drafts", &draft]).preparation();
        none_if_not_found(call.send::<Value>().await).map(|_| ())
    }
}

/// Returns the draft that an earlier attempt of this effect created: the one with its key, or the only one without a key that was
/// written since then with the same recipients, subject and content. A draft with another text is not taken for it.
async fn find_draft(api: &Api<'_>, action: &impl MailAction) -> Result<Option<Draft>> {
    let recent = match draft_search::read_recent(api, None).await {
        // The grant allows no drafts, so the earlier attempt created none.
        Err(error) if error.kind() == Some(Kind::MissingScope) => return Ok(None),
        recent => recent?,
    };
    if recent.keyed.is_some() || (recent.unkeyed.is_empty() && recent.next_page.is_none()) {
        return Ok(recent.keyed);
    }
    if recent.next_page.is_some() {
        return Err(api.error(Kind::Transient, "the mailbox has too many new drafts to search them all"));
    }
    // A reply to a mail that no longer exists cannot be compared.
    let Some(mail) = none_if_not_found(action.outgoing(api).await)? else { return Ok(None) };
    let mut identical = draft_search::compare(api, &mail, recent.unkeyed).await?.identical;
    // Several identical drafts cannot be distinguished: one can belong to another effect.
    Ok(identical.pop().filter(|_| identical.is_empty()))
}

/// Returns the message among those of the draft's thread that the draft became when it was sent: the one with the effect key, or one
/// without a key that was sent since the attempt began. In the thread of another mail it must have our `To` and subject too, because
/// the account may have sent other mails there.
async fn find_sent(api: &Api<'_>, action: &impl MailAction, messages: Vec<Message>) -> Result<Option<Message>> {
    let earliest = api.attempted_at - MAX_CLOCK_SKEW;
    let mut unkeyed = Vec::new();
    for message in messages.into_iter().filter(|message| is_newly_sent(api, message)) {
        match EffectKey::of(api, &message) {
            EffectKey::Own => return Ok(Some(message)),
            EffectKey::None if message.date().is_some_and(|date| date >= earliest) => unkeyed.push(message),
            EffectKey::None | EffectKey::Another => {}
        }
    }
    if unkeyed.is_empty() {
        return Ok(None);
    }
    // A reply to a mail that no longer exists cannot be compared.
    let Some(mail) = none_if_not_found(action.outgoing(api).await)? else { return Ok(None) };
    unkeyed.retain(|message| mail.thread.is_none() || same_mail::is_sent_alike(&mail, message));
    // A message from before the attempt counts only if the clocks differ.
    let is_since = |message: &Message| message.date().is_some_and(|date| date >= api.attempted_at);
    let position = unkeyed.iter().position(is_since);
    Ok(position.map(|position| unkeyed.swap_remove(position)).or_else(|| unkeyed.pop()))
}

/// True if the account sent the message, and not as the previous occurrence of a series.
pub(super) fn is_newly_sent(api: &Api<'_>, message: &Message) -> bool {
    message.has_label("SENT") && api.previous_external_id != Some(message.id.as_str())
}

/// Sends an existing draft.
pub(super) async fn send_draft(api: &Api<'_>, draft: &str) -> Result<ActionOutput<ChangedEmail>> {
    // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.drafts/send
    let call = api.post(&["gmail", "v1", "users", "me", "drafts", "send"]).json(&json!({ "id": draft }));
    match call.send().await {
        // The draft does not exist: it was sent before, or a person deleted it.
        Err(error) if error.kind() == Some(Kind::NotFound) => {
            Err(api.error(Kind::Ambiguous, "the draft no longer exists, so the mail may have been sent"))
        }
        response => Ok(sent_output(&response?)),
    }
}

/// The draft of a checkpoint, as the mailbox shows it after a lost response.
pub(super) enum DraftState {
    /// The draft decides the reconciliation alone.
    Decided(Reconciliation<ChangedEmail>),
    /// The draft was sent or deleted.
    Gone {
        /// The messages of its thread, oldest first.
        messages: Vec<Message>,
    },
}

/// Looks up the draft of the checkpoint, and the messages of its thread if it is gone.
pub(super) async fn look_up_draft(api: &Api<'_>) -> Result<DraftState> {
    let Some(Checkpoint { draft, thread, .. }) = api.checkpoint.and_then(Checkpoint::parse) else {
        return Ok(DraftState::Decided(Reconciliation::Inconclusive));
    };
    if draft::get(api, draft).await?.is_some() {
        return Ok(DraftState::Decided(Reconciliation::NotApplied));
    }
    match draft::thread_messages(api, thread).await {
        Ok(messages) => Ok(DraftState::Gone { messages }),
        // The grant does not allow reading: the missing draft is taken as proof.
        Err(error) if error.kind() == Some(Kind::MissingScope) => {
            let (thread_id, label_ids) = (Some(thread.to_owned()), vec!["SENT".to_owned()]);
            let sent = ChangedEmail { thread_id, label_ids, ..ChangedEmail::default() };
            Ok(DraftState::Decided(Reconciliation::Applied(sent.into_output(SENT_MESSAGE))))
        }
        Err(error) => Err(error),
    }
}

/// Returns the output of a draft that was written, which the checkpoint proves: also if it was sent or deleted since, or cannot be read.
async fn written_draft(api: &Api<'_>, checkpoint: &Checkpoint<'_>) -> ActionOutput<ChangedEmail> {
    let draft = draft::get(api, checkpoint.draft).await;
    let message = match draft {
        Ok(None) => "The draft was written; it was sent or deleted since.",
        Ok(Some(_)) => "The draft was written; nothing was sent.",
        Err(_) => "The draft was written.",
    };
    let draft_id = Some(checkpoint.draft.to_owned());
    let email = match draft.ok().flatten().and_then(|draft| draft.message) {
        Some(message) => ChangedEmail { draft_id, ..message.changed() },
        None => ChangedEmail { draft_id, thread_id: Some(checkpoint.thread.to_owned()), ..ChangedEmail::default() },
    };
    // What other actions on drafts take.
    checkpoint.with_remarks(email.into_output(message)).with_id(checkpoint.draft)
}

/// Returns the output of a mail that was sent.
pub(super) fn sent_output(message: &Message) -> ActionOutput<ChangedEmail> {
    message.changed().into_output(SENT_MESSAGE)
}

/// Helpers shared by the tests of all actions that send this way.
#[cfg(test)]
pub(super) mod testing {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;
    use crate::adapters::gmail::ADAPTER;
    use crate::adapters::testing::{self, EFFECT_KEY, SentRequest, Step, StepOutput};

    /// A message from Ann to two people, with a reply-to address.
    pub(in super::super) fn original_message(label: &str) -> Value {
        let headers = [
            ("From", "Ann <ann@b.co>"),
            ("Reply-To", "list@b.co"),
            ("To", "me@b.co"),
            ("Cc", "Dan <dan@b.co>, ME@b.co, LIST@b.co, dan@B.co"),
            ("Subject", "Hello"),
            ("Message-ID", "<b@x.co>"),
            ("References", "<a@x.co>"),
        ];
        let headers: Vec<Value> = headers.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
        json!({ "id": "m1", "threadId": "t1", "labelIds": [label], "payload": { "headers": headers } })
    }

    /// Gmail's responses with that one message.
    pub(in super::super) fn respond(sent: &SentRequest, original: &Value) -> (u16, Value) {
        let body = match sent.line.rsplit_once('/').unwrap().1 {
            "profile" => json!({ "emailAddress": "me@b.co" }),
            "drafts" => json!({ "id": "r1", "message": { "id": "m0", "threadId": "t1" } }),
            "A1" => json!({ "size": 3, "data": "AAEC" }),
            _ => original.clone(),
        };
        (200, body)
    }

    /// Returns the draft an action creates, and its calls.
    pub(in super::super) async fn prepared_draft(
        intent: &str,
        context: Value,
        original: Value,
    ) -> (Value, Vec<String>) {
        let provider = move |sent: &SentRequest| Ok(respond(sent, &original));
        let (checkpoint, calls) = testing::run_step(&ADAPTER, intent, None, Step::Prepare, context, provider).await;
        assert_eq!(checkpoint.unwrap(), StepOutput::Checkpoint(Some("r1/t1".to_owned())));
        let draft = written_message(calls.last().unwrap());
        (draft, calls.into_iter().map(|sent| sent.line).collect())
    }

    /// Returns the message resource that a call writes, with the mail as `raw` if it was uploaded beside it.
    pub(in super::super) fn written_message(sent: &SentRequest) -> Value {
        let Some((_, boundary)) = sent.header("content-type").split_once("boundary=") else {
            return sent.body["message"].clone();
        };
        let text = std::str::from_utf8(&sent.content).unwrap();
        let parts: Vec<&str> = text.split(&format!("--{boundary}")).collect();
        assert_eq!((parts.len(), parts[0], parts[3]), (4, "", "--\r\n"), "{text}");
        let head = |kind: &str| format!("\r\nContent-Type: {kind}\r\n\r\n");
        let (metadata, mail) = (head("application/json; charset=UTF-8"), head("message/rfc822"));
        let metadata = parts[1].strip_prefix(&metadata).unwrap();
        let mail = parts[2].strip_prefix(&mail).unwrap().strip_suffix("\r\n").unwrap();
        let mut message = serde_json::from_str::<Value>(metadata).unwrap()["message"].take();
        message["raw"] = json!(URL_SAFE_NO_PAD.encode(mail));
        message
    }

    /// Returns the decoded message of a draft.
    pub(in super::super) fn decoded_message(draft: &Value) -> String {
        String::from_utf8(URL_SAFE_NO_PAD.decode(draft["raw"].as_str().unwrap()).unwrap()).unwrap()
    }

    /// Asserts that the draft is sent, reconciled and deleted.
    pub(in super::super) async fn assert_sends_and_reconciles(intent: &str, context: Value) {
        let (output, calls) = testing::run_with_checkpoint(&ADAPTER, intent, "r1/t1", context.clone(), |_| {
            (200, json!({ "id": "m2", "threadId": "t1", "labelIds": ["SENT"] }))
        })
        .await;
        let output = output.unwrap();
        assert_eq!((&output.data["id"], &output.data["labelIds"]), (&json!("m2"), &json!(["SENT"])));
        assert_eq!((output.external_id.as_deref(), calls.len()), (Some("m2"), 1));
        assert_eq!(
            (calls[0].line.as_str(), &calls[0].body),
            ("POST /gmail/v1/users/me/drafts/send", &json!({ "id": "r1" }))
        );

        let existing = (200, json!({ "id": "r1", "message": { "id": "m0", "threadId": "t1" } }));
        let not_found = (404, json!({ "error": { "code": 404 } }));
        let sent = |key: &str| {
            let headers = json!([{ "name": "X-Plugin-Engine-Key", "value": key }]);
            json!([{ "id": "m2", "threadId": "t1", "labelIds": ["SENT"], "payload": { "headers": headers } }])
        };
        let reconcile = async |draft: (u16, Value), messages: Value| {
            let provider = move |sent: &SentRequest| {
                Ok(if sent.line.contains("/drafts/") { draft.clone() } else { (200, json!({ "messages": messages })) })
            };
            let step = testing::run_step(&ADAPTER, intent, Some("r1/t1"), Step::Reconcile, context.clone(), provider);
            step.await.0.unwrap()
        };
        assert_eq!(reconcile(existing, json!([])).await, StepOutput::Reconciliation(Reconciliation::NotApplied));
        let found = reconcile(not_found.clone(), sent(EFFECT_KEY)).await;
        assert_eq!(found.applied_id(), Some("m2"));
        assert_eq!(
            reconcile(not_found, sent("another")).await,
            StepOutput::Reconciliation(Reconciliation::Inconclusive)
        );

        let deleted = |_: &SentRequest| Ok((204, Value::Null));
        let (_, calls) = testing::run_step(&ADAPTER, intent, Some("r1/t1"), Step::Discard, context, deleted).await;
        assert_eq!(calls[0].line, "DELETE /gmail/v1/users/me/drafts/r1");
    }
}
