//! `restore_page`: takes a page out of the trash.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::id::Id;
use super::{NO_SCOPES, trash};
use crate::adapters::action::{Action, ActionOutput, Effect, Scopes};
use crate::adapters::api::Api;
use crate::error::Result;

/// Take a Notion page or a row of a database out of the trash, with all that lies under it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct RestorePage {
    /// The page or row in the trash: its id or a link to it.
    page_id: Id,
}

impl Action for RestorePage {
    const NAME: &'static str = "restore_page";
    const SCOPES: Scopes = NO_SCOPES;
    const EFFECT: Effect = Effect::Idempotent;

    fn example() -> Value {
        json!({ "pageId": "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0034" })
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        // https://developers.notion.com/reference/archive-a-page
        Ok(trash::put(api, &self.page_id, false).await?.done("The page is out of the trash."))
    }
}

#[cfg(test)]
mod tests {
    use crate::adapters::notion::trash::testing;

    #[tokio::test]
    async fn restores() {
        testing::once("restore_page", false).await;
    }

    #[tokio::test]
    async fn once_more_is_no_failure() {
        testing::again("restore_page", false).await;
    }

    #[test]
    fn refuses_what_is_no_page() {
        testing::refuses_what_is_no_page("restore_page");
    }
}
