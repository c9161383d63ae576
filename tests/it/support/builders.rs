//! Builders of request bodies: a test writes only the fields that it is about.

use jiff::Timestamp;
use sandbox::fixtures::slack::GENERAL;
use serde_json::{Value, json};

/// The tools of a delegation that permits everything.
pub(crate) const ALL_TOOLS: [&str; 4] = ["gmail", "notion", "slack", "asana"];

/// An intent, of agent `a` unless it names another. [`TestApp::submit`] and [`TestApp::schedule`] send it.
///
/// [`TestApp::submit`]: super::TestApp::submit
/// [`TestApp::schedule`]: super::TestApp::schedule
#[derive(Clone, Debug)]
pub(crate) struct Intent {
    body: Value,
    /// The header `Idempotency-Key`.
    pub(super) key: Option<String>,
}

/// An intent for an action of a tool, with an empty context.
pub(crate) fn intent(tool: &str, action: &str) -> Intent {
    Intent { body: json!({ "agentId": "a", "tool": tool, "intent": action, "context": {} }), key: None }
}

/// Sends a Slack message.
pub(crate) fn message() -> Intent {
    intent("slack", "send_message").context(json!({ "channel": GENERAL, "text": "Hello" }))
}

/// Reads a Slack channel.
pub(crate) fn fetch_messages() -> Intent {
    intent("slack", "fetch_messages").with("channel", GENERAL)
}

/// Reads Slack's channels: no page of them is limited as histories are.
pub(crate) fn list_channels() -> Intent {
    intent("slack", "list_channels")
}

/// Sends a mail.
pub(crate) fn email() -> Intent {
    intent("gmail", "send_email").context(json!({ "to": "kim@example.com", "subject": "Hello", "body": "Once." }))
}

/// Reads mails.
pub(crate) fn fetch_emails() -> Intent {
    intent("gmail", "fetch_emails")
}

/// Creates a Notion page below a page or in a database.
pub(crate) fn page(parent: &str) -> Intent {
    intent("notion", "create_page").context(json!({ "title": "Once", "parent": parent }))
}

impl Intent {
    /// Sets the agent.
    pub(crate) fn agent(self, agent: &str) -> Self {
        self.field("agentId", agent)
    }

    /// Names the account.
    pub(crate) fn account(self, account: &str) -> Self {
        self.field("account", account)
    }

    /// Replaces the context.
    pub(crate) fn context(self, context: Value) -> Self {
        self.field("context", context)
    }

    /// Sets one field of the context.
    pub(crate) fn with(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.body["context"][field] = value.into();
        self
    }

    /// Sets the time of execution.
    pub(crate) fn at(self, time: Timestamp) -> Self {
        self.field("executeAt", time.to_string())
    }

    /// Makes it a series.
    pub(crate) fn recurring(self, recurrence: impl Into<Value>) -> Self {
        self.field("recurrence", recurrence.into())
    }

    /// Stores the id of the created object under a context key.
    pub(crate) fn save_as(self, key: &str) -> Self {
        self.field("saveAs", key)
    }

    /// Requests the resolved call instead of the effect.
    pub(crate) fn dry_run(self) -> Self {
        self.field("dryRun", true)
    }

    /// Names the user in the body.
    pub(crate) fn user(self, user: &str) -> Self {
        self.field("userId", user)
    }

    /// Sets the header `Idempotency-Key`.
    pub(crate) fn key(self, key: &str) -> Self {
        Self { key: Some(key.to_owned()), ..self }
    }

    /// The tool.
    pub(crate) fn tool(&self) -> String {
        self.body["tool"].as_str().expect("a tool").to_owned()
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        self.body.clone()
    }

    fn field(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.body[name] = value.into();
        self
    }
}

/// A recurrence; [`Intent::recurring`] takes it.
#[derive(Clone, Debug)]
pub(crate) struct RecurrenceBuilder(Value);

/// A recurrence with a fixed interval, for example `PT1H`.
pub(crate) fn every(interval: &str) -> RecurrenceBuilder {
    RecurrenceBuilder(json!({ "every": interval }))
}

/// A recurrence by a cron expression.
pub(crate) fn cron(expression: &str) -> RecurrenceBuilder {
    RecurrenceBuilder(json!({ "cron": expression }))
}

impl RecurrenceBuilder {
    /// Sets the number of occurrences.
    pub(crate) fn count(self, count: u32) -> Self {
        self.field("count", count)
    }

    /// Sets the time zone of the cron expression.
    pub(crate) fn timezone(self, zone: &str) -> Self {
        self.field("timezone", zone)
    }

    /// Sets the policy for missed occurrences.
    pub(crate) fn misfire(self, policy: &str) -> Self {
        self.field("misfire", policy)
    }

    fn field(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0[name] = value.into();
        self
    }
}

impl From<RecurrenceBuilder> for Value {
    fn from(recurrence: RecurrenceBuilder) -> Self {
        recurrence.0
    }
}

/// A context mapping of agent `a`.
pub(crate) fn mapping(tool: &str, key: &str, id: &str) -> Value {
    json!({ "agentId": "a", "tool": tool, "contextKey": key, "externalId": id })
}

/// The report of an error of agent `a`.
pub(crate) fn report(tool: &str, code: &str) -> Value {
    let action = engine::adapters::find(tool).unwrap().actions[0].name;
    json!({ "agentId": "a", "tool": tool, "action": action, "errorCode": code, "errorMessage": "m" })
}
