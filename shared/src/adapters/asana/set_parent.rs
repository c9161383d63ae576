//! `set_parent`: makes a task a subtask of another one, or of none.

use super::prelude::*;
use super::relation;
use super::task::{self, Task};

/// Make an Asana task a subtask of another one, or with `clear` a task of its own. Its projects stay.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SetParent {
    /// The task: its id (gid) or a link to it.
    task_id: TaskId,
    /// The new parent task: its id (gid) or a link to it.
    parent_id: Option<TaskId>,
    /// True to take it out of its parent.
    #[serde(default)]
    clear: bool,
}

impl Action for SetParent {
    const META: Meta = Meta::idempotent("set_parent", WRITE_TASKS_SCOPES)
        .overwrites("the old parent")
        .example(r#"{"taskId": "1200000000000022", "parentId": "1200000000000021"}"#);
    type Output = Task;

    fn check(&self) -> Result<()> {
        match (&self.parent_id, self.clear) {
            (None, false) => Err(Error::Missing(vec!["parentId or clear".to_owned()])),
            (Some(_), true) => Err(Error::invalid("clear", "cannot be combined with parentId")),
            (Some(parent), false) if *parent == self.task_id => {
                Err(Error::invalid("parentId", "must be another task: a task cannot be its own parent"))
            }
            _ => Ok(()),
        }
    }

    async fn targets(&self, _api: &Api<'_>) -> Result<Vec<Target>> {
        let tasks = [&self.task_id].into_iter().chain(&self.parent_id);
        Ok(tasks.map(TaskId::target).collect())
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<Task>> {
        let parent = self.parent_id.as_deref();
        // https://developers.asana.com/reference/setparentfortask
        let call = api
            .post(&["api", "1.0", "tasks", &self.task_id, "setParent"])
            .query("opt_fields", task::FIELDS)
            .json(&json!({ "data": { "parent": parent } }));
        let set = call.send::<Envelope<Task>>().await;
        let task = match relation::confirm(api, set, &self.task_id, |task| task.has_parent(parent)).await? {
            Some(Envelope { data: task }) => task,
            None => {
                let call = api.get(&["api", "1.0", "tasks", &self.task_id]).query("opt_fields", task::FIELDS);
                call.send::<Envelope<Task>>().await?.data
            }
        };
        let message = if self.clear { "The task has no parent." } else { "The task is a subtask of its new parent." };
        Ok(task.into_output(message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::asana::ADAPTER;
    use crate::adapters::testing::{self, SentRequest};

    #[tokio::test]
    async fn sets_and_clears_the_parent() {
        for (context, parent) in [
            (json!({ "taskId": "42", "parentId": "43" }), json!("43")),
            (json!({ "taskId": "42", "clear": true }), Value::Null),
        ] {
            let (output, calls) = testing::run(&ADAPTER, "set_parent", context, |_| {
                (200, json!({ "data": { "gid": "42", "name": "Ship" } }))
            })
            .await;
            assert_eq!(output.unwrap().data["name"], "Ship");
            assert_eq!(calls[0].line, "POST /api/1.0/tasks/42/setParent");
            assert_eq!((calls[0].parameter("opt_fields"), &calls[0].body["data"]["parent"]), (task::FIELDS, &parent));
        }
    }

    #[tokio::test]
    async fn a_refusal_of_the_parent_that_it_has_is_done() {
        let context = json!({ "taskId": "42", "parentId": "43" });
        let (output, calls) =
            testing::run(&ADAPTER, "set_parent", context, |sent: &SentRequest| match sent.line.starts_with("GET") {
                true => (200, json!({ "data": { "gid": "42", "parent": { "gid": "43" } } })),
                false => (400, Value::Null),
            })
            .await;
        assert_eq!((&output.unwrap().data["parent"]["id"], calls.len()), (&json!("43"), 3));
    }

    #[test]
    fn a_parent_is_one_other_task_or_none() {
        for (at, bad) in [
            ("context.parentId,context.clear", json!({})),
            ("context.clear", json!({ "parentId": "43", "clear": true })),
            ("context.parentId", json!({ "parentId": "42" })),
        ] {
            let mut context = bad.clone();
            context["taskId"] = json!("42");
            assert_eq!(testing::refusal(&ADAPTER, "set_parent", context).0, at, "{bad}");
        }
    }
}
