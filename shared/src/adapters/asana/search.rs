//! `search`: finds tasks, projects, people and tags by their names.

use super::prelude::*;
use super::workspace;

/// Find tasks, projects, people, tags or teams of an Asana workspace by words of their names, as the search box suggests them: the best
/// first, and not all. For text in descriptions use `asana_search_tasks`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Search {
    /// The words of a name, or a person's e-mail address.
    query: Line<1024>,
    /// The type of what is searched.
    r#type: ObjectType,
    /// The workspace, by id (gid), link or name. Optional if the account has only one.
    workspace_id: Option<WorkspaceId>,
    /// Number of objects to return.
    #[serde(default)]
    limit: Limit<20, 100>,
}

/// A type of objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
enum ObjectType {
    Task,
    Project,
    User,
    Tag,
    Team,
    Portfolio,
    Goal,
}

/// An object that was found.
#[skip_serializing_none]
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Found {
    /// The id (gid).
    id: String,
    /// The name.
    name: Option<String>,
    /// The type.
    r#type: ObjectType,
}

/// The suggestions of the typeahead.
#[derive(Deserialize)]
struct Suggestions {
    data: Vec<Ref>,
}

impl Action for Search {
    const META: Meta = Meta::read("search", TYPEAHEAD_SCOPES)
        .aliases(&["typeahead", "search_objects"])
        .example(r#"{"query": "website", "type": "project"}"#);
    type Output = List<Found>;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<List<Found>>> {
        let workspace = workspace::resolve(api, self.workspace_id.as_ref()).await?.gid;
        // https://developers.asana.com/reference/typeaheadforworkspace
        let call = api
            .get(&["api", "1.0", "workspaces", &workspace, "typeahead"])
            .query("resource_type", json!(self.r#type).as_str().unwrap_or_default())
            .query("query", &*self.query)
            .query("count", self.limit.get())
            .query("opt_fields", "name");
        let Suggestions { data } = call.send().await?;
        let found = data.into_iter().map(|Ref { gid, name }| Found { id: gid, name, r#type: self.r#type });
        Ok(List::of(found, None))
    }
}

impl Listed for Found {
    const NOUN: &'static str = "object";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::asana::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn returns_what_the_typeahead_suggests() {
        let context = json!({ "query": "web", "type": "project", "workspaceId": "7" });
        let (output, calls) = testing::run(&ADAPTER, "search", context, |_| {
            (200, json!({ "data": [{ "gid": "42", "name": "Website", "resource_type": "project" }] }))
        })
        .await;
        assert_eq!(output.unwrap().data, json!({ "objects": [{ "id": "42", "name": "Website", "type": "project" }] }));
        assert_eq!(calls[0].line, "GET /api/1.0/workspaces/7/typeahead");
        let parameter = |name| calls[0].parameter(name);
        assert_eq!(["resource_type", "query", "count", "opt_fields"].map(parameter), ["project", "web", "20", "name"]);
    }

    #[test]
    fn a_type_is_required() {
        assert_eq!(testing::refusal(&ADAPTER, "search", json!({ "query": "web" })).0, "context.type");
    }
}
