//! `create_tag`: creates a tag.

use super::named_record::NamedRecord;
use super::prelude::*;
use super::tag::{self, Tag};
use super::workspace;

const CREATED_MESSAGE: &str = "The tag was created.";

/// Create a tag in an Asana workspace. Check with `asana_list_tags` first: Asana allows several tags of the same name.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CreateTag {
    /// The tag's name.
    name: Name,
    /// The workspace, by id (gid), link or name. Optional if the account has only one.
    workspace_id: Option<WorkspaceId>,
}

impl Action for CreateTag {
    const META: Meta = Meta::create("create_tag", WRITE_TAGS_SCOPES)
        .reconciled_by("its workspace, name and time", READ_TAGS_SCOPES)
        .example(r#"{"name": "Blocked"}"#);
    type Output = Tag;

    async fn targets(&self, api: &Api<'_>) -> Result<Vec<Target>> {
        Ok(vec![workspace::target(api, self.workspace_id.as_ref()).await?])
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<Tag>> {
        let workspace = workspace::resolve(api, self.workspace_id.as_ref()).await?.gid;
        // https://developers.asana.com/reference/createtag
        let call = api
            .post(&["api", "1.0", "tags"])
            .query("opt_fields", tag::FIELDS)
            .json(&json!({ "data": { "name": self.name, "workspace": workspace } }));
        let created = call.send::<Envelope<Tag>>().await;
        TagId::forget_names(api);
        Ok(created?.data.into_output(CREATED_MESSAGE))
    }

    async fn reconcile(&self, api: &Api<'_>) -> Result<Reconciliation<Tag>> {
        let workspace = workspace::resolve(api, self.workspace_id.as_ref()).await?;
        let record = NamedRecord {
            resource_type: "tag",
            // https://developers.asana.com/reference/gettags
            collection: "tags",
            fields: tag::FIELDS,
            workspace: &workspace.gid,
            name: &self.name,
            owner: None,
        };
        record.reconcile(api, CREATED_MESSAGE).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::asana::ADAPTER;
    use crate::adapters::testing::{self, ActionHarness, SentRequest, Step, StepOutput};

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
        let reconcile = async |tags: Vec<Value>| {
            let context = json!({ "name": "Urgent", "workspaceId": "7" });
            let provider = move |sent: &SentRequest| {
                let is_list = sent.line.ends_with("/tags") || sent.line.ends_with("/typeahead");
                Ok((200, json!({ "data": if is_list { json!(tags) } else { tags[0].clone() } })))
            };
            testing::run_step(&ADAPTER, "create_tag", None, Step::Reconcile, context, provider).await
        };
        let tag = |at: &str| json!({ "gid": "6", "name": "Urgent", "created_at": at });
        let (found, calls) = reconcile(vec![tag("2026-11-23T10:00:01.000Z")]).await;
        assert_eq!(found.unwrap().applied_id(), Some("6"));
        assert_eq!(
            (calls[0].line.as_str(), calls[0].parameter("resource_type")),
            ("GET /api/1.0/workspaces/7/typeahead", "tag")
        );
        assert_eq!((calls.len(), calls[1].line.as_str()), (2, "GET /api/1.0/tags/6"));
        let not_applied = StepOutput::Reconciliation(Reconciliation::NotApplied);
        for tags in [vec![], vec![tag("2026-11-01T10:00:00.000Z")]] {
            assert_eq!(reconcile(tags).await.0.unwrap(), not_applied);
        }
    }

    #[tokio::test]
    async fn a_long_list_is_read_in_parts() {
        let context = json!({ "name": "Urgent", "workspaceId": "7" });
        let action = ADAPTER.action("create_tag").unwrap();
        let unfinished = |cursor: &str| Ok(Reconciliation::Unfinished(cursor.to_owned()));
        let is_list = |sent: &SentRequest| sent.line == "GET /api/1.0/tags";
        let harness = ActionHarness::new(&ADAPTER, move |sent| {
            let next = is_list(sent).then(|| json!({ "offset": "more" }));
            Ok((200, json!({ "data": [], "next_page": next })))
        });
        let api = Api { cursor: Some("start"), ..harness.api(action, None) };
        assert_eq!(action.reconcile(&api, &context).await.map_err(|_| ()), unfinished("more"));
        let calls = harness.calls();
        assert_eq!((calls.len(), calls[0].parameter("offset"), calls[9].parameter("offset")), (10, "start", "more"));

        // The limit strikes at the second page; a stored offset expires.
        for (cursor, refusal, expected) in
            [(None, 429, unfinished("p2")), (Some("old"), 400, Ok(Reconciliation::NotApplied))]
        {
            let harness = ActionHarness::new(&ADAPTER, move |sent| {
                let next = (is_list(sent) && refusal == 429).then(|| json!({ "offset": "p2" }));
                let status = if sent.parameter("offset").is_empty() { 200 } else { refusal };
                Ok((status, json!({ "data": [], "next_page": next })))
            });
            let api = Api { cursor, ..harness.api(action, None) };
            assert_eq!(action.reconcile(&api, &context).await.map_err(|_| ()), expected);
        }
    }
}
