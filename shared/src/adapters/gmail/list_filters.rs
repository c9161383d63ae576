//! `list_filters`: lists the filters of the mailbox.

use super::READ_SCOPES;
use super::filter::Filter;
use crate::adapters::prelude::*;

/// List the filters that Gmail applies to new e-mails: which e-mails each is for, and what it does with them.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("properties" = {}))]
pub(super) struct ListFilters {}

impl Action for ListFilters {
    const META: Meta = Meta::read("list_filters", READ_SCOPES);
    type Output = List<Filter>;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<List<Filter>>> {
        #[derive(Deserialize)]
        struct Filters {
            #[serde(default)]
            filter: Vec<Filter>,
        }
        // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.settings.filters/list
        let list: Filters = api.get(&["gmail", "v1", "users", "me", "settings", "filters"]).send().await?;
        Ok(List::of(list.filter.into_iter().filter(|filter| !filter.id.is_empty()), None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::gmail::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn filters_are_listed() {
        let response = json!({ "filter": [{ "id": "f1", "criteria": { "from": "a@b.co", "size": 5, "sizeComparison": "larger" },
            "action": { "addLabelIds": ["Label_1"] } }] });
        let (output, calls) = testing::run(&ADAPTER, "list_filters", json!({}), move |_| (200, response.clone())).await;
        let filter = json!({ "id": "f1", "criteria": { "from": "a@b.co", "size": 5, "sizeComparison": "larger" },
            "action": { "addLabelIds": ["Label_1"], "removeLabelIds": [] } });
        assert_eq!(output.unwrap().data, json!({ "filters": [filter] }));
        assert_eq!(calls[0].line, "GET /gmail/v1/users/me/settings/filters");
        let (output, _) = testing::run(&ADAPTER, "list_filters", json!({}), |_| (200, json!({}))).await;
        assert_eq!(output.unwrap().data, json!({ "filters": [] }));
    }
}
