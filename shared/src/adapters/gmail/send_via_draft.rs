//! Sends a mail by creating a draft and sending it. Gmail replaces the `Message-ID` when it sends, so a sent mail cannot be found
//! by ours. A draft can be found by its id, and it can be sent only once.

use http::Method;
use serde_json::{Value, json};

use super::DRAFT_SCOPES;
use super::draft::{self, Draft};
use super::message::Message;
use super::outgoing_mail::OutgoingMail;
use crate::adapters::action::{ActionOutput, ReconcileBy, Reconciliation};
use crate::adapters::api::Api;
use crate::error::{Kind, Result};

/// Checkpoint of a mail sent without a draft, because the grant allows sending and no drafts.
const DIRECT_CHECKPOINT: &str = "direct";

/// Reconciliation of every mail sent this way.
pub(super) const RECONCILE_BY: Option<ReconcileBy> =
    Some(ReconcileBy { by: "its draft, which sending deletes", scopes: DRAFT_SCOPES });

/// Creates the draft. `mail` is awaited only if there is no draft yet.
pub(super) async fn prepare(
    api: &Api<'_>,
    mail: impl Future<Output = Result<OutgoingMail>> + Send,
) -> Result<Option<String>> {
    if api.is_retry
        && let Some(draft) = draft::find_by_key(api).await?
    {
        return Ok(Some(checkpoint(&draft)));
    }
    match draft::create(api, &mail.await?).await {
        Ok(draft) => Ok(Some(checkpoint(&draft))),
        Err(error) if error.kind() == Some(Kind::MissingScope) => Ok(Some(DIRECT_CHECKPOINT.to_owned())),
        // The response was lost: the draft may exist.
        Err(error) if error.kind() == Some(Kind::Ambiguous) => match draft::find_by_key(api).await? {
            Some(draft) => Ok(Some(checkpoint(&draft))),
            None => Err(api.error(Kind::Transient, "the draft could not be created")),
        },
        Err(error) => Err(error),
    }
}

/// Sends the draft, or the mail itself if the grant allows no drafts.
pub(super) async fn run(
    api: &Api<'_>,
    mail: impl Future<Output = Result<OutgoingMail>> + Send,
) -> Result<ActionOutput> {
    let Some((draft, _)) = api.checkpoint.and_then(parse_checkpoint) else {
        let message = mail.await?.to_resource(&api.effect_key, api.now());
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages/send
        let call = api.post(&["gmail", "v1", "users", "me", "messages", "send"]).json(&message);
        return Ok(sent_output(call.send().await?));
    };
    send_draft(api, draft).await
}

/// Sends an existing draft.
pub(super) async fn send_draft(api: &Api<'_>, draft: &str) -> Result<ActionOutput> {
    // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.drafts/send
    let call = api.post(&["gmail", "v1", "users", "me", "drafts", "send"]).json(&json!({ "id": draft }));
    match call.send().await {
        // The draft does not exist: it was sent before, or a person deleted it.
        Err(error) if error.kind() == Some(Kind::NotFound) => {
            Err(api.error(Kind::Ambiguous, "the draft no longer exists, so the mail may have been sent"))
        }
        answer => Ok(sent_output(answer?)),
    }
}

/// Reconciles a mail with an effect key: it is in the thread its draft was in.
pub(super) async fn reconcile(api: &Api<'_>) -> Result<Reconciliation> {
    reconcile_draft(api, |message| draft::has_effect_key(api, message)).await
}

/// Reconciles the draft in the checkpoint. `matches` identifies the sent message.
pub(super) async fn reconcile_draft(
    api: &Api<'_>,
    is_it: impl Fn(&Message) -> bool + Send + Sync,
) -> Result<Reconciliation> {
    let Some((draft, thread)) = api.checkpoint.and_then(parse_checkpoint) else {
        return Ok(Reconciliation::Inconclusive);
    };
    if draft::get(api, draft).await?.is_some() {
        return Ok(Reconciliation::NotApplied);
    }
    match draft::find_in_thread(api, thread, |message| message.has_label("SENT") && is_it(message)).await {
        Ok(Some(message)) => Ok(Reconciliation::Applied(sent_output(message))),
        Ok(None) => Ok(Reconciliation::Inconclusive),
        // The grant does not allow reading: the missing draft is taken as proof.
        Err(error) if error.kind() == Some(Kind::MissingScope) => Ok(Reconciliation::Applied(ActionOutput {
            message: "The e-mail was sent.".to_owned(),
            data: json!({ "id": null, "threadId": thread, "labelIds": ["SENT"] }),
            external_id: None,
            link: None,
        })),
        Err(error) => Err(error),
    }
}

/// Deletes the draft, including one whose id was not stored because the process crashed.
pub(super) async fn discard(api: &Api<'_>) -> Result<()> {
    let stray = match api.checkpoint {
        None if api.is_retry => draft::find_by_key(api).await?,
        _ => None,
    };
    let noted = api.checkpoint.and_then(parse_checkpoint).map(|(draft, _)| draft);
    let Some(draft) = noted.or(stray.as_ref().map(|draft| draft.id.as_str())) else { return Ok(()) };
    // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.drafts/delete
    let call = api.call(Method::DELETE, &["gmail", "v1", "users", "me", "drafts", draft]).idempotent();
    call.send::<Value>().await.map(|_| ())
}

/// Returns the checkpoint `<draft>/<thread>`: Gmail ids contain no slash.
pub(super) fn checkpoint(draft: &Draft) -> String {
    format!("{}/{}", draft.id, draft.message.thread_id.as_deref().unwrap_or_default())
}

fn sent_output(message: Message) -> ActionOutput {
    ActionOutput {
        message: "The e-mail was sent.".to_owned(),
        data: json!({ "id": message.id, "threadId": message.thread_id, "labelIds": message.label_ids }),
        link: Some(super::web_link(&message.id)),
        external_id: Some(message.id),
    }
}

/// Returns the draft and its thread; `None` for a mail sent without a draft.
fn parse_checkpoint(handle: &str) -> Option<(&str, &str)> {
    handle.split_once('/')
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
        let (handle, calls) = testing::run_step(&ADAPTER, (intent, None), Step::Prepare, context, provider).await;
        assert_eq!(handle.unwrap(), StepOutput::Checkpoint(Some("r1/t1".to_owned())));
        let draft = calls.last().unwrap().body["message"].clone();
        (draft, calls.into_iter().map(|sent| sent.line).collect())
    }

    /// Returns the decoded message of a draft.
    pub(in super::super) fn decoded_message(draft: &Value) -> String {
        String::from_utf8(URL_SAFE_NO_PAD.decode(draft["raw"].as_str().unwrap()).unwrap()).unwrap()
    }

    /// Asserts that the draft is sent, reconciled and deleted.
    pub(in super::super) async fn assert_sends_and_reconciles(intent: &str, context: Value) {
        let (done, calls) = testing::run_with_checkpoint(&ADAPTER, (intent, "r1/t1"), context.clone(), |_| {
            (200, json!({ "id": "m2", "threadId": "t1", "labelIds": ["SENT"] }))
        })
        .await;
        let done = done.unwrap();
        assert_eq!(done.data, json!({ "id": "m2", "threadId": "t1", "labelIds": ["SENT"] }));
        assert_eq!((done.external_id.as_deref(), calls.len()), (Some("m2"), 1));
        assert_eq!(
            (calls[0].line.as_str(), &calls[0].body),
            ("POST /gmail/v1/users/me/drafts/send", &json!({ "id": "r1" }))
        );

        let there = (200, json!({ "id": "r1", "message": { "id": "m0", "threadId": "t1" } }));
        let gone = (404, json!({ "error": { "code": 404 } }));
        let sent = |key: &str| {
            let headers = json!([{ "name": "X-Plugin-Engine-Key", "value": key }]);
            json!([{ "id": "m2", "threadId": "t1", "labelIds": ["SENT"], "payload": { "headers": headers } }])
        };
        let ask = async |draft: (u16, Value), messages: Value| {
            let provider = move |sent: &SentRequest| {
                Ok(if sent.line.contains("/drafts/") { draft.clone() } else { (200, json!({ "messages": messages })) })
            };
            let step = testing::run_step(&ADAPTER, (intent, Some("r1/t1")), Step::Reconcile, context.clone(), provider);
            step.await.0.unwrap()
        };
        assert_eq!(ask(there, json!([])).await, StepOutput::Reconciliation(Reconciliation::NotApplied));
        let found = ask(gone.clone(), sent(EFFECT_KEY)).await;
        assert!(
            matches!(found, StepOutput::Reconciliation(Reconciliation::Applied(done)) if done.external_id.as_deref() == Some("m2"))
        );
        assert_eq!(ask(gone, sent("another")).await, StepOutput::Reconciliation(Reconciliation::Inconclusive));

        let deleted = |_: &SentRequest| Ok((204, Value::Null));
        let (_, calls) = testing::run_step(&ADAPTER, (intent, Some("r1/t1")), Step::Discard, context, deleted).await;
        assert_eq!(calls[0].line, "DELETE /gmail/v1/users/me/drafts/r1");
    }
}
