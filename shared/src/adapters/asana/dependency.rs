//! The input and the output of actions that add or remove dependencies of a task.

use super::prelude::*;
use super::relation::{self, MAX_DEPENDENCIES, Relations};

/// Tasks for which a task waits, or that wait for it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(inline)]
pub(super) struct Dependencies {
    /// The task: its id (gid) or a link to it.
    pub(super) task_id: TaskId,
    /// The tasks for which it waits, by ids (gids) or links.
    dependency_ids: Option<Items<TaskId, MAX_DEPENDENCIES>>,
    /// The tasks that wait for it, by ids (gids) or links.
    dependent_ids: Option<Items<TaskId, MAX_DEPENDENCIES>>,
}

/// A task and the dependencies that were changed.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Depending {
    /// The id (gid) of the task.
    id: String,
    /// The ids (gids) of the tasks for which it waits, of those that were changed.
    dependency_ids: Vec<String>,
    /// The ids (gids) of the tasks that wait for it, of those that were changed.
    dependent_ids: Vec<String>,
}

/// A change of dependencies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Add,
    Remove,
}

impl Dependencies {
    /// Checks that there is a task of either kind.
    ///
    /// # Errors
    /// [`Error::Missing`]; [`Error::Invalid`] for the task itself.
    pub(super) fn check(&self) -> Result<()> {
        let (waits_for, blocks) = self.ids();
        if waits_for.is_empty() && blocks.is_empty() {
            return Err(Error::Missing(vec!["dependencyIds or dependentIds".to_owned()]));
        }
        for (field, ids) in [("dependencyIds", &waits_for), ("dependentIds", &blocks)] {
            if ids.contains(&&*self.task_id) {
                return Err(Error::invalid(field, "must not have the task itself: a task cannot wait for itself"));
            }
        }
        Ok(())
    }

    /// Returns the tasks as targets.
    pub(super) fn targets(&self) -> Vec<Target> {
        let (waits_for, blocks) = self.ids();
        let ids = [&*self.task_id].into_iter().chain(waits_for).chain(blocks);
        ids.map(|gid| Target::new(TargetKind::Task, gid)).collect()
    }

    /// Makes the change.
    ///
    /// # Errors
    /// A refusal, or a failure of a call.
    pub(super) async fn send(&self, api: &Api<'_>, change: Change, message: &str) -> Result<ActionOutput<Depending>> {
        let (waits_for, blocks) = self.ids();
        let (of_dependencies, of_dependents) = match change {
            Change::Add => ("addDependencies", "addDependents"),
            Change::Remove => ("removeDependencies", "removeDependents"),
        };
        // https://developers.asana.com/reference/adddependenciesfortask, https://developers.asana.com/reference/removedependenciesfortask
        let calls: [RelationCall<'_>; 2] = [
            (&waits_for, of_dependencies, "dependencies", Relations::waits_for),
            // https://developers.asana.com/reference/adddependentsfortask, https://developers.asana.com/reference/removedependentsfortask
            (&blocks, of_dependents, "dependents", Relations::blocks),
        ];
        for (ids, operation, field, has) in calls.into_iter().filter(|(ids, ..)| !ids.is_empty()) {
            let call = api
                .post(&["api", "1.0", "tasks", &self.task_id, operation])
                .json(&json!({ "data": { field: ids } }))
                .step(field);
            let is_made = |task: &Relations| ids.iter().all(|gid| has(task, gid) == (change == Change::Add));
            let sent = call.send::<Acknowledged>().await;
            let others: Vec<_> = ids.iter().map(|gid| ["api", "1.0", "tasks", gid]).collect();
            match change {
                Change::Add => relation::confirm(api, sent, &self.task_id, is_made).await?,
                Change::Remove => relation::confirm_removed(api, sent, (&self.task_id, &others), is_made).await?,
            };
        }
        let owned = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
        let (dependency_ids, dependent_ids) = (owned(&waits_for), owned(&blocks));
        let depending = Depending { id: self.task_id.to_string(), dependency_ids, dependent_ids };
        Ok(ActionOutput::new(message, depending).with_id(&*self.task_id))
    }

    /// Returns the ids of the tasks for which it waits, and of those that wait for it.
    fn ids(&self) -> (Vec<&str>, Vec<&str>) {
        (list(self.dependency_ids.as_ref()), list(self.dependent_ids.as_ref()))
    }
}

/// The ids of other tasks, the operation, its field, and the test if the task has one of them.
type RelationCall<'a> = (&'a [&'a str], &'static str, &'static str, fn(&Relations, &str) -> bool);

fn list(ids: Option<&Items<TaskId, MAX_DEPENDENCIES>>) -> Vec<&str> {
    ids.into_iter().flat_map(|ids| ids.iter()).map(|gid| &**gid).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::asana::ADAPTER;
    use crate::adapters::testing;

    #[test]
    fn a_task_is_named_that_is_another_one() {
        for action in ["add_dependencies", "remove_dependencies"] {
            let alone = testing::refusal(&ADAPTER, action, json!({ "taskId": "42" })).0;
            assert_eq!(alone, "context.dependencyIds,context.dependentIds", "{action}");
            let itself = json!({ "taskId": "42", "dependentIds": ["43", "42"] });
            assert_eq!(testing::refusal(&ADAPTER, action, itself).0, "context.dependentIds", "{action}");
        }
    }

    #[tokio::test]
    async fn a_removal_of_a_task_that_does_not_exist_is_refused() {
        let refused = json!({ "errors": [{ "message": "dependencies: Not a recognized ID: 43" }] });
        let context = json!({ "taskId": "42", "dependencyIds": ["43"] });
        for (exists, is_done) in [(true, true), (false, false)] {
            let refused = refused.clone();
            let respond = move |sent: &testing::SentRequest| match sent.line.as_str() {
                "GET /api/1.0/tasks/43" if !exists => (404, json!({ "errors": [] })),
                line if line.starts_with("GET") => (200, json!({ "data": { "gid": "42", "dependencies": [] } })),
                _ => (400, refused.clone()),
            };
            let (output, _) = testing::run(&ADAPTER, "remove_dependencies", context.clone(), respond).await;
            assert_eq!(output.is_ok(), is_done, "{exists}");
        }
    }
}
