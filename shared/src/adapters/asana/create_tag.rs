//! `create_tag`: creates a tag.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::envelope::Envelope;
use super::tag::{self, Tag};
use super::{READ_TAGS_SCOPES, WRITE_TAGS_SCOPES, input, reconcile, workspace};
use crate::adapters::action::{Action, ActionOutput, Effect, ReconcileBy, Reconciliation, Scopes};
use crate::adapters::api::Api;
use crate::error::Result;
use crate::validate::check_text;

const CREATED_MESSAGE: &str = "The tag was created.";

/// Create a tag in an Asana workspace. Check with `list_tags` first: Asana allows several tags of the same name.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CreateTag {
    /// The tag's name.
    name: String,
    /// The id (gid) of the workspace. Optional if the account has only one.
    workspace_id: Option<String>,
}

impl Action for CreateTag {
    const NAME: &'static str = "create_tag";
    const SCOPES: Scopes = WRITE_TAGS_SCOPES;
    const EFFECT: Effect = Effect::Create;
    const RECONCILE_BY: Option<ReconcileBy> =
        Some(ReconcileBy { by: "its workspace, name and time", scopes: READ_TAGS_SCOPES });

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
        let has_name = |tag: &Tag| tag.name.as_ref() == Some(&self.name);
        Ok(reconcile::unique_candidate(tags.into_iter().filter(has_name), |tag| tag.into_output(CREATED_MESSAGE)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::asana::ADAPTER;
    use crate::adapters::testing::{self, Step, StepOutput};

    #[tokio::test]
    async fn creates_a_tag() {
        let (output, calls) =
            testing::run(&ADAPTER, "create_tag", json!({ "name": "Urgent", "workspaceId": "7" }), |_| {
                (201, json!({ "data": { "gid": "6", "name": "Urgent", "permalink_url": "https://app.asana.com/0/6" } }))
            })
            .await;
        let output = output.unwrap();
        assert_eq!(
            (output.external_id.as_deref(), output.link.as_deref()),
            (Some("6"), Some("https://app.asana.com/0/6"))
        );
        assert_eq!(output.data["name"], "Urgent");
        assert_eq!((calls[0].line.as_str(), calls[0].parameter("opt_fields")), ("POST /api/1.0/tags", tag::FIELDS));
        assert_eq!(calls[0].body, json!({ "data": { "name": "Urgent", "workspace": "7" } }));
    }

    #[tokio::test]
    async fn reconciles_by_name_and_time() {
        let reconcile = async |tags: Value| {
            let context = json!({ "name": "Urgent", "workspaceId": "7" });
            let provider = move |_: &testing::SentRequest| Ok((200, json!({ "data": tags })));
            testing::run_step(&ADAPTER, "create_tag", None, Step::Reconcile, context, provider).await.0.unwrap()
        };
        let tag = |at: &str| json!({ "gid": "6", "name": "Urgent", "created_at": at });
        let found = reconcile(json!([tag("2026-11-23T10:00:01.000Z"), tag("2026-11-01T10:00:00.000Z")])).await;
        assert_eq!(found.applied_id(), Some("6"));
        assert_eq!(
            reconcile(json!([tag("2026-11-01T10:00:00.000Z")])).await,
            StepOutput::Reconciliation(Reconciliation::NotApplied)
        );
    }

    #[tokio::test]
    async fn reconcile_is_inconclusive_beyond_max_pages() {
        let context = json!({ "name": "Urgent", "workspaceId": "7" });
        let endless_list =
            |_: &testing::SentRequest| Ok((200, json!({ "data": [], "next_page": { "offset": "more" } })));
        let (result, calls) =
            testing::run_step(&ADAPTER, "create_tag", None, Step::Reconcile, context, endless_list).await;
        assert_eq!((result.unwrap(), calls.len()), (StepOutput::Reconciliation(Reconciliation::Inconclusive), 10));
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
