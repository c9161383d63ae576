//! `untrash_thread`: restores the messages of a thread from the trash.

use super::MODIFY_SCOPES;
use super::id::Id;
use super::thread::{self, ChangedThread};
use crate::adapters::prelude::*;

/// Restore all e-mails of a thread from the trash.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct UntrashThread {
    /// The thread's `id`; `gmail_list_threads` finds threads in the trash by the query `in:trash`.
    #[serde(alias = "id")]
    #[schemars(extend("x-aliases" = ["id"]))]
    thread_id: Id,
}

impl Action for UntrashThread {
    const META: Meta = Meta::idempotent("untrash_thread", MODIFY_SCOPES).example(r#"{"threadId": "18f000000000000e"}"#);
    type Output = ChangedThread;

    async fn targets(&self, _api: &Api<'_>) -> Result<Vec<Target>> {
        Ok(vec![Target::new(TargetKind::Message, &*self.thread_id)])
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<ChangedThread>> {
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.threads/untrash
        thread::change(api, &self.thread_id, "untrash", None, "The thread was restored from the trash.").await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::gmail::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn one_call_moves_all_messages() {
        let response =
            json!({ "id": "t1", "messages": [{ "id": "m1", "labelIds": [] }, { "id": "m2", "labelIds": [] }] });
        let context = || json!({ "threadId": "t1" });
        let (output, calls) =
            testing::run(&ADAPTER, "untrash_thread", context(), move |_| (200, response.clone())).await;
        let output = output.unwrap();
        assert_eq!((output.data["emails"].as_array().unwrap().len(), output.external_id.as_deref()), (2, Some("t1")));
        assert_eq!(
            (calls[0].line.as_str(), &calls[0].body),
            ("POST /gmail/v1/users/me/threads/t1/untrash", &Value::Null)
        );
        let not_found = |_: &testing::SentRequest| (404, json!({ "error": { "code": 404 } }));
        let (output, _) = testing::run(&ADAPTER, "untrash_thread", context(), not_found).await;
        assert_eq!(testing::error_kind(&output), Kind::NotFound);
    }
}
