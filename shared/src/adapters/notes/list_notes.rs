//! `list_notes`: lists notes, newest first.

use super::create_note::Note;
use crate::adapters::paging;
use crate::adapters::prelude::*;

/// List the notes of the connected account, newest first.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListNotes {
    /// Number of notes to return.
    #[serde(default)]
    limit: Limit<20, 50>,
    /// The `cursor` of the previous page.
    cursor: Option<Cursor>,
}

/// A page of notes.
#[derive(Deserialize)]
struct Page {
    notes: Vec<Note>,
    next: Option<String>,
}

impl Action for ListNotes {
    const META: Meta = Meta::read("list_notes", &[&["notes:read"]]).core().example(r#"{"limit": 5}"#);
    type Output = List<Note>;

    async fn run(&self, api: &Api<'_>) -> Result<ActionOutput<List<Note>>> {
        // https://notes.example/docs/list
        let call = api.get(&["v1", "notes"]).query_opt("cursor", self.cursor.as_deref());
        let read = |limit| call.clone().query("limit", limit).send();
        let (page, _): (Page, u32) = paging::read_in_parts(api, self.limit.get(), read).await?;
        Ok(List::of(page.notes, page.next))
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
