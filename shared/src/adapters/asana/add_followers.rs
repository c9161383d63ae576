//! `add_followers`: adds followers to a task.

use super::person;
use super::prelude::*;

/// Add followers to an Asana task. They are notified of its progress, and earlier followers stay.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct AddFollowers {
    /// The task: its id (gid) or link.
    task_id: TaskId,
    /// The people to add.
    follower_ids: Items<Person, 100>,
}

/// A task with its followers.
#[skip_serializing_none]
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Followed {
    /// The id (gid) of the task.
    id: TaskId,
    /// All its followers now.
    followers: Option<Vec<Ref>>,
}

/// The task in a response. Asana documents both the task and an empty object.
#[derive(Deserialize)]
struct Changed {
    followers: Option<Vec<Ref>>,
}

impl Action for AddFollowers {
    const META: Meta = Meta::idempotent("add_followers", WRITE_TASKS_SCOPES)
        .example(r#"{"taskId": "1200000000000021", "followerIds": ["sam@example.com"]}"#);
    type Output = Followed;

    async fn targets(&self, api: &Api<'_>) -> Result<Vec<Target>> {
        let mut targets = vec![self.task_id.target()];
        for person in self.follower_ids.iter() {
            targets.push(person.target(api, "followerIds", None).await?);
        }
        Ok(targets)
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<Followed>> {
        let people = person::resolve_all(api, "followerIds", &self.follower_ids, None).await?;
        // https://developers.asana.com/reference/addfollowersfortask
        let call = api
            .post(&["api", "1.0", "tasks", &self.task_id, "addFollowers"])
            .query("opt_fields", "followers.name")
            .json(&json!({ "data": { "followers": people } }));
        let followers = call.send::<Envelope<Changed>>().await?.data.followers;
        let followed = Followed { id: self.task_id.clone(), followers };
        Ok(ActionOutput::new("The followers were added.", followed).with_id(&*self.task_id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::asana::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn adds_followers() {
        let context = json!({ "taskId": "42", "followerIds": ["me", "5"] });
        let (output, calls) = testing::run(&ADAPTER, "add_followers", context.clone(), |_| {
            let followers = json!([{ "gid": "4", "name": "Sam" }, { "gid": "5", "name": "Ann" }]);
            (200, json!({ "data": { "gid": "42", "followers": followers } }))
        })
        .await;
        let output = output.unwrap();
        let followers = json!([{ "id": "4", "name": "Sam" }, { "id": "5", "name": "Ann" }]);
        assert_eq!(output.data, json!({ "id": "42", "followers": followers }));
        assert_eq!(output.external_id.as_deref(), Some("42"));
        assert_eq!(calls[0].line, "POST /api/1.0/tasks/42/addFollowers");
        assert_eq!(calls[0].parameter("opt_fields"), "followers.name");
        assert_eq!(calls[0].body, json!({ "data": { "followers": ["me", "5"] } }));
        let (output, _) = testing::run(&ADAPTER, "add_followers", context, |_| (200, json!({ "data": {} }))).await;
        assert_eq!(output.unwrap().data, json!({ "id": "42" }));
    }
}
