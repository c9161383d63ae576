//! `restore_page`: restores a page from the trash.

use super::id::Id;
use super::{NO_SCOPES, trash};
use crate::adapters::prelude::*;

/// Restore a Notion page or a row of a database from the trash, with everything under it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct RestorePage {
    /// The page or row in the trash: its id or a link to it.
    page_id: Id,
}

impl Action for RestorePage {
    const META: Meta =
        Meta::idempotent("restore_page", NO_SCOPES).example(r#"{"pageId": "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0034"}"#);
    type Output = Value;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        // https://developers.notion.com/reference/archive-a-page
        Ok(trash::set_in_trash(api, &self.page_id, false).await?.into_output("The page was restored from the trash."))
    }
}

#[cfg(test)]
mod tests {
    use crate::adapters::notion::trash::testing;

    #[tokio::test]
    async fn restores_a_page() {
        testing::assert_sets_in_trash("restore_page", false).await;
    }

    #[tokio::test]
    async fn restoring_again_succeeds() {
        testing::assert_repeat_succeeds("restore_page", false).await;
    }

    #[test]
    fn refuses_an_invalid_page_id() {
        testing::assert_refuses_invalid_page_id("restore_page");
    }
}
