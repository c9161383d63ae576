//! `create_section`: creates a section in a project.

use super::prelude::*;
use super::reconcile::{self, Candidates};
use super::same_text;
use super::section::{self, Section};

const CREATED_MESSAGE: &str = "The section was created.";

/// Create a section in an Asana project: a heading of a list, a column of a board.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CreateSection {
    /// The project: its id (gid), link or name.
    project_id: ProjectId,
    /// The section's name.
    name: Name,
}

impl Action for CreateSection {
    const META: Meta = Meta::create("create_section", WRITE_PROJECTS_SCOPES)
        .reconciled_by("its project, name and time", READ_PROJECTS_SCOPES)
        .example(r#"{"projectId": "1200000000000010", "name": "In review"}"#);
    type Output = Section;

    async fn targets(&self, api: &Api<'_>) -> Result<Vec<Target>> {
        Ok(vec![self.project_id.target(api, "projectId", None).await?])
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<Section>> {
        let project = self.project_id.resolve(api, "projectId", None).await?.gid;
        // https://developers.asana.com/reference/createsectionforproject
        let call = api
            .post(&["api", "1.0", "projects", &project, "sections"])
            .query("opt_fields", section::FIELDS)
            .json(&json!({ "data": { "name": self.name } }));
        let created = call.send::<Envelope<Section>>().await;
        SectionId::forget_names(api);
        let created = created.map_err(|error| section::explain_refused_access(api, error))?;
        Ok(created.data.into_output(CREATED_MESSAGE))
    }

    async fn reconcile(&self, api: &Api<'_>) -> Result<Reconciliation<Section>> {
        let project = self.project_id.resolve(api, "projectId", None).await?.gid;
        // https://developers.asana.com/reference/getsectionsforproject
        let path = ["api", "1.0", "projects", &project, "sections"];
        let name_of = |section: &Section| section.name().unwrap_or_default().to_owned();
        let is_possible = |section: &Section| same_text::shares_a_word(&self.name, &name_of(section));
        let query = [("opt_fields", section::FIELDS)];
        let sections = match reconcile::list_candidates(api, &path, &query, is_possible).await? {
            Candidates::All(sections) => sections,
            Candidates::Unfinished(cursor) => return Ok(Reconciliation::Unfinished(cursor)),
        };
        let has_name = |section: &Section| same_text::is_same(&self.name, &name_of(section));
        // A similar one may be this one in another form.
        if !sections.is_empty() && !sections.iter().any(has_name) {
            return Ok(Reconciliation::Inconclusive);
        }
        Ok(reconcile::unique_candidate(sections.into_iter().filter(has_name), CREATED_MESSAGE))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::asana::ADAPTER;
    use crate::adapters::testing::{self, Step, StepOutput};

    #[tokio::test]
    async fn creates_a_section() {
        let context = json!({ "projectId": "42", "name": "Later" });
        let (output, calls) = testing::run(&ADAPTER, "create_section", context, |_| {
            (201, json!({ "data": { "gid": "43", "name": "Later", "created_at": "2026-11-23T10:00:00.000Z" } }))
        })
        .await;
        let output = output.unwrap();
        assert_eq!(output.data, json!({ "id": "43", "name": "Later", "createdAt": "2026-11-23T10:00:00Z" }));
        assert_eq!(output.external_id.as_deref(), Some("43"));
        assert_eq!(calls[0].line, "POST /api/1.0/projects/42/sections");
        assert_eq!(calls[0].parameter("opt_fields"), section::FIELDS);
        assert_eq!(calls[0].body, json!({ "data": { "name": "Later" } }));
    }

    #[tokio::test]
    async fn forbidden_error_names_full_permissions() {
        let context = json!({ "projectId": "42", "name": "Later" });
        let (output, _) = testing::run(&ADAPTER, "create_section", context, |_| (403, Value::Null)).await;
        assert_eq!(testing::error_kind(&output), Kind::Forbidden);
        assert!(output.unwrap_err().to_string().contains("full permissions"));
    }

    #[tokio::test]
    async fn reconciles_by_name_and_time() {
        let reconcile = async |sections: Value| {
            let context = json!({ "projectId": "42", "name": "Later" });
            let provider = move |_: &testing::SentRequest| Ok((200, json!({ "data": sections })));
            testing::run_step(&ADAPTER, "create_section", None, Step::Reconcile, context, provider).await.0.unwrap()
        };
        let section = |name: &str, at: &str| json!({ "gid": "43", "name": name, "created_at": at });
        let found = reconcile(json!([section("Later", "2026-11-23T10:00:01.000Z")])).await;
        assert_eq!(found.applied_id(), Some("43"));
        let old = reconcile(json!([section("Later", "2026-11-22T10:00:01.000Z")])).await;
        assert_eq!(old, StepOutput::Reconciliation(Reconciliation::NotApplied));
        for (name, reconciliation) in
            [("Sooner", Reconciliation::NotApplied), ("Later than that", Reconciliation::Inconclusive)]
        {
            let other = reconcile(json!([section(name, "2026-11-23T10:00:01.000Z")])).await;
            assert_eq!(other, StepOutput::Reconciliation(reconciliation));
        }
    }
}
