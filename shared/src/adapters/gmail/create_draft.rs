//! `create_draft`: creates a draft in the connected account without sending it.

use super::draft::{self, DraftSummary};
use super::mail_input::MailInput;
use super::{DRAFT_SCOPES, draft_search};
use crate::adapters::prelude::*;

const CREATED_MESSAGE: &str = "The draft was created.";

/// Create a draft of a new e-mail, for a person to check; `gmail_send_draft` sends it.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct CreateDraft(MailInput);

impl Action for CreateDraft {
    const META: Meta = Meta::create("create_draft", DRAFT_SCOPES)
        .core()
        .reconciled_by("a header of the draft, or its content", DRAFT_SCOPES)
        .example(r#"{"to": "kim@example.com", "subject": "Hello", "body": "See you on Monday."}"#);
    type Output = DraftSummary;

    fn check(&self) -> Result<()> {
        self.0.check()
    }

    async fn targets(&self, _api: &Api<'_>) -> Result<Vec<Target>> {
        Ok(self.0.outgoing().targets())
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<DraftSummary>> {
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.drafts/create
        Ok(draft::create(api, &self.0.composed(api).await?).await?.into_output(CREATED_MESSAGE))
    }

    /// The draft has the effect key, or, where its headers were dropped, the same content.
    async fn reconcile(&self, api: &Api<'_>) -> Result<Reconciliation<DraftSummary>> {
        let recent = draft_search::read_recent(api, api.cursor).await?;
        if let Some(draft) = recent.keyed {
            return Ok(Reconciliation::Applied(draft.into_output(CREATED_MESSAGE)));
        }
        if recent.unkeyed.is_empty() {
            return Ok(recent.next_page.map_or(Reconciliation::NotApplied, Reconciliation::Unfinished));
        }
        let mut compared = draft_search::compare(api, &self.0.composed(api).await?, recent.unkeyed).await?;
        Ok(match (compared.identical.pop(), compared.identical.is_empty(), recent.next_page) {
            (Some(draft), true, _) => Reconciliation::Applied(draft.into_output(CREATED_MESSAGE)),
            // Several identical drafts cannot be distinguished.
            (Some(_), false, _) => Reconciliation::Inconclusive,
            // A person may have edited the draft.
            (None, ..) if compared.has_others => Reconciliation::Inconclusive,
            (None, _, Some(page)) => Reconciliation::Unfinished(page),
            (None, _, None) => Reconciliation::NotApplied,
        })
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;
    use crate::adapters::gmail::ADAPTER;
    use crate::adapters::testing::{self, ActionHarness, EFFECT_KEY, StepOutput};

    #[tokio::test]
    async fn creates_a_draft() {
        let context = json!({ "to": "recipient@example.com", "subject": "Draft Email", "body": "This is a draft." });
        let (output, calls) = testing::run(&ADAPTER, "create_draft", context, |_| {
            (200, json!({ "id": "r1", "message": { "id": "m1", "threadId": "t1" } }))
        })
        .await;
        let output = output.unwrap();
        assert_eq!(
            output.data,
            json!({ "id": "r1", "messageId": "m1", "threadId": "t1", "link": "https://mail.google.com/mail/u/0/#all/m1" })
        );
        assert_eq!(output.external_id.as_deref(), Some("r1"));
        assert_eq!(calls[1].line, "POST /gmail/v1/users/me/drafts");
        assert_eq!(calls[1].header("authorization"), "Bearer xoxp-token-1");
        assert!(calls[1].body["message"]["raw"].is_string());
    }

    /// The answers to a draft's read: written by us with a key, or without one.
    fn draft(id: &str, key: Option<&str>, text: &str, at: i64) -> Value {
        let mut headers = vec![json!({ "name": "To", "value": "a@b.co" }), json!({ "name": "Subject", "value": "S" })];
        headers.extend(key.map(|key| json!({ "name": "X-Plugin-Engine-Key", "value": key })));
        let payload =
            json!({ "mimeType": "text/plain", "headers": headers, "body": { "data": URL_SAFE_NO_PAD.encode(text) } });
        json!({ "id": id, "message": { "id": "m1", "threadId": "t1", "internalDate": at.to_string(), "payload": payload } })
    }

    /// Reconciles against these drafts; a second page meets a rate limit if there is one.
    async fn reconcile(cursor: Option<&str>, drafts: Vec<Value>, next: Option<&'static str>) -> StepOutput {
        let harness = ActionHarness::new(&ADAPTER, move |sent| {
            let is_list = sent.line.ends_with("/drafts");
            let ids: Vec<Value> = drafts.iter().map(|draft| json!({ "id": draft["id"] })).collect();
            Ok(match drafts.iter().find(|draft| sent.line.ends_with(&format!("/{}", draft["id"].as_str().unwrap()))) {
                Some(draft) => (200, draft.clone()),
                None if is_list && next == Some(sent.parameter("pageToken")) => (429, Value::Null),
                None => (200, json!({ "drafts": ids, "nextPageToken": next })),
            })
        });
        let action = ADAPTER.action("create_draft").unwrap();
        let api = Api { cursor, ..harness.api(action, None) };
        let context = json!({ "to": "a@b.co", "subject": "S", "body": "One two" });
        let result = action.reconcile(&api, &context).await.unwrap();
        assert_eq!(harness.calls()[0].parameter("pageToken"), cursor.unwrap_or_default());
        StepOutput::Reconciliation(result)
    }

    #[tokio::test]
    async fn reconciles_by_the_key_or_the_content() {
        const NOW_MS: i64 = 1_795_428_000_000;
        let unkeyed = |id: &str, text: &str| draft(id, None, text, NOW_MS);
        let keyed = draft("r2", Some(EFFECT_KEY), "edited", NOW_MS);
        let found = reconcile(None, vec![unkeyed("r1", "One two"), keyed], None).await;
        assert_eq!(found.applied_id(), Some("r2"));
        let found = reconcile(None, vec![unkeyed("r1", "One\r\ntwo")], None).await;
        assert_eq!(found.applied_id(), Some("r1"));
        for drafts in [vec![unkeyed("r1", "edited")], vec![unkeyed("r1", "One two"), unkeyed("r2", "One two")]] {
            let result = reconcile(None, drafts, None).await;
            assert_eq!(result, StepOutput::Reconciliation(Reconciliation::Inconclusive));
        }
        let old = draft("r1", None, "One two", NOW_MS - 61_000);
        for drafts in [vec![], vec![old], vec![draft("r1", Some("another"), "One two", NOW_MS)]] {
            let result = reconcile(None, drafts, None).await;
            assert_eq!(result, StepOutput::Reconciliation(Reconciliation::NotApplied));
        }
    }

    #[tokio::test]
    async fn reads_a_long_list_of_drafts_in_parts() {
        let others = || vec![draft("r1", Some("another"), "One two", 1_795_428_000_000)];
        let unfinished = StepOutput::Reconciliation(Reconciliation::Unfinished("p2".to_owned()));
        assert_eq!(reconcile(None, others(), Some("p2")).await, unfinished);
        let last = reconcile(Some("p2"), others(), None).await;
        assert_eq!(last, StepOutput::Reconciliation(Reconciliation::NotApplied));
    }
}
