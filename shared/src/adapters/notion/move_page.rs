//! `move_page`: moves a page under another page or into a database.

use super::NO_SCOPES;
use super::id::Id;
use super::page::{Page, PageData};
use super::parent::Parent;
use crate::adapters::prelude::*;

/// Move a Notion page, with everything under it, under another page or into a database. People who see it only by the old place may lose
/// it, and those of the new place see it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct MovePage {
    /// The page or row to move: its id or a link to it. Databases cannot be moved.
    page_id: Id,
    /// The new place: the id of, or a link to, a page, a database or one of its data sources.
    parent: Id,
}

impl Action for MovePage {
    const META: Meta = Meta::idempotent("move_page", NO_SCOPES)
        .overwrites("the place of the page, with who sees it by that place")
        .example(
            r#"{"pageId": "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0031", "parent": "7c1f0a52-7a3e-4c54-9a55-0d1f6b3c0010"}"#,
        );
    type Output = PageData;

    fn check(&self) -> Result<()> {
        match self.page_id == self.parent {
            true => Err(Error::invalid("parent", "must be another page than the one that is moved")),
            false => Ok(()),
        }
    }

    async fn targets(&self, api: &Api<'_>) -> Result<Vec<Target>> {
        Ok(vec![self.page_id.to_page(), Parent::resolve(api, &self.parent).await?.to_target()])
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<PageData>> {
        let parent = Parent::resolve(api, &self.parent).await?.to_request();
        let path = ["v1", "pages", self.page_id.as_str()];
        // https://developers.notion.com/reference/retrieve-a-page
        let page: Page = api.get(&path).exact().send().await?;
        if page.is_in(&parent) {
            return Ok(page.into_output("The page is there already."));
        }
        // https://developers.notion.com/reference/move-page
        let call = api.post(&[path[0], path[1], path[2], "move"]).json(&json!({ "parent": parent }));
        let page: Page = call.send().await.map_err(|error| Parent::not_found(api, &self.parent, error))?;
        Ok(page.into_output("The page was moved."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::notion::ADAPTER;
    use crate::adapters::notion::fixtures::{
        DATA_SOURCE_ID, PAGE_ID, PARENT_ID, database_parent, page_of_title, page_parent,
    };
    use crate::adapters::testing::{self, SentRequest};

    /// Moves a page; `parent` is where it is.
    async fn move_page(in_database: bool, parent: Value) -> (Result<ActionOutput>, Vec<SentRequest>) {
        let context = json!({ "pageId": PAGE_ID, "parent": PARENT_ID });
        testing::run(&ADAPTER, "move_page", context, move |sent| {
            let is_page = sent.line.contains(PAGE_ID);
            let mut page = page_of_title("Ship");
            page["parent"] = parent.clone();
            match (is_page, in_database) {
                (true, _) => (200, page),
                (false, true) => database_parent(sent),
                (false, false) => page_parent(sent),
            }
        })
        .await
    }

    #[tokio::test]
    async fn moves_a_page_to_a_page_and_into_a_database() {
        let elsewhere = json!({ "type": "page_id", "page_id": "00000000-0000-0000-0000-000000000007" });
        let page = json!({ "type": "page_id", "page_id": PARENT_ID });
        let source = json!({ "type": "data_source_id", "data_source_id": DATA_SOURCE_ID });
        for (in_database, parent) in [(false, page), (true, source)] {
            let (output, calls) = move_page(in_database, elsewhere.clone()).await;
            assert_eq!(output.unwrap().external_id.as_deref(), Some(PAGE_ID));
            let last = calls.last().unwrap();
            assert_eq!(last.line, format!("POST /v1/pages/{PAGE_ID}/move"));
            assert_eq!(last.body, json!({ "parent": parent }));
            let (output, calls) = move_page(in_database, parent).await;
            assert_eq!(output.unwrap().message, "The page is there already.");
            assert!(calls.iter().all(|sent| sent.line.starts_with("GET")), "it is not moved again");
        }
    }

    #[test]
    fn a_page_is_not_moved_under_itself() {
        let context = json!({ "pageId": PAGE_ID, "parent": PAGE_ID });
        assert_eq!(testing::refusal(&ADAPTER, "move_page", context).0, "context.parent");
    }

    #[tokio::test]
    async fn lost_response_can_be_repeated() {
        let context = json!({ "pageId": PAGE_ID, "parent": PARENT_ID });
        let (output, _) = testing::run(&ADAPTER, "move_page", context, |sent| {
            if sent.line.starts_with("POST") { (502, Value::Null) } else { page_parent(sent) }
        })
        .await;
        assert_eq!(testing::error_kind(&output), Kind::Repeatable);
    }
}
