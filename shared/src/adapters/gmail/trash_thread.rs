//! `trash_thread`: moves the messages of a thread to the trash.

use super::MODIFY_SCOPES;
use super::id::Id;
use super::thread::{self, ChangedThread};
use crate::adapters::prelude::*;

/// Move all e-mails of a thread to the trash. Gmail deletes them after 30 days; until then `gmail_untrash_thread` restores them.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct TrashThread {
    /// The `threadId` of any of its e-mails.
    #[serde(alias = "id")]
    #[schemars(extend("x-aliases" = ["id"]))]
    thread_id: Id,
}

impl Action for TrashThread {
    const META: Meta = Meta::idempotent("trash_thread", MODIFY_SCOPES)
        .overwrites("the e-mails of the thread, which Gmail deletes after 30 days")
        .aliases(&["delete_thread"])
        .example(r#"{"threadId": "18f0000000000006"}"#);
    type Output = ChangedThread;

    async fn targets(&self, _api: &Api<'_>) -> Result<Vec<Target>> {
        Ok(vec![Target::new(TargetKind::Message, &*self.thread_id)])
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<ChangedThread>> {
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.threads/trash
        thread::change(api, &self.thread_id, "trash", None, "The thread was moved to the trash.").await
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
        let (output, calls) = testing::run(&ADAPTER, "trash_thread", context(), move |_| (200, response.clone())).await;
        let output = output.unwrap();
        assert_eq!((output.data["emails"].as_array().unwrap().len(), output.external_id.as_deref()), (2, Some("t1")));
        assert_eq!(
            (calls[0].line.as_str(), &calls[0].body),
            ("POST /gmail/v1/users/me/threads/t1/trash", &Value::Null)
        );
        let not_found = |_: &testing::SentRequest| (404, json!({ "error": { "code": 404 } }));
        let (output, _) = testing::run(&ADAPTER, "trash_thread", context(), not_found).await;
        assert_eq!(testing::error_kind(&output), Kind::NotFound);
    }
}
