//! Into the trash and back.

use http::Method;
use serde_json::json;

use super::id::Id;
use super::page::Page;
use crate::adapters::api::Api;
use crate::error::{Kind, Result};

/// Puts a page into the trash, or takes it out again. One that is there already is left as it is.
///
/// # Errors
/// A failure of a call.
pub(super) async fn put(api: &Api<'_>, id: &Id, in_trash: bool) -> Result<Page> {
    let path = ["v1", "pages", id.as_str()];
    // https://developers.notion.com/reference/archive-a-page
    match api.call(Method::PATCH, &path).json(&json!({ "in_trash": in_trash })).send::<Page>().await {
        // Notion refuses most changes of what lies in the trash: this may be what was wanted.
        Err(error) if error.kind() == Some(Kind::Invalid) => {
            // https://developers.notion.com/reference/retrieve-a-page
            let page: Page = api.get(&path).send().await?;
            if page.in_trash == in_trash { Ok(page) } else { Err(error) }
        }
        answer => answer,
    }
}
