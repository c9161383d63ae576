//! `list_notes`: lists notes, newest first.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::adapters::action::{Action, ActionOutput, Effect, Scopes};
use crate::adapters::api::Api;
use crate::adapters::paging;
use crate::error::Result;

const DEFAULT_LIMIT: u32 = 20;
const MAX_LIMIT: u32 = 50;
const MAX_CURSOR_BYTES: usize = 1024;

/// List the notes of the connected account, newest first.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListNotes {
    /// Number of notes to return, 1 to 50; default 20.
    #[schemars(range(min = 1, max = 50))]
    limit: Option<u32>,
    /// The `cursor` of the previous page, to continue from there.
    cursor: Option<String>,
}

/// A page of notes.
#[derive(Deserialize)]
struct Page {
    notes: Vec<Value>,
    next: Option<String>,
}

impl Action for ListNotes {
    const NAME: &'static str = "list_notes";
    const SCOPES: Scopes = &[&["notes:read"]];
    const EFFECT: Effect = Effect::Read;

    fn example() -> Value {
        json!({ "limit": 5 })
    }

    fn check(&self) -> Result<()> {
        paging::check_page(self.limit, MAX_LIMIT, self.cursor.as_deref(), MAX_CURSOR_BYTES)
    }

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput> {
        // https://notes.example/docs/list
        let call = api.get(&["v1", "notes"]).query_opt("cursor", self.cursor.as_deref());
        let read = |limit| call.clone().query("limit", limit).send();
        let (page, _): (Page, u32) = paging::read_in_parts(api, self.limit.unwrap_or(DEFAULT_LIMIT), read).await?;
        Ok(paging::page_output("note", page.notes.into_iter(), page.next))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::notes::ADAPTER;
    use crate::adapters::testing;

    #[tokio::test]
    async fn returns_a_page_of_notes() {
        let (output, calls) = testing::run(&ADAPTER, "list_notes", json!({}), |_| {
            (200, json!({ "notes": [{ "id": "n1" }], "next": "2" }))
        })
        .await;
        assert_eq!(output.unwrap().data, json!({ "notes": [{ "id": "n1" }], "cursor": "2" }));
        assert_eq!((calls[0].line.as_str(), calls[0].parameter("limit")), ("GET /v1/notes", "20"));
    }

    #[test]
    fn rejects_a_limit_above_the_maximum() {
        assert_eq!(testing::refusal(&ADAPTER, "list_notes", json!({ "limit": 51 })).0, "context.limit");
    }
}
