//! `archive_page`: moves a page to the trash.

use super::id::Id;
use super::{NO_SCOPES, trash};
use crate::adapters::prelude::*;

/// Move a Notion page or a row of a database to the trash, with everything under it. `restore_page` restores it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ArchivePage {
    /// The page or row: its id or a link to it.
    page_id: Id,
}

impl Action for ArchivePage {
    const META: Meta = Meta::idempotent("archive_page", NO_SCOPES)
        .aliases(&["delete_page"])
        .example(r#"{"pageId": "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0031"}"#);
    type Output = Value;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        // https://developers.notion.com/reference/archive-a-page
        Ok(trash::set_in_trash(api, &self.page_id, true).await?.into_output("The page was moved to the trash."))
    }
}

#[cfg(test)]
mod tests {
    use crate::adapters::notion::trash::testing;

    #[tokio::test]
    async fn archives_a_page() {
        testing::assert_sets_in_trash("archive_page", true).await;
    }

    #[tokio::test]
    async fn archiving_again_succeeds() {
        testing::assert_repeat_succeeds("archive_page", true).await;
    }

    #[test]
    fn refuses_an_invalid_page_id() {
        testing::assert_refuses_invalid_page_id("archive_page");
    }
}
