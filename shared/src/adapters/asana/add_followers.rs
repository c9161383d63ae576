//! `add_followers`: adds followers to a task.

use super::envelope::Envelope;
use super::{WRITE_TASKS_SCOPES, input};
use crate::adapters::prelude::*;

/// Add followers to an Asana task; they are notified of its progress. Existing followers are kept.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct AddFollowers {
    /// The id (gid) of the task.
    task_id: String,
    /// The people to add: each `me`, an e-mail address or a user's id (gid).
    follower_ids: Vec<String>,
}

impl Action for AddFollowers {
    const META: Meta = Meta::idempotent("add_followers", WRITE_TASKS_SCOPES)
        .example(r#"{"taskId": "1200000000000021", "followerIds": ["sam@example.com"]}"#);
    type Output = Value;

    fn check(&self) -> Result<()> {
        input::check_gid("taskId", &self.task_id)?;
        input::check_people("followerIds", &self.follower_ids)
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        // https://developers.asana.com/reference/addfollowersfortask
        let call = api
            .post(&["api", "1.0", "tasks", &self.task_id, "addFollowers"])
            .json(&json!({ "data": { "followers": self.follower_ids } }));
        // Asana documents both the task and an empty object as the response.
        call.send::<Envelope<Value>>().await?;
        Ok(ActionOutput {
            message: "The followers were added.".to_owned(),
            data: json!({ "id": self.task_id, "followerIds": self.follower_ids }),
            external_id: Some(self.task_id.clone()),
            link: None,
        })
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
        let (output, calls) = testing::run(&ADAPTER, "add_followers", context, |_| (200, json!({ "data": {} }))).await;
        let output = output.unwrap();
        assert_eq!(output.data, json!({ "id": "42", "followerIds": ["me", "5"] }));
        assert_eq!(output.external_id.as_deref(), Some("42"));
        assert_eq!((calls[0].line.as_str(), calls[0].query.len()), ("POST /api/1.0/tasks/42/addFollowers", 0));
        assert_eq!(calls[0].body, json!({ "data": { "followers": ["me", "5"] } }));
    }

    #[test]
    fn rejects_invalid_task_and_followers() {
        for (field, bad) in [("taskId", json!("x")), ("followerIds", json!([])), ("followerIds", json!(["Ann"]))] {
            let mut context = json!({ "taskId": "42", "followerIds": ["me"] });
            context[field] = bad;
            assert_eq!(testing::refusal(&ADAPTER, "add_followers", context).0, format!("context.{field}"));
        }
    }
}
