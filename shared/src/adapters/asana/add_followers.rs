//! `add_followers`: adds followers to a task.

use super::prelude::*;

/// Add followers to an Asana task. They are notified of its progress, and earlier followers stay.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct AddFollowers {
    /// The id (gid) of the task.
    task_id: Gid,
    /// The people to add.
    follower_ids: Items<Person, 100>,
}

/// A task with its followers.
#[skip_serializing_none]
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Followed {
    /// The id (gid) of the task.
    id: Gid,
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

    async fn targets(&self, _api: &Api<'_>) -> Result<Vec<Target>> {
        let people = self.follower_ids.iter().map(Person::target);
        Ok([self.task_id.target(TargetKind::Task)].into_iter().chain(people).collect())
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<Followed>> {
        // https://developers.asana.com/reference/addfollowersfortask
        let call = api
            .post(&["api", "1.0", "tasks", &self.task_id, "addFollowers"])
            .query("opt_fields", "followers.name")
            .json(&json!({ "data": { "followers": self.follower_ids } }));
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
