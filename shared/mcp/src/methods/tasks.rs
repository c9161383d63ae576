//! The tasks extension, and subscriptions.
//!
//! Sources: <https://modelcontextprotocol.io/seps/2663-tasks-extension> and
//! <https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/subscriptions>.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::Exchange;
use crate::catalogue::Catalogue;
use crate::client::Capability;
use crate::error::{Error, Result};
use crate::types::{Change, Filter, InputRequest, InputResponses, Listening, Task, TaskStatus};

/// Key of the subscription in the `_meta` of its messages.
const SUBSCRIPTION_ID: &str = "io.modelcontextprotocol/subscriptionId";
/// Maximum number of tasks of a subscription.
const MAX_TASK_IDS: usize = 50;

impl<C: Catalogue> Exchange<'_, C> {
    pub(super) async fn get_task(&self) -> Result<String> {
        let task = self.task(self.task_id()?).await?;
        self.frame.complete(&task)
    }

    pub(super) async fn update_task(&self) -> Result<String> {
        let id = self.task_id()?;
        let Some(responses) = self.message.params.get("inputResponses") else {
            return Err(Error::InvalidParams("`params.inputResponses` must be an object of objects".to_owned()));
        };
        self.catalogue.update_task(id, InputResponses::parse(Some(responses))?).await?;
        self.frame.complete(&json!({}))
    }

    pub(super) async fn cancel_task(&self) -> Result<String> {
        self.catalogue.cancel_task(self.task_id()?).await?;
        self.frame.complete(&json!({}))
    }

    /// Answers a subscription at once: the acknowledgment, the changes so far, and the end, after which the client subscribes again.
    pub(super) async fn listen(&self) -> Result<String> {
        let filter = Filter::deserialize(&Value::Object(self.object("notifications")?.cloned().unwrap_or_default()))
            .map_err(|error| Error::InvalidParams(format!("`params.notifications`: {error}")))?;
        let Listening { mut served, mut changes } = match self.catalogue.features().subscriptions {
            true => self.catalogue.listen(&filter).await?,
            false => Listening::default(),
        };
        served.task_ids.clear();
        changes.retain(|change| change.is_in(&filter) && !matches!(change, Change::Task(_)));
        for task in self.listened_tasks(&filter.task_ids).await? {
            served.task_ids.push(task.id.clone());
            changes.push(Change::Task(Box::new(task)));
        }
        self.notify("notifications/subscriptions/acknowledged", json!({ "notifications": served }));
        for change in &changes {
            let (method, params) = change.parts();
            self.notify(method, params);
        }
        self.frame.with_meta(&json!({}), self.subscription())
    }

    /// The tasks of a subscription that the caller has. Unknown ones are left out of the acknowledgment.
    async fn listened_tasks(&self, ids: &[String]) -> Result<Vec<Task>> {
        if ids.is_empty() || !self.catalogue.features().tasks {
            return Ok(vec![]);
        }
        self.frame.client.require([Capability::Tasks])?;
        if ids.len() > MAX_TASK_IDS {
            return Err(Error::InvalidParams(format!("`taskIds` may have {MAX_TASK_IDS} ids at most")));
        }
        let mut tasks = vec![];
        for id in ids {
            match self.task(id).await {
                Ok(task) => tasks.push(task),
                Err(Error::InvalidParams(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(tasks)
    }

    /// A task of the caller. Its requests must be ones that the client serves.
    async fn task(&self, id: &str) -> Result<Task> {
        let task = self.catalogue.task(id).await?;
        if let TaskStatus::InputRequired { input_requests } = &task.status {
            self.frame.client.require(input_requests.values().map(InputRequest::capability))?;
        }
        Ok(task)
    }

    fn task_id(&self) -> Result<&str> {
        self.frame.client.require([Capability::Tasks])?;
        self.text("taskId")
    }

    /// Adds a notification of the subscription.
    fn notify(&self, method: &str, mut params: Value) {
        params["_meta"] = Value::Object(self.subscription());
        self.events.add(method, params);
    }

    /// The id of the subscription: that of the request.
    fn subscription(&self) -> Map<String, Value> {
        Map::from_iter([(SUBSCRIPTION_ID.to_owned(), self.message.id.clone())])
    }
}
