//! `create_tag`: creates a tag.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::envelope::Envelope;
use super::tag::{self, Tag};
use super::{READ_TAGS, WRITE_TAGS, input, once, workspace};
use crate::adapters::action::{Action, Ask, Done, Effect, Scopes, Verdict};
use crate::adapters::api::Api;
use crate::error::Result;
use crate::ids::check_text;

const MADE: &str = "The tag was created.";

/// Create a tag in an Asana workspace. Look with `list_tags` first: a second tag of the same name can be made.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CreateTag {
    /// The tag's name.
    name: String,
    /// The id (gid) of the workspace; not needed when the account has only one.
    workspace_id: Option<String>,
}

impl Action for CreateTag {
    const NAME: &'static str = "create_tag";
    const SCOPES: Scopes = WRITE_TAGS;
    const EFFECT: Effect = Effect::Create;
    const ASK: Option<Ask> = Some(Ask { by: "its workspace, name and time", scopes: READ_TAGS });

    fn example() -> Value {
        json!({ "name": "Blocked" })
    }

    fn check(&self) -> Result<()> {
        check_text("name", &self.name, input::MAX_NAME_BYTES)?;
        input::gids(&[("workspaceId", &self.workspace_id)])
    }

    async fn run(&self, api: &Api<'_>) -> Result<Done> {
        let workspace = workspace::resolve(api, self.workspace_id.as_deref()).await?;
        // https://developers.asana.com/reference/createtag
        let call = api
            .post(&["api", "1.0", "tags"])
            .query("opt_fields", tag::FIELDS)
            .json(&json!({ "data": { "name": self.name, "workspace": workspace } }));
        Ok(call.send::<Envelope<Tag>>().await?.data.done(MADE))
    }

    async fn reconcile(&self, api: &Api<'_>) -> Result<Verdict> {
        let workspace = workspace::resolve(api, self.workspace_id.as_deref()).await?;
        // https://developers.asana.com/reference/gettags
        let query = [("workspace", workspace.as_str()), ("opt_fields", tag::FIELDS)];
        let tags = once::since_planned::<Tag>(api, &["api", "1.0", "tags"], &query).await?;
        let Some(tags) = tags else { return Ok(Verdict::Unclear) };
        let named = |tag: &Tag| tag.name.as_ref() == Some(&self.name);
        Ok(once::the_only(tags.into_iter().filter(named), |tag| tag.done(MADE)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::asana::ADAPTER;
    use crate::adapters::testing::{self, Outcome, Step};

    #[tokio::test]
    async fn creates_a_tag() {
        let (done, calls) =
            testing::run(&ADAPTER, "create_tag", json!({ "name": "Urgent", "workspaceId": "7" }), |_| {
                (201, json!({ "data": { "gid": "6", "name": "Urgent", "permalink_url": "https://app.asana.com/0/6" } }))
            })
            .await;
        let done = done.unwrap();
        assert_eq!((done.external_id.as_deref(), done.link.as_deref()), (Some("6"), Some("https://app.asana.com/0/6")));
        assert_eq!(done.data["name"], "Urgent");
        assert_eq!((calls[0].line.as_str(), calls[0].parameter("opt_fields")), ("POST /api/1.0/tags", tag::FIELDS));
        assert_eq!(calls[0].body, json!({ "data": { "name": "Urgent", "workspace": "7" } }));
    }

    #[tokio::test]
    async fn a_lost_one_is_known_by_name_and_time() {
        let ask = async |tags: Value| {
            let (asked, context) = (("create_tag", None), json!({ "name": "Urgent", "workspaceId": "7" }));
            let provider = move |_: &testing::Sent| Ok((200, json!({ "data": tags })));
            testing::step(&ADAPTER, asked, Step::Reconcile, context, provider).await.0.unwrap()
        };
        let tag = |at: &str| json!({ "gid": "6", "name": "Urgent", "created_at": at });
        let found = ask(json!([tag("2026-11-23T10:00:01.000Z"), tag("2026-11-01T10:00:00.000Z")])).await;
        assert!(matches!(found, Outcome::Verdict(Verdict::Done(done)) if done.external_id.as_deref() == Some("6")));
        assert_eq!(ask(json!([tag("2026-11-01T10:00:00.000Z")])).await, Outcome::Verdict(Verdict::Absent));
    }

    #[tokio::test]
    async fn a_list_without_end_tells_nothing() {
        let context = json!({ "name": "Urgent", "workspaceId": "7" });
        let endless = |_: &testing::Sent| Ok((200, json!({ "data": [], "next_page": { "offset": "more" } })));
        let (verdict, calls) = testing::step(&ADAPTER, ("create_tag", None), Step::Reconcile, context, endless).await;
        assert_eq!((verdict.unwrap(), calls.len()), (Outcome::Verdict(Verdict::Unclear), 10));
        assert_eq!(calls[9].parameter("offset"), "more");
    }

    #[test]
    fn refuses_what_is_no_tag() {
        for (field, bad) in [("name", ""), ("workspaceId", "Home")] {
            let mut context = json!({ "name": "Urgent" });
            context[field] = json!(bad);
            assert_eq!(testing::refusal(&ADAPTER, "create_tag", context).0, format!("context.{field}"), "{bad:?}");
        }
    }
}
