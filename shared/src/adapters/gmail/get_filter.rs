//! `get_filter`: reads a filter of the mailbox.

use super::READ_SCOPES;
use super::filter::Filter;
use super::id::Id;
use crate::adapters::prelude::*;

/// Read one filter.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct GetFilter {
    /// The filter's `id`, as `gmail_list_filters` returns it.
    #[serde(alias = "id")]
    #[schemars(extend("x-aliases" = ["id"]))]
    filter_id: Id,
}

impl Action for GetFilter {
    const META: Meta = Meta::read("get_filter", READ_SCOPES).example(r#"{"filterId": "ANe1BmhSandboxFilter"}"#);
    type Output = Filter;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<Filter>> {
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.settings.filters/get
        let call = api.get(&["gmail", "v1", "users", "me", "settings", "filters", &self.filter_id]);
        let filter = call.send::<Filter>().await?.with_id(&self.filter_id);
        Ok(ActionOutput::new("The filter was read.", filter).with_id(&*self.filter_id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::gmail::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn a_filter_is_read() {
        let response = json!({ "id": "f1", "criteria": { "query": "is:big" }, "action": { "forward": "a@b.co" } });
        let (output, calls) =
            testing::run(&ADAPTER, "get_filter", json!({ "id": "f1" }), move |_| (200, response.clone())).await;
        let output = output.unwrap();
        assert_eq!(
            (&output.data["criteria"]["query"], &output.data["action"]["forward"]),
            (&json!("is:big"), &json!("a@b.co"))
        );
        assert_eq!(calls[0].line, "GET /gmail/v1/users/me/settings/filters/f1");
    }
}
