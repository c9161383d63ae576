//! The messages that the Slack bot of the seed has posted and scheduled, as the work of a user's agents.

use super::{TestApp, account_id};
use engine::tables::integrations::ConnectionKey;
use engine::tables::tasks::CreatedItems;
use engine::tool::Tool;
use engine::vault::{AuthorMarks, ColumnCipher};
use jiff::Timestamp;
use serde_json::{Value, json};

impl TestApp {
    /// Makes the agents of a user the authors of what the Slack bot of the seed has posted and scheduled: the examples change it.
    pub(super) async fn give_seeded_messages(&self, user: &str, account: &str) {
        const KEY: &str = "01J00000000000000000000000.1";
        let (user, account, tool) = (self.user(user).await, account_id(account), Tool::parse("slack").unwrap());
        let key = ConnectionKey { user: &user, tool, account: &account };
        let mark = AuthorMarks::new(self.deployment.part::<ColumnCipher>().clone(), key).mark(KEY).await.unwrap();
        self.sandbox.sandbox.set_slack_metadata(message_metadata(KEY, &mark));
        let created = CreatedItems::new(self.store.clone(), self.tables.tasks.clone());
        created
            .add(key, sandbox::fixtures::slack::SCHEDULED, Timestamp::from_second(4_102_444_800).unwrap())
            .await
            .unwrap();
        // The test has written this, and no function.
        self.calls.take_used_actions();
    }
}

/// The metadata of a message that the engine posts to Slack.
pub(crate) fn message_metadata(key: &str, mark: &str) -> Value {
    json!({ "event_type": "plugin_engine_send", "event_payload": { "key": key, "author": mark } })
}
