//! The result of an intent.

use serde::Serialize;
use serde_json::{Map, Value, json};
use std::time::Duration;
use utoipa::ToSchema;

use super::metadata_schema;
use crate::account::AccountId;
use crate::adapters::action::{ActionOutput, Target};
use crate::error::ErrorDetail;

/// The result of an intent, as the API returns it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PluginResult {
    /// True if the action was done, or accepted for later.
    pub success: bool,
    /// One sentence for a person.
    pub message: String,
    /// The data that the action read or created. Of an action that failed after a part of its work: the `done` steps in order, and the
    /// `results` of each item of a list.
    #[schema(value_type = Option<Object>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
    /// The provider's id of the created object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// Further properties: `taskId` of a journaled intent, `account` that it is bound to, `link` to the created object, `executeAt`,
    /// `dryRun`.
    #[schema(schema_with = metadata_schema)]
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub metadata: Map<String, Value>,
    /// The reason why the action was not done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorDetail>,
    /// The steps for a person before the time of an accepted task. Absent where there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
    /// The text that the agent may show its user if the action was not done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fallback_message: Option<String>,
    /// True if the outcome is pending: scheduled, or being reconciled.
    #[serde(skip)]
    pub pending: bool,
    /// True if this is the result of an earlier request with the same idempotency key.
    #[serde(skip)]
    pub replayed: bool,
}

/// A reason why an accepted task would wait for a person at its time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Warning {
    /// The stable code of the error that the task would have now.
    pub code: &'static str,
    /// One sentence for a person.
    pub message: String,
    /// Page where a person connects the account again, if the deployment has such a page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connect_url: Option<String>,
}

impl PluginResult {
    fn base(success: bool, message: String) -> Self {
        Self {
            success,
            message,
            data: None,
            external_id: None,
            metadata: Map::new(),
            error: None,
            warnings: vec![],
            fallback_message: None,
            pending: false,
            replayed: false,
        }
    }

    /// The result of an action that was done.
    pub fn completed(output: ActionOutput) -> Self {
        let mut metadata = Map::new();
        if let Some(link) = output.link {
            metadata.insert("link".to_owned(), link.into());
        }
        let data = Some(output.data);
        Self { data, external_id: output.external_id, metadata, ..Self::base(true, output.message) }
    }

    /// The result of an action that was not done, or whose outcome is unknown.
    pub fn failed(error: ErrorDetail, data: Option<Value>, fallback_message: String) -> Self {
        let base = Self::base(false, error.message.clone());
        Self { data, error: Some(error), fallback_message: Some(fallback_message), ..base }
    }

    /// Adds that the engine still asks the provider, and that its task can show more after `wait`. The text says where.
    #[must_use]
    pub fn reconciled_later(mut self, wait: Duration) -> Self {
        let text = "wait for what the provider says: GET /tasks?taskId=<metadata.taskId>&wait=20";
        self.message = format!("{}; {text}", self.message);
        if let Some(error) = &mut self.error {
            error.message.clone_from(&self.message);
            error.retry_after_ms = Some(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX));
        }
        Self { pending: true, ..self }
    }

    /// The result of an intent that was accepted for later.
    pub fn scheduled(task_id: &str, execute_at: &str) -> Self {
        let mut metadata = Map::new();
        metadata.insert("taskId".to_owned(), task_id.into());
        metadata.insert("executeAt".to_owned(), execute_at.into());
        let data = Some(json!({ "taskId": task_id, "executeAt": execute_at }));
        Self { data, metadata, pending: true, ..Self::base(true, format!("Task scheduled for {execute_at}")) }
    }

    /// The result of an intent whose files need more time than a request has: it is a task that is due now.
    pub fn handed_over(task_id: &str, execute_at: &str) -> Self {
        let text = "The files are sent in the background, because that takes longer than a request may";
        let wait = format!("wait for the result: GET /tasks?taskId={task_id}&wait=20");
        Self { message: format!("{text}; {wait}"), ..Self::scheduled(task_id, execute_at) }
    }

    /// The result of a dry run: what would be touched, and the requests that would be sent, in order.
    pub fn dry_run(targets: &[Target], requests: &[Value]) -> Self {
        let mut metadata = Map::new();
        metadata.insert("dryRun".to_owned(), true.into());
        let data = Some(json!({ "targets": targets, "requests": requests }));
        Self { data, metadata, ..Self::base(true, "Nothing was sent.".to_owned()) }
    }

    /// Adds the account that the intent is bound to.
    #[must_use]
    pub fn with_account(mut self, account: &AccountId) -> Self {
        self.metadata.insert("account".to_owned(), account.as_str().into());
        self
    }

    /// Adds the id of the task that journals this intent.
    #[must_use]
    pub fn with_task_id(mut self, task_id: String) -> Self {
        self.metadata.insert("taskId".to_owned(), task_id.into());
        self
    }
}
