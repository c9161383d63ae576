//! `create_tag`: creates a tag.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::envelope::Envelope;
use super::tag::{self, Tag};
use super::{READ_TAGS, WRITE_TAGS, input, reconcile, workspace};
use crate::adapters::action::{Action, ActionOutput, Effect, ReconcileBy, Reconciliation, Scopes};
use crate::adapters::api::Api;
use crate::error::Result;
use crate::validate::check_text;

const CREATED_MESSAGE: &str = "The tag was created.";

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
    const RECONCILE_BY: Option<ReconcileBy> =
        Some(ReconcileBy { by: "its workspace, name and time", scopes: READ_TAGS });

    fn example() -> Value {
        json!({ "name": "Blocked" })
    }

    fn check(&self) -> Result<()> {
        check_text("name", &self.name, input::MAX_NAME_BYTES)?;
        input::check_optional_gids(&[("workspaceId", &self.workspace_id)])
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        let workspace = workspace::resolve(api, self.workspace_id.as_deref()).await?;
        // https://developers.asana.com/reference/createtag
        let call = api
            .post(&["api", "1.0", "tags"])
            .query("opt_fields", tag::FIELDS)
            .json(&json!({ "data": { "name": self.name, "workspace": workspace } }));
        Ok(call.send::<Envelope<Tag>>().await?.data.into_output(CREATED_MESSAGE))
    }

    async fn reconcile(&self, api: &Api<'_>) -> Result<Reconciliation> {
        let workspace = workspace::resolve(api, self.workspace_id.as_deref()).await?;
        // https://developers.asana.com/reference/gettags
        let query = [("workspace", workspace.as_str()), ("opt_fields", tag::FIELDS)];
        let tags = reconcile::list_candidates::<Tag>(api, &["api", "1.0", "tags"], &query).await?;
        let Some(tags) = tags else { return Ok(Reconciliation::Inconclusive) };
        let named = |tag: &Tag| tag.name.as_ref() == Some(&self.name);
        Ok(reconcile::unique_candidate(tags.into_iter().filter(named), |tag| tag.into_output(CREATED_MESSAGE)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::asana::ADAPTER;
    use crate::adapters::testing::{self, Step, StepOutput};

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
    async fn reconciles_by_name_and_time() {
        let ask = async |tags: Value| {
            let (asked, context) = (("create_tag", None), json!({ "name": "Urgent", "workspaceId": "7" }));
            let provider = move |_: &testing::SentRequest| Ok((200, json!({ "data": tags })));
            testing::run_step(&ADAPTER, asked, Step::Reconcile, context, provider).await.0.unwrap()
        };
        let tag = |at: &str| json!({ "gid": "6", "name": "Urgent", "created_at": at });
        let found = ask(json!([tag("2026-11-23T10:00:01.000Z"), tag("2026-11-01T10:00:00.000Z")])).await;
        assert!(
            matches!(found, StepOutput::Reconciliation(Reconciliation::Applied(done)) if done.external_id.as_deref() == Some("6"))
        );
        assert_eq!(
            ask(json!([tag("2026-11-01T10:00:00.000Z")])).await,
            StepOutput::Reconciliation(Reconciliation::NotApplied)
        );
    }

    #[tokio::test]
    async fn reconcile_is_inconclusive_beyond_max_pages() {
        let context = json!({ "name": "Urgent", "workspaceId": "7" });
        let endless = |_: &testing::SentRequest| Ok((200, json!({ "data": [], "next_page": { "offset": "more" } })));
        let (verdict, calls) =
            testing::run_step(&ADAPTER, ("create_tag", None), Step::Reconcile, context, endless).await;
        assert_eq!((verdict.unwrap(), calls.len()), (StepOutput::Reconciliation(Reconciliation::Inconclusive), 10));
        assert_eq!(calls[9].parameter("offset"), "more");
    }

    #[test]
    fn rejects_invalid_name_and_workspace() {
        for (field, bad) in [("name", ""), ("workspaceId", "Home")] {
            let mut context = json!({ "name": "Urgent" });
            context[field] = json!(bad);
            assert_eq!(testing::refusal(&ADAPTER, "create_tag", context).0, format!("context.{field}"), "{bad:?}");
        }
    }
}
