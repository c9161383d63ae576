//! `delete_project`: deletes a project.

use super::prelude::*;

/// Delete an Asana project. Tasks that are in no other project are deleted with it. To keep it out of sight, archive it with
/// `asana_update_project`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct DeleteProject {
    /// The project, by id (gid), link or name.
    project_id: ProjectId,
}

/// A deleted project.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Deleted {
    /// The id (gid) of the project.
    id: String,
}

impl Action for DeleteProject {
    const META: Meta = Meta::idempotent("delete_project", DELETE_PROJECTS_SCOPES)
        .overwrites("the project with its sections")
        .stores_checkpoint()
        .example(r#"{"projectId": "1200000000000010"}"#);
    type Output = Deleted;

    async fn targets(&self, api: &Api<'_>) -> Result<Vec<Target>> {
        Ok(vec![self.project_id.target(api, "projectId", None).await?])
    }

    /// Stores the project's id: the name of a deleted project finds nothing.
    async fn prepare(&self, api: &Api<'_>) -> Result<Option<String>> {
        Ok(Some(self.project_id.resolve_anew(api, "projectId").await?))
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<Deleted>> {
        let id = match api.checkpoint {
            Some(id) => id.to_owned(),
            None => self.project_id.resolve_anew(api, "projectId").await?,
        };
        // https://developers.asana.com/reference/deleteproject
        let deleted = api.call(Method::DELETE, &["api", "1.0", "projects", &id]).send::<Acknowledged>().await;
        ProjectId::forget_names(api);
        match deleted {
            Err(error) if !api.was_deleted_before(&error) => return Err(error),
            _ => {}
        }
        Ok(ActionOutput::new("The project was deleted.", Deleted { id: id.clone() }).with_id(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::asana::ADAPTER;
    use crate::adapters::testing::{self, ActionHarness};
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[tokio::test]
    async fn a_name_is_looked_up_anew_and_forgotten() {
        let lists = AtomicUsize::new(0);
        let harness = ActionHarness::new(&ADAPTER, move |sent| match sent.line.as_str() {
            "GET /api/1.0/workspaces" => Ok((200, json!({ "data": [{ "gid": "7", "name": "Home" }] }))),
            "GET /api/1.0/projects" => {
                let gid = (41 + lists.fetch_add(1, Ordering::Relaxed)).to_string();
                Ok((200, json!({ "data": [{ "gid": gid, "name": "Web" }] })))
            }
            _ => Ok((200, json!({ "data": {} }))),
        });
        let action = ADAPTER.action("delete_project").unwrap();
        let (api, context) = (harness.api(action, None), json!({ "projectId": "Web" }));
        let named: ProjectId = serde_json::from_value(json!("Web")).unwrap();
        let resolve = async || named.resolve(&api, "projectId", None).await.unwrap().gid;
        assert_eq!((resolve().await, resolve().await), ("41".to_owned(), "41".to_owned()));
        assert_eq!(action.prepare(&api, &context).await.unwrap().as_deref(), Some("42"));
        let api = harness.api(action, Some("42"));
        action.run(&api, &context).await.unwrap();
        assert_eq!(named.resolve(&api, "projectId", None).await.unwrap().gid, "43");
    }

    #[tokio::test]
    async fn deletes_a_project() {
        let context = || json!({ "projectId": "42" });
        let (output, calls) =
            testing::run(&ADAPTER, "delete_project", context(), |_| (200, json!({ "data": {} }))).await;
        let output = output.unwrap();
        assert_eq!((output.data, output.external_id.as_deref()), (json!({ "id": "42" }), Some("42")));
        assert_eq!((calls[0].line.as_str(), &calls[0].body), ("DELETE /api/1.0/projects/42", &Value::Null));
        let absent = (404, json!({ "errors": [{ "message": "project: Not a recognized ID: 42" }] }));
        testing::assert_absent_is_done_only_on_a_retry(&ADAPTER, "delete_project", context(), absent).await;
    }
}
