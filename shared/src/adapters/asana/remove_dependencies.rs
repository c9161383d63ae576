//! `remove_dependencies`: removes tasks for which a task waits, or that wait for it.

use super::dependency::{Change, Dependencies, Depending};
use super::prelude::*;

/// Let Asana tasks wait for one another no more. The tasks themselves stay.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct RemoveDependencies(Dependencies);

impl Action for RemoveDependencies {
    const META: Meta = Meta::idempotent("remove_dependencies", WRITE_TASKS_SCOPES)
        .overwrites("the dependencies")
        .example(r#"{"taskId": "1200000000000021", "dependencyIds": ["1200000000000022"]}"#);
    type Output = Depending;

    fn check(&self) -> Result<()> {
        self.0.check()
    }

    async fn targets(&self, _api: &Api<'_>) -> Result<Vec<Target>> {
        Ok(self.0.targets())
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<Depending>> {
        // https://developers.asana.com/reference/removedependenciesfortask, https://developers.asana.com/reference/removedependentsfortask
        self.0.send(api, Change::Remove, "The dependencies were removed.").await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::asana::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn removes_dependencies_and_dependents() {
        let context = json!({ "taskId": "42", "dependencyIds": ["43"], "dependentIds": ["44", "45"] });
        let (output, calls) =
            testing::run(&ADAPTER, "remove_dependencies", context, |_| (200, json!({ "data": {} }))).await;
        assert_eq!(output.unwrap().data, json!({ "id": "42", "dependencyIds": ["43"], "dependentIds": ["44", "45"] }));
        assert_eq!(
            (calls[0].line.as_str(), &calls[0].body),
            ("POST /api/1.0/tasks/42/removeDependencies", &json!({ "data": { "dependencies": ["43"] } }))
        );
        assert_eq!(
            (calls[1].line.as_str(), &calls[1].body),
            ("POST /api/1.0/tasks/42/removeDependents", &json!({ "data": { "dependents": ["44", "45"] } }))
        );
    }
}
