//! `list_sections`: lists the sections of a project.

use super::prelude::*;
use super::section::{self, Section};

/// The remark on sections that are known by their tasks.
const ONLY_OF_TASKS: &str =
    " Sections without tasks are missing: Asana lists them only for apps with full permissions.";

/// List the sections of an Asana project: the headings of a list, the columns of a board.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListSections {
    /// The project: its id (gid), link or name.
    project_id: ProjectId,
    /// Number of sections to return.
    #[serde(default)]
    limit: PageLimit,
    /// The `cursor` of the previous page.
    cursor: Option<Cursor>,
}

impl Action for ListSections {
    const META: Meta =
        Meta::read("list_sections", READ_PROJECTS_SCOPES).example(r#"{"projectId": "1200000000000010"}"#);
    type Output = List<Section>;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<List<Section>>> {
        let project = self.project_id.resolve(api, "projectId", None).await?.gid;
        // https://developers.asana.com/reference/getsectionsforproject
        let call = api.get(&["api", "1.0", "projects", &project, "sections"]).query("opt_fields", section::FIELDS);
        match envelope::list(api, call, self.limit, self.cursor.as_ref()).await {
            Err(error) if error.is_access_refused() && self.cursor.is_none() => {
                let read = section::read_of_tasks(api, &project).await;
                let (sections, is_whole) = read.map_err(|_| section::explain_refused_access(api, error))?;
                let mut output = List::of(sections, None);
                output.message.push_str(ONLY_OF_TASKS);
                if !is_whole {
                    output.message.push_str(" The project has more tasks than were read.");
                }
                Ok(output)
            }
            sections => sections.map_err(|error| section::explain_refused_access(api, error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::asana::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn returns_a_page_of_sections() {
        let context = json!({ "projectId": "42", "limit": 2, "cursor": "p2" });
        let (output, calls) = testing::run(&ADAPTER, "list_sections", context, |_| {
            (200, json!({ "data": [{ "gid": "43", "name": "To do" }], "next_page": null }))
        })
        .await;
        assert_eq!(output.unwrap().data, json!({ "sections": [{ "id": "43", "name": "To do" }] }));
        assert_eq!(calls[0].line, "GET /api/1.0/projects/42/sections");
        assert_eq!((calls[0].parameter("limit"), calls[0].parameter("offset")), ("2", "p2"));
        assert_eq!(calls[0].parameter("opt_fields"), section::FIELDS);
    }

    #[tokio::test]
    async fn forbidden_error_names_get_task() {
        let (output, _) =
            testing::run(&ADAPTER, "list_sections", json!({ "projectId": "42" }), |_| (403, Value::Null)).await;
        assert_eq!(testing::error_kind(&output), Kind::Forbidden);
        assert!(output.unwrap_err().to_string().contains("get_task"));
    }
}
